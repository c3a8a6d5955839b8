//! Owns workbooks and CSV files as sheets of cells, each with its place.
//! Must not know the meaning of a sheet, nor the format of its file.

use docx_fill::diag::{SheetLocation, SourcePlace};

/// A workbook, or a CSV file as a workbook of one sheet.
#[derive(Debug, Clone, Default)]
pub struct DataWorkbook {
    /// Sheets in the file's order.
    pub sheets: Vec<DataSheet>,
}

/// A sheet.
#[derive(Debug, Clone, Default)]
pub struct DataSheet {
    /// Name of the sheet; for a CSV file, its file name.
    pub name: String,
    /// Number of the sheet within its workbook.
    pub number: usize,
    /// Cells in reading order; empty ones may be absent.
    pub cells: Vec<SheetCell>,
    /// Merged ranges.
    pub merges: Vec<MergedRange>,
    /// True if it is a text file, in which cells have bytes.
    pub is_text: bool,
}

/// A cell.
#[derive(Debug, Clone)]
pub struct SheetCell {
    /// Line, from 0.
    pub row: usize,
    /// Column, from 0.
    pub column: usize,
    /// Displayed content.
    pub content: CellContent,
    /// True if a formula produced the content.
    pub formula: bool,
    /// Minimum number of decimals of its number format, such as 2 for 1.5 shown as 1.50.
    pub decimals: usize,
    /// The text that the cell shows, if it is another one than its content: a rounded number, a share, a time.
    pub shown: Option<String>,
    /// True if the content is the name of an error such as `#REF!`.
    pub is_error: bool,
    /// Place of the cell in the file.
    pub place: SourcePlace,
}

impl SheetCell {
    /// Creates a cell that shows its content as it is, at (row, column).
    pub fn new(at: (usize, usize), content: CellContent, place: SourcePlace) -> SheetCell {
        let (row, column) = at;
        SheetCell {
            row,
            column,
            content,
            formula: false,
            decimals: 0,
            shown: None,
            is_error: false,
            place,
        }
    }

    /// Returns the text that the cell shows.
    pub fn shown_text(&self) -> &str {
        self.shown.as_deref().unwrap_or_else(|| self.content.text())
    }
}

/// A row of a sheet that has cells.
#[derive(Debug, Clone)]
pub struct SheetRow {
    /// Number of the row, from 0.
    pub row: usize,
    /// Its cells from left to right; empty ones may be absent.
    pub cells: Vec<SheetCell>,
}

/// Limits of the cost of a spreadsheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpreadsheetLimits {
    /// Bytes of its parts, unpacked.
    pub(super) bytes: u64,
    /// Number of shared strings.
    pub(super) strings: usize,
    /// Number of merged ranges of a sheet.
    pub(super) merges: usize,
}

/// The displayed content of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellContent {
    /// No content.
    Empty,
    /// A number in plain digits.
    Number(String),
    /// A text, or the name of an error such as `#REF!`.
    Text(String),
    /// True or false.
    Bool(bool),
    /// A day such as `2026-01-20`.
    Date(String),
}

/// A merged range, both corners included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedRange {
    /// First line and column.
    pub from: (usize, usize),
    /// Last line and column.
    pub to: (usize, usize),
}

impl CellContent {
    /// Returns the content as text; empty for a cell without content.
    pub fn text(&self) -> &str {
        match self {
            CellContent::Number(text) | CellContent::Text(text) | CellContent::Date(text) => text,
            CellContent::Empty => "",
            CellContent::Bool(true) => "TRUE",
            CellContent::Bool(false) => "FALSE",
        }
    }

    /// Checks whether the content consists of blanks only.
    pub fn is_blank(&self) -> bool {
        self.text().trim().is_empty()
    }
}

impl DataSheet {
    /// Returns the cells of each non-empty line, in order.
    pub fn rows(&self) -> impl Iterator<Item = &[SheetCell]> {
        self.cells.chunk_by(|a, b| a.row == b.row)
    }

    /// Returns the cell at an address, if the file has it.
    pub fn cell_at(&self, row: usize, column: usize) -> Option<&SheetCell> {
        let found = self.cells.binary_search_by_key(&(row, column), |cell| (cell.row, cell.column));
        found.ok().map(|at| &self.cells[at])
    }

    /// Returns the merged range that contains an address.
    pub fn merged_range_at(&self, row: usize, column: usize) -> Option<MergedRange> {
        let covers = |m: &&MergedRange| {
            (m.from.0..=m.to.0).contains(&row) && (m.from.1..=m.to.1).contains(&column)
        };
        self.merges.iter().find(covers).copied()
    }

    /// Checks whether the address is covered by another cell of a merged range.
    pub fn is_covered(&self, row: usize, column: usize) -> bool {
        self.merged_range_at(row, column).is_some_and(|merge| merge.from != (row, column))
    }

    /// Returns the place of an address, also if the file has no cell there.
    pub fn place_at(&self, row: usize, column: usize) -> SourcePlace {
        if !self.is_text {
            return SourcePlace::Cell(SheetLocation { sheet: self.number, row, column });
        }
        let after = self.cells.partition_point(|cell| (cell.row, cell.column) <= (row, column));
        after.checked_sub(1).map_or(SourcePlace::from(0..0), |at| self.cells[at].place)
    }
}
