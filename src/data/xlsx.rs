//! Owns reading XLSX workbooks into sheets of cells: last calculated values, numbers as digits,
//! merged ranges. All sizes are limited, so that no file can exhaust the machine.
//! Must not know the meaning of a sheet. Styles are read only to distinguish dates from numbers and
//! to keep decimals.

use super::SYNTAX_RULE;
use super::workbook::{CellContent, DataSheet, DataWorkbook, MergedRange, SheetCell};
use super::xlsx_parts::{self as parts, NumberFormat};
use crate::limits::{
    MAX_MERGED_RANGES as MOST_MERGES, MAX_WORKBOOK_BYTES as LARGEST,
    MAX_WORKBOOK_CELLS as MOST_CELLS,
};
use crate::msg;
use docx_fill::diag::{
    Diagnostic, Location, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Message, SheetLocation, Sink,
    SourceId, Sources,
};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// Reads a workbook and registers its sheets with the sources. Faults go to the sink.
pub(super) fn load_xlsx(
    source: SourceId,
    bytes: &[u8],
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<DataWorkbook> {
    match XlsxPackage::open(bytes).and_then(|mut package| package.read_workbook()) {
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

struct XlsxPackage<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    bytes_read: u64,
    cell_count: usize,
    /// Bytes of all displayed contents: many cells may show one long shared string.
    shown_bytes: u64,
}

/// The parts to which cells refer.
pub(super) struct SharedParts {
    pub(super) strings: Vec<String>,
    /// Number format of each cell style.
    pub(super) styles: Vec<NumberFormat>,
    /// True if days count from 1904.
    pub(super) from_1904: bool,
}

impl XlsxPackage<'_> {
    fn open(bytes: &[u8]) -> Result<XlsxPackage<'_>, Message> {
        if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(msg!("data.xlsx-old"));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| msg!("data.xlsx-broken"))?;
        Ok(XlsxPackage { zip, bytes_read: 0, cell_count: 0, shown_bytes: 0 })
    }

    /// Returns a part as text; `None` if the package lacks it.
    fn read_part(&mut self, name: &str) -> Result<Option<String>, Message> {
        let wanted = name.trim_start_matches('/');
        let Ok(file) = self.zip.by_name(wanted) else { return Ok(None) };
        let mut content = Vec::new();
        let room = LARGEST.saturating_sub(self.bytes_read);
        // The size given in the file cannot be trusted.
        let got = file.take(room + 1).read_to_end(&mut content);
        let got = got.map_err(|_| msg!("data.xlsx-broken"))? as u64;
        if got > room {
            return Err(msg!("data.xlsx-large", limit = LARGEST >> 20));
        }
        self.bytes_read += got;
        let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&content);
        let text = std::str::from_utf8(content).map_err(|_| msg!("data.xlsx-broken"))?;
        Ok(Some(text.to_owned()))
    }

    fn require_part(&mut self, name: &str) -> Result<String, Message> {
        self.read_part(name)?.ok_or_else(|| msg!("data.xlsx-broken"))
    }

    fn read_workbook(&mut self) -> Result<DataWorkbook, Message> {
        let top = self.require_part("_rels/.rels")?;
        let main = parts::read_relationships(&top, "")?.into_iter();
        let main = main.filter(|link| link.kind == "officeDocument").map(|link| link.target).next();
        let main = main.ok_or_else(|| msg!("data.xlsx-broken"))?;
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let links = self.require_part(&format!("{folder}/_rels/{name}.rels"))?;
        let links = parts::read_relationships(&links, folder)?;
        let workbook = parts::read_workbook_part(&self.require_part(&main)?)?;
        let target = |kind: &str| {
            links.iter().find(|link| link.kind == kind).map_or("", |link| link.target.as_str())
        };
        let strings = self.read_part(target("sharedStrings"))?.unwrap_or_default();
        let styles = self.read_part(target("styles"))?.unwrap_or_default();
        let shared = SharedParts {
            strings: parts::read_shared_strings(&strings)?,
            styles: parts::read_number_formats(&styles)?,
            from_1904: workbook.from_1904,
        };
        let mut book = DataWorkbook::default();
        for (name, id) in workbook.sheets.into_iter().take(MAX_SHEETS) {
            let link = links.iter().find(|link| link.id == id && link.kind == "worksheet");
            let Some(link) = link else { continue };
            let xml = self.require_part(&link.target)?;
            let number = book.sheets.len();
            let mut sheet = DataSheet { name, number, ..DataSheet::default() };
            self.read_sheet(&xml, &shared, &mut sheet)?;
            book.sheets.push(sheet);
        }
        Ok(book)
    }

    fn read_sheet(
        &mut self,
        xml: &str,
        shared: &SharedParts,
        sheet: &mut DataSheet,
    ) -> Result<(), Message> {
        let mut reader = parts::xml_reader(xml);
        let mut next = (0, 0);
        loop {
            match parts::next_event(&mut reader)? {
                Event::Start(e) if e.local_name().as_ref() == "row" => {
                    let row = parts::attribute_value(&e, "r").and_then(|r| r.parse::<usize>().ok());
                    next = (row.map_or(next.0, |row| row.saturating_sub(1)), 0);
                }
                Event::End(e) if e.local_name().as_ref() == "row" => {
                    next = (next.0.saturating_add(1), 0);
                }
                Event::Start(e) if e.local_name().as_ref() == "c" => {
                    let at = parts::attribute_value(&e, "r")
                        .and_then(|name| parts::parse_address(&name));
                    let (row, column) = at.unwrap_or(next);
                    next = (row, column + 1);
                    let style = parts::attribute_value(&e, "s").and_then(|s| s.parse().ok());
                    let style: usize = style.unwrap_or_default();
                    let (content, formula) = read_cell(&mut reader, &e, style, shared)?;
                    if row < MAX_ROWS && column < MAX_COLUMNS {
                        self.shown_bytes =
                            self.shown_bytes.saturating_add(content.text().len() as u64);
                        let span = SheetLocation { sheet: sheet.number, row, column }.to_span();
                        let decimals = match shared.styles.get(style) {
                            Some(NumberFormat::Decimals(count)) => *count,
                            _ => 0,
                        };
                        sheet.cells.push(SheetCell {
                            row,
                            column,
                            content,
                            formula,
                            decimals,
                            span,
                        });
                        self.cell_count += 1;
                    }
                    if self.shown_bytes > LARGEST {
                        return Err(msg!("data.xlsx-large", limit = LARGEST >> 20));
                    }
                }
                Event::Start(e) if e.local_name().as_ref() == "mergeCell" => {
                    let range = parts::attribute_value(&e, "ref").unwrap_or_default();
                    sheet.merges.extend(
                        parts::parse_range(&range).map(|(from, to)| MergedRange { from, to }),
                    );
                }
                Event::Eof => break,
                _ => {}
            }
            if self.cell_count > MOST_CELLS || sheet.merges.len() > MOST_MERGES {
                return Err(msg!("data.xlsx-cells", limit = MOST_CELLS));
            }
        }
        // Programs write cells in order. A file that does not is sorted; of two cells with the same
        // address the first is used.
        sheet.cells.sort_by_key(|cell| (cell.row, cell.column));
        sheet.cells.dedup_by_key(|cell| (cell.row, cell.column));
        Ok(())
    }
}

