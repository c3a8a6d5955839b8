//! Owns measuring the size of prose as typesetting cost: characters, pieces, and oversized paragraphs, words
//! and tables.
//! Must not know where the prose comes from, nor judge its content.

use super::{ProseBlock, ProseCell, ProseInline};
use crate::limits::{MAX_MARKDOWN_COLUMNS, MAX_PARAGRAPH_PIECES, MAX_WORD_LENGTH};
use unicode_width::UnicodeWidthChar as _;

/// The size of prose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProseSize {
    /// Visible characters; a footnote counts at every reference.
    pub characters: usize,
    /// Paragraphs and cells, and within them runs of equal formatting, links, line breaks, pictures and
    /// footnotes.
    pub pieces: usize,
    /// Elements that exceed a limit, the first of each kind.
    pub oversized: Vec<Oversized>,
}

/// An element that is too large for typesetting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oversized {
    /// Kind of the element.
    pub kind: OversizedKind,
    /// Its size in the unit of its kind.
    pub count: usize,
    /// Its first characters, as an aid for finding it.
    pub excerpt: String,
}

/// The kind of an oversized element, with the unit of its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OversizedKind {
    /// An unbreakable word, in characters.
    Word,
    /// A paragraph or cell, in pieces.
    Paragraph,
    /// A table, in columns.
    Table,
}

/// Maximum characters of an excerpt.
const EXCERPT_CHARS: usize = 20;
/// Minimum length of words that may break anywhere. Each such word counts as two pieces per character (`soften`
/// in `templates/gongwen.typ`), up to a maximum number of parts.
const SOFT_BREAK_LENGTH: usize = 24;
const MAX_SOFT_PARTS: usize = 100;

/// Measures prose.
pub fn measure_prose(blocks: &[ProseBlock]) -> ProseSize {
    let mut measurer = ProseMeasurer::default();
    for block in blocks {
        match block {
            ProseBlock::Table { head, rows } => measurer.measure_table(head, rows),
            ProseBlock::Image(_) => measurer.size.pieces += 1,
            ProseBlock::Paragraph { inlines }
            | ProseBlock::Heading { inlines, .. }
            | ProseBlock::Item { inlines, .. }
            | ProseBlock::Quote { inlines } => measurer.measure_paragraph(inlines),
        }
    }
    measurer.size
}

#[derive(Default)]
struct ProseMeasurer {
    size: ProseSize,
    /// Pieces of the current paragraph, and its first characters.
    paragraph_pieces: usize,
    paragraph_start: String,
    /// Length of the current word, its first characters, and whether it is an address, which the typesetter
    /// breaks by its own rules.
    word_length: usize,
    word_start: String,
    is_address: bool,
}

impl ProseMeasurer {
    fn record_oversized(&mut self, kind: OversizedKind, count: usize, words: &str) {
        if self.size.oversized.iter().all(|known| known.kind != kind) {
            let words = words.chars().take(EXCERPT_CHARS).collect();
            self.size.oversized.push(Oversized { kind, count, excerpt: words });
        }
    }

    fn measure_table(&mut self, head: &[ProseCell], rows: &[Vec<ProseCell>]) {
        let begins = super::plain_text(head.first().map_or(&[], |cell| &cell.inlines));
        if head.len() > MAX_MARKDOWN_COLUMNS {
            self.record_oversized(OversizedKind::Table, head.len(), &begins);
        }
        for cell in head.iter().chain(rows.iter().flatten()) {
            self.measure_paragraph(&cell.inlines);
        }
    }

    /// Measures a paragraph or cell.
    fn measure_paragraph(&mut self, inlines: &[ProseInline]) {
        (self.paragraph_pieces, self.paragraph_start) = (1, String::new());
        self.measure_inlines(inlines);
        self.end_word();
        self.size.pieces += self.paragraph_pieces;
        if self.paragraph_pieces > MAX_PARAGRAPH_PIECES {
            let begins = std::mem::take(&mut self.paragraph_start);
            self.record_oversized(OversizedKind::Paragraph, self.paragraph_pieces, &begins);
        }
    }

    fn measure_inlines(&mut self, inlines: &[ProseInline]) {
        for inline in inlines {
            self.paragraph_pieces += 1;
            match inline {
                ProseInline::Text(run) => run.text.chars().for_each(|c| self.count_char(c)),
                ProseInline::Break | ProseInline::Image(_) => self.end_word(),
                ProseInline::Link { inlines, .. } | ProseInline::Note { inlines } => {
                    self.measure_inlines(inlines);
                }
            }
        }
    }

