//! Proves what becomes of documents that are written oddly but well, and of those that no other program opens: other
//! prefixes, white space between elements, names in the archive, XML with faults in every part that is read.

mod support;

use docx_fill::diag::{Lang, Sink, Sources};
use docx_fill::opc::{OpcError, Package, PackageLimits, XmlFaultKind};
use docx_fill::template::{CompiledTemplate, RenderOptions};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use support::engine::{data, fill, pictures, rules, try_fill};
use support::white_space::{indented, without_blanks};
use support::{
    Docx, attribute_values, cell, check_well_formed, paragraph, part, row, table, text_of,
};

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const BODY: &str = "word/document.xml";

fn document(content: &str, data: &Value) -> String {
    let parts = fill(&Docx::new(content), data);
    let out = part(&parts, BODY).to_owned();
    check_well_formed(&out);
    out
}

/// Fills packages of bytes and gives the parts, or the messages.
fn fill_bytes(bytes: Vec<u8>, data: &Value) -> Result<BTreeMap<String, Vec<u8>>, Vec<String>> {
    let mut sink = Sink::new();
    let source = Sources::default().add_binary("t.docx");
    let out = CompiledTemplate::parse(bytes, source, &mut sink).and_then(|template| {
        template.render(data, &pictures(), &RenderOptions::default(), &mut sink)
    });
    let told = sink.into_sorted().into_iter().map(|found| found.message.in_lang(Lang::En));
    match out {
        Some(out) => Ok(support::parts(&out)),
        None => Err(told.collect()),
    }
}

/// A document with the text in place of its body.
fn with_body(text: &str) -> Docx {
    let mut docx = Docx::new("");
    docx.replace(BODY, text);
    docx
}

// ---- malformed parts

/// Faults of XML with their kinds: all stand in a part whose root is `w:x`.
const FAULTS: [(&str, XmlFaultKind); 36] = [
    ("<w:x><w:p w:a=\"1\" w:a=\"2\"/></w:x>", XmlFaultKind::DuplicateAttribute),
    ("<w:x xmlns:y=\"{W}\"><w:p w:a=\"1\" y:a=\"2\"/></w:x>", XmlFaultKind::DuplicateAttribute),
    ("<w:x><q:p/></w:x>", XmlFaultKind::UnboundPrefix),
    ("<w:x><w:p q:a=\"1\"/></w:x>", XmlFaultKind::UnboundPrefix),
    ("<w:x><w:p xmlns:q=\"u\"/><q:p/></w:x>", XmlFaultKind::UnboundPrefix),
    ("<w:x><w:p xmlns:q=\"\"/></w:x>", XmlFaultKind::Reserved),
    ("<w:x><w:p xmlns:xmlns=\"u\"/></w:x>", XmlFaultKind::Reserved),
    ("<w:x><w:p xmlns:xml=\"u\"/></w:x>", XmlFaultKind::Reserved),
    ("<w:x><w:1/></w:x>", XmlFaultKind::Name),
    ("<w:x><w:p:q/></w:x>", XmlFaultKind::Name),
    ("<w:x><w:p w:1=\"\"/></w:x>", XmlFaultKind::Name),
    ("<w:x><:p/></w:x>", XmlFaultKind::Name),
    ("<w:x>< w:p/></w:x>", XmlFaultKind::Name),
    ("<w:x><w:p a=\"1\"b=\"2\"/></w:x>", XmlFaultKind::Attribute),
    ("<w:x><w:p a=1/></w:x>", XmlFaultKind::Attribute),
    ("<w:x><w:p a/></w:x>", XmlFaultKind::Attribute),
    ("<w:x><w:p a=\"<\"/></w:x>", XmlFaultKind::OpenBracketInValue),
    ("<w:x>&nbsp;</w:x>", XmlFaultKind::Reference),
    ("<w:x>a & b</w:x>", XmlFaultKind::Reference),
    ("<w:x><w:p a=\"&lt\"/></w:x>", XmlFaultKind::Reference),
    ("<w:x>&#0;</w:x>", XmlFaultKind::Reference),
    ("<w:x>&#xFFFE;</w:x>", XmlFaultKind::Reference),
    ("<w:x>&#xD800;</w:x>", XmlFaultKind::Reference),
    ("<w:x>\u{1}</w:x>", XmlFaultKind::Character),
    ("<w:x><!--\u{ffff}--></w:x>", XmlFaultKind::Character),
    ("<w:x><w:p></w:x>", XmlFaultKind::OtherEnd),
    ("<w:x><w:p>", XmlFaultKind::UnclosedElement),
    ("<w:x></w:x></w:x>", XmlFaultKind::UnopenedEnd),
    ("<w:x></w:x>text", XmlFaultKind::TextOutsideRoot),
    ("text<w:x></w:x>", XmlFaultKind::TextOutsideRoot),
    ("<w:x></w:x><w:x></w:x>", XmlFaultKind::SecondRoot),
    ("<w:x>]]></w:x>", XmlFaultKind::CdataEnd),
    ("<w:x><!-- a -- b --></w:x>", XmlFaultKind::Comment),
    ("<w:x><?xml version=\"1.0\"?></w:x>", XmlFaultKind::Instruction),
    ("<w:x><!ELEMENT a></w:x>", XmlFaultKind::Markup),
    ("<w:x><w:p a=\"1", XmlFaultKind::Unfinished),
];

