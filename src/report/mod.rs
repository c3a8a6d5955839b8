//! Owns the report: organ, year, texts and the figures of every cell of its form. Every reader
//! produces one and every writer takes one.
//! Must not know a file syntax, a rule of `check`, or an output.

mod carried;
mod date;
mod organ;
mod read;
mod source_map;
mod spelling;
mod totals;
mod values;

pub use carried::{CARRIED_MARK, CarriedFigure};
pub use date::Date;
pub use organ::Organ;
pub(crate) use read::{NOTE_KEYS, cell_ref, read_date, strip_number};
pub use read::{RULES, read_report};
pub use source_map::SourceMap;
pub(crate) use source_map::place_of_piece;
pub(crate) use spelling::plain_digits;
pub(crate) use totals::compute_totals;

use crate::data::DataNode;
use crate::figure::Decimal;
use crate::form::{CellExpr, CellId, FieldKind, Form, FormField, FormTable, TITLE_KEY, sum_terms};
use docx_fill::diag::{FormCellRef, Location, SourceId, SourcePlace};
use std::sync::Arc;

/// The mark before a passage that was taken over from last year and must be written anew.
pub const REWRITE_MARK: &str = "【待改写】";

/// An annual report.
#[derive(Debug, Clone)]
pub struct Report {
    /// File from which the report was read.
    pub source: SourceId,
    /// Official form of the report.
    pub form: Arc<Form>,
    /// Year of the report, from 1 January to 31 December.
    pub year: u16,
    /// True if the file gives the year. Otherwise `year` is only the likeliest one of the form,
    /// nothing is judged by it, and no document is made.
    pub has_year: bool,
    /// Date of the report (成文日期), if the file gives one.
    pub date: Option<Date>,
    /// Title that replaces the official pattern, if the file gives one.
    pub custom_title: Option<String>,
    /// Organ that reports.
    pub organ: Organ,
    /// Texts by section and position; sections without text are absent.
    pub texts: Vec<TextField>,
    /// Figures of each table, in the order of [`Form::tables`] and of the table's cells.
    pub tables: Vec<Vec<ReportCell>>,
    /// Spans of title, date and the organ's data in the file, by key.
    pub key_places: Vec<(String, SourcePlace)>,
    /// Notes on findings, in the order of the file.
    pub notes: Vec<Note>,
    /// The file's `letterhead` table, not yet read: it has no effect on the report itself.
    pub letterhead: Option<DataNode>,
    /// Places of the totals that the file shows and leaves to the program.
    pub total_places: Vec<OmittedTotal>,
}

/// The subject of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteTarget {
    /// A row of a table.
    Row {
        /// Index into [`Form::tables`].
        table: usize,
        /// Index into [`FormTable::rows`](crate::form::FormTable::rows).
        row: usize,
    },
    /// The texts of a section, by its index into [`Form::sections`].
    Section(usize),
    /// A key of the file: `title`, `date` or `organ`.
    Key(&'static str),
}

/// A clerk's explanation of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Subject of the note; at most one note has the same subject.
    pub target: NoteTarget,
    /// Text of the note.
    pub text: String,
    /// Place of the text in the file.
    pub place: SourcePlace,
}

/// A part of the report's head in the writer's own words.
#[derive(Debug, Clone, Copy)]
pub struct HeaderField<'a> {
    /// Key of the data file.
    pub key: &'a str,
    /// Official label.
    pub label: &'a str,
    /// Kind of the organ's field; `None` for the title.
    pub kind: Option<FieldKind>,
    /// Its words.
    pub words: &'a str,
}

/// A Markdown text of a section.
#[derive(Debug, Clone)]
pub struct TextField {
    /// Index into [`Form::sections`].
    pub section: usize,
    /// True if the text follows the section's table.
    pub after_table: bool,
    /// Markdown text; `{{…}}` inserts figures of the same report.
    pub markdown: String,
    /// Place of the value in the file.
    pub place: SourcePlace,
}

/// A total that a file shows and leaves to the program to compute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OmittedTotal {
    /// Its cell of the form.
    pub cell: FormCellRef,
    /// Its place in the file.
    pub place: SourcePlace,
}

impl OmittedTotal {
    /// Names a cell of a table with its place in the file.
    pub(crate) fn new(table: &FormTable, cell: usize, place: SourcePlace) -> OmittedTotal {
        let CellId { row, column } = table.cells[cell];
        OmittedTotal { cell: cell_ref(table, Some(row), Some(column)), place }
    }
}

/// A cell's figure with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCell {
    /// Value of the cell.
    pub figure: Figure,
    /// Place in the file; `None` for cells that are computed or left out.
    pub place: Option<SourcePlace>,
}

/// The value of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// A number.
    Number(Decimal),
    /// A cell left blank on purpose.
    Blank,
    /// "/", not applicable.
    NotApplicable,
    /// Words, where the form allows text.
    Text(String),
    /// No value: the given one was rejected, or an addend of the total has no number.
    Unknown,
}

