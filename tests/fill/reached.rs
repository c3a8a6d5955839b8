//! Values that no tag can reach are passed over while JSON is read, and whatever is wrong with them is told.

use super::{filled, folder, run};

const ROWS: [&str; 2] = ["{{title}}", "{{#each rows}}{{name}};{{/each}}"];

/// What is said about data that is filled in, which has to fail.
fn told(paragraphs: &[&str], data: &str) -> String {
    let dir = folder(paragraphs, "a.json", data.as_bytes());
    let ran = run(dir.path(), &["fill", "t.docx", "a.json", "-o", "out.docx", "--lang", "en"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(!dir.path().join("out.docx").exists());
    ran.stdout + &ran.stderr
}

#[test]
fn what_is_wrong_with_values_out_of_reach_is_told() {
    let around = |value: &str| {
        format!(
            "{{\"title\": \"清单\", \"rows\": [{{\"name\": \"甲\"}}],\n\"archive\": [{value}]}}"
        )
    };
    assert_eq!(filled(&ROWS, "a.json", around("{\"x\": [1, 2.50]}").as_bytes()), "清单\n甲;\n");
    for (value, words) in [
        ("{\"x\": 1, \"x\": 2}", "a.json:2:22"),
        ("{\"x\": 1,}", "a.json:2:"),
        ("01", "a.json:2:"),
        ("NaN", "a.json:2:"),
        ("\"\u{1}\"", "U+0001"),
        ("\"\\ud800\"", "a.json:2:"),
        (&"[".repeat(70), "a.json:2:"),
    ] {
        let told = told(&ROWS, &around(value));
        assert!(told.contains(words), "{value}: {told}");
    }
    // A template with a fault of its own keeps nothing from being told.
    let told = told(&["{{#each rows}}"], &around("{\"x\": 1,}"));
    assert!(told.contains("a.json:2:") && told.contains("t.docx"), "{told}");
}

#[test]
fn names_out_of_reach_are_known_to_messages() {
    let data = "{\"titel\": {\"x\": 1}, \"rows\": [{\"nam\": \"甲\"}], \"archive\": [1]}";
    let told = told(&ROWS, data);
    assert!(told.contains("“titel”") && told.contains("“nam”"), "{told}");
    let told = self::told(&["{{zzz}}"], "{\"archive\": [1], \"rows\": {\"a\": 1}}");
    assert!(told.contains("archive") && told.contains("rows"), "{told}");
}

#[test]
fn whatever_a_tag_may_reach_is_there() {
    let data = "{\"rows\": [{\"name\": \"甲\"}], \"deep\": {\"rows\": [1, 2], \"other\": 3}, \"key\": \"deep\"}";
    let shown = |tags: &str| filled(&[tags], "a.json", data.as_bytes());
    assert_eq!(shown("{{deep.rows.[1]}}{{rows.0.name}}"), "2甲\n");
    assert_eq!(shown("{{#with (lookup this key)}}{{other}}{{/with}}"), "3\n");
    assert_eq!(shown("{{#with deep}}{{other}}{{/with}}"), "3\n");
    assert_eq!(shown("{{#each this}}{{@key}} {{/each}}"), "rows deep key \n");
    assert_eq!(shown("{{#each deep}}{{#if @last}}{{this}}{{/if}}{{/each}}"), "3\n");
}

/// A file is read because some value names it, whichever tag shows it in the end.
#[test]
fn files_that_values_out_of_reach_name_are_there() {
    let data = "{\"folder\": \"图\", \"all\": [\"图/a.svg\", \"图/a.png\"]}";
    let dir =
        folder(&["{{image (concat folder \"/a.png\") alt=\"x\"}}"], "a.json", data.as_bytes());
    std::fs::create_dir(dir.path().join("图")).expect("a folder");
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 0, 0, 9, 0, 0, 0, 9, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
    std::fs::write(dir.path().join("图/a.png"), png).expect("written");
    let ran = run(dir.path(), &["fill", "t.docx", "a.json", "-o", "out.docx"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
