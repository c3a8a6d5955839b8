//! Owns determining which numbered lists restart in each iteration of a loop.
//! Must not know how a list is defined.

use crate::compile::block_scope::ResolvedBlocks;
use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::TagLevel;
use crate::ir::part::{
    EditAction, EditOrder, OwnListProperties, PartEdit, StyledListTag, WordInstr,
};
use crate::slice::TextSlice as _;
use crate::syntax::tag::TagKind;
use crate::word::properties::{Properties, PropertyElement, property_elements};
use crate::word::schema_order::child_order;
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

/// The lists that restart in the iterations of loops.
#[derive(Default)]
pub(crate) struct ListRestarts {
    /// By the tags that open the loops.
    pub(crate) by_loop: BTreeMap<usize, Vec<String>>,
    /// Lists of paragraphs in loops that only their styles name, by the paragraphs.
    styled: BTreeMap<usize, StyledList>,
}

/// The list of a paragraph as its style names it.
struct StyledList {
    list: String,
    style: String,
    /// Range of the paragraph's properties.
    properties: Range<usize>,
}

/// Finds, for each opening tag of a loop, the lists within it that restart in each iteration.
pub(crate) fn find_list_restarts(part: &PartSource<'_>, resolved: &ResolvedBlocks) -> ListRestarts {
    let styled = find_styled_lists(part, resolved);
    let mut out = ListRestarts::default();
    let has_list = part.model.paragraphs.iter().any(|paragraph| paragraph.list_id.is_some());
    if !has_list && styled.is_empty() {
        return out;
    }
    let finder = RestartFinder { part, resolved, styled: &styled };
    for block in &resolved.pairs.blocks {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
        let lists = match (resolved.tags.list[open].level, resolved.tags.list[close].level) {
            _ if !is_loop(&resolved.tags.list[open].tag.kind) => continue,
            (TagLevel::Paragraph | TagLevel::Inline { .. }, _) => {
                finder.lists_of_paragraphs(open, close)
            }
            (TagLevel::Row(first), TagLevel::Row(last)) => {
                finder.lists_of_rows((open, close), (first, last))
            }
            _ => continue,
        };
        if !lists.is_empty() {
            out.by_loop.insert(open, lists);
        }
    }
    let restarts = |list: &str| out.by_loop.values().flatten().any(|known| known == list);
    out.styled = styled.into_iter().filter(|(_, styled)| restarts(&styled.list)).collect();
    out
}

/// Returns the lists of the paragraphs in loops that only their styles name.
fn find_styled_lists(
    part: &PartSource<'_>,
    resolved: &ResolvedBlocks,
) -> BTreeMap<usize, StyledList> {
    let mut found = BTreeMap::new();
    // Most templates have no style with a list.
    if !part.styles.text().contains("<w:numPr") {
        return found;
    }
    let (tags, model) = (&resolved.tags.list, part.model);
    let mut is_known = vec![false; model.paragraphs.len()];
    for block in resolved.pairs.blocks.iter().filter(|block| is_loop(&tags[block[0]].tag.kind)) {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
        let paragraphs = tags[open].paragraph..=tags[close].paragraph;
        let rows = [open, close].map(|at| tags[at].row().map(|row| model.rows[row].range.clone()));
        let range = match rows {
            [Some(first), Some(last)] => model.indices_within(&(first.start..last.end)),
            _ => *paragraphs.start()..paragraphs.end() + 1,
        };
        for at in range {
            // Loops may hold each other, and many may stand in one paragraph.
            if std::mem::replace(&mut is_known[at], true) {
                continue;
            }
            if let Some(list) = styled_list(part, at) {
                found.insert(at, list);
            }
        }
    }
    found
}

fn styled_list(part: &PartSource<'_>, at: usize) -> Option<StyledList> {
    let paragraph = &part.model.paragraphs[at];
    let properties = paragraph.properties.clone().filter(|_| paragraph.list_id.is_none())?;
    let own = part.xml.slice(properties.clone());
    let style = Properties::parse_paragraph(own).child_attribute("w:pStyle", "w:val")?;
    let list = part.styles.list_reference(Some(&style)).list.filter(|list| list != "0")?;
    Some(StyledList { list, style, properties })
}

impl ListRestarts {
    /// Has paragraphs name lists that only their styles name, where these restart.
    pub(crate) fn place_styled_lists(
        &self,
        part: &PartSource<'_>,
        word_instrs: &mut Vec<WordInstr>,
    ) -> Vec<PartEdit> {
        let mut edits = Vec::new();
        for styled in self.styled.values() {
            let (list, style) = (styled.list.clone(), Some(styled.style.clone()));
            let mut add = |range: Range<usize>, tag: StyledListTag| {
                let actions = vec![EditAction::Special(0, word_instrs.len())];
                word_instrs.push(WordInstr::StyledList(tag));
                edits.push(PartEdit { range, order: EditOrder::Replace, number: 0, actions });
            };
            let children = property_elements(part.xml, styled.properties.clone());
            let (range, own) = list_place(part.xml, &styled.properties, &children);
            let indent = String::new();
            add(range, StyledListTag { list: list.clone(), style, own, indent });
            // The list of a style yields to the style's own indent, one that the paragraph names does not.
            let indent = part.styles.indent_beside_list(&styled.style);
            if let Some(indent) = indent.filter(|_| children.iter().all(|one| one.name != "w:ind"))
            {
                let at = child_place(part.xml, &styled.properties, &children, "w:ind");
                let own = OwnListProperties::None;
                add(at..at, StyledListTag { list, style: None, own, indent });
            }
        }
        edits
    }
}

