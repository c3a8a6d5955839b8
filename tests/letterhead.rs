//! Letterheads of users: their own Word documents around a report (b), full templates with single tags (c),
//! and what is said when one cannot be used. `tests/cases/build/letterhead-*` shows the program's own (a).

mod common;
#[allow(clippy::duplicate_mod, reason = "each test program has its own")]
#[path = "../crates/docx-fill/tests/support/mod.rs"]
mod support;

use docx_fill::diag::{DiagnosticFormat, Lang, Sink, Sources, render_diagnostics};
use docx_fill::opc::PackageLimits;
use nianbao::form::FormRegistry;
use nianbao::letterhead;
use nianbao::render::RenderTargets;
use nianbao::render::letterhead::{LetterheadFiles, LetterheadJob, render_letterhead_docx};
use nianbao::render::{RenderJob, Templates};
use nianbao::report::Report;
use nianbao::{data, quote, report};
use std::collections::BTreeMap;
use support::Docx;

const REPORT: &str = "year = 2025\ndate = 2026-01-20\n[organ]\nname = \"云砚镇人民政府\"\n[text]\n\
    overview = \"依法公开。\"\n[letterhead]\nnumber = \"云政报〔2026〕3号\"\n";
/// What is said of the page of [`support::Docx`].
const NARROW: &str =
    "我的版头.docx: 警告[letterhead]: 版头的版心宽 147 毫米，报告的表格宽 156 毫米，放不下\n";
const WANTED: RenderTargets = RenderTargets { docx: true, pdf: false };

fn read(text: &str, sources: &mut Sources, library: &FormRegistry) -> Report {
    let source = sources.add_text("report.toml", text);
    let mut sink = Sink::new();
    let root = data::load_data(source, text, data::Syntax::Toml, &mut sink).expect("TOML");
    report::read_report(source, &root, library, &mut sink).expect("a report")
}

/// The document made with a Word letterhead, and what was said about it.
fn dressed(text: &str, word: Option<Vec<u8>>, draft: bool) -> (Option<Vec<u8>>, String) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = Templates::built_in();
    let report = read(text, &mut sources, templates.library());
    let texts = quote::fill_quotes(&report, text, &mut sink);
    let edition = templates.read_edition(&report.form, WANTED, &mut sources, &mut sink);
    let files: LetterheadFiles = word
        .map(|bytes| ("letterhead.docx".to_owned(), ("我的版头.docx".to_owned(), bytes)))
        .into_iter()
        .collect();
    let drawn = templates.read_letterhead(&report.form, &files, WANTED, &mut sources, &mut sink);
    let node = report.letterhead.clone().expect("it says something of its letterhead");
    let letterhead = letterhead::read_letterhead(report.source, &node, &mut sink);
    let value = letterhead.to_value(&report, &sources, &mut sink);
    let pictures: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let job = RenderJob { report: &report, texts: &texts, assets: &pictures, draft };
    let dress = LetterheadJob {
        template: &drawn,
        letterhead: &letterhead,
        value: &value,
        pictures: &pictures,
    };
    let made = render_letterhead_docx(&job, &edition, &dress, true, &mut sink);
    (made, render_diagnostics(&sink.into_sorted(), &sources, DiagnosticFormat::Short, Lang::Zh))
}

fn own(paragraphs: &[&str]) -> Vec<u8> {
    let paragraphs: String = paragraphs.iter().map(|text| support::paragraph(text)).collect();
    Docx::new(&paragraphs).bytes()
}

/// The table of values in docs/letterhead.md: tags and results.
fn documented_values(page: &str) -> Vec<(&str, &str)> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `{{"));
    rows.map(|row| {
        let (tag, rest) = row.split_once("` | `").expect("a tag and its result");
        (tag, rest.split_once('`').expect("a result").0)
    })
    .collect()
}

