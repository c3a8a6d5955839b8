//! Owns writing texts into syntaxes that are read again: one writer for each of TOML, YAML, JSON, Markdown,
//! XML, HTML and the cells of workbooks. What a reader finds there is what was put in, and nothing more.
//! Must not know what is written, nor read anything.

pub mod html;
pub mod json;
pub mod markdown;
pub mod toml;
pub mod xlsx;
pub mod yaml;

use docx_fill::diag::show_hidden;
use std::marker::PhantomData;

/// A file of a syntax in the making. Nothing gets into it but by the functions for its parts.
#[derive(Debug, Default)]
pub struct SyntaxWriter<S> {
    out: String,
    syntax: PhantomData<S>,
}

impl<S> SyntaxWriter<S> {
    /// Counts how many bytes there are so far: where the next part begins.
    pub fn offset(&self) -> usize {
        self.out.len()
    }

    /// Returns the file.
    pub fn finish(self) -> String {
        self.out
    }

    /// A line without anything.
    pub fn blank_line(&mut self) {
        self.out.push('\n');
    }

    /// The end of a line, with a remark if there is one.
    pub fn end_line(&mut self, remark: Option<&str>) {
        if let Some(words) = remark {
            self.out.push_str("  ");
            push_comment(&mut self.out, words);
        }
        self.out.push('\n');
    }

    /// A text within a line.
    pub fn push_text(&mut self, text: &str) {
        push_quoted(&mut self.out, text);
    }

    /// True or false.
    pub fn push_bool(&mut self, value: bool) {
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// What opens or closes a list or a table within a line.
    pub fn push_bracket(&mut self, bracket: Bracket) {
        self.out.push_str(match bracket {
            Bracket::OpenList => "[",
            Bracket::CloseList => "]",
            Bracket::OpenRow => "{ ",
            Bracket::CloseRow => " }",
            Bracket::EmptyRow => "{}",
        });
    }

    /// What stands between two values.
    pub fn push_separator(&mut self) {
        self.out.push_str(", ");
    }

    /// A blank.
    pub fn push_space(&mut self) {
        self.out.push(' ');
    }
}

/// Brackets of lists and of tables within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// Before the items.
    OpenList,
    /// Behind the items.
    CloseList,
    /// Before the entries.
    OpenRow,
    /// Behind the entries.
    CloseRow,
    /// A table without entries.
    EmptyRow,
}

/// Checks whether a character may not stand in a text of a data file as it is: controls, line ends
/// of every kind, marks that turn the direction of writing, byte order marks and what is no
/// character. Editors and readers take them for something else, or do not show them.
pub fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text in double quotes with escapes that TOML, JSON and YAML all read.
fn push_quoted(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // All of them have four digits.
            c if needs_escape(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The words of a comment: one line, whatever they hold.
fn push_comment(out: &mut String, words: &str) {
    out.push('#');
    out.push_str(show_hidden(words).trim_end());
}

/// Checks whether TOML, JSON and YAML all read these characters as one number, `-12.50` or `1e3`.
fn is_plain_number(digits: &str) -> bool {
    let body = digits.strip_prefix('-').unwrap_or(digits);
    let (mantissa, exponent) = body.split_once(['e', 'E']).unwrap_or((body, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let leading = whole.len() > 1 && whole.starts_with('0');
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    plain(whole) && !leading && plain(fraction) && plain(exponent)
}

/// Checks whether a key needs no quotes in TOML.
fn is_bare_key(key: &str) -> bool {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !key.is_empty() && key.chars().all(bare)
}
