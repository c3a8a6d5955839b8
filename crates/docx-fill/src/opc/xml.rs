//! Owns reading XML with byte positions: events, attributes and the characters that a text may contain.
//! Must not know any vocabulary.

pub use super::escape::{attribute_into, escape_into, is_forbidden};
use super::{OpcError, XmlFault, XmlFaultKind};
use crate::limits::MAX_XML_ELEMENTS;
use crate::slice::TextSlice as _;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::ops::Range;

/// A reader of XML events with their byte ranges.
pub struct XmlEventReader<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    part: &'a str,
    /// Number of elements that may still follow.
    elements_left: usize,
}

impl<'a> XmlEventReader<'a> {
    /// Creates a reader at the beginning of a part.
    pub fn new(text: &'a str, part: &'a str) -> Self {
        let reader = Reader::from_str(text);
        XmlEventReader { reader, text, part, elements_left: MAX_XML_ELEMENTS }
    }

    /// Creates a reader of a part that [`Package::read_xml_part`] has found to be well-formed, of which nothing is
    /// checked again.
    ///
    /// [`Package::read_xml_part`]: super::Package::read_xml_part
    pub(crate) fn of_checked(text: &'a str, part: &'a str) -> Self {
        let mut reader = XmlEventReader::new(text, part);
        reader.reader.config_mut().check_end_names = false;
        reader
    }

    /// Creates a reader of a part that was written here, which may have any number of elements: what limits them is
    /// the size of the output.
    pub(crate) fn of_written(text: &'a str) -> Self {
        XmlEventReader::new(text, "").of_any_size()
    }

    /// Lets the part have any number of elements, as one that was written here may.
    pub(crate) fn of_any_size(self) -> Self {
        XmlEventReader { elements_left: usize::MAX, ..self }
    }

    /// Returns the next event, or `None` at the end.
    #[expect(clippy::should_implement_trait, reason = "an error must end the reading, with `?`")]
    pub fn next(&mut self) -> Result<Option<(Event<'a>, Range<usize>)>, OpcError> {
        let start = self.position();
        match self.reader.read_event() {
            Ok(Event::Eof) => Ok(None),
            Ok(Event::DocType(_)) => Err(OpcError::Doctype { part: self.part.to_owned() }),
            Ok(event) => {
                if matches!(event, Event::Start(_) | Event::Empty(_) | Event::GeneralRef(_)) {
                    let part = || OpcError::TooManyElements { part: self.part.to_owned() };
                    self.elements_left = self.elements_left.checked_sub(1).ok_or_else(part)?;
                }
                Ok(Some((event, start..self.position())))
            }
            Err(error) => {
                let (kind, name) = (XmlFaultKind::Other, error.to_string());
                let fault = XmlFault { kind, offset: self.position(), name };
                let line = line_of(self.text, fault.offset);
                Err(OpcError::MalformedXml { part: self.part.to_owned(), line, fault })
            }
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

/// Returns the number of the line of a byte, counted from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.slice(..offset).matches('\n').count() + 1
}

/// Checks whether an opening brace is written as a character reference.
pub(crate) fn has_written_brace(text: &str) -> bool {
    text.match_indices('&').any(|(at, mark)| {
        let Some(rest) = text.slice(at + mark.len()..).strip_prefix('#') else { return false };
        let digits = rest.strip_prefix('x').unwrap_or(rest).trim_start_matches('0');
        let code = if rest.starts_with('x') { ["7b;", "7B;"] } else { ["123;"; 2] };
        code.iter().any(|code| digits.starts_with(code))
    })
}

/// Returns names and unescaped values of the attributes of an element, at most `most`.
pub(crate) fn unescaped_attributes(element: &BytesStart<'_>, most: usize) -> Vec<(String, String)> {
    let attributes = element.attributes().flatten().take(most).map(|found| {
        let value = quick_xml::escape::unescape(&found.value);
        let value = value.map_or_else(|_| found.value.to_string(), Cow::into_owned);
        (found.key.as_ref().to_owned(), value)
    });
    attributes.collect()
}

/// Returns the unescaped value of an attribute, by its name as written.
pub fn attribute_value(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|found| found.key.as_ref() == name)?;
    let raw = &found.value;
    quick_xml::escape::unescape(raw).ok().map(Cow::into_owned)
}

/// Returns names and value ranges of the attributes of a start tag, which must be well-formed.
pub fn attribute_ranges<'a>(source: &'a str, tag: &Range<usize>) -> Vec<(&'a str, Range<usize>)> {
    let mut out = Vec::new();
    let mut at =
        tag.start + source.slice(tag.clone()).find(char::is_whitespace).unwrap_or(tag.len());
    while let Some(equals) = source.slice(at..tag.end).find('=').map(|offset| at + offset) {
        let name = source.slice(at..equals).trim();
        let rest = source.slice(equals + 1..tag.end);
        let Some(quote) = rest.find(['"', '\'']) else { break };
        let start = equals + 1 + quote + 1;
        let mark = char::from(source.as_bytes()[start - 1]);
        let Some(length) = source.slice(start..tag.end).find(mark) else { break };
        out.push((name, start..start + length));
        at = start + length + 1;
    }
    out
}

