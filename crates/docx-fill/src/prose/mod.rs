//! Owns prose: Markdown becomes blocks with the heading levels of official documents, （一） / 1. / （1）.
//! Must not know Word, Typst or the report; it makes no style decision.
//!
//! Source of the levels: GB/T 9704—2012, clause 7.3.3. The first level 一、 belongs to the form, so
//! prose begins at the second.

mod dialect;
mod footnotes;
mod heading_level;
mod image_paths;
pub mod links;
mod measure;
mod parse;

pub use image_paths::replace_image_paths;
pub use links::LinkSchemes;
pub use measure::{Oversized, OversizedKind, ProseSize, measure_prose};
pub use parse::parse_markdown;

use serde::Serialize;

/// The pictures of a text in the order in which they stand there.
pub fn images_of(markdown: &str) -> Vec<Image> {
    // Every picture begins like this, and most texts have none.
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
        /// Its text.
        inlines: Vec<ProseInline>,
    },
    /// A heading of its own: level 2 is （一）, 3 is `1.`, 4 is （1）.
    Heading {
        /// 2, 3 or 4.
        level: u8,
        /// Its text with the number.
        inlines: Vec<ProseInline>,
    },
    /// A list item; its marker is text.
    Item {
        /// `1.`, `（1）` or `•`.
        marker: String,
        /// Nesting, from 0.
        depth: u8,
        /// Its text without the marker.
        inlines: Vec<ProseInline>,
    },
    /// A quoted paragraph.
    Quote {
        /// Its text.
        inlines: Vec<ProseInline>,
    },
    /// A table within the text; not one of the official tables.
    Table {
        /// The header cells.
        head: Vec<ProseCell>,
        /// The rows below; every row has as many cells as the header.
        rows: Vec<Vec<ProseCell>>,
    },
    /// A picture that stands alone in its paragraph.
    Image(Image),
}

/// A cell of a table within the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProseCell {
    /// Its text.
    pub inlines: Vec<ProseInline>,
    /// How its column is set.
    pub align: ColumnAlign,
}

/// Horizontal alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnAlign {
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
pub enum ProseInline {
    /// Text of one look.
    Text(ProseRun),
    /// A forced line break.
    Break,
    /// A link.
    Link {
        /// The address.
        url: String,
        /// What is shown.
        inlines: Vec<ProseInline>,
    },
    /// A picture within the line.
    Image(Image),
    /// A footnote.
    Note {
        /// Its text; a further paragraph begins after a break.
        inlines: Vec<ProseInline>,
    },
}

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "marks of Markdown combine freely")]
pub struct ProseRun {
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
    /// The inline contents of the block, those of a table cell by cell.
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

    /// All pictures of the block, but for those of its footnotes.
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
