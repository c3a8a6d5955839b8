//! Owns cutting and changing texts by byte offsets, so that no offset can end the program: one that lies within a
//! character is taken for where that character begins, one beyond the end for the end. Also looking for a mark again
//! and again in one go through a text.
//! Must not know where an offset comes from.
//!
//! `text[a..b]`, `split_at`, `truncate` and their like panic where an offset lies within a character, which a
//! stranger's file can bring about as soon as one offset is counted instead of found. `clippy::string_slice` (in
//! `lib.rs` and `main.rs`) and `clippy.toml` refuse them everywhere else. With debug assertions on, as in the daily
//! tests and under the fuzzer, a wrong offset is still told: it is our bug, whatever becomes of it in a release.

use std::ops::{Bound, Range, RangeBounds};

/// Pieces of a text by byte offsets.
pub trait TextSlice {
    /// The text between two offsets that were found in it.
    fn slice(&self, range: impl RangeBounds<usize>) -> &str;

    /// What stands before an offset that was found in the text, and what stands behind it.
    fn split_at_offset(&self, at: usize) -> (&str, &str);

    /// The beginning of the text: as many whole characters as so many bytes hold.
    fn floor_prefix(&self, bytes: usize) -> &str;
}

/// Changes of a text at byte offsets that were found in it.
pub trait TextEdit {
    /// Takes away everything from an offset on.
    fn cut_from(&mut self, at: usize);

    /// Puts a text in.
    fn insert_text(&mut self, at: usize, text: &str);

    /// Puts a text in the place of a piece.
    fn replace_text(&mut self, range: impl RangeBounds<usize>, text: &str);
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

/// The two ends of a range over a text.
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

/// The piece between the nearest boundaries; nothing if the offsets stand the wrong way round.
#[cold]
fn slice_nearest(text: &str, start: usize, end: usize) -> &str {
    debug_assert!(false, "bytes {start} to {end} of {} do not begin characters", text.len());
    text.get(text.floor_char_boundary(start)..text.floor_char_boundary(end)).unwrap_or_default()
}

/// The next place of a mark in a text that is gone through once: what was found, or that there is nothing, holds for
/// every offset before it, however often it is asked.
#[derive(Debug)]
pub struct ForwardFinder {
    mark: &'static str,
    /// From where it was looked for last, and what was found.
    last_search: Option<(usize, Option<usize>)>,
}

impl ForwardFinder {
    /// For a mark.
    pub fn new(mark: &'static str) -> ForwardFinder {
        ForwardFinder { mark, last_search: None }
    }

    /// The first place of the mark from an offset on. The text is the same each time.
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
        // In order, backwards and to and fro.
        let reversed = places.iter().rev();
        let to_and_fro = places.iter().zip(places.iter().rev()).flat_map(|(a, b)| [a, b]);
        let mut ahead = ForwardFinder::new("--");
        for &at in places.iter().chain(reversed).chain(to_and_fro) {
            let found = text.slice(at..).find("--").map(|found| at + found);
            assert_eq!(ahead.find_from(text, at), found, "{at}");
        }
    }

    /// Characters of one to four bytes, a combining one, and a byte order mark.
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

    /// In a release an offset within a character is moved; with debug assertions it is told.
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
