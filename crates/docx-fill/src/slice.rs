//! Owns cutting and changing texts by byte offsets without panics: an offset within a character is moved to its
//! beginning, and one beyond the end to the end. Also forward searches that many positions share.
//! Must not know where an offset comes from.
//!
//! `text[a..b]`, `split_at`, `truncate` and similar functions panic if an offset lies within a character, which
//! untrusted files can cause wherever an offset is computed instead of found. `clippy::string_slice` (in
//! `lib.rs` and `main.rs`) and `clippy.toml` forbid them everywhere else. With debug assertions, as in tests
//! and fuzzing, a wrong offset still panics, because it is a bug of the caller.

use std::ops::{Bound, Range, RangeBounds};

/// Slices of a text by byte offsets.
pub trait TextSlice {
    /// Returns the text between two offsets.
    fn slice(&self, range: impl RangeBounds<usize>) -> &str;

    /// Splits the text at an offset.
    fn split_at_offset(&self, at: usize) -> (&str, &str);

    /// Returns the longest prefix of whole characters with at most `bytes` bytes.
    fn floor_prefix(&self, bytes: usize) -> &str;
}

/// Changes of a text at byte offsets.
pub trait TextEdit {
    /// Removes everything from an offset on.
    fn cut_from(&mut self, at: usize);

    /// Inserts a text.
    fn insert_text(&mut self, at: usize, text: &str);

    /// Replaces a range by a text.
    fn replace_text(&mut self, range: impl RangeBounds<usize>, text: &str);
}

/// A range of a text and what is put in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextReplacement {
    /// The bytes that are replaced.
    pub range: Range<usize>,
    /// The text in their place.
    pub with: String,
}

impl TextReplacement {
    /// Creates an insertion at a byte offset.
    pub fn insertion(at: usize, text: String) -> TextReplacement {
        TextReplacement { range: at..at, with: text }
    }
}

/// Returns a text with replacements applied; of overlapping ones the first in the text is used.
pub fn apply_replacements(text: &str, mut replacements: Vec<TextReplacement>) -> String {
    replacements.sort_by_key(|own| (own.range.start, own.range.end));
    let mut out = String::with_capacity(text.len() + 256);
    let mut done = 0;
    for TextReplacement { range, with } in replacements {
        if range.start >= done {
            out.push_str(text.slice(done..range.start));
            out.push_str(&with);
            done = range.end;
        }
    }
    out.push_str(text.slice(done..));
    out
}

impl TextSlice for str {
    #[inline]
    fn slice(&self, range: impl RangeBounds<usize>) -> &str {
        let Range { start, end } = resolve_range(self, &range);
        match self.get(start..end) {
            Some(piece) => piece,
            None => slice_nearest(self, start, end),
        }
    }

    fn split_at_offset(&self, at: usize) -> (&str, &str) {
        (self.slice(..at), self.slice(at..))
    }

    fn floor_prefix(&self, bytes: usize) -> &str {
        self.slice(..self.floor_char_boundary(bytes))
    }
}

impl TextEdit for String {
    fn cut_from(&mut self, at: usize) {
        let at = self.slice(..at).len();
        #[allow(clippy::disallowed_methods, reason = "a boundary within the text")]
        self.truncate(at);
    }

    fn insert_text(&mut self, at: usize, text: &str) {
        self.replace_text(at..at, text);
    }

    fn replace_text(&mut self, range: impl RangeBounds<usize>, text: &str) {
        let Range { start, end } = resolve_range(self, &range);
        let start = self.slice(..start).len();
        let end = start + self.slice(start..end).len();
        #[allow(clippy::disallowed_methods, reason = "boundaries within the text")]
        self.replace_range(start..end, text);
    }
}

/// Returns the byte offsets of a range's two ends.
#[inline]
fn resolve_range(text: &str, range: &impl RangeBounds<usize>) -> Range<usize> {
    let start = match range.start_bound() {
        Bound::Included(at) => *at,
        Bound::Excluded(at) => at.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(at) => at.saturating_add(1),
        Bound::Excluded(at) => *at,
        Bound::Unbounded => text.len(),
    };
    start..end
}

