//! Owns parsing a part's XML into a [`PartModel`].
//! Must not know tags; it changes nothing.

use crate::document::part_model::{
    BlockContainer, OpenFieldSite, Paragraph, ParagraphLocation, PartKind, PartModel, PictureSite,
    StrayText, TableRow, TextElement, TextPiece, WordRun,
};
use crate::document::shared_ids::is_range_mark;
use crate::opc::OpcError;
use crate::opc::checked_reader::{MarkupPiece, PrecheckedXmlReader};
use crate::opc::xml::{has_written_brace, referenced_character};
use crate::slice::TextSlice as _;
use crate::word::field::OpenFields;
use crate::word::place::PlaceCounter;
use crate::word::table::VerticalMerge;
use std::ops::Range;

/// Parses a part that was found well-formed.
pub(crate) fn parse_part(source: &str, part: &str, mode: PartKind) -> Result<PartModel, OpcError> {
    let mut scanner = PartParser {
        source,
        mode,
        model: PartModel::default(),
        stack: Vec::new(),
        last_id: 0,
        open_paragraphs: Vec::new(),
        places: PlaceCounter::default(),
        page: PageGeometry::default(),
        open_bindings: Vec::new(),
        open_fields: OpenFields::default(),
        has_written_braces: has_written_brace(source),
    };
    let mut reader = PrecheckedXmlReader::new(source);
    for (piece, range) in reader.by_ref() {
        match piece {
            MarkupPiece::Start(name) => scanner.start_element(name, range, false),
            MarkupPiece::Empty(name) => scanner.start_element(name, range, true),
            MarkupPiece::End => scanner.end_element(&range),
            MarkupPiece::Text => scanner.add_text(range),
            MarkupPiece::Reference(name) => {
                if let Some(c) = referenced_character(name) {
                    scanner.add_character(c, range);
                }
            }
            MarkupPiece::Other => {}
        }
    }
    reader.check_limit(part)?;
    scanner.model.sort_unseen_ranges();
    Ok(scanner.model)
}

pub(crate) struct PartParser<'a> {
    pub(crate) source: &'a str,
    pub(crate) mode: PartKind,
    pub(crate) model: PartModel,
    pub(crate) stack: Vec<OpenElement<'a>>,
    pub(crate) last_id: u32,
    /// Indices of open paragraphs, which nest through text boxes.
    pub(crate) open_paragraphs: Vec<usize>,
    places: PlaceCounter,
    pub(crate) page: PageGeometry,
    /// Indices of bindings whose content control is still open.
    open_bindings: Vec<usize>,
    pub(crate) open_fields: OpenFields<OpenFieldSite>,
    /// True if the part writes braces as character references.
    pub(crate) has_written_braces: bool,
}

/// An open element.
#[derive(Clone)]
pub(crate) struct OpenElement<'a> {
    pub(crate) name: &'a str,
    pub(crate) id: u32,
    pub(crate) start_tag: Range<usize>,
    pub(crate) kind: ElementKind,
    pub(crate) run: Option<usize>,
    pub(crate) row: Option<usize>,
    pub(crate) table: Option<usize>,
    /// Index of the container, if this element is one.
    pub(crate) container: Option<usize>,
    pub(crate) context: ElementContext,
}

