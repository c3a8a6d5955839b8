//! Owns what a note of the data file does: a finding that the clerk has answered is one step less grave, a
//! warning a remark, an error a warning. So nobody can silence an error of his own file.
//! Must not know a rule: doubts are warnings. Of the errors only those against last year's report can be
//! answered; `sums` knows them.

use crate::msg;
use crate::report::{Note, NoteTarget, Report, owner_key};
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, Span};

/// Hands findings on, the answered ones less grave.
pub(super) fn apply_notes(report: &Report, found: Sink, sink: &mut Sink) {
    let answer = |found: Diagnostic| match note_for(report, &found) {
        Some(note) => with_note(report, found, note),
        None => found,
    };
    sink.extend(found.into_iter().map(answer));
}

/// The finding with its answer.
pub(super) fn with_note(report: &Report, mut found: Diagnostic, note: &Note) -> Diagnostic {
    found.severity = found.severity.downgraded();
    found.answer = Some(note.text.trim().to_owned());
    found.hints.clear();
    let place = Location::Span(report.source, note.span);
    found.with_label(place, msg!("check.noted", note = note.text.trim()))
}

/// The note about what a warning is about.
fn note_for<'a>(report: &'a Report, found: &Diagnostic) -> Option<&'a Note> {
    // One answer eases one step.
    if found.severity != Severity::Warning || found.answer.is_some() {
        return None;
    }
    if let Some(cell) = &found.cell {
        let table = report.form.tables.iter().position(|table| table.id == cell.table)?;
        let row = report.form.tables[table].find_row(cell.row.as_ref()?)?;
        return report.note_on(NoteTarget::Row { table, row });
    }
    let Location::Span(source, span) = found.location else { return None };
    let inside = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    if source != report.source {
        return None;
    }
    let text = report.texts.iter().find(|text| inside(text.span));
    let key = || report.key_spans.iter().find(|(_, place)| inside(*place));
    match text {
        Some(text) => report.note_on(NoteTarget::Section(text.section)),
        None => report.note_on(NoteTarget::Key(owner_key(key()?.0))),
    }
}
