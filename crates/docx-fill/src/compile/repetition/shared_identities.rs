//! Owns giving each turn of a block identifiers of its own: which places share one, the blocks that repeat all of them
//! together, and which turn's identifier a reference means.
//! Must not know how a new identifier looks.

use super::loose_references::{ReferenceFinder, find_block_bookmarks};
use super::range_pairs::{MovedMark, RangePairs, find_range_pairs};
use super::region_map::{ActionPlace, RegionKind, RegionMap};
use crate::compile::block_scope::ResolvedBlocks;
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::TagProblem;
use crate::compile::tag_contents::TagContents;
use crate::diag::{Problem, msg};
use crate::document::field_references::field_references;
use crate::document::part_model::{AttachedKind, UniqueIdSite};
use crate::document::shared_ids::{IdKind, SharedIdKind, SiteRole};
use crate::ir::part::{EditAction, PartEdit, SharedIdPlace, SharedIdentity};
use crate::ir::references::BookmarksInBlocks;
use crate::slice::TextSlice as _;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The identifiers of a part that several places share, where blocks repeat them.
#[derive(Default)]
pub(crate) struct SharedIdentities {
    pub(crate) identities: Vec<SharedIdentity>,
    /// Identities of the sites that change, by the beginnings of the sites.
    places: BTreeMap<usize, SharedIdPlace>,
    /// All sites of the part, if there are more than its model has.
    sites: Option<Vec<UniqueIdSite>>,
    pub(crate) problems: Vec<TagProblem>,
    /// For each section the bookmarks that turns rename, as its place has them; none if nothing is shared.
    pub(crate) bookmarks: Vec<Arc<[(String, SharedIdPlace)]>>,
    /// The attached content that leads to parts with tags, each with the tags that open blocks around it.
    pub(crate) graphic_parts: Vec<(usize, Vec<usize>)>,
    /// The bookmarks that blocks repeat or leave out.
    pub(crate) in_blocks: BookmarksInBlocks,
}

impl SharedIdentities {
    /// Returns what stands at a site; `None` if it stays as it is.
    pub(crate) fn place_at(&self, start: usize) -> Option<SharedIdPlace> {
        self.places.get(&start).copied()
    }

    /// Returns the sites of a part in the order of the part, of which the model has these.
    pub(crate) fn sites<'s>(&'s self, own: &'s [UniqueIdSite]) -> &'s [UniqueIdSite] {
        self.sites.as_deref().unwrap_or(own)
    }

    /// Checks whether anything outside of loops changes.
    pub(crate) fn is_active(&self) -> bool {
        !self.places.is_empty() || self.sites.is_some()
    }
}

/// The kind of an identity, and the key that tells it from others of its kind.
type IdentityName = (SharedIdKind, String);

/// An identity by its index, with the regions that repeat it.
type RepeatedIdentity = (usize, Vec<usize>);

/// Places that have one identifier, with the regions that repeat all of them together, outermost first.
struct IdentityGroup {
    kind: SharedIdKind,
    key: String,
    sites: Vec<usize>,
    chain: Vec<usize>,
}

/// Finds the shared identifiers that blocks repeat, and has each turn renew them; the edits are in the order of the part.
pub(crate) fn share_identities(
    part: &PartSource<'_>,
    contents: &TagContents,
    resolved: &ResolvedBlocks,
    edits: &mut [PartEdit],
) -> SharedIdentities {
    let is_shared = |site: &UniqueIdSite| matches!(site.kind, IdKind::Shared(..));
    let has_turns = !resolved.pairs.blocks.is_empty() && part.model.ids.iter().any(is_shared);
    if !has_turns && part.outer.is_none() {
        return SharedIdentities::default();
    }
    let Some(map) = RegionMap::build(part.xml.len(), edits, contents, resolved) else {
        return SharedIdentities::default();
    };
    let ranges = find_range_pairs(part, &map);
    let mut sharing = IdentitySharing {
        part,
        map: &map,
        ranges: &ranges,
        found: SharedIdentities::default(),
        by_key: BTreeMap::new(),
        turns: BTreeMap::new(),
        added: Vec::new(),
    };
    for group in sharing.groups() {
        sharing.add_group(&group);
    }
    sharing.add_references();
    sharing.report_cut_comments(edits);
    sharing.find_graphic_parts(edits);
    let regions = sharing.bookmark_regions();
    let finder = ReferenceFinder { part, map: &map, edits, contents };
    sharing.found.in_blocks = find_block_bookmarks(&finder, regions);
    if part.model.sections.len() > 1 {
        sharing.find_section_bookmarks();
    }
    sharing.write_actions(edits);
    sharing.finish()
}

