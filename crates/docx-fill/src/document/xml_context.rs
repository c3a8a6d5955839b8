//! Owns determining whether a place in `WordprocessingML` is in a text box or table.
//! Must not know why this is needed.

use crate::slice::TextSlice as _;

/// The text boxes and tables that enclose a place.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EnclosingContainers {
    text_boxes: usize,
    tables: usize,
}

impl EnclosingContainers {
    /// Advances over a piece of text.
    pub(crate) fn advance_over(&mut self, text: &str) {
        let count = |depth: usize, open: &str, close: &str| {
            (depth + text.matches(open).count()).saturating_sub(text.matches(close).count())
        };
        self.text_boxes = count(self.text_boxes, "<w:txbxContent>", "</w:txbxContent>");
        self.tables = count(self.tables, "<w:tbl>", "</w:tbl>");
    }

    /// Checks whether the place is in a text box.
    pub(crate) fn is_in_text_box(self) -> bool {
        self.text_boxes > 0
    }

    /// Checks whether the place is in a text box or table, where no page or section can begin.
    pub(crate) fn is_nested(self) -> bool {
        self.text_boxes > 0 || self.tables > 0
    }
}

/// Incremental search for text boxes in a text that is being written, with the state at each earlier query.
#[derive(Debug, Default)]
pub(crate) struct TextBoxTracker {
    steps: Vec<(usize, EnclosingContainers)>,
}

impl TextBoxTracker {
    /// Checks whether the end of the text is in a text box. Only text added since the last query is searched.
    pub(crate) fn is_in_text_box(&mut self, text: &str) -> bool {
        let (from, mut within) = self.steps.last().copied().unwrap_or_default();
        within.advance_over(text.slice(from.min(text.len())..));
        self.steps.push((text.len(), within));
        within.is_in_text_box()
    }

    /// Discards states after byte `from`, where the text is about to be changed.
    pub(crate) fn rewind_to(&mut self, from: usize) {
        while self.steps.last().is_some_and(|(at, _)| *at > from) {
            self.steps.pop();
        }
    }
}
