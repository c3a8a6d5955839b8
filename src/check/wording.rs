//! Owns the words of a violated identity: both sides in official words with their values, the
//! difference, every given addend with its place, and what would mend it.
//! Must not decide whether an identity is violated.

use super::mend::Change;
use super::sums::{Law, Part, Sums};
use crate::figure::Decimal;
use crate::form::Per;
use crate::report::cell_ref;
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Text};

/// The finding.
pub(super) fn unequal(sums: &Sums<'_>, law: &Law<'_>, change: Option<&Change>) -> Diagnostic {
    let (left, right) = sums.sides(law, sums.cells()).unwrap_or((Decimal::ZERO, Decimal::ZERO));
    let place = sums.report.cell_place(sums.number, guilty(sums, law));
    let message = message(sums, law, left, right);
    let cell = match law.per {
        Per::Row => cell_ref(sums.table, Some(law.at), None),
        Per::Column => cell_ref(sums.table, None, Some(law.at)),
    };
    let mut found = Diagnostic::error(law.id.to_owned(), place, message).cell(cell);
    found.sides = Some((left.to_string(), right.to_string()));
    for part in law.parts().filter(|part| matters(sums, *part)) {
        found = addend(sums, law, part, found);
    }
    found.hint(hint(sums, law, change, left, right))
}

/// A further place: the addend with its value.
fn addend(sums: &Sums<'_>, law: &Law<'_>, part: Part, found: Diagnostic) -> Diagnostic {
    let label = label(sums, law.per, part);
    let cell = sums.figure(part, sums.cells());
    let value = cell.figure.text();
    let source = match (part.last, sums.last) {
        (true, Some(last)) => last.report.source,
        _ => sums.report.source,
    };
    match (cell.span, part.last) {
        (Some(span), _) => found.label(
            Place::Text(source, span),
            text!("check.term-place", label = label, value = value),
        ),
        (None, true) => found
            .label(Place::File(source), text!("check.term-place", label = label, value = value)),
        (None, false) => {
            found.label(Place::Nowhere, text!("check.term-computed", label = label, value = value))
        }
    }
}

/// The cell to point at: the given total, else the first given cell.
fn guilty(sums: &Sums<'_>, law: &Law<'_>) -> usize {
    let given = |at: &usize| sums.cells()[*at].span.is_some();
    let own = || law.parts().filter(|part| !part.last).map(|part| part.cell);
    let total = law.computes.filter(given);
    total.or_else(|| own().find(given)).or_else(|| own().next()).unwrap_or_default()
}

/// Whether a term helps the reader: it is given, or it is not zero.
fn matters(sums: &Sums<'_>, part: Part) -> bool {
    let cell = sums.figure(part, sums.cells());
    part.last || cell.span.is_some() || cell.figure.number() != Some(Decimal::ZERO)
}

fn message(sums: &Sums<'_>, law: &Law<'_>, left: Decimal, right: Decimal) -> Text {
    let name = match law.per {
        Per::Row => sums.table.row_name(law.at),
        Per::Column => sums.table.columns[law.at].label.clone(),
    };
    let difference = if left < right { right - left } else { left - right };
    let table = &sums.table.name;
    let ((sum_side, sum_value), (other_side, other_value)) = {
        let pair = ((&law.left, left), (&law.right, right));
        // A single total reads better behind the sum that it should be.
        let swapped = law.left.len() == 1 && law.right.len() > 1;
        if swapped { (pair.1, pair.0) } else { pair }
    };
    let (sum_words, sum_value) = (side(sums, law.per, sum_side), sum_value.to_string());
    let (other_words, other_value) = (side(sums, law.per, other_side), other_value.to_string());
    let difference = difference.to_string();
    macro_rules! unequal {
        ($id:literal) => {
            text!(
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
        (Per::Row, true, true) => unequal!("check.unequal-row-pair"),
        (Per::Column, true, true) => unequal!("check.unequal-column-pair"),
        (Per::Row, _, true) => unequal!("check.unequal-row-single"),
        (Per::Column, _, true) => unequal!("check.unequal-column-single"),
        (Per::Row, _, false) => unequal!("check.unequal-row"),
        (Per::Column, _, false) => unequal!("check.unequal-column"),
    }
}

/// A side in official words with values; long sums leave their zeros out.
fn side(sums: &Sums<'_>, per: Per, parts: &[Part]) -> Text {
    let zero =
        |part: &&Part| sums.figure(**part, sums.cells()).figure.number() == Some(Decimal::ZERO);
    let shown = |part: &&Part| parts.len() <= 6 || !zero(part);
    let mut words: Option<Text> = None;
    let mut count = 0;
    for part in parts.iter().filter(shown) {
        let value = sums.figure(*part, sums.cells()).figure.text();
        let label = label(sums, per, *part);
        // Rows have long names with numbers of their own; last year's are marked off already.
        let term = match (per, part.last) {
            (Per::Column, false) => text!("check.term-row", label = label, value = value),
            _ => text!("check.term", label = label, value = value),
        };
        words = Some(match (words, part.minus) {
            (None, false) => term,
            (None, true) => text!("check.minus-first", term = term),
            (Some(before), false) => text!("check.plus", before = before, term = term),
            (Some(before), true) => text!("check.minus", before = before, term = term),
        });
        count += 1;
    }
    let hidden = parts.len() - count;
    match (words, hidden) {
        (Some(words), 0) => words,
        (Some(words), _) => {
            let rest = text!("check.rest-zero", count = hidden);
            text!("check.sum-and-rest", sum = words, rest = rest)
        }
        (None, _) => text!("check.all-zero", count = hidden),
    }
}

/// Official words of a term: the column's in a row, the row's in a column.
fn label(sums: &Sums<'_>, per: Per, part: Part) -> Text {
    let table = match (part.last, sums.last) {
        (true, Some(last)) => last.table(),
        _ => sums.table,
    };
    let id = sums.id(part);
    let name = match per {
        Per::Row => table.columns[id.column].label.clone(),
        Per::Column => table.row_name(id.row),
    };
    if part.last { text!("check.last-year", name = name) } else { text!("check.this", name = name) }
}

/// What would mend it: the only single change, else for a total its right value.
fn hint(
    sums: &Sums<'_>,
    law: &Law<'_>,
    change: Option<&Change>,
    left: Decimal,
    right: Decimal,
) -> Text {
    if let Some(change) = change {
        return single(sums, change);
    }
    let given = |goal: &usize| sums.cells()[*goal].span.is_some();
    let Some(goal) = law.computes.filter(given) else { return text!("check.compare") };
    let alone = law.left.len() == 1 && law.left[0].cell == goal && !law.left[0].last;
    let value = if alone { right } else { left };
    let label = label(sums, law.per, Part { minus: false, last: false, cell: goal });
    text!("check.mend", label = label, value = value.to_string())
}

fn single(sums: &Sums<'_>, change: &Change) -> Text {
    let id = sums.table.cells[change.cell];
    let cell = &sums.cells()[change.cell];
    text!(
        "check.single",
        table = &sums.table.name,
        row = sums.table.row_name(id.row),
        column = &sums.table.columns[id.column].label,
        now = cell.figure.text(),
        value = change.value.to_string()
    )
}
