//! Owns reading a report from the tree of a data file: keys by id or official label, every fault
//! with its place and the nearest known name.
//! Must not know the file's syntax, nor check sums: `check` does that.

mod cell;
mod form_choice;
mod key_names;
mod likely_year;
mod notes;
mod organ_fields;
mod unread;

use super::{Date, Figure, Note, NoteTarget, Report, ReportCell, TextField, totals};
use crate::data::{DataEntry, DataNode, DataValue, FaultRules, KnownKeysReader, matches_key};
use crate::form::{
    CellId, FAMILY_KEY, Form, FormRegistry, FormTable, TOP_KEYS, VARIANT_KEY, YEAR_KEY,
};
use crate::labels::TableLabels;
use crate::msg;
use docx_fill::diag::{Diagnostic, FormCellRef, Location, Message, Sink, SourceId, SourcePlace};
pub(crate) use key_names::strip_number;
use key_names::{find_section, find_table, ids_and_labels};
pub(crate) use notes::KEYS as NOTE_KEYS;
use unread::FaultyCell;

/// Most keys that are listed where none is near.
const MAX_LISTED_KEYS: usize = 14;

/// Rule ids of this stage.
pub const RULES: &[&str] = &[
    "unknown-key",
    "extra-section",
    "extra-row",
    "wrong-type",
    "missing-key",
    "key-twice",
    "no-edition",
    "wrong-edition",
    "wrong-length",
    "unknown-level",
    "unknown-choice",
    "not-a-count",
    "unread-cell",
];

/// Reads a report. Faults go to the sink; returns `None` if the year is missing or no form applies
/// to it.
pub fn read_report(
    source: SourceId,
    root: &DataNode,
    library: &FormRegistry,
    sink: &mut Sink,
) -> Option<Report> {
    let file = KnownKeysReader { source, rules: FaultRules::ByKind, sink };
    let mut reader = ReportReader {
        file,
        key_places: Vec::new(),
        unread_fields: Vec::new(),
        notes: Vec::new(),
        unread: Vec::new(),
        faulty: Vec::new(),
    };
    let entries = reader.file.expect_table(root)?;
    let year = reader.read_year(root, entries);
    let form = reader.choose_form(entries, library, year)?;
    let likely = || likely_year::find_likely_year(entries, &form);
    let mut report =
        Report::blank(source, form.clone(), year.map_or_else(likely, |given| given.year));
    report.has_year = year.is_some();
    reader.read_top_level(entries, &mut report);
    report.notes = std::mem::take(&mut reader.notes);
    report.key_places = std::mem::take(&mut reader.key_places);
    reader.check_required_fields(root, &report);
    for (table, cells) in report.form.tables.iter().zip(&mut report.tables) {
        for cell in totals::compute_totals(table, cells) {
            let id = table.cells[cell];
            let (row, column) = (&table.rows[id.row].label, &table.columns[id.column].label);
            let place = Location::File(source);
            let message = msg!("limit.total", table = &table.name, row = row, column = column);
            sink.push(
                Diagnostic::error("limit", place, message).with_hint(msg!("limit.total-hint")),
            );
        }
    }
    Some(report)
}

/// The year of a report as its file gives it.
#[derive(Debug, Clone, Copy)]
struct GivenYear {
    year: u16,
    place: SourcePlace,
}

/// A row of a table with the cells into which its figures are read.
struct RowCells<'a> {
    table: &'a FormTable,
    /// Number of the row.
    row: usize,
    /// The cells of the whole table.
    cells: &'a mut [ReportCell],
}

/// The rule of an unknown key, and the message about it.
struct KeyFault {
    rule: &'static str,
    message: Message,
}

struct ReportReader<'a> {
    file: KnownKeysReader<'a>,
    key_places: Vec<(String, SourcePlace)>,
    /// Ids of the organ's fields whose value is none of their kind.
    unread_fields: Vec<String>,
    notes: Vec<Note>,
    /// Cells of the table being read that hold the sign for an unread figure.
    unread: Vec<(CellId, SourcePlace)>,
    /// Cells of the table being read that hold no figure.
    faulty: Vec<FaultyCell>,
}

