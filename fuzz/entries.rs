//! What is fuzzed: each function takes any bytes and must neither panic nor run on. The fuzz targets and
//! `tests/fuzz.rs` share them.

use docx_fill::diag::{
    Diagnostic, DiagnosticFormat, Lang, Location, Sink, Sources, Span, WordLocation, is_hidden,
    render_diagnostics,
};
use docx_fill::opc::PackageLimits;
use docx_fill::prose;
use docx_fill::template::{CompiledTemplate, RenderOptions, table_layouts};
use nianbao::check::findings_list::{self, ListedFindings, ListedReport};
use nianbao::check::{self, Settings};
use nianbao::collect::{
    self, CollectOptions, DeliveredFile, FormSentenceCache, UnitList, UnitReport,
};
use nianbao::data::{self, Syntax};
use nianbao::form::FormRegistry;
use nianbao::{import as importing, letterhead, quote, report, sheet};
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;
use zip::write::SimpleFileOptions;

fn library() -> &'static FormRegistry {
    static LIBRARY: OnceLock<FormRegistry> = OnceLock::new();
    LIBRARY.get_or_init(FormRegistry::built_in)
}

/// A data file: the first line names the syntax.
pub fn data(bytes: &[u8]) {
    let (kind, content) = line(bytes);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let binary = sources.add_binary("fuzzed");
    if kind == b"xlsx" {
        let bytes = package(content);
        let book = data::load_workbook(binary, &bytes, &mut sources, &mut sink);
        if let Some(root) =
            book.and_then(|book| sheet::read_workbook(binary, &book, library(), &mut sink))
        {
            judge(binary, "", &root, &mut sink);
        }
    } else if let Some(text) = data::decode_text(binary, content, &mut sink) {
        let source = sources.add_text("fuzzed", &*text);
        let root = match kind {
            b"csv" => data::load_csv(source, "requests", &text, &mut sink)
                .and_then(|book| sheet::read_csv(source, &book, library(), &mut sink)),
            b"json" => data::load_data(source, &text, Syntax::Json, &mut sink),
            b"yaml" => data::load_data(source, &text, Syntax::Yaml, &mut sink),
            _ => data::load_data(source, &text, Syntax::Toml, &mut sink),
        };
        if let Some(root) = root {
            judge(source, &text, &root, &mut sink);
        }
    }
    shown(sink, &sources);
}

fn judge(source: docx_fill::diag::SourceId, text: &str, root: &data::DataNode, sink: &mut Sink) {
    let Some(report) = report::read_report(source, root, library(), sink) else { return };
    let settings = Settings::default();
    check::check_report_with(&report, None, &settings, sink);
    let texts = quote::fill_quotes(&report, text, sink);
    check::check_texts(&report, &texts, text, None, &settings, sink);
    for text in &texts {
        drop(prose::parse_markdown(text));
    }
}

/// A Word document, opened, compiled and filled.
pub fn docx(bytes: &[u8]) {
    let bytes = package(bytes);
    drop(table_layouts(&bytes, &PackageLimits::default()));
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

/// The reports of a county, each behind a line `== syntax`: added up whatever they say, and every output made.
/// The county's data file gives back the county's figures, nothing that a unit wrote among them.
pub fn county(bytes: &[u8]) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let (mut delivered, mut prescribed) = (Vec::new(), FormSentenceCache::default());
    for (number, (kind, content)) in units(bytes).into_iter().enumerate().take(8) {
        let mut found = Sink::new();
        let name = format!("{number}{}", String::from_utf8_lossy(kind));
        let source = sources.add_binary(name.as_str());
        let text = data::decode_text(source, content, &mut found).unwrap_or_default().into_owned();
        let source = sources.add_text(name.as_str(), text.as_str());
        let syntax = match kind.first() {
            Some(b'j') => Syntax::Json,
            Some(b'y') => Syntax::Yaml,
            _ => Syntax::Toml,
        };
        let root = data::load_data(source, &text, syntax, &mut found);
        let report =
            root.and_then(|root| report::read_report(source, &root, library(), &mut found));
        let report = report.map(|report| UnitReport::new(&report, &mut prescribed));
        let found = found.into_sorted();
        delivered.push(DeliveredFile { file: name, source, report, found });
    }
    let Some(total) = collect::collect_county(delivered, CollectOptions::default()) else { return };
    let source = sources.add_binary("report.toml");
    let mut report = total.county_report(source, &mut sink);
    for syntax in [Syntax::Toml, Syntax::Json, Syntax::Yaml] {
        let text = collect::write_data_file(&total, &mut report, syntax, Lang::Zh);
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("again", text.as_str());
        let root = data::load_data(source, &text, syntax, &mut sink).expect("our own syntax");
        let again = report::read_report(source, &root, library(), &mut sink).expect("a report");
        let figures = |report: &report::Report| -> Vec<Vec<String>> {
            let texts = |cells: &Vec<report::ReportCell>| {
                cells.iter().map(|c| c.figure.cell_text()).collect()
            };
            report.tables.iter().map(texts).collect()
        };
        assert_eq!(figures(&report), figures(&again), "{text}");
        assert_eq!(report.organ.name, again.organ.name, "{text}");
    }
    let listed: Vec<ListedReport> = total
        .delivered
        .iter()
        .map(|unit| {
            let findings =
                ListedFindings { found: &unit.found, sources: &sources, form: Some(&total.form) };
            let listed = ListedReport::of_file(&unit.file, findings, Lang::Zh);
            match &unit.report {
                Some(report) => listed.with_unit(&report.organ),
                None => listed,
            }
        })
        .collect();
    collect::matrix_workbook(&total, &listed, Lang::Zh).expect("a matrix");
    findings_list::findings_workbook(&listed, Lang::Zh).expect("a list");
    let page = collect::render_status_page(&total, &sources, None, Lang::Zh);
    assert!(!page.contains(|c| c != '\n' && is_hidden(c)), "{page}");
    shown(sink, &sources);
}

