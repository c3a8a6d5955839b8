//! Word documents as data: what the program builds reads back as the same report, for every sample and for
//! a thousand random ones; damaged documents end in messages.

mod common;
#[path = "common/generator.rs"]
mod generator;

use docx_fill::diag::{Severity, Sink, Sources};
use docx_fill::opc::PackageLimits;
use docx_fill::prose::{self, ProseBlock, ProseInline};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use generator::{Model, Random};
use nianbao::data::{self, Syntax};
use nianbao::form::FormRegistry;
use nianbao::import::{self, ImportedReport};
use nianbao::render::{self, Assets, EditionTemplates, RenderJob, Templates};
use nianbao::report::{self, Report};
use nianbao::{quote, sheet};
use std::collections::BTreeMap;
use std::path::Path;

const WANTED: nianbao::render::RenderTargets =
    nianbao::render::RenderTargets { docx: true, pdf: false };

/// Reports that are generated of each edition.
const EACH: usize = if cfg!(debug_assertions) { 30 } else { 500 };

struct Pictures(BTreeMap<String, Vec<u8>>);

impl Assets for Pictures {
    fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }
}

fn read(text: &str, library: &FormRegistry) -> Report {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_text("report.toml", text);
    let root = data::load_data(source, text, Syntax::Toml, &mut sink).expect("a tree");
    report::read_report(source, &root, library, &mut sink).expect("a report")
}

fn edition(report: &Report) -> EditionTemplates {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    Templates::built_in().read_edition(&report.form, WANTED, &mut sources, &mut sink)
}

fn build(report: &Report, edition: &EditionTemplates, pictures: &Pictures) -> Vec<u8> {
    let mut sink = Sink::new();
    let texts = quote::fill_quotes(report, "", &mut sink);
    let job = RenderJob { report, texts: &texts, assets: pictures, draft: false };
    let bytes = render::render_docx(&job, edition, &mut sink);
    bytes.unwrap_or_else(|| panic!("{:?}", sink.into_sorted())).into_bytes()
}

fn import(
    bytes: &[u8],
    library: &FormRegistry,
) -> (Option<ImportedReport>, Option<Report>, Sources, Sink) {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("old.docx");
    let options = import::ImportOptions::new(library, PackageLimits::default());
    let read = import::import_report(source, bytes, &options, &mut sources, &mut sink);
    let report =
        read.as_ref().and_then(|r| report::read_report(source, &r.node, library, &mut sink));
    (read, report, sources, sink)
}

/// Prose as a reader sees it: a numbered item is a paragraph that begins with its number.
fn seen(markdown: &str) -> Vec<String> {
    let line = |inlines: &[ProseInline]| prose::plain_text(inlines).trim().to_owned();
    let cells = |cells: &[prose::ProseCell]| {
        let texts: Vec<String> = cells.iter().map(|cell| line(&cell.inlines)).collect();
        texts.join("|")
    };
    let block = |block: ProseBlock| match block {
        ProseBlock::Paragraph { inlines } | ProseBlock::Quote { inlines } => line(&inlines),
        ProseBlock::Heading { level, inlines } => format!("h{level} {}", line(&inlines)),
        ProseBlock::Item { marker, inlines, .. } if marker == "•" => {
            format!("• {}", line(&inlines))
        }
        ProseBlock::Item { marker, inlines, .. } => format!("{marker}{}", line(&inlines)),
        ProseBlock::Table { head, rows } => {
            let rows: Vec<String> = std::iter::once(&head).chain(&rows).map(|r| cells(r)).collect();
            rows.join("\n")
        }
        ProseBlock::Image(image) => format!("picture {}", image.alt),
    };
    prose::parse_markdown(markdown).into_iter().map(block).collect()
}

