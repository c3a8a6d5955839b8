//! Owns the document's list definitions, and new lists that restart numbering.
//! Must not know which paragraphs belong to a list.

use crate::document::namespaces::RootNamespaces;
use crate::opc::xml::{XmlEventReader, attribute_value};
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const EMPTY_NUMBERING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:numbering \
    xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"></w:numbering>";

/// Word's identifiers have 31 bits. Larger ones in a document are ignored, so that unused ones always remain.
const READ_ID_LIMIT: u32 = 2_000_000_000;

/// Number of levels of a list.
const LIST_LEVELS: usize = 9;

/// The numbering part with the lists that a rendering adds.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    pub(crate) part: String,
    text: String,
    instances: BTreeMap<String, NumberingInstance>,
    /// Start values of the levels of each abstract list.
    starts: BTreeMap<String, [u32; LIST_LEVELS]>,
    highest_num_id: u32,
    highest_abstract_id: u32,
    added_instances: String,
    /// Abstract lists imported from other documents, with the namespaces that they use.
    added_abstract: String,
    namespaces: RootNamespaces,
}

/// A list instance (`w:num`).
#[derive(Debug, Default, Clone)]
struct NumberingInstance {
    abstract_id: String,
    /// Overrides of the abstract list by level: the start value, and the definition of the level.
    starts: BTreeMap<usize, u32>,
    levels: BTreeMap<usize, String>,
}

impl Numbering {
    /// Reads the numbering part; without one, there are no lists.
    pub(crate) fn from_package(package: &Package) -> Result<Numbering, OpcError> {
        let main = package.main_document_name();
        let Some(part) = package.relationships(main)?.target_by_type(main, "/numbering") else {
            return Ok(Numbering::default());
        };
        match package.read_xml_part(&part)? {
            Some(text) => Self::parse(text, part),
            None => Ok(Numbering::default()),
        }
    }

    fn parse(text: String, part: String) -> Result<Numbering, OpcError> {
        let mut numbering = Numbering::default();
        numbering.read_definitions(&text, &part)?;
        numbering.namespaces = RootNamespaces::parse(&text);
        numbering.text = text;
        numbering.part = part;
        Ok(numbering)
    }

