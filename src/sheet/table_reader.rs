//! Owns reading a table's sheet: rows and columns are identified by their official labels or ids,
//! wherever they are, and merged heads count for all columns that they cover.
//! Must not know the other sheets, nor whether the sheet came from XLSX or CSV.

use super::{OmittedTotal, normalize_label};
use crate::data::{
    CellContent, DataEntry, DataNode, DataSheet, DataValue, SheetCell, to_half_width,
};
use crate::figure::{Decimal, parse_decimal};
use crate::form::{CellId, FigureKind, FormTable};
use crate::labels::TableLabels;
use crate::msg;
use crate::report::{Figure, NOTE_KEYS, ReportCell, cell_ref, compute_totals, plain_digits};
use docx_fill::diag::{Diagnostic, Message, Severity, Sink, SourceId, SourcePlace};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Maximum number of cells of a sheet whose words are compared with tolerance; the forms have some forty labels.
const MAX_COMPARED_WORDS: usize = 2_000;

/// The labels of a table in the form used for comparison.
pub(super) struct SheetLabels {
    rows: BTreeMap<String, usize>,
    columns: BTreeMap<String, usize>,
    /// The labels as words of documents are compared with them.
    by_words: TableLabels,
    /// Remaining number of cells whose words are compared.
    comparisons_left: Cell<usize>,
}

impl SheetLabels {
    pub(super) fn from_table(table: &FormTable) -> SheetLabels {
        let mut names = SheetLabels {
            rows: BTreeMap::new(),
            columns: BTreeMap::new(),
            by_words: TableLabels::for_table(table),
            comparisons_left: Cell::new(MAX_COMPARED_WORDS),
        };
        let official = |names: &mut BTreeMap<String, usize>, words: Vec<&String>, at: usize| {
            for name in words {
                names.entry(normalize_label(name)).or_insert(at);
            }
        };
        for (at, row) in table.rows.iter().enumerate() {
            official(&mut names.rows, vec![&row.id, &row.label, &table.row_name(at)], at);
        }
        for (at, column) in table.columns.iter().enumerate() {
            official(&mut names.columns, vec![&column.id, &column.label], at);
        }
        // Other words only where they are nobody's official label.
        for (at, row) in table.rows.iter().enumerate() {
            official(&mut names.rows, row.aliases.iter().collect(), at);
        }
        for (at, column) in table.columns.iter().enumerate() {
            official(&mut names.columns, column.aliases.iter().collect(), at);
        }
        names
    }

    fn row_of(&self, cell: &SheetCell) -> Option<usize> {
        self.rows.get(&normalize_label(cell_text(cell)?)).copied()
    }

    fn column_of(&self, cell: &SheetCell) -> Option<usize> {
        self.columns.get(&normalize_label(cell_text(cell)?)).copied()
    }

    /// Returns the row that a cell names as a Word report may: without number, quotes or the words in brackets.
    fn row_by_words(&self, cell: &SheetCell) -> Option<usize> {
        let words = self.words_to_compare(cell)?;
        Some(self.by_words.rows.find_exact(words)?.0)
    }

    /// Returns the column that a cell names as a Word report may.
    fn column_by_words(&self, cell: &SheetCell) -> Option<usize> {
        let words = self.words_to_compare(cell)?;
        Some(self.by_words.columns.find_exact(words)?.0)
    }

    fn words_to_compare<'s>(&self, cell: &'s SheetCell) -> Option<&'s str> {
        let words = cell_text(cell)?;
        self.comparisons_left.set(self.comparisons_left.get().checked_sub(1)?);
        Some(words)
    }

    /// Returns the number of labels of the table that occur in a sheet.
    pub(super) fn count_labels(&self, sheet: &DataSheet) -> usize {
        let known =
            |cell: &&SheetCell| self.row_of(cell).is_some() || self.column_of(cell).is_some();
        sheet.cells.iter().filter(known).count()
    }
}

fn cell_text(cell: &SheetCell) -> Option<&str> {
    match &cell.content {
        CellContent::Text(text) => Some(text),
        _ => None,
    }
}

