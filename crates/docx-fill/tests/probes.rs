//! Proves what the probes of the peers ask: no fault is silent, none breaks the document, each names its
//! cell and the words around it, and all come in one run.

mod support;

use docx_fill::diag::{Lang, Location, Sink, Sources};
use docx_fill::opc::PackageLimits;
use docx_fill::template::{CompiledTemplate, ParseOptions, RenderOptions, table_layouts};
use serde_json::{Value, json};
use support::engine::{data, fill, fill_tolerant, filled, try_fill};
use support::{Docx, cell, paragraph, part, row, table, text_of};

/// Rule, part and cells of a finding.
type Told = (String, String, Vec<(u32, u32, u32)>);

/// A table whose second row has the fault in its third cell, in the cell's second paragraph.
fn in_cell(fault: &str) -> String {
    let faulty = format!("<w:tc>{}{}</w:tc>", paragraph("说明"), paragraph(fault));
    let head = row(&[cell("项目"), cell("数"), cell("备注")]);
    [paragraph("{{year}}"), table(&[&head, &row(&[cell("甲"), cell("1"), faulty])])].concat()
}

#[test]
fn every_fault_is_told_with_its_cell() {
    // The fault, its rule, and what the message has to say.
    let probes = [
        ("共{{nosuch}}件", "value-missing", "nosuch"),
        ("共{{yaer}}件", "value-missing", "year"),
        ("共{{ year 件", "tag-unclosed", "{{ year"),
        ("{{#each rows}}共{{n}}件", "block-not-closed", "each"),
        ("共{{n}}件{{/each}}", "block-not-open", "each"),
        ("共{{nosuchfilter year}}件", "helper-unknown", "nosuchfilter"),
        ("共{{thousand year}}件", "helper-unknown", "thousands"),
        ("共{{year|upper}}件", "tag-syntax", "year|upper"),
        ("共{{fixed year}}件", "helper-arguments", "fixed"),
        ("共{{rows}}件", "value-not-text", "each"),
        ("共{{bell}}件", "value-control-character", "U+000B"),
        ("共{{soh}}件", "value-control-character", "U+0001"),
        ("共{{null}}件", "value-missing", "null"),
        ("共{{> none}}件", "partial-unknown", "none"),
        ("共{{}}件", "tag-empty", ""),
    ];
    let mut data = data();
    data["bell"] = json!("a\u{b}b");
    data["soh"] = json!("a\u{1}b");
    data["nothing"] = Value::Null;
    for (fault, rule, says) in probes {
        // A literal null has no name of its own.
        let fault = fault.replace("{{null}}", "{{nothing}}");
        let docx = Docx::new(&in_cell(&fault));
        let (out, found) = try_fill(&docx, &data, &RenderOptions::default());
        assert!(out.is_none(), "{fault} is silent");
        let mine: Vec<_> = found.iter().filter(|(_, known, ..)| known == rule).collect();
        assert_eq!(mine.len(), 1, "{fault}: {found:?}");
        let (_, _, place, message) = mine[0];
        assert_eq!(place.part, "word/document.xml", "{fault}");
        assert_eq!((place.cells.as_slice(), place.paragraph), (&[(1, 2, 3)][..], 2), "{fault}");
        assert!(!place.excerpt.is_empty() && fault.contains(place.excerpt.trim()), "{place:?}");
        let says = if says == "null" { "nothing" } else { says };
        assert!(message.contains(says), "{fault}: {message}");
    }
}

#[test]
fn all_faults_come_in_one_run() {
    let faults = ["{{nosuch}}", "{{ name", "{{uppercased year}}", "{{#each rows}}", "{{reports}}"];
    let cells: Vec<String> = faults.iter().map(|fault| cell(fault)).collect();
    let mut docx = Docx::new(&[paragraph("{{yaer}}"), table(&[&row(&cells)])].concat());
    docx.add_word_part("header1", "hdr", &paragraph("{{/if}}"));
    docx.add_word_part("footer1", "ftr", &paragraph("{{机构}}"));
    let mut sink = Sink::new();
    let (parse, render) = (ParseOptions::default(), RenderOptions::default());
    let out = fill_tolerant(docx.bytes(), &parse, &data(), &render, &mut sink);
    assert!(out.is_none());
    let found: Vec<Told> = sink
        .into_sorted()
        .into_iter()
        .map(|found| match found.location {
            Location::Word(_, place) => (found.rule.into_owned(), place.part, place.cells),
            other => panic!("{other:?}"),
        })
        .collect();
    let rules = |part: &str| -> Vec<(&str, u32)> {
        let of_part = found.iter().filter(|(_, of, _)| of == part);
        of_part.map(|(rule, _, cells)| (rule.as_str(), cells.first().map_or(0, |c| c.2))).collect()
    };
    let expected = [
        ("value-missing", 0),
        ("value-missing", 1),
        ("tag-unclosed", 2),
        ("helper-unknown", 3),
        ("block-not-closed", 4),
    ];
    assert_eq!(rules("word/document.xml"), expected, "{found:?}");
    assert_eq!(rules("word/header1.xml"), [("block-not-open", 0)]);
    assert_eq!(rules("word/footer1.xml"), [("value-missing", 0)]);
}

