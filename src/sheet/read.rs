//! Owns reading a workbook or a CSV file of one table into the tree of a data file: identifying the
//! sheets, and the sheets of keys and values.
//! Must not know file formats, nor the reading of a table's sheet.

use super::guide::{GUIDE_SHEET, QUOTES_SHEET};
use super::table_reader::{self, SheetLabels};
use super::{
    AFTER_SUFFIX, INFO_HEADS, INFO_SHEET, LEAD_NAME, NOTE, OmittedTotal, TEXT_HEADS, TEXT_SHEET,
    normalize_label,
};
use crate::data::{
    CellContent, DataEntry, DataNode, DataSheet, DataValue, DataWorkbook, SheetCell, matches_key,
    to_half_width,
};
use crate::form::{
    FieldKind, Form, FormField, FormQuery, FormRegistry, FormSection, FormTable, TOP_KEYS,
};
use crate::msg;
use crate::report::{Date, strip_number};
use docx_fill::diag::{Diagnostic, Location, Sink, SourceId, SourcePlace};
use std::sync::Arc;

/// A workbook as it was read.
#[derive(Debug)]
pub struct SheetReport {
    /// The tree that the same report in TOML would give.
    pub root: DataNode,
    /// The totals that its formulas leave to the program.
    pub totals: Vec<OmittedTotal>,
}

/// Reads a workbook into the tree that the same report in TOML would give. Faults go to the sink.
pub fn read_workbook(
    source: SourceId,
    book: &DataWorkbook,
    library: &FormRegistry,
    sink: &mut Sink,
) -> Option<DataNode> {
    read_sheets(source, book, library, sink).map(|read| read.root)
}

