//! Owns the tree of a data file made from what was recognised, and the places that its spans stand for.
//! Must not know Word's XML, nor how a finding is worded.

use super::labels::{Sure, solid};
use super::markdown::Writer;
use super::paper::Paper;
use super::recognise::Recognised;
use super::table::{Figure, Oddity, Reader};
use super::tell::{self, Teller};
use super::{Summary, TableSummary};
use crate::data::{Entry, Node, Value};
use crate::form::Table;
use docx_fill::diag::{Sink, SourceId, Span};
use docx_fill::slice::TextSlice as _;

/// Makes the tree; says what deviates.
pub(super) fn build(
    source: SourceId,
    report: &Recognised<'_, '_>,
    writer: &Writer<'_>,
    fill: bool,
    tracked: bool,
    sink: &mut Sink,
) -> (Node, Paper, Summary) {
    let mut paper = Paper::default();
    let mut entries = Vec::new();
    let mut teller = Teller { source, report, sink };
    teller.above(&mut paper);
    let span = info(report, &mut paper, &mut entries);
    teller.title(&mut paper);
    let form = report.form;
    let mut texts = Vec::new();
    let mut tables: Vec<Option<Node>> = form.tables.iter().map(|_| None).collect();
    for (at, section) in form.sections.iter().enumerate() {
        teller.heading(at, &mut paper);
        let name = tell::section_name(form, at);
        text(report, (at, 0), writer, &name, &mut paper, &mut texts);
        if let Some(number) = section.table {
            let reader = &report.tables[number];
            tables[number] = figures(reader, &form.tables[number], fill, &mut paper);
            teller.table(number, &mut paper);
            text(report, (at, 1), writer, &name, &mut paper, &mut texts);
        }
    }
    teller.tracked(tracked);
    if !texts.is_empty() {
        entries.push(entry("text", Value::Table(texts), span));
    }
    for (table, node) in form.tables.iter().zip(tables) {
        entries.extend(node.map(|node| Entry { key: table.id.clone(), key_span: node.span, node }));
    }
    (Node { value: Value::Table(entries), span }, paper, summary(report))
}

fn entry(key: &str, value: Value, span: Span) -> Entry {
    Entry { key: key.to_owned(), key_span: span, node: Node { value, span } }
}

/// Year, form, title, date and organ; the span is that of the title.
fn info(report: &Recognised<'_, '_>, paper: &mut Paper, entries: &mut Vec<Entry>) -> Span {
    let facts = &report.facts;
    let mut root = Span::default();
    let mut line = |words: &str, name: &str, place: &_| paper.line(words, name, place);
    if let Some((title, paragraphs)) = &facts.title
        && let Some(first) = paragraphs.first()
    {
        root = line(title, &tell::part_name("title"), &first.place);
    }
    if let Some((year, paragraph)) = facts.year {
        let digits = year.to_string();
        let span = match &facts.title {
            Some((title, _)) if title.contains(&digits) => {
                let at = root.start + title.find(&digits).unwrap_or(0);
                Span { start: at, end: at + digits.len() }
            }
            _ => line(&digits, &tell::part_name("year"), &paragraph.place),
        };
        entries.push(entry("year", Value::Number(digits), span));
        if !report.form.covers(year) {
            entries.push(entry("form", Value::Text(report.form.edition.clone()), span));
        }
    }
    if let Some((title, _)) = &facts.title {
        let official = facts
            .organ
            .as_ref()
            .zip(facts.year)
            .map(|((organ, _), (year, _))| solid(&report.form.title_for(organ, year)));
        if official.as_ref() != Some(title) {
            entries.push(entry("title", Value::Text(title.clone()), root));
        }
    }
    if let Some((date, paragraph)) = facts.date {
        let span = line(&date.to_string(), &tell::part_name("date"), &paragraph.place);
        entries.push(entry("date", Value::Text(date.to_string()), span));
    }
    let mut organ = Vec::new();
    if let Some((name, paragraph)) = &facts.organ {
        let span = line(name, &tell::part_name("organ"), &paragraph.place);
        organ.push(entry("name", Value::Text(name.clone()), span));
    }
    for (key, value, paragraph) in &facts.contact {
        let span = line(value, &tell::part_name("lead"), &paragraph.place);
        organ.push(entry(key, Value::Text(value.clone()), span));
    }
    if let Some(first) = organ.first() {
        let span = first.key_span;
        entries.push(entry("organ", Value::Table(organ), span));
    }
    root
}

