//! Owns blocks: pairing their tags, and determining the content that each encloses: text, whole paragraphs, table rows or
//! columns.
//! Must not know how the result is written.

use super::definitions;
use super::part_source::PartSource;
use super::placed_tag::{PlacedTag, PlacedTags, TagLevel, TagProblem};
use super::tag_contents::TagContents;
use crate::diag::{Message, Problem, msg};
use crate::document::part_model::{Paragraph, PartModel};
use crate::helper::HelperSet;
use crate::ir::program::match_blocks;
use crate::slice::TextSlice as _;
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::{MAX_NESTING, TagKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// The pairs of opening and closing tags of a part.
pub(crate) struct TagPairs {
    /// For each block the indices of its opening tag, its `else` tags and its closing tag.
    pub(crate) blocks: Vec<Vec<usize>>,
    pub(crate) problems: Vec<TagProblem>,
}

/// Pairs the opening and closing tags of a part.
pub(crate) fn pair_tags(tags: &PlacedTags) -> TagPairs {
    let kinds: Vec<&TagKind> = tags.list.iter().map(|item| &item.tag.kind).collect();
    let (matched, problems) = match_blocks(&kinds);
    TagPairs { blocks: matched.blocks, problems }
}

/// The tags of a part with the blocks that they open and close.
pub(crate) struct ResolvedBlocks {
    /// True if every block is at a place that it may have; only then can edits be made.
    pub(crate) is_sound: bool,
    pub(crate) tags: PlacedTags,
    pub(crate) pairs: TagPairs,
    /// For each paragraph whether it contains nothing but tags that are moved out of it.
    pub(crate) tag_only: Vec<bool>,
    /// Rows that contain nothing but tags that enclose rows, and are therefore removed.
    pub(crate) tag_rows: BTreeSet<usize>,
    pub(crate) problems: Vec<TagProblem>,
}

/// Resolves the content that each block encloses.
pub(crate) fn resolve_blocks(
    part: &PartSource<'_>,
    contents: &TagContents,
    mut tags: PlacedTags,
    pairs: TagPairs,
) -> ResolvedBlocks {
    let (mut tag_only, mut tag_rows, mut problems) = (Vec::new(), BTreeSet::new(), Vec::new());
    let blocks = pairs.blocks.as_slice();
    if pairs.problems.is_empty() {
        let mut levels = LevelResolver {
            helpers: part.helpers,
            model: part.model,
            tags: &mut tags.list,
            tags_by_paragraph: &tags.by_paragraph,
        };
        problems = levels.resolve_levels(blocks);
        if problems.is_empty() {
            let paragraphs = 0..part.model.paragraphs.len();
            tag_only = paragraphs.map(|at| levels.is_tag_only(at)).collect();
            tag_rows = levels.tag_rows(blocks);
            problems = definitions::content_problems(part, &tags, &contents.sites, blocks);
        }
    }
    let is_sound = pairs.problems.is_empty() && problems.is_empty();
    ResolvedBlocks { is_sound, tags, pairs, tag_only, tag_rows, problems }
}

/// Resolves the levels of the tags of a part, which are in reading order.
struct LevelResolver<'a> {
    helpers: &'a HelperSet,
    model: &'a PartModel,
    tags: &'a mut [PlacedTag],
    /// For each paragraph, the indices of its tags in `tags`.
    tags_by_paragraph: &'a [Vec<usize>],
}

