//! Owns the layout of a JSON file: two blanks per level, rows within a line. Comments are dropped.
//! Must not know the other syntaxes, nor how a text is written (`syntax`).

use super::{is_flat, with_place};
use crate::data::{DataEntry, DataNode, DataValue, UNREAD_SIGN};
use crate::syntax::json;
use docx_fill::diag::SourcePlace;

/// Returns the file, and the tree with the spans of its values in it.
pub(super) fn write_json(root: &DataNode) -> (String, DataNode) {
    let mut out = String::new();
    let root = write_value(&mut out, root, 0);
    out.push('\n');
    (out, root)
}

fn write_value(out: &mut String, node: &DataNode, depth: usize) -> DataNode {
    let start = out.len();
    match &node.value {
        DataValue::Null => out.push_str("null"),
        DataValue::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        DataValue::Number(digits) => json::push_number(out, digits),
        DataValue::Text(text) | DataValue::Date(text) => json::push_text(out, text),
        DataValue::Unread => json::push_text(out, UNREAD_SIGN),
        DataValue::List(items) => {
            let block = ItemLayout { depth, flat: is_flat(node) || items.is_empty() };
            let mut found = Vec::with_capacity(items.len());
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                block.write_separator(out, number);
                found.push(write_value(out, item, depth + 1));
            }
            block.close_bracket(out, ']');
            let place = SourcePlace::from(start..out.len());
            return DataNode { value: DataValue::List(found), place };
        }
        DataValue::Table(entries) => {
            let flat = depth > 1 && is_flat(node) || entries.is_empty();
            let block = ItemLayout { depth, flat };
            let mut found = Vec::with_capacity(entries.len());
            out.push('{');
            for (number, entry) in entries.iter().enumerate() {
                block.write_separator(out, number);
                let start = out.len();
                json::push_text(out, &entry.key);
                let key_place = SourcePlace::from(start..out.len());
                out.push_str(": ");
                let node = write_value(out, &entry.node, depth + 1);
                found.push(DataEntry { key: entry.key.clone(), key_place, node });
            }
            block.close_bracket(out, '}');
            let place = SourcePlace::from(start..out.len());
            return DataNode { value: DataValue::Table(found), place };
        }
    }
    with_place(node, start, out.len())
}

/// The layout of the items of a list or table: within a line, or one per line.
struct ItemLayout {
    depth: usize,
    flat: bool,
}

impl ItemLayout {
    fn write_separator(&self, out: &mut String, number: usize) {
        match (number, self.flat) {
            (0, true) => {}
            (_, true) => out.push_str(", "),
            (0, false) => write_line_break(out, self.depth + 1),
            (_, false) => {
                out.push(',');
                write_line_break(out, self.depth + 1);
            }
        }
    }

    fn close_bracket(&self, out: &mut String, bracket: char) {
        if !self.flat {
            write_line_break(out, self.depth);
        }
        out.push(bracket);
    }
}

/// Writes a line end and the indent of a level.
fn write_line_break(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}
