//! Owns places within a source: bytes of a text, cells of a workbook, words of a Word document.
//! Must not know how a source is read, nor how a place is described.

use super::{Location, SourceId};
use std::ops::Range;

/// A range of bytes that, unlike [`Range`], is ordered and can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Span { start: range.start, end: range.end }
    }
}

/// Maximum rows of a sheet, as spreadsheets have them.
pub const MAX_ROWS: usize = 1 << 20;
/// Maximum columns of a sheet, as spreadsheets have them.
pub const MAX_COLUMNS: usize = 1 << 14;
/// Maximum sheets of a workbook that are read.
pub const MAX_SHEETS: usize = 200;

/// A cell of a workbook, counted from 0. Cells are ordered as they are read: by sheet, row and column.
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

/// The place of a value within its source, as people look for it in a source of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourcePlace {
    /// Bytes of a text file, which people find by line and column.
    Text(Span),
    /// A cell of a workbook.
    Cell(SheetLocation),
    /// Bytes of the words of a Word document, in the text of
    /// [`Sources::set_word_anchors`](super::Sources::set_word_anchors).
    Words(Span),
    /// Nowhere: the program made the value. The number tells such values apart where that matters.
    Generated(usize),
}

impl SourcePlace {
    /// Returns the place of a value that the program made, where nothing tells such values apart.
    pub fn generated() -> SourcePlace {
        SourcePlace::Generated(0)
    }

    /// Returns the bytes of the place in the text of its source, if it has some.
    pub fn bytes(self) -> Option<Span> {
        match self {
            SourcePlace::Text(span) | SourcePlace::Words(span) => Some(span),
            SourcePlace::Cell(_) | SourcePlace::Generated(_) => None,
        }
    }

    /// Returns the place of other bytes of the same text; a place without bytes remains.
    #[must_use]
    pub fn with_bytes(self, span: Span) -> SourcePlace {
        match self {
            SourcePlace::Text(_) => SourcePlace::Text(span),
            SourcePlace::Words(_) => SourcePlace::Words(span),
            SourcePlace::Cell(_) | SourcePlace::Generated(_) => self,
        }
    }

    /// Returns the beginning of the place, without what stands there.
    #[must_use]
    pub fn start(self) -> SourcePlace {
        let start = |span: Span| self.with_bytes(Span { start: span.start, end: span.start });
        self.bytes().map_or(self, start)
    }

    /// Checks whether another place of the same source lies within this one.
    pub fn contains(self, inner: SourcePlace) -> bool {
        match (self.bytes(), inner.bytes()) {
            (Some(outer), Some(inner)) => outer.start <= inner.start && inner.end <= outer.end,
            _ => self == inner,
        }
    }

    /// Returns the location of the place in a source; for a value that the program made, the source as a whole.
    pub fn in_source(self, source: SourceId) -> Location {
        match self {
            SourcePlace::Generated(_) => Location::File(source),
            place => Location::At(source, place),
        }
    }
}

impl From<Span> for SourcePlace {
    fn from(span: Span) -> Self {
        SourcePlace::Text(span)
    }
}

impl From<Range<usize>> for SourcePlace {
    fn from(range: Range<usize>) -> Self {
        SourcePlace::Text(range.into())
    }
}

impl Default for SourcePlace {
    fn default() -> Self {
        SourcePlace::generated()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_spreadsheets() {
        let names = [0, 25, 26, 701, 702].map(column_letters);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn a_place_keeps_its_kind_and_contains_its_pieces() {
        let whole = Span { start: 2, end: 9 };
        let piece = Span { start: 3, end: 5 };
        let cell = SourcePlace::Cell(SheetLocation { sheet: 1, row: 6, column: 3 });
        assert_eq!(SourcePlace::Words(whole).with_bytes(piece), SourcePlace::Words(piece));
        assert!(SourcePlace::Text(whole).contains(SourcePlace::Text(piece)));
        assert!(!SourcePlace::Text(piece).contains(SourcePlace::Text(whole)));
        assert_eq!((cell.with_bytes(piece), cell.bytes()), (cell, None));
        assert!(cell.contains(cell) && !cell.contains(SourcePlace::Text(piece)));
    }
}
