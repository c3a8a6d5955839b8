//! Owns what of a table a filling may change.
//! Must not know how that is found.

/// What of a table a filling may change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TableRule {
    /// Any number of it.
    pub(crate) may_repeat: bool,
    /// Columns may repeat, so that only the rows are compared.
    pub(crate) columns_may_repeat: bool,
    /// Cells may merge.
    pub(crate) cells_may_merge: bool,
    /// Per row whether there may be any number of it.
    pub(crate) row_may_repeat: Vec<bool>,
}
