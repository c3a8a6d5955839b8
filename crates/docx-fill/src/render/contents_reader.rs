//! Owns reading the entries of contents in a rendered part, and the bookmarks of the headings to which they lead.
//! Must not know the template, nor what becomes of an entry.

use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use crate::word::field::{FieldMark, OpenFields, is_field};
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::ops::Range;

/// The contents and headings of a part.
#[derive(Debug, Default)]
pub(super) struct ReadContents {
    /// The paragraphs of each field TOC.
    pub(super) lists: Vec<Vec<ContentsEntry>>,
    pub(super) headings: BTreeMap<String, HeadingMark>,
}

/// A paragraph of contents.
#[derive(Debug, Default)]
pub(super) struct ContentsEntry {
    pub(super) range: Range<usize>,
    /// Beginning of its runs, behind its properties.
    pub(super) runs_start: usize,
    /// End of the run that begins the result of the field, if the field begins here.
    pub(super) head_end: Option<usize>,
    /// Beginning of the run that ends the field, if it ends here.
    pub(super) tail_start: Option<usize>,
    /// Bookmark of the heading, and the places at which it is named.
    pub(super) anchor: Option<String>,
    pub(super) anchor_sites: Vec<Range<usize>>,
    /// Texts before the page number, parted by tabs.
    pub(super) texts: Vec<Vec<Range<usize>>>,
}

/// The bookmark of a heading.
#[derive(Debug, Default)]
pub(super) struct HeadingMark {
    pub(super) position: usize,
    /// The text that it encloses, as XML.
    pub(super) text: String,
}

/// Reads a part; `None` if it is not well-formed.
pub(super) fn read_contents(text: &str) -> Option<ReadContents> {
    let mut reader = XmlEventReader::new(text, "");
    let mut state = ContentsReader { text, ..ContentsReader::default() };
    while let Some((event, range)) = reader.next().ok()? {
        match event {
            Event::Start(element) => {
                state.start(element.name().as_ref(), &range);
                state.open.push((range.start, range.end));
            }
            Event::Empty(element) => {
                state.start(element.name().as_ref(), &range);
                state.end(element.name().as_ref(), range.start, range);
            }
            Event::End(element) => {
                let (start, _) = state.open.pop()?;
                state.end(element.name().as_ref(), start, range);
            }
            Event::Text(_) | Event::GeneralRef(_) => state.text(range),
            _ => {}
        }
    }
    Some(state.read)
}

#[derive(Default)]
struct ContentsReader<'t> {
    text: &'t str,
    read: ReadContents,
    /// Beginning and end of the start tags of open elements.
    open: Vec<(usize, usize)>,
    /// Codes of open fields.
    fields: OpenFields<String>,
    /// Number of open fields TOC, and of fields within entries.
    contents_depth: usize,
    inner_depth: usize,
    paragraph: Option<ContentsEntry>,
    paragraph_depth: usize,
    /// True if the paragraph lies in contents.
    in_contents: bool,
    run_start: usize,
    /// A mark of the field TOC in the current run.
    mark: Option<FieldMark>,
    /// The element whose text is read.
    holder: &'static str,
    bookmarks: Vec<(&'t str, &'t str)>,
    deletions: usize,
}

impl<'t> ContentsReader<'t> {
    fn attribute(&self, tag: &Range<usize>, name: &str) -> Option<Range<usize>> {
        let all = attribute_ranges(self.text, tag);
        all.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    fn value(&self, tag: &Range<usize>, name: &str) -> Option<&'t str> {
        self.attribute(tag, name).map(|range| self.text.slice(range))
    }

    fn start(&mut self, name: &str, range: &Range<usize>) {
        match name {
            "w:p" => self.start_paragraph(range),
            "w:r" => self.run_start = range.start,
            "w:t" => self.holder = "w:t",
            "w:instrText" => self.holder = "w:instrText",
            "w:del" | "w:moveFrom" => self.deletions += 1,
            "w:fldChar" => self.read_mark(range),
            "w:tab" => {
                if let Some(entry) = &mut self.paragraph {
                    entry.texts.push(Vec::new());
                }
            }
            "w:hyperlink" => {
                if let Some(site) = self.attribute(range, "w:anchor") {
                    self.add_anchor(site);
                }
            }
            "w:bookmarkStart" => {
                if let (Some(id), Some(name)) =
                    (self.value(range, "w:id"), self.value(range, "w:name"))
                {
                    self.bookmarks.push((id, name));
                    let mark = HeadingMark { position: range.start, text: String::new() };
                    self.read.headings.insert(name.to_owned(), mark);
                }
            }
            "w:bookmarkEnd" => {
                let id = self.value(range, "w:id").unwrap_or_default();
                self.bookmarks.retain(|(known, _)| *known != id);
            }
            _ => {}
        }
    }

