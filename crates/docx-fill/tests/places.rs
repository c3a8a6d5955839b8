//! Proves the table in docs/tags.zh.md of the places where a tag can stand: every row has its places
//! here, every place its probe of every column; and that documents that cannot be templates are refused.

mod support;

use docx_fill::diag::{Lang, Severity, Sink, Sources};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use support::engine::{fill, try_fill};
use support::{Docx, check_well_formed, paragraph, part, parts, row, table, text_of};

const DRAWING: &str = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"";
const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";

/// The place of a tag: how its content is wrapped, and the part to look at.
struct Place {
    name: &'static str,
    part: &'static str,
    /// Takes paragraphs and tables, not just text.
    blocks: bool,
    make: fn(&str) -> Docx,
}

const fn blocks(name: &'static str, part: &'static str, make: fn(&str) -> Docx) -> Place {
    Place { name, part, blocks: true, make }
}

const fn text(name: &'static str, part: &'static str, make: fn(&str) -> Docx) -> Place {
    Place { name, part, blocks: false, make }
}

const BODY: &str = "word/document.xml";
const TARGETS: &str = "word/_rels/document.xml.rels";

/// The places of each row of the table, by the row's first cell.
#[allow(clippy::too_many_lines, reason = "a table")]
fn places() -> Vec<(&'static str, Vec<Place>)> {
    vec![
        (
            "正文、表格（可嵌套）",
            vec![
                blocks("正文", BODY, Docx::new),
                blocks("表格", BODY, |inner| Docx::new(&in_cell(inner))),
                blocks("嵌套的表格", BODY, |inner| {
                    Docx::new(&in_cell(&(in_cell(inner) + "<w:p/>")))
                }),
            ],
        ),
        (
            "页眉、页脚、脚注、尾注、批注",
            vec![
                blocks("页眉", "word/header1.xml", |inner| word_part("header1", "hdr", inner)),
                blocks("页脚", "word/footer1.xml", |inner| word_part("footer1", "ftr", inner)),
                blocks("脚注", "word/footnotes.xml", |inner| {
                    word_part("footnotes", "footnotes", &within("footnote w:id=\"1\"", inner))
                }),
                blocks("尾注", "word/endnotes.xml", |inner| {
                    word_part("endnotes", "endnotes", &within("endnote w:id=\"1\"", inner))
                }),
                blocks("批注", "word/comments.xml", |inner| {
                    word_part("comments", "comments", &within("comment w:id=\"1\"", inner))
                }),
            ],
        ),
        (
            "文本框（新旧两种写法）、内容控件",
            vec![
                blocks("新文本框", BODY, |inner| {
                    let inner = within("txbxContent", inner);
                    Docx::new(&in_run(&format!(
                        "<mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing>{inner}\
                         </w:drawing></mc:Choice></mc:AlternateContent>"
                    )))
                }),
                blocks("旧文本框", BODY, |inner| {
                    Docx::new(&in_run(&within("pict", &within("txbxContent", inner))))
                }),
                blocks("内容控件", BODY, |inner| {
                    Docx::new(&within("sdt", &within("sdtContent", inner)))
                }),
            ],
        ),
        (
            "修订里插入的文字",
            vec![blocks("插入", BODY, |inner| {
                let inner = inner.replace("<w:r>", "<w:ins w:id=\"1\" w:author=\"a\"><w:r>");
                Docx::new(&inner.replace("</w:r>", "</w:r></w:ins>"))
            })],
        ),
        (
            "域代码（如 `HYPERLINK`）",
            vec![text("域代码", BODY, |inner| {
                Docx::new(&in_run(&format!("<w:instrText> TITLE \"{inner}\" </w:instrText>")))
            })],
        ),
        (
            "超链接的地址（写成 `%7B%7B…%7D%7D` 也行）",
            vec![
                text("地址", TARGETS, |inner| linked(&format!("https://a.cn/{inner}"))),
                text("编码的地址", TARGETS, |inner| {
                    let coded = inner.replace('{', "%7B").replace('}', "%7D");
                    linked(&format!("https://a.cn/{}", coded.replace(' ', "%20")))
                }),
            ],
        ),
        (
            "图片的替代文字和其他属性",
            vec![
                text("替代文字", BODY, |inner| {
                    Docx::new(&in_run(&format!(
                        "<w:drawing><wp:docPr id=\"1\" name=\"a\" descr=\"{inner}\"/></w:drawing>"
                    )))
                }),
                text("控件的标题", BODY, |inner| {
                    Docx::new(&format!(
                        "<w:sdt><w:sdtPr><w:alias w:val=\"{inner}\"/></w:sdtPr><w:sdtContent>{}\
                         </w:sdtContent></w:sdt>",
                        paragraph("x")
                    ))
                }),
            ],
        ),
        (
            "写在 CDATA 里的文字（少见，别的程序生成）",
            vec![blocks("CDATA", BODY, |inner| {
                let inner = inner.replace("<w:t>", "<w:t><![CDATA[");
                Docx::new(&inner.replace("</w:t>", "]]></w:t>"))
            })],
        ),
        (
            "文档属性（标题、作者、自定义）",
            vec![
                text("标题", "docProps/core.xml", |inner| core("dc:title", inner)),
                text("作者", "docProps/core.xml", |inner| core("dc:creator", inner)),
                text("自定义", "docProps/custom.xml", |inner| {
                    added(
                        "docProps/custom.xml",
                        "custom-properties+xml",
                        &format!(
                            "<Properties xmlns=\"p\" xmlns:vt=\"v\"><property name=\"a\">\
                             <vt:lpwstr>{inner}</vt:lpwstr></property></Properties>"
                        ),
                    )
                }),
            ],
        ),
        (
            "图表、SmartArt 里的文字",
            vec![
                text("图表", "word/charts/chart1.xml", |inner| {
                    added(
                        "word/charts/chart1.xml",
                        "drawingml.chart+xml",
                        &format!(
                            "<c:chartSpace xmlns:c=\"c\" {DRAWING}><c:title><c:tx><c:rich>{}</c:rich>\
                             </c:tx></c:title></c:chartSpace>",
                            shape_text(inner)
                        ),
                    )
                }),
                text("图表的数据", "word/charts/chart1.xml", |inner| {
                    added(
                        "word/charts/chart1.xml",
                        "drawingml.chart+xml",
                        &format!(
                            "<c:chartSpace xmlns:c=\"c\"><c:cat><c:strCache><c:pt idx=\"0\"><c:v>{inner}\
                             </c:v></c:pt></c:strCache></c:cat></c:chartSpace>"
                        ),
                    )
                }),
                text("新式图表", "word/charts/chartEx1.xml", |inner| {
                    let mut docx = Docx::new(&paragraph("x"));
                    let (name, kind) =
                        ("word/charts/chartEx1.xml", "application/vnd.ms-office.chartex+xml");
                    docx.type_of(name, kind);
                    let text = shape_text(inner);
                    docx.add(name, &format!("<cx:chartSpace xmlns:cx=\"c\" {DRAWING}><cx:rich>{text}</cx:rich></cx:chartSpace>"));
                    docx
                }),
                text("SmartArt 的数据", "word/diagrams/data1.xml", |inner| {
                    added(
                        "word/diagrams/data1.xml",
                        "drawingml.diagramData+xml",
                        &format!(
                            "<dgm:dataModel xmlns:dgm=\"d\" {DRAWING}><dgm:pt><dgm:t>{}</dgm:t></dgm:pt>\
                             </dgm:dataModel>",
                            shape_text(inner)
                        ),
                    )
                }),
                text("SmartArt 的图形", "word/diagrams/drawing1.xml", |inner| {
                    let mut docx = Docx::new(&paragraph("x"));
                    let kind = "application/vnd.ms-office.drawingml.diagramDrawing+xml";
                    docx.type_of("word/diagrams/drawing1.xml", kind);
                    let text = shape_text(inner);
                    docx.add(
                        "word/diagrams/drawing1.xml",
                        &format!(
                            "<dsp:drawing xmlns:dsp=\"d\" {DRAWING}><dsp:txBody>{text}</dsp:txBody></dsp:drawing>"
                        ),
                    );
                    docx
                }),
            ],
        ),
        (
            "公式里的文字",
            vec![text("公式", BODY, |inner| {
                Docx::new(&format!(
                    "<w:p><m:oMath xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\">\
                     <m:r><m:t>{inner}</m:t></m:r></m:oMath></w:p>"
                ))
            })],
        ),
    ]
}