impl LevelResolver<'_> {
    /// Determines the level of every block. Each problem comes with the index of its tag.
    fn resolve_levels(&mut self, blocks: &[Vec<usize>]) -> Vec<(usize, Problem)> {
        let mut problems = Vec::new();
        for block in blocks {
            match self.level_of_block(block) {
                Ok(levels) => {
                    for (&at, level) in block.iter().zip(levels) {
                        self.tags[at].level = level;
                    }
                }
                Err(problem) => problems.push((block[0], problem)),
            }
        }
        let mut faults = self.check_blocks(blocks);
        if !faults.is_empty() && self.split_paragraphs(blocks) {
            faults = self.check_blocks(blocks);
        }
        problems.extend(faults);
        problems
    }

    fn check_blocks(&self, blocks: &[Vec<usize>]) -> Vec<(usize, Problem)> {
        let mut faults = Vec::new();
        for block in blocks {
            faults.extend(self.check_block(block));
            faults.extend(self.check_fixed_rows(block));
        }
        faults
    }

    /// Lets blocks from the middle of one paragraph to that of another govern the text between their tags, with the marks of
    /// the paragraphs in it. Returns false if there are none.
    fn split_paragraphs(&mut self, blocks: &[Vec<usize>]) -> bool {
        // The tags of such a block stay in their paragraphs, so that those of others may stand in the middle as well.
        for turn in 0..MAX_NESTING {
            let split = blocks.iter().filter(|block| self.is_mid_paragraph(block));
            let split: Vec<usize> = split.flatten().copied().collect();
            if split.is_empty() {
                return turn > 0;
            }
            for at in split {
                self.tags[at].level = TagLevel::Inline { split: true };
            }
        }
        true
    }

    /// Checks whether a block of paragraphs begins or ends in the middle of one, and its tags stand in runs of them.
    fn is_mid_paragraph(&self, block: &[usize]) -> bool {
        self.tags[block[0]].level == TagLevel::Paragraph
            && !matches!(self.tags[block[0]].tag.kind, TagKind::DefineOpen(_))
            && block.iter().any(|&at| self.splits_paragraph(at))
            && block
                .iter()
                .all(|&at| !self.is_tag_only(self.tags[at].paragraph) && self.is_in_own_run(at))
            && !self.holds_section_break(block)
    }

    /// Checks whether a section ends between the first tag of a block and the end of the paragraph of the last.
    fn holds_section_break(&self, block: &[usize]) -> bool {
        let first = self.tags[block[0]].offset;
        let last = block.last().map_or(first, |&at| self.paragraph_of(at).range.end);
        let at = self.model.sections.partition_point(|(section, _)| section.start < first);
        self.model.sections.get(at).is_some_and(|(section, _)| section.start < last)
    }

    /// Checks whether a tag stands in the text of a run that is a child of its paragraph.
    fn is_in_own_run(&self, at: usize) -> bool {
        let text = self.text_element_of(at).map(|element| &self.model.texts[element]);
        text.filter(|text| text.name == "w:t")
            .and_then(|text| text.run)
            .is_some_and(|run| self.model.runs[run].parent == self.paragraph_of(at).element)
    }

    fn level_of_block(&self, block: &[usize]) -> Result<Vec<TagLevel>, Problem> {
        let content = |at: usize| self.model.attached_at(self.tags[at].offset);
        if block.iter().any(|&at| content(at) != content(block[0])) {
            let name = self.block_name(block);
            return Err(misplaced_block(
                msg!("template.crosses", name = name),
                msg!("template.hint-crosses"),
            ));
        }
        if self.has_option(block, "columns") {
            return self.column_levels(block);
        }
        if self.has_option(block, "fixed") {
            return self.fixed_row_levels(block);
        }
        let first = self.tags[block[0]].paragraph;
        if block.iter().all(|&at| self.tags[at].paragraph == first) {
            let split = self.needs_split(block)?;
            return Ok(vec![TagLevel::Inline { split }; block.len()]);
        }
        let parent = |at: usize| {
            let paragraph = &self.model.paragraphs[self.tags[at].paragraph];
            (!paragraph.not_removable).then_some(paragraph.parent)
        };
        let parents: Vec<_> = block.iter().map(|&at| parent(at)).collect();
        if parents[0].is_some() && parents.iter().all(|other| *other == parents[0]) {
            return Ok(vec![TagLevel::Paragraph; block.len()]);
        }
        self.row_levels(block)
    }

    /// Checks whether an inline block spans several runs, which are then divided at its tags. Fails if the runs
    /// have different parents.
    fn needs_split(&self, block: &[usize]) -> Result<bool, Problem> {
        let elements: Vec<Option<usize>> =
            block.iter().map(|&at| self.text_element_of(at)).collect();
        if elements.iter().all(|element| *element == elements[0]) {
            return Ok(false);
        }
        let parents = elements.iter().map(|element| {
            let run = self.model.texts[(*element)?].run?;
            Some(self.model.runs[run].parent)
        });
        let parents: Vec<Option<u32>> = parents.collect();
        if parents[0].is_some() && parents.iter().all(|parent| *parent == parents[0]) {
            Ok(true)
        } else {
            let name = self.block_name(block);
            Err(misplaced_block(
                msg!("template.crosses", name = name),
                msg!("template.hint-crosses"),
            ))
        }
    }

    fn text_element_of(&self, at: usize) -> Option<usize> {
        let item = &self.tags[at];
        self.model.paragraphs[item.paragraph].element_at(item.tag.range.start)
    }

    /// Finds rows of one table that contain the tags of a block, from the innermost table outwards.
    fn row_levels(&self, block: &[usize]) -> Result<Vec<TagLevel>, Problem> {
        let mut row = self.model.paragraphs[self.tags[block[0]].paragraph].row;
        while let Some(candidate) = row {
            let parent = self.model.rows[candidate].parent;
            let rows: Option<Vec<usize>> =
                block.iter().map(|&at| self.row_under(at, parent)).collect();
            if let Some(rows) = rows {
                return Ok(rows.into_iter().map(TagLevel::Row).collect());
            }
            row = self.model.rows[candidate].outer_row;
        }
        let name = self.block_name(block);
        let in_table = |at: &usize| self.model.paragraphs[self.tags[*at].paragraph].row.is_some();
        Err(if block.iter().any(in_table) {
            misplaced_block(
                msg!("template.across-cells", name = name),
                msg!("template.hint-across-cells"),
            )
        } else {
            misplaced_block(msg!("template.crosses", name = name), msg!("template.hint-crosses"))
        })
    }

    /// Checks whether the opening tag of a block sets this option to `true`.
    fn has_option(&self, block: &[usize], name: &str) -> bool {
        let TagKind::Open(body) = &self.tags[block[0]].tag.kind else { return false };
        // Parsing is slow, and few tags have options.
        body.contains(name)
            && expr::parse_opening(body, self.helpers).is_ok_and(|opening| {
                opening.hash.iter().any(|(key, value)| {
                    key == name && matches!(value, Expr::Literal(serde_json::Value::Bool(true)))
                })
            })
    }

    fn fixed_row_levels(&self, block: &[usize]) -> Result<Vec<TagLevel>, Problem> {
        let wrong = || {
            let message = msg!("template.fixed-rows", name = self.block_name(block));
            misplaced_block(message, msg!("template.hint-across-cells"))
        };
        let [_, _] = block else { return Err(wrong()) };
        let row_of = |level: &TagLevel| match *level {
            TagLevel::Row(row) => Some(TagLevel::FixedRow(row)),
            _ => None,
        };
        self.row_levels(block)?.iter().map(|level| row_of(level).ok_or_else(wrong)).collect()
    }

    /// Finds the cells of the opening and the closing tag, which must be in the same table.
    fn column_levels(&self, block: &[usize]) -> Result<Vec<TagLevel>, Problem> {
        let cell = |&at: &usize| {
            let cell = self.model.paragraphs[self.tags[at].paragraph].container?;
            let table = self.model.rows[self.model.containers[cell].row?].table?;
            Some((cell, table))
        };
        let cells: Option<Vec<(usize, usize)>> = block.iter().map(cell).collect();
        match cells.as_deref() {
            Some(&[(open, table), (close, other)]) if table == other => {
                Ok(vec![TagLevel::Column(open), TagLevel::Column(close)])
            }
            _ => {
                let message = msg!("template.columns", name = self.block_name(block));
                Err(misplaced_block(message, msg!("template.hint-columns")))
            }
        }
    }

    fn row_under(&self, at: usize, parent: u32) -> Option<usize> {
        let mut row = self.model.paragraphs[self.tags[at].paragraph].row;
        while let Some(candidate) = row {
            if self.model.rows[candidate].parent == parent {
                return Some(candidate);
            }
            row = self.model.rows[candidate].outer_row;
        }
        None
    }

    fn block_name(&self, block: &[usize]) -> String {
        match &self.tags[block[0]].tag.kind {
            TagKind::Open(body) | TagKind::Inverse(body) => body.clone(),
            TagKind::DefineOpen(body) => format!("*{body}"),
            _ => String::new(),
        }
    }

    /// Checks whether the tags of a block are at places that its level permits.
    fn check_block(&self, block: &[usize]) -> Vec<(usize, Problem)> {
        let mut problems = Vec::new();
        for &at in block {
            let fault = match self.tags[at].level {
                TagLevel::Inline { .. } | TagLevel::Column(_) | TagLevel::FixedRow(_) => None,
                TagLevel::Paragraph => self.check_in_paragraph(at, block),
                TagLevel::Row(row) => self.check_in_row(at, row, block),
            };
            problems.extend(fault.map(|fault| (at, fault)));
        }
        problems
    }

    /// Checks that no loop within a block of fixed rows repeats rows of the same table.
    fn check_fixed_rows(&self, block: &[usize]) -> Option<(usize, Problem)> {
        let (TagLevel::FixedRow(first), &[open, close]) = (self.tags[block[0]].level, block) else {
            return None;
        };
        let parent = self.model.rows[first].parent;
        let inner = (open + 1..close).find(|&at| match self.tags[at].level {
            TagLevel::Row(row) | TagLevel::FixedRow(row) => self.model.rows[row].parent == parent,
            _ => false,
        })?;
        let message = msg!("template.fixed-rows-within", name = self.block_name(block));
        Some((inner, misplaced_block(message, msg!("template.hint-across-cells"))))
    }

    fn check_in_paragraph(&self, at: usize, block: &[usize]) -> Option<Problem> {
        let item = &self.tags[at];
        let name = || self.block_name(block);
        if self.is_tag_only(item.paragraph) {
            let broken = self.model.paragraphs[item.paragraph].section_break;
            return broken.then(|| {
                let hint = msg!("template.hint-section-break");
                misplaced_block(msg!("template.section-break", name = name()), hint)
            });
        }
        self.splits_paragraph(at).then(|| {
            let hint = msg!("template.hint-split-paragraph");
            misplaced_block(msg!("template.split-paragraph", name = name()), hint)
        })
    }

    /// Checks whether text stands before a tag that opens a branch, or behind one that closes a block.
    fn splits_paragraph(&self, at: usize) -> bool {
        let item = &self.tags[at];
        let rest = match item.tag.kind {
            TagKind::Close(_) => item.tag.range.end..self.paragraph_of(at).text.len(),
            _ => 0..item.tag.range.start,
        };
        !self.is_blank(item.paragraph, rest)
    }

    fn check_in_row(&self, at: usize, row: usize, block: &[usize]) -> Option<Problem> {
        let between = matches!(self.tags[at].tag.kind, TagKind::Else(_));
        let opened = self.tags[block[0]].level;
        (between && opened == TagLevel::Row(row) && !self.is_tag_row(row)).then(|| {
            let name = self.block_name(block);
            misplaced_block(
                msg!("template.else-in-row", name = name),
                msg!("template.hint-across-cells"),
            )
        })
    }

    fn paragraph_of(&self, at: usize) -> &Paragraph {
        &self.model.paragraphs[self.tags[at].paragraph]
    }

    /// Checks whether a range of a paragraph's text is empty except for tags that are moved out of it.
    fn is_blank(&self, paragraph: usize, range: Range<usize>) -> bool {
        let text = &self.model.paragraphs[paragraph].text;
        let mut from = range.start;
        for &at in &self.tags_by_paragraph[paragraph] {
            let item = &self.tags[at];
            let tag = &item.tag.range;
            if tag.end <= range.start || tag.start >= range.end || !leaves_paragraph(item) {
                continue;
            }
            if !text.slice(from..tag.start).trim().is_empty() {
                return false;
            }
            from = tag.end;
        }
        text.slice(from..range.end).trim().is_empty()
    }

    /// Checks whether a paragraph contains nothing but tags that are moved out of it, so that it is removed.
    fn is_tag_only(&self, paragraph: usize) -> bool {
        let found = &self.model.paragraphs[paragraph];
        let tags = &self.tags_by_paragraph[paragraph];
        !tags.is_empty()
            && !found.has_non_text
            && !found.not_removable
            && tags.iter().all(|&at| leaves_paragraph(&self.tags[at]))
            && self.is_blank(paragraph, 0..found.text.len())
    }

    /// Returns the rows that contain nothing but tags that enclose rows.
    fn tag_rows(&self, blocks: &[Vec<usize>]) -> BTreeSet<usize> {
        let rows: BTreeSet<usize> = self.tags.iter().filter_map(PlacedTag::row).collect();
        let mut tag_rows: BTreeSet<usize> =
            rows.into_iter().filter(|&row| self.is_tag_row(row)).collect();
        // The last fixed row may contain nothing but the closing tag; it is still filled.
        for block in blocks {
            if let TagLevel::FixedRow(open) = self.tags[block[0]].level
                && !tag_rows.contains(&open)
                && let Some(close) = block.last().and_then(|&at| self.tags[at].row())
            {
                tag_rows.remove(&close);
            }
        }
        tag_rows
    }

    /// Checks whether a row contains nothing but tags that enclose rows.
    fn is_tag_row(&self, row: usize) -> bool {
        let range = &self.model.rows[row].range;
        let paragraphs = &self.model.paragraphs;
        let mut any = false;
        for at in self.model.indices_within(range) {
            let of_row = |&tag: &usize| {
                let item = &self.tags[tag];
                matches!(item.level, TagLevel::Row(own) | TagLevel::FixedRow(own) if own == row)
                    || item.tag.kind == TagKind::Comment
            };
            if self.is_tag_only(at) && self.tags_by_paragraph[at].iter().all(of_row) {
                any = true;
            } else if paragraphs[at].has_non_text || !paragraphs[at].text.trim().is_empty() {
                return false;
            }
        }
        any
    }
}

