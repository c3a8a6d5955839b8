//! Owns reading the old binary workbooks (XLS, BIFF8 within an OLE container, [MS-XLS]): last calculated values,
//! number formats, merged ranges. What lies outside of a record is never read.
//! Must not know the meaning of a sheet.

use super::number_format::NumberFormat;
use super::workbook::{CellContent, DataSheet, DataWorkbook, MergedRange, SheetCell};
use crate::limits::{
    MAX_CELL_STYLES, MAX_OLD_CELLS, MAX_SPREADSHEET_MERGES, MAX_SPREADSHEET_STRINGS,
};
use crate::msg;
use cfb::CompoundFile as OleContainer;
use docx_fill::diag::{MAX_SHEETS, Message, SheetLocation, SourcePlace};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

/// Identifiers of records ([MS-XLS] 2.3.2).
mod record {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const DATE_1904: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00BD;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const MERGE_CELLS: u16 = 0x00E5;
    pub(super) const SST: u16 = 0x00FC;
    pub(super) const LABEL_SST: u16 = 0x00FD;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_ERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const BOF: u16 = 0x0809;
}

/// Version of the records in `BOF` that is read.
const BIFF8: u16 = 0x0600;

/// Reads a workbook.
pub(super) fn read_xls(bytes: &[u8]) -> Result<DataWorkbook, Message> {
    let mut container =
        OleContainer::open(Cursor::new(bytes)).map_err(|_| msg!("data.xlsx-broken"))?;
    if container.exists("/EncryptedPackage") {
        return Err(msg!("data.has-password"));
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| container.is_stream(name));
    let name = name.ok_or_else(|| msg!("data.xlsx-old"))?;
    let mut stream = Vec::new();
    let opened = container.open_stream(name).map_err(|_| msg!("data.xlsx-broken"))?;
    // A container whose sectors form a circle has no end.
    let most = bytes.len() as u64;
    opened.take(most).read_to_end(&mut stream).map_err(|_| msg!("data.xlsx-broken"))?;
    Biff::read_globals(&stream)?.read_sheets(&stream)
}

/// A record: its identifier and its bytes.
struct Record<'a> {
    kind: u16,
    data: &'a [u8],
}

/// The records from an offset on.
#[derive(Clone)]
struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let head = self.stream.get(self.at..self.at.checked_add(4)?)?;
        let (kind, size) = (u16_at(head, 0)?, usize::from(u16_at(head, 2)?));
        let data = self.stream.get(self.at + 4..self.at + 4 + size)?;
        self.at += 4 + size;
        Some(Record { kind, data })
    }
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    let bytes = data.get(at..at.checked_add(8)?)?;
    Some(f64::from_le_bytes(bytes.try_into().ok()?))
}

/// Returns an encoded number ([MS-XLS] 2.5.217).
fn rk_number(code: u32) -> f64 {
    #[expect(clippy::cast_possible_wrap, reason = "the upper thirty bits are a signed number")]
    let number = match code & 2 {
        0 => f64::from_bits(u64::from(code & !3) << 32),
        _ => f64::from((code as i32) >> 2),
    };
    if code & 1 == 0 { number } else { number / 100.0 }
}

/// Data that the sheets of a workbook share.
#[derive(Default)]
struct Biff {
    strings: Vec<String>,
    formats: Vec<NumberFormat>,
    from_1904: bool,
    /// Name and offset of each sheet.
    sheets: Vec<(String, usize)>,
}

impl Biff {
    fn read_globals(stream: &[u8]) -> Result<Biff, Message> {
        let mut out = Biff::default();
        let (mut codes, mut styles) = (BTreeMap::new(), Vec::new());
        let mut records = Records { stream, at: 0 };
        while let Some(Record { kind, data }) = records.next() {
            match kind {
                record::BOF if u16_at(data, 0) != Some(BIFF8) => {
                    return Err(msg!("data.xls-version"));
                }
                record::FILE_PASS => return Err(msg!("data.has-password")),
                record::DATE_1904 => out.from_1904 = u16_at(data, 0) == Some(1),
                record::FORMAT => {
                    let code = long_string(data, 2).unwrap_or_default();
                    codes.insert(u16_at(data, 0).unwrap_or_default(), NumberFormat::parse(&code));
                }
                record::XF => styles.push(u16_at(data, 2).unwrap_or_default()),
                record::BOUND_SHEET => out.sheets.extend(bound_sheet(data)),
                record::SST => {
                    let mut pieces = vec![data];
                    let mut ahead = records.clone();
                    while let Some(next) = ahead.next().filter(|r| r.kind == record::CONTINUE) {
                        pieces.push(next.data);
                        records = ahead.clone();
                    }
                    out.strings = shared_strings(&pieces)?;
                }
                record::EOF => break,
                _ => {}
            }
            if codes.len().max(styles.len()) > MAX_CELL_STYLES {
                return Err(msg!("data.xlsx-broken"));
            }
        }
        let format = |id: u16| {
            let known = codes.get(&id).copied();
            known.unwrap_or_else(|| NumberFormat::built_in(id.into()))
        };
        out.formats = styles.into_iter().map(format).collect();
        if out.sheets.is_empty() { Err(msg!("data.xlsx-broken")) } else { Ok(out) }
    }

