//! Letterheads: what takes a report in is known as one, and its slips are found without data.

use super::check;
use super::support::{Docx, paragraph};
use docx_fill::diag::Lang;

/// A letterhead of paragraphs, and what is found: rule and message of each finding.
fn letterhead(paragraphs: &[&str]) -> Vec<(String, String)> {
    let content: String = paragraphs.iter().map(|text| paragraph(text)).collect();
    let found = check(&Docx::new(&content).bytes(), None).found;
    found.iter().map(|f| (f.rule.to_string(), f.message.in_lang(Lang::En))).collect()
}

#[test]
fn letterheads_are_known_and_checked() {
    let rules = |paragraphs: &[&str]| -> Vec<String> {
        letterhead(paragraphs).into_iter().map(|(rule, _)| rule).collect()
    };
    let sound = ["{{letterhead.mark}}", "{{organ.name}}", "{{report}}", "{{#if draft}}草稿{{/if}}"];
    assert_eq!(letterhead(&sound), []);
    assert_eq!(letterhead(&["{{#with letterhead.imprint}}{{copies}}{{/with}}", "{{report}}"]), []);
    assert_eq!(letterhead(&["{{letterhead.mark}}", "{{markdown text.overview}}"]), []);
    let found = letterhead(&["{{organ.nmae}}{{letterhead.numbr}}", "{{report}}"]);
    assert_eq!(found.len(), 2, "{found:?}");
    let told = format!("{found:?}");
    assert!(told.contains("organ.nmae") && told.contains("letterhead.numbr"), "{told}");
    assert_eq!(rules(&["{{letterhead.mark}}"]), ["letterhead"]);
    assert_eq!(rules(&["{{report}}", "{{title}}", "{{report}}"]), ["letterhead"]);
    assert_eq!(rules(&["前{{report}}后"]), ["letterhead"]);
    assert_eq!(rules(&["{{#if draft}}{{report}}{{/if}}"]), Vec::<String>::new());
    // A document with a name of its own beside it is no letterhead.
    assert_eq!(letterhead(&["前{{report}}后", "{{customer}}"]), []);
}
