//! Owns prose: Markdown becomes blocks with the heading levels of official documents, （一） / 1. / （1）.
//! Must not know Word, Typst or the report; it makes no style decision.
//!
//! Source of the levels: GB/T 9704—2012, clause 7.3.3. The first level 一、 belongs to the form, so
//! prose begins at the second.

mod dialect;
mod level;
pub mod links;
mod measure;
mod notes;
mod parse;
mod pictures;

pub use links::Schemes;
pub use measure::{Excess, ExcessKind, Extent, measure};
pub use parse::parse;
pub use pictures::rename_pictures;

use serde::Serialize;

/// The pictures of a text in the order in which they stand there.
pub fn images(markdown: &str) -> Vec<Image> {
    // Every picture begins like this, and most texts have none.
    if !markdown.contains("![") {
        return Vec::new();
    }
    let blocks = parse(markdown);
    blocks.iter().flat_map(Block::images).cloned().collect()
}

/// A block of prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    /// A paragraph of text.
    Paragraph {
        /// Its text.
        inlines: Vec<Inline>,
    },
    /// A heading of its own: level 2 is （一）, 3 is `1.`, 4 is （1）.
    Heading {
        /// 2, 3 or 4.
        level: u8,
        /// Its text with the number.
        inlines: Vec<Inline>,
    },
    /// A list item; its marker is text.
    Item {
        /// `1.`, `（1）` or `•`.
        marker: String,
        /// Nesting, from 0.
        depth: u8,
        /// Its text without the marker.
        inlines: Vec<Inline>,
    },
    /// A quoted paragraph.
    Quote {
        /// Its text.
        inlines: Vec<Inline>,
    },
    /// A table within the text; not one of the official tables.
    Table {
        /// The header cells.
        head: Vec<Cell>,
        /// The rows below; every row has as many cells as the header.
        rows: Vec<Vec<Cell>>,
    },
    /// A picture that stands alone in its paragraph.
    Image(Image),
}

/// A cell of a table within the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Its text.
    pub inlines: Vec<Inline>,
    /// How its column is set.
    pub align: Align,
}

/// Horizontal alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// To the left, the default.
    Left,
    /// Centred.
    Center,
    /// To the right.
    Right,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Path as written in the Markdown, relative to the data file.
    pub path: String,
    /// What the picture shows, for those who do not see it.
    pub alt: String,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Inline {
    /// Text of one look.
    Text(Run),
    /// A forced line break.
    Break,
    /// A link.
    Link {
        /// The address.
        url: String,
        /// What is shown.
        inlines: Vec<Inline>,
    },
    /// A picture within the line.
    Image(Image),
    /// A footnote.
    Note {
        /// Its text; a further paragraph begins after a break.
        inlines: Vec<Inline>,
    },
}

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "marks of Markdown combine freely")]
pub struct Run {
    /// The characters.
    pub text: String,
    /// Strong.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    /// Emphasised.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub italic: bool,
    /// Literal text, such as a file name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code: bool,
    /// Heading that runs into its paragraph: 楷体 for the first sentence after （一）.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lead: bool,
}

/// All characters of a piece of prose, without marks.
pub fn plain(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(run) => out.push_str(&run.text),
            Inline::Break => out.push('\n'),
            Inline::Link { inlines, .. } => out.push_str(&plain(inlines)),
            Inline::Image(_) | Inline::Note { .. } => {}
        }
    }
    out
}

impl Block {
    /// The inline contents of the block, those of a table cell by cell.
    pub fn inlines(&self) -> Vec<&[Inline]> {
        match self {
            Block::Paragraph { inlines }
            | Block::Heading { inlines, .. }
            | Block::Item { inlines, .. }
            | Block::Quote { inlines } => vec![inlines],
            Block::Table { head, rows } => {
                head.iter().chain(rows.iter().flatten()).map(|c| c.inlines.as_slice()).collect()
            }
            Block::Image(_) => Vec::new(),
        }
    }

    /// All pictures of the block, but for those of its footnotes.
    pub fn images(&self) -> Vec<&Image> {
        fn within<'a>(inlines: &'a [Inline], out: &mut Vec<&'a Image>) {
            for inline in inlines {
                match inline {
                    Inline::Image(image) => out.push(image),
                    Inline::Link { inlines, .. } => within(inlines, out),
                    Inline::Text(_) | Inline::Break | Inline::Note { .. } => {}
                }
            }
        }
        let mut out = Vec::new();
        if let Block::Image(image) = self {
            out.push(image);
        }
        for inlines in self.inlines() {
            within(inlines, &mut out);
        }
        out
    }
}
