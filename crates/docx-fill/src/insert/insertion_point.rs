//! Owns the places at which documents are inserted: paragraphs without anything else, and the paragraphs and sections
//! needed around the inserted content.
//! Must not know what is inserted.

use crate::insert::keep_with_next;
use crate::opc::xml::XmlEventReader;
use crate::slice::TextSlice as _;
use crate::word::properties::child_elements;
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

/// Returns the range of the `w:sectPr` element of the section that contains a position.
pub(crate) fn section_range(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + text.slice(at..).find("<w:sectPr")?;
    let mut reader = XmlEventReader::new(text.slice(start..), "");
    let mut depth = 0usize;
    while let Ok(Some((event, range))) = reader.next() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(start..start + range.end);
        }
    }
    None
}

/// Checks whether the pages of a section are in landscape orientation.
pub(crate) fn is_landscape(section: &str) -> bool {
    let page = child_elements(section).into_iter().find(|(name, _)| name == "w:pgSz");
    let Some((_, page)) = page else { return false };
    let tag = 0..page.len();
    let found = crate::opc::xml::attribute_ranges(&page, &tag);
    let side = |name: &str| -> u32 {
        let found = found.iter().find(|(key, _)| *key == name);
        found.and_then(|(_, value)| page.slice(value.clone()).parse().ok()).unwrap_or(0)
    };
    side("w:w") > side("w:h")
}

/// Checks whether a section begins on a new page.
pub(crate) fn begins_page(section: &str) -> bool {
    let kind = child_elements(section).into_iter().find(|(name, _)| name == "w:type");
    kind.is_none_or(|(_, xml)| !xml.contains("continuous") && !xml.contains("nextColumn"))
}

/// Returns a paragraph of minimal height that ends a section.
pub(crate) fn section_end_paragraph(properties: &str) -> String {
    format!(
        "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/>\
         {properties}</w:pPr></w:p>"
    )
}

/// Returns section properties with only the page layout; headers and footers are inherited from the previous
/// section.
pub(crate) fn page_only_section(section: &str) -> String {
    let kept = ["w:pgSz", "w:pgMar", "w:cols", "w:textDirection", "w:docGrid"];
    let children = child_elements(section);
    let kept = children.iter().filter(|(name, _)| kept.contains(&name.as_str()));
    let page: String = kept.map(|(_, xml)| xml.as_str()).collect();
    format!("<w:sectPr><w:type w:val=\"nextPage\"/>{page}</w:sectPr>")
}

/// Returns section properties for the continuation of a section: without a title page and without restarting
/// page numbers.
pub(crate) fn continued_section(section: &str) -> String {
    let start = section.find('>').map_or(0, |end| end + 1);
    if section.slice(..start).ends_with("/>") {
        return section.to_owned();
    }
    let mut out = section.slice(..start).to_owned();
    for (name, xml) in child_elements(section) {
        match name.as_str() {
            "w:titlePg" => {}
            "w:pgNumType" => {
                let tag = 0..xml.len();
                let found = crate::opc::xml::attribute_ranges(&xml, &tag);
                let begins = found.into_iter().find(|(key, _)| *key == "w:start");
                match begins {
                    Some((_, value)) => {
                        let from = xml.slice(..value.start).rfind("w:start").unwrap_or(value.start);
                        out.push_str(xml.slice(..from));
                        out.push_str(xml.slice(value.end + 1..));
                    }
                    None => out.push_str(&xml),
                }
            }
            _ => out.push_str(&xml),
        }
    }
    out.push_str("</w:sectPr>");
    out
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

    #[test]
    fn sections_are_told_apart() {
        let wide = "<w:sectPr><w:headerReference r:id=\"a\"/><w:pgSz w:w=\"20\" w:h=\"10\"/>\
            <w:pgNumType w:fmt=\"x\" w:start=\"1\"/><w:titlePg/></w:sectPr>";
        assert!(is_landscape(wide) && !is_landscape("<w:sectPr/>") && begins_page(wide));
        assert!(!begins_page("<w:sectPr><w:type w:val=\"continuous\"/></w:sectPr>"));
        assert_eq!(
            page_only_section(wide),
            "<w:sectPr><w:type w:val=\"nextPage\"/><w:pgSz w:w=\"20\" w:h=\"10\"/></w:sectPr>"
        );
        let kept = "<w:sectPr><w:headerReference r:id=\"a\"/><w:pgSz w:w=\"20\" w:h=\"10\"/>\
            <w:pgNumType w:fmt=\"x\" /></w:sectPr>";
        assert_eq!(continued_section(wide), kept);
        let text = format!("<w:p/>{wide}</w:body>");
        assert_eq!(section_range(&text, 0), Some(6..6 + wide.len()));
    }
}
