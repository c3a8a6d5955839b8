//! Owns the identities between cells: their notation, the cells that each one binds, and the order
//! in which missing totals are computed.
//! Must not know values: `check` and `report` evaluate the identities.

use super::{CellId, FormTable, Term};

/// An identity of the form, such as 勾稽关系 第一项加第二项之和，等于第三项加第四项之和.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Public rule id, for instance `balance`.
    pub id: String,
    /// Axis along which the identity is repeated.
    pub per: Axis,
    /// Terms left of the equals sign; indexes of columns (per row) or rows (per column).
    pub left: Vec<Term<usize>>,
    /// Terms right of it.
    pub right: Vec<Term<usize>>,
    /// The row or column that it computes, if it does.
    pub computes: Option<usize>,
}

/// Axis along which an identity is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Once for each row; the terms are columns.
    Row,
    /// Once for each column; the terms are rows.
    Column,
}

/// An identity for one row or one column.
#[derive(Debug, Clone)]
pub struct IdentityInstance {
    /// Index into [`FormTable::identities`].
    pub identity: usize,
    /// Index of the row or column to which the identity is applied.
    pub at: usize,
    /// Cell numbers left of the equals sign.
    pub left: Vec<Term<usize>>,
    /// Cell numbers right of it.
    pub right: Vec<Term<usize>>,
    /// The cell that it computes.
    pub computes: Option<usize>,
}

impl IdentityInstance {
    /// Returns all cells bound, left to right.
    pub fn terms(&self) -> impl Iterator<Item = Term<usize>> {
        self.left.iter().chain(&self.right).copied()
    }
}

/// Parses `a + b - c = d` into signed names, `true` for a minus; `None` if the text has another
/// form.
pub(super) fn parse_identity(holds: &str) -> Option<[Vec<(bool, &str)>; 2]> {
    let (left, right) = holds.split_once('=')?;
    Some([parse_side(left)?, parse_side(right)?])
}

fn parse_side(text: &str) -> Option<Vec<(bool, &str)>> {
    let mut terms = Vec::new();
    let mut minus = Some(false);
    for word in text.split_whitespace() {
        match (word, minus) {
            ("+", None) => minus = Some(false),
            ("-", None) => minus = Some(true),
            (name, Some(sign)) if !["+", "-", "="].contains(&name) => {
                terms.push((sign, name));
                minus = None;
            }
            _ => return None,
        }
    }
    (minus.is_none() && !terms.is_empty()).then_some(terms)
}

/// Returns every identity applied to every row or column in which the form has all of its cells.
pub(super) fn instantiate_all(table: &FormTable) -> Vec<IdentityInstance> {
    let mut out = Vec::new();
    for (number, identity) in table.identities.iter().enumerate() {
        let count = match identity.per {
            Axis::Row => table.rows.len(),
            Axis::Column => table.columns.len(),
        };
        out.extend((0..count).filter_map(|at| instantiate_at(table, number, at)));
    }
    out
}

fn instantiate_at(table: &FormTable, number: usize, at: usize) -> Option<IdentityInstance> {
    let identity = &table.identities[number];
    let cell = |index: usize| {
        let CellId { row, column } = match identity.per {
            Axis::Row => CellId { row: at, column: index },
            Axis::Column => CellId { row: index, column: at },
        };
        table.cell_number(row, column)
    };
    let bind = |terms: &[Term<usize>]| -> Option<Vec<Term<usize>>> {
        terms.iter().map(|t| cell(t.of).map(|cell| t.with(cell))).collect()
    };
    Some(IdentityInstance {
        identity: number,
        at,
        left: bind(&identity.left)?,
        right: bind(&identity.right)?,
        computes: identity.computes.and_then(cell),
    })
}

/// Returns an order in which all computed cells can be computed if none of them is given. Where two
/// identities compute the same cell, the earlier one of the form is used.
pub(super) fn plan_evaluation(table: &FormTable) -> Vec<usize> {
    let mut open: Vec<Option<usize>> = table.instances.iter().map(|i| i.computes).collect();
    let mut pending: Vec<usize> = open.iter().flatten().copied().collect();
    let mut plan = Vec::new();
    loop {
        let ready = table.instances.iter().enumerate().position(|(at, instance)| {
            open[at].is_some_and(|goal| {
                instance.terms().all(|t| t.of == goal || !pending.contains(&t.of))
            })
        });
        let Some(at) = ready else { return plan };
        let goal = table.instances[at].computes;
        plan.push(at);
        pending.retain(|cell| Some(*cell) != goal);
        for slot in &mut open {
            if *slot == goal {
                *slot = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_small_and_strict() {
        assert_eq!(
            parse_identity("a + b-c - d = e"),
            Some([vec![(false, "a"), (false, "b-c"), (true, "d")], vec![(false, "e")]])
        );
        for wrong in ["a + b", "a b = c", "a + = c", "= c", "a = ", "a = b = c", "a ++ b = c"] {
            assert_eq!(parse_identity(wrong), None, "{wrong}");
        }
    }
}
