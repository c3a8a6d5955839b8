//! Owns the model of a Word body as blocks: paragraphs with their runs and marks, tables with their
//! cells, each with byte range and address.
//! Must not know the official form, nor the meaning of a text.

use docx_fill::diag::WordLocation;
use docx_fill::word::styles::{Style, StyleSheet};
use std::ops::Range;

/// The body of a document.
#[derive(Debug, Default)]
pub(crate) struct WordDocument {
    /// XML of the body's part.
    pub(crate) source: String,
    /// Blocks in order; those of a text box follow the paragraph to which it is anchored.
    pub(crate) blocks: Vec<WordBlock>,
    /// True if the body has tracked changes that are not accepted yet.
    pub(crate) tracked: bool,
}

/// A paragraph or a table.
#[derive(Debug)]
pub(crate) enum WordBlock {
    Paragraph(WordParagraph),
    Table(WordTable),
}

/// A paragraph.
#[derive(Debug, Default, Clone)]
pub(crate) struct WordParagraph {
    /// Byte range from `<w:p` to the end of `</w:p>`.
    pub(crate) range: Range<usize>,
    /// Offset of `</w:p>`, where runs can be inserted; `None` for `<w:p/>`.
    pub(crate) end: Option<usize>,
    /// Byte range of `<w:pPr>…</w:pPr>`.
    pub(crate) properties: Option<Range<usize>>,
    /// Byte range of the mark's `<w:rPr>…</w:rPr>` within the properties.
    pub(crate) mark_properties: Option<Range<usize>>,
    pub(crate) style: Option<String>,
    /// Outline level set in the paragraph, from 0.
    pub(crate) outline: Option<u8>,
    /// Automatic list: list id and level.
    pub(crate) list: Option<(String, usize)>,
    /// Label computed by Word, with the following separator.
    pub(crate) label: String,
    /// True if the label is a bullet.
    pub(crate) bullet: bool,
    /// Value of `w:jc`, such as `center` or `right`.
    pub(crate) align: String,
    pub(crate) runs: Vec<WordRun>,
    pub(crate) place: WordLocation,
    /// True if the mark is deleted by a tracked change: the paragraph continues in the next one.
    pub(super) merges_with_next: bool,
}

/// A run of text, or a picture, in a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WordRun {
    pub(crate) content: RunContent,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    /// Address of the link that contains it.
    pub(crate) link: Option<String>,
    /// Byte range of the characters, if they are one run of text.
    pub(crate) range: Range<usize>,
    /// Byte range of the run's `<w:rPr>…</w:rPr>`.
    pub(crate) properties: Option<Range<usize>>,
}

/// The content of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunContent {
    Text(String),
    Break,
    /// A picture by its relationship id, with its description.
    Picture {
        id: String,
        alt: String,
    },
}

/// A table.
#[derive(Debug, Default)]
pub(crate) struct WordTable {
    /// Byte range from `<w:tbl` to the end of `</w:tbl>`.
    pub(crate) range: Range<usize>,
    pub(crate) rows: Vec<WordRow>,
    /// True if the table is nested in a cell of another one or lies in a text box.
    pub(crate) nested: bool,
    pub(crate) boxed: bool,
    pub(crate) place: WordLocation,
}

/// A row.
#[derive(Debug, Default)]
pub(crate) struct WordRow {
    pub(crate) cells: Vec<WordCell>,
    /// Number of grid columns skipped before the first cell.
    pub(crate) before: usize,
    /// True if the row is deleted by a tracked change.
    pub(super) deleted: bool,
}

/// The vertical merging of a cell.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordMerge {
    #[default]
    None,
    Restart,
    Continue,
}

/// A cell.
#[derive(Debug, Default)]
pub(crate) struct WordCell {
    /// Number of grid columns covered.
    pub(crate) columns: usize,
    pub(crate) merge: WordMerge,
    pub(crate) blocks: Vec<WordBlock>,
    pub(crate) place: WordLocation,
}

impl WordParagraph {
    /// Returns the characters with the automatic number; line breaks are line feeds.
    pub(crate) fn text(&self) -> String {
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
    pub(crate) fn style_name(&self, styles: &StyleSheet) -> String {
        let style = styles.paragraph_style(self.style.as_deref());
        style.map(Style::canonical_name).unwrap_or_default()
    }

    /// Checks whether the paragraph shows nothing.
    pub(crate) fn is_blank(&self) -> bool {
        let blank = |piece: &WordRun| match &piece.content {
            RunContent::Text(text) => text.trim().is_empty(),
            RunContent::Break => true,
            RunContent::Picture { .. } => false,
        };
        self.runs.iter().all(blank)
    }
}

impl WordCell {
    /// Returns the cell's own paragraphs, without those of nested tables.
    pub(crate) fn paragraphs(&self) -> impl Iterator<Item = &WordParagraph> {
        self.blocks.iter().filter_map(|block| match block {
            WordBlock::Paragraph(paragraph) => Some(paragraph),
            WordBlock::Table(_) => None,
        })
    }

    /// Returns the characters, with line feeds between paragraphs.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<String> = self.paragraphs().map(WordParagraph::text).collect();
        lines.join("\n")
    }
}
