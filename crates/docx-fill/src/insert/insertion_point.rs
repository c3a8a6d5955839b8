//! Owns the places at which documents are inserted: paragraphs without anything else, what encloses them and which
//! paragraphs the inserted content needs around it.
//! Must not know what is inserted.

use crate::insert::keep_with_next;
use crate::opc::xml::{XmlEventReader, begins_with_element, find_element};
use crate::slice::TextSlice as _;
use crate::word::block_ends::{
    after_range_marks, begins_with_table, ends_with_table, is_range_mark,
};
use crate::word::properties::child_elements;
use quick_xml::events::Event;
use std::ops::Range;

/// A paragraph of a rendered part, and what encloses it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct EnclosedParagraph {
    pub(crate) range: Range<usize>,
    pub(crate) is_in_text_box: bool,
    /// True if it is in a text box or table, where no page or section can begin.
    pub(crate) is_nested: bool,
}

/// The paragraphs around positions of a rendered part, and its sections.
#[derive(Debug, Default)]
pub(crate) struct PositionContexts {
    /// The innermost paragraph around each position.
    pub(crate) paragraphs: Vec<Option<EnclosedParagraph>>,
    /// Properties of the sections, without former ones that tracked changes keep.
    sections: Vec<Range<usize>>,
}

impl PositionContexts {
    /// Reads a part once; the positions are in order.
    pub(crate) fn read(text: &str, positions: &[usize]) -> PositionContexts {
        let index =
            PositionContexts { paragraphs: vec![None; positions.len()], sections: Vec::new() };
        let mut reader = PositionReader { positions, index, ..PositionReader::default() };
        let mut events = XmlEventReader::of_written(text);
        while let Ok(Some((event, range))) = events.next() {
            match event {
                Event::Start(element) => reader.start_element(element.name().as_ref(), &range),
                Event::Empty(element) if element.name().as_ref() == "w:sectPr" => {
                    reader.add_section(range);
                }
                Event::End(element) => reader.end_element(element.name().as_ref(), &range),
                _ => {}
            }
        }
        reader.index
    }

    /// Returns the properties of the section that a place after the part's paragraphs up to a byte is in.
    pub(crate) fn section_after(&self, at: usize) -> Option<&Range<usize>> {
        let next = self.sections.partition_point(|section| section.start < at);
        self.sections.get(next)
    }
}

#[derive(Default)]
struct PositionReader<'p> {
    positions: &'p [usize],
    index: PositionContexts,
    /// Open paragraphs, the innermost last.
    open: Vec<EnclosedParagraph>,
    text_boxes: usize,
    tables: usize,
    /// Beginning of the properties of the section that is read.
    section: Option<usize>,
    /// Number of open former properties of sections.
    former: usize,
}

impl PositionReader<'_> {
    fn start_element(&mut self, name: &str, range: &Range<usize>) {
        match name {
            "w:p" => self.open.push(EnclosedParagraph {
                range: range.clone(),
                is_in_text_box: self.text_boxes > 0,
                is_nested: self.text_boxes > 0 || self.tables > 0,
            }),
            "w:tbl" => self.tables += 1,
            "w:txbxContent" => self.text_boxes += 1,
            "w:sectPr" if self.former == 0 => self.section = Some(range.start),
            "w:sectPrChange" => self.former += 1,
            _ => {}
        }
    }

    fn end_element(&mut self, name: &str, range: &Range<usize>) {
        match name {
            "w:p" => self.end_paragraph(range.end),
            "w:tbl" => self.tables = self.tables.saturating_sub(1),
            "w:txbxContent" => self.text_boxes = self.text_boxes.saturating_sub(1),
            "w:sectPr" if self.former == 0 => {
                let start = self.section.take().unwrap_or(range.start);
                self.add_section(start..range.end);
            }
            "w:sectPrChange" => self.former = self.former.saturating_sub(1),
            _ => {}
        }
    }

    fn add_section(&mut self, range: Range<usize>) {
        if self.former == 0 {
            self.index.sections.push(range);
        }
    }

    fn end_paragraph(&mut self, end: usize) {
        let Some(mut paragraph) = self.open.pop() else { return };
        paragraph.range.end = end;
        let first = self.positions.partition_point(|at| *at < paragraph.range.start);
        let last = self.positions.partition_point(|at| *at < end);
        for found in self.index.paragraphs.iter_mut().take(last).skip(first) {
            found.get_or_insert_with(|| paragraph.clone());
        }
    }
}

