//! Owns the two vocabularies of ISO/IEC 29500 for the same document: Transitional, in which everything is read and written
//! here, and Strict, in which a package may be stored. They are told apart by namespaces and types of relationships; of
//! the rest only what is read or written here is translated: the sides of a line, left and right or start and end, and
//! scales of characters.
//! Must not know what an element is for.

use super::OpcError;
use super::xml::{XmlEventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::borrow::Cow;
use std::ops::Range;

/// Beginnings of namespaces and of types of relationships: transitional, strict.
const URIS: [(&str, &str); 10] = [
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties",
        "http://purl.oclc.org/ooxml/officeDocument/relationships/extendedProperties",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
        "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
        "http://purl.oclc.org/ooxml/officeDocument/extendedProperties",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
        "http://purl.oclc.org/ooxml/officeDocument/customProperties",
    ),
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/",
        "http://purl.oclc.org/ooxml/wordprocessingml/",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/",
        "http://purl.oclc.org/ooxml/officeDocument/",
    ),
    ("http://schemas.openxmlformats.org/drawingml/2006/", "http://purl.oclc.org/ooxml/drawingml/"),
    (
        "http://schemas.openxmlformats.org/schemaLibrary/2006/",
        "http://purl.oclc.org/ooxml/schemaLibrary/",
    ),
    (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/",
        "http://purl.oclc.org/ooxml/spreadsheetml/",
    ),
    (
        "http://schemas.openxmlformats.org/presentationml/2006/",
        "http://purl.oclc.org/ooxml/presentationml/",
    ),
];

/// Elements whose `w:val` may be a side.
const SIDE_VALUES: [&str; 3] = ["w:jc", "w:lvlJc", "w:tab"];
/// Elements that have a child for each side.
const SIDE_PARENTS: [&str; 4] = ["w:tblBorders", "w:tcBorders", "w:tblCellMar", "w:tcMar"];
/// Names and values of sides: transitional, strict.
const SIDES: [(&str, &str); 6] = [
    ("left", "start"),
    ("right", "end"),
    ("w:left", "w:start"),
    ("w:right", "w:end"),
    ("w:leftChars", "w:startChars"),
    ("w:rightChars", "w:endChars"),
];

/// A vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// That of ISO/IEC 29500-4, which nearly all documents have.
    Transitional,
    /// That of ISO/IEC 29500-1.
    Strict,
}