/// Maximum number of columns that a head may cover; the widest head of the forms covers ten.
const MAX_HEAD_COLUMNS: usize = 64;

/// A row of the form found in the sheet.
struct LabelledRow {
    row: usize,
    key_place: SourcePlace,
    cells: Vec<RowFigure>,
    note: Option<(String, SourcePlace)>,
}

struct RowFigure {
    column: usize,
    value: DataValue,
    place: SourcePlace,
    formula: bool,
}

/// A table as it was read.
pub(super) struct FormTableFromSheet {
    pub(super) node: DataNode,
    /// The totals that its formulas leave to the program.
    pub(super) totals: Vec<OmittedTotal>,
}

/// Reads the figures of a table.
pub(super) fn read_table(
    source: SourceId,
    sheet: &DataSheet,
    table: &FormTable,
    sink: &mut Sink,
) -> FormTableFromSheet {
    let names = SheetLabels::from_table(table);
    let mut reader = TableSheetReader {
        source,
        sheet,
        table,
        exact_columns: sheet.cells.iter().filter_map(|cell| names.column_of(cell)).collect(),
        worded_columns: BTreeMap::new(),
        names,
        heads: BTreeMap::new(),
        row_heads: BTreeMap::new(),
        note_heads: Vec::new(),
        width: sheet.cells.iter().map(|cell| cell.column).max().unwrap_or(0),
        last_label: 0,
        rows: Vec::new(),
        headless_columns: BTreeMap::new(),
        unknown_rows: Vec::new(),
        sink,
    };
    for cells in sheet.rows() {
        reader.read_line(cells);
    }
    reader.read_headed_rows();
    reader.report_missing();
    reader.into_table()
}

struct TableSheetReader<'a> {
    source: SourceId,
    sheet: &'a DataSheet,
    table: &'a FormTable,
    names: SheetLabels,
    /// Columns of the form that a cell of the sheet names exactly.
    exact_columns: BTreeSet<usize>,
    /// Column of the sheet by column of the form that a cell only names by words like its head; `None` if several do.
    worded_columns: BTreeMap<(Option<usize>, usize), Option<usize>>,
    /// Column of the form by column of the sheet, according to the heads above.
    heads: BTreeMap<usize, usize>,
    /// Row of the form with its label's place by column of the sheet, for rows that have heads like
    /// columns.
    row_heads: BTreeMap<usize, (usize, SourcePlace)>,
    /// Lines and columns of the heads of notes.
    note_heads: Vec<(usize, usize)>,
    /// Last used column.
    width: usize,
    /// Last line with a label.
    last_label: usize,
    rows: Vec<LabelledRow>,
    /// Columns without head, with the place of the first row that has a figure there.
    headless_columns: BTreeMap<usize, SourcePlace>,
    /// Lines with figures but unknown labels.
    unknown_rows: Vec<DataEntry>,
    sink: &'a mut Sink,
}

