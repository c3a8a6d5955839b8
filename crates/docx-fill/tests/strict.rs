//! Proves that a package in the strict vocabulary of ISO/IEC 29500 is filled as the same one in the transitional vocabulary
//! is, and stays strict.

mod support;

use docx_fill::diag::Severity;
use docx_fill::template::RenderOptions;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::engine::fill;
use support::random::Random;
use support::random_template::{RandomTemplate, data, rows};
use support::{Docx, attribute_values, paragraph, part, parts, row, table, text_of};

const TRANSITIONAL: &str = "http://schemas.openxmlformats.org/";
const PURL: &str = "http://purl.oclc.org/ooxml/";

/// Returns XML in the strict vocabulary, as far as the tests write it.
fn strict(text: &str) -> String {
    let mut out = text.to_owned();
    for kind in ["wordprocessingml", "officeDocument", "drawingml"] {
        out = out.replace(&format!("{TRANSITIONAL}{kind}/2006/"), &format!("{PURL}{kind}/"));
    }
    for (from, to) in [
        ("w:jc w:val=\"left\"", "w:jc w:val=\"start\""),
        ("w:jc w:val=\"right\"", "w:jc w:val=\"end\""),
        ("w:lvlJc w:val=\"left\"", "w:lvlJc w:val=\"start\""),
        ("w:leftChars=", "w:startChars="),
        ("w:rightChars=", "w:endChars="),
    ] {
        out = out.replace(from, to);
    }
    let mut pieces = out.split("<w:ind ");
    let mut found = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (tag, rest) = piece.split_once('>').unwrap();
        found.push_str("<w:ind ");
        found.push_str(&tag.replace("w:left=", "w:start=").replace("w:right=", "w:end="));
        found.push('>');
        found.push_str(rest);
    }
    for parent in ["tblBorders", "tcBorders", "tblCellMar", "tcMar"] {
        let (open, close) = (format!("<w:{parent}>"), format!("</w:{parent}>"));
        let mut pieces = found.split(&open);
        let mut all = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let (inside, rest) = piece.split_once(&close).unwrap();
            let inside = inside.replace("<w:left", "<w:start").replace("<w:right", "<w:end");
            all += &[&open, &inside, &close, rest].concat();
        }
        found = all;
    }
    found
}

fn strict_bytes(docx: &[u8]) -> Vec<u8> {
    converted(docx, &strict)
}

/// A package with its texts converted, the parts in the order of their names.
fn converted(docx: &[u8], convert: &dyn Fn(&str) -> String) -> Vec<u8> {
    let own: Vec<(String, String)> = parts(docx)
        .into_iter()
        .map(|(name, bytes)| (name, convert(std::str::from_utf8(&bytes).unwrap())))
        .collect();
    let own: Vec<_> = own.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    support::zip(&own)
}

/// Fills a package; fails if there are errors.
fn filled(bytes: Vec<u8>, data: &Value) -> BTreeMap<String, Vec<u8>> {
    let mut sink = docx_fill::diag::Sink::new();
    let parse = docx_fill::template::ParseOptions::default();
    let source = docx_fill::diag::Sources::default().add_binary("t");
    let template =
        docx_fill::template::CompiledTemplate::parse_with(bytes, source, &parse, &mut sink);
    let pictures = support::engine::pictures();
    let out = template.and_then(|template| {
        template.render(data, &pictures, &RenderOptions::default(), &mut sink)
    });
    let errors: Vec<_> =
        sink.into_sorted().into_iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    parts(&out.unwrap().into_bytes())
}

#[test]
fn random_templates_are_filled_alike_in_both_vocabularies() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..300 {
        let template = RandomTemplate::new(&mut random);
        // New identifiers are in the order of the parts.
        let bytes = converted(&template.docx.bytes(), &str::to_owned);
        let expected = filled(bytes.clone(), &data(&rows()));
        let found = filled(strict_bytes(&bytes), &data(&rows()));
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, bytes) in &expected {
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            // The picture of the data, and an annex that is inserted with its parts.
            assert_eq!(part(&found, name), strict(text), "{name}");
        }
    }
}

