//! Owns sheets as lists: the head line names the columns, every row below it is a record.
//! Must not know what becomes of a record, nor the format of a file.

use super::SYNTAX_RULE;
use super::plain_values::cell_value;
use super::spreadsheet::{SheetRows, Spreadsheet};
use super::workbook::{CellContent, MergedRange, SheetCell, SheetRow};
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, SourceId, SourcePlace};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Options of finding the records of a sheet.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordOptions {
    /// Number of the head line from 1, if the first line that can be one is not meant.
    pub head_row: Option<usize>,
}

/// A row of a list.
#[derive(Debug, Clone)]
pub struct SheetRecord {
    /// Place of its first cell.
    pub place: Location,
    /// The values of its cells, by the names of the head line.
    pub fields: Map<String, Value>,
    /// True if a cell of it has no value that could be used; that was reported.
    pub is_faulty: bool,
}

/// The records of a sheet, read one after the other.
pub struct SheetRecords<'p, 'a> {
    source: SourceId,
    is_text: bool,
    rows: SheetRows<'p, 'a>,
    /// Names of the columns.
    names: BTreeMap<usize, String>,
    merges: OpenMerges,
    /// Columns without a name that hold something, which is told once.
    unnamed: BTreeSet<usize>,
}

/// The merged ranges that reach down to the next row, with the cells that are shown there.
#[derive(Default)]
struct OpenMerges {
    /// Number of merged ranges that were looked at.
    seen: usize,
    open: Vec<(MergedRange, SheetCell)>,
}

impl OpenMerges {
    /// Adds to a row the cells that reach down into it.
    fn fill_down(&mut self, row: &mut SheetRow, merges: &[MergedRange]) {
        self.open.retain(|(merge, _)| merge.to.0 >= row.row);
        for (merge, cell) in &self.open {
            let column = merge.from.1;
            let at = row.cells.partition_point(|other| other.column < column);
            let there = row.cells.get_mut(at).filter(|other| other.column == column);
            match there {
                Some(other) if other.content.is_blank() => {
                    *other = SheetCell { row: row.row, ..cell.clone() };
                }
                Some(_) => {}
                None => row.cells.insert(at, SheetCell { row: row.row, ..cell.clone() }),
            }
        }
        while let Some(merge) = merges.get(self.seen).filter(|merge| merge.from.0 <= row.row) {
            self.seen += 1;
            let first = row.cells.iter().find(|cell| cell.column == merge.from.1);
            if let Some(cell) = first.filter(|_| merge.from.0 == row.row && merge.to.0 > row.row) {
                self.open.push((*merge, cell.clone()));
            }
        }
    }
}

/// A line of a sheet as a candidate for the head line.
enum HeadCandidate {
    /// Blank, or one cell that is merged over several columns: a title.
    Skipped(bool),
    /// The head line, down to the row with this number.
    Head(usize),
}

impl<'p, 'a> SheetRecords<'p, 'a> {
    /// Reads the head line of a sheet; `None` if the sheet is empty.
    pub fn open(
        book: &'p mut Spreadsheet<'a>,
        sheet: usize,
        options: RecordOptions,
        sink: &mut Sink,
    ) -> Result<Option<SheetRecords<'p, 'a>>, Box<Diagnostic>> {
        let (source, is_text) = (book.source(), book.is_text());
        let rows = book.rows(sheet)?;
        let (names, merges) = (BTreeMap::new(), OpenMerges::default());
        let mut records =
            SheetRecords { source, is_text, rows, names, merges, unnamed: BTreeSet::new() };
        Ok(records.read_head(options, sink)?.then_some(records))
    }

