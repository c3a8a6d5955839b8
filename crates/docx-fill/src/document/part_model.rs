//! Owns the model of a part: paragraphs, runs, texts, rows and cells with their byte ranges, and their
//! locations as a reader counts.
//! Must not know tags, nor how the part is parsed.

use super::shared_ids::{IdKind, SharedIdKind};
use crate::slice::TextSlice as _;
use crate::word::place::CellAddress;
use crate::word::table::VerticalMerge;
use std::ops::Range;
use std::sync::Arc;

/// The contents of a part as byte ranges of its XML.
#[derive(Debug, Default)]
pub(crate) struct PartModel {
    pub(crate) paragraphs: Vec<Paragraph>,
    pub(crate) runs: Vec<WordRun>,
    pub(crate) texts: Vec<TextElement>,
    pub(crate) tables: Vec<Range<usize>>,
    pub(crate) rows: Vec<TableRow>,
    pub(crate) containers: Vec<BlockContainer>,
    /// Identifiers that must be unique within the document, in the order of the part.
    pub(crate) ids: Vec<UniqueIdSite>,
    /// Marks at which ranges begin or end, each as a whole element.
    pub(crate) range_marks: Vec<Range<usize>>,
    /// Content of other parts that stands in this one while it is compiled, in the order of its beginnings.
    pub(crate) attached: Vec<AttachedContent>,
    /// Content controls with a data binding or placeholder: the range of the control, and that of the binding.
    pub(crate) bindings: Vec<(Range<usize>, Range<usize>)>,
    /// Content controls that store something beside what they show, in the order of the part.
    pub(crate) stateful_controls: Vec<Range<usize>>,
    /// The range of each `<w:sectPr …>…</w:sectPr>` with the width of the section's text, in twentieths of a
    /// point.
    pub(crate) sections: Vec<(Range<usize>, u32)>,
    /// Columns of all table grids.
    pub(crate) grid_columns: Vec<GridColumn>,
    /// Pictures, whose descriptions may contain a tag that replaces them.
    pub(crate) pictures: Vec<PictureSite>,
    /// Complete fields, in the order of their ends.
    pub(crate) fields: Vec<FieldSite>,
    /// The results of fields that Word makes anew of the document, such as contents: their texts are no tags.
    pub(crate) stale_texts: Vec<Range<usize>>,
    /// Branches of alternate content that no current program shows.
    pub(crate) fallbacks: Vec<Range<usize>>,
    /// The first text that no run holds.
    pub(crate) stray_text: Option<StrayText>,
}

/// A paragraph, or another element or attribute that contains text.
#[derive(Debug, Default)]
pub(crate) struct Paragraph {
    pub(crate) range: Range<usize>,
    /// Number of its element.
    pub(crate) element: u32,
    /// Number of the parent element.
    pub(crate) parent: u32,
    /// Index of the cell or other container that directly contains it.
    pub(crate) container: Option<usize>,
    /// Index of the innermost enclosing row.
    pub(crate) row: Option<usize>,
    /// Range of `<w:pPr>…</w:pPr>`.
    pub(crate) properties: Option<Range<usize>>,
    pub(crate) text: String,
    pub(crate) pieces: Vec<TextPiece>,
    pub(crate) location: ParagraphLocation,
    /// Bookmarks and other range marks, which must be kept when the paragraph is removed.
    pub(crate) marks: Vec<Range<usize>>,
    /// True if it contains something other than text, such as a picture.
    pub(crate) has_non_text: bool,
    /// Identifier of its list, as written.
    pub(crate) list_id: Option<Range<usize>>,
    pub(crate) section_break: bool,
    /// True if it is not a real paragraph, so that it can neither be removed nor repeated.
    pub(crate) not_removable: bool,
}

