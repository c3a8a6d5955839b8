//! Proves that what a content control stores is what it shows, in every turn.

use crate::integrity::faults;
use crate::support::engine::{fill, try_fill};
use crate::support::{Docx, attribute_values, paragraph, part};
use docx_fill::diag::Severity;
use docx_fill::template::RenderOptions;
use serde_json::json;

fn control(properties: &str, text: &str) -> String {
    format!(
        "<w:p><w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent><w:r><w:rPr><w:rStyle \
         w:val=\"PlaceholderText\"/></w:rPr><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )
}

#[test]
fn controls_store_what_they_show_in_every_turn() {
    let content = [
        paragraph("{{#each rows}}"),
        control("<w:date w:fullDate=\"2020-01-01T00:00:00Z\"/><w:id w:val=\"1\"/>", "{{d}}"),
        control(
            "<w:showingPlcHdr/><w:dropDownList w:lastValue=\"1\"><w:listItem w:displayText=\"甲\" w:value=\"1\"/>\
             <w:listItem w:displayText=\"乙\" w:value=\"2\"/></w:dropDownList>",
            "{{c}}",
        ),
        control(
            "<w14:checkbox><w14:checked w14:val=\"0\"/></w14:checkbox>",
            "{{#if y}}☒{{else}}☐{{/if}}",
        ),
        paragraph("{{/each}}"),
        control("<w:date w:fullDate=\"2020-01-01T00:00:00Z\"/>", "2020-01-01"),
    ];
    let docx = Docx::new(&content.concat());
    let data = json!({"rows": [{"d": "2026年3月5日", "c": "乙", "y": true}, {"d": "?", "c": "甲", "y": false}]});
    let parts = fill(&docx, &data);
    assert_eq!(faults(&parts), Vec::<String>::new());
    let document = part(&parts, "word/document.xml");
    let dates = attribute_values(document, "w:date", "w:fullDate");
    assert_eq!(dates, ["2026-03-05T00:00:00Z", "2020-01-01T00:00:00Z"]);
    assert_eq!(attribute_values(document, "w:dropDownList", "w:lastValue"), ["2", "1"]);
    assert_eq!(attribute_values(document, "w14:checked", "w14:val"), ["1", "0"]);
    assert!(!document.contains("showingPlcHdr"));
    // Only where a placeholder was shown is its look taken away.
    assert_eq!(attribute_values(document, "w:rStyle", "w:val").len(), 5);
}

#[test]
fn a_choice_that_the_list_does_not_have_is_told() {
    let list = "<w:dropDownList w:lastValue=\"1\"><w:listItem w:displayText=\"甲\" w:value=\"1\"/></w:dropDownList>";
    let docx = Docx::new(&control(list, "{{c}}"));
    let (out, findings) = try_fill(&docx, &json!({"c": "丙"}), &RenderOptions::default());
    let parts = crate::support::parts(&out.unwrap());
    assert!(part(&parts, "word/document.xml").contains("<w:dropDownList><w:listItem"));
    assert_eq!(findings.len(), 1);
    let (severity, rule, place, message) = &findings[0];
    assert_eq!(
        (*severity, rule.as_str(), place.paragraph),
        (Severity::Warning, "control-value", 1)
    );
    assert!(message.contains("丙") && message.contains("甲"), "{message}");
}
