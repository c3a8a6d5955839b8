//! Proves the law of blocks of random documents: a block around any mix of things gives a document in which every identifier
//! is unique, every range has both ends and every reference its target, and whose text is that of the turns one after the
//! other.

use crate::integrity::{Parts, elements, faults, relationships};
use crate::support::engine::try_fill;
use crate::support::random::Random;
use crate::support::random_template::{RandomTemplate, data, rows};
use crate::support::{Docx, part, parts, text_of};
use docx_fill::diag::Severity;
use docx_fill::template::RenderOptions;
use serde_json::Value;
use std::collections::BTreeSet;

fn filled(docx: &Docx, rows: &[Value]) -> (Parts, Vec<String>) {
    let (out, findings) = try_fill(docx, &data(rows), &RenderOptions::default());
    let errors: Vec<_> = findings.iter().filter(|found| found.0 == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let warnings = findings.into_iter().map(|found| found.1).collect();
    (parts(&out.expect("filled")), warnings)
}

/// The texts of the document, and those of its notes, comments and headers in the order of their references.
fn texts(parts: &Parts) -> Vec<String> {
    let document = part(parts, "word/document.xml");
    let mut found = text_of(document);
    for (reference, file, note) in [
        ("w:footnoteReference", "footnotes", "w:footnote"),
        ("w:endnoteReference", "endnotes", "w:endnote"),
        ("w:commentReference", "comments", "w:comment"),
    ] {
        let notes = elements(part(parts, &format!("word/{file}.xml")));
        for one in elements(document).iter().filter(|element| element.name == reference) {
            let id = one.get("w:id");
            let own =
                notes.iter().find(|element| element.name == note && element.get("w:id") == id);
            found.push(own.map(|note| note.text.clone()).unwrap_or_default());
        }
    }
    let targets = relationships(parts, "word/document.xml");
    // The section behind the block ends every turn, with the one header that it has.
    let named = elements(document);
    let named = named.iter().filter(|element| element.name == "w:headerReference");
    let headers: BTreeSet<&str> = named
        .map(|one| targets[one.get("r:id")].get("Target").trim_start_matches("/word/"))
        .collect();
    for target in headers {
        found.extend(text_of(part(parts, &format!("word/{target}"))));
    }
    found
}

#[test]
fn blocks_around_any_mix_of_valid_parts_keep_every_identifier_and_text() {
    let rows = rows();
    let mut random = Random(0x5DEE_CE66_D1CE_4E5B);
    let (mut compared, mut moved) = (0, 0);
    for _ in 0..1500 {
        let RandomTemplate { docx, content, is_loop, is_cut, hidden } =
            RandomTemplate::new(&mut random);
        let (whole, warnings) = filled(&docx, &rows);
        let found: Vec<String> =
            faults(&whole).into_iter().filter(|fault| missing_bookmark(fault).is_none()).collect();
        assert_eq!(
            found,
            Vec::<String>::new(),
            "{content}\n\n{}",
            part(&whole, "word/document.xml")
        );
        let (full, _) = filled(&docx, &[rows[0].clone(), rows[2].clone()]);
        let is_hidden = |name: &str| hidden.iter().any(|hidden| hidden == name);
        let wrong = |fault: &String| missing_bookmark(fault).is_none_or(|name| !is_hidden(name));
        let found: Vec<String> = faults(&full).into_iter().filter(wrong).collect();
        assert_eq!(
            found,
            Vec::<String>::new(),
            "{content}\n\n{}",
            part(&full, "word/document.xml")
        );
        moved += usize::from(is_cut || !warnings.is_empty());
        if !is_loop {
            continue;
        }
        // The text of the turns, each filled by itself.
        compared += 1;
        let single: Vec<Vec<String>> =
            rows.iter().map(|row| texts(&filled(&docx, std::slice::from_ref(row)).0)).collect();
        let mut expected: Vec<String> = single.into_iter().flatten().collect();
        let outside = texts(&filled(&docx, &[]).0);
        let mut shown = texts(&whole);
        // What stands outside of the block is in each of them.
        for _ in 1..rows.len() {
            shown.extend(outside.iter().cloned());
        }
        shown.sort();
        expected.sort();
        // Empty paragraphs keep the tables of turns apart, and end the sections of turns.
        let filled_from = |texts: &[String]| texts.partition_point(String::is_empty);
        let (empty, least) = (filled_from(&shown), filled_from(&expected));
        assert!(empty >= least, "{empty} {least} {content}");
        assert_eq!(shown[empty..], expected[least..], "{content}");
        let may_add = content.contains("<w:tbl>") || content.contains("<w:sectPr>");
        assert!(empty == least || may_add, "{content}");
    }
    assert!(compared > 800 && moved > 300, "{compared} {moved}");
}

/// The bookmark of the template that a reference misses, as where data leaves it out.
fn missing_bookmark(fault: &str) -> Option<&str> {
    fault.strip_prefix("no bookmark ")?.split('_').next()
}