#[test]
fn awkward_values_are_text() {
    let cases = [
        (json!("a<b>&\"c'"), "a<b>&\"c'"),
        (json!("（<http://www.ya.gov.cn/>）"), "（<http://www.ya.gov.cn/>）"),
        (json!("{{year}} {{#each}} {% for %} ${x}"), "{{year}} {{#each}} {% for %} ${x}"),
        (json!(false), "false"),
        (json!(0), "0"),
        (json!(""), ""),
    ];
    for (value, expected) in cases {
        let texts = filled(&in_cell("{{v}}"), &json!({"v": value, "year": 1}));
        assert_eq!(texts[4..], ["甲", "1", "说明", expected]);
    }
    let parts = fill(&Docx::new(&paragraph("〔{{v}}〕")), &json!({"v": "第一行\n第二行"}));
    let lines = "〔第一行</w:t><w:br/><w:t xml:space=\"preserve\">第二行〕</w:t>";
    assert!(part(&parts, "word/document.xml").contains(lines), "{parts:?}");
}

#[test]
fn a_tag_over_nine_runs_with_marks_between() {
    let pieces = ["共{", "{fi", "xed", " re", "ceived", ".total", " 2", "}", "}件"];
    let runs: Vec<String> = pieces
        .iter()
        .map(|text| {
            format!(
                "<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r><w:proofErr w:type=\"spellEnd\"/>\
                 <w:bookmarkStart w:id=\"3\" w:name=\"m\"/><w:bookmarkEnd w:id=\"3\"/>"
            )
        })
        .collect();
    let data = json!({"received": {"total": 12}});
    assert_eq!(filled(&format!("<w:p>{}</w:p>", runs.concat()), &data), ["共12.00件"]);
}

#[test]
fn tags_in_cdata_are_tags() {
    let content = "<w:p><w:r><w:t>a{{ye</w:t></w:r><w:r><w:t><![CDATA[ar}} & <b>{{机关}}]]></w:t></w:r></w:p>";
    assert_eq!(filled(content, &data()), ["a2025 & <b>兰溪市人民政府"]);
    let found =
        support::engine::rules("<w:p><w:r><w:t><![CDATA[{{yaer}}]]></w:t></w:r></w:p>", &data());
    assert_eq!((found[0].0.as_str(), found[0].1.paragraph), ("value-missing", 1));
    let untagged = Docx::new("<w:p><w:r><w:t><![CDATA[{a} &]]></w:t></w:r></w:p>");
    let (out, _) = try_fill(&untagged, &data(), &RenderOptions::default());
    assert_eq!(support::parts(&untagged.bytes()), support::parts(&out.unwrap()));
}

#[test]
fn a_merged_label_grows_beside_a_row_loop() {
    let label = "<w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr><w:p><w:r><w:t>类</w:t></w:r></w:p></w:tc>";
    let rows = row(&[label.to_owned(), cell("{{#each rows}}{{n}}"), cell("{{v}}{{/each}}")]);
    let (out, found) = try_fill(&Docx::new(&table(&[&rows])), &data(), &RenderOptions::default());
    assert!(found.is_empty(), "{found:?}");
    let out = out.unwrap();
    assert_eq!(table_layouts(&out, &PackageLimits::default()).unwrap()[0].rows[0].cells[0].rows, 3);
    let text = text_of(part(&support::parts(&out), "word/document.xml"));
    assert_eq!(text, ["类", "甲", "1", "", "乙", "2", "", "丙", "3"]);
}

#[test]
fn messages_exist_in_both_languages() {
    let mut sink = Sink::new();
    let id = Sources::default().add_binary("t");
    let docx = Docx::new(&in_cell("{{> a}}{{#> b}}{{{{raw}}}}{{#*inline \"x\"}}{{{{x}}}}"));
    assert!(CompiledTemplate::parse(docx.bytes(), id, &mut sink).is_none());
    for found in sink.into_sorted() {
        for lang in [Lang::Zh, Lang::En] {
            let message = found.message.in_lang(lang);
            assert!(!message.is_empty() && !message.contains("{name}"), "{message}");
        }
    }
}
