//! Owns the headers and footers of documents that are put into one: what differs from the first document's is a part of its
//! own, into which the header is inserted as a document.
//! Must not know how the bodies are put together.

use docx_fill::opc::xml::attribute_into;
use docx_fill::opc::{
    OpcError, Package, PackageChanges, Relationship, Relationships, relationships_part_name,
    resolve_target,
};
use docx_fill::slice::TextSlice as _;
use docx_fill::word::xml_tree::XmlTree;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use zip::result::ZipResult;
use zip::{DateTime, ZipArchive, ZipWriter};

/// The element and the pages of a reference to a header or footer, such as `w:headerReference` and `default`.
pub(super) type HeaderKey = (String, String);

/// The headers and footers of a document by their relationships.
pub(super) type HeaderReferences = BTreeMap<HeaderKey, String>;

const WORD_NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const CONTENT_TYPE_BASE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

/// Parts beside the body that decide how a header looks.
const SHARED_PARTS: [&str; 5] =
    ["/styles", "/numbering", "/theme", "/settings", "/stylesWithEffects"];

/// A header or footer with what it refers to.
#[derive(PartialEq)]
struct HeaderContent {
    text: String,
    relationships: Vec<(String, String, Option<Vec<u8>>)>,
    part: String,
}

/// The headers and footers of the documents that are put into one.
pub(super) struct MergedHeaders<'p> {
    first: &'p Package,
    own: BTreeMap<HeaderKey, (String, HeaderContent)>,
    /// New parts of the host with their content types and relationships.
    parts: Vec<(String, String)>,
    types: Vec<(String, String)>,
    related: Vec<Relationship>,
    empty: BTreeMap<String, String>,
    /// Documents that hold nothing but a header, by name.
    pub(super) documents: Vec<(String, Vec<u8>)>,
    /// All that any document has had so far, which a later one must not inherit.
    known: BTreeSet<HeaderKey>,
}

impl<'p> MergedHeaders<'p> {
    /// Begins with the first document, whose headers stay where they are.
    pub(super) fn begin(
        first: &'p Package,
        references: &HeaderReferences,
    ) -> Result<Self, OpcError> {
        let mut own = BTreeMap::new();
        for (key, id) in references {
            if let Some(content) = read_header(first, id)? {
                own.insert(key.clone(), (id.clone(), content));
            }
        }
        Ok(MergedHeaders {
            first,
            own,
            parts: Vec::new(),
            types: Vec::new(),
            related: Vec::new(),
            empty: BTreeMap::new(),
            documents: Vec::new(),
            known: references.keys().cloned().collect(),
        })
    }

    /// Returns the references of a further document, as the host has them.
    pub(super) fn add(
        &mut self,
        package: &Package,
        references: &HeaderReferences,
        level: u8,
    ) -> Result<HeaderReferences, OpcError> {
        self.known.extend(references.keys().cloned());
        let mut found = HeaderReferences::new();
        for key in self.known.clone() {
            let content = match references.get(&key) {
                Some(id) => read_header(package, id)?,
                None => None,
            };
            let id = match (content, self.own.get(&key)) {
                (Some(content), Some((id, own))) if content == *own => id.clone(),
                (Some(content), _) => {
                    let name = format!("header-{}.docx", self.documents.len());
                    let document = header_document(package, &content, level)?;
                    self.documents.push((name.clone(), document));
                    let tag = format!("<w:r><w:t>{{{{document \"{name}\"}}}}</w:t></w:r>");
                    self.add_part(&key.0, &tag)
                }
                (None, _) => self.empty_header(&key.0),
            };
            found.insert(key, id);
        }
        Ok(found)
    }

    /// Adds a header or footer with one paragraph of these runs. Returns its relationship.
    fn add_part(&mut self, element: &str, runs: &str) -> String {
        let kind = element.trim_start_matches("w:").trim_end_matches("Reference");
        let root = if kind == "footer" { "w:ftr" } else { "w:hdr" };
        let name = loop {
            let number = self.parts.len() + 1;
            let name = format!("word/letter-{kind}{number}.xml");
            if !self.first.contains_part(&name) {
                break name;
            }
            self.parts.push((String::new(), String::new()));
        };
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <{root} xmlns:w=\"{WORD_NAMESPACE}\"><w:p>{runs}</w:p></{root}>"
        );
        let id = format!("rIdLetter{}", self.related.len() + 1);
        self.types.push((name.clone(), format!("{CONTENT_TYPE_BASE}{kind}+xml")));
        self.related.push(Relationship {
            id: id.clone(),
            rel_type: format!("{OFFICE_NAMESPACE}/{kind}"),
            target: format!("/{name}"),
            external: false,
        });
        self.parts.push((name, text));
        id
    }

    fn empty_header(&mut self, element: &str) -> String {
        if let Some(known) = self.empty.get(element) {
            return known.clone();
        }
        let id = self.add_part(element, "");
        self.empty.insert(element.to_owned(), id.clone());
        id
    }

    /// Writes the new parts into the host.
    pub(super) fn write(&self, changes: &mut PackageChanges) -> Result<(), OpcError> {
        let (package, main) = (self.first, self.first.main_document_name());
        if self.related.is_empty() {
            return Ok(());
        }
        for (name, text) in self.parts.iter().filter(|(name, _)| !name.is_empty()) {
            changes.set_part(package, name, text.clone());
        }
        let name = relationships_part_name(main);
        let text = package.read_xml_part(&name)?;
        let text = Relationships::append_to_part(text.as_deref(), &self.related);
        changes.set_part(package, &name, text);
        if let Some(text) = package.content_types().with_additions(&[], &self.types, None) {
            changes.set_part(package, "[Content_Types].xml", text);
        }
        Ok(())
    }
}