    fn start_paragraph(&mut self, range: &Range<usize>) {
        self.paragraph_depth += 1;
        if self.paragraph_depth > 1 {
            return;
        }
        self.in_contents = self.contents_depth > 0;
        self.paragraph = Some(ContentsEntry {
            range: range.clone(),
            runs_start: range.end,
            texts: vec![Vec::new()],
            ..ContentsEntry::default()
        });
    }

    fn end(&mut self, name: &str, start: usize, range: Range<usize>) {
        match name {
            "w:t" | "w:instrText" => self.holder = "",
            "w:del" | "w:moveFrom" => self.deletions = self.deletions.saturating_sub(1),
            "w:pPr" if self.paragraph_depth == 1 => {
                if let Some(entry) = &mut self.paragraph {
                    entry.runs_start = range.end;
                }
            }
            "w:r" => self.end_run(range.end),
            "w:p" => {
                self.paragraph_depth = self.paragraph_depth.saturating_sub(1);
                if self.paragraph_depth == 0
                    && let Some(mut entry) = self.paragraph.take()
                    && self.in_contents
                    && let Some(list) = self.read.lists.last_mut()
                {
                    entry.range = start..range.end;
                    list.push(entry);
                }
            }
            _ => {}
        }
    }

    fn read_mark(&mut self, range: &Range<usize>) {
        match self.value(range, "w:fldCharType").and_then(FieldMark::from_value) {
            Some(FieldMark::Begin) => {
                self.inner_depth += usize::from(self.contents_depth > 0);
                self.fields.begin(String::new());
            }
            Some(FieldMark::Separate) => self.begin_result(),
            Some(FieldMark::End) => {
                self.fields.end();
                if self.inner_depth > 0 {
                    self.inner_depth -= 1;
                } else if self.contents_depth > 0 {
                    self.contents_depth = 0;
                    self.mark = Some(FieldMark::End);
                }
            }
            None => {}
        }
    }

    fn begin_result(&mut self) {
        let begins = self.fields.separate().is_some_and(|code| is_field(code, "TOC"));
        if begins && self.contents_depth == 0 {
            self.contents_depth = 1;
            self.in_contents = true;
            self.mark = Some(FieldMark::Separate);
            self.read.lists.push(Vec::new());
        }
    }

    fn end_run(&mut self, end: usize) {
        let (mark, start) = (self.mark.take(), self.run_start);
        let Some(entry) = self.paragraph.as_mut().filter(|_| self.paragraph_depth == 1) else {
            return;
        };
        match mark {
            Some(FieldMark::Separate) => {
                entry.head_end = Some(end);
                entry.texts = vec![Vec::new()];
            }
            Some(FieldMark::End) => entry.tail_start = Some(start),
            _ => {}
        }
    }

    fn add_anchor(&mut self, site: Range<usize>) {
        let name = self.text.slice(site.clone());
        if let Some(entry) = self.paragraph.as_mut().filter(|_| self.contents_depth > 0) {
            match &entry.anchor {
                Some(known) if known != name => {}
                _ => {
                    entry.anchor = Some(name.to_owned());
                    entry.anchor_sites.push(site);
                }
            }
        }
    }

    fn text(&mut self, range: Range<usize>) {
        let written = self.text.slice(range.clone());
        if self.holder == "w:instrText" {
            if let Some(code) = self.fields.in_code() {
                code.push_str(written);
            }
            if let Some(name) = written.trim_start().strip_prefix("PAGEREF ") {
                let name = name.split_whitespace().next().unwrap_or_default();
                let at = range.start + written.find(name).unwrap_or(0);
                self.add_anchor(at..at + name.len());
            }
        } else if self.holder == "w:t" && self.deletions == 0 {
            for (_, name) in &self.bookmarks {
                if let Some(mark) = self.read.headings.get_mut(*name) {
                    mark.text.push_str(written);
                }
            }
            if self.inner_depth == 0
                && let Some(texts) =
                    self.paragraph.as_mut().and_then(|entry| entry.texts.last_mut())
            {
                texts.push(range);
            }
        }
    }
}
