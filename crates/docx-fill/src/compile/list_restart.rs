//! Owns determining which numbered lists restart in each iteration of a loop.
//! Must not know how a list is defined.

use super::block_scope::ResolvedBlocks;
use super::part_source::PartSource;
use super::placed_tag::TagLevel;
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use std::collections::BTreeMap;

/// Finds, for each opening tag of a loop, the lists within it that restart in each iteration: all except that
/// of its first paragraph, which continues across iterations.
pub(crate) fn find_list_restarts(
    part: &PartSource<'_>,
    resolved: &ResolvedBlocks,
) -> BTreeMap<usize, Vec<String>> {
    let (source, scan) = (part.xml, part.model);
    let (items, lone) = (&resolved.tags.list, &resolved.tag_only);
    let mut out = BTreeMap::new();
    for block in &resolved.pairs.blocks {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
        if items[open].level != TagLevel::Paragraph || !is_loop(&items[open].tag.kind) {
            continue;
        }
        let start = scan.paragraphs[items[open].paragraph].range.start;
        let within = scan.indices_within(&(start..items[close].offset));
        let mut lists = within
            .filter(|&at| !lone[at] && !scan.paragraphs[at].not_removable)
            .map(|at| scan.paragraphs[at].list_id.clone().map(|range| source.slice(range)));
        let Some(first) = lists.next() else { continue };
        let mut whole: Vec<String> = Vec::new();
        for list in lists.flatten() {
            if Some(list) != first && list != "0" && !whole.iter().any(|known| known == list) {
                whole.push(list.to_owned());
            }
        }
        if !whole.is_empty() {
            out.insert(open, whole);
        }
    }
    out
}

/// Checks whether a tag opens a block that may have several iterations.
pub(crate) fn is_loop(kind: &TagKind) -> bool {
    let TagKind::Open(body) = kind else { return false };
    !matches!(body.split(' ').next(), Some("if" | "unless" | "with"))
}
