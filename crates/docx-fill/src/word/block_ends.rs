//! Owns determining with which block a text of `WordprocessingML` begins or ends, and the marks of ranges that stand
//! between blocks (`EG_RangeMarkupElements`).
//! Must not know why this is needed.

use crate::opc::xml::begins_with_element;
use crate::slice::TextSlice as _;

/// The paragraph between two tables that Word would join.
pub(crate) const TABLE_GAP: &str = "<w:p/>";

/// Checks whether the last block of a content is a paragraph, ignoring range marks.
pub(crate) fn ends_with_paragraph(content: &str) -> bool {
    let rest = without_range_marks(content);
    // A content control without paragraphs is not a block.
    rest.ends_with("</w:p>")
        || rest.ends_with("</w:sdt>") && !rest.ends_with("<w:sdtContent></w:sdtContent></w:sdt>")
        || rest.ends_with("</w:customXml>")
        || last_empty_element(rest).is_some_and(|(_, name)| name == "w:p")
}

/// Checks whether the last block of a content is a table, ignoring range marks.
pub(crate) fn ends_with_table(content: &str) -> bool {
    without_range_marks(content).ends_with("</w:tbl>")
}

/// Checks whether the first block of a content is a table, ignoring range marks.
pub(crate) fn begins_with_table(content: &str) -> bool {
    begins_with_element(after_range_marks(content), "w:tbl")
}

/// Returns a content without the white space and the range marks at its beginning.
pub(crate) fn after_range_marks(content: &str) -> &str {
    let mut rest = content.trim_start();
    loop {
        let name = rest.strip_prefix('<').and_then(|tag| tag.split([' ', '/', '>']).next());
        match (name, rest.find("/>")) {
            (Some(name), Some(end)) if is_skipped(name) => {
                rest = rest.slice(end + 2..).trim_start();
            }
            _ => return rest,
        }
    }
}

/// Returns a content without the white space and the range marks at its end.
pub(crate) fn without_range_marks(content: &str) -> &str {
    let mut rest = content.trim_end();
    while let Some((start, name)) = last_empty_element(rest)
        && is_skipped(name)
    {
        rest = rest.slice(..start).trim_end();
    }
    rest
}

/// Returns where the empty element at the end of a content begins, and its name.
fn last_empty_element(content: &str) -> Option<(usize, &str)> {
    let start = content.ends_with("/>").then(|| content.rfind('<'))??;
    Some((start, content.slice(start + 1..).split([' ', '/', '>']).next().unwrap_or_default()))
}

fn is_skipped(name: &str) -> bool {
    name == "w:proofErr" || is_range_mark(name)
}

/// Checks whether an element marks the beginning or the end of a range.
pub(crate) fn is_range_mark(name: &str) -> bool {
    matches!(
        name,
        "w:bookmarkStart"
            | "w:bookmarkEnd"
            | "w:commentRangeStart"
            | "w:commentRangeEnd"
            | "w:permStart"
            | "w:permEnd"
            | "w:moveFromRangeStart"
            | "w:moveFromRangeEnd"
            | "w:moveToRangeStart"
            | "w:moveToRangeEnd"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_block_is_found_behind_marks() {
        assert!(ends_with_paragraph("<w:p></w:p>"));
        assert!(ends_with_paragraph("<w:p/>\n<w:bookmarkEnd w:id=\"1\"/>"));
        assert!(!ends_with_paragraph("<w:tbl></w:tbl>"));
        assert!(!ends_with_paragraph("</w:tbl><w:bookmarkEnd w:id=\"1\"/>"));
        assert!(!ends_with_paragraph(""));
        assert!(
            ends_with_table("</w:tbl> <w:bookmarkEnd w:id=\"1\"/>") && !ends_with_table("<w:p/>")
        );
    }

    #[test]
    fn the_first_block_is_found_behind_marks() {
        let marks = "\n<w:bookmarkStart w:id=\"1\"/><w:proofErr/> ";
        assert!(begins_with_table(&format!("{marks}<w:tbl xmlns:q=\"urn:q\">")));
        assert!(!begins_with_table(&format!("{marks}<w:tblPr/>")) && !begins_with_table("<w:p/>"));
        assert_eq!(after_range_marks(marks), "");
    }
}
