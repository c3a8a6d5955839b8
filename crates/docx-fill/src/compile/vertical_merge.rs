//! Owns cells that stand beside a block of rows and are merged downward: they grow with a loop, and do not
//! get lost with a block that is not there.
//! Must not know data; it adds steps at the edges of such cells.

use crate::compile::block_scope::{Item, Level};
use crate::compile::list_restart::is_loop;
use crate::document::part_model::{Container, Scan};
use crate::ir::part::{Action, Class, Edit};
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The cells of each row with the column that each begins at.
type Columns = BTreeMap<usize, Vec<(usize, usize)>>;

/// A cell that begins a vertical merge and stands before the tag that opens a loop of its row, or behind
/// the one that ends it, begins the merge in the first turn only; in the others it goes on.
pub(crate) fn grow(
    source: &str,
    scan: &Scan,
    items: &[Item],
    tag_rows: &BTreeSet<usize>,
    blocks: &[Vec<usize>],
) -> Vec<Edit> {
    let columns = columns(scan);
    let mut loops: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    let mut edits = Vec::new();
    // Blocks around the one that is looked at, by their closing tags.
    let mut around: Vec<usize> = Vec::new();
    let site = Site { source, scan, items, columns: &columns, tag_rows };
    for block in blocks {
        let (Some(&open), Some(&close)) = (block.first(), block.last()) else { continue };
        let (Level::Row(first), Level::Row(last)) = (items[open].level, items[close].level) else {
            continue;
        };
        around.retain(|&outer| outer > close);
        if let &[open, _] = block.as_slice() {
            edits.extend(site.keep(open, (first, last), &around));
        }
        around.push(close);
        if is_loop(&items[open].tag.kind) && !tag_rows.contains(&first) {
            // A loop over several rows ends behind all cells of its first.
            let end = if first == last { items[close].at } else { usize::MAX };
            loops.entry(first).or_default().push(items[open].at..end);
        }
    }
    for (number, cell) in scan.cells.iter().enumerate() {
        let Some((row, around)) = cell.row.and_then(|row| Some((row, loops.get(&row)?))) else {
            continue;
        };
        let before = around.iter().filter(|tags| tags.start >= cell.range.end).count();
        let behind = around.iter().filter(|tags| tags.end <= cell.range.start).count();
        let below = next_row(scan, row).and_then(|next| at_column(scan, &columns, next, number));
        let behind = if below.is_some_and(|below| scan.cells[below].goes_on) { behind } else { 0 };
        let count = before + behind;
        if count > 0
            && let Some(other) = continued(source, scan, number, cell)
        {
            edits.extend(instead(number, &cell.range, Action::OpenFirst(count), other));
        }
    }
    edits
}

/// A cell that has something else in its place under a condition.
fn instead(number: usize, cell: &Range<usize>, open: Action, other: String) -> [Edit; 2] {
    let edit = |at, class, action| Edit { range: at..at, class, number, actions: vec![action] };
    [
        edit(cell.start, Class::TagBegin, open),
        edit(cell.end, Class::TagEnd, Action::CloseFirst(other)),
    ]
}

fn columns(scan: &Scan) -> Columns {
    let mut columns = Columns::new();
    for (number, cell) in scan.cells.iter().enumerate() {
        let Some(row) = cell.row else { continue };
        let cells = columns.entry(row).or_default();
        let before = |&(last, column): &(usize, usize)| column + scan.cells[last].columns;
        let column = cells.last().map_or(scan.rows[row].before, before);
        cells.push((number, column));
    }
    columns
}

/// The row below, in the same table.
fn next_row(scan: &Scan, row: usize) -> Option<usize> {
    let (end, parent) = (scan.rows[row].range.end, scan.rows[row].parent);
    // Rows of tables within come first.
    let below = (row + 1..scan.rows.len()).find(|&at| scan.rows[at].range.start >= end)?;
    (scan.rows[below].parent == parent).then_some(below)
}

