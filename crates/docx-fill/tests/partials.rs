//! Proves partials, raw blocks, sections that look outside, and the paths that tags name.

mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::template::{CompiledTemplate, ParseOptions, Partials, RenderOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use support::engine::{data, fill_tolerant};
use support::{Docx, cell, paragraph, part, parts, row, runs, table, text_of};

fn partials() -> Partials {
    Partials::new([
        ("名称", "{{机关}}（{{year}}）"),
        ("row", "{{n}}={{v}}{{#if unit}}{{unit}}{{/if}}"),
        ("dir/lines", "一 <&>\n{{#each rows}}\n{{n}}\n{{/each}}\n末"),
        ("frame", "【{{> @partial-block}}】"),
        ("tree", "{{t}}{{#each items}}({{> tree}}){{/each}}"),
        ("endless", "{{> endless}}{{> endless}}"),
        ("wrong", "a\n{{nosuch year}}\n{{> nowhere}}"),
        ("absent", "a\n b{{yaer}}"),
    ])
}

/// The texts of the paragraphs, or the findings.
fn fill(content: &str, data: &Value) -> Result<Vec<String>, Vec<(String, String)>> {
    let mut sink = Sink::new();
    let parse = ParseOptions { partials: Arc::new(partials()), ..ParseOptions::default() };
    let bytes = Docx::new(content).bytes();
    let render = RenderOptions::default();
    let out = fill_tolerant(bytes, &parse, data, &render, &mut sink);
    match out {
        Some(out) => {
            let parts = parts(&out);
            let document = part(&parts, "word/document.xml");
            support::check_well_formed(document);
            Ok(text_of(document))
        }
        None => Err(sink.into_sorted().into_iter().map(told).collect()),
    }
}

fn told(found: docx_fill::diag::Diagnostic) -> (String, String) {
    let hints = found.hints.iter().map(|hint| hint.in_lang(Lang::En));
    let message = [found.message.in_lang(Lang::En)].into_iter().chain(hints).collect::<Vec<_>>();
    (found.rule.into_owned(), message.join("|"))
}

fn filled(text: &str) -> String {
    fill(&paragraph(text), &data()).unwrap_or_else(|found| panic!("{text}: {found:?}")).concat()
}

#[test]
fn partials_stand_where_their_tag_stands() {
    assert_eq!(filled("a{{> 名称}}b"), "a兰溪市人民政府（2025）b");
    assert_eq!(filled("{{#each rows}}{{> row unit=\"件\"}} {{/each}}"), "甲=1件 乙=2件 丙=3件 ");
    assert_eq!(filled("{{#each rows}}{{> row}} {{/each}}"), "甲=1 乙=2 丙=3 ");
    assert_eq!(filled("{{> row rows.[1]}}"), "乙=2");
    assert_eq!(filled("{{#> frame}}{{year}}{{/frame}}"), "【2025】");
    assert_eq!(filled("{{#> none}}没有{{year}}{{/none}}"), "没有2025");
    assert_eq!(
        filled("{{#each nested}}{{#> frame}}{{t}}{{../year}}{{/frame}}{{/each}}"),
        "【A2025】【B2025】"
    );
    let split = runs(&["a{{#> fra", "me}}x{{ye", "ar}}{{/fr", "ame}}b"]);
    assert_eq!(fill(&split, &data()).unwrap(), ["a【x2025】b"]);
    let rows = table(&[&row(&[cell("{{#each rows}}{{> row}}"), cell("{{/each}}")])]);
    assert_eq!(fill(&rows, &data()).unwrap(), ["甲=1", "", "乙=2", "", "丙=3", ""]);
}

#[test]
fn lines_of_a_partial_are_lines_of_the_paragraph() {
    let (id, mut sink) = (Sources::default().add_binary("t"), Sink::new());
    let parse = ParseOptions { partials: Arc::new(partials()), ..ParseOptions::default() };
    let docx = Docx::new(&paragraph("{{> dir/lines}}"));
    let template = CompiledTemplate::parse_with(docx.bytes(), id, &parse, &mut sink).unwrap();
    let out = template.render(&data(), &(), &RenderOptions::default(), &mut sink).unwrap();
    let parts = parts(&out);
    let document = part(&parts, "word/document.xml");
    assert_eq!(document.matches("<w:br/>").count(), 4, "{document}");
    assert!(document.contains("一 &lt;&amp;&gt;<"));
}

#[test]
fn names_may_come_from_the_data() {
    let data = json!({"which": "row", "n": 1, "v": 2, "none": "nowhere", "bad": "wrong"});
    let fill = |text: &str| fill(&paragraph(text), &data);
    assert_eq!(fill("{{> (lookup this \"which\")}}{{>*which}}").unwrap(), ["1=21=2"]);
    let found = fill("{{> (lookup this \"bad\")}}").unwrap_err();
    let rules: Vec<&str> = found.iter().map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(rules, ["helper-unknown", "partial-unknown"], "{found:?}");
    let found = fill("{{> (lookup this \"none\")}}").unwrap_err();
    assert_eq!(found[0].0, "partial-unknown");
    assert!(found[0].1.contains("nowhere"), "{found:?}");
}

#[test]
fn partials_may_include_themselves_but_not_for_ever() {
    let tree = json!({"t": 1, "items": [{"t": 2, "items": [{"t": 3, "items": []}]}, {"t": 4, "items": []}]});
    assert_eq!(fill(&paragraph("{{> tree}}"), &tree).unwrap(), ["1(2(3))(4)"]);
    let found = fill(&paragraph("{{> endless}}"), &data()).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "partial-too-deep");
    // Blocks and partials together stay within the stack of a thread.
    let deep = "{{#if yes}}".repeat(30) + "{{> deep}}" + &"{{/if}}".repeat(30);
    let parse = ParseOptions {
        partials: Arc::new(Partials::new([("deep", deep)])),
        ..ParseOptions::default()
    };
    let (id, mut sink) = (Sources::default().add_binary("t"), Sink::new());
    let template = CompiledTemplate::parse_with(
        Docx::new(&paragraph("{{> deep}}")).bytes(),
        id,
        &parse,
        &mut sink,
    );
    assert!(template.unwrap().render(&data(), &(), &RenderOptions::default(), &mut sink).is_none());
    assert_eq!(told(sink.into_sorted().remove(0)).0, "partial-too-deep");
    let deep = "{{#> frame}}".repeat(100) + &"{{/frame}}".repeat(100);
    assert_eq!(fill(&paragraph(&deep), &data()).unwrap_err()[0].0, "block-too-deep");
}

