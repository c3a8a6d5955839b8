//! Owns the grid of a table by ISO/IEC 29500-1, 17.4: at which grid column each cell begins, which columns it spans,
//! and which cell a vertical merge continues.
//! Must not know how a table is read, nor what stands in its cells.

use crate::limits::MAX_GRID_COLUMNS;

/// The vertical merging of a cell (`w:vMerge`, 17.4.84).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum VerticalMerge {
    /// The cell is not merged.
    #[default]
    None,
    /// The cell begins a group of merged cells.
    Restart,
    /// The cell continues the group of the cell above.
    Continue,
}

impl VerticalMerge {
    /// Returns the merging that the value of a `w:vMerge` element denotes; without one, it continues.
    pub fn from_value(value: Option<&str>) -> VerticalMerge {
        if value == Some("restart") { VerticalMerge::Restart } else { VerticalMerge::Continue }
    }
}

/// Returns the number of grid columns that the value of a `w:gridSpan` element denotes, at least 1 and at most
/// [`MAX_GRID_COLUMNS`].
pub fn parse_grid_span(value: Option<&str>) -> usize {
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(1).clamp(1, MAX_GRID_COLUMNS)
}

/// Returns the number of grid columns that the value of a `w:gridBefore` or `w:gridAfter` element denotes, at most
/// [`MAX_GRID_COLUMNS`].
pub fn parse_skipped_columns(value: Option<&str>) -> usize {
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0).min(MAX_GRID_COLUMNS)
}

/// Returns the grid columns at which the cells of a row begin, from the number of columns skipped before the first
/// one (`w:gridBefore`) and the span of each.
pub fn cell_columns(
    before: usize,
    spans: impl Iterator<Item = usize>,
) -> impl Iterator<Item = usize> {
    spans.scan(before, |next, span| {
        let column = *next;
        *next = column.saturating_add(span);
        Some(column)
    })
}

/// The position of a cell in the grid.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct CellPosition {
    /// Index of its row.
    pub row: usize,
    /// Index of its first grid column.
    pub column: usize,
    /// Number of grid columns that it spans.
    pub span: usize,
}

/// The groups of vertically merged cells of a table that the next row may continue; `T` denotes a cell.
///
/// A cell continues the group in the row right above it that covers the same grid columns. A cell that continues
/// nothing is not merged.
#[derive(Debug)]
pub struct OpenMerges<T> {
    /// Group at each grid column: position of the last cell, and the cell with which it began.
    columns: Vec<Option<(CellPosition, T)>>,
}

impl<T> Default for OpenMerges<T> {
    fn default() -> Self {
        OpenMerges { columns: Vec::new() }
    }
}

impl<T: Copy> OpenMerges<T> {
    /// Places a cell, which is denoted by `cell`; cells are placed row by row. Returns the cell with which the group
    /// began that this one continues, or `None` if it is a cell of its own.
    pub fn place_cell(
        &mut self,
        position: CellPosition,
        merge: VerticalMerge,
        cell: T,
    ) -> Option<T> {
        let CellPosition { row, column, span } = position;
        // Merges are tracked only up to this column, so that memory use does not depend on the file's numbers.
        if column >= MAX_GRID_COLUMNS {
            return None;
        }
        if merge == VerticalMerge::None && column >= self.columns.len() {
            return None;
        }
        if self.columns.len() <= column {
            self.columns.resize(column + 1, None);
        }
        let above = self.columns[column].filter(|(above, _)| {
            merge == VerticalMerge::Continue && above.row + 1 == row && above.span == span
        });
        let begins = above.is_none() && merge != VerticalMerge::None;
        let group = above.map(|(_, first)| first);
        self.columns[column] = match group {
            Some(first) => Some((position, first)),
            None => begins.then_some((position, cell)),
        };
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_columns_are_bounded() {
        assert_eq!(parse_grid_span(Some(" 3 ")), 3);
        assert_eq!(parse_grid_span(Some("0")), 1);
        assert_eq!(parse_grid_span(Some("-2")), 1);
        assert_eq!(parse_grid_span(Some("99999")), MAX_GRID_COLUMNS);
        assert_eq!(parse_grid_span(None), 1);
        assert_eq!(parse_skipped_columns(Some("2")), 2);
        assert_eq!(parse_skipped_columns(Some("x")), 0);
        assert_eq!(cell_columns(1, [2, 1, 3].into_iter()).collect::<Vec<_>>(), [1, 3, 4]);
    }

    #[test]
    fn a_merge_continues_over_the_same_columns_of_the_row_above_only() {
        use VerticalMerge::{Continue, None as NotMerged, Restart};
        let mut merges = OpenMerges::default();
        let mut place = |row, column, span, merge, cell| {
            merges.place_cell(CellPosition { row, column, span }, merge, cell)
        };
        assert_eq!(place(0, 0, 1, Restart, 'a'), None);
        assert_eq!(place(0, 1, 2, Restart, 'b'), None);
        assert_eq!(place(1, 0, 1, Continue, 'c'), Some('a'));
        assert_eq!(place(1, 1, 1, Continue, 'd'), None, "another span");
        assert_eq!(place(2, 0, 1, NotMerged, 'e'), None);
        assert_eq!(place(2, 1, 1, Continue, 'f'), Some('d'), "a group begun by a continuation");
        assert_eq!(place(3, 0, 1, Continue, 'g'), None, "below a cell that is not merged");
        assert_eq!(place(4, 0, 1, Restart, 'h'), None);
        assert_eq!(place(6, 0, 1, Continue, 'i'), None, "a row without this column between");
        assert_eq!(place(0, usize::MAX, 1, Restart, 'j'), None);
    }
}
