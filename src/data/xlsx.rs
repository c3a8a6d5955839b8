//! Owns reading XLSX workbooks row by row: last calculated values, numbers as digits, merged ranges. All sizes are
//! limited, so that no file can exhaust the machine.
//! Must not know the meaning of a sheet. Styles are read only to distinguish dates from numbers and
//! to keep decimals.

use super::number_format::{DAY, NumberFormat};
use super::workbook::{CellContent, MergedRange, SheetCell, SheetRow, SpreadsheetLimits};
use super::xlsx_parts::{self as parts, SharedStrings};
use super::xml_stream::{ReadBudget, XmlStream, attribute_value};
use crate::limits::MAX_ROW_BYTES;
use crate::msg;
use docx_fill::diag::{MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Message, SheetLocation, SourcePlace};
use quick_xml::events::{BytesStart, Event};
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::read::ZipFile;

/// A part of a package, unpacked while it is read.
type PartReader<'p, 'a> = ZipFile<'p, Cursor<&'a [u8]>>;

/// A workbook whose sheets are read row by row.
pub(super) struct XlsxPackage<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    budget: ReadBudget,
    limits: SpreadsheetLimits,
    sheets: Vec<SheetPart>,
    shared: SharedParts,
}

/// A sheet of a workbook.
struct SheetPart {
    name: String,
    /// Name of its part within the package.
    target: String,
}

/// The parts to which cells refer.
#[derive(Default)]
struct SharedParts {
    strings: SharedStrings,
    /// Number format of each cell style.
    styles: Vec<NumberFormat>,
    /// True if days count from 1904.
    from_1904: bool,
}

impl<'a> XlsxPackage<'a> {
    /// Opens a package and reads what its sheets refer to.
    pub(super) fn open(
        bytes: &'a [u8],
        limits: SpreadsheetLimits,
    ) -> Result<XlsxPackage<'a>, Message> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| msg!("data.xlsx-broken"))?;
        let (sheets, shared) = (Vec::new(), SharedParts::default());
        let budget = ReadBudget::new(limits.bytes);
        let mut package = XlsxPackage { zip, budget, limits, sheets, shared };
        package.read_common_parts()?;
        Ok(package)
    }

    /// Returns the names of the sheets.
    pub(super) fn sheet_names(&self) -> Vec<String> {
        self.sheets.iter().map(|sheet| sheet.name.clone()).collect()
    }

    /// Returns the events of a part; `None` if the package lacks it.
    fn open_part(&mut self, name: &str) -> Option<XmlStream<PartReader<'_, 'a>>> {
        let file = self.zip.by_name(name.trim_start_matches('/')).ok()?;
        Some(XmlStream::new(file, &self.budget))
    }

    fn require_part(&mut self, name: &str) -> Result<XmlStream<PartReader<'_, 'a>>, Message> {
        self.open_part(name).ok_or_else(|| msg!("data.xlsx-broken"))
    }

    fn read_common_parts(&mut self) -> Result<(), Message> {
        let top = parts::read_relationships(self.require_part("_rels/.rels")?, "")?.into_iter();
        let main = top.filter(|link| link.kind == "officeDocument").map(|link| link.target).next();
        let main = main.ok_or_else(|| msg!("data.xlsx-broken"))?;
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let links = self.require_part(&format!("{folder}/_rels/{name}.rels"))?;
        let links = parts::read_relationships(links, folder)?;
        let workbook = parts::read_workbook_part(self.require_part(&main)?)?;
        let target = |kind: &str| {
            links.iter().find(|link| link.kind == kind).map_or("", |link| link.target.as_str())
        };
        let most = self.limits.strings;
        let strings = self.open_part(target("sharedStrings"));
        let strings = strings.map(|xml| parts::read_shared_strings(xml, most)).transpose()?;
        let styles =
            self.open_part(target("styles")).map(parts::read_number_formats).transpose()?;
        self.shared = SharedParts {
            strings: strings.unwrap_or_default(),
            styles: styles.unwrap_or_default(),
            from_1904: workbook.from_1904,
        };
        for (name, id) in workbook.sheets.into_iter().take(MAX_SHEETS) {
            let link = links.iter().find(|link| link.id == id && link.kind == "worksheet");
            self.sheets.extend(link.map(|link| SheetPart { name, target: link.target.clone() }));
        }
        Ok(())
    }

    /// Returns the rows of a sheet.
    pub(super) fn rows(&mut self, sheet: usize) -> Result<XlsxRows<'_, 'a>, Message> {
        let part = self.sheets.get(sheet).ok_or_else(|| msg!("data.xlsx-broken"))?;
        let file = self.zip.by_name(part.target.trim_start_matches('/'));
        let file = file.map_err(|_| msg!("data.xlsx-broken"))?;
        let xml = XmlStream::new(file, &self.budget);
        let (shared, most_merges) = (&self.shared, self.limits.merges);
        Ok(XlsxRows { xml, shared, sheet, most_merges, next: (0, 0), merges: Vec::new() })
    }

    /// Returns the merged ranges of a sheet, which stand behind its rows.
    pub(super) fn merges(&mut self, sheet: usize) -> Result<Vec<MergedRange>, Message> {
        let part = self.sheets.get(sheet).ok_or_else(|| msg!("data.xlsx-broken"))?;
        let target = part.target.trim_start_matches('/').to_owned();
        let Ok(mut file) = self.zip.by_name(&target) else { return Ok(Vec::new()) };
        if !contains_word(&mut file, b"mergeCell", self.limits.bytes) {
            return Ok(Vec::new());
        }
        drop(file);
        // What is read twice is counted once.
        let counted = std::mem::replace(&mut self.budget, ReadBudget::new(self.limits.bytes));
        let merges = self.rows(sheet).and_then(|mut rows| rows.skip_to_merges());
        self.budget = counted;
        merges
    }
}

