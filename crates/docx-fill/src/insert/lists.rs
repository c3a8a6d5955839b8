//! Owns the list definitions of one document as pieces.
//! Must not know any other document.

use crate::document::namespaces::Root;
use crate::insert::fragment::Fragment;
use crate::opc::xml::{EventReader, attribute};
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// `word/numbering.xml`
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) root: Root,
    kinds: BTreeMap<String, Fragment>,
    /// Each list with the number of its kind.
    members: BTreeMap<String, (String, Fragment)>,
}

impl Lists {
    /// Reads the lists of a document; one without has none.
    pub(crate) fn read(package: &Package) -> Result<Lists, OpcError> {
        let main = package.main_document();
        let Some(part) = package.relationships(main)?.target_of(main, "/numbering") else {
            return Ok(Lists::default());
        };
        let Some(text) = package.read_xml(&part)? else { return Ok(Lists::default()) };
        let mut lists = Lists { root: Root::read(&text), ..Lists::default() };
        let mut reader = EventReader::new(&text, &part);
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
                        number = attribute(&element, key).unwrap_or_default();
                    }
                }
                Event::Empty(element) if element.name().as_ref() == "w:abstractNumId" => {
                    kind = attribute(&element, "w:val").unwrap_or_default();
                }
                Event::End(element) => {
                    if depth == 2 {
                        let piece = Fragment::scan(text.slice(begin..range.end).to_owned(), &part)?;
                        match element.name().as_ref() {
                            "w:abstractNum" => {
                                lists.kinds.insert(number.clone(), piece);
                            }
                            "w:num" => {
                                lists.members.insert(number.clone(), (kind.clone(), piece));
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

    /// A list and its kind, as their definitions.
    pub(crate) fn get(&self, number: &str) -> Option<(&Fragment, &str, &Fragment)> {
        let (kind, list) = self.members.get(number)?;
        Some((list, kind, self.kinds.get(kind)?))
    }
}
