//! References to bookmarks in blocks, at rest and in a filled document.

use super::*;

/// A reference to a bookmark in a block is told: as a remark at rest, as a warning once it leads nowhere.
#[test]
fn a_reference_to_a_bookmark_in_a_block_is_told() {
    let mark = |content: &str| {
        format!(
            "<w:p><w:bookmarkStart w:id=\"1\" w:name=\"图一\"/>{content}<w:bookmarkEnd w:id=\"1\"/></w:p>"
        )
    };
    let [open, close] = ["{{#if 有图}}", "{{/if}}"].map(paragraph);
    let reference =
        "<w:p><w:fldSimple w:instr=\" PAGEREF 图一 \"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>";
    let figure = mark("<w:r><w:t>图</w:t></w:r>");
    let letter = Docx::new(&format!("{open}{figure}{close}{reference}")).bytes();
    let found = check(&letter, None).found;
    let at_rest: Vec<_> = found.iter().filter(|found| found.rule == "reference-target").collect();
    assert_eq!(at_rest.len(), 1, "{found:?}");
    assert_eq!(at_rest[0].severity, Severity::Info);
    let template = docx_fill::Engine::new().template(letter).expect("a template");
    let rules = |shown: bool| -> Vec<String> {
        let made = template.render(&serde_json::json!({ "有图": shown })).expect("a document");
        made.warnings.iter().map(|found| found.rule.to_string()).collect()
    };
    assert_eq!(rules(false), ["reference-target"]);
    assert!(rules(true).is_empty());
    // With the same condition there is nothing to say.
    let letter = Docx::new(&format!("{open}{figure}{close}{open}{reference}{close}")).bytes();
    assert!(check(&letter, None).found.iter().all(|found| found.rule != "reference-target"));
}
