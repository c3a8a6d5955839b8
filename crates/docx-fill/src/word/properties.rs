//! Owns paragraph, run and cell properties: lists of child elements in schema order, merging them, and toggles.
//! Must not know which properties apply to what.

use crate::opc::xml::{XmlEventReader, attribute_ranges, unescaped_attributes};
use crate::slice::TextSlice as _;
use crate::word::schema_order::{CELL_ORDER, PARAGRAPH_ORDER, RUN_ORDER};
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;

/// The properties of a run, paragraph or cell.
#[derive(Debug, Clone)]
pub struct Properties {
    element: &'static str,
    order: &'static [&'static str],
    children: Vec<(String, String)>,
}

impl Properties {
    /// Parses `<w:rPr>…</w:rPr>` or an empty text.
    pub fn parse_run(xml: &str) -> Self {
        Properties { element: "w:rPr", order: RUN_ORDER, children: child_elements(xml) }
    }

    /// Parses `<w:pPr>…</w:pPr>` or an empty text.
    pub fn parse_paragraph(xml: &str) -> Self {
        Properties { element: "w:pPr", order: PARAGRAPH_ORDER, children: child_elements(xml) }
    }

    /// Parses `<w:tcPr>…</w:tcPr>` or an empty text.
    pub fn parse_cell(xml: &str) -> Self {
        Properties { element: "w:tcPr", order: CELL_ORDER, children: child_elements(xml) }
    }

    /// Sets a child element at its place in the schema order, replacing one of the same name.
    pub fn set_child(&mut self, name: &str, xml: &str) {
        self.remove_child(name);
        let rank = |name: &str| self.order.iter().position(|known| *known == name);
        // Children that the schema does not define, such as extensions, come last.
        let own = rank(name).unwrap_or(usize::MAX);
        let at =
            self.children.partition_point(|(other, _)| rank(other).unwrap_or(usize::MAX) <= own);
        self.children.insert(at, (name.to_owned(), xml.to_owned()));
    }

    /// Overrides these properties by others. Fonts, languages, spacing and indents are merged attribute by
    /// attribute.
    pub fn overlay_with(&mut self, other: &Properties) {
        for (name, xml) in &other.children {
            let own = self.children.iter().find(|(known, _)| known == name);
            let merged = own.filter(|_| MERGED_BY_ATTRIBUTE.contains(&name.as_str()));
            match merged.map(|(_, own)| merge_attributes(name, own, xml)) {
                Some(merged) => self.set_child(name, &merged),
                None => self.set_child(name, xml),
            }
        }
    }

    /// Overrides run properties by those of a stronger kind of style. A toggle that both turn on is off, unless it is
    /// one of those that the document defaults turn on (17.7.3).
    pub(super) fn overlay_style_level(&mut self, level: &Properties, always: &[&'static str]) {
        let before = self.toggles_on();
        let both: Vec<_> =
            level.toggles_on().into_iter().filter(|name| before.contains(name)).collect();
        self.overlay_with(level);
        for name in TOGGLES {
            if always.contains(&name) {
                self.set_child(name, &format!("<{name}/>"));
            } else if both.contains(&name) {
                self.set_child(name, &format!("<{name} w:val=\"0\"/>"));
            } else if before.contains(&name) && level.child_xml(name).is_some() {
                // A style that turns a toggle off does not turn off what another kind of style turns on.
                self.set_child(name, &format!("<{name}/>"));
            }
        }
    }

    /// Returns the toggle properties that are on.
    pub(super) fn toggles_on(&self) -> Vec<&'static str> {
        let is_on = |name: &&'static str| {
            let value = || self.child_attribute(name, "w:val");
            self.child_xml(name).is_some() && is_on_value(value().as_deref())
        };
        TOGGLES.into_iter().filter(is_on).collect()
    }

    /// Returns the XML of a child.
    pub fn child_xml(&self, name: &str) -> Option<&str> {
        let found = self.children.iter().find(|(known, _)| known == name);
        found.map(|(_, xml)| xml.as_str())
    }

    /// Removes the children of a name.
    pub fn remove_child(&mut self, name: &str) {
        self.children.retain(|(other, _)| other != name);
    }

    /// Returns an attribute of a child, escaped for use in double quotes.
    pub fn child_attribute(&self, child: &str, name: &str) -> Option<String> {
        let (_, xml) = self.children.iter().find(|(known, _)| known == child)?;
        let tag = 0..xml.find('>')? + 1;
        let found = attribute_ranges(xml, &tag).into_iter().find(|(key, _)| *key == name)?;
        Some(xml.slice(found.1).replace('"', "&quot;"))
    }

    /// Removes all other children.
    pub fn retain_children(&mut self, names: &[&str]) {
        self.children.retain(|(name, _)| names.contains(&name.as_str()));
    }

    /// Returns the element as XML, or an empty string if it has no children.
    pub fn to_xml(&self) -> String {
        if self.children.is_empty() {
            return String::new();
        }
        let mut out = format!("<{}>", self.element);
        self.children.iter().for_each(|(_, xml)| out.push_str(xml));
        out.push_str("</");
        out.push_str(self.element);
        out.push('>');
        out
    }
}

