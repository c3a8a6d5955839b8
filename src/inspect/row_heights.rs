//! Owns checking rows of a fixed height: the height that a cell's text needs, and whether the row
//! clips it.
//! Must not compute the layout: it counts full lines and uses their minimum height.

use super::InspectedDocument;
use super::page_layout::cell_width;
use super::word_part::StyleResolver;
use crate::msg;
use docx_fill::diag::{Diagnostic, Sink, SourceId, WordLocation};
use docx_fill::word::body::{BodyCell, BodyParagraph, BodyTable, WordBody};
use unicode_width::UnicodeWidthStr;

const TWIPS_PER_MM: f64 = 1440.0 / 25.4;
/// Minimum height of a single line as a multiple of the font size: that of 宋体.
const LINE_FACTOR: f64 = 1.14;
/// Tolerance in twips, as programs round heights; a fifth of a millimetre is invisible.
const TOLERANCE_TWIPS: f64 = 12.0;

/// A row that clips text.
pub(super) struct ClippedRow {
    /// Cell that needs the greatest height.
    pub(super) place: WordLocation,
    /// Element number of the row's `w:trHeight`.
    pub(super) height: usize,
    found: f64,
    needed: f64,
}

pub(super) fn check_heights(document: &InspectedDocument, source: SourceId, sink: &mut Sink) {
    for cut in clipped_rows(document) {
        let shown = |twips: f64| format!("{:.1}", twips / TWIPS_PER_MM);
        let (found, needed) = (shown(cut.found), shown(cut.needed));
        let message = msg!("inspect.row-cuts", found = found, needed = needed);
        let found = Diagnostic::error("row-cuts", super::word_place(source, cut.place), message);
        sink.push(found.with_hint(msg!("inspect.hint-cuts")));
    }
}

/// Returns the rows of the document that clip text, each once.
pub(super) fn clipped_rows(document: &InspectedDocument) -> Vec<ClippedRow> {
    let looks = StyleResolver::new(&document.main, &document.styles);
    let mut out = Vec::new();
    for table in &document.main.tables {
        for row in 0..table.rows.len() {
            out.extend(clipped_row(&looks, table, row));
        }
    }
    out
}

fn clipped_row(looks: &StyleResolver<'_>, table: &BodyTable, row: usize) -> Option<ClippedRow> {
    let (height, _) = exact_height(looks.body, table, row)?;
    let mut worst: Option<ClippedRow> = None;
    for (cell, own) in table.rows[row].cells.iter().enumerate() {
        if own.continued.is_some() {
            continue;
        }
        let Some(found) = merged_height(looks.body, table, (row, cell)) else { continue };
        let needed = needed_height(looks, table, own);
        let most = worst.as_ref().map_or(0.0, |worst| worst.needed - worst.found);
        if needed > found + TOLERANCE_TWIPS && needed - found > most {
            let mut place = looks.body.cell_place(table, row, cell);
            place.paragraph = 1;
            worst = Some(ClippedRow { place, height, found, needed });
        }
    }
    worst
}

/// Returns the height element and the height in twips of a row with a fixed height.
fn exact_height(body: &WordBody, table: &BodyTable, row: usize) -> Option<(usize, f64)> {
    let at = body.tree.index_at_path(table.rows[row].element, &["w:trPr", "w:trHeight"])?;
    let height = &body.tree.elements[at];
    let fixed = height.attribute("w:hRule") == Some("exact");
    height.length_attribute("w:val").filter(|_| fixed).map(|value| (at, value))
}

/// Returns the height in twips of a cell with those below that it is merged with, if all its rows are
/// fixed.
fn merged_height(body: &WordBody, table: &BodyTable, cell: (usize, usize)) -> Option<f64> {
    let mut height = exact_height(body, table, cell.0)?.1;
    for row in cell.0 + 1..table.rows.len() {
        if !table.rows[row].cells.iter().any(|below| below.continued == Some(cell)) {
            break;
        }
        height += exact_height(body, table, row)?.1;
    }
    Some(height)
}

/// Returns the minimum height of a cell's text in twips.
fn needed_height(looks: &StyleResolver<'_>, table: &BodyTable, cell: &BodyCell) -> f64 {
    let body = looks.body;
    let own = cell.element;
    let room = cell_width(body, table, cell).max(1.0);
    let turned = body.tree.element_at_path(own, &["w:tcPr", "w:textDirection"]);
    let turned = turned.and_then(|found| found.value()).is_some_and(|way| !way.starts_with("lr"));
    let depth = table.outer.len() + 1;
    let range = own..body.tree.elements[own].end;
    let paragraphs = body
        .paragraphs
        .iter()
        .filter(|paragraph| range.contains(&paragraph.element) && paragraph.cells.len() == depth);
    paragraphs.map(|paragraph| paragraph_height(looks, paragraph, room, turned)).sum()
}

fn paragraph_height(
    looks: &StyleResolver<'_>,
    paragraph: &BodyParagraph,
    room: f64,
    turned: bool,
) -> f64 {
    let sizes = looks.text_runs(paragraph).into_iter().map(|run| {
        let found = looks.run_property(paragraph, run, "w:sz", &["w:val"]);
        let size = found.and_then(|(_, said)| said.get("w:val")?.parse::<f64>().ok());
        // Half-points as twips; Word's default is 10 pt.
        size.unwrap_or(20.0) * 10.0
    });
    // An empty paragraph has a height, too, but nothing in it is clipped.
    let size = sizes.fold(0.0, f64::max);
    if size == 0.0 {
        return 0.0;
    }
    let spacing = looks.line_spacing(paragraph);
    let line = spacing.line.and_then(|line| line.parse::<f64>().ok());
    let pitch = match (spacing.rule.as_deref(), line) {
        (Some("exact"), Some(line)) => line,
        (Some("atLeast"), Some(line)) => line.max(size * LINE_FACTOR),
        (_, line) => size * LINE_FACTOR * line.map_or(1.0, |line| (line / 240.0).max(1.0)),
    };
    // The value of a tag is fitted to its cell.
    let single = paragraph.text.contains("{{");
    let width = if single { size } else { half_characters(paragraph.text.trim()) * size / 2.0 };
    if turned {
        let columns = (room / pitch).floor().max(1.0);
        return (width / columns / size).ceil() * size;
    }
    ((width / room - 0.02).ceil().max(1.0)) * pitch
}

/// Returns the width of a text in half-width characters.
fn half_characters(text: &str) -> f64 {
    f64::from(u32::try_from(text.width()).unwrap_or(u32::MAX))
}
