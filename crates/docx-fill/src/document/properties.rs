//! Owns paragraph, run and cell properties as lists of child elements in schema order.
//! Must not know what a property means.

use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;

/// Schema order of `w:rPr` (ECMA-376 part 1, 17.3.2.28).
const RUN_PROPERTY_ORDER: [&str; 40] = [
    "w:rStyle",
    "w:rFonts",
    "w:b",
    "w:bCs",
    "w:i",
    "w:iCs",
    "w:caps",
    "w:smallCaps",
    "w:strike",
    "w:dstrike",
    "w:outline",
    "w:shadow",
    "w:emboss",
    "w:imprint",
    "w:noProof",
    "w:snapToGrid",
    "w:vanish",
    "w:webHidden",
    "w:color",
    "w:spacing",
    "w:w",
    "w:kern",
    "w:position",
    "w:sz",
    "w:szCs",
    "w:highlight",
    "w:u",
    "w:effect",
    "w:bdr",
    "w:shd",
    "w:fitText",
    "w:vertAlign",
    "w:rtl",
    "w:cs",
    "w:em",
    "w:lang",
    "w:eastAsianLayout",
    "w:specVanish",
    "w:oMath",
    "w:rPrChange",
];

/// Schema order of `w:pPr` (ECMA-376 part 1, 17.3.1.26).
const PARAGRAPH_PROPERTY_ORDER: [&str; 36] = [
    "w:pStyle",
    "w:keepNext",
    "w:keepLines",
    "w:pageBreakBefore",
    "w:framePr",
    "w:widowControl",
    "w:numPr",
    "w:suppressLineNumbers",
    "w:pBdr",
    "w:shd",
    "w:tabs",
    "w:suppressAutoHyphens",
    "w:kinsoku",
    "w:wordWrap",
    "w:overflowPunct",
    "w:topLinePunct",
    "w:autoSpaceDE",
    "w:autoSpaceDN",
    "w:bidi",
    "w:adjustRightInd",
    "w:snapToGrid",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:mirrorIndents",
    "w:suppressOverlap",
    "w:jc",
    "w:textDirection",
    "w:textAlignment",
    "w:textboxTightWrap",
    "w:outlineLvl",
    "w:divId",
    "w:cnfStyle",
    "w:rPr",
    "w:sectPr",
    "w:pPrChange",
];

/// Schema order of `w:tcPr` (ECMA-376 part 1, 17.4.70).
const CELL_PROPERTY_ORDER: [&str; 18] = [
    "w:cnfStyle",
    "w:tcW",
    "w:gridSpan",
    "w:hMerge",
    "w:vMerge",
    "w:tcBorders",
    "w:shd",
    "w:noWrap",
    "w:tcMar",
    "w:textDirection",
    "w:tcFitText",
    "w:vAlign",
    "w:hideMark",
    "w:headers",
    "w:cellIns",
    "w:cellDel",
    "w:cellMerge",
    "w:tcPrChange",
];

/// The properties of a run, paragraph or cell.
#[derive(Debug, Clone)]
pub(crate) struct Properties {
    element: &'static str,
    order: &'static [&'static str],
    children: Vec<(String, String)>,
}

impl Properties {
    /// Parses `<w:rPr>…</w:rPr>` or an empty text.
    pub(crate) fn parse_run(xml: &str) -> Self {
        Properties { element: "w:rPr", order: &RUN_PROPERTY_ORDER, children: child_elements(xml) }
    }

    /// Parses `<w:pPr>…</w:pPr>` or an empty text.
    pub(crate) fn parse_paragraph(xml: &str) -> Self {
        Properties {
            element: "w:pPr",
            order: &PARAGRAPH_PROPERTY_ORDER,
            children: child_elements(xml),
        }
    }

    /// Parses `<w:tcPr>…</w:tcPr>` or an empty text.
    pub(crate) fn parse_cell(xml: &str) -> Self {
        Properties { element: "w:tcPr", order: &CELL_PROPERTY_ORDER, children: child_elements(xml) }
    }

    /// Sets a child element at its place in the schema order, replacing one of the same name.
    pub(crate) fn set_child(&mut self, name: &str, xml: &str) {
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
    pub(crate) fn overlay_with(&mut self, other: &Properties) {
        for (name, xml) in &other.children {
            let own = self.children.iter().find(|(known, _)| known == name);
            let merged = own.filter(|_| MERGED_BY_ATTRIBUTE.contains(&name.as_str()));
            match merged.map(|(_, own)| merge_attributes(name, own, xml)) {
                Some(merged) => self.set_child(name, &merged),
                None => self.set_child(name, xml),
            }
        }
    }

    /// Returns the XML of a child.
    pub(crate) fn child_xml(&self, name: &str) -> Option<&str> {
        let found = self.children.iter().find(|(known, _)| known == name);
        found.map(|(_, xml)| xml.as_str())
    }

    pub(crate) fn remove_child(&mut self, name: &str) {
        self.children.retain(|(other, _)| other != name);
    }

    /// Returns an attribute of a child, escaped for use in double quotes.
    pub(crate) fn child_attribute(&self, child: &str, name: &str) -> Option<String> {
        let (_, xml) = self.children.iter().find(|(known, _)| known == child)?;
        let tag = 0..xml.find('>')? + 1;
        let found = attribute_ranges(xml, &tag).into_iter().find(|(key, _)| *key == name)?;
        Some(xml.slice(found.1).replace('"', "&quot;"))
    }

    /// Removes all other children.
    pub(crate) fn retain_children(&mut self, names: &[&str]) {
        self.children.retain(|(name, _)| names.contains(&name.as_str()));
    }

    /// Returns the element as XML, or an empty string if it has no children.
    pub(crate) fn to_xml(&self) -> String {
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
    let mut out = format!("<{name}");
    let kept = all(first).into_iter().filter(|(key, _)| {
        // Theme fonts and named fonts for the same script exclude each other.
        second.iter().all(|(other, _)| stem(other) != stem(key))
    });
    for (key, value) in kept.collect::<Vec<_>>().iter().chain(&second) {
        for piece in [" ", key, "=\"", &value.replace('"', "&quot;"), "\""] {
            out.push_str(piece);
        }
    }
    out.push_str("/>");
    out
}

/// Returns the child elements of an element as name and XML.
pub(crate) fn child_elements(xml: &str) -> Vec<(String, String)> {
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
    fn nested_children_stay_whole() {
        let xml = "<w:pPr><w:rPr><w:b/></w:rPr></w:pPr>";
        let mut paragraph = Properties::parse_paragraph(xml);
        paragraph.set_child("w:jc", "<w:jc w:val=\"center\"/>");
        let expected = "<w:pPr><w:jc w:val=\"center\"/><w:rPr><w:b/></w:rPr></w:pPr>";
        assert_eq!(paragraph.to_xml(), expected);
    }
}