fn same(built: &Report, again: &Report, about: &str) {
    assert_eq!(again.form.edition, built.form.edition, "{about}");
    assert_eq!(again.year, built.year, "{about}");
    assert_eq!(again.title(), built.title(), "{about}");
    assert_eq!(again.organ.name, built.organ.name, "{about}");
    for (table, (a, b)) in built.form.tables.iter().zip(built.tables.iter().zip(&again.tables)) {
        for (id, (a, b)) in table.cells.iter().zip(a.iter().zip(b)) {
            let name = table.row_name(id.row);
            assert_eq!(a.figure.cell_text(), b.figure.cell_text(), "{about}: {} {name}", table.id);
        }
    }
    let texts = |report: &Report| -> BTreeMap<(usize, bool), Vec<String>> {
        let filled = quote::fill_quotes(report, "", &mut Sink::new());
        let fields = report.texts.iter().zip(filled);
        let seen = fields.map(|(field, text)| ((field.section, field.after_table), seen(&text)));
        seen.filter(|(_, blocks)| !blocks.is_empty()).collect()
    };
    assert_eq!(texts(again), texts(built), "{about}");
}

#[test]
fn the_samples_read_back_as_they_were_built() {
    let library = FormRegistry::built_in();
    for sample in common::samples() {
        let dir = common::root().join("samples").join(&sample);
        let text = std::fs::read_to_string(dir.join("report.toml")).expect("a report");
        let report = read(&text, &library);
        let images = common::names(&dir)
            .into_iter()
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "png"));
        let pictures =
            images.map(|name| (name.clone(), std::fs::read(dir.join(name)).expect("a picture")));
        let pictures = Pictures(pictures.collect());
        let bytes = build(&report, &edition(&report), &pictures);
        let (read, again, _, sink) = import(&bytes, &library);
        let again = again.expect("a report");
        same(&report, &again, &sample);
        let fields =
            report.form.fields.iter().filter(|f| !matches!(f.id.as_str(), "name" | "level"));
        let organs = (&report.organ, &again.organ);
        // The lead of the real report gives no words before its address.
        for (given, found) in fields.map(|f| (organs.0.value_of(f), organs.1.value_of(f))) {
            assert!(found == given || found.is_empty(), "{sample}: {found} for {given}");
        }
        let found = sink.into_sorted();
        let own_title = report.custom_title.is_some();
        let grave = found.iter().filter(|d| d.severity != Severity::Info);
        assert_eq!(grave.count(), 0, "{sample}: {found:#?}");
        assert_eq!(found.is_empty(), !own_title, "{sample}: {found:#?}");
        let read = read.expect("read");
        let bytes: Vec<&Vec<u8>> = read.pictures.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(bytes, pictures.0.values().collect::<Vec<_>>(), "{sample}");
    }
}

/// Sentences, headings and blocks of which texts are made.
const PIECES: [&str; 14] = [
    "2025年，本机关围绕群众关心的事项做好公开工作，办结率为98.5%。",
    "（一）主动公开情况",
    "（二）具体措施。以上问题将在今后的工作中切实解决。",
    "### 1.完善制度",
    "1.认真落实《办法（试行）》，在便民服务中心设立举报箱。",
    "（1）公开目录按季度更新，标准统一，来源清楚。",
    "使用 a_b\\*c 和 \\<x\\> 这样的\\[文字\\]，以及 \\#1。",
    "其中**重要的部分**要强调，另见 <https://example.org/a> 。",
    "第一行\\\n第二行没有完。",
    "- 网站\n- 公报\n- 公开栏",
    "| 类别 | 数量 |\n|---|--:|\n| 甲 | 1 |\n| 乙\\|丙 | 2 |",
    "![图的说明](a.png)",
    "## 没有编号的标题",
    "> 引用的一段话。",
];

fn text(random: &mut Random) -> String {
    let count = 1 + random.below(6);
    let pieces: Vec<&str> = (0..count).map(|_| PIECES[random.below(PIECES.len())]).collect();
    pieces.join("\n\n")
}

/// A correct report with random texts; some cells are blank or hold a stroke.
fn generated(year: u16, random: &mut Random) -> String {
    let model = Model::correct(year, None, random);
    let mut out = model.toml(random);
    let organ = ["青禾镇人民政府", "霁川县发展和改革局", "澜汐市人民政府"][random.below(3)];
    out = out.replace("name = \"甲\"", &format!("name = \"{organ}\""));
    for field in ["overview", "problems", "other"] {
        let start = out.find(&format!("{field} = ")).expect("a text");
        let end = start + out[start..].find('\n').expect("a line");
        out.replace_range(start..end, &format!("{field} = '''{}'''", text(random)));
    }
    if random.one_in(2) {
        let more =
            format!("disclosure-after = '''{}'''\nlead = '''{}'''\n", text(random), PIECES[0]);
        out = out.replacen("[text]\n", &format!("[text]\n{more}"), 1);
    }
    if random.one_in(4) {
        let cell = ["\"\"", "\"/\""][random.below(2)];
        out = out.replacen("pending = 0", &format!("pending = {cell}"), 1);
    }
    out
}

