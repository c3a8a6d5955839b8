//! Owns finding fields that a tag or a block would cut: whose marks would not stay, go or repeat together.
//! Must not know what a field does, nor data.

use super::block_scope::{ResolvedBlocks, TagPairs};
use super::fields::field_places::{FieldPlace, FieldPlaces};
use super::part_source::PartSource;
use super::placed_tag::{PlacedTag, TagLevel, TagProblem};
use super::tag_discovery::FoundTags;
use crate::diag::{Problem, msg};
use crate::document::part_model::FieldSite;
use crate::slice::TextSlice as _;
use crate::syntax::tag::{TagKind, closing_name};
use crate::word::field::field_name;
use std::ops::Range;

/// Returns the problems of blocks that would keep one mark of a field without the others, and of tags across a mark.
pub(crate) fn cut_fields(part: &PartSource<'_>, resolved: &ResolvedBlocks) -> Vec<TagProblem> {
    let fields = &part.model.fields;
    if fields.iter().all(|field| field.runs.is_none()) {
        return Vec::new();
    }
    let finder = CutFinder { part, resolved, places: FieldPlaces::of(fields) };
    let mut found = Vec::new();
    for at in 0..resolved.tags.list.len() {
        found.extend(finder.cut_by_tag(at).map(|problem| (at, problem)));
    }
    for block in &resolved.pairs.blocks {
        found.extend(finder.cut_by_block(block));
    }
    found
}

/// Says of blocks without a partner that the partner stands in the result of a field that Word makes anew.
pub(crate) fn explain_stale_partners(
    part: &PartSource<'_>,
    found: &FoundTags,
    pairs: &mut TagPairs,
) {
    for (at, problem) in &mut pairs.problems {
        let own = &found.tags.list[*at];
        let mut stale = found.stale.iter();
        let Some(partner) = stale.find(|stale| are_partners(&own.tag.kind, &stale.kind)) else {
            continue;
        };
        let paragraph = &part.model.paragraphs[partner.paragraph];
        let offset = paragraph.source_at(partner.range.start);
        let within =
            |field: &&FieldSite| (field.marks.begin.start..field.marks.end.end).contains(&offset);
        let Some(field) = part.model.fields.iter().find(within) else { continue };
        *problem = cut_problem(paragraph.text.slice(partner.range.clone()), field);
    }
}

/// Checks whether one of two tags opens a block and the other may close it.
fn are_partners(one: &TagKind, other: &TagKind) -> bool {
    let ((
        TagKind::Open(body) | TagKind::Inverse(body) | TagKind::DefineOpen(body),
        TagKind::Close(name),
    )
    | (
        TagKind::Close(name),
        TagKind::Open(body) | TagKind::Inverse(body) | TagKind::DefineOpen(body),
    )) = (one, other)
    else {
        return false;
    };
    closing_name(body) == name
}

fn cut_problem(tag: &str, field: &FieldSite) -> Problem {
    let field = field_name(&field.code).to_owned();
    let problem =
        Problem::error("block-placement", msg!("template.cuts-field", tag = tag, field = field));
    problem.with_hint(msg!("template.hint-cuts-field"))
}

struct CutFinder<'a> {
    part: &'a PartSource<'a>,
    resolved: &'a ResolvedBlocks,
    places: FieldPlaces,
}

impl CutFinder<'_> {
    fn place_at(&self, offset: usize) -> FieldPlace {
        self.places.at(offset)
    }

    /// Returns the field of which a range of the source holds some marks and not the others.
    fn cut_by_range(&self, range: &Range<usize>) -> Option<usize> {
        let (before, behind) = (self.place_at(range.start), self.place_at(range.end));
        (before != behind).then(|| behind.or(before).map(|(field, _)| field))?
    }

    /// Checks that no mark stands among the characters of a tag.
    fn cut_by_tag(&self, at: usize) -> Option<Problem> {
        let item = &self.resolved.tags.list[at];
        if matches!(item.tag.kind, TagKind::MergeField(_)) {
            return None;
        }
        let paragraph = self.part.paragraph_of(item);
        let ranges = paragraph.source_ranges(&item.tag.range);
        let end = ranges.last().map_or(item.offset, |(range, _)| range.end);
        let (mark, place) = self.places.mark_within(item.offset..end)?;
        let field = place.or_else(|| self.place_at(mark)).map(|(field, _)| field)?;
        Some(self.problem(item, field))
    }

    fn cut_by_block(&self, block: &[usize]) -> Vec<TagProblem> {
        let tag = |at: usize| &self.resolved.tags.list[at];
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { return Vec::new() };
        let cut = match (tag(open).level, tag(close).level) {
            (TagLevel::FixedRow(first), TagLevel::FixedRow(last)) => {
                let rows = self.part.model.rows.get(first..=last).unwrap_or_default();
                rows.iter().find_map(|row| self.cut_by_range(&row.range)).map(|field| (open, field))
            }
            (TagLevel::Column(cell), _) => self.cut_by_columns(cell).map(|field| (open, field)),
            _ => block.windows(2).find_map(|pair| {
                let range = self.edge_of(pair[0])..self.edge_of(pair[1]);
                let field = self.cut_by_range(&range)?;
                let inside = self.place_at(range.start).is_some();
                Some((if inside { pair[0] } else { pair[1] }, field))
            }),
        };
        cut.map(|(at, field)| (at, self.problem(tag(open), field))).into_iter().collect()
    }

    /// Finds a field that begins in one cell of a table and ends elsewhere.
    fn cut_by_columns(&self, cell: usize) -> Option<usize> {
        let model = self.part.model;
        let table = |cell: usize| model.rows[model.containers[cell].row?].table;
        let own = table(cell)?;
        let cells = (0..model.containers.len()).filter(|at| table(*at) == Some(own));
        cells.into_iter().find_map(|at| self.cut_by_range(&model.containers[at].range))
    }

    /// Returns the byte at which what a tag governs begins or ends.
    fn edge_of(&self, at: usize) -> usize {
        let (item, resolved) = (&self.resolved.tags.list[at], self.resolved);
        let (range, vanishes) = match item.level {
            TagLevel::Paragraph => {
                let vanishes = resolved.tag_only[item.paragraph];
                (&self.part.paragraph_of(item).range, vanishes)
            }
            TagLevel::Row(row) => {
                (&self.part.model.rows[row].range, resolved.tag_rows.contains(&row))
            }
            _ => return item.offset,
        };
        if matches!(item.tag.kind, TagKind::Close(_)) && !vanishes {
            range.end
        } else {
            range.start
        }
    }

    fn problem(&self, item: &PlacedTag, field: usize) -> Problem {
        let text = self.part.paragraph_of(item).text.slice(item.tag.range.clone());
        cut_problem(text, &self.part.model.fields[field])
    }
}
