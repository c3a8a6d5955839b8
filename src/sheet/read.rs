//! Owns reading a workbook into the tree of a data file: which sheet is what, and the sheets of keys and
//! values. CSV files of one table go the same way.
//! Must not know file formats, nor how a table's sheet is read.

use super::table::{self, Names};
use super::{AFTER, INFO, INFO_HEADS, LEAD, NOTE, ORGAN_NAME, TEXT_HEADS, TEXTS, plain};
use crate::data::{Book, BookCell, CellContent, Entry, Node, Sheet, Value, plain_form};
use crate::form::{Form, Library, Section, Table};
use crate::report::{ORGAN_KEYS, TOP_KEYS, is_key, unnumbered};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Span};
use std::sync::Arc;

/// Reads a workbook into the tree that the same report in TOML would give. Faults go to the sink.
pub fn tree(source: SourceId, book: &Book, library: &Library, sink: &mut Sink) -> Option<Node> {
    let mut used = vec![false; book.sheets.len()];
    let (mut entries, mut notes) = (Vec::new(), Vec::new());
    let mut span = Span::default();
    if let Some(at) = find(book, &[INFO], &used).or_else(|| headed(book, INFO_HEADS, &used)) {
        used[at] = true;
        span = book.sheets[at].place(0, 0);
        entries = info(&book.sheets[at], &mut notes);
    }
    let form = form(&entries, library)?;
    for table in &form.tables {
        let Some(at) = table_sheet(book, form, table, &used) else {
            let message = table::without_sheet(table);
            let found = Diagnostic::error("missing-part", Place::File(source), message);
            sink.push(found.hint(text!("sheet.missing-hint")));
            continue;
        };
        used[at] = true;
        let node = table::read(source, &book.sheets[at], table, sink);
        entries.push(Entry { key: table.id.clone(), key_span: node.span, node });
    }
    let named = find(book, &[TEXTS, "text"], &used);
    if let Some(at) = named.or_else(|| headed(book, TEXT_HEADS, &used)) {
        used[at] = true;
        let node = texts(&book.sheets[at], form);
        entries.push(Entry { key: "text".to_owned(), key_span: node.span, node });
        notes.extend(text_notes(&book.sheets[at], form));
    }
    if let Some(first) = notes.first() {
        let key_span = first.key_span;
        let node = Node { value: Value::Table(notes), span: key_span };
        entries.push(Entry { key: "notes".to_owned(), key_span, node });
    }
    for (sheet, _) in book.sheets.iter().zip(used).filter(|(_, used)| !used) {
        if let Some(cell) = sheet.cells.iter().find(|cell| !cell.content.is_blank()) {
            let place = Place::Text(source, cell.span);
            let message = text!("sheet.other-sheet", name = &sheet.name);
            let severity = docx_fill::diag::Severity::Remark;
            sink.push(Diagnostic::new("other-sheet", severity, place, message));
        }
    }
    Some(Node { value: Value::Table(entries), span })
}

/// Reads a CSV file of one table, found by its labels; the newest edition wins.
pub fn csv(source: SourceId, book: &Book, library: &Library, sink: &mut Sink) -> Option<Node> {
    let sheet = book.sheets.first()?;
    let mut best: Option<(usize, &Table)> = None;
    for table in library.forms().iter().rev().flat_map(|form| &form.tables) {
        let found = Names::of(table).found(sheet);
        if found > best.map_or(2, |(most, _)| most) {
            best = Some((found, table));
        }
    }
    let Some((_, table)) = best else {
        let message = text!("sheet.csv-table");
        sink.push(Diagnostic::error("missing-part", Place::File(source), message));
        return None;
    };
    let node = table::read(source, sheet, table, sink);
    let span = node.span;
    let entry = Entry { key: table.id.clone(), key_span: span, node };
    Some(Node { value: Value::Table(vec![entry]), span })
}

/// The first free sheet of one of these names.
fn find(book: &Book, names: &[&str], used: &[bool]) -> Option<usize> {
    let fits = |sheet: &Sheet| names.iter().any(|name| plain(name) == plain(&sheet.name));
    (0..book.sheets.len()).find(|&at| !used[at] && fits(&book.sheets[at]))
}

/// The first free sheet with these heads in a line, for sheets that were renamed.
fn headed(book: &Book, heads: [&str; 2], used: &[bool]) -> Option<usize> {
    let has = |cells: &[BookCell], head: &str| {
        cells.iter().any(|cell| plain(cell.content.text()) == head)
    };
    let fits = |sheet: &Sheet| sheet.rows().any(|cells| heads.iter().all(|h| has(cells, h)));
    (0..book.sheets.len()).find(|&at| !used[at] && fits(&book.sheets[at]))
}

