//! Owns the proof that the grid of a filled document is its template's: every table, row and cell is
//! where it was, but for what a tag repeats, leaves out or merges.
//! Must not know data or texts.

use super::{Part, Template};
use crate::diag::text;
use crate::diag::{Diagnostic, Place, Sink, SourceId, Text};
use crate::document::layout::{RowLayout, TableLayout, layout};
use crate::ir::table_rule::TableRule;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most rows and tables that are compared: where much may repeat, each is compared with many.
const COMPARISONS: usize = 10_000_000;

/// Compares the grids of a template and of a document that was filled from it. What differs goes to the
/// sink; true if nothing does.
pub fn verify(
    template: impl Into<Arc<[u8]>>,
    output: &[u8],
    source: SourceId,
    sink: &mut Sink,
) -> bool {
    Template::parse(template, source, sink).is_some_and(|template| template.verify(output, sink))
}

impl Template {
    /// Compares the grid of a filled document with the template's. What differs goes to the sink; true
    /// if nothing does.
    pub fn verify(&self, output: &[u8], sink: &mut Sink) -> bool {
        let grids = self.layout().and_then(|own| Ok((own, layout(output)?)));
        let (own, filled) = match grids {
            Ok(grids) => grids,
            Err(error) => {
                sink.push(error.diagnostic(self.source));
                return false;
            }
        };
        let main = self.package.main_document();
        let part = self.parts.iter().find(|part| part.name == main);
        let rules = part.map_or(&[][..], |part| &part.tables);
        let inserts = part.is_some_and(Part::inserts_blocks)
            || self.inserted.load(std::sync::atomic::Ordering::Relaxed);
        let found = compare(&own, &filled, rules, inserts);
        let Some(found) = found else { return true };
        let finding = Diagnostic::error("grid-differs", Place::File(self.source), found);
        sink.push(finding.hint(text!("template.hint-grid")));
        false
    }

    fn layout(&self) -> Result<Vec<TableLayout>, crate::opc::OpcError> {
        crate::document::layout::of_package(&self.package)
    }
}

/// What is the first difference; `None` if there is none.
fn compare(
    own: &[TableLayout],
    filled: &[TableLayout],
    rules: &[TableRule],
    inserts: bool,
) -> Option<Text> {
    let none = TableRule::default();
    let rule = |at: usize| rules.get(at).unwrap_or(&none);
    let rest = Cell::new(COMPARISONS);
    let fits = |at: usize, table: &TableLayout| {
        rest.set(rest.get().saturating_sub(1));
        rest.get() > 0 && differs(&own[at], table, rule(at), &rest).is_none()
    };
    let (any, wanted): (Vec<usize>, Vec<usize>) = (0..own.len()).partition(|&at| rule(at).any);
    let free: Vec<bool> =
        filled.iter().map(|table| inserts || any.iter().any(|&at| fits(at, table))).collect();
    let fit = |at: usize, number: usize| fits(wanted[at], &filled[number]);
    let aligned = align(wanted.len(), filled.len(), &fit, &|number| free[number]);
    if rest.get() == 0 {
        return Some(text!("template.grid-too-large"));
    }
    match aligned {
        Ok(()) => None,
        Err((at, Some(number))) => Some(match wanted.get(at) {
            Some(&wanted) => {
                let what = differs(&own[wanted], &filled[number], rule(wanted), &rest);
                let what = what.unwrap_or_else(|| text!("template.grid-columns"));
                text!("template.grid-table", table = number + 1, what = what)
            }
            None => text!("template.grid-more", table = number + 1),
        }),
        Err((at, None)) => Some(text!("template.grid-missing", table = wanted[at] + 1)),
    }
}

/// Whether all that is wanted stands in a list in order, and everything else in it is free. If not, how
/// much of it was found, and where it went wrong unless at the end.
fn align(
    wanted: usize,
    found: usize,
    fits: &dyn Fn(usize, usize) -> bool,
    free: &dyn Fn(usize) -> bool,
) -> Result<(), (usize, Option<usize>)> {
    // How much of what is wanted may have been found so far.
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

/// In what a table differs from the template's.
fn differs(
    own: &TableLayout,
    table: &TableLayout,
    rule: &TableRule,
    rest: &Cell<usize>,
) -> Option<Text> {
    if own.depth != table.depth || !rule.columns && own.columns != table.columns {
        return Some(text!("template.grid-columns"));
    }
    let any = |at: usize| rule.rows.get(at).copied().unwrap_or(false);
    // A merge beside a loop grows with it.
    let spans = !rule.cells && !rule.rows.contains(&true);
    let same = |at: usize, row: &RowLayout| {
        rest.set(rest.get().saturating_sub(1));
        rest.get() > 0 && same_row(&own.rows[at], row, rule, spans)
    };
    let (repeated, wanted): (Vec<usize>, Vec<usize>) = (0..own.rows.len()).partition(|&at| any(at));
    let fits = |at: usize, number: usize| same(wanted[at], &table.rows[number]);
    let free = |number: usize| repeated.iter().any(|&at| same(at, &table.rows[number]));
    match align(wanted.len(), table.rows.len(), &fits, &free) {
        Ok(()) => None,
        Err((_, Some(number))) => Some(text!("template.grid-row", row = number + 1)),
        Err((at, None)) => Some(text!("template.grid-no-row", row = wanted[at] + 1)),
    }
}

fn same_row(own: &RowLayout, row: &RowLayout, rule: &TableRule, spans: bool) -> bool {
    let cells = |row: &RowLayout| -> Vec<(usize, usize, usize, bool)> {
        let cell = |cell: &crate::template::CellLayout| {
            (cell.column, cell.columns, if spans { cell.rows } else { 1 }, cell.vertical)
        };
        row.cells.iter().map(cell).collect()
    };
    let loose = rule.columns || rule.cells || (!spans && own.cells.len() != row.cells.len());
    own.height == row.height
        && own.height_rule == row.height_rule
        && own.header == row.header
        && own.cant_split == row.cant_split
        && (loose || cells(own) == cells(row))
}
