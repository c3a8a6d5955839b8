//! Owns the document's list definitions, and new lists that count from the beginning again.
//! Must not know which paragraphs a list has.

use crate::document::namespaces::Root;
use crate::opc::xml::{EventReader, attribute};
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const EMPTY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:numbering \
    xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"></w:numbering>";

/// Word's numbers have 31 bits; what a document makes of its own lies above what is read of them.
const HIGHEST_ID: u32 = 2_000_000_000;

/// Levels of a list.
const LEVELS: usize = 9;

/// `word/numbering.xml` with what a rendering adds.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    pub(crate) part: String,
    text: String,
    lists: BTreeMap<String, List>,
    /// Where the levels of each abstract list begin.
    starts: BTreeMap<String, [u32; LEVELS]>,
    highest: u32,
    highest_kind: u32,
    added: String,
    /// Kinds of lists from other documents, and what their definitions need declared.
    kinds: String,
    root: Root,
}

/// `w:num`
#[derive(Debug, Default, Clone)]
struct List {
    kind: String,
    /// What it has instead of its kind's, by level: the beginning, and the level's definition.
    starts: BTreeMap<usize, u32>,
    levels: BTreeMap<usize, String>,
}

impl Numbering {
    /// Reads the part; a document without one has no lists.
    pub(crate) fn read(package: &Package) -> Result<Numbering, OpcError> {
        let main = package.main_document();
        let Some(part) = package.relationships(main)?.target_of(main, "/numbering") else {
            return Ok(Numbering::default());
        };
        match package.read_xml(&part)? {
            Some(text) => Self::parse(text, part),
            None => Ok(Numbering::default()),
        }
    }

    fn parse(text: String, part: String) -> Result<Numbering, OpcError> {
        let mut numbering = Numbering::default();
        numbering.learn(&text, &part)?;
        numbering.root = Root::read(&text);
        numbering.text = text;
        numbering.part = part;
        Ok(numbering)
    }

