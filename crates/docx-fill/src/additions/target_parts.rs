//! Owns what a document gains beside the part that is being rendered: new parts, and pieces at the end of
//! parts that hold styles or notes.
//! Must not know where any of it comes from.

use crate::document::namespaces::Root;
use crate::document::numbering::number_of;
use crate::opc::xml::{EventReader, attribute, attribute_ranges};
use crate::opc::{OpcError, Package};
use crate::slice::{TextEdit as _, TextSlice as _};
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Which notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NoteKind {
    Footnote,
    Endnote,
    Comment,
}

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

/// What is added to a package.
#[derive(Debug, Default)]
pub(crate) struct Additions {
    /// New parts with their bytes.
    pub(crate) parts: Vec<(String, Vec<u8>)>,
    /// The content types of new parts that their names do not tell.
    pub(crate) types: Vec<(String, String)>,
    /// Parts that grow at their end, by name.
    pub(crate) grown: BTreeMap<String, Grown>,
    /// Notes that a document has for the first time.
    pub(crate) first_notes: BTreeSet<NoteKind>,
    notes: BTreeMap<NoteKind, Notes>,
    bookmarks: Option<BTreeSet<String>>,
    count: usize,
}

/// Pieces for the end of a part.
#[derive(Debug, Default)]
pub(crate) struct Grown {
    pub(crate) root: Root,
    pub(crate) added: String,
    /// What the part is if the document has none.
    pub(crate) fresh: Option<String>,
}

/// The notes part of a document.
#[derive(Debug)]
struct Notes {
    part: String,
    next: u32,
}

impl Grown {
    /// Adds a piece that uses some declarations of where it comes from.
    pub(crate) fn push(&mut self, piece: &str, root: &Root) {
        self.added.push_str(&self.root.admit(piece, root));
    }

    /// The part with the pieces.
    pub(crate) fn apply(&self, text: Option<&str>) -> String {
        let text = text.or(self.fresh.as_deref()).unwrap_or_default();
        let mut out = match (text.rfind("</"), text.rfind("/>")) {
            (Some(end), _) => [text.slice(..end), &self.added, text.slice(end..)].concat(),
            // A root without content.
            (None, Some(end)) => {
                let start = text.rfind('<').unwrap_or(0) + 1;
                let name = text.slice(start..).split([' ', '/', '>']).next().unwrap_or_default();
                [text.slice(..end), ">", &self.added, "</", name, ">"].concat()
            }
            (None, None) => text.to_owned(),
        };
        self.root.declare(&mut out);
        out
    }
}

impl Additions {
    /// An unused name for a part like another document's.
    pub(crate) fn fresh_name(&mut self, package: &Package, like: &str) -> String {
        let (folder, name) = like.rsplit_once('/').unwrap_or(("word", like));
        let end = name.rsplit_once('.').map_or("bin", |(_, end)| end);
        loop {
            self.count += 1;
            let name = format!("{folder}/inserted{}.{end}", self.count);
            if !package.contains(&name) {
                return name;
            }
        }
    }

    /// Adds a part of a content type.
    pub(crate) fn add_part(
        &mut self,
        package: &Package,
        name: &str,
        kind: Option<&str>,
        bytes: Vec<u8>,
    ) {
        if let Some(kind) = kind.filter(|kind| package.content_types().of(name) != Some(kind)) {
            self.types.push((name.to_owned(), kind.to_owned()));
        }
        self.parts.push((name.to_owned(), bytes));
    }

    /// Where notes of a kind go, and the number of the next one. `link` is told of a part that the
    /// document lacks.
    pub(crate) fn note(
        &mut self,
        package: &Package,
        kind: NoteKind,
        link: &mut dyn FnMut(&str),
    ) -> Result<(String, u32), OpcError> {
        if !self.notes.contains_key(&kind) {
            let notes = self.notes_of(package, kind, link)?;
            self.notes.insert(kind, notes);
        }
        let Some(notes) = self.notes.get_mut(&kind) else { return Ok((String::new(), 0)) };
        notes.next += 1;
        Ok((notes.part.clone(), notes.next - 1))
    }

