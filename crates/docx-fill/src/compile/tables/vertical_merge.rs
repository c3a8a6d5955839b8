//! Owns vertically merged cells beside a block of rows: they grow with a loop, and remain if a conditional
//! block is absent.
//! Must not know data; it adds edits at the edges of such cells.

use crate::compile::flow::list_restart::is_loop;
use crate::compile::placed_tag::{PlacedTag, TagLevel};
use crate::document::part_model::{BlockContainer, PartModel};
use crate::ir::part::{EditAction, EditOrder, PartEdit};
use crate::slice::TextSlice as _;
use crate::word::table::VerticalMerge;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};

/// For each row its cells, with the grid column at which each begins.
type ColumnsByRow = BTreeMap<usize, Vec<(usize, usize)>>;

/// Extends vertical merges over the iterations of a loop: a cell that begins a merge outside the loop's tags
/// starts it in the first iteration and continues it in the others. Also moves merge starts below absent
/// blocks.
pub(crate) fn grow_merged_cells(
    source: &str,
    scan: &PartModel,
    items: &[PlacedTag],
    tag_rows: &BTreeSet<usize>,
    blocks: &[Vec<usize>],
) -> Vec<PartEdit> {
    let columns = columns_by_row(scan);
    let mut loops: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    let mut edits = Vec::new();
    // Closing tags of the enclosing blocks.
    let mut around: Vec<usize> = Vec::new();
    let site = MergeContext { source, model: scan, tags: items, columns: &columns, tag_rows };
    for block in blocks {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
        let (TagLevel::Row(first), TagLevel::Row(last)) = (items[open].level, items[close].level)
        else {
            continue;
        };
        around.retain(|&outer| outer > close);
        if let &[open, _] = block.as_slice() {
            edits.extend(site.keep_merge_starts(open, first..=last, &around));
        }
        around.push(close);
        if is_loop(&items[open].tag.kind) && !tag_rows.contains(&first) {
            // The closing tag of a loop over several rows lies after all cells of the first row.
            let end = if first == last { items[close].offset } else { usize::MAX };
            loops.entry(first).or_default().push(items[open].offset..end);
        }
    }
    for (number, cell) in scan.containers.iter().enumerate() {
        let Some((row, around)) = cell.row.and_then(|row| Some((row, loops.get(&row)?))) else {
            continue;
        };
        let before = around.iter().filter(|tags| tags.start >= cell.range.end).count();
        let behind = around.iter().filter(|tags| tags.end <= cell.range.start).count();
        let below =
            next_row(scan, row).and_then(|next| cell_at_column(scan, &columns, next, number));
        let behind = if below.is_some_and(|below| continues_merge(&scan.containers[below])) {
            behind
        } else {
            0
        };
        let count = before + behind;
        if count > 0
            && let Some(other) = continued_cell(source, scan, number, cell)
        {
            edits.extend(conditional_cell(
                number,
                &cell.range,
                EditAction::OpenFirstIteration(count),
                other,
            ));
        }
    }
    edits
}

/// Returns edits that render a cell only under a condition, and `other` in its place otherwise.
fn conditional_cell(
    number: usize,
    cell: &Range<usize>,
    open: EditAction,
    other: String,
) -> [PartEdit; 2] {
    let edit =
        |at, class, action| PartEdit { range: at..at, order: class, number, actions: vec![action] };
    [
        edit(cell.start, EditOrder::TagBegin, open),
        edit(cell.end, EditOrder::TagEnd, EditAction::CloseCondition(other)),
    ]
}

fn columns_by_row(scan: &PartModel) -> ColumnsByRow {
    let mut columns = ColumnsByRow::new();
    for (number, cell) in scan.containers.iter().enumerate() {
        let Some(row) = cell.row else { continue };
        let cells = columns.entry(row).or_default();
        let before = |&(last, column): &(usize, usize)| column + scan.containers[last].grid_span;
        let column = cells.last().map_or(scan.rows[row].grid_before, before);
        cells.push((number, column));
    }
    columns
}

fn continues_merge(cell: &BlockContainer) -> bool {
    cell.merge == VerticalMerge::Continue
}

/// Returns the next row of the same table.
fn next_row(scan: &PartModel, row: usize) -> Option<usize> {
    let (end, parent) = (scan.rows[row].range.end, scan.rows[row].parent);
    // Rows of nested tables come first.
    let below = (row + 1..scan.rows.len()).find(|&at| scan.rows[at].range.start >= end)?;
    (scan.rows[below].parent == parent).then_some(below)
}

