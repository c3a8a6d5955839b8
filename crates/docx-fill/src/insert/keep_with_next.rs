//! Owns keeping the end of inserted content on the page of the following paragraph (`w:keepNext`).
//! Must not know what is inserted.

use crate::opc::xml::XmlEventReader;
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::word::properties::{Properties, child_elements};
use quick_xml::events::Event;
use std::ops::Range;

/// Checks whether paragraph properties keep the paragraph with the next.
pub(crate) fn keeps_with_next(properties: &str) -> bool {
    let found = child_elements(properties).into_iter().find(|(name, _)| name == "w:keepNext");
    let off = |xml: &str| ["\"0\"", "\"false\"", "\"off\""].iter().any(|off| xml.contains(off));
    found.is_some_and(|(_, xml)| !off(&xml))
}

/// Sets `w:keepNext` at the end of a text: on the last paragraph with visible content and the empty ones after
/// it, or on all paragraphs of the last table row.
pub(crate) fn keep_end_with_next(text: &str) -> String {
    let mut out = text.to_owned();
    let mut last: Option<usize> = None;
    // In reverse order, so that earlier ranges remain valid.
    for paragraph in top_level_paragraphs(text).iter().rev() {
        if last.is_some_and(|row| paragraph.row != Some(row)) {
            break;
        }
        set_keep_next(&mut out, paragraph);
        if paragraph.row.is_none() && paragraph.has_content {
            break;
        }
        last = last.or(paragraph.row);
    }
    out
}

/// A paragraph that is not nested in another one.
#[derive(Default)]
struct TopLevelParagraph {
    range: Range<usize>,
    /// End of its start tag; the next field has the range of its properties.
    tag_end: usize,
    properties: Option<Range<usize>>,
    has_content: bool,
    /// Number of the enclosing table row; rows of nested tables count as part of the outer one.
    row: Option<usize>,
}

fn top_level_paragraphs(text: &str) -> Vec<TopLevelParagraph> {
    let mut reader = XmlEventReader::new(text, "");
    let mut scan = ParagraphCollector::default();
    while let Ok(Some((event, range))) = reader.next() {
        match event {
            Event::Start(element) => scan.start_element(element.name().as_ref(), &range),
            Event::Empty(element) => scan.empty_element(element.name().as_ref(), range),
            Event::End(_) => scan.end_element(range.end),
            Event::Text(words) if !words.trim().is_empty() => scan.mark_content(),
            _ => {}
        }
    }
    scan.found
}

#[derive(Default)]
struct ParagraphCollector {
    found: Vec<TopLevelParagraph>,
    stack: Vec<(String, usize)>,
    /// The open paragraph, and the number of elements around it.
    open: Option<(usize, TopLevelParagraph)>,
    rows: usize,
    tables: usize,
}

impl ParagraphCollector {
    fn current_row(&self) -> Option<usize> {
        (self.tables > 0).then_some(self.rows)
    }

    fn mark_content(&mut self) {
        if let Some((_, paragraph)) = &mut self.open {
            paragraph.has_content = true;
        }
    }

    fn start_element(&mut self, name: &str, range: &Range<usize>) {
        self.tables += usize::from(name == "w:tbl");
        self.rows += usize::from(name == "w:tr" && self.tables == 1);
        if name == "w:p" && self.open.is_none() {
            let (range, tag, row) = (range.clone(), range.end, self.current_row());
            let paragraph =
                TopLevelParagraph { range, tag_end: tag, row, ..TopLevelParagraph::default() };
            self.open = Some((self.stack.len(), paragraph));
        }
        if is_picture_element(name) {
            self.mark_content();
        }
        self.stack.push((name.to_owned(), range.start));
    }

    fn empty_element(&mut self, name: &str, range: Range<usize>) {
        if name == "w:p" && self.open.is_none() {
            let row = self.current_row();
            self.found.push(TopLevelParagraph { range, row, ..TopLevelParagraph::default() });
        } else if is_picture_element(name) {
            self.mark_content();
        }
    }

    fn end_element(&mut self, end: usize) {
        let Some((name, start)) = self.stack.pop() else { return };
        self.tables = self.tables.saturating_sub(usize::from(name == "w:tbl"));
        let Some((depth, paragraph)) = &mut self.open else { return };
        if name == "w:pPr" && self.stack.len() == *depth + 1 {
            paragraph.properties = Some(start..end);
        } else if self.stack.len() == *depth {
            paragraph.range.end = end;
            self.found.extend(self.open.take().map(|(_, paragraph)| paragraph));
        }
    }
}

