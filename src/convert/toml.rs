//! Owns the order of a TOML file: values first, then a `[table]` for each table of the file, rows within a
//! line.
//! Must not know the other syntaxes, nor how a part is written (`syntax`).

use super::comments::Comments;
use super::placed;
use crate::data::{Entry, Node, Value};
use crate::diag::Span;
use crate::syntax::toml::Writer;

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
        let Value::Table(entries) = &root.value else { return self.inline(root) };
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

    fn pair(&mut self, entry: &Entry) -> Entry {
        self.above(entry);
        let entry = self.entry(entry, true);
        self.out.end_line(self.comments.beside(entry.0));
        entry.1
    }

    fn above(&mut self, entry: &Entry) {
        for line in self.comments.above(entry.key_span) {
            self.out.remark(line);
        }
    }

    /// A key with its value, and the span by which its comments are known. Texts of several lines have them
    /// only where there is room.
    fn entry(&mut self, entry: &Entry, room: bool) -> (Span, Entry) {
        let start = self.out.at();
        self.out.assign(&entry.key, 0);
        let key_span = Span { start, end: self.out.at() };
        let node = match &entry.node.value {
            Value::Text(words) if room => {
                let start = self.out.at();
                self.out.lines(words);
                placed(&entry.node, start, self.out.at())
            }
            _ => self.inline(&entry.node),
        };
        (entry.key_span, Entry { key: entry.key.clone(), key_span, node })
    }

    fn inline(&mut self, node: &Node) -> Node {
        let start = self.out.at();
        match &node.value {
            // Refused before: TOML has no null.
            Value::Null => self.out.text(""),
            Value::Bool(value) => self.out.bool(*value),
            Value::Number(digits) => self.out.number(digits, 0),
            Value::Date(text) => self.out.date(text),
            Value::Text(text) => self.out.text(text),
            Value::List(items) => {
                self.out.open_list();
                let mut found = Vec::with_capacity(items.len());
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        self.out.next();
                    }
                    found.push(self.inline(item));
                }
                self.out.close_list();
                let span = Span { start, end: self.out.at() };
                return Node { value: Value::List(found), span };
            }
            Value::Table(entries) if entries.is_empty() => self.out.empty_row(),
            Value::Table(entries) => {
                self.out.open_row();
                let mut found = Vec::with_capacity(entries.len());
                for (number, entry) in entries.iter().enumerate() {
                    if number > 0 {
                        self.out.next();
                    }
                    found.push(self.entry(entry, false).1);
                }
                self.out.close_row();
                let span = Span { start, end: self.out.at() };
                return Node { value: Value::Table(found), span };
            }
        }
        placed(node, start, self.out.at())
    }
}
