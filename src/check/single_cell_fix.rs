//! Owns the search for the single change that corrects a table: one cell whose other value
//! satisfies every violated identity and violates none. It is reported only if it is unique.
//! Must not know the wording of the message.

use super::equations::{Equation, IdentityChecker};
use crate::figure::Decimal;
use crate::form::FigureKind;
use crate::report::{Figure, ReportCell, compute_totals};

/// A change of one cell.
pub(super) struct FigureChange {
    /// Number of the cell.
    pub(super) cell: usize,
    /// New value of the cell.
    pub(super) value: Decimal,
}

/// Returns the only change of one cell that corrects everything; `None` if there is none or more
/// than one.
pub(super) fn find_single_change(
    sums: &IdentityChecker<'_>,
    broken: &[Equation<'_>],
) -> Option<FigureChange> {
    // With a figure unknown, no single change can be known to mend everything.
    if sums.cells().iter().any(|cell| cell.figure == Figure::Unknown) {
        return None;
    }
    let table = sums.table;
    let own = table.instances.iter().map(|instance| sums.equation_of(instance));
    let laws: Vec<Equation<'_>> = own.chain(sums.year_equations()).collect();
    let mut cells = sums.cells().to_vec();
    // The identity that the fewest cells can correct leaves the fewest candidates.
    let reaches = broken.iter().map(|law| (law, cells_reached(sums, law)));
    let (first, reach) = reaches.min_by_key(|(_, reach)| reach.iter().filter(|r| **r).count())?;
    let (left, right) = sums.evaluate_sides(first, &cells)?;
    let search = ChangeSearch { checker: sums, equations: &laws, first, difference: left - right };
    let mut found = None;
    for cell in (0..cells.len()).filter(|cell| reach[*cell]) {
        // A computed total follows from the others and cannot be changed by itself.
        if sums.cells()[cell].place.is_none() && table.is_computed(cell) {
            continue;
        }
        if let Some(value) = search.solve_cell(cell, &mut cells) {
            if found.is_some() {
                return None;
            }
            found = Some(FigureChange { cell, value });
        }
        cells.clone_from_slice(sums.cells());
    }
    found
}

/// Returns the cells on which an identity depends: its own, and those from which its totals are
/// computed.
fn cells_reached(sums: &IdentityChecker<'_>, law: &Equation<'_>) -> Vec<bool> {
    let table = sums.table;
    let mut out = vec![false; table.cells.len()];
    let mut open: Vec<usize> =
        law.cells().filter(|p| !p.from_last_year).map(|part| part.cell).collect();
    while let Some(cell) = open.pop() {
        if std::mem::replace(&mut out[cell], true) || sums.cells()[cell].place.is_some() {
            continue;
        }
        let computes = |at: &&usize| table.instances[**at].computes == Some(cell);
        if let Some(at) = table.eval_order.iter().find(computes) {
            open.extend(table.instances[*at].terms().map(|term| term.of));
        }
    }
    out
}

struct ChangeSearch<'a, 'b> {
    checker: &'b IdentityChecker<'a>,
    equations: &'b [Equation<'a>],
    first: &'b Equation<'a>,
    /// Left side minus right side of the first violated identity.
    difference: Decimal,
}

impl ChangeSearch<'_, '_> {
    /// Returns the value of the cell that satisfies all identities; `None` if there is none.
    fn solve_cell(&self, cell: usize, cells: &mut [ReportCell]) -> Option<Decimal> {
        let now = cells[cell].figure.as_number()?;
        let one = Decimal::from(1);
        self.set_value(cell, now + one, cells);
        let (left, right) = self.checker.evaluate_sides(self.first, cells)?;
        let slope = (left - right) - self.difference;
        let value = if slope == one {
            now - self.difference
        } else if slope == -one {
            now + self.difference
        } else {
            return None;
        };
        if !self.is_allowed(cell, value) {
            return None;
        }
        self.set_value(cell, value, cells);
        self.equations.iter().all(|law| self.checker.holds(law, cells)).then_some(value)
    }

    fn set_value(&self, cell: usize, value: Decimal, cells: &mut [ReportCell]) {
        cells[cell].figure = Figure::Number(value);
        compute_totals(self.checker.table, cells);
    }

    fn is_allowed(&self, cell: usize, value: Decimal) -> bool {
        match self.checker.table.kind_of(cell) {
            FigureKind::Signed => value.is_whole(),
            FigureKind::Count => value.is_whole() && !value.is_negative(),
            FigureKind::Money | FigureKind::Text => !value.is_negative(),
        }
    }
}
