//! Owns the identities that bind a report to last year's: their terms name rows or columns of this
//! year's form, or with `previous.` those of last year's, which may be of another edition.
//! Must not know values, nor how one is judged: `check` does that.

use super::{Axis, FormTable, Term};

/// An identity across two years, for instance 上年结转 = 上年的结转下年度.
#[derive(Debug, Clone)]
pub struct YearIdentity {
    /// Public rule id, for instance `carry-over`.
    pub id: String,
    /// Whether it holds for each row or for each column.
    pub per: Axis,
    /// Terms left of the equals sign.
    pub left: Vec<Term<Operand>>,
    /// Terms right of it.
    pub right: Vec<Term<Operand>>,
}

/// The operand of a term of a [`YearIdentity`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A column (per row) or a row (per column) of this year's table.
    ThisYear(usize),
    /// The id of one in last year's table; a form that lacks it leaves the identity unjudged.
    LastYear(String),
}

/// What a name within `holds` stands for.
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
