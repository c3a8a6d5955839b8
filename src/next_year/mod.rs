//! Owns the report with which the next year begins: organ and texts of last year's report, the years turned, the
//! figures that the form carries over, and marks at all that must be written anew.
//! Must not know how the report is written down, nor where it goes.

mod sentences;

use crate::check::levels_by_organ_name;
use crate::figure::Decimal;
use crate::form::{Axis, Form, FormTable, Operand, Term, YearIdentity};
use crate::report::{Figure, REWRITE_MARK, Report, ReportCell, TextField, compute_totals};
use crate::starter::{draft_texts, input_columns, is_total_row};
use docx_fill::diag::{SourcePlace, Sources};
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
}

/// Begins the report of a year with last year's.
pub fn begin_next_year(previous: &Report, form: &Arc<Form>, year: u16) -> NextYearReport {
    let source = Sources::default().add_binary("");
    let mut report = Report::blank(source, Arc::clone(form), year);
    report.organ = previous.organ.clone();
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
    NextYearReport { report, carried, marked, dropped }
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
    for (table, cells) in form.tables.iter().zip(&mut report.tables) {
        for row in (0..table.rows.len()).filter(|&row| !is_total_row(table, row)) {
            for column in input_columns(table, row) {
                if let Some(at) = table.cell_number(row, column) {
                    cells[at] =
                        ReportCell { figure: Figure::Blank, place: Some(SourcePlace::generated()) };
                }
            }
        }
        for identity in &table.year_identities {
            carried += carry_identity(table, identity, previous, cells);
        }
        // A workbook shows totals: those of blank cells are not known.
        compute_totals(table, cells);
    }
    carried
}

/// Fills the cells of one side of an identity between years that has a single cell, from last year's cells of the
/// other side: what this year adds is not known yet.
fn carry_identity(
    table: &FormTable,
    identity: &YearIdentity,
    previous: &Report,
    cells: &mut [ReportCell],
) -> usize {
    let [Term { of: Operand::ThisYear(own), .. }] = identity.left.as_slice() else { return 0 };
    let count = match identity.per {
        Axis::Row => table.rows.len(),
        Axis::Column => table.columns.len(),
    };
    let mut carried = 0;
    for at in 0..count {
        let cell = match identity.per {
            Axis::Row => table.cell_number(at, *own),
            Axis::Column => table.cell_number(*own, at),
        };
        let Some(cell) = cell.filter(|cell| cells[*cell].place.is_some()) else { continue };
        if let Some(value) = last_years_sum(table, identity, at, previous) {
            cells[cell].figure = Figure::Number(value);
            carried += 1;
        }
    }
    carried
}

/// Returns the sum of last year's cells on the right of an identity; `None` if last year's form lacks one of them or
/// one has no number.
fn last_years_sum(
    table: &FormTable,
    identity: &YearIdentity,
    at: usize,
    previous: &Report,
) -> Option<Decimal> {
    let mut sum = None;
    for term in &identity.right {
        let Operand::LastYear(id) = &term.of else { continue };
        let (row, column) = match identity.per {
            Axis::Row => (table.rows[at].id.as_str(), id.as_str()),
            Axis::Column => (id.as_str(), table.columns[at].id.as_str()),
        };
        let value = previous.find_figure(&table.id, row, column)?.as_number()?;
        let value = if term.minus { -value } else { value };
        sum = Some(sum.map_or(value, |sum: Decimal| sum + value));
    }
    sum
}