#[test]
fn faults_in_partials_name_partial_line_and_document() {
    let found = fill(&paragraph("{{> wrong}}{{> wrong}}"), &data()).unwrap_err();
    let rules: Vec<&str> = found.iter().map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(rules, ["helper-unknown", "partial-unknown"], "{found:?}");
    assert!(found[0].1.contains("line 2 of the partial “wrong”"), "{found:?}");
    assert!(found[1].1.contains("nowhere") && found[1].1.contains("line 3"), "{found:?}");
    let found = fill(&paragraph("{{> absent}}"), &data()).unwrap_err();
    assert_eq!(found[0].0, "value-missing");
    assert!(found[0].1.contains("“year”") && found[0].1.contains("line 2"), "{found:?}");
    let found = fill(&paragraph("{{> rwo}}"), &data()).unwrap_err();
    assert!(found[0].1.contains("did you mean “row”"), "{found:?}");
    let found = fill(&paragraph("{{#> none}}{{yaer}}{{/none}}"), &data()).unwrap_err();
    assert_eq!(found[0].0, "value-missing");
    let found = fill(&paragraph("{{> row a b}}"), &data()).unwrap_err();
    assert_eq!(found[0].0, "helper-arguments");
    let halves = [paragraph("{{#> frame}}a"), paragraph("b{{/frame}}")].concat();
    let rules: Vec<String> = fill(&halves, &data()).unwrap_err().into_iter().map(|f| f.0).collect();
    assert_eq!(rules, ["block-not-closed", "block-not-open"]);
}

#[test]
fn raw_blocks_are_text() {
    assert_eq!(
        filled("{{year}}{{{{raw}}}} {{year}} {{/each}} {{{{/raw}}}}{{year}}"),
        "2025 {{year}} {{/each}} 2025"
    );
    let split = runs(&["{{{{ra", "w}}}}{{ye", "ar}}{{{{/r", "aw}}}}"]);
    assert_eq!(fill(&split, &data()).unwrap(), ["{{year}}"]);
}

#[test]
fn sections_look_outside_and_loops_do_not() {
    assert_eq!(filled("{{#rows}}{{n}}{{year}} {{/rows}}"), "甲2025 乙2025 丙2025 ");
    assert_eq!(
        filled("{{#nested}}{{#items}}{{t}}{{i}}{{year}} {{/items}}{{/nested}}"),
        "A12025 A22025 B32025 "
    );
    assert_eq!(filled("{{#rows as |r i|}}{{i}}{{r.n}}{{/rows}}"), "0甲1乙2丙");
    let found = fill(&paragraph("{{#each rows}}{{year}}{{/each}}"), &data()).unwrap_err();
    assert!(found[0].1.contains("../year"), "{found:?}");
}

#[test]
fn tags_alone_on_a_line_take_the_line_with_them() {
    let lines = "<w:p><w:r><w:t>a</w:t><w:br/><w:t>{{#each rows}}</w:t><w:br/><w:t>{{n}}</w:t><w:br/>\
        <w:t>{{/each}}</w:t><w:br/><w:t>b</w:t></w:r></w:p>";
    assert_eq!(fill(lines, &data()).unwrap(), ["a甲乙丙b"]);
    let parts = support::engine::fill(&Docx::new(lines), &data());
    assert_eq!(part(&parts, "word/document.xml").matches("<w:br/>").count(), 4);
}

#[test]
fn tags_tell_their_paths_from_the_root() {
    let text = "{{year}}{{#each rows}}{{n}}{{../year}}{{@index}}{{#if v}}{{v}}{{else}}{{n}}{{/if}}{{else}}{{none}}\
        {{/each}}{{#with a.b as |x|}}{{c}}{{x.d}}{{@root.e}}{{/with}}{{#each nested as |r i|}}{{r.t}}{{i}}\
        {{#each items}}{{i}}{{join ../k \",\"}}{{/each}}{{/each}}{{#each (lookup a b)}}{{q}}{{/each}}{{#s}}{{t}}{{/s}}\
        {{> row z u=w}}";
    let (id, mut sink) = (Sources::default().add_binary("t"), Sink::new());
    let parse = ParseOptions { partials: Arc::new(partials()), ..ParseOptions::default() };
    let docx = Docx::new(&paragraph(text));
    let template = CompiledTemplate::parse_with(docx.bytes(), id, &parse, &mut sink).unwrap();
    let paths: Vec<&str> =
        template.tags().iter().flat_map(|tag| &tag.absolute_paths).map(String::as_str).collect();
    let expected = [
        "year",
        "rows",
        "rows.*.n",
        "year",
        "rows.*.v",
        "rows.*.v",
        "rows.*.n",
        "none",
        "a.b",
        "a.b.c",
        "a.b.d",
        "e",
        "nested",
        "nested.*.t",
        "nested.*.items",
        "nested.*.k",
        "a",
        "b",
        "s",
        "s.t",
        "z",
        "w",
    ];
    assert_eq!(paths, expected);
}
