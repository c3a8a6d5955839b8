//! Owns the places at which documents are inserted: paragraphs without anything else and which paragraphs the
//! inserted content needs around it.
//! Must not know what is inserted.

use crate::insert::keep_with_next;
use crate::opc::xml::XmlEventReader;
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::ops::Range;

/// A paragraph without text and pictures, at which documents are inserted.
#[derive(Debug, Default)]
pub(crate) struct InsertionPoint {
    pub(crate) range: Range<usize>,
    /// Range marks that begin in the paragraph; the next field has those that end in it.
    pub(crate) range_starts: String,
    pub(crate) range_ends: String,
    /// Paragraph properties, if the paragraph ends a section.
    pub(crate) section_end: Option<String>,
    /// True if the paragraph is kept with the next one; this applies to the end of the inserted content too.
    pub(crate) keeps_with_next: bool,
}

/// Returns the paragraph around a position, which begins after `from`; `None` if it contains anything.
pub(crate) fn insertion_point_at(text: &str, from: usize, at: usize) -> Option<InsertionPoint> {
    let before = text.slice(from..at);
    let start = from + before.rfind("<w:p>").max(before.rfind("<w:p "))?;
    let end = at + text.slice(at..).find("</w:p>")? + "</w:p>".len();
    let mut place = InsertionPoint { range: start..end, ..InsertionPoint::default() };
    place.read_paragraph(text.slice(start..end))?;
    Some(place)
}

impl InsertionPoint {
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
                        if properties.contains("<w:sectPr") {
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

fn is_range_mark(name: &str) -> bool {
    matches!(
        name,
        "w:bookmarkStart"
            | "w:bookmarkEnd"
            | "w:commentRangeStart"
            | "w:commentRangeEnd"
            | "w:permStart"
            | "w:permEnd"
    )
}

/// Returns the text without range marks at its beginning.
fn skip_range_marks(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let name = text.strip_prefix('<').and_then(|rest| rest.split([' ', '/', '>']).next());
        match (name, text.find("/>")) {
            (Some(name), Some(end)) if is_range_mark(name) => text = text.slice(end + 2..),
            _ => return text,
        }
    }
}

/// Checks whether an inserted table would directly follow another, so that Word would join them.
pub(crate) fn would_join_tables(before: &str, inserted: &str) -> bool {
    before.trim_end().ends_with("</w:tbl>") && skip_range_marks(inserted).starts_with("<w:tbl>")
}

/// Checks whether a paragraph must follow the inserted content: at the end of a cell, similar container or
/// body, and between two tables.
pub(crate) fn needs_paragraph(inserted: &str, after: &str) -> bool {
    let after = skip_range_marks(after);
    let ends = after.starts_with("</") && !after.starts_with("</w:sdtContent");
    let ends = ends || after.starts_with("<w:sectPr");
    let holds_block = inserted.contains("<w:p") || inserted.contains("<w:tbl");
    if !holds_block {
        return ends;
    }
    inserted.trim_end().ends_with("</w:tbl>") && (ends || after.starts_with("<w:tbl>"))
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
            insertion_point_at(&text, 0, at).map(|place| text[place.range].to_owned())
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
