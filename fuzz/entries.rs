//! What is fuzzed: each function takes any bytes and must neither panic nor run on. The fuzz targets and
//! `tests/fuzz.rs` share them.

use nianbao::check::{self, Settings};
use nianbao::data::{self, Syntax};
use nianbao::diag::{Format, Lang, Sink, Sources, print};
use nianbao::form::Library;
use nianbao::template::{RenderOptions, Template, layout};
use nianbao::{import as importing, prose, quote, report, sheet};
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;
use zip::write::SimpleFileOptions;

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(Library::built_in)
}

/// A data file: the first line names the syntax.
pub fn data(bytes: &[u8]) {
    let (kind, content) = line(bytes);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let binary = sources.add_binary("fuzzed");
    if kind == b"xlsx" {
        let bytes = package(content);
        let book = data::load_workbook(binary, &bytes, &mut sources, &mut sink);
        if let Some(root) = book.and_then(|book| sheet::tree(binary, &book, library(), &mut sink)) {
            judge(binary, "", &root, &mut sink);
        }
    } else if let Some(text) = data::decode(binary, content, &mut sink) {
        let source = sources.add_text("fuzzed", text);
        let root = match kind {
            b"csv" => data::load_csv(source, "requests", text, &mut sink)
                .and_then(|book| sheet::csv(source, &book, library(), &mut sink)),
            b"json" => data::load(source, text, Syntax::Json, &mut sink),
            b"yaml" => data::load(source, text, Syntax::Yaml, &mut sink),
            _ => data::load(source, text, Syntax::Toml, &mut sink),
        };
        if let Some(root) = root {
            judge(source, text, &root, &mut sink);
        }
    }
    shown(sink, &sources);
}

fn judge(source: nianbao::diag::SourceId, text: &str, root: &data::Node, sink: &mut Sink) {
    let Some(report) = report::read(source, root, library(), sink) else { return };
    let settings = Settings::default();
    check::check_with(&report, None, &settings, sink);
    let texts = quote::expand(&report, text, sink);
    check::texts(&report, &texts, text, None, &settings, sink);
    for text in &texts {
        drop(prose::parse(text));
    }
}

/// A Word document, opened, compiled and filled.
pub fn docx(bytes: &[u8]) {
    let bytes = package(bytes);
    drop(layout(&bytes));
    fill(&bytes);
}

/// The text of a paragraph with tags, then a line, then data in JSON.
pub fn template(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let xml: String = escaped.chars().filter(|c| *c >= ' ' || *c == '\n').collect();
    let paragraphs: Vec<String> =
        xml.lines().map(|line| format!("<w:p><w:r><w:t>{line}</w:t></w:r></w:p>")).collect();
    let listing =
        format!("{SHELL}== word/document.xml\n<w:document>{}</w:document>", paragraphs.concat());
    fill(&package(listing.as_bytes()));
}

/// A Word document that is read as a report.
pub fn import(bytes: &[u8]) {
    let bytes = package(bytes);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("fuzzed.docx");
    let options = importing::Options::new(library());
    if let Some(read) = importing::read(source, &bytes, &options, &mut sources, &mut sink) {
        // Nothing but pictures leaves a document, under names of the program's.
        for (name, bytes) in &read.pictures {
            let end = nianbao::quote::picture_extension(bytes).expect("a picture");
            assert!(name.starts_with("picture-") && name.ends_with(end), "{name}");
        }
    }
    shown(sink, &sources);
}

fn fill(bytes: &[u8]) {
    let mut sources = Sources::default();
    let source = sources.add_binary("fuzzed.docx");
    let mut sink = Sink::new();
    if let Some(template) = Template::parse(bytes, source, &mut sink) {
        let data = serde_json::json!({
            "a": "甲<乙>&", "n": 12.5, "yes": true, "no": false, "none": null,
            "list": [{"a": 1, "list": [1, 2]}, {"a": "x"}], "o": {"p": {"q": "r"}}
        });
        let options = RenderOptions { max_bytes: 1 << 20, ..RenderOptions::default() };
        drop(template.render(&data, &(), &options, &mut sink));
    }
    shown(sink, &sources);
}

/// Every finding can be shown.
fn shown(sink: Sink, sources: &Sources) {
    let found = sink.into_sorted();
    for format in [Format::Human, Format::Json] {
        drop(print(&found, sources, format, Lang::Zh));
    }
}

fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|b| *b == b'\n');
    end.map_or((&b""[..], bytes), |end| (&bytes[..end], &bytes[end + 1..]))
}

/// What makes a listing a Word document.
pub const SHELL: &str = concat!(
    "== [Content_Types].xml\n<Types><Default Extension=\"xml\" ContentType=\"application/xml\"/>",
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-",
    "officedocument.wordprocessingml.document.main+xml\"/></Types>\n== _rels/.rels\n",
    "<Relationships><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/",
    "2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>\n"
);

/// A package as it is, or made from a listing: `== name`, a line, and the part. Checksums would keep a
/// fuzzer from the parts of a package.
pub fn package(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(b"== ") {
        return bytes.to_vec();
    }
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut at = 0;
    while at < bytes.len() {
        let (name, content) = line(&bytes[at + 3..]);
        let next = content.windows(4).position(|four| four == b"\n== ");
        let end = next.unwrap_or(content.len());
        let name = String::from_utf8_lossy(name).into_owned();
        if writer.start_file(name, stored).is_ok() {
            // Writing to memory does not fail.
            let _ = writer.write_all(&content[..end]);
        }
        at = bytes.len() - content.len() + end + usize::from(next.is_some());
        if next.is_none() {
            break;
        }
    }
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}
