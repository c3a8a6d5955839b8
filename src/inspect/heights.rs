//! Owns rows of a fixed height: what a cell's words need, and whether the row cuts them off.
//! Must not lay out: it counts full lines and takes the least height that they can have.

use super::Document;
use super::page::room;
use super::word::{Body, Looks, Merge, Paragraph, Table};
use crate::text;
use docx_fill::diag::{Diagnostic, Sink, SourceId, WordPlace};
use unicode_width::UnicodeWidthStr;

const TWIPS_PER_MM: f64 = 1440.0 / 25.4;
/// The least height of a single line, by the height of its characters: that of 宋体.
const LINE: f64 = 1.14;
/// Programs round heights; a fifth of a millimetre is not seen.
const ALLOWED: f64 = 12.0;

/// A row that cuts words off.
pub(super) struct Cut {
    /// The cell that needs most.
    pub(super) place: WordPlace,
    /// Its `w:trHeight`.
    pub(super) height: usize,
    found: f64,
    needed: f64,
}

pub(super) fn check(document: &Document, source: SourceId, sink: &mut Sink) {
    for cut in cuts(document) {
        let shown = |twips: f64| format!("{:.1}", twips / TWIPS_PER_MM);
        let (found, needed) = (shown(cut.found), shown(cut.needed));
        let message = text!("inspect.row-cuts", found = found, needed = needed);
        let found = Diagnostic::error("row-cuts", super::at(source, cut.place), message);
        sink.push(found.hint(text!("inspect.hint-cuts")));
    }
}

/// The rows of the document that cut words off, each once.
pub(super) fn cuts(document: &Document) -> Vec<Cut> {
    let looks = Looks { body: &document.main, styles: &document.styles };
    let mut out = Vec::new();
    for table in &document.main.tables {
        for row in 0..table.rows.len() {
            out.extend(cut(&looks, table, row));
        }
    }
    out
}

fn cut(looks: &Looks<'_>, table: &Table, row: usize) -> Option<Cut> {
    let (height, found) = exact(looks.body, table, row)?;
    let mut column = 0;
    let mut worst: Option<Cut> = None;
    for (cell, own) in table.rows[row].cells.iter().enumerate() {
        let from = column;
        column += own.span;
        let found = match own.merge {
            Merge::None => Some(found),
            Merge::Restart => merged(looks.body, table, row, from),
            Merge::Continue => None,
        };
        let Some(found) = found else { continue };
        let needed = needed(looks, table, row, cell, from);
        let most = worst.as_ref().map_or(0.0, |worst| worst.needed - worst.found);
        if needed > found + ALLOWED && needed - found > most {
            let mut place = looks.body.cell_place(table, row, cell);
            place.paragraph = 1;
            worst = Some(Cut { place, height, found, needed });
        }
    }
    worst
}

/// The element and the height of a row whose height is fixed.
fn exact(body: &Body, table: &Table, row: usize) -> Option<(usize, f64)> {
    let at = body.tree.index(table.rows[row].element, &["w:trPr", "w:trHeight"])?;
    let height = &body.tree.elements[at];
    let fixed = height.attribute("w:hRule") == Some("exact");
    height.number("w:val").filter(|_| fixed).map(|value| (at, value))
}

/// The height of a cell that is merged with those below it, if all its rows are fixed.
fn merged(body: &Body, table: &Table, row: usize, column: usize) -> Option<f64> {
    let mut height = 0.0;
    for at in row..table.rows.len() {
        let mut from = 0;
        let below = table.rows[at].cells.iter().find(|cell| {
            let here = from == column;
            from += cell.span;
            here
        });
        if at > row && below.is_none_or(|cell| cell.merge != Merge::Continue) {
            break;
        }
        height += exact(body, table, at)?.1;
    }
    Some(height)
}

/// The least height of a cell's words in twips.
fn needed(looks: &Looks<'_>, table: &Table, row: usize, cell: usize, column: usize) -> f64 {
    let body = looks.body;
    let own = table.rows[row].cells[cell].element;
    let room = room(body, table, row, cell, column).max(1.0);
    let turned = body.tree.find(own, &["w:tcPr", "w:textDirection"]);
    let turned = turned.and_then(|found| found.value()).is_some_and(|way| !way.starts_with("lr"));
    let depth = table.outer.len() + 1;
    let range = own..body.tree.elements[own].last;
    let paragraphs = body
        .paragraphs
        .iter()
        .filter(|paragraph| range.contains(&paragraph.element) && paragraph.cells.len() == depth);
    paragraphs.map(|paragraph| height(looks, paragraph, room, turned)).sum()
}

fn height(looks: &Looks<'_>, paragraph: &Paragraph, room: f64, turned: bool) -> f64 {
    let sizes = looks.runs(paragraph).into_iter().map(|run| {
        let found = looks.run(paragraph, run, "w:sz", &["w:val"]);
        let size = found.and_then(|(_, said)| said.get("w:val")?.parse::<f64>().ok());
        // Half-points as twips; Word's own default is 10 pt.
        size.unwrap_or(20.0) * 10.0
    });
    // A paragraph without words has its height too, but nothing in it is cut off.
    let size = sizes.fold(0.0, f64::max);
    if size == 0.0 {
        return 0.0;
    }
    let value = |name| looks.paragraph(paragraph, "w:spacing", name);
    let line = value("w:line").and_then(|line| line.parse::<f64>().ok());
    let pitch = match (value("w:lineRule").as_deref(), line) {
        (Some("exact"), Some(line)) => line,
        (Some("atLeast"), Some(line)) => line.max(size * LINE),
        (_, line) => size * LINE * line.map_or(1.0, |line| (line / 240.0).max(1.0)),
    };
    // What a tag becomes is made to fit its cell.
    let single = paragraph.text.contains("{{");
    let width = if single { size } else { half_characters(paragraph.text.trim()) * size / 2.0 };
    if turned {
        let columns = (room / pitch).floor().max(1.0);
        return (width / columns / size).ceil() * size;
    }
    ((width / room - 0.02).ceil().max(1.0)) * pitch
}

/// The width of a text in half characters.
fn half_characters(text: &str) -> f64 {
    f64::from(u32::try_from(text.width()).unwrap_or(u32::MAX))
}
