//! Proves that the way in which tags are written changes nothing: blanks and line ends within them, and declarations on
//! elements that usually have no attributes.

mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::engine::{data, pictures};
use support::{Docx, cell, paragraph, parts, row, table};

/// Writes every tag of Word in another way.
fn respelled(text: &str, spell: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("<w:").into_iter().chain(rest.find("</w:")).min() {
        out.push_str(&rest[..at]);
        let length = rest[at..].find('>').unwrap() + 1;
        out.push_str(&spell(&rest[at..at + length]));
        rest = &rest[at + length..];
    }
    out + rest
}

/// Puts blanks and line ends wherever a tag allows them.
fn with_blanks(tag: &str) -> String {
    let tag = tag.replace(" w:", "\n\t w:").replace("=\"", " = \"");
    match tag.strip_suffix("/>") {
        Some(start) => format!("{start}\r\n/>"),
        None => tag.replace('>', "\n>"),
    }
}

/// Declares a prefix that nobody uses on elements without attributes.
fn with_declarations(tag: &str) -> String {
    if tag.starts_with("</") || tag.contains(' ') {
        return tag.to_owned();
    }
    let name = tag.find(['/', '>']).unwrap();
    format!("{} xmlns:q=\"urn:q\"{}", &tag[..name], &tag[name..])
}

/// The elements, attributes and texts of a part.
fn outline(xml: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let own = element.attributes().map(|found| found.unwrap());
                let mut own: Vec<String> = own
                    .filter(|found| found.key.as_ref() != "xmlns:q")
                    .map(|found| format!("{}={}", found.key.as_ref(), found.value))
                    .collect();
                own.sort();
                out.push(format!("{} {}", element.name().as_ref(), own.join(" ")));
            }
            Event::Text(text) => out.push(text.to_string()),
            Event::GeneralRef(reference) => out.push(reference.to_string()),
            Event::Eof => return out,
            _ => {}
        }
    }
}

/// A document to insert: tables at both ends, a wide section, notes, a list, a bookmark.
fn inserted() -> Docx {
    let section = |inner: &str| format!("<w:p><w:pPr><w:sectPr>{inner}</w:sectPr></w:pPr></w:p>");
    let content = [
        table(&[&row(&[cell("一"), cell("二")])]),
        "<w:p><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:bookmarkStart w:id=\"1\" w:name=\"甲\"/>\
         <w:r><w:t>注</w:t></w:r><w:bookmarkEnd w:id=\"1\"/><w:r><w:footnoteReference w:id=\"2\"/></w:r></w:p>"
            .to_owned(),
        section("<w:pgSz w:w=\"1\" w:h=\"2\"/>"),
        paragraph("横"),
        section("<w:pgSz w:w=\"2\" w:h=\"1\"/>"),
        table(&[&row(&[cell("末")])]),
    ];
    let mut docx = Docx::new(&content.concat());
    let note = paragraph("脚注");
    docx.add_word_part(
        "footnotes",
        "footnotes",
        &format!("<w:footnote w:id=\"2\">{note}</w:footnote>"),
    );
    docx.add_word_part(
        "numbering",
        "numbering",
        "<w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>",
    );
    docx
}

