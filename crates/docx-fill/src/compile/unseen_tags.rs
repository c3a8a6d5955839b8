//! Owns tags in fallbacks of drawings, which no current program shows: their faults stop nothing.
//! Must not know data.

use super::part_source::PartSource;
use super::placed_tag::PlacedTag;
use super::tag_discovery::FoundTags;
use crate::document::fallbacks::contains_offset;
use crate::ir::program::match_blocks;
use crate::syntax::tag::TagKind;

/// Checks whether a tag stands in a fallback.
pub(crate) fn is_unseen(part: &PartSource<'_>, item: &PlacedTag) -> bool {
    contains_offset(&part.model.fallbacks, item.offset)
}

/// Takes the tags of fallbacks whose blocks do not match for text.
pub(crate) fn drop_broken_fallbacks(part: &PartSource<'_>, found: &mut FoundTags) {
    let tags = &mut found.tags.list;
    let mut broken = Vec::new();
    for range in &part.model.fallbacks {
        let before = |end: usize| tags.partition_point(|item| item.offset < end);
        let own = before(range.start)..before(range.end);
        let kinds: Vec<&TagKind> = tags[own].iter().map(|item| &item.tag.kind).collect();
        if !kinds.is_empty() && !match_blocks(&kinds).1.is_empty() {
            broken.push(range.clone());
        }
    }
    if !broken.is_empty() {
        tags.retain(|item| !contains_offset(&broken, item.offset));
    }
}
