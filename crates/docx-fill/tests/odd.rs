//! Proves what odd documents do to tags: merged cells beside rows that come and go, tracked changes within
//! tags, quotes in field codes, content controls that lose their content, fixed rows with partials.

mod support;

use docx_fill::diag::Sink;
use docx_fill::template::{ParseOptions, Partials, RenderOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use support::engine::{data, fill, fill_tolerant, filled};
use support::{Docx, cell, check_well_formed, paragraph, part, row, table, text_of};

const BEGINS: &str = "<w:vMerge w:val=\"restart\"/>";
const GOES_ON: &str = "<w:vMerge/>";

fn merged(properties: &str, text: &str) -> String {
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", paragraph(text))
}

fn run(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

fn deleted(text: &str) -> String {
    format!("<w:del w:id=\"1\" w:author=\"a\"><w:r><w:delText>{text}</w:delText></w:r></w:del>")
}

fn inserted(text: &str) -> String {
    format!("<w:ins w:id=\"2\" w:author=\"a\">{}</w:ins>", run(text))
}

fn document(content: &str, data: &Value) -> String {
    let parts = fill(&Docx::new(content), data);
    let document = part(&parts, "word/document.xml").to_owned();
    check_well_formed(&document);
    document
}

/// Counts how often a merge begins and goes on, and the texts.
fn merges(content: &str) -> (usize, usize, Vec<String>) {
    let out = document(content, &data());
    let texts = text_of(&out).into_iter().filter(|text| !text.is_empty()).collect();
    (out.matches(BEGINS).count(), out.matches(GOES_ON).count(), texts)
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn a_merge_behind_a_loop_grows_with_it() {
    let below = row(&[cell("末"), cell(""), merged(GOES_ON, "")]);
    let repeated = row(&[cell("{{#each rows}}{{n}}"), cell("{{/each}}"), merged(BEGINS, "右")]);
    assert_eq!(
        merges(&table(&[&repeated, &below])),
        (1, 3, texts(&["甲", "右", "乙", "丙", "末"]))
    );
    // Nothing goes on below: each turn has its own cell.
    let alone = row(&[cell("末"), cell(""), cell("")]);
    assert_eq!(merges(&table(&[&repeated, &alone])).0, 3);
}

#[test]
fn a_merged_label_stays_when_its_first_row_goes() {
    for (tags, there) in [
        (("{{#if no}}", "{{/if}}"), false),
        (("{{#if yes}}", "{{/if}}"), true),
        (("{{#unless yes}}", "{{/unless}}"), false),
        (("{{#each none}}", "{{/each}}"), false),
        (("{{#none}}", "{{/none}}"), false),
        (("{{^yes}}", "{{/yes}}"), false),
    ] {
        let first = row(&[merged(BEGINS, "标"), cell(tags.0), cell(&format!("a{}", tags.1))]);
        let second = row(&[merged(GOES_ON, ""), cell("b"), cell("")]);
        let third = row(&[merged(GOES_ON, ""), cell("c"), cell("")]);
        let expected = if there {
            (1, 2, texts(&["标", "a", "b", "c"]))
        } else {
            (1, 1, texts(&["标", "b", "c"]))
        };
        assert_eq!(merges(&table(&[&first, &second, &third])), expected, "{tags:?}");
    }
    // The tags in rows of their own; a block within a loop means something else below.
    let rows = [
        row(&[cell("{{#if no}}"), cell("")]),
        row(&[merged(BEGINS, "标"), cell("a")]),
        row(&[cell("{{/if}}"), cell("")]),
        row(&[merged(GOES_ON, ""), cell("b")]),
    ];
    assert_eq!(merges(&table(&rows.iter().collect::<Vec<_>>())), (1, 0, texts(&["标", "b"])));
    let first = row(&[
        merged(BEGINS, "标"),
        cell("{{#each rows}}{{#if v}}{{n}}"),
        cell("{{/if}}{{/each}}"),
    ]);
    let second = row(&[merged(GOES_ON, ""), cell("合计"), cell("")]);
    assert_eq!(
        merges(&table(&[&first, &second])),
        (1, 3, texts(&["标", "甲", "乙", "丙", "合计"]))
    );
    // A block over two rows, and a merge that ends with the block.
    let first = row(&[merged(BEGINS, "标"), cell("{{#if no}}a"), merged(BEGINS, "内")]);
    let second = row(&[merged(GOES_ON, ""), cell("b"), merged(GOES_ON, "{{/if}}")]);
    let third = row(&[merged(GOES_ON, ""), cell("c"), cell("")]);
    assert_eq!(merges(&table(&[&first, &second, &third])), (1, 0, texts(&["标", "c"])));
}

#[test]
fn deleted_text_has_nothing_to_do_with_tags_that_stay() {
    let changed = format!("{}{}{}{}", run("{{y"), deleted("ae"), inserted("ea"), run("r}}"));
    let out = document(&format!("<w:p>{changed}</w:p>"), &data());
    assert_eq!(text_of(&out), ["2025"]);
    assert!(out.contains("<w:delText>ae</w:delText>"), "{out}");
    // Half of a block, a tag without an end, a block around a value that stays, a name that nobody knows.
    let all = [("{{#each rows}}", ""), ("{{", "}}"), ("{{#if no}}", "{{/if}}"), ("{{gone}}", "")];
    for (before, after) in all {
        let content =
            format!("<w:p>{}{}{}</w:p>", deleted(before), run("{{year}}"), deleted(after));
        let out = document(&content, &data());
        assert_eq!(text_of(&out), ["2025"]);
        assert!(out.contains(&format!("<w:delText>{before}</w:delText>")), "{out}");
    }
    // What was moved counts where it is now.
    let moved = [
        format!("<w:p><w:moveFrom w:id=\"2\">{}</w:moveFrom></w:p>", run("{{#each rows}}")),
        format!("<w:p><w:moveTo w:id=\"3\">{}</w:moveTo></w:p>", run("{{#each rows}}")),
        paragraph("{{n}}"),
        paragraph("{{/each}}"),
    ];
    assert_eq!(filled(&moved.concat(), &data()), ["{{#each rows}}", "甲", "乙", "丙"]);
    // Deleted paragraphs repeat nothing; a tag that is being changed stands alone in its paragraph.
    let whole = |text: &str| format!("<w:p>{}</w:p>", deleted(text));
    let content = [whole("{{#each rows}}"), paragraph("x"), whole("{{/each}}")].concat();
    assert_eq!(filled(&content, &data()).concat(), "x");
    let open = format!("<w:p>{}{}{}</w:p>", run("{{#each r"), deleted("wos"), run("ows}}"));
    assert_eq!(
        filled(&[open, paragraph("{{n}}"), paragraph("{{/each}}")].concat(), &data()),
        ["甲", "乙", "丙"]
    );
}

#[test]
fn values_within_the_quotes_of_a_field_code_are_escaped() {
    let data = json!({"url": "\\\\s\\a \"b\"", "code": "PAGE \\* Arabic", "yes": true});
    let field = |code: &str| {
        format!(
            "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r>\
             <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>{}<w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>",
            run("{{url}}")
        )
    };
    let escaped = r"\\\\s\\a \&quot;b\&quot;";
    let plain = r"\\s\a &quot;b&quot;";
    let out = document(&field("QUOTE \"{{url}}\" \\* \"{{default url \"x\"}}\" {{url}}"), &data);
    assert!(out.contains(&format!("QUOTE \"{escaped}\" \\* \"{escaped}\" {plain}")), "{out}");
    assert!(out.contains(&format!(">{plain}</w:t>")), "{out}");
    let out = document(&field("{{#if yes}}HYPERLINK \"http://{{url}}\"{{/if}}"), &data);
    assert!(out.contains(&format!("\"http://{escaped}\"")), "{out}");
    let out = document(&field(" {{code}} "), &data);
    assert!(out.contains("PAGE \\* Arabic"), "{out}");
    for quote in ["&quot;", "&#34;"] {
        let simple = format!(
            "<w:p><w:fldSimple w:instr=\"QUOTE {quote}{{{{url}}}}{quote}\">{}</w:fldSimple></w:p>",
            run("x")
        );
        let out = document(&simple, &data);
        assert!(out.contains(&format!("QUOTE {quote}{escaped}{quote}")), "{out}");
    }
}

#[test]
fn cells_never_stay_without_a_paragraph() {
    let paragraphs = [paragraph("{{#if no}}a"), paragraph("b{{/if}}")].concat();
    let control = format!("<w:sdt><w:sdtContent>{paragraphs}</w:sdtContent></w:sdt>");
    let lone = [paragraph("{{#if no}}"), paragraph("a"), paragraph("{{/if}}")].concat();
    let lone = format!("<w:sdt><w:sdtContent>{lone}</w:sdtContent></w:sdt>");
    for inner in [paragraphs, control, lone] {
        let out = document(&table(&[&row(&[format!("<w:tc>{inner}</w:tc>")])]), &data());
        assert!(out.contains("<w:p></w:p></w:tc>"), "{out}");
    }
}

#[test]
fn rows_that_are_left_blank_have_no_partials() {
    let mut sink = Sink::new();
    let partials = Arc::new(Partials::new([("一项", "{{n}}件")]));
    let parse = ParseOptions { partials, ..ParseOptions::default() };
    let fixed = [
        row(&[cell("{{#each rows fixed=true}}{{> 一项}}"), cell("x")]),
        row(&[cell("{{> 一项}}"), cell("x{{/each}}")]),
    ];
    let docx = Docx::new(&table(&[&fixed[0], &fixed[1]])).bytes();
    let data = json!({"rows": [{"n": 1}]});
    let options = RenderOptions::default();
    let out = fill_tolerant(docx, &parse, &data, &options, &mut sink);
    let out = out.unwrap_or_else(|| panic!("{:?}", sink.into_sorted()));
    let parts = support::parts(&out);
    assert_eq!(text_of(part(&parts, "word/document.xml")), ["1件", "x", "", "x"]);
}
