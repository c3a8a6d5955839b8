//! Owns the official form: sections, tables, rows, columns, spans and the identities between cells,
//! read from `templates/<edition>/form.toml`.
//! Must not know a report, nor how a table is drawn. No edition is named in code.

mod expr;
mod field_reader;
mod fields;
mod identity;
mod naming;
mod phrases;
mod prose_words;
mod read;
mod registry;
mod source;
mod syntax_faults;
mod table_axes;
mod year_identity;

pub use expr::{Term, sum_terms};
pub(crate) use fields::{EDITION_KEY, FAMILY_KEY, TITLE_KEY, TOP_KEYS, VARIANT_KEY, YEAR_KEY};
pub use fields::{FieldKind, FieldPlace, FormField};
pub use identity::{Axis, Identity, IdentityInstance};
pub use naming::{FormNamePart, NamedId};
pub use phrases::{CellExpr, Claim, ClaimDemand, Phrase, PhraseWords, TableCell};
pub use prose_words::ProseWords;
pub use registry::{FormChoiceError, FormQuery, FormRegistry, QueryPart};
pub use year_identity::{Operand, YearIdentity};

use crate::grid::Grid;
use docx_fill::diag::{Sink, SourceId};
use std::collections::BTreeMap;

/// An official form: one edition of a variant of a family.
#[derive(Debug, Clone)]
pub struct Form {
    /// Folder of its templates.
    pub folder: String,
    /// Family: what kind of report it is for. Forms of different families are never compared.
    pub family: NamedId,
    /// Variant within the family, where its forms differ by more than years; `None` for the plain form.
    pub variant: Option<NamedId>,
    /// Edition, which names the years, for instance `2021`.
    pub edition: String,
    /// Official name of the form.
    pub name: String,
    /// Pattern of the report's title with `{organ}` and `{year}`.
    pub title: String,
    /// First report year that uses the form.
    pub first_year: u16,
    /// Last report year that uses the form; open if there is none.
    pub last_year: Option<u16>,
    /// First year for which a newer edition of the same variant is chosen, if there is one.
    pub superseded_from: Option<u16>,
    /// Title of the notice that prescribes the form.
    pub notice_title: String,
    /// Document number of that notice (文号).
    pub notice_number: String,
    /// Words that identify a citation of that notice besides its number.
    pub notice_marks: Vec<String>,
    /// Other endings of titles, which identify a report written by somebody else.
    pub title_aliases: Vec<String>,
    /// Fields of the organ that reports, in official order.
    pub fields: Vec<FormField>,
    /// Phrases with a number that the tables also hold.
    pub phrases: Vec<Phrase>,
    /// The meaning of the words around them.
    pub words: PhraseWords,
    /// Words by which the texts themselves are judged.
    pub prose: ProseWords,
    /// Wordings that a figure or the number beside them can refute.
    pub claims: Vec<Claim>,
    /// Sections of the report in official order.
    pub sections: Vec<FormSection>,
    /// Tables in official order.
    pub tables: Vec<FormTable>,
}

/// A section of the report (部分).
#[derive(Debug, Clone)]
pub struct FormSection {
    /// Id, for instance `overview`.
    pub id: String,
    /// Heading with its number; `None` for the introduction.
    pub heading: Option<String>,
    /// Other headings that reports use for the section.
    pub aliases: Vec<String>,
    /// Index of the section's table in [`Form::tables`].
    pub table: Option<usize>,
    /// Initial text in a fresh data file, as Markdown.
    pub starter_text: String,
    /// Number of characters below which a text counts as empty of content.
    pub min_length: usize,
    /// Sums that the text has to mention when they are above 0.
    pub must_mention: Vec<CellExpr>,
    /// Aspects that the text treats, each by its name and other words for it.
    pub aspects: Vec<Vec<String>>,
    /// True if the text names problems, each of which needs a remedy.
    pub is_remedied: bool,
}

