//! Owns the reading of a part's XML into a [`Scan`].
//! Must not know tags; it changes nothing.

use crate::document::part_model::{
    Container, IdKind, IdSite, Mode, Paragraph, PictureSite, Piece, Place, Row, Run, Scan,
    TextElement,
};
use crate::limits::PLACE_DEPTH;
use crate::opc::OpcError;
use crate::opc::xml::{EventReader, reference_char};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::ops::Range;

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// Reads a part.
pub(crate) fn scan(source: &str, part: &str, mode: Mode) -> Result<Scan, OpcError> {
    let mut scanner = Scanner {
        source,
        mode,
        scan: Scan::default(),
        stack: Vec::new(),
        serial: 0,
        paragraphs: Vec::new(),
        counts: vec![Counts::default()],
        page: Page::default(),
        unbound: Vec::new(),
        deleted: None,
    };
    let mut reader = EventReader::new(source, part);
    while let Some((event, range)) = reader.next()? {
        match event {
            Event::Start(element) => scanner.start(element.name().as_ref(), range, false),
            Event::Empty(element) => scanner.start(element.name().as_ref(), range, true),
            Event::End(_) => scanner.end(&range),
            Event::Text(_) => scanner.text(range),
            Event::GeneralRef(reference) => {
                if let Some(c) = reference_char(&reference) {
                    scanner.atom(c, range);
                }
            }
            _ => {}
        }
    }
    Ok(scanner.scan)
}

pub(crate) struct Scanner<'a> {
    pub(crate) source: &'a str,
    pub(crate) mode: Mode,
    pub(crate) scan: Scan,
    pub(crate) stack: Vec<Open<'a>>,
    pub(crate) serial: u32,
    /// Paragraphs that are open; a text box puts one into another.
    pub(crate) paragraphs: Vec<usize>,
    pub(crate) counts: Vec<Counts>,
    pub(crate) page: Page,
    /// Bindings whose content control has not ended.
    unbound: Vec<usize>,
    /// The last deletion, the paragraph that it is in, and its text.
    deleted: Option<(u32, usize, usize)>,
}

/// An element that is open, with what it is.
#[derive(Clone)]
pub(crate) struct Open<'a> {
    pub(crate) name: &'a str,
    pub(crate) id: u32,
    pub(crate) tag: Range<usize>,
    pub(crate) what: What,
    pub(crate) run: Option<usize>,
    pub(crate) row: Option<usize>,
    pub(crate) table: Option<usize>,
    /// The container that it is itself.
    pub(crate) container: Option<usize>,
    pub(crate) within: Within,
}

/// What an element is in, itself included. It is handed down, so that nobody has to look up the stack.
#[derive(Clone, Copy, Default)]
pub(crate) struct Within {
    pub(crate) container: Option<usize>,
    pub(crate) picture: Option<usize>,
    /// Properties that a tracked change has replaced.
    pub(crate) former: bool,
    /// Text that a tracked change has deleted, by identity of the deletion.
    deleted: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Other,
    Paragraph,
    Run,
    Text(usize),
    /// An element of a part without paragraphs; it is text and paragraph at once.
    Plain(usize),
    Row(usize),
    /// A content control; bindings from this one on are its own or those of controls within.
    Control(usize),
    Table(usize),
    Picture(usize),
    Container {
        at: usize,
        counts: bool,
    },
}

/// How far the counting of tables and paragraphs is in one container.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    cells: Vec<(u32, u32, u32)>,
    tables: u32,
    row: u32,
    cell: u32,
    paragraphs: u32,
    /// In a text box: everything is where its anchor is.
    anchored: bool,
}

/// Page geometry of the section being read.
#[derive(Clone, Copy, Default)]
pub(crate) struct Page {
    pub(crate) width: u32,
    pub(crate) left: u32,
    pub(crate) right: u32,
}

impl<'a> Scanner<'a> {
    fn start(&mut self, name: &str, range: Range<usize>, empty: bool) {
        let source = self.source;
        // The name as a slice of the source outlives the event.
        let name = source.slice(range.start + 1..range.start + 1 + name.len());
        if self.stack.is_empty() {
            self.root(name, &range);
        }
        self.serial += 1;
        let outer = self.stack.last();
        let mut open = Open {
            name,
            id: self.serial,
            tag: range.clone(),
            what: What::Other,
            run: outer.and_then(|outer| outer.run),
            row: outer.and_then(|outer| outer.row),
            table: outer.and_then(|outer| outer.table),
            container: None,
            within: outer.map(|outer| outer.within).unwrap_or_default(),
        };
        self.enter(&mut open, &range, empty);
        open.within.container = open.container.or(open.within.container);
        if let What::Picture(at) = open.what {
            open.within.picture = Some(at);
        }
        open.within.former |= name.ends_with("PrChange") || name == "w:tblGridChange";
        match name {
            "w:del" | "w:moveFrom" => open.within.deleted = Some(open.id),
            "w:txbxContent" => open.within.deleted = None,
            _ => {}
        }
        self.attributes(name, &range);
        if empty {
            self.leave(&open, &range, range.end);
        } else {
            self.stack.push(open);
        }
    }