/// A paragraph without text and pictures, at which documents are inserted.
#[derive(Debug, Default)]
pub(crate) struct InsertionPoint {
    pub(crate) paragraph: EnclosedParagraph,
    /// Range marks that begin in the paragraph; the next field has those that end in it.
    pub(crate) range_starts: String,
    pub(crate) range_ends: String,
    /// Paragraph properties, if the paragraph ends a section.
    pub(crate) section_end: Option<String>,
    /// True if the paragraph is kept with the next one; this applies to the end of the inserted content too.
    pub(crate) keeps_with_next: bool,
}

/// Returns a paragraph as a place for documents; `None` if it contains anything.
pub(crate) fn insertion_point(text: &str, paragraph: &EnclosedParagraph) -> Option<InsertionPoint> {
    let mut place = InsertionPoint { paragraph: paragraph.clone(), ..InsertionPoint::default() };
    place.read_paragraph(text.slice(paragraph.range.clone()))?;
    Some(place)
}

impl InsertionPoint {
    /// Returns the properties of the section that ends with the paragraph.
    pub(crate) fn own_section(&self) -> Option<String> {
        let all = child_elements(self.section_end.as_deref()?);
        all.into_iter().find(|(name, _)| name == "w:sectPr").map(|(_, xml)| xml)
    }

    fn read_paragraph(&mut self, paragraph: &str) -> Option<()> {
        let mut reader = XmlEventReader::new(paragraph, "");
        let mut stack: Vec<(String, usize)> = Vec::new();
        while let Some((event, range)) = reader.next().ok()? {
            let skipped = stack.iter().any(|(name, _)| is_properties_element(name));
            match event {
                Event::Start(element) => {
                    let name = element.name().as_ref().to_owned();
                    if !skipped && !is_transparent_element(&name) {
                        return None;
                    }
                    stack.push((name, range.start));
                }
                Event::Empty(element) if !skipped => {
                    let name = element.name();
                    let name = name.as_ref();
                    if name.ends_with("Start") && is_range_mark(name) {
                        self.range_starts.push_str(paragraph.slice(range));
                    } else if is_range_mark(name) {
                        self.range_ends.push_str(paragraph.slice(range));
                    } else if !is_transparent_element(name) {
                        return None;
                    }
                }
                Event::End(_) => {
                    let (name, start) = stack.pop()?;
                    let properties = paragraph.slice(start..range.end);
                    if name == "w:pPr" && stack.len() == 1 {
                        self.keeps_with_next = keep_with_next::keeps_with_next(properties);
                        if find_element(properties, "w:sectPr").is_some() {
                            self.section_end = Some(properties.to_owned());
                        }
                    }
                }
                Event::Text(text) if !skipped && !text.trim().is_empty() => return None,
                Event::GeneralRef(_) | Event::CData(_) if !skipped => return None,
                _ => {}
            }
        }
        Some(())
    }
}

/// Checks for elements that contain properties and not text.
fn is_properties_element(name: &str) -> bool {
    matches!(name, "w:pPr" | "w:rPr" | "w:sdtPr" | "w:sdtEndPr")
}

fn is_transparent_element(name: &str) -> bool {
    is_properties_element(name)
        || matches!(
            name,
            "w:p"
                | "w:r"
                | "w:t"
                | "w:sdt"
                | "w:sdtContent"
                | "w:proofErr"
                | "w:lastRenderedPageBreak"
        )
}

/// Checks whether an inserted table would directly follow another, so that Word would join them.
pub(crate) fn would_join_tables(before: &str, inserted: &str) -> bool {
    ends_with_table(before) && begins_with_table(inserted)
}

