//! Owns checking single cells: blank ones, "/", and figures that an organ of this level cannot
//! have.
//! Must not know sums.

use super::Settings;
use crate::msg;
use crate::report::{Figure, Report, cell_ref};
use docx_fill::diag::{Diagnostic, Sink};

/// Reports cells without a figure that must have one.
pub(super) fn check_blank_cells(report: &Report, number: usize, sink: &mut Sink) {
    let table = &report.form.tables[number];
    for (at, cell) in report.tables[number].iter().enumerate() {
        let id = table.cells[at];
        let row = || format!("{}“{}”", table.name, table.row_name(id.row));
        let column = &table.columns[id.column].label;
        let (rule, message, hint) = match cell.figure {
            Figure::Blank => (
                "blank-cell",
                msg!("check.blank-cell", row = row(), column = column),
                msg!("check.blank-hint"),
            ),
            Figure::NotApplicable if !table.rows[id.row].allows_slash => (
                "slash-cell",
                msg!("check.slash-cell", row = row(), column = column),
                msg!("check.slash-hint"),
            ),
            _ => continue,
        };
        let place = report.cell_location(number, at);
        let cell = cell_ref(table, Some(id.row), Some(id.column));
        sink.push(Diagnostic::error(rule, place, message).with_cell(cell).with_hint(hint));
    }
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
            number.is_some_and(|number| number > crate::figure::Decimal::ZERO)
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
