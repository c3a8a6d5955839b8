//! Owns the search for the one change that would mend a table: a single cell whose other value makes
//! every violated identity hold and breaks none. It is named only when there is exactly one.
//! Must not know how it is said.

use super::sums::{Law, Sums};
use crate::figure::Decimal;
use crate::form::Kind;
use crate::report::{Cell, Figure, compute};

/// The single change.
pub(super) struct Change {
    /// Cell number.
    pub(super) cell: usize,
    /// Its other value.
    pub(super) value: Decimal,
}

/// The only change of one cell that mends everything, if there is exactly one.
pub(super) fn single(sums: &Sums<'_>, broken: &[Law<'_>]) -> Option<Change> {
    let table = sums.table;
    let own = table.instances.iter().map(|instance| sums.law(instance));
    let laws: Vec<Law<'_>> = own.chain(sums.crossings()).collect();
    let mut cells = sums.cells().to_vec();
    // The identity that the fewest cells can mend leaves the fewest to try.
    let reaches = broken.iter().map(|law| (law, reach(sums, law)));
    let (first, reach) = reaches.min_by_key(|(_, reach)| reach.iter().filter(|r| **r).count())?;
    let (left, right) = sums.sides(first, &cells)?;
    let search = Search { sums, laws: &laws, first, off: left - right };
    let mut found = None;
    for cell in (0..cells.len()).filter(|cell| reach[*cell]) {
        // A computed total follows from the others and cannot be changed by itself.
        if sums.cells()[cell].span.is_none() && table.is_computed(cell) {
            continue;
        }
        if let Some(value) = search.value(cell, &mut cells) {
            if found.is_some() {
                return None;
            }
            found = Some(Change { cell, value });
        }
        cells.clone_from_slice(sums.cells());
    }
    found
}

/// The cells on which an identity depends: its own, and those from which its totals are computed.
fn reach(sums: &Sums<'_>, law: &Law<'_>) -> Vec<bool> {
    let table = sums.table;
    let mut out = vec![false; table.cells.len()];
    let mut open: Vec<usize> = law.parts().filter(|p| !p.last).map(|part| part.cell).collect();
    while let Some(cell) = open.pop() {
        if std::mem::replace(&mut out[cell], true) || sums.cells()[cell].span.is_some() {
            continue;
        }
        let computes = |at: &&usize| table.instances[**at].computes == Some(cell);
        if let Some(at) = table.plan.iter().find(computes) {
            open.extend(table.instances[*at].terms().map(|term| term.index));
        }
    }
    out
}

struct Search<'a, 'b> {
    sums: &'b Sums<'a>,
    laws: &'b [Law<'a>],
    first: &'b Law<'a>,
    /// Left minus right of the first violated identity.
    off: Decimal,
}

impl Search<'_, '_> {
    /// The value of the cell with which all identities hold; nothing if there is none.
    fn value(&self, cell: usize, cells: &mut [Cell]) -> Option<Decimal> {
        let now = cells[cell].figure.number()?;
        let one = Decimal::from(1);
        self.set(cell, now + one, cells);
        let (left, right) = self.sums.sides(self.first, cells)?;
        let slope = (left - right) - self.off;
        let value = if slope == one {
            now - self.off
        } else if slope == -one {
            now + self.off
        } else {
            return None;
        };
        if !self.allowed(cell, value) {
            return None;
        }
        self.set(cell, value, cells);
        self.laws.iter().all(|law| self.sums.holds(law, cells)).then_some(value)
    }

    fn set(&self, cell: usize, value: Decimal, cells: &mut [Cell]) {
        cells[cell].figure = Figure::Number(value);
        compute(self.sums.table, cells);
    }

    fn allowed(&self, cell: usize, value: Decimal) -> bool {
        let table = self.sums.table;
        match table.columns[table.cells[cell].column].kind {
            Kind::Signed => value.is_whole(),
            Kind::Count => value.is_whole() && !value.is_negative(),
            Kind::Money | Kind::Text => !value.is_negative(),
        }
    }
}