/// Returns the content of a cell and whether a formula produced it.
fn read_cell(
    reader: &mut Reader<&[u8]>,
    start: &BytesStart<'_>,
    style: usize,
    shared: &SharedParts,
) -> Result<(CellContent, bool), Message> {
    let kind = parts::attribute_value(start, "t").unwrap_or_default();
    let (mut value, mut formula) = (None, false);
    loop {
        match parts::next_event(reader)? {
            Event::Start(e) if e.local_name().as_ref() == "f" => formula = true,
            Event::Start(e) if e.local_name().as_ref() == "v" => {
                value = Some(parts::read_text_until(reader, "v")?);
            }
            Event::Start(e) if e.local_name().as_ref() == "is" => {
                value = Some(parts::read_rich_text(reader, "is")?);
            }
            Event::End(e) if e.local_name().as_ref() == "c" => break,
            Event::Eof => return Err(msg!("data.xlsx-broken")),
            _ => {}
        }
    }
    let value = value.filter(|value| !value.is_empty());
    Ok((value.map_or(CellContent::Empty, |v| cell_content(&kind, v, style, shared)), formula))
}

fn cell_content(kind: &str, value: String, style: usize, shared: &SharedParts) -> CellContent {
    match kind {
        "s" => {
            let found = value.parse().ok().and_then(|at: usize| shared.strings.get(at));
            found.map_or(CellContent::Empty, |text| CellContent::Text(text.clone()))
        }
        "str" | "inlineStr" | "e" => CellContent::Text(value),
        "b" => CellContent::Bool(value == "1"),
        "d" => CellContent::Date(value.split('T').next().unwrap_or_default().to_owned()),
        _ if shared.styles.get(style) == Some(&NumberFormat::Date) => {
            let day = parts::serial_date(&value, shared.from_1904);
            day.map_or_else(|| number_content(value), CellContent::Date)
        }
        _ => number_content(value),
    }
}

/// Returns a number, or a text if the value is not a number.
fn number_content(value: String) -> CellContent {
    parts::plain_digits(&value).map_or(CellContent::Text(value), CellContent::Number)
}
