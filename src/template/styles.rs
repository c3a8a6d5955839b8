//! Owns the template's styles by the names that people see.
//! Must not know what a style looks like.

use crate::opc::OpcError;
use crate::opc::xml::{EventReader, attribute};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Style ids by kind (`paragraph`, `character`) and name without case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Styles {
    ids: BTreeMap<(String, String), String>,
}

impl Styles {
    pub(crate) fn parse(text: &str, part: &str) -> Result<Self, OpcError> {
        let mut styles = Styles::default();
        let mut current: Option<(String, String)> = None;
        let mut reader = EventReader::new(text, part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            match element.name().as_ref() {
                "w:style" => {
                    current = attribute(&element, "w:type").zip(attribute(&element, "w:styleId"));
                }
                "w:name" => {
                    if let (Some((kind, id)), Some(name)) =
                        (current.take(), attribute(&element, "w:val"))
                    {
                        styles.ids.entry((kind, name.to_lowercase())).or_insert(id);
                    }
                }
                _ => {}
            }
        }
        Ok(styles)
    }

    /// Id of a paragraph style.
    pub(crate) fn paragraph(&self, name: &str) -> Option<&str> {
        self.find("paragraph", name)
    }

    /// Id of a character style.
    pub(crate) fn character(&self, name: &str) -> Option<&str> {
        self.find("character", name)
    }

    fn find(&self, kind: &str, name: &str) -> Option<&str> {
        self.ids.get(&(kind.to_owned(), name.to_lowercase())).map(String::as_str)
    }
}
