//! Owns finding references to bookmarks in blocks around which they do not stand: the bookmark may be absent from the
//! document, or be there several times.
//! Must not know what is told of them.

use super::region_map::{ActionPlace, RegionKind, RegionMap};
use crate::compile::part_source::PartSource;
use crate::compile::tag_contents::TagContents;
use crate::diag::WordLocation;
use crate::document::fallbacks::contains_offset;
use crate::document::field_references::field_references;
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::ir::part::{EditAction, PartEdit};
use crate::ir::references::{BookmarksInBlocks, CrossedBlocks, LooseReference};
use crate::slice::TextSlice as _;
use std::collections::BTreeMap;

/// Word's own mark of the last change.
const LAST_CHANGE: &str = "_goback";

/// Finds the bookmarks in blocks of a part, and the references to them, given the regions in which bookmarks stand.
pub(crate) fn find_block_bookmarks(
    finder: &ReferenceFinder<'_>,
    regions: Vec<(String, usize)>,
) -> BookmarksInBlocks {
    let ReferenceFinder { part, map, .. } = *finder;
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (name, region) in regions.into_iter().filter(|(name, _)| name != LAST_CHANGE) {
        by_name.entry(name).or_default().push(region);
    }
    let mut found = BookmarksInBlocks::default();
    by_name.retain(|name, regions| {
        let block = finder.between(regions, 0);
        found.bookmarks.extend(block.map(|block| (name.clone(), block)));
        block.is_some()
    });
    if by_name.is_empty() {
        return found;
    }
    for (name, start) in bookmark_references(part) {
        let regions = by_name.get(&SharedIdKind::BookmarkName.key_of(&name));
        let (Some(regions), Some(region)) = (regions, map.region_at(start)) else { continue };
        if let Some(between) = finder.between(regions, region) {
            let shared = regions.first().map_or(0, |&at| map.common(at, region));
            let level = map.repeated_around(shared).len();
            let place = place_of(part, start);
            let is_certain = regions.len() == 1;
            found.references.push(LooseReference { name, place, between, level, is_certain });
        }
    }
    found
}

/// Returns the bookmarks to which a part refers, each with its place; not those of contents, which are made anew.
pub(crate) fn bookmark_references(part: &PartSource<'_>) -> Vec<(String, usize)> {
    let model = part.model;
    let reference = IdKind::Shared(SharedIdKind::BookmarkName, SiteRole::Reference);
    let sites = model.ids.iter().filter(|site| site.kind == reference);
    let mut found: Vec<(String, usize)> = sites
        .map(|site| (part.xml.slice(site.range.clone()).to_owned(), site.range.start))
        .collect();
    if !model.fields.is_empty() {
        // A part that cannot be read has been refused before.
        let fields = field_references(part.xml, part.name).unwrap_or_default();
        let named = fields.into_iter();
        found.extend(named.filter_map(|one| Some((one.name, one.pieces.first()?.start))));
    }
    let is_stale = |at: usize| {
        contains_offset(&model.stale_texts, at) || contains_offset(&model.fallbacks, at)
    };
    found.retain(|(_, start)| !is_stale(*start));
    found
}

/// Returns the place of a byte of a part.
pub(crate) fn place_of(part: &PartSource<'_>, at: usize) -> WordLocation {
    let paragraphs = &part.model.paragraphs;
    let before = paragraphs.partition_point(|found| found.range.start <= at);
    let around = paragraphs.iter().take(before).rev().find(|found| found.range.contains(&at));
    let part_only = || WordLocation { part: part.name.to_owned(), ..WordLocation::default() };
    around.map_or_else(part_only, |found| part.locate_range(found, &(0..found.text.len())))
}

/// A part with its regions, in which references to bookmarks are looked for.
#[derive(Clone, Copy)]
pub(crate) struct ReferenceFinder<'a> {
    pub(crate) part: &'a PartSource<'a>,
    pub(crate) map: &'a RegionMap,
    pub(crate) edits: &'a [PartEdit],
    pub(crate) contents: &'a TagContents,
}

impl ReferenceFinder<'_> {
    /// Returns what stands between a bookmark in these regions and a reference in another one; `None` if nothing does.
    fn between(&self, regions: &[usize], reference: usize) -> Option<CrossedBlocks> {
        let blocks = regions.iter().map(|&region| self.block_around(region, reference));
        let all: Option<Vec<CrossedBlocks>> = blocks.collect();
        all.and_then(|all| all.into_iter().next())
    }

    fn block_around(&self, region: usize, reference: usize) -> Option<CrossedBlocks> {
        let mut block = CrossedBlocks::default();
        let outside = |at: &usize| reference == 0 || !self.map.is_within(reference, *at);
        for at in self.map.enclosing(region).filter(outside) {
            match self.map.regions[at].kind {
                RegionKind::Repeated => block.is_repeated = true,
                RegionKind::Branch => block.is_optional |= !self.has_condition(at, reference),
                _ => {}
            }
        }
        (block != CrossedBlocks::default()).then_some(block)
    }

    /// Checks whether a reference stands in a branch with the same condition.
    fn has_condition(&self, branch: usize, reference: usize) -> bool {
        let Some(wanted) = self.condition(branch) else { return false };
        self.map.enclosing(reference).any(|at| self.condition(at) == Some(wanted))
    }

    /// Returns the tag that opens a branch.
    fn condition(&self, region: usize) -> Option<&str> {
        let region = &self.map.regions[region];
        let ActionPlace { edit, action } = region.opening;
        match self.edits.get(edit)?.actions.get(action)? {
            EditAction::Tag(at) if region.kind == RegionKind::Branch => {
                let text = self.contents.sites.get(*at)?.text.as_str();
                (!text.contains("else")).then_some(text)
            }
            _ => None,
        }
    }
}
