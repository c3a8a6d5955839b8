//! Owns the grid of the cells of a table (WHATWG HTML, 4.9.12): where each begins, and what a cell covers in the rows
//! below it.
//! Must not know what stands in a cell.

use docx_fill::limits::MAX_GRID_COLUMNS;
use docx_fill::word::table::VerticalMerge;
use std::collections::BTreeMap;

/// Maximum number of cells of a table, with what merged cells cover.
const MAX_TABLE_CELLS: usize = 100_000;

/// A cell with the numbers of columns and rows that it spans.
#[derive(Debug)]
pub(super) struct SpannedCell<T> {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) content: T,
}

/// A cell on the grid; the cells of a row follow each other without a gap.
#[derive(Debug)]
pub(super) struct GridCell<T> {
    pub(super) columns: usize,
    pub(super) merge: VerticalMerge,
    pub(super) content: T,
}

/// Places the cells of a table by groups of rows: what a cell covers in the rows below it continues it there. `None`
/// if there are more than a table of people has.
pub(super) fn place_cells<T: Default>(
    groups: Vec<Vec<Vec<SpannedCell<T>>>>,
) -> Option<Vec<Vec<GridCell<T>>>> {
    let (mut out, mut count) = (Vec::new(), 0);
    for rows in groups {
        let mut open = OpenSpans::default();
        for row in rows {
            let cells = open.place_row(row);
            count += cells.len();
            if count > MAX_TABLE_CELLS {
                return None;
            }
            if !cells.is_empty() {
                out.push(cells);
            }
        }
    }
    Some(out)
}

/// The cells of the rows above that reach into the next row, by their first column.
#[derive(Debug, Default)]
struct OpenSpans {
    /// Number of columns, and of rows that are left.
    spans: BTreeMap<usize, (usize, usize)>,
}

impl OpenSpans {
    /// Places the cells of a row in the columns that are free.
    fn place_row<T: Default>(&mut self, row: Vec<SpannedCell<T>>) -> Vec<GridCell<T>> {
        let mut out = Vec::new();
        let mut begun = BTreeMap::new();
        let mut column = 0;
        for cell in row {
            self.continue_spans(&mut column, &mut out);
            let room = self.spans.range(column..).next().map(|(at, _)| at - column);
            let columns = cell.columns.min(room.unwrap_or(MAX_GRID_COLUMNS)).max(1);
            let merge = if cell.rows > 1 { VerticalMerge::Restart } else { VerticalMerge::None };
            if cell.rows > 1 {
                begun.insert(column, (columns, cell.rows));
            }
            out.push(GridCell { columns, merge, content: cell.content });
            column += columns;
        }
        self.continue_spans(&mut column, &mut out);
        while let Some((&next, _)) = self.spans.range(column..).next() {
            // A row with fewer cells than columns.
            let columns = next - column;
            out.push(GridCell { columns, merge: VerticalMerge::None, content: T::default() });
            column = next;
            self.continue_spans(&mut column, &mut out);
        }
        self.spans.append(&mut begun);
        self.spans.retain(|_, (_, rows)| {
            *rows -= 1;
            *rows > 0
        });
        out
    }

    /// Adds the cells that continue at a column.
    fn continue_spans<T: Default>(&self, column: &mut usize, out: &mut Vec<GridCell<T>>) {
        while let Some((columns, _)) = self.spans.get(column) {
            let (columns, merge) = (*columns, VerticalMerge::Continue);
            out.push(GridCell { columns, merge, content: T::default() });
            *column += columns;
        }
    }
}
