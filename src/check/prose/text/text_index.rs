//! Owns the index of a text, built in one pass: a bigram filter, the positions of the characters
//! that rules start from, and the numbers. Rules then search only where a match is possible.
//! Must not know a rule.

use super::chinese_numbers;
use super::numbers::{self, TextNumber};
use docx_fill::template::numerals;

/// Size of the bigram filter in bits, far more than the different bigrams of a text.
const BIGRAM_BITS: usize = 8192;

/// An index of a text.
pub(in crate::check::prose) struct TextIndex {
    /// Bigram filter: a bit for each pair of neighbouring characters; different pairs may share a
    /// bit.
    bigrams: [u64; BIGRAM_BITS / 64],
    /// Positions of the characters that rules start from.
    marks: Vec<(usize, char)>,
    /// Numbers of the text, in order.
    numbers: Vec<TextNumber>,
    /// True if the text may contain look-alike characters.
    strange: bool,
}

impl TextIndex {
    pub(in crate::check::prose) fn new(text: &str) -> TextIndex {
        let mut out = TextIndex {
            bigrams: [0; BIGRAM_BITS / 64],
            marks: Vec::new(),
            numbers: Vec::new(),
            strange: false,
        };
        let mut before = '\0';
        let mut number_end = 0;
        for (at, c) in text.char_indices() {
            let bit = bigram_bit(before, c);
            out.bigrams[bit / 64] |= 1 << (bit % 64);
            if c.is_ascii_digit() && at >= number_end {
                let (end, number) = numbers::scan_number(text, at);
                number_end = end;
                out.numbers.extend(number);
            } else if is_mark(c) {
                out.marks.push((at, c));
            }
            if chinese_numbers::is_measure_word(c) && numerals::numeral_value(before).is_some() {
                out.numbers.extend(chinese_numbers::number_before(text, at));
            }
            out.strange |= may_be_look_alike(c);
            before = c;
        }
        out
    }

    /// Checks whether a word may occur in the text; `false` is certain.
    pub(in crate::check::prose) fn may_contain(&self, word: &str) -> bool {
        let mut chars = word.chars();
        let Some(mut before) = chars.next() else { return true };
        chars.all(|c| {
            let bit = bigram_bit(before, c);
            before = c;
            self.bigrams[bit / 64] & (1 << (bit % 64)) != 0
        })
    }

    /// Checks whether a word may occur twice in a row; `false` is certain.
    pub(in crate::check::prose) fn may_repeat(&self, word: &str) -> bool {
        let ends = word.chars().next_back().zip(word.chars().next());
        ends.is_none_or(|(last, first)| {
            let bit = bigram_bit(last, first);
            self.bigrams[bit / 64] & (1 << (bit % 64)) != 0
        })
    }

    /// Returns the positions of certain marks.
    pub(in crate::check::prose) fn marks_where(
        &self,
        wanted: fn(char) -> bool,
    ) -> impl Iterator<Item = (usize, char)> {
        self.marks.iter().copied().filter(move |(_, c)| wanted(*c))
    }

    /// Returns all numbers that are not part of an address, a telephone number or a name.
    pub(in crate::check::prose) fn numbers(&self) -> &[TextNumber] {
        &self.numbers
    }

    /// Checks whether the text may contain look-alike characters.
    pub(in crate::check::prose) fn may_have_look_alikes(&self) -> bool {
        self.strange
    }
}

/// Returns the bit of a bigram.
fn bigram_bit(first: char, second: char) -> usize {
    let first = u32::from(first).wrapping_mul(0x9E37_79B1);
    let both = first.rotate_left(11) ^ u32::from(second).wrapping_mul(0x85EB_CA6B);
    both as usize >> (32 - BIGRAM_BITS.trailing_zeros())
}

/// Checks whether rules start from this character.
fn is_mark(c: char) -> bool {
    let ascii = matches!(c, '%' | '(' | '[' | '{' | '<' | 'X' | 'x' | '_');
    let words = matches!(c, '其' | '我' | '年' | '件' | '条' | '次' | '篇');
    ascii || words || matches!(c, '×' | '〔' | '【' | '％' | '（' | '［' | '｛' | '＜' | '＿')
}

/// Checks whether a character may be a look-alike; most are not, and need no table.
pub(in crate::check::prose) fn may_be_look_alike(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2FDF}' | '\u{F900}'..)
}