    fn read_sheets(&self, stream: &[u8]) -> Result<DataWorkbook, Message> {
        let (mut book, mut size) = (DataWorkbook::default(), ReadSize::default());
        for (number, (name, at)) in self.sheets.iter().take(MAX_SHEETS).enumerate() {
            let name = name.clone();
            let mut sheet = DataSheet { name, number, ..DataSheet::default() };
            self.read_sheet(Records { stream, at: *at }, &mut sheet, &mut size)?;
            sheet.cells.sort_by_key(|cell| (cell.row, cell.column));
            sheet.cells.dedup_by_key(|cell| (cell.row, cell.column));
            book.sheets.push(sheet);
        }
        Ok(book)
    }

    fn read_sheet(
        &self,
        records: Records<'_>,
        sheet: &mut DataSheet,
        size: &mut ReadSize,
    ) -> Result<(), Message> {
        // Substreams within the sheet, as those of charts, have cells of their own.
        let (mut depth, mut pending) = (0_usize, false);
        for Record { kind, data } in records {
            let before = sheet.cells.len();
            match kind {
                record::BOF => depth += 1,
                record::EOF if depth <= 1 => break,
                record::EOF => depth -= 1,
                _ if depth != 1 => {}
                record::STRING if pending => {
                    // The text of the formula before it.
                    if let (Some(text), Some(cell)) = (long_string(data, 0), sheet.cells.last_mut())
                    {
                        cell.content = CellContent::Text(text);
                    }
                    pending = false;
                }
                record::MERGE_CELLS => sheet.merges.extend(merged_ranges(data)),
                _ => pending = self.read_cells(kind, data, sheet).unwrap_or(false),
            }
            size.add(sheet.cells.get(before..).unwrap_or_default())?;
            if sheet.merges.len() > MAX_SPREADSHEET_MERGES {
                return Err(msg!("data.xlsx-merges", limit = MAX_SPREADSHEET_MERGES));
            }
        }
        Ok(())
    }

    /// Reads the cells of a record; returns whether the text of a formula follows. `None` for a record that is cut.
    fn read_cells(&self, kind: u16, data: &[u8], sheet: &mut DataSheet) -> Option<bool> {
        let style = || u16_at(data, 4);
        let content = match kind {
            record::NUMBER => self.number(f64_at(data, 6)?, style()?),
            record::RK => self.number(rk_number(u32_at(data, 6)?), style()?),
            record::MUL_RK => {
                let first = u16_at(data, 2)?;
                let count = data.len().checked_sub(6)? / 6;
                for step in 0..count {
                    let at = 4 + step * 6;
                    let number = self.number(rk_number(u32_at(data, at + 2)?), u16_at(data, at)?);
                    let column = usize::from(first) + step;
                    push_cell(sheet, (u16_at(data, 0)?.into(), column), number);
                }
                return Some(false);
            }
            record::LABEL_SST => {
                let text = self.strings.get(usize::try_from(u32_at(data, 6)?).ok()?)?;
                CellValue::text(text.clone())
            }
            record::LABEL => CellValue::text(long_string(data, 6)?),
            record::BOOL_ERR => bool_or_error(*data.get(6)?, *data.get(7)? != 0),
            record::FORMULA => return self.read_formula(data, sheet),
            _ => return Some(false),
        };
        push_cell(sheet, (u16_at(data, 0)?.into(), u16_at(data, 2)?.into()), content);
        Some(false)
    }

