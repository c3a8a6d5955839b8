//! Owns checking the page of GB/T 9704—2012: paper, margins, and the number of digits that a column
//! holds.
//! Must not know fonts or the values of figures.

use super::InspectedDocument;
use crate::form::FormTable;
use crate::msg;
use crate::official_page::{TWIPS_PER_MM, official_page};
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, WordLocation};
use docx_fill::word::body::{BodyCell, BodyParagraph, BodyTable, WordBody};
use docx_fill::word::section::{PageMargins, PageSection};

/// The standard allows one millimetre.
const TOLERANCE_MM: f64 = 1.05;
/// Number of digits that a figure's cell has to hold, unless the form itself holds fewer.
pub(super) const MIN_DIGITS: usize = 5;
/// Default margin of a cell in Word, in twips.
const CELL_MARGIN: f64 = 108.0;
/// Margin of a cell in the form, in twips.
const FORM_MARGIN: f64 = 28.0;

pub(super) fn check_page(document: &InspectedDocument, source: SourceId, sink: &mut Sink) {
    let body = &document.main;
    let sections = PageSection::read_all(&body.tree);
    for section in &sections {
        let mut checker = SectionChecker { body, place: None, source, sink };
        if sections.len() > 1 {
            checker.place = body.paragraph_of(section.element);
        }
        checker.check_section(section);
    }
}

struct SectionChecker<'a> {
    body: &'a WordBody,
    /// Paragraph that ends the section, if there are several.
    place: Option<&'a BodyParagraph>,
    source: SourceId,
    sink: &'a mut Sink,
}

impl SectionChecker<'_> {
    fn check_section(&mut self, section: &PageSection) {
        let page = &official_page().page;
        let (mut width, mut height) = (section.width, section.height);
        if section.is_landscape {
            std::mem::swap(&mut width, &mut height);
        }
        self.check_measure("page-size", msg!("inspect.page-width"), page.width, width);
        self.check_measure("page-size", msg!("inspect.page-height"), page.height, height);
        // A landscape page holds a wide table and has other margins.
        if section.is_landscape {
            return;
        }
        let PageMargins { top, bottom, left, right, .. } = section.margins;
        for (what, wanted, found) in [
            (msg!("inspect.page-top"), page.top, top),
            (msg!("inspect.page-bottom"), page.bottom, bottom),
            (msg!("inspect.page-left"), page.left, left),
            (msg!("inspect.page-right"), page.right, right),
        ] {
            self.check_measure("page-margins", what, wanted, found);
        }
    }

    fn check_measure(
        &mut self,
        rule: &'static str,
        what: Message,
        wanted: f64,
        found: Option<f64>,
    ) {
        let found = found.map(|found| found / TWIPS_PER_MM);
        if found.is_some_and(|found| (found - wanted).abs() <= TOLERANCE_MM) {
            return;
        }
        let found = found.map_or_else(|| "—".to_owned(), |found| format!("{found:.1}"));
        let message =
            msg!("inspect.page", what = what, found = found, wanted = format!("{wanted}"));
        let found = Diagnostic::warning(rule, self.location(), message);
        self.sink.push(found.with_hint(msg!("inspect.hint-page")));
    }

    fn location(&self) -> Location {
        let last = || self.body.paragraphs.iter().rev().find(|found| found.cells.is_empty());
        let found = self.place.or_else(last);
        let place = found.map(|found| self.body.paragraph_place(found, &found.text));
        let part = self.body.name.clone();
        let place = place.unwrap_or(WordLocation { part, ..WordLocation::default() });
        super::word_place(self.source, place)
    }
}

/// Returns the width of the last section's text in twips, at least that of the standard.
pub(super) fn text_width(body: &WordBody) -> f64 {
    let last = PageSection::read_all(&body.tree).pop();
    let width = last.and_then(|section| section.text_width());
    width.unwrap_or_default().max(official_page().text_width() * TWIPS_PER_MM)
}

/// Returns the number of digits that the form's own columns hold.
pub(super) fn digits_of_form(form: &FormTable, column: usize, span: usize) -> usize {
    let total: f64 = form.widths.iter().sum();
    let scale = (official_page().text_width() / total.max(1.0)).min(1.0);
    let width: f64 = form.widths.iter().skip(column).take(span).sum();
    digit_count(width * scale * TWIPS_PER_MM - 2.0 * FORM_MARGIN, form.size * 2.0)
}

/// Returns the number of digits that a cell of the document holds on one line.
pub(super) fn digits_of_cell(
    body: &WordBody,
    table: &BodyTable,
    own: &BodyCell,
    form: &FormTable,
) -> usize {
    let run = body.tree.descendants(own.element).find(|&at| body.tree.elements[at].name == "w:r");
    let size = run.and_then(|run| {
        body.tree.element_at_path(run, &["w:rPr", "w:sz"])?.number_attribute("w:val")
    });
    let size = size.filter(|size| *size > 0.0).unwrap_or(form.size * 2.0);
    digit_count(cell_width(body, table, own), size)
}

/// Returns the width of a cell between its margins in twips.
pub(super) fn cell_width(body: &WordBody, table: &BodyTable, own: &BodyCell) -> f64 {
    let grid: f64 = table.columns.iter().skip(own.column).take(own.span).sum();
    let said = body.tree.element_at_path(own.element, &["w:tcPr", "w:tcW"]);
    let said = said.filter(|said| said.attribute("w:type").is_none_or(|kind| kind == "dxa"));
    let said = said.and_then(|said| said.length_attribute("w:w")).filter(|said| *said > 0.0);
    let width = match said {
        Some(said) if grid > 0.0 => said.min(grid),
        Some(said) => said,
        None => grid,
    };
    let margin = |names: [&str; 2]| {
        let of = |name: &str| {
            body.tree.element_at_path(table.element, &["w:tblPr", "w:tblCellMar", name])
        };
        let found = of(names[0]).or_else(|| of(names[1]));
        found.and_then(|found| found.length_attribute("w:w")).unwrap_or(CELL_MARGIN)
    };
    width - margin(["w:left", "w:start"]) - margin(["w:right", "w:end"])
}

/// Returns the number of digits that fit into a width: a digit is half as wide as the font size,
/// which is half-points × 10 twips ÷ 2.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn digit_count(twips: f64, half_points: f64) -> usize {
    // Programs round widths to whole twips.
    ((twips + 2.0) / (half_points.max(1.0) * 5.0)).max(0.0) as usize
}
