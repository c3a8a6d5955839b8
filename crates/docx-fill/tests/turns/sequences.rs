//! Proves that sequences which begin anew after headings count over turns, and that what only Word knows is marked.

use crate::support::engine::{data, fill};
use crate::support::{Docx, attribute_values, check_well_formed, paragraph, part, text_of};

/// Styles of headings, one of them based on another, and one with an outline level.
fn document(content: &str) -> Docx {
    let namespace = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    let style = |id: &str, name: &str, more: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>{more}</w:style>"
        )
    };
    let styles = [
        style("1", "heading 1", ""),
        style("2", "Heading 2", "<w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr>"),
        style("3", "heading 3", ""),
        style("Own", "章", "<w:basedOn w:val=\"1\"/>"),
        style("Level", "节", "<w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr>"),
        style("Plain", "正文", ""),
    ];
    let mut docx = Docx::new(content);
    docx.add_relationship("styles", "styles.xml", false);
    docx.type_of("word/styles.xml", "styles+xml");
    docx.add("word/styles.xml", &format!("<w:styles {namespace}>{}</w:styles>", styles.concat()));
    docx
}

fn each(content: &str) -> String {
    format!("{}{content}{}", paragraph("{{#each rows}}"), paragraph("{{/each}}"))
}

fn styled(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// A field alone in its paragraph.
fn caption(code: &str) -> String {
    format!("<w:p><w:fldSimple w:instr=\" {code} \"><w:r><w:t>9</w:t></w:r></w:fldSimple></w:p>")
}

/// The texts of the paragraphs that are not empty, and the number of fields that are marked.
fn shown(content: &str) -> (String, usize) {
    let parts = fill(&document(content), &data());
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    let marked = attribute_values(document, "w:fldSimple", "w:dirty").len();
    let texts: Vec<String> =
        text_of(document).into_iter().filter(|text| !text.is_empty()).collect();
    (texts.join(" "), marked)
}

#[test]
fn sequences_begin_anew_after_headings_of_their_level() {
    let figure = caption("SEQ 图 \\* ARABIC \\s 1");
    let of = |content: &str| shown(content);
    // A heading in each turn, and fields before, in and behind the block.
    let turn = styled("1", "{{n}}") + &figure + &figure;
    let content = figure.clone() + &each(&turn) + &figure;
    assert_eq!(of(&content), ("1 甲 1 2 乙 1 2 丙 1 2 3".to_owned(), 0));
    // One heading before all turns; styles of lower headings and other texts count on.
    let turn = styled("2", "二") + &styled("Plain", "三") + &figure;
    let content = styled("1", "一") + &each(&turn);
    assert_eq!(of(&content), ("一 二 三 1 二 三 2 二 三 3".to_owned(), 0));
    // No heading at all.
    assert_eq!(of(&each(&figure)), ("1 2 3".to_owned(), 0));
    // A heading that a condition leaves out, with fields outside of all blocks.
    let gone = paragraph("{{#if no}}") + &styled("1", "无") + &paragraph("{{/if}}");
    let kept = paragraph("{{#if yes}}") + &styled("1", "有") + &paragraph("{{/if}}");
    let content = [&styled("1", "始"), &figure, &gone, &figure, &kept, &figure];
    assert_eq!(of(&content.map(String::as_str).concat()), ("始 1 2 有 1".to_owned(), 0));
}

#[test]
fn sequences_of_other_levels_and_switches_count_by_themselves() {
    let (first, second) = (caption("SEQ a \\s 1"), caption("SEQ b \\s 2"));
    let (plain, again) = (caption("SEQ c"), caption("SEQ a \\c"));
    let turn = [styled("1", "一"), styled("2", "二"), first, second, again, plain].concat();
    let content = each(&(turn + &styled("2", "三") + &caption("SEQ b \\s 2")));
    let told = "一 二 1 1 1 1 三 1 一 二 1 1 1 2 三 1 一 二 1 1 1 3 三 1";
    assert_eq!(shown(&content), (told.to_owned(), 0));
    // The first turn's number is shown again behind a heading: only Word knows which.
    let turn = caption("SEQ a \\s 1") + &styled("1", "一") + &caption("SEQ a \\c");
    assert_eq!(shown(&each(&turn)), ("1 一 9 1 一 9 1 一 9".to_owned(), 3));
}

#[test]
fn what_only_word_knows_of_headings_is_marked() {
    let figure = caption("SEQ 图 \\s 2");
    // A higher heading alone; from the next one of the level on the number is known again.
    let turn = styled("1", "一") + &figure + &styled("2", "二") + &figure;
    assert_eq!(shown(&each(&turn)), ("一 1 二 1 一 9 二 1 一 9 二 1".to_owned(), 2));
    let one = |heading: &str| {
        let figure = caption("SEQ 图 \\s 1");
        shown(&(figure.clone() + heading + &each(&figure)))
    };
    let outline = "<w:p><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr><w:r><w:t>一</w:t></w:r></w:p>";
    let own_outline = styled("1", "一").replace("</w:pPr>", "<w:outlineLvl w:val=\"3\"/></w:pPr>");
    for heading in [
        styled("Own", "一"),
        styled("Level", "一"),
        styled("nowhere", "一"),
        outline.to_owned(),
        own_outline,
    ] {
        assert_eq!(one(&heading), ("1 一 9 9 9".to_owned(), 3), "{heading}");
    }
    // An empty one, and one with the field itself.
    assert_eq!(one(&styled("1", "")), ("1 9 9 9".to_owned(), 3));
    let inside = "<w:p><w:pPr><w:pStyle w:val=\"1\"/></w:pPr><w:r><w:t>一</w:t></w:r>\
                  <w:fldSimple w:instr=\"SEQ 图 \\s 1\"><w:r><w:t>9</w:t></w:r></w:fldSimple></w:p>";
    assert_eq!(one(inside), ("1 一9 9 9 9".to_owned(), 4));
    // What was a heading before a tracked change is none.
    let former = "<w:p><w:pPr><w:pPrChange w:id=\"1\" w:author=\"a\"><w:pPr><w:pStyle w:val=\"1\"/></w:pPr>\
                  </w:pPrChange></w:pPr><w:r><w:t>一</w:t></w:r></w:p>";
    assert_eq!(one(former), ("1 一 2 3 4".to_owned(), 0));
    // Fields of one sequence that do not agree.
    for other in ["SEQ 图", "SEQ 图 \\s 2", "SEQ 图 \\s 1 \\r 4", "SEQ 图 \\s"] {
        let content = each(&(styled("1", "一") + &caption("SEQ 图 \\s 1") + &caption(other)));
        assert_eq!(shown(&content), ("一 9 9 一 9 9 一 9 9".to_owned(), 6), "{other}");
    }
}

#[test]
fn the_heading_that_a_caption_names_is_marked() {
    let turn = styled("1", "{{n}}") + &caption("STYLEREF 1 \\s");
    assert_eq!(shown(&each(&turn)), ("甲 9 乙 9 丙 9".to_owned(), 3));
    // Without blocks it is as Word left it, and so is one that is locked.
    let plain = styled("1", "{{year}}") + &caption("STYLEREF 1 \\s");
    assert_eq!(shown(&plain), ("2025 9".to_owned(), 0));
    let locked = caption("STYLEREF 1").replace("<w:fldSimple", "<w:fldSimple w:fldLock=\"1\"");
    assert_eq!(shown(&each(&locked)), ("9 9 9".to_owned(), 0));
}