impl TableSheetReader<'_> {
    fn read_line(&mut self, cells: &[SheetCell]) {
        for cell in cells {
            if let Some(column) = self.column_named(cell).filter(|at| self.is_only_head(*at, cell))
            {
                let last = self
                    .sheet
                    .merged_range_at(cell.row, cell.column)
                    .map_or(cell.column, |m| m.to.1);
                let last = last.min(cell.column + MAX_HEAD_COLUMNS);
                self.heads.extend((cell.column..=last).map(|at| (at, column)));
                self.last_label = cell.row;
            }
        }
        let head = |cell: &&SheetCell| {
            cell_text(cell).is_some_and(|w| NOTE_KEYS.contains(&normalize_label(w).as_str()))
        };
        self.note_heads.extend(cells.iter().filter(head).map(|cell| (cell.row, cell.column)));
        let mut labelled = false;
        for cell in cells {
            let Some(row) = self.row_named(cell) else { continue };
            let fits = |column: &usize| self.table.cell_number(row, *column).is_some();
            self.last_label = cell.row;
            if !self.heads.range(cell.column + 1..).any(|(_, column)| fits(column)) {
                let last = self.sheet.merged_range_at(cell.row, cell.column).map_or_else(
                    || next_filled_column(cells, cell.column).map_or(usize::MAX, |next| next - 1),
                    |merge| merge.to.1,
                );
                let last = last.min(self.width).min(cell.column + MAX_HEAD_COLUMNS);
                let own = (cell.column..=last).map(|at| (at, (row, cell.place)));
                self.row_heads.extend(own);
            } else if !labelled {
                self.read_row(row, cell.place, cell.row);
                self.attach_note(cell.row);
            }
            labelled = true;
        }
        if !labelled {
            self.keep_unknown_row(cells);
        }
    }

    /// Returns the column that a cell heads. Below the first row, words that are only like a head are a label's.
    fn column_named(&self, cell: &SheetCell) -> Option<usize> {
        let by_words = || {
            let may_head = self.rows.is_empty() && self.names.row_of(cell).is_none();
            may_head.then(|| self.names.column_by_words(cell)).flatten()
        };
        self.names.column_of(cell).or_else(by_words)
    }

    /// Checks whether no other column of the sheet is headed by words like those of a cell: of two, nobody knows which
    /// is meant, and neither is read.
    fn is_only_head(&mut self, column: usize, cell: &SheetCell) -> bool {
        if self.exact_columns.contains(&column) {
            return self.names.column_of(cell) == Some(column);
        }
        let group = self.row_head_above(cell.column);
        let first = self.worded_columns.entry((group, column)).or_insert(Some(cell.column));
        if *first == Some(cell.column) {
            return true;
        }
        *first = None;
        let row_heads = &self.row_heads;
        self.heads
            .retain(|at, head| *head != column || row_heads.get(at).map(|(row, _)| *row) != group);
        false
    }

    /// Returns the row whose head, like that of a column, stands above a column of the sheet.
    fn row_head_above(&self, column: usize) -> Option<usize> {
        self.row_heads.get(&column).map(|(row, _)| *row)
    }

    /// Returns the row that a cell names. Words that are only like a label name one before the figures, or above them
    /// where rows have heads like columns.
    fn row_named(&self, cell: &SheetCell) -> Option<usize> {
        let by_words = || {
            let is_before = self.heads.first_key_value().is_some_and(|head| cell.column < *head.0);
            let may_head = self.rows.is_empty();
            let row = (is_before || may_head).then(|| self.names.row_by_words(cell)).flatten()?;
            (is_before || self.names.by_words.heads_like_column(row)).then_some(row)
        };
        self.names.row_of(cell).or_else(by_words)
    }

    /// Reads the figures of a row from a line of the sheet.
    fn read_row(&mut self, row: usize, key_place: SourcePlace, line: usize) {
        let mut cells = Vec::new();
        for column in self.table.row_columns(row) {
            let under = |(at, head): (&usize, &usize)| (*head == column).then_some(*at);
            let columns: Vec<usize> = self.heads.iter().filter_map(under).collect();
            if !columns.is_empty() {
                cells.push(self.figure_at(CellId { row, column }, line, &columns));
            } else if !self.is_computed(row, column) {
                self.headless_columns.entry(column).or_insert(key_place);
                let value = DataValue::Unread;
                cells.push(RowFigure { column, value, place: key_place, formula: false });
            }
        }
        self.rows.push(LabelledRow { row, key_place, cells, note: None });
    }

    /// Reads the note beside a row, in the column of notes.
    fn attach_note(&mut self, line: usize) {
        let head = self
            .note_heads
            .iter()
            .rfind(|(row, column)| *row < line && !self.heads.contains_key(column));
        let note = head.and_then(|(_, column)| self.note_at(line, *column));
        if let Some(found) = self.rows.last_mut() {
            found.note = note;
        }
    }

    fn note_at(&self, line: usize, column: usize) -> Option<(String, SourcePlace)> {
        let cell = self.sheet.cell_at(line, column).filter(|cell| !cell.content.is_blank())?;
        Some((cell.content.text().trim().to_owned(), cell.place))
    }

    /// Checks whether a line holds the notes of rows with heads like columns, or the heads of those
    /// notes.
    fn is_note_line(&self, line: usize) -> bool {
        let headed = |(row, column): &(usize, usize)| {
            self.row_heads.contains_key(column) && (*row == line || row + 1 == line)
        };
        self.note_heads.iter().any(headed)
    }

    /// Checks whether the program computes the cell if it is left out.
    fn is_computed(&self, row: usize, column: usize) -> bool {
        self.table.cell_number(row, column).is_some_and(|cell| self.table.is_computed(cell))
    }

    /// Returns the figure in a line below the head that covers these columns.
    fn figure_at(&mut self, cell_id: CellId, line: usize, columns: &[usize]) -> RowFigure {
        let column = cell_id.column;
        let sheet = self.sheet;
        let mut cells = columns.iter().filter_map(|&at| sheet.cell_at(line, at));
        let number = self.table.cell_number(cell_id.row, column);
        let kind = number.map_or(FigureKind::default(), |number| self.table.kind_of(number));
        if let Some(cell) = cells.find(|cell| !cell.content.is_blank() || cell.formula) {
            let value = figure_value(cell, kind);
            let value = self.read_spelled(cell_id, cell.place, value);
            return RowFigure { column, value, place: cell.place, formula: cell.formula };
        }
        let own = columns.iter().find(|at| !sheet.is_covered(line, **at));
        let place = sheet.place_at(line, *own.unwrap_or(&columns[0]));
        RowFigure { column, value: DataValue::Text(String::new()), place, formula: false }
    }

    /// Returns a text that can mean only one number as that number, and reports it.
    fn read_spelled(&mut self, cell_id: CellId, place: SourcePlace, value: DataValue) -> DataValue {
        let CellId { row, column } = cell_id;
        let table = self.table;
        let DataValue::Text(found) = &value else { return value };
        let Some(number) = table.cell_number(row, column) else { return value };
        let Some(digits) = plain_digits(found, table, number) else { return value };
        let message = msg!(
            "cell.spelled",
            row = format!("{}“{}”", table.name, table.row_name(row)),
            column = &table.columns[column].label,
            found = found,
            digits = &digits
        );
        let place = place.in_source(self.source);
        let one = Diagnostic::new("figure-spelling", Severity::Info, place, message);
        self.sink.push(one.with_cell(cell_ref(table, Some(row), Some(column))));
        DataValue::Number(digits)
    }

    /// Keeps a line with numbers but an unknown label, so that its figures are not lost silently.
    fn keep_unknown_row(&mut self, cells: &[SheetCell]) {
        let Some((&first, _)) = self.heads.first_key_value() else { return };
        let number = |cell: &&SheetCell| matches!(cell.content, CellContent::Number(_));
        if !cells.iter().filter(number).any(|cell| self.heads.contains_key(&cell.column)) {
            return;
        }
        let label = cells.iter().rev().find(|c| c.column < first && cell_text(c).is_some());
        let Some(label) = label else { return };
        // The reader of the tree reports the unknown label, as it does for every syntax.
        self.unknown_rows.push(DataEntry {
            key: label.content.text().trim().to_owned(),
            key_place: label.place,
            node: DataNode { value: DataValue::Table(Vec::new()), place: label.place },
        });
    }

    /// Reads rows that have heads like columns, from the first line with figures below all labels.
    fn read_headed_rows(&mut self) {
        if self.row_heads.is_empty() {
            return;
        }
        let mut below = self.sheet.rows().filter(|cells| cells[0].row > self.last_label);
        let filled = |cells: &&[SheetCell]| {
            let figure = |c: &SheetCell| {
                self.row_heads.contains_key(&c.column) && self.heads.contains_key(&c.column)
            };
            !self.is_note_line(cells[0].row)
                && cells
                    .iter()
                    .any(|cell| figure(cell) && (!cell.content.is_blank() || cell.formula))
        };
        let line =
            below.find(filled).map_or(self.last_label + 1, |cells: &[SheetCell]| cells[0].row);
        let mut order: Vec<(usize, SourcePlace)> = Vec::new();
        for found in self.row_heads.values() {
            if !order.contains(found) {
                order.push(*found);
            }
        }
        let all = self.heads.clone();
        for (row, key_place) in order {
            let own = |at: &usize| self.row_heads.get(at).is_some_and(|head| head.0 == row);
            self.heads = all.iter().filter(|(at, _)| own(at)).map(|(at, c)| (*at, *c)).collect();
            let note = self.note_heads.iter().find(|(_, column)| own(column)).copied();
            self.read_row(row, key_place, line);
            let note = note.and_then(|(head, column)| self.note_at(head + 1, column));
            if let Some(found) = self.rows.last_mut() {
                found.note = note;
            }
        }
    }

    /// Reports rows and columns of the form that the sheet lacks. A CSV file is written by hand and
    /// may leave rows out, like a TOML file.
    fn report_missing(&mut self) {
        let table = self.table;
        let columns = std::mem::take(&mut self.headless_columns);
        if let Some((&first, place)) = columns.first_key_value() {
            let names: Vec<&str> =
                columns.keys().map(|column| table.columns[*column].label.as_str()).collect();
            let message = match names.as_slice() {
                [name] => msg!("sheet.missing-column", table = &table.name, name = *name),
                _ => msg!(
                    "sheet.missing-columns",
                    table = &table.name,
                    count = names.len(),
                    names = names
                ),
            };
            let cell = cell_ref(table, None, (columns.len() == 1).then_some(first));
            let place = place.in_source(self.source);
            self.sink.push(Diagnostic::error("missing-part", place, message).with_cell(cell));
        }
        let lacks = |row: &usize| {
            let total = table.row_columns(*row).all(|column| self.is_computed(*row, column));
            !total && !self.sheet.is_text && !self.rows.iter().any(|found| found.row == *row)
        };
        let rows: Vec<usize> = (0..table.rows.len()).filter(lacks).collect();
        let Some(&first) = rows.first() else { return };
        let names: Vec<String> = rows.iter().map(|row| table.row_name(*row)).collect();
        let message = match names.as_slice() {
            [name] => msg!("sheet.missing-row", table = &table.name, name = name),
            _ => {
                msg!("sheet.missing-rows", table = &table.name, count = names.len(), names = names)
            }
        };
        let place = self.sheet.place_at(0, 0);
        let found = Diagnostic::error("missing-part", place.in_source(self.source), message);
        let cell = cell_ref(table, (rows.len() == 1).then_some(first), None);
        self.sink.push(found.with_cell(cell).with_hint(msg!("sheet.missing-hint")));
        for row in rows {
            let unread =
                |column| RowFigure { column, value: DataValue::Unread, place, formula: false };
            let cells = table.row_columns(row).map(unread).collect();
            self.rows.push(LabelledRow { row, key_place: place, cells, note: None });
        }
    }

    fn into_table(mut self) -> FormTableFromSheet {
        let place = self.sheet.place_at(0, 0);
        let totals = self.drop_totals();
        let entry = |found: LabelledRow| {
            let cells = found.cells.into_iter().map(|cell| DataEntry {
                key: self.table.columns[cell.column].id.clone(),
                key_place: cell.place,
                node: DataNode { value: cell.value, place: cell.place },
            });
            let note = found.note.map(|(text, place)| DataEntry {
                key: NOTE_KEYS[0].to_owned(),
                key_place: place,
                node: DataNode { value: DataValue::Text(text), place },
            });
            DataEntry {
                key: self.table.rows[found.row].id.clone(),
                key_place: found.key_place,
                node: DataNode {
                    value: DataValue::Table(cells.chain(note).collect()),
                    place: found.key_place,
                },
            }
        };
        let rows = self.rows.into_iter().map(entry).chain(self.unknown_rows);
        FormTableFromSheet {
            node: DataNode { value: DataValue::Table(rows.collect()), place },
            totals,
        }
    }

    /// Leaves out a formula in a computed cell if it shows the computed value or none yet, as
    /// nothing is lost then; otherwise its value is checked like any given total. Formulas
    /// elsewhere that have no value are unknown and reported. Returns what was left out.
    fn drop_totals(&mut self) -> Vec<OmittedTotal> {
        let computed = self.compute_totals();
        let (table, mut lost, mut totals) = (self.table, Vec::new(), Vec::new());
        for found in &mut self.rows {
            let row = found.row;
            found.cells.retain_mut(|cell| {
                let empty = matches!(&cell.value, DataValue::Text(text) if text.is_empty());
                let at = table.cell_number(row, cell.column).filter(|&at| table.is_computed(at));
                if cell.formula && empty && at.is_none() {
                    lost.push((row, cell.column, cell.place));
                    cell.value = DataValue::Unread;
                }
                let Some(at) = at.filter(|_| cell.formula) else { return true };
                let own = computed[at].figure.as_number();
                let is_given = !(empty || own.is_none() || parse_number(&cell.value) == own);
                if !is_given {
                    totals.push(OmittedTotal::new(table, at, cell.place));
                }
                is_given
            });
        }
        if let Some(&(row, column, place)) = lost.first() {
            let message = msg!(
                "sheet.no-cached-value",
                table = &table.name,
                row = table.row_name(row),
                column = &table.columns[column].label,
                count = lost.len()
            );
            let place = place.in_source(self.source);
            let found = Diagnostic::error("no-cached-value", place, message);
            let column = (lost.len() == 1).then_some(column);
            let row = lost.iter().all(|(other, ..)| *other == row).then_some(row);
            let found = found.with_cell(cell_ref(table, row, column));
            self.sink.push(found.with_hint(msg!("sheet.no-cached-value-hint")));
        }
        totals
    }

    /// Returns the table with its totals computed from the cells without formula.
    fn compute_totals(&self) -> Vec<ReportCell> {
        let zero = ReportCell { figure: Figure::Number(Decimal::ZERO), place: None };
        let mut cells = vec![zero; self.table.cells.len()];
        for found in &self.rows {
            for cell in &found.cells {
                let Some(at) = self.table.cell_number(found.row, cell.column) else { continue };
                let left_out = cell.formula && self.table.is_computed(at);
                let figure = parse_number(&cell.value).map_or(Figure::Unknown, Figure::Number);
                cells[at] = ReportCell { figure, place: (!left_out).then_some(cell.place) };
            }
        }
        compute_totals(self.table, &mut cells);
        cells
    }
}