/// Texts that XML allows although they look odd: none of them is a fault.
const SOUND: [&str; 9] = [
    "<w:x a='\"' b=\"'\" c = \"]]>\" d=\">\"><w:p\n/></w:x\n>",
    "<w:x><![CDATA[<&]]>&amp;&#x4E2D;&#10;</w:x><!-- & < -->\n<?q & < ?>\n",
    "<w:x><w:p xmlns:q=\"u\"><q:a q:b=\"1\" b=\"2\" w:b=\"3\"/></w:p></w:x>",
    "<w:x xml:lang=\"zh\"><政:策 xmlns:政=\"u\" 政:件=\"1\"/></w:x>",
    "<w:x><p xmlns=\"u\"><p xmlns=\"\"/></p></w:x>",
    "<w:x>a ]] > b</w:x>",
    "<w:x><!----><!-- - --></w:x>",
    "<!-- before --><w:x></w:x>",
    "<w:x>\u{fffd}\u{85}\u{7f}\u{1f600}\t\r\n</w:x>",
];

/// A part with the namespace bound at its root.
fn bound(text: &str) -> String {
    let text = text.replace("{W}", WORD);
    text.replacen("<w:x", &format!("<w:x xmlns:w=\"{WORD}\""), 1)
}

#[test]
fn every_fault_of_xml_is_found_at_its_place() {
    for (text, kind) in FAULTS {
        let text = format!("<?xml version=\"1.0\"?>\n{}", bound(text));
        let found = Package::open(with_body(&text).bytes(), &PackageLimits::default())
            .and_then(|package| package.read_xml_part(BODY));
        let Err(OpcError::MalformedXml { part, line, fault }) = found else {
            panic!("{text}: {found:?}")
        };
        assert_eq!((part.as_str(), fault.kind), (BODY, kind), "{text}");
        let expected = text[..fault.offset].matches('\n').count() + 1;
        assert_eq!(line, expected, "{text}");
    }
    for text in SOUND {
        let docx = with_body(&bound(text)).bytes();
        let package = Package::open(docx, &PackageLimits::default()).unwrap();
        assert!(package.read_xml_part(BODY).unwrap().is_some(), "{text}");
    }
}

#[test]
fn declarations_are_read_strictly() {
    let read = |declaration: &str| {
        let docx = with_body(&format!("{declaration}<a/>")).bytes();
        Package::open(docx, &PackageLimits::default()).unwrap().read_xml_part(BODY)
    };
    for good in [
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='utf-8' standalone='no' ?>\n",
        "<?xml\nversion = \"1.0\"\tstandalone=\"yes\"?>",
        "",
    ] {
        assert!(read(good).is_ok(), "{good}");
    }
    for bad in [
        "<?xml?>",
        "<?xml encoding=\"UTF-8\"?>",
        "<?xml version=\"1.1\"?>",
        "<?xml version=\"1.0\" standalone=\"maybe\"?>",
        "<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>",
        "<?xml version=\"1.0\"encoding=\"UTF-8\"?>",
        "<?xml version=\"1.0\" version=\"1.0\"?>",
        "<?xml version=\"1.0\"",
        " <?xml version=\"1.0\"?>",
        "<?XML version=\"1.0\"?>",
    ] {
        assert!(matches!(read(bad), Err(OpcError::MalformedXml { .. })), "{bad}: {:?}", read(bad));
    }
    let other = read("<?xml version=\"1.0\" encoding=\"UTF-8-X\"?>");
    assert!(matches!(other, Err(OpcError::NotUtf8 { offset: 0, .. })), "{other:?}");
}

