//! Owns checking single cells: blank ones, "/", and figures that an organ of this level cannot
//! have.
//! Must not know sums.

use super::Settings;
use crate::figure::Decimal;
use crate::msg;
use crate::report::{CarriedFigure, Figure, Report, cell_ref};
use docx_fill::diag::{Diagnostic, Message, MessageArg, Sink};

/// Number of rows with blank cells above which a table is reported as a whole.
const MAX_BLANK_ROWS: usize = 3;
/// Number of strokes in the place of figures above which a table is reported as a whole.
const MAX_SLASHES: usize = 3;

/// Reports cells without a figure that must have one: blank ones once for each row, or once for the
/// table if there are many.
pub(super) fn check_blank_cells(
    report: &Report,
    number: usize,
    previous: Option<&Report>,
    sink: &mut Sink,
) {
    let table = &report.form.tables[number];
    let cells = &report.tables[number];
    check_slashes(report, number, sink);
    let blank = (0..cells.len()).filter(|at| cells[*at].figure == Figure::Blank);
    let blank: Vec<usize> = blank.collect();
    let rows: Vec<&[usize]> =
        blank.chunk_by(|one, next| table.cells[*one].row == table.cells[*next].row).collect();
    let many = rows.len() > MAX_BLANK_ROWS || is_whole_blank(report, number);
    let groups = if many { vec![blank.as_slice()] } else { rows };
    for group in groups {
        let hints = CarriedCells { report, number, previous }.blank_hints(group);
        let found = blank_finding(report, number, group);
        sink.extend(found.map(|found| hints.into_iter().fold(found, Diagnostic::with_hint)));
    }
}

/// The cells of a table to which last year's report hands on its figures.
struct CarriedCells<'a> {
    report: &'a Report,
    /// Number of the table.
    number: usize,
    previous: Option<&'a Report>,
}

impl CarriedCells<'_> {
    /// Returns the hints for blank cells: what has not happened is 0, but for cells to which last year's report hands
    /// on more, a hint for each row of them.
    fn blank_hints(&self, blank: &[usize]) -> Vec<Message> {
        let Some(previous) = self.previous else { return vec![msg!("check.blank-hint")] };
        let table = &self.report.form.tables[self.number];
        let last = |&cell: &usize| {
            let last = previous.figure_carried_to(table, cell)?;
            (last.value > Decimal::ZERO).then_some((cell, last))
        };
        let named: Vec<(usize, CarriedFigure)> = blank.iter().filter_map(last).collect();
        let same_row = |one: &(usize, CarriedFigure), next: &(usize, CarriedFigure)| {
            table.cells[one.0].row == table.cells[next.0].row
        };
        let others = (named.len() < blank.len()).then(|| msg!("check.blank-hint"));
        let rows = named.chunk_by(same_row).filter_map(|row| self.hint_for_row(row));
        others.into_iter().chain(rows).collect()
    }

    fn hint_for_row(&self, cells: &[(usize, CarriedFigure)]) -> Option<Message> {
        let table = &self.report.form.tables[self.number];
        let (first, last) = cells.first()?;
        let label = |cell: usize| table.columns[table.cells[cell].column].label.as_str();
        let figures = cells.iter().map(|(cell, last)| {
            msg!("check.blank-last-figure", column = label(*cell), value = last.value.to_string())
        });
        let figures: Vec<MessageArg> = figures.map(MessageArg::from).collect();
        let row = table.row_name(table.cells[*first].row);
        Some(if last.is_open {
            msg!("check.blank-last-open", row = row, figures = figures)
        } else {
            msg!("check.blank-last", row = row, figures = figures)
        })
    }
}

