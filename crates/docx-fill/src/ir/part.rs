//! Owns a compiled part: its steps and what only Word understands in them.
//! Must not know data.

use super::table_rule::TableRule;
use crate::document::part_model::IdKind;
use crate::ir::program::{ContentKind, Instr};
use crate::ir::word_values::{CellTag, InlinePicture, PicturePlaceholder};
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use quick_xml::escape::unescape;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A part with tags, ready to be rendered.
#[derive(Debug)]
pub(crate) struct TemplatePart {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) instrs: Vec<Instr>,
    pub(crate) word_instrs: Vec<WordInstr>,
    pub(crate) guards: Vec<ContentGuard>,
    /// What of its tables a filling may change.
    pub(crate) table_rules: Vec<TableRule>,
    /// Whether it defines paragraphs or rows that may stand elsewhere.
    pub(crate) has_definitions: bool,
}

impl TemplatePart {
    /// Whether a tag becomes blocks, which may be tables.
    pub(crate) fn inserts_blocks(&self) -> bool {
        self.has_definitions
            || self.word_instrs.iter().any(|special| matches!(special, WordInstr::Markdown(_)))
    }

    /// The bookmarks that are there whatever the data is: those outside of blocks.
    pub(crate) fn static_bookmarks(&self) -> Vec<String> {
        const ELEMENT: &str = "<w:bookmarkStart";
        let mut out = Vec::new();
        for op in &self.instrs {
            let Instr::Source(range) = op else { continue };
            for (at, _) in self.source.slice(range.clone()).match_indices(ELEMENT) {
                let start = range.start + at;
                let end = self
                    .source
                    .slice(start..range.end)
                    .find('>')
                    .map_or(range.end, |at| start + at);
                let all = attribute_ranges(&self.source, &(start..end));
                let name = all.into_iter().find(|(key, _)| *key == "w:name");
                let name = name.and_then(|(_, name)| unescape(self.source.slice(name)).ok());
                out.extend(name.map(Cow::into_owned));
            }
        }
        out
    }
}

/// A step beyond text and blocks.
#[derive(Debug)]
pub(crate) enum WordInstr {
    Markdown(MarkdownTag),
    Fit(FitTag),
    Cell(CellTag),
    Image(Box<InlinePicture>),
    /// A picture of the template that is replaced: what shows it, and its description.
    Placeholder(Arc<PicturePlaceholder>),
    PlaceholderAlt(Arc<PicturePlaceholder>),
    /// A width of a column, shared by the turns of the loop that repeats it.
    ColumnWidth(u32),
    /// How many columns a cell covers, some of which a loop repeats.
    GridSpan {
        list: Expr,
        covered: usize,
        unit: usize,
    },
    /// A list may not have more items than there are rows.
    RowLimit {
        list: Expr,
        rows: usize,
    },
    /// Lists that begin anew.
    RestartLists(Vec<String>),
    /// An identity within a loop, with the value it has in the template.
    UniqueId(IdKind, String),
}

/// A paragraph to be replaced by blocks.
#[derive(Debug)]
pub(crate) struct MarkdownTag {
    pub(crate) expr: Expr,
    /// `<w:pPr>…</w:pPr>` of the paragraph, or nothing.
    pub(crate) paragraph_properties: String,
    /// `<w:rPr>…</w:rPr>` of the tag, or nothing.
    pub(crate) run_properties: String,
    /// Room for tables and pictures, in twentieths of a point.
    pub(crate) available_width: u32,
}

/// A value that is squeezed to fit.
#[derive(Debug)]
pub(crate) struct FitTag {
    pub(crate) expr: Expr,
    pub(crate) limit: Expr,
    /// The element that holds the text, such as `w:t`.
    pub(crate) element: &'static str,
    pub(crate) run_properties: String,
}

/// Content that must not be left empty.
#[derive(Debug)]
pub(crate) enum ContentGuard {
    /// A cell or the like ends with a paragraph; this one is added if nothing is left.
    LastParagraph(String),
    /// A table without rows is removed.
    TableRows,
    /// Marks of cells become their properties.
    CellMarks,
}

/// A step of the output at a place of the source.
#[derive(Debug)]
pub(crate) struct PartEdit {
    pub(crate) range: Range<usize>,
    /// Order among the edits that begin at the same byte: what ends there, what begins, what replaces.
    pub(crate) order: EditOrder,
    pub(crate) number: usize,
    pub(crate) actions: Vec<EditAction>,
}

/// See [`Edit::class`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EditOrder {
    TagEnd,
    GuardEnd,
    GuardBegin,
    TagBegin,
    Replace,
}

/// What is put in the place of an edit.
#[derive(Debug)]
pub(crate) enum EditAction {
    /// The tag of this number.
    Tag(usize),
    /// A special step on behalf of a tag.
    Special(usize, usize),
    Insert(String),
    Source(Range<usize>),
    /// The item of this index, of the loop that a tag opens.
    OpenNth(usize, usize),
    CloseNth {
        open: usize,
        tagged: bool,
        /// Without an item the row goes, instead of staying blank.
        removed: bool,
    },
    OpenGuard(usize),
    CloseGuard,
    /// What follows is there only in the first turn of so many loops.
    OpenFirstIteration(usize),
    /// What follows is there only if the block that a tag opens is.
    OpenCondition(usize),
    /// In the other turns, or if the block is not there, there is this instead.
    CloseCondition(String),
    /// A paragraph or row is there only for a tag, up to `CloseStand`.
    OpenContentSlot(usize, ContentKind, Vec<Range<usize>>),
    CloseContentSlot,
}
