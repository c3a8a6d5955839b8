//! Owns the county's report as a data file: its tree in any syntax, with who was added and what is still to
//! be filled in as comments where the syntax has them.
//! Must not know where the file goes, nor how a part of a syntax is written.

use super::{Collected, Line, words};
use crate::convert::{self, Comments};
use crate::data::{Entry, Node, Syntax, Value};
use crate::form::Table;
use crate::report::{Figure, Report};
use crate::text;
use docx_fill::diag::{Lang, Span};

/// The county's report as a data file. The figures of the report learn where they stand there.
pub fn data_file(county: &Collected, report: &mut Report, syntax: Syntax, lang: Lang) -> String {
    let mut tree = Tree { comments: Comments::default(), keys: 0 };
    let root = tree.root(county, report, lang);
    let (text, placed) = convert::write(&root, &tree.comments, syntax);
    place(county, report, &placed);
    text
}

/// The tree in the making. Each key has a number of its own as its place, by which its comments are known.
struct Tree {
    comments: Comments,
    keys: usize,
}

impl Tree {
    fn entry(&mut self, key: &str, value: Value) -> Entry {
        self.keys += 1;
        let key_span = Span { start: self.keys, end: self.keys };
        Entry { key: key.to_owned(), key_span, node: Node { value, span: key_span } }
    }

    fn root(&mut self, county: &Collected, report: &Report, lang: Lang) -> Node {
        self.head(county, lang);
        let mut root = vec![self.entry("year", Value::Number(report.year.to_string()))];
        if !report.form.covers(report.year) {
            root.push(self.entry("form", Value::Text(report.form.edition.clone())));
        }
        if let Some(title) = &report.own_title {
            root.push(self.entry("title", Value::Text(title.clone())));
        }
        if let Some(date) = report.date {
            root.push(self.entry("date", Value::Text(date.to_string())));
        }
        root.push(self.organ(report));
        root.push(self.texts(county, report, lang));
        for (number, table) in report.form.tables.iter().enumerate() {
            let rows = self.figures(county, report, number, lang);
            let entry = self.entry(&table.id, Value::Table(rows));
            let mut sections = report.form.sections.iter();
            let section = sections.find(|section| section.table == Some(number));
            if let Some(heading) = section.and_then(|section| section.heading.as_ref()) {
                self.comments.add_above(entry.key_span, heading);
            }
            root.push(entry);
        }
        Node { value: Value::Table(root), span: Span::default() }
    }

    /// Who was added and who was not.
    fn head(&mut self, county: &Collected, lang: Lang) {
        self.comments.add_head(&words::summary(county).in_lang(lang));
        let (added, others): (Vec<&Line>, Vec<&Line>) =
            county.lines.iter().partition(|line| line.standing.is_added());
        let heads = [
            (text!("collect.head-added", count = added.len()), added, true),
            (text!("collect.head-others", count = others.len()), others, false),
        ];
        for (head, lines, always) in heads {
            if always || !lines.is_empty() {
                self.comments.add_head(&head.in_lang(lang));
            }
            for line in lines {
                self.comments.add_head(&words::line(county, line).in_lang(lang));
            }
        }
    }

    fn organ(&mut self, report: &Report) -> Entry {
        let organ = &report.organ;
        let mut pairs = vec![self.entry("name", Value::Text(organ.name.clone()))];
        let further = [
            ("level", organ.level.as_deref().unwrap_or_default()),
            ("address", &organ.address),
            ("postcode", &organ.postcode),
            ("phone", &organ.phone),
            ("email", &organ.email),
            ("website", &organ.website),
        ];
        for (key, value) in further.into_iter().filter(|(_, value)| !value.is_empty()) {
            pairs.push(self.entry(key, Value::Text(value.to_owned())));
        }
        self.entry("organ", Value::Table(pairs))
    }

