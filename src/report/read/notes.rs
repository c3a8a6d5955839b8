//! Owns the notes of a data file: a clerk's explanations of findings, in the row concerned or in
//! the file's table of notes.
//! Must not know which findings a note applies to: `check` does.

use super::ReportReader;
use super::key_names::{find_section, find_table, ids_and_labels};
use crate::data::{DataEntry, DataNode, DataValue, matches_key};
use crate::form::{Form, FormTable, TOP_KEYS};
use crate::msg;
use crate::report::{Note, NoteTarget};

/// Keys of a row that hold a note instead of a figure.
pub(crate) const KEYS: [&str; 2] = ["note", "说明"];

/// Keys of the file, besides sections and tables, that may have a note.
const NOTABLE_KEYS: [&str; 3] = ["title", "date", "organ"];

/// Checks whether an entry of a row is its note. If the form has a column of that name, it is not.
pub(super) fn is_note(entry: &DataEntry, form: &FormTable) -> bool {
    KEYS.contains(&entry.key.as_str()) && form.find_column(&entry.key).is_none()
}

impl ReportReader<'_> {
    /// Reads the note in an entry of a row.
    pub(super) fn read_row_note(&mut self, entry: &DataEntry, about: NoteTarget) {
        if let Some(text) = self.file.expect_text(&entry.node) {
            self.push_note(entry, about, text);
        }
    }

    /// Reads the file's table of notes: by table and row, by section, or by key of the file.
    pub(super) fn read_notes(&mut self, node: &DataNode, form: &Form) {
        let Some(entries) = self.file.expect_table(node) else { return };
        for entry in entries {
            match (&entry.node.value, find_table(form, &entry.key)) {
                (DataValue::Table(rows), Some(table)) => self.read_table_notes(rows, form, table),
                _ => self.read_text_note(entry, form),
            }
        }
    }

    fn read_table_notes(&mut self, rows: &[DataEntry], form: &Form, table: usize) {
        let own = &form.tables[table];
        for entry in rows {
            match own.find_row(&entry.key) {
                Some(row) => self.read_row_note(entry, NoteTarget::Row { table, row }),
                None => self.push_unknown_key(
                    entry,
                    &ids_and_labels(own.rows.iter().map(|r| (&r.id, &r.label))),
                ),
            }
        }
    }

    fn read_text_note(&mut self, entry: &DataEntry, form: &Form) {
        let top = TOP_KEYS.iter().find(|key| matches_key(&entry.key, **key)).map(|key| key.0);
        let about =
            match (find_section(form, &entry.key), top.filter(|top| NOTABLE_KEYS.contains(top))) {
                (Some(section), _) => NoteTarget::Section(section),
                (None, Some(top)) => NoteTarget::Key(top),
                (None, None) => {
                    let sections = form.sections.iter().map(|section| section.id.as_str());
                    let known: Vec<&str> = sections.chain(NOTABLE_KEYS).collect();
                    return self.push_unknown_key(entry, &known);
                }
            };
        self.read_row_note(entry, about);
    }

    fn push_note(&mut self, entry: &DataEntry, about: NoteTarget, text: String) {
        if self.notes.iter().any(|note| note.target == about) {
            let message = msg!("report.key-twice", key = &entry.key);
            self.file.report_fault("key-twice", entry.key_place, message, None);
        } else if !text.trim().is_empty() {
            self.notes.push(Note { target: about, text, place: entry.node.place });
        }
    }
}
