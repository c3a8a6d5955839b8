//! Owns the placing of tags: for each tag the edits of the source that put its instruction where it belongs, and take its
//! text away.
//! Must not know any data, nor how edits become instructions.

use super::block_scope::ResolvedBlocks;
use super::cleanup;
use super::edit_collector::{EditCollector, LiftTarget};
use super::flow::list_restart::find_list_restarts;
use super::part_source::PartSource;
use super::placed_tag::{TagLevel, TagProblem};
use super::tables::table_rules::{PlacedBlocks, table_rules};
use super::tables::vertical_merge;
use super::tag_contents::TagContents;
use crate::ir::part::{
    ContentCompletion, EditAction, EditOrder, PartEdit, SectionRecord, WordInstr,
};
use crate::ir::table_rule::TableRule;
use crate::syntax::tag::TagKind;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The edits of a part, with what they refer to.
#[derive(Default)]
pub(crate) struct PlacedEdits {
    /// In no order.
    pub(crate) edits: Vec<PartEdit>,
    pub(crate) word_instrs: Vec<WordInstr>,
    pub(crate) sections: Vec<SectionRecord>,
    pub(crate) guards: Vec<ContentCompletion>,
    pub(crate) table_rules: Vec<TableRule>,
    /// Numbered lists that restart in each iteration, by the tag that opens the loop.
    pub(crate) list_restarts: BTreeMap<usize, Vec<String>>,
    pub(crate) problems: Vec<TagProblem>,
}

/// Makes the edits of all tags, whose blocks are sound.
pub(crate) fn place_tags(
    part: &PartSource<'_>,
    contents: &TagContents,
    resolved: &ResolvedBlocks,
    escapes: &[(usize, Range<usize>)],
) -> PlacedEdits {
    let (source, model) = (part.xml, part.model);
    let (tags, blocks) = (resolved.tags.list.as_slice(), resolved.pairs.blocks.as_slice());
    let mut collector = EditCollector::new(part, contents, resolved);
    for (paragraph, range) in escapes {
        collector.cut_text(*paragraph, range, Vec::new(), 0);
    }
    collector.find_sections();
    collector.place_each_tag();
    collector.place_section_headers();
    let slots = collector.place_content_slots();
    collector.place_table_loops();
    collector.place_table_gaps();
    let EditCollector {
        sections,
        mut edits,
        mut word_instrs,
        problems,
        touched,
        guarded_cells,
        guarded_tables,
        marked_tables,
        ..
    } = collector;
    let placed = PlacedBlocks { tags, blocks, helpers: part.helpers };
    edits.extend(vertical_merge::grow_merged_cells(
        source,
        model,
        tags,
        &resolved.tag_rows,
        blocks,
    ));
    let guarded = cleanup::GuardedContent {
        cells: &guarded_cells,
        tables: &guarded_tables,
        marked_tables: &marked_tables,
    };
    let (guard_edits, mut guards) = cleanup::collect_guards(source, model, guarded);
    edits.extend(guard_edits);
    edits.extend(cleanup::guard_controls(part, tags, &mut guards));
    edits.extend(cleanup::guard_attached(model, &mut guards, &mut word_instrs));
    edits.extend(cleanup::unbind_controls(model, tags));
    edits.extend(cleanup::preserve_spaces(model, &touched));
    edits.extend(cleanup::mark_stale_fields(part));
    let lists = find_list_restarts(part, resolved);
    edits.extend(lists.place_styled_lists(part, &mut word_instrs));
    PlacedEdits {
        edits,
        word_instrs,
        sections,
        guards,
        table_rules: table_rules(model, placed, &marked_tables, &slots),
        list_restarts: lists.by_loop,
        problems,
    }
}

