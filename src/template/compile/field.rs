//! Owns the question whether a tag stands within the quotes of a field code.
//! Must not know what a field does.

use super::Compiler;
use crate::slice::TextSlice as _;

/// Longest code that is looked at.
const LONGEST: usize = 4096;

impl Compiler<'_> {
    /// Whether a value becomes part of a quoted argument, as in `HYPERLINK "{{url}}"`: quotes and
    /// backslashes of its own mean something else there.
    pub(super) fn is_quoted(&self, at: usize) -> bool {
        let item = &self.items[at];
        let paragraph = &self.scan.paragraphs[item.paragraph];
        let is_code = |element: Option<usize>| match element {
            Some(element) => self.scan.texts[element].name == "w:instrText",
            None => paragraph.fixed && is_instruction(self.source.slice(..paragraph.range.start)),
        };
        let before =
            paragraph.pieces.partition_point(|piece| piece.text.end <= item.tag.range.start);
        if !paragraph.pieces.get(before).is_some_and(|piece| is_code(piece.element)) {
            return false;
        }
        let near = paragraph.pieces[..before].iter().rev().take(LONGEST);
        let code = near.take_while(|piece| is_code(piece.element));
        let from =
            code.last().map_or(paragraph.pieces[before].text.start, |piece| piece.text.start);
        if item.tag.range.start - from >= LONGEST {
            return false;
        }
        let mut quotes = 0;
        let mut from = from;
        let tags = &self.by_paragraph[item.paragraph];
        let first = tags.partition_point(|&tag| self.items[tag].tag.range.start < from);
        for &tag in &tags[first..] {
            let range = &self.items[tag].tag.range;
            quotes += quotes_in(paragraph.text.slice(from..range.start));
            if tag == at {
                break;
            }
            from = range.end;
        }
        quotes % 2 == 1
    }
}

/// Whether the value of `w:instr` follows.
fn is_instruction(before: &str) -> bool {
    before.ends_with("w:instr=\"") || before.ends_with("w:instr='")
}

/// Quotes that no backslash stands before.
fn quotes_in(code: &str) -> usize {
    let mut escaped = false;
    let mut count = 0;
    for byte in code.bytes() {
        count += usize::from(byte == b'"' && !escaped);
        escaped = byte == b'\\' && !escaped;
    }
    count
}
