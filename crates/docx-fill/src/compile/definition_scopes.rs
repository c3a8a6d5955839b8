//! Owns which names are defined in which block of a part.
//! Must not know the content of definitions.

use std::collections::{BTreeMap, BTreeSet};

/// The blocks of a part with the names that they define.
#[derive(Debug, Default)]
pub(crate) struct DefinitionScopes {
    pub(crate) scopes: Vec<DefinitionScope>,
    /// The innermost scope of each tag.
    pub(crate) scope_of_tag: Vec<usize>,
    pub(crate) names: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct DefinitionScope {
    outer: Option<usize>,
    /// True if it lies in a definition, which may be included where more names are defined.
    in_definition: bool,
    names: BTreeMap<String, usize>,
}

impl DefinitionScopes {
    /// Finds the tag that defines a name at the place of another tag.
    pub(crate) fn find_definition(&self, at: usize, name: &str) -> Option<usize> {
        let mut scope = self.scope_of_tag.get(at).copied();
        while let Some(found) = scope.and_then(|at| self.scopes.get(at)) {
            if let Some(&tag) = found.names.get(name) {
                return Some(tag);
            }
            scope = found.outer;
        }
        None
    }

    pub(crate) fn is_in_definition(&self, at: usize) -> bool {
        self.scope_of_tag
            .get(at)
            .and_then(|&scope| self.scopes.get(scope))
            .is_some_and(|scope| scope.in_definition)
    }

    /// Checks whether a name may be defined when a tag is rendered.
    pub(crate) fn may_be_defined(&self, at: usize, name: &str) -> bool {
        self.find_definition(at, name).is_some()
            || self.is_in_definition(at) && self.names.contains(name)
    }

    /// Returns all names that are defined anywhere in the part.
    pub(crate) fn defined_names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    pub(crate) fn push_scope(&mut self, outer: Option<usize>, defines: bool) -> usize {
        let defines = defines || outer.is_some_and(|outer| self.scopes[outer].in_definition);
        self.scopes.push(DefinitionScope { outer, in_definition: defines, names: BTreeMap::new() });
        self.scopes.len() - 1
    }

    pub(crate) fn define_name(&mut self, scope: usize, name: &str, at: usize) {
        self.scopes[scope].names.insert(name.to_owned(), at);
        self.names.insert(name.to_owned());
    }
}
