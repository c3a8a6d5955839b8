//! Owns reading a report from the tree of a data file: keys by id or official label, every fault with
//! its place and the nearest known name.
//! Must not know the file's syntax, nor judge sums: that is `check`.

mod cell;
mod notes;

use super::{About, Cell, Date, Figure, Note, Organ, Report, TextField, date_of, totals};
use crate::data::{Entry, Node, Value};
use crate::form::{Form, Library, Table};
use crate::text;
use docx_fill::diag::{CellRef, Diagnostic, Place, Sink, SourceId, Span, Text};
pub(crate) use notes::{KEYS as NOTE_KEYS, owner};
use std::sync::Arc;

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
    "not-a-count",
];

/// Levels of organs (层级) with their official names.
pub(crate) const LEVELS: [(&str, &str); 6] = [
    ("township", "乡镇"),
    ("department", "部门"),
    ("county", "县级"),
    ("city", "市级"),
    ("province", "省级"),
    ("ministry", "国务院部门"),
];

/// Keys of the file with the Chinese names that are accepted for them.
pub(crate) const TOP_KEYS: [(&str, &str); 8] = [
    ("year", "年度"),
    ("form", "表样"),
    ("title", "标题"),
    ("date", "日期"),
    ("organ", "机关"),
    ("text", "正文"),
    ("notes", "说明"),
    ("letterhead", "版头"),
];
pub(crate) const ORGAN_KEYS: [(&str, &str); 7] = [
    ("name", "名称"),
    ("level", "层级"),
    ("address", "地址"),
    ("postcode", "邮编"),
    ("phone", "电话"),
    ("email", "电子邮箱"),
    ("website", "网址"),
];

/// Reads a report. Faults go to the sink; `None` if there is no year or no form to read by.
pub fn read(source: SourceId, root: &Node, library: &Library, sink: &mut Sink) -> Option<Report> {
    let mut reader = Reader { source, sink, places: Vec::new(), notes: Vec::new() };
    let entries = reader.table_of(root)?;
    let year = reader.year(root, entries)?;
    let form = reader.form(entries, library, year)?;
    let mut report = Report::blank(source, form, year.0);
    reader.top(entries, &mut report);
    report.notes = std::mem::take(&mut reader.notes);
    report.places = std::mem::take(&mut reader.places);
    if report.organ.name.trim().is_empty() {
        reader.push("missing-key", root.span, text!("report.no-organ"));
    }
    for (table, cells) in report.form.tables.iter().zip(&mut report.tables) {
        for cell in totals::compute(table, cells) {
            let id = table.cells[cell];
            let (row, column) = (&table.rows[id.row].label, &table.columns[id.column].label);
            let place = Place::File(source);
            let message = text!("limit.total", table = &table.name, row = row, column = column);
            sink.push(Diagnostic::error("limit", place, message).hint(text!("limit.total-hint")));
        }
    }
    Some(report)
}

struct Reader<'a> {
    source: SourceId,
    sink: &'a mut Sink,
    places: Vec<(&'static str, Span)>,
    notes: Vec<Note>,
}