impl Vocabulary {
    /// Returns a well-formed part in this vocabulary, with every namespace under its customary prefix.
    pub(super) fn translate(self, text: &str, part: &str) -> Result<String, OpcError> {
        let out = String::with_capacity(text.len() + text.len() / 16);
        let (open, dropped) = (Vec::new(), None);
        let mut translator = PartTranslator { vocabulary: self, text, out, from: 0, open, dropped };
        let reader = XmlEventReader::of_checked(text, part);
        let mut reader = match self {
            Vocabulary::Transitional => reader,
            // It is written, so that the size of the output limits it.
            Vocabulary::Strict => reader.of_any_size(),
        };
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => {
                    translator.start_element(element.name().as_ref(), &range, true);
                }
                Event::Empty(element) => {
                    translator.start_element(element.name().as_ref(), &range, false);
                }
                Event::End(element) => translator.end_element(element.name().as_ref(), &range),
                _ => {}
            }
        }
        let PartTranslator { mut out, from, .. } = translator;
        out.push_str(text.slice(from..));
        Ok(out)
    }

    /// Returns a start tag in this vocabulary; `None` if it is the same. `side` is the name of a side. Of an attribute that
    /// has both names, that of this vocabulary stays.
    fn start_tag(self, tag: &str, name: &str, side: Option<&str>) -> Option<String> {
        let attributes = attribute_ranges(tag, &(0..tag.len()));
        let translated: Vec<_> = attributes
            .iter()
            .map(|(key, value)| self.attribute(name, key, tag.slice(value.clone())))
            .collect();
        if side.is_none() && translated.iter().all(Option::is_none) {
            return None;
        }
        let mut out = format!("<{}", side.unwrap_or(name));
        let mut from = 1 + name.len();
        for ((key, value), translated) in attributes.iter().zip(translated) {
            let written = tag.slice(value.clone());
            let is_known = |new: &str| attributes.iter().any(|(known, _)| *known == new);
            if translated.as_ref().is_some_and(|(new, _)| new != key && is_known(new)) {
                from = value.end + 1;
                continue;
            }
            let (key, written) =
                translated.unwrap_or((Cow::Borrowed(*key), Cow::Borrowed(written)));
            let quote = tag.slice(value.start - 1..value.start);
            out.extend([" ", &*key, "=", quote, &*written, quote]);
            from = value.end + 1;
        }
        out.push_str(tag.slice(from..));
        Some(out)
    }

    /// Returns name and value of an attribute in this vocabulary; `None` if they are the same.
    fn attribute<'a>(
        self,
        element: &str,
        key: &'a str,
        value: &'a str,
    ) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
        let is_uri = key.starts_with("xmlns") || matches!(key, "Type" | "uri");
        if is_uri {
            let uri = self.uri(value)?;
            return Some((key.into(), uri.into()));
        }
        if element == "w:ind" {
            return Some((self.side(key)?.into(), value.into()));
        }
        if key == "w:val" && SIDE_VALUES.contains(&element) {
            return Some((key.into(), self.side(value)?.into()));
        }
        if element == "w:w" && key == "w:val" {
            return Some((key.into(), self.scale(value)?.into()));
        }
        None
    }

    /// Returns a scale of characters: a percentage in the strict vocabulary (22.9.2.9), a number in the other.
    fn scale(self, value: &str) -> Option<String> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        match self {
            Vocabulary::Strict => is_number(value).then(|| format!("{value}%")),
            Vocabulary::Transitional => {
                value.strip_suffix('%').filter(|number| is_number(number)).map(str::to_owned)
            }
        }
    }

    fn uri(self, uri: &str) -> Option<String> {
        URIS.iter().find_map(|(transitional, strict)| {
            let (from, to) = self.sorted(*transitional, *strict);
            uri.strip_prefix(from).map(|rest| format!("{to}{rest}"))
        })
    }

    fn side(self, name: &str) -> Option<&'static str> {
        SIDES.iter().find_map(|(transitional, strict)| {
            let (from, to) = self.sorted(*transitional, *strict);
            (from == name).then_some(to)
        })
    }

    /// Returns what is translated, and what it is translated to.
    fn sorted<T>(self, transitional: T, strict: T) -> (T, T) {
        match self {
            Vocabulary::Transitional => (strict, transitional),
            Vocabulary::Strict => (transitional, strict),
        }
    }
}

/// A translator of one part.
struct PartTranslator<'t> {
    vocabulary: Vocabulary,
    text: &'t str,
    out: String,
    /// Up to this byte, the text is in the output.
    from: usize,
    /// The open elements: the sides that those with children for them have had, by their numbers.
    open: Vec<Option<Vec<usize>>>,
    /// Number of elements around one that is left out.
    dropped: Option<usize>,
}