    /// Reads the last value of a formula ([MS-XLS] 2.5.133); returns whether its text follows.
    fn read_formula(&self, data: &[u8], sheet: &mut DataSheet) -> Option<bool> {
        let special = u16_at(data, 12)? == 0xFFFF;
        let kind = data.get(6)?;
        let value = match (special, kind) {
            (false, _) => self.number(f64_at(data, 6)?, u16_at(data, 4)?),
            (true, 1) => bool_or_error(*data.get(8)?, false),
            (true, 2) => bool_or_error(*data.get(8)?, true),
            (true, _) => CellValue::default(),
        };
        let at = (u16_at(data, 0)?.into(), u16_at(data, 2)?.into());
        // A formula whose text is empty has a value.
        let formula = !(special && *kind == 3);
        push_cell(sheet, at, CellValue { formula, ..value });
        Some(special && *kind == 0)
    }

    fn number(&self, number: f64, style: u16) -> CellValue {
        let format = self.formats.get(usize::from(style)).copied().unwrap_or_default();
        let found = format.apply(number.to_string(), self.from_1904);
        let (content, shown) = (found.content, found.shown);
        CellValue { content, shown, decimals: format.least_decimals(), ..CellValue::default() }
    }
}

/// Size of the cells that were read: many cells may show one long shared string.
#[derive(Default)]
struct ReadSize {
    cells: usize,
    bytes: u64,
}

impl ReadSize {
    fn add(&mut self, cells: &[SheetCell]) -> Result<(), Message> {
        self.cells += cells.len();
        self.bytes += cells.iter().map(|cell| cell.content.text().len() as u64).sum::<u64>();
        if self.cells > MAX_OLD_CELLS {
            return Err(msg!("data.xlsx-cells", limit = MAX_OLD_CELLS));
        }
        if self.bytes > MAX_SPREADSHEET_STRINGS {
            return Err(msg!("data.xlsx-large", limit = MAX_SPREADSHEET_STRINGS >> 20));
        }
        Ok(())
    }
}

/// Content of a cell, and the text that it shows.
struct CellValue {
    content: CellContent,
    shown: Option<String>,
    formula: bool,
    decimals: usize,
    is_error: bool,
}

impl Default for CellValue {
    fn default() -> CellValue {
        let content = CellContent::Empty;
        CellValue { content, shown: None, decimals: 0, is_error: false, formula: false }
    }
}

impl CellValue {
    fn text(text: String) -> CellValue {
        let content = if text.is_empty() { CellContent::Empty } else { CellContent::Text(text) };
        CellValue { content, ..CellValue::default() }
    }
}

fn push_cell(sheet: &mut DataSheet, at: (usize, usize), value: CellValue) {
    let place = SheetLocation { sheet: sheet.number, row: at.0, column: at.1 };
    let CellValue { content, shown, formula, decimals, is_error } = value;
    let cell = SheetCell::new(at, content, SourcePlace::Cell(place));
    sheet.cells.push(SheetCell { formula, decimals, shown, is_error, ..cell });
}

/// Returns the value of a boolean, or the name of an error ([MS-XLS] 2.5.10).
fn bool_or_error(code: u8, is_error: bool) -> CellValue {
    if !is_error {
        return CellValue { content: CellContent::Bool(code != 0), ..CellValue::default() };
    }
    let name = match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    };
    CellValue { is_error: true, ..CellValue::text(name.to_owned()) }
}

fn merged_ranges(data: &[u8]) -> Vec<MergedRange> {
    let count = u16_at(data, 0).unwrap_or_default();
    let range = |number: u16| {
        let of = |part: usize| u16_at(data, 2 + usize::from(number) * 8 + part * 2);
        let (top, bottom, left, right) = (of(0)?, of(1)?, of(2)?, of(3)?);
        let sound = top <= bottom && left <= right;
        let (from, to) = ((top.into(), left.into()), (bottom.into(), right.into()));
        sound.then_some(MergedRange { from, to })
    };
    (0..count).map_while(range).collect()
}

/// Returns name and offset of a worksheet; other kinds of sheets have no cells.
fn bound_sheet(data: &[u8]) -> Option<(String, usize)> {
    let at = usize::try_from(u32_at(data, 0)?).ok()?;
    let is_worksheet = *data.get(5)? == 0;
    let count = usize::from(*data.get(6)?);
    let wide = data.get(7)? & 1 != 0;
    let name = characters(data.get(8..)?, count, wide)?;
    is_worksheet.then_some((name, at))
}

/// Returns the text with a count of two bytes that begins at an offset.
fn long_string(data: &[u8], at: usize) -> Option<String> {
    let count = usize::from(u16_at(data, at)?);
    if count == 0 {
        return Some(String::new());
    }
    let wide = data.get(at + 2)? & 1 != 0;
    characters(data.get(at + 3..)?, count, wide)
}

