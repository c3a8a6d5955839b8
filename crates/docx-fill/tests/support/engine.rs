//! Owns filling in tests: a small document and data become texts or findings.
//! Must not know what a test proves.

use super::{Docx, check_well_formed, part, parts, text_of};
use docx_fill::diag::{Lang, Location, Severity, Sink, Sources, WordLocation};
use docx_fill::template::{CompiledTemplate, ParseOptions, RenderOptions, RenderedDocx};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Fills a document and gives its parts; fails if anything is reported.
pub fn fill(docx: &Docx, data: &Value) -> BTreeMap<String, Vec<u8>> {
    let (out, findings) = try_fill(docx, data, &RenderOptions::default());
    assert!(findings.is_empty(), "{findings:#?}");
    parts(&out.expect("filled"))
}

/// Compiles and renders in one step, so that faults of the template and of the data are found together.
pub fn fill_tolerant(
    bytes: Vec<u8>,
    parse: &ParseOptions,
    data: &Value,
    options: &RenderOptions,
    sink: &mut Sink,
) -> Option<RenderedDocx> {
    let source = Sources::default().add_binary("t");
    let template = CompiledTemplate::parse_tolerant(bytes, source, parse, sink)?;
    let out = template.render(data, &(), options, sink);
    out.filter(|_| !sink.has_errors())
}

/// The findings as (severity, rule, place, message and hints in Chinese).
pub type Finding = (Severity, String, WordLocation, String);

pub fn try_fill(
    docx: &Docx,
    data: &Value,
    options: &RenderOptions,
) -> (Option<Vec<u8>>, Vec<Finding>) {
    let mut sources = Sources::default();
    let id = sources.add_binary("template.docx");
    let mut sink = Sink::new();
    let template = CompiledTemplate::parse(docx.bytes(), id, &mut sink);
    let pictures = pictures();
    let out = template.and_then(|template| template.render(data, &pictures, options, &mut sink));
    let findings = sink.into_sorted().into_iter().map(|found| {
        let place = match found.location {
            Location::Word(_, place) => place,
            _ => WordLocation::default(),
        };
        let mut message = found.message.in_lang(Lang::Zh);
        for hint in &found.hints {
            message.push('|');
            message.push_str(&hint.in_lang(Lang::Zh));
        }
        (found.severity, found.rule.into_owned(), place, message)
    });
    (out.map(RenderedDocx::into_bytes), findings.collect())
}

pub fn pictures() -> BTreeMap<String, Vec<u8>> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(2000u32.to_be_bytes());
    png.extend(100u32.to_be_bytes());
    png.extend(b"\x08\x02\0\0\0\0\0\0\0");
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"100\"/>".to_vec();
    let files = [("图/a.png", png), ("bad.gif", b"GIF89a".to_vec()), ("图/a.svg", svg.clone())];
    let other = Docx::new(&super::paragraph("附件的正文")).bytes();
    let files = files.into_iter().chain([("alone.svg", svg), ("附件.docx", other)]);
    files.map(|(path, bytes)| (path.to_owned(), bytes)).collect()
}

/// The texts of the body's paragraphs after filling.
pub fn filled(content: &str, data: &Value) -> Vec<String> {
    let parts = fill(&Docx::new(content), data);
    let document = part(&parts, "word/document.xml");
    check_well_formed(document);
    text_of(document)
}

pub fn rules(content: &str, data: &Value) -> Vec<(String, WordLocation, String)> {
    let (_, findings) = try_fill(&Docx::new(content), data, &RenderOptions::default());
    findings.into_iter().map(|(_, rule, place, message)| (rule, place, message)).collect()
}

pub fn data() -> Value {
    json!({
        "机关": "兰溪市人民政府",
        "year": 2025,
        "rows": [{"n": "甲", "v": 1}, {"n": "乙", "v": 2}, {"n": "丙", "v": 3}],
        "none": [],
        "yes": true,
        "no": false,
        "empty": "",
        "picture": "图/a.png",
        "nested": [{"t": "A", "items": [{"i": 1}, {"i": 2}]}, {"t": "B", "items": [{"i": 3}]}],
    })
}
