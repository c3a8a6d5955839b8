//! Owns which ranges of a part its blocks may enclose, before it is known what exactly they do.
//! Must not know what stands there.

use crate::compile::block_scope::{TagPairs, pair_tags};
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::{PlacedTag, PlacedTags};
use crate::compile::tag_discovery::find_part_tags;
use crate::slice::TextSlice as _;
use std::ops::Range;

/// Returns the ranges that the blocks of a part may enclose: the paragraphs between their tags, or the rows around those.
pub(crate) fn enclosed_ranges(part: &PartSource<'_>) -> Vec<Range<usize>> {
    // Most parts have no blocks, and finding tags takes time.
    let may_close = |text: &str| text.contains("{{") && text.contains('/');
    if !part.model.paragraphs.iter().any(|found| may_close(&found.text)) {
        return Vec::new();
    }
    let found = find_part_tags(part);
    ranges_of_blocks(part, &found.tags, &pair_tags(&found.tags))
}

/// Returns the ranges that these blocks of a part may enclose.
pub(crate) fn ranges_of_blocks(
    part: &PartSource<'_>,
    tags: &PlacedTags,
    pairs: &TagPairs,
) -> Vec<Range<usize>> {
    let enclosed = pairs.blocks.iter().filter_map(|block| {
        let (first, last) = (block.first()?, block.last()?);
        let [first, last] = [first, last].map(|&at| surroundings(part, &tags.list[at]));
        Some(first.start..last.end.max(first.end))
    });
    enclosed.collect()
}

/// Returns the paragraph of a tag, or the outermost row around it; the table if the tag may repeat columns.
fn surroundings(part: &PartSource<'_>, item: &PlacedTag) -> Range<usize> {
    let paragraph = part.paragraph_of(item);
    let rows = &part.model.rows;
    let outermost = std::iter::successors(paragraph.row, |&row| rows[row].outer_row).last();
    let Some(row) = outermost.map(|row| &rows[row]) else { return paragraph.range.clone() };
    let columns = paragraph.text.slice(item.tag.range.clone()).contains("columns");
    match row.table.filter(|_| columns) {
        Some(table) => part.model.tables[table].clone(),
        None => row.range.clone(),
    }
}
