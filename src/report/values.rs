//! Owns the report as plain values by name: what texts may quote and templates may print.
//! Must not know who asks.

use super::{Figure, Report};
use crate::form::Table;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

impl Report {
    /// Title, year, date, organ, and the figures by table, row and column id. With `labels` they are
    /// found by their official words as well.
    pub fn values(&self, labels: bool) -> Map<String, Value> {
        self.values_of(labels, &|_| true)
    }

    /// The same with those tables and rows only whose ids are wanted.
    pub(crate) fn values_of(
        &self,
        labels: bool,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Map<String, Value> {
        let organ = &self.organ;
        let mut out = Map::new();
        out.insert("title".to_owned(), json!(self.title()));
        out.insert("title-lines".to_owned(), json!(self.title_lines()));
        out.insert("year".to_owned(), json!(self.year));
        out.insert("date".to_owned(), json!(self.document_date().to_string()));
        out.insert("form".to_owned(), json!(self.form.edition));
        out.insert(
            "organ".to_owned(),
            json!({
                "name": organ.name, "level": organ.level, "address": organ.address,
                "postcode": organ.postcode, "phone": organ.phone, "email": organ.email,
                "website": organ.website,
            }),
        );
        let tables = self.form.tables.iter().enumerate().filter(|(_, table)| wanted(&table.id));
        for (number, table) in tables {
            let rows = rows(self, number, table, labels, wanted);
            if labels {
                out.insert(table.name.clone(), Value::Object(rows.clone()));
            }
            out.insert(table.id.clone(), Value::Object(rows));
        }
        out
    }
}

/// Characters of a title line: 22 pt in the type area of 156 mm (GB/T 9704—2012, clause 7.3.1).
const TITLE_LINE: usize = 2 * 20;

impl Report {
    /// The title, broken between words where it is longer than a line.
    fn title_lines(&self) -> String {
        let title = self.title();
        if title.width() <= TITLE_LINE {
            return title;
        }
        let year = format!("{}年", self.year);
        let ends = [self.organ.name.as_str(), year.as_str()];
        let ends = ends.iter().filter(|end| !end.is_empty());
        let breaks = ends.filter_map(|end| Some(title.find(*end)? + end.len()));
        let longer = |at: &usize| title[..*at].width().max(title[*at..].width());
        match breaks.filter(|at| *at < title.len()).min_by_key(longer) {
            Some(at) => format!("{}\n{}", &title[..at], &title[at..]),
            None => title,
        }
    }
}

fn rows(
    report: &Report,
    number: usize,
    table: &Table,
    labels: bool,
    wanted: &dyn Fn(&str) -> bool,
) -> Map<String, Value> {
    let mut out = Map::new();
    for (at, row) in table.rows.iter().enumerate().filter(|(_, row)| wanted(&row.id)) {
        let mut cells = Map::new();
        for column in table.row_columns(at) {
            let Some(cell) = table.cell(at, column) else { continue };
            let value = value(&report.tables[number][cell].figure);
            if labels {
                cells.insert(table.columns[column].label.clone(), value.clone());
            }
            cells.insert(table.columns[column].id.clone(), value);
        }
        if labels {
            out.insert(row.label.clone(), Value::Object(cells.clone()));
        }
        out.insert(row.id.clone(), Value::Object(cells));
    }
    out
}

/// Counts are JSON numbers, so that templates can calculate; amounts keep their digits as text, and so do
/// counts beyond the machine's whole numbers, which would become floats.
fn value(figure: &Figure) -> Value {
    match figure {
        Figure::Number(number) => {
            let text = number.to_string();
            text.parse::<i64>().map_or_else(|_| json!(text), Value::from)
        }
        other => json!(other.text()),
    }
}
