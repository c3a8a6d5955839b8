//! Owns reading XML with byte positions: events, attributes and the characters that a text may contain.
//! Must not know any vocabulary.

use super::OpcError;
pub use super::escape::{attribute_into, escape_into, is_forbidden};
use crate::limits::MAX_XML_ELEMENTS;
use crate::slice::{TextEdit as _, TextSlice as _};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::ops::Range;

/// A reader of XML events with their byte ranges.
pub struct XmlEventReader<'a> {
    reader: Reader<&'a [u8]>,
    part: &'a str,
    /// Number of elements that may still follow.
    elements_left: usize,
}

impl<'a> XmlEventReader<'a> {
    /// Creates a reader at the beginning of a part.
    pub fn new(text: &'a str, part: &'a str) -> Self {
        XmlEventReader { reader: Reader::from_str(text), part, elements_left: MAX_XML_ELEMENTS }
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
            Err(error) => Err(OpcError::MalformedXml {
                part: self.part.to_owned(),
                offset: self.position(),
                detail: error.to_string(),
            }),
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

/// Decodes the text of an XML part: UTF-8 without byte order mark and without document type declaration.
pub fn decode_xml(bytes: Vec<u8>, part: &str) -> Result<String, OpcError> {
    let wrong = || OpcError::NotUtf8 { part: part.to_owned() };
    let mut text = String::from_utf8(bytes).map_err(|_| wrong())?;
    // The XML reader would skip a second mark, which would shift all positions.
    let marks = text.len() - text.trim_start_matches('\u{feff}').len();
    text.replace_text(..marks, "");
    if has_other_encoding(&text) {
        Err(wrong())
    } else if has_doctype(&text) {
        Err(OpcError::Doctype { part: part.to_owned() })
    } else {
        Ok(text)
    }
}

/// Checks whether the XML declaration names an encoding other than UTF-8. Other readers would then see other
/// characters.
fn has_other_encoding(text: &str) -> bool {
    let declaration = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let Some((_, named)) = declaration.and_then(|(inner, _)| inner.split_once("encoding")) else {
        return false;
    };
    let named = named.trim_start().strip_prefix('=').unwrap_or_default().trim_start();
    let name = named.strip_prefix(['"', '\'']).and_then(|name| name.get(..5));
    !name.is_some_and(|name| name.eq_ignore_ascii_case("utf-8"))
}

/// Checks for a document type declaration before the first element.
fn has_doctype(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ => break,
        };
        let Some((_, after)) = rest.split_once(end) else { return false };
        rest = after.trim_start();
    }
    rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"))
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

/// Returns the character that a reference denotes.
pub fn resolve_reference(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(found)) = reference.resolve_char_ref() {
        return Some(found);
    }
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
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
    fn other_encodings_and_doctypes_are_refused() {
        assert!(decode_xml(vec![0xff, 0xfe, b'<', 0], "a").is_err());
        assert!(decode_xml(b"<?xml version=\"1.0\" encoding=\"GBK\"?><a/>".to_vec(), "a").is_err());
        for odd in ["encoding=", "encoding=政", "encoding = 'GBK'", "encoding='政'", "encoding"] {
            assert!(
                decode_xml(format!("<?xml version='1.0' {odd}?><a/>").into(), "a").is_err(),
                "{odd}"
            );
        }
        for good in ["encoding='utf-8'", "encoding = \"UTF-8\"", ""] {
            assert!(
                decode_xml(format!("<?xml version='1.0' {good}?><a/>").into(), "a").is_ok(),
                "{good}"
            );
        }
        assert_eq!(decode_xml("\u{feff}\u{feff}<a/>".into(), "a").as_deref(), Ok("<a/>"));
        assert!(decode_xml("<a>encoding=政</a><?b c?>".into(), "a").is_ok());
        for before in ["", "<?xml version=\"1.0\"?>\n", "\u{feff}<!-- <a> --><?b c?> "] {
            let text = format!("{before}<!DOCTYPE a [<!ENTITY b 'c'>]><a/>");
            assert_eq!(decode_xml(text.into(), "p"), Err(OpcError::Doctype { part: "p".into() }));
        }
        assert!(
            decode_xml("<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>".into(), "p").is_ok()
        );
        assert!(
            decode_xml("<!--".into(), "p").is_ok() && decode_xml("<!政政政".into(), "p").is_ok()
        );
        let mut reader = XmlEventReader::new("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "p");
        assert_eq!(reader.next().err(), Some(OpcError::Doctype { part: "p".into() }));
    }
}
