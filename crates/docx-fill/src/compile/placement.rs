//! Owns the placing of tags: for each tag the edits of the source that put its instruction where it belongs, and take its
//! text away.
//! Must not know any data, nor how edits become instructions.

use super::block_scope::TagLevel;
use super::compiler::{Compiler, opening_of};
use crate::ir::part::{EditAction, EditOrder, PartEdit};
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use std::collections::BTreeSet;
use std::ops::Range;

impl Compiler<'_> {
    pub(crate) fn place_tags(&mut self, lone: &[bool], tag_rows: &BTreeSet<usize>) {
        let mut removed_rows = BTreeSet::new();
        for at in 0..self.tags.len() {
            let (paragraph, level) = (self.tags[at].paragraph, self.tags[at].level);
            match level {
                TagLevel::Row(row) => {
                    self.guarded_tables.extend(self.model.rows[row].table);
                    self.lift_tag(at, self.model.rows[row].range.clone(), tag_rows.contains(&row));
                    if tag_rows.contains(&row) {
                        if removed_rows.insert(row) {
                            self.remove_row(row);
                        }
                    } else if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                TagLevel::FixedRow(row) if tag_rows.contains(&row) => {
                    if removed_rows.insert(row) {
                        self.remove_row(row);
                    }
                }
                TagLevel::FixedRow(_) | TagLevel::Column(_) => {
                    if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                TagLevel::Paragraph => {
                    let found = &self.model.paragraphs[paragraph];
                    self.guarded_cells.extend(found.container);
                    self.lift_tag(at, found.range.clone(), lone[paragraph]);
                    if !lone[paragraph] {
                        self.cut_tag(at, Vec::new());
                    }
                }
                TagLevel::Inline { .. }
                    if self.inline_partials.contains_key(&at) && lone[paragraph] =>
                {
                    self.lift_tag(at, self.model.paragraphs[paragraph].range.clone(), true);
                }
                TagLevel::Inline { split } => {
                    if !(lone[paragraph] && self.tags[at].tag.kind == TagKind::Comment) {
                        self.place_inline(at, split);
                    }
                }
            }
        }
        for (at, lone) in lone.iter().enumerate() {
            if *lone {
                self.remove_paragraph(at);
            }
        }
    }

    /// Moves a tag from the text to the edge of the paragraph or row that it encloses.
    pub(crate) fn lift_tag(&mut self, at: usize, range: Range<usize>, vanishes: bool) {
        let ends = matches!(self.tags[at].tag.kind, TagKind::Close(_)) && !vanishes;
        let (edge, class) =
            if ends { (range.end, EditOrder::TagEnd) } else { (range.start, EditOrder::TagBegin) };
        let actions = vec![EditAction::Tag(at)];
        self.edits.push(PartEdit { range: edge..edge, order: class, number: at * 2 + 1, actions });
    }

    pub(crate) fn remove_paragraph(&mut self, at: usize) {
        let paragraph = &self.model.paragraphs[at];
        let tags = &self.tags_by_paragraph[at];
        // Range marks must not be repeated, so they are kept before the beginning of a block or after its end.
        let begins = tags.iter().any(|&tag| {
            let kind = &self.tags[tag].tag.kind;
            opening_of(kind).is_some() || matches!(kind, TagKind::DefineOpen(_))
        });
        let marks: Vec<EditAction> =
            paragraph.marks.iter().cloned().map(EditAction::Source).collect();
        let (mut before, mut instead) = (Vec::new(), Vec::new());
        if begins {
            before = marks;
        } else {
            instead = marks;
        }
        let (range, number) = (paragraph.range.clone(), tags[0] * 2);
        let start = range.start..range.start;
        self.guarded_cells.extend(paragraph.container);
        if !before.is_empty() {
            self.edits.push(PartEdit {
                range: start,
                order: EditOrder::TagBegin,
                number,
                actions: before,
            });
        }
        self.edits.push(PartEdit { range, order: EditOrder::Replace, number, actions: instead });
    }

    pub(crate) fn remove_row(&mut self, row: usize) {
        let range = self.model.rows[row].range.clone();
        let marks = self.model.paragraphs_within(&range).iter().flat_map(|found| &found.marks);
        let actions = marks.cloned().map(EditAction::Source).collect();
        self.edits.push(PartEdit {
            range: range.clone(),
            order: EditOrder::Replace,
            number: 0,
            actions,
        });
    }

    pub(crate) fn place_inline(&mut self, at: usize, split: bool) {
        if self.place_special(at) {
            // The special instruction is placed elsewhere.
        } else if split {
            self.place_split(at);
        } else {
            let actions = match self.tags[at].tag.kind {
                TagKind::Comment => Vec::new(),
                _ => vec![EditAction::Tag(at)],
            };
            self.cut_tag(at, actions);
        }
    }

    /// Places a tag of a block that spans several runs: closes the run before it and opens an equal one after
    /// it.
    pub(crate) fn place_split(&mut self, at: usize) {
        let Some(element) = self.text_element_of(at) else { return };
        let element = &self.model.texts[element];
        let run_name = if element.name.starts_with("a:") { "a:r" } else { "w:r" };
        let properties = self.run_properties(at);
        let space = if run_name == "w:r" { " xml:space=\"preserve\"" } else { "" };
        let name = element.name;
        let actions = vec![
            EditAction::Insert(format!("</{name}></{run_name}>")),
            EditAction::Tag(at),
            EditAction::Insert(format!("<{run_name}>{properties}<{name}{space}>")),
        ];
        self.cut_tag(at, actions);
    }

    pub(crate) fn text_element_of(&self, at: usize) -> Option<usize> {
        let item = &self.tags[at];
        self.model.paragraphs[item.paragraph].element_at(item.tag.range.start)
    }

    /// Returns `<w:rPr>…</w:rPr>` of the run in which a tag begins, or an empty string.
    pub(crate) fn run_properties(&self, at: usize) -> String {
        let run = self.text_element_of(at).and_then(|element| self.model.texts[element].run);
        let range = run.and_then(|run| self.model.runs[run].properties.clone());
        range.map(|range| self.source.slice(range).to_owned()).unwrap_or_default()
    }

    pub(crate) fn cut_tag(&mut self, at: usize, actions: Vec<EditAction>) {
        let item = &self.tags[at];
        let (paragraph, cut, from) = (item.paragraph, item.tag.cut.clone(), item.tag.range.start);
        // Spaces that `~` removes before the tag may be in an earlier run, to which the value must not move.
        if cut.start < from {
            self.cut_text(paragraph, &(cut.start..from), Vec::new(), at * 2);
        }
        self.cut_text(paragraph, &(from..cut.end), actions, at * 2);
    }

    /// Removes a range of a paragraph's text; the actions apply at its beginning.
    pub(crate) fn cut_text(
        &mut self,
        paragraph: usize,
        range: &Range<usize>,
        actions: Vec<EditAction>,
        number: usize,
    ) {
        let mut actions = Some(actions);
        for (range, element) in self.model.paragraphs[paragraph].source_ranges(range) {
            self.touched.extend(element);
            let actions = actions.take().unwrap_or_default();
            self.edits.push(PartEdit { range, order: EditOrder::Replace, number, actions });
        }
    }
}
