//! Owns the words and signs of an expression of Jinja2.
//! Must not know what they mean together.

use crate::slice::TextSlice as _;

/// A word or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JinjaExprToken {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Signs, longer ones before those with which they begin.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "//", "**", "<", ">", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":",
    "(", ")", "[", "]", "{", "}", "=",
];

/// Splits an expression; the error is the text that is no word or sign.
pub(super) fn split_tokens(text: &str) -> Result<Vec<JinjaExprToken>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => {
                let (text, length) = read_string(rest, first).ok_or_else(|| excerpt(rest))?;
                out.push(JinjaExprToken::Text(text));
                length
            }
            '0'..='9' => {
                let length = number_length(rest);
                out.push(JinjaExprToken::Number(rest.slice(..length).replace('_', "")));
                length
            }
            c if c.is_alphabetic() || c == '_' => {
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                out.push(JinjaExprToken::Name(rest.slice(..length).to_owned()));
                length
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or_else(|| excerpt(rest))?;
                out.push(JinjaExprToken::Sign(sign));
                sign.len()
            }
        };
        rest = rest.slice(length..).trim_start();
    }
    Ok(out)
}

/// Returns the beginning of a text, for a message.
fn excerpt(text: &str) -> String {
    text.chars().take(20).collect()
}

/// Returns the length of a number: digits, and a point with digits behind it.
fn number_length(text: &str) -> usize {
    let is_digit = |c: char| c.is_ascii_digit() || c == '_';
    let whole = text.find(|c| !is_digit(c)).unwrap_or(text.len());
    let Some(places) = text.slice(whole..).strip_prefix('.') else { return whole };
    let length = places.find(|c| !is_digit(c)).unwrap_or(places.len());
    if length == 0 { whole } else { whole + 1 + length }
}

/// Reads a string with its escapes. Returns its value and its length as written.
fn read_string(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((value, at + c.len_utf8()));
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let (_, escaped) = chars.next()?;
        match escaped {
            'n' => value.push('\n'),
            't' => value.push('\t'),
            '\\' | '"' | '\'' => value.push(escaped),
            // Python keeps a backslash before any other letter.
            other => value.extend(['\\', other]),
        }
    }
    None
}
