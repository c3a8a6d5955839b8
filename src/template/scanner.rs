//! Owns the reading of a part's XML into a [`Scan`].
//! Must not know tags; it changes nothing.

use super::scan::{
    Container, IdKind, IdSite, Mode, Paragraph, PictureSite, Piece, Place, Row, Run, Scan,
    TextElement,
};
use crate::opc::OpcError;
use crate::opc::xml::{EventReader, attribute_ranges, reference_char};
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

struct Scanner<'a> {
    source: &'a str,
    mode: Mode,
    scan: Scan,
    stack: Vec<Open<'a>>,
    serial: u32,
    /// Paragraphs that are open; a text box puts one into another.
    paragraphs: Vec<usize>,
    counts: Vec<Counts>,
    page: Page,
}

/// An element that is open, with what it is.
#[derive(Clone)]
struct Open<'a> {
    name: &'a str,
    id: u32,
    tag: Range<usize>,
    what: What,
    run: Option<usize>,
    row: Option<usize>,
    table: Option<usize>,
    container: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
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
struct Counts {
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
struct Page {
    width: u32,
    left: u32,
    right: u32,
}

impl<'a> Scanner<'a> {
    fn start(&mut self, name: &str, range: Range<usize>, empty: bool) {
        let source = self.source;
        // The name as a slice of the source outlives the event.
        let name = &source[range.start + 1..range.start + 1 + name.len()];
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
        };
        self.enter(&mut open, &range, empty);
        self.attributes(name, &range);
        if empty {
            self.leave(&open, &range, range.end);
        } else {
            self.stack.push(open);
        }
    }

