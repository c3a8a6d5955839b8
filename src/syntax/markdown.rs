//! Owns escaping texts for Markdown, links and pictures.
//! Must not know blocks, nor the content of texts.

use super::needs_escape;
use docx_fill::slice::TextSlice as _;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters with a meaning in Markdown, or in the quotes `{{…}}` of a report's texts.
const SPECIAL_CHARS: &str = r"\`*_{}[]<>#|~&!";

/// Returns a text as one line of Markdown that shows exactly it. Line ends become blanks, and
/// leading blanks become one: more would start a code block.
pub fn escape_words(text: &str) -> Cow<'_, str> {
    let rest = text.trim_start_matches(is_blank);
    let mark = leading_mark(rest);
    let special = |c: char| SPECIAL_CHARS.contains(c) || needs_escape(c);
    if mark.is_none() && rest.len() == text.len() && !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    if rest.len() < text.len() {
        out.push(' ');
    }
    for (at, c) in rest.char_indices() {
        match c {
            c if is_blank(c) && c != '\t' => out.push(' '),
            c if SPECIAL_CHARS.contains(c) || Some(at) == mark => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Checks for blanks and line ends.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns the offset of the character that would start a block: a list item without number, or a
/// heading underline. `1. ` stays a number, as official documents have it.
fn leading_mark(words: &str) -> Option<usize> {
    let start = words.len() - words.trim_start().len();
    let rest = words.slice(start..);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mut behind = rest.slice(digits..).chars();
    let mark = behind.next()?;
    let apart = behind.next().is_none_or(char::is_whitespace);
    let lost = match digits {
        0 => "+-=".contains(mark),
        // The number of a list item is counted by readers, not copied.
        _ => apart && (mark == ')' || mark == '.' && digits > 1 && rest.starts_with('0')),
    };
    lost.then_some(start + digits)
}

/// Checks whether a character may occur unescaped in the address of a link.
fn is_plain_in_url(c: char) -> bool {
    !c.is_whitespace() && !needs_escape(c) && !"<>()\\&".contains(c)
}

/// Returns a link; its text is Markdown already.
pub fn format_link(words: &str, address: &str) -> String {
    let mut out = format!("[{words}](");
    for c in address.chars() {
        match c {
            c if is_plain_in_url(c) => out.push(c),
            '&' => out.push_str("\\&"),
            c => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
    }
    out.push(')');
    out
}

/// Returns a link whose text is its address.
pub fn format_autolink(address: &str) -> String {
    // An ampersand without a semicolon is not a reference.
    let plain = |c: char| is_plain_in_url(c) || c == '&';
    if address.chars().all(plain) && !(address.contains('&') && address.contains(';')) {
        return format!("<{address}>");
    }
    format_link(&escape_words(address), address)
}

/// Returns a picture; `name` is a name assigned by the program.
pub fn format_image(description: &str, name: &str) -> String {
    format!("!{}", format_link(&escape_words(description), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(escape_words("云砚镇，（一）"), "云砚镇，（一）");
        assert_eq!(escape_words("a\r\n# b {{c}}"), "a  \\# b \\{\\{c\\}\\}");
        assert_eq!(escape_words("\n\n\t- a"), " \\- a");
        assert_eq!(escape_words("- a"), "\\- a");
        assert_eq!(escape_words("12. a"), "12. a");
        assert_eq!(escape_words("12) a"), "12\\) a");
        assert_eq!(escape_words("012. a"), "012\\. a");
        assert_eq!(escape_words("2025年"), "2025年");
        assert_eq!(
            format_link("a", "http://b/c d(e)?f&lt;\n"),
            "[a](http://b/c%20d%28e%29?f\\&lt;%0A)"
        );
    }
}