/// A piece of a paragraph's text with its source.
#[derive(Debug, Clone)]
pub(crate) struct TextPiece {
    /// Byte range in the joined text.
    pub(crate) text: Range<usize>,
    /// Byte range in the part.
    pub(crate) source: Range<usize>,
    /// Index of the text element; `None` for attributes, tabs and breaks.
    pub(crate) element: Option<usize>,
    /// True if it represents a single character that can be cut only as a whole.
    pub(crate) indivisible: bool,
}

/// A text element such as `<w:t>`.
#[derive(Debug)]
pub(crate) struct TextElement {
    /// Range of the start tag.
    pub(crate) start_tag: Range<usize>,
    pub(crate) name: &'static str,
    pub(crate) preserve: bool,
    /// Index of the run whose child it is.
    pub(crate) run: Option<usize>,
}

/// A field: a complex one, or an element `w:fldSimple`.
#[derive(Debug)]
pub(crate) struct FieldSite {
    pub(crate) marks: FieldMarks,
    /// Its code as written, without those of fields within it.
    pub(crate) code: String,
    /// Indices of the runs in which a complex field begins and ends.
    pub(crate) runs: Option<(usize, usize)>,
    /// Index of the paragraph in which it begins.
    pub(crate) paragraph: Option<usize>,
    /// Within a tracked deletion.
    pub(crate) is_deleted: bool,
}

/// The marks of a field; those of a simple one are its start tag and the end of its element.
#[derive(Debug)]
pub(crate) struct FieldMarks {
    pub(crate) begin: Range<usize>,
    pub(crate) separate: Option<Range<usize>>,
    pub(crate) end: Range<usize>,
}

/// A complex field that has begun.
#[derive(Debug, Default)]
pub(crate) struct OpenFieldSite {
    pub(crate) begin: Range<usize>,
    pub(crate) separate: Option<Range<usize>>,
    pub(crate) code: String,
    pub(crate) run: Option<usize>,
    pub(crate) paragraph: Option<usize>,
}

/// A text run.
#[derive(Debug)]
pub(crate) struct WordRun {
    pub(crate) range: Range<usize>,
    /// Range of `<w:rPr>…</w:rPr>`.
    pub(crate) properties: Option<Range<usize>>,
    pub(crate) parent: u32,
}

/// A text in an element of `WordprocessingML` that can hold none, so that Word does not open or not show it.
#[derive(Debug)]
pub(crate) struct StrayText {
    pub(crate) range: Range<usize>,
    /// Name of the element.
    pub(crate) element: String,
    pub(crate) location: ParagraphLocation,
}

/// A column of a table grid.
#[derive(Debug)]
pub(crate) struct GridColumn {
    pub(crate) table: usize,
    pub(crate) range: Range<usize>,
    /// Range of the width's value.
    pub(crate) width: Range<usize>,
    /// The width in twentieths of a point.
    pub(crate) twips: u32,
}

/// Maximum number of containers before a cell that are searched for those beside it.
const MAX_GRID_SEARCH: usize = 4096;

/// A table row.
#[derive(Debug)]
pub(crate) struct TableRow {
    pub(crate) range: Range<usize>,
    pub(crate) parent: u32,
    pub(crate) table: Option<usize>,
    /// Index of the row that contains its table, if nested.
    pub(crate) outer_row: Option<usize>,
    /// Number of grid columns skipped before its first cell.
    pub(crate) grid_before: usize,
}

/// A cell, header, text box or similar element, which must contain at least one paragraph.
#[derive(Debug)]
pub(crate) struct BlockContainer {
    pub(crate) range: Range<usize>,
    /// Index of the row, if it is a cell.
    pub(crate) row: Option<usize>,
    /// Vertical merging of a cell, and the range of the `w:vMerge` element.
    pub(crate) merge: VerticalMerge,
    pub(crate) merge_site: Option<Range<usize>>,
    /// Number of grid columns that it spans; the next field is the range of that number.
    pub(crate) grid_span: usize,
    pub(crate) span_site: Option<Range<usize>>,
    /// Range of the width's value.
    pub(crate) width_site: Option<Range<usize>>,
    /// Range of its content, without its properties.
    pub(crate) content: Range<usize>,
    /// Width (`w:tcW`) in twentieths of a point, if it is plausible.
    pub(crate) width: Option<u32>,
}

