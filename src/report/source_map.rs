//! Owns mapping ranges of a text to the data file, also after its quotes were filled in.
//! Must not know what is wrong with a range.

use super::TextField;
use docx_fill::diag::{Location, SourceId, SourcePlace, Span};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Maximum length in bytes of the opening of a text in a data file: `"""` and a line break.
const MAX_OPENING_LENGTH: usize = 5;

impl TextField {
    /// Returns the location of a byte range of the text in the data file, or of the whole value if
    /// the file writes it with escapes.
    pub fn location(&self, file: SourceId, source: &str, span: Span) -> Location {
        self.location_from(file, self.base_offset(source), span)
    }

    /// Returns the offset of the text in the data file, or `None` if it is written there with
    /// escapes. The search takes time proportional to the length: call it once for several ranges.
    pub(crate) fn base_offset(&self, source: &str) -> Option<usize> {
        let value = self.place.bytes()?;
        let raw = source.get(value.start..value.end).unwrap_or_default();
        // The text nearly always follows its quotes directly; comparing is cheaper than preparing a
        // search.
        let behind = |at: &usize| raw.get(*at..).is_some_and(|raw| raw.starts_with(&self.markdown));
        let at = (0..=MAX_OPENING_LENGTH).find(behind).or_else(|| raw.find(&self.markdown));
        at.map(|at| value.start + at)
    }

    /// Returns the location of a byte range of the text that begins at `base`.
    pub(crate) fn location_from(
        &self,
        file: SourceId,
        base: Option<usize>,
        span: Span,
    ) -> Location {
        let moved = |base: usize| Span { start: base + span.start, end: base + span.end };
        base.map_or(self.place, |base| self.place.with_bytes(moved(base))).in_source(file)
    }
}

/// Returns the place of a part of a text within its value, or of the whole value if that has
/// escapes or no bytes.
pub(crate) fn place_of_piece(
    source: &str,
    value: SourcePlace,
    words: &str,
    piece: Span,
) -> SourcePlace {
    let Some(bytes) = value.bytes() else { return value };
    let raw = source.get(bytes.start..bytes.end).unwrap_or_default();
    match raw.find(words) {
        Some(at) => {
            let base = bytes.start + at;
            value.with_bytes(Span { start: base + piece.start, end: base + piece.end })
        }
        None => value,
    }
}

/// A map from a text with filled-in quotes to the handwritten parts of the raw text.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    /// Handwritten parts in order: range in the filled-in text, and offset in the raw one.
    handwritten: Vec<(Range<usize>, usize)>,
}

impl SourceMap {
    /// Compares a raw text with the filled-in one. Everything between `{{` and `}}` counts as not
    /// handwritten. If a part cannot be found again, nothing from there on counts as handwritten.
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

    /// Returns the ranges that are not handwritten, from left to right: in the filled-in text, and
    /// in the raw text including the braces.
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

    /// Returns the range in the raw text, if it lies within one handwritten part.
    pub fn raw_span(&self, range: Range<usize>) -> Option<Span> {
        let inside = |part: &&(Range<usize>, usize)| {
            part.0.start <= range.start && range.end <= part.0.end && !range.is_empty()
        };
        let (part, start) = self.handwritten.iter().find(inside)?;
        let base = start + (range.start - part.start);
        Some(Span { start: base, end: base + range.len() })
    }

    /// Returns the range in the raw text, widened to the handwritten parts around any quote within
    /// it.
    pub fn surrounding_span(&self, range: Range<usize>) -> Option<Span> {
        let touches =
            |part: &&(Range<usize>, usize)| part.0.start < range.end && range.start < part.0.end;
        let (part, start) = self.handwritten.iter().find(touches)?;
        let from = range.start.max(part.start);
        let to = range.end.min(part.end);
        Some(Span { start: start + (from - part.start), end: start + (to - part.start) })
    }
}

/// Returns the first occurrence of a part from an offset on. Quotes print short texts, so the
/// nearby bytes are compared before a full search is prepared.
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