/// A section's text before or after its table.
fn text(
    report: &Recognised<'_, '_>,
    (section, after): (usize, usize),
    writer: &Writer<'_>,
    name: &str,
    paper: &mut Paper,
    entries: &mut Vec<Entry>,
) {
    let chunks = writer.chunks(&report.texts[section][after]);
    if chunks.is_empty() {
        return;
    }
    let blocks = chunks.iter().map(|chunk| (chunk.markdown.as_str(), &chunk.place));
    let span = paper.blocks(blocks, name);
    let markdown = paper.text.slice(span.start..span.end).to_owned();
    let id = &report.form.sections[section].id;
    let key = if after == 1 { format!("{id}-after") } else { id.clone() };
    entries.push(entry(&key, Value::Text(markdown), span));
}

/// The figures of a table row by row; nothing if the document does not have the table.
fn figures(reader: &Reader<'_, '_>, table: &Table, fill: bool, paper: &mut Paper) -> Option<Node> {
    if reader.fragments == 0 && !fill {
        return None;
    }
    let mut rows = Vec::new();
    let mut span = Span { start: paper.text.len(), end: paper.text.len() };
    for row in 0..table.rows.len() {
        let columns: Vec<usize> = table.row_columns(row).collect();
        let mut cells = Vec::new();
        for &column in &columns {
            let Some(number) = table.cell(row, column) else { continue };
            let key = &table.columns[column].id;
            match &reader.figures[number] {
                Some(figure) => {
                    let name = tell::cell_name(table, row, Some(column));
                    let words = solid(&figure.text);
                    let span = paper.line(&words, &name, &figure.cell.place);
                    cells.push(entry(key, value(&figure.text), span));
                }
                None if fill && !table.is_computed(number) => {
                    cells.push(entry(key, Value::Text(String::new()), span));
                }
                None => {}
            }
        }
        let Some(first) = cells.first().map(|cell| cell.key_span) else { continue };
        let value = if cells.len() == columns.len() && columns.len() >= LIST {
            Value::List(cells.into_iter().map(|cell| cell.node).collect())
        } else {
            Value::Table(cells)
        };
        rows.push(entry(&table.rows[row].id, value, first));
        span = first;
    }
    let span = rows.first().map_or(span, |row| row.key_span);
    Some(Node { value: Value::Table(rows), span })
}

/// Rows of so many columns are lists.
const LIST: usize = 7;

/// A cell's content as a value: a number in plain digits, or the characters as they stand.
pub(super) fn value(text: &str) -> Value {
    let words = solid(text);
    if is_number(&words) {
        return Value::Number(words);
    }
    if words == "／" {
        return Value::Text("/".to_owned());
    }
    Value::Text(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Digits as every syntax writes them.
fn is_number(words: &str) -> bool {
    let digits = words.strip_prefix('-').unwrap_or(words);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(part) && (whole.len() == 1 || !whole.starts_with('0')) && whole.len() < 30
}

fn summary(report: &Recognised<'_, '_>) -> Summary {
    let form = report.form;
    let headed = |at: &usize| form.sections[*at].heading.is_some();
    let all = (0..form.sections.len()).filter(headed).count();
    let found = (0..form.sections.len()).filter(|at| report.headings[*at].is_some()).count();
    Summary {
        edition: form.edition.clone(),
        organ: report.facts.organ.as_ref().map(|(organ, _)| organ.clone()),
        year: report.facts.year.map(|(year, _)| year),
        headings: (found, all),
        tables: form.tables.iter().zip(&report.tables).map(|(t, r)| table_summary(t, r)).collect(),
    }
}

fn table_summary(table: &Table, reader: &Reader<'_, '_>) -> TableSummary {
    let found = || reader.figures.iter().flatten();
    let of = |range: std::ops::RangeInclusive<Sure>| {
        found().filter(|figure: &&Figure<'_>| range.contains(&figure.sure)).count()
    };
    let unplaced = |odd: &&Oddity<'_>| matches!(odd, Oddity::Unplaced { .. });
    TableSummary {
        name: table.name.clone(),
        cells: table.cells.len(),
        found: found().count(),
        official: of(Sure::Verbatim..=Sure::Shape),
        known: of(Sure::Number..=Sure::Alias),
        alike: of(Sure::Near..=Sure::Near),
        unplaced: reader.oddities.iter().filter(unplaced).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_as_they_stand() {
        let number = |text: &str| Value::Number(text.to_owned());
        let words = |text: &str| Value::Text(text.to_owned());
        for (text, expected) in [
            (" 12\n", number("12")),
            ("1 2", number("12")),
            ("-4", number("-4")),
            ("2.50", number("2.50")),
            ("", words("")),
            ("／", words("/")),
            ("１２", words("１２")),
            ("007", words("007")),
            ("251000元", words("251000元")),
            ("减4", words("减4")),
            ("—", words("—")),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }
}