impl PartTranslator<'_> {
    fn start_element(&mut self, name: &str, range: &Range<usize>, has_content: bool) {
        let depth = self.open.len();
        if self.dropped.is_none() && self.is_twin(name) {
            // Of a side that has both names, the first one stays.
            self.out.push_str(self.text.slice(self.from..range.start));
            self.from = range.end;
            self.dropped = has_content.then_some(depth);
        } else if self.dropped.is_none() {
            let has_sides = self.open.last().is_some_and(Option::is_some);
            let side = self.vocabulary.side(name).filter(|_| has_sides);
            let tag = self.text.slice(range.clone());
            if let Some(tag) = self.vocabulary.start_tag(tag, name, side) {
                self.out.push_str(self.text.slice(self.from..range.start));
                self.out.push_str(&tag);
                self.from = range.end;
            }
        }
        if has_content {
            self.open.push(SIDE_PARENTS.contains(&name).then(Vec::new));
        }
    }

    /// Checks whether an element is a side that its parent has had, maybe under its other name, and keeps it in mind.
    fn is_twin(&mut self, name: &str) -> bool {
        let Some(Some(known)) = self.open.last_mut() else { return false };
        let Some(side) = SIDES.iter().position(|pair| pair.0 == name || pair.1 == name) else {
            return false;
        };
        let is_known = known.contains(&side);
        known.push(side);
        is_known
    }

    fn end_element(&mut self, name: &str, range: &Range<usize>) {
        self.open.pop();
        if let Some(depth) = self.dropped {
            if self.open.len() == depth {
                self.dropped = None;
                self.from = range.end;
            }
            return;
        }
        let has_sides = self.open.last().is_some_and(Option::is_some);
        if let Some(side) = self.vocabulary.side(name).filter(|_| has_sides) {
            self.out.push_str(self.text.slice(self.from..range.start + 2));
            self.out.push_str(side);
            self.from = range.start + 2 + name.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSITIONAL: &str = "<?xml version=\"1.0\"?><w:document \
        xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
        xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'><w:p><w:pPr><w:tabs><w:tab \
        w:val=\"left\" w:pos=\"1\"/></w:tabs><w:ind w:left=\"1\" w:rightChars=\"2\"/><w:jc w:val=\"right\"/></w:pPr>\
        <w:r><w:tab/><w:t>left</w:t></w:r></w:p><w:tcBorders><w:left></w:left ><w:right/></w:tcBorders>\
        <w:pBdr><w:left/></w:pBdr><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"/>\
        </w:document>";
    const STRICT: &str = "<?xml version=\"1.0\"?><w:document \
        xmlns:w=\"http://purl.oclc.org/ooxml/wordprocessingml/main\" \
        xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'><w:p><w:pPr><w:tabs><w:tab \
        w:val=\"start\" w:pos=\"1\"/></w:tabs><w:ind w:start=\"1\" w:endChars=\"2\"/><w:jc w:val=\"end\"/></w:pPr>\
        <w:r><w:tab/><w:t>left</w:t></w:r></w:p><w:tcBorders><w:start></w:start ><w:end/></w:tcBorders>\
        <w:pBdr><w:left/></w:pBdr><a:graphicData uri=\"http://purl.oclc.org/ooxml/drawingml/picture\"/>\
        </w:document>";

    #[test]
    fn either_vocabulary_is_translated_to_the_other() {
        for (vocabulary, text) in
            [(Vocabulary::Strict, STRICT), (Vocabulary::Transitional, TRANSITIONAL)]
        {
            for from in [STRICT, TRANSITIONAL] {
                assert_eq!(vocabulary.translate(from, "a").as_deref(), Ok(text));
            }
        }
    }

    #[test]
    fn relationships_are_translated_and_addresses_are_not() {
        let text = "<Relationship Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" \
            Target=\"http://schemas.openxmlformats.org/officeDocument/2006/x\"/>";
        let expected = "<Relationship Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/hyperlink\" \
            Target=\"http://schemas.openxmlformats.org/officeDocument/2006/x\"/>";
        assert_eq!(Vocabulary::Strict.translate(text, "a").as_deref(), Ok(expected));
        let properties = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties";
        let strict = Vocabulary::Strict.uri(properties).unwrap();
        assert_eq!(
            strict,
            "http://purl.oclc.org/ooxml/officeDocument/relationships/extendedProperties"
        );
        assert_eq!(Vocabulary::Transitional.uri(&strict).as_deref(), Some(properties));
    }
}
