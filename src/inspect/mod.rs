//! Owns checking Word templates: tags and names, leftovers of editing, the official tables and
//! page; findings as Word comments, certain changes, and the data that a template requires.
//! Must not know files, nor the numbers of an edition: the form is data.
//!
//! The generic modules (`word_part`, `leftovers`, `skeleton`, `data_check`) know nothing of annual
//! reports; the others check what follows a [`Form`]. What is true of any Word document is
//! `docx_fill::lint`'s.

mod data_check;
mod figure_cells;
mod fixes;
mod fonts;
mod leftovers;
mod letterhead;
mod official_form;
mod official_texts;
mod page_layout;
mod row_heights;
mod row_matching;
mod skeleton;
mod tag_names;
mod template_fix;
mod word_part;

pub use data_check::check_data;
pub use docx_fill::template::{DataShape, data_shape, json_schema};
pub use fixes::{FixedTemplate, fix_template};
pub use skeleton::data_skeleton;

use crate::form::{Form, FormRegistry};
use docx_fill::diag::{Diagnostic, Lang, Location, Sink, SourceId, Sources, WordLocation};
use docx_fill::lint::comments::{self, CommentWriter};
use docx_fill::opc::{OpcError, Package};
use docx_fill::template::{CompiledTemplate, ParseOptions};
use docx_fill::word::body::WordBody;
use docx_fill::word::styles::StyleSheet;
use std::sync::Arc;

/// The options of a check.
#[derive(Debug, Clone, Default)]
pub struct InspectOptions {
    /// Form that the template has to follow; without it, the form is recognised by the figures.
    pub form: Option<Arc<Form>>,
    /// All known forms.
    pub library: FormRegistry,
}

/// Checks a template. Findings go to the sink; returns the template, if it could be opened, and the
/// form that it follows, or the newest for a letterhead.
pub fn inspect_template(
    bytes: &[u8],
    source: SourceId,
    parse: &ParseOptions,
    against: &InspectOptions,
    sink: &mut Sink,
) -> Option<(CompiledTemplate, Option<Arc<Form>>)> {
    let template = CompiledTemplate::parse_tolerant(bytes, source, parse, sink)?;
    let form =
        against.form.clone().or_else(|| tag_names::recognise_form(&template, &against.library));
    let newest = against.library.forms().last();
    let named = form.as_ref().or(newest).map(|form| (form, tag_names::names_of_form(form)));
    let letterhead = named.filter(|(_, names)| letterhead::is_letterhead(&template, names));
    match read_parts(template.package()) {
        Ok(document) => {
            if let Some((form, _)) = &letterhead {
                letterhead::check_report_places(&template, &document, form, sink);
            }
            leftovers::check_leftovers(&document, source, sink);
            if let Some(form) = &form {
                official_form::check_form(form, &document, &template, source, sink);
                page_layout::check_page(&document, source, sink);
                fonts::check_fonts(form, &document, source, sink);
                row_heights::check_heights(&document, source, sink);
            }
        }
        Err(error) => sink.push(error.to_diagnostic(source)),
    }
    if let Some((form, mut names)) = letterhead {
        letterhead::add_names(&mut names, form);
        tag_names::check_tag_names(&template, &names, source, sink);
        let form = Arc::clone(form);
        return Some((template, Some(form)));
    }
    if let Some(form) = &form {
        tag_names::check_tag_names(&template, &tag_names::names_of_form(form), source, sink);
    }
    Some((template, form))
}

/// Returns a copy of a document with findings as comments of this program; `None` if no paragraph can
/// have one.
pub fn annotated_copy(
    package: &Package,
    found: &[Diagnostic],
    sources: &Sources,
    lang: Lang,
) -> Result<Option<Vec<u8>>, OpcError> {
    let writer = CommentWriter { author: "nianbao", initials: "nb", sources, lang };
    comments::annotated_copy(package, found, writer)
}

/// The parts of a document that are checked.
struct InspectedDocument {
    main: WordBody,
    /// Headers, footers and notes.
    others: Vec<WordBody>,
    /// Building blocks (glossary part), which are never filled.
    glossary: Option<WordBody>,
    styles: StyleSheet,
}

impl InspectedDocument {
    /// Checks whether XML with the customary prefixes can be inserted into every body.
    fn has_customary_prefixes(&self) -> bool {
        let mut bodies = std::iter::once(&self.main).chain(&self.others);
        bodies.all(|body| body.tree.has_customary_prefixes)
    }
}

fn read_parts(package: &Package) -> Result<InspectedDocument, OpcError> {
    let main = package.main_document_name();
    let text = package.read_xml_part(main)?.ok_or(OpcError::MissingMainDocument)?;
    let styles = StyleSheet::read(package)?;
    let (mut others, mut glossary) = (Vec::new(), None);
    for name in package.part_names() {
        let kind = package.content_types().type_of_part(name).unwrap_or_default();
        if kind.ends_with(".glossary+xml") {
            glossary =
                package.read_xml_part(name)?.map(|text| WordBody::read(name, text)).transpose()?;
            continue;
        }
        let ends = ["header+xml", "footer+xml", "footnotes+xml", "endnotes+xml"];
        if ends.iter().any(|end| kind.ends_with(end))
            && let Some(text) = package.read_xml_part(name)?
        {
            others.push(WordBody::read(name, text)?);
        }
    }
    Ok(InspectedDocument { main: WordBody::read(main, text)?, others, glossary, styles })
}

fn word_place(source: SourceId, place: WordLocation) -> Location {
    Location::Word(source, place)
}
