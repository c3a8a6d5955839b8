//! Owns reading ODS spreadsheets (OASIS Open Document Format 1.3, part 3, chapter 9) row by row: last calculated
//! values, what cells show, merged ranges.
//! Must not know the meaning of a sheet.

use super::number_format::{plain_digits, rounded_text};
use super::workbook::{CellContent, MergedRange, SheetCell, SheetRow, SpreadsheetLimits};
use super::xml_stream::{ReadBudget, XmlStream, attribute_value, push_text};
use crate::limits::MAX_ROW_BYTES;
use crate::msg;
use docx_fill::diag::{MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Message, SheetLocation, SourcePlace};
use docx_fill::slice::TextSlice as _;
use quick_xml::events::{BytesStart, Event};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;
use zip::read::ZipFile;

/// Name of the part with the sheets.
const CONTENT_PART: &str = "content.xml";
/// Beginning of the media type of a spreadsheet, or of a template of one.
const MEDIA_TYPE: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";

type PartReader<'p, 'a> = ZipFile<'p, Cursor<&'a [u8]>>;

/// A spreadsheet whose sheets are read row by row.
pub(super) struct OdsPackage<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    limits: SpreadsheetLimits,
    names: Vec<String>,
}

impl<'a> OdsPackage<'a> {
    /// Opens a package; `None` if it is of another kind.
    pub(super) fn open(
        bytes: &'a [u8],
        limits: SpreadsheetLimits,
    ) -> Result<Option<OdsPackage<'a>>, Message> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| msg!("data.xlsx-broken"))?;
        let mut kind = Vec::new();
        if let Ok(file) = zip.by_name("mimetype") {
            let read = file.take(MEDIA_TYPE.len() as u64).read_to_end(&mut kind);
            read.map_err(|_| msg!("data.xlsx-broken"))?;
        }
        if kind != MEDIA_TYPE {
            return Ok(None);
        }
        let mut package = OdsPackage { zip, limits, names: Vec::new() };
        package.names = package.read_names()?;
        Ok(Some(package))
    }

    /// Returns the names of the sheets.
    pub(super) fn sheet_names(&self) -> &[String] {
        &self.names
    }

    fn content(&mut self) -> Result<XmlStream<PartReader<'_, 'a>>, Message> {
        let file = self.zip.by_name(CONTENT_PART).map_err(|_| msg!("data.xlsx-broken"))?;
        Ok(XmlStream::new(file, &ReadBudget::new(self.limits.bytes)))
    }

    fn read_names(&mut self) -> Result<Vec<String>, Message> {
        let (mut names, mut xml) = (Vec::new(), self.content()?);
        loop {
            match TableStep::of(&xml.next_event()?) {
                TableStep::Table(name) if names.len() < MAX_SHEETS => names.push(name),
                TableStep::Table(_) | TableStep::End => return Ok(names),
                // A table within a cell is none of the sheets.
                TableStep::Cell(head) => drop(read_content(&mut xml, &head)?),
                _ => {}
            }
        }
    }

    /// Returns the rows of a sheet.
    pub(super) fn rows(&mut self, sheet: usize) -> Result<OdsRows<'_, 'a>, Message> {
        let most_merges = self.limits.merges;
        let mut xml = self.content()?;
        let mut left = sheet + 1;
        while left > 0 {
            match TableStep::of(&xml.next_event()?) {
                TableStep::Table(_) => left -= 1,
                TableStep::Cell(head) => drop(read_content(&mut xml, &head)?),
                TableStep::End => return Err(msg!("data.xlsx-broken")),
                _ => {}
            }
        }
        let merges = Vec::new();
        Ok(OdsRows { xml, sheet, most_merges, row: 0, repeated: None, merges })
    }
}

/// The beginning or end of a part of the tables.
enum TableStep {
    Table(String),
    TableEnd,
    Row(usize),
    RowEnd,
    Cell(CellHead),
    End,
    Other,
}

impl TableStep {
    fn of(event: &Event<'_>) -> TableStep {
        match event {
            Event::Start(e) => match e.local_name().as_ref() {
                "table" => TableStep::Table(attribute_value(e, "name").unwrap_or_default()),
                "table-row" => TableStep::Row(repetition(e, "number-rows-repeated")),
                "table-cell" | "covered-table-cell" => TableStep::Cell(CellHead::of(e)),
                _ => TableStep::Other,
            },
            Event::End(e) => match e.local_name().as_ref() {
                "table" => TableStep::TableEnd,
                "table-row" => TableStep::RowEnd,
                _ => TableStep::Other,
            },
            Event::Eof => TableStep::End,
            _ => TableStep::Other,
        }
    }
}

fn repetition(start: &BytesStart<'_>, name: &str) -> usize {
    let count = attribute_value(start, name).and_then(|count| count.parse().ok());
    count.unwrap_or(1).max(1)
}

/// The attributes of a cell.
struct CellHead {
    columns: usize,
    /// Columns and rows that it covers.
    covers: (usize, usize),
    kind: String,
    value: Option<String>,
    formula: bool,
    is_error: bool,
}