/// The sheet of a table: by its name or heading, else the free sheet with most of its labels.
fn table_sheet(book: &Book, form: &Form, table: &Table, used: &[bool]) -> Option<usize> {
    let section = form.sections.iter().find(|section| {
        section.table.is_some_and(|at| form.tables[at].id == table.id) && section.heading.is_some()
    });
    let heading = section.and_then(|s| s.heading.as_deref()).unwrap_or(&table.name);
    let names = [table.name.as_str(), &table.id, heading, unnumbered(heading)];
    let labels = Names::of(table);
    find(book, &names, used).or_else(|| {
        let free = (0..book.sheets.len()).filter(|&at| !used[at]);
        let scored = free.map(|at| (labels.found(&book.sheets[at]), at));
        let best = scored.max_by_key(|(found, at)| (*found, std::cmp::Reverse(*at)))?;
        (best.0 * 2 > table.rows.len() + table.columns.len()).then_some(best.1)
    })
}

/// The form that the tables are read by; the tree says what is wrong with year and form.
fn form<'a>(entries: &[Entry], library: &'a Library) -> Option<&'a Arc<Form>> {
    let of = |key: &str| entries.iter().find(|entry| entry.key == key).map(|e| &e.node.value);
    let named = match of("form") {
        Some(Value::Text(name) | Value::Number(name)) => library.edition(name),
        _ => None,
    };
    let year = match of("year") {
        Some(Value::Number(year)) => year.parse().ok(),
        _ => None,
    };
    named.or_else(|| library.for_year(year?)).or_else(|| library.forms().last())
}

/// A line of a sheet of keys and values.
struct Pair<'a> {
    key: Option<&'a BookCell>,
    value: Option<&'a BookCell>,
    /// Place of the value, whether it is given or not.
    span: Span,
}

/// The lines below the heads; without heads the first two used columns.
fn pairs<'a>(sheet: &'a Sheet, heads: [&str; 2]) -> Vec<Pair<'a>> {
    let is = |cell: &BookCell, head: &str| plain(cell.content.text()) == head;
    let head_row = sheet.rows().find_map(|cells| {
        let key = cells.iter().find(|cell| is(cell, heads[0]))?;
        let value = cells.iter().find(|cell| cell.column > key.column && is(cell, heads[1]))?;
        Some((key.row, key.column, value.column))
    });
    let filled = || sheet.cells.iter().filter(|cell| !cell.content.is_blank());
    let first = filled().map(|cell| cell.column).min().unwrap_or(0);
    let (skip, key, value) = head_row.map_or((None, first, first + 1), |h| (Some(h.0), h.1, h.2));
    let rows = sheet.rows().filter(|cells| skip.is_none_or(|head| cells[0].row > head));
    let pair = |cells: &'a [BookCell]| {
        let at = |column: usize| cells.iter().find(|cell| cell.column == column);
        Pair {
            key: at(key).filter(|cell| !cell.content.is_blank()),
            value: at(value).filter(|cell| !cell.content.text().is_empty()),
            span: sheet.place(cells[0].row, value),
        }
    };
    rows.map(pair).filter(|pair| pair.key.is_some() || pair.value.is_some()).collect()
}

/// Year, form, title, date and organ.
fn info(sheet: &Sheet, notes: &mut Vec<Entry>) -> Vec<Entry> {
    let mut top = Vec::new();
    let mut organ: Vec<Entry> = Vec::new();
    for Pair { key, value, span } in pairs(sheet, INFO_HEADS) {
        let filled = value.filter(|cell| !cell.content.is_blank());
        let (Some(key), Some(value)) = (key, filled) else { continue };
        let name = plain(key.content.text());
        let entry = |id: &str, value: Value| Entry {
            key: id.to_owned(),
            key_span: key.span,
            node: Node { value, span },
        };
        let of_organ = ORGAN_KEYS.iter().find(|k| is_key(&name, **k));
        let of_organ = of_organ.or((name == ORGAN_NAME).then_some(&ORGAN_KEYS[0]));
        if let Some((id, _)) = of_organ {
            organ.push(entry(id, words(value)));
        } else if let Some((id, _)) = TOP_KEYS.iter().find(|k| is_key(&name, **k)) {
            top.push(entry(id, top_value(id, value)));
        } else if let Some((id, _)) = TOP_KEYS.iter().find(|k| name == format!("{}{NOTE}", k.1)) {
            notes.push(entry(id, Value::Text(value.content.text().trim().to_owned())));
        } else {
            top.push(entry(key.content.text().trim(), words(value)));
        }
    }
    if let Some(first) = organ.first() {
        let key_span = first.key_span;
        let node = Node { value: Value::Table(organ), span: key_span };
        top.push(Entry { key: "organ".to_owned(), key_span, node });
    }
    top
}

