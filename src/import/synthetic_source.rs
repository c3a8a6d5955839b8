//! Owns the text that stands in for a Word document in messages: a line for every place, so that a
//! span has an address and an excerpt.
//! Must not know the meaning of a place.

use docx_fill::diag::{Span, WordAnchor, WordLocation};

/// The stand-in text built so far.
#[derive(Debug, Default)]
pub(crate) struct SyntheticSourceText {
    pub(crate) text: String,
    pub(crate) spots: Vec<(usize, WordAnchor)>,
}

impl SyntheticSourceText {
    /// Adds a line; returns the span of its text.
    pub(crate) fn add_line(&mut self, words: &str, name: &str, place: &WordLocation) -> Span {
        let span = self.add_text(words, name, place);
        self.text.push('\n');
        span
    }

    /// Adds blocks separated by blank lines; returns the span of all.
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
