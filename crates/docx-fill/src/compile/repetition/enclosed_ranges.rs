//! Owns which ranges of a part its blocks may enclose, before it is known what exactly they do.
//! Must not know what stands there.

use crate::compile::block_scope::pair_tags;
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::PlacedTag;
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
    let blocks = pair_tags(&found.tags).blocks;
    blocks
        .iter()
        .filter_map(|block| {
            let (first, last) = (block.first()?, block.last()?);
            let [first, last] = [first, last].map(|&at| surroundings(part, &found.tags.list[at]));
            Some(first.start..last.end.max(first.end))
        })
        .collect()
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
