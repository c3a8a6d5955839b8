//! Owns the regions of a part: blocks, their branches and completed content, as the edits of the part nest them.
//! Must not know what stands in a region.

use crate::compile::block_scope::ResolvedBlocks;
use crate::compile::tag_contents::TagContents;
use crate::ir::part::{EditAction, PartEdit};
use crate::ir::program::BranchKind;
use crate::syntax::tag::TagKind;
use std::ops::Range;

/// The regions of a part; the first one is the whole part.
pub(crate) struct RegionMap {
    pub(crate) regions: Vec<Region>,
    /// Ranges of the source that are emitted, by their beginnings, each with its region.
    emitted: Vec<(Range<usize>, usize)>,
}

/// A region that edits open and close.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) parent: usize,
    pub(crate) kind: RegionKind,
    /// The actions that open and close it.
    pub(crate) opening: ActionPlace,
    pub(crate) closing: ActionPlace,
}

/// The place of an action: index of the edit, and of the action in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ActionPlace {
    pub(crate) edit: usize,
    pub(crate) action: usize,
}

/// The kind of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegionKind {
    Part,
    /// A whole block, whose branches are regions in it.
    Block,
    /// A branch that is rendered at most once.
    Branch,
    /// A branch or definition that may be rendered several times.
    Repeated,
    /// Content that is completed, or replaced as a whole.
    Container,
}

impl RegionMap {
    /// Builds the regions of a part of this length from its edits in the order of the source; `None` if they do not nest.
    pub(crate) fn build(
        length: usize,
        edits: &[PartEdit],
        contents: &TagContents,
        resolved: &ResolvedBlocks,
    ) -> Option<RegionMap> {
        let whole = Region {
            parent: 0,
            kind: RegionKind::Part,
            opening: ActionPlace::default(),
            closing: ActionPlace::default(),
        };
        let map = RegionMap { regions: vec![whole], emitted: Vec::new() };
        let mut builder = RegionBuilder { contents, resolved, map, open: vec![0] };
        let mut from = 0;
        for (number, edit) in edits.iter().enumerate() {
            if edit.range.start < from {
                continue;
            }
            builder.emit(from..edit.range.start);
            from = edit.range.end;
            for (action, step) in edit.actions.iter().enumerate() {
                builder.apply(step, ActionPlace { edit: number, action })?;
            }
        }
        builder.emit(from..length);
        let mut map = builder.map;
        map.emitted.sort_by_key(|(range, _)| range.start);
        Some(map)
    }

    /// Returns the region in which a byte of the source is emitted.
    pub(crate) fn region_at(&self, at: usize) -> Option<usize> {
        let before = self.emitted.partition_point(|(range, _)| range.start <= at);
        let found = self.emitted[..before].iter().rev().find(|(range, _)| at < range.end);
        found.map(|(_, region)| *region)
    }

    /// Returns a region and those around it, innermost first, without the whole part.
    pub(crate) fn enclosing(&self, region: usize) -> impl Iterator<Item = usize> + '_ {
        let outer = |&at: &usize| Some(self.regions[at].parent);
        std::iter::successors(Some(region), outer).take_while(|&at| at != 0)
    }

    /// Checks whether a region is another one or in it.
    pub(crate) fn is_within(&self, region: usize, outer: usize) -> bool {
        outer == 0 || self.enclosing(region).any(|at| at == outer)
    }

    /// Returns the innermost region that contains both, and in which something can stand.
    pub(crate) fn common(&self, one: usize, other: usize) -> usize {
        let can_hold = |&at: &usize| self.regions[at].kind != RegionKind::Block;
        self.enclosing(one).filter(can_hold).find(|&at| self.is_within(other, at)).unwrap_or(0)
    }

    /// Returns the outermost region around `region` within `outer`, if there is a block between them.
    pub(crate) fn outermost_below(&self, region: usize, outer: usize) -> Option<usize> {
        let path: Vec<usize> = self.enclosing(region).take_while(|&at| at != outer).collect();
        let cut = path.iter().any(|&at| self.regions[at].kind == RegionKind::Block);
        path.last().copied().filter(|_| cut)
    }

    /// Returns the regions around one that may be rendered several times, outermost first.
    pub(crate) fn repeated_around(&self, region: usize) -> Vec<usize> {
        let repeated = |&at: &usize| self.regions[at].kind == RegionKind::Repeated;
        let mut found: Vec<usize> = self.enclosing(region).filter(repeated).collect();
        found.reverse();
        found
    }
}

struct RegionBuilder<'a> {
    contents: &'a TagContents,
    resolved: &'a ResolvedBlocks,
    map: RegionMap,
    /// The open regions, innermost last.
    open: Vec<usize>,
}

impl RegionBuilder<'_> {
    fn current(&self) -> usize {
        self.open.last().copied().unwrap_or(0)
    }

    fn emit(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.map.emitted.push((range, self.current()));
        }
    }

    fn open(&mut self, kind: RegionKind, place: ActionPlace) {
        let region = Region { parent: self.current(), kind, opening: place, closing: place };
        self.open.push(self.map.regions.len());
        self.map.regions.push(region);
    }

    fn close(&mut self, place: ActionPlace) -> Option<()> {
        let at = self.open.pop().filter(|&at| at != 0)?;
        self.map.regions[at].closing = place;
        Some(())
    }

    fn open_block(&mut self, branch: RegionKind, place: ActionPlace) {
        self.open(RegionKind::Block, place);
        self.open(branch, place);
    }

    fn close_block(&mut self, place: ActionPlace) -> Option<()> {
        self.close(place)?;
        self.close(place)
    }

    fn apply(&mut self, action: &EditAction, place: ActionPlace) -> Option<()> {
        match action {
            EditAction::Tag(at) => return self.apply_tag(*at, place),
            EditAction::Source(range) => self.emit(range.clone()),
            EditAction::OpenNth(..) => self.open_block(RegionKind::Repeated, place),
            EditAction::OpenFirstIteration(_) | EditAction::OpenCondition(_) => {
                self.open_block(RegionKind::Branch, place);
            }
            EditAction::CloseNth { .. } | EditAction::CloseCondition(_) => {
                return self.close_block(place);
            }
            EditAction::BeginElse => {
                self.close(place)?;
                self.open(RegionKind::Branch, place);
            }
            EditAction::OpenGuard(_) | EditAction::OpenContentSlot(..) => {
                self.open(RegionKind::Container, place);
            }
            EditAction::CloseGuard | EditAction::CloseContentSlot => return self.close(place),
            EditAction::Special(..)
            | EditAction::Insert(_)
            | EditAction::BeginTurn(_)
            | EditAction::MovedMark(_) => {}
        }
        Some(())
    }

    fn apply_tag(&mut self, at: usize, place: ActionPlace) -> Option<()> {
        match &self.resolved.tags.list[at].tag.kind {
            TagKind::Open(_) | TagKind::Inverse(_) => self.open_block(self.branch_kind(at), place),
            TagKind::DefineOpen(_) => self.open_block(RegionKind::Repeated, place),
            TagKind::Else(_) => {
                self.close(place)?;
                self.open(self.branch_kind(at), place);
            }
            TagKind::Close(_) => return self.close_block(place),
            _ => {}
        }
        Some(())
    }

    fn branch_kind(&self, at: usize) -> RegionKind {
        match self.contents.branches.get(&at).map(|branch| branch.kind) {
            Some(BranchKind::Each | BranchKind::Section | BranchKind::Nth(_)) => {
                RegionKind::Repeated
            }
            _ => RegionKind::Branch,
        }
    }
}
