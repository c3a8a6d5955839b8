//! Owns what a rendering changes in the package: the texts of its parts, and what was added for them.
//! Must not know how any of it came about.

use super::{Assets, Template};
use crate::additions::resources::Resources;
use crate::additions::target_parts::settings_with;
use crate::opc::{Changes, OpcError, Relationships, relationships_name};
use std::collections::BTreeMap;

const WORD_TEMPLATE: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml";
const WORD_DOCUMENT: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

/// All changes; `texts` are those of the template's parts.
pub(crate) fn changes(
    template: &Template,
    resources: Resources<'_>,
    assets: &dyn Assets,
    texts: Vec<String>,
) -> Result<Changes, OpcError> {
    let names = template.parts.iter().map(|part| part.name.clone());
    let mut assembly = Assembly { template, texts: names.zip(texts).collect() };
    assembly.link(&resources)?;
    for (part, grown) in &resources.additions.grown {
        let text = assembly.text(part)?;
        assembly.texts.insert(part.clone(), grown.apply(text.as_deref()));
    }
    assembly.settle(&resources)?;
    let (package, mut changes) = (&template.package, Changes::default());
    let mut extensions = Vec::new();
    for (path, media) in &resources.media {
        changes.set(package, &media.part, assets.get(path).unwrap_or_default());
        extensions.push((media.extension, content_type_of(media.extension)));
    }
    for (name, bytes) in resources.additions.parts {
        changes.set(package, &name, bytes);
    }
    if let Some((part, text)) = resources
        .numbering
        .and_then(|numbering| Some((numbering.part.clone(), numbering.changed()?)))
    {
        changes.set(package, &part, text);
    }
    extensions.sort_unstable();
    extensions.dedup();
    // A .dotx becomes a document.
    let kind = package.content_types().of(package.main_document());
    let renamed = kind.filter(|kind| *kind == WORD_TEMPLATE).map(|kind| (kind, WORD_DOCUMENT));
    let types = &resources.additions.types;
    if let Some(text) = package.content_types().with(&extensions, types, renamed) {
        changes.set(package, "[Content_Types].xml", text);
    }
    for (name, text) in assembly.texts {
        changes.set(package, &name, text);
    }
    Ok(changes)
}

struct Assembly<'t> {
    template: &'t Template,
    /// Parts that differ.
    texts: BTreeMap<String, String>,
}

impl Assembly<'_> {
    /// A part as it is now.
    fn text(&self, part: &str) -> Result<Option<String>, OpcError> {
        match self.texts.get(part) {
            Some(text) => Ok(Some(text.clone())),
            None => self.template.package.read_xml(part),
        }
    }

    fn link(&mut self, resources: &Resources<'_>) -> Result<(), OpcError> {
        for (part, crate::additions::resources::Related { added, .. }) in &resources.relationships {
            if !added.is_empty() {
                let name = relationships_name(part);
                let text = self.text(&name)?;
                self.texts.insert(name, Relationships::append(text.as_deref(), added));
            }
        }
        Ok(())
    }

    /// Notes that the document has for the first time are named in its settings.
    fn settle(&mut self, resources: &Resources<'_>) -> Result<(), OpcError> {
        let package = &self.template.package;
        let main = package.main_document();
        if resources.additions.first_notes.is_empty() {
            return Ok(());
        }
        let Some(part) = package.relationships(main)?.target_of(main, "/settings") else {
            return Ok(());
        };
        if let Some(text) = self.text(&part)? {
            self.texts.insert(part, settings_with(&text, &resources.additions.first_notes));
        }
        Ok(())
    }
}

fn content_type_of(extension: &str) -> &'static str {
    match extension {
        "png" => "image/png",
        "svg" => "image/svg+xml",
        _ => "image/jpeg",
    }
}
