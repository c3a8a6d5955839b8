//! Owns the model of a body as it reads once tracked changes are accepted: paragraphs with their runs, tables with
//! their cells, each with its bytes and its place.
//! Must not know how the blocks are found, nor the meaning of a text.

use crate::diag::WordLocation;
use crate::word::styles::{Style, StyleSheet};
use crate::word::table::{CellPosition, OpenMerges, VerticalMerge, cell_columns};
use std::collections::BTreeSet;
use std::ops::Range;

/// The body of a document.
#[derive(Debug, Default)]
pub struct WordDocument {
    /// XML of the body's part.
    pub source: String,
    /// Blocks in order; those of a text box follow the paragraph to which it is anchored.
    pub blocks: Vec<WordBlock>,
    /// True if the body has tracked changes that are not accepted yet.
    pub tracked: bool,
    /// Objects that are not read, in order.
    pub objects: Vec<UnreadObject>,
}

/// An object of the body that is not read.
#[derive(Debug)]
pub struct UnreadObject {
    /// Kind of the object.
    pub kind: ObjectKind,
    /// Place of the paragraph that holds it.
    pub place: WordLocation,
}

/// The kind of an object that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A chart.
    Chart,
    /// A `SmartArt` diagram.
    Diagram,
    /// An object of another program.
    Embedded,
    /// Another document that the body includes.
    Document,
    /// A footnote or endnote.
    Note,
    /// A `WordArt` text.
    Lettering,
    /// A character of a symbol font.
    Symbol,
}

impl ObjectKind {
    /// Returns the kind of the object that an element stands for.
    pub fn of_element(name: &str) -> Option<ObjectKind> {
        Some(match name {
            "c:chart" | "cx:chart" => ObjectKind::Chart,
            "dgm:relIds" => ObjectKind::Diagram,
            "o:OLEObject" | "w:control" => ObjectKind::Embedded,
            "w:altChunk" | "w:subDoc" => ObjectKind::Document,
            "w:footnoteReference" | "w:endnoteReference" => ObjectKind::Note,
            "v:textpath" => ObjectKind::Lettering,
            "w:sym" => ObjectKind::Symbol,
            _ => return None,
        })
    }
}

/// A paragraph or a table.
#[derive(Debug)]
pub enum WordBlock {
    /// A paragraph.
    Paragraph(WordParagraph),
    /// A table.
    Table(WordTable),
}

/// A paragraph.
#[derive(Debug, Default, Clone)]
pub struct WordParagraph {
    /// Byte range from `<w:p` to the end of `</w:p>`.
    pub range: Range<usize>,
    /// Offset of `</w:p>`, where runs can be inserted; `None` for `<w:p/>`.
    pub end: Option<usize>,
    /// Byte range of `<w:pPr>…</w:pPr>`.
    pub properties: Option<Range<usize>>,
    /// Byte range of the mark's `<w:rPr>…</w:rPr>` within the properties.
    pub mark_properties: Option<Range<usize>>,
    /// Identifier of its style.
    pub style: Option<String>,
    /// Outline level set in the paragraph, from 0.
    pub outline: Option<u8>,
    /// Automatic list: list id and level.
    pub list: Option<(String, usize)>,
    /// Label computed by Word, with the following separator.
    pub label: String,
    /// True if the label is a bullet.
    pub bullet: bool,
    /// Value of `w:jc`, such as `center` or `right`.
    pub align: String,
    /// Runs in order.
    pub runs: Vec<FormattedRun>,
    /// Place in the document.
    pub place: WordLocation,
    /// True if the mark is deleted by a tracked change: the paragraph continues in the next one.
    pub(super) merges_with_next: bool,
}

/// A run of text in one format, or a picture, in a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct FormattedRun {
    /// Text, line break or picture.
    pub content: RunContent,
    /// True if the run is bold.
    pub bold: bool,
    /// True if the run is italic.
    pub italic: bool,
    /// Address of the link that contains it.
    pub link: Option<String>,
    /// Byte range of the characters, if they are one run of text.
    pub range: Range<usize>,
    /// Byte range of the run's `<w:rPr>…</w:rPr>`.
    pub properties: Option<Range<usize>>,
}

/// The content of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunContent {
    /// Characters.
    Text(String),
    /// A line break.
    Break,
    /// A picture.
    Picture {
        /// Relationship of its part.
        id: String,
        /// Description.
        alt: String,
    },
}

/// A table.
#[derive(Debug, Default)]
pub struct WordTable {
    /// Byte range from `<w:tbl` to the end of `</w:tbl>`.
    pub range: Range<usize>,
    /// Rows of the table.
    pub rows: Vec<WordRow>,
    /// True if the table is nested in a cell of another one.
    pub nested: bool,
    /// True if the table lies in a text box.
    pub boxed: bool,
    /// Place in the document.
    pub place: WordLocation,
}

