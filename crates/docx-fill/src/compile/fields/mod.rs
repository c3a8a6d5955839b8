//! Owns the fields of Word in a part: in which of them a place lies, and those of a mail merge.
//! Must not know data, nor how the bytes around a tag are edited.

pub(crate) mod field_places;
pub(crate) mod merge_fields;
