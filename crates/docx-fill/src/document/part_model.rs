//! Owns what is known of a part: paragraphs, runs, texts, rows and cells with the bytes they span, and
//! the place of each as a reader counts.
//! Must not know tags, nor how the part was read.

use crate::slice::TextSlice as _;
use std::collections::BTreeSet;
use std::ops::Range;

/// What a part holds, as positions in its text.
#[derive(Debug, Default)]
pub(crate) struct PartModel {
    pub(crate) paragraphs: Vec<Paragraph>,
    /// Those that are text which a tracked change has deleted.
    pub(crate) deleted_paragraphs: BTreeSet<usize>,
    pub(crate) runs: Vec<WordRun>,
    pub(crate) texts: Vec<TextElement>,
    pub(crate) tables: Vec<Range<usize>>,
    pub(crate) rows: Vec<TableRow>,
    pub(crate) containers: Vec<BlockContainer>,
    /// Attributes that have to be unique within the document.
    pub(crate) ids: Vec<IdSite>,
    /// Content controls whose text Word would take from elsewhere, with what says so.
    pub(crate) bindings: Vec<(Range<usize>, Range<usize>)>,
    /// `<w:sectPr …>…</w:sectPr>` and the width of the section's text in twentieths of a point.
    pub(crate) sections: Vec<(Range<usize>, u32)>,
    /// The columns of the tables' grids.
    pub(crate) grid_columns: Vec<GridColumn>,
    /// Pictures that a tag in their description may replace.
    pub(crate) pictures: Vec<PictureSite>,
    /// The namespace prefix of `WordprocessingML` is not `w`.
    pub(crate) foreign_prefix: bool,
}

/// A paragraph, or an element or attribute that holds text without being one.
#[derive(Debug, Default)]
pub(crate) struct Paragraph {
    pub(crate) range: Range<usize>,
    /// Identity of the parent element.
    pub(crate) parent: u32,
    /// The cell or other container it is a direct child of.
    pub(crate) container: Option<usize>,
    /// The innermost row around it.
    pub(crate) row: Option<usize>,
    /// `<w:pPr>…</w:pPr>`
    pub(crate) properties: Option<Range<usize>>,
    pub(crate) text: String,
    pub(crate) pieces: Vec<TextPiece>,
    pub(crate) location: ParagraphLocation,
    /// Bookmarks and other range marks, which have to survive the paragraph.
    pub(crate) marks: Vec<Range<usize>>,
    /// Holds something else than text, such as a picture.
    pub(crate) has_non_text: bool,
    /// The number of its list, as written.
    pub(crate) list_id: Option<Range<usize>>,
    pub(crate) section_break: bool,
    /// Is no paragraph and cannot vanish or be repeated.
    pub(crate) not_removable: bool,
}

/// A piece of a paragraph's text and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct TextPiece {
    /// Bytes of the joined text.
    pub(crate) text: Range<usize>,
    /// Bytes of the part.
    pub(crate) source: Range<usize>,
    /// The element it is in; none for an attribute, a tab or a break.
    pub(crate) element: Option<usize>,
    /// Stands for one character and can only be cut as a whole.
    pub(crate) indivisible: bool,
}

/// `<w:t>` and its like.
#[derive(Debug)]
pub(crate) struct TextElement {
    /// The start tag.
    pub(crate) start_tag: Range<usize>,
    pub(crate) name: &'static str,
    pub(crate) preserve: bool,
    pub(crate) run: Option<usize>,
}

/// A run.
#[derive(Debug)]
pub(crate) struct WordRun {
    /// `<w:rPr>…</w:rPr>`
    pub(crate) properties: Option<Range<usize>>,
    pub(crate) parent: u32,
}

/// A column of a table's grid.
#[derive(Debug)]
pub(crate) struct GridColumn {
    pub(crate) table: usize,
    pub(crate) range: Range<usize>,
    /// The value of its width.
    pub(crate) width: Range<usize>,
}

/// A table row.
#[derive(Debug)]
pub(crate) struct TableRow {
    pub(crate) range: Range<usize>,
    pub(crate) parent: u32,
    pub(crate) table: Option<usize>,
    /// The row around the table it is in.
    pub(crate) outer_row: Option<usize>,
    /// Columns of the grid that it leaves free at its beginning.
    pub(crate) grid_before: usize,
}