/// Returns the text between the nearest character boundaries; empty if the end precedes the start.
#[cold]
fn slice_nearest(text: &str, start: usize, end: usize) -> &str {
    debug_assert!(false, "bytes {start} to {end} of {} do not begin characters", text.len());
    text.get(text.floor_char_boundary(start)..text.floor_char_boundary(end)).unwrap_or_default()
}

/// A forward search for a mark. Its last result, including the absence of the mark, is reused for all offsets
/// that it covers, so that the text is searched only once.
#[derive(Debug)]
pub struct ForwardTextFinder {
    mark: &'static str,
    /// Offset of the last search, and its result.
    last_search: Option<(usize, Option<usize>)>,
}

impl ForwardTextFinder {
    /// Creates a search for a mark.
    pub fn new(mark: &'static str) -> ForwardTextFinder {
        ForwardTextFinder { mark, last_search: None }
    }

    /// Finds the first mark at or after an offset. The text must be the same in every call.
    pub fn find_from(&mut self, text: &str, at: usize) -> Option<usize> {
        match self.last_search {
            Some((from, found)) if from <= at && found.is_none_or(|found| at <= found) => found,
            _ => {
                let found = text.slice(at..).find(self.mark).map(|found| at + found);
                self.last_search = Some((at, found));
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_from_wherever_it_is_asked() {
        let text = "甲--乙-丙--丁---";
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        // In ascending, descending and mixed order.
        let reversed = places.iter().rev();
        let to_and_fro = places.iter().zip(places.iter().rev()).flat_map(|(a, b)| [a, b]);
        let mut ahead = ForwardTextFinder::new("--");
        for &at in places.iter().chain(reversed).chain(to_and_fro) {
            let found = text.slice(at..).find("--").map(|found| at + found);
            assert_eq!(ahead.find_from(text, at), found, "{at}");
        }
    }

    #[test]
    fn replacements_are_made_in_the_order_of_the_text_without_overlap() {
        let at = |range: Range<usize>, with: &str| TextReplacement { range, with: with.to_owned() };
        let all = vec![
            TextReplacement::insertion(4, "x".to_owned()),
            at(1..3, "never"),
            at(0..2, "y"),
            at(4..5, "z"),
        ];
        assert_eq!(apply_replacements("abcdef", all), "ycdxzf");
    }

    /// Characters of one to four bytes, a combining character, and a byte order mark.
    const MIXED: &str = "a\u{feff}é甲e\u{301}\u{20000}🀄z";

    #[test]
    fn pieces_at_boundaries_are_those_of_the_standard_library() {
        let places: Vec<usize> =
            (0..=MIXED.len()).filter(|at| MIXED.is_char_boundary(*at)).collect();
        for &start in &places {
            assert_eq!(MIXED.slice(start..), &MIXED[start..]);
            assert_eq!(MIXED.split_at_offset(start), MIXED.split_at(start));
            for &end in places.iter().filter(|end| **end >= start) {
                assert_eq!(MIXED.slice(start..end), &MIXED[start..end]);
                let (mut ours, mut theirs) = (MIXED.to_owned(), MIXED.to_owned());
                ours.replace_text(start..end, "政");
                theirs.replace_range(start..end, "政");
                assert_eq!(ours, theirs);
                ours.cut_from(start);
                assert_eq!(ours, &MIXED[..start]);
                ours.insert_text(0, "乙");
                assert!(ours.starts_with('乙'));
            }
        }
    }

    #[test]
    fn the_beginning_is_whole_characters() {
        for bytes in 0..MIXED.len() + 9 {
            let head = MIXED.floor_prefix(bytes);
            assert!(
                MIXED.starts_with(head)
                    && head.len() <= bytes
                    && head.len() + 4 > bytes.min(MIXED.len())
            );
        }
    }

    /// In a release build a wrong offset is moved; with debug assertions it panics.
    #[test]
    fn no_offset_ends_the_program() {
        for start in 0..MIXED.len() + 3 {
            for end in 0..MIXED.len() + 3 {
                let piece = std::panic::catch_unwind(|| MIXED.slice(start..end).to_owned());
                let good = MIXED.get(start..end);
                match (piece, good) {
                    (Ok(piece), Some(good)) => assert_eq!(piece, good),
                    (Ok(piece), None) => assert!(!cfg!(debug_assertions) && MIXED.contains(&piece)),
                    (Err(_), good) => assert!(cfg!(debug_assertions) && good.is_none()),
                }
            }
        }
    }
}
