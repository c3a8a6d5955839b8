//! Owns tables that blocks change: columns that repeat, cells that merge downwards, rules for the grid, tables side by
//! side.
//! Must not know data.

pub(crate) mod column_loops;
pub(crate) mod table_gaps;
pub(crate) mod table_rules;
pub(crate) mod vertical_merge;
