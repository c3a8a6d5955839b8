//! Owns what a caller supplies beside the data: files that values refer to, and the rules for links.
//! Must not know where files are stored.

use crate::prose::LinkSchemes;
use std::collections::BTreeSet;

/// Files that values refer to, such as pictures.
pub trait Assets {
    /// Returns the bytes of a file by the path that the data contains.
    fn get(&self, path: &str) -> Option<&[u8]>;
}

/// No files.
impl Assets for () {
    fn get(&self, _: &str) -> Option<&[u8]> {
        None
    }
}

impl Assets for std::collections::BTreeMap<String, Vec<u8>> {
    fn get(&self, path: &str) -> Option<&[u8]> {
        std::collections::BTreeMap::get(self, path).map(Vec::as_slice)
    }
}

/// The rules for links whose addresses come from data; links of the template itself are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkRules {
    /// Permitted addresses; links with others become plain text and are reported.
    pub schemes: LinkSchemes,
    /// Addresses in Markdown that were already reported at their places in the data.
    pub reported: BTreeSet<String>,
    /// Path of a document to insert that was made from a template and not from data, so that its links are
    /// trusted.
    pub trusted_document: Option<&'static str>,
}
