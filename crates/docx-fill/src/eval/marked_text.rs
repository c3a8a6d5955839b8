//! Owns marked text: data that carries the number of its tag until it is known what it becomes part of; its characters,
//! and the words of field codes among them.
//! Must not know which addresses are allowed.

use crate::ir::program::TagId;
use crate::slice::TextSlice as _;
use std::fmt::Write as _;

/// Encloses the number of the tag whose data begins; a noncharacter that neither values nor XML may contain.
pub(super) const DATA_BEGIN: char = '\u{FFFF}';
/// Ends the data; also a noncharacter.
pub(super) const DATA_END: char = '\u{FFFE}';

/// Writes the mark before a tag's data where it may become part of an address.
pub(crate) fn write_data_begin(out: &mut String, tag: TagId) {
    let _ = write!(out, "{DATA_BEGIN}{tag}{DATA_BEGIN}");
}

/// Writes the mark after the data.
pub(crate) fn write_data_end(out: &mut String) {
    out.push(DATA_END);
}

/// Checks for a mark character. Such characters are removed from data before it is marked.
pub(crate) fn is_data_mark(c: char) -> bool {
    matches!(c, DATA_BEGIN | DATA_END)
}

/// Parses the mark at the beginning of a text. Returns its tag and its length in bytes.
pub(super) fn parse_begin_mark(text: &str) -> Option<(TagId, usize)> {
    let (number, _) = text.strip_prefix(DATA_BEGIN)?.split_once(DATA_BEGIN)?;
    let tag = number.parse().ok()?;
    Some((tag, number.len() + 2 * DATA_BEGIN.len_utf8()))
}

/// A decoded character and the tag whose data it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaggedChar {
    pub(super) c: char,
    pub(super) tag: Option<TagId>,
}

pub(super) fn chars_to_string(word: &[TaggedChar]) -> String {
    word.iter().map(|letter| letter.c).collect()
}

/// Returns a web address with its blanks escaped (RFC 3986, 2.1); `None` if it is none, or has blanks before its path.
pub(super) fn escape_blanks(word: &[TaggedChar]) -> Option<Vec<TaggedChar>> {
    let address = chars_to_string(word).to_ascii_lowercase();
    let rest = ["http://", "https://"].iter().find_map(|scheme| address.strip_prefix(scheme))?;
    let (host, path) = rest.split_once('/')?;
    if host.contains(' ') || !path.contains(' ') || address.ends_with(' ') {
        return None;
    }
    let escaped = word.iter().flat_map(|letter| {
        let text = if letter.c == ' ' { "%20" } else { "" };
        let own = text.is_empty().then_some(*letter);
        own.into_iter().chain(text.chars().map(|c| TaggedChar { c, tag: letter.tag }))
    });
    Some(escaped.collect())
}

/// Decodes XML text with marks into characters. Empty data leaves no trace.
pub(super) fn decode_marked_xml(raw: &str) -> Vec<TaggedChar> {
    let mut out = Vec::new();
    let (mut rest, mut tag) = (raw, None);
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            DATA_BEGIN => match parse_begin_mark(rest) {
                Some((number, mark)) => (tag, length) = (Some(number), mark),
                None => out.push(TaggedChar { c, tag }),
            },
            DATA_END if tag.is_some() => tag = None,
            '&' => {
                let name = rest.split_inclusive(';').next().unwrap_or(rest);
                match quick_xml::escape::unescape(name) {
                    Ok(text) if name.ends_with(';') => {
                        out.extend(text.chars().map(|c| TaggedChar { c, tag }));
                        length = name.len();
                    }
                    _ => out.push(TaggedChar { c, tag }),
                }
            }
            _ => out.push(TaggedChar { c, tag }),
        }
        rest = rest.slice(length..);
    }
    out
}

/// A word of a field code.
#[derive(Default)]
pub(super) struct FieldToken {
    pub(super) chars: Vec<TaggedChar>,
    /// Including the backslashes that escape other characters.
    pub(super) raw: Vec<TaggedChar>,
    pub(super) quoted: bool,
}

/// Splits a field code into words, separated by white space or enclosed in quotes, within which a backslash
/// escapes. Data may itself contain word boundaries.
pub(super) fn tokenize_field_code(code: &[TaggedChar]) -> Vec<FieldToken> {
    let mut out: Vec<FieldToken> = Vec::new();
    let (mut quoted, mut within, mut escaped) = (false, false, false);
    for &letter in code {
        let quote = matches!(letter.c, '"' | '“' | '”') && !escaped;
        match letter.c {
            _ if quote => {
                quoted = !quoted;
                within = quoted;
                if quoted {
                    out.push(FieldToken { quoted, ..FieldToken::default() });
                }
                continue;
            }
            '\\' if quoted && !escaped => {
                escaped = true;
                if let Some(word) = out.last_mut() {
                    word.raw.push(letter);
                }
                continue;
            }
            c if c.is_whitespace() && !quoted => {
                within = false;
                continue;
            }
            _ => {}
        }
        escaped = false;
        if !within {
            out.push(FieldToken::default());
            within = true;
        }
        if let Some(word) = out.last_mut() {
            word.chars.push(letter);
            word.raw.push(letter);
        }
    }
    out
}