#[test]
fn a_thousand_random_reports_read_back_as_they_were_built() {
    let library = FormRegistry::built_in();
    let pictures = Pictures(BTreeMap::from([("a.png".to_owned(), PNG.to_vec())]));
    for year in [2020, 2025] {
        let mut random = Random(0x5DEE_CE66 ^ u64::from(year));
        let mut made: Option<EditionTemplates> = None;
        for number in 0..EACH {
            let toml = generated(year, &mut random);
            let report = read(&toml, &library);
            let edition = made.get_or_insert_with(|| edition(&report));
            let bytes = build(&report, edition, &pictures);
            let (_, again, _, sink) = import(&bytes, &library);
            let about = format!("round {number} of {year}: {toml}");
            same(&report, &again.expect("a report"), &about);
            assert!(sink.is_empty(), "{about}: {:#?}", sink.into_sorted());
        }
    }
}

/// A picture of one pixel.
const PNG: [u8; 67] = [
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 0x0A, 0x49, 0x44, 0x41, 0x54,
    0x78, 0x9C, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0x48, 0xAF, 0xA4, 0x71, 0, 0, 0, 0, 0x49, 0x45, 0x4E,
    0x44, 0xAE, 0x42, 0x60, 0x82,
];

#[test]
fn an_imported_report_goes_through_every_kind_of_data_file() {
    let library = FormRegistry::built_in();
    let report = read(&generated(2025, &mut Random(77)), &library);
    let pictures = Pictures(BTreeMap::from([("a.png".to_owned(), PNG.to_vec())]));
    let bytes = build(&report, &edition(&report), &pictures);
    let (read, again, _, mut sink) = import(&bytes, &library);
    let (read, again) = (read.expect("read"), again.expect("a report"));
    for (syntax, _) in Syntax::ALL {
        let json = Syntax::Json;
        let text =
            nianbao::convert::convert_syntax(again.source, &read.node, "", json, syntax, &mut sink);
        let text = text.expect("a data file");
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("report", text.as_str());
        let root = data::load_data(source, &text, syntax, &mut sink).expect("a tree");
        let third = report::read_report(source, &root, &library, &mut sink).expect("a report");
        same(&report, &third, &text);
    }
    assert!(sheet::write_workbook(&again).is_ok());
}

/// The document of a folder of this test.
fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(common::root().join("tests/import").join(name)).expect("a document")
}

/// A package with another main document.
fn with_document(bytes: &[u8], xml: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, content) in common::parts(bytes) {
        out.start_file(name.as_str(), options).expect("memory");
        let content = if name == "word/document.xml" { xml.as_bytes() } else { &content };
        out.write_all(content).expect("memory");
    }
    out.finish().expect("memory").into_inner()
}

/// Every byte of one text is in the other, in the same order.
fn is_within(small: &str, large: &str) -> bool {
    let mut rest = large.bytes();
    small.bytes().all(|byte| rest.any(|other| other == byte))
}

fn tagged(bytes: &[u8], report: Option<&Report>, overwrite: bool) -> (Option<Vec<u8>>, Sink) {
    let library = FormRegistry::built_in();
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("form.docx");
    let wanted = import::TaggingOptions { report, overwrite, limits: PackageLimits::default() };
    let made = import::insert_tags(source, bytes, &library, wanted, &mut sources, &mut sink);
    (made.map(|(bytes, _)| bytes), sink)
}

fn fill(template: &[u8], report: &Report) -> Vec<u8> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary("template.docx");
    let template = CompiledTemplate::parse(template.to_vec(), source, &mut sink);
    let template = template.unwrap_or_else(|| panic!("{:?}", sink.into_sorted()));
    let mut sink = Sink::new();
    let texts = quote::fill_quotes(report, "", &mut sink);
    let data = render::content::tag_data(report, &texts, false, false);
    let pictures = Pictures(BTreeMap::new());
    let made = template.render(&data, &pictures, &RenderOptions::default(), &mut sink);
    made.unwrap_or_else(|| panic!("{:?}", sink.into_sorted())).into_bytes()
}

