//! Owns determining whether a text of `WordprocessingML` that is being written ends in a text box.
//! Must not know why this is needed.

use crate::slice::TextSlice as _;

const TEXT_BOX: &str = "w:txbxContent";

/// Incremental search for text boxes in a text that is being written, with the state at each earlier query.
#[derive(Debug, Default)]
pub(crate) struct TextBoxTracker {
    /// Lengths of the text, and the number of text boxes that were open there.
    steps: Vec<(usize, usize)>,
}

impl TextBoxTracker {
    /// Checks whether the end of the text is in a text box. Only text added since the last query is searched.
    pub(crate) fn is_in_text_box(&mut self, text: &str) -> bool {
        let (from, depth) = self.steps.last().copied().unwrap_or_default();
        let depth = depth_after(depth, text.slice(from.min(text.len())..));
        self.steps.push((text.len(), depth));
        depth > 0
    }

    /// Discards states after byte `from`, where the text is about to be changed.
    pub(crate) fn rewind_to(&mut self, from: usize) {
        while self.steps.last().is_some_and(|(at, _)| *at > from) {
            self.steps.pop();
        }
    }
}

/// Returns the number of text boxes that are open after a piece of text.
fn depth_after(mut depth: usize, text: &str) -> usize {
    for (at, _) in text.match_indices(TEXT_BOX) {
        let (before, after) = (text.slice(..at), text.slice(at + TEXT_BOX.len()..));
        if before.ends_with("</") {
            depth = depth.saturating_sub(1);
        } else if before.ends_with('<') && after.starts_with(['>', ' ']) {
            let tag = after.split('>').next().unwrap_or_default();
            depth += usize::from(!tag.ends_with('/'));
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_boxes_are_followed_while_a_text_grows() {
        let mut tracker = TextBoxTracker::default();
        let mut text = String::from("<w:p>w:txbxContent <w:txbxContent/>");
        assert!(!tracker.is_in_text_box(&text));
        let before = text.len();
        text.push_str("<w:txbxContent xmlns:q=\"urn:q\"><w:p>");
        assert!(tracker.is_in_text_box(&text));
        assert!(!tracker.is_in_text_box(&format!("{text}</w:p></w:txbxContent>")));
        tracker.rewind_to(before);
        text.truncate(before);
        assert!(!tracker.is_in_text_box(&text));
        assert!(tracker.is_in_text_box(&format!("{text}<w:txbxContent>")));
    }
}
