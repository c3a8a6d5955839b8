//! Owns sections that blocks leave out or repeat: where their headers have to be named, and where the end of a section has
//! to be kept although its paragraph goes.
//! Must not know data.

use crate::analyze::static_scope::StaticScope;
use crate::compile::block_scope::{ResolvedBlocks, TagPairs, pair_tags};
use crate::compile::edit_collector::EditCollector;
use crate::compile::flow::list_restart::is_loop;
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::{PlacedTags, TagLevel};
use crate::compile::tag_contents::TagContents;
use crate::compile::tag_discovery::find_part_tags;
use crate::ir::part::{EditAction, EditOrder, PartEdit, SectionRecord, WordInstr};
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use crate::word::section::{SectionHeaders, named_headers, page_properties};
use std::ops::Range;
use std::sync::Arc;

/// Returns the sections of a part with the properties that each has in the template.
fn read_sections(part: &PartSource<'_>, in_turns: &[bool]) -> Vec<SectionRecord> {
    let mut inherited = SectionHeaders::default();
    let sections = part.model.sections.iter().zip(in_turns);
    let read = |((range, _), in_turns): (&(Range<usize>, u32), &bool)| {
        read_section(part.xml.slice(range.clone()), *in_turns, &mut inherited)
    };
    sections.map(read).collect()
}

/// The turns in which a section stands, and where its headers and footers are named.
pub(crate) struct TurnSection {
    /// The tags that open the blocks with turns around it, the outermost first.
    pub(crate) around: Vec<usize>,
    /// True if one of them repeats its content.
    pub(crate) is_repeated: bool,
    /// The blocks around it.
    pub(crate) scope: StaticScope,
    /// The relationships of the headers and footers in force, each with the section that names it.
    pub(crate) headers: [Option<(String, usize)>; 6],
}

/// Returns all sections of a part; none if no section stands in turns of a block.
pub(crate) fn find_turn_sections(
    part: &PartSource<'_>,
    contents: &TagContents,
    resolved: &ResolvedBlocks,
    sections: &[SectionRecord],
) -> Vec<TurnSection> {
    if sections.iter().all(|section| !section.is_in_turns) {
        return Vec::new();
    }
    let mut headers: [Option<(String, usize)>; 6] = Default::default();
    let read = |(number, record): (usize, &SectionRecord)| {
        let place = part.model.sections[number].0.start;
        let around = turns_around(&resolved.tags, &resolved.pairs, place);
        let scope = scope_within(part, contents, &around);
        let is_repeated = around.iter().any(|&open| is_loop(&resolved.tags.list[open].tag.kind));
        for (known, named) in headers.iter_mut().zip(&record.named) {
            if let Some(id) = named {
                *known = Some((id.clone(), number));
            }
        }
        TurnSection { around, is_repeated, scope, headers: headers.clone() }
    };
    sections.iter().enumerate().map(read).collect()
}

/// Checks whether a tag opens a block that repeats its content or changes the data around it.
fn has_turns(kind: &TagKind) -> bool {
    let TagKind::Open(body) = kind else { return false };
    !matches!(body.split(' ').next(), Some("if" | "unless"))
}

/// A part with tags that a place in blocks shows, such as a chart.
#[derive(Debug)]
pub(crate) struct GraphicPartUse {
    /// Number of the attached content that leads to it.
    pub(crate) content: usize,
    /// The tag that opens the innermost block around the place.
    pub(crate) block: Option<usize>,
    pub(crate) scope: StaticScope,
}

/// Returns the parts with tags that places in turns of blocks show.
pub(crate) fn find_graphic_parts(
    part: &PartSource<'_>,
    contents: &TagContents,
    resolved: &ResolvedBlocks,
    found: Vec<(usize, Vec<usize>)>,
) -> Vec<GraphicPartUse> {
    let within = |(content, mut around): (usize, Vec<usize>)| {
        around.retain(|open| has_turns(&resolved.tags.list[*open].tag.kind));
        let scope = scope_within(part, contents, &around);
        GraphicPartUse { content, block: around.last().copied(), scope }
    };
    let all = found.into_iter().map(within);
    all.filter(|one| one.block.is_some() || part.outer.is_some()).collect()
}

