//! Owns what the styles of a document give to its paragraphs: names, outline levels, lists.
//! Must not know a paragraph.

use docx_fill::opc::xml::{XmlEventReader, attribute_value};
use docx_fill::opc::{OpcError, Package};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Maximum length of a chain of based-on styles.
const MAX_STYLE_CHAIN: usize = 16;

/// The paragraph styles by id.
#[derive(Debug, Default)]
pub(crate) struct DocumentStyles {
    by_id: BTreeMap<String, StyleDefinition>,
}

#[derive(Debug, Default, Clone)]
struct StyleDefinition {
    name: String,
    base: Option<String>,
    outline: Option<u8>,
    list: Option<(Option<String>, usize)>,
}

impl DocumentStyles {
    /// Reads the styles part; a document without one has no styles.
    pub(crate) fn read(package: &Package) -> Result<DocumentStyles, OpcError> {
        let main = package.main_document_name();
        let part = package.relationships(main)?.target_by_type(main, "/styles");
        let Some(part) = part else { return Ok(DocumentStyles::default()) };
        let Some(text) = package.read_xml_part(&part)? else {
            return Ok(DocumentStyles::default());
        };
        let mut styles = DocumentStyles::default();
        let mut current = String::new();
        let mut reader = XmlEventReader::new(&text, &part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            let name = element.name();
            if name.as_ref() == "w:style" {
                current = attribute_value(&element, "w:styleId").unwrap_or_default();
                continue;
            }
            let Some(value) = attribute_value(&element, "w:val") else { continue };
            let style = styles.by_id.entry(current.clone()).or_default();
            match name.as_ref() {
                "w:name" => style.name = value.to_lowercase(),
                "w:basedOn" => style.base = Some(value),
                "w:outlineLvl" => style.outline = value.parse().ok(),
                "w:numId" => style.list.get_or_insert_default().0 = Some(value),
                "w:ilvl" => style.list.get_or_insert_default().1 = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        Ok(styles)
    }

    /// Returns a style and those on which it is based.
    fn style_chain<'s>(&'s self, id: &str) -> impl Iterator<Item = &'s StyleDefinition> {
        let next = |style: &&'s StyleDefinition| self.by_id.get(style.base.as_deref()?);
        std::iter::successors(self.by_id.get(id), next).take(MAX_STYLE_CHAIN)
    }

    /// Returns the displayed name in lower case.
    pub(crate) fn style_name(&self, id: &str) -> &str {
        self.by_id.get(id).map_or("", |style| &style.name)
    }

    /// Returns the outline level of a style, from 0.
    pub(crate) fn outline_level(&self, id: &str) -> Option<u8> {
        self.style_chain(id).find_map(|style| style.outline).filter(|level| *level < 9)
    }

    /// Returns the list of a style: list id and level.
    pub(crate) fn list_level(&self, id: &str) -> Option<(String, usize)> {
        self.style_chain(id).find_map(|style| {
            let (number, level) = style.list.clone()?;
            Some((number?, level))
        })
    }
}
