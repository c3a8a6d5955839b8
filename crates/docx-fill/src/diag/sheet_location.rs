//! Owns locations in workbooks: sheet and cell, and their encoding as a [`Span`].
//! Must not know how a workbook is read.
//!
//! A workbook has no bytes that a person sees, so its spans number the cells in reading order instead: by
//! sheet, row and column. Code above this level is therefore the same for all file formats.

use super::Span;

/// Maximum rows of a sheet, as spreadsheets have them.
pub const MAX_ROWS: usize = 1 << 20;
/// Maximum columns of a sheet, as spreadsheets have them.
pub const MAX_COLUMNS: usize = 1 << 14;
/// Maximum sheets of a workbook that are read. Rows of all sheets fit into 32 bits.
pub const MAX_SHEETS: usize = 200;

/// A cell of a workbook, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SheetLocation {
    /// Index of the sheet.
    pub sheet: usize,
    /// Index of the row.
    pub row: usize,
    /// Index of the column.
    pub column: usize,
}

impl SheetLocation {
    /// Returns the span that represents the cell: it begins at the number of its row among those of all sheets, and
    /// its length is the number of its column from 1.
    pub fn to_span(self) -> Span {
        let start = self.sheet * MAX_ROWS + self.row;
        Span { start, end: start + self.column + 1 }
    }

    /// Returns the cell that a span represents.
    pub fn from_span(span: Span) -> SheetLocation {
        let column = span.end.saturating_sub(span.start).saturating_sub(1);
        SheetLocation { sheet: span.start / MAX_ROWS, row: span.start % MAX_ROWS, column }
    }

    /// Returns the name of the cell as spreadsheets write it: `D7`.
    pub fn a1_name(self) -> String {
        format!("{}{}", column_letters(self.column), self.row + 1)
    }
}

/// Returns the letters of a column: A, B, …, Z, AA.
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_stand_for_cells() {
        for (sheet, row, column) in [(0, 0, 0), (2, 6, 3), (199, MAX_ROWS - 1, MAX_COLUMNS - 1)] {
            let place = SheetLocation { sheet, row, column };
            assert_eq!(SheetLocation::from_span(place.to_span()), place);
        }
        let at = |row, column| SheetLocation { sheet: 1, row, column }.to_span();
        assert!(at(0, 0) < at(0, 1) && at(0, MAX_COLUMNS - 1) < at(1, 0), "in reading order");
        let names = [0, 25, 26, 701, 702].map(column_letters);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
