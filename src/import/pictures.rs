//! Owns the pictures of a document's texts: which of its parts are pictures that a report takes, by their
//! content alone, and the names that the program gives them.
//! Must not know where they are written.

use super::Options;
use super::document::{Content, Paragraph};
use super::recognise::{Part, Recognised};
use super::slots;
use crate::quote::picture_extension;
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId};
use docx_fill::opc::{Package, Relationships, resolve_target};
use std::collections::BTreeMap;

/// What stands behind a relationship.
enum Kind {
    /// A picture, under the name that it has been given.
    Picture(String),
    /// Something of another kind.
    Other,
    /// Nothing within the document.
    Absent,
}

/// The pictures that leave the document.
#[derive(Default)]
pub(super) struct Pictures {
    /// By relationship.
    known: BTreeMap<String, Kind>,
    /// The relationship that is the first to show each part.
    parts: BTreeMap<String, String>,
    files: Vec<(String, Vec<u8>)>,
}

impl Pictures {
    /// Finds those of the texts, in the order in which they stand there, and says at its place what is left
    /// out.
    pub(super) fn of(
        (package, relationships): (&Package, &Relationships),
        report: &Recognised<'_, '_>,
        options: &Options<'_>,
        (source, sink): (SourceId, &mut Sink),
    ) -> Pictures {
        let mut out = Pictures::default();
        for paragraph in paragraphs(report) {
            for piece in &paragraph.pieces {
                let Content::Picture { id, .. } = &piece.content else { continue };
                if !out.known.contains_key(id) {
                    let kind = out.look(id, (package, relationships), options);
                    out.known.insert(id.clone(), kind);
                }
                let (message, hint) = match out.known.get(id) {
                    Some(Kind::Picture(_)) | None => continue,
                    Some(Kind::Other) => (text!("word.picture-kind"), text!("word.picture-hint")),
                    Some(Kind::Absent) => {
                        (text!("word.picture-absent"), text!("word.picture-absent-hint"))
                    }
                };
                let place = Place::Word(source, paragraph.place.clone());
                sink.push(Diagnostic::error("picture", place, message).hint(hint));
            }
        }
        out
    }

    fn look(
        &mut self,
        id: &str,
        (package, relationships): (&Package, &Relationships),
        options: &Options<'_>,
    ) -> Kind {
        let found = relationships.iter().find(|item| item.id == id && !item.external);
        let part = found.and_then(|item| resolve_target(package.main_document(), &item.target));
        let Some(part) = part else { return Kind::Absent };
        // Two relationships may show the same part.
        if let Some(Kind::Picture(name)) = self.parts.get(&part).and_then(|id| self.known.get(id)) {
            return Kind::Picture(name.clone());
        }
        let Ok(Some(bytes)) = package.read(&part) else { return Kind::Absent };
        let Some(extension) = picture_extension(&bytes) else { return Kind::Other };
        let name = self.name(extension, &bytes, options);
        self.parts.insert(part, id.to_owned());
        self.files.push((name.clone(), bytes));
        Kind::Picture(name)
    }

    /// The first name that neither this document nor the place where it goes has given away. Each number is
    /// given once, whatever the kind.
    fn name(&self, extension: &str, bytes: &[u8], options: &Options<'_>) -> String {
        let given = |stem: &String| {
            let known = self.files.iter().filter_map(|(name, _)| name.rsplit_once('.'));
            known.into_iter().any(|(known, _)| known == stem)
        };
        let stems = (1_u32..).map(|number| format!("picture-{number}"));
        let names = stems.filter(|stem| !given(stem)).map(|stem| format!("{stem}.{extension}"));
        let mut free = names.filter(|name| (options.free)(name, bytes));
        free.next().unwrap_or_default()
    }

    /// The name of the picture behind a relationship.
    pub(super) fn named(&self, id: &str) -> Option<String> {
        match self.known.get(id) {
            Some(Kind::Picture(name)) => Some(name.clone()),
            _ => None,
        }
    }

    /// Names and bytes.
    pub(super) fn into_files(self) -> Vec<(String, Vec<u8>)> {
        self.files
    }
}

/// The paragraphs of all texts, those of their tables where they stand.
fn paragraphs<'d>(report: &Recognised<'_, 'd>) -> Vec<&'d Paragraph> {
    let mut out = Vec::new();
    for part in report.texts.iter().flatten().flatten() {
        match *part {
            Part::Paragraph(paragraph, _) => out.push(paragraph),
            Part::Table(table) => {
                let rows = slots::rows(table);
                let own = rows.iter().flatten().filter(|slot| !slot.continued);
                out.extend(own.flat_map(|slot| slot.cell.paragraphs()));
            }
        }
    }
    out
}
