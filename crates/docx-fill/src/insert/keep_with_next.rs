//! Owns keeping the end of inserted content on the page of the following paragraph (`w:keepNext`).
//! Must not know what is inserted.

use crate::slice::{TextEdit as _, TextSlice as _};
use crate::word::properties::{Properties, child_elements};
use crate::word::xml_tree::XmlTree;
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
struct TopLevelParagraph {
    range: Range<usize>,
    /// End of its start tag; `None` if it is an empty element.
    tag_end: Option<usize>,
    properties: Option<Range<usize>>,
    has_content: bool,
    /// Element of the enclosing table row; rows of nested tables count as part of the outer one.
    row: Option<usize>,
}

fn top_level_paragraphs(text: &str) -> Vec<TopLevelParagraph> {
    // Several documents, each within the limits, may be inserted at one place.
    let Ok(tree) = XmlTree::read(&format!("<w:body>{text}</w:body>"), "") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let (mut at, mut row) = (1, None);
    while let Some(element) = tree.elements.get(at) {
        row = row.filter(|row: &usize| at < tree.elements[*row].end);
        match element.name.as_str() {
            "w:tr" => row = row.or(Some(at)),
            "w:p" => {
                found.push(TopLevelParagraph::read(&tree, at, row));
                at = element.end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

impl TopLevelParagraph {
    fn read(tree: &XmlTree, at: usize, row: Option<usize>) -> TopLevelParagraph {
        let paragraph = &tree.elements[at];
        let outer = "<w:body>".len();
        let within = |range: &Range<usize>| range.start - outer..range.end - outer;
        let shows = |at: usize| {
            let element = &tree.elements[at];
            !element.text.trim().is_empty() || is_picture_element(&element.name)
        };
        let properties = tree.child(at, "w:pPr");
        TopLevelParagraph {
            range: within(&paragraph.range),
            tag_end: (!paragraph.is_empty()).then(|| paragraph.tag.end - outer),
            properties: properties.map(|at| within(&tree.elements[at].range)),
            has_content: tree.descendants(at).any(shows),
            row,
        }
    }
}

fn is_picture_element(name: &str) -> bool {
    matches!(name, "w:drawing" | "w:pict" | "w:object")
}

/// Sets `w:keepNext` on a paragraph.
fn set_keep_next(text: &mut String, paragraph: &TopLevelParagraph) {
    const KEEP: &str = "<w:keepNext/>";
    let Some(tag_end) = paragraph.tag_end else {
        let tag = text.slice(paragraph.range.clone()).trim_end_matches("/>").trim_end().to_owned();
        let whole = format!("{tag}><w:pPr>{KEEP}</w:pPr></w:p>");
        text.replace_text(paragraph.range.clone(), &whole);
        return;
    };
    let range = paragraph.properties.clone().unwrap_or(tag_end..tag_end);
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