    fn root(&mut self, name: &str, range: &Range<usize>) {
        if self.mode == Mode::Word && !name.starts_with("w:") {
            self.scan.foreign_prefix = self.source.slice(range.clone()).contains(WORD)
                && !self.source.slice(range.clone()).contains("xmlns:w=");
        }
    }

    fn enter(&mut self, open: &mut Open<'a>, range: &Range<usize>, empty: bool) {
        let parent = self.stack.last().map_or("", |outer| outer.name);
        match open.name {
            "w:p" | "a:p" => self.enter_paragraph(open, range),
            "w:r" | "a:r" => {
                open.run = Some(self.scan.runs.len());
                open.what = What::Run;
                let parent = self.stack.last().map_or(0, |outer| outer.id);
                self.scan.runs.push(Run { properties: None, parent });
            }
            "w:t" => self.enter_text(open, range, "w:t"),
            "w:delText" => self.enter_text(open, range, "w:delText"),
            "w:instrText" => self.enter_text(open, range, "w:instrText"),
            "a:t" => self.enter_text(open, range, "a:t"),
            "m:t" => self.enter_text(open, range, "m:t"),
            "w:drawing" | "w:pict" | "w:object" => {
                open.what = What::Picture(self.scan.pictures.len());
                self.scan.pictures.push(PictureSite::default());
                if parent == "w:r" {
                    self.solid();
                }
            }
            "w:sdt" => open.what = What::Control(self.scan.bindings.len()),
            "w:tbl" => self.enter_table(open),
            "w:tr" => self.enter_row(open),
            "w:tc" => self.enter_cell(open, range),
            "w:txbxContent" | "w:hdr" | "w:ftr" | "w:footnote" | "w:endnote" | "w:comment" => {
                self.enter_container(open, range);
            }
            "w:tab" | "w:br" if parent == "w:r" => self.mark(open.name, range),
            "w:noBreakHyphen" if parent == "w:r" => self.atom('-', range.clone()),
            "w:lastRenderedPageBreak" | "w:rPr" | "w:softHyphen" => {}
            name if parent == "w:r" || name.starts_with("m:oMath") => self.solid(),
            "w:sectPr" => self.page = Page::default(),
            "w:vMerge" if !self.within().former => {
                // The cell's properties are open, the cell is around them.
                if let Some(cell) = self.within().container {
                    let begins = self.source.slice(range.clone()).contains("restart");
                    let cell = &mut self.scan.cells[cell];
                    cell.merge_start = begins.then(|| range.clone());
                    cell.goes_on = !begins;
                }
            }
            "w:id" if parent == "w:sdtPr" && empty => self.id(range.clone(), IdKind::Optional),
            _ if self.mode == Mode::Plain => self.enter_plain(open, range),
            _ => {}
        }
    }

    fn enter_paragraph(&mut self, open: &mut Open<'a>, range: &Range<usize>) {
        open.what = What::Paragraph;
        let outer = self.stack.last();
        let counts = self.counts.last_mut().expect("there is always one");
        if !counts.anchored {
            counts.paragraphs += 1;
        }
        let place = Place { cells: counts.cells.clone(), paragraph: counts.paragraphs.max(1) };
        self.paragraphs.push(self.scan.paragraphs.len());
        self.scan.paragraphs.push(Paragraph {
            range: range.clone(),
            parent: outer.map_or(0, |outer| outer.id),
            container: outer.and_then(|outer| match outer.name {
                "w:sdtContent" | "w:customXml" => outer.within.container,
                _ => outer.container,
            }),
            row: open.row,
            place,
            ..Paragraph::default()
        });
    }

    /// An element that may hold text of its own, as document properties do.
    fn enter_plain(&mut self, open: &mut Open<'a>, range: &Range<usize>) {
        open.what = What::Plain(self.scan.texts.len());
        let text = TextElement { open: range.clone(), name: "", preserve: true, run: None };
        self.scan.texts.push(text);
        self.paragraphs.push(self.scan.paragraphs.len());
        let paragraph = Paragraph {
            range: range.clone(),
            fixed: true,
            place: Place::default(),
            ..Paragraph::default()
        };
        self.scan.paragraphs.push(paragraph);
    }

    fn enter_text(&mut self, open: &mut Open<'a>, range: &Range<usize>, name: &'static str) {
        open.what = What::Text(self.scan.texts.len());
        let preserve = self.source.slice(range.clone()).contains("xml:space");
        let text = TextElement { open: range.clone(), name, preserve, run: open.run };
        self.scan.texts.push(text);
    }

