//! Certain changes mend a template, and findings become comments in it.

use super::*;

#[test]
fn certain_damage_is_mended_and_the_rest_is_left_alone() {
    let before = official("2021");
    let damaged = changed(&before, DOCUMENT, |xml| {
        let xml = replaced(
            xml,
            "{{fit disclosure.regulations.issued 19}}",
            "｛｛fit disclosure.regulations.issued 19｝｝",
        );
        let xml = replaced(&xml, ">（一）予以公开<", ">(一)予以公开<");
        let xml = xml.replace("<w:tblHeader/>", "");
        let row = around(&xml, "w:tr", ">行政许可<");
        let bare = row.replacen(
            "<w:trPr><w:cantSplit/><w:trHeight w:val=\"425\" w:hRule=\"atLeast\"/></w:trPr>",
            "",
            1,
        );
        let xml = replaced(&xml, row, &bare);
        let text = around(&xml, "w:r", "{{markdown text.overview}}");
        let theme = "<w:rFonts w:hint=\"eastAsia\" w:asciiTheme=\"minorHAnsi\" w:eastAsiaTheme=\"minorEastAsia\"/>";
        replaced(&xml, text, &text.replace("<w:rFonts w:hint=\"eastAsia\"/>", theme))
    });
    let mended = mend(&damaged);
    let found = check(&mended.bytes, None);
    assert!(found.found.is_empty(), "{}", found.shown());
    let package = Package::open(damaged.as_slice(), &PackageLimits::default()).expect("a document");
    for name in package.part_names().filter(|name| *name != DOCUMENT) {
        assert_eq!(part(&damaged, name), part(&mended.bytes, name), "{name}");
    }
    let xml = part(&mended.bytes, DOCUMENT);
    assert!(xml.contains(
        "<w:rFonts w:hint=\"eastAsia\" w:ascii=\"Times New Roman\" w:eastAsia=\"仿宋_GB2312\"/>"
    ));
    let shown = mended.format_changes(&found.sources, Lang::Zh);
    assert_eq!(shown.lines().count(), mended.changes.len());
    assert!(shown.contains("第 1 个表格第 3 行第 2 格"), "{shown}");
    // What is whole is not touched.
    let against = InspectOptions { form: None, library: FormRegistry::built_in() };
    let again =
        inspect::fix_template(&mended.bytes, found.source, &ParseOptions::default(), &against);
    assert!(again.expect("readable").is_none());
}

#[test]
fn findings_become_comments_at_their_paragraphs() {
    let damaged = changed(&official("2021"), DOCUMENT, |xml| {
        let xml = replaced(xml, ">行政强制<", ">行政强制 &amp; 措施<");
        let xml = replaced(&xml, "w:top=\"2098\"", "w:top=\"1440\"");
        replaced(
            &xml,
            "{{fit review.reconsideration.upheld 5}}",
            "{{fit review.reconsideration.upheld 5",
        )
    });
    let found = check(&damaged, None);
    assert_eq!(found.found.len(), 4, "{}", found.shown());
    let package = Package::open(damaged.as_slice(), &PackageLimits::default()).expect("a document");
    let comment = |package: &Package| {
        let copy = inspect::annotated_copy(package, &found.found, &found.sources, Lang::Zh);
        copy.expect("written").expect("paragraphs")
    };
    let copy = comment(&package);
    let (xml, comments) = (part(&copy, DOCUMENT), part(&copy, "word/comments.xml"));
    assert_eq!(comments.matches("<w:comment ").count(), 4);
    let cell = around(&xml, "w:tc", "行政强制 &amp; 措施");
    assert!(
        cell.contains("<w:commentRangeStart") && cell.contains("<w:commentReference"),
        "{cell}"
    );
    let types = part(&copy, "[Content_Types].xml");
    assert_eq!(types.matches("comments+xml").count(), 1);
    assert!(part(&copy, "word/_rels/document.xml.rels").contains("relationships/comments"));
    // The copy is a document again; its comments are findings then, and more can be added.
    let copied = Package::open(copy.as_slice(), &PackageLimits::default()).expect("a document");
    let twice = comment(&copied);
    assert_eq!(part(&twice, "word/comments.xml").matches("<w:comment ").count(), 8);
    assert_eq!(part(&twice, "[Content_Types].xml").matches("comments+xml").count(), 1);
    assert!(check(&twice, None).all().iter().any(|(rule, ..)| *rule == "comment-left"));
}
