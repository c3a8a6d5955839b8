//! Owns a document that is inserted into another: opened, and read into pieces once.
//! Must not know the other document.

use crate::additions::target_parts::NoteKind;
use crate::document::namespaces::Root;
use crate::insert::fragment::{Fragment, What};
use crate::insert::insertion_point::is_landscape;
use crate::insert::lists::Lists;
use crate::insert::stylesheet::Sheet;
use crate::opc::xml::{EventReader, attribute};
use crate::opc::{Limits, OpcError, Package, Relationships};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::ops::Range;

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// Why a document cannot be inserted.
pub(crate) enum Refusal {
    Unusable(OpcError),
    /// A part does not use the prefix that the template's parts use.
    Prefix(String),
    /// It holds a whole file of another kind, such as a web page with links of its own, that Word would read when
    /// the document is opened.
    Chunk,
}

impl From<OpcError> for Refusal {
    fn from(error: OpcError) -> Self {
        Refusal::Unusable(error)
    }
}

/// A document to be inserted.
pub(crate) struct Source {
    pub(crate) package: Package,
    pub(crate) body: Piece,
    pub(crate) notes: BTreeMap<NoteKind, Notes>,
    pub(crate) sheet: Sheet,
    pub(crate) lists: Lists,
}

/// A piece of a part, with what its names refer to.
pub(crate) struct Piece {
    pub(crate) part: String,
    pub(crate) root: Root,
    pub(crate) relationships: Relationships,
    pub(crate) fragment: Fragment,
    /// The body without its last section's properties.
    pub(crate) content: Range<usize>,
    /// The properties of the last section.
    pub(crate) section: String,
}

/// A part with notes.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) part: String,
    pub(crate) root: Root,
    pub(crate) relationships: Relationships,
    pub(crate) items: BTreeMap<String, Fragment>,
}

impl Source {
    /// Opens a document.
    pub(crate) fn open(bytes: &[u8]) -> Result<Source, Refusal> {
        let package = Package::open(bytes, &Limits::default())?;
        let body = body(&package)?;
        let mut notes = BTreeMap::new();
        for kind in [NoteKind::Footnote, NoteKind::Endnote, NoteKind::Comment] {
            let used = |what: &What| matches!(what, What::Note(found, _) if *found == kind);
            if body.fragment.sites.iter().any(|site| used(&site.what)) {
                notes.insert(kind, read_notes(&package, kind)?);
            }
        }
        let sheet = Sheet::read(&package)?;
        let lists = Lists::read(&package)?;
        Ok(Source { package, body, notes, sheet, lists })
    }

    /// Whether pages of it lie on their long side.
    pub(crate) fn has_landscape(&self) -> bool {
        let inner = self.body.fragment.sections.iter().map(|section| &section.properties);
        inner.chain([&self.body.section]).any(|section| is_landscape(section))
    }

    /// The pieces that are inserted: the body and the notes that it refers to.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Fragment> {
        let used = self.body.fragment.sites.iter().filter_map(|site| match &site.what {
            What::Note(kind, number) => self.notes.get(kind)?.items.get(number),
            _ => None,
        });
        std::iter::once(&self.body.fragment).chain(used)
    }
}

impl NoteKind {
    /// The end of the type of the relationship to the part.
    pub(crate) fn relation(self) -> &'static str {
        match self {
            NoteKind::Footnote => "footnotes",
            NoteKind::Endnote => "endnotes",
            NoteKind::Comment => "comments",
        }
    }

    fn element(self) -> &'static str {
        match self {
            NoteKind::Footnote => "w:footnote",
            NoteKind::Endnote => "w:endnote",
            NoteKind::Comment => "w:comment",
        }
    }
}

fn body(package: &Package) -> Result<Piece, Refusal> {
    let part = package.main_document().to_owned();
    let Some(text) = package.read_xml(&part)? else {
        return Err(OpcError::NoMainDocument.into());
    };
    check_prefix(&text, &part)?;
    let (mut content, mut section) = (0..0, 0..0);
    let mut stack = 0usize;
    let mut reader = EventReader::new(&text, &part);
    while let Some((event, range)) = reader.next()? {
        if let Event::Start(element) | Event::Empty(element) = &event
            && element.name().as_ref() == "w:altChunk"
        {
            return Err(Refusal::Chunk);
        }
        match event {
            Event::Start(element) => {
                stack += 1;
                match (stack, element.name().as_ref()) {
                    (2, "w:body") => content = range.end..range.end,
                    (3, "w:sectPr") => section.start = range.start,
                    _ => {}
                }
            }
            Event::Empty(element) if stack == 2 && element.name().as_ref() == "w:sectPr" => {
                section = range;
            }
            Event::End(element) => {
                match (stack, element.name().as_ref()) {
                    (2, "w:body") => content.end = range.start,
                    (3, "w:sectPr") => section.end = range.end,
                    _ => {}
                }
                stack = stack.saturating_sub(1);
            }
            _ => {}
        }
    }
    if section.end > section.start {
        content.end = section.start;
    }
    let (root, relationships) = (Root::read(&text), package.relationships(&part)?);
    let section = text.slice(section).to_owned();
    let fragment = Fragment::scan(text, &part)?;
    Ok(Piece { part, root, relationships, fragment, content, section })
}

/// Names of elements are compared as they are written.
fn check_prefix(text: &str, part: &str) -> Result<(), Refusal> {
    let mut reader = EventReader::new(text, part);
    while let Some((event, _)) = reader.next()? {
        if let Event::Start(element) | Event::Empty(element) = event {
            let word = attribute(&element, "xmlns:w");
            let usual = element.name().as_ref().starts_with("w:")
                && word.is_none_or(|address| address == WORD || !address.contains("://"));
            return if usual { Ok(()) } else { Err(Refusal::Prefix(part.to_owned())) };
        }
    }
    Err(OpcError::NoMainDocument.into())
}

fn read_notes(package: &Package, kind: NoteKind) -> Result<Notes, OpcError> {
    let main = package.main_document();
    let relation = format!("/{}", kind.relation());
    let Some(part) = package.relationships(main)?.target_of(main, &relation) else {
        return Ok(Notes::default());
    };
    let Some(text) = package.read_xml(&part)? else { return Ok(Notes::default()) };
    let mut notes = Notes {
        root: Root::read(&text),
        relationships: package.relationships(&part)?,
        ..Notes::default()
    };
    let mut reader = EventReader::new(&text, &part);
    let (mut depth, mut begin, mut number) = (0usize, 0, String::new());
    while let Some((event, range)) = reader.next()? {
        match event {
            Event::Start(element) => {
                depth += 1;
                if depth == 2 && element.name().as_ref() == kind.element() {
                    begin = range.start;
                    number = attribute(&element, "w:id").unwrap_or_default();
                }
            }
            Event::End(element) => {
                if depth == 2 && element.name().as_ref() == kind.element() {
                    let piece = Fragment::scan(text.slice(begin..range.end).to_owned(), &part)?;
                    notes.items.insert(std::mem::take(&mut number), piece);
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    notes.part = part;
    Ok(notes)
}
