//! Owns additions beside the part that is being rendered: new parts, and fragments at the end of style and note
//! parts.
//! Must not know where they come from.

use crate::document::namespaces::RootNamespaces;
use crate::document::part_model::parse_id;
use crate::opc::xml::{RootEnd, XmlEventReader, attribute_ranges, root_end};
use crate::opc::{OpcError, Package};
use crate::slice::{TextEdit as _, TextSlice as _};
use crate::word::notes::{NoteKind, note_entries};
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const WORD_NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const CONTENT_TYPE_BASE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

/// Additions to a package.
#[derive(Debug, Default)]
pub(crate) struct PackageAdditions {
    /// New parts by name with their bytes.
    pub(crate) parts: Vec<(String, Vec<u8>)>,
    /// Content types of new parts that their extensions do not determine.
    pub(crate) content_types: Vec<(String, String)>,
    /// Existing parts with fragments to append, by name.
    pub(crate) grown_parts: BTreeMap<String, GrownPart>,
    /// Kinds of notes that the document has for the first time.
    pub(crate) first_notes: BTreeSet<NoteKind>,
    note_parts: BTreeMap<NoteKind, NotesPart>,
    bookmarks: Option<BTreeSet<String>>,
    /// New names of bookmarks, until all names are read.
    reserved_bookmarks: BTreeSet<String>,
    last_number: usize,
}

/// A part with fragments to append.
#[derive(Debug, Default)]
pub(crate) struct GrownPart {
    pub(crate) namespaces: RootNamespaces,
    pub(crate) appended: String,
    /// Initial text of the part if the document has none.
    pub(crate) initial_text: Option<String>,
}

/// The notes part of a document.
#[derive(Debug)]
struct NotesPart {
    part: String,
    next_id: u32,
}

impl GrownPart {
    /// Appends a fragment with the namespaces that it uses.
    pub(crate) fn append_piece(&mut self, piece: &str, root: &RootNamespaces) {
        self.appended.push_str(&self.namespaces.import_piece(piece, root));
    }

    /// Returns the part with the appended fragments.
    pub(crate) fn apply_to(&self, text: Option<&str>) -> String {
        let text = text.or(self.initial_text.as_deref()).unwrap_or_default();
        let mut out = match root_end(text) {
            Some(RootEnd::EndTag(end)) => {
                [text.slice(..end), &self.appended, text.slice(end..)].concat()
            }
            Some(RootEnd::EmptyTag(end)) => {
                let start = text.slice(..end).rfind('<').unwrap_or(0) + 1;
                let blank = |c: char| c.is_ascii_whitespace() || c == '/';
                let name = text.slice(start..end).split(blank).next().unwrap_or_default();
                let rest = text.slice(end + "/>".len()..);
                [text.slice(..end), ">", &self.appended, "</", name, ">", rest].concat()
            }
            None => text.to_owned(),
        };
        self.namespaces.declare_on_root(&mut out);
        out
    }
}

impl PackageAdditions {
    /// Returns an unused part name similar to another one.
    pub(crate) fn unused_part_name(&mut self, package: &Package, like: &str) -> String {
        let (folder, name) = like.rsplit_once('/').unwrap_or(("word", like));
        let end = name.rsplit_once('.').map_or("bin", |(_, end)| end);
        loop {
            self.last_number += 1;
            let name = format!("{folder}/inserted{}.{end}", self.last_number);
            if !package.contains_part(&name) {
                return name;
            }
        }
    }

    /// Adds a part with its content type.
    pub(crate) fn add_part(
        &mut self,
        package: &Package,
        name: &str,
        kind: Option<&str>,
        bytes: Vec<u8>,
    ) {
        if let Some(kind) =
            kind.filter(|kind| package.content_types().type_of_part(name) != Some(kind))
        {
            self.content_types.push((name.to_owned(), kind.to_owned()));
        }
        self.parts.push((name.to_owned(), bytes));
    }

