//! Owns the tags of docxtpl at their places in a part, and what is known of a place.
//! Must not know what a tag says.

use super::jinja_tags::{JinjaScanItem, JinjaTag, find_jinja_tags};
use crate::diag::WordLocation;
use crate::document::part_model::{Paragraph, PartModel};
use crate::slice::TextSlice as _;
use std::ops::Range;

/// A tag at its place.
pub(super) struct PlacedJinjaTag {
    /// Index of its paragraph.
    pub(super) paragraph: usize,
    pub(super) tag: JinjaTag,
}

/// The fate of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SiteEdit {
    /// It stays as it is.
    Keep,
    /// It is part of what another tag becomes.
    Absorbed,
    Text(String),
    /// It takes the place of all text of its paragraph.
    Paragraph(String),
    /// Its paragraph goes.
    RemoveParagraph,
}

/// The tags of a part.
pub(super) struct PartSites<'a> {
    pub(super) part: &'a str,
    pub(super) model: &'a PartModel,
    /// In the order of the part.
    pub(super) sites: Vec<PlacedJinjaTag>,
    /// Signs that write braces: paragraph, range of its text, our signs.
    pub(super) escapes: Vec<(usize, Range<usize>, &'static str)>,
    /// Tags without an end: paragraph, range of its text.
    pub(super) unclosed: Vec<(usize, Range<usize>)>,
}

impl<'a> PartSites<'a> {
    /// Finds the tags of a part.
    pub(super) fn find(part: &'a str, model: &'a PartModel) -> PartSites<'a> {
        let mut found =
            PartSites { part, model, sites: Vec::new(), escapes: Vec::new(), unclosed: Vec::new() };
        for (at, paragraph) in model.paragraphs.iter().enumerate() {
            for token in find_jinja_tags(&paragraph.text) {
                match token {
                    JinjaScanItem::Tag(tag) => {
                        found.sites.push(PlacedJinjaTag { paragraph: at, tag });
                    }
                    JinjaScanItem::Escape(range, with) => found.escapes.push((at, range, with)),
                    JinjaScanItem::Unclosed(range) => found.unclosed.push((at, range)),
                }
            }
        }
        found
            .sites
            .sort_by_key(|site| model.paragraphs[site.paragraph].source_at(site.tag.range.start));
        found
    }

    pub(super) fn paragraph(&self, at: usize) -> &'a Paragraph {
        &self.model.paragraphs[self.sites[at].paragraph]
    }

    /// Returns the text of a tag as written.
    pub(super) fn written(&self, at: usize) -> &'a str {
        self.paragraph(at).text.slice(self.sites[at].tag.range.clone())
    }

    /// Returns the place of a range of a paragraph's text.
    pub(super) fn locate(&self, paragraph: usize, range: &Range<usize>) -> WordLocation {
        let paragraph = &self.model.paragraphs[paragraph];
        WordLocation {
            part: self.part.to_owned(),
            cells: paragraph.location.cells.clone(),
            paragraph: paragraph.location.paragraph,
            excerpt: paragraph.excerpt_around(range),
        }
    }

    /// Checks whether nothing but white space stands before a tag in its paragraph.
    pub(super) fn begins_paragraph(&self, at: usize) -> bool {
        let range = &self.sites[at].tag.range;
        self.paragraph(at).text.slice(..range.start).trim().is_empty()
    }

    /// Checks whether nothing but white space stands behind a tag in its paragraph.
    pub(super) fn ends_paragraph(&self, at: usize) -> bool {
        let range = &self.sites[at].tag.range;
        self.paragraph(at).text.slice(range.end..).trim().is_empty()
    }

    /// Checks whether a tag is all that its paragraph holds, so that the paragraph can go.
    pub(super) fn is_alone(&self, at: usize) -> bool {
        let paragraph = self.paragraph(at);
        self.begins_paragraph(at)
            && self.ends_paragraph(at)
            && !paragraph.has_non_text
            && !paragraph.section_break
            && !paragraph.not_removable
    }

    /// Checks whether a tag is all that its row holds.
    pub(super) fn is_alone_in_row(&self, at: usize) -> bool {
        let Some(row) = self.paragraph(at).row else { return false };
        let range = &self.model.rows[row].range;
        let own = self.sites[at].paragraph;
        self.is_alone(at)
            && self.model.indices_within(range).all(|other| {
                let paragraph = &self.model.paragraphs[other];
                other == own || paragraph.text.trim().is_empty() && !paragraph.has_non_text
            })
    }

    /// Checks whether two tags stand in the same cell, header or body.
    pub(super) fn share_container(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.paragraph(one), self.paragraph(other));
        one.container == other.container && one.row == other.row
    }

    /// Checks whether a paragraph can go without leaving a cell or header empty.
    pub(super) fn can_lose_paragraph(&self, at: usize) -> bool {
        let paragraph = self.paragraph(at);
        let beside = |other: &Paragraph| {
            other.container == paragraph.container
                && other.parent == paragraph.parent
                && other.range != paragraph.range
                && !other.not_removable
        };
        paragraph.marks.is_empty() && self.model.paragraphs.iter().any(beside)
    }

    /// Returns the other tags in the paragraph of a tag, as far as they are near.
    pub(super) fn neighbours(&self, at: usize) -> Vec<usize> {
        const NEAR: usize = 16;
        let paragraph = self.sites[at].paragraph;
        let same = |&other: &usize| other != at && self.sites[other].paragraph == paragraph;
        (at.saturating_sub(NEAR)..(at + NEAR).min(self.sites.len())).filter(same).collect()
    }
}
