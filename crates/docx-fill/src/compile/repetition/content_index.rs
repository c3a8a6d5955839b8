//! Owns finding the content that references mean: notes by their identifiers, and relationships whose targets belong to the
//! place that refers to them.
//! Must not know where a reference stands.

use crate::compile::part_source::PreparedPart;
use crate::document::diagrams::{DIAGRAM_DATA, find_drawing};
use crate::document::part_model::{AttachedKind, PartKind};
use crate::document::shared_ids::SharedIdKind;
use crate::opc::xml::{XmlEventReader, attribute_ranges, has_written_brace};
use crate::opc::{OpcError, Package, relationships_part_name, resolve_target};
use crate::slice::TextSlice as _;
use crate::word::notes::{NoteKind, note_entries};
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Types of parts that belong to one reference: two that share one would be changed together.
const OWN_PARTS: [&str; 10] = [
    "/chart",
    "/chartEx",
    "/oleObject",
    "/package",
    "/aFChunk",
    "/control",
    "/diagramData",
    "/diagramLayout",
    "/diagramQuickStyle",
    "/diagramColors",
];

/// A piece of content of a part.
#[derive(Debug, Clone)]
pub(crate) struct ContentPiece {
    pub(crate) part: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) range: Range<usize>,
    /// Range of its identifier.
    pub(crate) id: Range<usize>,
    pub(crate) kind: AttachedKind,
}

/// The contents of the parts to which parts refer, each read when it is first needed.
pub(crate) struct ContentIndex<'a> {
    package: &'a Package,
    parts: BTreeMap<Arc<str>, IndexedPart>,
    notes: BTreeMap<SharedIdKind, Option<Arc<str>>>,
}

struct IndexedPart {
    kind: PartKind,
    text: Arc<str>,
    pieces: Pieces,
}

impl<'a> ContentIndex<'a> {
    pub(crate) fn new(package: &'a Package) -> Self {
        ContentIndex { package, parts: BTreeMap::new(), notes: BTreeMap::new() }
    }

    /// Returns a note or comment of the document by its identifier.
    pub(crate) fn note(
        &mut self,
        kind: SharedIdKind,
        id: &str,
        parts: &[PreparedPart],
    ) -> Result<Option<ContentPiece>, OpcError> {
        let Some(name) = self.notes_part(kind)? else { return Ok(None) };
        self.piece(&name, id, PartKind::Word, parts)
    }

    /// Returns a relationship of a part by its identifier, if it belongs to the place that refers to it.
    pub(crate) fn relationship(
        &mut self,
        part: &str,
        id: &str,
        parts: &[PreparedPart],
    ) -> Result<Option<ContentPiece>, OpcError> {
        let name: Arc<str> = relationships_part_name(part).into();
        let mut piece = self.piece(&name, id, PartKind::Relationships, parts)?;
        if let Some(piece) = piece.as_mut().filter(|piece| piece.kind == AttachedKind::OwnPart)
            && let Some(found) = self.package.relationships(part)?.get(id)
            && let Some(target) = resolve_target(part, &found.target)
            && (parts.iter().any(|part| part.name == target)
                || found.rel_type.ends_with(DIAGRAM_DATA)
                    && self.has_tagged_drawing(part, &target, parts)?)
        {
            piece.kind = AttachedKind::GraphicPart;
        }
        Ok(piece)
    }

    /// Checks whether the drawing of a diagram has tags.
    fn has_tagged_drawing(
        &self,
        part: &str,
        data: &str,
        parts: &[PreparedPart],
    ) -> Result<bool, OpcError> {
        let related = self.package.relationships(part)?;
        let data = self.package.read_xml_part(data)?.unwrap_or_default();
        let drawing = find_drawing(&data, &related);
        let drawing = drawing.and_then(|(_, found)| resolve_target(part, &found.target));
        Ok(drawing.is_some_and(|drawing| parts.iter().any(|part| part.name == drawing)))
    }

    /// Returns the text of a part that was read.
    pub(crate) fn text_of(&self, part: &Arc<str>) -> Option<(Arc<str>, PartKind)> {
        self.parts.get(part).map(|found| (Arc::clone(&found.text), found.kind))
    }

    /// Returns the range of the piece of a part that begins at a byte.
    pub(crate) fn range_at(&self, part: &Arc<str>, start: usize) -> Option<Range<usize>> {
        let mut pieces = self.parts.get(part)?.pieces.values();
        pieces.find(|(range, ..)| range.start == start).map(|(range, ..)| range.clone())
    }

