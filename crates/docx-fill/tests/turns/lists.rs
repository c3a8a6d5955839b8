//! Proves it of numbered lists that only a paragraph style names.

use crate::support::engine::fill;
use crate::support::{Docx, attribute_values, check_well_formed, paragraph, part};
use serde_json::json;

fn document(content: &str) -> String {
    let mut docx = Docx::new(content);
    let namespace = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    docx.add_relationship("styles", "styles.xml", false);
    docx.add(
        "word/styles.xml",
        &format!(
            "<w:styles {namespace}><w:style w:type=\"paragraph\" w:styleId=\"L\"><w:name w:val=\"L\"/>\
             <w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr><w:ind w:left=\"7\"/></w:pPr></w:style>\
             <w:style w:type=\"paragraph\" w:styleId=\"M\"><w:name w:val=\"M\"/><w:basedOn w:val=\"L\"/>\
             </w:style></w:styles>"
        ),
    );
    docx.add_relationship("numbering", "numbering.xml", false);
    let level = |at: u32, style: &str| {
        format!(
            "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/>{style}</w:lvl>"
        )
    };
    docx.add(
        "word/numbering.xml",
        &format!(
            "<w:numbering {namespace}><w:abstractNum w:abstractNumId=\"0\">{}{}</w:abstractNum>\
             <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>",
            level(0, ""),
            level(1, "<w:pStyle w:val=\"L\"/>")
        ),
    );
    let data = json!({"rows": [{"m": ["a", "b"]}, {"m": []}, {"m": ["c"]}]});
    let parts = fill(&docx, &data);
    let found = part(&parts, "word/document.xml");
    check_well_formed(found);
    found.to_owned()
}

fn listed(style: &str, more: &str, text: &str) -> String {
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{more}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
    )
}

#[test]
fn a_list_of_a_style_restarts_in_every_turn() {
    let items = format!(
        "{}{}{}",
        paragraph("{{#each m}}"),
        listed("M", "", "{{this}}"),
        paragraph("{{/each}}")
    );
    let content = [paragraph("{{#each rows}}"), paragraph("x"), items, paragraph("{{/each}}")];
    let found = document(&content.concat());
    // The first turn has the list of the style; the others name a new one with the level and indent of the style.
    assert_eq!(attribute_values(&found, "w:numId", "w:val"), ["3"], "{found}");
    let own = "<w:pPr><w:pStyle w:val=\"M\"/><w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"3\"/></w:numPr>\
        <w:ind w:left=\"7\"/></w:pPr>";
    assert!(found.contains(own), "{found}");
    assert_eq!(found.matches("<w:ind ").count(), 1);
}

#[test]
fn what_the_paragraph_says_itself_stays_in_the_order_of_the_schema() {
    let more =
        "<w:keepNext/><w:spacing w:before=\"1\"/><w:ind w:left=\"9\"/><w:jc w:val=\"left\"/>";
    let content = [
        paragraph("{{#each rows}}"),
        paragraph("x"),
        listed("L", more, "y"),
        listed("L", "<w:jc w:val=\"left\"/>", "z"),
        paragraph("{{/each}}"),
    ];
    let found = document(&content.concat());
    let number = "<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"2\"/></w:numPr>";
    let first = more.replacen("<w:spacing", &format!("{number}<w:spacing"), 1);
    assert!(found.contains(&format!("<w:pStyle w:val=\"L\"/>{first}</w:pPr>")), "{found}");
    let second =
        format!("<w:pStyle w:val=\"L\"/>{number}<w:ind w:left=\"7\"/><w:jc w:val=\"left\"/>");
    assert!(found.contains(&second), "{found}");
    // A list that goes on through the turns is left to the style.
    let content = [paragraph("{{#each rows}}"), listed("L", "", "y"), paragraph("{{/each}}")];
    assert!(!document(&content.concat()).contains("numPr"));
}

#[test]
fn a_paragraph_that_names_its_level_keeps_it() {
    let content = |own: &str| {
        [paragraph("{{#each rows}}"), paragraph("x"), listed("L", own, "y"), paragraph("{{/each}}")]
            .concat()
    };
    let level = "<w:ilvl w:val=\"0\"/>";
    let found = document(&content(&format!("<w:numPr>{level}</w:numPr>")));
    assert_eq!(found.matches("<w:numPr>").count(), 3, "{found}");
    assert_eq!(found.matches(level).count(), 3, "{found}");
    for list in [2, 3] {
        let own = format!("<w:numPr>{level}<w:numId w:val=\"{list}\"/></w:numPr>");
        assert_eq!(found.matches(&own).count(), 1, "{found}");
    }
    // Properties without any are none.
    let found = document(&content("<w:numPr/>"));
    let lists = attribute_values(&found, "w:numId", "w:val");
    assert_eq!((lists.len(), found.matches("<w:numPr").count()), (2, 2), "{found}");
}
