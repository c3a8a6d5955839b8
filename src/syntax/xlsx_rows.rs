//! Owns the many rows of a sheet: they are written as XML into a workbook that has everything else, row by row. Held as
//! cells of a workbook they would take most of the memory of a large county.
//! Must not know what stands in a cell, nor what a format means.

use super::xlsx::cell_lines;
use docx_fill::diag::column_letters;
use docx_fill::opc::xml::attribute_into;
use docx_fill::opc::{EntryRewriter, rewrite_entries};
use docx_fill::slice::TextSlice as _;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// Entry of a workbook that holds its texts.
const SHARED_STRINGS: &str = "xl/sharedStrings.xml";

/// The content of a cell.
pub(crate) enum CellContent {
    Blank,
    Number(f64),
    Text(String),
}

/// A cell of a row: its content, and the number of its format.
pub(crate) struct RowCell {
    pub(crate) format: usize,
    pub(crate) content: CellContent,
}

/// The rows of a sheet, from the first one on. Each has a cell in every column.
pub(crate) struct SheetRows<'a> {
    /// Name of the sheet's entry in the workbook.
    pub(crate) entry: String,
    /// Index of the first row.
    pub(crate) first: usize,
    /// Number of columns.
    pub(crate) columns: usize,
    /// Number of rows.
    pub(crate) count: usize,
    /// Returns the cells of a row.
    pub(crate) cells: Box<dyn Fn(usize) -> Vec<RowCell> + 'a>,
}

/// Formats and texts that the rows of a sheet use of their workbook, in the order of first use.
pub(crate) struct RowResources {
    formats: Vec<usize>,
    texts: Vec<String>,
    /// Number of cells with a text.
    uses: usize,
}

impl SheetRows<'_> {
    /// Returns what the rows use.
    pub(crate) fn resources(&self) -> RowResources {
        let mut out = RowResources { formats: Vec::new(), texts: Vec::new(), uses: 0 };
        let mut known: HashSet<String> = HashSet::new();
        for cell in (0..self.count).flat_map(|row| (self.cells)(row)) {
            if !out.formats.contains(&cell.format) {
                out.formats.push(cell.format);
            }
            if let CellContent::Text(text) = cell.content {
                out.uses += 1;
                if known.insert(text.clone()) {
                    out.texts.push(text);
                }
            }
        }
        out
    }

    /// Writes one cell for each format and text that the rows use in their place, so that the workbook knows them.
    pub(crate) fn write_samples(
        &self,
        sheet: &mut Worksheet,
        used: &RowResources,
        formats: &[&Format],
    ) -> Result<(), XlsxError> {
        let mut places = (self.first..).flat_map(|row| (0..self.columns).map(move |at| (row, at)));
        let mut next = || {
            let (row, column) = places.next().unwrap_or_default();
            (u32::try_from(row).unwrap_or(u32::MAX), u16::try_from(column).unwrap_or(u16::MAX))
        };
        for format in used.formats.iter().filter_map(|number| formats.get(*number)) {
            let (row, column) = next();
            sheet.write_blank(row, column, format)?;
        }
        for text in &used.texts {
            let (row, column) = next();
            sheet.write_string(row, column, cell_lines(text))?;
        }
        Ok(())
    }

    /// Writes the sheet's XML with the rows in place of their samples.
    fn write_into(
        &self,
        out: &mut dyn std::io::Write,
        xml: &str,
        used: &RowResources,
    ) -> std::io::Result<()> {
        let mut start = "<row".to_owned();
        attribute_into(&mut start, "r", &(self.first + 1).to_string());
        let end = xml.find("</sheetData>").unwrap_or(xml.len());
        let start = xml.find(&start).unwrap_or(end).min(end);
        let (head, samples) = (xml.slice(..start), xml.slice(start..end));
        let area = |last: usize| format!(":{}{last}\"/>", column_letters(self.columns - 1));
        let dimension = head.find("<dimension").and_then(|from| {
            let colon = from + head.slice(from..).find(':')?;
            Some((colon, colon + head.slice(colon..).find("/>")? + "/>".len()))
        });
        match dimension {
            Some((from, to)) => {
                let last = self.first + self.count;
                let parts = [head.slice(..from), &area(last), head.slice(to..)];
                parts.iter().try_for_each(|part| out.write_all(part.as_bytes()))?;
            }
            None => out.write_all(head.as_bytes())?,
        }
        let ids = StyleAndStringIds::read(samples, used);
        let letters: Vec<String> = (0..self.columns).map(column_letters).collect();
        let mut line = String::new();
        for row in 0..self.count {
            line.clear();
            let number = self.first + row + 1;
            let _ = write!(line, "<row r=\"{number}\" spans=\"1:{}\">", self.columns);
            for (cell, letters) in (self.cells)(row).iter().zip(&letters) {
                ids.write_cell(&mut line, cell, &format!("{letters}{number}"));
            }
            line.push_str("</row>");
            out.write_all(line.as_bytes())?;
        }
        out.write_all(xml.slice(end..).as_bytes())
    }
}

