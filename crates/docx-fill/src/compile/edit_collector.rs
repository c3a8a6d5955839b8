//! Owns collecting the edits of a part: cutting tags out of their text, and putting actions at edges of what they enclose.
//! Must not know why an edit is made.

use super::block_scope::ResolvedBlocks;
use super::part_source::PartSource;
use super::placed_tag::{PlacedTag, TagProblem};
use super::tag_contents::TagContents;
use crate::diag::Problem;
use crate::ir::part::{EditAction, EditOrder, PartEdit, SectionRecord, WordInstr};
use crate::syntax::tag::TagKind;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Collects the edits of the tags of a part, whose blocks are sound.
pub(crate) struct EditCollector<'a> {
    pub(crate) part: &'a PartSource<'a>,
    pub(crate) contents: &'a TagContents,
    pub(crate) resolved: &'a ResolvedBlocks,
    /// Sections of which a block leaves some out or repeats them.
    pub(crate) sections: Vec<SectionRecord>,
    /// Blocks that hold ends of sections, by the tags that end their branches.
    pub(crate) section_blocks: BTreeMap<usize, usize>,
    pub(crate) edits: Vec<PartEdit>,
    pub(crate) word_instrs: Vec<WordInstr>,
    pub(crate) problems: Vec<TagProblem>,
    /// Changed text elements, whose spaces must be preserved.
    pub(crate) touched: BTreeSet<usize>,
    /// Paragraphs whose exact line height has been relaxed for pictures.
    pub(crate) raised_paragraphs: BTreeSet<usize>,
    /// Cells that may lose all paragraphs.
    pub(crate) guarded_cells: BTreeSet<usize>,
    /// Tables that may lose all rows.
    pub(crate) guarded_tables: BTreeSet<usize>,
    /// Tables with tags that change cells.
    pub(crate) marked_tables: BTreeSet<usize>,
    /// Picture indices by the paragraph of their description; built when a tag first needs it.
    pub(crate) described_pictures: Option<BTreeMap<usize, usize>>,
}

/// The paragraph or row that a tag encloses.
pub(crate) struct LiftTarget {
    pub(crate) range: Range<usize>,
    /// True if the element is removed with the tag.
    pub(crate) vanishes: bool,
}

impl<'a> EditCollector<'a> {
    pub(crate) fn new(
        part: &'a PartSource<'a>,
        contents: &'a TagContents,
        resolved: &'a ResolvedBlocks,
    ) -> Self {
        EditCollector {
            part,
            contents,
            resolved,
            sections: Vec::new(),
            section_blocks: BTreeMap::new(),
            edits: Vec::new(),
            word_instrs: Vec::new(),
            problems: Vec::new(),
            touched: BTreeSet::new(),
            raised_paragraphs: BTreeSet::new(),
            guarded_cells: BTreeSet::new(),
            guarded_tables: BTreeSet::new(),
            marked_tables: BTreeSet::new(),
            described_pictures: None,
        }
    }

    /// Returns a tag by its index.
    pub(crate) fn tag(&self, at: usize) -> &'a PlacedTag {
        &self.resolved.tags.list[at]
    }

    pub(crate) fn report_problem(&mut self, at: usize, problem: Problem) {
        self.problems.push((at, problem));
    }

    pub(crate) fn add_word_instr(&mut self, special: WordInstr) -> usize {
        self.word_instrs.push(special);
        self.word_instrs.len() - 1
    }

    /// Replaces a range on behalf of a tag.
    pub(crate) fn replace_range(
        &mut self,
        range: Range<usize>,
        number: usize,
        actions: Vec<EditAction>,
    ) {
        self.edits.push(PartEdit { range, order: EditOrder::Replace, number, actions });
    }

    /// Puts an action of a tag at the beginning of what it encloses.
    pub(crate) fn begin_at(&mut self, edge: usize, tag: usize, action: EditAction) {
        self.edits.push(edge_edit(edge, EditOrder::TagBegin, tag, action));
    }

    /// Puts an action of a tag at the end of what it encloses.
    pub(crate) fn end_at(&mut self, edge: usize, tag: usize, action: EditAction) {
        self.edits.push(edge_edit(edge, EditOrder::TagEnd, tag, action));
    }

    /// Moves a tag from the text to the edge of the paragraph or row that it encloses, behind other actions.
    pub(crate) fn lift_tag(
        &mut self,
        at: usize,
        enclosed: LiftTarget,
        mut before: Vec<EditAction>,
    ) {
        before.push(EditAction::Tag(at));
        let LiftTarget { range, vanishes } = enclosed;
        let ends = matches!(self.tag(at).tag.kind, TagKind::Close(_)) && !vanishes;
        let (edge, order) =
            if ends { (range.end, EditOrder::TagEnd) } else { (range.start, EditOrder::TagBegin) };
        let edit = edge_edit(edge, order, at, EditAction::Tag(at));
        self.edits.push(PartEdit { actions: before, ..edit });
    }

    /// Removes a tag from its text; the actions apply in its place.
    pub(crate) fn cut_tag(&mut self, at: usize, actions: Vec<EditAction>) {
        let item = self.tag(at);
        let (paragraph, cut, from) = (item.paragraph, &item.tag.cut, item.tag.range.start);
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
        for (range, element) in self.part.model.paragraphs[paragraph].source_ranges(range) {
            self.touched.extend(element);
            let actions = actions.take().unwrap_or_default();
            self.edits.push(PartEdit { range, order: EditOrder::Replace, number, actions });
        }
    }
}

/// Returns an edit that puts an action of a tag at an edge of what it encloses.
pub(crate) fn edge_edit(edge: usize, order: EditOrder, tag: usize, action: EditAction) -> PartEdit {
    PartEdit { range: edge..edge, order, number: tag * 2 + 1, actions: vec![action] }
}