/// Returns the column of the next non-blank cell in a line.
fn next_filled_column(cells: &[SheetCell], column: usize) -> Option<usize> {
    cells.iter().find(|cell| cell.column > column && !cell.content.is_blank()).map(|c| c.column)
}

fn parse_number(value: &DataValue) -> Option<Decimal> {
    match value {
        DataValue::Number(digits) => parse_decimal(digits).ok(),
        _ => None,
    }
}

/// Returns a figure with the obvious corrections: numbers typed as text, in full-width digits or
/// with stray blanks become numbers. Where the form allows text, text is kept.
fn figure_value(cell: &SheetCell, kind: FigureKind) -> DataValue {
    let words = match &cell.content {
        CellContent::Number(digits) => {
            let decimal = matches!(kind, FigureKind::Money | FigureKind::Text);
            return DataValue::Number(pad_decimals(
                digits,
                if decimal { cell.decimals } else { 0 },
            ));
        }
        CellContent::Bool(value) => return DataValue::Bool(*value),
        CellContent::Empty => "",
        CellContent::Text(text) | CellContent::Date(text) => text,
    };
    let trimmed = words.trim();
    let plain: String = trimmed.chars().map(|c| to_half_width(c).unwrap_or(c)).collect();
    match kind {
        _ if plain.is_empty() || plain == "/" => DataValue::Text(plain),
        FigureKind::Text => DataValue::Text(words.to_owned()),
        // Leading zeros and plus signs are not part of a number in every syntax.
        _ => parse_decimal(&plain).map_or_else(
            |_| DataValue::Text(trimmed.to_owned()),
            |n| DataValue::Number(n.to_string()),
        ),
    }
}

/// Returns an amount padded with zeros to the decimals that its cell shows.
fn pad_decimals(digits: &str, decimals: usize) -> String {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() >= decimals {
        return digits.to_owned();
    }
    format!("{whole}.{fraction:0<decimals$}")
}

/// Returns the message for a table without a sheet.
pub(super) fn missing_sheet_message(table: &FormTable) -> Message {
    msg!("sheet.missing-sheet", table = &table.name)
}