struct IdentitySharing<'a> {
    part: &'a PartSource<'a>,
    map: &'a RegionMap,
    ranges: &'a RangePairs,
    found: SharedIdentities,
    /// The identities of each name, with the regions that repeat them.
    by_key: BTreeMap<IdentityName, Vec<RepeatedIdentity>>,
    /// Identities that each turn of a region renews.
    turns: BTreeMap<usize, Vec<SharedIdPlace>>,
    /// Sites that the model does not have.
    added: Vec<UniqueIdSite>,
}

impl IdentitySharing<'_> {
    /// Returns the region of a site after all moves.
    fn region_of(&self, site: usize) -> Option<usize> {
        self.ranges.region_of(self.map, self.part.model.ids[site].range.start)
    }

    /// Returns the regions that repeat all of these sites together; `None` if none of them is written.
    fn chain_of(&self, sites: &[usize]) -> Option<Vec<usize>> {
        let regions = sites.iter().filter_map(|&site| self.region_of(site));
        let common = regions.reduce(|one, other| self.map.common(one, other))?;
        Some(self.map.repeated_around(common))
    }

    /// Returns the bookmarks with the regions in which they stand, by their names in lower case.
    fn bookmark_regions(&self) -> Vec<(String, usize)> {
        let kind = SharedIdKind::BookmarkName;
        let definition = IdKind::Shared(kind, SiteRole::Definition);
        let sites = self.part.model.ids.iter().enumerate();
        let sites = sites.filter(|(_, site)| site.kind == definition);
        sites.filter_map(|(at, _)| Some((self.key_of(kind, at), self.region_of(at)?))).collect()
    }

    fn groups(&self) -> Vec<IdentityGroup> {
        let mut lists: Vec<(IdentityName, Vec<usize>)> = Vec::new();
        let mut paired = vec![false; self.part.model.ids.len()];
        for (kind, sites) in &self.ranges.pairs {
            if *kind != SharedIdKind::Comment {
                let [start, end] = *sites;
                (paired[start], paired[end]) = (true, true);
                lists.push(((*kind, self.key_of(*kind, start)), sites.to_vec()));
            }
        }
        // The sites of each note that have no definition yet; one that is referred to twice is attached twice.
        let mut notes: BTreeMap<(SharedIdKind, usize, String), Vec<usize>> = BTreeMap::new();
        for (at, site) in self.part.model.ids.iter().enumerate() {
            let IdKind::Shared(kind, role) = site.kind else { continue };
            let key = self.key_of(kind, at);
            match (kind, role) {
                _ if paired[at] => {}
                (SharedIdKind::Relationship, SiteRole::Definition) => {
                    lists.push(((kind, key), self.relationship_sites(at)));
                }
                (SharedIdKind::Comment | SharedIdKind::Footnote | SharedIdKind::Endnote, _) => {
                    let name = (kind, self.scope_of(at, role), key);
                    notes.entry(name.clone()).or_default().push(at);
                    if role == SiteRole::Definition {
                        lists.push((
                            (kind, name.2.clone()),
                            notes.remove(&name).unwrap_or_default(),
                        ));
                    }
                }
                (SharedIdKind::Relationship, _) | (_, SiteRole::Reference) => {}
                _ => lists.push(((kind, key), vec![at])),
            }
        }
        self.merge_groups(lists)
    }

    /// Returns a relationship's definition with the reference before it.
    fn relationship_sites(&self, definition: usize) -> Vec<usize> {
        let ids = &self.part.model.ids;
        let value = |at: usize| self.part.xml.slice(ids[at].range.clone());
        let kind = IdKind::Shared(SharedIdKind::Relationship, SiteRole::Reference);
        let reference = (0..definition)
            .rev()
            .find(|&at| ids[at].kind == kind && value(at) == value(definition));
        reference.into_iter().chain([definition]).collect()
    }

    /// Returns the groups with their chains; equal names that the same regions repeat are one.
    fn merge_groups(&self, lists: Vec<(IdentityName, Vec<usize>)>) -> Vec<IdentityGroup> {
        let mut groups: Vec<IdentityGroup> = Vec::new();
        let mut known: BTreeMap<IdentityName, usize> = BTreeMap::new();
        for ((kind, key), sites) in lists {
            let Some(chain) = self.chain_of(&sites) else { continue };
            if !kind.is_of_one_part() {
                let first = known.entry((kind, key.clone())).or_insert(groups.len());
                if let Some(first) = groups.get_mut(*first).filter(|first| first.chain == chain) {
                    first.sites.extend(sites);
                    continue;
                }
            }
            groups.push(IdentityGroup { kind, key, sites, chain });
        }
        groups
    }

    fn key_of(&self, kind: SharedIdKind, site: usize) -> String {
        let value = self.part.xml.slice(self.part.model.ids[site].range.clone());
        kind.key_of(value)
    }

    /// Returns the attached content in which an identifier means something: for that of a note itself, where its reference
    /// stands.
    fn scope_of(&self, site: usize, role: SiteRole) -> usize {
        let model = self.part.model;
        let within = model.attached_at(model.ids[site].range.start);
        match within.checked_sub(1).filter(|_| role == SiteRole::Definition) {
            Some(content) => model.attached_at(model.attached[content].range.start - 1),
            None => within,
        }
    }

    fn add_group(&mut self, group: &IdentityGroup) {
        let earlier = self.by_key.entry((group.kind, group.key.clone())).or_default();
        let keeps_value = earlier.is_empty() && group.kind != SharedIdKind::Relationship;
        let identity = self.found.identities.len();
        earlier.push((identity, group.chain.clone()));
        let level = group.chain.len();
        let value = self.part.model.ids[group.sites[0]].range.clone();
        let value = self.part.xml.slice(value).to_owned();
        let kind = group.kind;
        let is_outer = false;
        let one = SharedIdentity { kind, value, keeps_value, levels: level, is_outer };
        self.found.identities.push(one);
        let is_attached = matches!(
            kind,
            SharedIdKind::Comment
                | SharedIdKind::Footnote
                | SharedIdKind::Endnote
                | SharedIdKind::Relationship
        );
        // Copies of a whole part have other values outside of all loops too.
        if level == 0 && (keeps_value || !is_attached) && self.part.outer.is_none() {
            return;
        }
        for &site in &group.sites {
            let place = SharedIdPlace { identity, level };
            self.found.places.insert(self.part.model.ids[site].range.start, place);
        }
        for (at, &region) in group.chain.iter().enumerate() {
            let place = SharedIdPlace { identity, level: at + 1 };
            self.turns.entry(region).or_default().push(place);
        }
    }

    /// Has the references of each turn follow it.
    fn add_references(&mut self) {
        let is_turn = self.part.outer.is_some();
        if self.turns.is_empty() && !is_turn {
            return;
        }
        for site in &self.part.model.ids {
            if let IdKind::Shared(kind, SiteRole::Reference) = site.kind {
                let start = site.range.start;
                let written = self.part.xml.slice(site.range.clone());
                let place = self.place_of_reference(kind, written, start);
                if let Some(place) = place.filter(|_| !self.found.places.contains_key(&start)) {
                    self.found.places.insert(start, place);
                }
            }
        }
        let is_name = |(kind, _): &&IdentityName| *kind == SharedIdKind::BookmarkName;
        if self.by_key.keys().any(|key| is_name(&key)) || is_turn {
            // A part that cannot be read has been refused before.
            for found in field_references(self.part.xml, self.part.name).unwrap_or_default() {
                let kind = SharedIdKind::BookmarkName;
                let Some(first) = found.pieces.first() else { continue };
                let place = self.place_of_reference(kind, &found.name, first.start);
                let Some(place) = place else { continue };
                self.found.places.insert(first.start, place);
                let kinds = std::iter::once(IdKind::Shared(kind, SiteRole::Reference))
                    .chain(std::iter::repeat(IdKind::Moved));
                let sites = found.pieces.into_iter().zip(kinds);
                self.added.extend(sites.map(|(range, kind)| UniqueIdSite { range, kind }));
            }
        }
    }

    /// Returns which turn's identifier a reference means: that of the innermost turn that both are in. In a part of turns
    /// one that it lacks is that of the part around.
    fn place_of_reference(
        &mut self,
        kind: SharedIdKind,
        written: &str,
        start: usize,
    ) -> Option<SharedIdPlace> {
        let is_turn = self.part.outer.is_some();
        let Some(identities) = self.by_key.get(&(kind, kind.key_of(written))) else {
            let is_name = kind == SharedIdKind::BookmarkName && !written.contains(['{', '｛', '&']);
            return (is_turn && is_name).then(|| self.outer_identity(written));
        };
        let region = self.map.region_at(start)?;
        let shared = |chain: &[usize]| {
            chain.iter().take_while(|&&outer| self.map.is_within(region, outer)).count()
        };
        let places = identities.iter().map(|(identity, chain)| (shared(chain), Reverse(*identity)));
        let (level, Reverse(identity)) = places.max()?;
        (level > 0 || is_turn).then_some(SharedIdPlace { identity, level })
    }

    /// Returns a bookmark of the part around.
    fn outer_identity(&mut self, name: &str) -> SharedIdPlace {
        let (kind, value) = (SharedIdKind::BookmarkName, name.to_owned());
        let one = SharedIdentity { kind, value, keeps_value: true, levels: 0, is_outer: true };
        self.found.identities.push(one);
        SharedIdPlace { identity: self.found.identities.len() - 1, level: 0 }
    }

    /// Finds for each section the bookmarks that turns rename; those in one region have the same.
    fn find_section_bookmarks(&mut self) {
        let (part, mut by_region) = (self.part, BTreeMap::new());
        for (range, _) in &part.model.sections {
            // The properties themselves are written anew, what stands before them is not.
            let at = range.start - 1;
            let region = self.map.region_at(at);
            let own = by_region.entry(region).or_insert_with(|| Arc::from(self.bookmarks_at(at)));
            let own = Arc::clone(own);
            self.found.bookmarks.push(own);
        }
    }

    /// Returns the bookmarks that turns rename, as a place has them.
    fn bookmarks_at(&mut self, at: usize) -> Vec<(String, SharedIdPlace)> {
        let kind = SharedIdKind::BookmarkName;
        let names = self.by_key.keys().filter(|(known, _)| *known == kind);
        let names: Vec<String> = names.map(|(_, name)| name.clone()).collect();
        let placed = names.into_iter().filter_map(|name| {
            let place = self.place_of_reference(kind, &name, at)?;
            Some((name, place))
        });
        placed.collect()
    }

    fn report_cut_comments(&mut self, edits: &[PartEdit]) {
        for &region in &self.ranges.cut_comments {
            let problem = Problem::warning("block-placement", msg!("template.comment-cut"));
            let problem = problem.with_hint(msg!("template.hint-comment-cut"));
            self.report_at(region, edits, problem);
        }
    }

    /// Finds the parts with tags that places in blocks show, each with the tags that open the blocks.
    fn find_graphic_parts(&mut self, edits: &[PartEdit]) {
        for (number, content) in self.part.model.attached.iter().enumerate() {
            let region = self.map.region_at(content.range.start);
            let Some(region) = region.filter(|_| content.kind == AttachedKind::GraphicPart) else {
                continue;
            };
            let opening = |at: usize| {
                let ActionPlace { edit, action } = self.map.regions[at].opening;
                match edits.get(edit)?.actions.get(action)? {
                    EditAction::Tag(at) | EditAction::OpenNth(at, _) => Some(*at),
                    _ => None,
                }
            };
            let is_branch = |at: &usize| self.map.regions[*at].kind != RegionKind::Block;
            let around = self.map.enclosing(region).filter(is_branch).filter_map(opening);
            let mut around: Vec<usize> = around.collect();
            around.reverse();
            self.found.graphic_parts.push((number, around));
        }
    }

    /// Reports a problem at the tag that opens a region.
    fn report_at(&mut self, region: usize, edits: &[PartEdit], problem: Problem) {
        let ActionPlace { edit, action } = self.map.regions[region].opening;
        let opening = edits[edit].actions.get(action);
        if let Some(EditAction::Tag(at) | EditAction::OpenNth(at, _)) = opening {
            self.found.problems.push((*at, problem));
        }
    }

    /// Adds the actions that begin turns, and those that write marks at the edges of blocks.
    fn write_actions(&mut self, edits: &mut [PartEdit]) {
        let mut before: BTreeMap<ActionPlace, Vec<EditAction>> = BTreeMap::new();
        let mut after: BTreeMap<ActionPlace, Vec<EditAction>> = BTreeMap::new();
        for MovedMark { mark, region, is_end } in &self.ranges.moved {
            self.added.push(UniqueIdSite { range: mark.clone(), kind: IdKind::Moved });
            let Some(region) = region.map(|at| &self.map.regions[at]) else { continue };
            let edge =
                if *is_end { (&mut after, region.closing) } else { (&mut before, region.opening) };
            edge.0.entry(edge.1).or_default().push(EditAction::MovedMark(mark.clone()));
        }
        for (region, turns) in std::mem::take(&mut self.turns) {
            let place = self.map.regions[region].opening;
            after.entry(place).or_default().push(EditAction::BeginTurn(turns));
        }
        let places = before.keys().chain(after.keys());
        let changed: BTreeSet<usize> = places.map(|place| place.edit).collect();
        for edit in changed {
            let actions = std::mem::take(&mut edits[edit].actions);
            for (action, step) in actions.into_iter().enumerate() {
                let place = ActionPlace { edit, action };
                let mut steps = before.remove(&place).unwrap_or_default();
                steps.push(step);
                steps.extend(after.remove(&place).unwrap_or_default());
                edits[edit].actions.extend(steps);
            }
        }
    }

    fn finish(mut self) -> SharedIdentities {
        if !self.added.is_empty() {
            self.added.extend(self.part.model.ids.iter().cloned());
            self.added.sort_by_key(|site| (site.range.start, Reverse(site.range.end)));
            self.found.sites = Some(self.added);
        }
        self.found
    }
}
