//! Owns the message for a violated identity: both sides in official labels with their values, the
//! difference, every given addend with its place, and the change that would correct it.
//! Must not decide whether an identity is violated.

use super::equations::{Equation, EquationCell, IdentityChecker};
use super::single_cell_fix::FigureChange;
use crate::figure::Decimal;
use crate::form::{Axis, Term};
use crate::msg;
use crate::report::cell_ref;
use docx_fill::diag::{Diagnostic, Location, Message};

/// Returns the finding for a violated identity.
pub(super) fn unequal_diagnostic(
    sums: &IdentityChecker<'_>,
    law: &Equation<'_>,
    change: Option<&FigureChange>,
) -> Diagnostic {
    let (left, right) =
        sums.evaluate_sides(law, sums.cells()).unwrap_or((Decimal::ZERO, Decimal::ZERO));
    let place = sums.report.cell_location(sums.table_index, guilty_cell(sums, law));
    let message = unequal_message(sums, law, left, right);
    let cell = match law.per {
        Axis::Row => cell_ref(sums.table, Some(law.at), None),
        Axis::Column => cell_ref(sums.table, None, Some(law.at)),
    };
    let mut found = Diagnostic::error(law.id.to_owned(), place, message).with_cell(cell);
    found.sides = Some((left.to_string(), right.to_string()));
    for part in law.cells().filter(|part| is_worth_naming(sums, *part)) {
        found = with_term_label(sums, law, part, found);
    }
    found.with_hint(unequal_hint(sums, law, change, SideValues { left, right }))
}

/// Adds the addend with its value as a further place of the finding.
fn with_term_label(
    sums: &IdentityChecker<'_>,
    law: &Equation<'_>,
    part: EquationCell,
    found: Diagnostic,
) -> Diagnostic {
    let label = term_label(sums, law.per, part);
    let cell = sums.cell_of_term(part, sums.cells());
    let value = cell.figure.cell_text();
    let source = match (part.from_last_year, sums.previous) {
        (true, Some(last)) => last.report.source,
        _ => sums.report.source,
    };
    let message = if cell.place.is_none() && !part.from_last_year {
        msg!("check.term-computed", label = label, value = value)
    } else {
        msg!("check.term-place", label = label, value = value)
    };
    let computed = || sums.report.cell_place(sums.table_index, part.cell);
    let place = if part.from_last_year { cell.place } else { cell.place.or_else(computed) };
    let location = match place {
        Some(place) => place.in_source(source),
        None if part.from_last_year => Location::File(source),
        None => Location::Nowhere,
    };
    found.with_label(location, message)
}

/// Returns the cell at which the finding points: the given total, else the first given cell.
fn guilty_cell(sums: &IdentityChecker<'_>, law: &Equation<'_>) -> usize {
    let given = |at: &usize| sums.cells()[*at].place.is_some();
    let own = || law.cells().filter(|part| !part.from_last_year).map(|part| part.cell);
    let total = law.computes.filter(given);
    total.or_else(|| own().find(given)).or_else(|| own().next()).unwrap_or_default()
}

/// Checks whether a term helps the reader: it is given, or it is not zero.
fn is_worth_naming(sums: &IdentityChecker<'_>, part: EquationCell) -> bool {
    let cell = sums.cell_of_term(part, sums.cells());
    part.from_last_year || cell.place.is_some() || cell.figure.as_number() != Some(Decimal::ZERO)
}

fn unequal_message(
    sums: &IdentityChecker<'_>,
    law: &Equation<'_>,
    left: Decimal,
    right: Decimal,
) -> Message {
    let name = match law.per {
        Axis::Row => sums.table.row_name(law.at),
        Axis::Column => sums.table.columns[law.at].label.clone(),
    };
    let difference = if left < right { right - left } else { left - right };
    let table = &sums.table.name;
    let ((sum_side, sum_value), (other_side, other_value)) = {
        let pair = ((&law.left, left), (&law.right, right));
        // A single total reads better after the sum that it should equal.
        let swapped = law.left.len() == 1 && law.right.len() > 1;
        if swapped { (pair.1, pair.0) } else { pair }
    };
    let (sum_words, sum_value) = (describe_side(sums, law.per, sum_side), sum_value.to_string());
    let (other_words, other_value) =
        (describe_side(sums, law.per, other_side), other_value.to_string());
    let difference = difference.to_string();
    macro_rules! unequal {
        ($id:literal) => {
            msg!(
                $id,
                table = table,
                name = name,
                left = sum_words,
                left_sum = sum_value,
                right = other_words,
                right_sum = other_value,
                difference = difference
            )
        };
    }
    match (law.per, sum_side.len() == 1, other_side.len() == 1) {
        (Axis::Row, true, true) => unequal!("check.unequal-row-pair"),
        (Axis::Column, true, true) => unequal!("check.unequal-column-pair"),
        (Axis::Row, _, true) => unequal!("check.unequal-row-single"),
        (Axis::Column, _, true) => unequal!("check.unequal-column-single"),
        (Axis::Row, _, false) => unequal!("check.unequal-row"),
        (Axis::Column, _, false) => unequal!("check.unequal-column"),
    }
}

