//! Owns the notes of a data file: a clerk's answers to findings, on the row that they are about or in the
//! file's table of notes.
//! Must not know which findings can be answered: that is `check`.

use super::{ORGAN_KEYS, Reader, TOP_KEYS, is_key, names, section_at, table_at};
use crate::data::{Entry, Node, Value};
use crate::form::{Form, Table};
use crate::report::{About, Note};
use crate::text;

/// Keys of a row that hold a note instead of a figure.
pub(crate) const KEYS: [&str; 2] = ["note", "说明"];

/// Keys of the file, besides sections and tables, that a note may be about.
const TOPS: [&str; 3] = ["title", "date", "organ"];

/// Whether an entry of a row is its note. A form's own column of that name comes first.
pub(super) fn is_note(entry: &Entry, form: &Table) -> bool {
    KEYS.contains(&entry.key.as_str()) && form.find_column(&entry.key).is_none()
}

impl Reader<'_> {
    /// The note that is an entry of a row.
    pub(super) fn row_note(&mut self, entry: &Entry, about: About) {
        if let Some(text) = self.text_of(&entry.node) {
            self.note(entry, about, text);
        }
    }

    /// The file's table of notes: by row within the name of a table, by section, by key of the file.
    pub(super) fn notes(&mut self, node: &Node, form: &Form) {
        let Some(entries) = self.table_of(node) else { return };
        for entry in entries {
            match (&entry.node.value, table_at(form, &entry.key)) {
                (Value::Table(rows), Some(table)) => self.row_notes(rows, form, table),
                _ => self.text_note(entry, form),
            }
        }
    }

    fn row_notes(&mut self, rows: &[Entry], form: &Form, table: usize) {
        let own = &form.tables[table];
        for entry in rows {
            match own.find_row(&entry.key) {
                Some(row) => self.row_note(entry, About::Row { table, row }),
                None => self.unknown(entry, &names(own.rows.iter().map(|r| (&r.id, &r.label)))),
            }
        }
    }

    fn text_note(&mut self, entry: &Entry, form: &Form) {
        let top = TOP_KEYS.iter().find(|key| is_key(&entry.key, **key)).map(|key| key.0);
        let about = match (section_at(form, &entry.key), top.filter(|top| TOPS.contains(top))) {
            (Some(section), _) => About::Section(section),
            (None, Some(top)) => About::Key(top),
            (None, None) => {
                let sections = form.sections.iter().map(|section| section.id.as_str());
                let known: Vec<&str> = sections.chain(TOPS).collect();
                return self.unknown(entry, &known);
            }
        };
        self.row_note(entry, about);
    }

    fn note(&mut self, entry: &Entry, about: About, text: String) {
        if self.notes.iter().any(|note| note.about == about) {
            let message = text!("report.key-twice", key = &entry.key);
            self.push("key-twice", entry.key_span, message);
        } else if !text.trim().is_empty() {
            self.notes.push(Note { about, text, span: entry.node.span });
        }
    }
}

/// What a place of the organ's data belongs to.
pub(crate) fn owner(key: &str) -> &'static str {
    if ORGAN_KEYS.iter().any(|known| known.0 == key) {
        return "organ";
    }
    if key == "date" { "date" } else { "title" }
}