impl Reader<'_> {
    fn place(&self, span: Span) -> Place {
        Place::Text(self.source, span)
    }

    fn push(&mut self, rule: &'static str, span: Span, message: Text) {
        let place = self.place(span);
        self.sink.push(Diagnostic::error(rule, place, message));
    }

    fn wrong_type(&mut self, node: &Node, expected: Text) {
        let message = text!("report.wrong-type", expected = expected, found = node.kind());
        self.push("wrong-type", node.span, message);
    }

    /// An unknown key, with the nearest of the known ones.
    fn unknown(&mut self, entry: &Entry, known: &[&str]) {
        let message = text!("report.unknown-key", key = &entry.key);
        self.unknown_as("unknown-key", message, entry, known);
    }

    /// A section or row that the form does not have; one that is like a known one is only misspelt.
    fn extra(&mut self, rule: &'static str, message: Text, entry: &Entry, known: &[&str]) {
        if !self.sink.is_full() && nearest(&entry.key, known).is_some() {
            self.unknown(entry, known);
        } else {
            self.unknown_as(rule, message, entry, known);
        }
    }

    fn unknown_as(&mut self, rule: &'static str, message: Text, entry: &Entry, known: &[&str]) {
        let place = self.place(entry.key_span);
        let mut found = Diagnostic::error(rule, place, message);
        // Nobody sees the hint of a finding that is not kept.
        if self.sink.is_full() {
            return self.sink.push(found);
        }
        if let Some(near) = nearest(&entry.key, known) {
            found = found.hint(text!("report.did-you-mean", name = near));
        } else if known.len() <= 14 {
            found = found.hint(text!("report.known-keys", names = known.to_vec()));
        } else {
            found = found.hint(text!("report.see-form"));
        }
        self.sink.push(found);
    }

    fn table_of<'n>(&mut self, node: &'n Node) -> Option<&'n [Entry]> {
        match &node.value {
            Value::Table(entries) => Some(entries),
            _ => {
                self.wrong_type(node, text!("data.kind-table"));
                None
            }
        }
    }

    fn text_of(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => {
                self.wrong_type(node, text!("data.kind-text"));
                None
            }
        }
    }

    /// A text that may look like a number, such as a postcode: its own digits are the text.
    fn words_of(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Number(digits) => Some(digits.clone()),
            _ => self.text_of(node),
        }
    }

    fn year(&mut self, root: &Node, entries: &[Entry]) -> Option<(u16, Span)> {
        let Some(entry) = entries.iter().find(|entry| is_key(&entry.key, TOP_KEYS[0])) else {
            let start = Span { start: root.span.start, end: root.span.start };
            self.push("missing-key", start, text!("report.no-year"));
            return None;
        };
        let year = match &entry.node.value {
            Value::Number(digits) => digits.parse().ok().filter(|y| (1000..=9999).contains(y)),
            _ => None,
        };
        if year.is_none() {
            self.wrong_type(&entry.node, text!("report.expected-year"));
        }
        Some((year?, entry.node.span))
    }

    /// The form named in the file, or the one for the year.
    fn form(
        &mut self,
        entries: &[Entry],
        library: &Library,
        (year, year_span): (u16, Span),
    ) -> Option<Arc<Form>> {
        let for_year = library.for_year(year);
        let Some(entry) = entries.iter().find(|entry| is_key(&entry.key, TOP_KEYS[1])) else {
            if for_year.is_none() {
                let known = library.forms().iter().map(|form| years(form)).collect::<Vec<_>>();
                let message = text!("report.no-edition", year = u32::from(year), known = known);
                self.push("no-edition", year_span, message);
            }
            return for_year.cloned();
        };
        let edition = self.words_of(&entry.node)?;
        let Some(form) = library.edition(&edition) else {
            let known: Vec<_> = library.forms().iter().map(|form| &form.edition).collect();
            let message = text!("report.unknown-edition", edition = edition, known = known);
            self.push("no-edition", entry.node.span, message);
            return None;
        };
        if !form.covers(year) {
            let message = text!(
                "report.wrong-edition",
                year = u32::from(year),
                edition = edition,
                years = years(form)
            );
            let mut found =
                Diagnostic::error("wrong-edition", self.place(entry.node.span), message);
            if let Some(right) = for_year {
                found = found.hint(text!("report.right-edition", edition = &right.edition));
            }
            self.sink.push(found);
        }
        Some(form.clone())
    }

    fn top(&mut self, entries: &[Entry], report: &mut Report) {
        let form = report.form.clone();
        let mut seen: Vec<String> = Vec::new();
        for entry in entries {
            let top = TOP_KEYS.iter().find(|key| is_key(&entry.key, **key)).map(|key| key.0);
            let table = table_at(&form, &entry.key);
            let id = match (top, table) {
                (Some(id), _) => id.to_owned(),
                (None, Some(at)) => form.tables[at].id.clone(),
                (None, None) => {
                    let tables = form.tables.iter().map(|table| table.id.as_str());
                    let known: Vec<&str> = TOP_KEYS.iter().map(|k| k.0).chain(tables).collect();
                    self.unknown(entry, &known);
                    continue;
                }
            };
            self.once(&mut seen, id, entry);
            match (top, table) {
                (Some("title"), _) => {
                    self.places.push(("title", entry.node.span));
                    report.own_title = self.text_of(&entry.node);
                }
                (Some("date"), _) => {
                    self.places.push(("date", entry.node.span));
                    report.date = self.date(&entry.node);
                }
                (Some("notes"), _) => self.notes(&entry.node, &form),
                (Some("organ"), _) => self.organ(&entry.node, &mut report.organ),
                (Some("text"), _) => self.texts(&entry.node, report),
                (Some("letterhead"), _) => report.letterhead = Some(entry.node.clone()),
                (None, Some(at)) => {
                    self.figures(&entry.node, at, &form.tables[at], &mut report.tables[at]);
                }
                _ => {}
            }
        }
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        let date = date_of(node);
        if date.is_none() {
            self.wrong_type(node, text!("report.expected-date"));
        }
        date
    }

    /// Complains when a key and its official label are both given.
    fn once(&mut self, seen: &mut Vec<String>, id: String, entry: &Entry) {
        if seen.contains(&id) {
            self.push("key-twice", entry.key_span, text!("report.key-twice", key = &entry.key));
        }
        seen.push(id);
    }

    fn organ(&mut self, node: &Node, organ: &mut Organ) {
        let Some(entries) = self.table_of(node) else { return };
        let mut seen = Vec::new();
        for entry in entries {
            let Some(key) = ORGAN_KEYS.iter().find(|key| is_key(&entry.key, **key)) else {
                self.unknown(entry, &ORGAN_KEYS.map(|key| key.0));
                continue;
            };
            self.once(&mut seen, key.0.to_owned(), entry);
            let Some(text) = self.words_of(&entry.node) else { continue };
            self.places.push((key.0, entry.node.span));
            match key.0 {
                "name" => organ.name = text,
                "level" => organ.level = self.level(&entry.node, &text),
                "address" => organ.address = text,
                "postcode" => organ.postcode = text,
                "phone" => organ.phone = text,
                "email" => organ.email = text,
                _ => organ.website = text,
            }
        }
    }

    fn level(&mut self, node: &Node, text: &str) -> Option<String> {
        let found = LEVELS.iter().find(|level| is_key(text, **level));
        if found.is_none() {
            let known: Vec<_> = LEVELS.iter().map(|(id, name)| format!("{id}（{name}）")).collect();
            let message = text!("report.unknown-level", level = text, known = known);
            self.push("unknown-level", node.span, message);
        }
        found.map(|level| level.0.to_owned())
    }

    fn texts(&mut self, node: &Node, report: &mut Report) {
        let Some(entries) = self.table_of(node) else { return };
        let form = report.form.clone();
        let mut seen = Vec::new();
        for entry in entries {
            let (key, after) = match entry.key.strip_suffix("-after") {
                Some(key) => (key, true),
                None => (entry.key.as_str(), false),
            };
            let found = section_at(&form, key);
            let allowed = found.filter(|&at| !after || form.sections[at].table.is_some());
            let Some(section) = allowed else {
                let headings = form.sections.iter().filter_map(|s| s.heading.as_deref());
                let ids = form.sections.iter().map(|s| s.id.as_str());
                let known: Vec<&str> = ids.chain(headings).collect();
                let message = text!("report.extra-section", key = &entry.key);
                self.extra("extra-section", message, entry, &known);
                continue;
            };
            self.once(&mut seen, format!("{section} {after}"), entry);
            if let Some(markdown) = self.text_of(&entry.node) {
                report.texts.push(TextField { section, after, markdown, span: entry.node.span });
            }
        }
    }

    fn figures(&mut self, node: &Node, number: usize, table: &Table, cells: &mut [Cell]) {
        let Some(entries) = self.table_of(node) else { return };
        let (mut seen, mut lost) = (Vec::new(), Vec::new());
        for entry in entries {
            let Some(row) = table.find_row(&entry.key) else {
                let known = names(table.rows.iter().map(|r| (&r.id, &r.label)));
                let message = text!("report.extra-row", table = &table.name, key = &entry.key);
                if !self.sink.is_full() {
                    let near = nearest(&entry.key, &known);
                    lost.extend(near.and_then(|near| table.find_row(near)));
                }
                self.extra("extra-row", message, entry, &known);
                continue;
            };
            self.once(&mut seen, table.rows[row].id.clone(), entry);
            let entries = match &entry.node.value {
                Value::Table(entries) => entries.as_slice(),
                _ => &[],
            };
            for entry in entries.iter().filter(|entry| notes::is_note(entry, table)) {
                self.row_note(entry, About::Row { table: number, row });
            }
            self.row(&entry.node, table, row, cells);
        }
        // The figures of a misspelt row are not known: sums without them would only be noise.
        for row in lost.into_iter().filter(|row| !seen.contains(&table.rows[*row].id)) {
            forget(table, row, cells);
        }
    }

    fn row(&mut self, node: &Node, table: &Table, row: usize, cells: &mut [Cell]) {
        let columns: Vec<usize> = table.row_columns(row).collect();
        match &node.value {
            Value::List(items) => self.row_list(node, items, table, row, &columns, cells),
            Value::Table(entries) => self.row_table(entries, table, row, &columns, cells),
            _ if columns.len() == 1 => self.cell(node, table, row, columns[0], cells),
            _ => {
                forget(table, row, cells);
                self.wrong_type(node, text!("report.expected-row"));
            }
        }
    }

    /// A row as a list, with or without its total.
    fn row_list(
        &mut self,
        node: &Node,
        items: &[Node],
        table: &Table,
        row: usize,
        columns: &[usize],
        cells: &mut [Cell],
    ) {
        let sums = row_sums(table, row);
        let computed = |column| table.cell(row, column).is_some_and(|cell| sums.contains(&cell));
        let own = columns.iter().filter(|&&column| !computed(column));
        let without: Vec<usize> = own.copied().collect();
        let wanted = if items.len() == columns.len() { columns } else { &without };
        if items.len() != wanted.len() {
            let message = text!(
                "report.wrong-length",
                found = items.len(),
                expected = without.len(),
                labels =
                    without.iter().map(|&c| table.columns[c].label.as_str()).collect::<Vec<_>>()
            );
            self.push("wrong-length", node.span, message);
            forget(table, row, cells);
            return;
        }
        for (item, &column) in items.iter().zip(wanted) {
            self.cell(item, table, row, column, cells);
        }
    }

    fn row_table(
        &mut self,
        entries: &[Entry],
        table: &Table,
        row: usize,
        columns: &[usize],
        cells: &mut [Cell],
    ) {
        let (mut seen, mut lost) = (Vec::new(), Vec::new());
        // A note is no figure; `figures` has taken it.
        for entry in entries.iter().filter(|entry| !notes::is_note(entry, table)) {
            let found = table.find_column(&entry.key).filter(|column| columns.contains(column));
            let Some(column) = found else {
                let own = columns.iter().map(|&c| &table.columns[c]);
                let known = names(own.map(|c| (&c.id, &c.label)));
                lost.extend(nearest(&entry.key, &known).and_then(|near| table.find_column(near)));
                self.unknown(entry, &known);
                continue;
            };
            self.once(&mut seen, table.columns[column].id.clone(), entry);
            self.cell(&entry.node, table, row, column, cells);
        }
        for column in lost.into_iter().filter(|column| !seen.contains(&table.columns[*column].id)) {
            if let Some(cell) = table.cell(row, column) {
                cells[cell].figure = Figure::Unknown;
            }
        }
    }

    fn cell(&mut self, node: &Node, table: &Table, row: usize, column: usize, cells: &mut [Cell]) {
        let Some(at) = table.cell(row, column) else { return };
        let figure = match cell::figure(node, table.columns[column].kind) {
            Ok(figure) => figure,
            Err(fault) => {
                let place = self.place(node.span);
                let label = format!("{}“{}”", table.name, table.rows[row].label);
                let (message, hint) =
                    fault.words(&label, &table.columns[column].label, table.columns[column].kind);
                let mut found = Diagnostic::error("not-a-count", place, message).cell(cell_ref(
                    table,
                    Some(row),
                    Some(column),
                ));
                found.hints.extend(hint);
                self.sink.push(found);
                Figure::Unknown
            }
        };
        cells[at] = Cell { figure, span: Some(node.span) };
    }
}