/// Checks whether a paragraph must follow the inserted content: at the end of a cell, similar container or
/// body, and between two tables.
pub(crate) fn needs_paragraph(inserted: &str, after: &str) -> bool {
    let after = after_range_marks(after);
    let ends = after.starts_with("</") && !after.starts_with("</w:sdtContent");
    let ends = ends || begins_with_element(after, "w:sectPr");
    let is_block = |name: &str| find_element(inserted, name).is_some();
    if !is_block("w:p") && !is_block("w:tbl") {
        return ends;
    }
    ends_with_table(inserted) && (ends || begins_with_element(after, "w:tbl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_nothing_else() {
        let read = |inner: &str| {
            let text = format!("<w:p/><w:p w:x=\"1\">{inner}</w:p><w:p>a</w:p>");
            let at = text.find('|').unwrap();
            let text = text.replace('|', "");
            let index = PositionContexts::read(&text, &[at]);
            let place = insertion_point(&text, index.paragraphs[0].as_ref()?)?;
            Some(text[place.paragraph.range].to_owned())
        };
        let mark = "<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\"> |</w:t></w:r>";
        let whole = |inner: &str| format!("<w:p w:x=\"1\">{}</w:p>", inner.replace('|', ""));
        for inner in [
            mark.to_owned(),
            format!("{mark}<w:bookmarkStart w:id=\"1\"/>{mark}"),
            format!("<w:pPr><w:jc/></w:pPr>{mark}"),
        ] {
            assert_eq!(read(&inner), Some(whole(&inner)));
        }
        assert!(read(&format!("<w:r><w:t>a</w:t></w:r>{mark}")).is_none());
        assert!(read(&format!("{mark}<w:r><w:drawing/></w:r>")).is_none());
        assert!(read(&format!("<w:hyperlink>{mark}</w:hyperlink>")).is_none());
    }

    #[test]
    fn the_innermost_paragraph_and_its_section_are_found() {
        let text = "<w:body><w:p w:x=\"1\"><w:r><w:t>1</w:t><w:txbxContent w:x=\"2\"><w:p><w:t>2</w:t></w:p>\
            </w:txbxContent></w:r></w:p><w:tbl w:x=\"3\"><w:p>3</w:p></w:tbl><w:p/>4<w:p><w:pPr><w:sectPr w:x=\"5\">\
            <w:sectPrChange><w:sectPr/></w:sectPrChange></w:sectPr></w:pPr>5</w:p><w:sectPr/></w:body>";
        let at = |text: &str, what: char| text.find(&format!(">{what}<")).unwrap() + 1;
        let positions = ['1', '2', '3', '4', '5'].map(|what| at(text, what));
        let index = PositionContexts::read(text, &positions);
        let shown = |found: &Option<EnclosedParagraph>| {
            let found = found.as_ref()?;
            let tag = text[found.range.clone()].split('>').next().unwrap_or_default();
            Some((tag.to_owned(), found.is_in_text_box, found.is_nested))
        };
        let p = |tag: &str, boxed, nested| Some((tag.to_owned(), boxed, nested));
        let expected = [
            p("<w:p w:x=\"1\"", false, false),
            p("<w:p", true, true),
            p("<w:p", false, true),
            None,
            p("<w:p", false, false),
        ];
        assert_eq!(index.paragraphs.iter().map(shown).collect::<Vec<_>>(), expected);
        assert_eq!(index.sections.len(), 2, "{:?}", index.sections);
        assert_eq!(&text[index.section_after(positions[4]).unwrap().clone()], "<w:sectPr/>");
        let point = insertion_point(
            &text.replace("5</w:p>", "</w:p>"),
            &EnclosedParagraph {
                range: text.rfind("<w:p>").unwrap()
                    ..text.rfind("<w:sectPr/></w:body>").unwrap() - 1,
                ..EnclosedParagraph::default()
            },
        );
        assert!(point.unwrap().own_section().unwrap().starts_with("<w:sectPr w:x=\"5\">"));
    }

    #[test]
    fn paragraphs_follow_where_they_must() {
        let (p, t) = ("<w:p><w:r/></w:p>", "<w:tbl><w:tr/></w:tbl>");
        assert!(needs_paragraph(t, "</w:tc>") && !needs_paragraph(p, "</w:tc>"));
        assert!(
            needs_paragraph(t, "<w:bookmarkEnd w:id=\"1\"/><w:tbl>") && would_join_tables(t, t)
        );
        assert!(needs_paragraph("", "</w:tc>") && !needs_paragraph("", "<w:p>"));
        assert!(needs_paragraph(t, "<w:sectPr>") && !needs_paragraph(t, "<w:p>"));
        assert!(!would_join_tables(p, t) && !would_join_tables(t, p));
    }
}
