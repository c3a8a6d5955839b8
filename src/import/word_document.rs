//! Owns the body of a Word document as blocks: paragraphs with their pieces and marks, tables with their
//! cells, each with its byte range and its address.
//! Must not know the official form, nor what a text means.

use docx_fill::diag::WordLocation;
use std::ops::Range;

/// The body of a document.
#[derive(Debug, Default)]
pub(crate) struct WordDocument {
    /// Its XML.
    pub(crate) source: String,
    /// Its blocks in order; those of a text box stand after the paragraph that it is anchored to.
    pub(crate) blocks: Vec<WordBlock>,
    /// True if changes were tracked and are not accepted yet.
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
    /// From `<w:p` to the end of `</w:p>`.
    pub(crate) range: Range<usize>,
    /// Where text may be put: before `</w:p>`; nothing in a `<w:p/>`.
    pub(crate) end: Option<usize>,
    /// `<w:pPr>…</w:pPr>`, if there is one.
    pub(crate) properties: Option<Range<usize>>,
    /// The look of its mark: `<w:rPr>…</w:rPr>` within its properties.
    pub(crate) mark_properties: Option<Range<usize>>,
    pub(crate) style: Option<String>,
    /// Outline level of its own, from 0.
    pub(crate) outline: Option<u8>,
    /// Automatic list: number and level.
    pub(crate) list: Option<(String, usize)>,
    /// Label that Word counts for it, with what follows.
    pub(crate) label: String,
    /// True if the label is a bullet.
    pub(crate) bullet: bool,
    /// `center`, `right`.
    pub(crate) align: String,
    pub(crate) runs: Vec<WordRun>,
    pub(crate) place: WordLocation,
    /// True if its mark is a deletion that nobody has accepted: it runs into the next one.
    pub(super) merges_with_next: bool,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WordRun {
    pub(crate) content: RunContent,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    /// Address of the link that it is part of.
    pub(crate) link: Option<String>,
    /// The characters in the part, where they are one run of text.
    pub(crate) range: Range<usize>,
    /// `<w:rPr>…</w:rPr>` of its run.
    pub(crate) properties: Option<Range<usize>>,
}

/// What a piece shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunContent {
    Text(String),
    Break,
    /// A picture by its relationship, with what it shows.
    Picture {
        id: String,
        alt: String,
    },
}

/// A table.
#[derive(Debug, Default)]
pub(crate) struct WordTable {
    /// From `<w:tbl` to the end of `</w:tbl>`.
    pub(crate) range: Range<usize>,
    pub(crate) rows: Vec<WordRow>,
    /// True if it stands in a cell of another table, or in a text box.
    pub(crate) nested: bool,
    pub(crate) boxed: bool,
    pub(crate) place: WordLocation,
}

/// A row.
#[derive(Debug, Default)]
pub(crate) struct WordRow {
    pub(crate) cells: Vec<WordCell>,
    /// Columns of the grid left out before the first cell.
    pub(crate) before: usize,
    /// True if the row is a deletion that nobody has accepted.
    pub(super) deleted: bool,
}

/// How a cell belongs to the one above it.
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
    /// Columns of the grid that it covers.
    pub(crate) columns: usize,
    pub(crate) merge: WordMerge,
    pub(crate) blocks: Vec<WordBlock>,
    pub(crate) place: WordLocation,
}

impl WordParagraph {
    /// Its characters with the automatic number; line breaks as such.
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

    /// Checks whether it shows nothing.
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
    /// Its own paragraphs, without those of tables within it.
    pub(crate) fn paragraphs(&self) -> impl Iterator<Item = &WordParagraph> {
        self.blocks.iter().filter_map(|block| match block {
            WordBlock::Paragraph(paragraph) => Some(paragraph),
            WordBlock::Table(_) => None,
        })
    }

    /// Its characters, paragraphs divided by line feeds.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<String> = self.paragraphs().map(WordParagraph::text).collect();
        lines.join("\n")
    }
}
