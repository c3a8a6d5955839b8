//! Owns the compiled form of a Word part: its instructions, those specific to Word, and its edits.
//! Must not know data.

use super::table_rule::TableRule;
use crate::document::part_model::AttachedKind;
use crate::document::shared_ids::{IdKind, SharedIdKind};
use crate::ir::program::{ContentKind, Instr, TagId};
use crate::ir::word_values::{CellTag, InlinePicture, MergeFieldTag, PicturePlaceholder};
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::syntax::expr::Expr;
use crate::word::section::SectionHeaders;
use quick_xml::escape::unescape;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// A compiled part, ready to be rendered.
#[derive(Debug)]
pub(crate) struct TemplatePart {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) instrs: Vec<Instr>,
    pub(crate) word_instrs: Vec<WordInstr>,
    pub(crate) guards: Vec<ContentCompletion>,
    /// Identifiers that several places share, where blocks repeat them.
    pub(crate) identities: Vec<SharedIdentity>,
    /// Its sections, if a block leaves some out or repeats them.
    pub(crate) sections: Vec<SectionRecord>,
    /// The fields whose stored results blocks may change.
    pub(crate) moving_fields: Option<FieldTargetsInBlocks>,
    /// Its bookmarks, if it has contents that lead to them.
    pub(crate) contents: Option<BTreeSet<String>>,
    /// Places of tags whose values may have several lines, in the order of the tags.
    pub(crate) line_places: Vec<LinePlace>,
    /// Permitted changes of its tables.
    pub(crate) table_rules: Vec<TableRule>,
    /// The manner in which it is rendered.
    pub(crate) rendering: PartRendering,
    /// True if the part defines paragraphs or rows that may be inserted elsewhere.
    pub(crate) has_definitions: bool,
}

impl TemplatePart {
    /// Returns a part that is written as it is.
    pub(crate) fn without_tags(name: &str, source: &str) -> Self {
        TemplatePart {
            name: name.to_owned(),
            source: source.to_owned(),
            instrs: vec![Instr::Source(0..source.len())],
            word_instrs: Vec::new(),
            guards: Vec::new(),
            identities: Vec::new(),
            sections: Vec::new(),
            moving_fields: None,
            contents: None,
            line_places: Vec::new(),
            rendering: PartRendering::Once,
            table_rules: Vec::new(),
            has_definitions: false,
        }
    }

    /// Checks whether it is written as it is.
    pub(crate) fn is_static(&self) -> bool {
        matches!(self.instrs.as_slice(), [Instr::Source(_)])
    }

    /// Checks whether a tag may insert blocks, which may contain tables.
    pub(crate) fn inserts_blocks(&self) -> bool {
        self.has_definitions
            || self.word_instrs.iter().any(|special| matches!(special, WordInstr::Markdown(_)))
    }

