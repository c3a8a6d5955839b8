//! Owns determining the escape context of a tag's value: text of a run, a field code, within quotes or not, or an
//! attribute whose target a program opens.
//! Must not know what a field does.

use super::part_source::PartSource;
use super::placed_tag::PlacedTags;
use crate::document::part_model::Paragraph;
use crate::eval::addresses::is_address_attribute;
use crate::ir::program::EscapeContext;
use crate::slice::TextSlice as _;

/// Maximum length of a field code that is examined, in bytes and in text pieces.
const MAX_CODE_LENGTH: usize = 4096;

/// Returns the escape context of a tag's value.
pub(crate) fn escape_context(part: &PartSource<'_>, tags: &PlacedTags, at: usize) -> EscapeContext {
    let element = part.text_element_of(&tags.list[at]);
    match element.map(|element| part.model.texts[element].name) {
        Some("w:t") => EscapeContext::Run("w:t"),
        _ => code_context(part, tags, at),
    }
}

/// Returns the escape context of a tag that is not in the text of a run.
fn code_context(part: &PartSource<'_>, tags: &PlacedTags, at: usize) -> EscapeContext {
    let item = &tags.list[at];
    let paragraph = part.paragraph_of(item);
    let attribute = attribute_before(part.xml.slice(..paragraph.range.start));
    let is_code = |element: Option<usize>| match element {
        Some(element) => part.model.texts[element].name == "w:instrText",
        None => paragraph.not_removable && attribute == Some("w:instr"),
    };
    let before = paragraph.pieces.partition_point(|piece| piece.text.end <= item.tag.range.start);
    let piece = paragraph.pieces.get(before);
    match piece {
        Some(piece) if is_code(piece.element) => {
            let near = paragraph.pieces[..before].iter().rev().take(MAX_CODE_LENGTH);
            let code = near.take_while(|piece| is_code(piece.element));
            let from = code.last().map_or(piece.text.start, |piece| piece.text.start);
            if is_quoted(paragraph, tags, at, from) {
                EscapeContext::FieldString
            } else {
                EscapeContext::FieldCode
            }
        }
        Some(piece) if piece.element.is_none() && paragraph.not_removable => {
            if attribute.is_some_and(is_address_attribute) {
                EscapeContext::Address
            } else {
                EscapeContext::Xml
            }
        }
        _ => EscapeContext::Xml,
    }
}

/// Checks whether a value is part of a quoted argument, as in `HYPERLINK "{{url}}"`, where quotes and
/// backslashes must be escaped. The field code begins at `from` of the paragraph's text.
fn is_quoted(paragraph: &Paragraph, tags: &PlacedTags, at: usize, mut from: usize) -> bool {
    let item = &tags.list[at];
    if item.tag.range.start - from >= MAX_CODE_LENGTH {
        return false;
    }
    let mut quotes = 0;
    let own = &tags.by_paragraph[item.paragraph];
    let first = own.partition_point(|&tag| tags.list[tag].tag.range.start < from);
    for &tag in &own[first..] {
        let range = &tags.list[tag].tag.range;
        quotes += count_quotes(paragraph.text.slice(from..range.start));
        if tag == at {
            break;
        }
        from = range.end;
    }
    quotes % 2 == 1
}

/// Returns the name of the attribute whose value begins after `before`.
fn attribute_before(before: &str) -> Option<&str> {
    let name = before.strip_suffix(['"', '\''])?.trim_end().strip_suffix('=')?.trim_end();
    name.rsplit(char::is_whitespace).next()
}

/// Counts quotes that are not escaped by a backslash.
fn count_quotes(code: &str) -> usize {
    let mut escaped = false;
    let mut count = 0;
    for byte in code.bytes() {
        count += usize::from(byte == b'"' && !escaped);
        escaped = byte == b'\\' && !escaped;
    }
    count
}
