//! Owns that the end of an inserted document stays on the page of what follows it, where the paragraph that
//! it takes the place of does.
//! Must not know what is inserted.

use crate::opc::xml::EventReader;
use crate::template::properties::{Properties, children_of};
use quick_xml::events::Event;
use std::ops::Range;

/// Whether properties of a paragraph keep it with the next.
pub(super) fn keeps(properties: &str) -> bool {
    let found = children_of(properties).into_iter().find(|(name, _)| name == "w:keepNext");
    let off = |xml: &str| ["\"0\"", "\"false\"", "\"off\""].iter().any(|off| xml.contains(off));
    found.is_some_and(|(_, xml)| !off(&xml))
}

/// The text with its last paragraph kept with the next: the last one that shows something and the empty
/// ones after it, or all of the row that a table ends with.
pub(super) fn with_next(text: &str) -> String {
    let mut out = text.to_owned();
    let mut last: Option<usize> = None;
    // From the end, so that the ranges before stay right.
    for paragraph in paragraphs(text).iter().rev() {
        match last {
            Some(row) if paragraph.row != Some(row) => break,
            _ => {}
        }
        keep(&mut out, paragraph);
        if paragraph.row.is_none() && paragraph.shows {
            break;
        }
        last = last.or(paragraph.row);
    }
    out
}

/// A paragraph that is in no other one.
#[derive(Default)]
struct Paragraph {
    range: Range<usize>,
    /// Its start tag, and its properties.
    tag: usize,
    properties: Option<Range<usize>>,
    shows: bool,
    /// The number of the row around it, that of an inner table counting as part of the outer one.
    row: Option<usize>,
}

fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut reader = EventReader::new(text, "");
    let mut out: Vec<Paragraph> = Vec::new();
    let mut stack: Vec<(String, usize)> = Vec::new();
    let mut open: Option<(usize, Paragraph)> = None;
    let (mut rows, mut tables) = (0, 0_usize);
    while let Ok(Some((event, range))) = reader.next() {
        match event {
            Event::Start(element) => {
                let name = element.name().as_ref().to_owned();
                tables += usize::from(name == "w:tbl");
                rows += usize::from(name == "w:tr" && tables == 1);
                if name == "w:p" && open.is_none() {
                    let row = (tables > 0).then_some(rows);
                    let (range, tag) = (range.clone(), range.end);
                    open =
                        Some((stack.len(), Paragraph { range, tag, row, ..Paragraph::default() }));
                }
                stack.push((name, range.start));
            }
            Event::Empty(element) => {
                let name = element.name();
                let shown = matches!(name.as_ref(), "w:drawing" | "w:pict" | "w:object");
                match &mut open {
                    Some((_, paragraph)) => paragraph.shows |= shown,
                    None if name.as_ref() == "w:p" => {
                        let row = (tables > 0).then_some(rows);
                        out.push(Paragraph { range, row, ..Paragraph::default() });
                    }
                    None => {}
                }
            }
            Event::End(_) => {
                let Some((name, start)) = stack.pop() else { break };
                tables = tables.saturating_sub(usize::from(name == "w:tbl"));
                let Some((depth, paragraph)) = &mut open else { continue };
                match name.as_str() {
                    "w:pPr" if stack.len() == *depth + 1 => {
                        paragraph.properties = Some(start..range.end);
                    }
                    "w:drawing" | "w:pict" | "w:object" => paragraph.shows = true,
                    _ if stack.len() == *depth => {
                        paragraph.range.end = range.end;
                        out.extend(open.take().map(|(_, paragraph)| paragraph));
                    }
                    _ => {}
                }
            }
            Event::Text(words) if !words.trim().is_empty() => {
                if let Some((_, paragraph)) = &mut open {
                    paragraph.shows = true;
                }
            }
            _ => {}
        }
    }
    out
}

/// Keeps a paragraph with the next.
fn keep(text: &mut String, paragraph: &Paragraph) {
    const KEEP: &str = "<w:keepNext/>";
    if paragraph.tag == 0 {
        let tag = text[paragraph.range.clone()].trim_end_matches("/>").trim_end().to_owned();
        let whole = format!("{tag}><w:pPr>{KEEP}</w:pPr></w:p>");
        text.replace_range(paragraph.range.clone(), &whole);
        return;
    }
    let range = paragraph.properties.clone().unwrap_or(paragraph.tag..paragraph.tag);
    let mut properties = Properties::paragraph(&text[range.clone()]);
    properties.set("w:keepNext", KEEP);
    text.replace_range(range, &properties.xml());
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: &str = "<w:pPr><w:keepNext/></w:pPr>";

    #[test]
    fn properties_that_keep_are_known() {
        assert!(keeps("<w:pPr><w:pStyle w:val=\"a\"/><w:keepNext/></w:pPr>"));
        assert!(keeps("<w:pPr><w:keepNext w:val=\"1\"/></w:pPr>"));
        assert!(!keeps("<w:pPr><w:keepNext w:val=\"0\"/></w:pPr>"));
        assert!(!keeps("<w:pPr><w:rPr><w:keepNext/></w:rPr></w:pPr>"));
    }

    #[test]
    fn the_last_paragraph_and_empty_ones_after_it_are_kept() {
        let one = "<w:p><w:r><w:t>甲</w:t></w:r></w:p>";
        let two = "<w:p w:x=\"1\"><w:pPr><w:pStyle w:val=\"a\"/><w:jc w:val=\"left\"/></w:pPr><w:r>\
                   <w:t>乙</w:t></w:r></w:p>";
        let kept = two.replace("<w:jc", "<w:keepNext/><w:jc");
        assert_eq!(with_next(&format!("{one}{two}")), format!("{one}{kept}"));
        let empty = "<w:p/><w:p w:x=\"2\" /><w:p></w:p>";
        let filled = format!("<w:p>{KEEP}</w:p><w:p w:x=\"2\">{KEEP}</w:p><w:p>{KEEP}</w:p>");
        assert_eq!(with_next(&format!("{two}{empty}")), format!("{kept}{filled}"));
        assert_eq!(with_next(""), "");
        // A text box is part of its paragraph.
        let boxed = format!("<w:p><w:r><w:pict>{one}</w:pict></w:r></w:p>");
        let outer = boxed.replacen("<w:p>", &format!("<w:p>{KEEP}"), 1);
        assert_eq!(with_next(&format!("{one}{boxed}")), format!("{one}{outer}"));
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
        assert_eq!(with_next(&format!("{table}<w:p/>")), wanted);
        let nested = format!("<w:tbl>{}{inner}</w:tbl>", row(bare));
        let wanted = format!("<w:tbl>{}{}</w:tbl>", row(bare), inner.replace(bare, &kept));
        assert_eq!(with_next(&nested), wanted);
    }
}
