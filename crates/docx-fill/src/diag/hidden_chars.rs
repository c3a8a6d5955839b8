//! Owns the display of control and invisible characters: text from files is shown with visible signs, so that a
//! terminal does not execute it and a value stays on its line.
//! Must not know where a text comes from, nor where it is written.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Checks whether a character controls a terminal, ends a line, changes the writing direction, or is invisible.
///
/// These are controls (C0 except the tab, DEL, C1), Unicode line ends, bidirectional marks, and all characters
/// that Unicode ignores in display (`DerivedCoreProperties.txt`, `Default_Ignorable_Code_Point`), such as
/// zero-width spaces, fillers, tags and variation selectors; also interlinear annotation marks and two
/// noncharacters.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{A}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Returns a value as one line: every hidden character becomes a visible sign, including line ends. Repeating
/// this changes nothing.
///
/// ```
/// use docx_fill::diag::show_hidden;
/// assert_eq!(show_hidden("a\u{1b}[2J\r\nb\u{202e}c"), "a␛[2J␍␊b\\u{202E}c");
/// ```
pub fn show_hidden(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_shown(&mut out, c);
    }
    Cow::Owned(out)
}

/// Returns several lines that the program has composed: line ends (LF or CR LF) are kept, other hidden
/// characters become visible signs.
pub fn show_hidden_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| c != '\n' && is_hidden(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut left = text.chars().peekable();
    while let Some(c) = left.next() {
        match c {
            '\n' => out.push(c),
            '\r' if left.peek() == Some(&'\n') => {}
            _ => push_shown(&mut out, c),
        }
    }
    Cow::Owned(out)
}

/// Returns equivalent JSON without hidden characters. In JSON they occur only in strings, where each can be
/// escaped.
pub fn escape_hidden_json(json: &str) -> Cow<'_, str> {
    escape_hidden_with(json, &|out, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// Returns equivalent TOML or YAML without hidden characters, which must occur only between double quotes.
pub fn escape_hidden_quoted(text: &str) -> Cow<'_, str> {
    escape_hidden_with(text, &|out, c| {
        let _ = match u32::from(c) {
            code @ 0..=0xFFFF => write!(out, "\\u{code:04X}"),
            code => write!(out, "\\U{code:08X}"),
        };
    })
}

fn escape_hidden_with<'t>(text: &'t str, escape: &dyn Fn(&mut String, char)) -> Cow<'t, str> {
    let is_odd = |c: char| c != '\n' && is_hidden(c);
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_odd(c) {
            escape(&mut out, c);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Appends a character or its sign: a control picture of Unicode, or the code point.
fn push_shown(out: &mut String, c: char) {
    let picture = match c {
        '\u{7F}' => Some('␡'),
        '\0'..='\u{1F}' => char::from_u32(u32::from(c) + 0x2400),
        _ => None,
    };
    match picture {
        Some(sign) if is_hidden(c) => out.push(sign),
        None if is_hidden(c) => {
            let _ = write!(out, "\\u{{{:X}}}", u32::from(c));
        }
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_is_left_and_nothing_seen_is_changed() {
        for c in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            let text = format!("甲{c}b");
            let shown = show_hidden(&text);
            assert!(!shown.contains(is_hidden), "{:X}", u32::from(c));
            assert_eq!(shown != text, is_hidden(c), "{:X}", u32::from(c));
            assert_eq!(show_hidden(&shown), shown);
            // All Unicode controls are hidden, except the tab.
            assert!(!c.is_control() || c == '\t' || is_hidden(c));
        }
    }

    #[test]
    fn lines_of_our_own_stay_lines() {
        assert_eq!(show_hidden_lines("a\r\nb\n\tc\rd\u{85}e"), "a\nb\n\tc␍d\\u{85}e");
        assert_eq!(show_hidden("a\tb"), "a\tb");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({ "a\u{202e}": "\u{1b}\u{7f}\u{e0041}\n甲" });
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let safe = escape_hidden_json(&text);
        assert!(!safe.contains(|c| c != '\n' && is_hidden(c)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
    }
}
