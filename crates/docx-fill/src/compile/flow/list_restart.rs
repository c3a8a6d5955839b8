//! Owns determining which numbered lists restart in each iteration of a loop.
//! Must not know how a list is defined.

use crate::compile::block_scope::ResolvedBlocks;
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::TagLevel;
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Finds, for each opening tag of a loop, the lists within it that restart in each iteration.
pub(crate) fn find_list_restarts(
    part: &PartSource<'_>,
    resolved: &ResolvedBlocks,
) -> BTreeMap<usize, Vec<String>> {
    let finder = RestartFinder { part, resolved };
    let mut out = BTreeMap::new();
    if part.model.paragraphs.iter().all(|paragraph| paragraph.list_id.is_none()) {
        return out;
    }
    for block in &resolved.pairs.blocks {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
        let lists = match (resolved.tags.list[open].level, resolved.tags.list[close].level) {
            _ if !is_loop(&resolved.tags.list[open].tag.kind) => continue,
            (TagLevel::Paragraph | TagLevel::Inline { .. }, _) => {
                finder.lists_of_paragraphs(open, close)
            }
            (TagLevel::Row(first), TagLevel::Row(last)) => {
                finder.lists_of_rows((open, close), (first, last))
            }
            _ => continue,
        };
        if !lists.is_empty() {
            out.insert(open, lists);
        }
    }
    out
}

struct RestartFinder<'a> {
    part: &'a PartSource<'a>,
    resolved: &'a ResolvedBlocks,
}

impl<'a> RestartFinder<'a> {
    /// Checks whether a paragraph is one of the output. A cell that loses all paragraphs keeps one, with its list.
    fn stays(&self, at: usize) -> bool {
        let paragraph = &self.part.model.paragraphs[at];
        let is_cell = paragraph.row.is_some() && paragraph.list_id.is_some();
        (!self.resolved.tag_only[at] || is_cell) && !paragraph.not_removable
    }

    /// Returns the list of a paragraph of the output.
    fn list_of(&self, at: usize) -> Option<&'a str> {
        let list = self.part.model.paragraphs[at].list_id.clone();
        let list = list.map(|range| self.part.xml.slice(range));
        list.filter(|list| *list != "0" && self.stays(at))
    }

    /// Returns the lists that restart in a loop over paragraphs: all except that of its first paragraph, which continues
    /// across iterations; a table at the beginning is another one in each iteration.
    fn lists_of_paragraphs(&self, open: usize, close: usize) -> Vec<String> {
        let (tags, model) = (&self.resolved.tags.list, self.part.model);
        let start = model.paragraphs[tags[open].paragraph].range.start;
        let row = model.paragraphs[tags[open].paragraph].row;
        let within = model.indices_within(&(start..tags[close].offset));
        let stay = within.filter(|at| self.stays(*at));
        let mut lists = stay.map(|at| (at, self.list_of(at))).peekable();
        let first = lists.peek().filter(|(at, _)| model.paragraphs[*at].row == row);
        let first = first.and_then(|(_, list)| *list);
        distinct(lists.filter_map(|(_, list)| list).filter(|list| Some(*list) != first))
    }

    /// Returns the lists that restart in a loop over rows: those that count within one row, by a loop or by several
    /// paragraphs. A list with one number in each row numbers the rows.
    fn lists_of_rows(&self, tags: (usize, usize), rows: (usize, usize)) -> Vec<String> {
        let model = self.part.model;
        let range = model.rows[rows.0].range.start..model.rows[rows.1].range.end;
        let inner = self.inner_loops(tags.0, tags.1);
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for at in model.indices_within(&range) {
            let Some(list) = self.list_of(at) else { continue };
            let count = counts.entry(list).or_default();
            let repeats = inner.iter().any(|range| range.contains(&at));
            *(if repeats { &mut count.1 } else { &mut count.0 }) += 1;
        }
        let restarts = |(alone, _): (usize, usize)| alone != 1;
        distinct(counts.into_iter().filter(|(_, count)| restarts(*count)).map(|(list, _)| list))
    }

    /// Returns the paragraphs of the loops between two tags.
    fn inner_loops(&self, open: usize, close: usize) -> Vec<RangeInclusive<usize>> {
        let tags = &self.resolved.tags.list;
        let blocks = &self.resolved.pairs.blocks;
        let first = blocks.partition_point(|block| block[0] <= open);
        let within = blocks[first..].iter().take_while(|block| block[0] < close);
        let loops = within.filter(|block| {
            is_loop(&tags[block[0]].tag.kind)
                && matches!(tags[block[0]].level, TagLevel::Paragraph | TagLevel::Row(_))
        });
        let paragraph = |at: Option<&usize>| at.map_or(0, |at| tags[*at].paragraph);
        loops.map(|block| paragraph(block.first())..=paragraph(block.last())).collect()
    }
}

fn distinct<'a>(lists: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for list in lists {
        if !out.iter().any(|known| known == list) {
            out.push(list.to_owned());
        }
    }
    out
}

/// Checks whether a tag opens a block that may have several iterations.
pub(crate) fn is_loop(kind: &TagKind) -> bool {
    let TagKind::Open(body) = kind else { return false };
    !matches!(body.split(' ').next(), Some("if" | "unless" | "with"))
}