/// A row.
#[derive(Debug, Default)]
pub struct WordRow {
    /// Cells of the row.
    pub cells: Vec<WordCell>,
    /// Number of grid columns skipped before the first cell.
    pub before: usize,
    /// True if the row is deleted by a tracked change.
    pub(super) deleted: bool,
}

/// A cell.
#[derive(Debug, Default)]
pub struct WordCell {
    /// Number of grid columns covered.
    pub columns: usize,
    /// Vertical merging as written.
    pub merge: VerticalMerge,
    /// Blocks of the cell.
    pub blocks: Vec<WordBlock>,
    /// Place in the document.
    pub place: WordLocation,
}

impl WordParagraph {
    /// Returns the characters with the automatic number; line breaks are line feeds.
    pub fn text(&self) -> String {
        let mut out = if self.bullet { String::new() } else { self.label.clone() };
        for piece in &self.runs {
            match &piece.content {
                RunContent::Text(text) => out.push_str(text),
                RunContent::Break => out.push('\n'),
                RunContent::Picture { .. } => {}
            }
        }
        out
    }

    /// Returns the canonical name of the paragraph's style.
    pub fn style_name(&self, styles: &StyleSheet) -> String {
        let style = styles.paragraph_style(self.style.as_deref());
        style.map(Style::canonical_name).unwrap_or_default()
    }

    /// Checks whether the paragraph shows nothing.
    pub fn is_blank(&self) -> bool {
        let blank = |piece: &FormattedRun| match &piece.content {
            RunContent::Text(text) => text.trim().is_empty(),
            RunContent::Break => true,
            RunContent::Picture { .. } => false,
        };
        self.runs.iter().all(blank)
    }
}

impl WordCell {
    /// Returns the cell's own paragraphs, without those of nested tables.
    pub fn paragraphs(&self) -> impl Iterator<Item = &WordParagraph> {
        self.blocks.iter().filter_map(|block| match block {
            WordBlock::Paragraph(paragraph) => Some(paragraph),
            WordBlock::Table(_) => None,
        })
    }

    /// Returns the characters, with line feeds between paragraphs.
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.paragraphs().map(WordParagraph::text).collect();
        lines.join("\n")
    }
}

/// A cell's position in its row.
#[derive(Debug, Clone)]
pub struct GridSlot<'d> {
    /// First column of the grid.
    pub column: usize,
    /// Number of columns covered.
    pub columns: usize,
    /// The cell; for a continuation, the cell that it continues.
    pub cell: &'d WordCell,
    /// Text of the cell; empty for a continuation.
    pub text: String,
    /// True if the slot continues the cell above.
    pub continued: bool,
}

impl GridSlot<'_> {
    /// Checks whether the slot shows nothing.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Returns the column after the last one covered.
    pub fn end(&self) -> usize {
        self.column + self.columns
    }
}

/// Returns the rows of a table as slots on its grid.
pub fn slot_rows(table: &WordTable) -> Vec<Vec<GridSlot<'_>>> {
    let mut merges = OpenMerges::default();
    let rows = table.rows.iter().enumerate();
    rows.map(|(row, cells)| row_slots(row, cells, &mut merges)).collect()
}

fn row_slots<'d>(
    row: usize,
    cells: &'d WordRow,
    merges: &mut OpenMerges<&'d WordCell>,
) -> Vec<GridSlot<'d>> {
    let columns = cell_columns(cells.before, cells.cells.iter().map(|cell| cell.columns));
    let slot = |(cell, column): (&'d WordCell, usize)| {
        let position = CellPosition { row, column, span: cell.columns };
        let above = merges.place_cell(position, cell.merge, cell);
        GridSlot {
            column,
            columns: cell.columns,
            cell: above.unwrap_or(cell),
            // The text belongs to the first of the merged cells only.
            text: if above.is_some() { String::new() } else { cell.text() },
            continued: above.is_some(),
        }
    };
    cells.cells.iter().zip(columns).map(slot).collect()
}

/// Returns the number of columns of the widest row.
pub fn column_count(rows: &[Vec<GridSlot<'_>>]) -> usize {
    rows.iter().filter_map(|row| row.last().map(GridSlot::end)).max().unwrap_or(0)
}

/// Returns the tables within the cells of a table.
pub fn nested_tables(table: &WordTable) -> impl Iterator<Item = &WordTable> {
    let blocks = table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.blocks);
    blocks.filter_map(|block| match block {
        WordBlock::Table(table) => Some(table),
        WordBlock::Paragraph(_) => None,
    })
}

/// Checks whether cells are merged: across lines, or across columns that other lines divide.
pub fn has_merged_cells(table: &WordTable) -> bool {
    let rows = slot_rows(table);
    let starts: BTreeSet<usize> = rows.iter().flatten().map(|slot| slot.column).collect();
    let divided = |slot: &GridSlot<'_>| starts.range(slot.column + 1..slot.end()).next().is_some();
    rows.iter().flatten().any(|slot| slot.continued || (slot.columns > 1 && divided(slot)))
}