/// A picture of the template.
#[derive(Debug, Default)]
pub(crate) struct PictureSite {
    /// Indices of the paragraphs that represent its description attributes.
    pub(crate) descriptions: Vec<usize>,
    /// Range of `<pic:blipFill>…</pic:blipFill>` or `<v:imagedata …/>`.
    pub(crate) image_element: Option<Range<usize>>,
    /// Width and height in EMU; 0 if unknown.
    pub(crate) size: (u64, u64),
    pub(crate) is_vml: bool,
}

/// The location of a paragraph, counted from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ParagraphLocation {
    /// Name of the part, if it is attached content.
    pub(crate) part: Option<Arc<str>>,
    pub(crate) cells: CellAddress,
    pub(crate) paragraph: u32,
}

/// Content of another part, standing behind the place that refers to it. What it contains belongs to that place, so that
/// a block around the place repeats it, and tags in it mean what they would mean there.
#[derive(Debug, Clone)]
pub(crate) struct AttachedContent {
    pub(crate) range: Range<usize>,
    pub(crate) kind: AttachedKind,
    /// Name of the part from which it comes.
    pub(crate) part: Arc<str>,
}

/// The kind of attached content, by the place to which it goes when it has been filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttachedKind {
    /// A footnote, an endnote or a comment.
    Note(SharedIdKind),
    /// The target of a relationship.
    Relationship,
    /// A relationship to a part of which each reference needs one of its own, such as a chart.
    OwnPart,
    /// The same, if that part has tags.
    GraphicPart,
}

/// An identifier that must not occur twice.
#[derive(Debug, Clone)]
pub(crate) struct UniqueIdSite {
    /// Range of the value; for [`IdKind::Optional`] that of the whole attribute, for [`IdKind::Moved`] of the element.
    pub(crate) range: Range<usize>,
    pub(crate) kind: IdKind,
}

/// The way in which a part is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// Paragraphs of `WordprocessingML` or `DrawingML`.
    Word,
    /// Any elements with text, such as document properties.
    PlainXml,
    /// Relationship targets, in which braces may be percent-encoded.
    Relationships,
}

impl PartModel {
    /// Returns the indices of the paragraphs that begin in a byte range of the part.
    pub(crate) fn indices_within(&self, range: &Range<usize>) -> Range<usize> {
        let before = |end: usize| self.paragraphs.partition_point(|found| found.range.start < end);
        before(range.start)..before(range.end)
    }

    /// Returns the index of the innermost attached content that contains a byte, counted from 1; 0 for the part's own.
    pub(crate) fn attached_at(&self, at: usize) -> usize {
        let before = self.attached.partition_point(|content| content.range.start <= at);
        let within = self.attached[..before].iter().rposition(|content| at < content.range.end);
        within.map_or(0, |found| found + 1)
    }

    /// Returns the width of a cell by the grid of its table; `None` for any other container.
    pub(crate) fn grid_width(&self, cell: usize) -> Option<u32> {
        let own = &self.containers[cell];
        let row = &self.rows[own.row?];
        let before = self.containers[..cell].iter().rev().take(MAX_GRID_SEARCH);
        let beside = before
            .take_while(|other| other.range.start > row.range.start)
            .filter(|other| other.row == own.row);
        let column = row.grid_before + beside.map(|other| other.grid_span).sum::<usize>();
        let columns = self.grid_columns.iter().filter(|column| Some(column.table) == row.table);
        let widths = columns.skip(column).take(own.grid_span).map(|column| column.twips);
        Some(widths.fold(0, u32::saturating_add)).filter(|&width| width > 300)
    }

