//! Owns judging single cells: blank ones, "/", and figures that an organ of this level cannot have.
//! Must not know sums.

use super::Settings;
use crate::report::{Figure, Report, cell_ref};
use crate::text;
use docx_fill::diag::{Diagnostic, Sink};

/// Cells that hold no figure where one has to be.
pub(super) fn blank(report: &Report, number: usize, sink: &mut Sink) {
    let table = &report.form.tables[number];
    for (at, cell) in report.tables[number].iter().enumerate() {
        let id = table.cells[at];
        let row = || format!("{}“{}”", table.name, table.row_name(id.row));
        let column = &table.columns[id.column].label;
        let (rule, message, hint) = match cell.figure {
            Figure::Blank => (
                "blank-cell",
                text!("check.blank-cell", row = row(), column = column),
                text!("check.blank-hint"),
            ),
            Figure::Slash if !table.rows[id.row].slash => (
                "slash-cell",
                text!("check.slash-cell", row = row(), column = column),
                text!("check.slash-hint"),
            ),
            _ => continue,
        };
        let place = report.cell_place(number, at);
        let cell = cell_ref(table, Some(id.row), Some(id.column));
        sink.push(Diagnostic::error(rule, place, message).cell(cell).hint(hint));
    }
}

/// Rows in which only organs of certain levels have figures. An organ without a level is not judged.
pub(super) fn levels(report: &Report, number: usize, settings: &Settings, sink: &mut Sink) {
    let Some(level) = &report.organ.level else { return };
    let table = &report.form.tables[number];
    for (at, row) in table.rows.iter().enumerate() {
        let levels = settings.levels(&row.id).unwrap_or(&row.levels);
        if levels.is_empty() || levels.contains(level) {
            continue;
        }
        let above = |cell: &usize| {
            let number = report.tables[number][*cell].figure.number();
            number.is_some_and(|number| number > crate::figure::Decimal::ZERO)
        };
        let mut cells = table.row_columns(at).filter_map(|column| table.cell(at, column));
        if let Some(cell) = cells.find(above) {
            let value = report.tables[number][cell].figure.text();
            let column = &table.columns[table.cells[cell].column].label;
            let message =
                text!("check.level", row = table.row_name(at), column = column, value = value);
            let place = report.cell_place(number, cell);
            let found = Diagnostic::warning("no-power", place, message);
            let cell = cell_ref(table, Some(at), Some(table.cells[cell].column));
            sink.push(found.cell(cell).hint(text!("check.level-hint", row = &row.label)));
        }
    }
}
