//! Owns the tree of a data file built from a recognised report, and the text to which its spans
//! refer.
//! Must not know Word's XML, nor the wording of a finding.

use super::deviations::{self, DeviationReporter, SpelledFigure};
use super::markdown::MarkdownExporter;
use super::recognised::{RecognisedReport, TextPosition};
use super::synthetic_source::SyntheticSourceText;
use super::table_reader::{Deviation, MatchedFigure, WordTableReader};
use super::{ImportSummary, TableSummary};
use crate::data::{DataEntry, DataNode, DataValue};
use crate::form::{CellId, Form, FormNamePart, FormTable};
use crate::labels::{Confidence, strip_blanks};
use crate::report::plain_digits;
use docx_fill::diag::{Sink, SourceId, SourcePlace};
use docx_fill::slice::TextSlice as _;

/// Builds the tree and reports deviations.
pub(super) fn build_tree(
    source: SourceId,
    report: &RecognisedReport<'_, '_>,
    writer: &MarkdownExporter<'_>,
    sink: &mut Sink,
) -> (DataNode, SyntheticSourceText, ImportSummary) {
    let mut paper = SyntheticSourceText::default();
    let mut entries = Vec::new();
    let mut teller = DeviationReporter { source, report, sink };
    teller.report_above(&mut paper);
    let place = build_info(report, &mut paper, &mut entries);
    teller.report_title(&mut paper);
    let form = report.form;
    let mut texts = Vec::new();
    let mut tables: Vec<Option<DataNode>> = form.tables.iter().map(|_| None).collect();
    for (at, section) in form.sections.iter().enumerate() {
        teller.report_heading(at, &mut paper);
        let name = deviations::section_name(form, at);
        build_text(
            report,
            TextPosition { section: at, after_table: false },
            writer,
            &name,
            &mut paper,
            &mut texts,
        );
        if let Some(number) = section.table {
            let reader = &report.tables[number];
            let mut figures =
                FigureTree { reader, table: &form.tables[number], spelled: Vec::new() };
            tables[number] = Some(figures.build_rows(&mut paper));
            teller.report_spelled(number, &figures.spelled);
            teller.report_table(number, &mut paper);
            build_text(
                report,
                TextPosition { section: at, after_table: true },
                writer,
                &name,
                &mut paper,
                &mut texts,
            );
        }
    }
    if !texts.is_empty() {
        entries.push(new_entry("text", DataValue::Table(texts), place));
    }
    for (table, node) in form.tables.iter().zip(tables) {
        entries.extend(node.map(|node| DataEntry {
            key: table.id.clone(),
            key_place: node.place,
            node,
        }));
    }
    (DataNode { value: DataValue::Table(entries), place }, paper, summarize(report))
}

fn new_entry(key: &str, value: DataValue, place: SourcePlace) -> DataEntry {
    DataEntry { key: key.to_owned(), key_place: place, node: DataNode { value, place } }
}

/// Returns the entries that name a form.
fn form_entries(form: &Form, year: Option<u16>, place: SourcePlace) -> Vec<DataEntry> {
    let entry = |key: FormNamePart<'_>| {
        let (key, id) = key.as_entry();
        new_entry(key, DataValue::Text(id.to_owned()), place)
    };
    form.keys_for_year(year).into_iter().map(entry).collect()
}

/// Adds year, form, title, date and organ; returns the place of the title.
fn build_info(
    report: &RecognisedReport<'_, '_>,
    paper: &mut SyntheticSourceText,
    entries: &mut Vec<DataEntry>,
) -> SourcePlace {
    let facts = &report.metadata;
    let mut root = SyntheticSourceText::start_place();
    let mut line = |words: &str, name: &str, place: &_| paper.add_line(words, name, place);
    if let Some((title, paragraphs)) = &facts.title
        && let Some(first) = paragraphs.first()
    {
        root = line(title, &deviations::part_name("title"), &first.place);
    }
    if let Some((year, paragraph)) = facts.year {
        let digits = year.to_string();
        let place = match &facts.title {
            Some((title, _)) if title.contains(&digits) => {
                let start = root.bytes().map_or(0, |bytes| bytes.start);
                let at = start + title.find(&digits).unwrap_or(0);
                root.with_bytes((at..at + digits.len()).into())
            }
            _ => line(&digits, &deviations::part_name("year"), &paragraph.place),
        };
        entries.push(new_entry("year", DataValue::Number(digits), place));
        entries.extend(form_entries(report.form, Some(year), place));
    } else {
        entries.extend(form_entries(report.form, None, root));
    }
    if let Some((title, _)) = &facts.title {
        let official = facts
            .organ
            .as_ref()
            .zip(facts.year)
            .map(|((organ, _), (year, _))| strip_blanks(&report.form.title_for(organ, year)));
        if official.as_ref() != Some(title) {
            entries.push(new_entry("title", DataValue::Text(title.clone()), root));
        }
    }
    if let Some((date, paragraph)) = facts.date {
        let place = line(&date.to_string(), &deviations::part_name("date"), &paragraph.place);
        entries.push(new_entry("date", DataValue::Text(date.to_string()), place));
    }
    let mut organ = Vec::new();
    if let Some((name, paragraph)) = &facts.organ {
        let place = line(name, &deviations::part_name("organ"), &paragraph.place);
        organ.push(new_entry("name", DataValue::Text(name.clone()), place));
    }
    for (key, value, paragraph) in &facts.contact {
        let place = line(value, &deviations::part_name("lead"), &paragraph.place);
        organ.push(new_entry(key, DataValue::Text(value.clone()), place));
    }
    if let Some(first) = organ.first() {
        let place = first.key_place;
        entries.push(new_entry("organ", DataValue::Table(organ), place));
    }
    root
}