    /// Reads abstract lists and list instances.
    fn read_definitions(&mut self, text: &str, part: &str) -> Result<(), OpcError> {
        let numbering = self;
        let (mut kind, mut number) = (None, None);
        let (mut level, mut begin) = (0, None);
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, range)) = reader.next()? {
            let (element, empty) = match &event {
                Event::Start(element) => (element, false),
                Event::Empty(element) => (element, true),
                Event::End(element) => {
                    match element.name().as_ref() {
                        "w:abstractNum" => kind = None,
                        "w:num" => number = None,
                        "w:lvl" => {
                            if let Some((list, begin)) =
                                instance_mut(numbering, number.as_ref()).zip(begin)
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
            let get = |name: &str| attribute_value(element, name);
            let value = || get("w:val").unwrap_or_default();
            match element.name().as_ref() {
                "w:abstractNum" if !empty => {
                    let id = get("w:abstractNumId").unwrap_or_default();
                    let highest = numbering.highest_abstract_id.max(parse_id(&id));
                    numbering.highest_abstract_id = highest;
                    numbering.starts.insert(id.clone(), [1; LIST_LEVELS]);
                    kind = Some(id);
                }
                "w:num" if !empty => {
                    let id = get("w:numId").unwrap_or_default();
                    numbering.highest_num_id = numbering.highest_num_id.max(parse_id(&id));
                    numbering.instances.insert(id.clone(), NumberingInstance::default());
                    number = Some(id);
                }
                "w:abstractNumId" => {
                    if let Some(list) = instance_mut(numbering, number.as_ref()) {
                        list.abstract_id = value();
                    }
                }
                "w:lvl" | "w:lvlOverride" => {
                    level = get("w:ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
                    level = level.min(LIST_LEVELS - 1);
                    begin = Some(range.start);
                }
                "w:start" | "w:startOverride" => {
                    let start = value().parse().unwrap_or(1);
                    if let Some(list) = instance_mut(numbering, number.as_ref()) {
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

    /// Returns the length of the added definitions in bytes.
    pub(crate) fn added_bytes(&self) -> usize {
        self.added_abstract.len() + self.added_instances.len()
    }

    /// Returns unused identifiers for an abstract list and a list instance.
    pub(crate) fn next_ids(&mut self) -> (u32, u32) {
        self.highest_abstract_id += 1;
        self.highest_num_id += 1;
        (self.highest_abstract_id, self.highest_num_id)
    }

    /// Adds a list of another document: the XML of its abstract list, which may be empty, and of its instance.
    pub(crate) fn import_list(
        &mut self,
        kind: &str,
        list: &str,
        root: &RootNamespaces,
    ) -> Result<(), OpcError> {
        self.read_definitions(kind, &self.part.clone())?;
        self.read_definitions(list, &self.part.clone())?;
        self.added_abstract.push_str(&self.namespaces.import_piece(kind, root));
        self.added_instances.push_str(&self.namespaces.import_piece(list, root));
        Ok(())
    }

    /// Adds a copy of a list that restarts numbering. Returns its identifier, or `None` if the list is unknown.
    pub(crate) fn restart_list(&mut self, number: &str) -> Option<String> {
        let list = self.instances.get(number)?;
        self.highest_num_id += 1;
        let starts = self.starts.get(&list.abstract_id).copied().unwrap_or([1; LIST_LEVELS]);
        let (id, kind) = (self.highest_num_id, &list.abstract_id);
        let added = &mut self.added_instances;
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

    /// Returns the part with the added lists, or `None` if there are none.
    pub(crate) fn changed_xml(&self) -> Option<String> {
        if self.added_instances.is_empty() {
            return None;
        }
        let text = if self.text.contains("</") { &self.text } else { EMPTY_NUMBERING };
        let end = text.rfind("<w:numIdMacAtCleanup").or_else(|| text.rfind("</"))?;
        // Abstract lists must precede list instances.
        let kinds = text.find("<w:num ").unwrap_or(end);
        let pieces = [
            text.slice(..kinds),
            &self.added_abstract,
            text.slice(kinds..end),
            &self.added_instances,
            text.slice(end..),
        ];
        let mut changed = pieces.concat();
        self.namespaces.declare_on_root(&mut changed);
        Some(changed)
    }
}

/// Parses an identifier; 0 if it is not a number or exceeds the limit.
pub(crate) fn parse_id(id: &str) -> u32 {
    id.parse().ok().filter(|number| *number < READ_ID_LIMIT).unwrap_or(0)
}

fn instance_mut<'n>(
    numbering: &'n mut Numbering,
    number: Option<&String>,
) -> Option<&'n mut NumberingInstance> {
    numbering.instances.get_mut(number?)
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
        assert_eq!(numbering.changed_xml(), None);
        assert_eq!(numbering.restart_list("9"), None);
        assert_eq!(numbering.restart_list("7").as_deref(), Some("8"));
        let changed = numbering.changed_xml().unwrap();
        let expected = "<w:num w:numId=\"8\"><w:abstractNumId w:val=\"3\"/>\
            <w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"1\"/></w:lvlOverride>\
            <w:lvlOverride w:ilvl=\"1\"><w:startOverride w:val=\"5\"/>";
        assert!(changed.contains(expected), "{changed}");
        assert!(changed.ends_with("</w:num></w:numbering>"));
    }

    #[test]
    fn restarts_as_written_today() {
        let text = include_str!("../../tests/styles/numbering.xml").to_owned();
        let mut numbering = Numbering::parse(text, String::new()).unwrap();
        for number in ["1", "3", "4"] {
            numbering.restart_list(number);
        }
        let changed = numbering.changed_xml().unwrap();
        let own = "<w:lvl w:ilvl=\"0\"><w:start w:val=\"7\"/><w:numFmt w:val=\"decimal\"/>\
            <w:lvlText w:val=\"（%1）\"/></w:lvl>";
        for (id, kind, first) in [
            (6, 0, "<w:startOverride w:val=\"1\"/></w:lvlOverride>".to_owned()),
            (7, 0, format!("<w:startOverride w:val=\"7\"/>{own}</w:lvlOverride>")),
            (8, 1, "<w:startOverride w:val=\"1\"/></w:lvlOverride>".to_owned()),
        ] {
            let expected = format!(
                "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{kind}\"/>\
                 <w:lvlOverride w:ilvl=\"0\">{first}"
            );
            assert!(changed.contains(&expected), "{id}: {changed}");
        }
    }
}
