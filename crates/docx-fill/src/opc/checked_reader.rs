//! Owns reading parts that were found well-formed, of which nothing is checked again: tags, texts and references with
//! their byte ranges.
//! Must not know any vocabulary.

use super::OpcError;
use super::xml_names::name_end;
use crate::limits::MAX_XML_ELEMENTS;
use crate::slice::TextSlice as _;
use memchr::{memchr2, memmem};
use std::ops::Range;

/// A piece of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkupPiece<'a> {
    /// A start tag with its name.
    Start(&'a str),
    /// The tag of an empty element with its name.
    Empty(&'a str),
    /// An end tag.
    End,
    /// Text without references.
    Text,
    /// A reference, as written between `&` and `;`.
    Reference(&'a str),
    /// A CDATA section, comment, instruction or declaration.
    Other,
}

/// A reader of the pieces of a part that [`Package::read_xml_part`] has found to be well-formed. Of any other text the
/// pieces cover every byte, whatever they mean.
///
/// [`Package::read_xml_part`]: super::Package::read_xml_part
pub(crate) struct PrecheckedXmlReader<'a> {
    text: &'a str,
    position: usize,
    /// Number of elements and references that may still follow.
    elements_left: usize,
    exceeds_limit: bool,
}

impl<'a> PrecheckedXmlReader<'a> {
    /// Creates a reader at the beginning of a part.
    pub(crate) fn new(text: &'a str) -> Self {
        let elements_left = MAX_XML_ELEMENTS;
        PrecheckedXmlReader { text, position: 0, elements_left, exceeds_limit: false }
    }

    /// Returns an error if the reader has stopped at more elements than a part may have.
    pub(crate) fn check_limit(&self, part: &str) -> Result<(), OpcError> {
        if self.exceeds_limit {
            return Err(OpcError::TooManyElements { part: part.to_owned() });
        }
        Ok(())
    }

    /// Returns the tag at the beginning of the rest, with its length.
    fn read_tag(&self, rest: &[u8]) -> (MarkupPiece<'a>, usize) {
        let name_end = name_end(rest, 1);
        let length = tag_length(rest, name_end);
        let name = self.text.slice(self.position + 1..self.position + name_end);
        if rest[..length].ends_with(b"/>") {
            (MarkupPiece::Empty(name), length)
        } else {
            (MarkupPiece::Start(name), length)
        }
    }

    fn read_reference(&self, rest: &[u8]) -> (MarkupPiece<'a>, usize) {
        let length = length_to(rest, b';');
        let written = self.text.slice(self.position + 1..self.position + length);
        (MarkupPiece::Reference(written.strip_suffix(';').unwrap_or_default()), length)
    }
}

impl<'a> Iterator for PrecheckedXmlReader<'a> {
    type Item = (MarkupPiece<'a>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.as_bytes().get(self.position..)?;
        let (piece, length) = match rest {
            [] => return None,
            [b'<', b'/', ..] => (MarkupPiece::End, length_to(rest, b'>')),
            [b'<', b'!' | b'?', ..] => (MarkupPiece::Other, declaration_length(rest)),
            [b'<', ..] => self.read_tag(rest),
            [b'&', ..] => self.read_reference(rest),
            _ => (MarkupPiece::Text, memchr2(b'<', b'&', rest).unwrap_or(rest.len())),
        };
        if !matches!(piece, MarkupPiece::End | MarkupPiece::Text | MarkupPiece::Other) {
            match self.elements_left.checked_sub(1) {
                Some(left) => self.elements_left = left,
                None => {
                    (self.position, self.exceeds_limit) = (self.text.len(), true);
                    return None;
                }
            }
        }
        let start = self.position;
        self.position += length;
        Some((piece, start..self.position))
    }
}

/// Returns the length up to a byte with which something ends; names are short.
fn length_to(rest: &[u8], end: u8) -> usize {
    rest.iter().position(|byte| *byte == end).map_or(rest.len(), |found| found + 1)
}

/// Returns the length of a tag, in whose attributes `>` may stand.
fn tag_length(rest: &[u8], name_end: usize) -> usize {
    let mut quote = None;
    for (offset, &byte) in rest.iter().enumerate().skip(name_end) {
        match quote {
            Some(open) if open == byte => quote = None,
            None if byte == b'>' => return offset + 1,
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            Some(_) | None => {}
        }
    }
    rest.len()
}

/// Returns the length of a CDATA section, comment, instruction or declaration.
fn declaration_length(rest: &[u8]) -> usize {
    let end: &[u8] = match rest {
        [b'<', b'?', ..] => b"?>",
        [b'<', b'!', b'-', b'-', ..] => b"-->",
        [b'<', b'!', b'[', ..] => b"]]>",
        _ => b">",
    };
    memmem::find(rest, end).map_or(rest.len(), |found| found + end.len())
}

#[cfg(test)]
mod tests {
    use super::super::xml::XmlEventReader;
    use super::*;
    use quick_xml::events::Event;

    const ODD: &str = "<?xml version=\"1.0\"?>\n<w:r a='>' b = \"/>\" ><!-- <a> & --><w:t\n/>a&amp;&#x4E00;b<é c='\"'\
                       >政<![CDATA[</é>&]]></é ><?a <b> ?>\t</w:r>\n<!-- -->\n";

    #[test]
    fn the_pieces_are_those_of_the_checking_reader() {
        let mut reader = XmlEventReader::new(ODD, "p");
        let mut pieces = PrecheckedXmlReader::new(ODD);
        let is_same = |one: &str, other: &str| one == other;
        let mut count = 0;
        while let Some((event, range)) = reader.next().unwrap() {
            let (piece, own) = pieces.next().unwrap();
            assert_eq!(own, range, "{event:?}");
            count += 1;
            match (event, piece) {
                (Event::Start(tag), MarkupPiece::Start(name))
                | (Event::Empty(tag), MarkupPiece::Empty(name)) => {
                    assert!(is_same(tag.name().as_ref(), name), "{name}");
                }
                (Event::GeneralRef(found), MarkupPiece::Reference(name)) => {
                    assert_eq!(&*found, name);
                }
                (Event::End(_), MarkupPiece::End) | (Event::Text(_), MarkupPiece::Text) => {}
                (event, piece) => {
                    let other = matches!(
                        event,
                        Event::Comment(_) | Event::CData(_) | Event::PI(_) | Event::Decl(_)
                    );
                    assert!(other && piece == MarkupPiece::Other, "{event:?} {piece:?}");
                }
            }
        }
        assert_eq!((pieces.next(), count), (None, 19));
    }

    #[test]
    fn no_byte_of_other_texts_is_lost() {
        for (end, _) in ODD.char_indices() {
            for text in [ODD.slice(..end), ODD.slice(end..)] {
                let mut at = 0;
                for (_, range) in PrecheckedXmlReader::new(text) {
                    assert!(range.start == at && range.end > at, "{text}");
                    at = range.end;
                }
                assert_eq!(at, text.len(), "{text}");
            }
        }
    }

    #[test]
    fn more_elements_than_a_part_may_have_are_told() {
        let at_limit = "<a/>".repeat(MAX_XML_ELEMENTS);
        let mut reader = PrecheckedXmlReader::new(&at_limit);
        assert_eq!(reader.by_ref().count(), MAX_XML_ELEMENTS);
        assert_eq!(reader.check_limit("p"), Ok(()));
        let over = at_limit + "&amp;";
        let mut reader = PrecheckedXmlReader::new(&over);
        assert_eq!(reader.by_ref().count(), MAX_XML_ELEMENTS);
        assert_eq!(reader.check_limit("p"), Err(OpcError::TooManyElements { part: "p".into() }));
    }
}