/// Checks whether a text begins with an element of a name, with or without attributes.
pub(crate) fn begins_with_element(text: &str, name: &str) -> bool {
    let rest = text.strip_prefix('<').and_then(|rest| rest.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with(['>', ' ', '/']))
}

/// Returns the position of the first element of a name, with or without attributes.
pub(crate) fn find_element(text: &str, name: &str) -> Option<usize> {
    let mut found = text.match_indices(name).filter_map(|(at, _)| at.checked_sub(1));
    found.find(|at| text.get(*at..).is_some_and(|rest| begins_with_element(rest, name)))
}

/// The end of a root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootEnd {
    /// Its end tag begins here.
    EndTag(usize),
    /// It is empty; its only tag ends with the `/>` that begins here.
    EmptyTag(usize),
}

/// Returns where the root element of a part ends; comments and instructions may follow it.
pub(crate) fn root_end(text: &str) -> Option<RootEnd> {
    let mut rest = text.trim_ascii_end();
    loop {
        let open = match rest {
            _ if rest.ends_with("-->") => "<!--",
            _ if rest.ends_with("?>") => "<?",
            _ if rest.ends_with("/>") => return Some(RootEnd::EmptyTag(rest.len() - 2)),
            _ => break,
        };
        rest = rest.slice(..rest.rfind(open)?).trim_ascii_end();
    }
    rest.rfind("</").map(RootEnd::EndTag)
}

/// Returns the character that a reference denotes.
pub fn resolve_reference(reference: &BytesRef<'_>) -> Option<char> {
    referenced_character(reference)
}

/// Returns the character of a reference, as written between `&` and `;`.
pub(crate) fn referenced_character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let hexadecimal = digits.strip_prefix('x');
            let (digits, radix) = hexadecimal.map_or((digits, 10), |digits| (digits, 16));
            let code = u32::from_str_radix(digits, radix).ok();
            let code = code.filter(|code| *code > 0 && !digits.starts_with('+'));
            code.and_then(char::from_u32)
        }
    }
}

/// Returns the first character that XML 1.0 forbids, if any.
pub fn find_forbidden(text: &str) -> Option<char> {
    // U+F000 to U+FFFF begin with 0xEF and are rare; other texts need no decoding.
    if !text.bytes().any(|byte| byte < 0x20 || byte == 0xEF) {
        return None;
    }
    text.chars().find(|c| is_forbidden(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_the_four_and_finds_the_forbidden() {
        let mut out = String::new();
        escape_into(&mut out, "a<b>&\"c'政");
        assert_eq!(out, "a&lt;b&gt;&amp;&quot;c'政");
        out.clear();
        escape_into(&mut out, "a\u{1}\r\n\t\u{ffff}\u{feff}￼");
        assert_eq!(out, "a␁&#13;\n\t\\u{FFFF}\u{feff}￼");
        assert_eq!(find_forbidden("政府\t\n\r，（）"), None);
        assert_eq!(find_forbidden("a\u{b}"), Some('\u{b}'));
        assert_eq!(find_forbidden("a\u{ffff}"), Some('\u{ffff}'));
        assert_eq!(find_forbidden("\u{feff}"), None);
    }

    #[test]
    fn a_root_ends_before_what_follows_it() {
        assert_eq!(root_end("<a>b</a>\n<!-- </c> --> <?d </e> ?>\n"), Some(RootEnd::EndTag(4)));
        assert_eq!(root_end("<a b=\"1\"/><!-- -->"), Some(RootEnd::EmptyTag(8)));
        assert_eq!(root_end(""), None);
    }

    #[test]
    fn elements_are_found_by_their_whole_names() {
        let text = "w:p &lt;w:p <w:pPr/><w:p w:a=\"1\"/></w:p><w:p>";
        assert_eq!(find_element(text, "w:p"), text.find("<w:p w"));
        assert_eq!(find_element(text, "w:pPr"), text.find("<w:pPr"));
        assert_eq!(find_element(text, "w:r"), None);
        assert!(begins_with_element("<w:p/>", "w:p") && !begins_with_element("</w:p>", "w:p"));
    }

    #[test]
    fn what_was_written_has_any_number_of_elements() {
        let text = format!("<a>{}</a>", "<b/>".repeat(MAX_XML_ELEMENTS));
        let count = |mut reader: XmlEventReader<'_>| {
            let mut events = 0;
            while let Ok(Some(_)) = reader.next() {
                events += 1;
            }
            events
        };
        assert_eq!(count(XmlEventReader::of_written(&text)), MAX_XML_ELEMENTS + 2);
        assert!(count(XmlEventReader::new(&text, "p")) < MAX_XML_ELEMENTS + 2);
    }

    #[test]
    fn references_are_names_or_numbers() {
        for (name, character) in [("lt", '<'), ("#60", '<'), ("#x4e00", '一'), ("#x0041", 'A')] {
            assert_eq!(referenced_character(name), Some(character), "{name}");
        }
        for wrong in ["", "nbsp", "#", "#x", "#0", "#+60", "#-1", "#X41", "#xD800", "#x110000"] {
            assert_eq!(referenced_character(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_doctype_stops_the_reading() {
        let mut reader = XmlEventReader::new("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "p");
        assert_eq!(reader.next().err(), Some(OpcError::Doctype { part: "p".into() }));
    }
}