/// Returns the cell of a row that begins at the same column as another and is as wide.
fn cell_at_column(
    scan: &PartModel,
    columns: &ColumnsByRow,
    row: usize,
    other: usize,
) -> Option<usize> {
    let own = columns.get(&scan.containers[other].row?)?;
    let (_, column) = own[own.binary_search_by_key(&other, |(cell, _)| *cell).ok()?];
    let cells = columns.get(&row)?;
    let (found, _) = cells[cells.partition_point(|(_, at)| *at < column)..]
        .first()
        .filter(|(_, at)| *at == column)?;
    (scan.containers[*found].grid_span == scan.containers[other].grid_span).then_some(*found)
}

struct MergeContext<'a> {
    source: &'a str,
    model: &'a PartModel,
    tags: &'a [PlacedTag],
    columns: &'a ColumnsByRow,
    tag_rows: &'a BTreeSet<usize>,
}

impl MergeContext<'_> {
    /// Starts, for merges that begin in the rows of a block and continue below it, the merge below if the block
    /// is absent.
    fn keep_merge_starts(
        &self,
        open: usize,
        covered: RangeInclusive<usize>,
        around: &[usize],
    ) -> Vec<PartEdit> {
        let (first, last) = (*covered.start(), *covered.end());
        let scan = self.model;
        let mut edits = Vec::new();
        let below = next_row(scan, last).filter(|&row| !self.has_block(row));
        // The condition means the same there only if both rows are in the same blocks.
        let same = |row: &usize| {
            let start = scan.rows[*row].range.start;
            around.iter().all(|&close| self.tags[close].offset >= start)
        };
        let (Some(below), rows) = (below.filter(same), self.content_rows(first, last)) else {
            return edits;
        };
        let Some((&top, rest)) = rows.split_first() else { return edits };
        for &(number, _) in self.columns.get(&top).into_iter().flatten() {
            let cell = &scan.containers[number];
            let has_attached =
                scan.attached.iter().any(|found| cell.range.contains(&found.range.start));
            if cell.merge != VerticalMerge::Restart || self.has_tags(&cell.range) || has_attached {
                continue;
            }
            let goes_on = |row: usize| {
                cell_at_column(scan, self.columns, row, number)
                    .filter(|&at| continues_merge(&scan.containers[at]))
            };
            if let Some(under) = goes_on(below)
                && rest.iter().all(|&row| goes_on(row).is_some())
            {
                let whole = self.source.slice(cell.range.clone()).to_owned();
                let range = &scan.containers[under].range;
                edits.extend(conditional_cell(
                    under,
                    range,
                    EditAction::OpenCondition(open),
                    whole,
                ));
            }
        }
        edits
    }

    /// Returns the rows of a block without those that contain only its tags.
    fn content_rows(&self, first: usize, last: usize) -> Vec<usize> {
        let rows = std::iter::successors(Some(first), |&row| {
            next_row(self.model, row).filter(|&next| next <= last)
        });
        rows.filter(|row| !self.tag_rows.contains(row)).collect()
    }

    fn tags_within(&self, range: &Range<usize>) -> &[PlacedTag] {
        let from = self.tags.partition_point(|item| item.offset < range.start);
        let to = self.tags.partition_point(|item| item.offset < range.end);
        &self.tags[from..to]
    }

    fn has_tags(&self, range: &Range<usize>) -> bool {
        !self.tags_within(range).is_empty()
    }

    /// Checks whether a row contains a tag that encloses rows or columns.
    fn has_block(&self, row: usize) -> bool {
        let within = self.tags_within(&self.model.rows[row].range).iter();
        within
            .clone()
            .any(|item| !matches!(item.level, TagLevel::Inline { .. } | TagLevel::Paragraph))
    }
}

/// Returns the cell as a continuation of the merge: with the same properties and an empty paragraph.
fn continued_cell(
    source: &str,
    scan: &PartModel,
    number: usize,
    cell: &BlockContainer,
) -> Option<String> {
    let begins = cell.merge == VerticalMerge::Restart;
    let merge = cell.merge_site.as_ref().filter(|_| begins)?;
    // Only the start tag and the properties precede the cell's content.
    let before = source.slice(cell.range.start..merge.start);
    let after = source.slice(merge.end..cell.content.start);
    let first = scan.paragraphs.iter().find(|found| found.container == Some(number));
    let properties = first.and_then(|found| found.properties.clone());
    let properties = properties.map_or("", |range| source.slice(range));
    Some(format!("{before}<w:vMerge/>{after}<w:p>{properties}</w:p></w:tc>"))
}
