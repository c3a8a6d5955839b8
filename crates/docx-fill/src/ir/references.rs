//! Owns references to bookmarks that stand in blocks without them, so that data decides to what they lead.
//! Must not know how they are found.

use crate::diag::WordLocation;
use std::collections::{BTreeMap, BTreeSet};

/// The bookmarks in the blocks of a part, and references to them from elsewhere in it.
#[derive(Debug, Default)]
pub(crate) struct BookmarksInBlocks {
    /// The blocks around each, by the name in lower case.
    pub(crate) bookmarks: BTreeMap<String, CrossedBlocks>,
    pub(crate) references: Vec<LooseReference>,
}

/// The blocks between a bookmark and a reference to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CrossedBlocks {
    /// A condition that the reference does not have too.
    pub(crate) is_optional: bool,
    /// A loop around the bookmark alone.
    pub(crate) is_repeated: bool,
}

/// A reference to a bookmark in a block in which it does not stand itself.
#[derive(Debug, Clone)]
pub(crate) struct LooseReference {
    /// The bookmark as the reference writes it.
    pub(crate) name: String,
    pub(crate) place: WordLocation,
    pub(crate) between: CrossedBlocks,
    /// Number of loops around both.
    pub(crate) level: usize,
    /// True if it is clear without data what stands between them.
    pub(crate) is_certain: bool,
}

/// References of other parts to bookmarks of the main one.
#[derive(Debug, Default)]
pub(crate) struct OuterReferences {
    /// The parts with such references.
    pub(crate) parts: BTreeSet<String>,
    /// The bookmarks in blocks of the main part, in lower case.
    pub(crate) bookmarks: BTreeSet<String>,
}