fn is_picture_element(name: &str) -> bool {
    matches!(name, "w:drawing" | "w:pict" | "w:object")
}

/// Sets `w:keepNext` on a paragraph.
fn set_keep_next(text: &mut String, paragraph: &TopLevelParagraph) {
    const KEEP: &str = "<w:keepNext/>";
    if paragraph.tag_end == 0 {
        let tag = text.slice(paragraph.range.clone()).trim_end_matches("/>").trim_end().to_owned();
        let whole = format!("{tag}><w:pPr>{KEEP}</w:pPr></w:p>");
        text.replace_text(paragraph.range.clone(), &whole);
        return;
    }
    let range = paragraph.properties.clone().unwrap_or(paragraph.tag_end..paragraph.tag_end);
    let mut properties = Properties::parse_paragraph(text.slice(range.clone()));
    properties.set_child("w:keepNext", KEEP);
    text.replace_text(range, &properties.to_xml());
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: &str = "<w:pPr><w:keepNext/></w:pPr>";

    #[test]
    fn properties_that_keep_are_known() {
        assert!(keeps_with_next("<w:pPr><w:pStyle w:val=\"a\"/><w:keepNext/></w:pPr>"));
        assert!(keeps_with_next("<w:pPr><w:keepNext w:val=\"1\"/></w:pPr>"));
        assert!(!keeps_with_next("<w:pPr><w:keepNext w:val=\"0\"/></w:pPr>"));
        assert!(!keeps_with_next("<w:pPr><w:rPr><w:keepNext/></w:rPr></w:pPr>"));
    }

    #[test]
    fn the_last_paragraph_and_empty_ones_after_it_are_kept() {
        let one = "<w:p><w:r><w:t>甲</w:t></w:r></w:p>";
        let two = "<w:p w:x=\"1\"><w:pPr><w:pStyle w:val=\"a\"/><w:jc w:val=\"left\"/></w:pPr><w:r>\
                   <w:t>乙</w:t></w:r></w:p>";
        let kept = two.replace("<w:jc", "<w:keepNext/><w:jc");
        assert_eq!(keep_end_with_next(&format!("{one}{two}")), format!("{one}{kept}"));
        let empty = "<w:p/><w:p w:x=\"2\" /><w:p></w:p>";
        let filled = format!("<w:p>{KEEP}</w:p><w:p w:x=\"2\">{KEEP}</w:p><w:p>{KEEP}</w:p>");
        assert_eq!(keep_end_with_next(&format!("{two}{empty}")), format!("{kept}{filled}"));
        assert_eq!(keep_end_with_next(""), "");
        // A text box belongs to its paragraph.
        let boxed = format!("<w:p><w:r><w:pict>{one}</w:pict></w:r></w:p>");
        let outer = boxed.replacen("<w:p>", &format!("<w:p>{KEEP}"), 1);
        assert_eq!(keep_end_with_next(&format!("{one}{boxed}")), format!("{one}{outer}"));
    }

    #[test]
    fn of_a_table_the_last_row_is_kept() {
        let cell = |inner: &str| format!("<w:tc>{inner}</w:tc>");
        let row = |p: &str| format!("<w:tr>{}{}</w:tr>", cell(p), cell(&format!("{p}{p}")));
        let (bare, kept) = ("<w:p></w:p>", format!("<w:p>{KEEP}</w:p>"));
        let inner =
            format!("<w:tr>{}</w:tr>", cell(&format!("<w:tbl>{}{}</w:tbl>", row(bare), row(bare))));
        let table = format!("<w:tbl>{}{}</w:tbl>", row(bare), row(bare));
        let wanted = format!("<w:tbl>{}{}</w:tbl><w:p>{KEEP}</w:p>", row(bare), row(&kept));
        assert_eq!(keep_end_with_next(&format!("{table}<w:p/>")), wanted);
        let nested = format!("<w:tbl>{}{inner}</w:tbl>", row(bare));
        let wanted = format!("<w:tbl>{}{}</w:tbl>", row(bare), inner.replace(bare, &kept));
        assert_eq!(keep_end_with_next(&nested), wanted);
    }
}