/// The context of an element, including the element itself. It is inherited from the parent, which avoids
/// searching the stack.
#[derive(Clone, Copy, Default)]
pub(crate) struct ElementContext {
    pub(crate) container: Option<usize>,
    pub(crate) picture: Option<usize>,
    /// Within properties that a tracked change has replaced.
    pub(crate) in_former_properties: bool,
    /// Within a tracked deletion, or where tracked text was moved away: not text of the document.
    pub(crate) is_deleted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElementKind {
    Other,
    Paragraph,
    Run,
    Text(usize),
    /// An element of a part without paragraphs; it is both text element and paragraph.
    PlainText(usize),
    Row(usize),
    /// A content control; its own bindings and those of nested controls begin at this index.
    ContentControl(usize),
    Table(usize),
    Picture(usize),
    Container(usize),
    /// A branch of alternate content with counts of its own.
    Branch,
}

/// EMU per twentieth of a point.
const EMU_PER_TWIP: u64 = 635;

/// The page geometry of the section that is being read, in twentieths of a point.
#[derive(Clone, Copy, Default)]
pub(crate) struct PageGeometry {
    pub(crate) width: u32,
    /// Left and right margin and gutter, added up.
    pub(crate) margins: u32,
    /// Number of columns of text; 0 if it is not said.
    pub(crate) columns: u32,
    /// Space between columns.
    pub(crate) column_space: Option<u32>,
    /// Width of the narrowest column, if each has its own.
    pub(crate) narrowest_column: Option<u32>,
}

/// Space between columns that a section does not tell (17.6.4).
const DEFAULT_COLUMN_SPACE: u32 = 720;

impl PageGeometry {
    /// Returns the width of the text, or of its narrowest column.
    fn text_width(self) -> u32 {
        let width = self.width.saturating_sub(self.margins);
        let columns = self.columns.max(1);
        if let (Some(narrowest), true) = (self.narrowest_column, columns > 1) {
            return narrowest.min(width);
        }
        let space = self.column_space.unwrap_or(DEFAULT_COLUMN_SPACE);
        width.saturating_sub(space.saturating_mul(columns - 1)) / columns
    }
}

impl<'a> PartParser<'a> {
    fn start_element(&mut self, name: &'a str, range: Range<usize>, empty: bool) {
        self.last_id += 1;
        let outer = self.stack.last();
        let mut open = OpenElement {
            name,
            id: self.last_id,
            start_tag: range.clone(),
            kind: ElementKind::Other,
            run: outer.and_then(|outer| outer.run),
            row: outer.and_then(|outer| outer.row),
            table: outer.and_then(|outer| outer.table),
            container: None,
            context: outer.map(|outer| outer.context).unwrap_or_default(),
        };
        self.enter_element(&mut open, &range, empty);
        open.context.container = open.container.or(open.context.container);
        if let ElementKind::Picture(at) = open.kind {
            open.context.picture = Some(at);
        }
        open.context.in_former_properties |=
            name.ends_with("PrChange") || name == "w:tblGridChange";
        open.context.is_deleted |= matches!(name, "w:del" | "w:moveFrom");
        self.read_attributes(name, &range);
        if empty {
            self.leave_element(&open, &range, range.end);
        } else {
            self.stack.push(open);
        }
    }

    fn enter_element(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>, empty: bool) {
        let parent = self.stack.last().map_or("", |outer| outer.name);
        match open.name {
            "w:p" | "a:p" => self.enter_paragraph(open, range),
            "w:r" | "a:r" => {
                open.run = Some(self.model.runs.len());
                open.kind = ElementKind::Run;
                let parent = self.stack.last().map_or(0, |outer| outer.id);
                self.model.runs.push(WordRun { range: range.clone(), properties: None, parent });
            }
            "w:t" | "w:delText" | "w:instrText" if !self.is_in_run() => {}
            "w:t" => self.enter_text(open, range, "w:t"),
            "w:instrText" => self.enter_text(open, range, "w:instrText"),
            "a:t" => self.enter_text(open, range, "a:t"),
            "m:t" => self.enter_text(open, range, "m:t"),
            "w:drawing" | "w:pict" | "w:object" => {
                open.kind = ElementKind::Picture(self.model.pictures.len());
                self.model.pictures.push(PictureSite::default());
                if parent == "w:r" {
                    self.mark_non_text();
                }
            }
            "w:sdt" => open.kind = ElementKind::ContentControl(self.model.bindings.len()),
            "w:tbl" => self.enter_table(open),
            "w:tr" => self.enter_row(open),
            "w:tc" => self.enter_cell(open, range),
            "w:footnote" | "w:endnote" | "w:comment" => self.enter_note(open, range),
            "w:txbxContent" | "w:hdr" | "w:ftr" => self.enter_container(open, range),
            "w:fldChar" => {
                self.read_field_mark(range);
                self.mark_non_text();
            }
            "w:tab" | "w:br" if parent == "w:r" => self.add_tab_or_break(open.name, range),
            "w:noBreakHyphen" if parent == "w:r" => self.add_character('-', range.clone()),
            "w:lastRenderedPageBreak" | "w:rPr" | "w:softHyphen" | "w:delText" => {}
            name if name.starts_with("mc:") => self.enter_compatibility(open),
            name if parent == "w:r" || name.starts_with("m:oMath") => self.mark_non_text(),
            "w:sectPr" if !self.current_context().in_former_properties => {
                self.page = PageGeometry::default();
            }
            "w:vMerge" if !self.current_context().in_former_properties => {
                // The open element is within `w:tcPr`; its context is the cell.
                if let Some(cell) = self.current_context().container {
                    let begins = self.source.slice(range.clone()).contains("restart");
                    let cell = &mut self.model.containers[cell];
                    cell.merge = VerticalMerge::from_value(begins.then_some("restart"));
                    cell.merge_site = Some(range.clone());
                }
            }
            "w:id" if parent == "w:sdtPr" && empty => self.record_control_id(range),
            "w:date" | "w:dropDownList" | "w:comboBox" | "w14:checkbox" | "w:showingPlcHdr"
                if parent == "w:sdtPr" =>
            {
                self.enter_control_state();
            }
            _ if self.mode == PartKind::PlainXml => self.enter_plain(open, range),
            _ => {}
        }
    }