#[test]
fn a_fault_in_any_part_that_is_read_stops_the_run() {
    let broken = "<w:p w:rsidR=\"a\" w:rsidR=\"b\"><w:r><w:t>x</w:t></w:r></w:p>";
    let faulty = |what: &str| {
        let mut docx = Docx::new(&paragraph("{{year}}"));
        match what {
            "header1" => docx.add_word_part("header1", "hdr", broken),
            "footer1" => docx.add_word_part("footer1", "ftr", broken),
            "footnotes" | "endnotes" | "comments" => docx.add_word_part(what, what, broken),
            "styles" => docx.add_word_part(what, what, "<w:style a=\"\" a=\"\"/>"),
            _ => docx.replace(BODY, &format!("<w:x xmlns:w=\"{WORD}\">{broken}</w:x>")),
        }
        fill_bytes(docx.bytes(), &data()).map(|_| ()).unwrap_err()
    };
    for what in ["document", "header1", "footer1", "footnotes", "endnotes", "comments", "styles"] {
        let told = faulty(what).concat();
        assert!(told.contains(&format!("word/{what}.xml")), "{what}: {told}");
        assert!(told.contains("stands twice") && told.contains("line 1, byte"), "{told}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_told_by_their_place() {
    let mut bytes = format!("<w:x xmlns:w=\"{WORD}\"><w:t>").into_bytes();
    let place = bytes.len();
    bytes.extend(b"\xD6\xD0</w:t></w:x>");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in support::parts(&Docx::new("").bytes()) {
        zip.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(if name == BODY { &bytes } else { &content }).unwrap();
    }
    let told = fill_bytes(zip.finish().unwrap().into_inner(), &data()).unwrap_err();
    assert!(told[0].contains(&format!("from byte {place}")), "{told:?}");
}

#[test]
fn text_outside_of_runs_is_told() {
    for content in [
        "<w:p>{{year}}</w:p>",
        "<w:p><w:r>{{year}}</w:r></w:p>",
        "<w:p><w:r><w:rPr>{{year}}</w:rPr><w:t>a</w:t></w:r></w:p>",
        "<w:p><w:r><w:rPr><w:t>{{year}}</w:t></w:rPr></w:r></w:p>",
        "<w:p><w:t>{{year}}</w:t></w:p>",
        "<w:p><w:pPr><w:r>&#123;{year}}</w:r></w:pPr></w:p>",
        "{{year}}<w:p/>",
    ] {
        let found = rules(content, &data());
        let found: Vec<_> = found.iter().map(|(rule, ..)| rule.as_str()).collect();
        assert_eq!(found, ["docx-unusable"], "{content}");
    }
    let kept = "<w:p><w:r><mc:AlternateContent><mc:Choice Requires=\"w14\"><w:t>{{year}}</w:t></mc:Choice>\
        </mc:AlternateContent></w:r><w:r><w:fldChar w:fldCharType=\"begin\"><w:fldData>AAAA</w:fldData></w:fldChar></w:r></w:p>";
    assert!(document(kept, &data()).contains("2025"));
    // What ends a run cannot stand in a branch of it.
    let image = kept.replace("{{year}}", "{{image picture}}");
    assert_eq!(rules(&image, &data())[0].0, "image-place");
}

// ---- prefixes

/// Writes a document with other prefixes: `x` for `WordprocessingML`, or none where XML allows it.
fn foreign(text: &str, default: bool) -> String {
    let (element, declared) = if default {
        ("", format!("xmlns=\"{WORD}\" xmlns:x=\"{WORD}\""))
    } else {
        ("x:", format!("xmlns:x=\"{WORD}\""))
    };
    text.replace(&format!("xmlns:w=\"{WORD}\""), &declared)
        .replace("<w:", &format!("<{element}"))
        .replace("</w:", &format!("</{element}"))
        .replace(" w:", " x:")
}

#[test]
fn any_prefix_of_a_namespace_will_do_in_every_part() {
    let make = |convert: &dyn Fn(&str) -> String| {
        let content = [
            paragraph("{{year}}{{#each rows}}{{n}}{{/each}}"),
            paragraph("{{markdown text}}"),
            "<w:p><w:pPr><w:pStyle w:val=\"T\"/><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:p>".to_owned(),
            table(&[&row(&[cell("{{#each rows}}{{n}}"), cell("{{merge n}}{{/each}}")])]),
        ];
        let mut docx = Docx::new(&content.concat());
        docx.add_word_part("header1", "hdr", &paragraph("{{机关}}"));
        docx.add_word_part(
            "footnotes",
            "footnotes",
            &format!("<w:footnote w:id=\"1\">{}</w:footnote>", paragraph("{{year}}")),
        );
        docx.add_word_part(
            "styles",
            "styles",
            "<w:style w:type=\"paragraph\" w:styleId=\"2\"><w:name w:val=\"heading 2\"/></w:style>",
        );
        docx.convert(convert);
        docx
    };
    let mut all = data();
    all["text"] = json!("## 标题\n\n文[^1]\n\n[^1]: 注");
    let own = fill(&make(&str::to_owned), &all);
    for default in [false, true] {
        let other = fill(&make(&|text| foreign(text, default)), &all);
        for name in [BODY, "word/header1.xml", "word/footnotes.xml"] {
            let (own, other) = (part(&own, name), part(&other, name));
            check_well_formed(other);
            let without = |text: &str| text[text.find('>').unwrap_or(0)..].to_owned();
            assert_eq!(text_of(other), text_of(own), "{name}");
            assert!(other.contains("<w:") && !other.contains("<x:"), "{other}");
            assert_eq!(
                without(&other[other.find("<w:").unwrap()..]),
                without(&own[own.find("<w:").unwrap()..]),
                "{name}"
            );
        }
        assert!(part(&other, BODY).contains("<w:pStyle w:val=\"2\"/>"));
    }
}

#[test]
fn a_prefix_that_means_something_else_stays_apart() {
    let text = format!(
        "<x:document xmlns:x=\"{WORD}\" xmlns:w=\"urn:w\"><x:body><x:p><x:r><x:t>{{{{year}}}}</x:t></x:r>\
         <w:t>{{{{no}}}}</w:t></x:p></x:body></x:document>"
    );
    let parts = fill(&with_body(&text), &data());
    let out = part(&parts, BODY);
    assert!(out.contains("<w:t xml:space=\"preserve\">2025</w:t>"), "{out}");
    assert!(out.contains("<n1:t>{{no}}</n1:t>") && out.contains("xmlns:n1=\"urn:w\""), "{out}");
}

#[test]
fn packages_whose_own_parts_have_prefixes_grow() {
    let docx = Docx::new(&paragraph("{{image picture}}"));
    let (types, links) = (
        "http://schemas.openxmlformats.org/package/2006/content-types",
        "http://schemas.openxmlformats.org/package/2006/relationships",
    );
    let named: Vec<(String, String)> = support::parts(&docx.bytes())
        .into_iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            let text = match name.as_str() {
                "[Content_Types].xml" => text
                    .replace("xmlns=\"t\"", &format!("xmlns:t=\"{types}\""))
                    .replace("<Types", "<t:Types")
                    .replace("</Types", "</t:Types")
                    .replace("<Default", "<t:Default")
                    .replace("<Override", "<t:Override"),
                name if name.contains("_rels/") => text
                    .replace("xmlns=\"r\"", &format!("xmlns:q=\"{links}\""))
                    .replace("<Relationship", "<q:Relationship")
                    .replace("</Relationship", "</q:Relationship"),
                _ => text,
            };
            (name, text)
        })
        .collect();
    let named: Vec<_> = named.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let parts = fill_bytes(support::zip(&named), &data()).unwrap();
    let types = part(&parts, "[Content_Types].xml");
    assert_eq!(attribute_values(types, "Default", "Extension"), ["png", "rels", "xml"], "{types}");
    let links = part(&parts, "word/_rels/document.xml.rels");
    assert_eq!(attribute_values(links, "Relationship", "Target"), ["media/inserted1.png"]);
    check_well_formed(types);
    check_well_formed(links);
}

