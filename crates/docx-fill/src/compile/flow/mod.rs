//! Owns what begins anew in every turn of a loop, and ends with what a block leaves out: lists and sections.
//! Must not know data.

pub(crate) mod list_restart;
pub(crate) mod section_ends;
