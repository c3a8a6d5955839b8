//! Owns which names of partials are defined in which block of a part.
//! Must not know what is defined.

use std::collections::{BTreeMap, BTreeSet};

/// The blocks of a part and what each defines.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    pub(crate) all: Vec<Scope>,
    /// The innermost block around each tag.
    pub(crate) of: Vec<usize>,
    pub(crate) names: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Scope {
    outer: Option<usize>,
    /// Whether it is in a definition, which may be used where more names are known.
    defines: bool,
    names: BTreeMap<String, usize>,
}

impl Scopes {
    /// The tag that defines a name where a tag stands.
    pub(crate) fn find(&self, at: usize, name: &str) -> Option<usize> {
        let mut scope = self.of.get(at).copied();
        while let Some(found) = scope.and_then(|at| self.all.get(at)) {
            if let Some(&tag) = found.names.get(name) {
                return Some(tag);
            }
            scope = found.outer;
        }
        None
    }

    pub(crate) fn is_in_definition(&self, at: usize) -> bool {
        self.of.get(at).and_then(|&scope| self.all.get(scope)).is_some_and(|scope| scope.defines)
    }

    /// Whether a name may be defined where a tag is rendered.
    pub(crate) fn may_know(&self, at: usize, name: &str) -> bool {
        self.find(at, name).is_some() || self.is_in_definition(at) && self.names.contains(name)
    }

    /// All names that are defined somewhere.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    pub(crate) fn push(&mut self, outer: Option<usize>, defines: bool) -> usize {
        let defines = defines || outer.is_some_and(|outer| self.all[outer].defines);
        self.all.push(Scope { outer, defines, names: BTreeMap::new() });
        self.all.len() - 1
    }

    pub(crate) fn define(&mut self, scope: usize, name: &str, at: usize) {
        self.all[scope].names.insert(name.to_owned(), at);
        self.names.insert(name.to_owned());
    }
}
