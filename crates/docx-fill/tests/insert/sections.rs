//! Proves that sections around inserted pages in landscape orientation go on behind them.

use super::{Docx, attribute_values, ending, files, filled, json, page, paragraph, part};

#[test]
fn the_end_of_a_continued_section_may_be_an_insertion_too() {
    let wide = [ending("横", &page(20, 10, "")), paragraph("末")].concat();
    let files = files(&[
        ("wide.docx", Docx::new(&wide).bytes()),
        ("plain.docx", Docx::new(&paragraph("平")).bytes()),
    ]);
    let own = page(10, 20, "<w:pgNumType w:start=\"1\"/>");
    let last = ending("{{document b}}", &format!("{own}<w:jc w:val=\"left\"/>"));
    let host = Docx::new(&[paragraph("{{document a}}"), last, paragraph("后")].concat());
    for (second, sizes, starts) in [
        // The pages before the wide ones, the wide ones, those after, the last section of the host.
        ("plain.docx", ["10", "20", "10", "11906"].as_slice(), 1),
        ("wide.docx", &["10", "20", "10", "20", "10", "11906"], 1),
    ] {
        let parts = filled(&host, &json!({"a": "wide.docx", "b": second}), &files);
        let document = part(&parts, "word/document.xml");
        assert_eq!(attribute_values(document, "w:pgSz", "w:w"), sizes, "{document}");
        // Only the first piece of a section restarts its page numbers.
        assert_eq!(document.matches("w:start=").count(), starts, "{document}");
        assert_eq!(document.matches("<w:jc w:val=\"left\"/>").count(), 1, "{document}");
        assert!(document.ends_with("</w:sectPr></w:body></w:document>"), "{document}");
    }
}
