//! Owns the numbering part with the lists that a rendering adds: lists that restart, and those of other documents.
//! Must not know which paragraphs belong to a list.

use crate::document::namespaces::RootNamespaces;
use crate::document::part_model::parse_id;
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use crate::word::list_reference::ListReference;
use crate::word::numbering::{LIST_LEVELS, NumberingDefinitions};
use crate::word::styles::StyleSheet;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const EMPTY_NUMBERING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:numbering \
    xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"></w:numbering>";

/// The numbering part with the lists that a rendering adds.
#[derive(Debug, Default)]
pub(crate) struct AddedLists {
    pub(crate) part: String,
    text: String,
    definitions: NumberingDefinitions,
    /// Lists of other documents by their new identifiers, each with its XML and its definitions.
    imported: BTreeMap<String, (String, NumberingDefinitions)>,
    highest_num_id: u32,
    highest_abstract_id: u32,
    added_instances: String,
    /// Abstract lists imported from other documents, with the namespaces that they use.
    added_abstract: String,
    namespaces: RootNamespaces,
}

impl AddedLists {
    /// Reads the numbering part; without one, there are no lists.
    pub(crate) fn from_package(package: &Package) -> Result<AddedLists, OpcError> {
        let main = package.main_document_name();
        let Some(part) = package.relationships(main)?.target_by_type(main, "/numbering") else {
            return Ok(AddedLists::default());
        };
        match package.read_xml_part(&part)? {
            Some(text) => Self::parse(text, part),
            None => Ok(AddedLists::default()),
        }
    }

    fn parse(text: String, part: String) -> Result<AddedLists, OpcError> {
        let definitions = NumberingDefinitions::parse(&text, &part)?;
        Ok(AddedLists {
            highest_num_id: definitions.list_ids().map(parse_id).max().unwrap_or(0),
            highest_abstract_id: definitions.abstract_ids().map(parse_id).max().unwrap_or(0),
            namespaces: RootNamespaces::parse(&text),
            definitions,
            text,
            part,
            ..AddedLists::default()
        })
    }

    /// Returns the list and level of a paragraph by its style.
    pub(crate) fn level_of(
        &self,
        own: &ListReference,
        style: &str,
        sheet: &StyleSheet,
    ) -> Option<(String, usize)> {
        self.definitions.paragraph_list(own, Some(style), sheet)
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

    /// Adds a list of another document: the XML of its abstract list and of its instance.
    pub(crate) fn import_list(
        &mut self,
        kind: &str,
        list: &str,
        root: &RootNamespaces,
    ) -> Result<(), OpcError> {
        let xml = [kind, list].concat();
        let definitions = NumberingDefinitions::parse(&xml, &self.part)?;
        let id = definitions.list_ids().next().map(str::to_owned);
        self.imported.extend(id.map(|id| (id, (xml, definitions))));
        self.added_abstract.push_str(&self.namespaces.import_piece(kind, root));
        self.added_instances.push_str(&self.namespaces.import_piece(list, root));
        Ok(())
    }

    /// Adds a copy of a list that restarts numbering. Returns its identifier, or `None` if the list is unknown.
    pub(crate) fn restart_list(&mut self, number: &str) -> Option<String> {
        let imported = self.imported.get(number).map(|(xml, found)| (xml.as_str(), found));
        let (xml, definitions) = imported.unwrap_or((&self.text, &self.definitions));
        let list = definitions.instance(number)?;
        self.highest_num_id += 1;
        let (id, kind) = (self.highest_num_id, &list.abstract_id);
        let added = &mut self.added_instances;
        let _ = write!(added, "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{kind}\"/>");
        for level in 0..LIST_LEVELS {
            let start = definitions.start_of(list, level);
            let own = list.level_override(level).and_then(|own| own.level.as_ref());
            let own = own.map_or("", |own| xml.slice(own.range.clone()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_list_begins_where_its_kind_does() {
        let text = "<w:numbering><w:abstractNum w:abstractNumId=\"3\"><w:lvl w:ilvl=\"0\">\
            <w:start w:val=\"1\"/></w:lvl><w:lvl w:ilvl=\"1\"><w:start w:val=\"5\"/></w:lvl>\
            </w:abstractNum><w:num w:numId=\"7\"><w:abstractNumId w:val=\"3\"/></w:num></w:numbering>";
        let mut numbering = AddedLists::parse(text.to_owned(), String::new()).unwrap();
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
    fn every_level_restarts_where_its_definition_begins() {
        let text = include_str!("../../tests/styles/numbering.xml").to_owned();
        let mut numbering = AddedLists::parse(text, String::new()).unwrap();
        for number in ["1", "3", "4"] {
            numbering.restart_list(number);
        }
        let changed = numbering.changed_xml().unwrap();
        let own = "<w:lvl w:ilvl=\"0\"><w:start w:val=\"7\"/><w:numFmt w:val=\"decimal\"/>\
            <w:lvlText w:val=\"（%1）\"/></w:lvl>";
        // List 4 has the levels of the numbering style to which it links.
        for (id, kind, start, own) in [(6, 0, 1, ""), (7, 0, 7, own), (8, 1, 3, "")] {
            let expected = format!(
                "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{kind}\"/><w:lvlOverride \
                 w:ilvl=\"0\"><w:startOverride w:val=\"{start}\"/>{own}</w:lvlOverride>"
            );
            assert!(changed.contains(&expected), "{id}: {changed}");
        }
    }
}
