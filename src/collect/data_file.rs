//! Owns the county's report as a data file: its tree in any syntax, with who was added and what is still to
//! be filled in as comments where the syntax has them.
//! Must not know where the file goes, nor how a part of a syntax is written.

use super::{Collected, StatusLine, status_text};
use crate::convert::{self, Comments};
use crate::data::{DataEntry, DataNode, DataValue, Syntax};
use crate::form::{FieldKind, FormTable};
use crate::msg;
use crate::report::{Figure, Report};
use docx_fill::diag::{Lang, SourcePlace};

/// Returns the county's report as a data file. The figures of the report learn where they stand there.
pub fn write_data_file(
    county: &Collected,
    report: &mut Report,
    syntax: Syntax,
    lang: Lang,
) -> String {
    let mut tree = DataFileBuilder { county, lang, comments: Comments::default(), keys: 0 };
    let root = tree.build_root(report);
    let (text, placed) = convert::write_tree(&root, &tree.comments, syntax);
    set_figure_places(county, report, &placed);
    text
}

/// The tree in the making. Each key has a number of its own as its place, by which its comments are known.
struct DataFileBuilder<'a> {
    county: &'a Collected,
    lang: Lang,
    comments: Comments,
    keys: usize,
}

impl DataFileBuilder<'_> {
    fn new_entry(&mut self, key: &str, value: DataValue) -> DataEntry {
        self.keys += 1;
        let key_place = SourcePlace::Generated(self.keys);
        DataEntry { key: key.to_owned(), key_place, node: DataNode { value, place: key_place } }
    }

    fn build_root(&mut self, report: &Report) -> DataNode {
        self.add_head_comments();
        let mut root = vec![self.new_entry("year", DataValue::Number(report.year.to_string()))];
        for key in report.form.keys_for_year(Some(report.year)) {
            let (key, id) = key.as_entry();
            root.push(self.new_entry(key, DataValue::Text(id.to_owned())));
        }
        if let Some(title) = &report.custom_title {
            root.push(self.new_entry("title", DataValue::Text(title.clone())));
        }
        if let Some(date) = report.date {
            root.push(self.new_entry("date", DataValue::Text(date.to_string())));
        }
        root.push(self.organ_entry(report));
        root.push(self.texts_entry(report));
        for (number, table) in report.form.tables.iter().enumerate() {
            let rows = self.table_rows(report, number);
            let entry = self.new_entry(&table.id, DataValue::Table(rows));
            let mut sections = report.form.sections.iter();
            let section = sections.find(|section| section.table == Some(number));
            if let Some(heading) = section.and_then(|section| section.heading.as_ref()) {
                self.comments.add_above(entry.key_place, heading);
            }
            root.push(entry);
        }
        DataNode { value: DataValue::Table(root), place: SourcePlace::generated() }
    }

    /// Adds comments on who was added and who was not.
    fn add_head_comments(&mut self) {
        let (county, lang) = (self.county, self.lang);
        self.comments.add_head(&status_text::summary_text(county).in_lang(lang));
        let (added, others): (Vec<&StatusLine>, Vec<&StatusLine>) =
            county.lines.iter().partition(|line| line.status.is_added());
        let heads = [
            (msg!("collect.head-added", count = added.len()), added, true),
            (msg!("collect.head-others", count = others.len()), others, false),
        ];
        for (head, lines, always) in heads {
            if always || !lines.is_empty() {
                self.comments.add_head(&head.in_lang(lang));
            }
            for line in lines {
                self.comments.add_head(&status_text::line_text(county, line).in_lang(lang));
            }
        }
    }

    fn organ_entry(&mut self, report: &Report) -> DataEntry {
        let organ = &report.organ;
        let mut pairs = vec![self.new_entry("name", DataValue::Text(organ.name.clone()))];
        for field in report.form.fields.iter().filter(|field| field.kind != FieldKind::Name) {
            let value = organ.value_of(field);
            if !value.is_empty() {
                pairs.push(self.new_entry(&field.id, DataValue::Text(value.to_owned())));
            }
        }
        self.new_entry("organ", DataValue::Table(pairs))
    }

    fn texts_entry(&mut self, report: &Report) -> DataEntry {
        let drafted = self.county.has_draft_texts();
        let mut fields = Vec::new();
        for field in &report.texts {
            let section = &report.form.sections[field.section];
            let after = if field.after_table { "-after" } else { "" };
            let key = format!("{}{after}", section.id);
            let entry = self.new_entry(&key, DataValue::Text(field.markdown.clone()));
            if let Some(heading) = section.heading.as_ref().filter(|_| drafted) {
                self.comments.add_above(entry.key_place, heading);
            }
            fields.push(entry);
        }
        let entry = self.new_entry("text", DataValue::Table(fields));
        if drafted {
            let words = msg!("collect.head-texts").in_lang(self.lang);
            self.comments.add_above(entry.key_place, &words);
        }
        entry
    }

    /// Returns the rows of a table that are not left to be computed, a long one as a list.
    fn table_rows(&mut self, report: &Report, number: usize) -> Vec<DataEntry> {
        let table = &report.form.tables[number];
        let mut rows = Vec::new();
        let mut last: Vec<usize> = Vec::new();
        for row in 0..table.rows.len() {
            let given = self.county.given_cells(number, row);
            if given.is_empty() {
                continue;
            }
            let columns: Vec<usize> = given.iter().map(|&at| table.cells[at].column).collect();
            let cells = given.iter().map(|&at| figure_value(&report.tables[number][at].figure));
            let node = if is_list_row(&given) {
                let place = SourcePlace::generated();
                DataValue::List(cells.map(|value| DataNode { value, place }).collect())
            } else {
                let ids = columns.iter().map(|&column| &table.columns[column].id);
                DataValue::Table(
                    ids.zip(cells).map(|(id, value)| self.new_entry(id, value)).collect(),
                )
            };
            let entry = self.new_entry(&table.rows[row].id, node);
            self.add_row_notes(number, row, entry.key_place);
            if columns != last {
                let labels = columns.iter().map(|&column| table.columns[column].label.as_str());
                let labels: Vec<&str> = labels.collect();
                self.comments.add_above(entry.key_place, &labels.join("  "));
            }
            self.comments.add_beside(entry.key_place, &table.row_name(row));
            rows.push(entry);
            last = columns;
        }
        rows
    }

    /// Adds comments with all that a person has to know about a row's cells.
    fn add_row_notes(&mut self, number: usize, row: usize, key: SourcePlace) {
        let (county, lang) = (self.county, self.lang);
        let table: &FormTable = &county.form.tables[number];
        for column in table.row_columns(row) {
            let Some(at) = table.cell_number(row, column) else { continue };
            let total = &county.totals[number][at];
            let column = &table.columns[column].label;
            if total.unread > 0 {
                let words = msg!("collect.note-unread", column = column, count = total.unread);
                self.comments.add_above(key, &words.in_lang(lang));
            }
            let words = if total.open {
                msg!("collect.note-open", column = column, sum = total.sum.to_string())
            } else if total.blanks > 0 && total.figure.as_number().is_some() {
                msg!("collect.note-blank", column = column, count = total.blanks)
            } else {
                continue;
            };
            self.comments.add_above(key, &words.in_lang(lang));
        }
    }
}