/// Checks whether a tag is moved out of its paragraph or leaves no text there.
fn leaves_paragraph(item: &PlacedTag) -> bool {
    match item.tag.kind {
        TagKind::Value(_) => false,
        TagKind::Comment | TagKind::Define(_) => true,
        _ => !matches!(item.level, TagLevel::Inline { .. }),
    }
}

fn misplaced_block(text: Message, hint: Message) -> Problem {
    Problem::error("block-placement", text).with_hint(hint)
}

/// Parses the `surplus` option of a fixed loop: whether rows beyond the data are deleted. Returns an invalid
/// value as the error.
pub(crate) fn deletes_surplus(kind: &TagKind, helpers: &HelperSet) -> Result<bool, String> {
    let TagKind::Open(body) = kind else { return Ok(false) };
    if !body.contains("surplus") {
        return Ok(false);
    }
    let opening = expr::parse_opening(body, helpers).ok();
    let asked = opening.iter().flat_map(|opening| &opening.hash).find(|(key, _)| key == "surplus");
    match asked.map(|(_, value)| value) {
        None => Ok(false),
        Some(Expr::Literal(serde_json::Value::String(what))) if what == "delete" => Ok(true),
        Some(Expr::Literal(serde_json::Value::String(what))) if what == "blank" => Ok(false),
        Some(Expr::Literal(other)) => Err(other.to_string()),
        Some(_) => Err(body.clone()),
    }
}
