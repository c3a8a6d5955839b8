//! Owns computing the totals that a file leaves out, in the order planned by the form.
//! Must not know a particular identity, nor check a given total.

use super::{Figure, ReportCell};
use crate::figure::Decimal;
use crate::form::{FormTable, IdentityInstance, Term, sum_terms};

/// Fills every computed cell that is not given. Returns the cells whose totals are too large to be
/// exact.
pub(crate) fn compute_totals(table: &FormTable, cells: &mut [ReportCell]) -> Vec<usize> {
    let mut beyond = Vec::new();
    for &at in &table.eval_order {
        let instance = &table.instances[at];
        let Some(goal) = instance.computes else { continue };
        if cells[goal].place.is_none() {
            let total = solve_for(instance, goal, cells);
            if total.is_some_and(|total| !total.is_exact()) {
                beyond.push(goal);
            }
            let total = total.filter(|total| total.is_exact());
            cells[goal].figure = total.map_or(Figure::Unknown, Figure::Number);
        }
    }
    beyond
}

/// Returns the value of `goal` that satisfies the identity; the goal is alone on its side.
fn solve_for(instance: &IdentityInstance, goal: usize, cells: &[ReportCell]) -> Option<Decimal> {
    let alone = |side: &[Term<usize>]| side.len() == 1 && side[0].of == goal;
    let other = if alone(&instance.left) { &instance.right } else { &instance.left };
    sum_terms(other, |cell| cells[*cell].figure.as_number())
}
