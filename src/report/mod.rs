//! Owns the report: organ, year, texts and the figures of every cell of its form. It is the hub: every
//! reader makes one, every writer takes one.
//! Must not know a file syntax, a rule that judges, or an output.

mod read;
mod totals;

pub(crate) use totals::sum;

pub(crate) use read::cell_ref;
pub use read::{RULES, read};

use crate::diag::{Place, SourceId, Span};
use crate::figure::Decimal;
use crate::form::Form;
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
    /// A title of its own instead of the official pattern.
    pub own_title: Option<String>,
    /// Who reports.
    pub organ: Organ,
    /// Texts by section and position; sections without text are absent.
    pub texts: Vec<TextField>,
    /// The figures of each table, in the order of [`Form::tables`] and of the table's cells.
    pub tables: Vec<Vec<Cell>>,
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
    pub after: bool,
    /// The Markdown; `{{…}}` quotes figures of the same report.
    pub markdown: String,
    /// Where the value stands in the file.
    pub span: Span,
}

/// A cell's figure and where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
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
    Slash,
    /// Words, where the form allows them.
    Words(String),
    /// No value: the given one was refused, or a total whose addends are no numbers.
    Unknown,
}

impl Figure {
    /// The number, if it is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Figure::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text that stands in the document's cell.
    pub fn text(&self) -> String {
        match self {
            Figure::Number(number) => number.to_string(),
            Figure::Blank | Figure::Unknown => String::new(),
            Figure::Slash => "/".to_owned(),
            Figure::Words(words) => words.clone(),
        }
    }
}

impl Report {
    /// The title: its own, or the form's pattern with organ and year.
    pub fn title(&self) -> String {
        match &self.own_title {
            Some(title) => title.clone(),
            None => self.form.title_for(&self.organ.name, self.year),
        }
    }

    /// The text of a section, if there is one.
    pub fn text(&self, section: usize, after: bool) -> Option<&TextField> {
        self.texts.iter().find(|text| text.section == section && text.after == after)
    }

    /// The place of a cell: where the file gives it, else where it gives another cell of the row,
    /// else the file.
    pub fn cell_place(&self, table: usize, cell: usize) -> Place {
        let cells = &self.tables[table];
        let form = &self.form.tables[table];
        let row = form.cells[cell].row;
        let same_row = || {
            let of_row = form.cells.iter().enumerate().filter(|(_, id)| id.row == row);
            of_row.filter_map(|(at, _)| cells[at].span).next()
        };
        match cells[cell].span.or_else(same_row) {
            Some(span) => Place::Text(self.source, span),
            None => Place::File(self.source),
        }
    }
}
