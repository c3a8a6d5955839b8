//! Owns what the styles of a document say about its paragraphs: names, outline levels, lists.
//! Must not know a paragraph.

use docx_fill::opc::xml::{EventReader, attribute};
use docx_fill::opc::{OpcError, Package};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Longest chain of styles.
const DEEPEST: usize = 16;

/// The paragraph styles by id.
#[derive(Debug, Default)]
pub(crate) struct Styles {
    styles: BTreeMap<String, Style>,
}

#[derive(Debug, Default, Clone)]
struct Style {
    name: String,
    base: Option<String>,
    outline: Option<u8>,
    list: Option<(Option<String>, usize)>,
}

impl Styles {
    /// Reads the part; a document without one has no styles.
    pub(crate) fn read(package: &Package) -> Result<Styles, OpcError> {
        let main = package.main_document();
        let part = package.relationships(main)?.target_of(main, "/styles");
        let Some(part) = part else { return Ok(Styles::default()) };
        let Some(text) = package.read_xml(&part)? else { return Ok(Styles::default()) };
        let mut styles = Styles::default();
        let mut current = String::new();
        let mut reader = EventReader::new(&text, &part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            let name = element.name();
            if name.as_ref() == "w:style" {
                current = attribute(&element, "w:styleId").unwrap_or_default();
                continue;
            }
            let Some(value) = attribute(&element, "w:val") else { continue };
            let style = styles.styles.entry(current.clone()).or_default();
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

    /// A style and those that it is based on.
    fn chain<'s>(&'s self, id: &str) -> impl Iterator<Item = &'s Style> {
        let next = |style: &&'s Style| self.styles.get(style.base.as_deref()?);
        std::iter::successors(self.styles.get(id), next).take(DEEPEST)
    }

    /// The name that people see, in lower case.
    pub(crate) fn name(&self, id: &str) -> &str {
        self.styles.get(id).map_or("", |style| &style.name)
    }

    /// The outline level of a style, from 0.
    pub(crate) fn outline(&self, id: &str) -> Option<u8> {
        self.chain(id).find_map(|style| style.outline).filter(|level| *level < 9)
    }

    /// The list of a style: number and level.
    pub(crate) fn list(&self, id: &str) -> Option<(String, usize)> {
        self.chain(id).find_map(|style| {
            let (number, level) = style.list.clone()?;
            Some((number?, level))
        })
    }
}