/// The figures of a row that cannot be read are not known; zeros would break every sum.
fn forget(table: &Table, row: usize, cells: &mut [Cell]) {
    let own = table.row_columns(row).filter_map(|column| table.cell(row, column));
    own.for_each(|cell| cells[cell].figure = Figure::Unknown);
}

/// The cells of a row that an identity per row computes.
fn row_sums(table: &Table, row: usize) -> Vec<usize> {
    let of_row = table.instances.iter().filter(|instance| {
        let per_row = table.identities[instance.identity].per == crate::form::Per::Row;
        instance.at == row && per_row
    });
    of_row.filter_map(|instance| instance.computes).collect()
}

/// The ids of a cell, a row or a column.
pub(crate) fn cell_ref(table: &Table, row: Option<usize>, column: Option<usize>) -> CellRef {
    CellRef {
        table: table.id.clone(),
        row: row.map(|row| table.rows[row].id.clone()),
        col: column.map(|column| table.columns[column].id.clone()),
    }
}

pub(crate) fn is_key(key: &str, (id, name): (&str, &str)) -> bool {
    key == id || key == name
}

/// The table that a key names.
fn table_at(form: &Form, key: &str) -> Option<usize> {
    let is = |table: &Table| table.id == key || table.name == key || heads(form, table, key);
    form.tables.iter().position(is)
}

