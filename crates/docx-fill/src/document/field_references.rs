//! Owns finding the words of field codes that name bookmarks, with their places in a part.
//! Must not know which bookmarks there are.

use super::field_code::bookmark_words;
use crate::opc::OpcError;
use crate::opc::xml::{XmlEventReader, attribute_ranges, resolve_reference};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::ops::Range;

/// A word of a field code that names a bookmark, if there is one of this name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldReference {
    pub(crate) name: String,
    /// Ranges of its pieces in the part; runs may divide a word.
    pub(crate) pieces: Vec<Range<usize>>,
}

/// The code of a field with the place of each character.
#[derive(Default)]
struct LocatedCode {
    text: String,
    /// Beginning in the text, and range in the part.
    pieces: Vec<(usize, Range<usize>)>,
}

impl LocatedCode {
    fn push(&mut self, text: &str, range: Range<usize>) {
        self.pieces.push((self.text.len(), range));
        self.text.push_str(text);
    }

    /// Returns the references of the code.
    fn references(&self) -> impl Iterator<Item = FieldReference> + '_ {
        bookmark_words(&self.text).into_iter().map(|word| FieldReference {
            name: self.text.slice(word.clone()).to_owned(),
            pieces: self.source_ranges(&word),
        })
    }

    fn source_ranges(&self, word: &Range<usize>) -> Vec<Range<usize>> {
        let within = |(at, range): &(usize, Range<usize>)| {
            let start = word.start.max(*at);
            let end = word.end.min(at + range.len());
            (start < end).then(|| range.start + (start - at)..range.start + (end - at))
        };
        self.pieces.iter().filter_map(within).collect()
    }
}

/// Finds the words of all field codes of a part, simple (`w:fldSimple`) and complex, that may name bookmarks.
pub(crate) fn field_references(source: &str, part: &str) -> Result<Vec<FieldReference>, OpcError> {
    let mut scanner = FieldScanner { source, found: Vec::new(), open: Vec::new() };
    // The limit of a part that is read has been held when it was.
    let mut reader = XmlEventReader::new(source, part).of_any_size();
    let mut in_code = false;
    while let Some((event, range)) = reader.next()? {
        match event {
            Event::Start(element) => {
                in_code = element.name().as_ref() == "w:instrText";
                scanner.enter_element(element.name().as_ref(), &range);
            }
            Event::Empty(element) => scanner.enter_element(element.name().as_ref(), &range),
            Event::End(_) => in_code = false,
            Event::Text(_) if in_code => scanner.add_code(source.slice(range.clone()), range),
            Event::GeneralRef(reference) if in_code => {
                let c = resolve_reference(&reference).unwrap_or(' ');
                // One byte, so that it counts as one of the source too.
                let c = if c.is_ascii() { c } else { '?' };
                scanner.add_code(&c.to_string(), range.start..range.start + 1);
            }
            _ => {}
        }
    }
    Ok(scanner.found)
}

struct FieldScanner<'a> {
    source: &'a str,
    found: Vec<FieldReference>,
    /// The codes of the open fields; `None` after a code's end.
    open: Vec<Option<LocatedCode>>,
}

impl FieldScanner<'_> {
    fn enter_element(&mut self, name: &str, range: &Range<usize>) {
        let attribute = |key: &str| {
            let all = attribute_ranges(self.source, range);
            all.into_iter().find(|(known, _)| *known == key).map(|(_, value)| value)
        };
        match name {
            "w:fldSimple" => {
                if let Some(value) = attribute("w:instr") {
                    let mut code = LocatedCode::default();
                    self.push_attribute(&mut code, value);
                    self.found.extend(code.references());
                }
            }
            "w:fldChar" => {
                let kind = attribute("w:fldCharType").map(|value| self.source.slice(value));
                match kind {
                    Some("begin") => self.open.push(Some(LocatedCode::default())),
                    Some("separate") => {
                        let code = self.open.last_mut().and_then(Option::take);
                        self.found.extend(code.iter().flat_map(LocatedCode::references));
                    }
                    Some("end") => {
                        let code = self.open.pop().flatten();
                        self.found.extend(code.iter().flat_map(LocatedCode::references));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Adds the code in an attribute, in which quotes are references.
    fn push_attribute(&self, code: &mut LocatedCode, value: Range<usize>) {
        let mut at = value.start;
        while at < value.end {
            let rest = self.source.slice(at..value.end);
            let plain = rest.find('&').unwrap_or(rest.len());
            code.push(rest.slice(..plain), at..at + plain);
            at += plain;
            if let Some(end) = self.source.slice(at..value.end).find(';') {
                let written = self.source.slice(at..=at + end);
                let quote = matches!(written, "&quot;" | "&#34;" | "&#x22;");
                code.push(if quote { "\"" } else { "?" }, at..at + 1);
                at += end + 1;
            } else {
                return;
            }
        }
    }

    fn add_code(&mut self, text: &str, range: Range<usize>) {
        if let Some(Some(code)) = self.open.last_mut() {
            code.push(text, range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_across_runs_and_in_simple_fields() {
        let source = "<p><w:fldSimple w:instr=\" REF &quot;a&quot; \\h\"/>\
            <w:fldChar w:fldCharType=\"begin\"/><w:instrText> PAGEREF b</w:instrText>\
            <w:instrText>c \\h</w:instrText><w:fldChar w:fldCharType=\"separate\"/>\
            <w:instrText> REF d</w:instrText><w:fldChar w:fldCharType=\"end\"/></p>";
        let found = field_references(source, "p").unwrap();
        let shown: Vec<(String, Vec<&str>)> = found
            .into_iter()
            .map(|found| {
                let pieces = found.pieces.into_iter().map(|range| &source[range]).collect();
                (found.name, pieces)
            })
            .collect();
        assert_eq!(shown, [("a".to_owned(), vec!["a"]), ("bc".to_owned(), vec!["b", "c"])]);
    }
}