/// A prescribed table.
#[derive(Debug, Clone)]
pub struct FormTable {
    /// Id, for instance `requests`.
    pub id: String,
    /// Name used in messages, for instance 表三.
    pub name: String,
    /// Description of the table for readers who cannot see it (alternative text).
    pub summary: String,
    /// Widths of the physical columns in millimetres.
    pub widths: Vec<f64>,
    /// Font size in points.
    pub size: f64,
    /// Minimum height of a line in millimetres.
    pub line_height: f64,
    /// Number of header lines, which repeat on every page.
    pub header_lines: usize,
    /// Columns of figures, from left to right.
    pub columns: Vec<FormColumn>,
    /// Rows of figures, from top to bottom.
    pub rows: Vec<FormRow>,
    /// Physical lines with their cells.
    pub lines: Vec<Vec<GridCell>>,
    /// Addresses of the cells of `lines`.
    pub grid: Grid,
    /// Figure cells in official order; the index here is the cell's number.
    pub cells: Vec<CellId>,
    /// Identities in the order of the form.
    pub identities: Vec<Identity>,
    /// Identities between this table and last year's.
    pub year_identities: Vec<YearIdentity>,
    /// Inequalities that nearly always hold: left side ≥ right side.
    pub bounds: Vec<Identity>,
    /// Every identity applied to every row or column for which it holds.
    pub instances: Vec<IdentityInstance>,
    /// Indexes into `instances` that compute the missing totals, in an order in which all can be
    /// computed.
    pub eval_order: Vec<usize>,
    /// Rule for collecting cells for which neither the row nor the column gives one.
    pub collect_rule: CollectRule,
    /// Groups of words that mean the same in a label; the first of each group stands for it.
    pub same_words: Vec<Vec<String>>,
    /// Cell number by row × column.
    cell_index: Vec<Option<usize>>,
    /// Kinds and units of cells that have their own, by the number of the cell.
    own_values: BTreeMap<usize, CellValues>,
}

/// Kind and unit that a cell has of its own; without them those of its row hold, else those of its column.
#[derive(Debug, Clone, Default)]
struct CellValues {
    kind: Option<FigureKind>,
    unit: Option<String>,
}

/// A figure cell by row and column of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId {
    /// Index into [`FormTable::rows`].
    pub row: usize,
    /// Index into [`FormTable::columns`].
    pub column: usize,
}

/// A column of figures.
#[derive(Debug, Clone)]
pub struct FormColumn {
    /// Id, for instance `natural-person`.
    pub id: String,
    /// Official label.
    pub label: String,
    /// Other labels that reports use for the column.
    pub aliases: Vec<String>,
    /// Official label of the group of columns to which it belongs, if any.
    pub group: Option<String>,
    /// Kind of value in the column's cells.
    pub kind: FigureKind,
    /// Unit of the values; empty if the form names none.
    pub unit: String,
    /// Condition under which a value is probably given in another unit.
    pub unit_check: Option<UnitCheck>,
    /// Rule for collecting the column's cells, if the form gives one.
    pub collect_rule: Option<CollectRule>,
}

/// Condition under which an amount is probably given in another unit than the form's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitCheck {
    /// An amount is doubted if it is a whole multiple of this number.
    pub multiple_of: u32,
    /// Levels of organs to which `multiple_of` applies.
    pub levels: Vec<String>,
    /// An amount is doubted at every level if it is at least this many times last year's.
    pub times_last_year: u32,
}

/// A row of figures.
#[derive(Debug, Clone)]
pub struct FormRow {
    /// Id, for instance `received`.
    pub id: String,
    /// Official label.
    pub label: String,
    /// Other labels that reports use for the row.
    pub aliases: Vec<String>,
    /// Official label of the group of rows to which it belongs, if any.
    pub group: Option<String>,
    /// True if "/" (not applicable) is allowed in the row's cells.
    pub allows_slash: bool,
    /// Kind of value in the row's cells, if it is not that of their columns.
    pub kind: Option<FigureKind>,
    /// Unit of the values in the row's cells, if it is not that of their columns.
    pub unit: Option<String>,
    /// Levels of organs that may have figures in the row; empty if all may.
    pub levels: Vec<String>,
    /// Rule for collecting the row's cells, if the form gives one.
    pub collect_rule: Option<CollectRule>,
}

/// Rule by which a cell of a county's report is made from the same cell of its units' reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CollectRule {
    /// The sum of the units' figures.
    #[default]
    Sum,
    /// The figure of the county's own report.
    Keep,
    /// The sum, to be reviewed by a person: several units may have counted the same thing.
    Review,
}

/// Kind of value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FigureKind {
    /// A whole number ≥ 0.
    #[default]
    Count,
    /// A decimal number ≥ 0.
    Money,
    /// A whole number, also below 0.
    Signed,
    /// A number ≥ 0 or any text, because the form names no unit.
    Text,
}

impl FigureKind {
    /// Returns the word used in `form.toml` and in template data.
    pub fn as_str(self) -> &'static str {
        match self {
            FigureKind::Count => "count",
            FigureKind::Money => "money",
            FigureKind::Signed => "signed",
            FigureKind::Text => "text",
        }
    }
}

