//! Owns the report: organ, year, texts and the figures of every cell of its form. It is the hub: every
//! reader makes one, every writer takes one.
//! Must not know a file syntax, a rule that judges, or an output.

mod read;
mod source_map;
mod totals;
mod values;

pub(crate) use read::{
    NOTE_KEYS, ORGAN_KEYS, ORGAN_LEVELS, TOP_KEYS, cell_ref, owner_key, read_date, strip_number,
};
pub use read::{RULES, read_report};
pub use source_map::SourceMap;
pub(crate) use source_map::span_of_piece;
pub(crate) use totals::compute_totals;

use crate::data::DataNode;
use crate::figure::Decimal;
use crate::form::{CellExpr, Form, FormTable, sum_terms};
use docx_fill::diag::{Location, SourceId, Span};
use std::sync::Arc;

/// An annual report.
#[derive(Debug, Clone)]
pub struct Report {
    /// The file that it was read from.
    pub source: SourceId,
    /// The official form that it follows.
    pub form: Arc<Form>,
    /// The year reported on, 1 January to 31 December.
    pub year: u16,
    /// Date of the report (成文日期), if the file gives one.
    pub date: Option<Date>,
    /// A title of its own instead of the official pattern.
    pub custom_title: Option<String>,
    /// Who reports.
    pub organ: Organ,
    /// Texts by section and position; sections without text are absent.
    pub texts: Vec<TextField>,
    /// The figures of each table, in the order of [`Form::tables`] and of the table's cells.
    pub tables: Vec<Vec<ReportCell>>,
    /// Where the file gives title, date and the organ's data, by key.
    pub key_spans: Vec<(&'static str, Span)>,
    /// Answers to findings, in the order of the file.
    pub notes: Vec<Note>,
    /// What the file says of its letterhead, unread: the report itself is the same with any.
    pub letterhead: Option<DataNode>,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteTarget {
    /// A row of a table.
    Row {
        /// Index into [`Form::tables`].
        table: usize,
        /// Index of the row.
        row: usize,
    },
    /// The texts of a section: index into [`Form::sections`].
    Section(usize),
    /// A key of the file: `title`, `date` or `organ`.
    Key(&'static str),
}

/// A clerk's answer to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about; at most one note is about the same.
    pub target: NoteTarget,
    /// The answer.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month from 1.
    pub month: u8,
    /// Day from 1.
    pub day: u8,
}

impl Date {
    /// Reads `2026-01-20`; `None` if there is no such day.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let plain = [year, month, day].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
        let date =
            Date { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let leap = date.year.is_multiple_of(4)
            && (!date.year.is_multiple_of(100) || date.year.is_multiple_of(400));
        let days = match date.month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            _ => 31,
        };
        let valid = plain && parts.next().is_none() && year.len() == 4;
        (valid && (1..=12).contains(&date.month) && (1..=days).contains(&date.day)).then_some(date)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The organ that reports (行政机关).
#[derive(Debug, Clone, Default)]
pub struct Organ {
    /// Name as on its seal.
    pub name: String,
    /// `township`, `department`, `county`, `city`, `province` or `ministry`.
    pub level: Option<String>,
    /// Postal address.
    pub address: String,
    /// Postcode.
    pub postcode: String,
    /// Telephone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
    /// Website.
    pub website: String,
}

/// A Markdown text of a section.
#[derive(Debug, Clone)]
pub struct TextField {
    /// Index into [`Form::sections`].
    pub section: usize,
    /// Whether it stands after the section's table.
    pub after_table: bool,
    /// The Markdown; `{{…}}` quotes figures of the same report.
    pub markdown: String,
    /// Where the value stands in the file.
    pub span: Span,
}

/// A cell's figure and where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCell {
    /// What the cell holds.
    pub figure: Figure,
    /// Where the file gives it; computed and left-out cells have no place.
    pub span: Option<Span>,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// A number.
    Number(Decimal),
    /// Left blank on purpose.
    Blank,
    /// "/", not applicable.
    NotApplicable,
    /// Words, where the form allows them.
    Text(String),
    /// No value: the given one was refused, or a total whose addends are no numbers.
    Unknown,
}

impl Figure {
    /// The number, if it is one.
    pub fn as_number(&self) -> Option<Decimal> {
        match self {
            Figure::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text that stands in the document's cell.
    pub fn cell_text(&self) -> String {
        match self {
            Figure::Number(number) => number.to_string(),
            Figure::Blank | Figure::Unknown => String::new(),
            Figure::NotApplicable => "/".to_owned(),
            Figure::Text(words) => words.clone(),
        }
    }
}

impl Report {
    /// A report without a word. A row that is left out is a row of zeros.
    pub fn blank(source: SourceId, form: Arc<Form>, year: u16) -> Report {
        let zero = ReportCell { figure: Figure::Number(Decimal::ZERO), span: None };
        Report {
            source,
            year,
            date: None,
            custom_title: None,
            organ: Organ::default(),
            texts: Vec::new(),
            tables: form.tables.iter().map(|table| vec![zero.clone(); table.cells.len()]).collect(),
            key_spans: Vec::new(),
            notes: Vec::new(),
            letterhead: None,
            form,
        }
    }

    /// The title: its own, or the form's pattern with organ and year.
    pub fn title(&self) -> String {
        match &self.custom_title {
            Some(title) => title.clone(),
            None => self.form.title_for(&self.organ.name, self.year),
        }
    }

    /// The date of the document: its own, else the last day of the period reported on. There is no
    /// clock, so that the same data gives the same document.
    pub fn document_date(&self) -> Date {
        self.date.unwrap_or(Date { year: self.year, month: 12, day: 31 })
    }

    /// The text of a section, if there is one.
    pub fn section_text(&self, section: usize, after: bool) -> Option<&TextField> {
        self.texts.iter().find(|text| text.section == section && text.after_table == after)
    }

    /// The value of a signed sum of cells; nothing if one of them is no number.
    pub fn evaluate(&self, reading: &CellExpr) -> Option<Decimal> {
        sum_terms(&reading.terms, |cell| self.tables[cell.table][cell.cell].figure.as_number())
    }

    /// The figure of the cell of another form, last year's or this year's, with the same ids.
    pub fn counterpart(&self, table: &FormTable, cell: usize) -> Option<&Figure> {
        let number = self.form.tables.iter().position(|own| own.id == table.id)?;
        let (form, id) = (&self.form.tables[number], table.cells[cell]);
        let row = form.find_row(&table.rows[id.row].id)?;
        let column = form.find_column(&table.columns[id.column].id)?;
        Some(&self.tables[number][form.cell_number(row, column)?].figure)
    }

    /// The note about something, if there is one.
    pub fn note_on(&self, about: NoteTarget) -> Option<&Note> {
        self.notes.iter().find(|note| note.target == about)
    }

    /// Title, if it has one of its own, and the organ's data by key, as the file gives them.
    pub fn header_fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let organ = &self.organ;
        let words = [
            ("title", self.custom_title.as_deref().unwrap_or_default()),
            ("name", &organ.name),
            ("address", &organ.address),
            ("postcode", &organ.postcode),
            ("phone", &organ.phone),
            ("email", &organ.email),
            ("website", &organ.website),
        ];
        words.into_iter().filter(|(_, words)| !words.is_empty())
    }

    /// The place of title, date or one of the organ's data; the file if it is not given.
    pub fn key_location(&self, key: &str) -> Location {
        let found = self.key_spans.iter().find(|(known, _)| *known == key);
        found.map_or(Location::File(self.source), |(_, span)| Location::Span(self.source, *span))
    }

    /// The place of a cell: where the file gives it, else where it gives another cell of the row,
    /// else the file.
    pub fn cell_location(&self, table: usize, cell: usize) -> Location {
        let cells = &self.tables[table];
        let form = &self.form.tables[table];
        let row = form.cells[cell].row;
        let same_row = || {
            let mut of_row = form.cells.iter().enumerate().filter(|(_, id)| id.row == row);
            of_row.find_map(|(at, _)| cells[at].span)
        };
        match cells[cell].span.or_else(same_row) {
            Some(span) => Location::Span(self.source, span),
            None => Location::File(self.source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_exist() {
        for good in ["2026-01-20", "2024-02-29", "2000-02-29"] {
            assert_eq!(Date::parse(good).map(|d| d.to_string()).as_deref(), Some(good));
        }
        for bad in
            ["2026-02-29", "2026-13-01", "2026-1", "26-01-01", "2026-00-10", "2026-04-31", "x"]
        {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }
}