/// An element of Word around something.
fn within(element: &str, inner: &str) -> String {
    let name = element.split(' ').next().unwrap();
    format!("<w:{element}>{inner}</w:{name}>")
}

fn in_run(inner: &str) -> String {
    within("p", &within("r", inner))
}

fn in_cell(inner: &str) -> String {
    table(&[&row(&[within("tc", inner)])])
}

fn word_part(name: &str, root: &str, inner: &str) -> Docx {
    let mut docx = Docx::new(&paragraph("x"));
    docx.add_word_part(name, root, inner);
    docx
}

fn linked(target: &str) -> Docx {
    let mut docx = Docx::new(&paragraph("x"));
    docx.add_relationship("hyperlink", target, true);
    docx
}

fn added(name: &str, kind: &str, xml: &str) -> Docx {
    let mut docx = Docx::new(&paragraph("x"));
    docx.type_of(name, &format!("{OFFICE}{kind}"));
    docx.add(name, xml);
    docx
}

fn core(element: &str, inner: &str) -> Docx {
    let mut docx = Docx::new(&paragraph("x"));
    docx.add(
        "docProps/core.xml",
        &format!("<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"><{element}>{inner}</{element}></cp:coreProperties>"),
    );
    docx
}

/// Text of a shape, its first letter in a run of its own.
fn shape_text(inner: &str) -> String {
    let cut = inner.char_indices().nth(2).map_or(inner.len(), |(at, _)| at);
    let (first, rest) = inner.split_at(cut);
    format!("<a:p><a:r><a:t>{first}</a:t></a:r><a:r><a:t>{rest}</a:t></a:r></a:p>")
}

fn data() -> Value {
    json!({ "year": 2025, "no": false, "rows": [{"v": 1}, {"v": 2}, {"v": 3}], "text": "甲**乙**\n\n丙" })
}

/// Each promise of a column of the table, tried in a place that promises it.
fn promised(column: &str, place: &Place) {
    let what = format!("{} in {}", column, place.name);
    let content = probe(column, place.blocks);
    let parts = fill(&(place.make)(&content), &data());
    let xml = part(&parts, place.part);
    check_well_formed(xml);
    let text = plain(xml);
    let holds = |wanted: &str| text.contains(wanted) || xml.contains(wanted);
    assert!(!xml.contains("{{") && !xml.contains("%7B"), "{what}: {xml}");
    match column {
        "取值" => assert!(holds("a2025b"), "{what}: {xml}"),
        "段内条件、循环" => assert!(holds("a123yb"), "{what}: {xml}"),
        "整段" => assert_eq!(lines(xml), ["1", "2", "3"], "{what}: {xml}"),
        "整行" => {
            assert_eq!(lines(xml), ["1", "2", "3"], "{what}: {xml}");
            assert!(xml.matches("<w:tr>").count() >= 3, "{what}: {xml}");
        }
        "`markdown`" => {
            assert_eq!(lines(xml), ["甲乙", "丙"], "{what}: {xml}");
            assert!(xml.contains("<w:b/>"), "{what}: {xml}");
        }
        _ => panic!("the test has no probe of the column {column}"),
    }
}

/// Any value stays text there, and what is written is of the place's own kind.
fn harmless(place: &Place) {
    let one = |text: &str| if place.blocks { paragraph(text) } else { text.to_owned() };
    for tag in ["{{v}}", "{{fit v 3}}"] {
        let docx = (place.make)(&one(tag));
        let data = json!({ "v": "a<b>&\"c'\n\td</w:t>" });
        let (out, findings) = try_fill(&docx, &data, &RenderOptions::default());
        let what = format!("{tag} in {}", place.name);
        let Some(out) = out else {
            assert!(tag != "{{v}}" && !findings.is_empty(), "{what}: {findings:?}");
            continue;
        };
        let parts = support::parts(&out);
        let xml = part(&parts, place.part);
        check_well_formed(xml);
        let foreign = place.part != BODY && !xml.contains("xmlns:w=") && xml.contains("<w:");
        assert!(!foreign, "{what}: {xml}");
        let runs = |name: &str| xml.contains(&format!("<{name}>")) && xml.contains("<w:br/>");
        assert!(!runs("w:instrText") && !runs("m:t"), "{what}: {xml}");
    }
}

/// Without a promise of the table it is an error with a place and not silence; but half a block that
/// somebody has deleted is no tag any more and stays as it is.
fn refused(column: &str, place: &Place) {
    let content = probe(column, false);
    let docx = (place.make)(&content);
    let (out, findings) = try_fill(&docx, &data(), &RenderOptions::default());
    let what = format!("{column} in {}", place.name);
    if place.name == "删除" && matches!(column, "整段" | "整行") {
        let (before, after) = (docx.bytes(), out.expect("filled"));
        assert_eq!(part(&parts(&after), place.part), part(&parts(&before), place.part), "{what}");
        return;
    }
    assert!(out.is_none(), "{what} is filled");
    assert!(findings.iter().all(|found| found.0 == Severity::Error), "{what}: {findings:?}");
    let located = |found: &support::engine::Finding| found.2.part == place.part;
    assert!(findings.iter().all(located), "{what}: {findings:?}");
    assert!(findings.iter().all(|found| found.3.contains('|')), "{what} has no hint: {findings:?}");
}

fn probe(column: &str, blocks: bool) -> String {
    let one = |text: &str| if blocks { paragraph(text) } else { text.to_owned() };
    let own = |tag: &str| row(&[within("tc", &paragraph(tag))]);
    match column {
        "取值" => one("a{{year}}b"),
        "段内条件、循环" => one("a{{#each rows}}{{v}}{{/each}}{{#if no}}x{{else}}y{{/if}}b"),
        "整段" if blocks => ["{{#each rows}}", "{{v}}", "{{/each}}"].map(paragraph).concat(),
        "整行" if blocks => {
            let [open, inner, close] = ["{{#each rows}}", "{{v}}", "{{/each}}"].map(own);
            table(&[&open, &inner, &close]) + "<w:p/>"
        }
        // A block whose end would stand in another paragraph or row.
        "整段" | "整行" => "{{#each rows}}".to_owned(),
        _ => one("{{markdown text}}"),
    }
}

/// The text between the tags.
fn plain(xml: &str) -> String {
    xml.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect()
}

/// The paragraphs that are not empty, and not those around a table or a text box.
fn lines(xml: &str) -> Vec<String> {
    text_of(xml).into_iter().filter(|text| !text.is_empty()).collect()
}

/// docs/tags.zh.md: the cells of the table, row by row, the head first.
fn rows_of_the_page() -> Vec<Vec<String>> {
    let page = include_str!("../docs/tags.zh.md");
    let section = page.split("\n## 标签可以写在哪里\n").nth(1).expect("the heading");
    let section = section.split("\n## ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        inner.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    lines.map(cells).collect()
}

#[test]
fn the_table_of_places_is_true() {
    let mut rows = rows_of_the_page();
    let head = rows.remove(0);
    let mut places: BTreeMap<_, _> = places().into_iter().collect();
    let mut tried = BTreeSet::new();
    for cells in rows {
        assert_eq!(cells.len(), head.len(), "{cells:?}");
        let row = cells[0].as_str();
        let places = places.remove(row).unwrap_or_else(|| panic!("no test of the row {row}"));
        for place in places {
            assert!(tried.insert(place.name), "{} twice", place.name);
            harmless(&place);
            for (column, cell) in head.iter().zip(&cells).skip(1) {
                match cell.as_str() {
                    "可以" => promised(column, &place),
                    "" => refused(column, &place),
                    _ => panic!("{row}: {cell}"),
                }
            }
        }
    }
    assert!(places.is_empty(), "not in the table: {:?}", places.keys());
    assert!(tried.len() >= 25, "{tried:?}");
}

/// The answer to a package that cannot be a template: message and way out.
fn told(bytes: &[u8]) -> (String, String) {
    let mut sink = Sink::new();
    let id = Sources::default().add_binary("t.docx");
    assert!(CompiledTemplate::parse(bytes, id, &mut sink).is_none());
    let mut found = sink.into_sorted();
    assert_eq!(found.len(), 1, "{found:?}");
    let found = found.remove(0);
    assert_eq!((found.severity, found.rule.as_ref()), (Severity::Error, "docx-unusable"));
    let hint = found.hints.first().expect("a way out").in_lang(Lang::Zh);
    (found.message.in_lang(Lang::Zh), hint)
}

/// A package whose main part has a type of its own, with more parts.
fn package(relationships: &str, main: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let types = format!(
        "<Types xmlns=\"t\"><Default Extension=\"rels\" ContentType=\"r\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\"{main}\"/></Types>"
    );
    let root = format!(
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"{relationships}/officeDocument\" \
         Target=\"word/document.xml\"/></Relationships>"
    );
    let document = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{}</w:body></w:document>",
        paragraph("{{year}}")
    );
    let own = [
        ("[Content_Types].xml", types.as_str()),
        ("_rels/.rels", root.as_str()),
        ("word/document.xml", document.as_str()),
    ];
    support::zip(&own.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn documents_that_filling_would_break_are_refused() {
    let usual = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let plain = format!("{OFFICE}wordprocessingml.document.main+xml");
    let macros = "application/vnd.ms-word.document.macroEnabled.main+xml";
    let template = "application/vnd.ms-word.template.macroEnabledTemplate.main+xml";
    let no_macros = ("文档带有宏，不能当模板", "宏会被去掉");
    let signature = [("_xmlsignatures/origin.sigs", ""), ("_xmlsignatures/sig1.xml", "<a/>")];
    let compound: Vec<u8> = [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
        vec![0; 1024],
        "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]
    .concat();
    let cases = [
        ("docm", package(usual, macros, &[]), no_macros),
        ("dotm", package(usual, template, &[]), no_macros),
        (
            "macros under a plain type",
            package(usual, &plain, &[("word/vbaProject.bin", "x")]),
            no_macros,
        ),
        (
            "signed",
            package(usual, &plain, &signature),
            ("文档有数字签名，一填写签名就失效", "填好以后再签"),
        ),
        ("encrypted", compound, ("文档设了打开密码，无法读取", "密码")),
    ];
    for (name, bytes, (message, hint)) in cases {
        let found = told(&bytes);
        assert_eq!(found.0, message, "{name}");
        assert!(found.1.contains(hint), "{name}: {}", found.1);
    }
    // The same package without any of this is a template, and so is a .dotx.
    for kind in ["document", "template"] {
        let main = format!("{OFFICE}wordprocessingml.{kind}.main+xml");
        let (mut sink, id) = (Sink::new(), Sources::default().add_binary("t"));
        let template =
            CompiledTemplate::parse(package(usual, &main, &[]), id, &mut sink).expect("usable");
        assert_eq!(template.tags().len(), 1, "{kind}");
    }
}

/// docs/tags.zh.md: what is not filled.
#[test]
fn other_parts_stay_as_they_are() {
    let mut docx = Docx::new(&paragraph("{{year}}"));
    let block = format!(
        "<w:glossaryDocument xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docParts><w:docPart><w:docPartBody>{}</w:docPartBody></w:docPart>\
         </w:docParts></w:glossaryDocument>",
        paragraph("{{year}} {{#if}} {{")
    );
    let link = "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"t/hyperlink\" Target=\"http://x/{{year}}\" \
         TargetMode=\"External\"/></Relationships>";
    let header = format!(
        "<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">{}</w:hdr>",
        paragraph("{{year}}")
    );
    let variables = "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docVars><w:docVar w:name=\"a\" w:val=\"{{year}}\"/></w:docVars></w:settings>";
    let parts_of = [
        ("word/glossary/document.xml", "document.glossary", block.as_str()),
        ("word/glossary/header1.xml", "header", header.as_str()),
        ("word/settings.xml", "settings", variables),
    ];
    for (name, kind, text) in parts_of {
        docx.type_of(name, &format!("{OFFICE}wordprocessingml.{kind}+xml"));
        docx.add(name, text);
    }
    docx.add("word/glossary/_rels/document.xml.rels", link);
    docx.add("customXml/item1.xml", "<a>{{year}}</a>");
    let filled = support::engine::fill(&docx, &data());
    assert_eq!(lines(part(&filled, BODY)), ["2025"]);
    let before = parts(&docx.bytes());
    for name in before.keys().filter(|name| *name != BODY) {
        assert_eq!(filled.get(name), before.get(name), "{name}");
    }
}
