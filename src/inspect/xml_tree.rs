//! Owns the elements of a part with their byte ranges, in document order.
//! Must not know the meaning of an element.

use docx_fill::limits::MAX_XML_ELEMENTS;
use docx_fill::opc::OpcError;
use docx_fill::opc::xml::{XmlEventReader, resolve_reference};
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
#[derive(Debug, Default)]
pub(super) struct XmlTree {
    pub(super) elements: Vec<SpannedElement>,
    /// Number of all attributes.
    attributes: usize,
}

/// An element.
#[derive(Debug)]
pub(super) struct SpannedElement {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// Byte range of the element, and that of its start tag.
    pub(super) range: Range<usize>,
    pub(super) tag: Range<usize>,
    pub(super) parent: Option<usize>,
    /// Index after the last descendant.
    pub(super) end: usize,
    /// Index of the first child that contains its properties: `w:pPr` of a `w:p`.
    properties: Option<usize>,
    /// Text directly in the element.
    pub(super) text: String,
}

impl SpannedElement {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub(super) fn value(&self) -> Option<&str> {
        self.attribute("w:val")
    }

    pub(super) fn number_attribute(&self, name: &str) -> Option<f64> {
        self.attribute(name)?.parse().ok()
    }

    /// Checks whether a toggle such as `<w:cantSplit/>` is on.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.value(), Some("0" | "false" | "off" | "none"))
    }

    /// Checks whether the element is written as `<a/>`.
    pub(super) fn is_empty(&self) -> bool {
        self.range == self.tag
    }
}

impl XmlTree {
    pub(super) fn read(text: &str, part: &str) -> Result<XmlTree, OpcError> {
        let mut tree = XmlTree::default();
        let mut open: Vec<usize> = Vec::new();
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, range)) = reader.next()? {
            if tree.attributes > MAX_TOTAL_ATTRIBUTES {
                return Err(OpcError::TooManyElements { part: part.to_owned() });
            }
            match event {
                Event::Start(start) => {
                    open.push(tree.elements.len());
                    tree.push_element(&start, range, open.iter().rev().nth(1).copied());
                }
                Event::Empty(start) => tree.push_element(&start, range, open.last().copied()),
                Event::End(_) => {
                    if let Some(at) = open.pop() {
                        tree.elements[at].range.end = range.end;
                        tree.elements[at].end = tree.elements.len();
                    }
                }
                Event::Text(content) => {
                    if let Some(&at) = open.last() {
                        tree.elements[at].text.push_str(&content);
                    }
                }
                Event::GeneralRef(reference) => {
                    if let (Some(&at), Some(c)) = (open.last(), resolve_reference(&reference)) {
                        tree.elements[at].text.push(c);
                    }
                }
                Event::CData(content) => {
                    if let Some(&at) = open.last() {
                        tree.elements[at].text.push_str(&content);
                    }
                }
                _ => {}
            }
        }
        Ok(tree)
    }

    fn push_element(&mut self, start: &BytesStart<'_>, range: Range<usize>, parent: Option<usize>) {
        // No element of Word has that many.
        let attributes = start.attributes().flatten().take(MAX_ATTRIBUTES).map(|found| {
            let value = quick_xml::escape::unescape(&found.value);
            let value =
                value.map_or_else(|_| found.value.to_string(), std::borrow::Cow::into_owned);
            (found.key.as_ref().to_owned(), value)
        });
        let attributes: Vec<_> = attributes.collect();
        self.attributes += attributes.len();
        let at = self.elements.len();
        let (name, tag) = (start.name().as_ref().to_owned(), range.clone());
        if let Some(parent) = parent.map(|parent| &mut self.elements[parent])
            && is_properties_of(&name, &parent.name)
        {
            parent.properties.get_or_insert(at);
        }
        let (last, text, properties) = (at + 1, String::new(), None);
        let element =
            SpannedElement { name, attributes, range, tag, parent, end: last, properties, text };
        self.elements.push(element);
    }

    /// Returns all elements within an element.
    pub(super) fn descendants(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        at + 1..self.elements[at].end
    }

    /// Returns the direct children of an element.
    pub(super) fn children(&self, at: usize) -> impl Iterator<Item = usize> + use<'_> {
        let end = self.elements[at].end;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.elements[child].end;
            Some(child)
        })
    }

    /// Returns the first direct child of a name.
    pub(super) fn child(&self, at: usize, name: &str) -> Option<usize> {
        let element = &self.elements[at];
        if is_properties_of(name, &element.name) {
            return element.properties;
        }
        let few = element.name.ends_with("Pr") || element.name == "w:style";
        let most = if few { MAX_PROPERTIES } else { usize::MAX };
        self.children(at).take(most).find(|&child| self.elements[child].name == name)
    }

    /// Returns the element at the end of a path of direct children.
    pub(super) fn element_at_path(&self, at: usize, way: &[&str]) -> Option<&SpannedElement> {
        self.index_at_path(at, way).map(|found| &self.elements[found])
    }

    /// Returns the number of the element at the end of a path of direct children.
    pub(super) fn index_at_path(&self, at: usize, way: &[&str]) -> Option<usize> {
        way.iter().try_fold(at, |at, name| self.child(at, name))
    }

    /// Returns the elements that contain an element, from the innermost.
    pub(super) fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> + use<'_> {
        std::iter::successors(self.elements[at].parent, |&at| self.elements[at].parent)
    }
}
