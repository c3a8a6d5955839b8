//! Owns what must hold of identifiers in any document: each is unique, each range has both ends, each reference has its
//! target.
//! Must not know how a document was made.

use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};

/// The parts of a package by name.
pub(crate) type Parts = BTreeMap<String, Vec<u8>>;

/// An element with its attributes, and its text until its end.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// All elements of a part in the order of their beginnings.
pub(crate) fn elements(xml: &str) -> Vec<Element> {
    let mut out: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} in {xml}")) {
            Event::Start(element) => {
                open.push(out.len());
                out.push(read_element(&element));
            }
            Event::Empty(element) => out.push(read_element(&element)),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => open.iter().for_each(|&at| out[at].text.push_str(&text)),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "not closed: {xml}");
    out
}

fn read_element(element: &quick_xml::events::BytesStart<'_>) -> Element {
    let mut attributes = BTreeMap::new();
    for attribute in element.attributes() {
        let attribute = attribute.unwrap();
        let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
        attributes.insert(attribute.key.as_ref().to_owned(), value);
    }
    Element { name: element.name().as_ref().to_owned(), attributes, text: String::new() }
}

/// Finds what is wrong with the identifiers of a package.
pub(crate) fn faults(parts: &Parts) -> Vec<String> {
    let mut finder = FaultFinder::default();
    for (name, bytes) in parts {
        let is_xml = std::path::Path::new(name).extension().is_some_and(|end| end == "xml");
        if is_xml && name.starts_with("word/") {
            finder.read_part(name, &elements(std::str::from_utf8(bytes).unwrap()));
        }
    }
    finder.check_references(parts);
    finder.faults
}

#[derive(Default)]
struct FaultFinder {
    seen: BTreeSet<(String, String)>,
    /// Open ranges by kind and identifier.
    open: BTreeSet<(String, String)>,
    bookmarks: BTreeSet<String>,
    /// Names that are referred to.
    wanted: Vec<String>,
    notes: BTreeMap<(String, String), usize>,
    note_references: Vec<(String, String)>,
    relationships: Vec<(String, String)>,
    comment_paragraphs: BTreeSet<String>,
    comment_entries: Vec<String>,
    faults: Vec<String>,
}

impl FaultFinder {
    fn read_part(&mut self, part: &str, all: &[Element]) {
        for element in all {
            self.read_ids(part, element);
            for (key, value) in &element.attributes {
                if key.starts_with("r:") {
                    self.relationships.push((part.to_owned(), value.clone()));
                }
            }
        }
        let open = std::mem::take(&mut self.open);
        self.faults.extend(open.into_iter().map(|range| format!("{part}: {range:?} has no end")));
        self.read_fields(all);
    }

    fn unique(&mut self, part: &str, kind: &str, id: &str) {
        if !id.is_empty() && !self.seen.insert((kind.to_owned(), id.to_owned())) {
            self.faults.push(format!("{part}: {kind} {id} twice"));
        }
    }

    fn close_range(&mut self, part: &str, name: &str, (kind, id): (&str, &str)) {
        if !self.open.remove(&(kind.to_owned(), id.to_owned())) {
            self.faults.push(format!("{part}: {name} {id} without beginning"));
        }
    }

