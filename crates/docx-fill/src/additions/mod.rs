//! Owns the additions of a rendering to a package: identifiers, relationships, media, lists, notes, styles and
//! namespaces.
//! Must not know where they are used in a text.

pub(crate) mod added_lists;
pub(crate) mod added_relationships;
pub(crate) mod assets;
pub(crate) mod attached;
pub(crate) mod comment_entries;
pub(crate) mod compatibility;
pub(crate) mod fresh_ids;
pub(crate) mod link_checker;
pub(crate) mod parts_per_turn;
pub(crate) mod resources;
pub(crate) mod section_headers;
pub(crate) mod settings;
pub(crate) mod shared_ids;
pub(crate) mod target_parts;
pub(crate) mod written_sections;
