//! Owns definitions in a part: which names a tag may use, and the paragraphs and rows that are there only
//! for a tag which includes some.
//! Must not know data, nor what a definition is called with.

use super::compiler::Compiler;
use super::definition_scopes::Scopes;
use crate::compile::block_scope::{Item, Level};
use crate::diag::Problem;
use crate::diag::text;
use crate::eval::partial_calls;
use crate::ir::builder::Builder;
use crate::ir::include;
use crate::ir::part::{Action, Class, Edit};
use crate::ir::partials::Fault;
use crate::ir::program::{IncludeName, InlineBody, Room, Stand};
use crate::ir::text_compiler;
use crate::slice::TextSlice as _;
use crate::syntax::tag::{Kind, MAX_NESTING};
use std::collections::BTreeSet;
use std::ops::Range;

impl Compiler<'_> {
    /// Reads what is defined, since a name may be used before its definition.
    pub(crate) fn read_definitions(&mut self) {
        let mut scopes = Scopes::default();
        let mut open = vec![scopes.push(None, false)];
        for at in 0..self.items.len() {
            let here = open.last().copied().unwrap_or_default();
            scopes.of.push(here);
            match &self.items[at].tag.kind {
                // What is nested too deeply is refused; a chain of scopes without end would be walked through.
                Kind::Open(_) | Kind::Inverse(_) if open.len() > MAX_NESTING => open.push(here),
                Kind::Open(_) | Kind::Inverse(_) => open.push(scopes.push(Some(here), false)),
                Kind::Else(_) => {
                    if open.len() > 1 {
                        open.pop();
                    }
                    let outer = open.last().copied();
                    open.push(scopes.push(outer, false));
                }
                Kind::Close(_) if open.len() > 1 => {
                    open.pop();
                }
                Kind::DefineOpen(head) => {
                    match include::defined_name(head) {
                        Ok(name) => {
                            scopes.define(here, &name, at);
                            self.defined.insert(at, name);
                        }
                        Err(problem) => self.report(at, problem),
                    }
                    let deep = open.len() > MAX_NESTING;
                    open.push(if deep { here } else { scopes.push(Some(here), true) });
                }
                Kind::Define(define) => {
                    match text_compiler::read_definition(self.tag(at), define) {
                        Ok(inline) => {
                            self.sites[at].paths =
                                crate::eval::string_template::paths(&define.body);
                            scopes.define(here, &inline.name, at);
                            self.inlines.insert(at, inline);
                        }
                        Err(problem) => self.report(at, problem),
                    }
                }
                _ => {}
            }
        }
        self.scopes = scopes;
        self.check_texts();
    }

    /// What is wrong within the definitions that stand in one paragraph.
    fn check_texts(&mut self) {
        let mut found = Vec::new();
        for (&at, inline) in &self.inlines {
            let InlineBody::Text(body) = &inline.body else { continue };
            let known = |name: &str| self.scopes.names.contains(name);
            let faults = self.partials.check_inline(&inline.name, body, &known);
            found.extend(faults.into_iter().map(|fault| (at, fault)));
        }
        for (at, fault) in found {
            self.report_once(at, Fault::told(fault));
        }
    }

    /// What the definition that a tag opens holds.
    pub(crate) fn room_of(&self, at: usize) -> Room {
        match self.items[at].level {
            Level::Row(_) => Room::Rows,
            _ => Room::Paragraphs,
        }
    }

    /// Reports content that could not stand elsewhere; whether there is any.
    pub(crate) fn check_definitions(&mut self, blocks: &[Vec<usize>]) -> bool {
        let mut found = Vec::new();
        for block in blocks {
            let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
            if !matches!(self.items[open].tag.kind, Kind::DefineOpen(_)) {
                continue;
            }
            match self.items[open].level {
                Level::Paragraph => found.extend(self.content_faults(open, close)),
                Level::Row(_) => {}
                // Two tags of one text are one tag, or cross others.
                _ => found.push((open, crosses(&self.sites[open].text))),
            }
        }
        let any = !found.is_empty();
        for (at, problem) in found {
            self.report(at, problem);
        }
        any
    }

    fn content_faults(&self, open: usize, close: usize) -> Vec<(usize, Problem)> {
        let paragraph = |at: usize| &self.scan.paragraphs[self.items[at].paragraph].range;
        let range = paragraph(open).start..paragraph(close).end;
        let mut found = Vec::new();
        let mut within = self.scan.paragraphs_within(&range).iter();
        if within.any(|paragraph| paragraph.section_break) {
            let message = text!("template.inline-section", name = &self.sites[open].text);
            let problem = Problem::error("block-placement", message);
            found.push((open, problem.hint(text!("template.hint-section-break"))));
        }
        for at in open + 1..close {
            if self.is_bound(at, &range) {
                let message = text!("template.inline-cell", tag = &self.sites[at].text);
                found.push((at, Problem::error("cell-place", message)));
            }
        }
        found
    }

    /// Whether a tag is about the cell or the section that a definition stands in.
    fn is_bound(&self, at: usize, range: &Range<usize>) -> bool {
        let Kind::Value(body) = &self.items[at].tag.kind else { return false };
        let container = self.scan.paragraphs[self.items[at].paragraph].container;
        let inside = container.is_some_and(|cell| self.scan.cells[cell].range.start >= range.start);
        match body.split(' ').next() {
            Some("merge" | "span" | "shade") => !inside,
            Some("section-break") => true,
            _ => false,
        }
    }

    /// Marks the paragraphs and rows that are there only for a tag which includes something, where the
    /// part defines such content; gives the rows.
    pub(crate) fn place_stands(&mut self) -> BTreeSet<usize> {
        let rooms: BTreeSet<Room> = self.defined.keys().map(|&at| self.room_of(at)).collect();
        let mut rows = BTreeSet::new();
        if rooms.is_empty() {
            return rows;
        }
        let bound = self.bound_tables();
        let cell_marks = !self.marked_tables.is_empty();
        for at in self.includes.keys().copied().collect::<Vec<_>>() {
            let mut room = Room::Line;
            if self.is_alone(at) {
                let paragraph = &self.scan.paragraphs[self.items[at].paragraph];
                let (range, marks) = (paragraph.range.clone(), paragraph.marks.clone());
                self.guarded_cells.extend(paragraph.container);
                self.place_stand(at, Room::Paragraphs, range, marks);
                room = Room::Paragraphs;
            }
            let row = self.row_alone(at).filter(|_| rooms.contains(&Room::Rows));
            if let Some(row) = row
                && let Some(table) = self.scan.rows[row].table.filter(|at| !bound.contains(at))
            {
                let range = self.scan.rows[row].range.clone();
                let marks = self.scan.paragraphs_within(&range).iter();
                let marks = marks.flat_map(|paragraph| paragraph.marks.clone()).collect();
                self.guarded_tables.insert(table);
                if cell_marks {
                    self.marked_tables.insert(table);
                }
                self.place_stand(at, Room::Rows, range, marks);
                rows.insert(row);
                room = Room::Rows;
            }
            self.check_room(at, room);
        }
        rows
    }

    fn place_stand(
        &mut self,
        at: usize,
        room: Room,
        range: Range<usize>,
        marks: Vec<Range<usize>>,
    ) {
        let number = at * 2 + 1;
        let mut edit = |at, class, action| {
            self.edits.push(Edit { range: at..at, class, number, actions: vec![action] });
        };
        edit(range.start, Class::TagBegin, Action::OpenStand(at, room, marks));
        edit(range.end, Class::TagEnd, Action::CloseStand);
    }

    pub(crate) fn open_stand(
        &self,
        builder: &mut Builder,
        at: usize,
        room: Room,
        marks: Vec<Range<usize>>,
    ) {
        if let Some(include) = self.includes.get(&at).cloned() {
            builder.open_stand(Stand { include, room, marks, otherwise: Vec::new() });
        }
    }

    /// Tables whose rows or columns are told one by one.
    fn bound_tables(&self) -> BTreeSet<usize> {
        let row = |item: &Item| match item.level {
            Level::FixedRow(row) => Some(row),
            Level::Column(cell) => self.scan.cells[cell].row,
            _ => None,
        };
        self.items.iter().filter_map(row).filter_map(|row| self.scan.rows[row].table).collect()
    }

    /// Whether a paragraph is there only for a tag that includes something, and may give way to others.
    fn is_alone(&self, at: usize) -> bool {
        let number = self.items[at].paragraph;
        let paragraph = &self.scan.paragraphs[number];
        let element = self.element_of(at).map(|element| self.scan.texts[element].name);
        !paragraph.solid
            && !paragraph.fixed
            && !paragraph.section_break
            && element == Some("w:t")
            && self.stays(number).is_some_and(|stays| stays == [at])
    }

    /// The row that is there only for a tag.
    fn row_alone(&self, at: usize) -> Option<usize> {
        let row = self.scan.paragraphs[self.items[at].paragraph].row?;
        let mut stays = Vec::new();
        for number in self.scan.indices_within(&self.scan.rows[row].range) {
            let paragraph = &self.scan.paragraphs[number];
            if paragraph.solid || paragraph.row != Some(row) {
                return None;
            }
            stays.extend(self.stays(number)?);
        }
        (stays == [at]).then_some(row)
    }

    /// The tags that stay in a paragraph, if they include something and there is no other text: blocks
    /// begin and end around it, comments and definitions leave.
    fn stays(&self, number: usize) -> Option<Vec<usize>> {
        let paragraph = &self.scan.paragraphs[number];
        let (mut stays, mut from) = (Vec::new(), 0);
        for &at in &self.by_paragraph[number] {
            let item = &self.items[at];
            if !paragraph.text.get(from..item.tag.range.start)?.trim().is_empty() {
                return None;
            }
            from = item.tag.range.end;
            match (&item.tag.kind, item.level) {
                (Kind::Comment | Kind::Define(_), _) => {}
                (Kind::Partial(_), _) => stays.push(at),
                (Kind::Value(_), _) | (_, Level::Inline { .. }) => return None,
                _ => {}
            }
        }
        paragraph.text.slice(from..).trim().is_empty().then_some(stays)
    }

    /// Content that does not fit where a tag includes it, as far as that is known without data.
    fn check_room(&mut self, at: usize, room: Room) {
        let Some(include) = self.includes.get(&at) else { return };
        let IncludeName::Static(name) = &include.name else { return };
        let Some(open) = self.scopes.find(at, name).filter(|at| self.defined.contains_key(at))
        else {
            return;
        };
        let wanted = self.room_of(open);
        let fits = wanted == room || (wanted, room) == (Room::Paragraphs, Room::Rows);
        if !fits || wanted == Room::Paragraphs && !self.is_alone(at) {
            let problem = partial_calls::misplaced(include, wanted);
            self.report(at, problem);
        }
    }
}

fn crosses(name: &str) -> Problem {
    let problem = Problem::error("block-placement", text!("template.crosses", name = name));
    problem.hint(text!("template.hint-crosses"))
}