/// Returns the place at which a paragraph names a list, in the properties of a list that it has itself.
fn list_place(
    xml: &str,
    properties: &Range<usize>,
    children: &[PropertyElement],
) -> (Range<usize>, OwnListProperties) {
    let Some(own) = children.iter().find(|one| one.name == "w:numPr") else {
        let at = child_place(xml, properties, children, "w:numPr");
        return (at..at, OwnListProperties::None);
    };
    let written = xml.slice(own.range.clone());
    let begin = written.find('>').map_or(written.len(), |at| at + 1);
    if begin == written.len() {
        // Empty, so that it says nothing.
        return (own.range.clone(), OwnListProperties::None);
    }
    let within = property_elements(xml, own.range.clone());
    match within.iter().find(|one| one.name == "w:ilvl") {
        Some(level) => (level.range.end..level.range.end, OwnListProperties::WithLevel),
        None => {
            let at = own.range.start + begin;
            (at..at, OwnListProperties::WithoutLevel)
        }
    }
}

/// Returns the place of a property of a paragraph by the order of the schema.
fn child_place(
    xml: &str,
    properties: &Range<usize>,
    children: &[PropertyElement],
    name: &str,
) -> usize {
    let order = child_order("w:pPr").unwrap_or_default();
    let rank = |name: &str| order.iter().position(|known| *known == name);
    let before = children.iter().rev().find(|one| rank(&one.name) < rank(name));
    let first =
        || properties.start + xml.slice(properties.clone()).find('>').map_or(0, |at| at + 1);
    before.map_or_else(first, |one| one.range.end)
}

struct RestartFinder<'a> {
    part: &'a PartSource<'a>,
    resolved: &'a ResolvedBlocks,
    styled: &'a BTreeMap<usize, StyledList>,
}

impl<'a> RestartFinder<'a> {
    /// Checks whether a paragraph is one of the output. A cell that loses all paragraphs keeps one, with its list.
    fn stays(&self, at: usize) -> bool {
        let paragraph = &self.part.model.paragraphs[at];
        let is_cell = paragraph.row.is_some() && paragraph.list_id.is_some();
        (!self.resolved.tag_only[at] || is_cell) && !paragraph.not_removable
    }

    /// Returns the list of a paragraph of the output.
    fn list_of(&self, at: usize) -> Option<&'a str> {
        let list = self.part.model.paragraphs[at].list_id.clone();
        let list = list.map(|range| self.part.xml.slice(range));
        let list = list.or_else(|| self.styled.get(&at).map(|styled| styled.list.as_str()));
        list.filter(|list| *list != "0" && self.stays(at))
    }

    /// Returns the lists that restart in a loop over paragraphs: all except that of its first paragraph, which continues
    /// across iterations; a table at the beginning is another one in each iteration.
    fn lists_of_paragraphs(&self, open: usize, close: usize) -> Vec<String> {
        let (tags, model) = (&self.resolved.tags.list, self.part.model);
        let start = model.paragraphs[tags[open].paragraph].range.start;
        let row = model.paragraphs[tags[open].paragraph].row;
        let within = model.indices_within(&(start..tags[close].offset));
        let stay = within.filter(|at| self.stays(*at));
        let mut lists = stay.map(|at| (at, self.list_of(at))).peekable();
        let first = lists.peek().filter(|(at, _)| model.paragraphs[*at].row == row);
        let first = first.and_then(|(_, list)| *list);
        distinct(lists.filter_map(|(_, list)| list).filter(|list| Some(*list) != first))
    }

    /// Returns the lists that restart in a loop over rows: those that count within one row, by a loop or by several
    /// paragraphs. A list with one number in each row numbers the rows.
    fn lists_of_rows(&self, tags: (usize, usize), rows: (usize, usize)) -> Vec<String> {
        let model = self.part.model;
        let range = model.rows[rows.0].range.start..model.rows[rows.1].range.end;
        let inner = self.inner_loops(tags.0, tags.1);
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for at in model.indices_within(&range) {
            let Some(list) = self.list_of(at) else { continue };
            let count = counts.entry(list).or_default();
            let repeats = inner.iter().any(|range| range.contains(&at));
            *(if repeats { &mut count.1 } else { &mut count.0 }) += 1;
        }
        let restarts = |(alone, _): (usize, usize)| alone != 1;
        distinct(counts.into_iter().filter(|(_, count)| restarts(*count)).map(|(list, _)| list))
    }

    /// Returns the paragraphs of the loops between two tags.
    fn inner_loops(&self, open: usize, close: usize) -> Vec<RangeInclusive<usize>> {
        let tags = &self.resolved.tags.list;
        let blocks = &self.resolved.pairs.blocks;
        let first = blocks.partition_point(|block| block[0] <= open);
        let within = blocks[first..].iter().take_while(|block| block[0] < close);
        let loops = within.filter(|block| {
            is_loop(&tags[block[0]].tag.kind)
                && matches!(tags[block[0]].level, TagLevel::Paragraph | TagLevel::Row(_))
        });
        let paragraph = |at: Option<&usize>| at.map_or(0, |at| tags[*at].paragraph);
        loops.map(|block| paragraph(block.first())..=paragraph(block.last())).collect()
    }
}

fn distinct<'a>(lists: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for list in lists {
        if !out.iter().any(|known| known == list) {
            out.push(list.to_owned());
        }
    }
    out
}

/// Checks whether a tag opens a block that may have several iterations.
pub(crate) fn is_loop(kind: &TagKind) -> bool {
    let TagKind::Open(body) = kind else { return false };
    !matches!(body.split(' ').next(), Some("if" | "unless" | "with"))
}