fn words(cell: &BookCell) -> Value {
    match &cell.content {
        CellContent::Number(digits) => Value::Number(digits.clone()),
        other => Value::Text(other.text().trim().to_owned()),
    }
}

fn top_value(id: &str, cell: &BookCell) -> Value {
    let text = cell.content.text();
    let plain: String = text.trim().chars().map(|c| plain_form(c).unwrap_or(c)).collect();
    match id {
        "year" => {
            let digits = plain.trim_end_matches(['度', '年']);
            // Of more digits, or with needless zeros, it is no year.
            let number = digits.parse::<u16>().is_ok_and(|year| year.to_string() == digits);
            if number { Value::Number(digits.to_owned()) } else { Value::Text(plain) }
        }
        "date" => Value::Text(day(&plain).unwrap_or(plain)),
        "title" => Value::Text(text.to_owned()),
        _ => words(cell),
    }
}

/// `2026年1月20日` and `2026/1/20` as `2026-01-20`.
fn day(text: &str) -> Option<String> {
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = parts.next().is_none() && year.len() == 4 && month.len() <= 2 && day.len() <= 2;
    fits.then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

/// The texts by section. A line without key continues the one above it.
fn texts(sheet: &Sheet, form: &Form) -> Node {
    let mut entries: Vec<Entry> = Vec::new();
    for Pair { key, value, span } in pairs(sheet, TEXT_HEADS) {
        let filled = value.is_some_and(|cell| !cell.content.is_blank());
        let more = value.map_or(Value::Text(String::new()), |cell| match &cell.content {
            CellContent::Number(digits) => Value::Number(digits.clone()),
            other => Value::Text(other.text().to_owned()),
        });
        match (key, entries.last_mut()) {
            (Some(key), _) => entries.push(Entry {
                key: section_key(form, key.content.text()),
                key_span: key.span,
                node: Node { value: more, span },
            }),
            (None, Some(Entry { node: Node { value: Value::Text(text), .. }, .. })) => {
                if let (Value::Text(more) | Value::Number(more), true) = (more, filled) {
                    text.push_str(if text.is_empty() { "" } else { "\n\n" });
                    text.push_str(&more);
                }
            }
            _ => {}
        }
    }
    Node { value: Value::Table(entries), span: sheet.place(0, 0) }
}

/// The notes beside the texts, below their head.
fn text_notes(sheet: &Sheet, form: &Form) -> Vec<Entry> {
    let is = |cell: &&BookCell, head: &str| plain(cell.content.text()) == head;
    let heads = sheet.rows().find_map(|cells| {
        let key = cells.iter().find(|cell| is(cell, TEXT_HEADS[0]))?;
        let note = cells.iter().find(|cell| is(cell, NOTE))?;
        Some((key.row, key.column, note.column))
    });
    let Some((line, key, note)) = heads else { return Vec::new() };
    let entry = |cells: &[BookCell]| {
        let at = |column: usize| {
            cells.iter().find(|cell| cell.column == column && !cell.content.is_blank())
        };
        let (key, note) = (at(key)?, at(note)?);
        Some(Entry {
            key: section_key(form, key.content.text()),
            key_span: key.span,
            node: Node {
                value: Value::Text(note.content.text().trim().to_owned()),
                span: note.span,
            },
        })
    };
    sheet.rows().filter(|cells| cells[0].row > line).filter_map(entry).collect()
}

/// The id of a section by its heading, with or without number; an unknown one stays as it is.
fn section_key(form: &Form, label: &str) -> String {
    let name = plain(label);
    let (name, after) = match name.strip_suffix(&plain(AFTER)) {
        Some(name) => (name, "-after"),
        None => (name.strip_suffix("-after").unwrap_or(&name), ""),
    };
    let after = if name.len() < plain(label).len() && after.is_empty() { "-after" } else { after };
    let is = |section: &&Section| {
        let heading = section.heading.as_deref().unwrap_or(LEAD);
        section.id == name || plain(heading) == name || plain(unnumbered(heading)) == name
    };
    match form.sections.iter().find(is) {
        Some(section) => format!("{}{after}", section.id),
        None => label.trim().to_owned(),
    }
}
