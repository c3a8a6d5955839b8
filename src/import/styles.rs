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
        DocumentStyles::parse(&text, &part)
    }

    fn parse(text: &str, part: &str) -> Result<DocumentStyles, OpcError> {
        let mut styles = DocumentStyles::default();
        let mut current = String::new();
        let mut reader = XmlEventReader::new(text, part);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns styles of which each is based on the next; only the last one says something.
    fn long_chain(length: usize, said: &str) -> String {
        let style = |at: usize| {
            let next = at + 1;
            format!(
                "<w:style w:type=\"paragraph\" w:styleId=\"s{at}\"><w:name w:val=\"s{at}\"/>\
                 <w:basedOn w:val=\"s{next}\"/></w:style>"
            )
        };
        let styles: String = (1..length).map(style).collect();
        format!(
            "<w:styles>{styles}<w:style w:type=\"paragraph\" w:styleId=\"s{length}\">\
             <w:pPr>{said}</w:pPr></w:style></w:styles>"
        )
    }

    #[test]
    fn styles_as_read_today() {
        let text = include_str!("../../crates/docx-fill/tests/styles/styles.xml");
        let styles = DocumentStyles::parse(text, "p").unwrap();
        let outline = ["Twice", "Changed", "unknown"].map(|id| styles.outline_level(id));
        assert_eq!(outline, [Some(3), Some(5), None]);
        assert_eq!(["Twice", "Untyped"].map(|id| styles.style_name(id)), ["other", "untyped"]);
        let lists = ["Sized", "Untyped", "Changed", ""].map(|id| styles.list_level(id));
        let level = |id: &str, level| Some((id.to_owned(), level));
        assert_eq!(lists, [level("1", 2), level("1", 2), level("2", 0), None]);
        assert_eq!(styles.outline_level("Round"), None);
        for (length, found) in [(16, Some(1)), (17, None)] {
            let chain = long_chain(length, "<w:outlineLvl w:val=\"1\"/>");
            let styles = DocumentStyles::parse(&chain, "p").unwrap();
            assert_eq!(styles.outline_level("s1"), found, "{length}");
        }
    }
}
