//! Owns the styles of a document: the parent of each, and properties along the chain of styles.
//! Must not know paragraphs.

use docx_fill::opc::OpcError;
use docx_fill::word::xml_tree::{SpannedElement, XmlTree};
use std::collections::BTreeMap;

/// Maximum length of a chain of styles.
const MAX_STYLE_CHAIN: usize = 32;

/// The styles part of a document.
#[derive(Default)]
pub(super) struct StylesPart {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) tree: XmlTree,
    by_id: BTreeMap<String, usize>,
    default: Option<String>,
    run_default: Option<usize>,
    paragraph_default: Option<usize>,
}

impl StylesPart {
    pub(super) fn read(name: &str, text: String) -> Result<StylesPart, OpcError> {
        let tree = XmlTree::read(&text, name)?;
        let mut styles = StylesPart { name: name.to_owned(), text, ..StylesPart::default() };
        for (at, element) in tree.elements.iter().enumerate() {
            match element.name.as_str() {
                "w:style" => {
                    let Some(id) = element.attribute("w:styleId") else { continue };
                    let on = |value| matches!(value, Some("1" | "true" | "on"));
                    if element.attribute("w:type") == Some("paragraph")
                        && on(element.attribute("w:default"))
                    {
                        styles.default = Some(id.to_owned());
                    }
                    styles.by_id.insert(id.to_owned(), at);
                }
                "w:rPrDefault" => styles.run_default = Some(at),
                "w:pPrDefault" => styles.paragraph_default = Some(at),
                _ => {}
            }
        }
        styles.tree = tree;
        Ok(styles)
    }

    /// Returns the chain of styles from a style to its last ancestor.
    fn style_chain(&self, id: Option<&str>) -> Vec<usize> {
        let mut out = Vec::new();
        let known = |id: &&str| self.by_id.contains_key(*id);
        let mut next = id.filter(known).or(self.default.as_deref()).map(str::to_owned);
        while let Some(id) = next.take()
            && out.len() < MAX_STYLE_CHAIN
            && let Some(&at) = self.by_id.get(&id)
        {
            out.push(at);
            let based =
                self.tree.element_at_path(at, &["w:basedOn"]).and_then(SpannedElement::value);
            next = based.map(str::to_owned);
        }
        out
    }

    /// Returns the name of a style.
    pub(super) fn name_of(&self, id: &str) -> Option<&str> {
        self.tree.element_at_path(*self.by_id.get(id)?, &["w:name"])?.value()
    }

    /// Returns the name of the style that contains an element.
    pub(super) fn style_around(&self, element: usize) -> Option<&str> {
        let style =
            self.tree.ancestors(element).find(|&at| self.tree.elements[at].name == "w:style");
        self.tree.element_at_path(style?, &["w:name"])?.value()
    }

    /// Checks whether an element belongs to the default style or the document defaults.
    pub(super) fn is_default_style(&self, element: usize) -> bool {
        let style =
            self.tree.ancestors(element).find(|&at| self.tree.elements[at].name == "w:style");
        let id = style.map(|style| self.tree.elements[style].attribute("w:styleId"));
        id.is_none_or(|id| id == self.default.as_deref())
    }

    /// Returns an attribute of a paragraph property, searched along the chain.
    pub(super) fn paragraph_property(
        &self,
        id: Option<&str>,
        name: &str,
        attribute: &str,
    ) -> Option<String> {
        let value =
            |at: usize| self.tree.element_at_path(at, &["w:pPr", name])?.attribute(attribute);
        let mut chain = self.style_chain(id).into_iter();
        let found = chain.find_map(value).or_else(|| value(self.paragraph_default?));
        found.map(str::to_owned)
    }

    /// Returns the first element of a character property along the chains for which `says` holds.
    pub(super) fn run_property(
        &self,
        character: Option<&str>,
        paragraph: Option<&str>,
        name: &str,
        says: &dyn Fn(&SpannedElement) -> bool,
    ) -> Option<usize> {
        let of = |at: usize| {
            let found = self.tree.index_at_path(at, &["w:rPr", name])?;
            says(&self.tree.elements[found]).then_some(found)
        };
        // A character style does not fall back on the default style.
        let own = character.filter(|id| self.by_id.contains_key(*id));
        let own = own.map(|id| self.style_chain(Some(id))).unwrap_or_default();
        let mut chain = own.into_iter().chain(self.style_chain(paragraph));
        chain.find_map(of).or_else(|| of(self.run_default?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_as_read_today() {
        let text = include_str!("../../crates/docx-fill/tests/styles/styles.xml").to_owned();
        let styles = StylesPart::read("p", text).unwrap();
        let line = |id: Option<&str>| {
            let value = |key| styles.paragraph_property(id, "w:spacing", key).unwrap_or_default();
            format!("{} {}", value("w:line"), value("w:lineRule"))
        };
        for (id, found) in [
            (None, "560 exact"),
            (Some("unknown"), "560 exact"),
            (Some("Twice"), "700 "),
            (Some("Changed"), "240 "),
            (Some("Grid"), "240 "),
            (Some("Loose"), "300 exact"),
            (Some("Round"), "240 "),
        ] {
            assert_eq!(line(id), found, "{id:?}");
        }
        let size = |character, paragraph| {
            let found = styles.run_property(character, paragraph, "w:sz", &|_| true);
            found.and_then(|at| styles.tree.elements[at].value()).map(str::to_owned)
        };
        assert_eq!(size(Some("Letters"), Some("Sized")).as_deref(), Some("30"));
        assert_eq!(size(Some("unknown"), Some("Untyped")).as_deref(), Some("40"));
        assert_eq!(size(None, None).as_deref(), Some("21"));
        let names = ["Twice", "Untyped"].map(|id| styles.name_of(id));
        assert_eq!(names, [Some("Other"), Some("Untyped")]);
    }
}
