//! Owns the namespaces of Word documents, transitional and strict, and the prefixes by which names are written here
//! whatever prefix a document binds to them.
//! Must not know elements.

use crate::opc::NAMESPACES;

/// Maximum number of namespace declarations of a part that are followed.
const MAX_DECLARATIONS: usize = 1_000;

/// The declarations that are in scope at a place, as far as they differ from the customary prefixes.
///
/// A document whose root binds `x` to the namespace of `WordprocessingML` writes `<x:p>`; its name here is `w:p`. A
/// prefix of an unknown namespace stays as it is written.
#[derive(Debug, Default)]
pub struct PrefixScope {
    /// Depth, prefix as written, and prefix by which its names are known.
    declared: Vec<(usize, String, String)>,
}

impl PrefixScope {
    /// Adds a declaration of an element at a depth: the attribute's name, as `xmlns:x`, and its value.
    pub fn declare(&mut self, depth: usize, attribute: &str, uri: &str) {
        let prefix = match attribute.strip_prefix("xmlns") {
            Some("") => "",
            Some(rest) => rest.strip_prefix(':').unwrap_or_default(),
            None => return,
        };
        let known = NAMESPACES.iter().find(|(known, _)| *known == uri);
        let known = known.map_or(prefix, |(_, known)| *known);
        let shadows = self.declared.iter().any(|(_, written, _)| written == prefix);
        if (known != prefix || shadows) && self.declared.len() < MAX_DECLARATIONS {
            self.declared.push((depth, prefix.to_owned(), known.to_owned()));
        }
    }

    /// Forgets the declarations of elements at a depth and below.
    pub fn leave(&mut self, depth: usize) {
        while self.declared.last().is_some_and(|(declared, _, _)| *declared >= depth) {
            self.declared.pop();
        }
    }

    /// Checks whether every name is known as it is written.
    pub fn is_customary(&self) -> bool {
        self.declared.is_empty()
    }

    /// Returns the name of an element by the customary prefix of its namespace.
    pub fn element_name(&self, written: &str) -> String {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        self.known_name(prefix, local, written)
    }

    /// Returns the name of an attribute by the customary prefix of its namespace; one without a prefix is in none.
    pub fn attribute_name(&self, written: &str) -> String {
        match written.split_once(':') {
            Some((prefix, local)) => self.known_name(prefix, local, written),
            None => written.to_owned(),
        }
    }

    fn known_name(&self, prefix: &str, local: &str, written: &str) -> String {
        let found = self.declared.iter().rev().find(|(_, declared, _)| declared == prefix);
        match found {
            Some((_, _, known)) if known.is_empty() => local.to_owned(),
            Some((_, _, known)) => format!("{known}:{local}"),
            None => written.to_owned(),
        }
    }
}