    fn texts(&mut self, county: &Collected, report: &Report, lang: Lang) -> Entry {
        let drafted = county.drafted();
        let mut fields = Vec::new();
        for field in &report.texts {
            let section = &report.form.sections[field.section];
            let after = if field.after { "-after" } else { "" };
            let key = format!("{}{after}", section.id);
            let entry = self.entry(&key, Value::Text(field.markdown.clone()));
            if let Some(heading) = section.heading.as_ref().filter(|_| drafted) {
                self.comments.add_above(entry.key_span, heading);
            }
            fields.push(entry);
        }
        let entry = self.entry("text", Value::Table(fields));
        if drafted {
            let words = text!("collect.head-texts").in_lang(lang);
            self.comments.add_above(entry.key_span, &words);
        }
        entry
    }

    /// The rows of a table that are not left to be computed, a long one as a list.
    fn figures(
        &mut self,
        county: &Collected,
        report: &Report,
        number: usize,
        lang: Lang,
    ) -> Vec<Entry> {
        let table = &report.form.tables[number];
        let mut rows = Vec::new();
        let mut last: Vec<usize> = Vec::new();
        for row in 0..table.rows.len() {
            let given = county.given(number, row);
            if given.is_empty() {
                continue;
            }
            let columns: Vec<usize> = given.iter().map(|&at| table.cells[at].column).collect();
            let cells = given.iter().map(|&at| value(&report.tables[number][at].figure));
            let node = if is_list(&given) {
                let span = Span::default();
                Value::List(cells.map(|value| Node { value, span }).collect())
            } else {
                let ids = columns.iter().map(|&column| &table.columns[column].id);
                Value::Table(ids.zip(cells).map(|(id, value)| self.entry(id, value)).collect())
            };
            let entry = self.entry(&table.rows[row].id, node);
            self.notes(county, (number, row), entry.key_span, lang);
            if columns != last {
                let labels = columns.iter().map(|&column| table.columns[column].label.as_str());
                let labels: Vec<&str> = labels.collect();
                self.comments.add_above(entry.key_span, &labels.join("  "));
            }
            self.comments.add_beside(entry.key_span, &table.row_name(row));
            rows.push(entry);
            last = columns;
        }
        rows
    }

    /// What a person has to know about a row's cells.
    fn notes(&mut self, county: &Collected, (number, row): (usize, usize), key: Span, lang: Lang) {
        let table: &Table = &county.form.tables[number];
        for column in table.row_columns(row) {
            let Some(at) = table.cell(row, column) else { continue };
            let total = &county.totals[number][at];
            let column = &table.columns[column].label;
            let words = if total.open {
                text!("collect.note-open", column = column, sum = total.sum.to_string())
            } else if total.blanks > 0 && total.figure.number().is_some() {
                text!("collect.note-blank", column = column, count = total.blanks)
            } else {
                continue;
            };
            self.comments.add_above(key, &words.in_lang(lang));
        }
    }
}

/// Whether the cells of a row are a list.
fn is_list(given: &[usize]) -> bool {
    given.len() > 4
}

fn value(figure: &Figure) -> Value {
    match figure {
        Figure::Number(number) => Value::Number(number.to_string()),
        other => Value::Text(other.text()),
    }
}

/// Tells the report where its figures stand in the text.
fn place(county: &Collected, report: &mut Report, root: &Node) {
    let entry = |node: &Node, key: &str| match &node.value {
        Value::Table(entries) => entries.iter().find(|entry| entry.key == key).cloned(),
        _ => None,
    };
    let form = report.form.clone();
    for (number, table) in form.tables.iter().enumerate() {
        let Some(rows) = entry(root, &table.id) else { continue };
        for row in 0..table.rows.len() {
            let Some(found) = entry(&rows.node, &table.rows[row].id) else { continue };
            let spans: Vec<Span> = match &found.node.value {
                Value::List(items) => items.iter().map(|item| item.span).collect(),
                Value::Table(entries) => entries.iter().map(|entry| entry.node.span).collect(),
                _ => Vec::new(),
            };
            for (at, span) in county.given(number, row).into_iter().zip(spans) {
                report.tables[number][at].span = Some(span);
            }
        }
    }
}