    /// Checks whether the innermost open element is a run, or a branch of alternate content in one.
    fn is_in_run(&self) -> bool {
        let mut outer = self.stack.iter().rev().map(|open| open.name);
        outer.find(|name| !name.starts_with("mc:")) == Some("w:r")
    }

    /// Records a text that is not in an element for texts.
    fn record_stray_text(&mut self, range: &Range<usize>) {
        const HOLDERS: [&str; 4] = ["w:delText", "w:delInstrText", "w:fldData", "w:binData"];
        let Some(open) = self.stack.last() else { return };
        let may_hold = !open.name.starts_with("w:") || HOLDERS.contains(&open.name);
        if may_hold || self.mode != PartKind::Word || self.model.stray_text.is_some() {
            return;
        }
        if self.source.slice(range.clone()).trim().is_empty() {
            return;
        }
        let at = self.open_paragraphs.last();
        let location = at.map(|&at| self.model.paragraphs[at].location.clone()).unwrap_or_default();
        let (range, element) = (range.clone(), open.name.to_owned());
        self.model.stray_text = Some(StrayText { range, element, location });
    }

    fn enter_paragraph(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>) {
        open.kind = ElementKind::Paragraph;
        let outer = self.stack.last();
        let (cells, paragraph) = self.places.enter_paragraph();
        let place = ParagraphLocation { part: None, cells, paragraph };
        self.open_paragraphs.push(self.model.paragraphs.len());
        self.model.paragraphs.push(Paragraph {
            range: range.clone(),
            element: open.id,
            parent: outer.map_or(0, |outer| outer.id),
            container: outer.and_then(|outer| match outer.name {
                "w:sdtContent" | "w:customXml" => outer.context.container,
                _ => outer.container,
            }),
            row: open.row,
            location: place,
            ..Paragraph::default()
        });
    }

    /// Enters an element that may contain text of its own, such as a document property.
    fn enter_plain(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>) {
        open.kind = ElementKind::PlainText(self.model.texts.len());
        let text = TextElement { start_tag: range.clone(), name: "", preserve: true, run: None };
        self.model.texts.push(text);
        self.open_paragraphs.push(self.model.paragraphs.len());
        let paragraph = Paragraph {
            range: range.clone(),
            not_removable: true,
            location: ParagraphLocation::default(),
            ..Paragraph::default()
        };
        self.model.paragraphs.push(paragraph);
    }

    fn enter_text(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>, name: &'static str) {
        open.kind = ElementKind::Text(self.model.texts.len());
        let preserve = self.source.slice(range.clone()).contains("xml:space");
        // Within a branch of alternate content the run cannot end.
        let direct = self.stack.last().is_some_and(|outer| matches!(outer.name, "w:r" | "a:r"));
        let run = open.run.filter(|_| direct);
        let text = TextElement { start_tag: range.clone(), name, preserve, run };
        self.model.texts.push(text);
    }

    fn enter_table(&mut self, open: &mut OpenElement<'a>) {
        let at = self.model.tables.len();
        open.kind = ElementKind::Table(at);
        open.table = Some(at);
        self.model.tables.push(open.start_tag.clone());
        self.places.enter_table();
    }

    fn enter_row(&mut self, open: &mut OpenElement<'a>) {
        let at = self.model.rows.len();
        let parent = self.stack.last().map_or(0, |outer| outer.id);
        let (range, table, outer) = (open.start_tag.clone(), open.table, open.row);
        let row = TableRow { range, parent, table, outer_row: outer, grid_before: 0 };
        open.kind = ElementKind::Row(at);
        open.row = Some(at);
        self.model.rows.push(row);
        self.places.enter_row();
    }

    fn enter_cell(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>) {
        self.places.enter_cell();
        self.push_container(open, range);
    }

    fn enter_container(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>) {
        let is_box = open.name == "w:txbxContent";
        if is_box {
            self.places.enter_text_box();
        }
        self.push_container(open, range);
        if is_box {
            let shape = self.current_picture().map_or(0, |picture| picture.size.0 / EMU_PER_TWIP);
            let width = u32::try_from(shape).ok().filter(|&width| width > 300);
            if let Some(text_box) = self.model.containers.last_mut() {
                text_box.width = width;
            }
        }
    }

