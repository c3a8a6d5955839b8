//! Owns the official form: sections, tables, rows, columns, spans and the identities between cells,
//! read from `templates/<edition>/form.toml`.
//! Must not know a report, nor how a table is drawn. No edition is named in code.

mod expr;
mod identity;
mod phrases;
mod read;
mod registry;
mod source;
mod year_identity;

pub use expr::{Term, sum_terms};
pub use identity::{Axis, Identity, IdentityInstance};
pub use phrases::{CellExpr, Claim, ClaimDemand, Phrase, PhraseWords, TableCell};
pub use registry::FormRegistry;
pub use year_identity::{Operand, YearIdentity};

use crate::grid::Grid;
use docx_fill::diag::{Sink, SourceId};
use std::collections::BTreeMap;

/// The official form of one edition.
#[derive(Debug, Clone)]
pub struct Form {
    /// Edition, for instance `2021`.
    pub edition: String,
    /// Official name of the form.
    pub name: String,
    /// Pattern of the report's title with `{organ}` and `{year}`.
    pub title: String,
    /// First report year that uses the form.
    pub first_year: u16,
    /// Last report year that uses the form; open if there is none.
    pub last_year: Option<u16>,
    /// Title of the notice that prescribes the form.
    pub notice_title: String,
    /// Document number of that notice (文号).
    pub notice_number: String,
    /// Words by which a citation of that notice is known, beside its number.
    pub notice_marks: Vec<String>,
    /// Other endings of titles, by which a report of somebody else is known.
    pub title_aliases: Vec<String>,
    /// Words before an organ's address, postcode and so on, by the key of the data file.
    pub contact: BTreeMap<String, Vec<String>>,
    /// Wordings with a number that the tables hold as well.
    pub phrases: Vec<Phrase>,
    /// What the words around them say.
    pub words: PhraseWords,
    /// Wordings that a figure or the number beside them can refute.
    pub claims: Vec<Claim>,
    /// The parts of the report in official order.
    pub sections: Vec<FormSection>,
    /// The tables in official order.
    pub tables: Vec<FormTable>,
}

/// A part of the report.
#[derive(Debug, Clone)]
pub struct FormSection {
    /// Id, for instance `overview`.
    pub id: String,
    /// Heading with its number; the lead has none.
    pub heading: Option<String>,
    /// Other headings that reports have for it.
    pub aliases: Vec<String>,
    /// Index of its table in [`Form::tables`].
    pub table: Option<usize>,
    /// Text that a fresh data file begins with, as Markdown.
    pub starter_text: String,
    /// Fewest characters of a text that says something.
    pub min_length: usize,
    /// What the text has to speak of when it is above 0.
    pub must_mention: Vec<CellExpr>,
}

/// A prescribed table.
#[derive(Debug, Clone)]
pub struct FormTable {
    /// Id, for instance `requests`.
    pub id: String,
    /// What messages call it, for instance 表三.
    pub name: String,
    /// What it shows, for readers who do not see it.
    pub summary: String,
    /// Widths of the physical columns in millimetres.
    pub widths: Vec<f64>,
    /// Font size in points.
    pub size: f64,
    /// Least height of a line in millimetres.
    pub line_height: f64,
    /// How many first lines repeat on every page.
    pub header_lines: usize,
    /// Kinds of values that are counted across.
    pub columns: Vec<FormColumn>,
    /// Things that are counted.
    pub rows: Vec<FormRow>,
    /// The physical lines.
    pub lines: Vec<Vec<GridCell>>,
    /// Addresses of the lines' cells.
    pub grid: Grid,
    /// The figure cells in official order; a cell's number is its index here.
    pub cells: Vec<CellId>,
    /// The identities in the order of the form.
    pub identities: Vec<Identity>,
    /// The identities that bind the table to last year's.
    pub year_identities: Vec<YearIdentity>,
    /// Inequalities that nearly always hold: the left side is not below the right one.
    pub bounds: Vec<Identity>,
    /// Every identity for every row or column that it holds for.
    pub instances: Vec<IdentityInstance>,
    /// Which instances compute the missing totals, in an order that works.
    pub eval_order: Vec<usize>,
    /// How its cells are collected where neither row nor column says otherwise.
    pub collect_rule: CollectRule,
    /// Cell number for row × column.
    cell_index: Vec<Option<usize>>,
}

/// A figure cell by row and column of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId {
    /// Index into [`Table::rows`].
    pub row: usize,
    /// Index into [`Table::columns`].
    pub column: usize,
}