impl CellHead {
    fn of(start: &BytesStart<'_>) -> CellHead {
        let kinds: Vec<String> = start
            .attributes()
            .with_checks(false)
            .flatten()
            .filter(|a| a.key.local_name().as_ref() == "value-type")
            .filter_map(|a| a.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok())
            .map(std::borrow::Cow::into_owned)
            .collect();
        let is_error = kinds.iter().any(|kind| kind == "error");
        let kind = kinds.into_iter().find(|kind| kind != "error").unwrap_or_default();
        let name = match kind.as_str() {
            "date" => "date-value",
            "time" => "time-value",
            "boolean" => "boolean-value",
            "string" => "string-value",
            _ => "value",
        };
        CellHead {
            columns: repetition(start, "number-columns-repeated"),
            covers: (
                repetition(start, "number-columns-spanned"),
                repetition(start, "number-rows-spanned"),
            ),
            value: attribute_value(start, name),
            formula: attribute_value(start, "formula").is_some(),
            kind,
            is_error,
        }
    }
}

/// Content of a cell, and the text that it shows.
struct OdsContent {
    content: CellContent,
    shown: Option<String>,
}

/// Reads a cell to its end.
fn read_content(
    xml: &mut XmlStream<PartReader<'_, '_>>,
    head: &CellHead,
) -> Result<OdsContent, Message> {
    let (mut text, mut paragraphs) = (String::new(), 0);
    // Elements that are open, and how many of them belong to a remark or a drawing.
    let (mut depth, mut aside) = (1_usize, 0_usize);
    while depth > 0 {
        match xml.next_event()? {
            Event::Start(e) => {
                depth += 1;
                let name = e.local_name();
                let name = name.as_ref();
                aside += usize::from(aside > 0 || is_aside(name));
                if aside == 0 {
                    paragraphs += usize::from(name == "p");
                    push_mark(name, &e, paragraphs, &mut text);
                }
            }
            Event::End(_) => {
                depth -= 1;
                aside = aside.saturating_sub(1);
            }
            Event::Eof => return Err(msg!("data.xlsx-broken")),
            event if aside == 0 && paragraphs > 0 => push_text(&event, &mut text)?,
            _ => {}
        }
        if text.len() > MAX_ROW_BYTES {
            return Err(msg!("data.xlsx-large", limit = MAX_ROW_BYTES >> 20));
        }
    }
    Ok(head.content(text))
}

/// Checks whether an element is not part of what its cell shows.
fn is_aside(name: &str) -> bool {
    matches!(
        name,
        "annotation" | "frame" | "shapes" | "table" | "a-note" | "custom-shape" | "ruby-text"
    )
}

/// Appends the character for which an element stands.
fn push_mark(name: &str, start: &BytesStart<'_>, paragraphs: usize, text: &mut String) {
    match name {
        "p" if paragraphs > 1 => text.push('\n'),
        "line-break" => text.push('\n'),
        "tab" => text.push('\t'),
        "s" => {
            let count = repetition(start, "c").min(1 << 10);
            text.extend(std::iter::repeat_n(' ', count));
        }
        _ => {}
    }
}

impl CellHead {
    fn content(&self, text: String) -> OdsContent {
        let plain = |content| OdsContent { content, shown: None };
        let words = |text: String| {
            if text.is_empty() { CellContent::Empty } else { CellContent::Text(text) }
        };
        if self.is_error {
            return plain(words(text));
        }
        let value = self.value.clone();
        match (self.kind.as_str(), value) {
            ("float" | "currency" | "percentage", Some(value)) => {
                let Some(digits) = plain_digits(&value) else { return plain(words(value)) };
                let shown = shown_number(&digits, &text, self.kind == "percentage");
                OdsContent { content: CellContent::Number(digits), shown }
            }
            ("date", Some(value)) => {
                let value = value.split('.').next().unwrap_or_default().to_owned();
                let day = value.split('T').next().unwrap_or_default().to_owned();
                let midnight = value.ends_with("T00:00:00");
                let shown = (day.len() < value.len() && !midnight).then_some(value);
                OdsContent { content: CellContent::Date(day), shown }
            }
            ("time", Some(value)) => plain(words(clock_of_duration(&value).unwrap_or(text))),
            ("boolean", Some(value)) => plain(CellContent::Bool(value == "true")),
            ("string", Some(value)) if text.is_empty() => plain(words(value)),
            _ => plain(words(text)),
        }
    }
}

/// Returns a number as its cell shows it, without currency and separators; `None` if it is shown in full.
fn shown_number(digits: &str, text: &str, percent: bool) -> Option<String> {
    let figures = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let behind = text.rfind(['.', ',']).map_or("", |at| text.slice(at + 1..));
    let decimals = behind.chars().filter(char::is_ascii_digit).count();
    let fitting = [decimals, 0].into_iter().find_map(|count| {
        let rounded = rounded_text(digits, count, count, percent)?;
        (figures(&rounded) == figures(text)).then_some(rounded)
    });
    fitting.filter(|shown| shown != digits)
}

