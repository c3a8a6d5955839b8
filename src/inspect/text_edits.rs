//! Owns edits of the bytes of a part.
//! Must not know the reason of an edit.

use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// A byte range with its replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextEdit {
    pub(super) range: Range<usize>,
    pub(super) replacement: String,
}

impl TextEdit {
    /// Returns an insertion at a byte offset.
    pub(super) fn insert(at: usize, replacement: String) -> TextEdit {
        TextEdit { range: at..at, replacement }
    }
}

/// Returns the text with the edits applied; of overlapping edits the first is used.
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
