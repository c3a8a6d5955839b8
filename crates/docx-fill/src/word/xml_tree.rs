//! Owns the elements of a part with their byte ranges, in document order.
//! Must not know the meaning of an element.

use crate::limits::MAX_XML_ELEMENTS;
use crate::opc::OpcError;
use crate::opc::xml::{XmlEventReader, resolve_reference, unescaped_attributes};
use crate::word::measure::parse_twips;
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;

/// Maximum number of properties read of one element; Word has some sixty.
const MAX_PROPERTIES: usize = 256;

/// Maximum number of attributes read of one element.
const MAX_ATTRIBUTES: usize = 64;
/// Maximum number of attributes of all elements of a part.
const MAX_TOTAL_ATTRIBUTES: usize = 4 * MAX_XML_ELEMENTS;

/// Checks whether an element contains the properties of another: `w:pPr` those of `w:p`.
fn is_properties_of(name: &str, owner: &str) -> bool {
    name.strip_prefix(owner) == Some("Pr")
}

/// A part as a list of elements; the descendants of an element follow it, up to its `end`.
///
/// Names are as they are written: [`Package::read_xml_part`] gives every part under the customary prefixes.
///
/// [`Package::read_xml_part`]: crate::opc::Package::read_xml_part
#[derive(Debug, Default)]
pub struct XmlTree {
    /// The elements in document order.
    pub elements: Vec<SpannedElement>,
    /// Number of all attributes.
    attributes: usize,
}

/// An element with its byte ranges.
#[derive(Debug)]
pub struct SpannedElement {
    /// Name with its prefix.
    pub name: String,
    attributes: Vec<(String, String)>,
    /// Byte range of the element.
    pub range: Range<usize>,
    /// Byte range of its start tag.
    pub tag: Range<usize>,
    /// Offset of its end tag; of an element without one, the end of the element.
    pub content_end: usize,
    /// Index of the element that contains it.
    pub parent: Option<usize>,
    /// Index after the last descendant.
    pub end: usize,
    /// Index of the first child that contains its properties: `w:pPr` of a `w:p`.
    properties: Option<usize>,
    /// Text directly in the element.
    pub text: String,
}

impl SpannedElement {
    /// Returns the unescaped value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns names and unescaped values of the attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns the value of `w:val`.
    pub fn value(&self) -> Option<&str> {
        self.attribute("w:val")
    }

    /// Returns the value of an attribute as a length in twentieths of a point.
    pub fn length_attribute(&self, name: &str) -> Option<f64> {
        parse_twips(self.attribute(name)?)
    }

    /// Returns the value of an attribute as a number.
    pub fn number_attribute(&self, name: &str) -> Option<f64> {
        self.attribute(name)?.parse().ok()
    }

    /// Checks whether a toggle such as `<w:cantSplit/>` is on.
    pub fn is_on(&self) -> bool {
        !matches!(self.value(), Some("0" | "false" | "off" | "none"))
    }

    /// Checks whether the element is written as `<a/>`.
    pub fn is_empty(&self) -> bool {
        self.range == self.tag
    }
}