impl Figure {
    /// Returns the number, or `None` for any other value.
    pub fn as_number(&self) -> Option<Decimal> {
        match self {
            Figure::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the text that the cell shows in a document.
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
    /// Creates a report without texts, in which every figure is 0.
    pub fn blank(source: SourceId, form: Arc<Form>, year: u16) -> Report {
        let zero = ReportCell { figure: Figure::Number(Decimal::ZERO), place: None };
        Report {
            source,
            year,
            has_year: true,
            date: None,
            custom_title: None,
            organ: Organ::default(),
            texts: Vec::new(),
            tables: form.tables.iter().map(|table| vec![zero.clone(); table.cells.len()]).collect(),
            key_places: Vec::new(),
            notes: Vec::new(),
            letterhead: None,
            total_places: Vec::new(),
            form,
        }
    }

    /// Returns the report's own title, else the form's pattern with organ and year filled in.
    pub fn title(&self) -> String {
        match &self.custom_title {
            Some(title) => title.clone(),
            None => self.form.title_for(&self.organ.name, self.year),
        }
    }

    /// Returns the date of the document: the report's own, else the last day of its year. The clock
    /// is never read, so the same data gives the same document.
    pub fn document_date(&self) -> Date {
        self.date.unwrap_or(Date { year: self.year, month: 12, day: 31 })
    }

    /// Returns the text of a section before or after its table.
    pub fn section_text(&self, section: usize, after: bool) -> Option<&TextField> {
        self.texts.iter().find(|text| text.section == section && text.after_table == after)
    }

    /// Returns the value of a signed sum of cells; `None` if one of them has no number.
    pub fn evaluate(&self, reading: &CellExpr) -> Option<Decimal> {
        sum_terms(&reading.terms, |cell| self.tables[cell.table][cell.cell].figure.as_number())
    }

    /// Returns the figure of the cell of another form, last year's or this year's, with the same ids.
    pub fn counterpart(&self, table: &FormTable, cell: usize) -> Option<&Figure> {
        let id = table.cells[cell];
        self.find_figure(&table.id, &table.rows[id.row].id, &table.columns[id.column].id)
    }

    /// Returns the figure of the cell with these ids; `None` if the form has no such cell.
    pub fn find_figure(&self, table: &str, row: &str, column: &str) -> Option<&Figure> {
        let number = self.form.tables.iter().position(|own| own.id == table)?;
        let form = &self.form.tables[number];
        let (row, column) = (form.find_row(row)?, form.find_column(column)?);
        Some(&self.tables[number][form.cell_number(row, column)?].figure)
    }

    /// Checks whether a figure of the report is unknown.
    pub fn has_unknown(&self) -> bool {
        self.tables.iter().flatten().any(|cell| cell.figure == Figure::Unknown)
    }

    /// Returns the note on a subject.
    pub fn note_on(&self, about: NoteTarget) -> Option<&Note> {
        self.notes.iter().find(|note| note.target == about)
    }

    /// Returns the title, if the file gives one, and the fields of the organ that are in the writer's own words, as
    /// written in the file.
    pub fn header_fields(&self) -> impl Iterator<Item = HeaderField<'_>> {
        let words = self.custom_title.as_deref().unwrap_or_default();
        let title = HeaderField { key: TITLE_KEY.0, label: TITLE_KEY.1, kind: None, words };
        let free = self.form.fields.iter().filter(|field| field.kind.is_free());
        let of_organ = free.map(|field| HeaderField {
            key: &field.id,
            label: &field.label,
            kind: Some(field.kind),
            words: self.organ.value_of(field),
        });
        std::iter::once(title).chain(of_organ).filter(|field| !field.words.is_empty())
    }

    /// Returns the fields of the organ, with their values, for which a file to be filled in has a line: those that the
    /// form offers, and those with a value.
    pub(crate) fn offered_fields(&self) -> impl Iterator<Item = (&FormField, &str)> {
        let fields = self.form.fields.iter().map(|field| (field, self.organ.value_of(field)));
        fields.filter(|(field, value)| field.is_offered || !value.is_empty())
    }

    /// Returns the key (`organ`, `date` or `title`) under which the note on a key of the report's head is found.
    pub(crate) fn note_owner(&self, key: &str) -> &'static str {
        match key {
            "date" => "date",
            _ if self.form.fields.iter().any(|field| field.id == key) => "organ",
            _ => TITLE_KEY.0,
        }
    }

    /// Returns the location of title, date or a field of the organ, else of the file.
    pub fn key_location(&self, key: &str) -> Location {
        let found = self.key_places.iter().find(|(known, _)| known == key);
        found.map_or(Location::File(self.source), |(_, place)| place.in_source(self.source))
    }

    /// Takes the places of the totals that the file shows and leaves to the program.
    #[must_use]
    pub fn with_total_places(mut self, totals: &[OmittedTotal]) -> Report {
        self.total_places = totals.to_vec();
        self
    }

    /// Returns the place of a cell in the file, also of a total that it leaves to the program; `None` if it has none.
    pub fn cell_place(&self, table: usize, cell: usize) -> Option<SourcePlace> {
        let form = &self.form.tables[table];
        let omitted = || {
            let CellId { row, column } = form.cells[cell];
            let wanted = cell_ref(form, Some(row), Some(column));
            let mut totals = self.total_places.iter();
            totals.find(|total| total.cell == wanted).map(|total| total.place)
        };
        self.tables[table][cell].place.or_else(omitted)
    }

    /// Returns the location of a cell: its own, else that of another cell of the row, else the
    /// file.
    pub fn cell_location(&self, table: usize, cell: usize) -> Location {
        let cells = &self.tables[table];
        let form = &self.form.tables[table];
        let row = form.cells[cell].row;
        let same_row = || {
            let mut of_row = form.cells.iter().enumerate().filter(|(_, id)| id.row == row);
            of_row.find_map(|(at, _)| cells[at].place)
        };
        match self.cell_place(table, cell).or_else(same_row) {
            Some(place) => place.in_source(self.source),
            None => Location::File(self.source),
        }
    }
}