/// A physical cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridCell {
    /// Content of the cell.
    pub content: GridContent,
    /// Number of columns covered.
    pub colspan: usize,
    /// Number of lines covered.
    pub rowspan: usize,
}

/// Content of a physical cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GridContent {
    /// A label.
    Header {
        /// Text of the label, verbatim.
        text: String,
        /// True if the characters are set one below the other.
        vertical: bool,
        /// True if the label heads a row; otherwise it heads columns.
        heads_row: bool,
    },
    /// The figure cell with this number in [`FormTable::cells`].
    Figure(usize),
}

impl Form {
    /// Reads a `form.toml`; every fault goes to the sink, and `None` is returned if there is one.
    pub fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Form> {
        read::read_form(source, text, sink)
    }

    /// Checks whether the form applies to reports of this year.
    pub fn covers_year(&self, year: u16) -> bool {
        year >= self.first_year && self.last_year.is_none_or(|last| year <= last)
    }

    /// Returns the field with this id or label.
    pub fn field_named(&self, word: &str) -> Option<&FormField> {
        self.fields.iter().find(|field| field.is_named(word))
    }

    /// Returns the field of the organ's level, if the form has one.
    pub fn level_field(&self) -> Option<&FormField> {
        self.fields.iter().find(|field| field.kind == FieldKind::Level)
    }

    /// Checks whether the form asks for the level of the organ.
    pub fn asks_for_level(&self) -> bool {
        self.level_field().is_some_and(|field| field.is_offered)
    }

    /// Returns the official words for a level.
    pub fn level_name<'a>(&'a self, level: &'a str) -> &'a str {
        self.level_field().map_or(level, |field| field.shown_value(level))
    }

    /// Returns the table with this id.
    pub fn table_by_id(&self, id: &str) -> Option<&FormTable> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// Returns the section with this id.
    pub fn section_by_id(&self, id: &str) -> Option<&FormSection> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// Returns the official title of an organ's report.
    pub fn title_for(&self, organ: &str, year: u16) -> String {
        self.title.replace("{organ}", organ).replace("{year}", &year.to_string())
    }
}

impl FormTable {
    /// Returns the number of a figure cell, or `None` if the form has no such cell.
    pub fn cell_number(&self, row: usize, column: usize) -> Option<usize> {
        *self.cell_index.get(row * self.columns.len() + column)?
    }

    /// Returns the kind of value of a cell: its own, else that of its row, else of its column.
    pub fn kind_of(&self, cell: usize) -> FigureKind {
        let CellId { row, column } = self.cells[cell];
        let own = self.own_values.get(&cell).and_then(|own| own.kind);
        own.or(self.rows[row].kind).unwrap_or(self.columns[column].kind)
    }

    /// Returns the unit of a cell's values: its own, else that of its row, else of its column; empty if there is none.
    pub fn unit_of(&self, cell: usize) -> &str {
        let CellId { row, column } = self.cells[cell];
        let own = self.own_values.get(&cell).and_then(|own| own.unit.as_ref());
        own.or(self.rows[row].unit.as_ref()).unwrap_or(&self.columns[column].unit)
    }

    /// Returns the columns in which a row has figures, in official order.
    pub fn row_columns(&self, row: usize) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(move |&column| self.cell_number(row, column).is_some())
    }

    /// Returns the rule for collecting a cell: that of its row, else of its column, else of the
    /// table.
    pub fn collect_rule_of(&self, cell: usize) -> CollectRule {
        let CellId { row, column } = self.cells[cell];
        self.rows[row]
            .collect_rule
            .or(self.columns[column].collect_rule)
            .unwrap_or(self.collect_rule)
    }

    /// Checks whether an identity of the form computes the cell.
    pub fn is_computed(&self, cell: usize) -> bool {
        self.eval_order.iter().any(|&at| self.instances[at].computes == Some(cell))
    }

    /// Returns the official label of a row, preceded by the label of its group where needed to
    /// identify it: （三）不予公开 1.属于国家秘密.
    pub fn row_name(&self, row: usize) -> String {
        let FormRow { label, group, .. } = &self.rows[row];
        match group {
            Some(group) if !label.starts_with('（') => format!("{group} {label}"),
            _ => label.clone(),
        }
    }

    /// Returns the index of the row with this id or official label.
    pub fn find_row(&self, name: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.id == name || row.label == name)
    }

    /// Returns the index of the column with this id or official label.
    pub fn find_column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == name || column.label == name)
    }
}
