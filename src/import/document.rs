//! Owns the body of a Word document as blocks: paragraphs with their pieces and marks, tables with their
//! cells, each with its byte range and its address.
//! Must not know the official form, nor what a text means.

use docx_fill::diag::WordPlace;
use std::ops::Range;

/// The body of a document.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Its XML.
    pub(crate) source: String,
    /// Its blocks in order; those of a text box stand after the paragraph that it is anchored to.
    pub(crate) blocks: Vec<Block>,
    /// Whether changes were tracked and are not accepted yet.
    pub(crate) tracked: bool,
}

/// A paragraph or a table.
#[derive(Debug)]
pub(crate) enum Block {
    Paragraph(Paragraph),
    Table(Table),
}

/// A paragraph.
#[derive(Debug, Default, Clone)]
pub(crate) struct Paragraph {
    /// From `<w:p` to the end of `</w:p>`.
    pub(crate) range: Range<usize>,
    /// Where text may be put: before `</w:p>`; nothing in a `<w:p/>`.
    pub(crate) end: Option<usize>,
    /// `<w:pPr>…</w:pPr>`, if there is one.
    pub(crate) properties: Option<Range<usize>>,
    /// The look of its mark: `<w:rPr>…</w:rPr>` within its properties.
    pub(crate) mark: Option<Range<usize>>,
    pub(crate) style: Option<String>,
    /// Outline level of its own, from 0.
    pub(crate) outline: Option<u8>,
    /// Automatic list: number and level.
    pub(crate) list: Option<(String, usize)>,
    /// Label that Word counts for it, with what follows.
    pub(crate) label: String,
    /// Whether the label is a bullet.
    pub(crate) bullet: bool,
    /// `center`, `right`.
    pub(crate) align: String,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) place: WordPlace,
    /// Whether its mark is a deletion that nobody has accepted: it runs into the next one.
    pub(super) joined: bool,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) content: Content,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    /// Address of the link that it is part of.
    pub(crate) link: Option<String>,
    /// The characters in the part, where they are one run of text.
    pub(crate) range: Range<usize>,
    /// `<w:rPr>…</w:rPr>` of its run.
    pub(crate) look: Option<Range<usize>>,
}

/// What a piece shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
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
pub(crate) struct Table {
    /// From `<w:tbl` to the end of `</w:tbl>`.
    pub(crate) range: Range<usize>,
    pub(crate) rows: Vec<Row>,
    /// Whether it stands in a cell of another table, or in a text box.
    pub(crate) nested: bool,
    pub(crate) boxed: bool,
    pub(crate) place: WordPlace,
}

/// A row.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    /// Columns of the grid left out before the first cell.
    pub(crate) before: usize,
    /// Whether the row is a deletion that nobody has accepted.
    pub(super) deleted: bool,
}

/// How a cell belongs to the one above it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    #[default]
    None,
    Restart,
    Continue,
}

/// A cell.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// Columns of the grid that it covers.
    pub(crate) columns: usize,
    pub(crate) merge: Merge,
    pub(crate) blocks: Vec<Block>,
    pub(crate) place: WordPlace,
}

impl Paragraph {
    /// Its characters with the automatic number; line breaks as such.
    pub(crate) fn text(&self) -> String {
        let mut out = if self.bullet { String::new() } else { self.label.clone() };
        for piece in &self.pieces {
            match &piece.content {
                Content::Text(text) => out.push_str(text),
                Content::Break => out.push('\n'),
                Content::Picture { .. } => {}
            }
        }
        out
    }

    /// Whether it shows nothing.
    pub(crate) fn is_blank(&self) -> bool {
        let blank = |piece: &Piece| match &piece.content {
            Content::Text(text) => text.trim().is_empty(),
            Content::Break => true,
            Content::Picture { .. } => false,
        };
        self.pieces.iter().all(blank)
    }
}

impl Cell {
    /// Its own paragraphs, without those of tables within it.
    pub(crate) fn paragraphs(&self) -> impl Iterator<Item = &Paragraph> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Paragraph(paragraph) => Some(paragraph),
            Block::Table(_) => None,
        })
    }

    /// Its characters, paragraphs divided by line feeds.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<String> = self.paragraphs().map(Paragraph::text).collect();
        lines.join("\n")
    }
}
