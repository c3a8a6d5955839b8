//! Owns reading the fields, shown texts, bookmarks and headings of a rendered part, and setting the result of a field.
//! Must not know what a field shows.

use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use crate::word::field::{FieldMark, OpenFields};
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// The fields, texts and bookmarks of a part.
#[derive(Debug, Default)]
pub(super) struct ReadFields {
    /// The fields in the order of their beginnings.
    pub(super) fields: Vec<RenderedField>,
    /// The texts of runs, without codes of fields and what is deleted.
    pub(super) texts: Vec<ShownRunText>,
    /// The texts that bookmarks enclose, by the name in lower case.
    pub(super) bookmarks: BTreeMap<String, MarkedText>,
    /// The paragraphs with a style or an outline level of their own, in the order of their ends.
    pub(super) paragraphs: Vec<StyledParagraph>,
}

/// A paragraph that may be a heading.
#[derive(Debug, Default)]
pub(super) struct StyledParagraph {
    pub(super) style: Option<String>,
    pub(super) has_outline: bool,
    /// The fields that begin in it, by their numbers.
    pub(super) fields: Range<usize>,
    pub(super) is_empty: bool,
    /// True if it stands in a text box.
    pub(super) is_in_box: bool,
}

/// A field with its result.
#[derive(Debug, Default)]
pub(super) struct RenderedField {
    /// The tag that begins it.
    pub(super) tag: Range<usize>,
    pub(super) code: String,
    /// Its texts, by their numbers.
    pub(super) texts: Range<usize>,
    /// True if its result is nothing but text in one paragraph.
    pub(super) is_plain: bool,
    /// True if no program may update it (`w:fldLock`).
    pub(super) is_locked: bool,
    /// The field in whose code or result it stands.
    pub(super) outer: Option<usize>,
    /// True if it stands in the branch of alternate content for old programs, which repeats the other one.
    pub(super) is_fallback: bool,
    /// The element of alternate content around it.
    pub(super) alternate: Option<usize>,
}

/// A text of a run.
#[derive(Debug)]
pub(super) struct ShownRunText {
    /// The start tag of its element.
    pub(super) tag: Range<usize>,
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// The text that a bookmark encloses.
#[derive(Debug)]
pub(super) struct MarkedText {
    pub(super) texts: Range<usize>,
    /// True if it is nothing but text in one paragraph.
    pub(super) is_plain: bool,
}

impl ReadFields {
    pub(super) fn joined(&self, texts: &Range<usize>) -> String {
        self.texts[texts.clone()].iter().map(|text| text.text.as_str()).collect()
    }

    pub(super) fn shown_text(&self, at: usize) -> String {
        self.joined(&self.fields[at].texts)
    }

    /// Sets the result of a field. Returns false if that cannot be done here, or must not be.
    pub(super) fn show(&mut self, at: usize, text: &str) -> bool {
        let field = &self.fields[at];
        if self.joined(&field.texts) == text {
            return true;
        }
        if field.is_locked {
            return true;
        }
        let texts = field.texts.clone();
        let Some(first) = texts.clone().find(|&text| !self.texts[text].range.is_empty()) else {
            return false;
        };
        if !field.is_plain {
            return false;
        }
        for number in texts {
            self.texts[number].text.clear();
        }
        self.texts[first].text.push_str(text);
        true
    }
}

/// Reads a part; `None` if it is not well-formed.
pub(super) fn read_fields(source: &str) -> Option<ReadFields> {
    let mut reader = XmlEventReader::of_written(source);
    let mut state = FieldReader { source, ..FieldReader::default() };
    while let Some((event, range)) = reader.next().ok()? {
        match event {
            Event::Start(element) => state.start(element.name().as_ref(), &range),
            Event::Empty(element) => {
                state.start(element.name().as_ref(), &range);
                state.end(element.name().as_ref());
            }
            Event::End(element) => state.end(element.name().as_ref()),
            Event::Text(_) | Event::GeneralRef(_) => state.text(range),
            _ => {}
        }
    }
    Some(state.read)
}

/// A bookmark that has begun: its identifier, name, first text and the number of what is no text before it.
struct OpenMark {
    id: String,
    name: String,
    texts: usize,
    others: usize,
}

/// An open field: its number, and the number of what is no text before its result.
struct OpenField {
    number: usize,
    others: usize,
}

#[derive(Default)]
struct FieldReader<'s> {
    source: &'s str,
    read: ReadFields,
    open: OpenFields<OpenField>,
    /// Codes that are being read, each with whether its result has begun.
    in_result: Vec<bool>,
    simple: Vec<OpenField>,
    marks: Vec<OpenMark>,
    /// Number of things that are no text: ends of paragraphs, tabs, breaks, pictures, notes.
    others: usize,
    holder: &'static str,
    deletions: usize,
    /// The elements of alternate content around, each with its number, and how many there were.
    alternates: Vec<usize>,
    alternate_count: usize,
    fallbacks: usize,
    /// The paragraphs around, each with its first text.
    open_paragraphs: Vec<(StyledParagraph, usize)>,
    /// Depths of properties before a tracked change, and of text boxes.
    former_properties: usize,
    boxes: usize,
}

