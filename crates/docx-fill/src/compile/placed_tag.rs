//! Owns a tag with its place in a part, and the level at which it acts.
//! Must not know how levels are determined.

use crate::syntax::tag::{Tag, TagKind};

/// The content that a tag encloses or acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagLevel {
    /// Text of its paragraph, or of several with their marks; with `split`, runs are divided at the tag.
    Inline { split: bool },
    /// Whole paragraphs.
    Paragraph,
    /// Table rows; holds the index of the tag's row.
    Row(usize),
    /// Existing table rows that are filled one by one; holds the index of the tag's row.
    FixedRow(usize),
    /// Table columns from the cell of the opening tag to that of the closing tag; holds the index of the tag's
    /// cell.
    Column(usize),
}

/// A tag with its paragraph and level.
#[derive(Debug)]
pub(crate) struct PlacedTag {
    pub(crate) paragraph: usize,
    pub(crate) tag: Tag,
    /// Byte offset in the part.
    pub(crate) offset: usize,
    /// Inline until the blocks are resolved.
    pub(crate) level: TagLevel,
}

impl PlacedTag {
    /// Returns the row of a tag that encloses rows.
    pub(crate) fn row(&self) -> Option<usize> {
        match self.level {
            TagLevel::Row(row) | TagLevel::FixedRow(row) => Some(row),
            _ => None,
        }
    }

    /// Returns the content of a tag that opens a branch; true if the branch is inverse.
    pub(crate) fn opening(&self) -> Option<(&str, bool)> {
        match &self.tag.kind {
            TagKind::Open(body) | TagKind::Else(Some(body)) => Some((body, false)),
            TagKind::Inverse(body) => Some((body, true)),
            _ => None,
        }
    }
}

/// The tags of a part in reading order.
#[derive(Debug, Default)]
pub(crate) struct PlacedTags {
    pub(crate) list: Vec<PlacedTag>,
    /// For each paragraph, the indices of its tags in the list.
    pub(crate) by_paragraph: Vec<Vec<usize>>,
}

/// A problem with the index of its tag.
pub(crate) type TagProblem = (usize, crate::diag::Problem);
