//! Owns the list definitions of one document as XML fragments.
//! Must not know any other document.

use crate::document::namespaces::RootNamespaces;
use crate::insert::fragment::XmlFragment;
use crate::opc::xml::{XmlEventReader, attribute_value};
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// The lists of `word/numbering.xml`.
#[derive(Debug, Default)]
pub(crate) struct ListDefinitions {
    pub(crate) namespaces: RootNamespaces,
    abstract_nums: BTreeMap<String, XmlFragment>,
    /// List instances, each with the identifier of its abstract list.
    nums: BTreeMap<String, (String, XmlFragment)>,
}

impl ListDefinitions {
    /// Reads the lists of a document; empty if it has no numbering part.
    pub(crate) fn read_definitions(package: &Package) -> Result<ListDefinitions, OpcError> {
        let main = package.main_document_name();
        let Some(part) = package.relationships(main)?.target_by_type(main, "/numbering") else {
            return Ok(ListDefinitions::default());
        };
        let Some(text) = package.read_xml_part(&part)? else {
            return Ok(ListDefinitions::default());
        };
        let mut lists = ListDefinitions {
            namespaces: RootNamespaces::parse(&text),
            ..ListDefinitions::default()
        };
        let mut reader = XmlEventReader::new(&text, &part);
        let (mut depth, mut begin) = (0usize, 0);
        let (mut number, mut kind) = (String::new(), String::new());
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => {
                    depth += 1;
                    if depth == 2 {
                        begin = range.start;
                        let key = match element.name().as_ref() {
                            "w:num" => "w:numId",
                            _ => "w:abstractNumId",
                        };
                        number = attribute_value(&element, key).unwrap_or_default();
                    }
                }
                Event::Empty(element) if element.name().as_ref() == "w:abstractNumId" => {
                    kind = attribute_value(&element, "w:val").unwrap_or_default();
                }
                Event::End(element) => {
                    if depth == 2 {
                        let piece =
                            XmlFragment::parse(text.slice(begin..range.end).to_owned(), &part)?;
                        match element.name().as_ref() {
                            "w:abstractNum" => {
                                lists.abstract_nums.insert(number.clone(), piece);
                            }
                            "w:num" => {
                                lists.nums.insert(number.clone(), (kind.clone(), piece));
                            }
                            _ => {}
                        }
                    }
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        Ok(lists)
    }

    /// Returns a list instance with the identifier and definition of its abstract list.
    pub(crate) fn get_with_kind(&self, number: &str) -> Option<(&XmlFragment, &str, &XmlFragment)> {
        let (kind, list) = self.nums.get(number)?;
        Some((list, kind, self.abstract_nums.get(kind)?))
    }
}