/// Run properties of which several kinds of styles turn each other off (17.7.3).
const TOGGLES: [&str; 12] = [
    "w:b",
    "w:bCs",
    "w:caps",
    "w:emboss",
    "w:i",
    "w:iCs",
    "w:imprint",
    "w:outline",
    "w:shadow",
    "w:smallCaps",
    "w:strike",
    "w:vanish",
];

/// Checks whether the value of an on-off property means on; without a value, it does.
pub fn is_on_value(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off" | "none"))
}

/// Children that are merged attribute by attribute.
const MERGED_BY_ATTRIBUTE: [&str; 4] = ["w:rFonts", "w:lang", "w:spacing", "w:ind"];

/// Returns an empty element with the attributes of both; the second takes precedence.
fn merge_attributes(name: &str, first: &str, second: &str) -> String {
    let all = |xml: &str| -> Vec<(String, String)> {
        let tag = 0..xml.find('>').map_or(xml.len(), |end| end + 1);
        let found = attribute_ranges(xml, &tag);
        found
            .into_iter()
            .map(|(key, value)| (key.to_owned(), xml.slice(value).to_owned()))
            .collect()
    };
    let stem = |key: &str| key.to_ascii_lowercase().trim_end_matches("theme").to_owned();
    let second = all(second);
    let says = |name: &str| second.iter().any(|(key, _)| key == name);
    // A height without a rule is `auto`, whatever rule another height has (17.3.1.33).
    let rule_ends = says("w:line") && !says("w:lineRule");
    let mut out = format!("<{name}");
    let kept = all(first).into_iter().filter(|(key, _)| {
        // Theme fonts and named fonts for the same script exclude each other.
        second.iter().all(|(other, _)| stem(other) != stem(key))
            && !(rule_ends && key == "w:lineRule")
    });
    for (key, value) in kept.collect::<Vec<_>>().iter().chain(&second) {
        for piece in [" ", key, "=\"", &value.replace('"', "&quot;"), "\""] {
            out.push_str(piece);
        }
    }
    out.push_str("/>");
    out
}

/// A property as an element of a part: a child of `w:pPr`, `w:rPr` and the like.
#[derive(Debug, Clone)]
pub struct PropertyElement {
    /// Name with prefix, such as `w:sz`.
    pub name: String,
    /// Byte range of the element in the part.
    pub range: Range<usize>,
    /// Byte range of its start tag.
    pub tag: Range<usize>,
    attributes: Vec<(String, String)>,
}

/// Maximum number of properties that are read of one element; Word has some sixty.
const MAX_PROPERTIES: usize = 256;
/// Maximum number of attributes that are read of one property.
const MAX_ATTRIBUTES: usize = 64;

impl PropertyElement {
    fn new(element: &BytesStart<'_>, range: Range<usize>) -> PropertyElement {
        let (name, attributes) =
            (element.name().as_ref().to_owned(), unescaped_attributes(element, MAX_ATTRIBUTES));
        PropertyElement { name, tag: range.clone(), range, attributes }
    }

