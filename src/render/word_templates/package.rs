//! Owns the package: its parts, their relationships, and the zip file.
//! Must not know the form.

use super::normalize;
use super::patch::{self, TableDescription};
use super::xml_tree::{self, XmlElement};
use docx_fill::opc;
use docx_rs::XMLDocx;
use std::io::{Cursor, Write};
use zip::ZipWriter;

const CONTENT_TYPES_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/package/2006/content-types";
const RELATIONSHIPS_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/package/2006/relationships";
const DOCUMENT_RELATIONSHIP: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
const IMAGE_RELATIONSHIP: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image";
const CORE_RELATIONSHIP: &str =
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

struct PackagePart {
    path: String,
    content_type: String,
    root: XmlElement,
}

/// The additions to a document built by docx-rs.
#[derive(Default)]
pub(super) struct DocumentExtras<'a> {
    /// Body that replaces the one of docx-rs, whose section properties are kept.
    pub(super) body: Option<XmlElement>,
    /// Additional styles.
    pub(super) styles: Vec<XmlElement>,
    /// Pictures (PNG): relationship, file name, bytes.
    pub(super) pictures: &'a [(&'a str, &'a str, &'a [u8])],
}

/// Returns a document built by docx-rs as the bytes of a .docx.
pub(super) fn pack_document(
    built: &XMLDocx,
    tables: &[TableDescription],
    extra: &DocumentExtras<'_>,
) -> Vec<u8> {
    let parts = build_parts(built, tables, extra);
    let mut files = vec![
        ("[Content_Types].xml".to_owned(), content_types(&parts, extra)),
        ("_rels/.rels".to_owned(), package_relationships()),
        ("word/_rels/document.xml.rels".to_owned(), document_relationships(built, &parts, extra)),
    ];
    files.extend(parts.into_iter().map(|part| (part.path, part.root)));
    // Writing into memory fails only at the format's limit of 4 GiB.
    write_zip(&files, extra.pictures).expect("a template is smaller than 4 GiB")
}

fn build_parts(
    built: &XMLDocx,
    tables: &[TableDescription],
    extra: &DocumentExtras<'_>,
) -> Vec<PackagePart> {
    let mut document = read_built_part(&built.document);
    patch::patch_document(&mut document, tables);
    if let Some(body) = &extra.body {
        patch::replace_body(&mut document, body);
    }
    let mut styles = read_built_part(&built.styles);
    patch::patch_styles(&mut styles);
    for style in &extra.styles {
        styles.push_child(style.clone());
    }
    let mut settings = read_built_part(&built.settings);
    patch::patch_settings(&mut settings);
    let mut parts = vec![
        word_part("document", "document.main+xml", document),
        word_part("styles", "styles+xml", styles),
        word_part("settings", "settings+xml", settings),
        word_part("fontTable", "fontTable+xml", patch::font_table()),
    ];
    for (kind, xml) in [("header", &built.headers), ("footer", &built.footers)] {
        let numbered = xml.iter().enumerate();
        parts.extend(numbered.map(|(at, part)| {
            word_part(&format!("{kind}{}", at + 1), &format!("{kind}+xml"), read_built_part(part))
        }));
    }
    parts.push(PackagePart {
        path: "docProps/core.xml".to_owned(),
        content_type: "application/vnd.openxmlformats-package.core-properties+xml".to_owned(),
        root: core_properties(),
    });
    parts
}

fn word_part(name: &str, content_type: &str, mut root: XmlElement) -> PackagePart {
    patch::clean_root(&mut root);
    normalize::normalize_element(&mut root);
    PackagePart {
        path: format!("word/{name}.xml"),
        content_type: format!("{WORD}{content_type}"),
        root,
    }
}

fn read_built_part(xml: &[u8]) -> XmlElement {
    // Characters that XML forbids were removed from the form's texts before.
    xml_tree::parse_xml(&String::from_utf8_lossy(xml)).expect("docx-rs writes well-formed XML")
}

fn content_types(parts: &[PackagePart], extra: &DocumentExtras<'_>) -> XmlElement {
    let mut root = XmlElement::new("Types").with_attribute("xmlns", CONTENT_TYPES_NAMESPACE);
    let relationships = "application/vnd.openxmlformats-package.relationships+xml";
    for (extension, kind) in [("rels", relationships), ("xml", "application/xml")] {
        root.push_child(
            XmlElement::new("Default")
                .with_attribute("Extension", extension)
                .with_attribute("ContentType", kind),
        );
    }
    if !extra.pictures.is_empty() {
        let png = XmlElement::new("Default").with_attribute("Extension", "png");
        root.push_child(png.with_attribute("ContentType", "image/png"));
    }
    for part in parts {
        let path = format!("/{}", part.path);
        root.push_child(
            XmlElement::new("Override")
                .with_attribute("PartName", &path)
                .with_attribute("ContentType", &part.content_type),
        );
    }
    root
}

fn package_relationships() -> XmlElement {
    let mut root =
        XmlElement::new("Relationships").with_attribute("xmlns", RELATIONSHIPS_NAMESPACE);
    let targets =
        [(DOCUMENT_RELATIONSHIP, "word/document.xml"), (CORE_RELATIONSHIP, "docProps/core.xml")];
    for (number, (kind, target)) in targets.into_iter().enumerate() {
        root.push_child(
            XmlElement::new("Relationship")
                .with_attribute("Id", &format!("rId{}", number + 1))
                .with_attribute("Type", kind)
                .with_attribute("Target", target),
        );
    }
    root
}

/// Returns docx-rs's relationships without those to parts that are left out, and with those to the
/// pictures.
fn document_relationships(
    built: &XMLDocx,
    parts: &[PackagePart],
    extra: &DocumentExtras<'_>,
) -> XmlElement {
    let mut all = read_built_part(&built.document_rels);
    let kept = |element: &XmlElement| {
        let target = element.attribute("Target").unwrap_or_default();
        parts.iter().any(|part| part.path.strip_prefix("word/") == Some(target))
    };
    let children: Vec<XmlElement> = all.elements().filter(|e| kept(e)).cloned().collect();
    all.children.clear();
    for child in children {
        all.push_child(child);
    }
    for (id, name, _) in extra.pictures {
        all.push_child(
            XmlElement::new("Relationship")
                .with_attribute("Id", id)
                .with_attribute("Type", IMAGE_RELATIONSHIP)
                .with_attribute("Target", &format!("media/{name}")),
        );
    }
    all
}

/// Returns title, author and language; no dates, so that equal forms give equal bytes.
fn core_properties() -> XmlElement {
    let mut root = XmlElement::new("cp:coreProperties")
        .with_attribute(
            "xmlns:cp",
            "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
        )
        .with_attribute("xmlns:dc", "http://purl.org/dc/elements/1.1/");
    let properties =
        [("dc:title", "{{title}}"), ("dc:creator", "{{organ.name}}"), ("dc:language", "zh-CN")];
    for (name, value) in properties {
        let mut property = XmlElement::new(name);
        property.children.push(xml_tree::XmlNode::Text(value.to_owned()));
        root.push_child(property);
    }
    root
}

fn write_zip(
    files: &[(String, XmlElement)],
    pictures: &[(&str, &str, &[u8])],
) -> zip::result::ZipResult<Vec<u8>> {
    let options = opc::zip_entry_options();
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, root) in files {
        out.start_file(path, options)?;
        out.write_all(root.to_document().as_bytes())?;
    }
    for (_, name, bytes) in pictures {
        out.start_file(format!("word/media/{name}"), options)?;
        out.write_all(bytes)?;
    }
    Ok(out.finish()?.into_inner())
}
