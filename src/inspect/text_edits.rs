//! Owns changes to the bytes of a part.
//! Must not know why.

use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Bytes that are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextEdit {
    pub(super) range: Range<usize>,
    pub(super) replacement: String,
}

impl TextEdit {
    /// Something put between two bytes.
    pub(super) fn insert(at: usize, replacement: String) -> TextEdit {
        TextEdit { range: at..at, replacement }
    }
}

/// Returns the text with the changes made; of those that overlap the first counts.
pub(super) fn apply_edits(text: &str, mut splices: Vec<TextEdit>) -> String {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for TextEdit { range, replacement: with } in splices {
        if range.start < at {
            continue;
        }
        out.push_str(text.slice(at..range.start));
        out.push_str(&with);
        at = range.end;
    }
    out.push_str(text.slice(at..));
    out
}
