//! Owns the small parts of an XLSX workbook and its notations: relationships, shared strings, styles,
//! cell addresses.
//! Must not know sheets.

use super::number_format::NumberFormat;
use super::xml_stream::{XmlStream, attribute_value, is_start};
use crate::limits::{MAX_CELL_STYLES, MAX_SPREADSHEET_STRINGS};
use crate::msg;
use docx_fill::diag::Message;
use docx_fill::slice::TextSlice as _;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::io::Read;

/// A relationship between parts.
pub(super) struct PartRelationship {
    pub(super) id: String,
    /// Last segment of the relationship's type.
    pub(super) kind: String,
    /// Name of the target part within the package.
    pub(super) target: String,
}

/// The content of `workbook.xml`.
#[derive(Default)]
pub(super) struct WorkbookPart {
    /// Name and relationship id of each sheet.
    pub(super) sheets: Vec<(String, String)>,
    /// True if days count from 1904.
    pub(super) from_1904: bool,
}

/// The shared strings of a workbook, in one text: a string of its own for each would take as much again.
#[derive(Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<usize>,
}

impl SharedStrings {
    /// Returns the string with a number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        Some(self.text.slice(start?..end))
    }
}

pub(super) fn read_relationships<R: Read>(
    mut xml: XmlStream<R>,
    folder: &str,
) -> Result<Vec<PartRelationship>, Message> {
    let mut out = Vec::new();
    loop {
        match xml.next_event()? {
            Event::Start(e) if e.local_name().as_ref() == "Relationship" => {
                let of = |name| attribute_value(&e, name).unwrap_or_default();
                let target = of("Target");
                let target = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None if folder.is_empty() => target,
                    None => format!("{folder}/{target}"),
                };
                let kind = of("Type");
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                out.push(PartRelationship { id: of("Id"), kind, target });
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
        if out.len() > MAX_CELL_STYLES {
            return Err(msg!("data.xlsx-broken"));
        }
    }
}

pub(super) fn read_workbook_part<R: Read>(mut xml: XmlStream<R>) -> Result<WorkbookPart, Message> {
    let mut out = WorkbookPart::default();
    loop {
        match xml.next_event()? {
            Event::Start(e) if e.local_name().as_ref() == "workbookPr" => {
                let flag = attribute_value(&e, "date1904").unwrap_or_default();
                out.from_1904 = flag == "1" || flag == "true";
            }
            Event::Start(e) if e.local_name().as_ref() == "sheet" => {
                // `sheetId` has another local name than the relationship's `r:id`.
                let of = |name| attribute_value(&e, name).unwrap_or_default();
                out.sheets.push((of("name"), of("id")));
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
        if out.sheets.len() > MAX_CELL_STYLES {
            return Err(msg!("data.xlsx-broken"));
        }
    }
}

/// Reads the shared strings, at most so many.
pub(super) fn read_shared_strings<R: Read>(
    mut xml: XmlStream<R>,
    most: usize,
) -> Result<SharedStrings, Message> {
    let mut out = SharedStrings::default();
    loop {
        let event = xml.next_event()?;
        let (is_item, is_end) = (is_start(&event, "si"), matches!(event, Event::Eof));
        drop(event);
        if is_end {
            return Ok(out);
        }
        if is_item {
            out.text.push_str(&xml.read_rich_text("si")?);
            out.ends.push(out.text.len());
        }
        if out.ends.len() > most {
            return Err(msg!("data.xlsx-cells", limit = most));
        }
        if out.text.len() as u64 > MAX_SPREADSHEET_STRINGS {
            return Err(msg!("data.xlsx-large", limit = MAX_SPREADSHEET_STRINGS >> 20));
        }
    }
}

/// Returns the number format of each cell style.
pub(super) fn read_number_formats<R: Read>(
    mut xml: XmlStream<R>,
) -> Result<Vec<NumberFormat>, Message> {
    let (mut formats, mut out, mut inside) = (BTreeMap::new(), Vec::new(), false);
    loop {
        match xml.next_event()? {
            Event::Start(e) if e.local_name().as_ref() == "numFmt" => {
                let id = attribute_value(&e, "numFmtId").unwrap_or_default();
                let code = attribute_value(&e, "formatCode").unwrap_or_default();
                formats.insert(id, NumberFormat::parse(&code));
            }
            Event::Start(e) if e.local_name().as_ref() == "cellXfs" => inside = true,
            Event::End(e) if e.local_name().as_ref() == "cellXfs" => inside = false,
            Event::Start(e) if inside && e.local_name().as_ref() == "xf" => {
                let id = attribute_value(&e, "numFmtId").unwrap_or_default();
                let known = formats.get(&id).copied();
                let built_in = || NumberFormat::built_in(id.parse().unwrap_or_default());
                out.push(known.unwrap_or_else(built_in));
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
        if out.len().max(formats.len()) > MAX_CELL_STYLES {
            return Err(msg!("data.xlsx-broken"));
        }
    }
}

/// Parses an address: `D7` → line 6, column 3.
pub(super) fn parse_address(name: &str) -> Option<(usize, usize)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 || letters > 3 {
        return None;
    }
    let (letters, digits) = name.split_at_offset(letters);
    let digit = |b: u8| usize::from(b.to_ascii_uppercase() - b'A') + 1;
    let column = letters.bytes().fold(0, |sum, b| sum * 26 + digit(b));
    let row: usize = digits.parse().ok().filter(|row| *row > 0)?;
    Some((row - 1, column - 1))
}

/// Parses a range: `A1:C3` → both corners.
pub(super) fn parse_range(name: &str) -> Option<((usize, usize), (usize, usize))> {
    let (from, to) = name.split_once(':')?;
    Some((parse_address(from)?, parse_address(to)?))
}

#[cfg(test)]
mod tests {
    use super::super::xml_stream::ReadBudget;
    use super::*;

    #[test]
    fn notations() {
        assert_eq!(parse_address("D7"), Some((6, 3)));
        assert_eq!(parse_address("AA1"), Some((0, 26)));
        assert_eq!(parse_address("7"), None);
        assert_eq!(parse_range("A1:C3"), Some(((0, 0), (2, 2))));
    }

    #[test]
    fn strings_are_known_by_number() {
        let xml = "<sst><si><t>甲</t></si><si/><si><t>乙丙</t></si></sst>";
        let budget = ReadBudget::default();
        let read = |most| read_shared_strings(XmlStream::new(xml.as_bytes(), &budget), most);
        let strings = read(3).expect("read");
        let all: Vec<_> = (0..4).map(|number| strings.get(number)).collect();
        assert_eq!(all, [Some("甲"), Some(""), Some("乙丙"), None]);
        assert!(read(2).is_err());
    }
}
