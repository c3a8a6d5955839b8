//! Owns finding tables that may come to stand directly behind another, where Word would join them.
//! Must not know data.

use crate::compile::edit_collector::EditCollector;
use crate::compile::placed_tag::{PlacedTag, TagLevel};
use crate::helper::HelperRole;
use crate::ir::part::{EditAction, EditOrder, PartEdit, WordInstr};
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::syntax::tag::TagKind;
use crate::word::block_ends::without_range_marks;

/// Maximum number of paragraphs that are looked at to find the one before a table.
const MAX_STEPS: usize = 256;

impl EditCollector<'_> {
    /// Keeps tables apart that follow a paragraph which goes with its tags or is replaced.
    pub(crate) fn place_table_gaps(&mut self) {
        for table in &self.part.model.tables {
            if self.paragraph_before(table.start).is_some_and(|at| self.may_go(at)) {
                let number = self.add_word_instr(WordInstr::KeepTablesApart);
                let (range, order) = (table.start..table.start, EditOrder::Replace);
                let actions = vec![EditAction::Special(0, number)];
                self.edits.push(PartEdit { range, order, number: 0, actions });
            }
        }
    }

    /// Returns the paragraph that ends directly before a place.
    fn paragraph_before(&self, at: usize) -> Option<usize> {
        let end = without_range_marks(self.part.xml.slice(..at)).len();
        let paragraphs = &self.part.model.paragraphs;
        let last = paragraphs.partition_point(|paragraph| paragraph.range.start < end);
        let near = last.saturating_sub(MAX_STEPS)..last;
        near.rev().find(|at| paragraphs[*at].range.end == end && !paragraphs[*at].not_removable)
    }

    /// Checks whether a paragraph may be missing in the output while what follows it is there.
    fn may_go(&self, at: usize) -> bool {
        let mut tags = self.resolved.tags.by_paragraph[at].iter();
        self.resolved.tag_only[at] || tags.any(|&tag| self.takes_paragraph(tag, self.tag(tag)))
    }

    fn takes_paragraph(&self, at: usize, item: &PlacedTag) -> bool {
        match &item.tag.kind {
            TagKind::Close(_) => item.level == TagLevel::Paragraph,
            TagKind::Partial(_) => true,
            TagKind::Value(_) => match &self.contents.values[at] {
                Some(Expr::Call(call)) => {
                    matches!(call.helper.role, HelperRole::Markdown | HelperRole::Document)
                }
                _ => false,
            },
            _ => false,
        }
    }
}
