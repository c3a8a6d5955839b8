//! Owns computing the totals that a file leaves out, in the order that the form has planned.
//! Must not know which identity it is, nor judge a given total.

use super::{Cell, Figure};
use crate::figure::Decimal;
use crate::form::{Instance, Table, Term};

/// Fills every computed cell that is not given. Returns the cells whose totals are too large to be exact.
pub(crate) fn compute(table: &Table, cells: &mut [Cell]) -> Vec<usize> {
    let mut beyond = Vec::new();
    for &at in &table.plan {
        let instance = &table.instances[at];
        let Some(goal) = instance.computes else { continue };
        if cells[goal].span.is_none() {
            let total = solve(instance, goal, cells);
            if total.is_some_and(|total| !total.is_exact()) {
                beyond.push(goal);
            }
            let total = total.filter(|total| total.is_exact());
            cells[goal].figure = total.map_or(Figure::Unknown, Figure::Number);
        }
    }
    beyond
}

/// The value that makes the identity hold. The goal stands alone on one side.
fn solve(instance: &Instance, goal: usize, cells: &[Cell]) -> Option<Decimal> {
    let alone = |side: &[Term]| side.len() == 1 && side[0].index == goal;
    let other = if alone(&instance.left) { &instance.right } else { &instance.left };
    sum(other, cells)
}

/// The signed sum of cells; nothing if one of them is no number.
pub(crate) fn sum(terms: &[Term], cells: &[Cell]) -> Option<Decimal> {
    terms.iter().try_fold(Decimal::ZERO, |sum, term| {
        let number = cells[term.index].figure.number()?;
        Some(if term.minus { sum - number } else { sum + number })
    })
}
