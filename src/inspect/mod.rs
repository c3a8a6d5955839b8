//! Owns the judging of Word templates: tags and names, leftovers of editing, the official tables and page;
//! findings as Word comments, certain changes, and the data that a template wants.
//! Must not know files, nor the numbers of an edition: the form is data.
//!
//! What is generic (`tree`, `word`, `styles`, `leftovers`, `names`, `shape`, `schema`, `skeleton`, `data`,
//! `comments`, `splice`) knows nothing of annual reports; `official`, `rows`, `page`, `fonts` and
//! `heights` judge what follows a [`Form`].

mod comments;
mod data_check;
mod figure_cells;
mod fixes;
mod fonts;
mod leftovers;
mod official_form;
mod page_layout;
mod row_alignment;
mod row_heights;
mod schema;
mod shape;
mod skeleton;
mod styles;
mod tag_names;
mod text_edits;
mod word_part;
mod xml_tree;

pub use comments::annotated_copy;
pub use data_check::check_data;
pub use fixes::{FixedTemplate, fix_template};
pub use schema::json_schema;
pub use shape::{DataShape, data_shape};
pub use skeleton::data_skeleton;
pub use tag_names::names_of_form;

use crate::form::{Form, FormRegistry};
use docx_fill::diag::{Location, Sink, SourceId, WordLocation};
use docx_fill::opc::{OpcError, Package};
use docx_fill::template::{ParseOptions, Template};
use std::sync::Arc;
use styles::StylesPart;
use word_part::Body;

/// What a template is judged by besides its tags.
#[derive(Debug, Clone, Default)]
pub struct InspectOptions {
    /// The form that it has to follow; without it the document is recognised by its figures.
    pub form: Option<Arc<Form>>,
    /// The forms that are known.
    pub library: FormRegistry,
}

/// Judges a template. Everything wrong goes to the sink; the template is there to be looked at, if it
/// could be opened, and with it the form that it follows.
pub fn inspect_template(
    bytes: &[u8],
    source: SourceId,
    parse: &ParseOptions,
    against: &InspectOptions,
    sink: &mut Sink,
) -> Option<(Template, Option<Arc<Form>>)> {
    let template = Template::parse_for_inspection(bytes, source, parse, sink)?;
    let form =
        against.form.clone().or_else(|| tag_names::recognise_form(&template, &against.library));
    match read_parts(template.package()) {
        Ok(document) => {
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
    if let Some(value) = form.as_deref().map(tag_names::names_of_form) {
        tag_names::check_tag_names(&template, &value, source, sink);
    }
    Some((template, form))
}

/// The parts of a document that are looked at.
struct InspectedDocument {
    main: Body,
    /// Headers, footers and notes.
    others: Vec<Body>,
    /// The building blocks that Word keeps beside the text, which are never filled.
    glossary: Option<Body>,
    styles: StylesPart,
}

fn read_parts(package: &Package) -> Result<InspectedDocument, OpcError> {
    let main = package.main_document_name();
    let text = package.read_xml_part(main)?.ok_or(OpcError::MissingMainDocument)?;
    let styles = package.relationships(main)?.target_by_type(main, "/styles");
    let styles = match styles.map(|part| Ok((package.read_xml_part(&part)?, part))).transpose()? {
        Some((Some(text), part)) => StylesPart::read(&part, text)?,
        _ => StylesPart::default(),
    };
    let (mut others, mut glossary) = (Vec::new(), None);
    for name in package.part_names() {
        let kind = package.content_types().type_of_part(name).unwrap_or_default();
        if kind.ends_with(".glossary+xml") {
            glossary =
                package.read_xml_part(name)?.map(|text| Body::read(name, text)).transpose()?;
            continue;
        }
        let ends = ["header+xml", "footer+xml", "footnotes+xml", "endnotes+xml"];
        if ends.iter().any(|end| kind.ends_with(end))
            && let Some(text) = package.read_xml_part(name)?
        {
            others.push(Body::read(name, text)?);
        }
    }
    Ok(InspectedDocument { main: Body::read(main, text)?, others, glossary, styles })
}

fn word_place(source: SourceId, place: WordLocation) -> Location {
    Location::Word(source, place)
}