/// Forms of another program: the figures come into their cells, the texts below their headings, and nothing
/// that stood there before is gone. As a template the same form gives the same report.
#[test]
fn forms_without_tags_are_filled_and_become_templates() {
    let library = FormRegistry::built_in();
    for (form, sample) in [("form-2019.docx", "ansha-2020"), ("form-2021.docx", "yunyan-2025")] {
        let path = common::root().join("samples").join(sample).join("report.toml");
        let report = read(&std::fs::read_to_string(path).expect("a report"), &library);
        let blank = fixture(form);
        for wanted in [Some(&report), None] {
            let (made, sink) = tagged(&blank, wanted, false);
            assert!(sink.is_empty(), "{form}: {:#?}", sink.into_sorted());
            let filled = fill(&made.expect("a form"), &report);
            let (_, again, _, _) = import(&filled, &library);
            let mut again = again.expect("a report");
            // A title of its own shortens the organ's name; nothing else in the form gives it.
            if report.custom_title.is_some() {
                again.organ.name.clone_from(&report.organ.name);
            }
            same(&report, &again, form);
            let (before, after) = (common::parts(&blank), common::parts(&filled));
            for (name, content) in &before {
                let now = &after[name];
                if Path::new(name).extension().is_some_and(|end| end == "rels") {
                    // A link of the text is added to what the form refers to.
                    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
                    assert!(is_within(&text(content), &text(now)), "{form}: {name}");
                } else if name != "word/document.xml" {
                    assert!(content == now, "{form}: {name}");
                }
            }
            let body = |bytes: &[u8]| {
                let text = common::part(bytes, "word/document.xml");
                // The title's blanks are what is filled in.
                text[text.find("一、总体情况").expect("a heading")..].to_owned()
            };
            assert!(is_within(&body(&blank), &body(&filled)), "{form}");
        }
    }
}

/// The commands of `docs/import.md`: a form without tags becomes a template with which reports are built.
#[test]
fn a_template_made_from_a_form_builds_reports() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = common::root();
    let [form, sample] = ["tests/import/form-2021.docx", "samples/yunyan-2025"];
    let paths = [form, sample].map(|path| root.join(path).to_str().expect("UTF-8").to_owned());
    let [form, sample] = [paths[0].as_str(), paths[1].as_str()];
    let commands: [&[&str]; 3] = [
        &["template", "from", form, "-o", "模板/2021/report.docx"],
        &["build", "--templates", "模板", sample, "-o", "生成", "--to", "docx"],
        &["build", sample, "-o", "本来", "--to", "docx"],
    ];
    for args in commands {
        let ran = common::run(dir.path(), args);
        assert_eq!(ran.code, 0, "{args:?} {}{}", ran.stdout, ran.stderr);
    }
    let library = FormRegistry::built_in();
    let [made, own] = ["生成", "本来"].map(|out| {
        let file = common::only(&dir.path().join(out), ".docx");
        std::fs::read(file).expect("a document")
    });
    let [again, report] = [&made, &own].map(|bytes| import(bytes, &library).1.expect("a report"));
    same(&report, &again, "by a form as a template");
    // It is the form's document, not ours.
    let styles = |bytes: &[u8]| common::part(bytes, "word/styles.xml");
    assert_eq!(styles(&made), styles(&fixture("form-2021.docx")));
    assert_ne!(styles(&made), styles(&own));
}

#[test]
fn what_a_form_holds_already_stays_unless_told() {
    let library = FormRegistry::built_in();
    let path = common::root().join("samples/yunyan-2025/report.toml");
    let report = read(&std::fs::read_to_string(path).expect("a report"), &library);
    let begun = fixture("form-begun.docx");
    let issued = |bytes: &[u8]| {
        let (_, report, _, _) = import(bytes, &library);
        report.expect("a report").tables[0][0].figure.cell_text()
    };
    for (overwrite, expected, told) in [(false, "5", 3), (true, "0", 0)] {
        let (made, sink) = tagged(&begun, Some(&report), overwrite);
        let found = sink.into_sorted();
        let count = found.iter().filter(|d| d.rule == "word-filled").count();
        assert_eq!(count, told, "{found:#?}");
        let filled = fill(&made.expect("a form"), &report);
        assert_eq!(issued(&filled), expected);
        if overwrite {
            let (_, again, _, _) = import(&filled, &library);
            same(&report, &again.expect("a report"), "overwritten");
        }
    }
}

