//! Owns the notes of a data file: a clerk's answer to a finding, written on the row that it is about.
//! Must not know which findings can be answered: that is `check`.

use super::Note;
use crate::data::{Entry, Value};
use crate::form::Table;

/// Keys of a row that hold a note instead of a figure.
const KEYS: [&str; 2] = ["note", "说明"];

/// The note of a row table's entry, if it is one. A form's own column of that name comes first.
pub(super) fn read(entry: &Entry, table: usize, form: &Table, row: usize) -> Option<Note> {
    if !KEYS.contains(&entry.key.as_str()) || form.find_column(&entry.key).is_some() {
        return None;
    }
    match &entry.node.value {
        Value::Text(text) => Some(Note { table, row, text: text.clone(), span: entry.node.span }),
        _ => None,
    }
}
