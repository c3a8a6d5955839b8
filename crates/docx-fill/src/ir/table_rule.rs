//! Owns what of a table a filling may change.
//! Must not know how that is found.

/// What of a table a filling may change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TableRule {
    /// Any number of it.
    pub(crate) any: bool,
    /// Columns may repeat, so that only the rows are compared.
    pub(crate) columns: bool,
    /// Cells may merge.
    pub(crate) cells: bool,
    /// Per row whether there may be any number of it.
    pub(crate) rows: Vec<bool>,
}
