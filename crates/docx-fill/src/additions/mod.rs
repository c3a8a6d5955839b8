//! Owns what a filling adds to a package: identities, relationships, media, lists, notes, styles and namespaces.
//! Must not know where in a text they stand.

pub(crate) mod assets;
pub(crate) mod resources;
pub(crate) mod svg;
pub(crate) mod target_parts;