/// Returns what names mean within these blocks.
fn scope_within(part: &PartSource<'_>, contents: &TagContents, around: &[usize]) -> StaticScope {
    let mut scope = part.outer.cloned().unwrap_or_default();
    for open in around {
        scope.open_inheriting_block(contents.branches.get(open));
    }
    scope
}

/// Returns the headers and footers that sections in turns of blocks name, before it is known what exactly the blocks do.
pub(crate) fn headers_of_turns(part: &PartSource<'_>) -> Vec<String> {
    if part.model.sections.len() < 2 {
        return Vec::new();
    }
    let tags = find_part_tags(part).tags;
    let pairs = pair_tags(&tags);
    let in_turns = part
        .model
        .sections
        .iter()
        .map(|(range, _)| range)
        .filter(|range| !turns_around(&tags, &pairs, range.start).is_empty());
    in_turns.flat_map(|range| named_headers(part.xml.slice(range.clone()))).flatten().collect()
}

/// Returns the tags that open the blocks with turns around a place, the outermost first.
fn turns_around(tags: &PlacedTags, pairs: &TagPairs, place: usize) -> Vec<usize> {
    let tags = &tags.list;
    let around = pairs.blocks.iter().filter(|block| {
        let (Some(&open), Some(&close)) = (block.first(), block.get(1)) else { return false };
        has_turns(&tags[open].tag.kind) && tags[open].offset < place && place < tags[close].offset
    });
    around.map(|block| block[0]).collect()
}

fn read_section(xml: &str, is_in_turns: bool, inherited: &mut SectionHeaders) -> SectionRecord {
    let named = named_headers(xml);
    for (known, own) in inherited.iter_mut().zip(&named) {
        if own.is_some() {
            known.clone_from(own);
        }
    }
    let end = xml.find('>').map_or(xml.len(), |at| at + 1);
    let (begin, rest) = match xml.slice(..end).strip_suffix("/>") {
        Some(begin) => (format!("{begin}>"), "</w:sectPr>".to_owned()),
        None => (xml.slice(..end).to_owned(), xml.slice(end..).to_owned()),
    };
    let rest = if is_in_turns { page_properties(xml) + "</w:sectPr>" } else { rest };
    let (effective, sources) = (inherited.clone(), Default::default());
    let bookmarks = Arc::default();
    SectionRecord { begin, rest, is_in_turns, sources, named, effective, bookmarks }
}

/// Checks whether a block of paragraphs holds the end of a section.
fn holds_section(part: &PartSource<'_>, resolved: &ResolvedBlocks, block: &[usize]) -> bool {
    let (Some(&open), Some(&close)) = (block.first(), block.last()) else { return false };
    let tags = &resolved.tags.list;
    tags[open].level == TagLevel::Paragraph
        && !sections_within(part, &(tags[open].offset..tags[close].offset)).is_empty()
}

/// Returns the indices of the sections that end in a range of the source.
pub(crate) fn sections_within(part: &PartSource<'_>, range: &Range<usize>) -> Range<usize> {
    let sections = &part.model.sections;
    let before = |end: usize| sections.partition_point(|(section, _)| section.start < end);
    before(range.start)..before(range.end)
}

