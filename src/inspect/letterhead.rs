//! Owns checking Word documents that take a report in, as letterheads do: where the report goes, and the names that a
//! letterhead has beside those of a report.
//! Must not know how a letterhead is rendered, nor the text of its data file.

use super::InspectedDocument;
use super::tag_names::figure_of_path;
use crate::form::Form;
use crate::letterhead::{Imprint, Letterhead};
use crate::{msg, starter};
use docx_fill::diag::{Diagnostic, Location, Sink, Sources, WordLocation};
use docx_fill::template::{CompiledTemplate, ListedTag};
use serde_json::Value;
use std::sync::Arc;

/// Name under which a letterhead takes the report in.
const REPORT: &str = "report";
/// Name of the data of a letterhead.
const LETTERHEAD: &str = "letterhead";

/// Checks whether a template is a letterhead: it has its data, or takes a report in and else names nothing but what a
/// report has (`known`).
pub(super) fn is_letterhead(template: &CompiledTemplate, known: &Value) -> bool {
    let firsts = || {
        let wants = template.tags().iter().flat_map(|tag| &tag.requirements);
        wants.filter_map(|want| want.path.first().map(String::as_str))
    };
    let of_report = |name: &str| name == REPORT || known.get(name).is_some();
    firsts().any(|name| name == LETTERHEAD)
        || template.tags().iter().any(takes_report) && firsts().all(of_report)
}

fn takes_report(tag: &ListedTag) -> bool {
    tag.paths.iter().any(|path| path == REPORT)
}

/// Adds what a letterhead's data has, with values of no meaning.
pub(super) fn add_names(names: &mut Value, form: &Arc<Form>) {
    let report = starter::starter_report(form, "机关", form.first_year);
    let full = Letterhead { imprint: Some(Imprint::default()), ..Letterhead::default() };
    names[LETTERHEAD] = full.to_value(&report, &Sources::default(), &mut Sink::new());
    names[REPORT] = Value::String(String::new());
}

/// Reports a letterhead in which the report has no place, several, or one within other text.
pub(super) fn check_report_places(
    template: &CompiledTemplate,
    document: &InspectedDocument,
    form: &Form,
    sink: &mut Sink,
) {
    let source = template.source();
    let places: Vec<&WordLocation> =
        template.tags().iter().filter(|tag| takes_report(tag)).map(|tag| &tag.location).collect();
    let Some((first, further)) = places.split_first() else {
        if !has_own_tags(template, form) {
            let message = msg!("letterhead.no-report");
            let found = Diagnostic::error("letterhead", Location::File(source), message);
            sink.push(found.with_hint(msg!("letterhead.no-report-hint")));
        }
        return;
    };
    let word = |place: &WordLocation| Location::Word(source, place.clone());
    for place in further {
        let found = Diagnostic::error("letterhead", word(place), msg!("letterhead.two-reports"));
        sink.push(found.with_label(word(first), msg!("letterhead.first-report")));
    }
    for place in &places {
        if has_other_text(template, document, place) {
            let message = msg!("letterhead.report-place");
            let found = Diagnostic::error("letterhead", word(place), message);
            sink.push(found.with_hint(msg!("letterhead.no-report-hint")));
        }
    }
}

/// Checks whether a letterhead shows texts or figures of the report by tags of its own, so that it needs no place for the
/// report.
fn has_own_tags(template: &CompiledTemplate, form: &Form) -> bool {
    let mut wants = template.tags().iter().flat_map(|tag| &tag.requirements);
    wants.any(|want| {
        want.path.first().is_some_and(|first| first == "text")
            || figure_of_path(form, &want.path).is_some()
    })
}

/// Checks whether the paragraph of a tag has text beside tags.
fn has_other_text(
    template: &CompiledTemplate,
    document: &InspectedDocument,
    place: &WordLocation,
) -> bool {
    let bodies = std::iter::once(&document.main).chain(&document.others);
    let paragraphs =
        bodies.filter(|body| body.name == place.part).flat_map(|body| &body.paragraphs);
    let mut own = paragraphs
        .filter(|found| found.cells == place.cells && found.number == place.paragraph)
        .map(|found| found.text.clone());
    let Some(mut text) = own.next() else { return false };
    let beside = template.tags().iter().filter(|tag| {
        let other = &tag.location;
        (&other.part, &other.cells, other.paragraph) == (&place.part, &place.cells, place.paragraph)
    });
    for tag in beside {
        text = text.replacen(&tag.text, "", 1);
    }
    !text.trim().is_empty()
}
