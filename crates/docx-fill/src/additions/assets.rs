//! Owns what a caller gives beside the data: files that values refer to, and the rules for links.
//! Must not know where files lie.

use crate::prose::LinkSchemes;
use std::collections::BTreeSet;

/// Files that values refer to, such as pictures.
pub trait Assets {
    /// The bytes of a file by the path that the data names.
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

/// What becomes of links whose addresses come from the data; those of the template itself are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkRules {
    /// Which addresses are taken; a link with another one stays text, which is told.
    pub schemes: LinkSchemes,
    /// Addresses in Markdown of which was told before, at their places in the data, that they stay text.
    pub reported: BTreeSet<String>,
    /// The path of a document to insert that is no data but made of a template: its links are trusted.
    pub trusted_document: Option<&'static str>,
}
