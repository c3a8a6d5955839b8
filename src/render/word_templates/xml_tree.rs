//! Owns a small XML tree, into which the output of docx-rs is parsed, changed, and written again.
//! Must not know Word: names are strings here.
//!
//! Text and attribute values stay escaped, so that parsing and writing change nothing.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

/// An element with its attributes in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct XmlElement {
    /// Name with its prefix.
    pub(super) name: String,
    /// Names and escaped values.
    pub(super) attributes: Vec<(String, String)>,
    /// Child nodes.
    pub(super) children: Vec<XmlNode>,
}

/// A child node of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum XmlNode {
    /// An element.
    Element(XmlElement),
    /// Escaped text.
    Text(String),
}

impl XmlElement {
    /// Returns an element without attributes.
    pub(super) fn new(name: &str) -> XmlElement {
        XmlElement { name: name.to_owned(), ..XmlElement::default() }
    }

    /// Returns an element whose only attribute is `w:val`.
    pub(super) fn val(name: &str, value: &str) -> XmlElement {
        XmlElement::new(name).with_attribute("w:val", value)
    }

    /// Returns the element with one more attribute.
    pub(super) fn with_attribute(mut self, name: &str, value: &str) -> XmlElement {
        self.attributes.push((name.to_owned(), escape(value).into_owned()));
        self
    }

    /// Returns the escaped value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the child elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = &XmlElement> {
        self.children.iter().filter_map(XmlNode::as_element)
    }

    /// Returns the child elements, to be changed.
    pub(super) fn elements_mut(&mut self) -> impl Iterator<Item = &mut XmlElement> {
        self.children.iter_mut().filter_map(XmlNode::as_element_mut)
    }

    /// Returns the first child of a name, creating it if there is none.
    pub(super) fn entry(&mut self, name: &str) -> &mut XmlElement {
        let found = self.children.iter().position(|node| node.is_named(name));
        let at = found.unwrap_or_else(|| {
            self.push_child(XmlElement::new(name));
            self.children.len() - 1
        });
        match &mut self.children[at] {
            XmlNode::Element(element) => element,
            XmlNode::Text(_) => unreachable!("only elements have names"),
        }
    }

    /// Appends a child.
    pub(super) fn push_child(&mut self, child: XmlElement) {
        self.children.push(XmlNode::Element(child));
    }

    /// Adds a child and removes all others of its name.
    pub(super) fn replace_child(&mut self, child: XmlElement) {
        self.children.retain(|node| !node.is_named(&child.name));
        self.push_child(child);
    }

    /// Calls `change` for the descendants and then the element itself, inner elements first.
    pub(super) fn walk(&mut self, change: &mut impl FnMut(&mut XmlElement)) {
        for element in self.elements_mut() {
            element.walk(change);
        }
        change(self);
    }

    /// Returns the element as the root of a part of the package.
    pub(super) fn to_document(&self) -> String {
        let mut out = String::from(r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#);
        out.push('\n');
        self.write_xml(&mut out);
        out
    }

    fn write_xml(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.extend([" ", name, "=\"", value, "\""]);
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &self.children {
            match child {
                XmlNode::Element(element) => element.write_xml(out),
                XmlNode::Text(text) => out.push_str(text),
            }
        }
        out.extend(["</", &self.name, ">"]);
    }
}

impl XmlNode {
    fn as_element(&self) -> Option<&XmlElement> {
        match self {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) => None,
        }
    }

    fn as_element_mut(&mut self) -> Option<&mut XmlElement> {
        match self {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) => None,
        }
    }

    /// Checks whether the node is an element of this name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.as_element().is_some_and(|element| element.name == name)
    }
}

/// Parses a part of the package.
pub(super) fn parse_xml(xml: &str) -> Result<XmlElement, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    // The outermost entry collects the root.
    let mut open = vec![XmlElement::default()];
    loop {
        match reader.read_event()? {
            Event::Start(start) => open.push(start_element(&start)?),
            Event::Empty(start) => {
                let element = start_element(&start)?;
                add_node(&mut open, XmlNode::Element(element));
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    add_node(&mut open, XmlNode::Element(element));
                }
            }
            Event::Text(text) => add_node(&mut open, XmlNode::Text(text.into_inner().into_owned())),
            Event::GeneralRef(name) => add_node(&mut open, XmlNode::Text(format!("&{};", &*name))),
            Event::CData(text) => add_node(&mut open, XmlNode::Text(escape(&*text).into_owned())),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
    let roots = open.into_iter().next().unwrap_or_default().children;
    Ok(roots.into_iter().find_map(into_element).unwrap_or_default())
}

fn start_element(start: &BytesStart<'_>) -> Result<XmlElement, quick_xml::Error> {
    let mut element = XmlElement::new(start.name().as_ref());
    for attribute in start.attributes() {
        let attribute = attribute?;
        element.attributes.push((attribute.key.as_ref().to_owned(), attribute.value.into_owned()));
    }
    Ok(element)
}

fn add_node(open: &mut [XmlElement], node: XmlNode) {
    let Some(parent) = open.last_mut() else { return };
    match (parent.children.last_mut(), node) {
        (Some(XmlNode::Text(before)), XmlNode::Text(text)) => before.push_str(&text),
        (_, node) => parent.children.push(node),
    }
}

fn into_element(node: XmlNode) -> Option<XmlElement> {
    match node {
        XmlNode::Element(element) => Some(element),
        XmlNode::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_writing_changes_nothing() {
        let xml = r#"<w:p w:x="a &amp; &quot;b&quot;"><w:t xml:space="preserve"> 1 &lt; 2 &#x4E00; </w:t><w:r/></w:p>"#;
        let root = parse_xml(xml).unwrap();
        let mut out = String::new();
        root.write_xml(&mut out);
        assert_eq!(out, xml);
        assert!(root.to_document().starts_with("<?xml "));
    }

    #[test]
    fn values_are_escaped() {
        let mut root = XmlElement::val("w:name", "a<b>\"&'");
        root.replace_child(XmlElement::new("w:x"));
        root.replace_child(XmlElement::new("w:x"));
        root.entry("w:x").push_child(XmlElement::new("w:y"));
        let xml = root.to_document();
        assert_eq!(xml.matches("<w:x>").count(), 1);
        assert_eq!(parse_xml(&xml).unwrap(), root);
    }

    #[test]
    fn broken_xml_is_an_error() {
        assert!(parse_xml("<a><b></a>").is_err());
        assert_eq!(parse_xml("").unwrap(), XmlElement::default());
    }
}
