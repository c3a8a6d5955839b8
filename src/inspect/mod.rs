//! Owns the judging of Word templates: tags and names, leftovers of editing, the official tables and page;
//! findings as Word comments, certain changes, and the data that a template wants.
//! Must not know files, nor the numbers of an edition: the form is data.
//!
//! What is generic (`tree`, `word`, `styles`, `leftovers`, `names`, `shape`, `schema`, `skeleton`, `data`,
//! `comments`, `splice`) knows nothing of annual reports; `official`, `rows`, `page`, `fonts` and
//! `heights` judge what follows a [`Form`].

mod comments;
mod data;
mod figures;
mod fonts;
mod heights;
mod leftovers;
mod mend;
mod names;
mod official;
mod page;
mod rows;
mod schema;
mod shape;
mod skeleton;
mod splice;
mod styles;
mod tree;
mod word;

pub use comments::annotated;
pub use data::check as check_data;
pub use mend::{Mended, mend};
pub use names::of_form as names_of_form;
pub use schema::schema;
pub use shape::{Shape, shape};
pub use skeleton::skeleton;

use crate::form::{Form, Library};
use docx_fill::diag::{Place, Sink, SourceId, WordPlace};
use docx_fill::opc::{OpcError, Package};
use docx_fill::template::{ParseOptions, Template};
use std::sync::Arc;
use styles::Styles;
use word::Body;

/// What a template is judged by besides its tags.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The form that it has to follow; without it the document is recognised by its figures.
    pub form: Option<Arc<Form>>,
    /// The forms that are known.
    pub library: Library,
}

/// Judges a template. Everything wrong goes to the sink; the template is there to be looked at, if it
/// could be opened, and with it the form that it follows.
pub fn inspect(
    bytes: &[u8],
    source: SourceId,
    parse: &ParseOptions,
    against: &Against,
    sink: &mut Sink,
) -> Option<(Template, Option<Arc<Form>>)> {
    let template = Template::survey(bytes, source, parse, sink)?;
    let form = against.form.clone().or_else(|| names::recognise(&template, &against.library));
    match parts(template.package()) {
        Ok(document) => {
            leftovers::check(&document, source, sink);
            if let Some(form) = &form {
                official::check(form, &document, &template, source, sink);
                page::check(&document, source, sink);
                fonts::check(form, &document, source, sink);
                heights::check(&document, source, sink);
            }
        }
        Err(error) => sink.push(error.diagnostic(source)),
    }
    if let Some(value) = form.as_deref().and_then(names::of_form) {
        names::check(&template, &value, source, sink);
    }
    Some((template, form))
}

/// The parts of a document that are looked at.
struct Document {
    main: Body,
    /// Headers, footers and notes.
    others: Vec<Body>,
    /// The building blocks that Word keeps beside the text, which are never filled.
    glossary: Option<Body>,
    styles: Styles,
}

fn parts(package: &Package) -> Result<Document, OpcError> {
    let main = package.main_document();
    let text = package.read_xml(main)?.ok_or(OpcError::NoMainDocument)?;
    let styles = package.relationships(main)?.target_of(main, "/styles");
    let styles = match styles.map(|part| Ok((package.read_xml(&part)?, part))).transpose()? {
        Some((Some(text), part)) => Styles::read(&part, text)?,
        _ => Styles::default(),
    };
    let (mut others, mut glossary) = (Vec::new(), None);
    for name in package.part_names() {
        let kind = package.content_types().of(name).unwrap_or_default();
        if kind.ends_with(".glossary+xml") {
            glossary = package.read_xml(name)?.map(|text| Body::read(name, text)).transpose()?;
            continue;
        }
        let ends = ["header+xml", "footer+xml", "footnotes+xml", "endnotes+xml"];
        if ends.iter().any(|end| kind.ends_with(end))
            && let Some(text) = package.read_xml(name)?
        {
            others.push(Body::read(name, text)?);
        }
    }
    Ok(Document { main: Body::read(main, text)?, others, glossary, styles })
}

fn at(source: SourceId, place: WordPlace) -> Place {
    Place::Word(source, place)
}