impl FieldReader<'_> {
    fn value(&self, tag: &Range<usize>, name: &str) -> Option<String> {
        let all = attribute_ranges(self.source, tag);
        let found = all.into_iter().find(|(key, _)| *key == name)?.1;
        unescape(self.source.slice(found)).ok().map(Cow::into_owned)
    }

    fn is_on(&self, tag: &Range<usize>, name: &str) -> bool {
        matches!(self.value(tag, name).as_deref(), Some("1" | "true" | "on"))
    }

    fn start(&mut self, name: &str, range: &Range<usize>) {
        match name {
            "w:t" => {
                self.holder = "w:t";
                let empty = range.end..range.end;
                if self.is_shown() {
                    let text =
                        ShownRunText { tag: range.clone(), range: empty, text: String::new() };
                    self.read.texts.push(text);
                }
            }
            "w:instrText" => self.holder = "w:instrText",
            "w:p" => self.begin_paragraph(),
            "w:pPrChange" => self.former_properties += 1,
            "w:txbxContent" => self.boxes += 1,
            "w:pStyle" | "w:outlineLvl" if self.former_properties == 0 => {
                self.read_heading_property(name, range);
            }
            "w:del" | "w:moveFrom" => self.deletions += 1,
            "w:fldChar" => self.read_mark(range),
            "w:fldSimple" => self.begin_simple(range),
            "w:bookmarkStart" => self.begin_mark(range),
            "w:bookmarkEnd" => self.end_mark(range),
            "mc:AlternateContent" => {
                self.alternate_count += 1;
                self.alternates.push(self.alternate_count);
            }
            "mc:Fallback" => self.fallbacks += 1,
            "w:tab"
            | "w:br"
            | "w:cr"
            | "w:sym"
            | "w:drawing"
            | "w:pict"
            | "w:object"
            | "w:ruby"
            | "w:noBreakHyphen"
            | "w:softHyphen"
            | "w:vanish"
            | "w:footnoteReference"
            | "w:endnoteReference"
            | "m:oMath" => self.others += 1,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "w:t" | "w:instrText" => self.holder = "",
            "w:p" => {
                self.others += 1;
                self.end_paragraph();
            }
            "w:pPrChange" => self.former_properties = self.former_properties.saturating_sub(1),
            "w:txbxContent" => self.boxes = self.boxes.saturating_sub(1),
            "w:del" | "w:moveFrom" => self.deletions = self.deletions.saturating_sub(1),
            "w:fldSimple" => {
                if let Some(open) = self.simple.pop() {
                    self.close(&open);
                }
            }
            "mc:AlternateContent" => drop(self.alternates.pop()),
            "mc:Fallback" => self.fallbacks = self.fallbacks.saturating_sub(1),
            _ => {}
        }
    }

    fn begin_paragraph(&mut self) {
        let first = self.read.fields.len();
        let (fields, is_in_box) = (first..first, self.boxes > 0);
        let paragraph = StyledParagraph { fields, is_in_box, ..StyledParagraph::default() };
        self.open_paragraphs.push((paragraph, self.read.texts.len()));
    }

    fn read_heading_property(&mut self, name: &str, tag: &Range<usize>) {
        let value = self.value(tag, "w:val");
        let Some((paragraph, _)) = self.open_paragraphs.last_mut() else { return };
        if name == "w:pStyle" {
            paragraph.style = value;
        } else {
            paragraph.has_outline = true;
        }
    }

    fn end_paragraph(&mut self) {
        let Some((mut paragraph, first)) = self.open_paragraphs.pop() else { return };
        if (paragraph.style.is_none() && !paragraph.has_outline) || self.fallbacks > 0 {
            return;
        }
        paragraph.fields.end = self.read.fields.len();
        paragraph.is_empty = self.read.joined(&(first..self.read.texts.len())).trim().is_empty();
        self.read.paragraphs.push(paragraph);
    }

    /// Checks whether the current text is shown, and no code.
    fn is_shown(&self) -> bool {
        self.deletions == 0 && self.in_result.iter().all(|in_result| *in_result)
    }

    fn text(&mut self, range: Range<usize>) {
        let written = self.source.slice(range.clone());
        match self.holder {
            "w:t" if self.is_shown() => {
                if let Some(last) = self.read.texts.last_mut() {
                    last.range.end = range.end;
                    let text = unescape(written).unwrap_or(Cow::Borrowed(written));
                    last.text.push_str(&text);
                }
            }
            "w:instrText" => {
                if let Some(open) = self.open.in_code() {
                    let text = unescape(written).unwrap_or(Cow::Borrowed(written));
                    self.read.fields[open.number].code.push_str(&text);
                }
            }
            _ => {}
        }
    }

    fn begin_field(&mut self, tag: &Range<usize>) -> OpenField {
        let number = self.read.fields.len();
        let outer = self.open.innermost().map(|open| open.number);
        let outer = outer.max(self.simple.last().map(|open| open.number));
        let next = self.read.texts.len();
        self.read.fields.push(RenderedField {
            tag: tag.clone(),
            texts: next..next,
            is_locked: self.is_on(tag, "w:fldLock"),
            outer,
            is_fallback: self.fallbacks > 0,
            alternate: self.alternates.last().copied(),
            ..RenderedField::default()
        });
        OpenField { number, others: self.others }
    }

    fn begin_simple(&mut self, tag: &Range<usize>) {
        let open = self.begin_field(tag);
        self.read.fields[open.number].code = self.value(tag, "w:instr").unwrap_or_default();
        self.simple.push(open);
    }

    fn read_mark(&mut self, tag: &Range<usize>) {
        if self.deletions > 0 {
            return;
        }
        let kind = self.value(tag, "w:fldCharType");
        match kind.as_deref().and_then(FieldMark::from_value) {
            Some(FieldMark::Begin) => {
                let open = self.begin_field(tag);
                self.open.begin(open);
                self.in_result.push(false);
            }
            Some(FieldMark::Separate) => {
                let (next, others) = (self.read.texts.len(), self.others);
                if let Some(open) = self.open.separate() {
                    open.others = others;
                    self.read.fields[open.number].texts = next..next;
                    if let Some(in_result) = self.in_result.last_mut() {
                        *in_result = true;
                    }
                }
            }
            Some(FieldMark::End) => {
                self.in_result.pop();
                if let Some(open) = self.open.end() {
                    self.close(&open);
                }
            }
            None => {}
        }
    }

    fn close(&mut self, open: &OpenField) {
        let field = &mut self.read.fields[open.number];
        field.texts.end = self.read.texts.len();
        field.is_plain = open.others == self.others;
    }

    fn begin_mark(&mut self, tag: &Range<usize>) {
        if self.fallbacks == 0 {
            self.marks.push(OpenMark {
                id: self.value(tag, "w:id").unwrap_or_default(),
                name: self.value(tag, "w:name").unwrap_or_default().to_lowercase(),
                texts: self.read.texts.len(),
                others: self.others,
            });
        }
    }

    fn end_mark(&mut self, tag: &Range<usize>) {
        let id = self.value(tag, "w:id").unwrap_or_default();
        let Some(at) = self.marks.iter().rposition(|mark| mark.id == id) else { return };
        let mark = self.marks.remove(at);
        let is_plain = mark.others == self.others && self.is_shown();
        let texts = mark.texts..self.read.texts.len();
        self.read.bookmarks.entry(mark.name).or_insert(MarkedText { texts, is_plain });
    }
}
