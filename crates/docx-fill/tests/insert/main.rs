//! Proves the insertion of other documents: their styles, lists, pictures, notes and names in the document
//! around them, and what cannot be inserted.

#![allow(clippy::format_collect, reason = "small test documents")]

mod own_styles;
mod sections;
#[path = "../support/mod.rs"]
mod support;

use docx_fill::diag::{Lang, Location, Sink, Sources};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{
    Docx, attribute_values, cell, check_well_formed, paragraph, part, parts, row, table, text_of,
};

type Files = BTreeMap<String, Vec<u8>>;
type Findings = Vec<(String, String)>;

fn files(all: &[(&str, Vec<u8>)]) -> Files {
    all.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.clone())).collect()
}

/// The parts of a filled document, or what is wrong, as rule and English message.
fn fill(host: &Docx, data: &Value, files: &Files) -> Result<Files, Findings> {
    let id = Sources::default().add_binary("t");
    let mut sink = Sink::new();
    let template = CompiledTemplate::parse(host.bytes(), id, &mut sink);
    let options = RenderOptions::default();
    let out = template.and_then(|template| template.render(data, files, &options, &mut sink));
    let found = sink.into_sorted();
    match out {
        Some(out) if found.is_empty() => Ok(parts(&out)),
        _ => Err(found
            .into_iter()
            .map(|found| {
                assert!(matches!(found.location, Location::Word(..)), "{found:?}");
                (found.rule.into_owned(), found.message.in_lang(Lang::En))
            })
            .collect()),
    }
}

fn filled(host: &Docx, data: &Value, files: &Files) -> BTreeMap<String, Vec<u8>> {
    let parts = fill(host, data, files).unwrap();
    for (name, bytes) in &parts {
        if std::path::Path::new(name).extension().is_some_and(|end| end == "xml" || end == "rels") {
            check_well_formed(std::str::from_utf8(bytes).unwrap());
        }
    }
    assert!(!part(&parts, "word/document.xml").contains("fill:"));
    parts
}