impl EditCollector<'_> {
    fn place_each_tag(&mut self) {
        let mut removed_rows = BTreeSet::new();
        for at in 0..self.resolved.tags.list.len() {
            self.place_tag(at, &mut removed_rows);
        }
        for (at, tag_only) in self.resolved.tag_only.iter().enumerate() {
            if *tag_only {
                self.remove_paragraph(at);
            }
        }
    }

    fn place_tag(&mut self, at: usize, removed_rows: &mut BTreeSet<usize>) {
        let item = self.tag(at);
        let paragraph = self.part.paragraph_of(item);
        let tag_only = self.resolved.tag_only[item.paragraph];
        let vanishes = item.row().is_some_and(|row| self.resolved.tag_rows.contains(&row));
        match item.level {
            TagLevel::Row(row) => {
                let found = &self.part.model.rows[row];
                self.guarded_tables.extend(found.table);
                let range = found.range.clone();
                self.lift_tag(at, LiftTarget { range, vanishes }, Vec::new());
            }
            TagLevel::Paragraph => {
                self.guarded_cells.extend(paragraph.container);
                let before = self.section_end_before(at);
                let (range, vanishes) = (paragraph.range.clone(), tag_only);
                self.lift_tag(at, LiftTarget { range, vanishes }, before);
            }
            TagLevel::Inline { .. } if tag_only && self.is_inline_partial(at) => {
                let range = paragraph.range.clone();
                let enclosed = LiftTarget { range, vanishes: true };
                return self.lift_tag(at, enclosed, Vec::new());
            }
            TagLevel::Inline { split } => {
                if !(tag_only && item.tag.kind == TagKind::Comment) {
                    self.place_inline(at, split);
                }
                return;
            }
            TagLevel::FixedRow(_) | TagLevel::Column(_) => {}
        }
        if let Some(row) = item.row().filter(|_| vanishes) {
            if removed_rows.insert(row) {
                self.remove_row(row);
            }
        } else if !tag_only {
            self.cut_tag(at, Vec::new());
        }
    }

    fn is_inline_partial(&self, at: usize) -> bool {
        self.contents.definitions.inline_partials.contains_key(&at)
    }

    fn place_table_loops(&mut self) {
        let tag_rows: Vec<usize> = self.resolved.tag_rows.iter().copied().collect();
        for block in &self.resolved.pairs.blocks {
            if let &[open, close] = block.as_slice() {
                self.place_columns(open, close);
                self.place_fixed_rows(open, close, &tag_rows);
            }
        }
    }

    fn remove_paragraph(&mut self, at: usize) {
        let paragraph = &self.part.model.paragraphs[at];
        let tags = &self.resolved.tags.by_paragraph[at];
        // Range marks must not be repeated, so they are kept before the beginning of a block or after its end.
        let begins = tags.iter().any(|&tag| {
            let item = self.tag(tag);
            item.opening().is_some() || matches!(item.tag.kind, TagKind::DefineOpen(_))
        });
        let marks: Vec<EditAction> =
            paragraph.marks.iter().cloned().map(EditAction::Source).collect();
        let (before, instead) = if begins { (marks, Vec::new()) } else { (Vec::new(), marks) };
        let (range, number) = (paragraph.range.clone(), tags[0] * 2);
        self.guarded_cells.extend(paragraph.container);
        if !before.is_empty() {
            let range = range.start..range.start;
            let order = EditOrder::TagBegin;
            self.edits.push(PartEdit { range, order, number, actions: before });
        }
        self.replace_range(range, number, instead);
    }

    fn remove_row(&mut self, row: usize) {
        let range = self.part.model.rows[row].range.clone();
        let marks = self.part.model.paragraphs_within(&range).iter().flat_map(|found| &found.marks);
        let actions = marks.cloned().map(EditAction::Source).collect();
        self.replace_range(range, 0, actions);
    }

    fn place_inline(&mut self, at: usize, split: bool) {
        if self.place_special(at) {
            // The special instruction is placed elsewhere.
        } else if split {
            self.place_split(at);
        } else {
            let actions = match self.tag(at).tag.kind {
                TagKind::Comment => Vec::new(),
                _ => vec![EditAction::Tag(at)],
            };
            self.cut_tag(at, actions);
        }
    }

    /// Places a tag of a block that spans several runs: closes the run before it and opens an equal one after
    /// it.
    fn place_split(&mut self, at: usize) {
        let Some(element) = self.part.text_element_of(self.tag(at)) else { return };
        let name = self.part.model.texts[element].name;
        let run_name = if name.starts_with("a:") { "a:r" } else { "w:r" };
        let properties = self.part.run_properties(self.tag(at));
        let space = if run_name == "w:r" { " xml:space=\"preserve\"" } else { "" };
        let actions = vec![
            EditAction::Insert(format!("</{name}></{run_name}>")),
            EditAction::Tag(at),
            EditAction::Insert(format!("<{run_name}>{properties}<{name}{space}>")),
        ];
        self.cut_tag(at, actions);
    }
}
