//! Owns the changes that rendering may make to a table's grid.
//! Must not know how they are determined.

/// The changes that rendering may make to a table's grid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TableRule {
    /// The table may occur any number of times.
    pub(crate) may_repeat: bool,
    /// Columns may repeat, so that only rows are compared.
    pub(crate) columns_may_repeat: bool,
    /// Cells may merge.
    pub(crate) cells_may_merge: bool,
    /// For each row, whether it may occur any number of times.
    pub(crate) row_may_repeat: Vec<bool>,
}
