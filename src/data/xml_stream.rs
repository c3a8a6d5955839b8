//! Owns reading the XML of spreadsheets event by event, from any source, within limits: of one event and of all.
//! Must not know what the elements mean.

use crate::limits::{MAX_CELL_BYTES, MAX_SPREADSHEET_BYTES};
use crate::msg;
use docx_fill::diag::Message;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

/// The bytes that may still be read, shared by all parts of a file.
#[derive(Debug, Clone)]
pub(super) struct ReadBudget {
    /// Bytes of all parts.
    total: Rc<Cell<u64>>,
    limit: u64,
}

impl ReadBudget {
    /// Creates a budget of a number of bytes.
    pub(super) fn new(limit: u64) -> ReadBudget {
        ReadBudget { total: Rc::new(Cell::new(limit)), limit }
    }

    fn message(&self) -> Message {
        msg!("data.xlsx-large", limit = self.limit >> 20)
    }
}

impl Default for ReadBudget {
    fn default() -> ReadBudget {
        ReadBudget::new(MAX_SPREADSHEET_BYTES)
    }
}

/// A reader that fails when its budget is used up. The size that a package gives for its parts cannot be trusted.
struct BudgetReader<R> {
    inner: R,
    budget: ReadBudget,
    /// Bytes that the current event may still take.
    event: Rc<Cell<u64>>,
}

impl<R: Read> Read for BudgetReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        let size = got as u64;
        for left in [&self.budget.total, &self.event] {
            let rest = left.get().checked_sub(size).ok_or(io::ErrorKind::FileTooLarge)?;
            left.set(rest);
        }
        Ok(got)
    }
}

/// A part of a spreadsheet as events.
pub(super) struct XmlStream<R: Read> {
    reader: Reader<BufReader<BudgetReader<R>>>,
    buffer: Vec<u8>,
    budget: ReadBudget,
    event: Rc<Cell<u64>>,
    depth: usize,
}

impl<R: Read> XmlStream<R> {
    /// Creates a stream of the events of a part.
    pub(super) fn new(from: R, budget: &ReadBudget) -> XmlStream<R> {
        let event = Rc::new(Cell::new(MAX_CELL_BYTES));
        let inner = BudgetReader { inner: from, budget: budget.clone(), event: event.clone() };
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 15, inner));
        reader.config_mut().expand_empty_elements = true;
        XmlStream { reader, buffer: Vec::new(), budget: budget.clone(), event, depth: 0 }
    }

    /// Returns the next event; a part that ends within an element is broken.
    pub(super) fn next_event(&mut self) -> Result<Event<'_>, Message> {
        self.event.set(MAX_CELL_BYTES);
        self.buffer.clear();
        let XmlStream { reader, buffer, budget, depth, .. } = self;
        match reader.read_event_into(buffer) {
            Ok(Event::Start(start)) => {
                *depth += 1;
                Ok(Event::Start(start))
            }
            Ok(Event::End(end)) => {
                *depth = depth.saturating_sub(1);
                Ok(Event::End(end))
            }
            Ok(Event::Eof) if *depth > 0 => Err(msg!("data.xlsx-broken")),
            Ok(event) => Ok(event),
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(budget.message())
            }
            Err(_) => Err(msg!("data.xlsx-broken")),
        }
    }

    /// Returns the characters up to the end of an element.
    pub(super) fn read_text_until(&mut self, end: &str) -> Result<String, Message> {
        let mut out = String::new();
        loop {
            match self.next_event()? {
                Event::End(e) if e.local_name().as_ref() == end => return Ok(out),
                Event::Eof => return Err(msg!("data.xlsx-broken")),
                event => push_text(&event, &mut out)?,
            }
            if out.len() as u64 > MAX_CELL_BYTES {
                return Err(self.budget.message());
            }
        }
    }

    /// Returns the runs of a text up to the end of its element; phonetic readings (`rPh`) are left out.
    pub(super) fn read_rich_text(&mut self, end: &str) -> Result<String, Message> {
        let (mut out, mut reading, mut run) = (String::new(), false, false);
        loop {
            match self.next_event()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "rPh" => reading = true,
                    "t" => run = true,
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "rPh" => reading = false,
                    "t" => run = false,
                    name if name == end => return Ok(unescape_text(&out)),
                    _ => {}
                },
                Event::Eof => return Err(msg!("data.xlsx-broken")),
                event if run && !reading => push_text(&event, &mut out)?,
                _ => {}
            }
            if out.len() as u64 > MAX_CELL_BYTES {
                return Err(self.budget.message());
            }
        }
    }
}

/// Appends the characters of an event, if it has any.
pub(super) fn push_text(event: &Event<'_>, out: &mut String) -> Result<(), Message> {
    match event {
        Event::Text(text) => out.push_str(&text.xml10_content()),
        Event::CData(text) => out.push_str(&text.xml10_content()),
        Event::GeneralRef(name) => {
            let known = quick_xml::escape::unescape(&format!("&{};", name.as_ref()))
                .map(std::borrow::Cow::into_owned);
            out.push_str(&known.map_err(|_| msg!("data.xlsx-broken"))?);
        }
        _ => {}
    }
    Ok(())
}

/// Checks whether an event begins an element with this name, whatever its prefix.
pub(super) fn is_start(event: &Event<'_>, name: &str) -> bool {
    matches!(event, Event::Start(e) if e.local_name().as_ref() == name)
}

/// Returns the value of an attribute, ignoring prefixes.
pub(super) fn attribute_value(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = start.attributes();
    let found = all.with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    found
        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// Decodes `_x0001_`, the notation of spreadsheets for characters that XML cannot hold.
fn unescape_text(text: &str) -> String {
    use docx_fill::slice::TextSlice as _;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code =
            rest.get(at + 2..at + 6).filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        let closed = rest.as_bytes().get(at + 6) == Some(&b'_');
        let found = code.filter(|_| closed).and_then(|code| u32::from_str_radix(code, 16).ok());
        let Some(found) = found.and_then(char::from_u32) else {
            out.push_str(rest.slice(..at + 2));
            rest = rest.slice(at + 2..);
            continue;
        };
        out.push_str(rest.slice(..at));
        out.push(found);
        rest = rest.slice(at + 7..);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_text(xml: &str) -> Result<String, Message> {
        let mut stream = XmlStream::new(xml.as_bytes(), &ReadBudget::default());
        stream.next_event()?;
        stream.read_rich_text("si")
    }

    #[test]
    fn texts_are_read_to_the_end_of_their_element() {
        assert_eq!(unescape_text("a_x0041_b_x005F_x0041__xZ"), "aAb_x0041__xZ");
        let xml = "<si><r><t>甲&amp;</t></r><rPh><t>jia</t></rPh><t><![CDATA[<乙>]]></t></si>";
        assert_eq!(first_text(xml).expect("read"), "甲&<乙>");
        assert!(first_text("<si><t>甲").is_err(), "cut");
        assert!(first_text("<si><t>&no;</t></si>").is_err());
    }

    #[test]
    fn a_part_is_read_within_its_budget() {
        let xml = format!("<si><t>{}</t></si>", "a".repeat(100_000));
        let budget = ReadBudget::new(50_000);
        let mut stream = XmlStream::new(xml.as_bytes(), &budget);
        let failed = (0..3).find_map(|_| stream.next_event().err());
        assert_eq!(failed, Some(budget.message()));
    }
}
