//! Proves the law of blocks of random documents: a block around any mix of things gives a document in which every identifier
//! is unique, every range has both ends and every reference its target, and whose text is that of the turns one after the
//! other.

use crate::integrity::{Element, Parts, elements, faults, relationships};
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

/// The texts of a part, and those of the charts that it shows.
fn texts_of_part(parts: &Parts, name: &str) -> Vec<String> {
    let text = part(parts, name);
    let mut found = text_of(text);
    let charts: Vec<Element> =
        elements(text).into_iter().filter(|element| element.name == "c:chart").collect();
    if !charts.is_empty() {
        let targets = relationships(parts, name);
        for chart in charts {
            let target = targets[chart.get("r:id")].get("Target").trim_start_matches("/word/");
            let title = elements(part(parts, &format!("word/{target}")));
            found.extend(title.into_iter().find(|one| one.name == "a:t").map(|one| one.text));
        }
    }
    found
}

/// The texts of the document, and those of its notes, comments and headers in the order of their references.
fn texts(parts: &Parts) -> Vec<String> {
    let document = part(parts, "word/document.xml");
    let mut found = texts_of_part(parts, "word/document.xml");
    for (reference, file, note) in [
        ("w:footnoteReference", "footnotes", "w:footnote"),
        ("w:endnoteReference", "endnotes", "w:endnote"),
        ("w:commentReference", "comments", "w:comment"),
    ] {
        let notes = elements(part(parts, &format!("word/{file}.xml")));
        for one in elements(document).iter().filter(|element| element.name == reference) {
            let id = one.get("w:id");
            let start = notes.iter().position(|one| one.name == note && one.get("w:id") == id);
            let within = notes.iter().skip(start.expect("a note") + 1);
            let within = within.take_while(|element| element.name != note);
            let shown = within.filter(|element| element.name == "w:t");
            found.push(shown.map(|element| element.text.as_str()).collect());
        }
    }
    let targets = relationships(parts, "word/document.xml");
    // The section behind the block ends every turn, with the one header that it has.
    let named = elements(document);
    let named = named.iter().filter(|element| {
        matches!(element.name.as_str(), "w:headerReference" | "w:footerReference")
    });
    let headers: BTreeSet<&str> = named
        .map(|one| targets[one.get("r:id")].get("Target").trim_start_matches("/word/"))
        .collect();
    for target in headers {
        found.extend(texts_of_part(parts, &format!("word/{target}")));
    }
    found
}

/// The number in a variable of the environment, as to look for rare faults: `LAW_ROUNDS`, `LAW_SEED`.
fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |value| value.parse().expect("a number"))
}

/// Fails if a template, filled with these rows, has a fault of which nothing was said, or one that no data explain. Returns
/// the filled document, and whether something was told.
fn check_references(
    template: &RandomTemplate,
    rows: &[Value],
    hidden: Option<&[String]>,
) -> (Parts, bool) {
    let (parts, warnings) = filled(&template.docx, rows);
    let all = faults(&parts);
    let is_allowed = |fault: &String| {
        let missing = missing_bookmark(fault);
        missing.is_some_and(|name| hidden.is_none_or(|hidden| hidden.iter().any(|one| one == name)))
    };
    let (missed, wrong): (Vec<_>, Vec<_>) = all.into_iter().partition(is_allowed);
    let shown = || format!("{}\n\n{}", template.content, part(&parts, "word/document.xml"));
    assert_eq!(wrong, Vec::<String>::new(), "{}", shown());
    // A reference that leads nowhere is told.
    let is_told = warnings.iter().any(|rule| rule == "reference-target");
    assert!(missed.is_empty() || is_told, "{missed:?} {}", shown());
    (parts, !warnings.is_empty())
}

/// Fails if the text of all rows is not that of each row, one after the other.
fn check_texts(template: &RandomTemplate, rows: &[Value], whole: &Parts) {
    let RandomTemplate { docx, content, .. } = template;
    let single: Vec<Vec<String>> =
        rows.iter().map(|row| texts(&filled(docx, std::slice::from_ref(row)).0)).collect();
    let mut expected: Vec<String> = single.into_iter().flatten().collect();
    let outside = texts(&filled(docx, &[]).0);
    let mut shown = texts(whole);
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

#[test]
fn blocks_around_anything_keep_every_identifier_and_text() {
    let rows = rows();
    let rounds = setting("LAW_ROUNDS", 1500);
    let mut random = Random(setting("LAW_SEED", 0x5DEE_CE66_D1CE_4E5B).max(1));
    let (mut compared, mut moved, mut sections) = (0, 0, 0);
    for _ in 0..rounds {
        let template = RandomTemplate::new(&mut random);
        let (whole, is_told) = check_references(&template, &rows, None);
        check_references(&template, &[rows[0].clone(), rows[2].clone()], Some(&template.hidden));
        moved += u64::from(template.is_cut || is_told);
        if template.is_loop {
            compared += 1;
            sections += u64::from(template.content.matches("<w:sectPr>").count() > 1);
            check_texts(&template, &rows, &whole);
        }
    }
    let enough = compared * 2 > rounds && moved * 5 > rounds && sections * 10 > rounds;
    // A few rounds may have too few of a kind by chance.
    assert!(enough || rounds < 300, "{compared} {moved} {sections} of {rounds}");
}

/// The bookmark of the template that a reference misses, as where data leaves it out.
fn missing_bookmark(fault: &str) -> Option<&str> {
    fault.strip_prefix("no bookmark ")?.split('_').next()
}