impl ReportReader<'_> {
    /// Reports an unknown key, with the nearest of the known ones.
    fn push_unknown_key(&mut self, entry: &DataEntry, known: &[&str]) {
        let message = msg!("report.unknown-key", key = &entry.key);
        self.push_unknown_as(KeyFault { rule: "unknown-key", message }, entry, known);
    }

    /// Reports a section or row that the form lacks; a name similar to a known one is reported as
    /// misspelt.
    fn push_extra(&mut self, fault: KeyFault, entry: &DataEntry, known: &[&str]) {
        if self.file.nearest_key(&entry.key, known).is_some() {
            self.push_unknown_key(entry, known);
        } else {
            self.push_unknown_as(fault, entry, known);
        }
    }

    fn push_unknown_as(&mut self, fault: KeyFault, entry: &DataEntry, known: &[&str]) {
        let hint = self.file.hint_for_key(&entry.key, known, || {
            if known.len() <= MAX_LISTED_KEYS {
                msg!("report.known-keys", names = known.to_vec())
            } else {
                msg!("report.see-form")
            }
        });
        self.file.report_fault(fault.rule, entry.key_place, fault.message, hint);
    }

    fn read_year(&mut self, root: &DataNode, entries: &[DataEntry]) -> Option<GivenYear> {
        let Some(entry) = entries.iter().find(|entry| matches_key(&entry.key, YEAR_KEY)) else {
            self.file.report_fault("missing-key", root.place.start(), msg!("report.no-year"), None);
            self.report_misspelt_year(entries);
            return None;
        };
        let year = match &entry.node.value {
            DataValue::Number(digits) => digits.parse().ok().filter(|y| (1000..=9999).contains(y)),
            _ => None,
        };
        if year.is_none() {
            self.file.report_wrong_type(&entry.node, msg!("report.expected-year"));
        }
        Some(GivenYear { year: year?, place: entry.node.place })
    }

    /// Reports the keys that are most likely meant as the year.
    fn report_misspelt_year(&mut self, entries: &[DataEntry]) {
        let known: Vec<&str> = TOP_KEYS.iter().flat_map(|(id, name)| [*id, *name]).collect();
        for entry in entries {
            let near = self.file.nearest_key(&entry.key, &known);
            if near.is_some_and(|near| matches_key(near, YEAR_KEY)) {
                self.push_unknown_key(entry, &known);
            }
        }
    }

    fn read_top_level(&mut self, entries: &[DataEntry], report: &mut Report) {
        let form = report.form.clone();
        let mut seen: Vec<String> = Vec::new();
        for entry in entries {
            let top = TOP_KEYS.iter().find(|key| matches_key(&entry.key, **key)).map(|key| key.0);
            let table = find_table(&form, &entry.key);
            let id = match (top, table) {
                (Some(id), _) => id.to_owned(),
                (None, Some(at)) => form.tables[at].id.clone(),
                (None, None) => {
                    self.push_unknown_key(entry, &self.known_top_keys(&form, &entry.key));
                    continue;
                }
            };
            self.check_first_use(&mut seen, id, entry);
            match (top, table) {
                (Some("title"), _) => {
                    self.key_places.push(("title".to_owned(), entry.node.place));
                    report.custom_title = self.file.expect_text(&entry.node);
                }
                (Some("date"), _) => {
                    self.key_places.push(("date".to_owned(), entry.node.place));
                    report.date = self.read_date(&entry.node);
                }
                (Some("notes"), _) => self.read_notes(&entry.node, &form),
                (Some("organ"), _) => self.read_organ(&entry.node, report),
                (Some("text"), _) => self.read_texts(&entry.node, report),
                (Some("letterhead"), _) => report.letterhead = Some(entry.node.clone()),
                (None, Some(at)) => {
                    self.read_figures(&entry.node, at, report);
                }
                _ => {}
            }
        }
    }

    /// Returns the keys that may stand where an unknown one does. Those that name a form are not offered where none of
    /// them is needed, unless one was meant.
    fn known_top_keys<'f>(&self, form: &'f Form, key: &str) -> Vec<&'f str> {
        let tables = form.tables.iter().map(|table| table.id.as_str());
        let naming = [FAMILY_KEY.0, VARIANT_KEY.0];
        let is_needed = !form.is_of_default_family()
            || form.variant.is_some()
            || self.file.nearest_key(key, &naming).is_some();
        let top = TOP_KEYS.iter().map(|known| known.0);
        top.filter(|known| is_needed || !naming.contains(known)).chain(tables).collect()
    }

    fn read_date(&mut self, node: &DataNode) -> Option<Date> {
        let date = read_date(node);
        if date.is_none() {
            self.file.report_wrong_type(node, msg!("report.expected-date"));
        }
        date
    }

    /// Reports an error if a key and its official label are both given.
    fn check_first_use(&mut self, seen: &mut Vec<String>, id: String, entry: &DataEntry) {
        if seen.contains(&id) {
            self.file.report_fault(
                "key-twice",
                entry.key_place,
                msg!("report.key-twice", key = &entry.key),
                None,
            );
        }
        seen.push(id);
    }

    fn read_texts(&mut self, node: &DataNode, report: &mut Report) {
        let Some(entries) = self.file.expect_table(node) else { return };
        let form = report.form.clone();
        let mut seen = Vec::new();
        for entry in entries {
            let (key, after) = match entry.key.strip_suffix("-after") {
                Some(key) => (key, true),
                None => (entry.key.as_str(), false),
            };
            let found = find_section(&form, key);
            let allowed = found.filter(|&at| !after || form.sections[at].table.is_some());
            let Some(section) = allowed else {
                let headings = form.sections.iter().filter_map(|s| s.heading.as_deref());
                let ids = form.sections.iter().map(|s| s.id.as_str());
                let known: Vec<&str> = ids.chain(headings).collect();
                let message = msg!("report.extra-section", key = &entry.key);
                self.push_extra(KeyFault { rule: "extra-section", message }, entry, &known);
                continue;
            };
            self.check_first_use(&mut seen, format!("{section} {after}"), entry);
            if let Some(markdown) = self.file.expect_text(&entry.node) {
                report.texts.push(TextField {
                    section,
                    after_table: after,
                    markdown,
                    place: entry.node.place,
                });
            }
        }
    }

    fn read_figures(&mut self, node: &DataNode, number: usize, report: &mut Report) {
        let form = report.form.clone();
        let (table, cells) = (&form.tables[number], &mut report.tables[number]);
        let Some(entries) = self.file.expect_table(node) else { return };
        let (mut seen, mut lost) = (Vec::new(), Vec::new());
        for entry in entries {
            let Some(row) = table.find_row(&entry.key) else {
                if let Some(row) = self.row_by_words(table, entry) {
                    lost.push(row);
                    continue;
                }
                let known = ids_and_labels(table.rows.iter().map(|r| (&r.id, &r.label)));
                let message = msg!("report.extra-row", table = &table.name, key = &entry.key);
                let near = self.file.nearest_key(&entry.key, &known);
                lost.extend(near.and_then(|near| table.find_row(near)));
                self.push_extra(KeyFault { rule: "extra-row", message }, entry, &known);
                continue;
            };
            self.check_first_use(&mut seen, table.rows[row].id.clone(), entry);
            let entries = match &entry.node.value {
                DataValue::Table(entries) => entries.as_slice(),
                _ => &[],
            };
            for entry in entries.iter().filter(|entry| notes::is_note(entry, table)) {
                self.read_row_note(entry, NoteTarget::Row { table: number, row });
            }
            self.read_row(&entry.node, &mut RowCells { table, row, cells });
        }
        // The figures of a misspelt row are unknown; checking sums without them would only add
        // false findings.
        for row in lost.into_iter().filter(|row| !seen.contains(&table.rows[*row].id)) {
            mark_row_unknown(table, row, cells);
        }
        self.report_faulty(table);
        self.report_unread(table);
    }

    /// Reports a key that is a row's label in other words, and returns the row.
    fn row_by_words(&mut self, table: &FormTable, entry: &DataEntry) -> Option<usize> {
        if self.file.sink.is_full() {
            return None;
        }
        let (row, _) = TableLabels::for_table(table).rows.find_exact(&entry.key)?;
        let message = msg!("report.unknown-key", key = &entry.key);
        let hint = msg!("report.did-you-mean", name = &table.rows[row].label);
        self.file.report_fault("unknown-key", entry.key_place, message, Some(hint));
        Some(row)
    }

    fn read_row(&mut self, node: &DataNode, row: &mut RowCells<'_>) {
        let columns: Vec<usize> = row.table.row_columns(row.row).collect();
        match &node.value {
            DataValue::List(items) => self.read_row_list(node, items, row),
            DataValue::Table(entries) => self.read_row_table(entries, row),
            _ if columns.len() == 1 => self.read_cell(node, columns[0], row),
            _ => {
                mark_row_unknown(row.table, row.row, row.cells);
                self.file.report_wrong_type(node, msg!("report.expected-row"));
            }
        }
    }

    /// Reads a row that is written as a list, with or without its total.
    fn read_row_list(&mut self, node: &DataNode, items: &[DataNode], target: &mut RowCells<'_>) {
        let (table, row) = (target.table, target.row);
        let columns: Vec<usize> = table.row_columns(row).collect();
        let sums = row_total_cells(table, row);
        let computed =
            |column| table.cell_number(row, column).is_some_and(|cell| sums.contains(&cell));
        let own = columns.iter().filter(|&&column| !computed(column));
        let without: Vec<usize> = own.copied().collect();
        let wanted = if items.len() == columns.len() { &columns } else { &without };
        if items.len() != wanted.len() {
            let message = msg!(
                "report.wrong-length",
                found = items.len(),
                expected = without.len(),
                labels =
                    without.iter().map(|&c| table.columns[c].label.as_str()).collect::<Vec<_>>()
            );
            self.file.report_fault("wrong-length", node.place, message, None);
            mark_row_unknown(table, row, target.cells);
            return;
        }
        for (item, &column) in items.iter().zip(wanted) {
            self.read_cell(item, column, target);
        }
    }

    fn read_row_table(&mut self, entries: &[DataEntry], target: &mut RowCells<'_>) {
        let (table, row) = (target.table, target.row);
        let columns: Vec<usize> = table.row_columns(row).collect();
        let (mut seen, mut lost) = (Vec::new(), Vec::new());
        // A note is not a figure; `read_figures` has read it already.
        for entry in entries.iter().filter(|entry| !notes::is_note(entry, table)) {
            let found = table.find_column(&entry.key).filter(|column| columns.contains(column));
            let Some(column) = found else {
                let own = columns.iter().map(|&c| &table.columns[c]);
                let known = ids_and_labels(own.map(|c| (&c.id, &c.label)));
                lost.extend(
                    self.file
                        .nearest_key(&entry.key, &known)
                        .and_then(|near| table.find_column(near)),
                );
                self.push_unknown_key(entry, &known);
                continue;
            };
            self.check_first_use(&mut seen, table.columns[column].id.clone(), entry);
            self.read_cell(&entry.node, column, target);
        }
        for column in lost.into_iter().filter(|column| !seen.contains(&table.columns[*column].id)) {
            if let Some(cell) = table.cell_number(row, column) {
                target.cells[cell].figure = Figure::Unknown;
            }
        }
    }

    fn read_cell(&mut self, node: &DataNode, column: usize, target: &mut RowCells<'_>) {
        let (table, row) = (target.table, target.row);
        let Some(at) = table.cell_number(row, column) else { return };
        if cell::is_unread_sign(node) {
            self.unread.push((CellId { row, column }, node.place));
            target.cells[at] = ReportCell { figure: Figure::Unknown, place: Some(node.place) };
            return;
        }
        let kind = table.kind_of(at);
        let figure = match cell::parse_figure(node, kind) {
            Ok(figure) => figure,
            Err(fault) => {
                let place = self.file.location(node.place);
                let label = format!("{}“{}”", table.name, table.rows[row].label);
                let (message, hint) = fault.to_messages(&label, &table.columns[column].label, kind);
                let mut found = Diagnostic::error("not-a-count", place, message)
                    .with_cell(cell_ref(table, Some(row), Some(column)));
                found.hints.extend(hint);
                self.faulty.push(FaultyCell {
                    cell: CellId { row, column },
                    words: fault.words(),
                    found,
                });
                Figure::Unknown
            }
        };
        target.cells[at] = ReportCell { figure, place: Some(node.place) };
    }
}

