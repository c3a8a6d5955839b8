//! Owns writing YAML: comments, keys, texts and numbers, each so that nothing in it can end it.
//! Must not know what is written, nor in which order.

use super::{is_bare_key, is_plain_number, needs_escape, push_comment, push_quoted};

/// YAML 1.2.
#[derive(Debug, Default)]
pub struct Yaml;

/// A YAML file in the making.
pub type YamlWriter = super::SyntaxWriter<Yaml>;

/// Words that some readers take for values.
const RESERVED_WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

impl YamlWriter {
    fn push_indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    /// A line of its own for a comment, as it stood in another file behind its `#`.
    pub fn raw_comment_line(&mut self, depth: usize, words: &str) {
        self.push_indent(depth);
        push_comment(&mut self.out, words);
        self.out.push('\n');
    }

    /// The key of an entry in a line of its own, for what follows.
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

    /// The key of an entry within a line.
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

    /// Checks whether a text of several lines may stand as it is: nothing at its edges or within
    /// that a reader would count differently.
    pub fn is_literal(text: &str) -> bool {
        let blank_end = text.ends_with("\n\n") || text.trim_end_matches('\n').ends_with(' ');
        let blank_line = |line: &str| !line.is_empty() && line.trim().is_empty();
        text.contains('\n')
            && !text.starts_with([' ', '\n', '\u{3000}'])
            && !blank_end
            && !text.contains(|c| needs_escape(c) && c != '\n')
            && !text.split('\n').any(blank_line)
    }

    /// A text of several lines as it is, below its key; [`Writer::is_literal`] has to hold.
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

    /// A number; what is none in YAML becomes a text.
    pub fn push_number(&mut self, digits: &str) {
        if is_plain_number(digits.strip_prefix('+').unwrap_or(digits)) {
            self.out.push_str(digits);
        } else {
            self.push_text(digits);
        }
    }

    /// Nothing.
    pub fn push_null(&mut self) {
        self.out.push_str("null");
    }

    /// A day or a time as it is; what has other characters becomes a text in quotes.
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

/// Checks whether a key needs a mark of its own: readers look for the end of others for 1,024
/// characters only.
fn is_long_key(key: &str) -> bool {
    // An escaped character takes up to six.
    key.len() > 1024 / 6
}