/// Checks whether a reader has these bytes among its first `limit`.
fn contains_word(from: &mut impl Read, word: &[u8], limit: u64) -> bool {
    let mut from = from.take(limit);
    let mut buffer = vec![0; 1 << 16];
    let mut kept = 0;
    while let Some(space) = buffer.get_mut(kept..) {
        let Ok(got @ 1..) = from.read(space) else { return false };
        let end = kept + got;
        if buffer.get(..end).is_some_and(|b| b.windows(word.len()).any(|found| found == word)) {
            return true;
        }
        // The word may begin in this piece and end in the next one.
        kept = end.min(word.len() - 1);
        buffer.copy_within(end - kept..end, 0);
    }
    false
}

/// The rows of a sheet, in the order of the file.
pub(super) struct XlsxRows<'p, 'a> {
    xml: XmlStream<PartReader<'p, 'a>>,
    shared: &'p SharedParts,
    sheet: usize,
    most_merges: usize,
    /// Address of the next cell that has none.
    next: (usize, usize),
    /// Merged ranges that were met.
    pub(super) merges: Vec<MergedRange>,
}

/// The beginning or end of a part of a sheet.
enum SheetStep {
    Row(Option<usize>),
    RowEnd,
    Cell(CellHead),
    Merge(Option<MergedRange>),
    End,
    Other,
}

/// The attributes of a cell.
struct CellHead {
    at: Option<(usize, usize)>,
    style: usize,
    kind: String,
}

impl SheetStep {
    fn of(event: &Event<'_>) -> SheetStep {
        match event {
            Event::Start(e) => match e.local_name().as_ref() {
                "row" => SheetStep::Row(attribute_value(e, "r").and_then(|r| r.parse().ok())),
                "c" => SheetStep::Cell(CellHead::of(e)),
                "mergeCell" => {
                    let range = attribute_value(e, "ref").unwrap_or_default();
                    let range = parts::parse_range(&range);
                    SheetStep::Merge(range.map(|(from, to)| MergedRange { from, to }))
                }
                _ => SheetStep::Other,
            },
            Event::End(e) if e.local_name().as_ref() == "row" => SheetStep::RowEnd,
            Event::Eof => SheetStep::End,
            _ => SheetStep::Other,
        }
    }
}

impl CellHead {
    fn of(start: &BytesStart<'_>) -> CellHead {
        let style = attribute_value(start, "s").and_then(|s| s.parse().ok());
        CellHead {
            at: attribute_value(start, "r").and_then(|name| parts::parse_address(&name)),
            style: style.unwrap_or_default(),
            kind: attribute_value(start, "t").unwrap_or_default(),
        }
    }
}

