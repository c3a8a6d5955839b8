//! Owns reporting the cells that an import could not read and that nobody has filled in since.
//! Must not know why a figure was not read.

use super::{ReportReader, cell_ref};
use crate::form::FormTable;
use crate::msg;
use docx_fill::diag::Diagnostic;

impl ReportReader<'_> {
    /// Reports the unread cells of a table once, at the first of them.
    pub(super) fn report_unread(&mut self, table: &FormTable) {
        let unread = std::mem::take(&mut self.unread);
        let Some(&(first, place)) = unread.first() else { return };
        let (name, label) = (table.row_name(first.row), &table.columns[first.column].label);
        let message = if unread.len() == 1 {
            msg!("report.unread-one", table = &table.name, row = name, column = label)
        } else {
            msg!(
                "report.unread",
                table = &table.name,
                count = unread.len(),
                row = name,
                column = label
            )
        };
        // A finding about several rows or columns belongs to what they have in common.
        let row = unread.iter().all(|(cell, _)| cell.row == first.row).then_some(first.row);
        let column =
            unread.iter().all(|(cell, _)| cell.column == first.column).then_some(first.column);
        let found = Diagnostic::error("unread-cell", self.file.location(place), message);
        let found = found.with_cell(cell_ref(table, row, column));
        self.file.sink.push(found.with_hint(msg!("report.unread-hint")));
    }
}
