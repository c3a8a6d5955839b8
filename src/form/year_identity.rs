//! Owns the identities between a report and last year's: their terms name rows or columns of this
//! year's form or, with the prefix `previous.`, of last year's, which may be of another edition.
//! Must not know values, nor how an identity is evaluated: `check` does that.

use super::{Axis, FormTable, Term};

/// An identity between two years, for instance 上年结转 = 上年的结转下年度.
#[derive(Debug, Clone)]
pub struct YearIdentity {
    /// Public rule id, for instance `carry-over`.
    pub id: String,
    /// Axis along which the identity is repeated.
    pub per: Axis,
    /// Terms left of the equals sign.
    pub left: Vec<Term<Operand>>,
    /// Terms right of it.
    pub right: Vec<Term<Operand>>,
}

/// The operand of a term of a [`YearIdentity`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// Index of a column (per row) or a row (per column) of this year's table.
    ThisYear(usize),
    /// Id of a column or row of last year's table. If last year's form lacks it, the identity is
    /// not checked.
    LastYear(String),
}

impl YearIdentity {
    /// Checks whether figures of this year are added to last year's.
    pub fn adds_this_year(&self) -> bool {
        self.right.iter().any(|term| matches!(term.of, Operand::ThisYear(_)))
    }
}

impl FormTable {
    /// Returns the identity that gives a cell last year's figures, because the cell is alone on its left, and the row
    /// or column to which it is applied.
    pub fn carrying_identity(&self, cell: usize) -> Option<(&YearIdentity, usize)> {
        let id = self.cells[cell];
        self.year_identities.iter().find_map(|identity| {
            let (line, at) = match identity.per {
                Axis::Row => (id.column, id.row),
                Axis::Column => (id.row, id.column),
            };
            let [Term { of: Operand::ThisYear(own), .. }] = identity.left.as_slice() else {
                return None;
            };
            (*own == line).then_some((identity, at))
        })
    }
}

/// Resolves a name of `holds`; `None` if the table has no such column or row.
pub(super) fn parse_operand(table: &FormTable, per: Axis, name: &str) -> Option<Operand> {
    if let Some(id) = name.strip_prefix("previous.") {
        return Some(Operand::LastYear(id.to_owned()));
    }
    let own = match per {
        Axis::Row => table.find_column(name),
        Axis::Column => table.find_row(name),
    };
    own.map(Operand::ThisYear)
}
