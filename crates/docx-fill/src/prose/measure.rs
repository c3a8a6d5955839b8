//! Owns how large prose is, in what it costs to set it: characters, pieces, and what makes a single paragraph, word or
//! table too large for a page.
//! Must not know where the prose comes from, nor judge its words.

use super::{ProseBlock, ProseCell, ProseInline};
use crate::limits::{MAX_MARKDOWN_COLUMNS, MAX_PARAGRAPH_PIECES, MAX_WORD_LENGTH};
use unicode_width::UnicodeWidthChar as _;

/// How large prose is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProseSize {
    /// Characters that are shown; a footnote counts wherever it stands.
    pub characters: usize,
    /// Paragraphs and cells, and within them runs of one look, links, line breaks, pictures and footnotes.
    pub pieces: usize,
    /// What cannot be set, the first of each kind.
    pub oversized: Vec<Oversized>,
}

/// Something that is too large to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oversized {
    /// What it is.
    pub kind: OversizedKind,
    /// How large it is.
    pub count: usize,
    /// The words with which it begins, to find it again.
    pub excerpt: String,
}

/// What can be too large, with its measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OversizedKind {
    /// A word that a line cannot break, in characters.
    Word,
    /// A paragraph or a cell, in pieces.
    Paragraph,
    /// A table, in columns.
    Table,
}

/// Characters of an excess that are kept to find it again.
const EXCERPT_CHARS: usize = 20;
/// From so many letters on a word may be broken anywhere, which makes a piece of each of its parts (`soften` in
/// `templates/gongwen.typ`), up to so many parts.
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
    /// Pieces of the paragraph at hand, and the words with which it begins.
    paragraph_pieces: usize,
    paragraph_start: String,
    /// The word at hand: how many characters, its first ones, and whether it is an address, which the typesetter
    /// breaks by rules of its own.
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

    /// A paragraph or a cell.
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
                    self.measure_inlines(inlines)
                }
            }
        }
    }

    fn count_char(&mut self, c: char) {
        self.size.characters += 1;
        if self.paragraph_start.len() < EXCERPT_CHARS * 4 {
            self.paragraph_start.push(c);
        }
        // A line may break beside every character that is as wide as a Chinese one.
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

    /// Marks of all lengths around the borders of what is kept.
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
