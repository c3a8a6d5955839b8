//! Owns how large prose is, in what it costs to set it: characters, pieces, and what makes a single paragraph, word or
//! table too large for a page.
//! Must not know where the prose comes from, nor judge its words.

use super::{Block, Cell, Inline};
use crate::limits::{PARAGRAPH_PIECES, TABLE_WIDTH, WORD_LENGTH};
use unicode_width::UnicodeWidthChar as _;

/// How large prose is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// Characters that are shown; a footnote counts wherever it stands.
    pub characters: usize,
    /// Paragraphs and cells, and within them runs of one look, links, line breaks, pictures and footnotes.
    pub pieces: usize,
    /// What cannot be set, the first of each kind.
    pub excesses: Vec<Excess>,
}

/// Something that is too large to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// What it is.
    pub kind: ExcessKind,
    /// How large it is.
    pub count: usize,
    /// The words with which it begins, to find it again.
    pub words: String,
}

/// What can be too large, with its measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExcessKind {
    /// A word that a line cannot break, in characters.
    Word,
    /// A paragraph or a cell, in pieces.
    Paragraph,
    /// A table, in columns.
    Table,
}

/// Characters of an excess that are kept to find it again.
const WORDS: usize = 20;
/// From so many letters on a word may be broken anywhere, which makes a piece of each of its parts (`soften` in
/// `templates/gongwen.typ`), up to so many parts.
const SOFT: usize = 24;
const SOFT_PARTS: usize = 100;

/// Measures prose.
pub fn measure(blocks: &[Block]) -> Extent {
    let mut measurer = Measurer::default();
    for block in blocks {
        match block {
            Block::Table { head, rows } => measurer.table(head, rows),
            Block::Image(_) => measurer.extent.pieces += 1,
            Block::Paragraph { inlines }
            | Block::Heading { inlines, .. }
            | Block::Item { inlines, .. }
            | Block::Quote { inlines } => measurer.paragraph(inlines),
        }
    }
    measurer.extent
}

#[derive(Default)]
struct Measurer {
    extent: Extent,
    /// Pieces of the paragraph at hand, and the words with which it begins.
    pieces: usize,
    begins: String,
    /// The word at hand: how many characters, its first ones, and whether it is an address, which the typesetter
    /// breaks by rules of its own.
    word: usize,
    letters: String,
    address: bool,
}

impl Measurer {
    fn note(&mut self, kind: ExcessKind, count: usize, words: &str) {
        if self.extent.excesses.iter().all(|known| known.kind != kind) {
            let words = words.chars().take(WORDS).collect();
            self.extent.excesses.push(Excess { kind, count, words });
        }
    }

    fn table(&mut self, head: &[Cell], rows: &[Vec<Cell>]) {
        let begins = super::plain(head.first().map_or(&[], |cell| &cell.inlines));
        if head.len() > TABLE_WIDTH {
            self.note(ExcessKind::Table, head.len(), &begins);
        }
        for cell in head.iter().chain(rows.iter().flatten()) {
            self.paragraph(&cell.inlines);
        }
    }

    /// A paragraph or a cell.
    fn paragraph(&mut self, inlines: &[Inline]) {
        (self.pieces, self.begins) = (1, String::new());
        self.inlines(inlines);
        self.end_word();
        self.extent.pieces += self.pieces;
        if self.pieces > PARAGRAPH_PIECES {
            let begins = std::mem::take(&mut self.begins);
            self.note(ExcessKind::Paragraph, self.pieces, &begins);
        }
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.pieces += 1;
            match inline {
                Inline::Text(run) => run.text.chars().for_each(|c| self.character(c)),
                Inline::Break | Inline::Image(_) => self.end_word(),
                Inline::Link { inlines, .. } | Inline::Note { inlines } => self.inlines(inlines),
            }
        }
    }

    fn character(&mut self, c: char) {
        self.extent.characters += 1;
        if self.begins.len() < WORDS * 4 {
            self.begins.push(c);
        }
        // A line may break beside every character that is as wide as a Chinese one.
        if c.is_whitespace() || c.width() == Some(2) {
            return self.end_word();
        }
        self.word += 1;
        self.address |= c == '/' && self.letters.ends_with(":/");
        if self.letters.len() < 256 {
            self.letters.push(c);
        }
    }

    fn end_word(&mut self) {
        let (word, address) = (std::mem::take(&mut self.word), std::mem::take(&mut self.address));
        let letters = std::mem::take(&mut self.letters);
        if word >= SOFT && !address {
            self.pieces += 2 * word.min(SOFT_PARTS);
        }
        if word > WORD_LENGTH {
            self.note(ExcessKind::Word, word, &letters);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::parse;

    fn kinds(markdown: &str) -> Vec<(ExcessKind, usize)> {
        let extent = measure(&parse(markdown));
        extent.excesses.iter().map(|excess| (excess.kind, excess.count)).collect()
    }

    #[test]
    fn what_is_too_large_is_named_with_its_measure() {
        let long = "a".repeat(WORD_LENGTH + 1);
        assert_eq!(kinds(&format!("甲{long}乙")), [(ExcessKind::Word, WORD_LENGTH + 1)]);
        assert_eq!(kinds(&format!("`{long}`")), [(ExcessKind::Word, WORD_LENGTH + 1)]);
        assert_eq!(kinds(&"a".repeat(WORD_LENGTH)), []);
        assert_eq!(kinds(&format!("甲{}", "\u{301}".repeat(WORD_LENGTH + 9))).len(), 1);
        assert_eq!(kinds(&"甲".repeat(100_000)), []);
        assert_eq!(kinds(&"word ".repeat(50_000)), []);
        let marks = "**甲**乙".repeat(PARAGRAPH_PIECES / 2 + 1);
        assert_eq!(kinds(&marks), [(ExcessKind::Paragraph, PARAGRAPH_PIECES + 3)]);
        assert_eq!(kinds(&"**甲**乙\n\n".repeat(PARAGRAPH_PIECES)), []);
        let wide = |columns| format!("|{}\n|{}\n", "a|".repeat(columns), "-|".repeat(columns));
        assert_eq!(kinds(&wide(TABLE_WIDTH + 1)), [(ExcessKind::Table, TABLE_WIDTH + 1)]);
        assert_eq!(kinds(&wide(TABLE_WIDTH)), []);
    }

    #[test]
    fn characters_and_pieces_are_counted_as_they_are_set() {
        let extent =
            measure(&parse("甲**乙**[丙](http://a)[^1]\n\n|a|b|\n|-|-|\n|c||\n\n[^1]: 丁戊"));
        assert_eq!((extent.characters, extent.pieces), (8, 1 + 5 + 1 + 4 + 3), "{extent:?}");
        // A word that may break anywhere is as many pieces as it has parts.
        assert_eq!(measure(&parse(&"a".repeat(30))).pieces, 2 + 60);
        assert_eq!(measure(&parse(&"a".repeat(1000))).pieces, 2 + 200);
        assert_eq!(measure(&parse(&format!("http://{}", "a".repeat(1000)))).pieces, 2);
    }

    /// Marks of all lengths around the borders of what is kept.
    #[test]
    fn no_border_lies_within_a_character() {
        for c in ["é", "甲", "\u{20000}", "e\u{301}", "\u{feff}", "\u{200d}"] {
            for before in 0..5 {
                let text = format!("{}{}", "a".repeat(before), c.repeat(WORD_LENGTH + 90));
                let extent = measure(&parse(&text));
                for excess in extent.excesses {
                    assert!(text.contains(&excess.words), "{c}");
                }
            }
        }
    }
}