    /// Returns the names of the bookmarks outside of all blocks, which are present in every output.
    pub(crate) fn static_bookmarks(&self) -> Vec<String> {
        let element = memchr::memmem::Finder::new("<w:bookmarkStart");
        let mut out = Vec::new();
        for op in &self.instrs {
            let Instr::Source(range) = op else { continue };
            for at in element.find_iter(self.source.slice(range.clone()).as_bytes()) {
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

/// The sequences and bookmarks that blocks may repeat or leave out, and that fields show; names are in lower case.
#[derive(Debug, Default)]
pub(crate) struct FieldTargetsInBlocks {
    /// Sequences of which fields stand in blocks.
    pub(crate) sequences: BTreeSet<String>,
    /// Bookmarks in blocks.
    pub(crate) bookmarks: BTreeSet<String>,
    /// True if blocks may change the text of the nearest heading, which fields show.
    pub(crate) has_headings: bool,
}

/// The manner in which a part is rendered: by itself, or in the turns of blocks of the part that refers to it, each of which has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartRendering {
    Once,
    /// In turns, of which the first one has the part's name.
    InTurns,
    /// In turns of another block than a compiled form of the same part before.
    InOtherTurns,
    /// In turns that all have copies, because the part is rendered by itself too.
    InCopies,
}

impl PartRendering {
    /// Checks whether a compiled form stands for the part in the package, and is not a further one.
    pub(crate) fn is_first_form(self) -> bool {
        matches!(self, PartRendering::Once | PartRendering::InTurns)
    }
}

/// The place of a tag in the text of a run.
#[derive(Debug)]
pub(crate) struct LinePlace {
    pub(crate) tag: TagId,
    /// True if the paragraph can end there: the run stands in the paragraph itself.
    pub(crate) can_end: bool,
    /// Range of `<w:pPr>…</w:pPr>`, which may be empty.
    pub(crate) paragraph_properties: Range<usize>,
    /// Range of `<w:rPr>…</w:rPr>`, which may be empty.
    pub(crate) run_properties: Range<usize>,
}

/// An instruction that only the Word format understands.
#[derive(Debug)]
pub(crate) enum WordInstr {
    Markdown(MarkdownTag),
    Fit(FitTag),
    Cell(CellTag),
    Image(Box<InlinePicture>),
    /// A picture of the template that is replaced; the second variant writes its description.
    Placeholder(Arc<PicturePlaceholder>),
    PlaceholderAlt(Arc<PicturePlaceholder>),
    /// Width of a column, divided among the iterations of the loop that repeats it.
    ColumnWidth(u32),
    /// Number of columns that a cell spans, some of which a loop repeats.
    GridSpan {
        list: Expr,
        covered: usize,
        unit: usize,
    },
    /// A check that a list has no more items than there are rows.
    RowLimit {
        list: Expr,
        rows: usize,
    },
    /// Numbered lists that restart.
    RestartLists(Vec<String>),
    /// A list that only the style of a paragraph names.
    StyledList(StyledListTag),
    MergeField(Box<MergeFieldTag>),
    /// A table, before which a paragraph is put if it follows another table: Word would join them.
    KeepTablesApart,
    /// The beginning of the properties of a section, by its index: names headers and footers that it would not inherit.
    SectionHeaders(usize),
    /// Ends a section, by its index, whose end is not in the output. With `between_turns` not in the last turn of the
    /// innermost loop.
    EndSection {
        section: usize,
        between_turns: bool,
        /// True if the section stands in turns of a block that is over, or has none.
        is_outside: bool,
    },
    /// An identifier within a loop, with its value in the template.
    UniqueId(IdKind, String),
    /// An identifier that several places share.
    SharedId(SharedIdPlace),
    /// The beginning of a turn, which renews these identifiers.
    BeginTurn(Vec<SharedIdPlace>),
    /// The beginning of attached content, by its index among the part's.
    BeginAttached(usize),
}

/// A list that only the style of a paragraph names: once it has restarted, the paragraph names the new one itself, and an
/// indent of the style.
#[derive(Debug)]
pub(crate) struct StyledListTag {
    pub(crate) list: String,
    /// The style, at the place of the list; `None` at that of the indent.
    pub(crate) style: Option<String>,
    pub(crate) own: OwnListProperties,
    pub(crate) indent: String,
}

/// The properties of a list (`w:numPr`) that a paragraph has itself, without naming the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnListProperties {
    None,
    /// They begin before the place of the list.
    WithoutLevel,
    WithLevel,
}

/// An identifier that several places share, as blocks repeat it.
#[derive(Debug)]
pub(crate) struct SharedIdentity {
    pub(crate) kind: SharedIdKind,
    /// Its value in the template, as written.
    pub(crate) value: String,
    /// True if the first turn has the template's value.
    pub(crate) keeps_value: bool,
    /// Number of loops around all of its places.
    pub(crate) levels: usize,
    /// True for the name of a bookmark of the part around, which has it by turns.
    pub(crate) is_outer: bool,
}

/// An identity by its index, as the turns of one of the loops around it have it: 1 is the outermost, 0 is outside of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SharedIdPlace {
    pub(crate) identity: usize,
    pub(crate) level: usize,
}

/// A paragraph that is replaced by the blocks of a Markdown text.
#[derive(Debug)]
pub(crate) struct MarkdownTag {
    pub(crate) expr: Expr,
    /// `<w:pPr>…</w:pPr>` of the paragraph, or empty.
    pub(crate) paragraph_properties: String,
    /// `<w:rPr>…</w:rPr>` of the tag, or empty.
    pub(crate) run_properties: String,
    /// Width for tables and pictures, in twentieths of a point.
    pub(crate) available_width: u32,
}

/// A value whose text is compressed to fit a limit.
#[derive(Debug)]
pub(crate) struct FitTag {
    pub(crate) expr: Expr,
    pub(crate) limit: Expr,
    /// The text element, such as `w:t`.
    pub(crate) element: &'static str,
    pub(crate) run_properties: String,
}

/// A section of a part, with the headers and footers that it has in the template.
#[derive(Debug)]
pub(crate) struct SectionRecord {
    /// `<w:sectPr …>`, up to the headers and footers that it names itself.
    pub(crate) begin: String,
    /// The rest with its end; in turns of a block without the headers and footers, which are written by themselves.
    pub(crate) rest: String,
    /// True if a block repeats it or changes the data around it.
    pub(crate) is_in_turns: bool,
    /// The origins of the headers and footers in force.
    pub(crate) sources: [HeaderOrigin; 6],
    pub(crate) named: SectionHeaders,
    /// Those in force: named, or those of the section before.
    pub(crate) effective: SectionHeaders,
    /// The bookmarks that turns rename, as the place of the section has them.
    pub(crate) bookmarks: Arc<[(String, SharedIdPlace)]>,
}

/// The origin of a header or footer of a section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum HeaderOrigin {
    /// The template: it is the same in all turns.
    #[default]
    Template,
    /// The part with this index, rendered with the data of a turn of these blocks, by the tags that open them.
    Turn {
        part: usize,
        /// True if they are all blocks with turns around the section.
        is_own: bool,
        blocks: Vec<TagId>,
    },
    /// Turns that are over here, so that only one of them could still be in force: one within these blocks, which are
    /// around the section too.
    OtherTurns { blocks: Vec<TagId> },
}