/// Parts of documents taken away, doubled and moved: a message or a report, never a panic.
#[test]
fn damaged_documents_end_in_messages() {
    let library = FormRegistry::built_in();
    let mut random = Random(0xD0C5);
    let rounds = if cfg!(debug_assertions) { 8 } else { 150 };
    for name in ["broken.docx", "web.docx", "odd.docx", "lacking.docx", "trial.docx"] {
        let bytes = fixture(name);
        let xml = common::part(&bytes, "word/document.xml");
        for _ in 0..rounds {
            let mut damaged = xml.clone();
            for _ in 0..=random.below(6) {
                let tags: Vec<usize> = damaged.match_indices('<').map(|(at, _)| at).collect();
                let mut ends = [tags[random.below(tags.len())], tags[random.below(tags.len())]];
                ends.sort_unstable();
                let [start, end] = ends;
                let end = end.min(start + 4_000);
                let end =
                    (start..=end).rev().find(|at| damaged.is_char_boundary(*at)).expect("one");
                let piece = damaged[start..end].to_owned();
                match random.below(3) {
                    0 => damaged.replace_range(start..end, ""),
                    1 => damaged.insert_str(end, &piece),
                    _ => damaged.replace_range(start..end, &piece.replace("</w:tc>", "")),
                }
            }
            let bytes = with_document(&bytes, &damaged);
            let (read, _, _, sink) = import(&bytes, &library);
            assert!(read.is_some() || !sink.is_empty());
            tagged(&bytes, None, random.one_in(2));
        }
    }
}

/// A document that binds another prefix to the namespace of Word reads the same and takes tags.
#[test]
fn documents_with_another_prefix_are_read_and_tagged() {
    let library = FormRegistry::built_in();
    let bytes = fixture("trial.docx");
    let xml = common::part(&bytes, "word/document.xml");
    let other = xml.replace("xmlns:w=", "xmlns:wml=").replace("<w:", "<wml:");
    let other = other.replace("</w:", "</wml:").replace(" w:", " wml:");
    let other = with_document(&bytes, &other);
    let (_, own, _, _) = import(&bytes, &library);
    let (_, read, _, _) = import(&other, &library);
    assert_eq!(read.expect("a report").tables, own.expect("a report").tables);
    assert!(tagged(&bytes, None, false).0.is_some());
    let (made, sink) = tagged(&other, None, false);
    let made = made.unwrap_or_else(|| panic!("{:?}", sink.into_sorted()));
    let tags = |docx: &[u8]| common::part(docx, "word/document.xml").matches("{{").count();
    let customary = tagged(&bytes, None, false).0.expect("a template");
    assert!(tags(&made) > 0 && tags(&made) == tags(&customary), "{}", tags(&made));
}

#[test]
fn deep_and_wide_documents_are_read_in_reasonable_memory() {
    let library = FormRegistry::built_in();
    let bytes = fixture("trial.docx");
    let xml = common::part(&bytes, "word/document.xml");
    let at = xml.find("<w:body>").expect("a body") + "<w:body>".len();
    let merged = "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr>".repeat(5_000);
    let long = "政府信息公开".repeat(5_000);
    let text = format!("<w:p><w:r><w:t>{long}</w:t></w:r></w:p>");
    for added in [
        "<w:tbl><w:tr><w:tc>".repeat(5_000) + "<w:p/>" + &"</w:tc></w:tr></w:tbl>".repeat(5_000),
        "<w:p><w:r><w:txbxContent>".repeat(5_000) + &"</w:txbxContent></w:r></w:p>".repeat(5_000),
        "<w:sdt><w:sdtContent>".repeat(5_000) + &"</w:sdtContent></w:sdt>".repeat(5_000),
        format!(
            "<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr>{text}</w:tc></w:tr>{merged}</w:tbl>"
        ),
        text,
    ] {
        let mut deep = xml.clone();
        deep.insert_str(at, &added);
        let (_, report, _, _) = import(&with_document(&bytes, &deep), &library);
        let cells = report.map(|report| report.tables[1][0].figure.cell_text());
        assert_eq!(cells.as_deref(), Some("1"));
    }
}
