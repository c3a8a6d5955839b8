//! Owns finding a piece of a text again in the data file, also after its quotes were filled in.
//! Must not know what is wrong with the piece.

use super::TextField;
use docx_fill::diag::{Location, SourceId, Span};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Longest opening of a text in a data file: `"""` and the end of its line.
const MAX_OPENING_LENGTH: usize = 5;

impl TextField {
    /// The place of a byte range of the text within the data file. Where the file writes the text
    /// with escapes, the whole value is the place.
    pub fn location(&self, file: SourceId, source: &str, span: Span) -> Location {
        self.location_from(file, self.base_offset(source), span)
    }

    /// Where the text begins in the data file, if that writes it without escapes. Looking for it takes time by
    /// its length: whoever has many places asks once.
    pub(crate) fn base_offset(&self, source: &str) -> Option<usize> {
        let raw = source.get(self.span.start..self.span.end).unwrap_or_default();
        // Behind its quotes, nearly always; to prepare a search costs more than to compare.
        let behind = |at: &usize| raw.get(*at..).is_some_and(|raw| raw.starts_with(&self.markdown));
        let at = (0..=MAX_OPENING_LENGTH).find(behind).or_else(|| raw.find(&self.markdown));
        at.map(|at| self.span.start + at)
    }

    /// The place of a byte range of the text that begins at `base`.
    pub(crate) fn location_from(
        &self,
        file: SourceId,
        base: Option<usize>,
        span: Span,
    ) -> Location {
        let moved = |base: usize| Span { start: base + span.start, end: base + span.end };
        Location::Span(file, base.map_or(self.span, moved))
    }
}

/// The place of a piece of words within the value that gives them; the value where it has escapes.
pub(crate) fn span_of_piece(source: &str, value: Span, words: &str, piece: Span) -> Span {
    let raw = source.get(value.start..value.end).unwrap_or_default();
    match raw.find(words) {
        Some(at) => {
            let base = value.start + at;
            Span { start: base + piece.start, end: base + piece.end }
        }
        None => value,
    }
}

/// Which parts of a text with filled-in quotes were written by hand, and where.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    /// Parts in order: range in the filled-in text, and where its first byte stands in the raw one.
    handwritten: Vec<(Range<usize>, usize)>,
}

impl SourceMap {
    /// Compares a raw text with the filled-in one. What lies between `{{` and `}}` is not by hand; a
    /// text whose parts cannot be found again counts as not written by hand from there on.
    pub fn new(raw: &str, filled: &str) -> SourceMap {
        if raw == filled {
            return SourceMap { handwritten: vec![(0..filled.len(), 0)] };
        }
        let mut origin = SourceMap::default();
        let (mut from, mut to) = (0, 0);
        loop {
            let end = raw.slice(from..).find("{{").map_or(raw.len(), |at| from + at);
            let part = raw.slice(from..end);
            let last = end == raw.len();
            let found = if last {
                filled.ends_with(part).then(|| filled.len() - part.len()).filter(|at| *at >= to)
            } else {
                find_nearby(filled, part, to)
            };
            let Some(at) = found else { return origin };
            if !part.is_empty() {
                origin.handwritten.push((at..at + part.len(), from));
            }
            to = at + part.len();
            let Some(close) = raw.slice(end..).find("}}") else { return origin };
            from = end + close + 2;
        }
    }

    /// What was not written by hand, from left to right: its range in the filled-in text, and in the raw
    /// one with the braces.
    pub fn quoted_ranges(&self, raw: &str, filled: &str) -> Vec<(Range<usize>, Range<usize>)> {
        let (mut in_filled, mut in_raw) = (0, 0);
        let mut out = Vec::new();
        let end = (filled.len()..filled.len(), raw.len());
        for (part, start) in self.handwritten.iter().chain([&end]) {
            if in_raw < *start {
                out.push((in_filled..part.start, in_raw..*start));
            }
            (in_filled, in_raw) = (part.end, start + part.len());
        }
        out
    }

    /// The range in the raw text, if it was written by hand in one piece.
    pub fn raw_span(&self, range: Range<usize>) -> Option<Span> {
        let inside = |part: &&(Range<usize>, usize)| {
            part.0.start <= range.start && range.end <= part.0.end && !range.is_empty()
        };
        let (part, start) = self.handwritten.iter().find(inside)?;
        let base = start + (range.start - part.start);
        Some(Span { start: base, end: base + range.len() })
    }

    /// The range in the raw text, widened to the written parts around a quote within it.
    pub fn surrounding_span(&self, range: Range<usize>) -> Option<Span> {
        let touches =
            |part: &&(Range<usize>, usize)| part.0.start < range.end && range.start < part.0.end;
        let (part, start) = self.handwritten.iter().find(touches)?;
        let from = range.start.max(part.start);
        let to = range.end.min(part.end);
        Some(Span { start: start + (from - part.start), end: start + (to - part.start) })
    }
}

/// Where a part stands first from a position on. What a quote prints is short: the part is looked for
/// right there before a search is made ready.
fn find_nearby(text: &str, part: &str, from: usize) -> Option<usize> {
    let (bytes, part_bytes) = (text.as_bytes(), part.as_bytes());
    (from..bytes.len().min(from + 12))
        .find(|at| bytes[*at..].starts_with(part_bytes))
        .or_else(|| text.slice(from..).find(part).map(|at| from + at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_written_by_hand_are_found_again() {
        let raw = "新收{{a}}件，办结3件，结转{{b}}件。";
        let filled = "新收3件，办结3件，结转0件。";
        let origin = SourceMap::new(raw, filled);
        let at = filled.find("办结3").expect("there") + "办结".len();
        let span = origin.raw_span(at..at + 1).expect("by hand");
        assert_eq!(&raw[span.start..span.end], "3");
        let quoted = filled.find('3').expect("there");
        assert_eq!(origin.raw_span(quoted..quoted + 1), None);
        let pairs = origin.quoted_ranges(raw, filled);
        let printed: Vec<_> =
            pairs.into_iter().map(|(to, from)| (&filled[to], &raw[from])).collect();
        assert_eq!(printed, [("3", "{{a}}"), ("0", "{{b}}")]);
        assert_eq!(SourceMap::new("无{{a}}", "无").quoted_ranges("无{{a}}", "无"), [(3..3, 3..8)]);
        assert_eq!(SourceMap::new(raw, raw).quoted_ranges(raw, raw), []);
    }
}
