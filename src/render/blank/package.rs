//! Owns the package: which parts there are, how they refer to each other, and the zip file.
//! Must not know the form.

use super::amend::{self, Described};
use super::normalize;
use super::tree::{self, Element};
use docx_fill::opc;
use docx_rs::XMLDocx;
use std::io::{Cursor, Write};
use zip::ZipWriter;

const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const DOCUMENT: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
const IMAGE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image";
const CORE: &str =
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

struct Part {
    path: String,
    content_type: String,
    root: Element,
}

/// What a document has beyond what docx-rs built.
#[derive(Default)]
pub(super) struct Extra<'a> {
    /// Its body in place of docx-rs's, which keeps its section.
    pub(super) body: Option<Element>,
    /// Further styles.
    pub(super) styles: Vec<Element>,
    /// Pictures (PNG): relationship, file name, bytes.
    pub(super) pictures: &'a [(&'a str, &'a str, &'a [u8])],
}

/// What docx-rs built, as the bytes of a .docx.
pub(super) fn pack(built: &XMLDocx, tables: &[Described], extra: &Extra<'_>) -> Vec<u8> {
    let parts = parts(built, tables, extra);
    let mut files = vec![
        ("[Content_Types].xml".to_owned(), content_types(&parts, extra)),
        ("_rels/.rels".to_owned(), package_relationships()),
        ("word/_rels/document.xml.rels".to_owned(), relationships(built, &parts, extra)),
    ];
    files.extend(parts.into_iter().map(|part| (part.path, part.root)));
    // Writing into memory fails only where the format's limits of 4 GiB are reached.
    zip(&files, extra.pictures).expect("a template is smaller than 4 GiB")
}

fn parts(built: &XMLDocx, tables: &[Described], extra: &Extra<'_>) -> Vec<Part> {
    let mut document = read(&built.document);
    amend::document(&mut document, tables);
    if let Some(body) = &extra.body {
        amend::body(&mut document, body);
    }
    let mut styles = read(&built.styles);
    amend::styles(&mut styles);
    for style in &extra.styles {
        styles.push(style.clone());
    }
    let mut settings = read(&built.settings);
    amend::settings(&mut settings);
    let mut parts = vec![
        word("document", "document.main+xml", document),
        word("styles", "styles+xml", styles),
        word("settings", "settings+xml", settings),
        word("fontTable", "fontTable+xml", amend::fonts()),
    ];
    for (kind, xml) in [("header", &built.headers), ("footer", &built.footers)] {
        let numbered = xml.iter().enumerate();
        parts.extend(numbered.map(|(at, part)| {
            word(&format!("{kind}{}", at + 1), &format!("{kind}+xml"), read(part))
        }));
    }
    parts.push(Part {
        path: "docProps/core.xml".to_owned(),
        content_type: "application/vnd.openxmlformats-package.core-properties+xml".to_owned(),
        root: core_properties(),
    });
    parts
}

fn word(name: &str, content_type: &str, mut root: Element) -> Part {
    amend::any(&mut root);
    normalize::normalize(&mut root);
    Part { path: format!("word/{name}.xml"), content_type: format!("{WORD}{content_type}"), root }
}

fn read(xml: &[u8]) -> Element {
    // Every character that XML forbids was taken out of the form's words before.
    tree::read(&String::from_utf8_lossy(xml)).expect("docx-rs writes well-formed XML")
}

fn content_types(parts: &[Part], extra: &Extra<'_>) -> Element {
    let mut root = Element::new("Types").with("xmlns", TYPES);
    let relationships = "application/vnd.openxmlformats-package.relationships+xml";
    for (extension, kind) in [("rels", relationships), ("xml", "application/xml")] {
        root.push(Element::new("Default").with("Extension", extension).with("ContentType", kind));
    }
    if !extra.pictures.is_empty() {
        let png = Element::new("Default").with("Extension", "png");
        root.push(png.with("ContentType", "image/png"));
    }
    for part in parts {
        let path = format!("/{}", part.path);
        root.push(
            Element::new("Override")
                .with("PartName", &path)
                .with("ContentType", &part.content_type),
        );
    }
    root
}

fn package_relationships() -> Element {
    let mut root = Element::new("Relationships").with("xmlns", RELATIONSHIPS);
    let targets = [(DOCUMENT, "word/document.xml"), (CORE, "docProps/core.xml")];
    for (number, (kind, target)) in targets.into_iter().enumerate() {
        root.push(
            Element::new("Relationship")
                .with("Id", &format!("rId{}", number + 1))
                .with("Type", kind)
                .with("Target", target),
        );
    }
    root
}

/// docx-rs's relationships without those to parts that are left out, and those to the pictures.
fn relationships(built: &XMLDocx, parts: &[Part], extra: &Extra<'_>) -> Element {
    let mut all = read(&built.document_rels);
    let kept = |element: &Element| {
        let target = element.attribute("Target").unwrap_or_default();
        parts.iter().any(|part| part.path.strip_prefix("word/") == Some(target))
    };
    let children: Vec<Element> = all.elements().filter(|e| kept(e)).cloned().collect();
    all.children.clear();
    for child in children {
        all.push(child);
    }
    for (id, name, _) in extra.pictures {
        all.push(
            Element::new("Relationship")
                .with("Id", id)
                .with("Type", IMAGE)
                .with("Target", &format!("media/{name}")),
        );
    }
    all
}

/// Title, author and language; no dates, so that the same form gives the same bytes.
fn core_properties() -> Element {
    let mut root = Element::new("cp:coreProperties")
        .with("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties")
        .with("xmlns:dc", "http://purl.org/dc/elements/1.1/");
    let properties =
        [("dc:title", "{{title}}"), ("dc:creator", "{{organ.name}}"), ("dc:language", "zh-CN")];
    for (name, value) in properties {
        let mut property = Element::new(name);
        property.children.push(tree::Node::Text(value.to_owned()));
        root.push(property);
    }
    root
}

fn zip(
    files: &[(String, Element)],
    pictures: &[(&str, &str, &[u8])],
) -> zip::result::ZipResult<Vec<u8>> {
    let options = opc::entry_options();
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, root) in files {
        out.start_file(path, options)?;
        out.write_all(root.document().as_bytes())?;
    }
    for (_, name, bytes) in pictures {
        out.start_file(format!("word/media/{name}"), options)?;
        out.write_all(bytes)?;
    }
    Ok(out.finish()?.into_inner())
}
