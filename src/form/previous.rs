//! Owns the identities that bind a report to last year's: their terms name rows or columns of this
//! year's form, or with `previous.` those of last year's, which may be of another edition.
//! Must not know values, nor how one is judged: `check` does that.

use super::{Per, Table};

/// An identity across two years, for instance 上年结转 = 上年的结转下年度.
#[derive(Debug, Clone)]
pub struct Crossing {
    /// Public rule id, for instance `carry-over`.
    pub id: String,
    /// Whether it holds for each row or for each column.
    pub per: Per,
    /// Terms left of the equals sign.
    pub left: Vec<YearTerm>,
    /// Terms right of it.
    pub right: Vec<YearTerm>,
}

/// A signed term of a [`Crossing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearTerm {
    /// Whether it is subtracted.
    pub minus: bool,
    /// What it stands for.
    pub what: What,
}

/// What a term of a [`Crossing`] stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A column (per row) or a row (per column) of this year's table.
    Own(usize),
    /// The id of one in last year's table; a form that lacks it leaves the identity unjudged.
    Last(String),
}

/// What a name within `holds` stands for.
pub(super) fn what(table: &Table, per: Per, name: &str) -> Option<What> {
    if let Some(id) = name.strip_prefix("previous.") {
        return Some(What::Last(id.to_owned()));
    }
    let own = match per {
        Per::Row => table.find_column(name),
        Per::Column => table.find_row(name),
    };
    own.map(What::Own)
}
