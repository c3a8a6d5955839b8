//! Owns the order of a YAML file: blocks for tables, rows within a line, texts of several lines as they are.
//! Must not know the other syntaxes, nor how a part is written (`syntax`).

use super::comments::Comments;
use super::{Within, inline, is_flat, placed};
use crate::data::{Entry, Node, Value};
use crate::syntax::yaml::Writer;
use docx_fill::diag::Span;

/// The file, and the tree with the places that its values have there.
pub(super) fn write(root: &Node, comments: &Comments) -> (String, Node) {
    let mut file = File { out: Writer::default(), comments };
    for line in &comments.head {
        file.out.remark(0, line);
    }
    if !comments.head.is_empty() {
        file.out.blank_line();
    }
    let found = match &root.value {
        Value::Table(entries) if !entries.is_empty() => file.block(entries, 0),
        _ => {
            let found = inline(&mut file.out, root);
            file.out.end_line(None);
            found
        }
    };
    for line in &comments.end {
        file.out.remark(0, line);
    }
    (file.out.finish(), found)
}

struct File<'c> {
    out: Writer,
    comments: &'c Comments,
}

impl File<'_> {
    fn block(&mut self, entries: &[Entry], depth: usize) -> Node {
        let first = self.out.at();
        let mut found = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let nested = matches!(&entry.node.value, Value::Table(inner) if !inner.is_empty())
                && (depth == 0 || !is_flat(&entry.node));
            if depth == 0 && at > 0 && nested {
                self.out.blank_line();
            }
            found.push(self.entry(entry, depth, nested));
        }
        let span = Span { start: first, end: self.out.at() };
        Node { value: Value::Table(found), span }
    }

    fn entry(&mut self, entry: &Entry, depth: usize, nested: bool) -> Entry {
        for line in self.comments.above(entry.key_span) {
            self.out.remark(depth, line);
        }
        let mut beside = self.comments.beside(entry.key_span);
        let lines = matches!(&entry.node.value, Value::Text(text) if Writer::is_literal(text));
        if let (true, Some(words)) = (lines, beside) {
            // Beside the mark of a literal text readers do not look for comments.
            self.out.remark(depth, words);
            beside = None;
        }
        let start = self.out.at();
        self.out.entry(depth, &entry.key);
        let key_span = Span { start, end: self.out.at() };
        let node = match &entry.node.value {
            Value::Table(inner) if nested => {
                self.out.end_line(beside);
                self.block(inner, depth + 1)
            }
            Value::Text(text) if lines => {
                let start = self.out.at();
                self.out.literal(depth, text);
                placed(&entry.node, start, self.out.at())
            }
            _ => {
                self.out.space();
                let node = inline(&mut self.out, &entry.node);
                self.out.end_line(beside);
                node
            }
        };
        Entry { key: entry.key.clone(), key_span, node }
    }
}

impl Within for Writer {
    fn scalar(&mut self, value: &Value) {
        match value {
            Value::Bool(value) => self.bool(*value),
            Value::Number(digits) => self.number(digits),
            Value::Date(text) => self.date(text),
            Value::Text(text) => self.text(text),
            Value::Null | Value::List(_) | Value::Table(_) => self.null(),
        }
    }

    fn key_of(&mut self, key: &str) {
        self.assign(key);
    }
}