    /// Returns the value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns names and values of the attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns the value of `w:val`.
    pub fn value(&self) -> Option<&str> {
        self.attribute("w:val")
    }
}

/// Returns the children of the element at a range of a part.
pub fn property_elements(text: &str, range: Range<usize>) -> Vec<PropertyElement> {
    let mut out: Vec<PropertyElement> = Vec::new();
    let begin = range.start;
    let mut reader = XmlEventReader::new(text.slice(range), "");
    let mut depth = 0usize;
    while let Ok(Some((event, range))) = reader.next() {
        let range = begin + range.start..begin + range.end;
        match event {
            Event::Start(element) => {
                depth += 1;
                if depth == 2 {
                    out.push(PropertyElement::new(&element, range));
                }
            }
            Event::Empty(element) if depth == 1 => out.push(PropertyElement::new(&element, range)),
            Event::End(_) => {
                if depth == 2
                    && let Some(open) = out.last_mut()
                {
                    open.range.end = range.end;
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if out.len() >= MAX_PROPERTIES && depth < 2 {
            break;
        }
    }
    out
}

/// Returns the child elements of an element as name and XML.
pub fn child_elements(xml: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut reader = XmlEventReader::new(xml, "");
    let mut depth = 0;
    let mut open: Option<(String, usize)> = None;
    while let Ok(Some((event, range))) = reader.next() {
        match event {
            Event::Start(element) => {
                depth += 1;
                if depth == 2 {
                    open = Some((element.name().as_ref().to_owned(), range.start));
                }
            }
            Event::Empty(element) if depth == 1 => {
                out.push((element.name().as_ref().to_owned(), xml.slice(range).to_owned()));
            }
            Event::End(_) => {
                if depth == 2
                    && let Some((name, start)) = open.take()
                {
                    out.push((name, xml.slice(start..range.end).to_owned()));
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_keep_the_order_of_the_schema() {
        let mut run =
            Properties::parse_run("<w:rPr><w:rFonts w:eastAsia=\"a\"/><w:sz w:val=\"1\"/></w:rPr>");
        run.set_child("w:w", "<w:w w:val=\"80\"/>");
        run.set_child("w:b", "<w:b/>");
        run.set_child("w:sz", "<w:sz w:val=\"2\"/>");
        let expected = "<w:rPr><w:rFonts w:eastAsia=\"a\"/><w:b/><w:w w:val=\"80\"/>\
                        <w:sz w:val=\"2\"/></w:rPr>";
        assert_eq!(run.to_xml(), expected);
        assert_eq!(Properties::parse_run("").to_xml(), "");
    }

    #[test]
    fn kinds_of_styles_turn_toggles_off_together() {
        let run = |inner: &str| Properties::parse_run(&format!("<w:rPr>{inner}</w:rPr>"));
        let overlaid = |first: &str, second: &str, always: &[&'static str]| {
            let mut found = run(first);
            found.overlay_style_level(&run(second), always);
            found.toggles_on()
        };
        assert_eq!(overlaid("<w:b/>", "<w:b w:val=\"on\"/><w:i/>", &[]), ["w:i"]);
        assert_eq!(overlaid("<w:b/>", "<w:b w:val=\"0\"/>", &[]), ["w:b"]);
        assert_eq!(overlaid("<w:b w:val=\"0\"/>", "<w:b w:val=\"1\"/>", &[]), ["w:b"]);
        assert_eq!(overlaid("<w:b/>", "<w:b/>", &["w:b"]), ["w:b"]);
    }

    #[test]
    fn nested_children_stay_whole() {
        let xml = "<w:pPr><w:rPr><w:b/></w:rPr></w:pPr>";
        let mut paragraph = Properties::parse_paragraph(xml);
        paragraph.set_child("w:jc", "<w:jc w:val=\"center\"/>");
        let expected = "<w:pPr><w:jc w:val=\"center\"/><w:rPr><w:b/></w:rPr></w:pPr>";
        assert_eq!(paragraph.to_xml(), expected);
    }
}