    /// Enters a note, which stands in another part if it is attached content; then nothing around it concerns it.
    fn enter_note(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>) {
        if self.stack.len() > 1 {
            (open.run, open.row, open.table) = (None, None, None);
            open.context = ElementContext::default();
            self.places.enter_text_box();
        }
        self.push_container(open, range);
    }

    /// Enters alternate content or a branch of it.
    fn enter_compatibility(&mut self, open: &mut OpenElement<'a>) {
        match open.name {
            "mc:AlternateContent" => {
                self.places.enter_alternatives();
                if self.stack.last().is_some_and(|outer| outer.name == "w:r") {
                    self.mark_non_text();
                }
            }
            "mc:Choice" | "mc:Fallback" if self.places.enter_branch() => {
                open.kind = ElementKind::Branch;
            }
            _ => {}
        }
    }

    fn push_container(&mut self, open: &mut OpenElement<'a>, range: &Range<usize>) {
        let at = self.model.containers.len();
        open.kind = ElementKind::Container(at);
        open.container = Some(at);
        let content = range.end..range.end;
        self.model.containers.push(BlockContainer {
            range: range.clone(),
            row: open.row.filter(|_| open.name == "w:tc"),
            merge: VerticalMerge::None,
            merge_site: None,
            grid_span: 1,
            span_site: None,
            width_site: None,
            content,
            width: None,
        });
    }

    fn end_element(&mut self, range: &Range<usize>) {
        if let Some(open) = self.stack.pop() {
            self.leave_element(&open, range, range.start);
        }
    }

    /// Leaves an element, whose content ends at byte `inner`.
    fn leave_element(&mut self, open: &OpenElement<'a>, range: &Range<usize>, inner: usize) {
        let whole = open.start_tag.start..range.end;
        if open.name == "mc:Fallback" {
            self.leave_fallback(&whole);
        }
        match open.kind {
            ElementKind::Paragraph => {
                if let Some(at) = self.open_paragraphs.pop() {
                    self.model.paragraphs[at].range = whole;
                }
            }
            ElementKind::PlainText(_) => {
                self.open_paragraphs.pop();
            }
            ElementKind::Row(at) => self.model.rows[at].range = whole,
            ElementKind::ContentControl(first) => {
                let mut stateful = self.model.stateful_controls.iter_mut().rev();
                if let Some(own) = stateful.find(|found| found.start == whole.start) {
                    *own = whole.clone();
                }
                // Nested controls have already ended and taken their bindings.
                for at in self
                    .open_bindings
                    .split_off(self.open_bindings.partition_point(|at| *at < first))
                {
                    self.model.bindings[at].0 = whole.clone();
                }
            }
            ElementKind::Table(at) => self.model.tables[at] = whole,
            ElementKind::Container(at) => {
                self.model.containers[at].range = whole;
                self.model.containers[at].content.end =
                    inner.max(self.model.containers[at].content.start);
                match open.name {
                    "w:tc" => self.places.leave_cell(),
                    "w:txbxContent" => self.places.leave_text_box(),
                    "w:hdr" | "w:ftr" => {}
                    _ if self.stack.len() > 1 => self.places.leave_text_box(),
                    _ => {}
                }
            }
            ElementKind::Branch => self.places.leave_branch(),
            ElementKind::Run => {
                if let Some(run) = open.run {
                    self.model.runs[run].range = whole;
                }
            }
            ElementKind::Text(_) | ElementKind::Picture(_) => {}
            ElementKind::Other => self.leave_other_element(open, whole),
        }
    }

    fn leave_other_element(&mut self, open: &OpenElement<'a>, whole: Range<usize>) {
        let parent = self.stack.last();
        let parent_what = parent.map_or(ElementKind::Other, |parent| parent.kind);
        match open.name {
            "w:rPr" | "a:rPr" if parent_what == ElementKind::Run => {
                if let Some(run) = open.run {
                    self.model.runs[run].properties = Some(whole);
                }
            }
            "w:pPr" | "a:pPr" if parent_what == ElementKind::Paragraph => {
                if let Some(&at) = self.open_paragraphs.last() {
                    self.model.paragraphs[at].properties = Some(whole);
                }
            }
            "pic:blipFill" => self.record_image_element(whole, false),
            "v:imagedata" if self.source.slice(whole.clone()).ends_with("/>") => {
                self.record_image_element(whole, true);
            }
            "w:dataBinding" | "w15:dataBinding" | "w:showingPlcHdr" => {
                self.open_bindings.push(self.model.bindings.len());
                self.model.bindings.push((0..0, whole));
            }
            "w:tcPr" => {
                if let ElementKind::Container(at) = parent_what {
                    self.model.containers[at].content = whole.end..whole.end;
                }
            }
            "mc:AlternateContent" => self.places.leave_alternatives(),
            "w:fldSimple" => self.leave_simple_field(&open.start_tag, &whole),
            "w:sectPr" => self.leave_section(whole),
            "w:gridCol" => {
                if let Some((at, last)) = open.table.zip(self.model.grid_columns.last_mut())
                    && last.table == at
                {
                    last.range.end = whole.end;
                }
            }
            name if is_range_mark(name) => {
                if let Some(&at) = self.open_paragraphs.last() {
                    self.model.paragraphs[at].marks.push(whole.clone());
                }
                self.model.range_marks.push(whole);
            }
            _ => {}
        }
    }

