//! Owns sending attached content to the part to which it belongs, once it has been filled in.
//! Must not know the block that repeats it.

use super::resources::RenderResources;
use crate::diag::Problem;
use crate::document::namespaces::RootNamespaces;
use crate::document::part_model::AttachedKind;
use crate::document::shared_ids::SharedIdKind;
use crate::ir::part::{AttachedContentRef, SharedIdPlace, SharedIdentity};
use crate::ir::program::TagId;
use crate::opc::{OpcError, Relationship, Relationships, relationships_part_name, resolve_target};
use crate::word::notes::NoteKind;
use std::collections::BTreeMap;

/// Maximum depth of parts that belong to a part.
const MAX_PART_DEPTH: usize = 8;

impl RenderResources<'_> {
    /// Begins attached content: until it ends, relationships are those of its part.
    pub(crate) fn begin_attached(&mut self, content: &AttachedContentRef) {
        let part = match content.kind {
            AttachedKind::Note(_) => content.part.to_string(),
            _ => self.current_part().to_owned(),
        };
        self.enter_part(part);
    }

    /// Ends attached content and sends it to its part. Returns the problems of its addresses.
    pub(crate) fn end_attached(
        &mut self,
        content: &AttachedContentRef,
        mut piece: String,
        identities: &[SharedIdentity],
    ) -> Result<Vec<(TagId, Problem)>, OpcError> {
        let problems = self.link_policy.check_rendered(&mut piece);
        self.leave_part();
        match content.kind {
            AttachedKind::Note(kind) => {
                let kind = match kind {
                    SharedIdKind::Footnote => NoteKind::Footnote,
                    SharedIdKind::Endnote => NoteKind::Endnote,
                    _ => NoteKind::Comment,
                };
                if kind == NoteKind::Comment {
                    self.record_comment(&piece, identities);
                }
                self.open_notes(kind)?;
                self.append_to_part(&content.part, &piece, &RootNamespaces::default());
            }
            AttachedKind::Relationship => {
                let found = Relationships::parse(&piece, &content.part)?;
                self.push_relationships(found.iter().cloned())?;
            }
            AttachedKind::OwnPart | AttachedKind::TaggedPart => {
                self.push_own_part(&piece, &content.part)?;
            }
        }
        Ok(problems)
    }

    /// Records a copy of a comment, by its paragraphs.
    fn record_comment(&mut self, piece: &str, identities: &[SharedIdentity]) {
        for (identity, one) in identities.iter().enumerate() {
            let place = SharedIdPlace { identity, level: one.levels };
            let copy = self.turns.value_at(place);
            if one.kind == SharedIdKind::CommentParagraph && piece.contains(copy) {
                self.comment_copies.push(&one.value, copy);
            }
        }
    }

    /// Adds a relationship to a part; each but the first gets a copy of that part.
    fn push_own_part(&mut self, piece: &str, part: &str) -> Result<(), OpcError> {
        let owner = self.current_part().to_owned();
        for mut relationship in Relationships::parse(piece, part)?.iter().cloned() {
            let target = resolve_target(&owner, &relationship.target).unwrap_or_default();
            let exists = self.package().contains_part(&target);
            if exists && !self.used_own_parts.insert(target.clone()) {
                let copy = self.copy_part(&target, &mut BTreeMap::new(), 0)?;
                relationship.target = format!("/{copy}");
            }
            self.push_relationships([relationship])?;
        }
        Ok(())
    }

    /// Copies a part of the template with the parts that belong to it.
    fn copy_part(
        &mut self,
        name: &str,
        known: &mut BTreeMap<String, String>,
        depth: usize,
    ) -> Result<String, OpcError> {
        if let Some(copy) = known.get(name) {
            return Ok(copy.clone());
        }
        let package = self.package();
        let bytes = package.read_part(name)?.unwrap_or_default();
        self.count_prose_bytes(bytes.len());
        let copy = self.add_part(name, package.content_types().type_of_part(name), bytes);
        known.insert(name.to_owned(), copy.clone());
        let mut carried: Vec<Relationship> = package.relationships(name)?.iter().cloned().collect();
        for relationship in carried.iter_mut().filter(|found| !found.external) {
            let target = resolve_target(name, &relationship.target);
            let target =
                target.filter(|target| depth < MAX_PART_DEPTH && package.contains_part(target));
            let target = target.ok_or_else(|| OpcError::DamagedPart { part: name.to_owned() })?;
            relationship.target = format!("/{}", self.copy_part(&target, known, depth + 1)?);
        }
        if !carried.is_empty() {
            let text = Relationships::append_to_part(None, &carried);
            self.add_relationships_part(&relationships_part_name(&copy), text);
        }
        Ok(copy)
    }
}