// ---- white space, packages

#[test]
fn white_space_between_elements_changes_nothing() {
    let properties = "<w:tcPr><w:tcW w:w=\"1000\" w:type=\"dxa\"/></w:tcPr>";
    let wide = |text: &str| cell(text).replace("<w:tc>", &format!("<w:tc>{properties}"));
    let styled = "<w:p><w:pPr><w:jc w:val=\"both\"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>{{markdown text}}</w:t></w:r></w:p>";
    let merged =
        |at: &str| format!("<w:tc><w:tcPr><w:vMerge{at}/></w:tcPr>{}</w:tc>", paragraph("m"));
    let cases = [
        table(&[&row(&[wide("{{shade c}}a")])]),
        table(&[&row(&[wide("{{#each rows}}{{merge n}}"), wide("{{span 1}}{{n}}{{/each}}")])]),
        table(&[
            &row(&[wide("{{#each rows}}{{n}}"), merged(" w:val=\"restart\""), wide("{{/each}}")]),
            &row(&[wide("a"), merged(""), wide("b")]),
        ]),
        table(&[&row(&[wide("{{#each rows columns=true}}{{n}}{{/each}}"), wide("x")])]),
        table(&[&row(&[wide("{{#if no}}a{{/if}}")]), &row(&[wide("{{#if no}}"), wide("{{/if}}")])]),
        [paragraph("{{#each rows}}"), paragraph("{{n}}"), paragraph("{{/each}}")].concat(),
        [paragraph("{{#if no}}"), table(&[&row(&[wide("x")])]), paragraph("{{/if}}")].concat(),
        styled.to_owned(),
        paragraph("{{image picture}}"),
        paragraph("{{fit 机关 2}}"),
        support::runs(&["{{ye", "ar}}", "{{#if yes}}a", "{{/if}}"]),
        paragraph("{{page-break}}"),
        paragraph("{{document \"附件.docx\"}}"),
        "<w:sdt><w:sdtPr><w:id w:val=\"3\"/><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>{{year}}</w:t></w:r></w:p></w:sdtContent></w:sdt>".to_owned(),
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>QUOTE {{year}}</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>".to_owned(),
    ];
    let mut all = data();
    all["c"] = json!("D9D9D9");
    all["text"] = json!("## 一\n\n- 甲\n- 乙\n\n|a|b|\n|-|-|\n|1|2|\n");
    for content in cases {
        let plain = document(&content, &all);
        let spaced = document(&indented(&content), &all);
        assert_eq!(without_blanks(&spaced), without_blanks(&plain), "{content}");
        assert!(spaced.matches("<w:tcPr>").count() <= spaced.matches("<w:tc>").count());
    }
}