    fn root(&mut self, name: &str, range: &Range<usize>) {
        if self.mode == Mode::Word && !name.starts_with("w:") {
            self.scan.foreign_prefix = self.source[range.clone()].contains(WORD)
                && !self.source[range.clone()].contains("xmlns:w=");
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
            "w:vMerge" if self.source[range.clone()].contains("restart") => {
                // The cell's properties are open, the cell is around them.
                if let Some(cell) = self.stack.iter().rev().find_map(|open| open.container) {
                    self.scan.cells[cell].merge_start = Some(range.clone());
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
            container: outer.and_then(|outer| outer.container),
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
        let preserve = self.source[range.clone()].contains("xml:space");
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
        let row = Row { range: open.tag.clone(), parent, table: open.table, outer: open.row };
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
        } else {
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
                for (control, _) in &mut self.scan.bindings[first..] {
                    if control.end == 0 {
                        *control = whole.clone();
                    }
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
            "v:imagedata" if self.source[whole.clone()].ends_with("/>") => self.shows(whole, true),
            "w:dataBinding" | "w15:dataBinding" | "w:showingPlcHdr" => {
                self.scan.bindings.push((0..0, whole));
            }
            "w:tcPr" => {
                if let What::Container { at, .. } = parent_what {
                    self.scan.cells[at].content = whole.end..whole.end;
                }
            }
            "w:sectPr" => self.leave_section(whole),
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
    fn picture(&mut self) -> Option<&mut PictureSite> {
        let at = self.stack.iter().rev().find_map(|open| match open.what {
            What::Picture(at) => Some(at),
            _ => None,
        })?;
        Some(&mut self.scan.pictures[at])
    }

    fn shows(&mut self, whole: Range<usize>, vml: bool) {
        if let Some(picture) = self.picture().filter(|picture| picture.shows.is_none()) {
            picture.shows = Some(whole);
            picture.vml = vml;
        }
    }

    fn leave_section(&mut self, whole: Range<usize>) {
        let Page { width, left, right } = self.page;
        self.scan.sections.push((whole.end, width.saturating_sub(left + right)));
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
        let Some(&at) = self.paragraphs.last() else { return };
        let paragraph = &mut self.scan.paragraphs[at];
        let from = paragraph.text.len();
        paragraph.text.push_str(&self.source[range.clone()]);
        let text = from..paragraph.text.len();
        paragraph.pieces.push(Piece { text, source: range, element: Some(element), atom: false });
    }

    /// One character that the source writes otherwise.
    fn atom(&mut self, c: char, range: Range<usize>) {
        let element = match self.stack.last().map(|open| open.what) {
            Some(What::Text(element) | What::Plain(element)) => Some(element),
            Some(What::Run) => None,
            _ => return,
        };
        let Some(&at) = self.paragraphs.last() else { return };
        let paragraph = &mut self.scan.paragraphs[at];
        let from = paragraph.text.len();
        paragraph.text.push(c);
        let text = from..paragraph.text.len();
        paragraph.pieces.push(Piece { text, source: range, element, atom: true });
    }

    fn mark(&mut self, name: &str, range: &Range<usize>) {
        let page_break = self.source[range.clone()].contains("w:type=");
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

    fn id(&mut self, range: Range<usize>, kind: IdKind) {
        self.scan.ids.push(IdSite { range, kind });
    }

    fn attributes(&mut self, name: &str, tag: &Range<usize>) {
        let source = &self.source[tag.clone()];
        let tagged = source.contains("{{") || self.mode == Mode::Targets && source.contains("%7");
        let known = matches!(
            name,
            "w:p"
                | "w:tr"
                | "w:bookmarkStart"
                | "w:bookmarkEnd"
                | "wp:docPr"
                | "w:pgSz"
                | "w:pgMar"
                | "w:tcW"
                | "wp:extent"
                | "v:shape"
        );
        if !known && !tagged {
            return;
        }
        for (key, value) in attribute_ranges(self.source, tag) {
            let text = &self.source[value.clone()];
            self.attribute(name, key, &value);
            if text.contains("{{") || self.mode == Mode::Targets && key == "Target" {
                self.attribute_text(&value);
                let described = matches!(
                    (name, key),
                    ("wp:docPr", "descr" | "title") | ("v:shape", "alt" | "title")
                );
                let paragraph = self.scan.paragraphs.len() - 1;
                if described && let Some(picture) = self.picture() {
                    picture.described.push(paragraph);
                }
            }
        }
    }

    fn attribute(&mut self, name: &str, key: &str, value: &Range<usize>) {
        let text = &self.source[value.clone()];
        let number = || text.parse().map_or(0, twips);
        match (name, key) {
            ("w:bookmarkStart", "w:id") => self.id(value.clone(), IdKind::BookmarkStart),
            ("w:bookmarkStart", "w:name") => self.id(value.clone(), IdKind::BookmarkName),
            ("w:bookmarkEnd", "w:id") => self.id(value.clone(), IdKind::BookmarkEnd),
            ("wp:docPr", "id") => self.id(value.clone(), IdKind::Drawing),
            (_, "w14:paraId" | "w14:textId") => {
                let start = value.start - key.len() - 3;
                self.id(start..value.end + 1, IdKind::Optional);
            }
            ("w:pgSz", "w:w") => self.page.width = number(),
            ("w:pgMar", "w:left") => self.page.left = number(),
            ("w:pgMar", "w:right") => self.page.right = number(),
            ("wp:extent", "cx" | "cy") => {
                let side = text.parse().unwrap_or(0);
                match self.picture() {
                    Some(picture) if key == "cx" => picture.size.0 = side,
                    Some(picture) => picture.size.1 = side,
                    None => {}
                }
            }
            ("v:shape", "style") => {
                let size = vml_size(text);
                if let Some(picture) = self.picture() {
                    picture.size = size;
                }
            }
            ("w:tcW", "w:w") => {
                let width = number();
                if let Some(cell) = self.stack.iter().rev().find_map(|open| open.container) {
                    self.scan.cells[cell].width = Some(width).filter(|&width| width > 300);
                }
            }
            _ => {}
        }
    }

    /// The text of an attribute, as a paragraph that cannot vanish.
    fn attribute_text(&mut self, value: &Range<usize>) {
        let mut paragraph = Paragraph { range: value.clone(), fixed: true, ..Paragraph::default() };
        paragraph.place = match self.paragraphs.last() {
            Some(&at) => self.scan.paragraphs[at].place.clone(),
            None => Place::default(),
        };
        let mut at = value.start;
        while at < value.end {
            let (text, end) = decode_one(&self.source[at..value.end], self.mode == Mode::Targets);
            let from = paragraph.text.len();
            paragraph.text.push(text);
            let piece = from..paragraph.text.len();
            let atom = end != text.len_utf8();
            paragraph.pieces.push(Piece { text: piece, source: at..at + end, element: None, atom });
            at += end;
        }
        self.scan.paragraphs.push(paragraph);
    }
}

/// The first character of an attribute's raw value, and how many bytes it takes there.
fn decode_one(raw: &str, percent: bool) -> (char, usize) {
    if let Some(rest) = raw.strip_prefix('&')
        && let Some((name, _)) = rest.split_once(';')
        && let Ok(text) = quick_xml::escape::unescape(&raw[..name.len() + 2])
        && let Some(c) = text.chars().next()
    {
        return (c, name.len() + 2);
    }
    if percent
        && raw.starts_with('%')
        && let Some(found) = decode_percent(raw.as_bytes())
    {
        return found;
    }
    let c = raw.chars().next().unwrap_or(' ');
    (c, c.len_utf8())
}

/// One character of UTF-8 written as `%E6%9C%BA`.
fn decode_percent(raw: &[u8]) -> Option<(char, usize)> {
    let mut bytes = Vec::new();
    for chunk in raw.chunks(3).take(4) {
        let [b'%', high, low] = chunk else { break };
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let byte = digit(*high)? * 16 + digit(*low)?;
        bytes.push(u8::try_from(byte).ok()?);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            return Some((text.chars().next()?, bytes.len() * 3));
        }
    }
    None
}

/// Width and height of an old drawing, in English Metric Units; 0 where points are not the unit.
fn vml_size(style: &str) -> (u64, u64) {
    let side = |name: &str| {
        let found = style.split(';').find_map(|part| part.trim().strip_prefix(name));
        let points = found.and_then(|value| value.strip_suffix("pt")?.trim().parse().ok());
        u64::from(points.map_or(0, |points: f64| twips(points * 20.0))) * 635
    };
    (side("width:"), side("height:"))
}

/// A measure in twentieths of a point; some programs write fractions.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "measures are small, and a float cast saturates"
)]
fn twips(number: f64) -> u32 {
    number.round().max(0.0) as u32
}