#[test]
fn every_value_of_the_page_has_the_result_that_it_states() {
    let page = include_str!("../docs/letterhead.md");
    let section = page.split("\n## 可以用的值\n").nth(1).expect("the heading");
    let section = section.split("\n## ").next().expect("its text");
    let data = section.split("```toml").nth(1).and_then(|rest| rest.split("```").next());
    let values = documented_values(section);
    assert!(values.len() > 20, "{values:?}");
    let tags: Vec<String> = values.iter().map(|(tag, _)| format!("{{{{{tag}")).collect();
    let mut paragraphs = vec!["{{report}}", "从这里起"];
    paragraphs.extend(tags.iter().map(String::as_str));
    let (made, said) = dressed(data.expect("the data"), Some(own(&paragraphs)), false);
    let words = words(&made.unwrap_or_else(|| panic!("{said}")));
    let begin = words.iter().position(|word| word == "从这里起").expect("the mark") + 1;
    for ((tag, result), word) in values.iter().zip(words.iter().skip(begin)) {
        assert_eq!(word, result, "{{{{{tag}");
    }
    assert_eq!(words.len() - begin, values.len(), "{words:?}");
}

/// A value that the program hands to a letterhead is in the table of docs/letterhead.md.
#[test]
fn the_page_leaves_out_no_value() {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let text = format!("{REPORT}[letterhead.imprint]\ncopies = \"县政府\"\n");
    let report = read(&text, &mut sources, Templates::built_in().library());
    let node = report.letterhead.clone().expect("it says something of its letterhead");
    let letterhead = letterhead::read_letterhead(report.source, &node, &mut sink);
    let value = letterhead.to_value(&report, &sources, &mut sink);
    let page = include_str!("../docs/letterhead.md");
    let names = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().expect("a group").keys().cloned().collect()
    };
    for name in names(&value) {
        assert!(page.contains(&format!("letterhead.{name}")), "letterhead.{name}");
    }
    for name in names(&value["imprint"]) {
        assert!(page.contains(&format!("{{{{{name}}}}}")), "letterhead.imprint.{name}");
    }
    let values = report.to_values(false);
    let tables: Vec<&str> = report.form.tables.iter().map(|table| table.id.as_str()).collect();
    for name in values.keys().filter(|name| !tables.contains(&name.as_str())) {
        let tag = [format!("{{{{{name}}}}}"), format!("{{{{{name}.")];
        assert!(tag.iter().any(|tag| page.contains(tag.as_str())), "{name}");
    }
    for name in names(&values["organ"]) {
        assert!(page.contains(&format!("{{{{organ.{name}}}}}")), "organ.{name}");
    }
}

fn words(docx: &[u8]) -> Vec<String> {
    support::text_of(&common::part(docx, "word/document.xml"))
}

#[test]
fn the_report_stands_where_a_users_document_says_so() {
    let word = own(&["云砚镇便笺", "{{letterhead.number}}", "{{report}}", "特此报告。"]);
    let (made, said) = dressed(REPORT, Some(word), false);
    assert_eq!(said, NARROW);
    let words = words(&made.expect("a document"));
    let at = |text: &str| {
        words
            .iter()
            .position(|word| word.contains(text))
            .unwrap_or_else(|| panic!("{text}: {words:?}"))
    };
    assert!(at("云砚镇便笺") < at("云政报〔2026〕3号"));
    assert!(at("云政报〔2026〕3号") < at("依法公开。"));
    assert!(at("依法公开。") < at("特此报告。"));
}

/// Pretty XML with a line for each table: another test looks at their cells.
fn without_tables(xml: &str) -> String {
    let mut depth = 0;
    let mut out = String::new();
    for line in xml.lines() {
        let tag = line.trim();
        if tag == "</w:tbl>" {
            depth -= 1;
        }
        if depth == 0 {
            out.push_str(line);
            out.push('\n');
        }
        if tag == "<w:tbl>" {
            depth += 1;
        }
    }
    out
}

