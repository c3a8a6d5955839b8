//! Owns reading XLSX workbooks into sheets of cells: values as they were last calculated, numbers in
//! digits, merged ranges. Everything is limited, so that no file can take the machine down.
//! Must not know what a sheet shows. Styles are read only to tell dates from numbers.

use super::SYNTAX;
use super::book::{Book, BookCell, CellContent, Merge, Sheet};
use super::xlsx_parts::{self as parts, Style};
use crate::limits::{CELLS as MOST_CELLS, MERGES as MOST_MERGES, WORKBOOK_BYTES as LARGEST};
use crate::text;
use docx_fill::diag::{
    Diagnostic, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Place, SheetPlace, Sink, SourceId, Sources, Text,
};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// Reads a workbook and makes its sheets known to the sources. Faults go to the sink.
pub(super) fn load(
    source: SourceId,
    bytes: &[u8],
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Book> {
    match Package::open(bytes).and_then(|mut package| package.book()) {
        Ok(book) => {
            let names = book.sheets.iter().map(|sheet| sheet.name.clone());
            sources.set_sheets(source, names.collect());
            Some(book)
        }
        Err(reason) => {
            sink.push(Diagnostic::error(SYNTAX, Place::File(source), reason));
            None
        }
    }
}

struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    read: u64,
    cells: usize,
    /// Bytes of what the cells show: many may show one long shared string.
    shown: u64,
}

/// What cells refer to.
pub(super) struct Shared {
    pub(super) strings: Vec<String>,
    /// What the cell style of that number shows.
    pub(super) styles: Vec<Style>,
    /// Whether days count from 1904.
    pub(super) from_1904: bool,
}

impl Package<'_> {
    fn open(bytes: &[u8]) -> Result<Package<'_>, Text> {
        if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(text!("data.xlsx-old"));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| text!("data.xlsx-broken"))?;
        Ok(Package { zip, read: 0, cells: 0, shown: 0 })
    }

    /// A part as text; nothing if the package lacks it.
    fn part(&mut self, name: &str) -> Result<Option<String>, Text> {
        let wanted = name.trim_start_matches('/');
        let Ok(file) = self.zip.by_name(wanted) else { return Ok(None) };
        let mut content = Vec::new();
        let room = LARGEST.saturating_sub(self.read);
        // The size that the file claims is not to be trusted.
        let got = file.take(room + 1).read_to_end(&mut content);
        let got = got.map_err(|_| text!("data.xlsx-broken"))? as u64;
        if got > room {
            return Err(text!("data.xlsx-large", limit = LARGEST >> 20));
        }
        self.read += got;
        let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&content);
        let text = std::str::from_utf8(content).map_err(|_| text!("data.xlsx-broken"))?;
        Ok(Some(text.to_owned()))
    }

    fn needed(&mut self, name: &str) -> Result<String, Text> {
        self.part(name)?.ok_or_else(|| text!("data.xlsx-broken"))
    }

    fn book(&mut self) -> Result<Book, Text> {
        let top = self.needed("_rels/.rels")?;
        let main = parts::relationships(&top, "")?.into_iter();
        let main = main.filter(|link| link.kind == "officeDocument").map(|link| link.target).next();
        let main = main.ok_or_else(|| text!("data.xlsx-broken"))?;
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let links = self.needed(&format!("{folder}/_rels/{name}.rels"))?;
        let links = parts::relationships(&links, folder)?;
        let workbook = parts::workbook(&self.needed(&main)?)?;
        let target = |kind: &str| {
            links.iter().find(|link| link.kind == kind).map_or("", |link| link.target.as_str())
        };
        let strings = self.part(target("sharedStrings"))?.unwrap_or_default();
        let styles = self.part(target("styles"))?.unwrap_or_default();
        let shared = Shared {
            strings: parts::strings(&strings)?,
            styles: parts::styles(&styles)?,
            from_1904: workbook.from_1904,
        };
        let mut book = Book::default();
        for (name, id) in workbook.sheets.into_iter().take(MAX_SHEETS) {
            let link = links.iter().find(|link| link.id == id && link.kind == "worksheet");
            let Some(link) = link else { continue };
            let xml = self.needed(&link.target)?;
            let number = book.sheets.len();
            let mut sheet = Sheet { name, number, ..Sheet::default() };
            self.sheet(&xml, &shared, &mut sheet)?;
            book.sheets.push(sheet);
        }
        Ok(book)
    }

    fn sheet(&mut self, xml: &str, shared: &Shared, sheet: &mut Sheet) -> Result<(), Text> {
        let mut reader = parts::reader(xml);
        let mut next = (0, 0);
        loop {
            match parts::event(&mut reader)? {
                Event::Start(e) if e.local_name().as_ref() == "row" => {
                    let row = parts::attribute(&e, "r").and_then(|r| r.parse::<usize>().ok());
                    next = (row.map_or(next.0, |row| row.saturating_sub(1)), 0);
                }
                Event::End(e) if e.local_name().as_ref() == "row" => {
                    next = (next.0.saturating_add(1), 0);
                }
                Event::Start(e) if e.local_name().as_ref() == "c" => {
                    let at = parts::attribute(&e, "r").and_then(|name| parts::address(&name));
                    let (row, column) = at.unwrap_or(next);
                    next = (row, column + 1);
                    let style = parts::attribute(&e, "s").and_then(|s| s.parse().ok());
                    let style: usize = style.unwrap_or_default();
                    let (content, formula) = cell(&mut reader, &e, style, shared)?;
                    if row < MAX_ROWS && column < MAX_COLUMNS {
                        self.shown = self.shown.saturating_add(content.text().len() as u64);
                        let span = SheetPlace { sheet: sheet.number, row, column }.span();
                        let decimals = match shared.styles.get(style) {
                            Some(Style::Decimals(count)) => *count,
                            _ => 0,
                        };
                        sheet.cells.push(BookCell {
                            row,
                            column,
                            content,
                            formula,
                            decimals,
                            span,
                        });
                        self.cells += 1;
                    }
                    if self.shown > LARGEST {
                        return Err(text!("data.xlsx-large", limit = LARGEST >> 20));
                    }
                }
                Event::Start(e) if e.local_name().as_ref() == "mergeCell" => {
                    let range = parts::attribute(&e, "ref").unwrap_or_default();
                    sheet.merges.extend(parts::range(&range).map(|(from, to)| Merge { from, to }));
                }
                Event::Eof => break,
                _ => {}
            }
            if self.cells > MOST_CELLS || sheet.merges.len() > MOST_MERGES {
                return Err(text!("data.xlsx-cells", limit = MOST_CELLS));
            }
        }
        // Programs write cells in order; a file that does not is put in order, the first of twins wins.
        sheet.cells.sort_by_key(|cell| (cell.row, cell.column));
        sheet.cells.dedup_by_key(|cell| (cell.row, cell.column));
        Ok(())
    }
}

