//! Owns writing YAML: comments, keys, texts and numbers, each escaped so that its content cannot
//! end it.
//! Must not know the content, nor its order.

use super::{is_bare_key, is_plain_number, needs_escape, push_comment, push_quoted};

/// The syntax YAML 1.2.
#[derive(Debug, Default)]
pub struct Yaml;

/// A YAML file being written.
pub type YamlWriter = super::SyntaxWriter<Yaml>;

/// Words that some readers interpret as values.
const RESERVED_WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

impl YamlWriter {
    fn push_indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    /// Writes a comment line with the text that followed `#` in another file.
    pub fn raw_comment_line(&mut self, depth: usize, words: &str) {
        self.push_indent(depth);
        push_comment(&mut self.out, words);
        self.out.push('\n');
    }

    /// Writes the key of an entry on a line of its own.
    pub fn block_key(&mut self, depth: usize, key: &str) {
        self.push_indent(depth);
        if is_long_key(key) {
            self.out.push_str("? ");
            self.push_key(key);
            self.out.push('\n');
            self.push_indent(depth);
        } else {
            self.push_key(key);
        }
        self.out.push(':');
    }

    /// Writes the key of an entry within a line.
    pub fn flow_key(&mut self, key: &str) {
        if is_long_key(key) {
            self.out.push_str("? ");
            self.push_key(key);
            self.out.push(' ');
        } else {
            self.push_key(key);
        }
        self.out.push_str(": ");
    }

    fn push_key(&mut self, key: &str) {
        let word = key.starts_with(|c: char| c.is_ascii_alphabetic()) && is_bare_key(key);
        if word && !RESERVED_WORDS.contains(&key.to_ascii_lowercase().as_str()) {
            self.out.push_str(key);
        } else {
            push_quoted(&mut self.out, key);
        }
    }

    /// Checks whether a text of several lines may be written as a literal block: it has nothing at
    /// its edges or within that readers interpret differently.
    pub fn is_literal(text: &str) -> bool {
        let blank_end = text.ends_with("\n\n") || text.trim_end_matches('\n').ends_with(' ');
        let blank_line = |line: &str| !line.is_empty() && line.trim().is_empty();
        text.contains('\n')
            && !text.starts_with([' ', '\n', '\u{3000}'])
            && !blank_end
            && !text.contains(|c| needs_escape(c) && c != '\n')
            && !text.split('\n').any(blank_line)
    }

    /// Writes a text of several lines as a literal block below its key;
    /// [`YamlWriter::is_literal`] must hold.
    pub fn push_literal(&mut self, depth: usize, text: &str) {
        let (mark, body) = match text.strip_suffix('\n') {
            Some(body) => (" |\n", body),
            None => (" |-\n", text),
        };
        self.out.push_str(mark);
        for line in body.split('\n') {
            if !line.is_empty() {
                self.push_indent(depth + 1);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// Writes a number, or a text if YAML does not accept the number.
    pub fn push_number(&mut self, digits: &str) {
        if is_plain_number(digits.strip_prefix('+').unwrap_or(digits)) {
            self.out.push_str(digits);
        } else {
            self.push_text(digits);
        }
    }

    /// Writes a null.
    pub fn push_null(&mut self) {
        self.out.push_str("null");
    }

    /// Writes a date or time unchanged, or a text in quotes if it has other characters.
    pub fn push_date(&mut self, text: &str) {
        let mark = |c: char| c.is_ascii_digit() || "-:.+TZ".contains(c);
        let day = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['-', ':']);
        if day && text.chars().all(mark) && !is_plain_number(text) {
            self.out.push_str(text);
        } else {
            self.push_text(text);
        }
    }
}

/// Checks whether a key needs an explicit mark (`?`): readers accept other keys only up to 1,024
/// characters.
fn is_long_key(key: &str) -> bool {
    // An escaped character takes up to six.
    key.len() > 1024 / 6
}