    /// Returns the part for notes of a kind and the identifier of the next note. `link` is called with the name
    /// of a part that must be added.
    pub(crate) fn next_note(
        &mut self,
        package: &Package,
        kind: NoteKind,
        link: &mut dyn FnMut(&str),
    ) -> Result<(String, u32), OpcError> {
        self.open_notes(package, kind, link)?;
        let Some(notes) = self.note_parts.get_mut(&kind) else { return Ok((String::new(), 0)) };
        notes.next_id += 1;
        Ok((notes.part.clone(), notes.next_id - 1))
    }

    /// Opens the part for notes of a kind.
    pub(crate) fn open_notes(
        &mut self,
        package: &Package,
        kind: NoteKind,
        link: &mut dyn FnMut(&str),
    ) -> Result<(), OpcError> {
        if !self.note_parts.contains_key(&kind) {
            let notes = self.open_notes_part(package, kind, link)?;
            self.note_parts.insert(kind, notes);
        }
        Ok(())
    }

    fn open_notes_part(
        &mut self,
        package: &Package,
        kind: NoteKind,
        link: &mut dyn FnMut(&str),
    ) -> Result<NotesPart, OpcError> {
        let main = package.main_document_name();
        let name = kind.relationship_name();
        let part = package.relationships(main)?.target_by_type(main, &format!("/{name}"));
        if let Some(part) = part.filter(|part| package.contains_part(part)) {
            let text = package.read_xml_part(&part)?.unwrap_or_default();
            let grown =
                GrownPart { namespaces: RootNamespaces::parse(&text), ..GrownPart::default() };
            self.grown_parts.entry(part.clone()).or_insert(grown);
            return Ok(NotesPart { next_id: highest_note_id(&text, &part)? + 1, part });
        }
        let part = format!("word/{name}.xml");
        let part =
            if package.contains_part(&part) { self.unused_part_name(package, &part) } else { part };
        link(&part);
        self.first_notes.insert(kind);
        self.content_types.push((part.clone(), format!("{CONTENT_TYPE_BASE}{name}+xml")));
        let fresh = Some(empty_notes_part(kind));
        self.grown_parts
            .insert(part.clone(), GrownPart { initial_text: fresh, ..GrownPart::default() });
        Ok(NotesPart { part, next_id: 1 })
    }

    /// Adds a numbering part. Returns its name.
    pub(crate) fn add_numbering_part(&mut self, package: &Package) -> String {
        let part = "word/numbering.xml".to_owned();
        let part =
            if package.contains_part(&part) { self.unused_part_name(package, &part) } else { part };
        self.content_types.push((part.clone(), format!("{CONTENT_TYPE_BASE}numbering+xml")));
        part
    }

    /// Returns the styles part, which is added if the document has none.
    pub(crate) fn styles_part(&mut self, part: &str, link: &mut dyn FnMut(&str)) -> &mut GrownPart {
        let name = if part.is_empty() { "word/styles.xml" } else { part };
        if part.is_empty() && !self.grown_parts.contains_key(name) {
            link(name);
            self.content_types.push((name.to_owned(), format!("{CONTENT_TYPE_BASE}styles+xml")));
        }
        let grown = self.grown_parts.entry(name.to_owned()).or_default();
        if part.is_empty() {
            grown.initial_text = Some(format!(
                "{XML_DECLARATION}<w:styles xmlns:w=\"{WORD_NAMESPACE}\"></w:styles>"
            ));
        }
        grown
    }

    /// Takes a name for a bookmark. Returns false if another new one has it.
    pub(crate) fn reserve_bookmark_name(&mut self, name: &str) -> bool {
        let taken = self.bookmarks.as_mut().unwrap_or(&mut self.reserved_bookmarks);
        taken.insert(name.to_lowercase())
    }

