//! Owns comparing the page of somebody's Word letterhead with the page that a report needs: the report
//! brings its own looks, but paper and margins are the letterhead's.
//! Must not know the tags of a letterhead other than `{{report}}`.

use crate::form::Form;
use crate::msg;
use crate::official_page::{TWIPS_PER_MM, official_page};
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId};
use docx_fill::opc::Package;
use docx_fill::word::body::WordBody;
use docx_fill::word::section::PageSection;

/// Difference of measures that nobody sees, in millimetres.
const TOLERANCE_MM: f64 = 1.05;
/// The characters that begin a tag.
const TAG_START: &str = "{{";

/// Reports a page that is narrower than the widest table of the form, and paper other than the official
/// one. A document that cannot be read is reported by those who fill it.
pub(super) fn check_letterhead_page(
    form: &Form,
    package: &Package,
    source: SourceId,
    sink: &mut Sink,
) {
    let name = package.main_document_name();
    let Ok(Some(text)) = package.read_xml_part(name) else { return };
    let Ok(body) = WordBody::read(name, text) else { return };
    let Some(section) = report_section(&body) else { return };
    let place = Location::File(source);
    let mut report = |message: Message| {
        let found = Diagnostic::warning("letterhead", place.clone(), message);
        sink.push(found.with_hint(msg!("letterhead.page-hint")));
    };
    let table = form.tables.iter().map(|table| table.widths.iter().sum::<f64>());
    let table = table.fold(0.0, f64::max);
    if let Some(room) = section.text_width().map(|width| width / TWIPS_PER_MM)
        && room + TOLERANCE_MM < table
    {
        let (room, table) = (shown_mm(room), shown_mm(table));
        report(msg!("letterhead.narrow-page", room = room, table = table));
    }
    let page = &official_page().page;
    let (width, height) = (section.width, section.height);
    let (Some(width), Some(height)) = (width, height) else { return };
    let (width, height) = (width / TWIPS_PER_MM, height / TWIPS_PER_MM);
    if (width - page.width).abs() > TOLERANCE_MM || (height - page.height).abs() > TOLERANCE_MM {
        let (width, height) = (shown_mm(width), shown_mm(height));
        report(msg!("letterhead.other-paper", width = width, height = height));
    }
}

/// Returns the section in which the report is put.
fn report_section(body: &WordBody) -> Option<PageSection> {
    let is_report = |text: &str| {
        let mut tags = text.split(TAG_START).skip(1);
        tags.any(|tag| tag.split("}}").next().is_some_and(names_report))
    };
    let paragraph = body.paragraphs.iter().find(|paragraph| is_report(&paragraph.text))?;
    let sections = PageSection::read_all(&body.tree);
    // The properties of a section stand in its last paragraph, or behind all of them.
    sections.into_iter().find(|section| section.element > paragraph.element)
}

fn names_report(tag: &str) -> bool {
    tag.split_whitespace().any(|word| word == "report")
}

fn shown_mm(measure: f64) -> String {
    format!("{measure:.0}")
}
