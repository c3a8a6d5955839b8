//! Owns definitions in a part: the names that a tag may use, and the paragraphs and rows that a tag may replace
//! by defined content.
//! Must not know data, nor the arguments of includes.

use super::compiler::Compiler;
use super::definition_scopes::DefinitionScopes;
use crate::compile::block_scope::{PlacedTag, TagLevel};
use crate::diag::Problem;
use crate::diag::msg;
use crate::eval::partial_calls;
use crate::ir::builder::InstrBuilder;
use crate::ir::include;
use crate::ir::part::{EditAction, EditOrder, PartEdit};
use crate::ir::partials::PartialFault;
use crate::ir::program::{ContentKind, ContentSlot, IncludeName, InlinePartialBody};
use crate::ir::text_compiler;
use crate::slice::TextSlice as _;
use crate::syntax::tag::{MAX_NESTING, TagKind};
use std::collections::BTreeSet;
use std::ops::Range;

impl Compiler<'_> {
    /// Reads all definitions first, because a name may be used before its definition.
    pub(crate) fn read_definitions(&mut self) {
        let mut scopes = DefinitionScopes::default();
        let mut open = vec![scopes.push_scope(None, false)];
        for at in 0..self.tags.len() {
            let here = open.last().copied().unwrap_or_default();
            scopes.scope_of_tag.push(here);
            match &self.tags[at].tag.kind {
                // Blocks beyond the nesting limit are rejected later; they get no scopes of their own, since
                // scope chains are walked.
                TagKind::Open(_) | TagKind::Inverse(_) if open.len() > MAX_NESTING => {
                    open.push(here);
                }
                TagKind::Open(_) | TagKind::Inverse(_) => {
                    open.push(scopes.push_scope(Some(here), false));
                }
                TagKind::Else(_) => {
                    if open.len() > 1 {
                        open.pop();
                    }
                    let outer = open.last().copied();
                    open.push(scopes.push_scope(outer, false));
                }
                TagKind::Close(_) if open.len() > 1 => {
                    open.pop();
                }
                TagKind::DefineOpen(head) => {
                    match include::parse_defined_name(head, self.helpers) {
                        Ok(name) => {
                            scopes.define_name(here, &name, at);
                            self.defined_names.insert(at, name);
                        }
                        Err(problem) => self.report_problem(at, problem),
                    }
                    let deep = open.len() > MAX_NESTING;
                    open.push(if deep { here } else { scopes.push_scope(Some(here), true) });
                }
                TagKind::Define(define) => {
                    match text_compiler::read_definition(self.tag_id(at), define, self.helpers) {
                        Ok(inline) => {
                            self.sites[at].paths =
                                crate::eval::string_template::tag_paths(&define.body);
                            scopes.define_name(here, &inline.name, at);
                            self.inline_partials.insert(at, inline);
                        }
                        Err(problem) => self.report_problem(at, problem),
                    }
                }
                _ => {}
            }
        }
        self.scopes = scopes;
        self.check_inline_texts();
    }

    /// Reports problems within definitions that lie within one paragraph.
    fn check_inline_texts(&mut self) {
        let mut found = Vec::new();
        for (&at, inline) in &self.inline_partials {
            let InlinePartialBody::Text(body) = &inline.body else { continue };
            let known = |name: &str| self.scopes.names.contains(name);
            let faults = self.partials.check_definition(&inline.name, body, &known);
            found.extend(faults.into_iter().map(|fault| (at, fault)));
        }
        for (at, fault) in found {
            self.report_once(at, PartialFault::into_problem(fault));
        }
    }

    /// Returns the kind of content of a definition that encloses paragraphs or rows.
    pub(crate) fn content_kind_of(&self, at: usize) -> ContentKind {
        match self.tags[at].level {
            TagLevel::Row(_) => ContentKind::Rows,
            _ => ContentKind::Paragraphs,
        }
    }

    /// Reports definitions whose content cannot be moved. Returns whether there are any.
    pub(crate) fn check_definitions(&mut self, blocks: &[Vec<usize>]) -> bool {
        let mut found = Vec::new();
        for block in blocks {
            let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
            if !matches!(self.tags[open].tag.kind, TagKind::DefineOpen(_)) {
                continue;
            }
            match self.tags[open].level {
                TagLevel::Paragraph => found.extend(self.check_content(open, close)),
                TagLevel::Row(_) => {}
                // A definition within one text is a single tag, unless it crosses other blocks.
                _ => found.push((open, crossing_block(&self.sites[open].text))),
            }
        }
        let any = !found.is_empty();
        for (at, problem) in found {
            self.report_problem(at, problem);
        }
        any
    }

    fn check_content(&self, open: usize, close: usize) -> Vec<(usize, Problem)> {
        let paragraph = |at: usize| &self.model.paragraphs[self.tags[at].paragraph].range;
        let range = paragraph(open).start..paragraph(close).end;
        let mut found = Vec::new();
        let mut within = self.model.paragraphs_within(&range).iter();
        if within.any(|paragraph| paragraph.section_break) {
            let message = msg!("template.inline-section", name = &self.sites[open].text);
            let problem = Problem::error("block-placement", message);
            found.push((open, problem.with_hint(msg!("template.hint-section-break"))));
        }
        for at in open + 1..close {
            if self.is_place_bound(at, &range) {
                let message = msg!("template.inline-cell", tag = &self.sites[at].text);
                found.push((at, Problem::error("cell-place", message)));
            }
        }
        found
    }

    /// Checks whether a tag changes the cell or section in which a definition lies.
    fn is_place_bound(&self, at: usize, range: &Range<usize>) -> bool {
        let TagKind::Value(body) = &self.tags[at].tag.kind else { return false };
        let container = self.model.paragraphs[self.tags[at].paragraph].container;
        let inside =
            container.is_some_and(|cell| self.model.containers[cell].range.start >= range.start);
        let name = body.split(' ').next().unwrap_or_default();
        match self.helpers.find(name) {
            Some(helper) => helper.role.is_about_cell() && !inside,
            None => name == "section-break",
        }
    }

    /// Marks paragraphs and rows that contain only an including tag as content slots, if the part defines such
    /// content. Returns the rows.
    pub(crate) fn place_content_slots(&mut self) -> BTreeSet<usize> {
        let rooms: BTreeSet<ContentKind> =
            self.defined_names.keys().map(|&at| self.content_kind_of(at)).collect();
        let mut rows = BTreeSet::new();
        if rooms.is_empty() {
            return rows;
        }
        let bound = self.fixed_tables();
        let cell_marks = !self.marked_tables.is_empty();
        for at in self.includes.keys().copied().collect::<Vec<_>>() {
            let mut room = ContentKind::Line;
            if self.is_alone_in_paragraph(at) {
                let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
                let (range, marks) = (paragraph.range.clone(), paragraph.marks.clone());
                self.guarded_cells.extend(paragraph.container);
                self.place_content_slot(at, ContentKind::Paragraphs, range, marks);
                room = ContentKind::Paragraphs;
            }
            let row = self.row_of_lone_include(at).filter(|_| rooms.contains(&ContentKind::Rows));
            if let Some(row) = row
                && let Some(table) = self.model.rows[row].table.filter(|at| !bound.contains(at))
            {
                let range = self.model.rows[row].range.clone();
                let marks = self.model.paragraphs_within(&range).iter();
                let marks = marks.flat_map(|paragraph| paragraph.marks.clone()).collect();
                self.guarded_tables.insert(table);
                if cell_marks {
                    self.marked_tables.insert(table);
                }
                self.place_content_slot(at, ContentKind::Rows, range, marks);
                rows.insert(row);
                room = ContentKind::Rows;
            }
            self.check_content_kind(at, room);
        }
        rows
    }

    fn place_content_slot(
        &mut self,
        at: usize,
        room: ContentKind,
        range: Range<usize>,
        marks: Vec<Range<usize>>,
    ) {
        let number = at * 2 + 1;
        let mut edit = |at, class, action| {
            self.edits.push(PartEdit {
                range: at..at,
                order: class,
                number,
                actions: vec![action],
            });
        };
        edit(range.start, EditOrder::TagBegin, EditAction::OpenContentSlot(at, room, marks));
        edit(range.end, EditOrder::TagEnd, EditAction::CloseContentSlot);
    }

    pub(crate) fn open_content_slot(
        &self,
        builder: &mut InstrBuilder,
        at: usize,
        room: ContentKind,
        marks: Vec<Range<usize>>,
    ) {
        if let Some(include) = self.includes.get(&at).cloned() {
            builder.open_content_slot(ContentSlot {
                include,
                kind: room,
                range_marks: marks,
                fallback: Vec::new(),
            });
        }
    }

    /// Returns tables with loops over columns or fixed rows.
    fn fixed_tables(&self) -> BTreeSet<usize> {
        let row = |item: &PlacedTag| match item.level {
            TagLevel::FixedRow(row) => Some(row),
            TagLevel::Column(cell) => self.model.containers[cell].row,
            _ => None,
        };
        self.tags.iter().filter_map(row).filter_map(|row| self.model.rows[row].table).collect()
    }

    /// Checks whether a paragraph contains only an including tag and may be replaced by other paragraphs.
    fn is_alone_in_paragraph(&self, at: usize) -> bool {
        let number = self.tags[at].paragraph;
        let paragraph = &self.model.paragraphs[number];
        let element = self.text_element_of(at).map(|element| self.model.texts[element].name);
        !paragraph.has_non_text
            && !paragraph.not_removable
            && !paragraph.section_break
            && element == Some("w:t")
            && self.remaining_includes(number).is_some_and(|stays| stays == [at])
    }

    /// Returns the row that contains nothing but an including tag.
    fn row_of_lone_include(&self, at: usize) -> Option<usize> {
        let row = self.model.paragraphs[self.tags[at].paragraph].row?;
        let mut stays = Vec::new();
        for number in self.model.indices_within(&self.model.rows[row].range) {
            let paragraph = &self.model.paragraphs[number];
            if paragraph.has_non_text || paragraph.row != Some(row) {
                return None;
            }
            stays.extend(self.remaining_includes(number)?);
        }
        (stays == [at]).then_some(row)
    }

    /// Returns the including tags that remain in a paragraph, or `None` if it contains other text. Tags of
    /// blocks, comments and definitions are moved out and do not count.
    fn remaining_includes(&self, number: usize) -> Option<Vec<usize>> {
        let paragraph = &self.model.paragraphs[number];
        let (mut stays, mut from) = (Vec::new(), 0);
        for &at in &self.tags_by_paragraph[number] {
            let item = &self.tags[at];
            if !paragraph.text.get(from..item.tag.range.start)?.trim().is_empty() {
                return None;
            }
            from = item.tag.range.end;
            match (&item.tag.kind, item.level) {
                (TagKind::Comment | TagKind::Define(_), _) => {}
                (TagKind::Partial(_), _) => stays.push(at),
                (TagKind::Value(_), _) | (_, TagLevel::Inline { .. }) => return None,
                _ => {}
            }
        }
        paragraph.text.slice(from..).trim().is_empty().then_some(stays)
    }

    /// Reports content that does not fit at an including tag, as far as this is known without data.
    fn check_content_kind(&mut self, at: usize, room: ContentKind) {
        let Some(include) = self.includes.get(&at) else { return };
        let IncludeName::Static(name) = &include.name else { return };
        let Some(open) =
            self.scopes.find_definition(at, name).filter(|at| self.defined_names.contains_key(at))
        else {
            return;
        };
        let wanted = self.content_kind_of(open);
        let fits = wanted == room || (wanted, room) == (ContentKind::Paragraphs, ContentKind::Rows);
        if !fits || wanted == ContentKind::Paragraphs && !self.is_alone_in_paragraph(at) {
            let problem = partial_calls::misplaced_content(include, wanted);
            self.report_problem(at, problem);
        }
    }
}

fn crossing_block(name: &str) -> Problem {
    let problem = Problem::error("block-placement", msg!("template.crosses", name = name));
    problem.with_hint(msg!("template.hint-crosses"))
}