/// A column of figures.
#[derive(Debug, Clone)]
pub struct FormColumn {
    /// Id, for instance `natural-person`.
    pub id: String,
    /// Official label.
    pub label: String,
    /// Other labels that reports have for it.
    pub aliases: Vec<String>,
    /// Official label of the columns that it stands under, if any.
    pub group: Option<String>,
    /// What kind of value its cells hold.
    pub kind: FigureKind,
    /// Unit of the values, empty where the form names none.
    pub unit: String,
    /// When a value is probably in another unit.
    pub unit_check: Option<UnitCheck>,
    /// How its cells are collected, where the form says so.
    pub collect_rule: Option<CollectRule>,
}

/// When an amount is probably in another unit than the form's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitCheck {
    /// A whole multiple of this is doubted.
    pub multiple_of: u32,
    /// For organs of these levels.
    pub levels: Vec<String>,
    /// So many times last year's amount is doubted, at every level.
    pub times_last_year: u32,
}

/// A row of figures.
#[derive(Debug, Clone)]
pub struct FormRow {
    /// Id, for instance `received`.
    pub id: String,
    /// Official label.
    pub label: String,
    /// Other labels that reports have for it.
    pub aliases: Vec<String>,
    /// Official label of the rows that it stands under, if any.
    pub group: Option<String>,
    /// Whether "/" (not applicable) may stand in its cells.
    pub allows_slash: bool,
    /// Levels of organs that may have figures here; all where the list is empty.
    pub levels: Vec<String>,
    /// How its cells are collected, where the form says so.
    pub collect_rule: Option<CollectRule>,
}

/// How a cell of a county's report comes from those of its units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CollectRule {
    /// The units' figures add up.
    #[default]
    Sum,
    /// The county's own report gives it.
    Keep,
    /// The units may have counted the same thing: somebody has to be asked.
    Review,
}

/// Kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FigureKind {
    /// A whole number from 0.
    #[default]
    Count,
    /// A decimal number from 0.
    Money,
    /// A whole number, negative ones too.
    Signed,
    /// A number from 0 or any text: the form names no unit.
    Text,
}

impl FigureKind {
    /// The word used in `form.toml` and for templates.
    pub fn as_str(self) -> &'static str {
        match self {
            FigureKind::Count => "count",
            FigureKind::Money => "money",
            FigureKind::Signed => "signed",
            FigureKind::Text => "text",
        }
    }
}

/// A physical cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridCell {
    /// What stands in it.
    pub content: GridContent,
    /// Columns covered.
    pub colspan: usize,
    /// Rows covered.
    pub rowspan: usize,
}

/// Content of a physical cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GridContent {
    /// Official words.
    Header {
        /// The words, verbatim.
        text: String,
        /// Set one character under the other.
        vertical: bool,
        /// Whether it heads its row; otherwise it heads columns.
        heads_row: bool,
    },
    /// The cell with this number in [`Table::cells`].
    Figure(usize),
}

impl Form {
    /// Reads a `form.toml`; says everything that is wrong with it.
    pub fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Form> {
        read::read_form(source, text, sink)
    }

    /// Whether reports of this year use the form.
    pub fn covers_year(&self, year: u16) -> bool {
        year >= self.first_year && self.last_year.is_none_or(|last| year <= last)
    }

    /// A table by id.
    pub fn table_by_id(&self, id: &str) -> Option<&FormTable> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// A section by id.
    pub fn section_by_id(&self, id: &str) -> Option<&FormSection> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// The title of an organ's report.
    pub fn title_for(&self, organ: &str, year: u16) -> String {
        self.title.replace("{organ}", organ).replace("{year}", &year.to_string())
    }
}

impl FormTable {
    /// The number of a figure cell, if the form has it.
    pub fn cell_number(&self, row: usize, column: usize) -> Option<usize> {
        *self.cell_index.get(row * self.columns.len() + column)?
    }

    /// The columns in which a row has figures, in official order.
    pub fn row_columns(&self, row: usize) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(move |&column| self.cell_number(row, column).is_some())
    }

    /// How a cell is collected: its row says so, else its column, else the table.
    pub fn collect_rule_of(&self, cell: usize) -> CollectRule {
        let CellId { row, column } = self.cells[cell];
        self.rows[row]
            .collect_rule
            .or(self.columns[column].collect_rule)
            .unwrap_or(self.collect_rule)
    }

    /// Whether the form itself computes the cell.
    pub fn is_computed(&self, cell: usize) -> bool {
        self.eval_order.iter().any(|&at| self.instances[at].computes == Some(cell))
    }

    /// The official words of a row, with those of the rows that it stands under where they tell it
    /// apart: （三）不予公开 1.属于国家秘密.
    pub fn row_name(&self, row: usize) -> String {
        let FormRow { label, group, .. } = &self.rows[row];
        match group {
            Some(group) if !label.starts_with('（') => format!("{group} {label}"),
            _ => label.clone(),
        }
    }

    /// Index of the row with this id or official label.
    pub fn find_row(&self, name: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.id == name || row.label == name)
    }

    /// Index of the column with this id or official label.
    pub fn find_column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == name || column.label == name)
    }
}