/// A cell, header, text box or the like, which must not become empty.
#[derive(Debug)]
pub(crate) struct BlockContainer {
    pub(crate) range: Range<usize>,
    /// The row, if it is a cell.
    pub(crate) row: Option<usize>,
    /// `<w:vMerge w:val="restart"/>`
    pub(crate) merge_start: Option<Range<usize>>,
    /// Whether it continues the cell above.
    pub(crate) continues_merge: bool,
    /// Columns of the grid that it covers, and where their number is written.
    pub(crate) grid_span: usize,
    pub(crate) span_site: Option<Range<usize>>,
    /// Where its width is written.
    pub(crate) width_site: Option<Range<usize>>,
    /// Its content without its own properties.
    pub(crate) content: Range<usize>,
    /// `w:tcW` in twentieths of a point.
    pub(crate) width: Option<u32>,
}

/// A picture of the template.
#[derive(Debug, Default)]
pub(crate) struct PictureSite {
    /// The attributes that describe it, as paragraphs.
    pub(crate) descriptions: Vec<usize>,
    /// `<pic:blipFill>…</pic:blipFill>` or `<v:imagedata …/>`
    pub(crate) image_element: Option<Range<usize>>,
    /// Its box in English Metric Units, 0 if unknown.
    pub(crate) size: (u64, u64),
    pub(crate) is_vml: bool,
}

/// Where a paragraph is, counted from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ParagraphLocation {
    pub(crate) cells: Vec<(u32, u32, u32)>,
    pub(crate) paragraph: u32,
}

/// An attribute that must not occur twice.
#[derive(Debug, Clone)]
pub(crate) struct IdSite {
    /// The value; for [`IdKind::Optional`] the whole attribute or element.
    pub(crate) range: Range<usize>,
    pub(crate) kind: IdKind,
}

/// What kind of identity it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdKind {
    BookmarkStart,
    BookmarkName,
    BookmarkEnd,
    Drawing,
    /// Not unique, but a list that is repeated has one of its own.
    List,
    /// May be left out.
    Optional,
}

/// How a part is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// Paragraphs of `WordprocessingML` or `DrawingML`.
    Word,
    /// Any element with text, such as a document property.
    PlainXml,
    /// Targets of relationships, where braces may be written `%7B`.
    Relationships,
}

impl PartModel {
    /// Numbers of the paragraphs that begin in a range of the part.
    pub(crate) fn indices_within(&self, range: &Range<usize>) -> Range<usize> {
        let before = |end: usize| self.paragraphs.partition_point(|found| found.range.start < end);
        before(range.start)..before(range.end)
    }

    /// The paragraphs that begin in a range of the part.
    pub(crate) fn paragraphs_within(&self, range: &Range<usize>) -> &[Paragraph] {
        &self.paragraphs[self.indices_within(range)]
    }
}

impl Paragraph {
    /// The piece in which a byte of the text is.
    fn piece_at(&self, at: usize) -> usize {
        self.pieces.partition_point(|piece| piece.text.end <= at)
    }

    /// The text element in which a byte of the text is.
    pub(crate) fn element_at(&self, at: usize) -> Option<usize> {
        self.pieces.get(self.piece_at(at))?.element
    }

    /// Where a byte of the text stands in the part.
    pub(crate) fn source_at(&self, at: usize) -> usize {
        match self.pieces.get(self.piece_at(at)) {
            Some(piece) if piece.indivisible => piece.source.start,
            Some(piece) => piece.source.start + (at - piece.text.start),
            None => self.range.end,
        }
    }

    /// The bytes of the part that a range of the text came from, with the text element of each.
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

    /// The words around a range of the text, on one line.
    pub(crate) fn excerpt_around(&self, range: &Range<usize>) -> String {
        const AROUND: usize = 8;
        let before: Vec<char> = self.text.slice(..range.start).chars().rev().take(AROUND).collect();
        let within = self.text.slice(range.clone()).chars().take(40);
        let after = self.text.slice(range.end..).chars().take(AROUND);
        let all = before.into_iter().rev().chain(within).chain(after);
        let shown: String = all.map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        shown.trim().to_owned()
    }
}
