//! Owns what nearly always holds and is only doubted otherwise: bounds between the cells of a row or
//! column, and amounts that look like another unit's. What is doubted is data of the form.
//! Must not judge identities: `sums` does.

use crate::figure::Decimal;
use crate::form::{Doubt, Identity, Per, Table, Term};
use crate::report::{Report, cell_ref};
use crate::text;
use docx_fill::diag::{Diagnostic, Sink, Text};

/// The bounds of a table, for every row or column that has all their cells.
pub(super) fn judge(report: &Report, number: usize, sink: &mut Sink) {
    let table = &report.form.tables[number];
    for bound in &table.bounds {
        let count = match bound.per {
            Per::Row => table.rows.len(),
            Per::Column => table.columns.len(),
        };
        for at in 0..count {
            sink.extend(broken(report, number, bound, at));
        }
    }
}

/// Row and column of a term.
fn spot(per: Per, at: usize, term: &Term) -> (usize, usize) {
    match per {
        Per::Row => (at, term.index),
        Per::Column => (term.index, at),
    }
}

fn broken(report: &Report, number: usize, bound: &Identity, at: usize) -> Option<Diagnostic> {
    let table = &report.form.tables[number];
    let side = |terms: &[Term]| -> Option<Decimal> {
        terms.iter().try_fold(Decimal::ZERO, |sum, term| {
            let (row, column) = spot(bound.per, at, term);
            let value = report.tables[number][table.cell(row, column)?].figure.number()?;
            Some(if term.minus { sum - value } else { sum + value })
        })
    };
    let (left, right) = (side(&bound.left)?, side(&bound.right)?);
    if left >= right {
        return None;
    }
    let (row, column) = spot(bound.per, at, &bound.left[0]);
    let place = report.cell_place(number, table.cell(row, column)?);
    let message = text!(
        "check.bound",
        line = line(table, bound.per, at),
        left = words(report, number, bound, at, &bound.left),
        right = words(report, number, bound, at, &bound.right)
    );
    let mut found = Diagnostic::warning(bound.id.clone(), place, message);
    found.sides = Some((left.to_string(), right.to_string()));
    let own = match bound.per {
        Per::Row => cell_ref(table, Some(at), None),
        Per::Column => cell_ref(table, None, Some(at)),
    };
    Some(found.cell(own).hint(text!("check.bound-hint", rule = &bound.id)))
}

fn line(table: &Table, per: Per, at: usize) -> Text {
    match per {
        Per::Row => text!("check.bound-row", table = &table.name, name = table.row_name(at)),
        Per::Column => {
            text!("check.bound-column", table = &table.name, name = &table.columns[at].label)
        }
    }
}

/// A side in official words with its numbers: `现行有效件数 1 + 本年废止件数 0`.
fn words(report: &Report, number: usize, bound: &Identity, at: usize, terms: &[Term]) -> String {
    let table = &report.form.tables[number];
    let mut out = String::new();
    for term in terms {
        let (row, column) = spot(bound.per, at, term);
        let name = match bound.per {
            Per::Row => table.columns[column].label.clone(),
            Per::Column => table.row_name(row),
        };
        let cell = table.cell(row, column).map(|cell| report.tables[number][cell].figure.text());
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

/// Amounts that are probably in another unit than the form's.
pub(super) fn units(report: &Report, number: usize, previous: Option<&Report>, sink: &mut Sink) {
    let table = &report.form.tables[number];
    for (at, id) in table.cells.iter().enumerate() {
        let column = &table.columns[id.column];
        let Some(doubt) = &column.doubt else { continue };
        let Some(value) = report.tables[number][at].figure.number() else { continue };
        let last = previous.and_then(|previous| last(previous, table, at));
        let Some(reason) = doubted(doubt, value, last, report.organ.level.as_deref()) else {
            continue;
        };
        let message = text!(
            "check.unit",
            row = table.row_name(id.row),
            column = &column.label,
            value = value.to_string(),
            reason = reason
        );
        let found = Diagnostic::warning("fee-unit", report.cell_place(number, at), message);
        let cell = cell_ref(table, Some(id.row), Some(id.column));
        sink.push(found.cell(cell).hint(text!("check.unit-hint", unit = &column.unit)));
    }
}

fn last(previous: &Report, table: &Table, at: usize) -> Option<Decimal> {
    let id = table.cells[at];
    let number = previous.form.tables.iter().position(|own| own.id == table.id)?;
    let form = &previous.form.tables[number];
    let row = form.find_row(&table.rows[id.row].id)?;
    let column = form.find_column(&table.columns[id.column].id)?;
    previous.tables[number][form.cell(row, column)?].figure.number()
}

fn doubted(
    doubt: &Doubt,
    value: Decimal,
    last: Option<Decimal>,
    level: Option<&str>,
) -> Option<Text> {
    let small = level.is_some_and(|level| doubt.levels.iter().any(|known| known == level));
    if value <= Decimal::ZERO {
        return None;
    }
    if small && value.is_multiple_of(doubt.multiple_of) {
        return Some(text!("check.unit-round", of = doubt.multiple_of));
    }
    let last = last.filter(|last| *last > Decimal::ZERO)?;
    let far = value >= last.times(doubt.times_last_year);
    far.then(|| text!("check.unit-last", last = last.to_string(), times = doubt.times_last_year))
}
