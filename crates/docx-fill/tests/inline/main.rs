//! Proves partials that a template defines itself: in a line, in paragraphs, in rows, and every misuse.

mod bounds;
#[path = "../support/mod.rs"]
mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::template::{CompiledTemplate, ParseOptions, Partials, RenderOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use support::engine::{data, fill_tolerant};
use support::random::Random;
use support::{Docx, cell, paragraph, part, parts, row, runs, table, text_of};

fn partials() -> Partials {
    Partials::new([
        ("page", "<{{> head}}|{{> @partial-block}}>"),
        ("list", "{{#each rows}}{{> @partial-block}};{{/each}}"),
        ("name", "folder"),
        ("uses", "{{> name}}"),
        ("own", "{{#*inline \"name\"}}inner{{/inline}}{{> name}}{{> @partial-block}}"),
        ("wrong", "{{#*inline \"x\"}}\n{{nosuch year}}\n{{/inline}}{{> x}}"),
        ("paragraphs", "a{{> 段}}"),
    ])
}

fn parse() -> ParseOptions {
    ParseOptions { partials: Arc::new(partials()), ..ParseOptions::default() }
}

/// The filled part, or the findings as rule, place and text.
fn document(content: &str, data: &Value) -> Result<String, Vec<(String, String, String)>> {
    let mut sources = Sources::default();
    let (id, mut sink) = (sources.add_binary("t"), Sink::new());
    let bytes = Docx::new(content).bytes();
    let render = RenderOptions::default();
    match fill_tolerant(bytes.clone(), &parse(), data, &render, &mut sink) {
        Some(out) => {
            let template = CompiledTemplate::parse_with(bytes, id, &parse(), &mut sink).unwrap();
            assert!(template.verify_layout(&out, &mut sink), "{:?}", sink.into_sorted());
            let parts = parts(&out);
            let document = part(&parts, "word/document.xml");
            support::check_well_formed(document);
            Ok(document.to_owned())
        }
        None => Err(sink
            .into_sorted()
            .into_iter()
            .map(|found| {
                let place = format!("{:?}", found.location);
                let hints = found.hints.iter().map(|hint| hint.in_lang(Lang::En));
                let all: Vec<_> =
                    [found.message.in_lang(Lang::En)].into_iter().chain(hints).collect();
                (found.rule.into_owned(), place, all.join("|"))
            })
            .collect()),
    }
}

fn fill(content: &str) -> Vec<String> {
    text_of(&document(content, &data()).unwrap_or_else(|found| panic!("{content}: {found:?}")))
}

fn line(text: &str) -> String {
    fill(&paragraph(text)).concat()
}

fn faults(content: &str) -> Vec<(String, String, String)> {
    document(content, &data()).unwrap_err()
}

fn rules(content: &str) -> Vec<String> {
    faults(content).into_iter().map(|found| found.0).collect()
}

/// `{{#*inline "name"}}`
fn open(name: &str) -> String {
    format!("{{{{#*inline \"{name}\"}}}}")
}

const CLOSE: &str = "{{/inline}}";

#[test]
fn definitions_hold_in_their_block_before_and_after() {
    assert_eq!(line("{{> x}}{{#*inline \"x\"}}[{{year}}]{{/inline}}{{> x}}"), "[2025][2025]");
    assert_eq!(line("{{#*inline “name”}}own{{/inline}}{{> name}}{{> uses}}"), "ownown");
    assert_eq!(
        line(
            "{{> name}}{{> uses}}{{#if year}}{{#*inline \"name\"}}own{{/inline}}{{> name}}{{/if}}{{> name}}"
        ),
        "folderfolderownfolder"
    );
    // Each branch has its own.
    assert_eq!(
        line(
            "{{#if none}}{{#*inline \"name\"}}1{{/inline}}{{else}}{{> name}}{{#*inline \"b\"}}2{{/inline}}{{> b}}{{/if}}"
        ),
        "folder2"
    );
    let found = faults(&paragraph("{{#if year}}{{#*inline \"x\"}}1{{/inline}}{{/if}}{{> x}}"));
    assert_eq!(found[0].0, "partial-unknown", "{found:?}");
    assert!(found[0].2.contains("partial “x”"), "{found:?}");
    // The tags of a definition may be split over runs like all others.
    let split = runs(&["{{#*inl", "ine \"x\"}}a{{ye", "ar}}{{/inl", "ine}}b{{> x", "}}"]);
    assert_eq!(fill(&split), ["ba2025"]);
}

#[test]
fn names_mean_what_they_mean_where_they_are_used_and_outer_ones_where_they_are_written() {
    let define = "{{#*inline \"x\"}}{{n}}{{../year}}{{@index}}{{/inline}}";
    assert_eq!(
        line(&format!("{define}{{{{#each rows}}}}{{{{> x}}}} {{{{/each}}}}")),
        "甲20250 乙20251 丙20252 "
    );
    assert_eq!(
        line(&format!("{{{{#each rows}}}}{define}{{{{> x}}}} {{{{/each}}}}")),
        "甲20250 乙20251 丙20252 "
    );
    // Two blocks further in, `../` is still that of the definition.
    assert_eq!(
        line(
            "{{#*inline \"x\"}}{{i}}{{../year}} {{/inline}}{{#each nested}}{{#each items}}{{> x}}{{/each}}{{/each}}"
        ),
        "12025 22025 32025 "
    );
    assert_eq!(
        line("{{#*inline \"x\"}}{{n}}{{unit}}{{/inline}}{{> x rows.[1] unit=\"件\"}}"),
        "乙件"
    );
    assert_eq!(
        line(
            "{{#*inline \"x\"}}{{unit}}{{> y}}{{/inline}}{{#*inline \"y\"}}{{unit}}{{year}}{{/inline}}{{> x unit=1}}"
        ),
        "112025"
    );
    // Parameters belong to the text that names them.
    assert_eq!(
        line(
            "{{#each rows as |r|}}{{#*inline \"x\"}}{{r.n}}{{/inline}}{{#each @root.nested as |r|}}{{> x}}{{/each}}{{/each}}"
        ),
        "甲甲乙乙丙丙"
    );
    // The names of a section's item, and then those around it.
    assert_eq!(
        line("{{#*inline \"x\"}}{{n}}{{year}} {{/inline}}{{#rows}}{{> x}}{{/rows}}"),
        "甲2025 乙2025 丙2025 "
    );
}

#[test]
fn partials_are_given_definitions_and_blocks() {
    assert_eq!(line("{{#> page}}{{#*inline \"head\"}}H{{year}}{{/inline}}B{{/page}}"), "<H2025|B>");
    assert_eq!(line("{{#*inline \"head\"}}outer{{/inline}}{{#> page}}B{{/page}}"), "<outer|B>");
    assert_eq!(line("{{#> list}}{{n}}{{../year}}{{/list}}"), "甲2025;乙2025;丙2025;");
    // What a partial defines is not in force in the text that it is given.
    assert_eq!(line("{{#> own}}{{> name}}{{/own}}"), "innerfolder");
    // A definition as a layout, within a layout.
    assert_eq!(
        line(
            "{{#*inline \"a\"}}({{#> b}}{{> @partial-block}}{{/b}}){{/inline}}{{#*inline \"b\"}}[{{> @partial-block}}]{{/inline}}\
              {{#> a}}{{#> a}}x{{/a}}{{/a}}"
        ),
        "([([x])])"
    );
    // The block that is in force goes on to what a partial includes.
    assert_eq!(
        line(
            "{{#*inline \"in\"}}({{> @partial-block}}){{/inline}}{{#*inline \"out\"}}{{> in}}{{/inline}}{{#> out}}x{{/out}}"
        ),
        "(x)"
    );
    assert_eq!(
        line("{{#*inline \"x\"}}1{{/inline}}{{#> x}}fallback{{/x}}{{#> y}}fallback{{/y}}"),
        "1fallback"
    );
    assert_eq!(line("{{#*inline \"甲\"}}1{{/inline}}{{> (lookup rows.[0] \"n\")}}"), "1");
}

#[test]
fn paragraphs_are_defined_once_and_stand_where_they_are_named() {
    let bold = "<w:p><w:pPr><w:jc w:val=\"right\"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>{{n}}</w:t></w:r>\
        <w:bookmarkStart w:id=\"5\" w:name=\"m\"/><w:bookmarkEnd w:id=\"5\"/></w:p>";
    let inner = table(&[&row(&[cell("{{v}}"), cell("{{../year}}")])]);
    let define =
        [paragraph(&open("段")), bold.to_owned(), inner, paragraph("尾"), paragraph(CLOSE)]
            .concat();
    let uses =
        [paragraph("{{#each rows}}"), paragraph("{{> 段}}"), paragraph("{{/each}}")].concat();
    let out =
        document(&[&define, &paragraph("x"), &uses].map(String::as_str).concat(), &data()).unwrap();
    assert_eq!(
        text_of(&out),
        ["x", "甲", "1", "2025", "尾", "乙", "2", "2025", "尾", "丙", "3", "2025", "尾"]
    );
    assert_eq!(out.matches("<w:jc w:val=\"right\"/>").count(), 3);
    assert_eq!(out.matches("<w:b/>").count(), 3);
    let names: std::collections::BTreeSet<_> =
        out.match_indices("w:name=\"m").map(|(at, _)| &out[at..at + 12]).collect();
    assert_eq!(names.len(), 3, "{out}");
    // After its use, in a cell, from the edges of a paragraph, within another definition.
    assert_eq!(
        fill(&[paragraph("{{> 段 rows.[0]}}"), define.clone()].concat()),
        ["甲", "1", "2025", "尾"]
    );
    let cells = table(&[&row(&[cell("{{#each rows}}{{> 段}}"), cell("{{/each}}")])]);
    assert_eq!(
        fill(&[define.clone(), cells].concat()),
        ["甲", "1", "2025", "尾", "", "乙", "2", "2025", "尾", "", "丙", "3", "2025", "尾", ""]
    );
    let edges = [
        paragraph(&(open("y") + "一{{year}}")),
        paragraph(&format!("二{CLOSE}")),
        paragraph("{{> y}}"),
    ]
    .concat();
    assert_eq!(fill(&edges), ["一2025", "二"]);
    let nested = [
        paragraph(&open("outer")),
        paragraph("前"),
        paragraph("{{> y}}"),
        paragraph(&open("y")),
        paragraph("内{{year}}"),
        paragraph(CLOSE),
        paragraph(CLOSE),
        paragraph("{{> outer}}"),
        paragraph("{{> outer}}"),
    ]
    .concat();
    assert_eq!(fill(&nested), ["前", "内2025", "前", "内2025"]);
    // A tag alone may mean a text as well, whichever is in force.
    let either = [
        paragraph(&open("y")),
        paragraph("段"),
        paragraph(CLOSE),
        paragraph("{{> y}}"),
        paragraph("{{#if year}}"),
        paragraph("{{#*inline \"y\"}}字{{/inline}}"),
        paragraph("{{> y}}"),
        paragraph("{{/if}}"),
    ]
    .concat();
    assert_eq!(fill(&either), ["段", "字"]);
}

#[test]
fn a_cell_keeps_a_paragraph_and_a_header_has_its_own() {
    let cells = table(&[&row(&[
        "<w:tc>".to_owned()
            + &paragraph(&(open("y") + "一"))
            + &paragraph(&format!("二{CLOSE}"))
            + "</w:tc>",
        cell("{{> y}}"),
    ])]);
    let out = document(&cells, &data()).unwrap();
    assert_eq!(text_of(&out), ["", "一", "二"], "{out}");
    let mut docx = Docx::new(&paragraph("{{year}}"));
    let body =
        [paragraph(&open("y")), paragraph("眉{{year}}"), paragraph(CLOSE), paragraph("{{> y}}")]
            .concat();
    docx.add_word_part("header1", "hdr", &body);
    let parts = support::engine::fill(&docx, &data());
    assert_eq!(text_of(part(&parts, "word/header1.xml")), ["眉2025"]);
}

#[test]
fn rows_are_defined_once_and_stand_where_they_are_named() {
    let define = [
        row(&[cell(&open("行")), cell("")]),
        row(&[cell("{{n}}"), cell("{{v}}")]),
        row(&[cell(CLOSE), cell("")]),
    ]
    .concat();
    let whole = table(&[
        &define,
        &row(&[cell("头"), cell("")]),
        &row(&[cell("{{#each rows}}"), cell("")]),
        &row(&[cell("{{> 行}}"), cell("")]),
        &row(&[cell("{{/each}}"), cell("")]),
        &row(&[cell("{{> 行 rows.[0]}}"), cell("")]),
    ]);
    assert_eq!(fill(&whole), ["头", "", "甲", "1", "乙", "2", "丙", "3", "甲", "1"]);
    // One row, with the tags in its own cells; used in one row, too.
    let one = table(&[
        &row(&[cell(&(open("行") + "{{n}}")), cell(&format!("{{{{v}}}}{CLOSE}"))]),
        &row(&[cell("{{#each rows}}{{> 行}}"), cell("{{/each}}")]),
    ]);
    assert_eq!(fill(&one), ["甲", "1", "乙", "2", "丙", "3"]);
    // Marks of cells work in the table that the row comes to.
    let marked = [
        table(&[&row(&[
            cell(&(open("行") + "{{shade \"FF0000\"}}{{n}}")),
            cell(&format!("x{CLOSE}")),
        ])]),
        paragraph("z"),
        table(&[&row(&[cell("a"), cell("b")]), &row(&[cell("{{> 行 rows.[2]}}"), cell("")])]),
    ]
    .concat();
    let out = document(&marked, &data()).unwrap();
    assert!(out.contains("w:fill=\"FF0000\"") && !out.contains("fill:"), "{out}");
    assert_eq!(text_of(&out), ["z", "a", "b", "丙", "x"]);
    assert_eq!(out.matches("<w:tbl>").count(), 1);
}

#[test]
fn misuse_is_told_once_and_at_its_place() {
    let one = |content: &str, rule: &str, words: &str| {
        let found = faults(content);
        assert_eq!(found.len(), 1, "{content}: {found:?}");
        assert_eq!(found[0].0, rule, "{found:?}");
        assert!(found[0].2.contains(words), "{found:?}");
    };
    for head in [
        "inline",
        "inline name",
        "inline \"a\" \"b\"",
        "inline \"\"",
        "inline \"a\" b=1",
        "inline 3",
    ] {
        one(&paragraph(&format!("{{{{#*{head}}}}}a{CLOSE}")), "helper-arguments", "in quotes");
        one(
            &[paragraph(&format!("{{{{#*{head}}}}}")), paragraph("a"), paragraph(CLOSE)].concat(),
            "helper-arguments",
            "in quotes",
        );
    }
    one(&paragraph("{{#*other \"a\"}}a{{/other}}"), "tag-unsupported", "only inline");
    one(&paragraph("{{#*inlin \"a\"}}a{{/inlin}}"), "tag-unsupported", "did you mean “inline”");
    one(
        &[paragraph("{{#*other}}"), paragraph("{{/other}}")].concat(),
        "tag-unsupported",
        "only inline",
    );
    one(&paragraph(&(open("a") + "b")), "block-not-closed", "inline");
    one(&[paragraph(&open("a")), paragraph("b")].concat(), "block-not-closed", "inline");
    one(&paragraph(CLOSE), "block-not-open", "inline");
    one(&paragraph(&format!("{}a{{{{else}}}}b{CLOSE}", open("a"))), "block-not-open", "else");
    one(
        &[paragraph(&open("a")), paragraph("{{else}}"), paragraph(CLOSE)].concat(),
        "block-not-open",
        "else",
    );
    let crossed =
        [paragraph("{{#if year}}"), paragraph(&open("a")), paragraph("{{/if}}"), paragraph(CLOSE)];
    assert_eq!(rules(&crossed.concat()), ["block-crossed", "block-crossed"]);
    let split = [paragraph(&open("a")), table(&[&row(&[cell(CLOSE)])])].concat();
    one(&split, "block-placement", "rows of one table");
    let cells = ["<w:tc>".to_owned()
        + &paragraph(&open("a"))
        + &paragraph("b")
        + &paragraph(CLOSE)
        + "</w:tc>"];
    let paragraphs = table(&[&row(&cells)]);
    one(
        &[paragraphs.clone(), paragraph("x{{> a}}")].concat(),
        "block-placement",
        "whole paragraphs",
    );
    let rows = table(&[&row(&[cell(&open("a")), cell(CLOSE)])]);
    one(&[rows.clone(), paragraph("{{> a}}")].concat(), "block-placement", "whole table rows");
    one(
        &[rows, table(&[&row(&[cell("{{> a}}"), cell("b")])])].concat(),
        "block-placement",
        "whole table rows",
    );
    let section = "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>";
    one(
        &[paragraph(&open("a")), section.to_owned(), paragraph(CLOSE)].concat(),
        "block-placement",
        "section break",
    );
    let shade = table(&[&row(&["<w:tc>".to_owned()
        + &paragraph(&open("a"))
        + &paragraph("{{shade \"FF0000\"}}b")
        + &paragraph(CLOSE)
        + "</w:tc>"])]);
    one(&shade, "cell-place", "outside of its partial");
    one(
        &paragraph("{{#*inline \"a\"}}{{> a}}{{/inline}}{{> a}}"),
        "partial-too-deep",
        "includes itself",
    );
    one(
        &[
            paragraph(&open("a")),
            paragraph("b"),
            paragraph("{{> a}}"),
            paragraph(CLOSE),
            paragraph("{{> a}}"),
        ]
        .concat(),
        "partial-too-deep",
        "includes itself",
    );
}

#[test]
fn faults_within_tell_the_definition_and_the_place() {
    let found = faults(&paragraph("{{#*inline \"x\"}}{{yaer}}{{/inline}}{{> x}}"));
    assert_eq!(found[0].0, "value-missing");
    assert!(found[0].2.contains("“year”") && found[0].2.contains("partial “x”"), "{found:?}");
    let found = faults(&paragraph("{{#*inline \"x\"}}{{nosuch 1}}{{> nowhere}}{{/inline}}"));
    assert_eq!(
        found.iter().map(|found| found.0.as_str()).collect::<Vec<_>>(),
        ["helper-unknown", "partial-unknown"],
        "{found:?}"
    );
    let found = faults(&paragraph("{{> wrong}}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "helper-unknown");
    let content =
        [paragraph(&open("段")), paragraph("{{yaer}}"), paragraph(CLOSE), paragraph("{{> 段}}")]
            .concat();
    let found = faults(&content);
    assert!(
        found.len() == 1 && found[0].1.contains('2') && found[0].2.contains("“year”"),
        "{found:?}"
    );
    // In a partial of the folder the paragraphs cannot stand.
    let content =
        [paragraph(&open("段")), paragraph("b"), paragraph(CLOSE), paragraph("{{> paragraphs}}")]
            .concat();
    assert_eq!(rules(&content), ["block-placement"]);
    assert_eq!(rules(&paragraph("{{> nowhere}}")), ["partial-unknown"]);
}

#[test]
fn definitions_stay_in_their_text() {
    let (id, mut sink) = (Sources::default().add_binary("t"), Sink::new());
    let mut docx = Docx::new(&paragraph("{{#*inline \"x\"}}1{{/inline}}{{> x}}"));
    docx.add_word_part("header1", "hdr", &paragraph("{{> x}}"));
    assert!(CompiledTemplate::parse(docx.bytes(), id, &mut sink).is_none());
    assert_eq!(sink.into_sorted()[0].rule, "partial-unknown");
    let fixed = table(&[
        &row(&[
            cell("{{#each rows fixed=true}}{{n}}{{> y}}"),
            cell("{{#*inline \"y\"}}!{{/inline}}"),
        ]),
        &row(&[cell(""), cell("{{/each}}")]),
    ]);
    let data = json!({"rows": [{"n": 1}]});
    assert_eq!(text_of(&document(&fixed, &data).unwrap()), ["1!", "", "", ""]);
}

/// The names that a template wants, each with the excerpt of the tag that tells it.
fn wants(content: &str) -> Vec<String> {
    let (id, mut sink) = (Sources::default().add_binary("t"), Sink::new());
    let docx = Docx::new(content);
    let template = CompiledTemplate::parse_with(docx.bytes(), id, &parse(), &mut sink).unwrap();
    let wants = template.tags().iter().flat_map(|tag| {
        let text: String = tag.text.chars().take(12).collect();
        tag.requirements.iter().map(move |want| format!("{text} {}", want.path.join(".")))
    });
    wants.collect()
}

#[test]
fn what_a_definition_wants_depends_on_where_it_is_included() {
    let define = "{{#*inline \"x\"}}{{n}}{{../y}}{{#if z}}{{w}}{{/if}}{{k}}{{/inline}}";
    assert_eq!(
        wants(&paragraph(&format!("{define}{{{{#each rows}}}}{{{{> x k=@root.u}}}}{{{{/each}}}}"))),
        [
            "{{#*inline \" rows.*.n",
            "{{#*inline \" y",
            "{{#*inline \" rows.*.z",
            "{{#*inline \" rows.*.w",
            "{{#*inline \" u",
            "{{#each rows rows",
            "{{> x k=@roo u",
        ]
    );
    let content = [
        paragraph("{{#each rows}}"),
        paragraph("{{> 段}}"),
        paragraph("{{/each}}"),
        paragraph("{{> 段 first}}"),
        paragraph(&open("段")),
        paragraph("{{n}}"),
        table(&[&row(&[cell("{{#each list}}{{i}}"), cell("{{../v}}{{/each}}")])]),
        paragraph(CLOSE),
    ];
    assert_eq!(
        wants(&content.concat()),
        [
            "{{#each rows rows",
            "{{> 段 first} first",
            "{{n}} rows.*.n",
            "{{n}} first.n",
            "{{#each list rows.*.list",
            "{{#each list first.list",
            "{{i}} rows.*.list.*.i",
            "{{i}} first.list.*.i",
            "{{../v}} rows.*.v",
            "{{../v}} first.v",
        ]
    );
    // Given to a partial; shown by one; included by nothing in the template; including itself.
    assert_eq!(
        wants(&paragraph("{{#> page}}{{#*inline \"head\"}}{{h}}{{/inline}}{{b}}{{/page}}")),
        ["{{#> page}}{ h", "{{#> page}}{ b"]
    );
    assert_eq!(
        wants(&paragraph("{{#> list}}{{n}}{{../year}}{{/list}}")),
        ["{{#> list}}{ rows", "{{#> list}}{ rows.*.n", "{{#> list}}{ year"]
    );
    assert_eq!(wants(&paragraph("{{#*inline \"y\"}}{{a}}{{/inline}}")), ["{{#*inline \" a"]);
    assert_eq!(
        wants(&paragraph("{{#*inline \"t\"}}{{a}}{{#each b}}{{> t}}{{/each}}{{/inline}}{{> t}}")),
        ["{{#*inline \" a", "{{#*inline \" b"]
    );
}
