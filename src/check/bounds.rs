//! Owns what nearly always holds and is only doubted otherwise: bounds between the cells of a row
//! or column, and amounts that are probably in another unit. Bounds and units are data of the form.
//! Must not check identities: `identities` does.

use crate::figure::Decimal;
use crate::form::{Axis, FormTable, Identity, Term, UnitCheck, sum_terms};
use crate::msg;
use crate::report::{Report, cell_ref};
use docx_fill::diag::{Diagnostic, Message, Sink};

/// Checks the bounds of a table for every row or column that has all their cells.
pub(super) fn check_bounds(report: &Report, number: usize, sink: &mut Sink) {
    let table = &report.form.tables[number];
    for bound in &table.bounds {
        let count = match bound.per {
            Axis::Row => table.rows.len(),
            Axis::Column => table.columns.len(),
        };
        for at in 0..count {
            sink.extend(broken_bound(report, number, bound, at));
        }
    }
}

/// Returns row and column of a term.
fn address_of_term(per: Axis, at: usize, index: usize) -> (usize, usize) {
    match per {
        Axis::Row => (at, index),
        Axis::Column => (index, at),
    }
}

fn broken_bound(report: &Report, number: usize, bound: &Identity, at: usize) -> Option<Diagnostic> {
    let table = &report.form.tables[number];
    let side = |terms: &[Term<usize>]| -> Option<Decimal> {
        sum_terms(terms, |index| {
            let (row, column) = address_of_term(bound.per, at, *index);
            report.tables[number][table.cell_number(row, column)?].figure.as_number()
        })
    };
    let (left, right) = (side(&bound.left)?, side(&bound.right)?);
    if left >= right {
        return None;
    }
    let (row, column) = address_of_term(bound.per, at, bound.left[0].of);
    let place = report.cell_location(number, table.cell_number(row, column)?);
    let line = BoundLine { report, number, bound, at };
    let message = msg!(
        "check.bound",
        line = describe_line(table, bound.per, at),
        left = line.describe_side(&bound.left),
        right = line.describe_side(&bound.right)
    );
    let mut found = Diagnostic::warning(bound.id.clone(), place, message);
    found.sides = Some((left.to_string(), right.to_string()));
    let own = match bound.per {
        Axis::Row => cell_ref(table, Some(at), None),
        Axis::Column => cell_ref(table, None, Some(at)),
    };
    Some(found.with_cell(own).with_hint(msg!("check.bound-hint", rule = &bound.id)))
}

fn describe_line(table: &FormTable, per: Axis, at: usize) -> Message {
    match per {
        Axis::Row => msg!("check.bound-row", table = &table.name, name = table.row_name(at)),
        Axis::Column => {
            msg!("check.bound-column", table = &table.name, name = &table.columns[at].label)
        }
    }
}

/// A row or column of a table to which a bound applies.
#[derive(Clone, Copy)]
struct BoundLine<'a> {
    report: &'a Report,
    /// Number of the table.
    number: usize,
    bound: &'a Identity,
    /// Number of the row or column.
    at: usize,
}

impl BoundLine<'_> {
    /// Returns a side in official labels with its numbers: `现行有效件数 1 + 本年废止件数 0`.
    fn describe_side(&self, terms: &[Term<usize>]) -> String {
        let BoundLine { report, number, bound, at } = *self;
        let table = &report.form.tables[number];
        let mut out = String::new();
        for term in terms {
            let (row, column) = address_of_term(bound.per, at, term.of);
            let name = match bound.per {
                Axis::Row => table.columns[column].label.clone(),
                Axis::Column => table.row_name(row),
            };
            let cell = table
                .cell_number(row, column)
                .map(|cell| report.tables[number][cell].figure.cell_text());
            out.push_str(match (out.is_empty(), term.minus) {
                (_, true) => " - ",
                (true, false) => "",
                (false, false) => " + ",
            });
            out.push_str(&name);
            out.push(' ');
            out.push_str(&cell.unwrap_or_default());
        }
        out
    }
}

/// Reports amounts that are probably in another unit than the form's.
pub(super) fn check_units(
    report: &Report,
    number: usize,
    previous: Option<&Report>,
    sink: &mut Sink,
) {
    let table = &report.form.tables[number];
    for (at, id) in table.cells.iter().enumerate() {
        let column = &table.columns[id.column];
        let Some(doubt) = &column.unit_check else { continue };
        let Some(value) = report.tables[number][at].figure.as_number() else { continue };
        let last = previous.and_then(|previous| previous.counterpart(table, at)?.as_number());
        let Some(reason) = unit_doubt_reason(doubt, value, last, report.organ.level.as_deref())
        else {
            continue;
        };
        let message = msg!(
            "check.unit",
            row = table.row_name(id.row),
            column = &column.label,
            value = value.to_string(),
            reason = reason
        );
        let found = Diagnostic::warning("fee-unit", report.cell_location(number, at), message);
        let cell = cell_ref(table, Some(id.row), Some(id.column));
        sink.push(
            found.with_cell(cell).with_hint(msg!("check.unit-hint", unit = table.unit_of(at))),
        );
    }
}

fn unit_doubt_reason(
    doubt: &UnitCheck,
    value: Decimal,
    last: Option<Decimal>,
    level: Option<&str>,
) -> Option<Message> {
    let small = level.is_some_and(|level| doubt.levels.iter().any(|known| known == level));
    if value <= Decimal::ZERO {
        return None;
    }
    if small && value.is_multiple_of(doubt.multiple_of) {
        return Some(msg!("check.unit-round", of = doubt.multiple_of));
    }
    let last = last.filter(|last| *last > Decimal::ZERO)?;
    let far = value >= last.multiplied_by(doubt.times_last_year);
    far.then(|| msg!("check.unit-last", last = last.to_string(), times = doubt.times_last_year))
}