impl XmlTree {
    /// Reads a part; `part` is its name for errors.
    pub fn read(text: &str, part: &str) -> Result<XmlTree, OpcError> {
        let mut builder = TreeBuilder::default();
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, range)) = reader.next()? {
            if builder.tree.attributes > MAX_TOTAL_ATTRIBUTES {
                return Err(OpcError::TooManyElements { part: part.to_owned() });
            }
            match event {
                Event::Start(start) => {
                    builder.push_element(&start, range);
                    builder.open.push(builder.tree.elements.len() - 1);
                }
                Event::Empty(start) => builder.push_element(&start, range),
                Event::End(_) => builder.end_element(&range),
                Event::Text(content) => builder.push_text(&content),
                Event::CData(content) => builder.push_text(&content),
                Event::GeneralRef(reference) => {
                    if let Some(c) = resolve_reference(&reference) {
                        builder.push_text(c.encode_utf8(&mut [0; 4]));
                    }
                }
                _ => {}
            }
        }
        Ok(builder.tree)
    }

    /// Returns all elements within an element.
    pub fn descendants(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        at + 1..self.elements[at].end
    }

    /// Checks whether an element is a branch of alternate content (`mc:Choice`, `mc:Fallback`) that is not shown
    /// because another one precedes it.
    pub fn is_later_branch(&self, at: usize) -> bool {
        let element = &self.elements[at];
        let parent = element.parent.filter(|&parent| {
            matches!(element.name.as_str(), "mc:Choice" | "mc:Fallback")
                && self.elements[parent].name == "mc:AlternateContent"
        });
        parent.is_some_and(|parent| parent + 1 != at)
    }

    /// Returns the direct children of an element.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + use<'_> {
        let end = self.elements[at].end;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.elements[child].end;
            Some(child)
        })
    }

    /// Returns the first direct child of a name.
    pub fn child(&self, at: usize, name: &str) -> Option<usize> {
        let element = &self.elements[at];
        if is_properties_of(name, &element.name) {
            return element.properties;
        }
        let few = element.name.ends_with("Pr") || element.name == "w:style";
        let most = if few { MAX_PROPERTIES } else { usize::MAX };
        self.children(at).take(most).find(|&child| self.elements[child].name == name)
    }

    /// Returns the element at the end of a path of direct children.
    pub fn element_at_path(&self, at: usize, way: &[&str]) -> Option<&SpannedElement> {
        self.index_at_path(at, way).map(|found| &self.elements[found])
    }

    /// Returns the number of the element at the end of a path of direct children.
    pub fn index_at_path(&self, at: usize, way: &[&str]) -> Option<usize> {
        way.iter().try_fold(at, |at, name| self.child(at, name))
    }

    /// Returns the elements that contain an element, from the innermost.
    pub fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> + use<'_> {
        std::iter::successors(self.elements[at].parent, |&at| self.elements[at].parent)
    }
}

/// A tree that is being read.
#[derive(Default)]
struct TreeBuilder {
    tree: XmlTree,
    /// Open elements.
    open: Vec<usize>,
}

impl TreeBuilder {
    fn push_element(&mut self, start: &BytesStart<'_>, range: Range<usize>) {
        // No element of Word has that many.
        let attributes = unescaped_attributes(start, MAX_ATTRIBUTES);
        let name = start.name().as_ref().to_owned();
        self.tree.attributes += attributes.len();
        let at = self.tree.elements.len();
        let parent = self.open.last().copied();
        if let Some(parent) = parent.map(|parent| &mut self.tree.elements[parent])
            && is_properties_of(&name, &parent.name)
        {
            parent.properties.get_or_insert(at);
        }
        let element = SpannedElement {
            name,
            attributes,
            tag: range.clone(),
            content_end: range.end,
            range,
            parent,
            end: at + 1,
            properties: None,
            text: String::new(),
        };
        self.tree.elements.push(element);
    }

    fn end_element(&mut self, range: &Range<usize>) {
        if let Some(at) = self.open.pop() {
            let end = self.tree.elements.len();
            let element = &mut self.tree.elements[at];
            element.content_end = range.start;
            element.range.end = range.end;
            element.end = end;
        }
    }

    fn push_text(&mut self, text: &str) {
        if let Some(&at) = self.open.last() {
            self.tree.elements[at].text.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_ranges_and_texts() {
        let text = r#"<w:p><w:pPr><w:jc w:val="a&amp;b"/></w:pPr><w:r><w:t>1 &lt; <![CDATA[2]]></w:t></w:r></w:p>"#;
        let tree = XmlTree::read(text, "p").unwrap();
        assert_eq!(tree.child(0, "w:pPr"), Some(1));
        assert_eq!(tree.element_at_path(0, &["w:pPr", "w:jc"]).unwrap().value(), Some("a&b"));
        let found = tree.elements.iter().find(|element| element.name == "w:t").unwrap();
        assert_eq!(found.text, "1 < 2");
        assert_eq!(&text[found.tag.end..found.content_end], "1 &lt; <![CDATA[2]]>");
        assert_eq!(tree.elements[0].range, 0..text.len());
    }
}
