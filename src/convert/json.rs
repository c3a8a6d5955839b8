//! Owns writing JSON, two blanks a level, rows within a line. Comments have no place in it.
//! Must not know the other syntaxes.

use super::{is_flat, json_number, quoted};
use crate::data::{Entry, Node, Value};

pub(super) fn write(root: &Node) -> String {
    let mut out = value(root, 0);
    out.push('\n');
    out
}

fn value(node: &Node, depth: usize) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(digits) => json_number(digits).map_or_else(|| quoted(digits), str::to_owned),
        Value::Text(text) | Value::Date(text) => quoted(text),
        Value::List(items) => {
            let items = items.iter().map(|item| value(item, depth + 1)).collect();
            block(items, '[', ']', depth, is_flat(node))
        }
        Value::Table(entries) => {
            let pair = |entry: &Entry| {
                format!("{}: {}", quoted(&entry.key), value(&entry.node, depth + 1))
            };
            let flat = depth > 1 && is_flat(node);
            block(entries.iter().map(pair).collect(), '{', '}', depth, flat)
        }
    }
}

fn block(items: Vec<String>, open: char, close: char, depth: usize, flat: bool) -> String {
    if flat || items.is_empty() {
        return format!("{open}{}{close}", items.join(", "));
    }
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    let lines: Vec<String> = items.into_iter().map(|item| format!("{inner}{item}")).collect();
    format!("{open}\n{}\n{outer}{close}", lines.join(",\n"))
}
