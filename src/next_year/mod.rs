//! Owns the report with which the next year begins: organ and texts of last year's report, the years turned, the
//! figures that the form carries over, and marks at all that must be written anew or checked.
//! Must not know how the report is written down, nor where it goes.

mod sentences;

use crate::check::levels_by_organ_name;
use crate::figure::Decimal;
use crate::form::{FieldKind, Form, FormField};
use crate::msg;
use crate::report::{
    CARRIED_MARK, Figure, Note, NoteTarget, Organ, REWRITE_MARK, Report, ReportCell, TextField,
    compute_totals,
};
use crate::starter::{draft_texts, input_columns, is_total_row};
use docx_fill::diag::{Lang, SourcePlace, Sources};
use sentences::YearTurn;
use std::sync::Arc;

/// The report of the next year, and counts for whoever is told of it.
#[derive(Debug)]
pub struct NextYearReport {
    /// The report; cells that were not carried over are blank.
    pub report: Report,
    /// Number of figures carried over.
    pub carried: usize,
    /// Number of passages marked for rewriting.
    pub marked: usize,
    /// Headings of sections of last year's form that this form does not have.
    pub dropped: Vec<String>,
    /// Values of the organ's fields that this form does not have, or cannot have, each with the label of its field.
    pub dropped_values: Vec<(String, String)>,
}

/// Begins the report of a year with last year's.
pub fn begin_next_year(previous: &Report, form: &Arc<Form>, year: u16) -> NextYearReport {
    let source = Sources::default().add_binary("");
    let mut report = Report::blank(source, Arc::clone(form), year);
    let (organ, dropped_values) = next_organ(previous, form);
    report.organ = organ;
    // A Word report does not say the level.
    if report.organ.level.is_none() {
        let by_name = levels_by_organ_name(form, &previous.organ.name);
        report.organ.level = by_name.first().map(|level| (*level).to_owned());
    }
    let turn = YearTurn::new(previous, year);
    report.custom_title = previous.custom_title.as_deref().map(|title| turn.turn_years(title));
    let (texts, dropped) = next_texts(previous, form, &turn);
    report.texts = texts;
    let carried = carry_figures(&mut report, previous);
    let marked = report.texts.iter().map(|text| text.markdown.matches(REWRITE_MARK).count()).sum();
    NextYearReport { report, carried, marked, dropped, dropped_values }
}

/// Returns the organ as the next form asks for it, and the values for which it has no field or no choice.
fn next_organ(previous: &Report, form: &Form) -> (Organ, Vec<(String, String)>) {
    let (mut organ, mut dropped) = (previous.organ.clone(), Vec::new());
    for field in &previous.form.fields {
        let value = previous.organ.value_of(field).to_owned();
        let is_same = |own: &&FormField| match field.kind {
            FieldKind::Name | FieldKind::Level => own.kind == field.kind,
            _ => own.id == field.id,
        };
        let own = form.fields.iter().find(is_same);
        let fits = |own: &FormField| {
            own.choices.is_empty() || own.choices.iter().any(|choice| choice.id == value)
        };
        if !value.is_empty() && !own.is_some_and(fits) {
            dropped.push((field.label.clone(), field.shown_value(&value).to_owned()));
            organ.set_value(field, String::new());
        }
    }
    (organ, dropped)
}

/// Returns the texts of the next report, and the headings of those for which it has no section.
fn next_texts(
    previous: &Report,
    form: &Form,
    turn: &YearTurn<'_>,
) -> (Vec<TextField>, Vec<String>) {
    let (mut out, mut dropped) = (draft_texts(form), Vec::new());
    for text in &previous.texts {
        let old = &previous.form.sections[text.section];
        let Some(section) = form.sections.iter().position(|own| own.id == old.id) else {
            dropped.push(old.heading.clone().unwrap_or_else(|| old.id.clone()));
            continue;
        };
        // A text without heading is prescribed by the form: of another edition it would cite another notice.
        if old.heading.is_none() && !previous.form.is_same(form) {
            continue;
        }
        if text.markdown.trim().is_empty() {
            continue;
        }
        let markdown = turn.turn_text(&text.markdown);
        let after_table = text.after_table;
        out.retain(|own| own.section != section || own.after_table != after_table);
        out.push(TextField { section, after_table, markdown, place: SourcePlace::generated() });
    }
    out.sort_by_key(|text| (text.section, text.after_table));
    (out, dropped)
}

/// Fills the figures that the form carries over from last year, and leaves all others blank; returns the number
/// carried over. Totals stay to be computed.
fn carry_figures(report: &mut Report, previous: &Report) -> usize {
    let form = Arc::clone(&report.form);
    let mut carried = 0;
    for (number, table) in form.tables.iter().enumerate() {
        for row in (0..table.rows.len()).filter(|&row| !is_total_row(table, row)) {
            for column in input_columns(table, row) {
                let Some(at) = table.cell_number(row, column) else { continue };
                let last = previous.figure_carried_to(table, at);
                let figure = last.map_or(Figure::Blank, |last| Figure::Number(last.value));
                report.tables[number][at] =
                    ReportCell { figure, place: Some(SourcePlace::generated()) };
                carried += usize::from(last.is_some());
                if let Some(last) = last.filter(|last| last.is_open && last.value > Decimal::ZERO) {
                    mark_carried(report, number, at, last.value);
                }
            }
        }
        // A workbook shows totals: those of blank cells are not known.
        compute_totals(table, &mut report.tables[number]);
    }
    carried
}

/// Marks a figure to which this year may add, in the note of its row.
fn mark_carried(report: &mut Report, number: usize, cell: usize, value: Decimal) {
    let (form, id) = (Arc::clone(&report.form), report.form.tables[number].cells[cell]);
    let column = &form.tables[number].columns[id.column].label;
    let text =
        msg!("new.carried-note", mark = CARRIED_MARK, column = column, value = value.to_string());
    // Data files and workbooks are written in Chinese.
    let text = text.in_lang(Lang::Zh);
    let target = NoteTarget::Row { table: number, row: id.row };
    match report.notes.iter_mut().find(|note| note.target == target) {
        Some(note) => note.text.push_str(&text),
        None => report.notes.push(Note { target, text, place: SourcePlace::generated() }),
    }
}