/// Reads a workbook as [`read_workbook`] does, with the places of the totals that are left out of the tree.
pub fn read_sheets(
    source: SourceId,
    book: &DataWorkbook,
    library: &FormRegistry,
    sink: &mut Sink,
) -> Option<SheetReport> {
    let mut used = vec![false; book.sheets.len()];
    // They name every row of the form and hold none of its figures.
    for name in [GUIDE_SHEET, QUOTES_SHEET] {
        if let Some(at) = find_sheet(book, &[name], &used) {
            used[at] = true;
        }
    }
    let (mut entries, mut notes, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    let first = book.sheets.first().map(|sheet| sheet.place_at(0, 0));
    let mut place = first.unwrap_or(SourcePlace::generated());
    if let Some(at) = find_sheet(book, &[INFO_SHEET], &used)
        .or_else(|| find_headed_sheet(book, INFO_HEADS, &used))
    {
        used[at] = true;
        place = book.sheets[at].place_at(0, 0);
        let sheet = &book.sheets[at];
        let form = choose_form(&read_head(sheet), library)?;
        entries = read_info(sheet, form, &mut notes);
    }
    let form = choose_form(&entries, library)?;
    for table in &form.tables {
        let Some(at) = find_table_sheet(book, form, table, &used) else {
            let message = table_reader::missing_sheet_message(table);
            let found = Diagnostic::error("missing-part", Location::File(source), message);
            sink.push(found.with_hint(msg!("sheet.missing-hint")));
            continue;
        };
        used[at] = true;
        let read = table_reader::read_table(source, &book.sheets[at], table, sink);
        totals.extend(read.totals);
        let node = read.node;
        entries.push(DataEntry { key: table.id.clone(), key_place: node.place, node });
    }
    let named = find_sheet(book, &[TEXT_SHEET, "text"], &used);
    if let Some(at) = named.or_else(|| find_headed_sheet(book, TEXT_HEADS, &used)) {
        used[at] = true;
        let node = read_texts(&book.sheets[at], form);
        entries.push(DataEntry { key: "text".to_owned(), key_place: node.place, node });
        notes.extend(read_text_notes(&book.sheets[at], form));
    }
    if let Some(first) = notes.first() {
        let key_place = first.key_place;
        let node = DataNode { value: DataValue::Table(notes), place: key_place };
        entries.push(DataEntry { key: "notes".to_owned(), key_place, node });
    }
    for (sheet, _) in book.sheets.iter().zip(used).filter(|(_, used)| !used) {
        if let Some(cell) = sheet.cells.iter().find(|cell| !cell.content.is_blank()) {
            let place = cell.place.in_source(source);
            let message = msg!("sheet.other-sheet", name = &sheet.name);
            let severity = docx_fill::diag::Severity::Info;
            sink.push(Diagnostic::new("other-sheet", severity, place, message));
        }
    }
    Some(SheetReport { root: DataNode { value: DataValue::Table(entries), place }, totals })
}

/// Checks whether a workbook is one of the annual report: it has the sheet of year and organ, or one of a form's tables.
pub fn is_report_workbook(book: &DataWorkbook, library: &FormRegistry) -> bool {
    let used = vec![false; book.sheets.len()];
    let is_there = |form: &Arc<Form>| {
        form.tables.iter().any(|table| find_table_sheet(book, form, table, &used).is_some())
    };
    find_sheet(book, &[INFO_SHEET], &used).is_some() || library.forms().iter().any(is_there)
}

/// Reads a CSV file of one table, identified by its labels; if several editions match, the newest.
pub fn read_csv(
    source: SourceId,
    book: &DataWorkbook,
    library: &FormRegistry,
    sink: &mut Sink,
) -> Option<DataNode> {
    let sheet = book.sheets.first()?;
    let mut best: Option<(usize, &FormTable)> = None;
    for table in library.by_likelihood().flat_map(|form| &form.tables) {
        let found = SheetLabels::from_table(table).count_labels(sheet);
        if found > best.map_or(2, |(most, _)| most) {
            best = Some((found, table));
        }
    }
    let Some((_, table)) = best else {
        let message = msg!("sheet.csv-table");
        sink.push(Diagnostic::error("missing-part", Location::File(source), message));
        return None;
    };
    let node = table_reader::read_table(source, sheet, table, sink).node;
    let place = node.place;
    let entry = DataEntry { key: table.id.clone(), key_place: place, node };
    Some(DataNode { value: DataValue::Table(vec![entry]), place })
}

/// Returns the first unused sheet with one of these names.
fn find_sheet(book: &DataWorkbook, names: &[&str], used: &[bool]) -> Option<usize> {
    let fits = |sheet: &DataSheet| {
        names.iter().any(|name| normalize_label(name) == normalize_label(&sheet.name))
    };
    (0..book.sheets.len()).find(|&at| !used[at] && fits(&book.sheets[at]))
}

/// Returns the first unused sheet with these heads in a line, for sheets that were renamed.
fn find_headed_sheet(book: &DataWorkbook, heads: [&str; 2], used: &[bool]) -> Option<usize> {
    let has = |cells: &[SheetCell], head: &str| {
        cells.iter().any(|cell| normalize_label(cell.content.text()) == head)
    };
    let fits = |sheet: &DataSheet| sheet.rows().any(|cells| heads.iter().all(|h| has(cells, h)));
    (0..book.sheets.len()).find(|&at| !used[at] && fits(&book.sheets[at]))
}

/// Returns the sheet of a table: by its name or heading, else the unused sheet with most of its
/// labels.
fn find_table_sheet(
    book: &DataWorkbook,
    form: &Form,
    table: &FormTable,
    used: &[bool],
) -> Option<usize> {
    let section = form.sections.iter().find(|section| {
        section.table.is_some_and(|at| form.tables[at].id == table.id) && section.heading.is_some()
    });
    let heading = section.and_then(|s| s.heading.as_deref()).unwrap_or(&table.name);
    let names = [table.name.as_str(), &table.id, heading, strip_number(heading)];
    let labels = SheetLabels::from_table(table);
    find_sheet(book, &names, used).or_else(|| {
        let free = (0..book.sheets.len()).filter(|&at| !used[at]);
        let scored = free.map(|at| (labels.count_labels(&book.sheets[at]), at));
        let best = scored.max_by_key(|(found, at)| (*found, std::cmp::Reverse(*at)))?;
        (best.0 * 2 > table.rows.len() + table.columns.len()).then_some(best.1)
    })
}

/// Returns the form for reading the tables; faults of year and form are reported when the tree is
/// read.
fn choose_form<'a>(entries: &[DataEntry], library: &'a FormRegistry) -> Option<&'a Arc<Form>> {
    let of = |key: &str| entries.iter().find(|entry| entry.key == key).map(|e| &e.node.value);
    let word = |key: &str| match of(key) {
        Some(DataValue::Text(word) | DataValue::Number(word)) => Some(word.as_str()),
        _ => None,
    };
    let year = match of("year") {
        Some(DataValue::Number(year)) => year.parse().ok(),
        _ => None,
    };
    let edition = word("form");
    let all = FormQuery { family: word("family"), variant: word("variant"), edition, year };
    let fallbacks = [
        all,
        FormQuery { edition: None, ..all },
        FormQuery { edition: None, year: None, ..all },
        FormQuery { year, ..FormQuery::default() },
    ];
    let mut found = fallbacks.into_iter().filter_map(|query| library.choose(query).ok());
    found.next().or_else(|| library.by_likelihood().next())
}