#[test]
fn a_strict_template_stays_strict() {
    let border = "<w:tc><w:tcPr><w:tcBorders><w:start w:val=\"single\"/><w:end w:val=\"single\"/></w:tcBorders>\
        </w:tcPr><w:p><w:pPr><w:ind w:start=\"720\"/><w:jc w:val=\"end\"/></w:pPr><w:r><w:t>{{#each rows}}{{n}}{{/each}}\
        </w:t></w:r></w:p></w:tc>";
    let content = table(&[&row(&[border.to_owned()])])
        + &paragraph("{{markdown text}}")
        + &paragraph("{{image picture}}");
    let docx = Docx::new(&content).bytes();
    let text = "|左|右|\n|:--|--:|\n|1|2|\n\n1. 一\n\n[链](https://a.cn)";
    let data = json!({"rows": [{"n": "甲"}, {"n": "乙"}], "text": text, "picture": "图/a.png"});
    let found = filled(strict_bytes(&docx), &data);
    for (name, bytes) in &found {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        for kind in ["wordprocessingml", "officeDocument", "drawingml"] {
            assert!(!text.contains(&format!("{TRANSITIONAL}{kind}")), "{name}: {text}");
        }
    }
    let document = part(&found, "word/document.xml");
    assert!(document.contains("<w:tcBorders><w:start w:val=\"single\"/><w:end "), "{document}");
    assert!(document.contains("<w:ind w:start=\"720\"/><w:jc w:val=\"end\"/>"), "{document}");
    assert_eq!(
        attribute_values(document, "w:jc", "w:val"),
        ["end", "start", "end", "start", "end"]
    );
    assert_eq!(text_of(document)[0], "甲乙");
    let links = part(&found, "word/_rels/document.xml.rels");
    assert!(links.contains(&format!("{PURL}officeDocument/relationships/hyperlink")), "{links}");
}

#[test]
fn lengths_with_units_are_lengths() {
    let mut docx = Docx::new(&paragraph("{{image picture}}"));
    let whole = part(&parts(&docx.bytes()), "word/document.xml").to_owned();
    let measured = whole
        .replace("w:w=\"11906\"", "w:w=\"595.30pt\"")
        .replace("w:left=\"1800\"", "w:left=\"90pt\"")
        .replace("w:right=\"1800\"", "w:right=\"1.25in\"");
    assert_ne!(measured, whole);
    let usual = fill(&docx, &json!({"picture": "图/a.png"}));
    docx.replace("word/document.xml", &measured);
    let found = fill(&docx, &json!({"picture": "图/a.png"}));
    let width = |parts: &BTreeMap<String, Vec<u8>>| {
        attribute_values(part(parts, "word/document.xml"), "wp:extent", "cx")
    };
    assert_eq!(width(&found), width(&usual));
}

/// Returns the text of a host into which a document is inserted.
fn inserted(host: Vec<u8>, annex: Vec<u8>) -> String {
    let mut sink = docx_fill::diag::Sink::new();
    let source = docx_fill::diag::Sources::default().add_binary("t");
    let parse = docx_fill::template::ParseOptions::default();
    let template =
        docx_fill::template::CompiledTemplate::parse_with(host, source, &parse, &mut sink).unwrap();
    let files: BTreeMap<String, Vec<u8>> = [("附件.docx".to_owned(), annex)].into();
    let out = template.render(&json!({}), &files, &RenderOptions::default(), &mut sink);
    assert!(!sink.has_errors(), "{:?}", sink.into_sorted());
    part(&parts(&out.unwrap().into_bytes()), "word/document.xml").to_owned()
}

#[test]
fn documents_of_the_other_vocabulary_are_inserted() {
    let host = Docx::new(&paragraph("{{document \"附件.docx\"}}"));
    let strict_host = strict_bytes(&host.bytes());
    let annex = Docx::new(
        "<w:p><w:pPr><w:ind w:left=\"3\"/><w:jc w:val=\"right\"/></w:pPr><w:r><w:t>附</w:t></w:r></w:p>",
    );
    for (host, annex) in [
        (host.bytes(), strict_bytes(&annex.bytes())),
        (strict_host.clone(), annex.bytes()),
        (strict_host.clone(), strict_bytes(&annex.bytes())),
    ] {
        let is_strict = host == strict_host;
        let document = inserted(host, annex);
        let (indent, side) = if is_strict { ("w:start", "end") } else { ("w:left", "right") };
        assert_eq!(attribute_values(&document, "w:ind", indent), ["3"], "{document}");
        assert_eq!(attribute_values(&document, "w:jc", "w:val"), [side], "{document}");
        assert_eq!(document.contains(PURL), is_strict, "{document}");
        assert_eq!(document.contains(&format!("{TRANSITIONAL}word")), !is_strict, "{document}");
    }
}

