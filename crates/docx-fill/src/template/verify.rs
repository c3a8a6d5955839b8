//! Owns verifying that a rendered document keeps its template's table grid: every table, row and cell, except
//! where tags repeat, omit or merge them.
//! Must not know data or texts.

use super::{CompiledTemplate, RenderedDocx, TemplatePart};
use crate::diag::msg;
use crate::diag::{Diagnostic, Location, Message, Sink, SourceId};
use crate::ir::table_rule::TableRule;
use crate::word::table_layout::{RowLayout, TableLayout, table_layouts};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Maximum comparisons of rows and tables; where many may repeat, each is compared with many others.
const MAX_COMPARISONS: usize = 10_000_000;

/// Compares the table grid of a rendered document with that of its template. Reports the first difference to
/// the sink and returns true if there is none.
pub fn verify_layout(
    template: impl Into<Arc<[u8]>>,
    output: &[u8],
    source: SourceId,
    sink: &mut Sink,
) -> bool {
    CompiledTemplate::parse(template, source, sink)
        .is_some_and(|template| template.verify_layout(&output.to_vec().into(), sink))
}

impl CompiledTemplate {
    /// Compares the table grid of a rendered document with the template's. Reports the first difference to the
    /// sink and returns true if there is none.
    pub fn verify_layout(&self, output: &RenderedDocx, sink: &mut Sink) -> bool {
        let limits = self.package.limits();
        let grids = self.table_layouts().and_then(|own| Ok((own, table_layouts(output, limits)?)));
        let (own, filled) = match grids {
            Ok(grids) => grids,
            Err(error) => {
                sink.push(error.to_diagnostic(self.source));
                return false;
            }
        };
        let main = self.package.main_document_name();
        let part = self.parts.iter().find(|part| part.name == main);
        let rules = part.map_or(&[][..], |part| &part.table_rules);
        let inserts = part.is_some_and(TemplatePart::inserts_blocks) || output.has_inserted;
        let found = compare_tables(&own, &filled, rules, inserts);
        let Some(found) = found else { return true };
        let finding = Diagnostic::error("grid-differs", Location::File(self.source), found);
        sink.push(finding.with_hint(msg!("template.hint-grid")));
        false
    }

    fn table_layouts(&self) -> Result<Vec<TableLayout>, crate::opc::OpcError> {
        crate::word::table_layout::package_table_layouts(&self.package)
    }
}

/// Returns the first difference between the tables of template and document.
fn compare_tables(
    own: &[TableLayout],
    filled: &[TableLayout],
    rules: &[TableRule],
    inserts: bool,
) -> Option<Message> {
    let none = TableRule::default();
    let rule = |at: usize| rules.get(at).unwrap_or(&none);
    let rest = Cell::new(MAX_COMPARISONS);
    let fits = |at: usize, table: &TableLayout| {
        rest.set(rest.get().saturating_sub(1));
        rest.get() > 0 && table_difference(&own[at], table, rule(at), &rest).is_none()
    };
    let (any, wanted): (Vec<usize>, Vec<usize>) =
        (0..own.len()).partition(|&at| rule(at).may_repeat);
    let free: Vec<bool> =
        filled.iter().map(|table| inserts || any.iter().any(|&at| fits(at, table))).collect();
    let fit = |at: usize, number: usize| fits(wanted[at], &filled[number]);
    let aligned = match_in_order(wanted.len(), filled.len(), &fit, &|number| free[number]);
    if rest.get() == 0 {
        return Some(msg!("template.grid-too-large"));
    }
    match aligned {
        Ok(()) => None,
        Err((at, Some(number))) => Some(match wanted.get(at) {
            Some(&wanted) => {
                let what = table_difference(&own[wanted], &filled[number], rule(wanted), &rest);
                let what = what.unwrap_or_else(|| msg!("template.grid-columns"));
                msg!("template.grid-table", table = number + 1, what = what)
            }
            None => msg!("template.grid-more", table = number + 1),
        }),
        Err((at, None)) => Some(msg!("template.grid-missing", table = wanted[at] + 1)),
    }
}

/// Checks whether `found` items contain all `wanted` ones in order, and only free ones beside them. An error
/// holds the number of matched items and the index of the first unmatched one, or `None` at the end.
fn match_in_order(
    wanted: usize,
    found: usize,
    fits: &dyn Fn(usize, usize) -> bool,
    free: &dyn Fn(usize) -> bool,
) -> Result<(), (usize, Option<usize>)> {
    // The numbers of wanted items that may have been matched so far.
    let mut states = BTreeSet::from([0]);
    for number in 0..found {
        let mut next = BTreeSet::new();
        for &at in &states {
            if at < wanted && fits(at, number) {
                next.insert(at + 1);
            }
            if free(number) {
                next.insert(at);
            }
        }
        if next.is_empty() {
            return Err((states.last().copied().unwrap_or(0), Some(number)));
        }
        states = next;
    }
    match states.last() {
        Some(&most) if most < wanted => Err((most, None)),
        _ => Ok(()),
    }
}

/// Returns the difference between a table and the template's.
fn table_difference(
    own: &TableLayout,
    table: &TableLayout,
    rule: &TableRule,
    rest: &Cell<usize>,
) -> Option<Message> {
    if own.depth != table.depth || !rule.columns_may_repeat && own.columns != table.columns {
        return Some(msg!("template.grid-columns"));
    }
    let any = |at: usize| rule.row_may_repeat.get(at).copied().unwrap_or(false);
    // Vertical merges beside a loop grow with it.
    let spans = !rule.cells_may_merge && !rule.row_may_repeat.contains(&true);
    let same = |at: usize, row: &RowLayout| {
        rest.set(rest.get().saturating_sub(1));
        rest.get() > 0 && is_same_row(&own.rows[at], row, rule, spans)
    };
    let (repeated, wanted): (Vec<usize>, Vec<usize>) = (0..own.rows.len()).partition(|&at| any(at));
    let fits = |at: usize, number: usize| same(wanted[at], &table.rows[number]);
    let free = |number: usize| repeated.iter().any(|&at| same(at, &table.rows[number]));
    match match_in_order(wanted.len(), table.rows.len(), &fits, &free) {
        Ok(()) => None,
        Err((_, Some(number))) => Some(msg!("template.grid-row", row = number + 1)),
        Err((at, None)) => Some(msg!("template.grid-no-row", row = wanted[at] + 1)),
    }
}

fn is_same_row(own: &RowLayout, row: &RowLayout, rule: &TableRule, spans: bool) -> bool {
    let cells = |row: &RowLayout| -> Vec<(usize, usize, usize, bool)> {
        let cell = |cell: &crate::template::CellLayout| {
            (cell.column, cell.columns, if spans { cell.rows } else { 1 }, cell.vertical)
        };
        row.cells.iter().map(cell).collect()
    };
    let loose = rule.columns_may_repeat
        || rule.cells_may_merge
        || (!spans && own.cells.len() != row.cells.len());
    own.height == row.height
        && own.height_rule == row.height_rule
        && own.header == row.header
        && own.cant_split == row.cant_split
        && (loose || cells(own) == cells(row))
}
