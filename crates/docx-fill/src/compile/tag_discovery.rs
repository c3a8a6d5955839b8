//! Owns finding the tags of a part.
//! Must not know what a tag says, nor how the bytes around it are edited.

use super::part_source::PartSource;
use super::placed_tag::{PlacedTag, PlacedTags, TagLevel};
use crate::diag::{Problem, WordLocation, msg};
use crate::document::fallbacks::contains_offset;
use crate::document::part_model::Paragraph;
use crate::limits::MAX_TAG_BYTES;
use crate::slice::TextSlice as _;
use crate::syntax::look_alikes::{hidden_in_braces, named_look_alikes};
use crate::syntax::tag::{Tag, TagKind, TagToken, find_tags};
use std::ops::Range;

/// The tags of a part as written.
#[derive(Default)]
pub(crate) struct FoundTags {
    pub(crate) tags: PlacedTags,
    /// Backslashes that keep braces from being tags: paragraph, and range of its text.
    pub(crate) escapes: Vec<(usize, Range<usize>)>,
    /// Tags in entries of contents, which are copies of others.
    pub(crate) stale: Vec<StaleTag>,
    pub(crate) problems: Vec<(WordLocation, Problem)>,
}

/// A tag in an entry of contents: kind, and paragraph with range of its text.
pub(crate) struct StaleTag {
    pub(crate) kind: TagKind,
    pub(crate) paragraph: usize,
    pub(crate) range: Range<usize>,
}

/// Finds the tags in the texts of a part, in no order.
pub(crate) fn find_part_tags(part: &PartSource<'_>) -> FoundTags {
    let model = part.model;
    let mut found = FoundTags::default();
    for (at, paragraph) in model.paragraphs.iter().enumerate() {
        if paragraph.text.contains('{') || paragraph.text.contains('｛') {
            found.problems.extend(broken_braces(part, paragraph));
        }
        if !paragraph.text.contains("{{") {
            continue;
        }
        for token in find_tags(&paragraph.text) {
            if is_stale(part, paragraph, &token) {
                if let TagToken::Tag(Tag { range, kind, .. }) = token {
                    found.stale.push(StaleTag { kind, paragraph: at, range });
                }
                continue;
            }
            match token {
                TagToken::Tag(tag) => {
                    let offset = paragraph.source_at(tag.range.start);
                    let level = TagLevel::Inline { split: false };
                    found.tags.list.push(PlacedTag { paragraph: at, tag, offset, level });
                }
                TagToken::Escape(range) => found.escapes.push((at, range)),
                TagToken::Invalid(range, _)
                    if contains_offset(&model.fallbacks, paragraph.source_at(range.start)) => {}
                TagToken::Invalid(range, problem) => {
                    found.problems.push((part.locate_range(paragraph, &range), problem));
                }
            }
        }
    }
    found
}

/// Brings the tags of a part into reading order.
pub(crate) fn order_tags(part: &PartSource<'_>, found: &mut FoundTags) {
    found.tags.list.sort_by_key(|item| item.offset);
    limit_tag_bytes(part, found);
}

/// Lists the tags of each paragraph.
pub(crate) fn index_tags(part: &PartSource<'_>, found: &mut FoundTags) {
    found.tags.by_paragraph = vec![Vec::new(); part.model.paragraphs.len()];
    for (at, item) in found.tags.list.iter().enumerate() {
        found.tags.by_paragraph[item.paragraph].push(at);
    }
}

/// Drops all tags, with a problem, if they are too long together.
fn limit_tag_bytes(part: &PartSource<'_>, found: &mut FoundTags) {
    let tags = &found.tags.list;
    let bytes: usize = tags.iter().map(|item| item.tag.range.len()).sum();
    if let (true, Some(first)) = (bytes > MAX_TAG_BYTES, tags.first()) {
        let place = part.locate_range(part.paragraph_of(first), &first.tag.range);
        let message = msg!("template.tags-too-long", limit = MAX_TAG_BYTES >> 20);
        found.problems.push((place, Problem::error("tag-too-long", message)));
        found.tags.list.clear();
    }
}

/// Returns warnings of braces that look like those of a tag and are none: wide ones, or something invisible between them.
fn broken_braces(part: &PartSource<'_>, paragraph: &Paragraph) -> Vec<(WordLocation, Problem)> {
    let mut found = Vec::new();
    // Few texts have wide braces at all, and searching takes time.
    let texts = if paragraph.text.contains('｛') { &["｛｛", "{｛", "｛{"][..] } else { &[] };
    let wide = texts.iter().filter_map(|braces| Some((paragraph.text.find(braces)?, *braces)));
    if let Some((at, braces)) = wide.min() {
        let message = msg!("template.wide-braces", braces = braces);
        let problem = Problem::warning("tag-wide-braces", message)
            .with_hint(msg!("template.hint-wide-braces"));
        found.push((part.locate_range(paragraph, &(at..at + braces.len())), problem));
    }
    if let Some(range) = hidden_in_braces(&paragraph.text) {
        let names = named_look_alikes(paragraph.text.slice(range.clone()));
        let message = msg!("template.hidden-in-braces", names = names);
        let problem = Problem::warning("tag-wide-braces", message)
            .with_hint(msg!("template.hint-hidden-in-braces"));
        found.push((part.locate_range(paragraph, &range), problem));
    }
    found
}

/// Checks whether a tag stands in an entry of a list that Word makes anew of the document, such as contents: there it is
/// a copy of the tag of a heading.
fn is_stale(part: &PartSource<'_>, paragraph: &Paragraph, token: &TagToken) -> bool {
    let stale = &part.model.stale_texts;
    let (TagToken::Tag(Tag { range, .. }) | TagToken::Escape(range) | TagToken::Invalid(range, _)) =
        token;
    !stale.is_empty() && contains_offset(stale, paragraph.source_at(range.start))
}
