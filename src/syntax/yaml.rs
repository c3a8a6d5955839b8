//! Owns writing YAML: comments, keys, texts and numbers, each so that nothing in it can end it.
//! Must not know what is written, nor in which order.

use super::{comment, is_bare, is_number, is_odd, quoted};

/// YAML 1.2.
#[derive(Debug, Default)]
pub struct Yaml;

/// A YAML file in the making.
pub type Writer = super::Writer<Yaml>;

/// Words that some readers take for values.
const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

impl Writer {
    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    /// A line of its own for a comment, as it stood in another file behind its `#`.
    pub fn remark(&mut self, depth: usize, words: &str) {
        self.indent(depth);
        comment(&mut self.out, words);
        self.out.push('\n');
    }

    /// The key of an entry in a line of its own, for what follows.
    pub fn entry(&mut self, depth: usize, key: &str) {
        self.indent(depth);
        if is_long(key) {
            self.out.push_str("? ");
            self.key(key);
            self.out.push('\n');
            self.indent(depth);
        } else {
            self.key(key);
        }
        self.out.push(':');
    }

    /// The key of an entry within a line.
    pub fn assign(&mut self, key: &str) {
        if is_long(key) {
            self.out.push_str("? ");
            self.key(key);
            self.out.push(' ');
        } else {
            self.key(key);
        }
        self.out.push_str(": ");
    }

    fn key(&mut self, key: &str) {
        let word = key.starts_with(|c: char| c.is_ascii_alphabetic()) && is_bare(key);
        if word && !WORDS.contains(&key.to_ascii_lowercase().as_str()) {
            self.out.push_str(key);
        } else {
            quoted(&mut self.out, key);
        }
    }

    /// Whether a text of several lines may stand as it is: nothing at its edges or within that a reader would
    /// count differently.
    pub fn is_literal(text: &str) -> bool {
        let blank_end = text.ends_with("\n\n") || text.trim_end_matches('\n').ends_with(' ');
        let blank_line = |line: &str| !line.is_empty() && line.trim().is_empty();
        text.contains('\n')
            && !text.starts_with([' ', '\n', '\u{3000}'])
            && !blank_end
            && !text.contains(|c| is_odd(c) && c != '\n')
            && !text.split('\n').any(blank_line)
    }

    /// A text of several lines as it is, below its key; [`Writer::is_literal`] has to hold.
    pub fn literal(&mut self, depth: usize, text: &str) {
        let (mark, body) = match text.strip_suffix('\n') {
            Some(body) => (" |\n", body),
            None => (" |-\n", text),
        };
        self.out.push_str(mark);
        for line in body.split('\n') {
            if !line.is_empty() {
                self.indent(depth + 1);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// A number; what is none in YAML becomes a text.
    pub fn number(&mut self, digits: &str) {
        if is_number(digits.strip_prefix('+').unwrap_or(digits)) {
            self.out.push_str(digits);
        } else {
            self.text(digits);
        }
    }

    /// Nothing.
    pub fn null(&mut self) {
        self.out.push_str("null");
    }

    /// A day or a time as it is; what has other characters becomes a text in quotes.
    pub fn date(&mut self, text: &str) {
        let mark = |c: char| c.is_ascii_digit() || "-:.+TZ".contains(c);
        let day = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['-', ':']);
        if day && text.chars().all(mark) && !is_number(text) {
            self.out.push_str(text);
        } else {
            self.text(text);
        }
    }
}

/// Whether a key needs a mark of its own: readers look for the end of others for 1,024 characters only.
fn is_long(key: &str) -> bool {
    // An escaped character takes up to six.
    key.len() > 1024 / 6
}
