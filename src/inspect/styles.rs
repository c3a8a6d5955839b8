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