impl XlsxRows<'_, '_> {
    /// Returns the next row that has cells; `None` behind the last one.
    pub(super) fn next_row(&mut self) -> Result<Option<SheetRow>, Message> {
        let (mut cells, mut size) = (Vec::new(), 0);
        loop {
            match SheetStep::of(&self.xml.next_event()?) {
                SheetStep::Row(number) => {
                    let row = number.map_or(self.next.0, |row| row.saturating_sub(1));
                    self.next = (row, 0);
                }
                SheetStep::RowEnd => {
                    let row = self.next.0;
                    self.next = (row.saturating_add(1), 0);
                    if !cells.is_empty() {
                        return Ok(Some(sorted_row(row, cells)));
                    }
                }
                SheetStep::Cell(head) => {
                    let cell = self.read_cell(&head)?;
                    size += cell.as_ref().map_or(0, |cell| cell.shown_text().len());
                    cells.extend(cell);
                }
                SheetStep::Merge(range) => self.merges.extend(range),
                SheetStep::End => return Ok(None),
                SheetStep::Other => {}
            }
            if cells.len() > MAX_COLUMNS {
                return Err(msg!("data.xlsx-cells", limit = MAX_COLUMNS));
            }
            if size > MAX_ROW_BYTES {
                return Err(msg!("data.xlsx-large", limit = MAX_ROW_BYTES >> 20));
            }
            if self.merges.len() > self.most_merges {
                return Err(msg!("data.xlsx-merges", limit = self.most_merges));
            }
        }
    }

    /// Returns all merged ranges without reading a cell.
    fn skip_to_merges(&mut self) -> Result<Vec<MergedRange>, Message> {
        loop {
            match SheetStep::of(&self.xml.next_event()?) {
                SheetStep::Merge(range) => self.merges.extend(range),
                SheetStep::End => return Ok(std::mem::take(&mut self.merges)),
                _ => {}
            }
            if self.merges.len() > self.most_merges {
                return Err(msg!("data.xlsx-merges", limit = self.most_merges));
            }
        }
    }

    /// Reads a cell; `None` if it lies beyond what spreadsheets have.
    fn read_cell(&mut self, head: &CellHead) -> Result<Option<SheetCell>, Message> {
        let (row, column) = head.at.unwrap_or(self.next);
        self.next = (row, column + 1);
        let (mut value, mut formula) = (None, false);
        loop {
            let step = match self.xml.next_event()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "f" => 'f',
                    "v" => 'v',
                    "is" => 'i',
                    _ => ' ',
                },
                Event::End(e) if e.local_name().as_ref() == "c" => break,
                Event::Eof => return Err(msg!("data.xlsx-broken")),
                _ => ' ',
            };
            match step {
                'f' => formula = true,
                'v' => value = Some(self.xml.read_text_until("v")?),
                'i' => value = Some(self.xml.read_rich_text("is")?),
                _ => {}
            }
        }
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            return Ok(None);
        }
        let place = SourcePlace::Cell(SheetLocation { sheet: self.sheet, row, column });
        // A formula whose text is empty has a value; of other kinds an empty one was never calculated.
        let formula = formula && !(head.kind == "str" && value.as_deref() == Some(""));
        let value = value.filter(|value| !value.is_empty());
        let mut cell = SheetCell::new((row, column), CellContent::Empty, place);
        if let Some(value) = value {
            self.shared.fill_cell(&mut cell, head, value);
        }
        Ok(Some(SheetCell { formula, ..cell }))
    }
}

impl SharedParts {
    /// Gives a cell its value.
    fn fill_cell(&self, cell: &mut SheetCell, head: &CellHead, value: String) {
        let style = self.styles.get(head.style).copied().unwrap_or_default();
        let number = match head.kind.as_str() {
            "s" => {
                let found = value.parse().ok().and_then(|at| self.strings.get(at));
                cell.content =
                    found.map_or(CellContent::Empty, |text| CellContent::Text(text.to_owned()));
                return;
            }
            "str" | "inlineStr" => {
                cell.content = CellContent::Text(value);
                return;
            }
            "e" => {
                (cell.content, cell.is_error) = (CellContent::Text(value), true);
                return;
            }
            "b" => {
                cell.content = CellContent::Bool(value == "1");
                return;
            }
            "d" => {
                let day = value.split('T').next().unwrap_or_default().to_owned();
                cell.shown = (style != DAY && day.len() < value.len()).then_some(value);
                cell.content = CellContent::Date(day);
                return;
            }
            _ => style.apply(value, self.from_1904),
        };
        cell.decimals = style.least_decimals();
        (cell.content, cell.shown) = (number.content, number.shown);
    }
}

/// Returns a row with its cells in order; of two cells with the same address the first is used.
fn sorted_row(row: usize, mut cells: Vec<SheetCell>) -> SheetRow {
    if !cells.is_sorted_by(|a, b| a.column < b.column) {
        cells.sort_by_key(|cell| (cell.row, cell.column));
        cells.dedup_by_key(|cell| (cell.row, cell.column));
    }
    SheetRow { row, cells }
}
