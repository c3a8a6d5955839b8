//! Owns sending attached content to the part to which it belongs, once it has been filled in.
//! Must not know the block that repeats it.

use super::resources::RenderResources;
use crate::diag::Problem;
use crate::document::diagrams::{DIAGRAM_DATA, find_drawing};
use crate::document::namespaces::RootNamespaces;
use crate::document::part_model::AttachedKind;
use crate::document::shared_ids::SharedIdKind;
use crate::ir::part::{AttachedContentRef, SharedIdPlace, SharedIdentity};
use crate::ir::program::TagId;
use crate::opc::{OpcError, Relationship, Relationships, relationships_part_name, resolve_target};
use crate::slice::TextEdit as _;
use crate::word::notes::NoteKind;
use std::collections::BTreeMap;

/// Maximum depth of parts that belong to a part.
const MAX_PART_DEPTH: usize = 8;

/// Attached content that has been filled in.
pub(crate) struct RenderedAttachedContent {
    pub(crate) piece: String,
    /// The part to which it leads, if the turn has filled in one of its own.
    pub(crate) shown: Option<String>,
}

/// The parts that are copied with one to which they belong.
#[derive(Default)]
struct CopiedParts {
    /// Copies by the names of their originals.
    names: BTreeMap<String, String>,
    depth: usize,
}

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
        filled: RenderedAttachedContent,
        identities: &[SharedIdentity],
    ) -> Result<Vec<(TagId, Problem)>, OpcError> {
        let RenderedAttachedContent { mut piece, shown } = filled;
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
            AttachedKind::OwnPart | AttachedKind::GraphicPart => {
                self.push_own_part(&piece, shown.as_deref(), &content.part)?;
            }
        }
        Ok(problems)
    }

    /// Records a copy of a comment, by its paragraphs.
    fn record_comment(&mut self, piece: &str, identities: &[SharedIdentity]) {
        for (identity, one) in identities.iter().enumerate() {
            let place = SharedIdPlace { identity, level: one.levels };
            let copy = self.turns.value_at(place);
            // Empty where the comment of that identifier stands in no turn.
            let is_within = !copy.is_empty() && piece.contains(copy);
            if one.kind == SharedIdKind::CommentParagraph && is_within {
                self.comment_copies.push(&one.value, copy);
            }
        }
    }

    /// Adds a relationship to a part; each but the first gets a copy of that part.
    /// One that the turn has filled in for itself is `shown`.
    fn push_own_part(
        &mut self,
        piece: &str,
        shown: Option<&str>,
        part: &str,
    ) -> Result<(), OpcError> {
        let owner = self.current_part().to_owned();
        for mut relationship in Relationships::parse(piece, part)?.iter().cloned() {
            let target = resolve_target(&owner, &relationship.target).unwrap_or_default();
            let exists = self.package().contains_part(&target);
            if let Some(shown) = shown {
                if shown != target {
                    relationship.target = format!("/{shown}");
                }
            } else if exists && !self.used_own_parts.insert(target.clone()) {
                let copy = if relationship.rel_type.ends_with(DIAGRAM_DATA) {
                    self.copy_diagram(part, &target)?
                } else {
                    self.copy_own_part(&target)?
                };
                relationship.target = format!("/{copy}");
            }
            self.push_relationships([relationship])?;
        }
        Ok(())
    }

    /// Copies a part of the template with the parts that belong to it.
    pub(crate) fn copy_own_part(&mut self, name: &str) -> Result<String, OpcError> {
        let bytes = self.package().read_part(name)?.unwrap_or_default();
        self.copy_part(name, bytes, &mut CopiedParts::default())
    }

    /// Copies the data of a diagram, and its drawing, which is a relationship of the part that shows it; `related` is the
    /// relationships part of that one in the template.
    fn copy_diagram(&mut self, related: &str, name: &str) -> Result<String, OpcError> {
        let package = self.package();
        let owner = related.replacen("_rels/", "", 1);
        let owner = owner.strip_suffix(".rels").unwrap_or_default();
        let mut data = package.read_xml_part(name)?.unwrap_or_default();
        let relationships = package.relationships(owner)?;
        if let Some((place, drawing)) = find_drawing(&data, &relationships)
            && let Some(target) = resolve_target(owner, &drawing.target)
        {
            let copy = self.copy_own_part(&target)?;
            let id = self.relate_copy(drawing, &copy)?;
            data.replace_text(place, &id);
        }
        self.copy_part(name, data.into_bytes(), &mut CopiedParts::default())
    }

    /// Adds a relationship like one of the template to a part of the turn. Returns its identifier.
    pub(crate) fn relate_copy(
        &mut self,
        like: &Relationship,
        part: &str,
    ) -> Result<String, OpcError> {
        let id = self.next_turn_relationship();
        let target = format!("/{part}");
        self.push_relationships([Relationship { id: id.clone(), target, ..like.clone() }])?;
        Ok(id)
    }

    /// Returns the relationships of a copy of a part, with copies of the parts that belong to it.
    pub(super) fn copy_relationships(&mut self, name: &str) -> Result<String, OpcError> {
        self.carried_relationships(name, &mut CopiedParts::default())
    }

    fn copy_part(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        copies: &mut CopiedParts,
    ) -> Result<String, OpcError> {
        let package = self.package();
        self.count_prose_bytes(bytes.len());
        let copy = self.add_part(name, package.content_types().type_of_part(name), bytes);
        copies.names.insert(name.to_owned(), copy.clone());
        copies.depth += 1;
        let text = self.carried_relationships(name, copies)?;
        copies.depth -= 1;
        if !text.is_empty() {
            self.add_relationships_part(&relationships_part_name(&copy), text);
        }
        Ok(copy)
    }

    /// Returns the relationships of a part to copies of the parts that belong to it; empty if it has none.
    fn carried_relationships(
        &mut self,
        name: &str,
        copies: &mut CopiedParts,
    ) -> Result<String, OpcError> {
        let package = self.package();
        let mut carried: Vec<Relationship> = package.relationships(name)?.iter().cloned().collect();
        for relationship in carried.iter_mut().filter(|found| !found.external) {
            let target = resolve_target(name, &relationship.target);
            let target = target
                .filter(|target| copies.depth < MAX_PART_DEPTH && package.contains_part(target));
            let target = target.ok_or_else(|| OpcError::DamagedPart { part: name.to_owned() })?;
            let copy = match copies.names.get(&target) {
                Some(copy) => copy.clone(),
                None => {
                    let bytes = package.read_part(&target)?.unwrap_or_default();
                    self.copy_part(&target, bytes, copies)?
                }
            };
            relationship.target = format!("/{copy}");
        }
        Ok(if carried.is_empty() {
            String::new()
        } else {
            Relationships::append_to_part(None, &carried)
        })
    }
}