    /// Returns the paragraphs that begin in a byte range of the part.
    pub(crate) fn paragraphs_within(&self, range: &Range<usize>) -> &[Paragraph] {
        &self.paragraphs[self.indices_within(range)]
    }
}

impl Paragraph {
    /// Returns the index of the piece that contains a byte of the text.
    fn piece_at(&self, at: usize) -> usize {
        self.pieces.partition_point(|piece| piece.text.end <= at)
    }

    /// Returns the text element that contains a byte of the text.
    pub(crate) fn element_at(&self, at: usize) -> Option<usize> {
        self.pieces.get(self.piece_at(at))?.element
    }

    /// Maps a byte offset in the text to the part.
    pub(crate) fn source_at(&self, at: usize) -> usize {
        match self.pieces.get(self.piece_at(at)) {
            Some(piece) if piece.indivisible => piece.source.start,
            Some(piece) => piece.source.start + (at - piece.text.start),
            None => self.range.end,
        }
    }

    /// Maps a byte range of the text to ranges of the part, each with its text element.
    pub(crate) fn source_ranges(&self, range: &Range<usize>) -> Vec<(Range<usize>, Option<usize>)> {
        let mut out: Vec<(Range<usize>, Option<usize>)> = Vec::new();
        for piece in &self.pieces[self.piece_at(range.start)..] {
            if piece.text.start >= range.end {
                break;
            }
            let source = if piece.indivisible {
                piece.source.clone()
            } else {
                let start = range.start.saturating_sub(piece.text.start);
                let end = range.end.min(piece.text.end) - piece.text.start;
                piece.source.start + start..piece.source.start + end
            };
            match out.last_mut() {
                Some((last, element)) if last.end == source.start && *element == piece.element => {
                    last.end = source.end;
                }
                _ => out.push((source, piece.element)),
            }
        }
        out
    }

    /// Returns the text around a range as a single line.
    pub(crate) fn excerpt_around(&self, range: &Range<usize>) -> String {
        const AROUND: usize = 8;
        const WITHIN: usize = 40;
        let before = self.text.slice(..range.start).char_indices().rev().nth(AROUND - 1);
        let start = before.map_or(0, |(at, _)| at);
        let end = range.start + length_of_chars(self.text.slice(range.clone()), WITHIN);
        let after = self.text.slice(range.end..);
        let after = after.slice(..length_of_chars(after, AROUND));
        let mut shown = String::with_capacity(end - start + after.len());
        shown.push_str(self.text.slice(start..end));
        shown.push_str(after);
        if shown.chars().any(|c| c.is_whitespace() && c != ' ') {
            shown = shown.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        }
        let trimmed = shown.trim();
        if trimmed.len() == shown.len() { shown } else { trimmed.to_owned() }
    }
}

/// Returns the length in bytes of the first characters of a text.
fn length_of_chars(text: &str, count: usize) -> usize {
    text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
}

/// Word's identifiers have 31 bits. Larger ones in a document are ignored, so that unused ones always remain.
const READ_ID_LIMIT: u32 = 2_000_000_000;

/// Parses an identifier; 0 if it is not a number or exceeds the limit.
pub(crate) fn parse_id(id: &str) -> u32 {
    id.parse().ok().filter(|number| *number < READ_ID_LIMIT).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_short_and_in_one_line() {
        let excerpt = |text: &str, range| {
            let paragraph = Paragraph { text: text.to_owned(), ..Paragraph::default() };
            paragraph.excerpt_around(&range)
        };
        assert_eq!(excerpt("0123456789{{a}}9876543210", 10..15), "23456789{{a}}98765432");
        assert_eq!(excerpt("政府\t信息{{a}}\n公\u{3000}开", 13..18), "政府 信息{{a}} 公 开");
        assert_eq!(excerpt(" {{a}}\n", 1..6), "{{a}}");
        let long = format!("a{}b", "政".repeat(50));
        assert_eq!(excerpt(&long, 1..151), format!("a{}b", "政".repeat(40)));
    }
}