#[test]
fn a_package_without_a_default_for_relationships_gets_one() {
    let docx = Docx::new(&paragraph("{{markdown text}}")).bytes();
    let kept: Vec<(String, String)> = support::parts(&docx)
        .into_iter()
        .filter(|(name, _)| name != "word/_rels/document.xml.rels")
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .map(|(name, text)| {
            let own = "<Default Extension=\"rels\" ContentType=\"r\"/>";
            let one = "<Override PartName=\"/_rels/.rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>";
            (name, text.replace(own, one))
        })
        .collect();
    let named: Vec<_> = kept.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let parts = fill_bytes(support::zip(&named), &json!({"text": "[a](https://a.cn)"})).unwrap();
    let types = part(&parts, "[Content_Types].xml");
    assert!(
        attribute_values(types, "Default", "Extension").contains(&"rels".to_owned()),
        "{types}"
    );
    assert!(parts.contains_key("word/_rels/document.xml.rels"));
}

#[test]
fn names_of_entries_are_those_of_the_directory() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in support::parts(&Docx::new(&paragraph("{{year}}")).bytes()) {
        zip.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&content).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    // A Unicode path field is added to the directory's entry of the body: other readers see no body any more.
    let (end, name) = (bytes.len() - 22, BODY.as_bytes());
    let entry = bytes.windows(name.len()).rposition(|found| found == name).unwrap();
    let mut field = vec![0x75, 0x70, 14, 0, 1];
    field.extend(crc32(name).to_le_bytes());
    field.extend(b"other.xml");
    let size = u32::from_le_bytes(bytes[end + 12..end + 16].try_into().unwrap()) + 18;
    bytes[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    let extra = entry - 46 + 30;
    bytes[extra..extra + 2].copy_from_slice(&18_u16.to_le_bytes());
    let at = entry + name.len();
    bytes.splice(at..at, field);
    let mut read = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let names: Vec<_> = (0..read.len())
        .map(|at| read.by_index_raw(at).unwrap().name().unwrap().into_owned())
        .collect();
    assert!(names.contains(&"other.xml".to_owned()), "the field overrides: {names:?}");
    let parts = fill_bytes(bytes, &data()).unwrap();
    assert_eq!(text_of(part(&parts, BODY)), ["2025"]);
}