/// A completion of content after rendering.
#[derive(Debug)]
pub(crate) enum ContentCompletion {
    /// A cell or similar container must end with a paragraph; this one is added if none is left.
    LastParagraph(EmptyParagraph),
    /// A table without rows is removed.
    TableRows,
    /// Cell marks are turned into cell properties.
    CellMarks,
    /// The stored value of a content control is made to agree with its content.
    Control(ControlCompletion),
    /// Content of another part goes there.
    Attached(AttachedContentRef),
}

/// A content control with tags.
#[derive(Debug)]
pub(crate) struct ControlCompletion {
    /// Its first tag.
    pub(crate) tag: TagId,
    /// The style of placeholders, if it shows one.
    pub(crate) placeholder: Option<String>,
}

/// Attached content of a part, filled in and sent to the part to which it belongs.
#[derive(Debug)]
pub(crate) struct AttachedContentRef {
    pub(crate) kind: AttachedKind,
    pub(crate) part: Arc<str>,
    /// The part with tags to which it leads, if turns have their own.
    pub(crate) form: Option<GraphicPartForm>,
}

/// A part that turns fill in, by the index of its compiled form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GraphicPartForm {
    pub(crate) part: usize,
    /// The drawing of a diagram, if it has tags too.
    pub(crate) drawing: Option<usize>,
}

/// The empty paragraph of a cell that lost its content.
#[derive(Debug)]
pub(crate) struct EmptyParagraph {
    pub(crate) xml: String,
    /// Range of the identifier of its list.
    pub(crate) list: Option<Range<usize>>,
}

/// An edit of the output at a range of the source.
#[derive(Debug)]
pub(crate) struct PartEdit {
    pub(crate) range: Range<usize>,
    /// Order among edits that begin at the same byte.
    pub(crate) order: EditOrder,
    pub(crate) number: usize,
    pub(crate) actions: Vec<EditAction>,
}

/// Order among edits at the same byte: endings, then beginnings, then replacements. See [`PartEdit::order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EditOrder {
    TagEnd,
    GuardEnd,
    GuardBegin,
    TagBegin,
    Replace,
}

/// A piece of what replaces the range of an edit.
#[derive(Debug)]
pub(crate) enum EditAction {
    /// The tag with this index.
    Tag(usize),
    /// A special instruction on behalf of a tag: index of the tag and of the instruction.
    Special(usize, usize),
    Insert(String),
    Source(Range<usize>),
    /// Opens the branch for one item of a loop: index of the tag and of the item.
    OpenNth(usize, usize),
    CloseNth {
        open: usize,
        tagged: bool,
        /// True if the row is removed instead of blanked where there is no such item.
        removed: bool,
    },
    /// Begins the final `else` of the innermost block.
    BeginElse,
    OpenGuard(usize),
    CloseGuard,
    /// A turn of the enclosing loop begins, which renews these identifiers.
    BeginTurn(Vec<SharedIdPlace>),
    /// A mark that the block cut off from its range.
    MovedMark(Range<usize>),
    /// The following content appears only in the first iteration of this many enclosing loops.
    OpenFirstIteration(usize),
    /// The following content appears only if the block that this tag opens holds.
    OpenCondition(usize),
    /// Ends such content; this text replaces it where it does not appear.
    CloseCondition(String),
    /// Opens a paragraph or row that contains only this tag, up to `CloseContentSlot`; the ranges are marks to
    /// keep.
    OpenContentSlot(usize, ContentKind, Vec<Range<usize>>),
    CloseContentSlot,
}
