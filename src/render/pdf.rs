//! Owns the PDF of a report: the Typst project of an edition, its data and pictures, and the check that
//! every character can be set.
//! Must not know how Typst works, nor how the page looks.

use super::fonts::Fonts;
use super::templates::Files;
use super::typeset::{Document, Project};
use super::{Edition, Job, content};
use crate::diag::{Diagnostic, Place, Sink, SourceId, Sources, Span};
use crate::form::Form;
use crate::text;
use std::collections::BTreeMap;

/// The Typst entry file of an edition that brings none.
const ANY_EDITION: &[u8] = include_bytes!("../../templates/2021/report.typ");

/// Sets the edition's Typst template.
pub fn pdf(
    job: &Job<'_>,
    edition: &Edition,
    fonts: &Fonts,
    sources: &Sources,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    let project = edition.typst.as_ref()?;
    let report = content::typeset(job.report, job.texts, job.assets, job.draft).to_string();
    if !say_missing_glyphs(job.report.source, &report, fonts, sources, sink) {
        return None;
    }
    let mut files = vec![("/report.json".to_owned(), report.into_bytes())];
    for (number, path) in content::pictures(job.texts).iter().enumerate() {
        let bytes = job.assets.get(path).unwrap_or_default();
        files.push((content::picture_path(number, path), bytes.to_vec()));
    }
    let ident = format!("{} {}", job.report.organ.name, job.report.year);
    let date = job.report.document_date();
    project.pdf(Document { ident, files, date, fonts }, sink)
}

/// Says every character that no font has, at its place in the data file; false if there is one.
fn say_missing_glyphs(
    source: SourceId,
    data: &str,
    fonts: &Fonts,
    sources: &Sources,
    sink: &mut Sink,
) -> bool {
    let lacking = fonts.lacks(data);
    for c in &lacking {
        let at = sources.text(source).and_then(|text| text.find(*c));
        let place = match at {
            Some(start) => Place::Text(source, Span { start, end: start + c.len_utf8() }),
            None => Place::File(source),
        };
        let code = format!("U+{:04X}", u32::from(*c));
        let message = text!("font.no-glyph", character = *c, code = code);
        let hint = text!("font.no-glyph-hint");
        sink.push(Diagnostic::error("no-glyph", place, message).hint(hint));
    }
    lacking.is_empty()
}

/// The Typst project of an edition: the common files, its own over them, and the form as data.
pub(super) fn project(
    form: &Form,
    templates: &Files,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Project> {
    let own = format!("{}/", form.edition);
    let mut files: Files = BTreeMap::new();
    files.insert("/report.typ".to_owned(), ANY_EDITION.to_vec());
    for (name, bytes) in templates {
        let common = (!name.contains('/')).then_some(name.as_str());
        if let Some(name) = name.strip_prefix(&own).or(common) {
            files.insert(format!("/{name}"), bytes.clone());
        }
    }
    files.remove("/report.docx");
    files.insert("/form.json".to_owned(), content::form(form).to_string().into_bytes());
    let project = Project::new("/report.typ", &files, sources);
    if project.is_none() {
        sink.push(Diagnostic::error("typst", Place::Nowhere, text!("typst.bad-path")));
    }
    project
}
