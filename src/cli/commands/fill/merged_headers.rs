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

/// The element and the pages of a reference to a header or footer, such as `w:headerReference` and `default`.
pub(super) type HeaderKey = (String, String);

/// The headers and footers of a document by their relationships.
pub(super) type HeaderReferences = BTreeMap<HeaderKey, String>;

const WORD_NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const CONTENT_TYPE_BASE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

/// Parts beside the body that decide how a header looks.
const SHARED_PARTS: [&str; 6] =
    ["/styles", "/numbering", "/theme", "/settings", "/fontTable", "/stylesWithEffects"];

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

/// Returns a document whose body is a header.
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
    let mut changes = PackageChanges::default();
    changes.set_part(package, main, text);
    let name = relationships_part_name(main);
    changes.set_part(package, &name, Relationships::append_to_part(None, &related));
    package.write_with(&changes, level)
}