    /// Returns the innermost open picture.
    pub(crate) fn current_picture(&mut self) -> Option<&mut PictureSite> {
        let at = self.current_context().picture?;
        Some(&mut self.model.pictures[at])
    }

    /// Returns the context of the innermost open element.
    pub(crate) fn current_context(&self) -> ElementContext {
        self.stack.last().map(|open| open.context).unwrap_or_default()
    }

    fn record_image_element(&mut self, whole: Range<usize>, vml: bool) {
        if let Some(picture) =
            self.current_picture().filter(|picture| picture.image_element.is_none())
        {
            picture.image_element = Some(whole);
            picture.is_vml = vml;
        }
    }

    fn leave_section(&mut self, whole: Range<usize>) {
        if self.current_context().in_former_properties {
            return;
        }
        self.model.sections.push((whole, self.page.text_width()));
        if self.stack.last().is_some_and(|outer| outer.name == "w:pPr")
            && let Some(&at) = self.open_paragraphs.last()
        {
            self.model.paragraphs[at].section_break = true;
        }
    }

    fn add_text(&mut self, range: Range<usize>) {
        let Some(ElementKind::Text(element) | ElementKind::PlainText(element)) =
            self.stack.last().map(|open| open.kind)
        else {
            return self.record_stray_text(&range);
        };
        let Some(at) = self.text_holder() else { return };
        if self.model.texts[element].name == "w:instrText" {
            self.add_field_code(self.source.slice(range.clone()));
        }
        let paragraph = &mut self.model.paragraphs[at];
        let from = paragraph.text.len();
        paragraph.text.push_str(self.source.slice(range.clone()));
        let text = from..paragraph.text.len();
        paragraph.pieces.push(TextPiece {
            text,
            source: range,
            element: Some(element),
            indivisible: false,
        });
    }

    /// Returns the paragraph that receives a piece of text, which a tracked deletion does not have.
    fn text_holder(&self) -> Option<usize> {
        let &at = self.open_paragraphs.last()?;
        (!self.current_context().is_deleted).then_some(at)
    }

    /// Adds one character that the source represents by a reference or an element.
    fn add_character(&mut self, c: char, range: Range<usize>) {
        let element = match self.stack.last().map(|open| open.kind) {
            Some(ElementKind::Text(element) | ElementKind::PlainText(element)) => Some(element),
            Some(ElementKind::Run) if self.source.slice(range.clone()).starts_with('<') => None,
            _ => return self.record_stray_text(&range),
        };
        let Some(at) = self.text_holder() else { return };
        if element.is_some_and(|element| self.model.texts[element].name == "w:instrText") {
            self.add_field_code(c.encode_utf8(&mut [0; 4]));
        }
        let paragraph = &mut self.model.paragraphs[at];
        let from = paragraph.text.len();
        paragraph.text.push(c);
        let text = from..paragraph.text.len();
        paragraph.pieces.push(TextPiece { text, source: range, element, indivisible: true });
    }

    fn add_tab_or_break(&mut self, name: &str, range: &Range<usize>) {
        let page_break = self.source.slice(range.clone()).contains("w:type=");
        match name {
            "w:tab" => self.add_character('\t', range.clone()),
            _ if page_break => self.mark_non_text(),
            _ => self.add_character('\n', range.clone()),
        }
    }

    fn mark_non_text(&mut self) {
        if let Some(&at) = self.open_paragraphs.last() {
            self.model.paragraphs[at].has_non_text = true;
        }
    }

    /// Records that the content control whose properties are open stores something beside what it shows.
    fn enter_control_state(&mut self) {
        let control = self.stack.len().checked_sub(2).map(|at| self.stack[at].start_tag.start);
        let known = self.model.stateful_controls.last().map(|known| known.start);
        if let Some(start) = control.filter(|_| control != known) {
            self.model.stateful_controls.push(start..start);
        }
    }
}
