//! Owns writing texts into syntaxes that are read again: one writer for each of TOML, YAML, JSON,
//! Markdown, XML, HTML and the cells of workbooks. A reader gets exactly what was written, and
//! nothing more.
//! Must not know the content, nor read anything.

pub mod html;
pub mod json;
pub mod markdown;
pub mod toml;
pub mod xlsx;
pub(crate) mod xlsx_rows;
pub mod yaml;

use docx_fill::diag::show_hidden;
use std::marker::PhantomData;

/// A file being written in a syntax, only through the functions for its parts.
#[derive(Debug, Default)]
pub struct SyntaxWriter<S> {
    out: String,
    syntax: PhantomData<S>,
}

impl<S> SyntaxWriter<S> {
    /// Returns the number of bytes written so far, which is the offset of the next part.
    pub fn offset(&self) -> usize {
        self.out.len()
    }

    /// Returns the file.
    pub fn finish(self) -> String {
        self.out
    }

    /// Writes a blank line.
    pub fn blank_line(&mut self) {
        self.out.push('\n');
    }

    /// Ends a line, with a comment if there is one.
    pub fn end_line(&mut self, remark: Option<&str>) {
        if let Some(words) = remark {
            self.out.push_str("  ");
            push_comment(&mut self.out, words);
        }
        self.out.push('\n');
    }

    /// Writes a text within a line.
    pub fn push_text(&mut self, text: &str) {
        push_quoted(&mut self.out, text);
    }

    /// Writes a Boolean.
    pub fn push_bool(&mut self, value: bool) {
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// Writes what opens or closes a list or a table within a line.
    pub fn push_bracket(&mut self, bracket: Bracket) {
        self.out.push_str(match bracket {
            Bracket::OpenList => "[",
            Bracket::CloseList => "]",
            Bracket::OpenRow => "{ ",
            Bracket::CloseRow => " }",
            Bracket::EmptyRow => "{}",
        });
    }

    /// Writes the separator between two values.
    pub fn push_separator(&mut self) {
        self.out.push_str(", ");
    }

    /// Writes a blank.
    pub fn push_space(&mut self) {
        self.out.push(' ');
    }
}

/// Brackets of lists and of tables within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// Start of a list.
    OpenList,
    /// End of a list.
    CloseList,
    /// Start of a table.
    OpenRow,
    /// End of a table.
    CloseRow,
    /// A table without entries.
    EmptyRow,
}

/// Checks whether a character must be escaped in texts of data files: controls, line ends of every
/// kind, bidirectional marks, byte order marks and noncharacters. Editors and readers misinterpret
/// or hide them.
pub fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Writes a text in double quotes with escapes common to TOML, JSON and YAML.
fn push_quoted(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // All of these have at most four hexadecimal digits.
            c if needs_escape(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Writes the text of a comment as one line.
fn push_comment(out: &mut String, words: &str) {
    out.push('#');
    out.push_str(show_hidden(words).trim_end());
}

/// Checks whether TOML, JSON and YAML all read a text as the same number, such as `-12.50` or
/// `1e3`.
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