    /// Returns the names of the columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.values().map(String::as_str)
    }

    fn next_row(&mut self) -> Result<Option<SheetRow>, Box<Diagnostic>> {
        let Some(mut row) = self.rows.next_row()? else { return Ok(None) };
        self.merges.fill_down(&mut row, self.rows.merges());
        Ok(Some(row))
    }

    /// Reads up to the end of the head line; returns whether there is one.
    fn read_head(
        &mut self,
        options: RecordOptions,
        sink: &mut Sink,
    ) -> Result<bool, Box<Diagnostic>> {
        let mut heads: BTreeMap<usize, (String, SourcePlace)> = BTreeMap::new();
        while let Some(row) = self.next_row()? {
            let last = match self.judge_head(&row, options) {
                HeadCandidate::Skipped(is_title) => {
                    if let Some(cell) = row.cells.iter().find(|_| is_title) {
                        let message = msg!("data.list-title", text = cell.shown_text().trim());
                        let place = cell.place.in_source(self.source);
                        sink.push(Diagnostic::new(SYNTAX_RULE, Severity::Info, place, message));
                    }
                    continue;
                }
                HeadCandidate::Head(last) => last,
            };
            add_heads(&row, &mut heads);
            // Heads of several lines: the lowest of a column counts, or one that reaches down to it.
            let mut at = row.row;
            while at < last {
                let Some(more) = self.next_row()? else { break };
                at = more.row;
                add_heads(&more, &mut heads);
            }
            self.names = self.distinct_names(heads)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn judge_head(&self, row: &SheetRow, options: RecordOptions) -> HeadCandidate {
        let filled: Vec<&SheetCell> =
            row.cells.iter().filter(|cell| !cell.content.is_blank()).collect();
        let merge_of = |cell: &SheetCell| {
            let same = |merge: &&MergedRange| merge.from == (row.row, cell.column);
            self.rows.merges().iter().find(same).copied()
        };
        match options.head_row {
            Some(wanted) if row.row + 1 < wanted => return HeadCandidate::Skipped(false),
            None if filled.is_empty() => return HeadCandidate::Skipped(false),
            _ => {}
        }
        if let ([one], None) = (filled.as_slice(), options.head_row)
            && merge_of(one).is_some_and(|merge| merge.to.1 > merge.from.1)
        {
            return HeadCandidate::Skipped(true);
        }
        let ends = filled.iter().filter_map(|cell| merge_of(cell)).map(|merge| merge.to.0);
        HeadCandidate::Head(ends.max().unwrap_or(row.row))
    }

    /// Returns the names of the columns; two of the same name are an error at both.
    fn distinct_names(
        &self,
        heads: BTreeMap<usize, (String, SourcePlace)>,
    ) -> Result<BTreeMap<usize, String>, Box<Diagnostic>> {
        let mut known: BTreeMap<&str, SourcePlace> = BTreeMap::new();
        for (name, place) in heads.values() {
            if let Some(first) = known.insert(name, *place) {
                let place = place.in_source(self.source);
                let found =
                    Diagnostic::error(SYNTAX_RULE, place, msg!("data.list-twice", name = name));
                let found = found
                    .with_label(first.in_source(self.source), msg!("data.list-first", name = name));
                return Err(Box::new(found.with_hint(msg!("data.list-twice-hint"))));
            }
        }
        Ok(heads.into_iter().map(|(column, (name, _))| (column, name)).collect())
    }

    /// Returns the next record; `None` behind the last one. Blank rows are none. What is wrong with a cell goes to the
    /// sink.
    pub fn next_record(&mut self, sink: &mut Sink) -> Result<Option<SheetRecord>, Box<Diagnostic>> {
        while let Some(row) = self.next_row()? {
            let is_blank = |cell: &SheetCell| cell.content.is_blank() && !cell.formula;
            let Some(first) = row.cells.iter().find(|cell| !is_blank(cell)) else { continue };
            let place = first.place.in_source(self.source);
            let is_faulty = self.report_cells(&row, sink);
            let mut cells = row.cells.iter().peekable();
            let mut fields = Map::new();
            for (column, name) in &self.names {
                while cells.next_if(|cell| cell.column < *column).is_some() {}
                let cell = cells.next_if(|cell| cell.column == *column);
                let value = cell.map_or_else(
                    || Value::String(String::new()),
                    |cell| cell_value(cell, self.is_text),
                );
                fields.insert(name.clone(), value);
            }
            return Ok(Some(SheetRecord { place, fields, is_faulty }));
        }
        Ok(None)
    }

    /// Reports cells that have no value, and those in columns without a name; returns whether one has no value.
    fn report_cells(&mut self, row: &SheetRow, sink: &mut Sink) -> bool {
        let mut is_faulty = false;
        for cell in &row.cells {
            let place = cell.place.in_source(self.source);
            let Some(name) = self.names.get(&cell.column) else {
                if !cell.content.is_blank() && self.unnamed.insert(cell.column) {
                    let found = Diagnostic::warning(SYNTAX_RULE, place, msg!("data.list-unnamed"));
                    sink.push(found.with_hint(msg!("data.list-unnamed-hint")));
                }
                continue;
            };
            let found = if cell.is_error {
                let text = cell.content.text();
                let message = msg!("data.list-error", name = name, text = text);
                Diagnostic::error(SYNTAX_RULE, place, message)
                    .with_hint(msg!("data.list-error-hint"))
            } else if cell.formula && cell.content == CellContent::Empty {
                let message = msg!("data.list-uncalculated", name = name);
                Diagnostic::error("no-cached-value", place, message)
                    .with_hint(msg!("sheet.no-cached-value-hint"))
            } else {
                continue;
            };
            is_faulty = true;
            sink.push(found);
        }
        is_faulty
    }
}

/// Adds the names of a line of heads.
fn add_heads(row: &SheetRow, heads: &mut BTreeMap<usize, (String, SourcePlace)>) {
    for cell in row.cells.iter().filter(|cell| !cell.content.is_blank()) {
        heads.insert(cell.column, (head_name(cell.shown_text()), cell.place));
    }
}

/// Returns the text of a head as a name: in one line, without blanks around it. Between Chinese characters a line end
/// is nothing.
fn head_name(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        let is_ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii());
        if !out.is_empty() && (is_ascii(out.chars().next_back()) || is_ascii(word.chars().next())) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Reads all sheets as lists by their names; that of a text is `rows`. With `wants_rows` the first list of a workbook is
/// also called so. Faults go to the sink.
pub fn read_lists(
    book: &mut Spreadsheet<'_>,
    options: RecordOptions,
    wants_rows: bool,
    sink: &mut Sink,
) -> Value {
    let mut root = Map::new();
    let names = book.sheet_names().to_vec();
    let is_text = book.is_text();
    for (number, name) in names.into_iter().enumerate() {
        let list = match read_list(book, number, options, sink) {
            Ok(Some(list)) => list,
            Ok(None) => continue,
            Err(fault) => {
                sink.push(*fault);
                continue;
            }
        };
        let first = root.is_empty();
        if is_text {
            root.insert(ROWS_NAME.to_owned(), list);
            continue;
        }
        if first && wants_rows && name != ROWS_NAME {
            root.insert(ROWS_NAME.to_owned(), list.clone());
        }
        root.insert(name, list);
    }
    Value::Object(root)
}

/// Name of the list of a text.
const ROWS_NAME: &str = "rows";

fn read_list(
    book: &mut Spreadsheet<'_>,
    sheet: usize,
    options: RecordOptions,
    sink: &mut Sink,
) -> Result<Option<Value>, Box<Diagnostic>> {
    let Some(mut records) = SheetRecords::open(book, sheet, options, sink)? else {
        return Ok(None);
    };
    let mut list = Vec::new();
    while let Some(record) = records.next_record(sink)? {
        list.push(Value::Object(record.fields));
    }
    Ok(Some(Value::Array(list)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::diag::{DiagnosticFormat, Lang, Sources, render_diagnostics};
    use serde_json::json;

    fn lists(name: &str, bytes: &[u8]) -> (Value, String) {
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let book = Spreadsheet::open(name, bytes, &mut sources, &mut sink);
        let value = book.map_or(Value::Null, |mut book| {
            read_lists(&mut book, RecordOptions::default(), true, &mut sink)
        });
        let found = sink.into_sorted();
        (value, render_diagnostics(&found, &sources, DiagnosticFormat::Short, Lang::En))
    }

    #[test]
    fn a_text_is_a_list_of_records() {
        let (value, told) = lists("a.csv", "姓 名,金额,编号\n甲,12.5,007\n\n乙,3\n".as_bytes());
        let wanted = json!({"rows": [
            {"姓名": "甲", "金额": 12.5, "编号": "007"},
            {"姓名": "乙", "金额": 3, "编号": ""},
        ]});
        assert_eq!((value, told.as_str()), (wanted, ""));
        let gbk = encoding_rs::GBK.encode("姓名,金额\n甲,1\n").0.into_owned();
        let (value, told) = lists("a.csv", &gbk);
        assert_eq!(value, json!({"rows": [{"姓名": "甲", "金额": 1}]}));
        assert!(told.contains("GBK") && told.lines().count() == 1, "{told}");
    }

    #[test]
    fn what_has_no_name_or_two_is_told_at_its_place() {
        let (_, told) = lists("a.csv", b"a,b\n1,2,3\n4,5,6\n");
        assert!(told.starts_with("a.csv:2:5") && told.lines().count() == 1, "{told}");
        let (value, told) = lists("a.csv", b"a,b,a\n1,2,3\n");
        assert!(value == json!({}) && told.starts_with("a.csv:1:5"), "{told}");
    }

    #[test]
    fn names_stand_in_one_line() {
        assert_eq!(head_name(" Date\nof birth "), "Date of birth");
        assert_eq!(head_name("出生\n日期"), "出生日期");
        assert_eq!(head_name("金额 (CNY)"), "金额 (CNY)");
    }

    #[test]
    fn merged_cells_reach_down() {
        let at = |row: usize, column: usize, text: &str| {
            let content = CellContent::Text(text.to_owned());
            SheetCell::new((row, column), content, SourcePlace::generated())
        };
        let merges = [MergedRange { from: (1, 0), to: (2, 0) }];
        let mut open = OpenMerges::default();
        let mut texts = Vec::new();
        for (row, cells) in [
            (1, vec![at(1, 0, "一科"), at(1, 1, "甲")]),
            (2, vec![at(2, 1, "乙")]),
            (3, vec![at(3, 1, "丙")]),
        ] {
            let mut row = SheetRow { row, cells };
            open.fill_down(&mut row, &merges);
            let cells: Vec<_> = row.cells.iter().map(|c| c.content.text().to_owned()).collect();
            texts.push(cells.join(" "));
        }
        assert_eq!(texts, ["一科 甲", "一科 乙", "丙"]);
    }
}
