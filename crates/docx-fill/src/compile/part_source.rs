//! Owns a part before it is compiled: its text, its model, and what its tags may name; and what surrounds a tag in it.
//! Must not know the content of tags.

use super::placed_tag::PlacedTag;
use crate::analyze::static_scope::StaticScope;
use crate::diag::WordLocation;
use crate::document::part_model::{AttachedKind, Paragraph, PartKind, PartModel};
use crate::helper::HelperSet;
use crate::ir::part::LinePlace;
use crate::ir::partials::Partials;
use crate::ir::program::TagId;
use crate::slice::TextSlice as _;
use crate::word::styles::StyleSheet;
use std::ops::Range;

/// A part that has been parsed, before content of others is attached to it.
pub(crate) struct PreparedPart {
    pub(crate) name: String,
    pub(crate) kind: PartKind,
    pub(crate) text: String,
    pub(crate) model: PartModel,
    /// True if content was taken out of it, so that it is written even without tags.
    pub(crate) is_cut: bool,
}

impl PreparedPart {
    /// Returns the part to which a place belongs: that of a note or comment that is attached there, or this one.
    pub(crate) fn host_at(&self, at: usize) -> &str {
        let content = self.model.attached_at(at).checked_sub(1).map(|at| &self.model.attached[at]);
        match content {
            Some(note) if matches!(note.kind, AttachedKind::Note(_)) => &note.part,
            _ => &self.name,
        }
    }
}

/// A part to be compiled.
#[derive(Clone, Copy)]
pub(crate) struct PartSource<'a> {
    pub(crate) name: &'a str,
    pub(crate) xml: &'a str,
    pub(crate) model: &'a PartModel,
    pub(crate) styles: &'a StyleSheet,
    /// Number of the part's first tag.
    pub(crate) first_tag: usize,
    pub(crate) partials: &'a Partials,
    pub(crate) helpers: &'a HelperSet,
    /// The blocks of another part in whose turns it is rendered.
    pub(crate) outer: Option<&'a StaticScope>,
}

impl<'a> PartSource<'a> {
    /// Returns the number of a tag in the template.
    pub(crate) fn tag_id(&self, at: usize) -> TagId {
        TagId::try_from(self.first_tag + at).unwrap_or(TagId::MAX)
    }

    /// Returns the paragraph of a tag.
    pub(crate) fn paragraph_of(&self, item: &PlacedTag) -> &'a Paragraph {
        &self.model.paragraphs[item.paragraph]
    }

    /// Returns the place of a range of a paragraph's text.
    pub(crate) fn locate_range(&self, paragraph: &Paragraph, range: &Range<usize>) -> WordLocation {
        WordLocation {
            part: paragraph.location.part.as_deref().unwrap_or(self.name).to_owned(),
            cells: paragraph.location.cells.clone(),
            paragraph: paragraph.location.paragraph,
            excerpt: paragraph.excerpt_around(range),
        }
    }

    /// Returns the index of the text element in which a tag begins.
    pub(crate) fn text_element_of(&self, item: &PlacedTag) -> Option<usize> {
        self.paragraph_of(item).element_at(item.tag.range.start)
    }

    /// Checks whether a tag is in the text of a Word run.
    pub(crate) fn is_plain_text(&self, item: &PlacedTag) -> bool {
        let element = self.text_element_of(item).map(|element| &self.model.texts[element]);
        element.is_some_and(|element| element.name == "w:t" && element.run.is_some())
    }

    /// Returns `<w:rPr>…</w:rPr>` of the run in which a tag begins, or an empty string.
    pub(crate) fn run_properties(&self, item: &PlacedTag) -> String {
        let run = self.text_element_of(item).and_then(|element| self.model.texts[element].run);
        let range = run.and_then(|run| self.model.runs[run].properties.clone());
        range.map(|range| self.xml.slice(range).to_owned()).unwrap_or_default()
    }

    /// Returns `<w:pPr>…</w:pPr>` of a tag's paragraph, or an empty string.
    pub(crate) fn paragraph_properties(&self, item: &PlacedTag) -> String {
        let range = self.paragraph_of(item).properties.clone();
        range.map(|range| self.xml.slice(range).to_owned()).unwrap_or_default()
    }

    /// Returns the place of a tag in the text of a run. The paragraph can end there if the run stands in it itself, no
    /// section ends with the paragraph, and it has no number of a list.
    pub(crate) fn line_place(&self, item: &PlacedTag, tag: TagId) -> Option<LinePlace> {
        let paragraph = self.paragraph_of(item);
        let element = &self.model.texts[self.text_element_of(item)?];
        let run = &self.model.runs[element.run?];
        let can_end = run.parent == paragraph.element
            && !paragraph.section_break
            && !paragraph.not_removable
            && paragraph.list_id.is_none();
        Some(LinePlace {
            tag,
            can_end,
            paragraph_properties: paragraph.properties.clone().unwrap_or_default(),
            run_properties: run.properties.clone().unwrap_or_default(),
        })
    }

    /// Returns the width available at a tag, in twentieths of a point: that of its cell, or else of its
    /// section's text.
    pub(crate) fn available_width(&self, item: &PlacedTag) -> u32 {
        let paragraph = self.paragraph_of(item);
        let cell = paragraph.container.and_then(|cell| {
            self.model.containers[cell].width.or_else(|| self.model.grid_width(cell))
        });
        if let Some(width) = cell {
            return width.saturating_sub(230);
        }
        let (sections, start) = (&self.model.sections, paragraph.range.start);
        let section = sections.get(sections.partition_point(|(section, _)| section.end <= start));
        // Headers and footers have no section of their own; the fallback is A4 with Word's default margins.
        section.map(|&(_, width)| width).filter(|&width| width > 0).unwrap_or(8306)
    }
}
