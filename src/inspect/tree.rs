//! Owns a part's elements with the bytes that they span, in document order.
//! Must not know what an element means.

use docx_fill::limits::ELEMENTS;
use docx_fill::opc::OpcError;
use docx_fill::opc::xml::{EventReader, reference_char};
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;

/// Most properties of one thing that are looked at; Word has some sixty.
const MOST_PROPERTIES: usize = 256;

/// Most attributes of one element that are looked at.
const MOST_ATTRIBUTES: usize = 64;
/// Most attributes of all elements of a part.
const MOST_ALL_ATTRIBUTES: usize = 4 * ELEMENTS;

/// Whether an element holds the properties of another: `w:pPr` those of `w:p`.
fn is_properties_of(name: &str, owner: &str) -> bool {
    name.strip_prefix(owner) == Some("Pr")
}

/// A part as a list of elements; everything within an element follows it up to its `last`.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) elements: Vec<Element>,
    /// How many attributes they have.
    attributes: usize,
}

/// An element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// All its bytes, and those of its start tag.
    pub(super) range: Range<usize>,
    pub(super) tag: Range<usize>,
    pub(super) parent: Option<usize>,
    /// One past the last element within it.
    pub(super) last: usize,
    /// The first child that holds its properties: `w:pPr` of a `w:p`.
    properties: Option<usize>,
    /// Its own text.
    pub(super) text: String,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub(super) fn value(&self) -> Option<&str> {
        self.attribute("w:val")
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.attribute(name)?.parse().ok()
    }

    /// Whether a switch such as `<w:cantSplit/>` is on.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.value(), Some("0" | "false" | "off" | "none"))
    }

    /// Whether it is written `<a/>`.
    pub(super) fn is_empty(&self) -> bool {
        self.range == self.tag
    }
}

impl Tree {
    pub(super) fn read(text: &str, part: &str) -> Result<Tree, OpcError> {
        let mut tree = Tree::default();
        let mut open: Vec<usize> = Vec::new();
        let mut reader = EventReader::new(text, part);
        while let Some((event, range)) = reader.next()? {
            if tree.attributes > MOST_ALL_ATTRIBUTES {
                return Err(OpcError::TooManyElements { part: part.to_owned() });
            }
            match event {
                Event::Start(start) => {
                    open.push(tree.elements.len());
                    tree.push(&start, range, open.iter().rev().nth(1).copied());
                }
                Event::Empty(start) => tree.push(&start, range, open.last().copied()),
                Event::End(_) => {
                    if let Some(at) = open.pop() {
                        tree.elements[at].range.end = range.end;
                        tree.elements[at].last = tree.elements.len();
                    }
                }
                Event::Text(content) => {
                    if let Some(&at) = open.last() {
                        tree.elements[at].text.push_str(&content);
                    }
                }
                Event::GeneralRef(reference) => {
                    if let (Some(&at), Some(c)) = (open.last(), reference_char(&reference)) {
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

    fn push(&mut self, start: &BytesStart<'_>, range: Range<usize>, parent: Option<usize>) {
        // No element of Word has as many.
        let attributes = start.attributes().flatten().take(MOST_ATTRIBUTES).map(|found| {
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
        let element = Element { name, attributes, range, tag, parent, last, properties, text };
        self.elements.push(element);
    }

    /// Everything within an element.
    pub(super) fn within(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        at + 1..self.elements[at].last
    }

    /// The direct children of an element.
    pub(super) fn children(&self, at: usize) -> impl Iterator<Item = usize> + use<'_> {
        let end = self.elements[at].last;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.elements[child].last;
            Some(child)
        })
    }

    /// The first direct child of a name.
    pub(super) fn child(&self, at: usize, name: &str) -> Option<usize> {
        let element = &self.elements[at];
        if is_properties_of(name, &element.name) {
            return element.properties;
        }
        let few = element.name.ends_with("Pr") || element.name == "w:style";
        let most = if few { MOST_PROPERTIES } else { usize::MAX };
        self.children(at).take(most).find(|&child| self.elements[child].name == name)
    }

    /// The element at the end of a way through direct children.
    pub(super) fn find(&self, at: usize, way: &[&str]) -> Option<&Element> {
        self.index(at, way).map(|found| &self.elements[found])
    }

    /// Its number.
    pub(super) fn index(&self, at: usize, way: &[&str]) -> Option<usize> {
        way.iter().try_fold(at, |at, name| self.child(at, name))
    }

    /// The elements around one, from the innermost.
    pub(super) fn around(&self, at: usize) -> impl Iterator<Item = usize> + use<'_> {
        std::iter::successors(self.elements[at].parent, |&at| self.elements[at].parent)
    }
}
