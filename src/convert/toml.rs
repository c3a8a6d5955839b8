//! Owns the order of a TOML file: values first, then a `[table]` for each table of the file, rows within a
//! line.
//! Must not know the other syntaxes, nor how a part is written (`syntax`).

use super::comments::Comments;
use super::{Within, inline, placed};
use crate::data::{Entry, Node, Value};
use crate::syntax::toml::Writer;
use docx_fill::diag::Span;

/// The file, and the tree with the places that its values have there.
pub(super) fn write(root: &Node, comments: &Comments) -> (String, Node) {
    let mut file = File { out: Writer::default(), comments };
    let root = file.root(root);
    (file.out.finish(), root)
}

struct File<'c> {
    out: Writer,
    comments: &'c Comments,
}

impl File<'_> {
    fn root(&mut self, root: &Node) -> Node {
        for line in &self.comments.head {
            self.out.remark(line);
        }
        if !self.comments.head.is_empty() {
            self.out.blank_line();
        }
        let Value::Table(entries) = &root.value else { return inline(&mut self.out, root) };
        let is_table = |entry: &&Entry| matches!(entry.node.value, Value::Table(_));
        let mut found: Vec<Entry> = Vec::new();
        for entry in entries.iter().filter(|entry| !is_table(entry)) {
            found.push(self.pair(entry));
        }
        for entry in entries.iter().filter(is_table) {
            let Value::Table(inner) = &entry.node.value else { continue };
            if self.out.at() > 0 {
                self.out.blank_line();
            }
            self.above(entry);
            let start = self.out.at();
            self.out.head(&entry.key);
            let span = Span { start, end: self.out.at() };
            self.out.end_line(self.comments.beside(entry.key_span));
            let inner = inner.iter().map(|entry| self.pair(entry)).collect();
            let node = Node { value: Value::Table(inner), span };
            found.push(Entry { key: entry.key.clone(), key_span: span, node });
        }
        for line in &self.comments.end {
            self.out.remark(line);
        }
        Node { value: Value::Table(found), span: Span::default() }
    }

    /// An entry in a line of its own; a text may take several.
    fn pair(&mut self, entry: &Entry) -> Entry {
        self.above(entry);
        let start = self.out.at();
        self.out.assign(&entry.key, 0);
        let key_span = Span { start, end: self.out.at() };
        let node = match &entry.node.value {
            Value::Text(words) => {
                let start = self.out.at();
                self.out.lines(words);
                placed(&entry.node, start, self.out.at())
            }
            _ => inline(&mut self.out, &entry.node),
        };
        self.out.end_line(self.comments.beside(entry.key_span));
        Entry { key: entry.key.clone(), key_span, node }
    }

    fn above(&mut self, entry: &Entry) {
        for line in self.comments.above(entry.key_span) {
            self.out.remark(line);
        }
    }
}

impl Within for Writer {
    fn scalar(&mut self, value: &Value) {
        match value {
            Value::Bool(value) => self.bool(*value),
            Value::Number(digits) => self.number(digits, 0),
            Value::Date(text) => self.date(text),
            Value::Text(text) => self.text(text),
            // Refused before: TOML has no null.
            Value::Null | Value::List(_) | Value::Table(_) => self.text(""),
        }
    }

    fn key_of(&mut self, key: &str) {
        self.assign(key, 0);
    }
}