    fn read_ids(&mut self, part: &str, element: &Element) {
        let id = element.get("w:id");
        let name = element.name.as_str();
        self.unique(part, "paraId", element.get("w14:paraId"));
        let range = name.strip_prefix("w:").and_then(|name| {
            let start = name.strip_suffix("Start").map(|kind| (kind, true));
            start.or(name.strip_suffix("End").map(|kind| (kind, false)))
        });
        match (name, range) {
            (_, Some((kind, true))) => {
                self.unique(part, kind, id);
                self.open.insert((kind.to_owned(), id.to_owned()));
                if name == "w:bookmarkStart" {
                    let name = element.get("w:name").to_lowercase();
                    self.unique(part, "bookmark name", &name);
                    self.bookmarks.insert(name);
                }
            }
            (_, Some((kind, false))) => self.close_range(part, name, (kind, id)),
            ("w:footnoteReference" | "w:endnoteReference" | "w:commentReference", _) => {
                let kind = name.trim_end_matches("Reference").to_owned();
                self.note_references.push((kind, id.to_owned()));
            }
            ("w:footnote" | "w:endnote" | "w:comment", _) => {
                let special =
                    matches!(element.get("w:type"), "separator" | "continuationSeparator");
                self.unique(part, name, id);
                if !special {
                    self.notes.insert((name.to_owned(), id.to_owned()), 0);
                }
            }
            ("wp:docPr", _) => self.unique(part, name, element.get("id")),
            ("w:ins" | "w:del" | "w:rPrChange", _) => self.unique(part, "revision", id),
            ("w:hyperlink", _) if !element.get("w:anchor").is_empty() => {
                self.wanted.push(element.get("w:anchor").to_lowercase());
            }
            ("o:OLEObject", _) => {
                let shape = ("shape".to_owned(), element.get("ShapeID").to_owned());
                if !self.seen.contains(&shape) {
                    self.faults.push(format!("{part}: no {shape:?}"));
                }
            }
            ("w15:commentEx", _) => {
                let parent = Some(element.get("w15:paraIdParent")).filter(|id| !id.is_empty());
                self.comment_entries.push(element.get("w15:paraId").to_owned());
                self.comment_entries.extend(parent.map(str::to_owned));
                self.unique(part, "commentEx", element.get("w15:paraId"));
            }
            _ if name.starts_with("v:") => self.unique(part, "shape", element.get("id")),
            _ => {}
        }
        if part == "word/comments.xml" {
            self.comment_paragraphs.insert(element.get("w14:paraId").to_owned());
        }
    }

    fn read_fields(&mut self, all: &[Element]) {
        let simple = all.iter().filter(|element| element.name == "w:fldSimple");
        let simple = simple.map(|element| element.get("w:instr").to_owned());
        // Codes that runs divide are joined until the next part of a field.
        let mut codes = vec![String::new()];
        for element in all {
            match element.name.as_str() {
                "w:fldChar" => codes.push(String::new()),
                "w:instrText" => codes.last_mut().unwrap().push_str(&element.text),
                _ => {}
            }
        }
        for code in simple.chain(codes) {
            let words: Vec<&str> = code.split_whitespace().collect();
            if let ["REF" | "PAGEREF" | "NOTEREF", name, ..] = words.as_slice() {
                self.wanted.push(name.trim_matches('"').to_lowercase());
            }
        }
    }

    fn check_references(&mut self, parts: &Parts) {
        for name in std::mem::take(&mut self.wanted) {
            if !self.bookmarks.contains(&name) {
                self.faults.push(format!("no bookmark {name}"));
            }
        }
        for reference in std::mem::take(&mut self.note_references) {
            match self.notes.get_mut(&reference) {
                Some(count) => *count += 1,
                None => self.faults.push(format!("no note {reference:?}")),
            }
        }
        let lone = self.notes.iter().filter(|(_, count)| **count != 1);
        self.faults.extend(lone.map(|(note, count)| format!("{note:?} has {count} references")));
        for entry in std::mem::take(&mut self.comment_entries) {
            if !self.comment_paragraphs.contains(&entry) {
                self.faults.push(format!("no comment paragraph {entry}"));
            }
        }
        self.check_relationships(parts);
    }

    fn check_relationships(&mut self, parts: &Parts) {
        let mut known: BTreeMap<String, BTreeMap<String, Element>> = BTreeMap::new();
        for (part, id) in std::mem::take(&mut self.relationships) {
            let own = known.entry(part.clone()).or_insert_with(|| relationships(parts, &part));
            let Some(found) = own.get(&id) else {
                self.faults.push(format!("{part}: no relationship {id}"));
                continue;
            };
            let target = found.get("Target");
            let path = target.strip_prefix('/').map_or(format!("word/{target}"), str::to_owned);
            if found.get("TargetMode") != "External" && !parts.contains_key(&path) {
                self.faults.push(format!("{part}: {id} leads to {path}, which is not there"));
            }
        }
    }
}

/// The relationships of a part by identifier; fails if one is there twice.
pub(crate) fn relationships(parts: &Parts, part: &str) -> BTreeMap<String, Element> {
    let name = part.replace("word/", "word/_rels/") + ".rels";
    let text = parts.get(&name).map_or("", |bytes| std::str::from_utf8(bytes).unwrap());
    let mut out = BTreeMap::new();
    for element in elements(text).into_iter().filter(|found| found.name == "Relationship") {
        let id = element.get("Id").to_owned();
        assert!(out.insert(id.clone(), element).is_none(), "{name}: {id} twice in {text}");
    }
    out
}
