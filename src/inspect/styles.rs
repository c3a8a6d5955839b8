//! Owns the styles of a document: what each is based on, and what the chain of styles says.
//! Must not know paragraphs.

use super::tree::{Element, Tree};
use docx_fill::opc::OpcError;
use std::collections::BTreeMap;

/// Longest chain of styles that is followed.
const LONGEST: usize = 32;

/// The styles part.
#[derive(Default)]
pub(super) struct Styles {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) tree: Tree,
    by_id: BTreeMap<String, usize>,
    default: Option<String>,
    run_default: Option<usize>,
    paragraph_default: Option<usize>,
}

impl Styles {
    pub(super) fn read(name: &str, text: String) -> Result<Styles, OpcError> {
        let tree = Tree::read(&text, name)?;
        let mut styles = Styles { name: name.to_owned(), text, ..Styles::default() };
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

    /// The styles from one down to what it is based on at last.
    fn chain(&self, id: Option<&str>) -> Vec<usize> {
        let mut out = Vec::new();
        let known = |id: &&str| self.by_id.contains_key(*id);
        let mut next = id.filter(known).or(self.default.as_deref()).map(str::to_owned);
        while let Some(id) = next.take()
            && out.len() < LONGEST
            && let Some(&at) = self.by_id.get(&id)
        {
            out.push(at);
            let based = self.tree.find(at, &["w:basedOn"]).and_then(Element::value);
            next = based.map(str::to_owned);
        }
        out
    }

    /// The name of a style.
    pub(super) fn name_of(&self, id: &str) -> Option<&str> {
        self.tree.find(*self.by_id.get(id)?, &["w:name"])?.value()
    }

    /// The name of the style in which an element stands.
    pub(super) fn style_around(&self, element: usize) -> Option<&str> {
        let style = self.tree.around(element).find(|&at| self.tree.elements[at].name == "w:style");
        self.tree.find(style?, &["w:name"])?.value()
    }

    /// Whether an element stands in the default style or in what is below all styles.
    pub(super) fn is_basic(&self, element: usize) -> bool {
        let style = self.tree.around(element).find(|&at| self.tree.elements[at].name == "w:style");
        let id = style.map(|style| self.tree.elements[style].attribute("w:styleId"));
        id.is_none_or(|id| id == self.default.as_deref())
    }

    /// An attribute of a paragraph property along the chain.
    pub(super) fn paragraph(
        &self,
        id: Option<&str>,
        name: &str,
        attribute: &str,
    ) -> Option<String> {
        let value = |at: usize| self.tree.find(at, &["w:pPr", name])?.attribute(attribute);
        let mut chain = self.chain(id).into_iter();
        let found = chain.find_map(value).or_else(|| value(self.paragraph_default?));
        found.map(str::to_owned)
    }

    /// The first element of a character property along the chains that says something.
    pub(super) fn run(
        &self,
        character: Option<&str>,
        paragraph: Option<&str>,
        name: &str,
        says: &dyn Fn(&Element) -> bool,
    ) -> Option<usize> {
        let of = |at: usize| {
            let found = self.tree.index(at, &["w:rPr", name])?;
            says(&self.tree.elements[found]).then_some(found)
        };
        // A character style has no default to fall back on.
        let own = character.filter(|id| self.by_id.contains_key(*id));
        let own = own.map(|id| self.chain(Some(id))).unwrap_or_default();
        let mut chain = own.into_iter().chain(self.chain(paragraph));
        chain.find_map(of).or_else(|| of(self.run_default?))
    }
}