#[test]
fn widths_with_units_are_divided_among_columns() {
    let grid = "<w:gridCol w:w=\"50pt\"/><w:gridCol w:w=\"150pt\"/>";
    let wide = |text: &str, width: &str| {
        format!("<w:tc><w:tcPr><w:tcW {width}/></w:tcPr>{}</w:tc>", paragraph(text))
    };
    let tag = |width: &str| wide("{{#each rows columns=true}}{{n}}{{/each}}", width);
    let content = |width: &str| {
        let rows = row(&[wide("项", "w:w=\"50pt\" w:type=\"dxa\""), tag(width)]);
        table(&[&rows]).replace("<w:gridCol w:w=\"1000\"/>", grid)
    };
    let data = json!({"rows": [{"n": "甲"}, {"n": "乙"}]});
    for (width, expected) in [
        ("w:w=\"150pt\" w:type=\"dxa\"", ["50pt", "1500", "1500"]),
        // A share of the table is no length.
        ("w:w=\"75%\" w:type=\"pct\"", ["50pt", "75%", "75%"]),
    ] {
        let found = fill(&Docx::new(&content(width)), &data);
        let document = part(&found, "word/document.xml");
        assert_eq!(attribute_values(document, "w:gridCol", "w:w"), ["50pt", "1500", "1500"]);
        assert_eq!(attribute_values(document, "w:tcW", "w:w"), expected, "{document}");
    }
    // A cell that spans others has their widths together.
    let spanned = row(&[
        wide("{{span 2}}a", "w:w=\"50pt\" w:type=\"dxa\""),
        wide("b", "w:w=\"150pt\" w:type=\"dxa\""),
    ]);
    let content = table(&[&spanned]).replace("<w:gridCol w:w=\"1000\"/>", grid);
    let found = fill(&Docx::new(&content), &data);
    let document = part(&found, "word/document.xml");
    assert_eq!(attribute_values(document, "w:tcW", "w:w"), ["4000"], "{document}");
}

#[test]
fn sides_that_an_inserted_document_names_twice_are_written_once() {
    let sides = |parent: &str| {
        format!(
            "<w:{parent}><w:start w:w=\"1\"><w:x/></w:start><w:left w:w=\"2\"><w:x/></w:left><w:end w:w=\"3\"/>\
            <w:right w:w=\"4\"/></w:{parent}>"
        )
    };
    let cell = format!(
        "<w:tc><w:tcPr>{}{}</w:tcPr><w:p><w:pPr><w:ind w:start=\"1\" w:left=\"2\" w:right=\"3\"/></w:pPr></w:p></w:tc>",
        sides("tcBorders"),
        sides("tcMar")
    );
    let annex = Docx::new(&(table(&[&row(&[cell])]) + &paragraph("后"))).bytes();
    let host = strict_bytes(&Docx::new(&paragraph("{{document \"附件.docx\"}}")).bytes());
    let document = inserted(host, annex);
    assert!(document.contains("<w:ind w:start=\"1\" w:end=\"3\"/>"), "{document}");
    let once = "<w:start w:w=\"1\"><w:x/></w:start><w:end w:w=\"3\"/></w:tc";
    assert_eq!(document.matches(once).count(), 2, "{document}");
}

#[test]
fn strict_outputs_may_have_any_number_of_elements() {
    let tabs = format!("<w:p><w:r>{}</w:r></w:p>", "<w:tab/>".repeat(1_000));
    let content = [paragraph("{{#each rows}}"), tabs, paragraph("{{/each}}")].concat();
    let rows: Vec<Value> = (0..1_001).map(|_| json!({})).collect();
    let found = filled(strict_bytes(&Docx::new(&content).bytes()), &json!({ "rows": rows }));
    let document = part(&found, "word/document.xml");
    assert!(document.matches("<w:").count() > docx_fill::limits::MAX_XML_ELEMENTS);
    assert!(document.contains(PURL));
}

#[test]
fn scales_of_characters_are_percentages() {
    let own = "<w:p><w:r><w:rPr><w:w w:val=\"90%\"/></w:rPr><w:t>{{text}}</w:t></w:r></w:p>";
    let docx = Docx::new(&(paragraph("{{fit text 7}}") + own));
    let data = json!({"text": "一二三四五六七八九十"});
    let found = filled(strict_bytes(&docx.bytes()), &data);
    let scales = attribute_values(part(&found, "word/document.xml"), "w:w", "w:val");
    assert_eq!(scales, ["70%", "90%"]);
    // A transitional document has numbers, also of strict ones.
    let scale = "<w:p><w:r><w:rPr><w:w w:val=\"90%\"/></w:rPr><w:t>文</w:t></w:r></w:p>";
    let annex = strict_bytes(&Docx::new(scale).bytes());
    let host = Docx::new(&paragraph("{{document \"附件.docx\"}}")).bytes();
    let document = inserted(host, annex);
    assert_eq!(attribute_values(&document, "w:w", "w:val"), ["90"], "{document}");
}