/// Returns a side in official words with values; long sums leave their zeros out.
fn describe_side(sums: &IdentityChecker<'_>, per: Axis, terms: &[Term<EquationCell>]) -> Message {
    let zero = |term: &&Term<EquationCell>| {
        sums.cell_of_term(term.of, sums.cells()).figure.as_number() == Some(Decimal::ZERO)
    };
    let shown = |term: &&Term<EquationCell>| terms.len() <= 6 || !zero(term);
    let mut words: Option<Message> = None;
    let mut count = 0;
    for Term { minus, of: part } in terms.iter().filter(shown) {
        let value = sums.cell_of_term(*part, sums.cells()).figure.cell_text();
        let label = term_label(sums, per, *part);
        // Row labels are long and contain numbers; the terms of last year are already marked off.
        let term = match (per, part.from_last_year) {
            (Axis::Column, false) => msg!("check.term-row", label = label, value = value),
            _ => msg!("check.term", label = label, value = value),
        };
        words = Some(match (words, *minus) {
            (None, false) => term,
            (None, true) => msg!("check.minus-first", term = term),
            (Some(before), false) => msg!("check.plus", before = before, term = term),
            (Some(before), true) => msg!("check.minus", before = before, term = term),
        });
        count += 1;
    }
    let hidden = terms.len() - count;
    match (words, hidden) {
        (Some(words), 0) => words,
        (Some(words), _) => {
            let rest = msg!("check.rest-zero", count = hidden);
            msg!("check.sum-and-rest", sum = words, rest = rest)
        }
        (None, _) => msg!("check.all-zero", count = hidden),
    }
}

/// Returns the official words of a term: the column's in a row, the row's in a column.
fn term_label(sums: &IdentityChecker<'_>, per: Axis, part: EquationCell) -> Message {
    let table = match (part.from_last_year, sums.previous) {
        (true, Some(last)) => last.table(),
        _ => sums.table,
    };
    let id = sums.cell_id(part);
    let name = match per {
        Axis::Row => table.columns[id.column].label.clone(),
        Axis::Column => table.row_name(id.row),
    };
    if part.from_last_year {
        msg!("check.last-year", name = name)
    } else {
        msg!("check.this", name = name)
    }
}

/// The values of the sides of an equation.
#[derive(Debug, Clone, Copy)]
struct SideValues {
    left: Decimal,
    right: Decimal,
}

/// Returns the hint: the only single change that corrects the table, else the right value of the
/// total.
fn unequal_hint(
    sums: &IdentityChecker<'_>,
    law: &Equation<'_>,
    change: Option<&FigureChange>,
    sides: SideValues,
) -> Message {
    if let Some(change) = change {
        return single_change_hint(sums, change);
    }
    let given = |goal: &usize| sums.cells()[*goal].place.is_some();
    let Some(goal) = law.computes.filter(given) else { return msg!("check.compare") };
    let own = EquationCell { from_last_year: false, cell: goal };
    let alone = law.left.len() == 1 && law.left[0].of == own;
    let value = if alone { sides.right } else { sides.left };
    let label = term_label(sums, law.per, own);
    msg!("check.mend", label = label, value = value.to_string())
}

fn single_change_hint(sums: &IdentityChecker<'_>, change: &FigureChange) -> Message {
    let id = sums.table.cells[change.cell];
    let cell = &sums.cells()[change.cell];
    msg!(
        "check.single",
        table = &sums.table.name,
        row = sums.table.row_name(id.row),
        column = &sums.table.columns[id.column].label,
        now = cell.figure.cell_text(),
        value = change.value.to_string()
    )
}