    fn count_char(&mut self, c: char) {
        self.size.characters += 1;
        if self.paragraph_start.len() < EXCERPT_CHARS * 4 {
            self.paragraph_start.push(c);
        }
        // A line may break beside every wide (East Asian) character.
        if c.is_whitespace() || c.width() == Some(2) {
            return self.end_word();
        }
        self.word_length += 1;
        self.is_address |= c == '/' && self.word_start.ends_with(":/");
        if self.word_start.len() < 256 {
            self.word_start.push(c);
        }
    }

    fn end_word(&mut self) {
        let (word, address) =
            (std::mem::take(&mut self.word_length), std::mem::take(&mut self.is_address));
        let letters = std::mem::take(&mut self.word_start);
        if word >= SOFT_BREAK_LENGTH && !address {
            self.paragraph_pieces += 2 * word.min(MAX_SOFT_PARTS);
        }
        if word > MAX_WORD_LENGTH {
            self.record_oversized(OversizedKind::Word, word, &letters);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::parse_markdown;

    fn kinds(markdown: &str) -> Vec<(OversizedKind, usize)> {
        let extent = measure_prose(&parse_markdown(markdown));
        extent.oversized.iter().map(|excess| (excess.kind, excess.count)).collect()
    }

    #[test]
    fn what_is_too_large_is_named_with_its_measure() {
        let long = "a".repeat(MAX_WORD_LENGTH + 1);
        assert_eq!(kinds(&format!("甲{long}乙")), [(OversizedKind::Word, MAX_WORD_LENGTH + 1)]);
        assert_eq!(kinds(&format!("`{long}`")), [(OversizedKind::Word, MAX_WORD_LENGTH + 1)]);
        assert_eq!(kinds(&"a".repeat(MAX_WORD_LENGTH)), []);
        assert_eq!(kinds(&format!("甲{}", "\u{301}".repeat(MAX_WORD_LENGTH + 9))).len(), 1);
        assert_eq!(kinds(&"甲".repeat(100_000)), []);
        assert_eq!(kinds(&"word ".repeat(50_000)), []);
        let marks = "**甲**乙".repeat(MAX_PARAGRAPH_PIECES / 2 + 1);
        assert_eq!(kinds(&marks), [(OversizedKind::Paragraph, MAX_PARAGRAPH_PIECES + 3)]);
        assert_eq!(kinds(&"**甲**乙\n\n".repeat(MAX_PARAGRAPH_PIECES)), []);
        let wide = |columns| format!("|{}\n|{}\n", "a|".repeat(columns), "-|".repeat(columns));
        assert_eq!(
            kinds(&wide(MAX_MARKDOWN_COLUMNS + 1)),
            [(OversizedKind::Table, MAX_MARKDOWN_COLUMNS + 1)]
        );
        assert_eq!(kinds(&wide(MAX_MARKDOWN_COLUMNS)), []);
    }

    #[test]
    fn characters_and_pieces_are_counted_as_they_are_set() {
        let extent = measure_prose(&parse_markdown(
            "甲**乙**[丙](http://a)[^1]\n\n|a|b|\n|-|-|\n|c||\n\n[^1]: 丁戊",
        ));
        assert_eq!((extent.characters, extent.pieces), (8, 1 + 5 + 1 + 4 + 3), "{extent:?}");
        // A word that may break anywhere is as many pieces as it has parts.
        assert_eq!(measure_prose(&parse_markdown(&"a".repeat(30))).pieces, 2 + 60);
        assert_eq!(measure_prose(&parse_markdown(&"a".repeat(1000))).pieces, 2 + 200);
        assert_eq!(
            measure_prose(&parse_markdown(&format!("http://{}", "a".repeat(1000)))).pieces,
            2
        );
    }

    /// Texts whose length is near the limits, with characters of all widths.
    #[test]
    fn no_border_lies_within_a_character() {
        for c in ["é", "甲", "\u{20000}", "e\u{301}", "\u{feff}", "\u{200d}"] {
            for before in 0..5 {
                let text = format!("{}{}", "a".repeat(before), c.repeat(MAX_WORD_LENGTH + 90));
                let extent = measure_prose(&parse_markdown(&text));
                for excess in extent.oversized {
                    assert!(text.contains(&excess.excerpt), "{c}");
                }
            }
        }
    }
}