    fn notes_of(
        &mut self,
        package: &Package,
        kind: NoteKind,
        link: &mut dyn FnMut(&str),
    ) -> Result<Notes, OpcError> {
        let main = package.main_document();
        let name = kind.relation();
        let part = package.relationships(main)?.target_of(main, &format!("/{name}"));
        if let Some(part) = part.filter(|part| package.contains(part)) {
            let text = package.read_xml(&part)?.unwrap_or_default();
            let grown = Grown { root: Root::read(&text), ..Grown::default() };
            self.grown.entry(part.clone()).or_insert(grown);
            return Ok(Notes { next: highest(&text, &part)? + 1, part });
        }
        let part = format!("word/{name}.xml");
        let part = if package.contains(&part) { self.fresh_name(package, &part) } else { part };
        link(&part);
        self.first_notes.insert(kind);
        self.types.push((part.clone(), format!("{TYPES}{name}+xml")));
        let fresh = Some(empty_notes(kind));
        self.grown.insert(part.clone(), Grown { fresh, ..Grown::default() });
        Ok(Notes { part, next: 1 })
    }

    /// A part for lists, where the document has none.
    pub(crate) fn lists_part(&mut self, package: &Package) -> String {
        let part = "word/numbering.xml".to_owned();
        let part = if package.contains(&part) { self.fresh_name(package, &part) } else { part };
        self.types.push((part.clone(), format!("{TYPES}numbering+xml")));
        part
    }

    /// The part with the styles, which a document may lack.
    pub(crate) fn styles(&mut self, part: &str, link: &mut dyn FnMut(&str)) -> &mut Grown {
        let name = if part.is_empty() { "word/styles.xml" } else { part };
        if part.is_empty() && !self.grown.contains_key(name) {
            link(name);
            self.types.push((name.to_owned(), format!("{TYPES}styles+xml")));
        }
        let grown = self.grown.entry(name.to_owned()).or_default();
        if part.is_empty() {
            grown.fresh = Some(format!("{DECLARATION}<w:styles xmlns:w=\"{WORD}\"></w:styles>"));
        }
        grown
    }

    /// A name for a bookmark that no other has.
    pub(crate) fn bookmark(&mut self, package: &Package, name: &str) -> Result<String, OpcError> {
        if self.bookmarks.is_none() {
            self.bookmarks = Some(bookmarks(package)?);
        }
        let Some(taken) = &mut self.bookmarks else { return Ok(name.to_owned()) };
        // Word takes names that differ in case for one.
        if taken.insert(name.to_lowercase()) {
            return Ok(name.to_owned());
        }
        let kept: String = name.chars().take(32).collect();
        loop {
            self.count += 1;
            let fresh = format!("{kept}_{}", self.count);
            if taken.insert(fresh.to_lowercase()) {
                return Ok(fresh);
            }
        }
    }
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A part with the two lines that every document with notes has.
fn empty_notes(kind: NoteKind) -> String {
    let name = kind.relation();
    let mut out = format!("{DECLARATION}<w:{name} xmlns:w=\"{WORD}\">");
    if kind != NoteKind::Comment {
        let note = name.trim_end_matches('s');
        for (id, what) in [(-1, "separator"), (0, "continuationSeparator")] {
            let _ = write!(
                out,
                "<w:{note} w:type=\"{what}\" w:id=\"{id}\"><w:p><w:pPr><w:spacing w:after=\"0\" \
                 w:line=\"240\" w:lineRule=\"auto\"/></w:pPr><w:r><w:{what}/></w:r></w:p></w:{note}>"
            );
        }
    }
    let _ = write!(out, "</w:{name}>");
    out
}

/// Names the two lines in the settings of a document that has notes for the first time.
pub(crate) fn settings_with(text: &str, kinds: &BTreeSet<NoteKind>) -> String {
    // What follows them in the schema's order (ECMA-376 part 1, 17.15.1.78).
    const LATER: [&str; 20] = [
        "w:endnotePr",
        "w:compat",
        "w:docVars",
        "w:rsids",
        "m:mathPr",
        "w:attachedSchema",
        "w:themeFontLang",
        "w:clrSchemeMapping",
        "w:doNotIncludeSubdocsInStats",
        "w:doNotAutoCompressPictures",
        "w:forceUpgrade",
        "w:captions",
        "w:readModeInkLockDown",
        "w:smartTagType",
        "sl:schemaLibrary",
        "w:shapeDefaults",
        "w:doNotEmbedSmartTags",
        "w:decimalSymbol",
        "w:listSeparator",
        "w14:docId",
    ];
    let mut out = text.to_owned();
    for kind in kinds {
        let note = match kind {
            NoteKind::Footnote => "footnote",
            NoteKind::Endnote => "endnote",
            NoteKind::Comment => continue,
        };
        if out.contains(&format!("<w:{note}Pr>")) {
            continue;
        }
        let later = if note == "endnote" { &LATER[1..] } else { &LATER[..] };
        let Some(at) = child_at(&out, later) else { continue };
        let piece =
            format!("<w:{note}Pr><w:{note} w:id=\"-1\"/><w:{note} w:id=\"0\"/></w:{note}Pr>");
        out.insert_text(at, &piece);
    }
    out
}

/// Where the first child of a root of these names begins, or else the end of the root.
fn child_at(text: &str, names: &[&str]) -> Option<usize> {
    let mut reader = EventReader::new(text, "");
    let mut depth = 0usize;
    while let Ok(Some((event, range))) = reader.next() {
        match event {
            Event::Start(element) => {
                if depth == 1 && names.contains(&element.name().as_ref()) {
                    return Some(range.start);
                }
                depth += 1;
            }
            Event::Empty(element) if depth == 1 && names.contains(&element.name().as_ref()) => {
                return Some(range.start);
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(range.start);
                }
            }
            _ => {}
        }
    }
    None
}