fn units(bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(from) = rest.strip_prefix(b"== ") {
        let (kind, content) = line(from);
        let end = content.windows(4).position(|four| four == b"\n== ");
        let (own, after) = content.split_at(end.map_or(content.len(), |end| end + 1));
        out.push((kind, own));
        rest = after;
    }
    out
}

/// Words in every place of a finding from which a file's words can come: the file's name, its text, a message, a
/// hint, a place in Word. Nothing that a terminal obeys is printed, and no word makes a line of its own.
pub fn printing(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut words = text.split('\u{1}');
    let mut next = || words.next().unwrap_or_default();
    let mut sources = Sources::default();
    let (name, source_text, value, hint) = (next(), next(), next(), next());
    let source = sources.add_text(name, source_text);
    let start = value.len().min(source_text.len());
    let span = Span { start, end: source_text.len() };
    let word = WordLocation {
        part: next().to_owned(),
        excerpt: next().to_owned(),
        ..WordLocation::default()
    };
    let message = nianbao::msg!("quote.picture-missing", path = value);
    let other = nianbao::msg!("quote.picture-kind", path = hint);
    let found = [
        Diagnostic::error("picture", Location::text(source, span), message.clone())
            .with_hint(other.clone())
            .with_label(Location::Word(source, word.clone()), other.clone()),
        Diagnostic::warning("picture", Location::Word(source, word), message.clone()),
    ];
    for lang in [Lang::Zh, Lang::En] {
        for format in [
            DiagnosticFormat::Human,
            DiagnosticFormat::Short,
            DiagnosticFormat::Json,
            DiagnosticFormat::Sarif,
        ] {
            let out = render_diagnostics(&found, &sources, format, lang);
            assert!(!out.contains(|c| c != '\n' && is_hidden(c)), "{out:?}");
            if matches!(format, DiagnosticFormat::Short | DiagnosticFormat::Json) {
                assert_eq!(out.lines().count(), found.len(), "{out}");
            }
        }
        assert!(!message.in_lang(lang).contains(is_hidden));
    }
}

/// Settings, a list of units or a letterhead: the first line says which, and in which syntax.
pub fn settings(bytes: &[u8]) {
    let (kind, content) = line(bytes);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let binary = sources.add_binary("fuzzed");
    let Some(text) = data::decode_text(binary, content, &mut sink) else { return };
    let source = sources.add_text("fuzzed", &*text);
    let syntax = match kind.get(1) {
        Some(b'j') => Syntax::Json,
        Some(b'y') => Syntax::Yaml,
        _ => Syntax::Toml,
    };
    let Some(root) = data::load_data(source, &text, syntax, &mut sink) else {
        return shown(sink, &sources);
    };
    match kind.first() {
        Some(b'u') => drop(UnitList::read(source, &root, &library().levels(), &mut sink)),
        Some(b'l') => drop(letterhead::read_letterhead(source, &root, &mut sink)),
        _ => {
            let settings = Settings::read(source, &root, library(), &mut sink);
            let mut found = Sink::new();
            found.push(Diagnostic::error(
                "row-sum",
                Location::File(source),
                nianbao::msg!("data.empty"),
            ));
            drop(settings.apply_severities(found));
        }
    }
    shown(sink, &sources);
}

/// A Word document that is read as a report.
pub fn import(bytes: &[u8]) {
    let bytes = package(bytes);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("fuzzed.docx");
    let options = importing::ImportOptions::new(library(), PackageLimits::default());
    if let Some(read) = importing::import_report(source, &bytes, &options, &mut sources, &mut sink)
    {
        // Nothing but pictures leaves a document, under names of the program's.
        for (name, bytes) in &read.pictures {
            let end = nianbao::quote::picture_extension(bytes).expect("a picture");
            assert!(name.starts_with("picture-") && name.ends_with(end), "{name}");
        }
    }
    shown(sink, &sources);
}

/// A web page.
pub fn page(bytes: &[u8]) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("fuzzed.html");
    let options = importing::ImportOptions::new(library(), PackageLimits::default());
    let read = importing::import_web_page(source, bytes, &options, &mut sources, &mut sink);
    if let Some(read) = read {
        drop(report::read_report(source, &read.node, library(), &mut sink));
    }
    shown(sink, &sources);
}

fn fill(bytes: &[u8]) {
    let mut sources = Sources::default();
    let source = sources.add_binary("fuzzed.docx");
    let mut sink = Sink::new();
    if let Some(template) = CompiledTemplate::parse(bytes, source, &mut sink) {
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
    for format in [DiagnosticFormat::Human, DiagnosticFormat::Json] {
        drop(render_diagnostics(&found, sources, format, Lang::Zh));
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