/// Adds a section's text before or after its table.
fn build_text(
    report: &RecognisedReport<'_, '_>,
    position: TextPosition,
    writer: &MarkdownExporter<'_>,
    name: &str,
    paper: &mut SyntheticSourceText,
    entries: &mut Vec<DataEntry>,
) {
    let TextPosition { section, after_table } = position;
    let chunks = writer.section_blocks(&report.texts[section][usize::from(after_table)]);
    if chunks.is_empty() {
        return;
    }
    let blocks = chunks.iter().map(|chunk| (chunk.markdown.as_str(), &chunk.place));
    let span = paper.add_blocks(blocks, name);
    let markdown = paper.text.slice(span.start..span.end).to_owned();
    let id = &report.form.sections[section].id;
    let key = if after_table { format!("{id}-after") } else { id.clone() };
    entries.push(new_entry(&key, DataValue::Text(markdown), SourcePlace::Words(span)));
}

/// The figures of a table on their way into the tree.
struct FigureTree<'a, 'f, 'd> {
    reader: &'a WordTableReader<'f, 'd>,
    table: &'a FormTable,
    spelled: Vec<SpelledFigure>,
}

impl FigureTree<'_, '_, '_> {
    /// Returns the figures row by row; those that the document lacks are there as unread.
    fn build_rows(&mut self, paper: &mut SyntheticSourceText) -> DataNode {
        let mut rows = Vec::new();
        let mut place = paper.end_place();
        for row in 0..self.table.rows.len() {
            let cells = self.build_row(row, &mut place, paper);
            let Some(first) = cells.first().map(|cell| cell.key_place) else { continue };
            let value = if cells.len() >= MIN_LIST_COLUMNS {
                DataValue::List(cells.into_iter().map(|cell| cell.node).collect())
            } else {
                DataValue::Table(cells)
            };
            rows.push(new_entry(&self.table.rows[row].id, value, first));
            place = first;
        }
        let place = rows.first().map_or(place, |row| row.key_place);
        DataNode { value: DataValue::Table(rows), place }
    }

    fn build_row(
        &mut self,
        row: usize,
        place: &mut SourcePlace,
        paper: &mut SyntheticSourceText,
    ) -> Vec<DataEntry> {
        let mut cells = Vec::new();
        for column in self.table.row_columns(row) {
            let Some(number) = self.table.cell_number(row, column) else { continue };
            let key = &self.table.columns[column].id;
            let Some(figure) = &self.reader.figures[number] else {
                cells.push(new_entry(key, DataValue::Unread, *place));
                continue;
            };
            let name = deviations::cell_name(self.table, row, Some(column));
            let found = strip_blanks(&figure.text);
            *place = paper.add_line(&found, &name, &figure.cell.place);
            let digits = plain_digits(&figure.text, self.table, number);
            if let Some(digits) = &digits {
                let (cell, digits) = (CellId { row, column }, digits.clone());
                self.spelled.push(SpelledFigure { cell, place: *place, found, digits });
            }
            let value = digits.map_or_else(|| cell_value(&figure.text), DataValue::Number);
            cells.push(new_entry(key, value, *place));
        }
        cells
    }
}

/// Number of columns from which rows are written as lists.
const MIN_LIST_COLUMNS: usize = 7;

/// Returns a cell's content as a number in plain digits, or as text unchanged.
pub(super) fn cell_value(text: &str) -> DataValue {
    let words = strip_blanks(text);
    if is_number(&words) {
        return DataValue::Number(words);
    }
    if words == "／" {
        return DataValue::Text("/".to_owned());
    }
    DataValue::Text(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Checks whether a text is a number in every syntax.
fn is_number(words: &str) -> bool {
    let digits = words.strip_prefix('-').unwrap_or(words);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(part) && (whole.len() == 1 || !whole.starts_with('0')) && whole.len() < 30
}

fn summarize(report: &RecognisedReport<'_, '_>) -> ImportSummary {
    let form = report.form;
    let headed = |at: &usize| form.sections[*at].heading.is_some();
    let all = (0..form.sections.len()).filter(headed).count();
    let found = (0..form.sections.len()).filter(|at| report.headings[*at].is_some()).count();
    ImportSummary {
        edition: form.full_name(),
        organ: report.metadata.organ.as_ref().map(|(organ, _)| organ.clone()),
        year: report.metadata.year.map(|(year, _)| year),
        headings: (found, all),
        tables: form
            .tables
            .iter()
            .zip(&report.tables)
            .map(|(t, r)| summarize_table(t, r))
            .collect(),
    }
}

fn summarize_table(table: &FormTable, reader: &WordTableReader<'_, '_>) -> TableSummary {
    let found = || reader.figures.iter().flatten();
    let of = |range: std::ops::RangeInclusive<Confidence>| {
        found().filter(|figure: &&MatchedFigure<'_>| range.contains(&figure.confidence)).count()
    };
    let unplaced = |odd: &&Deviation<'_>| matches!(odd, Deviation::Unplaced { .. });
    TableSummary {
        name: table.name.clone(),
        cells: table.cells.len(),
        found: found().count(),
        official: of(Confidence::Verbatim..=Confidence::Normalized),
        known: of(Confidence::Number..=Confidence::Alias),
        alike: of(Confidence::Similar..=Confidence::Similar),
        unplaced: reader.deviations.iter().filter(unplaced).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_as_they_stand() {
        let number = |text: &str| DataValue::Number(text.to_owned());
        let words = |text: &str| DataValue::Text(text.to_owned());
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
            assert_eq!(cell_value(text), expected, "{text}");
        }
    }
}
