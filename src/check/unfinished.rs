//! Owns finding reports that are not finished: marks of passages to be rewritten and of carried figures to be
//! checked, and texts as the form drafts them.
//! Must not judge what a finished report says.

use crate::figure::Decimal;
use crate::msg;
use crate::report::{
    CARRIED_MARK, NoteTarget, REWRITE_MARK, Report, TextField, cell_ref, place_of_piece,
};
use docx_fill::diag::{Diagnostic, MessageArg, Sink, Span};
use docx_fill::slice::TextSlice as _;

/// Length in characters from which a draft is a sample: a shorter one, 无 for instance, may be all that is to be said.
const MIN_SAMPLE_CHARS: usize = 30;
/// Length in characters of the passage that is shown with a mark.
const EXCERPT_CHARS: usize = 20;

/// Reports texts with passages that must be written anew; each text once, at its first mark.
pub(super) fn check_rewrite_marks(report: &Report, source: &str, sink: &mut Sink) {
    for text in &report.texts {
        let Some(at) = text.markdown.find(REWRITE_MARK) else { continue };
        let after = text.markdown.slice(at + REWRITE_MARK.len()..);
        let message = msg!(
            "check.rewrite",
            heading = section_heading(report, text),
            count = text.markdown.matches(REWRITE_MARK).count(),
            mark = REWRITE_MARK,
            excerpt = after
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(EXCERPT_CHARS)
                .collect::<String>()
        );
        let piece = Span { start: at, end: at + REWRITE_MARK.len() };
        let place = place_of_piece(source, text.place, &text.markdown, piece);
        let found = Diagnostic::error("unfinished", place.in_source(report.source), message);
        sink.push(found.with_hint(msg!("check.rewrite-hint", mark = REWRITE_MARK)));
    }
}

/// Reports figures that were carried over from last year and neither changed nor confirmed: the note of their row
/// still marks them, with the number that they still have.
pub(super) fn check_carried_figures(report: &Report, sink: &mut Sink) {
    for note in report.notes.iter().filter(|note| note.text.contains(CARRIED_MARK)) {
        let NoteTarget::Row { table: number, row } = note.target else { continue };
        let table = &report.form.tables[number];
        for cell in table.row_columns(row).filter_map(|column| table.cell_number(row, column)) {
            let figure = report.tables[number][cell].figure.as_number();
            let is_open =
                table.carrying_identity(cell).is_some_and(|(law, _)| law.adds_this_year());
            let Some(value) = figure.filter(|_| is_open) else { continue };
            if !names_number(&note.text, value) {
                continue;
            }
            let id = table.cells[cell];
            let message = msg!(
                "check.carried",
                table = &table.name,
                row = table.row_name(row),
                column = &table.columns[id.column].label,
                value = value.to_string()
            );
            let place = report.cell_location(number, cell);
            let found = Diagnostic::warning("carried-figure", place, message);
            let found = found.with_cell(cell_ref(table, Some(row), Some(id.column)));
            sink.push(found.with_hint(msg!("check.carried-hint", mark = CARRIED_MARK)));
        }
    }
}

/// Checks whether a note names a number, or none at all: somebody shortened it to its mark.
fn names_number(note: &str, value: Decimal) -> bool {
    let numbers = note.split(|c: char| !c.is_ascii_digit() && c != '.');
    let mut numbers = numbers.filter_map(|word| Decimal::parse(word.trim_matches('.')));
    let first = numbers.next();
    first.is_none_or(|first| first == value || numbers.any(|number| number == value))
}

/// Reports texts that are still as the form drafts them, all in one finding.
pub(super) fn check_sample_texts(report: &Report, sink: &mut Sink) {
    let form = &report.form;
    let is_sample = |text: &&TextField| {
        let section = &form.sections[text.section];
        section.heading.is_some()
            && section.starter_text.chars().count() >= MIN_SAMPLE_CHARS
            && text.markdown.trim() == section.starter_text.trim()
    };
    let samples: Vec<&TextField> = report.texts.iter().filter(is_sample).collect();
    let Some(first) = samples.first() else { return };
    let headings: Vec<MessageArg> =
        samples.iter().map(|text| section_heading(report, text)).collect();
    let count = headings.len();
    let message = msg!("check.sample-text", headings = headings, count = count);
    let found = Diagnostic::warning("sample-text", first.place.in_source(report.source), message);
    sink.push(found.with_hint(msg!("check.sample-text-hint")));
}

/// Returns the heading of a text's section; the one below the title has none.
fn section_heading(report: &Report, text: &TextField) -> MessageArg {
    match &report.form.sections[text.section].heading {
        Some(heading) => heading.into(),
        None => msg!("word.lead").into(),
    }
}
