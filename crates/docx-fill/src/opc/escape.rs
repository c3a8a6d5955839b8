//! Owns escaping text for XML, including characters that XML forbids.
//! Must not know any vocabulary.

use crate::diag::show_hidden;
use crate::slice::TextSlice as _;

/// Checks whether XML 1.0 forbids a character.
pub fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Appends text for an element or a quoted attribute. Forbidden characters are replaced by a visible sign.
pub fn escape_into(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            // XML readers would convert it to a line feed.
            b'\r' => "&#13;",
            b'\t' | b'\n' => continue,
            // The encodings of U+FFFE and U+FFFF begin with 0xEF.
            0..0x20 | 0xef => "",
            _ => continue,
        };
        if !entity.is_empty() {
            out.push_str(text.slice(from..at));
            out.push_str(entity);
            from = at + 1;
        } else if let Some(c) = text.slice(at..).chars().next().filter(|c| is_forbidden(*c)) {
            out.push_str(text.slice(from..at));
            from = at + c.len_utf8();
            out.push_str(&show_hidden(text.slice(at..from)));
        }
    }
    out.push_str(text.slice(from..));
}

/// Appends ` name="value"`. Line breaks and tabs in the value are preserved.
pub fn attribute_into(out: &mut String, name: &'static str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for (number, line) in value.split('\n').enumerate() {
        if number > 0 {
            out.push_str("&#10;");
        }
        for (number, piece) in line.split('\t').enumerate() {
            if number > 0 {
                out.push_str("&#9;");
            }
            escape_into(out, piece);
        }
    }
    out.push('"');
}
