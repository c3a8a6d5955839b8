//! Owns spreadsheets of every kind as sheets that are read row by row: XLSX, ODS, the old binary XLS, CSV.
//! Must not know what a sheet means, nor how a kind of file is read.

use super::csv::{CsvRows, UnclosedQuotes};
use super::ods::{OdsPackage, OdsRows};
use super::text_encoding::{DecodedText, ENCODING_RULE};
use super::workbook::{
    DataSheet, DataWorkbook, MergedRange, SheetCell, SheetRow, SpreadsheetLimits,
};
use super::xls;
use super::xlsx::{XlsxPackage, XlsxRows};
use super::{SYNTAX_RULE, syntax_error};
use crate::limits::{
    MAX_MERGED_RANGES, MAX_REPORT_COLUMNS, MAX_REPORT_ROWS, MAX_SHARED_STRINGS,
    MAX_SPREADSHEET_BYTES, MAX_SPREADSHEET_MERGES, MAX_WORKBOOK_BYTES, MAX_WORKBOOK_CELLS,
};
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Severity, Sink, SourceId, Sources, Span};
use std::sync::Arc;

/// Limits of a spreadsheet that is read row by row.
const LIST_LIMITS: SpreadsheetLimits = SpreadsheetLimits {
    bytes: MAX_SPREADSHEET_BYTES,
    strings: usize::MAX,
    merges: MAX_SPREADSHEET_MERGES,
};

/// Limits of a workbook that is held as a whole.
const WORKBOOK_LIMITS: SpreadsheetLimits = SpreadsheetLimits {
    bytes: MAX_WORKBOOK_BYTES,
    strings: MAX_SHARED_STRINGS,
    merges: MAX_MERGED_RANGES,
};

/// A spreadsheet whose sheets are read row by row.
pub struct Spreadsheet<'a> {
    source: SourceId,
    names: Vec<String>,
    content: SpreadsheetContent<'a>,
}