/// The cell of a row that begins where another does and is as wide.
fn at_column(scan: &Scan, columns: &Columns, row: usize, other: usize) -> Option<usize> {
    let own = columns.get(&scan.cells[other].row?)?;
    let (_, column) = own[own.binary_search_by_key(&other, |(cell, _)| *cell).ok()?];
    let cells = columns.get(&row)?;
    let (found, _) = cells[cells.partition_point(|(_, at)| *at < column)..]
        .first()
        .filter(|(_, at)| *at == column)?;
    (scan.cells[*found].columns == scan.cells[other].columns).then_some(*found)
}

struct Site<'a> {
    source: &'a str,
    scan: &'a Scan,
    items: &'a [Item],
    columns: &'a Columns,
    tag_rows: &'a BTreeSet<usize>,
}

impl Site<'_> {
    /// Cells that begin in the rows of a block and go on below it begin there if the block is not there.
    fn keep(&self, open: usize, (first, last): (usize, usize), around: &[usize]) -> Vec<Edit> {
        let scan = self.scan;
        let mut edits = Vec::new();
        let below = next_row(scan, last).filter(|&row| !self.has_block(row));
        // Names mean the same there only if the blocks around are the same.
        let same = |row: &usize| {
            let start = scan.rows[*row].range.start;
            around.iter().all(|&close| self.items[close].at >= start)
        };
        let (Some(below), rows) = (below.filter(same), self.rows(first, last)) else {
            return edits;
        };
        let Some((&top, rest)) = rows.split_first() else { return edits };
        for &(number, _) in self.columns.get(&top).into_iter().flatten() {
            let cell = &scan.cells[number];
            if cell.merge_start.is_none() || self.has_tags(&cell.range) {
                continue;
            }
            let goes_on = |row: usize| {
                at_column(scan, self.columns, row, number).filter(|&at| scan.cells[at].goes_on)
            };
            if let Some(under) = goes_on(below)
                && rest.iter().all(|&row| goes_on(row).is_some())
            {
                let whole = self.source.slice(cell.range.clone()).to_owned();
                let range = &scan.cells[under].range;
                edits.extend(instead(under, range, Action::OpenHolds(open), whole));
            }
        }
        edits
    }

    /// The rows of a block without those that are there only for its tags.
    fn rows(&self, first: usize, last: usize) -> Vec<usize> {
        let rows = std::iter::successors(Some(first), |&row| {
            next_row(self.scan, row).filter(|&next| next <= last)
        });
        rows.filter(|row| !self.tag_rows.contains(row)).collect()
    }

    fn items_within(&self, range: &Range<usize>) -> &[Item] {
        let from = self.items.partition_point(|item| item.at < range.start);
        let to = self.items.partition_point(|item| item.at < range.end);
        &self.items[from..to]
    }

    fn has_tags(&self, range: &Range<usize>) -> bool {
        !self.items_within(range).is_empty()
    }

    /// Whether a row belongs to a block that begins or ends in it.
    fn has_block(&self, row: usize) -> bool {
        let within = self.items_within(&self.scan.rows[row].range).iter();
        within.clone().any(|item| !matches!(item.level, Level::Inline { .. } | Level::Paragraph))
    }
}

/// The cell as it goes on below its first: the same properties, no text.
fn continued(source: &str, scan: &Scan, number: usize, cell: &Container) -> Option<String> {
    let merge = cell.merge_start.as_ref()?;
    // Everything before the content is the cell's tag and its properties.
    let before = source.slice(cell.range.start..merge.start);
    let after = source.slice(merge.end..cell.content.start);
    let first = scan.paragraphs.iter().find(|found| found.container == Some(number));
    let properties = first.and_then(|found| found.properties.clone());
    let properties = properties.map_or("", |range| source.slice(range));
    Some(format!("{before}<w:vMerge/>{after}<w:p>{properties}</w:p></w:tc>"))
}