/// Compares the body of a document, a line for each element, with `tests/data/letterhead/NAME.xml`.
fn golden(name: &str, docx: &[u8]) {
    let file = common::root().join("tests/data/letterhead").join(name);
    let actual = without_tables(&common::pretty(&common::part(docx, "word/document.xml")));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, &actual).expect("written");
    }
    let expected = std::fs::read_to_string(&file).expect("UPDATE=1 writes it");
    let differs = expected.lines().zip(actual.lines()).position(|(a, b)| a != b);
    assert!(expected == actual, "{name}, line {differs:?} differs (UPDATE=1 rewrites)");
}

#[test]
fn a_users_document_keeps_its_body_to_the_last_element() {
    let word = own(&["云砚镇便笺", "{{letterhead.number}}", "{{report}}", "特此报告。"]);
    golden("own.xml", &dressed(REPORT, Some(word), false).0.expect("a document"));
}

/// As somebody sets it in Word: the paragraph of the report is kept with the next.
#[test]
fn the_end_of_a_report_stays_with_the_signature_where_its_paragraph_does() {
    let text = REPORT.replace("[letterhead]", "other = \"以上。\"\n[letterhead]");
    let host = |properties: &str| {
        let place = format!("<w:p>{properties}<w:r><w:t>{{{{report}}}}</w:t></w:r></w:p>");
        let signature = support::paragraph("{{letterhead.signature}}");
        Docx::new(&format!("{place}{signature}")).bytes()
    };
    let kept = |word: Option<Vec<u8>>| {
        let expected = if word.is_some() { NARROW } else { "" };
        let (made, said) = dressed(&text, word, false);
        assert_eq!(said, expected);
        let xml = common::part(&made.expect("a document"), "word/document.xml");
        let end = xml.find("以上。").expect("the last text");
        let start = xml[..end].rfind("<w:p>").expect("its paragraph");
        xml[start..end].contains("<w:keepNext/>")
    };
    assert!(kept(Some(host("<w:pPr><w:keepNext/></w:pPr>"))));
    assert!(!kept(Some(host(""))));
    assert!(kept(None), "the program's own");
}

#[test]
fn a_full_template_is_filled_to_the_last_element() {
    let word = own(&[
        "{{letterhead.mark}}",
        "{{title}}",
        "新收{{requests.received.total}}件，结转{{requests.carried-out.total}}件",
        "{{markdown text.overview}}",
        "{{letterhead.signature}}",
        "{{letterhead.date}}",
    ]);
    let (made, said) = dressed(REPORT, Some(word), false);
    assert_eq!(said, "");
    golden("full.xml", &made.expect("a document"));
}

#[test]
fn every_table_of_the_form_arrives_with_its_grid() {
    let (made, _) = dressed(REPORT, Some(own(&["前", "{{report}}"])), false);
    let made =
        docx_fill::template::table_layouts(&made.expect("a document"), &PackageLimits::default())
            .expect("tables");
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = Templates::built_in();
    let report = read(REPORT, &mut sources, templates.library());
    let texts = quote::fill_quotes(&report, REPORT, &mut sink);
    let edition = templates.read_edition(&report.form, WANTED, &mut sources, &mut sink);
    let job = RenderJob { report: &report, texts: &texts, assets: &(), draft: false };
    let plain = nianbao::render::render_docx(&job, &edition, &mut sink).expect("a document");
    let plain =
        docx_fill::template::table_layouts(&plain, &PackageLimits::default()).expect("tables");
    assert_eq!(made.len(), 3);
    for (made, plain) in made.iter().zip(&plain) {
        assert_eq!(made.columns, plain.columns);
        let texts = |table: &docx_fill::template::TableLayout| -> Vec<Vec<String>> {
            let rows = table.rows.iter();
            rows.map(|row| row.cells.iter().map(|cell| cell.text.clone()).collect()).collect()
        };
        assert_eq!(texts(made), texts(plain));
    }
}

#[test]
fn a_full_template_takes_single_figures() {
    let word = own(&[
        "{{letterhead.mark}}",
        "新收{{requests.received.total}}件",
        "{{markdown text.overview}}",
    ]);
    let (made, said) = dressed(REPORT, Some(word), false);
    assert_eq!(said, "");
    let words = words(&made.expect("a document"));
    for text in ["云砚镇人民政府文件", "新收0件", "依法公开。"] {
        assert!(words.iter().any(|word| word.contains(text)), "{text}: {words:?}");
    }
}