enum SpreadsheetContent<'a> {
    Xlsx(Box<XlsxPackage<'a>>),
    Ods(OdsPackage<'a>),
    /// The old binary format, which is held as a whole.
    Xls(DataWorkbook),
    Text(Arc<str>),
}

/// The rows of a sheet.
pub struct SheetRows<'p, 'a> {
    source: SourceId,
    content: RowsContent<'p, 'a>,
    merges: Vec<MergedRange>,
}

enum RowsContent<'p, 'a> {
    Xlsx(Box<XlsxRows<'p, 'a>>),
    Ods(Box<OdsRows<'p, 'a>>),
    Xls(std::slice::ChunkBy<'p, SheetCell, fn(&SheetCell, &SheetCell) -> bool>),
    Text(CsvRows<'p>),
}

/// Checks whether a file is an OLE container: an old binary document, or one with a password.
pub(super) fn is_ole(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// Checks whether a file is a zip.
fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

impl<'a> SpreadsheetContent<'a> {
    /// Opens a file of cells by its content; its extension may be wrong.
    fn open(bytes: &'a [u8], limits: SpreadsheetLimits) -> Result<SpreadsheetContent<'a>, Message> {
        if is_ole(bytes) {
            return xls::read_xls(bytes).map(SpreadsheetContent::Xls);
        }
        match OdsPackage::open(bytes, limits)? {
            Some(package) => Ok(SpreadsheetContent::Ods(package)),
            None => XlsxPackage::open(bytes, limits).map(|p| SpreadsheetContent::Xlsx(Box::new(p))),
        }
    }

    fn sheet_names(&self) -> Vec<String> {
        match self {
            SpreadsheetContent::Xlsx(package) => package.sheet_names(),
            SpreadsheetContent::Ods(package) => package.sheet_names().to_vec(),
            SpreadsheetContent::Xls(book) => book.sheets.iter().map(|s| s.name.clone()).collect(),
            SpreadsheetContent::Text(_) => Vec::new(),
        }
    }

    fn rows(&mut self, sheet: usize) -> Result<(RowsContent<'_, 'a>, Vec<MergedRange>), Message> {
        Ok(match self {
            SpreadsheetContent::Xlsx(package) => {
                let mut merges = package.merges(sheet)?;
                merges.sort_by_key(|merge| merge.from);
                (RowsContent::Xlsx(Box::new(package.rows(sheet)?)), merges)
            }
            SpreadsheetContent::Ods(package) => {
                (RowsContent::Ods(Box::new(package.rows(sheet)?)), Vec::new())
            }
            SpreadsheetContent::Xls(book) => {
                let (cells, mut merges) = book
                    .sheets
                    .get(sheet)
                    .map_or((&[][..], Vec::new()), |s| (s.cells.as_slice(), s.merges.clone()));
                merges.sort_by_key(|merge| merge.from);
                let same: fn(&SheetCell, &SheetCell) -> bool = |a, b| a.row == b.row;
                (RowsContent::Xls(cells.chunk_by(same)), merges)
            }
            SpreadsheetContent::Text(text) => (RowsContent::Text(CsvRows::new(text)), Vec::new()),
        })
    }
}

impl<'a> Spreadsheet<'a> {
    /// Opens a spreadsheet, whatever its extension says, and names its sheets to the sources. Faults go to the sink.
    /// A text is a spreadsheet of one sheet, which has the name of the file without its extension.
    pub fn open(
        name: &str,
        bytes: &'a [u8],
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<Spreadsheet<'a>> {
        if !is_ole(bytes) && !is_zip(bytes) {
            return Spreadsheet::open_text(name, bytes, sources, sink);
        }
        let source = sources.add_binary(name);
        match SpreadsheetContent::open(bytes, LIST_LIMITS) {
            Ok(content) => {
                let names = content.sheet_names();
                sources.set_sheet_names(source, names.clone());
                Some(Spreadsheet { source, names, content })
            }
            Err(reason) => {
                sink.push(Diagnostic::error(SYNTAX_RULE, Location::File(source), reason));
                None
            }
        }
    }

    fn open_text(
        name: &str,
        bytes: &[u8],
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<Spreadsheet<'a>> {
        let Some(decoded) = DecodedText::decode_certain(bytes) else {
            let source = sources.add_binary(name);
            let found =
                Diagnostic::error(SYNTAX_RULE, Location::File(source), msg!("data.odd-encoding"));
            sink.push(found.with_hint(msg!("data.odd-encoding-hint")));
            return None;
        };
        let guessed = decoded.guessed();
        let text: Arc<str> = decoded.text.into();
        let source = sources.add_text(name, Arc::clone(&text));
        if let Some(encoding) = guessed {
            let message = msg!("data.read-as", encoding = encoding);
            let place = Location::File(source);
            sink.push(Diagnostic::new(ENCODING_RULE, Severity::Info, place, message));
        }
        let stem = std::path::Path::new(name).file_stem().unwrap_or_default();
        let names = vec![stem.to_string_lossy().into_owned()];
        Some(Spreadsheet { source, names, content: SpreadsheetContent::Text(text) })
    }

    /// Returns the source of its places.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Returns the names of its sheets.
    pub fn sheet_names(&self) -> &[String] {
        &self.names
    }

    /// Checks whether it is a text, whose cells have no types.
    pub fn is_text(&self) -> bool {
        matches!(self.content, SpreadsheetContent::Text(_))
    }

    /// Returns the rows of a sheet.
    pub fn rows(&mut self, sheet: usize) -> Result<SheetRows<'_, 'a>, Box<Diagnostic>> {
        let source = self.source;
        let place = Location::File(source);
        let (content, merges) = self
            .content
            .rows(sheet)
            .map_err(|reason| Box::new(Diagnostic::error(SYNTAX_RULE, place, reason)))?;
        Ok(SheetRows { source, content, merges })
    }
}

impl SheetRows<'_, '_> {
    /// Returns the next row that has cells; `None` behind the last one.
    pub fn next_row(&mut self) -> Result<Option<SheetRow>, Box<Diagnostic>> {
        let place = Location::File(self.source);
        let wrong = |reason| Box::new(Diagnostic::error(SYNTAX_RULE, place, reason));
        match &mut self.content {
            RowsContent::Xlsx(rows) => rows.next_row().map_err(wrong),
            RowsContent::Ods(rows) => {
                let row = rows.next_row().map_err(wrong);
                self.merges.append(&mut rows.merges);
                row
            }
            RowsContent::Xls(rows) => Ok(rows.next().map(|cells| SheetRow {
                row: cells.first().map_or(0, |cell| cell.row),
                cells: cells.to_vec(),
            })),
            RowsContent::Text(rows) => rows.next_row().map_err(|UnclosedQuotes(start)| {
                let span = Span { start, end: start + 1 };
                let place = Location::text(self.source, span);
                Box::new(Diagnostic::error(SYNTAX_RULE, place, msg!("data.csv-unclosed")))
            }),
        }
    }

    /// Returns the merged ranges that begin in the rows that were read, and perhaps later ones, in order.
    pub fn merges(&self) -> &[MergedRange] {
        &self.merges
    }
}

/// Reads a workbook of any kind as a whole and registers its sheets with the sources. Faults go to the sink.
pub(super) fn load_workbook(
    source: SourceId,
    bytes: &[u8],
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<DataWorkbook> {
    match SpreadsheetContent::open(bytes, WORKBOOK_LIMITS).and_then(collect_sheets) {
        Ok(book) => {
            let names = book.sheets.iter().map(|sheet| sheet.name.clone());
            sources.set_sheet_names(source, names.collect());
            Some(book)
        }
        Err(reason) => {
            sink.push(Diagnostic::error(SYNTAX_RULE, Location::File(source), reason));
            None
        }
    }
}

fn collect_sheets(mut content: SpreadsheetContent<'_>) -> Result<DataWorkbook, Message> {
    let mut size = CollectedSize::default();
    let mut book = DataWorkbook::default();
    for (number, name) in content.sheet_names().into_iter().enumerate() {
        let (mut rows, mut merges) = content.rows(number)?;
        let mut sheet = DataSheet { name, number, ..DataSheet::default() };
        loop {
            let row = match &mut rows {
                RowsContent::Xlsx(rows) => rows.next_row()?.map(|row| row.cells),
                RowsContent::Ods(rows) => rows.next_row()?.map(|row| row.cells),
                RowsContent::Xls(rows) => rows.next().map(<[SheetCell]>::to_vec),
                RowsContent::Text(_) => None,
            };
            let Some(cells) = row else { break };
            let kept = cells
                .into_iter()
                .filter(|cell| cell.row < MAX_REPORT_ROWS && cell.column < MAX_REPORT_COLUMNS);
            for cell in kept {
                size.add(&cell)?;
                sheet.cells.push(cell);
            }
        }
        if let RowsContent::Ods(rows) = &mut rows {
            merges.append(&mut rows.merges);
        }
        // Programs write rows in order. A file that does not is sorted; of two cells with the same
        // address the first is used.
        sheet.cells.sort_by_key(|cell| (cell.row, cell.column));
        sheet.cells.dedup_by_key(|cell| (cell.row, cell.column));
        sheet.merges = merges;
        book.sheets.push(sheet);
    }
    Ok(book)
}

/// Size of the collected cells: many cells may show one long shared string.
#[derive(Default)]
struct CollectedSize {
    cells: usize,
    bytes: u64,
}

impl CollectedSize {
    fn add(&mut self, cell: &SheetCell) -> Result<(), Message> {
        self.cells += 1;
        self.bytes = self.bytes.saturating_add(cell.content.text().len() as u64);
        if self.cells > MAX_WORKBOOK_CELLS {
            return Err(msg!("data.xlsx-cells", limit = MAX_WORKBOOK_CELLS));
        }
        if self.bytes > MAX_WORKBOOK_BYTES {
            return Err(msg!("data.xlsx-large", limit = MAX_WORKBOOK_BYTES >> 20));
        }
        Ok(())
    }
}

/// Reads a CSV text as a workbook of one sheet. Faults go to the sink.
pub(super) fn load_csv(
    source: SourceId,
    name: &str,
    text: &str,
    sink: &mut Sink,
) -> Option<DataWorkbook> {
    let mut sheet = DataSheet { name: name.to_owned(), is_text: true, ..DataSheet::default() };
    let mut rows = CsvRows::new(text);
    loop {
        match rows.next_row() {
            Ok(Some(row)) => sheet.cells.extend(row.cells),
            Ok(None) => break,
            Err(UnclosedQuotes(start)) => {
                let span = Span { start, end: start + 1 };
                sink.push(syntax_error(source, text, span, msg!("data.csv-unclosed")));
                return None;
            }
        }
        let last = sheet.cells.last().map_or((0, 0), |cell| (cell.row, cell.column));
        let large = last.0 >= MAX_REPORT_ROWS || last.1 >= MAX_REPORT_COLUMNS;
        if large || sheet.cells.len() >= MAX_WORKBOOK_CELLS {
            let message = msg!("data.too-large", limit = MAX_REPORT_ROWS);
            sink.push(Diagnostic::error(SYNTAX_RULE, Location::File(source), message));
            return None;
        }
    }
    Some(DataWorkbook { sheets: vec![sheet] })
}
