//! Owns making instructions of the edits of a part, in the order of the source.
//! Must not know any data, nor why an edit is where it is.

use super::block_scope::ResolvedBlocks;
use super::definitions::{content_kind_of, crossing_block};
use super::escape_context::escape_context;
use super::fields::merge_fields::merge_field_tag;
use super::part_source::PartSource;
use super::placed_tag::TagProblem;
use super::placement::PlacedEdits;
use super::repetition::shared_identities::{SharedIdentities, share_identities};
use super::tag_contents::TagContents;
use super::word_instrs::word_instr;
use crate::document::part_model::UniqueIdSite;
use crate::document::shared_ids::IdKind;
use crate::ir::builder::{InstrBuilder, RowClosing};
use crate::ir::part::{
    ContentCompletion, EditAction, LinePlace, PartEdit, SectionRecord, SharedIdentity, WordInstr,
};
use crate::ir::program::{Branch, BranchKind, ContentSlot, EscapeContext, Instr, TagId};
use crate::ir::references::BookmarksInBlocks;
use crate::ir::table_rule::TableRule;
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use std::collections::BTreeMap;
use std::ops::Range;

/// The instructions of a part, with what they refer to.
#[derive(Default)]
pub(crate) struct PartCode {
    pub(crate) instrs: Vec<Instr>,
    pub(crate) word_instrs: Vec<WordInstr>,
    pub(crate) sections: Vec<SectionRecord>,
    pub(crate) guards: Vec<ContentCompletion>,
    pub(crate) identities: Vec<SharedIdentity>,
    pub(crate) in_blocks: BookmarksInBlocks,
    pub(crate) graphic_parts: Vec<(usize, Vec<usize>)>,
    pub(crate) line_places: Vec<LinePlace>,
    pub(crate) table_rules: Vec<TableRule>,
    pub(crate) problems: Vec<TagProblem>,
}

/// Makes the instructions of a part from its edits.
pub(crate) fn emit_instrs(
    part: &PartSource<'_>,
    contents: &TagContents,
    resolved: &ResolvedBlocks,
    placed: PlacedEdits,
) -> PartCode {
    let mut edits = placed.edits;
    edits.sort_by_key(|edit| (edit.range.start, edit.order, edit.number));
    let shared = share_identities(part, contents, resolved, &mut edits);
    let mut emitter = Emitter {
        part,
        contents,
        resolved,
        shared,
        list_restarts: placed.list_restarts,
        word_instrs: placed.word_instrs,
        line_places: Vec::new(),
        builder: InstrBuilder::default(),
        crossed: None,
        patterns: BTreeMap::new(),
    };
    emitter.emit_edits(&edits);
    let mut sections = placed.sections;
    for (section, bookmarks) in sections.iter_mut().zip(&mut emitter.shared.bookmarks) {
        section.bookmarks = std::mem::take(bookmarks);
    }
    let mut problems = placed.problems;
    problems.extend(emitter.crossing_problem());
    problems.append(&mut emitter.shared.problems);
    PartCode {
        // Without a problem there is a tree.
        instrs: emitter.builder.finish().unwrap_or_default(),
        word_instrs: emitter.word_instrs,
        sections,
        line_places: emitter.line_places,
        guards: placed.guards,
        identities: emitter.shared.identities,
        in_blocks: emitter.shared.in_blocks,
        graphic_parts: emitter.shared.graphic_parts,
        table_rules: placed.table_rules,
        problems,
    }
}

/// Returns the values outside of blocks for a part whose blocks do not match, so that rendering still
/// reports their problems.
pub(crate) fn recover_values(
    part: &PartSource<'_>,
    contents: &TagContents,
    resolved: &ResolvedBlocks,
) -> PartCode {
    let mut instrs = Vec::new();
    let mut depth = 0usize;
    for (at, item) in resolved.tags.list.iter().enumerate() {
        match item.tag.kind {
            TagKind::Open(_) | TagKind::Inverse(_) | TagKind::DefineOpen(_) => depth += 1,
            TagKind::Close(_) => depth = depth.saturating_sub(1),
            TagKind::Value(_) if depth == 0 => {
                let (tag, slot) = (part.tag_id(at), escape_context(part, &resolved.tags, at));
                let value = contents.values[at].clone();
                instrs.extend(value.map(|expr| Instr::Value { tag, expr, slot }));
            }
            _ => {}
        }
    }
    PartCode { instrs, ..PartCode::default() }
}