fn contents() -> Vec<String> {
    let boxed = |inner: &str| {
        format!(
            "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
        )
    };
    let insertion = paragraph("{{document \"内.docx\"}}");
    let kept = insertion.replace("<w:p>", "<w:p><w:pPr><w:keepNext/></w:pPr>");
    let ending = insertion.replace(
        "<w:p>",
        "<w:p><w:pPr><w:sectPr><w:pgSz w:w=\"3\" w:h=\"4\"/><w:titlePg/></w:sectPr></w:pPr>",
    );
    let merged =
        |value: &str| format!("<w:tc><w:tcPr><w:vMerge{value}/></w:tcPr>{}</w:tc>", paragraph("m"));
    let field = |code: &str| {
        format!(
            "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r><w:r><w:fldChar \
             w:fldCharType=\"separate\"/></w:r><w:r><w:t>x</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
        )
    };
    vec![
        [paragraph("前"), insertion.clone(), table(&[&row(&[cell("后")])])].concat(),
        [table(&[&row(&[cell("前")])]), kept, paragraph("后")].concat(),
        [paragraph("前"), ending, paragraph("后")].concat(),
        boxed(&paragraph("{{document \"附件.docx\"}}")) + &boxed(&paragraph("{{markdown plain}}")),
        paragraph("{{markdown text}}"),
        table(&[&row(&[cell("{{#each rows}}{{merge n}}"), cell("{{shade ../c}}{{n}}{{/each}}")])]),
        table(&[
            &row(&[cell("{{#each rows}}{{n}}"), merged(" w:val=\"restart\""), cell("{{/each}}")]),
            &row(&[cell("a"), merged(""), cell("b")]),
        ]),
        table(&[&row(&[cell("{{#if no}}a{{/if}}")])]) + &paragraph("{{#each rows}}") + "<w:p/>" + &paragraph("{{/each}}"),
        [paragraph("{{#each rows}}"), table(&[&row(&[cell("{{n}}")])]), paragraph("{{/each}}")].concat(),
        field("HYPERLINK \"{{link}}\"") + &field("QUOTE {{year}}") + &paragraph("{{image picture}}"),
        "<w:sdt><w:sdtPr><w:id w:val=\"3\"/><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>{{year}}</w:t></w:r></w:p></w:sdtContent></w:sdt>".to_owned(),
        [
            paragraph("{{#each rows}}"),
            "<w:p><w:bookmarkStart w:id=\"7\" w:name=\"乙\"/><w:r><w:t>{{n}}</w:t></w:r><w:bookmarkEnd w:id=\"7\"/></w:p>".to_owned(),
            field("REF 乙 \\h"),
            "<w:p><w:pPr><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId1\"/></w:sectPr></w:pPr></w:p>".to_owned(),
            paragraph("{{/each}}"),
        ]
        .concat(),
    ]
}

fn host(content: &str) -> Docx {
    let mut docx = Docx::new(content);
    docx.add_word_part("header1", "hdr", &paragraph("{{机关}}"));
    docx.add_word_part(
        "styles",
        "styles",
        "<w:style w:type=\"paragraph\" w:styleId=\"2\"><w:name w:val=\"heading 2\"/></w:style>",
    );
    docx.add_word_part(
        "numbering",
        "numbering",
        "<w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>",
    );
    docx.add_word_part("settings", "settings", "<w:zoom w:percent=\"100\"/><w:compat/>");
    docx
}

/// The outlines of all parts that are made, or what is told.
fn filled(
    content: &str,
    spell: &dyn Fn(&str) -> String,
    data: &Value,
) -> BTreeMap<String, Vec<String>> {
    let (mut host, mut inner) = (host(content), inserted());
    host.convert(&|text| respelled(text, spell));
    inner.convert(&|text| respelled(text, spell));
    let mut files = pictures();
    files.insert("内.docx".to_owned(), inner.bytes());
    let mut sink = Sink::new();
    let source = Sources::default().add_binary("t.docx");
    let template = CompiledTemplate::parse(host.bytes(), source, &mut sink);
    let out = template
        .and_then(|template| template.render(data, &files, &RenderOptions::default(), &mut sink));
    let told = sink.into_sorted().into_iter().map(|found| found.message.in_lang(Lang::En));
    let mut all = BTreeMap::from([("told".to_owned(), told.collect())]);
    for (name, bytes) in out.iter().flat_map(|out| parts(out)) {
        if let Ok(text) = String::from_utf8(bytes) {
            all.insert(name, outline(&text));
        }
    }
    all
}

#[test]
fn tags_mean_the_same_however_they_are_written() {
    let mut all = data();
    all["c"] = json!("D9D9D9");
    all["link"] = json!("https://b.cn/a-b");
    all["plain"] = json!("文");
    all["text"] =
        json!("## 一\n\n- 甲\n- 乙\n\n1. 丙\n\n|a|b|\n|-|-|\n|1|2|\n\n文[^1]\n\n[^1]: 注");
    for content in contents() {
        let own = filled(&content, &str::to_owned, &all);
        assert_eq!(own["told"], Vec::<String>::new(), "{content}");
        for (how, spell) in [
            ("blanks", &with_blanks as &dyn Fn(&str) -> String),
            ("declarations", &with_declarations),
        ] {
            let other = filled(&content, spell, &all);
            assert_eq!(
                other.keys().collect::<Vec<_>>(),
                own.keys().collect::<Vec<_>>(),
                "{how} {content}"
            );
            for (name, outline) in &own {
                assert_eq!(other[name], *outline, "{how} of {name} in {content}");
            }
        }
    }
}