/// The highest number of a note.
fn highest(text: &str, part: &str) -> Result<u32, OpcError> {
    let mut reader = EventReader::new(text, part);
    let mut most = 0;
    while let Some((event, _)) = reader.next()? {
        if let Event::Start(element) | Event::Empty(element) = event
            && matches!(element.name().as_ref(), "w:footnote" | "w:endnote" | "w:comment")
        {
            most = most.max(attribute(&element, "w:id").map_or(0, |id| number_of(&id)));
        }
    }
    Ok(most)
}

/// The names of all bookmarks of a package.
fn bookmarks(package: &Package) -> Result<BTreeSet<String>, OpcError> {
    let mut found = BTreeSet::new();
    for name in package.part_names() {
        let kind = package.content_types().of(name).unwrap_or_default();
        if !kind.starts_with(TYPES) {
            continue;
        }
        let text = package.read_xml(name)?.unwrap_or_default();
        if !text.contains("<w:bookmarkStart") {
            continue;
        }
        let mut reader = EventReader::new(&text, name);
        while let Some((event, range)) = reader.next()? {
            if let Event::Start(element) | Event::Empty(element) = event
                && element.name().as_ref() == "w:bookmarkStart"
            {
                let all = attribute_ranges(&text, &range);
                let own = all.into_iter().find(|(key, _)| *key == "w:name");
                found.extend(own.map(|(_, value)| text.slice(value).to_lowercase()));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_before_their_end() {
        let mut grown = Grown::default();
        grown.push("<w:x/>", &Root::default());
        assert_eq!(grown.apply(Some("<w:s><w:a/></w:s>")), "<w:s><w:a/><w:x/></w:s>");
        assert_eq!(grown.apply(Some("<w:s a=\"1\"/>")), "<w:s a=\"1\"><w:x/></w:s>");
    }

    #[test]
    fn settings_keep_their_order() {
        let kinds = BTreeSet::from([NoteKind::Footnote, NoteKind::Endnote, NoteKind::Comment]);
        let text = "<w:settings><w:zoom/><w:compat><w:x/></w:compat><w:rsids/></w:settings>";
        let found = settings_with(text, &kinds);
        let foot = found.find("<w:footnotePr>").unwrap();
        let end = found.find("<w:endnotePr>").unwrap();
        assert!(found.find("<w:zoom/>").unwrap() < foot && foot < end, "{found}");
        assert!(end < found.find("<w:compat>").unwrap(), "{found}");
        assert_eq!(settings_with(&found, &kinds), found);
    }
}