/// Checks whether the cells of a row are written as a list.
fn is_list_row(given: &[usize]) -> bool {
    given.len() > 4
}

fn figure_value(figure: &Figure) -> DataValue {
    match figure {
        Figure::Number(number) => DataValue::Number(number.to_string()),
        Figure::Unknown => DataValue::Unread,
        other => DataValue::Text(other.cell_text()),
    }
}

/// Tells the report where its figures stand in the text.
fn set_figure_places(county: &Collected, report: &mut Report, root: &DataNode) {
    let entry = |node: &DataNode, key: &str| match &node.value {
        DataValue::Table(entries) => entries.iter().find(|entry| entry.key == key).cloned(),
        _ => None,
    };
    let form = report.form.clone();
    for (number, table) in form.tables.iter().enumerate() {
        let Some(rows) = entry(root, &table.id) else { continue };
        for row in 0..table.rows.len() {
            let Some(found) = entry(&rows.node, &table.rows[row].id) else { continue };
            let places: Vec<SourcePlace> = match &found.node.value {
                DataValue::List(items) => items.iter().map(|item| item.place).collect(),
                DataValue::Table(entries) => entries.iter().map(|entry| entry.node.place).collect(),
                _ => Vec::new(),
            };
            for (at, place) in county.given_cells(number, row).into_iter().zip(places) {
                report.tables[number][at].place = Some(place);
            }
        }
    }
}