/// The content of a cell and whether a formula made it.
fn cell(
    reader: &mut Reader<&[u8]>,
    start: &BytesStart<'_>,
    style: usize,
    shared: &Shared,
) -> Result<(CellContent, bool), Text> {
    let kind = parts::attribute(start, "t").unwrap_or_default();
    let (mut value, mut formula) = (None, false);
    loop {
        match parts::event(reader)? {
            Event::Start(e) if e.local_name().as_ref() == "f" => formula = true,
            Event::Start(e) if e.local_name().as_ref() == "v" => {
                value = Some(parts::text_until(reader, "v")?);
            }
            Event::Start(e) if e.local_name().as_ref() == "is" => {
                value = Some(parts::rich_text(reader, "is")?);
            }
            Event::End(e) if e.local_name().as_ref() == "c" => break,
            Event::Eof => return Err(text!("data.xlsx-broken")),
            _ => {}
        }
    }
    let value = value.filter(|value| !value.is_empty());
    Ok((value.map_or(CellContent::Empty, |v| content(&kind, v, style, shared)), formula))
}

fn content(kind: &str, value: String, style: usize, shared: &Shared) -> CellContent {
    match kind {
        "s" => {
            let found = value.parse().ok().and_then(|at: usize| shared.strings.get(at));
            found.map_or(CellContent::Empty, |text| CellContent::Text(text.clone()))
        }
        "str" | "inlineStr" | "e" => CellContent::Text(value),
        "b" => CellContent::Bool(value == "1"),
        "d" => CellContent::Date(value.split('T').next().unwrap_or_default().to_owned()),
        _ if shared.styles.get(style) == Some(&Style::Date) => {
            let day = parts::day(&value, shared.from_1904);
            day.map_or_else(|| number(value), CellContent::Date)
        }
        _ => number(value),
    }
}

/// A number; what is none is a text.
fn number(value: String) -> CellContent {
    parts::digits(&value).map_or(CellContent::Text(value), CellContent::Number)
}