/// Returns characters of one or two bytes each.
fn characters(data: &[u8], count: usize, wide: bool) -> Option<String> {
    let mut out = Vec::with_capacity(count);
    for number in 0..count {
        out.push(if wide { u16_at(data, number * 2)? } else { u16::from(*data.get(number)?) });
    }
    Some(String::from_utf16_lossy(&out))
}

/// The bytes of a record with those that continue it.
struct ContinuedRecordReader<'a> {
    pieces: &'a [&'a [u8]],
    piece: usize,
    at: usize,
}

impl ContinuedRecordReader<'_> {
    fn is_at_end(&self) -> bool {
        self.pieces.get(self.piece).is_none_or(|piece| self.at >= piece.len())
    }

    /// Goes to the next piece if this one ends here; returns whether it did.
    fn cross_border(&mut self) -> bool {
        let crosses = self.is_at_end() && self.piece + 1 < self.pieces.len();
        if crosses {
            (self.piece, self.at) = (self.piece + 1, 0);
        }
        crosses
    }

    fn byte(&mut self) -> Option<u8> {
        self.cross_border();
        let byte = *self.pieces.get(self.piece)?.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self, bytes: u32) -> Option<usize> {
        let mut out = 0;
        for place in 0..bytes {
            out |= usize::from(self.byte()?) << (8 * place);
        }
        Some(out)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            self.cross_border();
            let left =
                self.pieces.get(self.piece)?.len().checked_sub(self.at).filter(|n| *n > 0)?;
            let step = left.min(count);
            self.at += step;
            count -= step;
        }
        Some(())
    }

    /// Reads a text ([MS-XLS] 2.5.293). Where it goes on in another piece, the width of its characters is told anew.
    fn text(&mut self) -> Option<String> {
        let count = self.number(2)?;
        let mut flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? } else { 0 };
        let phonetic = if flags & 4 != 0 { self.number(4)? } else { 0 };
        let mut out = Vec::new();
        for _ in 0..count {
            if self.cross_border() {
                flags = self.byte()?;
            }
            let wide = flags & 1 != 0;
            out.push(u16::try_from(self.number(if wide { 2 } else { 1 })?).ok()?);
        }
        self.skip(runs * 4)?;
        self.skip(phonetic)?;
        Some(String::from_utf16_lossy(&out))
    }
}

/// Reads the shared strings ([MS-XLS] 2.4.265).
fn shared_strings(pieces: &[&[u8]]) -> Result<Vec<String>, Message> {
    let mut bytes = ContinuedRecordReader { pieces, piece: 0, at: 0 };
    let broken = || msg!("data.xlsx-broken");
    let _all = bytes.number(4).ok_or_else(broken)?;
    let count = bytes.number(4).ok_or_else(broken)?;
    let (mut out, mut size) = (Vec::new(), 0_u64);
    for _ in 0..count {
        let text = bytes.text().ok_or_else(broken)?;
        size += text.len() as u64;
        if size > MAX_SPREADSHEET_STRINGS {
            return Err(msg!("data.xlsx-large", limit = MAX_SPREADSHEET_STRINGS >> 20));
        }
        out.push(text);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_numbers() {
        for (code, number) in [(0x0000_000A, 2.0), (0x0000_0066 | 1, 0.25), (0x3FF0_0000, 1.0)] {
            assert!((rk_number(code) - number).abs() < 1e-12, "{code:x}");
        }
        assert!((rk_number(0xFFFF_FFFE) + 1.0).abs() < 1e-12, "negative");
    }

    #[test]
    fn a_text_goes_on_in_the_next_piece() {
        // Two characters of one byte, then the width is told anew: two bytes each.
        let first = [1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, b'a', b'b'];
        let second = [1, 0x32, 0x75, 0x59, 0x4E];
        assert_eq!(shared_strings(&[&first, &second]).expect("read"), ["ab甲乙"]);
        for cut in 0..first.len() {
            assert!(shared_strings(&[&first[..cut]]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn random_bytes_end_in_a_message() {
        let mut seed = 7_u64;
        for size in 0..400 {
            let stream: Vec<u8> = (0..size)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    u8::try_from(seed >> 59).unwrap_or_default()
                })
                .collect();
            let _ = Biff::read_globals(&stream).and_then(|biff| biff.read_sheets(&stream));
            assert!(read_xls(&[&[0xD0, 0xCF, 0x11, 0xE0][..], &stream].concat()).is_err());
        }
    }
}
