//! Owns sections that blocks leave out or repeat: where their headers have to be named, and where the end of a section has
//! to be kept although its paragraph goes.
//! Must not know data.

use crate::compile::block_scope::ResolvedBlocks;
use crate::compile::edit_collector::EditCollector;
use crate::compile::flow::list_restart::is_loop;
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::TagLevel;
use crate::ir::part::{EditAction, EditOrder, PartEdit, SectionRecord, WordInstr};
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use crate::word::section::{SectionHeaders, named_headers, page_properties};
use std::ops::Range;

/// Returns the sections of a part with the properties that each has in the template.
fn read_sections(part: &PartSource<'_>) -> Vec<SectionRecord> {
    let mut inherited = SectionHeaders::default();
    let sections = part.model.sections.iter();
    sections.map(|(range, _)| read_section(part.xml.slice(range.clone()), &mut inherited)).collect()
}

fn read_section(xml: &str, inherited: &mut SectionHeaders) -> SectionRecord {
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
    SectionRecord { begin, rest, named, effective: inherited.clone() }
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
            self.sections = read_sections(self.part);
        }
    }

    /// Names the headers of every section where it begins.
    pub(crate) fn place_section_headers(&mut self) {
        for at in 0..self.sections.len() {
            let range = self.part.model.sections[at].0.clone();
            let number = self.add_word_instr(WordInstr::SectionHeaders(at));
            let special = EditAction::Special(0, number);
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
        let number = self.add_word_instr(WordInstr::EndSection { section, between_turns });
        EditAction::Special(at, number)
    }

    /// Checks whether two sections have the same pages with the same headers and footers.
    fn are_alike(&self, one: usize, other: usize) -> bool {
        let xml = |at: usize| self.part.xml.slice(self.part.model.sections[at].0.clone());
        self.sections[one].effective == self.sections[other].effective
            && page_properties(xml(one)) == page_properties(xml(other))
    }
}