/// Writes references to headers and footers.
pub(super) fn write_references(references: &HeaderReferences) -> String {
    let mut out = String::new();
    for ((element, pages), id) in references {
        out.push('<');
        out.push_str(element);
        attribute_into(&mut out, "xmlns:r", OFFICE_NAMESPACE);
        attribute_into(&mut out, "w:type", pages);
        attribute_into(&mut out, "r:id", id);
        out.push_str("/>");
    }
    out
}

/// Reads a header or footer of a document by its relationship; `None` if the document lacks it.
fn read_header(package: &Package, id: &str) -> Result<Option<HeaderContent>, OpcError> {
    let main = package.main_document_name();
    let related = package.relationships(main)?;
    let target = related.get(id).and_then(|found| resolve_target(main, &found.target));
    let Some(part) = target else { return Ok(None) };
    let Some(text) = package.read_xml_part(&part)? else { return Ok(None) };
    let mut relationships = Vec::new();
    for one in package.relationships(&part)?.iter() {
        let target = resolve_target(&part, &one.target).filter(|_| !one.external);
        let bytes = target.map(|target| package.read_part(&target)).transpose()?.flatten();
        relationships.push((one.id.clone(), one.target.clone(), bytes));
    }
    Ok(Some(HeaderContent { text, relationships, part }))
}

/// Returns a document whose body is a header, with no parts but those that the header reaches.
fn header_document(
    package: &Package,
    header: &HeaderContent,
    level: u8,
) -> Result<Vec<u8>, OpcError> {
    let tree = XmlTree::read(&header.text, &header.part)?;
    let (mut attributes, mut content) = (String::new(), String::new());
    if let Some(root) = tree.elements.first() {
        let tag = header.text.slice(root.tag.clone());
        let named = tag.trim_start_matches('<').trim_start_matches(root.name.as_str());
        named.trim_end_matches('>').trim_end_matches('/').clone_into(&mut attributes);
        let inner = root.tag.end..root.content_end.max(root.tag.end);
        header.text.slice(inner).clone_into(&mut content);
    }
    let text = format!("<w:document{attributes}><w:body>{content}</w:body></w:document>");
    let main = package.main_document_name();
    let mut related: Vec<Relationship> = Vec::new();
    for one in package.relationships(&header.part)?.iter() {
        let target = resolve_target(&header.part, &one.target).filter(|_| !one.external);
        let target = target.map_or_else(|| one.target.clone(), |target| format!("/{target}"));
        related.push(Relationship { target, ..one.clone() });
    }
    let shared = package.relationships(main)?;
    let shared =
        shared.iter().filter(|one| SHARED_PARTS.iter().any(|end| one.rel_type.ends_with(end)));
    for (number, one) in shared.enumerate() {
        related.push(Relationship { id: format!("rIdShared{number}"), ..one.clone() });
    }
    let root = package.relationships("")?;
    let is_main = |one: &&Relationship| {
        internal_target("", one).is_some_and(|to| to.eq_ignore_ascii_case(main))
    };
    let root: Vec<Relationship> = root.iter().filter(is_main).cloned().collect();
    let mut changes = PackageChanges::default();
    changes.set_part(package, main, text);
    for (part, related) in [("", &root), (main, &related)] {
        let text = Relationships::append_to_part(None, related);
        changes.set_part(package, &relationships_part_name(part), text);
    }
    let reached = reached_parts(package, &related)?;
    let is_kept = |name: &str| reached.contains(&name.to_ascii_lowercase());
    let kept: Vec<bool> = package.part_names().map(is_kept).collect();
    keep_entries(package.write_with(&changes, level)?, &kept)
        .map_err(|error| OpcError::WriteFailed { detail: error.to_string() })
}

/// Returns the part to which a relationship of a part leads, if it stays within the package.
fn internal_target(part: &str, one: &Relationship) -> Option<String> {
    resolve_target(part, &one.target).filter(|_| !one.external)
}

