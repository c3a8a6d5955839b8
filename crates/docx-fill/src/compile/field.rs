//! Owns determining whether a tag is in a field code, within quotes or not, or in an attribute whose target a
//! program opens.
//! Must not know what a field does.

use crate::compile::compiler::Compiler;
use crate::eval::addresses::is_address_attribute;
use crate::ir::program::EscapeContext;
use crate::slice::TextSlice as _;

/// Maximum length of a field code that is examined, in bytes and in text pieces.
const MAX_CODE_LENGTH: usize = 4096;

impl Compiler<'_> {
    /// Returns the escape context of a tag that is not in the text of a run.
    pub(crate) fn code_context(&self, at: usize) -> EscapeContext {
        let item = &self.tags[at];
        let paragraph = &self.model.paragraphs[item.paragraph];
        let attribute = attribute_before(self.source.slice(..paragraph.range.start));
        let is_code = |element: Option<usize>| match element {
            Some(element) => self.model.texts[element].name == "w:instrText",
            None => paragraph.not_removable && attribute == Some("w:instr"),
        };
        let before =
            paragraph.pieces.partition_point(|piece| piece.text.end <= item.tag.range.start);
        let piece = paragraph.pieces.get(before);
        match piece {
            Some(piece) if is_code(piece.element) => {
                if self.is_quoted(at, before, &is_code) {
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
    /// backslashes must be escaped. The tag begins in the piece at index `before`.
    fn is_quoted(&self, at: usize, before: usize, is_code: &dyn Fn(Option<usize>) -> bool) -> bool {
        let item = &self.tags[at];
        let paragraph = &self.model.paragraphs[item.paragraph];
        let near = paragraph.pieces[..before].iter().rev().take(MAX_CODE_LENGTH);
        let code = near.take_while(|piece| is_code(piece.element));
        let from =
            code.last().map_or(paragraph.pieces[before].text.start, |piece| piece.text.start);
        if item.tag.range.start - from >= MAX_CODE_LENGTH {
            return false;
        }
        let mut quotes = 0;
        let mut from = from;
        let tags = &self.tags_by_paragraph[item.paragraph];
        let first = tags.partition_point(|&tag| self.tags[tag].tag.range.start < from);
        for &tag in &tags[first..] {
            let range = &self.tags[tag].tag.range;
            quotes += count_quotes(paragraph.text.slice(from..range.start));
            if tag == at {
                break;
            }
            from = range.end;
        }
        quotes % 2 == 1
    }
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
