//! Owns what a block repeats beside text: identifiers with what refers to them, ranges that it cuts, and the content of
//! other parts that belongs to a place in it.
//! Must not know any data.

pub(crate) mod attached_content;
pub(crate) mod content_index;
pub(crate) mod enclosed_ranges;
pub(crate) mod loose_references;
pub(crate) mod moving_fields;
pub(crate) mod range_pairs;
pub(crate) mod region_map;
pub(crate) mod shared_identities;