/// The section that a key names.
fn section_at(form: &Form, key: &str) -> Option<usize> {
    form.sections.iter().position(|section| {
        let heading = section.heading.as_deref().unwrap_or_default();
        section.id == key || heading == key || unnumbered(heading) == key
    })
}

/// Whether the key is the heading of the table's section, with or without its number.
fn heads(form: &Form, table: &Table, key: &str) -> bool {
    form.sections.iter().any(|section| {
        let own = section.table.is_some_and(|at| form.tables[at].id == table.id);
        let heading = section.heading.as_deref().unwrap_or_default();
        own && (heading == key || unnumbered(heading) == key)
    })
}

/// A heading without its number: 一、总体情况 → 总体情况.
pub(crate) fn unnumbered(heading: &str) -> &str {
    heading.split_once('、').map_or(heading, |(_, rest)| rest)
}

fn years(form: &Form) -> String {
    match form.last_year {
        Some(last) if last == form.first_year => format!("{last}"),
        Some(last) => format!("{}–{last}", form.first_year),
        None => format!("{}–", form.first_year),
    }
}

fn names<'a>(items: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<&'a str> {
    items.flat_map(|(id, label)| [id.as_str(), label.as_str()]).collect()
}

/// Longest name that may be a misspelt one, in bytes.
const LONGEST_NAME: usize = 240;
/// Most work of comparing one name with known ones, in pairs of a character and a byte.
const LIKENESS_WORK: usize = 200_000;

/// The known name that is most like the unknown one, if one is like it at all.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // What is longer is no misspelt name, and comparing takes time and room by the length.
    if name.len() > LONGEST_NAME {
        return None;
    }
    let length = name.chars().count();
    // Of very many only the first are looked at: it is only for a hint.
    let mut work = LIKENESS_WORK;
    let known = known.iter().take_while(|known| {
        work = work.saturating_sub(length * known.len());
        work > 0
    });
    let like = |known: &&'a str| (strsim::normalized_damerau_levenshtein(name, known), *known);
    let best = known.map(like).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.5).then_some(best.1)
}
