//! Owns the package changes of a rendering: texts of its parts, and additions to the package.
//! Must not know how these were produced.

use super::{Assets, CompiledTemplate};
use crate::additions::comment_entries::changed_comment_parts;
use crate::additions::compatibility::with_short_lines;
use crate::additions::resources::RenderResources;
use crate::additions::settings::ask_for_updates;
use crate::additions::target_parts::add_note_separators;
use crate::document::shared_ids::SharedIdKind;
use crate::opc::{OpcError, PackageChanges, Relationships, relationships_part_name};
use crate::render::field_results::ShownMarks;
use std::collections::{BTreeMap, BTreeSet};

const TEMPLATE_CONTENT_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml";
const DOCUMENT_CONTENT_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

const RELATIONSHIPS_CONTENT_TYPE: &str = "application/vnd.openxmlformats-package.relationships+xml";

/// The rendered parts of a template, and the number of bytes that a part may have.
pub(crate) struct RenderedTexts {
    pub(crate) texts: Vec<String>,
    pub(crate) max_bytes: usize,
}

/// Collects all changes of a rendering.
pub(crate) fn package_changes(
    template: &CompiledTemplate,
    mut resources: RenderResources<'_>,
    assets: &dyn Assets,
    rendered: RenderedTexts,
) -> Result<PackageChanges, OpcError> {
    let parts = template.parts.iter().zip(rendered.texts);
    let own = parts.filter(|(part, _)| part.rendering.is_first_form());
    let own = own.map(|(part, text)| (part.name.clone(), text));
    let mut assembly = ChangedParts { template, texts: own.collect() };
    // Relationships of copied parts may grow.
    assembly
        .texts
        .extend(resources.turn_parts.iter().map(|(name, text)| (name.clone(), text.clone())));
    assembly.add_relationships(&resources)?;
    assembly.change_comment_parts(&mut resources)?;
    for (part, grown) in &resources.additions.grown_parts {
        let text = assembly.current_text(part)?;
        assembly.texts.insert(part.clone(), grown.apply_to(text.as_deref()));
    }
    assembly.refresh_references(rendered.max_bytes)?;
    assembly.update_settings(&resources)?;
    let (package, mut changes) = (&template.package, PackageChanges::default());
    let mut extensions = Vec::new();
    for (path, media) in &resources.media {
        let bytes = media.own_bytes.as_deref().or_else(|| assets.get(path));
        changes.set_part(package, &media.part, bytes.unwrap_or_default());
        extensions.push((media.kind.extension(), media.kind.content_type()));
    }
    if let Some((part, text)) = resources
        .numbering
        .and_then(|numbering| Some((numbering.part.clone(), numbering.changed_xml()?)))
    {
        changes.set_part(package, &part, text);
    }
    for (name, bytes) in resources.additions.parts {
        changes.set_part(package, &name, bytes);
    }
    for (name, text) in assembly.texts {
        changes.set_part(package, &name, text);
    }
    if changes.adds_relationships() {
        extensions.push(("rels", RELATIONSHIPS_CONTENT_TYPE));
    }
    extensions.sort_unstable();
    extensions.dedup();
    // A .dotx template yields a .docx document.
    let kind = package.content_types().type_of_part(package.main_document_name());
    let renamed = kind
        .filter(|kind| *kind == TEMPLATE_CONTENT_TYPE)
        .map(|kind| (kind, DOCUMENT_CONTENT_TYPE));
    let types = &resources.additions.content_types;
    if let Some(text) = package.content_types().with_additions(&extensions, types, renamed) {
        changes.set_part(package, "[Content_Types].xml", text);
    }
    Ok(changes)
}

struct ChangedParts<'t> {
    template: &'t CompiledTemplate,
    /// Changed parts by name.
    texts: BTreeMap<String, String>,
}

impl ChangedParts<'_> {
    /// Returns a part with the changes so far.
    fn current_text(&self, part: &str) -> Result<Option<String>, OpcError> {
        match self.texts.get(part) {
            Some(text) => Ok(Some(text.clone())),
            None => self.template.package.read_xml_part(part),
        }
    }

    fn add_relationships(&mut self, resources: &RenderResources<'_>) -> Result<(), OpcError> {
        for (part, crate::additions::added_relationships::AddedRelationships { added, .. }) in
            &resources.relationships
        {
            if !added.is_empty() {
                let name = relationships_part_name(part);
                let text = self.current_text(&name)?;
                self.texts.insert(name, Relationships::append_to_part(text.as_deref(), added));
            }
        }
        Ok(())
    }

    /// Brings the references of other parts to bookmarks of the main part up to date; all of them have at most this many
    /// bytes more.
    fn refresh_references(&mut self, mut bytes_left: usize) -> Result<(), OpcError> {
        let outer = &self.template.outer_references;
        if outer.parts.is_empty() {
            return Ok(());
        }
        let main = self.texts.get(self.template.package.main_document_name());
        let Some(marks) = main.and_then(|main| ShownMarks::read(main)) else { return Ok(()) };
        for name in &outer.parts {
            if let Some(before) = self.current_text(name)? {
                let mut text = before.clone();
                marks.refresh_references(&mut text, &outer.bookmarks, &mut bytes_left);
                // A part in which nothing changes is written as it is.
                if text != before {
                    self.texts.insert(name.clone(), text);
                }
            }
        }
        Ok(())
    }

    /// Gives the copies of comments entries in the parts that say more of them.
    fn change_comment_parts(
        &mut self,
        resources: &mut RenderResources<'_>,
    ) -> Result<(), OpcError> {
        let identities = self.template.parts.iter().flat_map(|part| &part.identities);
        let paragraphs = identities.filter(|one| one.kind == SharedIdKind::CommentParagraph);
        let originals: BTreeSet<&str> = paragraphs.map(|one| one.value.as_str()).collect();
        if originals.is_empty() {
            return Ok(());
        }
        let copies = std::mem::take(&mut resources.comment_copies);
        let package = &self.template.package;
        let first_id = resources.next_mark_id();
        self.texts.extend(changed_comment_parts(package, &originals, &copies, first_id)?);
        Ok(())
    }

    /// Declares separators in the settings if the document has notes for the first time.
    /// Changes the settings: separators if the document has notes for the first time, short lines, and the wish that
    /// fields are updated.
    fn update_settings(&mut self, resources: &RenderResources<'_>) -> Result<(), OpcError> {
        let package = &self.template.package;
        let main = package.main_document_name();
        let is_changed = resources.update_fields || resources.has_short_lines;
        if resources.additions.first_notes.is_empty() && !is_changed {
            return Ok(());
        }
        let Some(part) = package.relationships(main)?.target_by_type(main, "/settings") else {
            return Ok(());
        };
        if let Some(mut text) = self.current_text(&part)? {
            if !resources.additions.first_notes.is_empty() {
                text = add_note_separators(&text, &resources.additions.first_notes);
            }
            if resources.update_fields {
                text = ask_for_updates(&text);
            }
            if resources.has_short_lines {
                text = with_short_lines(&text, &part)?;
            }
            self.texts.insert(part, text);
        }
        Ok(())
    }
}
