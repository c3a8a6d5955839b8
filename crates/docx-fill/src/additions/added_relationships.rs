//! Owns the new relationships of a part, and their identifiers.
//! Must not know what they are for.

use crate::opc::{Relationship, Relationships};
use std::collections::BTreeMap;

/// Prefix of the identifiers of new relationships.
const RELATIONSHIP_ID_PREFIX: &str = "rIdNianbao";

/// The new relationships of a part.
#[derive(Debug, Default)]
pub(crate) struct AddedRelationships {
    /// Highest number among existing identifiers with our prefix.
    highest_id: usize,
    pub(crate) added: Vec<Relationship>,
    /// Numbers of the new relationships by target and type.
    by_target: BTreeMap<String, BTreeMap<String, usize>>,
}

impl AddedRelationships {
    /// Returns no relationships yet, to be numbered behind those of a part.
    pub(super) fn behind(own: &Relationships) -> Self {
        // Only this program uses identifiers of this form, but it may have made the template.
        let numbers =
            own.iter().map(|own| own.id.strip_prefix(RELATIONSHIP_ID_PREFIX)?.parse().ok());
        let highest_id = numbers.flatten().max().unwrap_or(0);
        AddedRelationships { highest_id, ..AddedRelationships::default() }
    }

    /// Returns the identifier of a relationship, adding it if the part has no equal one.
    pub(super) fn get_or_add(&mut self, kind: &str, target: &str, external: bool) -> String {
        let known = self.by_target.get(target).and_then(|kinds| kinds.get(kind));
        if let Some(known) = known.and_then(|at| self.added.get(*at)) {
            return known.id.clone();
        }
        let at = self.added.len();
        let id = format!("{RELATIONSHIP_ID_PREFIX}{}", self.highest_id + at + 1);
        self.by_target.entry(target.to_owned()).or_default().insert(kind.to_owned(), at);
        let (kind, target) = (kind.to_owned(), target.to_owned());
        self.added.push(Relationship { id: id.clone(), rel_type: kind, target, external });
        id
    }
}
