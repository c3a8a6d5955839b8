//! Owns content slots: paragraphs and rows that contain nothing but an including tag, which defined content may replace.
//! Must not know data, nor the arguments of includes.

use super::definitions::content_kind_of;
use super::edit_collector::EditCollector;
use super::placed_tag::{PlacedTag, TagLevel};
use crate::eval::partial_calls;
use crate::ir::part::EditAction;
use crate::ir::program::{ContentKind, IncludeName};
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use std::collections::BTreeSet;

impl EditCollector<'_> {
    /// Marks paragraphs and rows that contain only an including tag as content slots, if the part defines such
    /// content. Returns the rows.
    pub(crate) fn place_content_slots(&mut self) -> BTreeSet<usize> {
        let rooms: BTreeSet<ContentKind> =
            self.block_definitions().map(|at| content_kind_of(self.tag(at))).collect();
        let mut rows = BTreeSet::new();
        if rooms.is_empty() {
            return rows;
        }
        let bound = self.fixed_tables();
        let cell_marks = !self.marked_tables.is_empty();
        for &at in self.contents.includes.keys() {
            let mut room = ContentKind::Line;
            if self.is_alone_in_paragraph(at) {
                let paragraph = self.part.paragraph_of(self.tag(at));
                let (range, marks) = (paragraph.range.clone(), paragraph.marks.clone());
                self.guarded_cells.extend(paragraph.container);
                let open = EditAction::OpenContentSlot(at, ContentKind::Paragraphs, marks);
                self.begin_at(range.start, at, open);
                self.end_at(range.end, at, EditAction::CloseContentSlot);
                room = ContentKind::Paragraphs;
            }
            let row = self.row_of_lone_include(at).filter(|_| rooms.contains(&ContentKind::Rows));
            if let Some(row) = row
                && let Some(table) =
                    self.part.model.rows[row].table.filter(|at| !bound.contains(at))
            {
                let range = self.part.model.rows[row].range.clone();
                let marks = self.part.model.paragraphs_within(&range).iter();
                let marks = marks.flat_map(|paragraph| paragraph.marks.clone()).collect();
                self.guarded_tables.insert(table);
                if cell_marks {
                    self.marked_tables.insert(table);
                }
                let open = EditAction::OpenContentSlot(at, ContentKind::Rows, marks);
                self.begin_at(range.start, at, open);
                self.end_at(range.end, at, EditAction::CloseContentSlot);
                rows.insert(row);
                room = ContentKind::Rows;
            }
            self.check_content_kind(at, room);
        }
        rows
    }

    /// Returns the opening tags of definitions that enclose paragraphs or rows.
    fn block_definitions(&self) -> impl Iterator<Item = usize> {
        self.contents.definitions.block_names.keys().copied()
    }

    /// Returns tables with loops over columns or fixed rows.
    fn fixed_tables(&self) -> BTreeSet<usize> {
        let row = |item: &PlacedTag| match item.level {
            TagLevel::FixedRow(row) => Some(row),
            TagLevel::Column(cell) => self.part.model.containers[cell].row,
            _ => None,
        };
        self.resolved
            .tags
            .list
            .iter()
            .filter_map(row)
            .filter_map(|row| self.part.model.rows[row].table)
            .collect()
    }

    /// Checks whether a paragraph contains only an including tag and may be replaced by other paragraphs.
    fn is_alone_in_paragraph(&self, at: usize) -> bool {
        let item = self.tag(at);
        let paragraph = self.part.paragraph_of(item);
        !paragraph.has_non_text
            && !paragraph.not_removable
            && !paragraph.section_break
            && self.part.is_plain_text(item)
            && self.remaining_includes(item.paragraph).is_some_and(|stays| stays == [at])
    }

    /// Returns the row that contains nothing but an including tag.
    fn row_of_lone_include(&self, at: usize) -> Option<usize> {
        let row = self.part.paragraph_of(self.tag(at)).row?;
        let mut stays = Vec::new();
        for number in self.part.model.indices_within(&self.part.model.rows[row].range) {
            let paragraph = &self.part.model.paragraphs[number];
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
        let paragraph = &self.part.model.paragraphs[number];
        let (mut stays, mut from) = (Vec::new(), 0);
        for &at in &self.resolved.tags.by_paragraph[number] {
            let item = self.tag(at);
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
        let Some(include) = self.contents.includes.get(&at) else { return };
        let IncludeName::Static(name) = &include.name else { return };
        let defined = &self.contents.definitions;
        let open = defined.scopes.find_definition(at, name);
        let Some(open) = open.filter(|at| defined.block_names.contains_key(at)) else { return };
        let wanted = content_kind_of(self.tag(open));
        let fits = wanted == room || (wanted, room) == (ContentKind::Paragraphs, ContentKind::Rows);
        if !fits || wanted == ContentKind::Paragraphs && !self.is_alone_in_paragraph(at) {
            let problem = partial_calls::misplaced_content(include, wanted);
            self.report_problem(at, problem);
        }
    }
}