struct Emitter<'a> {
    part: &'a PartSource<'a>,
    contents: &'a TagContents,
    resolved: &'a ResolvedBlocks,
    shared: SharedIdentities,
    list_restarts: BTreeMap<usize, Vec<String>>,
    word_instrs: Vec<WordInstr>,
    line_places: Vec<LinePlace>,
    builder: InstrBuilder,
    /// The first tag that does not fit at its place of the tree.
    crossed: Option<usize>,
    /// Rows without an item, by the tag that opens their loop.
    patterns: BTreeMap<usize, Option<Vec<Instr>>>,
}

impl Emitter<'_> {
    fn emit_edits(&mut self, edits: &[PartEdit]) {
        let mut from = 0;
        for edit in edits {
            if edit.range.start < from {
                // The edit lies within content that is removed as a whole.
                continue;
            }
            self.push_source(from..edit.range.start);
            from = edit.range.end;
            for action in &edit.actions {
                self.apply_action(action);
            }
        }
        self.push_source(from..self.part.xml.len());
    }

    /// Appends the instructions of one action.
    fn apply_action(&mut self, action: &EditAction) {
        match action {
            EditAction::Tag(at) => {
                if !self.push_tag(*at) {
                    self.crossed.get_or_insert(*at);
                }
            }
            EditAction::Special(at, number) => {
                let tag = self.part.tag_id(*at);
                self.builder.push(Instr::Special { tag, number: *number });
            }
            EditAction::Insert(text) => self.builder.push(Instr::Insert(text.clone().into())),
            EditAction::Source(range) => self.push_source(range.clone()),
            EditAction::BeginTurn(places) => {
                self.push_special(0, WordInstr::BeginTurn(places.clone()));
            }
            EditAction::MovedMark(mark) => {
                self.push_sites(mark.clone(), &|site| site.kind != IdKind::Moved);
            }
            EditAction::OpenNth(at, index) => {
                // One tag opens a branch for each row that it fills.
                let branch = self.branch_of_tag(*at);
                self.builder.open_block(Branch { kind: BranchKind::Nth(*index), ..branch });
            }
            EditAction::CloseNth { open, tagged, removed } => {
                let pattern = self.patterns.entry(*open).or_default();
                let specials = &self.word_instrs;
                let keep = |number: usize| is_about_ids(&specials[number]);
                let closing = RowClosing { is_tagged: *tagged, is_removed: *removed };
                if !self.builder.close_or_blank(closing, pattern, &keep) {
                    self.crossed.get_or_insert(*open);
                }
            }
            EditAction::BeginElse => {
                self.builder.begin_branch(None);
            }
            EditAction::OpenGuard(number) => self.builder.open_guard(*number),
            EditAction::CloseGuard => {
                self.builder.close_guard();
            }
            EditAction::OpenContentSlot(at, kind, marks) => {
                if let Some(include) = self.contents.includes.get(at).cloned() {
                    let (range_marks, fallback) = (marks.clone(), Vec::new());
                    let slot = ContentSlot { include, kind: *kind, range_marks, fallback };
                    self.builder.open_content_slot(slot);
                }
            }
            EditAction::CloseContentSlot => {
                self.builder.close_content_slot();
            }
            EditAction::OpenFirstIteration(loops) => {
                self.builder.open_block(Branch::first_iteration(*loops));
            }
            EditAction::OpenCondition(at) => {
                self.builder.open_block(self.branch_of_tag(*at).into_condition());
            }
            EditAction::CloseCondition(other) => {
                self.builder.begin_branch(None);
                self.builder.push(Instr::Insert(other.clone().into()));
                self.builder.close_block();
            }
        }
    }

    /// Returns the problem of the first block that does not fit at its place of the tree.
    fn crossing_problem(&self) -> Option<TagProblem> {
        let fits = self.builder.is_complete() && self.crossed.is_none();
        if fits || self.resolved.tags.list.is_empty() {
            return None;
        }
        let at = self.crossed.unwrap_or(0);
        Some((at, crossing_block(&self.contents.sites[at].text)))
    }

    /// Appends a range of the source. Within a loop, unique identifiers become instructions that renew them.
    fn push_source(&mut self, range: Range<usize>) {
        if self.shared.is_active() || self.is_repeated() {
            self.push_sites(range, &|_| true);
        } else if !range.is_empty() {
            self.builder.push(Instr::Source(range));
        }
    }

    /// Checks whether the current place may be rendered several times.
    fn is_repeated(&self) -> bool {
        self.part.outer.is_some() || self.builder.is_in_loop()
    }

    /// Appends a range of the source with the identifiers in it that count.
    fn push_sites(&mut self, range: Range<usize>, counts: &dyn Fn(&UniqueIdSite) -> bool) {
        let in_loop = self.is_repeated();
        let shared = std::mem::take(&mut self.shared);
        let ids = shared.sites(&self.part.model.ids);
        let first = ids.partition_point(|site| site.range.start < range.start);
        let mut from = range.start;
        for site in ids[first..].iter().take_while(|site| site.range.end <= range.end) {
            if site.range.start < from || !counts(site) {
                continue;
            }
            let instr = match site.kind {
                IdKind::Moved => None,
                IdKind::Shared(..) => match shared.place_at(site.range.start) {
                    Some(place) => Some(WordInstr::SharedId(place)),
                    None => continue,
                },
                _ if !in_loop => continue,
                IdKind::Optional => None,
                kind => {
                    let value = self.part.xml.slice(site.range.clone()).to_owned();
                    Some(WordInstr::UniqueId(kind, value))
                }
            };
            self.builder.push(Instr::Source(from..site.range.start));
            from = site.range.end;
            if let Some(instr) = instr {
                self.push_special(0, instr);
            }
        }
        self.shared = shared;
        if from < range.end {
            self.builder.push(Instr::Source(from..range.end));
        }
    }

    /// Appends an instruction that only Word understands.
    fn push_special(&mut self, tag: TagId, instr: WordInstr) {
        self.builder.push(Instr::Special { tag, number: self.word_instrs.len() });
        self.word_instrs.push(instr);
    }

    /// Appends a tag. Returns false if it does not fit at this place of the tree.
    fn push_tag(&mut self, at: usize) -> bool {
        let tag = self.part.tag_id(at);
        match &self.resolved.tags.list[at].tag.kind {
            TagKind::Value(_) => self.push_value(at, tag),
            TagKind::Open(_) | TagKind::Inverse(_) => {
                self.builder.open_block(self.branch_of_tag(at));
                if let Some(lists) = self.list_restarts.remove(&at) {
                    self.push_special(tag, WordInstr::RestartLists(lists));
                }
            }
            TagKind::Else(None) => return self.builder.begin_branch(None),
            TagKind::Else(Some(_)) => {
                let branch = self.branch_of_tag(at);
                return self.builder.begin_branch(Some(branch));
            }
            TagKind::Close(_) => return self.builder.close_block(),
            TagKind::Partial(_) => {
                if let Some(include) = self.contents.includes.get(&at).cloned() {
                    if include.slot == EscapeContext::Run("w:t") {
                        let item = &self.resolved.tags.list[at];
                        self.line_places.extend(self.part.line_place(item, tag));
                    }
                    self.builder.push(Instr::Include(Box::new(include)));
                }
            }
            TagKind::Define(_) => {
                let defined = &self.contents.definitions.inline_partials;
                if let Some(inline) = defined.get(&at).cloned() {
                    self.builder.add_definition(inline);
                }
            }
            TagKind::DefineOpen(_) => {
                let names = &self.contents.definitions.block_names;
                let kind = content_kind_of(&self.resolved.tags.list[at]);
                let name = names.get(&at).cloned().unwrap_or_default();
                self.builder.open_definition(tag, name, kind);
            }
            TagKind::MergeField(number) => {
                if let Some(field) = merge_field_tag(self.part, *number) {
                    self.push_special(tag, WordInstr::MergeField(Box::new(field)));
                }
            }
            TagKind::Comment | TagKind::PartialOpen(_) => {}
        }
        true
    }

    /// Appends the instruction of a value tag.
    fn push_value(&mut self, at: usize, tag: TagId) {
        let Some(expr) = self.contents.values[at].clone() else { return };
        let slot = escape_context(self.part, &self.resolved.tags, at);
        match word_instr(self.part, &self.resolved.tags.list[at], &expr, slot) {
            Some(instr) => self.push_special(tag, instr),
            None => {
                if slot == EscapeContext::Run("w:t") {
                    self.line_places
                        .extend(self.part.line_place(&self.resolved.tags.list[at], tag));
                }
                self.builder.push(Instr::Value { tag, expr, slot });
            }
        }
    }

    /// Returns the branch that a tag opens. A malformed tag was reported already and yields a branch that never
    /// holds.
    fn branch_of_tag(&self, at: usize) -> Branch {
        let branch = self.contents.branches.get(&at).cloned();
        branch.unwrap_or_else(|| Branch::never(self.part.tag_id(at)))
    }
}

/// Checks whether an instruction is about identifiers, which a row without data needs too.
fn is_about_ids(instr: &WordInstr) -> bool {
    matches!(
        instr,
        WordInstr::UniqueId(..)
            | WordInstr::SharedId(_)
            | WordInstr::BeginTurn(_)
            | WordInstr::BeginAttached(_)
    )
}