#[test]
fn the_letterhead_of_the_program_serves_every_edition() {
    for year in ["2020", "2025"] {
        let text = REPORT.replace("year = 2025", &format!("year = {year}"));
        let (made, said) = dressed(&text, None, true);
        assert_eq!(said, "", "{year}");
        let (again, _) = dressed(&text, None, true);
        assert_eq!(made, again, "{year}");
        let words = words(&made.expect("a document"));
        assert!(words.iter().any(|word| word.contains("2026年1月20日")), "{year}: {words:?}");
    }
}

#[test]
fn a_letterhead_without_a_place_for_the_report_is_refused() {
    let (made, said) = dressed(REPORT, Some(own(&["{{organ.name}}", "正文在下面"])), false);
    assert!(made.is_none());
    assert!(said.contains("我的版头.docx") && said.contains("{{report}}"), "{said}");
}

#[test]
fn a_second_report_is_refused_at_its_paragraph() {
    let (made, said) = dressed(REPORT, Some(own(&["{{report}}", "甲", "{{report}}"])), false);
    assert!(made.is_none());
    assert!(said.contains("不止一次"), "{said}");
}

#[test]
fn a_draft_without_a_mark_is_told() {
    let (made, said) = dressed(REPORT, Some(own(&["{{report}}"])), true);
    assert!(made.is_some());
    assert!(said.contains("草稿标记"), "{said}");
    let (_, said) = dressed(REPORT, Some(own(&["{{#if draft}}草稿{{/if}}", "{{report}}"])), true);
    assert_eq!(said, NARROW);
}

/// A document with a look of its own: small letters, large headings, American paper.
fn plain_document(tag: &str) -> Vec<u8> {
    let section = "<w:sectPr><w:pgSz w:w=\"12240\" w:h=\"15840\"/><w:pgMar w:top=\"1440\" \
        w:right=\"1800\" w:bottom=\"1440\" w:left=\"1800\" w:header=\"720\" w:footer=\"720\" \
        w:gutter=\"0\"/></w:sectPr>";
    let mut word = Docx::new(&format!("{}{section}", support::paragraph(tag)));
    word.add_word_part(
        "styles",
        "styles",
        "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/>\
        <w:rPr><w:sz w:val=\"17\"/></w:rPr></w:style><w:style w:type=\"paragraph\" w:styleId=\"H1\">\
        <w:name w:val=\"heading 1\"/><w:basedOn w:val=\"Normal\"/><w:rPr><w:sz w:val=\"99\"/></w:rPr>\
        </w:style>",
    );
    word.bytes()
}

/// The styles of all paragraphs of a document, and its styles part.
fn styles_of(docx: &[u8]) -> (Vec<String>, String) {
    let body = common::part(docx, "word/document.xml");
    (support::attribute_values(&body, "w:pStyle", "w:val"), common::part(docx, "word/styles.xml"))
}

#[test]
fn d1_a_report_keeps_its_official_styles_unless_the_document_is_to_be_followed() {
    let (made, said) = dressed(REPORT, Some(plain_document("{{report}}")), false);
    let (used, styles) = styles_of(&made.expect("a document"));
    assert!(!used.contains(&"H1".to_owned()) && !used.is_empty(), "{used:?}");
    assert!(styles.contains("w:val=\"99\"") && styles.contains("w:eastAsia=\"仿宋"), "{styles}");
    // Its page is that of the document, which is told.
    assert!(said.contains("放不下") && said.contains("216×279"), "{said}");
    for tag in ["{{report styles=\"template\"}}", "{{document report styles=\"host\"}}"] {
        let (made, said) = dressed(REPORT, Some(plain_document(tag)), false);
        let (used, _) = styles_of(&made.expect("a document"));
        assert!(used.contains(&"H1".to_owned()), "{tag}: {used:?}");
        assert!(said.contains("放不下"), "{tag}: {said}");
    }
}
