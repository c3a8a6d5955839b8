//! Owns places in workbooks: sheet and cell, and how a [`Span`] of a workbook stands for them.
//! Must not know how a workbook is read.
//!
//! A workbook has no bytes that a person sees, so its spans count cells in reading order instead: sheet
//! by sheet, line by line. The tree and everything above it stay the same for all syntaxes.

use super::Span;

/// Lines of a sheet that are read; the official forms have thirty.
pub const MAX_ROWS: usize = 10_000;
/// Columns of a sheet that are read.
pub const MAX_COLUMNS: usize = 1_000;
/// Sheets of a workbook that are read. The three limits together fit 32 bits.
pub const MAX_SHEETS: usize = 200;

/// A cell of a workbook, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SheetLocation {
    /// Number of the sheet.
    pub sheet: usize,
    /// Number of the line.
    pub row: usize,
    /// Number of the column.
    pub column: usize,
}

impl SheetLocation {
    /// The span that stands for the cell.
    pub fn to_span(self) -> Span {
        let start = (self.sheet * MAX_ROWS + self.row) * MAX_COLUMNS + self.column;
        Span { start, end: start + 1 }
    }

    /// The cell that a span of a workbook stands for.
    pub fn from_span(span: Span) -> SheetLocation {
        let (lines, column) = (span.start / MAX_COLUMNS, span.start % MAX_COLUMNS);
        SheetLocation { sheet: lines / MAX_ROWS, row: lines % MAX_ROWS, column }
    }

    /// The cell's name as spreadsheets write it: `D7`.
    pub fn a1_name(self) -> String {
        format!("{}{}", column_letters(self.column), self.row + 1)
    }
}

/// A column's letters: A, B, …, Z, AA.
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