/// A line of a sheet of keys and values.
struct KeyValueRow<'a> {
    key: Option<&'a SheetCell>,
    value: Option<&'a SheetCell>,
    /// Place of the value's cell, also if it is empty.
    place: SourcePlace,
}

/// Returns the lines below the heads; without heads, those of the first two used columns.
fn key_value_rows<'a>(sheet: &'a DataSheet, heads: [&str; 2]) -> Vec<KeyValueRow<'a>> {
    let is = |cell: &SheetCell, head: &str| normalize_label(cell.content.text()) == head;
    let head_row = sheet.rows().find_map(|cells| {
        let key = cells.iter().find(|cell| is(cell, heads[0]))?;
        let value = cells.iter().find(|cell| cell.column > key.column && is(cell, heads[1]))?;
        Some((key.row, key.column, value.column))
    });
    let filled = || sheet.cells.iter().filter(|cell| !cell.content.is_blank());
    let first = filled().map(|cell| cell.column).min().unwrap_or(0);
    let (skip, key, value) = head_row.map_or((None, first, first + 1), |h| (Some(h.0), h.1, h.2));
    let rows = sheet.rows().filter(|cells| skip.is_none_or(|head| cells[0].row > head));
    let pair = |cells: &'a [SheetCell]| {
        let at = |column: usize| cells.iter().find(|cell| cell.column == column);
        KeyValueRow {
            key: at(key).filter(|cell| !cell.content.is_blank()),
            value: at(value).filter(|cell| !cell.content.text().is_empty()),
            place: sheet.place_at(cells[0].row, value),
        }
    };
    rows.map(pair).filter(|pair| pair.key.is_some() || pair.value.is_some()).collect()
}

/// Reads the lines that every form has, by which one is chosen.
fn read_head(sheet: &DataSheet) -> Vec<DataEntry> {
    let mut out = Vec::new();
    for KeyValueRow { key, value, place } in key_value_rows(sheet, INFO_HEADS) {
        let filled = value.filter(|cell| !cell.content.is_blank());
        let (Some(key), Some(value)) = (key, filled) else { continue };
        let name = normalize_label(key.content.text());
        if let Some((id, _)) = TOP_KEYS.iter().find(|known| matches_key(&name, **known)) {
            let node = DataNode { value: info_value(id, value), place };
            out.push(DataEntry { key: (*id).to_owned(), key_place: key.place, node });
        }
    }
    out
}

/// Line with the organ's name in workbooks of any form.
const NAME_LINE: &str = "机关名称";

/// Checks whether a line of the sheet is that of a field.
fn is_line_of(field: &FormField, name: &str) -> bool {
    let names = [&field.id, &field.label, &field.sheet_label];
    names.into_iter().any(|known| normalize_label(known) == name)
        || (field.kind == FieldKind::Name && name == NAME_LINE)
}

/// Reads year, form, title, date and the fields of the organ.
fn read_info(sheet: &DataSheet, form: &Form, notes: &mut Vec<DataEntry>) -> Vec<DataEntry> {
    let mut top = Vec::new();
    let mut organ: Vec<DataEntry> = Vec::new();
    for KeyValueRow { key, value, place } in key_value_rows(sheet, INFO_HEADS) {
        let filled = value.filter(|cell| !cell.content.is_blank());
        let (Some(key), Some(value)) = (key, filled) else { continue };
        let name = normalize_label(key.content.text());
        let entry = |id: &str, value: DataValue| DataEntry {
            key: id.to_owned(),
            key_place: key.place,
            node: DataNode { value, place },
        };
        if let Some(field) = form.fields.iter().find(|field| is_line_of(field, &name)) {
            organ.push(entry(&field.id, text_value(value)));
        } else if let Some((id, _)) = TOP_KEYS.iter().find(|k| matches_key(&name, **k)) {
            top.push(entry(id, info_value(id, value)));
        } else if let Some((id, _)) = TOP_KEYS.iter().find(|k| name == format!("{}{NOTE}", k.1)) {
            notes.push(entry(id, DataValue::Text(value.content.text().trim().to_owned())));
        } else {
            top.push(entry(key.content.text().trim(), text_value(value)));
        }
    }
    if let Some(first) = organ.first() {
        let key_place = first.key_place;
        let node = DataNode { value: DataValue::Table(organ), place: key_place };
        top.push(DataEntry { key: "organ".to_owned(), key_place, node });
    }
    top
}