fn with_styles(content: &str, styles: &str) -> Docx {
    let mut docx = Docx::new(content);
    docx.add("word/styles.xml", &format!("<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">{styles}</w:styles>"));
    docx.add_relationship("styles", "styles.xml", false);
    docx
}

fn style(kind: &str, id: &str, name: &str, more: &str) -> String {
    format!(
        "<w:style w:type=\"{kind}\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>{more}</w:style>"
    )
}

fn styled(id: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{id}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn a_document_takes_the_place_of_its_paragraph() {
    let inner = Docx::new(&[paragraph("一"), paragraph("{{不是标签}}")].concat());
    let files = files(&[("a.docx", inner.bytes())]);
    for tag in ["{{document path}}", "{{document \"a.docx\"}}", "{{正文}}", " {{ document 正文 }} "]
    {
        let host = Docx::new(&[paragraph("前"), paragraph(tag), paragraph("后")].concat());
        let data = json!({"path": "a.docx", "正文": {"document": "a.docx"}});
        let parts = filled(&host, &data, &files);
        let document = part(&parts, "word/document.xml");
        assert_eq!(text_of(document), ["前", "一", "{{不是标签}}", "后"], "{tag}");
        // The page is the one of the document around it.
        assert_eq!(document.matches("<w:sectPr>").count(), 1);
    }
}

#[test]
fn blocks_around_it_work() {
    let inner = Docx::new(&paragraph("内"));
    let files =
        files(&[("a.docx", inner.bytes()), ("b.docx", Docx::new(&paragraph("乙")).bytes())]);
    let host = [
        paragraph("{{#each list}}"),
        paragraph("{{@index}}"),
        paragraph("{{document this}}"),
        paragraph("{{/each}}"),
        paragraph("{{#each list}}{{document this}}{{/each}}"),
        paragraph("{{#if no}}{{document \"missing.docx\"}}{{/if}}末"),
        paragraph("{{#if yes}}{{document list.[1]}}{{/if}}"),
    ];
    let host =
        Docx::new(&host.concat().replace("{{#if no}}{{document \"missing.docx\"}}{{/if}}末", "末"));
    let data = json!({"list": ["a.docx", "b.docx", "a.docx"], "yes": true});
    let first = filled(&host, &data, &files);
    let document = part(&first, "word/document.xml");
    assert_eq!(text_of(document), ["0", "内", "1", "乙", "2", "内", "内", "乙", "内", "末", "乙"]);
    assert_eq!(first, filled(&host, &data, &files));
}

#[test]
fn styles_go_by_their_names() {
    let inner = with_styles(
        &[styled("1", "题"), styled("a0", "文"), styled("X", "自"), styled("gone", "无")].concat(),
        &[
            "<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val=\"32\"/></w:rPr></w:rPrDefault>\
             <w:pPrDefault><w:pPr><w:spacing w:after=\"160\"/></w:pPr></w:pPrDefault></w:docDefaults>"
                .to_owned(),
            "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"正文\"/>\
             <w:rPr><w:b/></w:rPr></w:style>"
                .to_owned(),
            style("paragraph", "1", "标题 1", "<w:basedOn w:val=\"a\"/>"),
            style("paragraph", "a0", "Base", "<w:basedOn w:val=\"a\"/><w:next w:val=\"a0\"/>"),
            style("paragraph", "X", "Own", "<w:basedOn w:val=\"a0\"/><w:link w:val=\"XC\"/><w:next w:val=\"1\"/>"),
            style("character", "XC", "Own Char", "<w:link w:val=\"X\"/><w:rPr><w:i/></w:rPr>"),
            style("paragraph", "unused", "Unused", ""),
        ]
        .concat(),
    );
    let host = with_styles(
        &paragraph("{{document \"a.docx\"}}"),
        &[
            "<w:docDefaults><w:rPrDefault><w:rPr><w:kern w:val=\"2\"/></w:rPr></w:rPrDefault>\
             </w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\">\
             <w:name w:val=\"Normal\"/></w:style>"
                .to_owned(),
            style("paragraph", "Heading1", "heading 1", ""),
            style("paragraph", "x", "Another", ""),
            style("paragraph", "gone", "Not that one", ""),
        ]
        .concat(),
    );
    let parts = filled(&host, &json!({}), &files(&[("a.docx", inner.bytes())]));
    let used = attribute_values(part(&parts, "word/document.xml"), "w:pStyle", "w:val");
    assert_eq!(used, ["Heading1", "a0", "X-2", "gone-2"]);
    let styles = part(&parts, "word/styles.xml");
    assert!(!styles.contains("Unused") && !styles.contains("正文"), "{styles}");
    // What the base of the other document gave stays: size, bold, distance. What only this document
    // says of all its text does not come in.
    let base = "<w:style w:type=\"paragraph\" w:styleId=\"a0\"><w:name w:val=\"Base\"/><w:next w:val=\"a0\"/>\
        <w:pPr><w:spacing w:after=\"160\"/></w:pPr><w:rPr><w:b/><w:kern w:val=\"0\"/><w:sz w:val=\"32\"/></w:rPr></w:style>";
    assert!(styles.contains(base), "{styles}");
    let own = "<w:style w:type=\"paragraph\" w:styleId=\"X-2\"><w:name w:val=\"Own\"/><w:basedOn w:val=\"a0\"/>\
        <w:link w:val=\"XC\"/><w:next w:val=\"Heading1\"/></w:style>";
    assert!(styles.contains(own), "{styles}");
    assert!(
        styles.contains("w:styleId=\"XC\"><w:name w:val=\"Own Char\"/><w:link w:val=\"X-2\"/>")
    );
}

#[test]
fn a_document_without_styles_gets_a_part_for_them() {
    let inner = with_styles(&styled("X", "自"), &style("paragraph", "X", "Own", ""));
    let host = Docx::new(&paragraph("{{document \"a.docx\"}}"));
    let parts = filled(&host, &json!({}), &files(&[("a.docx", inner.bytes())]));
    assert!(part(&parts, "word/styles.xml").contains("w:styleId=\"X\""));
    assert!(part(&parts, "[Content_Types].xml").contains("/word/styles.xml"));
    assert!(part(&parts, "word/_rels/document.xml.rels").contains("/word/styles.xml"));
}

fn numbering(lists: &[u32], kind: u32) -> String {
    let lists: String = lists
        .iter()
        .map(|list| {
            format!("<w:num w:numId=\"{list}\"><w:abstractNumId w:val=\"{kind}\"/></w:num>")
        })
        .collect();
    format!(
        "<w:numbering xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:abstractNum w:abstractNumId=\"{kind}\"><w:nsid w:val=\"0A\"/>\
         <w:lvl w:ilvl=\"0\"><w:start w:val=\"3\"/><w:pStyle w:val=\"L\"/></w:lvl></w:abstractNum>{lists}</w:numbering>"
    )
}

fn listed(text: &str, number: u32) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{number}\"/></w:numPr></w:pPr>\
         <w:r><w:t>{text}</w:t></w:r></w:p>"
    )
}

#[test]
fn lists_come_along_and_begin_anew() {
    let mut inner =
        Docx::new(&[listed("甲", 5), listed("乙", 5), listed("丙", 0), listed("丁", 99)].concat());
    inner.add("word/numbering.xml", &numbering(&[5, 6], 1));
    inner.add_relationship("numbering", "numbering.xml", false);
    let files = files(&[("a.docx", inner.bytes())]);
    let content = [listed("本", 1), paragraph("{{d}}"), paragraph("{{d}}")].concat();
    let mut host = Docx::new(&content);
    let data = json!({"d": {"document": "a.docx"}});
    // Where there are no lists yet.
    let parts = filled(&Docx::new(&paragraph("{{d}}")), &data, &files);
    let own = part(&parts, "word/numbering.xml");
    assert_eq!(attribute_values(own, "w:num", "w:numId"), ["1"]);
    assert!(part(&parts, "[Content_Types].xml").contains("numbering+xml"));
    // Where there are.
    host.add("word/numbering.xml", &numbering(&[1], 1));
    host.add_relationship("numbering", "numbering.xml", false);
    let parts = filled(&host, &data, &files);
    let numbers = attribute_values(part(&parts, "word/document.xml"), "w:numId", "w:val");
    assert_eq!(numbers, ["1", "2", "2", "0", "0", "3", "3", "0", "0"]);
    let own = part(&parts, "word/numbering.xml");
    assert_eq!(attribute_values(own, "w:abstractNum", "w:abstractNumId"), ["1", "2"]);
    assert_eq!(attribute_values(own, "w:num", "w:numId"), ["1", "2", "3"]);
    assert_eq!(attribute_values(own, "w:startOverride", "w:val")[0], "3");
    let serials = attribute_values(own, "w:nsid", "w:val");
    assert!(serials.len() == 2 && serials[0] != serials[1], "{serials:?}");
    // The level is bound to no style of the document around it.
    assert_eq!(own.matches("<w:pStyle").count(), 1, "{own}");
}

const DRAWING: &str = "<w:p><w:r><w:drawing><wp:docPr id=\"1\" name=\"a\"/><a:blip r:embed=\"rId1\"/></w:drawing></w:r>\
    <w:hyperlink r:id=\"rId2\"><w:r><w:t>链接</w:t></w:r></w:hyperlink>\
    <w:r><c:chart r:id=\"rId3\"/></w:r></w:p>";

fn with_parts() -> Docx {
    let mut inner = Docx::new(DRAWING);
    inner.add_relationship("image", "media/image1.png", false);
    inner.add_relationship("hyperlink", "https://example.org/?a=1&amp;b=2", true);
    inner.add_relationship("chart", "charts/chart1.xml", false);
    inner.add("word/media/image1.png", "png");
    inner.add("word/charts/chart1.xml", "<c:chartSpace xmlns:c=\"c\"/>");
    let relationships = "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"package\" \
        Target=\"../embeddings/book.xlsx\"/></Relationships>";
    inner.add("word/charts/_rels/chart1.xml.rels", relationships);
    inner.add("word/embeddings/book.xlsx", "xlsx");
    inner.type_of(
        "word/charts/chart1.xml",
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    );
    inner.type_of("word/media/image1.png", "image/png");
    inner
}

#[test]
fn pictures_links_and_charts_come_along() {
    let files = files(&[("a.docx", with_parts().bytes())]);
    let mut host = Docx::new(&[paragraph("{{d}}"), paragraph("{{d}}")].concat());
    host.add_relationship("image", "media/image1.png", false);
    host.add("word/media/image1.png", "another");
    let parts = filled(&host, &json!({"d": {"document": "a.docx"}}), &files);
    let document = part(&parts, "word/document.xml");
    let embeds = attribute_values(document, "a:blip", "r:embed");
    assert!(embeds.len() == 2 && embeds[0] == embeds[1] && embeds[0] != "rId1");
    let charts = attribute_values(document, "c:chart", "r:id");
    assert_ne!(charts[0], charts[1]);
    let drawings = attribute_values(document, "wp:docPr", "id");
    assert_ne!(drawings[0], drawings[1]);
    assert_eq!(parts["word/media/image1.png"], b"another");
    let count = |end: &str| parts.keys().filter(|name| name.ends_with(end)).count();
    assert_eq!(
        (count(".png"), count(".xlsx"), count("charts/_rels/inserted2.xml.rels")),
        (2, 2, 1)
    );
    let relationships = part(&parts, "word/_rels/document.xml.rels");
    assert!(relationships.contains("a=1&amp;b=2\" TargetMode=\"External\""), "{relationships}");
    let types = part(&parts, "[Content_Types].xml");
    assert_eq!(types.matches("chart+xml").count(), 2, "{types}");
    let chart = part(&parts, "word/charts/_rels/inserted2.xml.rels");
    assert!(chart.contains("/word/embeddings/inserted3.xlsx"), "{chart}");
}

fn noted() -> Docx {
    let mut inner = with_styles(
        "<w:p><w:commentRangeStart w:id=\"0\"/><w:r><w:t>文</w:t></w:r><w:commentRangeEnd w:id=\"0\"/>\
         <w:r><w:commentReference w:id=\"0\"/></w:r>\
         <w:r><w:footnoteReference w:id=\"4\"/></w:r><w:r><w:endnoteReference w:id=\"2\"/></w:r></w:p>",
        &style("paragraph", "FT", "footnote text", "<w:rPr><w:i/></w:rPr>"),
    );
    let note = |id: u32, text: &str| {
        format!("<w:footnote w:id=\"{id}\">{}</w:footnote>", styled("FT", text))
    };
    let link = "<w:p><w:hyperlink r:id=\"rId1\"><w:r><w:t>址</w:t></w:r></w:hyperlink></w:p>";
    inner.add_word_part("footnotes", "footnotes", &(note(3, "没有人引用") + &note(4, "脚注")));
    inner.add_word_part(
        "endnotes",
        "endnotes",
        &format!("<w:endnote w:id=\"2\">{link}</w:endnote>"),
    );
    inner.add(
        "word/_rels/endnotes.xml.rels",
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"hyperlink\" Target=\"https://a.b\" TargetMode=\"External\"/></Relationships>",
    );
    let comment = format!("<w:comment w:id=\"0\" w:author=\"审\">{}</w:comment>", paragraph("批"));
    inner.add_word_part("comments", "comments", &comment);
    inner
}

#[test]
fn notes_are_numbered_after_those_that_are_there() {
    let files = files(&[("a.docx", noted().bytes())]);
    let data = json!({"d": {"document": "a.docx"}, "n": "本注"});
    let mut host = Docx::new(&[paragraph("{{d}}"), paragraph("{{d}}")].concat());
    let own = format!("<w:footnote w:id=\"1\">{}</w:footnote>", paragraph("{{n}}"));
    host.add_word_part("footnotes", "footnotes", &own);
    host.add("word/settings.xml", "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:compat/></w:settings>");
    host.add_relationship("settings", "settings.xml", false);
    let parts = filled(&host, &data, &files);
    let document = part(&parts, "word/document.xml");
    assert_eq!(attribute_values(document, "w:footnoteReference", "w:id"), ["2", "3"]);
    assert_eq!(attribute_values(document, "w:endnoteReference", "w:id"), ["1", "2"]);
    let comments = attribute_values(document, "w:commentReference", "w:id");
    assert_eq!(comments, ["1", "2"]);
    assert_eq!(attribute_values(document, "w:commentRangeStart", "w:id"), comments);
    let notes = part(&parts, "word/footnotes.xml");
    assert_eq!(attribute_values(notes, "w:footnote", "w:id"), ["1", "2", "3"]);
    assert_eq!(text_of(notes), ["本注", "脚注", "脚注"]);
    assert_eq!(attribute_values(notes, "w:pStyle", "w:val"), ["FT", "FT"]);
    // The endnotes are the first: with the lines above them, in the settings too.
    let notes = part(&parts, "word/endnotes.xml");
    assert_eq!(attribute_values(notes, "w:endnote", "w:id"), ["-1", "0", "1", "2"]);
    let settings = part(&parts, "word/settings.xml");
    assert!(settings.contains("</w:endnotePr><w:compat/>") && !settings.contains("footnotePr"));
    let linked = attribute_values(notes, "w:hyperlink", "r:id");
    let relationships = part(&parts, "word/_rels/endnotes.xml.rels");
    assert!(relationships.contains(&format!("Id=\"{}\"", linked[0])), "{relationships}");
    assert!(text_of(part(&parts, "word/comments.xml")).contains(&"批".to_owned()));
}

#[test]
fn names_stay_unique() {
    let inner = "<w:p w14:paraId=\"01\"><w:bookmarkStart w:id=\"0\" w:name=\"表一\"/><w:r><w:t>表</w:t></w:r>\
        <w:bookmarkEnd w:id=\"0\"/><w:ins w:id=\"0\" w:author=\"a\"><w:r><w:t>增</w:t></w:r></w:ins>\
        <w:hyperlink w:anchor=\"表一\"><w:r><w:t>去</w:t></w:r></w:hyperlink><w:r><w:instrText> REF 表一 \\h </w:instrText></w:r></w:p>";
    let files = files(&[("a.docx", Docx::new(inner).bytes())]);
    let own = "<w:p><w:bookmarkStart w:id=\"0\" w:name=\"表一\"/><w:bookmarkEnd w:id=\"0\"/></w:p>";
    let host = Docx::new(&[own, &paragraph("{{d}}"), &paragraph("{{d}}")].concat());
    let parts = filled(&host, &json!({"d": {"document": "a.docx"}}), &files);
    let document = part(&parts, "word/document.xml");
    let names = attribute_values(document, "w:bookmarkStart", "w:name");
    let numbers = attribute_values(document, "w:bookmarkStart", "w:id");
    assert!(names[0] == "表一" && names[1] != names[0] && names[2] != names[1], "{names:?}");
    assert!(numbers[1] != numbers[0] && numbers[2] != numbers[1], "{numbers:?}");
    assert_eq!(attribute_values(document, "w:bookmarkEnd", "w:id"), numbers);
    assert_eq!(attribute_values(document, "w:hyperlink", "w:anchor"), names[1..]);
    assert!(document.contains(&format!(" REF {} \\h ", names[1])), "{document}");
    assert!(document.contains("增") && !document.contains("paraId"));
}

#[test]
fn cells_end_with_a_paragraph_and_tables_do_not_touch() {
    let inner = Docx::new(&table(&[&row(&[cell("内")])]));
    let files = files(&[("a.docx", inner.bytes()), ("empty.docx", Docx::new("").bytes())]);
    let data = json!({"d": {"document": "a.docx"}, "e": {"document": "empty.docx"}});
    let host = Docx::new(
        &[table(&[&row(&[cell("{{d}}"), cell("{{e}}")])]), paragraph("{{d}}"), paragraph("{{d}}")]
            .concat(),
    );
    let parts = filled(&host, &data, &files);
    let document = part(&parts, "word/document.xml");
    assert_eq!(document.matches("</w:tbl><w:p/></w:tc>").count(), 1, "{document}");
    assert_eq!(document.matches("<w:tc><w:p/></w:tc>").count(), 1, "{document}");
    assert!(!document.contains("</w:tbl><w:tbl>"), "{document}");
    assert!(document.contains("</w:tbl><w:p/><w:sectPr"), "{document}");
}

#[test]
fn the_grid_of_the_template_is_proven_all_the_same() {
    let inner = Docx::new(&table(&[&row(&[cell("内")])]));
    let files = files(&[("a.docx", inner.bytes())]);
    let host =
        Docx::new(&[table(&[&row(&[cell("{{d}}"), cell("甲")])]), paragraph("{{d}}")].concat());
    let id = Sources::default().add_binary("t");
    let mut sink = Sink::new();
    let template = CompiledTemplate::parse(host.bytes(), id, &mut sink).unwrap();
    let data = json!({"d": {"document": "a.docx"}});
    let out = template.render(&data, &files, &RenderOptions::default(), &mut sink).unwrap();
    assert!(template.verify_layout(&out, &mut sink), "{:?}", sink.into_sorted());
    let mut sink = Sink::new();
    let other = Docx::new(&[table(&[&row(&[cell("甲")])]), paragraph("")].concat());
    assert!(!template.verify_layout(&other.bytes().into(), &mut sink));
    // An insertion of one rendering says nothing of the next one.
    let same = Docx::new(&[table(&[&row(&[cell("文"), cell("甲")])]), paragraph("文")].concat());
    let text = template.render(&json!({"d": "文"}), &files, &RenderOptions::default(), &mut sink);
    assert!(template.verify_layout(&text.unwrap(), &mut Sink::new()));
    let more = Docx::new(
        &[table(&[&row(&[cell("文"), cell("甲")])]), table(&[&row(&[cell("多")])])].concat(),
    );
    assert!(template.verify_layout(&same.bytes().into(), &mut Sink::new()));
    assert!(!template.verify_layout(&more.bytes().into(), &mut Sink::new()));
}

#[test]
fn headers_take_documents_without_notes() {
    let files = files(&[("a.docx", with_parts().bytes()), ("n.docx", noted().bytes())]);
    let mut host = Docx::new(&paragraph("文"));
    host.add_word_part("header1", "hdr", &paragraph("{{d}}"));
    let parts = filled(&host, &json!({"d": {"document": "a.docx"}}), &files);
    let embeds = attribute_values(part(&parts, "word/header1.xml"), "a:blip", "r:embed");
    assert!(part(&parts, "word/_rels/header1.xml.rels").contains(&embeds[0]));
    let found = fill(&host, &json!({"d": {"document": "n.docx"}}), &files).unwrap_err();
    assert_eq!(found[0].0, "document-notes");
    let boxed = format!(
        "<w:p><w:r><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></w:r></w:p>",
        paragraph("{{d}}")
    );
    let found = fill(&Docx::new(&boxed), &json!({"d": {"document": "n.docx"}}), &files);
    assert_eq!(found.unwrap_err()[0].0, "document-notes");
}

fn page(width: u32, height: u32, more: &str) -> String {
    format!("<w:sectPr>{more}<w:pgSz w:w=\"{width}\" w:h=\"{height}\"/></w:sectPr>")
}

fn ending(text: &str, section: &str) -> String {
    format!("<w:p><w:pPr>{section}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn sections_become_pages_and_landscape_ones_stay() {
    let upright = [ending("一", &page(10, 20, "")), paragraph("二")].concat();
    let wide = [ending("竖", &page(10, 20, "")), ending("横", &page(20, 10, "")), paragraph("末")]
        .concat();
    let files = files(&[
        ("upright.docx", Docx::new(&upright).bytes()),
        ("wide.docx", Docx::new(&wide).bytes()),
    ]);
    let host = Docx::new(&[paragraph("前"), paragraph("{{document p}}"), paragraph("后")].concat());
    let parts = filled(&host, &json!({"p": "upright.docx"}), &files);
    let document = part(&parts, "word/document.xml");
    assert_eq!(document.matches("<w:sectPr").count(), 1);
    assert!(
        document.contains("一</w:t></w:r><w:r><w:br w:type=\"page\"/></w:r></w:p>"),
        "{document}"
    );
    let parts = filled(&host, &json!({"p": "wide.docx"}), &files);
    let document = part(&parts, "word/document.xml");
    // The pages before, the wide one, and the pages after.
    let sizes = attribute_values(document, "w:pgSz", "w:w");
    assert_eq!(sizes, ["11906", "20", "11906"]);
    let in_cell = Docx::new(&table(&[&row(&[cell("{{document p}}")])]));
    let parts = filled(&in_cell, &json!({"p": "wide.docx"}), &files);
    let document = part(&parts, "word/document.xml");
    assert!(document.matches("<w:sectPr").count() == 1 && !document.contains("w:br"), "{document}");
}

#[test]
fn it_is_said_why_a_document_cannot_be_inserted() {
    let mut strange = Docx::new(&paragraph("文"));
    strange.replace("word/document.xml", "<w:document><w:body><w:p/></w:body></w:document>");
    let files = files(&[
        ("a.docx", Docx::new(&paragraph("文")).bytes()),
        ("text.docx", b"hello".to_vec()),
        (
            "encrypted.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"
                .to_vec(),
        ),
        ("dangling.docx", Docx::new("<w:p><w:hyperlink r:id=\"rId7\"/></w:p>").bytes()),
        ("note.docx", Docx::new("<w:p><w:r><w:footnoteReference w:id=\"7\"/></w:r></w:p>").bytes()),
        ("strange.docx", strange.bytes()),
        ("broken.docx", Docx::new("<w:p><w:r></w:p>").bytes()),
    ]);
    let rule = |content: &str, path: &str| -> Vec<String> {
        let found = fill(&Docx::new(content), &json!({ "p": path }), &files).unwrap_err();
        found.into_iter().map(|(rule, _)| rule).collect()
    };
    let tag = paragraph("{{document p}}");
    assert_eq!(rule(&tag, "no.docx"), ["document-missing"]);
    for bad in ["text", "encrypted", "dangling", "note", "strange", "broken"] {
        assert_eq!(rule(&tag, &format!("{bad}.docx")), ["document-unusable"], "{bad}");
    }
    for place in [
        paragraph("前{{document p}}"),
        format!("<w:p><w:hyperlink>{}</w:hyperlink></w:p>", "<w:r><w:t>{{document p}}</w:t></w:r>"),
        "<w:p><w:r><w:instrText>{{document p}}</w:instrText></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:drawing/></w:r><w:r><w:t>{{document p}}</w:t></w:r></w:p>".to_owned(),
    ] {
        assert_eq!(rule(&place, "a.docx"), ["document-place"], "{place}");
    }
    // All at once, each at its tag.
    let both =
        [tag.clone(), paragraph("前{{document \"a.docx\"}}后"), paragraph("{{no}}")].concat();
    assert_eq!(rule(&both, "no.docx"), ["document-place"]);
    let late = [tag, paragraph("{{no}}")].concat();
    let mut found = rule(&late, "no.docx");
    found.sort();
    assert_eq!(found, ["document-missing", "value-missing"]);
}

#[test]
fn prefixes_mean_what_they_meant() {
    let mut inner = Docx::new("");
    inner.replace(
        "word/document.xml",
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:w14=\"other\" xmlns:q=\"urn:q\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" mc:Ignorable=\"q\"><w:body><w:p><w:r w14:a=\"1\"/><q:x/></w:p>\
         <w:sectPr/></w:body></w:document>",
    );
    let host = Docx::new(&paragraph("{{document \"a.docx\"}}"));
    let parts = filled(&host, &json!({}), &files(&[("a.docx", inner.bytes())]));
    let document = part(&parts, "word/document.xml");
    // One prefix means something else here, so that the piece says itself what it means.
    assert!(
        document.contains("xmlns:n1=\"other\"") && document.contains("<w:r n1:a=\"1\"/>"),
        "{document}"
    );
    let mut plain = Docx::new("");
    plain.replace(
        "word/document.xml",
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:q=\"urn:q\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" mc:Ignorable=\"q\"><w:body><w:p><q:x/></w:p></w:body></w:document>",
    );
    let parts = filled(&host, &json!({}), &files(&[("a.docx", plain.bytes())]));
    let document = part(&parts, "word/document.xml");
    assert!(
        document.contains("xmlns:q=\"urn:q\" mc:Ignorable=\"q\"><w:body><w:p><q:x/>"),
        "{document}"
    );
}

#[test]
fn too_much_is_refused() {
    let inner = Docx::new(&paragraph(&"长".repeat(40_000)));
    let host =
        Docx::new(&[paragraph("{{#each l}}"), paragraph("{{d}}"), paragraph("{{/each}}")].concat());
    let data = json!({"l": (0..20).collect::<Vec<_>>(), "d": 1});
    let data = json!({"l": data["l"], "d": {"document": "a.docx"}});
    let id = Sources::default().add_binary("t");
    let mut sink = Sink::new();
    let template = CompiledTemplate::parse(host.bytes(), id, &mut sink).unwrap();
    let options = RenderOptions { max_bytes: 1 << 20, ..RenderOptions::default() };
    let host_data = json!({"l": data["l"].as_array().unwrap().iter().map(|_| json!({"d": {"document": "a.docx"}})).collect::<Vec<_>>()});
    let out =
        template.render(&host_data, &files(&[("a.docx", inner.bytes())]), &options, &mut sink);
    assert!(out.is_none());
    assert_eq!(sink.into_sorted()[0].rule, "output-too-large");
}
