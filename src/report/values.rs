//! Owns the report as plain values by name: what texts may quote and templates may print.
//! Must not know who asks.

use super::{Figure, Report};
use crate::figure::Decimal;
use crate::form::Table;
use serde_json::{Map, Value, json};

impl Report {
    /// Title, year, date, organ, and the figures by table, row and column id. With `labels` they are
    /// found by their official words as well.
    pub fn values(&self, labels: bool) -> Map<String, Value> {
        let organ = &self.organ;
        let mut out = Map::new();
        out.insert("title".to_owned(), json!(self.title()));
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
        for (number, table) in self.form.tables.iter().enumerate() {
            let rows = rows(self, number, table, labels);
            if labels {
                out.insert(table.name.clone(), Value::Object(rows.clone()));
            }
            out.insert(table.id.clone(), Value::Object(rows));
        }
        out
    }
}

fn rows(report: &Report, number: usize, table: &Table, labels: bool) -> Map<String, Value> {
    let mut out = Map::new();
    for (at, row) in table.rows.iter().enumerate() {
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

/// Counts are JSON numbers, so that templates can calculate; amounts keep their digits as text.
fn value(figure: &Figure) -> Value {
    match figure {
        Figure::Number(number) => {
            whole(*number).map_or_else(|| json!(number.to_string()), Value::Number)
        }
        other => json!(other.text()),
    }
}

fn whole(number: Decimal) -> Option<serde_json::Number> {
    let text = number.to_string();
    (!text.contains('.')).then(|| serde_json::from_str(&text).ok()).flatten()
}
