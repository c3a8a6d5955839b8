//! Owns the ranges of a part that two marks bound, and making those whole that a block cuts: a mark within the block goes
//! to its edge, so that the range covers the whole block.
//! Must not know what a range is for.

use super::region_map::RegionMap;
use crate::compile::part_source::PartSource;
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::slice::TextSlice as _;
use std::collections::BTreeMap;
use std::ops::Range;

/// A mark that leaves the block in which it stands.
#[derive(Debug)]
pub(crate) struct MovedMark {
    pub(crate) mark: Range<usize>,
    /// The region to whose edge it goes; `None` if it is dropped.
    pub(crate) region: Option<usize>,
    /// True if it goes behind the region.
    pub(crate) is_end: bool,
}

/// The ranges of a part.
#[derive(Debug, Default)]
pub(crate) struct RangePairs {
    /// Indices of the sites of each range in the identifiers of the part: its beginning and its end.
    pub(crate) pairs: Vec<(SharedIdKind, [usize; 2])>,
    pub(crate) moved: Vec<MovedMark>,
    /// Opening regions of blocks that cut a comment from its range.
    pub(crate) cut_comments: Vec<usize>,
}

/// A kind of range with what tells it from others of its kind.
type RangeKey<'a> = (SharedIdKind, usize, &'a str);

/// Finds the ranges of a part, and the marks that must move.
pub(crate) fn find_range_pairs(part: &PartSource<'_>, map: &RegionMap) -> RangePairs {
    let mut found = RangePairs::default();
    let mut open: BTreeMap<RangeKey<'_>, Vec<usize>> = BTreeMap::new();
    let mut comments: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (at, site) in part.model.ids.iter().enumerate() {
        let IdKind::Shared(kind, role) = site.kind else { continue };
        let scope = part.model.attached_at(site.range.start);
        let value = part.xml.slice(site.range.clone());
        match role {
            SiteRole::Start => open.entry((kind, scope, value)).or_default().insert(0, at),
            SiteRole::End => {
                if let Some(start) = open.get_mut(&(kind, scope, value)).and_then(Vec::pop) {
                    found.pairs.push((kind, [start, at]));
                }
            }
            SiteRole::Reference if kind == SharedIdKind::Comment => {
                comments.insert((scope, value), at);
            }
            SiteRole::Reference | SiteRole::Definition => {}
        }
    }
    for at in 0..found.pairs.len() {
        let (kind, [start, end]) = found.pairs[at];
        let site = &part.model.ids[start];
        let scope = part.model.attached_at(site.range.start);
        let value = part.xml.slice(site.range.clone());
        let comment = comments.get(&(scope, value)).copied();
        match comment.filter(|_| kind == SharedIdKind::Comment) {
            Some(reference) => found.mend_comment(part, map, [start, end, reference]),
            None => found.mend_range(part, map, [start, end], None),
        }
    }
    found
}

impl RangePairs {
    /// Returns the region in which a mark stands after all moves, given that in which it is emitted.
    pub(crate) fn region_of(&self, map: &RegionMap, at: usize) -> Option<usize> {
        let moved = self.moved.iter().find(|moved| moved.mark.contains(&at));
        match moved {
            Some(moved) => moved.region.map(|region| map.regions[region].parent),
            None => map.region_at(at),
        }
    }

    /// Moves the marks of a range that a block cuts, or cuts from what stands `beside`, to the edge of the block.
    fn mend_range(
        &mut self,
        part: &PartSource<'_>,
        map: &RegionMap,
        sites: [usize; 2],
        beside: Option<usize>,
    ) {
        let offsets = sites.map(|site| part.model.ids[site].range.start);
        let [Some(start), Some(end)] = offsets.map(|at| map.region_at(at)) else { return };
        let common = map.common(start, end);
        let common = beside.map_or(common, |region| map.common(common, region));
        for (at, region, is_end) in [(offsets[0], start, false), (offsets[1], end, true)] {
            if let Some(target) = map.outermost_below(region, common) {
                self.move_mark(part, at, Some(target), is_end);
            }
        }
    }

    /// Makes the range of a comment whole. A comment that a block repeats apart from its range stands at its reference
    /// alone.
    fn mend_comment(&mut self, part: &PartSource<'_>, map: &RegionMap, sites: [usize; 3]) {
        let offsets = sites.map(|site| part.model.ids[site].range.start);
        let [Some(start), Some(end), Some(reference)] = offsets.map(|at| map.region_at(at)) else {
            return;
        };
        let common = map.common(map.common(start, end), reference);
        let Some(cut) = map.outermost_below(reference, common) else {
            return self.mend_range(part, map, [sites[0], sites[1]], Some(reference));
        };
        self.move_mark(part, offsets[0], None, false);
        self.move_mark(part, offsets[1], None, true);
        self.cut_comments.push(cut);
    }

    fn move_mark(&mut self, part: &PartSource<'_>, at: usize, region: Option<usize>, is_end: bool) {
        let marks = &part.model.range_marks;
        let before = marks.partition_point(|mark| mark.start <= at);
        if let Some(mark) = marks[..before].last().filter(|mark| at < mark.end) {
            self.moved.push(MovedMark { mark: mark.clone(), region, is_end });
        }
    }
}