/// The checksum of archives, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

#[test]
fn styles_with_empty_properties_come_along_whole() {
    for empty in [
        "<w:rPr/>",
        "<w:rPr></w:rPr>",
        "<w:pPr/>",
        "<w:pPr></w:pPr>",
        "<w:pPr/><w:rPr/>",
        "<w:pPr />\n<w:rPr />",
    ] {
        let mut inner =
            Docx::new("<w:p><w:pPr><w:pStyle w:val=\"T\"/></w:pPr><w:r><w:t>a</w:t></w:r></w:p>");
        let normal = "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/><w:rPr><w:sz w:val=\"24\"/></w:rPr></w:style>";
        inner.add_word_part("styles", "styles", &format!("{normal}<w:style w:type=\"paragraph\" w:styleId=\"T\"><w:name w:val=\"Table Contents\"/><w:basedOn w:val=\"a\"/>{empty}</w:style>"));
        let mut host = Docx::new(&paragraph("{{document \"a.docx\"}}"));
        host.add_word_part("styles", "styles", "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/></w:style>");
        let mut sink = Sink::new();
        let source = Sources::default().add_binary("t.docx");
        let template = CompiledTemplate::parse(host.bytes(), source, &mut sink).unwrap();
        let files: BTreeMap<String, Vec<u8>> = [("a.docx".to_owned(), inner.bytes())].into();
        let out = template.render(&json!({}), &files, &RenderOptions::default(), &mut sink);
        let parts = support::parts(&out.unwrap());
        let styles = part(&parts, "word/styles.xml");
        check_well_formed(styles);
        let added = &styles[styles.find("Table Contents").unwrap()..];
        for name in ["w:rPr", "w:pPr"] {
            let count = added.matches(&format!("<{name}>")).count()
                + added.matches(&format!("<{name}/>")).count()
                + added.matches(&format!("<{name} ")).count();
            assert!(count <= 1, "{empty}: {styles}");
        }
        assert!(added.contains("<w:sz w:val=\"24\"/>"), "{styles}");
    }
}

#[test]
fn a_character_may_stand_across_any_border() {
    for shift in 0..3 {
        let text = format!("{{{{name}}}}{}{}", "x".repeat(shift), "中".repeat(9000));
        let parts = fill(&Docx::new(&paragraph(&text)), &json!({"name": "甲"}));
        assert!(text_of(part(&parts, BODY))[0].starts_with('甲'));
    }
}

#[test]
fn tags_may_be_written_as_character_references() {
    for text in
        ["&#123;&#123;year}}", "&#x7B;{year&#125;&#x7D;", "{{&#121;ear}}", "<![CDATA[{{year}}]]>"]
    {
        let (out, found) =
            try_fill(&Docx::new(&paragraph(text)), &data(), &RenderOptions::default());
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(text_of(part(&support::parts(&out.unwrap()), BODY)), ["2025"], "{text}");
    }
}
