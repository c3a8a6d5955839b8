//! Owns the text that stands for a Word document in messages: a line for every place of it, so that a span
//! has its address and an excerpt.
//! Must not know what a place means.

use docx_fill::diag::{Span, WordAnchor, WordLocation};

/// The lines so far.
#[derive(Debug, Default)]
pub(crate) struct StandInText {
    pub(crate) text: String,
    pub(crate) spots: Vec<(usize, WordAnchor)>,
}

impl StandInText {
    /// Adds a line; the span is that of its words.
    pub(crate) fn add_line(&mut self, words: &str, name: &str, place: &WordLocation) -> Span {
        let span = self.add_text(words, name, place);
        self.text.push('\n');
        span
    }

    /// Adds blocks with a blank line between them; the span is that of all.
    pub(crate) fn add_blocks<'a>(
        &mut self,
        blocks: impl Iterator<Item = (&'a str, &'a WordLocation)>,
        name: &str,
    ) -> Span {
        let start = self.text.len();
        let mut end = start;
        for (words, place) in blocks {
            if end > start {
                self.text.push_str("\n\n");
            }
            end = self.add_text(words, name, place).end;
        }
        self.text.push('\n');
        Span { start, end }
    }

    fn add_text(&mut self, words: &str, name: &str, place: &WordLocation) -> Span {
        let start = self.text.len();
        self.text.push_str(words);
        let spot = WordAnchor { name: name.to_owned(), location: place.clone() };
        self.spots.push((start, spot));
        Span { start, end: self.text.len() }
    }
}
