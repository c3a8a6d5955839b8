//! Owns making instructions of the edits of a part, in the order of the source.
//! Must not know any data, nor why an edit is where it is.

use super::compiler::Compiler;
use crate::diag::{Problem, msg};
use crate::document::part_model::IdKind;
use crate::ir::builder::InstrBuilder;
use crate::ir::part::{EditAction, WordInstr};
use crate::ir::program::{Branch, BranchKind, Instr, TagId};
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use std::collections::BTreeMap;
use std::ops::Range;

/// The instructions of a part while they are made.
#[derive(Default)]
struct Emission {
    builder: InstrBuilder,
    /// The first tag that does not fit at its place of the tree.
    crossed: Option<usize>,
    /// Rows without an item, by the tag that opens their loop.
    patterns: BTreeMap<usize, Option<Vec<Instr>>>,
}

impl Compiler<'_> {
    pub(crate) fn build_instrs(&mut self) -> Vec<Instr> {
        let mut edits = std::mem::take(&mut self.edits);
        edits.sort_by_key(|edit| (edit.range.start, edit.order, edit.number));
        let mut emission = Emission::default();
        let mut from = 0;
        for edit in &edits {
            if edit.range.start < from {
                // The edit lies within content that is removed as a whole.
                continue;
            }
            self.push_source(&mut emission.builder, from..edit.range.start);
            from = edit.range.end;
            for action in &edit.actions {
                self.apply_action(action, &mut emission);
            }
        }
        self.push_source(&mut emission.builder, from..self.source.len());
        self.edits = edits;
        self.finish_instrs(emission.builder, emission.crossed)
    }

    /// Appends the instructions of one action.
    fn apply_action(&mut self, action: &EditAction, emission: &mut Emission) {
        match action {
            EditAction::Tag(at) => {
                if !self.push_tag(&mut emission.builder, *at) {
                    emission.crossed.get_or_insert(*at);
                }
            }
            EditAction::Special(at, number) => {
                let tag = TagId::try_from(self.first_tag + at).unwrap_or(TagId::MAX);
                emission.builder.push(Instr::Special { tag, number: *number });
            }
            EditAction::Insert(text) => emission.builder.push(Instr::Insert(text.clone().into())),
            EditAction::Source(range) => self.push_source(&mut emission.builder, range.clone()),
            EditAction::OpenNth(at, index) => {
                // One tag opens a branch for each row that it fills.
                let branch = self.branch_of_tag(*at, self.tag_id(*at));
                emission.builder.open_block(Branch { kind: BranchKind::Nth(*index), ..branch });
            }
            EditAction::CloseNth { open, tagged, removed } => {
                let pattern = emission.patterns.entry(*open).or_default();
                let specials = &self.word_instrs;
                let keep = |number: usize| matches!(specials[number], WordInstr::UniqueId(..));
                if !emission.builder.close_or_blank((*tagged, *removed), pattern, &keep) {
                    emission.crossed.get_or_insert(*open);
                }
            }
            EditAction::OpenGuard(number) => emission.builder.open_guard(*number),
            EditAction::CloseGuard => {
                emission.builder.close_guard();
            }
            EditAction::OpenContentSlot(at, room, marks) => {
                self.open_content_slot(&mut emission.builder, *at, *room, marks.clone());
            }
            EditAction::CloseContentSlot => {
                emission.builder.close_content_slot();
            }
            EditAction::OpenFirstIteration(loops) => {
                emission.builder.open_block(Branch::first_iteration(*loops));
            }
            EditAction::OpenCondition(at) => {
                emission
                    .builder
                    .open_block(self.branch_of_tag(*at, self.tag_id(*at)).into_condition());
            }
            EditAction::CloseCondition(other) => {
                emission.builder.begin_branch(None);
                emission.builder.push(Instr::Insert(other.clone().into()));
                emission.builder.close_block();
            }
        }
    }

    fn finish_instrs(&mut self, builder: InstrBuilder, crossed: Option<usize>) -> Vec<Instr> {
        let ops = builder.finish();
        if (ops.is_none() || crossed.is_some()) && !self.tags.is_empty() {
            let at = crossed.unwrap_or(0);
            let message = msg!("template.crosses", name = &self.sites[at].text);
            let problem = Problem::error("block-placement", message);
            self.report_problem(at, problem.with_hint(msg!("template.hint-crosses")));
        }
        ops.unwrap_or_default()
    }

    /// Appends a range of the source. Within a loop, unique identifiers become instructions that renew them.
    fn push_source(&mut self, builder: &mut InstrBuilder, range: Range<usize>) {
        let mut from = range.start;
        if builder.is_in_loop() {
            let scan = self.model;
            let first = scan.ids.partition_point(|site| site.range.start < range.start);
            for site in scan.ids[first..].iter().take_while(|site| site.range.end <= range.end) {
                if site.range.start < from {
                    continue;
                }
                builder.push(Instr::Source(from..site.range.start));
                from = site.range.end;
                if site.kind != IdKind::Optional {
                    let value = self.source.slice(site.range.clone()).to_owned();
                    let number = self.add_word_instr(WordInstr::UniqueId(site.kind, value));
                    builder.push(Instr::Special { tag: 0, number });
                }
            }
        }
        if from < range.end {
            builder.push(Instr::Source(from..range.end));
        }
    }

    /// Appends a tag. Returns false if it does not fit at this place of the tree.
    fn push_tag(&mut self, builder: &mut InstrBuilder, at: usize) -> bool {
        let tag = self.tag_id(at);
        match &self.tags[at].tag.kind {
            TagKind::Value(_) => {
                if let Some(op) = self.value_instr(at, tag) {
                    builder.push(op);
                }
                true
            }
            TagKind::Open(_) | TagKind::Inverse(_) => {
                let branch = self.branch_of_tag(at, tag);
                builder.open_block(branch);
                if let Some(lists) = self.list_restarts.remove(&at) {
                    let number = self.add_word_instr(WordInstr::RestartLists(lists));
                    builder.push(Instr::Special { tag, number });
                }
                true
            }
            TagKind::Else(None) => builder.begin_branch(None),
            TagKind::Else(Some(_)) => {
                let branch = self.branch_of_tag(at, tag);
                builder.begin_branch(Some(branch))
            }
            TagKind::Close(_) => builder.close_block(),
            TagKind::Partial(_) => {
                if let Some(include) = self.includes.get(&at).cloned() {
                    builder.push(Instr::Include(Box::new(include)));
                }
                true
            }
            TagKind::Define(_) => {
                if let Some(inline) = self.inline_partials.get(&at).cloned() {
                    builder.add_definition(inline);
                }
                true
            }
            TagKind::DefineOpen(_) => {
                let name = self.defined_names.get(&at).cloned().unwrap_or_default();
                builder.open_definition(tag, name, self.content_kind_of(at));
                true
            }
            TagKind::Comment | TagKind::PartialOpen(_) => true,
        }
    }

    /// Returns the branch that a tag opens. A malformed tag was reported already and yields a branch that never
    /// holds.
    fn branch_of_tag(&self, at: usize, tag: TagId) -> Branch {
        self.branches.get(&at).cloned().unwrap_or_else(|| Branch::never(tag))
    }

    /// Returns the values outside of blocks for a part whose blocks do not match, so that rendering still
    /// reports their problems.
    pub(crate) fn recover_values(&mut self) -> Vec<Instr> {
        let mut ops = Vec::new();
        let mut depth = 0usize;
        for at in 0..self.tags.len() {
            match self.tags[at].tag.kind {
                TagKind::Open(_) | TagKind::Inverse(_) | TagKind::DefineOpen(_) => depth += 1,
                TagKind::Close(_) => depth = depth.saturating_sub(1),
                TagKind::Value(_) if depth == 0 => {
                    let (tag, slot) = (self.tag_id(at), self.escape_context(at));
                    ops.extend(self.values[at].clone().map(|expr| Instr::Value {
                        tag,
                        expr,
                        slot,
                    }));
                }
                _ => {}
            }
        }
        ops
    }
}
