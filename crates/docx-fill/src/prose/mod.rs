//! Owns prose: converting Markdown to blocks with the heading levels of official documents, （一） / 1. / （1）.
//! Must not know Word, Typst or the report; it decides no formatting.
//!
//! Source of the levels: GB/T 9704—2012, clause 7.3.3. The first level 一、 belongs to the form, so prose begins
//! at the second.

mod dialect;
mod footnotes;
mod heading_level;
mod image_paths;
pub mod links;
mod measure;
mod parse;
mod unread_tables;

pub use image_paths::replace_image_paths;
pub use links::LinkSchemes;
pub use measure::{Oversized, OversizedKind, ProseSize, measure_prose};
pub use parse::parse_markdown;
pub use unread_tables::{UnreadTable, find_unread_tables};

use serde::Serialize;

/// Returns the pictures of a text in order.
pub fn images_of(markdown: &str) -> Vec<Image> {
    // Every picture contains this, and most texts have none.
    if !markdown.contains("![") {
        return Vec::new();
    }
    let blocks = parse_markdown(markdown);
    blocks.iter().flat_map(ProseBlock::images).cloned().collect()
}

/// A block of prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ProseBlock {
    /// A paragraph of text.
    Paragraph {
        /// Text of the paragraph.
        inlines: Vec<ProseInline>,
    },
    /// A separate heading: level 2 is （一）, 3 is `1.`, 4 is （1）.
    Heading {
        /// Level, 2 to 4.
        level: u8,
        /// Text of the heading with its number.
        inlines: Vec<ProseInline>,
    },
    /// A list item, whose marker is text.
    Item {
        /// Marker: `1.`, `（1）` or `•`.
        marker: String,
        /// Nesting depth, from 0.
        depth: u8,
        /// Text without the marker.
        inlines: Vec<ProseInline>,
    },
    /// A quoted paragraph.
    Quote {
        /// Text of the paragraph.
        inlines: Vec<ProseInline>,
    },
    /// A table in prose, as opposed to the official tables.
    Table {
        /// Header cells.
        head: Vec<ProseCell>,
        /// Rows below the header, each with as many cells as the header.
        rows: Vec<Vec<ProseCell>>,
    },
    /// A picture that is alone in its paragraph.
    Image(Image),
}

/// A cell of a table in prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProseCell {
    /// Text of the cell.
    pub inlines: Vec<ProseInline>,
    /// Alignment of its column.
    pub align: ColumnAlign,
}

/// Horizontal alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnAlign {
    /// Left, the default.
    Left,
    /// Centred.
    Center,
    /// Right.
    Right,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Path as written in the Markdown, relative to the data file.
    pub path: String,
    /// Alternative text.
    pub alt: String,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ProseInline {
    /// Text with uniform formatting.
    Text(ProseRun),
    /// A forced line break.
    Break,
    /// A link.
    Link {
        /// Address.
        url: String,
        /// Content of the link.
        inlines: Vec<ProseInline>,
    },
    /// An inline picture.
    Image(Image),
    /// A footnote.
    Note {
        /// Text of the footnote; its paragraphs are separated by breaks.
        inlines: Vec<ProseInline>,
    },
}

/// Text with uniform formatting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "marks of Markdown combine freely")]
pub struct ProseRun {
    /// Characters.
    pub text: String,
    /// Strong emphasis.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    /// Emphasis.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub italic: bool,
    /// Literal text, such as a file name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code: bool,
    /// Run-in heading: 楷体 for the first sentence after （一）.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lead: bool,
}

/// Returns the plain text of inlines.
pub fn plain_text(inlines: &[ProseInline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            ProseInline::Text(run) => out.push_str(&run.text),
            ProseInline::Break => out.push('\n'),
            ProseInline::Link { inlines, .. } => out.push_str(&plain_text(inlines)),
            ProseInline::Image(_) | ProseInline::Note { .. } => {}
        }
    }
    out
}

impl ProseBlock {
    /// Returns the inlines of the block; for a table, those of each cell.
    pub fn inlines(&self) -> Vec<&[ProseInline]> {
        match self {
            ProseBlock::Paragraph { inlines }
            | ProseBlock::Heading { inlines, .. }
            | ProseBlock::Item { inlines, .. }
            | ProseBlock::Quote { inlines } => vec![inlines],
            ProseBlock::Table { head, rows } => {
                head.iter().chain(rows.iter().flatten()).map(|c| c.inlines.as_slice()).collect()
            }
            ProseBlock::Image(_) => Vec::new(),
        }
    }

    /// Returns all pictures of the block, except those in footnotes.
    pub fn images(&self) -> Vec<&Image> {
        fn collect_images<'a>(inlines: &'a [ProseInline], out: &mut Vec<&'a Image>) {
            for inline in inlines {
                match inline {
                    ProseInline::Image(image) => out.push(image),
                    ProseInline::Link { inlines, .. } => collect_images(inlines, out),
                    ProseInline::Text(_) | ProseInline::Break | ProseInline::Note { .. } => {}
                }
            }
        }
        let mut out = Vec::new();
        if let ProseBlock::Image(image) = self {
            out.push(image);
        }
        for inlines in self.inlines() {
            collect_images(inlines, &mut out);
        }
        out
    }
}
