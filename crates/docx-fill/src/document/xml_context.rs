//! Owns in what a place of a text of WordprocessingML stands: text boxes and tables.
//! Must not know why somebody asks.

use crate::slice::TextSlice as _;

/// In what a place is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NestingDepth {
    text_boxes: usize,
    tables: usize,
}

impl NestingDepth {
    /// Goes on over some text.
    pub(crate) fn advance_over(&mut self, text: &str) {
        let count = |depth: usize, open: &str, close: &str| {
            (depth + text.matches(open).count()).saturating_sub(text.matches(close).count())
        };
        self.text_boxes = count(self.text_boxes, "<w:txbxContent>", "</w:txbxContent>");
        self.tables = count(self.tables, "<w:tbl>", "</w:tbl>");
    }

    /// In a text box.
    pub(crate) fn is_in_text_box(self) -> bool {
        self.text_boxes > 0
    }

    /// Where neither pages nor sections can begin.
    pub(crate) fn is_nested(self) -> bool {
        self.text_boxes > 0 || self.tables > 0
    }
}

/// How far a text that is being written was looked through for text boxes, at each place where somebody asked.
#[derive(Debug, Default)]
pub(crate) struct TextBoxTracker {
    steps: Vec<(usize, NestingDepth)>,
}

impl TextBoxTracker {
    /// Whether what follows the text stands in a text box. Only what is new since the last question is looked at.
    pub(crate) fn is_in_text_box(&mut self, text: &str) -> bool {
        let (from, mut within) = self.steps.last().copied().unwrap_or_default();
        within.advance_over(text.slice(from.min(text.len())..));
        self.steps.push((text.len(), within));
        within.is_in_text_box()
    }

    /// The text is changed from an offset on.
    pub(crate) fn rewind_to(&mut self, from: usize) {
        while self.steps.last().is_some_and(|(at, _)| *at > from) {
            self.steps.pop();
        }
    }
}