    fn enter_table(&mut self, open: &mut Open<'a>) {
        let at = self.scan.tables.len();
        open.what = What::Table(at);
        open.table = Some(at);
        self.scan.tables.push(open.tag.clone());
        let counts = self.counts.last_mut().expect("there is always one");
        counts.tables += u32::from(!counts.anchored);
        counts.row = 0;
    }

    fn enter_row(&mut self, open: &mut Open<'a>) {
        let at = self.scan.rows.len();
        let parent = self.stack.last().map_or(0, |outer| outer.id);
        let (range, table, outer) = (open.tag.clone(), open.table, open.row);
        let row = Row { range, parent, table, outer, before: 0 };
        open.what = What::Row(at);
        open.row = Some(at);
        self.scan.rows.push(row);
        let counts = self.counts.last_mut().expect("there is always one");
        counts.row += 1;
        counts.cell = 0;
    }

    fn enter_cell(&mut self, open: &mut Open<'a>, range: &Range<usize>) {
        let counts = self.counts.last_mut().expect("there is always one");
        counts.cell += 1;
        let mut inner = Counts { anchored: counts.anchored, ..Counts::default() };
        inner.cells.clone_from(&counts.cells);
        if counts.anchored {
            inner.paragraphs = counts.paragraphs;
        } else if inner.cells.len() < PLACE_DEPTH {
            // Without an end, tables within tables would cost the square of their depth.
            inner.cells.push((counts.tables, counts.row, counts.cell));
        }
        self.counts.push(inner);
        self.open_container(open, range, true);
    }

    fn enter_container(&mut self, open: &mut Open<'a>, range: &Range<usize>) {
        let anchored = open.name == "w:txbxContent";
        if anchored {
            let counts = self.counts.last().expect("there is always one");
            let inner = Counts { anchored: true, ..counts.clone() };
            self.counts.push(inner);
        }
        self.open_container(open, range, anchored);
    }

    fn open_container(&mut self, open: &mut Open<'a>, range: &Range<usize>, counts: bool) {
        let at = self.scan.cells.len();
        open.what = What::Container { at, counts };
        open.container = Some(at);
        let content = range.end..range.end;
        self.scan.cells.push(Container {
            range: range.clone(),
            row: open.row.filter(|_| open.name == "w:tc"),
            merge_start: None,
            goes_on: false,
            columns: 1,
            span_site: None,
            width_site: None,
            content,
            width: None,
        });
    }

    fn end(&mut self, range: &Range<usize>) {
        if let Some(open) = self.stack.pop() {
            self.leave(&open, range, range.start);
        }
    }

    /// An element ends; `inner` is where its content ends.
    fn leave(&mut self, open: &Open<'a>, range: &Range<usize>, inner: usize) {
        let whole = open.tag.start..range.end;
        match open.what {
            What::Paragraph => {
                if let Some(at) = self.paragraphs.pop() {
                    self.scan.paragraphs[at].range = whole;
                }
            }
            What::Plain(_) => {
                self.paragraphs.pop();
            }
            What::Row(at) => self.scan.rows[at].range = whole,
            What::Control(first) => {
                // The controls within have ended before and taken theirs.
                for at in self.unbound.split_off(self.unbound.partition_point(|at| *at < first)) {
                    self.scan.bindings[at].0 = whole.clone();
                }
            }
            What::Table(at) => self.scan.tables[at] = whole,
            What::Container { at, counts } => {
                self.scan.cells[at].range = whole;
                self.scan.cells[at].content.end = inner.max(self.scan.cells[at].content.start);
                if counts {
                    self.counts.pop();
                }
            }
            What::Run | What::Text(_) | What::Picture(_) => {}
            What::Other => self.leave_other(open, whole),
        }
    }

    fn leave_other(&mut self, open: &Open<'a>, whole: Range<usize>) {
        let parent = self.stack.last();
        let parent_what = parent.map_or(What::Other, |parent| parent.what);
        match open.name {
            "w:rPr" | "a:rPr" if parent_what == What::Run => {
                if let Some(run) = open.run {
                    self.scan.runs[run].properties = Some(whole);
                }
            }
            "w:pPr" | "a:pPr" if parent_what == What::Paragraph => {
                if let Some(&at) = self.paragraphs.last() {
                    self.scan.paragraphs[at].properties = Some(whole);
                }
            }
            "pic:blipFill" => self.shows(whole, false),
            "v:imagedata" if self.source.slice(whole.clone()).ends_with("/>") => {
                self.shows(whole, true);
            }
            "w:dataBinding" | "w15:dataBinding" | "w:showingPlcHdr" => {
                self.unbound.push(self.scan.bindings.len());
                self.scan.bindings.push((0..0, whole));
            }
            "w:tcPr" => {
                if let What::Container { at, .. } = parent_what {
                    self.scan.cells[at].content = whole.end..whole.end;
                }
            }
            "w:sectPr" => self.leave_section(whole),
            "w:gridCol" => {
                if let Some((at, last)) = open.table.zip(self.scan.grid.last_mut())
                    && last.table == at
                {
                    last.range.end = whole.end;
                }
            }
            "w:bookmarkStart"
            | "w:bookmarkEnd"
            | "w:commentRangeStart"
            | "w:commentRangeEnd"
            | "w:permStart"
            | "w:permEnd"
            | "w:moveFromRangeStart"
            | "w:moveFromRangeEnd"
            | "w:moveToRangeStart"
            | "w:moveToRangeEnd" => {
                if let Some(&at) = self.paragraphs.last() {
                    self.scan.paragraphs[at].marks.push(whole);
                }
            }
            _ => {}
        }
    }

