//! Owns the order of children that the schema of Word documents prescribes, and removes empty
//! property elements.
//! Must not know the form, nor the meaning of a property.
//!
//! docx-rs writes `w:rPr` first in `w:pPr`, `w:jc` before `w:ind`, `w:rFonts` last and so on; Word
//! accepts some of it, the Open XML SDK none. Orders: ISO/IEC 29500-4, annex A (wml.xsd).

use super::xml_tree::{XmlElement, XmlNode};
use docx_fill::word::schema_order::child_order;

/// Puts an element and its descendants into schema order.
pub(super) fn normalize_element(root: &mut XmlElement) {
    root.walk(&mut |element| {
        element.children.retain(|node| !is_empty_property(node));
        if let Some(order) = child_order(&element.name) {
            element.children.sort_by_key(|node| child_rank(order, node));
        }
    });
}

/// Returns the rank of a node; nodes that the order does not name keep their order after all
/// others.
fn child_rank(order: &[&str], node: &XmlNode) -> usize {
    order.iter().position(|name| node.is_named(name)).unwrap_or(order.len())
}

fn is_empty_property(node: &XmlNode) -> bool {
    const PROPERTIES: [&str; 8] =
        ["w:rPr", "w:pPr", "w:tcPr", "w:trPr", "w:tblPr", "w:tabs", "w:tcBorders", "w:tcMar"];
    match node {
        XmlNode::Element(element) => {
            element.children.is_empty()
                && element.attributes.is_empty()
                && PROPERTIES.contains(&element.name.as_str())
        }
        XmlNode::Text(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::word_templates::xml_tree::parse_xml;

    fn normalized(xml: &str) -> String {
        let mut root = parse_xml(xml).unwrap();
        normalize_element(&mut root);
        root.to_document().split_once('\n').unwrap().1.to_owned()
    }

    #[test]
    fn paragraph_properties_come_in_schema_order() {
        assert_eq!(
            normalized(
                "<w:p><w:r><w:t>a</w:t><w:rPr><w:sz/><w:rFonts/></w:rPr></w:r>\
                 <w:pPr><w:rPr/><w:jc/><w:ind/><w:spacing/><w:pStyle/></w:pPr></w:p>"
            ),
            "<w:p><w:pPr><w:pStyle/><w:spacing/><w:ind/><w:jc/></w:pPr>\
             <w:r><w:rPr><w:rFonts/><w:sz/></w:rPr><w:t>a</w:t></w:r></w:p>"
        );
    }

    #[test]
    fn properties_that_say_nothing_are_dropped() {
        assert_eq!(
            normalized("<w:p><w:pPr><w:rPr/></w:pPr><w:r><w:rPr/></w:r></w:p>"),
            "<w:p><w:r/></w:p>"
        );
    }

    #[test]
    fn content_keeps_its_order_and_unknown_children_stay() {
        let xml = "<w:p><w:pPr><w:jc/><x:new/></w:pPr><w:r/><w:bookmarkStart/><w:r/><x:y/></w:p>";
        assert_eq!(normalized(xml), xml);
        assert_eq!(
            normalized("<w:tblPr><w:tblCaption/><w:tblLayout/><w:tblStyle/><w:jc/></w:tblPr>"),
            "<w:tblPr><w:tblStyle/><w:jc/><w:tblLayout/><w:tblCaption/></w:tblPr>"
        );
    }
}
