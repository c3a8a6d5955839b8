//! Owns a Word table as rows of slots: column and span of each cell, and vertical continuations.
//! Must not know the official form.

use super::word_document::{WordBlock, WordCell, WordMerge, WordTable};

/// A cell's position in its row.
#[derive(Debug, Clone)]
pub(crate) struct GridSlot<'d> {
    /// First column of the grid.
    pub(crate) column: usize,
    /// Number of columns covered.
    pub(crate) columns: usize,
    /// The cell; for a continuation, the cell that it continues.
    pub(crate) cell: &'d WordCell,
    /// Text of the cell; empty for a continuation.
    pub(crate) text: String,
    /// True if the slot continues the cell above.
    pub(crate) continued: bool,
}

impl GridSlot<'_> {
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Returns the column after the last one covered.
    pub(crate) fn end(&self) -> usize {
        self.column + self.columns
    }
}

/// Returns the rows of a table.
pub(crate) fn slot_rows(table: &WordTable) -> Vec<Vec<GridSlot<'_>>> {
    let mut out: Vec<Vec<GridSlot<'_>>> = Vec::new();
    for row in &table.rows {
        let mut column = row.before;
        let mut slots = Vec::new();
        for cell in &row.cells {
            let own = GridSlot {
                column,
                columns: cell.columns,
                cell,
                text: cell.text(),
                continued: false,
            };
            let above = (cell.merge == WordMerge::Continue).then(|| out.last()).flatten();
            let above = above.and_then(|slots: &Vec<GridSlot<'_>>| {
                Some(slots.iter().find(|slot| slot.column == column)?.cell)
            });
            column = own.end();
            slots.push(match above {
                // The text belongs to the first of the merged cells only.
                Some(cell) => GridSlot { cell, text: String::new(), continued: true, ..own },
                None => own,
            });
        }
        out.push(slots);
    }
    out
}

/// Returns the number of columns of the widest row.
pub(crate) fn column_count(rows: &[Vec<GridSlot<'_>>]) -> usize {
    rows.iter().filter_map(|row| row.last().map(GridSlot::end)).max().unwrap_or(0)
}

/// Returns the tables within the cells of a table.
pub(crate) fn nested_tables(table: &WordTable) -> impl Iterator<Item = &WordTable> {
    let blocks = table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.blocks);
    blocks.filter_map(|block| match block {
        WordBlock::Table(table) => Some(table),
        WordBlock::Paragraph(_) => None,
    })
}
