//! Owns checking the page of GB/T 9704—2012: paper, margins, and the number of digits that a column
//! holds.
//! Must not know fonts or the values of figures.

use super::InspectedDocument;
use super::word_part::{Body, BodyTable as WordTable};
use crate::form::FormTable;
use crate::msg;
use crate::official_page::{TWIPS_PER_MM, official_page};
use docx_fill::diag::{Diagnostic, Sink, SourceId, WordLocation};

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
    let sections = body.tree.elements.iter().enumerate();
    let sections: Vec<usize> =
        sections.filter(|(_, e)| e.name == "w:sectPr").map(|(at, _)| at).collect();
    for &section in &sections {
        // Former properties, kept by a tracked change.
        if body.tree.ancestors(section).any(|at| body.tree.elements[at].name == "w:sectPrChange") {
            continue;
        }
        check_section(body, section, sections.len(), source, sink);
    }
}

fn check_section(body: &Body, section: usize, count: usize, source: SourceId, sink: &mut Sink) {
    let size = body.tree.element_at_path(section, &["w:pgSz"]);
    let turned = size.is_some_and(|size| size.attribute("w:orient") == Some("landscape"));
    let place = || {
        let last = || body.paragraphs.iter().rev().find(|found| found.cells.is_empty());
        let found = body.paragraph_of(section).filter(|_| count > 1).or_else(last);
        let place = found.map(|found| body.paragraph_place(found, &found.text));
        let part = body.name.clone();
        super::word_place(source, place.unwrap_or(WordLocation { part, ..WordLocation::default() }))
    };
    let mut wrong = |rule: &'static str, name: &str, wanted: f64, found: Option<f64>| {
        let found = found.map(|found| found / TWIPS_PER_MM);
        if found.is_some_and(|found| (found - wanted).abs() <= TOLERANCE_MM) {
            return;
        }
        let what = match name {
            "w:w" => msg!("inspect.page-width"),
            "w:h" => msg!("inspect.page-height"),
            "w:top" => msg!("inspect.page-top"),
            "w:bottom" => msg!("inspect.page-bottom"),
            "w:left" => msg!("inspect.page-left"),
            _ => msg!("inspect.page-right"),
        };
        let found = found.map_or_else(|| "—".to_owned(), |found| format!("{found:.1}"));
        let message =
            msg!("inspect.page", what = what, found = found, wanted = format!("{wanted}"));
        let found = Diagnostic::warning(rule, place(), message);
        sink.push(found.with_hint(msg!("inspect.hint-page")));
    };
    let page = &official_page().page;
    for (name, wanted) in [("w:w", page.width), ("w:h", page.height)] {
        let turn = if name == "w:w" { "w:h" } else { "w:w" };
        let found = size.and_then(|size| size.number_attribute(if turned { turn } else { name }));
        wrong("page-size", name, wanted, found);
    }
    // A landscape page holds a wide table and has other margins.
    if turned {
        return;
    }
    let margins = body.tree.element_at_path(section, &["w:pgMar"]);
    let wanted = [
        ("w:top", page.top),
        ("w:bottom", page.bottom),
        ("w:left", page.left),
        ("w:right", page.right),
    ];
    for (name, wanted) in wanted {
        wrong(
            "page-margins",
            name,
            wanted,
            margins.and_then(|margins| margins.number_attribute(name)),
        );
    }
}

/// Returns the width of the last section's text in twips, at least that of the standard.
pub(super) fn text_width(body: &Body) -> f64 {
    let width = || {
        let section = body.tree.elements.iter().rposition(|found| found.name == "w:sectPr")?;
        let size = body.tree.element_at_path(section, &["w:pgSz"])?.number_attribute("w:w")?;
        let margins = body.tree.element_at_path(section, &["w:pgMar"])?;
        Some(size - margins.number_attribute("w:left")? - margins.number_attribute("w:right")?)
    };
    width().unwrap_or_default().max(official_page().text_width() * TWIPS_PER_MM)
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
    body: &Body,
    table: &WordTable,
    row: usize,
    cell: usize,
    column: usize,
    form: &FormTable,
) -> usize {
    let own = &table.rows[row].cells[cell];
    let run = body.tree.descendants(own.element).find(|&at| body.tree.elements[at].name == "w:r");
    let size = run.and_then(|run| {
        body.tree.element_at_path(run, &["w:rPr", "w:sz"])?.number_attribute("w:val")
    });
    let size = size.filter(|size| *size > 0.0).unwrap_or(form.size * 2.0);
    digit_count(cell_width(body, table, row, cell, column), size)
}

/// Returns the width of a cell between its margins in twips; `column` is its first grid column.
pub(super) fn cell_width(
    body: &Body,
    table: &WordTable,
    row: usize,
    cell: usize,
    column: usize,
) -> f64 {
    let own = &table.rows[row].cells[cell];
    let grid: f64 = table.columns.iter().skip(column).take(own.span).sum();
    let said = body.tree.element_at_path(own.element, &["w:tcPr", "w:tcW"]);
    let said = said.filter(|said| said.attribute("w:type").is_none_or(|kind| kind == "dxa"));
    let said = said.and_then(|said| said.number_attribute("w:w")).filter(|said| *said > 0.0);
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
        found.and_then(|found| found.number_attribute("w:w")).unwrap_or(CELL_MARGIN)
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
