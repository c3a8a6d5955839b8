//! Owns a style as its definition says: identifier, kind, name, base and the byte ranges of its properties.
//! Must not know other styles.

use crate::word::properties::PropertyElement;
use crate::word::styles::conditional_formatting::TableRegion;
use crate::word::styles::style_names::canonical_style_name;
use std::ops::Range;
use std::sync::OnceLock;

/// The kind of a style (`w:type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StyleKind {
    /// A style of paragraphs; also a style that names no type.
    Paragraph,
    /// A style of runs.
    Character,
    /// A style of tables.
    Table,
    /// A style of lists.
    Numbering,
}

/// A style definition (`w:style`), or the document defaults, with its byte ranges in the part.
#[derive(Debug)]
pub struct Style {
    /// Identifier by which paragraphs, runs and tables name the style.
    pub id: String,
    /// Kind of the style.
    pub kind: StyleKind,
    /// Name as written.
    pub name: String,
    /// Identifier of the base style.
    pub based_on: Option<String>,
    /// Identifier of the linked style.
    pub linked: Option<String>,
    /// True if the style is marked as a default of its kind.
    pub is_default: bool,
    /// Range of the whole definition.
    pub range: Range<usize>,
    /// Properties that the style gives to all of its kind.
    pub own: PropertyRanges,
    /// Number of rows in a band of a table style (`w:tblStyleRowBandSize`).
    pub row_band: Option<usize>,
    /// Number of columns in a band of a table style (`w:tblStyleColBandSize`).
    pub column_band: Option<usize>,
    /// Properties that a table style gives to regions of a table; of several of a region the first counts.
    pub regions: Vec<(TableRegion, PropertyRanges)>,
}

/// The byte ranges of the properties that a style, or a table style for one region, gives.
#[derive(Debug, Default)]
pub struct PropertyRanges {
    /// Range of `<w:pPr>…</w:pPr>`.
    pub paragraph: Option<Range<usize>>,
    /// Range of `<w:rPr>…</w:rPr>`.
    pub run: Option<Range<usize>>,
    /// Range of `<w:tblPr>…</w:tblPr>`.
    pub table: Option<Range<usize>>,
    pub(super) properties: OnceLock<StyleProperties>,
}

/// The properties of a style, read when they are first needed.
#[derive(Debug)]
pub(super) struct StyleProperties {
    pub(super) paragraph: Vec<PropertyElement>,
    pub(super) run: Vec<PropertyElement>,
}

impl Style {
    /// Returns the properties that the style gives to a region of a table, if it has some.
    pub fn region(&self, region: TableRegion) -> Option<&PropertyRanges> {
        self.regions.iter().find(|(own, _)| *own == region).map(|(_, ranges)| ranges)
    }

    /// Returns the name in canonical form, which is the same in every document.
    pub fn canonical_name(&self) -> String {
        canonical_style_name(&self.name)
    }
}
