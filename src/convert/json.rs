//! Owns the layout of a JSON file, two blanks a level, rows within a line. Comments have no place in it.
//! Must not know the other syntaxes, nor how a text is written (`syntax`).

use super::{is_flat, placed};
use crate::data::{Entry, Node, Value};
use crate::syntax::json;
use docx_fill::diag::Span;

/// The file, and the tree with the places that its values have there.
pub(super) fn write(root: &Node) -> (String, Node) {
    let mut out = String::new();
    let root = value(&mut out, root, 0);
    out.push('\n');
    (out, root)
}

fn value(out: &mut String, node: &Node, depth: usize) -> Node {
    let start = out.len();
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(digits) => json::number(out, digits),
        Value::Text(text) | Value::Date(text) => json::text(out, text),
        Value::List(items) => {
            let block = Block { depth, flat: is_flat(node) || items.is_empty() };
            let mut found = Vec::with_capacity(items.len());
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                block.before(out, number);
                found.push(value(out, item, depth + 1));
            }
            block.end(out, ']');
            let span = Span { start, end: out.len() };
            return Node { value: Value::List(found), span };
        }
        Value::Table(entries) => {
            let flat = depth > 1 && is_flat(node) || entries.is_empty();
            let block = Block { depth, flat };
            let mut found = Vec::with_capacity(entries.len());
            out.push('{');
            for (number, entry) in entries.iter().enumerate() {
                block.before(out, number);
                let start = out.len();
                json::text(out, &entry.key);
                let key_span = Span { start, end: out.len() };
                out.push_str(": ");
                let node = value(out, &entry.node, depth + 1);
                found.push(Entry { key: entry.key.clone(), key_span, node });
            }
            block.end(out, '}');
            let span = Span { start, end: out.len() };
            return Node { value: Value::Table(found), span };
        }
    }
    placed(node, start, out.len())
}

/// How the items of a list or table stand: within a line, or each in its own.
struct Block {
    depth: usize,
    flat: bool,
}

impl Block {
    fn before(&self, out: &mut String, number: usize) {
        match (number, self.flat) {
            (0, true) => {}
            (_, true) => out.push_str(", "),
            (0, false) => line(out, self.depth + 1),
            (_, false) => {
                out.push(',');
                line(out, self.depth + 1);
            }
        }
    }

    fn end(&self, out: &mut String, bracket: char) {
        if !self.flat {
            line(out, self.depth);
        }
        out.push(bracket);
    }
}

/// A line end and the indent of a level.
fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}
