//! Owns the template's styles by their visible names.
//! Must not know the formatting of a style, except its line height.

use crate::opc::OpcError;
use crate::opc::xml::{XmlEventReader, attribute_value};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Style identifiers by kind (`paragraph`, `character`, `table`) and lower-case name.
#[derive(Debug, Clone, Default)]
pub(crate) struct StyleIndex {
    ids: BTreeMap<(String, String), String>,
    /// Line height and line rule by style identifier; the empty identifier has the document defaults.
    line_heights: BTreeMap<String, (String, String)>,
    based_on: BTreeMap<String, String>,
    default_paragraph: Option<String>,
}

/// Maximum length of a chain of base styles.
const MAX_STYLE_CHAIN: usize = 32;

impl StyleIndex {
    pub(crate) fn parse(text: &str, part: &str) -> Result<Self, OpcError> {
        let mut styles = StyleIndex::default();
        let mut current: Option<(String, String)> = None;
        let mut id = String::new();
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            match element.name().as_ref() {
                "w:style" => {
                    current = attribute_value(&element, "w:type")
                        .zip(attribute_value(&element, "w:styleId"));
                    id = attribute_value(&element, "w:styleId").unwrap_or_default();
                    let default = attribute_value(&element, "w:default");
                    if matches!(default.as_deref(), Some("1" | "true" | "on"))
                        && attribute_value(&element, "w:type").as_deref() == Some("paragraph")
                    {
                        styles.default_paragraph = Some(id.clone());
                    }
                }
                "w:name" => {
                    if let (Some((kind, id)), Some(name)) =
                        (current.take(), attribute_value(&element, "w:val"))
                    {
                        styles.ids.entry((kind, name.to_lowercase())).or_insert(id);
                    }
                }
                "w:basedOn" => {
                    styles
                        .based_on
                        .extend(attribute_value(&element, "w:val").map(|base| (id.clone(), base)));
                }
                // Before the first style, this is part of the document defaults.
                "w:spacing" => {
                    if let Some(line) = attribute_value(&element, "w:line") {
                        let rule = attribute_value(&element, "w:lineRule").unwrap_or_default();
                        styles.line_heights.entry(id.clone()).or_insert((line, rule));
                    }
                }
                _ => {}
            }
        }
        Ok(styles)
    }

    /// Returns the identifier of a paragraph style.
    pub(crate) fn paragraph_style(&self, name: &str) -> Option<&str> {
        self.find_style("paragraph", name)
    }

    /// Returns the identifier of a character style.
    pub(crate) fn character_style(&self, name: &str) -> Option<&str> {
        self.find_style("character", name)
    }

    /// Returns the identifier of a table style.
    pub(crate) fn table_style(&self, name: &str) -> Option<&str> {
        self.find_style("table", name)
    }

    /// Returns line height and line rule of a style, or of the default style.
    pub(crate) fn line_height(&self, style: Option<&str>) -> Option<&(String, String)> {
        let mut style = style.or(self.default_paragraph.as_deref()).unwrap_or("");
        for _ in 0..MAX_STYLE_CHAIN {
            if let Some(line) = self.line_heights.get(style) {
                return Some(line);
            }
            if style.is_empty() {
                return None;
            }
            style = self.based_on.get(style).map_or("", String::as_str);
        }
        None
    }

    fn find_style(&self, kind: &str, name: &str) -> Option<&str> {
        self.ids.get(&(kind.to_owned(), name.to_lowercase())).map(String::as_str)
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
    fn line_heights_as_read_today() {
        let text = include_str!("../../tests/styles/styles.xml");
        let styles = StyleIndex::parse(text, "p").unwrap();
        let line = |id| styles.line_height(id).map(|(line, rule)| format!("{line} {rule}"));
        for (id, found) in [
            (None, "560 exact"),
            (Some("unknown"), "240 "),
            (Some("Twice"), "700 "),
            (Some("Changed"), "300 "),
            (Some("Grid"), "400 exact"),
            (Some("Loose"), "300 "),
        ] {
            assert_eq!(line(id).as_deref(), Some(found), "{id:?}");
        }
        assert_eq!(line(Some("Round")), None);
        assert_eq!(styles.paragraph_style("标题 1"), Some("Twice"));
        assert_eq!(styles.paragraph_style("heading 1"), None);
        assert_eq!(styles.paragraph_style("untyped"), None);
        for (length, found) in [(32, true), (33, false)] {
            let chain = long_chain(length, "<w:spacing w:line=\"1\"/>");
            let styles = StyleIndex::parse(&chain, "p").unwrap();
            assert_eq!(styles.line_height(Some("s1")).is_some(), found, "{length}");
        }
    }
}
