//! Owns the template's styles by the names that people see.
//! Must not know what a style looks like.

use crate::opc::OpcError;
use crate::opc::xml::{EventReader, attribute};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Style ids by kind (`paragraph`, `character`, `table`) and name without case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Styles {
    ids: BTreeMap<(String, String), String>,
    /// Line height and its rule of paragraph styles by id, and the style that each is based on.
    lines: BTreeMap<String, (String, String)>,
    bases: BTreeMap<String, String>,
    default: Option<String>,
}

/// Longest chain of styles.
const DEEPEST: usize = 32;

impl Styles {
    pub(crate) fn parse(text: &str, part: &str) -> Result<Self, OpcError> {
        let mut styles = Styles::default();
        let mut current: Option<(String, String)> = None;
        let mut id = String::new();
        let mut reader = EventReader::new(text, part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            match element.name().as_ref() {
                "w:style" => {
                    current = attribute(&element, "w:type").zip(attribute(&element, "w:styleId"));
                    id = attribute(&element, "w:styleId").unwrap_or_default();
                    let default = attribute(&element, "w:default");
                    if matches!(default.as_deref(), Some("1" | "true" | "on"))
                        && attribute(&element, "w:type").as_deref() == Some("paragraph")
                    {
                        styles.default = Some(id.clone());
                    }
                }
                "w:name" => {
                    if let (Some((kind, id)), Some(name)) =
                        (current.take(), attribute(&element, "w:val"))
                    {
                        styles.ids.entry((kind, name.to_lowercase())).or_insert(id);
                    }
                }
                "w:basedOn" => {
                    styles
                        .bases
                        .extend(attribute(&element, "w:val").map(|base| (id.clone(), base)));
                }
                // Before the first style these are the document's own.
                "w:spacing" => {
                    if let Some(line) = attribute(&element, "w:line") {
                        let rule = attribute(&element, "w:lineRule").unwrap_or_default();
                        styles.lines.entry(id.clone()).or_insert((line, rule));
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

    /// Id of a table style.
    pub(crate) fn table(&self, name: &str) -> Option<&str> {
        self.find("table", name)
    }

    /// Line height and rule of a paragraph in a style, or in none.
    pub(crate) fn line(&self, style: Option<&str>) -> Option<&(String, String)> {
        let mut style = style.or(self.default.as_deref()).unwrap_or("");
        for _ in 0..DEEPEST {
            if let Some(line) = self.lines.get(style) {
                return Some(line);
            }
            if style.is_empty() {
                return None;
            }
            style = self.bases.get(style).map_or("", String::as_str);
        }
        None
    }

    fn find(&self, kind: &str, name: &str) -> Option<&str> {
        self.ids.get(&(kind.to_owned(), name.to_lowercase())).map(String::as_str)
    }
}