/// Returns a duration such as `PT08H30M00S` as `08:30:00`.
fn clock_of_duration(value: &str) -> Option<String> {
    let (hours, rest) = value.strip_prefix("PT")?.split_once('H')?;
    let (minutes, seconds) = rest.split_once('M')?;
    let seconds = seconds.trim_end_matches('S').split(['.', ',']).next().unwrap_or_default();
    let all = [hours, minutes, seconds];
    let sound = all
        .iter()
        .all(|part| !part.is_empty() && part.len() < 8 && part.bytes().all(|b| b.is_ascii_digit()));
    sound.then(|| format!("{hours:0>2}:{minutes:0>2}:{seconds:0>2}"))
}

/// The rows of a sheet, in the order of the file.
pub(super) struct OdsRows<'p, 'a> {
    xml: XmlStream<PartReader<'p, 'a>>,
    sheet: usize,
    most_merges: usize,
    /// Number of the next row.
    row: usize,
    /// A row that stands several times, and how often it is still to come.
    repeated: Option<(Vec<SheetCell>, usize)>,
    /// Merged ranges that begin in the rows that were read.
    pub(super) merges: Vec<MergedRange>,
}

impl OdsRows<'_, '_> {
    /// Returns the next row that has cells; `None` behind the last one.
    pub(super) fn next_row(&mut self) -> Result<Option<SheetRow>, Message> {
        loop {
            if let Some((cells, left)) = self.repeated.take() {
                if left > 1 {
                    self.repeated = Some((cells.clone(), left - 1));
                }
                let row = self.row;
                self.row += 1;
                if row < MAX_ROWS {
                    return Ok(Some(self.placed(row, cells)));
                }
                return Ok(None);
            }
            match TableStep::of(&self.xml.next_event()?) {
                TableStep::Row(count) => {
                    let cells = self.read_row()?;
                    if cells.is_empty() {
                        self.row = self.row.saturating_add(count);
                    } else {
                        self.repeated = Some((cells, count));
                    }
                }
                TableStep::TableEnd => return Ok(None),
                TableStep::End => return Err(msg!("data.xlsx-broken")),
                _ => {}
            }
        }
    }

    /// Gives the cells of a row their places.
    fn placed(&self, row: usize, mut cells: Vec<SheetCell>) -> SheetRow {
        for cell in &mut cells {
            cell.row = row;
            let place = SheetLocation { sheet: self.sheet, row, column: cell.column };
            cell.place = SourcePlace::Cell(place);
        }
        SheetRow { row, cells }
    }

    /// Reads the cells of a row that are not empty.
    fn read_row(&mut self) -> Result<Vec<SheetCell>, Message> {
        let (mut cells, mut column, mut size) = (Vec::new(), 0_usize, 0_usize);
        loop {
            let head = match TableStep::of(&self.xml.next_event()?) {
                TableStep::Cell(head) => head,
                TableStep::RowEnd => return Ok(cells),
                TableStep::End => return Err(msg!("data.xlsx-broken")),
                _ => continue,
            };
            let OdsContent { content, shown } = read_content(&mut self.xml, &head)?;
            self.note_merge(column, &head)?;
            // A formula whose text is empty has a value, and so a type.
            let formula = head.formula && (content != CellContent::Empty || head.kind.is_empty());
            let is_there = content != CellContent::Empty || formula;
            let last = column.saturating_add(head.columns);
            for at in column..last.min(if is_there { MAX_COLUMNS } else { column }) {
                let mut cell = SheetCell::new((0, at), content.clone(), SourcePlace::default());
                (cell.formula, cell.is_error) = (formula, head.is_error);
                cell.shown.clone_from(&shown);
                size += cell.shown_text().len();
                if size > MAX_ROW_BYTES {
                    return Err(msg!("data.xlsx-large", limit = MAX_ROW_BYTES >> 20));
                }
                cells.push(cell);
            }
            column = last;
        }
    }

    /// Keeps the range that a cell covers.
    fn note_merge(&mut self, column: usize, head: &CellHead) -> Result<(), Message> {
        let (columns, rows) = head.covers;
        if (columns > 1 || rows > 1) && column < MAX_COLUMNS {
            let to = (self.row.saturating_add(rows - 1), column.saturating_add(columns - 1));
            self.merges.push(MergedRange { from: (self.row, column), to });
        }
        if self.merges.len() > self.most_merges {
            return Err(msg!("data.xlsx-merges", limit = self.most_merges));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_its_cell_shows() {
        for (digits, text, percent, shown) in [
            ("1234.5", "¥1,234.50", false, Some("1234.50")),
            ("1234.5", "1.234,50", false, Some("1234.50")),
            ("3", "3", false, None),
            ("0.155", "15.5%", true, Some("15.5%")),
            ("59237.2449", "59,237.24", false, Some("59237.24")),
            ("1234567", "1,234,567", false, None),
            ("12", "一十二", false, None),
        ] {
            assert_eq!(shown_number(digits, text, percent).as_deref(), shown, "{text}");
        }
        assert_eq!(clock_of_duration("PT08H30M00S").as_deref(), Some("08:30:00"));
        assert_eq!(clock_of_duration("P1D"), None);
    }
}
