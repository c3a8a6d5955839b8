//! Owns reporting the cells that an import could not read and that nobody has filled in since, and those that hold words
//! in the place of figures.
//! Must not know why a figure was not read.

use super::{ReportReader, cell_ref};
use crate::form::{CellId, FormTable};
use crate::msg;
use docx_fill::diag::Diagnostic;

/// Number of cells of a table with the same words above which they are told as one.
const MAX_SAME_WORDS: usize = 3;

/// A cell without a figure.
pub(super) struct FaultyCell {
    pub(super) cell: CellId,
    /// The words in the place of a figure; none if it is a number of another kind.
    pub(super) words: String,
    /// The finding about it alone.
    pub(super) found: Diagnostic,
}

impl ReportReader<'_> {
    /// Reports the cells of a table that hold no figure: each, or those with the same words at once if there are many.
    pub(super) fn report_faulty(&mut self, table: &FormTable) {
        let mut faulty = std::mem::take(&mut self.faulty);
        while let Some(first) = faulty.first() {
            let (words, cell) = (first.words.clone(), first.cell);
            let same = |one: &FaultyCell| !words.is_empty() && one.words == words;
            let count = faulty.iter().filter(|one| same(one)).count();
            let one = faulty.remove(0).found;
            if count <= MAX_SAME_WORDS {
                self.file.sink.push(one);
                continue;
            }
            let (row, label) = (table.row_name(cell.row), &table.columns[cell.column].label);
            let message = msg!(
                "report.same-words",
                table = &table.name,
                count = count,
                found = &words,
                row = row,
                column = label
            );
            let mut found = Diagnostic::error("not-a-count", one.location, message)
                .with_cell(cell_ref(table, None, None));
            found.hints = one.hints;
            self.file.sink.push(found);
            faulty.retain(|one| !same(one));
        }
    }

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