    /// Returns a unique name for a bookmark.
    pub(crate) fn unique_bookmark_name(
        &mut self,
        package: &Package,
        name: &str,
    ) -> Result<String, OpcError> {
        if self.bookmarks.is_none() {
            let mut taken = bookmark_names(package)?;
            taken.append(&mut self.reserved_bookmarks);
            self.bookmarks = Some(taken);
        }
        let Some(taken) = &mut self.bookmarks else { return Ok(name.to_owned()) };
        // Word does not distinguish bookmark names by case.
        if taken.insert(name.to_lowercase()) {
            return Ok(name.to_owned());
        }
        let kept: String = name.chars().take(32).collect();
        loop {
            self.last_number += 1;
            let fresh = format!("{kept}_{}", self.last_number);
            if taken.insert(fresh.to_lowercase()) {
                return Ok(fresh);
            }
        }
    }
}

const XML_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Returns a notes part with only the two separator notes that Word requires.
fn empty_notes_part(kind: NoteKind) -> String {
    let name = kind.relationship_name();
    let mut out = format!("{XML_DECLARATION}<w:{name} xmlns:w=\"{WORD_NAMESPACE}\">");
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

/// The elements that follow `w:updateFields` in the settings; behind the second those of footnotes, behind the third
/// those of endnotes (ISO/IEC 29500-1, 17.15.1.78).
pub(crate) const UPDATE_FIELDS_SUCCESSORS: [&str; 23] = [
    "w:hdrShapeDefaults",
    "w:footnotePr",
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
    "w15:docId",
];

/// Declares the separator notes in the settings of a document that has notes for the first time.
pub(crate) fn add_note_separators(text: &str, kinds: &BTreeSet<NoteKind>) -> String {
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
        let before = if note == "endnote" { 3 } else { 2 };
        let later = &UPDATE_FIELDS_SUCCESSORS[before..];
        let Some(at) = find_root_child(&out, later) else { continue };
        let piece =
            format!("<w:{note}Pr><w:{note} w:id=\"-1\"/><w:{note} w:id=\"0\"/></w:{note}Pr>");
        out.insert_text(at, &piece);
    }
    out
}

/// Returns the position of the first child of the root with one of these names, or else the end of the root's
/// content.
pub(crate) fn find_root_child(text: &str, names: &[&str]) -> Option<usize> {
    let mut reader = XmlEventReader::new(text, "");
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

/// Returns the highest identifier of a note.
fn highest_note_id(text: &str, part: &str) -> Result<u32, OpcError> {
    let ids = note_entries(text, part)?.into_iter().map(|entry| parse_id(text.slice(entry.id)));
    Ok(ids.max().unwrap_or(0))
}

/// Returns the names of all bookmarks of a package.
pub(crate) fn bookmark_names(package: &Package) -> Result<BTreeSet<String>, OpcError> {
    let mut found = BTreeSet::new();
    for name in package.part_names() {
        let kind = package.content_types().type_of_part(name).unwrap_or_default();
        if !kind.starts_with(CONTENT_TYPE_BASE) {
            continue;
        }
        let text = package.read_xml_part(name)?.unwrap_or_default();
        if !text.contains("<w:bookmarkStart") {
            continue;
        }
        let mut reader = XmlEventReader::new(&text, name);
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
        let mut grown = GrownPart::default();
        grown.append_piece("<w:x/>", &RootNamespaces::default());
        assert_eq!(grown.apply_to(Some("<w:s><w:a/></w:s>")), "<w:s><w:a/><w:x/></w:s>");
        assert_eq!(grown.apply_to(Some("<w:s a=\"1\"/>")), "<w:s a=\"1\"><w:x/></w:s>");
    }

    #[test]
    fn settings_keep_their_order() {
        let kinds = BTreeSet::from([NoteKind::Footnote, NoteKind::Endnote, NoteKind::Comment]);
        let text = "<w:settings><w:zoom/><w:compat><w:x/></w:compat><w:rsids/></w:settings>";
        let found = add_note_separators(text, &kinds);
        let foot = found.find("<w:footnotePr>").unwrap();
        let end = found.find("<w:endnotePr>").unwrap();
        assert!(found.find("<w:zoom/>").unwrap() < foot && foot < end, "{found}");
        assert!(end < found.find("<w:compat>").unwrap(), "{found}");
        assert_eq!(add_note_separators(&found, &kinds), found);
    }
}