impl EditCollector<'_> {
    /// Finds blocks that leave out or repeat the ends of sections, and reads the sections if there are any.
    pub(crate) fn find_sections(&mut self) {
        if self.part.model.sections.len() < 2 {
            return;
        }
        for (number, block) in self.resolved.pairs.blocks.iter().enumerate() {
            if holds_section(self.part, self.resolved, block) {
                self.section_blocks.extend(block[1..].iter().map(|&at| (at, number)));
            }
        }
        if !self.section_blocks.is_empty() {
            let sections = self.part.model.sections.iter();
            let (tags, pairs) = (&self.resolved.tags, &self.resolved.pairs);
            let around = |range: &Range<usize>| turns_around(tags, pairs, range.start);
            let in_turns = sections.map(|(range, _)| !around(range).is_empty());
            self.sections = read_sections(self.part, &in_turns.collect::<Vec<_>>());
        }
    }

    /// Names the headers of every section where it begins.
    pub(crate) fn place_section_headers(&mut self) {
        for at in 0..self.sections.len() {
            let range = self.part.model.sections[at].0.clone();
            let number = self.add_word_instr(WordInstr::SectionHeaders(at));
            let special = EditAction::Special(0, number);
            if self.sections[at].is_in_turns {
                let SectionRecord { begin, rest, .. } = &self.sections[at];
                let (begin, rest) = (begin.clone(), rest.clone());
                let actions = vec![EditAction::Insert(begin), special, EditAction::Insert(rest)];
                self.replace_range(range, 0, actions);
                continue;
            }
            let written = self.part.xml.slice(range.clone());
            let start = range.start + written.find('>').unwrap_or(written.len());
            let (range, actions) = if written.ends_with("/>") && start + 1 == range.end {
                let insert = |text: &str| EditAction::Insert(text.to_owned());
                (start - 1..start + 1, vec![insert(">"), special, insert("</w:sectPr>")])
            } else {
                (start + 1..start + 1, vec![special])
            };
            self.edits.push(PartEdit { range, order: EditOrder::Replace, number: 0, actions });
        }
    }

    /// Returns what keeps the end of a section before a tag that ends a branch, or the block.
    pub(crate) fn section_end_before(&mut self, at: usize) -> Vec<EditAction> {
        let Some(&block) = self.section_blocks.get(&at) else { return Vec::new() };
        self.kept_section_end(&self.resolved.pairs.blocks[block], at)
    }

    fn kept_section_end(&mut self, block: &[usize], at: usize) -> Vec<EditAction> {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { return Vec::new() };
        let offset = |at: usize| self.tag(at).offset;
        let all = sections_within(self.part, &(offset(open)..offset(close)));
        let place = block.iter().position(|tag| *tag == at).unwrap_or(1);
        let own = sections_within(self.part, &(offset(block[place - 1])..offset(at)));
        let (first, next) = (all.start, all.end);
        if all.is_empty() || next >= self.sections.len() || self.are_alike(first, next) {
            return Vec::new();
        }
        let mut actions = Vec::new();
        if own.is_empty() {
            actions.push(self.end_section(at, first, false));
        } else if is_loop(&self.tag(open).tag.kind) {
            actions.push(self.end_section(at, next, true));
        }
        let last = block.len().checked_sub(2).map(|last| &self.tag(block[last]).tag.kind);
        if at == close && !matches!(last, Some(TagKind::Else(None))) {
            actions.push(EditAction::BeginElse);
            actions.push(self.end_section(at, first, false));
        }
        actions
    }

    fn end_section(&mut self, at: usize, section: usize, between_turns: bool) -> EditAction {
        let open = self.section_blocks.get(&at).map(|block| self.resolved.pairs.blocks[*block][0]);
        let has_turns = open.is_some_and(|open| has_turns(&self.tag(open).tag.kind));
        let is_outside = has_turns && !between_turns;
        let instr = WordInstr::EndSection { section, between_turns, is_outside };
        let number = self.add_word_instr(instr);
        EditAction::Special(at, number)
    }

    /// Checks whether two sections have the same pages with the same headers and footers.
    fn are_alike(&self, one: usize, other: usize) -> bool {
        let xml = |at: usize| self.part.xml.slice(self.part.model.sections[at].0.clone());
        self.sections[one].effective == self.sections[other].effective
            && page_properties(xml(one)) == page_properties(xml(other))
    }
}