/// Marks the figures of a row that cannot be read as unknown; zeros would violate every sum.
fn mark_row_unknown(table: &FormTable, row: usize, cells: &mut [ReportCell]) {
    let own = table.row_columns(row).filter_map(|column| table.cell_number(row, column));
    own.for_each(|cell| cells[cell].figure = Figure::Unknown);
}

/// Returns the cells of a row that an identity per row computes.
fn row_total_cells(table: &FormTable, row: usize) -> Vec<usize> {
    let of_row = table.instances.iter().filter(|instance| {
        let per_row = table.identities[instance.identity].per == crate::form::Axis::Row;
        instance.at == row && per_row
    });
    of_row.filter_map(|instance| instance.computes).collect()
}

/// Returns a reference to a cell, row or column by ids.
pub(crate) fn cell_ref(
    table: &FormTable,
    row: Option<usize>,
    column: Option<usize>,
) -> FormCellRef {
    FormCellRef {
        table: table.id.clone(),
        row: row.map(|row| table.rows[row].id.clone()),
        col: column.map(|column| table.columns[column].id.clone()),
    }
}

/// Returns the date that a value gives, as a date or as a text.
pub(crate) fn read_date(node: &DataNode) -> Option<Date> {
    match &node.value {
        DataValue::Date(text) | DataValue::Text(text) => Date::parse(text),
        _ => None,
    }
}