fn text_value(cell: &SheetCell) -> DataValue {
    match &cell.content {
        CellContent::Number(digits) => DataValue::Number(digits.clone()),
        other => DataValue::Text(other.text().trim().to_owned()),
    }
}

fn info_value(id: &str, cell: &SheetCell) -> DataValue {
    let text = cell.content.text();
    let plain: String = text.trim().chars().map(|c| to_half_width(c).unwrap_or(c)).collect();
    match id {
        "year" => {
            let digits = plain.trim_end_matches(['度', '年']);
            // With more digits or leading zeros it is not a year.
            let number = digits.parse::<u16>().is_ok_and(|year| year.to_string() == digits);
            if number { DataValue::Number(digits.to_owned()) } else { DataValue::Text(plain) }
        }
        "date" => DataValue::Text(Date::parse_written(text).map_or(plain, |date| date.to_string())),
        "title" => DataValue::Text(text.to_owned()),
        _ => text_value(cell),
    }
}

/// Returns the texts by section. A line without key continues the one above it.
fn read_texts(sheet: &DataSheet, form: &Form) -> DataNode {
    let mut entries: Vec<DataEntry> = Vec::new();
    for KeyValueRow { key, value, place } in key_value_rows(sheet, TEXT_HEADS) {
        let filled = value.is_some_and(|cell| !cell.content.is_blank());
        let more = value.map_or(DataValue::Text(String::new()), |cell| match &cell.content {
            CellContent::Number(digits) => DataValue::Number(digits.clone()),
            other => DataValue::Text(other.text().to_owned()),
        });
        match (key, entries.last_mut()) {
            (Some(key), _) => entries.push(DataEntry {
                key: section_key(form, key.content.text()),
                key_place: key.place,
                node: DataNode { value: more, place },
            }),
            (None, Some(DataEntry { node: DataNode { value: DataValue::Text(text), .. }, .. })) => {
                if let (DataValue::Text(more) | DataValue::Number(more), true) = (more, filled) {
                    text.push_str(if text.is_empty() { "" } else { "\n\n" });
                    text.push_str(&more);
                }
            }
            _ => {}
        }
    }
    DataNode { value: DataValue::Table(entries), place: sheet.place_at(0, 0) }
}

/// Returns the notes in the column beside the texts.
fn read_text_notes(sheet: &DataSheet, form: &Form) -> Vec<DataEntry> {
    let is = |cell: &&SheetCell, head: &str| normalize_label(cell.content.text()) == head;
    let heads = sheet.rows().find_map(|cells| {
        let key = cells.iter().find(|cell| is(cell, TEXT_HEADS[0]))?;
        let note = cells.iter().find(|cell| is(cell, NOTE))?;
        Some((key.row, key.column, note.column))
    });
    let Some((line, key, note)) = heads else { return Vec::new() };
    let entry = |cells: &[SheetCell]| {
        let at = |column: usize| {
            cells.iter().find(|cell| cell.column == column && !cell.content.is_blank())
        };
        let (key, note) = (at(key)?, at(note)?);
        Some(DataEntry {
            key: section_key(form, key.content.text()),
            key_place: key.place,
            node: DataNode {
                value: DataValue::Text(note.content.text().trim().to_owned()),
                place: note.place,
            },
        })
    };
    sheet.rows().filter(|cells| cells[0].row > line).filter_map(entry).collect()
}

/// Returns the id of a section by its heading, with or without number; an unknown heading
/// unchanged.
fn section_key(form: &Form, label: &str) -> String {
    let name = normalize_label(label);
    let (name, after) = match name.strip_suffix(&normalize_label(AFTER_SUFFIX)) {
        Some(name) => (name, "-after"),
        None => (name.strip_suffix("-after").unwrap_or(&name), ""),
    };
    let after = if name.len() < normalize_label(label).len() && after.is_empty() {
        "-after"
    } else {
        after
    };
    let is = |section: &&FormSection| {
        let heading = section.heading.as_deref().unwrap_or(LEAD_NAME);
        section.id == name
            || normalize_label(heading) == name
            || normalize_label(strip_number(heading)) == name
    };
    match form.sections.iter().find(is) {
        Some(section) => format!("{}{after}", section.id),
        None => label.trim().to_owned(),
    }
}