/// Returns the names, in small letters, of the parts of a document whose main part has these relationships.
fn reached_parts(
    package: &Package,
    related: &[Relationship],
) -> Result<BTreeSet<String>, OpcError> {
    let main = package.main_document_name();
    let links = relationships_part_name(main);
    let always = ["[Content_Types].xml", "_rels/.rels", main, links.as_str()];
    let mut reached: BTreeSet<String> =
        always.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut open: Vec<String> =
        related.iter().filter_map(|one| internal_target(main, one)).collect();
    while let Some(part) = open.pop() {
        if !reached.insert(part.to_ascii_lowercase()) {
            continue;
        }
        reached.insert(relationships_part_name(&part).to_ascii_lowercase());
        let related = package.relationships(&part)?;
        open.extend(related.iter().filter_map(|one| internal_target(&part, one)));
    }
    Ok(reached)
}

/// Returns an archive without those entries that are not kept; any after the given ones are.
fn keep_entries(bytes: Vec<u8>, kept: &[bool]) -> ZipResult<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        if kept.get(index).copied().unwrap_or(true) {
            let entry = archive.by_index_raw(index)?;
            out.raw_copy_file_touch(entry, DateTime::default(), Some(0o644))?;
        }
    }
    let mut bytes = out.finish()?.into_inner();
    bytes.shrink_to_fit();
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use docx_fill::opc::{PackageLimits, zip_entry_options};
    use std::io::Write as _;

    const KINDS: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
    const LINKS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

    /// A relationships part with these kinds and targets.
    fn related(items: &[(&str, &str)]) -> String {
        let item = |(number, (kind, target)): (usize, &(&str, &str))| {
            format!(
                "<Relationship Id=\"rId{number}\" Type=\"{OFFICE_NAMESPACE}/{kind}\" \
                 Target=\"{target}\"/>"
            )
        };
        let items: String = items.iter().enumerate().map(item).collect();
        format!("<Relationships xmlns=\"{LINKS}\">{items}</Relationships>")
    }

    /// A document whose body and header have a picture each.
    fn document() -> Vec<u8> {
        let types = format!(
            "<Types xmlns=\"{KINDS}\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"png\" ContentType=\"image/png\"/>\
             <Override PartName=\"/word/document.xml\" ContentType=\"{CONTENT_TYPE_BASE}document.main+xml\"/>\
             <Override PartName=\"/word/header1.xml\" ContentType=\"{CONTENT_TYPE_BASE}header+xml\"/></Types>"
        );
        let named = format!("xmlns:w=\"{WORD_NAMESPACE}\"");
        let parts = [
            ("[Content_Types].xml", types),
            ("_rels/.rels", related(&[("officeDocument", "word/document.xml"), ("x", "x.png")])),
            ("x.png", "x".to_owned()),
            ("word/document.xml", format!("<w:document {named}><w:body/></w:document>")),
            (
                "word/_rels/document.xml.rels",
                related(&[
                    ("header", "header1.xml"),
                    ("image", "media/body.png"),
                    ("numbering", "numbering.xml"),
                ]),
            ),
            ("word/header1.xml", format!("<w:hdr {named}><w:p/></w:hdr>")),
            (
                "word/_rels/header1.xml.rels",
                related(&[("image", "media/head.png"), ("back", "document.xml")]),
            ),
            ("word/numbering.xml", format!("<w:numbering {named}/>")),
            ("word/_rels/numbering.xml.rels", related(&[("image", "media/bullet.png")])),
            ("word/media/body.png", "body".to_owned()),
            ("word/media/head.png", "head".to_owned()),
            ("word/media/bullet.png", "bullet".to_owned()),
        ];
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            out.start_file(name, zip_entry_options()).expect("an entry");
            out.write_all(text.as_bytes()).expect("written");
        }
        out.finish().expect("an archive").into_inner()
    }

    #[test]
    fn a_header_alone_takes_along_only_what_it_reaches() {
        let limits = PackageLimits::default();
        let package = Package::open(document(), &limits).expect("a package");
        let header = read_header(&package, "rId0").expect("read").expect("a header");
        let alone = header_document(&package, &header, 6).expect("written");
        let alone = Package::open(alone, &limits).expect("a package");
        let mut names: Vec<&str> = alone.part_names().collect();
        names.sort_unstable();
        let expected = [
            "[Content_Types].xml",
            "_rels/.rels",
            "word/_rels/document.xml.rels",
            "word/_rels/numbering.xml.rels",
            "word/document.xml",
            "word/media/bullet.png",
            "word/media/head.png",
            "word/numbering.xml",
        ];
        assert_eq!(names, expected);
        assert_eq!(alone.read_part("word/media/head.png").expect("read"), Some(b"head".to_vec()));
    }
}