/// Reports each “/” where there must be a figure, or all of a table at once if there are many.
fn check_slashes(report: &Report, number: usize, sink: &mut Sink) {
    let table = &report.form.tables[number];
    let cells = report.tables[number].iter().zip(&table.cells).enumerate();
    let slash = cells.filter(|(_, (cell, id))| {
        cell.figure == Figure::NotApplicable && !table.rows[id.row].allows_slash
    });
    let slash: Vec<usize> = slash.map(|(at, _)| at).collect();
    let single = if slash.len() > MAX_SLASHES { slash.len() } else { 1 };
    for group in slash.chunks(single) {
        let Some(&at) = group.first() else { continue };
        let id = table.cells[at];
        let label = &table.columns[id.column].label;
        let (message, cell) = if group.len() == 1 {
            let row = format!("{}“{}”", table.name, table.row_name(id.row));
            let cell = cell_ref(table, Some(id.row), Some(id.column));
            (msg!("check.slash-cell", row = row, column = label), cell)
        } else {
            let row = table.row_name(id.row);
            let (name, count) = (&table.name, group.len());
            let message =
                msg!("check.slash-cells", table = name, count = count, row = row, column = label);
            (message, cell_ref(table, None, None))
        };
        let found = Diagnostic::error("slash-cell", report.cell_location(number, at), message);
        sink.push(found.with_cell(cell).with_hint(msg!("check.slash-hint")));
    }
}

/// Checks whether a table of several rows holds nothing: its cells are blank, or totals of blank cells.
fn is_whole_blank(report: &Report, number: usize) -> bool {
    let (table, cells) = (&report.form.tables[number], &report.tables[number]);
    let is_total = |at: usize| table.is_computed(at) && cells[at].figure == Figure::Unknown;
    let is_empty = |at: usize| cells[at].figure == Figure::Blank || is_total(at);
    table.rows.len() > 1 && (0..cells.len()).all(is_empty)
}

/// Returns the finding for blank cells of a row, or of several.
fn blank_finding(report: &Report, number: usize, blank: &[usize]) -> Option<Diagnostic> {
    let table = &report.form.tables[number];
    let (&first, &last) = blank.first().zip(blank.last())?;
    let id = table.cells[first];
    let row = format!("{}“{}”", table.name, table.row_name(id.row));
    let label = |at: &usize| table.columns[table.cells[*at].column].label.as_str();
    let one_row = table.cells[last].row == id.row;
    let (message, row, column) = if first == last {
        (msg!("check.blank-cell", row = row, column = label(&first)), Some(id.row), Some(id.column))
    } else if one_row {
        let labels: Vec<&str> = blank.iter().map(label).collect();
        let message = msg!("check.blank-row", row = row, count = blank.len(), columns = labels);
        (message, Some(id.row), None)
    } else if is_whole_blank(report, number) {
        (msg!("check.blank-whole", table = &table.name), None, None)
    } else {
        let message = msg!(
            "check.blank-table",
            table = &table.name,
            count = blank.len(),
            all = table.cells.len(),
            row = table.row_name(id.row),
            column = label(&first)
        );
        (message, None, None)
    };
    let found = Diagnostic::error("blank-cell", report.cell_location(number, first), message);
    Some(found.with_cell(cell_ref(table, row, column)))
}

/// Reports figures in rows that only organs of other levels may fill. An organ without a level is
/// not checked.
pub(super) fn check_levels(report: &Report, number: usize, settings: &Settings, sink: &mut Sink) {
    let Some(level) = &report.organ.level else { return };
    let table = &report.form.tables[number];
    for (at, row) in table.rows.iter().enumerate() {
        let levels = settings.levels_for_row(&row.id).unwrap_or(&row.levels);
        if levels.is_empty() || levels.contains(level) {
            continue;
        }
        let above = |cell: &usize| {
            let number = report.tables[number][*cell].figure.as_number();
            number.is_some_and(|number| number > Decimal::ZERO)
        };
        let mut cells = table.row_columns(at).filter_map(|column| table.cell_number(at, column));
        if let Some(cell) = cells.find(above) {
            let value = report.tables[number][cell].figure.cell_text();
            let column = &table.columns[table.cells[cell].column].label;
            let message =
                msg!("check.level", row = table.row_name(at), column = column, value = value);
            let place = report.cell_location(number, cell);
            let found = Diagnostic::warning("no-power", place, message);
            let cell = cell_ref(table, Some(at), Some(table.cells[cell].column));
            sink.push(found.with_cell(cell).with_hint(msg!("check.level-hint", row = &row.label)));
        }
    }
}
