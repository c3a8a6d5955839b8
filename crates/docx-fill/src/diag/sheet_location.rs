//! Owns locations in workbooks: sheet and cell, and their encoding as a [`Span`].
//! Must not know how a workbook is read.
//!
//! A workbook has no bytes that a person sees, so its spans number the cells in reading order instead: by
//! sheet, row and column. Code above this level is therefore the same for all file formats.

use super::Span;

/// Maximum rows of a sheet that are read; the official forms have thirty.
pub const MAX_ROWS: usize = 10_000;
/// Maximum columns of a sheet that are read.
pub const MAX_COLUMNS: usize = 1_000;
/// Maximum sheets of a workbook that are read. The three limits together fit into 32 bits.
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
    /// Returns the span that represents the cell.
    pub fn to_span(self) -> Span {
        let start = (self.sheet * MAX_ROWS + self.row) * MAX_COLUMNS + self.column;
        Span { start, end: start + 1 }
    }

    /// Returns the cell that a span represents.
    pub fn from_span(span: Span) -> SheetLocation {
        let (lines, column) = (span.start / MAX_COLUMNS, span.start % MAX_COLUMNS);
        SheetLocation { sheet: lines / MAX_ROWS, row: lines % MAX_ROWS, column }
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
        for (sheet, row, column) in [(0, 0, 0), (2, 6, 3), (199, 9_999, 999)] {
            let place = SheetLocation { sheet, row, column };
            assert_eq!(SheetLocation::from_span(place.to_span()), place);
        }
        let names = [0, 25, 26, 701, 702].map(column_letters);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