    fn notes_part(&mut self, kind: SharedIdKind) -> Result<Option<Arc<str>>, OpcError> {
        if let Some(known) = self.notes.get(&kind) {
            return Ok(known.clone());
        }
        let end = match kind {
            SharedIdKind::Footnote => "/footnotes",
            SharedIdKind::Endnote => "/endnotes",
            _ => "/comments",
        };
        let main = self.package.main_document_name();
        let found = self.package.relationships(main)?.target_by_type(main, end);
        let found = found.filter(|part| self.package.contains_part(part)).map(Arc::from);
        self.notes.insert(kind, found.clone());
        Ok(found)
    }

    fn piece(
        &mut self,
        name: &Arc<str>,
        id: &str,
        kind: PartKind,
        parts: &[PreparedPart],
    ) -> Result<Option<ContentPiece>, OpcError> {
        if !self.parts.contains_key(name) {
            let own = parts.iter().find(|part| *part.name == **name).map(|part| part.text.clone());
            let text = match own {
                Some(text) => text,
                None => self.package.read_xml_part(name)?.unwrap_or_default(),
            };
            let pieces = read_pieces(&text, name, kind)?;
            self.parts.insert(Arc::clone(name), IndexedPart { kind, text: text.into(), pieces });
        }
        let Some(part) = self.parts.get(name) else { return Ok(None) };
        Ok(part.pieces.get(id).and_then(|(range, id, kind)| {
            let (range, id, text) = (range.clone(), id.clone(), Arc::clone(&part.text));
            Some(ContentPiece { part: Arc::clone(name), text, range, id, kind: (*kind)? })
        }))
    }
}

/// Pieces by identifier: the whole element, the range of the identifier, and what it is.
type Pieces = BTreeMap<String, (Range<usize>, Range<usize>, Option<AttachedKind>)>;

/// Returns the children of a part's root that references may mean.
fn read_pieces(text: &str, part: &str, kind: PartKind) -> Result<Pieces, OpcError> {
    match kind {
        PartKind::Relationships => relationship_pieces(text, part),
        _ => note_pieces(text, part),
    }
}

fn note_pieces(text: &str, part: &str) -> Result<Pieces, OpcError> {
    let mut pieces = Pieces::new();
    for entry in note_entries(text, part)? {
        let id = text.slice(entry.id.clone()).to_owned();
        let kind = (!entry.is_separator).then_some(AttachedKind::Note(shared_kind(entry.kind)));
        pieces.entry(id).or_insert((entry.range, entry.id, kind));
    }
    Ok(pieces)
}

fn shared_kind(kind: NoteKind) -> SharedIdKind {
    match kind {
        NoteKind::Footnote => SharedIdKind::Footnote,
        NoteKind::Endnote => SharedIdKind::Endnote,
        NoteKind::Comment => SharedIdKind::Comment,
    }
}

fn relationship_pieces(text: &str, part: &str) -> Result<Pieces, OpcError> {
    let mut pieces = Pieces::new();
    let mut reader = XmlEventReader::new(text, part);
    let mut open: Option<(usize, Option<LocatedRelationship>)> = None;
    while let Some((event, range)) = reader.next()? {
        let end = range.end;
        match event {
            Event::Start(element) if element.name().as_ref() == "Relationship" => {
                open = Some((range.start, located_relationship(text, &range)));
                continue;
            }
            Event::Empty(element) if element.name().as_ref() == "Relationship" => {
                open = Some((range.start, located_relationship(text, &range)));
            }
            Event::End(_) => {}
            _ => continue,
        }
        if let Some((start, Some((id, kind)))) = open.take() {
            let key = text.slice(id.clone()).to_owned();
            pieces.entry(key).or_insert((start..end, id, kind));
        }
    }
    Ok(pieces)
}

/// The range of the identifier of a relationship, and what becomes of it in a block.
type LocatedRelationship = (Range<usize>, Option<AttachedKind>);

fn located_relationship(text: &str, tag: &Range<usize>) -> Option<LocatedRelationship> {
    let all = attribute_ranges(text, tag);
    let find = |name: &str| all.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    let value_of = |name: &str| find(name).map_or("", |value| text.slice(value.clone()));
    let (target, external) = (value_of("Target"), value_of("TargetMode") == "External");
    Some((find("Id")?.clone(), relationship_kind(target, external, value_of("Type"))))
}

/// Returns what becomes of a relationship in a block; `None` if all turns share it.
fn relationship_kind(target: &str, is_external: bool, rel_type: &str) -> Option<AttachedKind> {
    let is_tagged = target.starts_with('#')
        || target.contains('{')
        || target.contains("%7")
        || has_written_brace(target);
    if is_external {
        return is_tagged.then_some(AttachedKind::Relationship);
    }
    OWN_PARTS.iter().any(|end| rel_type.ends_with(end)).then_some(AttachedKind::OwnPart)
}
