//! Owns the sections of a part: paper, margins and the headers and footers that each names (ISO/IEC 29500-1, 17.6).
//! Must not know what a page should look like.

use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::word::properties::child_elements;
use crate::word::xml_tree::XmlTree;

/// The properties of a section (`w:sectPr`); measures in twentieths of a point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageSection {
    /// Element of the properties.
    pub element: usize,
    /// Width of the paper.
    pub width: Option<f64>,
    /// Height of the paper.
    pub height: Option<f64>,
    /// True if the paper is turned.
    pub is_landscape: bool,
    /// Margins of the page.
    pub margins: PageMargins,
}

/// The margins of a page, as far as they are given.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PageMargins {
    /// Top margin.
    pub top: Option<f64>,
    /// Bottom margin.
    pub bottom: Option<f64>,
    /// Left margin.
    pub left: Option<f64>,
    /// Right margin.
    pub right: Option<f64>,
    /// Room for the binding, beside the left margin.
    pub gutter: Option<f64>,
}

impl PageSection {
    /// Returns the sections of a part in order, without former properties that tracked changes keep.
    pub fn read_all(tree: &XmlTree) -> Vec<PageSection> {
        let is_section = |at: &usize| {
            tree.elements[*at].name == "w:sectPr"
                && !tree.ancestors(*at).any(|at| tree.elements[at].name == "w:sectPrChange")
        };
        let found = (0..tree.elements.len()).filter(is_section);
        found.map(|at| PageSection::read(tree, at)).collect()
    }

    fn read(tree: &XmlTree, at: usize) -> PageSection {
        let size = tree.element_at_path(at, &["w:pgSz"]);
        let length = |name| size.and_then(|size| size.length_attribute(name));
        let margins = tree.element_at_path(at, &["w:pgMar"]);
        let margin = |name| margins.and_then(|margins| margins.length_attribute(name));
        PageSection {
            element: at,
            width: length("w:w"),
            height: length("w:h"),
            is_landscape: size.is_some_and(|size| size.attribute("w:orient") == Some("landscape")),
            margins: PageMargins {
                top: margin("w:top"),
                bottom: margin("w:bottom"),
                left: margin("w:left"),
                right: margin("w:right"),
                gutter: margin("w:gutter"),
            },
        }
    }

    /// Returns the width of the section's text, if paper and margins are given.
    pub fn text_width(&self) -> Option<f64> {
        let PageMargins { left, right, gutter, .. } = self.margins;
        Some(self.width? - left? - right? - gutter.unwrap_or(0.0))
    }
}

/// The elements and kinds of pages of the headers and footers that a section may have (17.10).
pub(crate) const HEADER_KINDS: [(&str, &str); 6] = [
    ("w:headerReference", "default"),
    ("w:headerReference", "first"),
    ("w:headerReference", "even"),
    ("w:footerReference", "default"),
    ("w:footerReference", "first"),
    ("w:footerReference", "even"),
];

/// The relationships of the headers and footers of a section, in the order of [`HEADER_KINDS`].
pub(crate) type SectionHeaders = [Option<String>; 6];

/// Returns the headers and footers that the XML of a section names itself.
pub(crate) fn named_headers(section: &str) -> SectionHeaders {
    let mut named = SectionHeaders::default();
    for (name, xml) in child_elements(section) {
        let all = attribute_ranges(&xml, &(0..xml.len()));
        let value = |key: &str| {
            let found = all.iter().find(|(known, _)| *known == key);
            found.map(|(_, range)| xml.slice(range.clone()))
        };
        let pages = value("w:type").unwrap_or("default");
        let kind = HEADER_KINDS.iter().position(|kind| *kind == (name.as_str(), pages));
        if let (Some(kind), Some(id)) = (kind, value("r:id")) {
            named[kind] = Some(id.to_owned());
        }
    }
    named
}

/// Returns what the XML of a section says of its pages, without headers and footers.
pub(crate) fn page_properties(section: &str) -> String {
    let is_reference = |name: &str| HEADER_KINDS.iter().any(|(known, _)| *known == name);
    let kept = child_elements(section).into_iter();
    let kept = kept.filter(|(name, _)| !is_reference(name) && name != "w:sectPrChange");
    kept.map(|(_, xml)| xml).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_pages_are_told_apart() {
        let text = "<w:sectPr w:rsidR=\"1\"><w:footerReference w:type=\"even\" r:id=\"a\"/>\
            <w:headerReference r:id=\"b\"/><w:pgSz w:w=\"1\"/><w:sectPrChange/></w:sectPr>";
        let named = named_headers(text);
        assert_eq!((named[5].as_deref(), named[0].as_deref()), (Some("a"), Some("b")));
        assert_eq!(named.iter().flatten().count(), 2);
        assert_eq!(page_properties(text), "<w:pgSz w:w=\"1\"/>");
        assert_eq!(page_properties("<w:sectPr/>"), "");
    }

    #[test]
    fn former_sections_are_left_out() {
        let text = r#"<w:body><w:p><w:pPr><w:sectPr><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/></w:sectPr></w:pPr></w:p><w:sectPr>
            <w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1" w:right="1474" w:bottom="2" w:left="1587" w:gutter="100"/>
            <w:sectPrChange><w:sectPr><w:pgSz w:w="5000"/></w:sectPr></w:sectPrChange></w:sectPr></w:body>"#;
        let tree = XmlTree::read(text, "p").unwrap();
        let sections = PageSection::read_all(&tree);
        assert_eq!(sections.len(), 2);
        assert!(sections[0].is_landscape && sections[0].text_width().is_none());
        assert_eq!(sections[1].text_width(), Some(8745.0));
        assert_eq!(sections[1].margins.bottom, Some(2.0));
    }
}
