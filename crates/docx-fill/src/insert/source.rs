//! Owns a document that is inserted into another: opening it and parsing it into fragments once.
//! Must not know the target document.

use crate::document::namespaces::RootNamespaces;
use crate::insert::fragment::{DocumentDependentKind, FragmentBody, XmlFragment};
use crate::opc::{OpcError, Package, PackageLimits, Relationships};
use crate::slice::TextSlice as _;
use crate::word::notes::{NoteKind, note_entries};
use crate::word::numbering::NumberingDefinitions;
use crate::word::section_xml;
use crate::word::styles::StyleSheet;
use std::collections::BTreeMap;
use std::ops::Range;

/// The reason why a document cannot be inserted.
pub(crate) enum OpenError {
    Unusable(OpcError),
    /// The document embeds a whole file of another kind (`w:altChunk`), such as a web page with links of its
    /// own, which Word would import on opening.
    AltChunk,
}

impl From<OpcError> for OpenError {
    fn from(error: OpcError) -> Self {
        OpenError::Unusable(error)
    }
}

/// A document to insert.
pub(crate) struct SourceDocument {
    pub(crate) package: Package,
    pub(crate) body: SourceBody,
    pub(crate) notes: BTreeMap<NoteKind, SourceNotes>,
    pub(crate) styles: StyleSheet,
    pub(crate) lists: SourceLists,
}

/// The body with its relationships and namespaces.
pub(crate) struct SourceBody {
    pub(crate) part: String,
    pub(crate) namespaces: RootNamespaces,
    pub(crate) relationships: Relationships,
    pub(crate) fragment: XmlFragment,
    /// Range of the body without the properties of its last section.
    pub(crate) content: Range<usize>,
    /// Properties of the last section.
    pub(crate) section: String,
}

/// The list definitions with their XML.
#[derive(Default)]
pub(crate) struct SourceLists {
    pub(crate) namespaces: RootNamespaces,
    part: String,
    text: String,
    definitions: NumberingDefinitions,
}

/// A list instance and its abstract list.
pub(crate) struct ListFragments {
    pub(crate) instance: XmlFragment,
    pub(crate) abstract_list: XmlFragment,
}

impl SourceLists {
    /// Reads the numbering part; empty if the document has none.
    fn read(package: &Package) -> Result<SourceLists, OpcError> {
        let main = package.main_document_name();
        let Some(part) = package.relationships(main)?.target_by_type(main, "/numbering") else {
            return Ok(SourceLists::default());
        };
        let Some(text) = package.read_xml_part(&part)? else { return Ok(SourceLists::default()) };
        let definitions = NumberingDefinitions::parse(&text, &part)?;
        Ok(SourceLists { namespaces: RootNamespaces::parse(&text), part, text, definitions })
    }

    /// Returns a list instance with its abstract list; `None` if one of them is not defined.
    pub(crate) fn fragments(&self, number: &str) -> Result<Option<ListFragments>, OpcError> {
        let instance = self.definitions.instance(number);
        let whole = instance.and_then(|list| {
            let kind = self.definitions.abstract_list(&list.abstract_id)?;
            Some((list.range.clone(), kind.range.clone()))
        });
        let Some((instance, kind)) = whole else { return Ok(None) };
        let parse =
            |range: Range<usize>| XmlFragment::parse(self.text.slice(range).to_owned(), &self.part);
        Ok(Some(ListFragments { instance: parse(instance)?, abstract_list: parse(kind)? }))
    }
}

/// A part with footnotes, endnotes or comments.
#[derive(Default)]
pub(crate) struct SourceNotes {
    pub(crate) part: String,
    pub(crate) namespaces: RootNamespaces,
    pub(crate) relationships: Relationships,
    pub(crate) items: BTreeMap<String, XmlFragment>,
}

impl SourceDocument {
    /// Opens a document within limits.
    pub(crate) fn open(bytes: &[u8], limits: &PackageLimits) -> Result<SourceDocument, OpenError> {
        let package = Package::open(bytes, limits)?;
        let body = read_body(&package)?;
        let mut notes = BTreeMap::new();
        for kind in [NoteKind::Footnote, NoteKind::Endnote, NoteKind::Comment] {
            let used = |what: &DocumentDependentKind| matches!(what, DocumentDependentKind::Note(found, _) if *found == kind);
            if body.fragment.sites.iter().any(|site| used(&site.kind)) {
                notes.insert(kind, read_notes(&package, kind)?);
            }
        }
        let styles = StyleSheet::read(&package)?;
        let lists = SourceLists::read(&package)?;
        Ok(SourceDocument { package, body, notes, styles, lists })
    }

    /// Checks whether any section is in landscape orientation.
    pub(crate) fn has_landscape(&self) -> bool {
        let inner = self.body.fragment.sections.iter().map(|section| &section.properties);
        inner.chain([&self.body.section]).any(|section| section_xml::is_wide(section))
    }

    /// Returns the fragments that are inserted: the body and the notes that it refers to.
    pub(crate) fn inserted_fragments(&self) -> impl Iterator<Item = &XmlFragment> {
        let used = self.body.fragment.sites.iter().filter_map(|site| match &site.kind {
            DocumentDependentKind::Note(kind, number) => self.notes.get(kind)?.items.get(number),
            _ => None,
        });
        std::iter::once(&self.body.fragment).chain(used)
    }
}

fn read_body(package: &Package) -> Result<SourceBody, OpenError> {
    let part = package.main_document_name().to_owned();
    let Some(text) = package.read_xml_part(&part)? else {
        return Err(OpcError::MissingMainDocument.into());
    };
    let (namespaces, relationships) = (RootNamespaces::parse(&text), package.relationships(&part)?);
    let fragment = XmlFragment::parse(text, &part)?;
    if fragment.has_alt_chunk {
        return Err(OpenError::AltChunk);
    }
    let FragmentBody { content, last_section } = fragment.body.clone();
    let section = fragment.text.slice(last_section).to_owned();
    Ok(SourceBody { part, namespaces, relationships, fragment, content, section })
}

fn read_notes(package: &Package, kind: NoteKind) -> Result<SourceNotes, OpcError> {
    let main = package.main_document_name();
    let relation = format!("/{}", kind.relationship_name());
    let Some(part) = package.relationships(main)?.target_by_type(main, &relation) else {
        return Ok(SourceNotes::default());
    };
    let Some(text) = package.read_xml_part(&part)? else { return Ok(SourceNotes::default()) };
    let mut notes = SourceNotes {
        namespaces: RootNamespaces::parse(&text),
        relationships: package.relationships(&part)?,
        ..SourceNotes::default()
    };
    for entry in note_entries(&text, &part)? {
        if entry.kind == kind {
            let piece = XmlFragment::parse(text.slice(entry.range).to_owned(), &part)?;
            notes.items.insert(text.slice(entry.id).to_owned(), piece);
        }
    }
    notes.part = part;
    Ok(notes)
}
