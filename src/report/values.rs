//! Owns the report as named plain values, which texts quote and templates print.
//! Must not know the reader of these values.

use super::{Figure, Report};
use crate::form::{FieldKind, FormField, FormTable};
use crate::official_page::official_page;
use docx_fill::slice::TextSlice as _;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

impl Report {
    /// Returns title, year, date, organ, and the figures by table, row and column id. With
    /// `labels`, also under their official labels.
    pub fn to_values(&self, labels: bool) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("title".to_owned(), json!(self.title()));
        out.insert("title-lines".to_owned(), json!(self.title_lines()));
        out.insert("year".to_owned(), json!(self.year));
        out.insert("date".to_owned(), json!(self.document_date().to_string()));
        out.insert("form".to_owned(), json!(self.form.edition));
        out.insert("organ".to_owned(), Value::Object(self.organ_values()));
        for (number, table) in self.form.tables.iter().enumerate() {
            let rows = table_values(self, number, table, labels);
            if labels {
                out.insert(table.name.clone(), Value::Object(rows.clone()));
            }
            out.insert(table.id.clone(), Value::Object(rows));
        }
        out
    }

    /// Returns the printed value of [`Report::to_values`] at a path of ids; `None` if it cannot be
    /// had by a simple look-up.
    pub(crate) fn printed_at_path(&self, path: &str) -> Option<Cow<'_, str>> {
        let mut names = path.split('.');
        let (first, row, column) = (names.next()?, names.next(), names.next());
        let table = self.form.tables.iter().position(|table| table.id == first);
        match (table, row, column, names.next()) {
            (Some(number), Some(row), Some(column), None) => {
                let table = &self.form.tables[number];
                let row = table.rows.iter().position(|known| known.id == row)?;
                let column = table.columns.iter().position(|known| known.id == column)?;
                print_figure(&self.tables[number][table.cell_number(row, column)?].figure)
            }
            (None, None, _, _) if first == "year" => Some(Cow::Owned(self.year.to_string())),
            (None, Some(key), None, _) if first == "organ" => {
                let mut fields = self.form.fields.iter();
                let field = fields.find(|f| f.id == key && f.kind != FieldKind::Level)?;
                Some(Cow::Borrowed(field.shown_value(self.organ.value_of(field))))
            }
            _ => None,
        }
    }
}

impl Report {
    /// Returns the fields of the organ by id: a choice in its official words, the level by its id, as templates ask for
    /// it.
    fn organ_values(&self) -> Map<String, Value> {
        let value = |field: &FormField| match field.kind {
            FieldKind::Level => json!(self.organ.level),
            _ => json!(field.shown_value(self.organ.value_of(field))),
        };
        self.form.fields.iter().map(|field| (field.id.clone(), value(field))).collect()
    }
}

impl Report {
    /// Returns the figure that a path names by ids or official labels; `None` if the path names no
    /// cell.
    pub(crate) fn figure_at_path(&self, path: &str) -> Option<&Figure> {
        let names = split_path(path);
        let [table, row, column] = names.as_slice() else { return None };
        let is = |known: &FormTable| known.id == *table || known.name == *table;
        let number = self.form.tables.iter().position(is)?;
        let table = &self.form.tables[number];
        let cell = table.cell_number(table.find_row(row)?, table.find_column(column)?)?;
        Some(&self.tables[number][cell].figure)
    }
}

/// Splits a path into names; names with dots are in square brackets.
fn split_path(path: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let end = match rest.strip_prefix('[') {
            Some(inner) => inner.find(']').map_or(rest.len(), |at| at + 2),
            None => rest.find('.').unwrap_or(rest.len()),
        };
        let (name, behind) = rest.split_at_offset(end);
        out.push(name.trim_start_matches('[').trim_end_matches(']'));
        rest = behind.strip_prefix('.').unwrap_or(behind);
    }
    out
}

/// Returns a figure as text. A number of very many digits would differ from the JSON number.
fn print_figure(figure: &Figure) -> Option<Cow<'_, str>> {
    match figure {
        Figure::Number(number) => {
            Some(number.to_string()).filter(|digits| digits.len() <= 15).map(Cow::Owned)
        }
        Figure::Text(words) => Some(Cow::Borrowed(words)),
        other => Some(Cow::Owned(other.cell_text())),
    }
}

impl Report {
    /// Returns the title, with line breaks between words if it is longer than a line.
    fn title_lines(&self) -> String {
        let title = self.title();
        if title.width() <= 2 * official_page().title_characters() {
            return title;
        }
        let year = format!("{}年", self.year);
        let ends = [self.organ.name.as_str(), year.as_str()];
        let ends = ends.iter().filter(|end| !end.is_empty());
        let breaks = ends.filter_map(|end| Some(title.find(*end)? + end.len()));
        let longer = |at: &usize| title.slice(..*at).width().max(title.slice(*at..).width());
        match breaks.filter(|at| *at < title.len()).min_by_key(longer) {
            Some(at) => format!("{}\n{}", title.slice(..at), title.slice(at..)),
            None => title,
        }
    }
}

fn table_values(
    report: &Report,
    number: usize,
    table: &FormTable,
    labels: bool,
) -> Map<String, Value> {
    let mut out = Map::new();
    for (at, row) in table.rows.iter().enumerate() {
        let mut cells = Map::new();
        for column in table.row_columns(at) {
            let Some(cell) = table.cell_number(at, column) else { continue };
            let value = figure_value(&report.tables[number][cell].figure);
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

/// Returns a figure as JSON. Counts are numbers, so that templates can calculate; amounts are texts
/// that keep their digits, and so are counts beyond the integer range, which would become floats.
fn figure_value(figure: &Figure) -> Value {
    match figure {
        Figure::Number(number) => {
            let whole = number.to_i128().and_then(|whole| i64::try_from(whole).ok());
            whole.map_or_else(|| json!(number.to_string()), Value::from)
        }
        other => json!(other.cell_text()),
    }
}
