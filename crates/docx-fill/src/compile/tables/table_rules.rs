//! Owns deriving the rules for comparing a rendered table with its template from the blocks of a part.
//! Must not know data or texts.

use crate::compile::block_scope::deletes_surplus;
use crate::compile::placed_tag::{PlacedTag, TagLevel};
use crate::document::part_model::PartModel;
use crate::helper::HelperSet;
use crate::ir::table_rule::TableRule;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// The tags and blocks of a part, with resolved levels.
#[derive(Clone, Copy)]
pub(crate) struct PlacedBlocks<'a> {
    pub(crate) tags: &'a [PlacedTag],
    /// For each block the indices of its tags, from the opening to the closing one.
    pub(crate) blocks: &'a [Vec<usize>],
    pub(crate) helpers: &'a HelperSet,
}

/// Returns the rules of a part's tables. Rows in `stands` are content slots, which rows of other tables may
/// replace.
pub(crate) fn table_rules(
    scan: &PartModel,
    placed: PlacedBlocks<'_>,
    marked: &BTreeSet<usize>,
    stands: &BTreeSet<usize>,
) -> Vec<TableRule> {
    let mut rules = vec![TableRule::default(); scan.tables.len()];
    let mut rows: Vec<bool> = vec![false; scan.rows.len()];
    for &table in marked {
        rules[table].cells_may_merge = true;
    }
    for block in placed.blocks {
        let (Some(open), Some(close)) = (block.first(), block.last()) else { continue };
        let (open, close) = (&placed.tags[*open], &placed.tags[*close]);
        let range = match (open.level, close.level) {
            (TagLevel::Paragraph | TagLevel::Inline { .. }, _)
                if open.paragraph != close.paragraph =>
            {
                let paragraph = |item: &PlacedTag| scan.paragraphs[item.paragraph].range.clone();
                paragraph(open).start..paragraph(close).end
            }
            (TagLevel::Row(first), TagLevel::Row(last)) => {
                mark_rows(scan, first..=last, true, &mut rows);
                scan.rows[first].range.start..scan.rows[last].range.end
            }
            (TagLevel::FixedRow(first), TagLevel::FixedRow(last)) => {
                // Rows of the loop's tags are removed, and with `surplus="delete"` others too.
                let removed = deletes_surplus(&open.tag.kind, placed.helpers).unwrap_or(false);
                mark_rows(scan, first..=last, removed, &mut rows);
                continue;
            }
            (TagLevel::Column(cell), _) => {
                let table = scan.containers[cell].row.and_then(|row| scan.rows[row].table);
                if let Some(table) = table {
                    rules[table].columns_may_repeat = true;
                }
                continue;
            }
            _ => continue,
        };
        // Tables are sorted by their beginning.
        let at = |offset: usize| scan.tables.partition_point(|table| table.start < offset);
        for rule in &mut rules[at(range.start)..at(range.end)] {
            rule.may_repeat = true;
        }
    }
    for (row, any) in scan.rows.iter().zip(rows) {
        if let Some(table) = row.table {
            rules[table].row_may_repeat.push(any);
        }
    }
    // A table that loses all its rows is removed.
    for rule in &mut rules {
        rule.may_repeat |=
            !rule.row_may_repeat.is_empty() && rule.row_may_repeat.iter().all(|&any| any);
    }
    for table in stands.iter().filter_map(|&row| scan.rows[row].table) {
        rules[table].may_repeat = true;
    }
    rules
}

/// Marks the first and the last row of a block, and with `between` those of the same table between them.
fn mark_rows(scan: &PartModel, range: RangeInclusive<usize>, between: bool, marks: &mut [bool]) {
    let (first, last) = (*range.start(), *range.end());
    let parent = scan.rows[first].parent;
    for at in range {
        marks[at] |= at == first || at == last || between && scan.rows[at].parent == parent;
    }
}
