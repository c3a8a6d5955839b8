//! Owns the effect of notes in the data file: a finding that the clerk has explained is lowered by
//! one severity, a warning to a remark, an error to a warning. So nobody can silence an error of
//! the own file.
//! Must not know a rule. Of the errors, only those against last year's report can be lowered, which
//! `identities` decides.

use crate::msg;
use crate::report::{Note, NoteTarget, Report};
use docx_fill::diag::{Diagnostic, Location, Severity, Sink};

/// Passes the findings on, lowering those that have a note.
pub(super) fn apply_notes(report: &Report, found: Sink, sink: &mut Sink) {
    let answer = |found: Diagnostic| match note_for(report, &found) {
        Some(note) => with_note(report, found, note),
        None => found,
    };
    sink.extend(found.into_iter().map(answer));
}

/// Attaches a note to a finding and lowers its severity.
pub(super) fn with_note(report: &Report, mut found: Diagnostic, note: &Note) -> Diagnostic {
    found.severity = found.severity.downgraded();
    found.answer = Some(note.text.trim().to_owned());
    found.hints.clear();
    let place = note.place.in_source(report.source);
    found.with_label(place, msg!("check.noted", note = note.text.trim()))
}

/// Returns the note on the subject of a warning.
fn note_for<'a>(report: &'a Report, found: &Diagnostic) -> Option<&'a Note> {
    // A note lowers a finding by one step only.
    if found.severity != Severity::Warning || found.answer.is_some() {
        return None;
    }
    if let Some(cell) = &found.cell {
        let table = report.form.tables.iter().position(|table| table.id == cell.table)?;
        let row = report.form.tables[table].find_row(cell.row.as_ref()?)?;
        return report.answer_on(NoteTarget::Row { table, row });
    }
    let Location::At(source, place) = found.location else { return None };
    if source != report.source {
        return None;
    }
    let text = report.texts.iter().find(|text| text.place.contains(place));
    let key = || report.key_places.iter().find(|(_, outer)| outer.contains(place));
    match text {
        Some(text) => report.answer_on(NoteTarget::Section(text.section)),
        None => report.answer_on(NoteTarget::Key(report.note_owner(&key()?.0))),
    }
}