    /// The drawing that is open.
    pub(crate) fn picture(&mut self) -> Option<&mut PictureSite> {
        let at = self.within().picture?;
        Some(&mut self.scan.pictures[at])
    }

    /// What the innermost open element is in.
    pub(crate) fn within(&self) -> Within {
        self.stack.last().map(|open| open.within).unwrap_or_default()
    }

    fn shows(&mut self, whole: Range<usize>, vml: bool) {
        if let Some(picture) = self.picture().filter(|picture| picture.shows.is_none()) {
            picture.shows = Some(whole);
            picture.vml = vml;
        }
    }

    fn leave_section(&mut self, whole: Range<usize>) {
        let Page { width, left, right } = self.page;
        // A former section within its change is none.
        let sections = &mut self.scan.sections;
        while sections.last().is_some_and(|(inner, _)| inner.start >= whole.start) {
            sections.pop();
        }
        self.scan.sections.push((whole.clone(), width.saturating_sub(left).saturating_sub(right)));
        if self.stack.last().is_some_and(|outer| outer.name == "w:pPr")
            && let Some(&at) = self.paragraphs.last()
        {
            self.scan.paragraphs[at].section_break = true;
        }
    }

    fn text(&mut self, range: Range<usize>) {
        let Some(What::Text(element) | What::Plain(element)) =
            self.stack.last().map(|open| open.what)
        else {
            return;
        };
        let Some(at) = self.holder(&range) else { return };
        let paragraph = &mut self.scan.paragraphs[at];
        let from = paragraph.text.len();
        paragraph.text.push_str(self.source.slice(range.clone()));
        let text = from..paragraph.text.len();
        paragraph.pieces.push(Piece { text, source: range, element: Some(element), atom: false });
    }

    /// What a piece of text belongs to: the paragraph, or a deletion in it, whose tags have nothing to do
    /// with those that stay.
    fn holder(&mut self, range: &Range<usize>) -> Option<usize> {
        let &at = self.paragraphs.last()?;
        let Some(id) = self.within().deleted else { return Some(at) };
        match self.deleted {
            Some((known, paragraph, holder)) if (known, paragraph) == (id, at) => Some(holder),
            _ => {
                let holder = self.scan.paragraphs.len();
                let Paragraph { place, row, .. } = &self.scan.paragraphs[at];
                let (row, place) = (*row, place.clone());
                let (range, fixed) = (range.clone(), true);
                let own = Paragraph { range, row, place, fixed, ..Paragraph::default() };
                self.scan.paragraphs.push(own);
                self.scan.deleted.insert(holder);
                self.deleted = Some((id, at, holder));
                Some(holder)
            }
        }
    }

    /// One character that the source writes otherwise.
    fn atom(&mut self, c: char, range: Range<usize>) {
        let element = match self.stack.last().map(|open| open.what) {
            Some(What::Text(element) | What::Plain(element)) => Some(element),
            Some(What::Run) => None,
            _ => return,
        };
        let Some(at) = self.holder(&range) else { return };
        let paragraph = &mut self.scan.paragraphs[at];
        let from = paragraph.text.len();
        paragraph.text.push(c);
        let text = from..paragraph.text.len();
        paragraph.pieces.push(Piece { text, source: range, element, atom: true });
    }

    fn mark(&mut self, name: &str, range: &Range<usize>) {
        let page_break = self.source.slice(range.clone()).contains("w:type=");
        match name {
            "w:tab" => self.atom('\t', range.clone()),
            _ if page_break => self.solid(),
            _ => self.atom('\n', range.clone()),
        }
    }

    fn solid(&mut self) {
        if let Some(&at) = self.paragraphs.last() {
            self.scan.paragraphs[at].solid = true;
        }
    }

    pub(crate) fn id(&mut self, range: Range<usize>, kind: IdKind) {
        self.scan.ids.push(IdSite { range, kind });
    }
}
