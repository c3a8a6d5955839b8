//! Owns the pictures of a document's texts: the parts that are pictures of supported kinds,
//! determined by their content alone, and their new names.
//! Must not know where they are written.

use super::ImportOptions;
use super::recognised::{RecognisedReport, SectionPart};
use super::web_page::inline_picture;
use crate::msg;
use crate::quote::picture_extension;
use docx_fill::diag::{Diagnostic, Location, SourceId};
use docx_fill::opc::{Package, Relationships, resolve_target};
use docx_fill::word::blocks;
use docx_fill::word::blocks::{RunContent, WordParagraph};
use std::collections::BTreeMap;

/// The target of a relationship.
enum PictureTarget {
    /// A picture, with its new name.
    Picture(String),
    /// Content of another kind.
    Other,
    /// Something beside a web page, or set into it.
    Beside,
    /// Not in the document.
    Absent,
}

/// The pictures taken from the document.
#[derive(Default)]
pub(super) struct DocumentPictures {
    /// Targets by relationship id.
    known: BTreeMap<String, PictureTarget>,
    /// First relationship id that refers to each part.
    parts: BTreeMap<String, String>,
    files: Vec<(String, Vec<u8>)>,
}

/// The place of a document's pictures.
pub(super) enum PictureStore {
    /// In the parts of its package, to which its main part refers.
    Package { package: Box<Package>, relationships: Relationships },
    /// In the page itself, if anywhere: an address names what is not at hand.
    Page,
}

impl DocumentPictures {
    /// Collects the pictures of the texts in document order; returns them with findings about those left out.
    pub(super) fn collect_pictures(
        store: &PictureStore,
        report: &RecognisedReport<'_, '_>,
        options: &ImportOptions<'_>,
        source: SourceId,
    ) -> (DocumentPictures, Vec<Diagnostic>) {
        let (mut out, mut left_out) = (DocumentPictures::default(), Vec::new());
        for paragraph in text_paragraphs(report) {
            for piece in &paragraph.runs {
                let RunContent::Picture { id, .. } = &piece.content else { continue };
                if !out.known.contains_key(id) {
                    let kind = match store {
                        PictureStore::Package { package, relationships } => {
                            out.resolve_picture(id, package, relationships, options)
                        }
                        PictureStore::Page => out.resolve_inline(id, options),
                    };
                    out.known.insert(id.clone(), kind);
                }
                let place = Location::Word(source, paragraph.place.clone());
                let (message, hint) = match out.known.get(id) {
                    Some(PictureTarget::Picture(_)) | None => continue,
                    Some(PictureTarget::Beside) => {
                        let found =
                            Diagnostic::warning("word-lost", place, msg!("word.page-picture"));
                        left_out.push(found.with_hint(msg!("word.page-picture-hint")));
                        continue;
                    }
                    Some(PictureTarget::Other) => {
                        (msg!("word.picture-kind"), msg!("word.picture-hint"))
                    }
                    Some(PictureTarget::Absent) => {
                        (msg!("word.picture-absent"), msg!("word.picture-absent-hint"))
                    }
                };
                left_out.push(Diagnostic::error("picture", place, message).with_hint(hint));
            }
        }
        (out, left_out)
    }

    fn resolve_picture(
        &mut self,
        id: &str,
        package: &Package,
        relationships: &Relationships,
        options: &ImportOptions<'_>,
    ) -> PictureTarget {
        let found = relationships.iter().find(|item| item.id == id && !item.external);
        let part =
            found.and_then(|item| resolve_target(package.main_document_name(), &item.target));
        let Some(part) = part else { return PictureTarget::Absent };
        // Two relationships may refer to the same part.
        if let Some(PictureTarget::Picture(name)) =
            self.parts.get(&part).and_then(|id| self.known.get(id))
        {
            return PictureTarget::Picture(name.clone());
        }
        let Ok(Some(bytes)) = package.read_part(&part) else { return PictureTarget::Absent };
        let Some(extension) = picture_extension(&bytes) else { return PictureTarget::Other };
        let name = self.assign_name(extension, &bytes, options);
        self.parts.insert(part, id.to_owned());
        self.files.push((name.clone(), bytes));
        PictureTarget::Picture(name)
    }

    /// Takes a picture that stands in a web page as its address.
    fn resolve_inline(&mut self, address: &str, options: &ImportOptions<'_>) -> PictureTarget {
        let Some(bytes) = inline_picture(address) else { return PictureTarget::Beside };
        let Some(extension) = picture_extension(&bytes) else { return PictureTarget::Other };
        let name = self.assign_name(extension, &bytes, options);
        self.files.push((name.clone(), bytes));
        PictureTarget::Picture(name)
    }

    /// Returns the first name that is free in this document and at the destination. Numbers are
    /// unique across all kinds of pictures.
    fn assign_name(&self, extension: &str, bytes: &[u8], options: &ImportOptions<'_>) -> String {
        let given = |stem: &String| {
            let known = self.files.iter().filter_map(|(name, _)| name.rsplit_once('.'));
            known.into_iter().any(|(known, _)| known == stem)
        };
        let stems = (1_u32..).map(|number| format!("picture-{number}"));
        let names = stems.filter(|stem| !given(stem)).map(|stem| format!("{stem}.{extension}"));
        let mut free = names.filter(|name| (options.is_name_free)(name, bytes));
        free.next().unwrap_or_default()
    }

    /// Returns the name of the picture of a relationship.
    pub(super) fn file_name(&self, id: &str) -> Option<String> {
        match self.known.get(id) {
            Some(PictureTarget::Picture(name)) => Some(name.clone()),
            _ => None,
        }
    }

    /// Returns names and bytes of the pictures.
    pub(super) fn into_files(self) -> Vec<(String, Vec<u8>)> {
        self.files
    }
}

/// Returns the paragraphs of all texts, including those of their tables, in document order.
fn text_paragraphs<'d>(report: &RecognisedReport<'_, 'd>) -> Vec<&'d WordParagraph> {
    let mut out = Vec::new();
    for part in report.texts.iter().flatten().flatten() {
        match *part {
            SectionPart::Paragraph(paragraph, _) => out.push(paragraph),
            SectionPart::Table(table) => {
                let rows = blocks::slot_rows(table);
                let own = rows.iter().flatten().filter(|slot| !slot.continued);
                out.extend(own.flat_map(|slot| slot.cell.paragraphs()));
            }
        }
    }
    out
}