    /// Reads definitions.
    fn learn(&mut self, text: &str, part: &str) -> Result<(), OpcError> {
        let numbering = self;
        let (mut kind, mut number) = (None, None);
        let (mut level, mut begin) = (0, None);
        let mut reader = EventReader::new(text, part);
        while let Some((event, range)) = reader.next()? {
            let (element, empty) = match &event {
                Event::Start(element) => (element, false),
                Event::Empty(element) => (element, true),
                Event::End(element) => {
                    match element.name().as_ref() {
                        "w:abstractNum" => kind = None,
                        "w:num" => number = None,
                        "w:lvl" => {
                            if let Some((list, begin)) = list(numbering, number.as_ref()).zip(begin)
                            {
                                list.levels.insert(level, text.slice(begin..range.end).to_owned());
                            }
                        }
                        _ => {}
                    }
                    continue;
                }
                _ => continue,
            };
            let get = |name: &str| attribute(element, name);
            let value = || get("w:val").unwrap_or_default();
            match element.name().as_ref() {
                "w:abstractNum" if !empty => {
                    let id = get("w:abstractNumId").unwrap_or_default();
                    let highest = numbering.highest_kind.max(number_of(&id));
                    numbering.highest_kind = highest;
                    numbering.starts.insert(id.clone(), [1; LEVELS]);
                    kind = Some(id);
                }
                "w:num" if !empty => {
                    let id = get("w:numId").unwrap_or_default();
                    numbering.highest = numbering.highest.max(number_of(&id));
                    numbering.lists.insert(id.clone(), List::default());
                    number = Some(id);
                }
                "w:abstractNumId" => {
                    if let Some(list) = list(numbering, number.as_ref()) {
                        list.kind = value();
                    }
                }
                "w:lvl" | "w:lvlOverride" => {
                    level = get("w:ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
                    level = level.min(LEVELS - 1);
                    begin = Some(range.start);
                }
                "w:start" | "w:startOverride" => {
                    let start = value().parse().unwrap_or(1);
                    if let Some(list) = list(numbering, number.as_ref()) {
                        list.starts.entry(level).or_insert(start);
                    } else if let Some(starts) =
                        kind.as_ref().and_then(|kind| numbering.starts.get_mut(kind))
                    {
                        starts[level] = start;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Bytes of what is added.
    pub(crate) fn size(&self) -> usize {
        self.kinds.len() + self.added.len()
    }

    /// Unused numbers for a kind of list and for a list.
    pub(crate) fn fresh(&mut self) -> (u32, u32) {
        self.highest_kind += 1;
        self.highest += 1;
        (self.highest_kind, self.highest)
    }

    /// Takes in a list of another document; its kind if that is new, as definitions.
    pub(crate) fn add(&mut self, kind: &str, list: &str, root: &Root) -> Result<(), OpcError> {
        self.learn(kind, &self.part.clone())?;
        self.learn(list, &self.part.clone())?;
        self.kinds.push_str(&self.root.admit(kind, root));
        self.added.push_str(&self.root.admit(list, root));
        Ok(())
    }

    /// A new list like a known one that counts from the beginning; `None` if it is not known.
    pub(crate) fn again(&mut self, number: &str) -> Option<String> {
        let list = self.lists.get(number)?;
        self.highest += 1;
        let starts = self.starts.get(&list.kind).copied().unwrap_or([1; LEVELS]);
        let (id, kind) = (self.highest, &list.kind);
        let added = &mut self.added;
        let _ = write!(added, "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{kind}\"/>");
        for (level, start) in starts.iter().enumerate() {
            let start = list.starts.get(&level).unwrap_or(start);
            let own = list.levels.get(&level).map_or("", String::as_str);
            let _ = write!(
                added,
                "<w:lvlOverride w:ilvl=\"{level}\"><w:startOverride w:val=\"{start}\"/>{own}\
                 </w:lvlOverride>"
            );
        }
        added.push_str("</w:num>");
        Some(id.to_string())
    }

    /// The part with the new lists; `None` if there are none.
    pub(crate) fn changed(&self) -> Option<String> {
        if self.added.is_empty() {
            return None;
        }
        let text = if self.text.contains("</") { &self.text } else { EMPTY };
        let end = text.rfind("<w:numIdMacAtCleanup").or_else(|| text.rfind("</"))?;
        // All kinds stand before all lists.
        let kinds = text.find("<w:num ").unwrap_or(end);
        let pieces = [
            text.slice(..kinds),
            &self.kinds,
            text.slice(kinds..end),
            &self.added,
            text.slice(end..),
        ];
        let mut changed = pieces.concat();
        self.root.declare(&mut changed);
        Some(changed)
    }
}

/// The number that an id is. None is higher than Word's own go, so that there are always further ones.
pub(crate) fn number_of(id: &str) -> u32 {
    id.parse().ok().filter(|number| *number < HIGHEST_ID).unwrap_or(0)
}

fn list<'n>(numbering: &'n mut Numbering, number: Option<&String>) -> Option<&'n mut List> {
    numbering.lists.get_mut(number?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_list_begins_where_its_kind_does() {
        let text = "<w:numbering><w:abstractNum w:abstractNumId=\"3\"><w:lvl w:ilvl=\"0\">\
            <w:start w:val=\"1\"/></w:lvl><w:lvl w:ilvl=\"1\"><w:start w:val=\"5\"/></w:lvl>\
            </w:abstractNum><w:num w:numId=\"7\"><w:abstractNumId w:val=\"3\"/></w:num></w:numbering>";
        let mut numbering = Numbering::parse(text.to_owned(), String::new()).unwrap();
        assert_eq!(numbering.changed(), None);
        assert_eq!(numbering.again("9"), None);
        assert_eq!(numbering.again("7").as_deref(), Some("8"));
        let changed = numbering.changed().unwrap();
        let expected = "<w:num w:numId=\"8\"><w:abstractNumId w:val=\"3\"/>\
            <w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"1\"/></w:lvlOverride>\
            <w:lvlOverride w:ilvl=\"1\"><w:startOverride w:val=\"5\"/>";
        assert!(changed.contains(expected), "{changed}");
        assert!(changed.ends_with("</w:num></w:numbering>"));
    }
}
