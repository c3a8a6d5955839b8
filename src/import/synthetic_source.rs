//! Owns the text that stands in for a Word document in messages: a line for every place, so that a
//! span has an address and an excerpt.
//! Must not know the meaning of a place.

use docx_fill::diag::{SourcePlace, Span, WordAnchor, WordLocation};

/// The stand-in text built so far.
#[derive(Debug, Default)]
pub(crate) struct SyntheticSourceText {
    pub(crate) text: String,
    pub(crate) spots: Vec<(usize, WordAnchor)>,
}

impl SyntheticSourceText {
    /// Adds a line; returns the place of its words.
    pub(crate) fn add_line(
        &mut self,
        words: &str,
        name: &str,
        location: &WordLocation,
    ) -> SourcePlace {
        let span = self.add_text(words, name, location);
        self.text.push('\n');
        SourcePlace::Words(span)
    }

    /// Adds blocks separated by blank lines; returns the bytes of all.
    pub(crate) fn add_blocks<'a>(
        &mut self,
        blocks: impl Iterator<Item = (&'a str, &'a WordLocation)>,
        name: &str,
    ) -> Span {
        let start = self.text.len();
        let mut end = start;
        for (words, location) in blocks {
            if end > start {
                self.text.push_str("\n\n");
            }
            end = self.add_text(words, name, location).end;
        }
        self.text.push('\n');
        Span { start, end }
    }

    /// Returns the beginning of the document, for what has no place of its own.
    pub(crate) fn start_place() -> SourcePlace {
        SourcePlace::Words(Span::default())
    }

    /// Returns the place of what is added next, of which nothing stands there yet.
    pub(crate) fn end_place(&self) -> SourcePlace {
        SourcePlace::Words(Span { start: self.text.len(), end: self.text.len() })
    }

    fn add_text(&mut self, words: &str, name: &str, location: &WordLocation) -> Span {
        let start = self.text.len();
        self.text.push_str(words);
        let spot = WordAnchor { name: name.to_owned(), location: location.clone() };
        self.spots.push((start, spot));
        Span { start, end: self.text.len() }
    }
}