/// The numbers that a workbook gave to formats and texts.
struct StyleAndStringIds<'a> {
    formats: HashMap<usize, &'a str>,
    texts: HashMap<&'a str, &'a str>,
}

impl<'a> StyleAndStringIds<'a> {
    /// Reads the numbers from the cells of the samples.
    fn read(samples: &'a str, used: &'a RowResources) -> StyleAndStringIds<'a> {
        let mut cells = samples.split("<c ").skip(1);
        let between = |cell: &'a str, from: &str, to: char| {
            let rest = cell.split_once(from).map_or("0", |(_, rest)| rest);
            rest.split_once(to).map_or("0", |(number, _)| number)
        };
        let formats = used.formats.iter().zip(cells.by_ref().take(used.formats.len()));
        let formats =
            formats.map(|(format, cell)| (*format, between(cell, " s=\"", '"'))).collect();
        let texts = used.texts.iter().map(String::as_str).zip(cells);
        let texts = texts.map(|(text, cell)| (text, between(cell, "<v>", '<'))).collect();
        StyleAndStringIds { formats, texts }
    }

    /// Writes a cell as the other cells of the workbook are written.
    fn write_cell(&self, out: &mut String, cell: &RowCell, name: &str) {
        let format = self.formats.get(&cell.format).copied().unwrap_or("0");
        out.push_str("<c");
        attribute_into(out, "r", name);
        attribute_into(out, "s", format);
        let _ = match &cell.content {
            CellContent::Blank => write!(out, "/>"),
            CellContent::Number(number) => write!(out, "><v>{number}</v></c>"),
            CellContent::Text(text) => {
                attribute_into(out, "t", "s");
                let id = self.texts.get(text.as_str()).copied().unwrap_or("0");
                write!(out, "><v>{id}</v></c>")
            }
        };
    }
}

/// Level of compression of the rows, which repeat themselves: a higher one takes a tenth of the time of a run.
const ROWS_LEVEL: i64 = 2;

/// Puts the rows of sheets into a workbook that holds their samples.
pub(crate) fn insert_rows(
    book: Vec<u8>,
    sheets: &[(SheetRows<'_>, RowResources)],
) -> Result<Vec<u8>, XlsxError> {
    let changed = |name: &str| -> Option<EntryRewriter<'_>> {
        if name == SHARED_STRINGS {
            return Some(Box::new(|xml, out| {
                out.write_all(with_use_count(xml, sheets).as_bytes())
            }));
        }
        let (rows, used) = sheets.iter().find(|(rows, _)| rows.entry == name)?;
        Some(Box::new(|xml, out| rows.write_into(out, xml, used)))
    };
    Ok(rewrite_entries(book, ROWS_LEVEL, &changed)?)
}

/// Returns the texts of a workbook with the number of cells that show them.
fn with_use_count(xml: &str, sheets: &[(SheetRows<'_>, RowResources)]) -> String {
    let count = xml.split_once(" count=\"").and_then(|(before, rest)| {
        let (count, after) = rest.split_once('"')?;
        Some((before, count.parse::<usize>().ok()?, after))
    });
    let Some((before, count, after)) = count else { return xml.to_owned() };
    let (samples, uses) = sheets
        .iter()
        .fold((0, 0), |sums, (_, used)| (sums.0 + used.texts.len(), sums.1 + used.uses));
    let mut out = before.to_owned();
    attribute_into(&mut out, "count", &(count + uses).saturating_sub(samples).to_string());
    out + after
}
