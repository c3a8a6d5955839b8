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
