//! Owns the one look that is taken at a text: which pairs of characters stand in it, where the characters
//! stand at which rules begin, and its numbers. A rule then looks only where there is something to find.
//! Must not know a rule.

use super::glyphs;
use super::numbers::{self, Number};
use super::spelled;

/// Bits for the pairs of a text; there are far fewer pairs in one.
const BITS: usize = 8192;

/// What one look at a text has shown.
pub(super) struct Survey {
    /// A bit for each pair of neighbours. Different pairs may share one.
    pairs: [u64; BITS / 64],
    /// Where the characters stand at which rules begin.
    marks: Vec<(usize, char)>,
    /// The numbers, in order.
    numbers: Vec<Number>,
    /// Whether there may be a character that only looks like the one that is meant.
    strange: bool,
}

impl Survey {
    pub(super) fn new(text: &str) -> Survey {
        let mut out = Survey {
            pairs: [0; BITS / 64],
            marks: Vec::new(),
            numbers: Vec::new(),
            strange: false,
        };
        let mut before = '\0';
        let mut number_end = 0;
        for (at, c) in text.char_indices() {
            let bit = bit(before, c);
            out.pairs[bit / 64] |= 1 << (bit % 64);
            if c.is_ascii_digit() && at >= number_end {
                let (end, number) = numbers::at_digit(text, at);
                number_end = end;
                out.numbers.extend(number);
            } else if is_mark(c) {
                out.marks.push((at, c));
            }
            if spelled::is_measure(c) && spelled::worth(before).is_some() {
                out.numbers.extend(spelled::before(text, at));
            }
            out.strange |= glyphs::suspicious(c);
            before = c;
        }
        out
    }

    /// Whether a word may stand in the text; if not, it certainly does not.
    pub(super) fn may_have(&self, word: &str) -> bool {
        let mut chars = word.chars();
        let Some(mut before) = chars.next() else { return true };
        chars.all(|c| {
            let bit = bit(before, c);
            before = c;
            self.pairs[bit / 64] & (1 << (bit % 64)) != 0
        })
    }

    /// Where one of these characters stands; rules begin at few.
    pub(super) fn marks(&self, wanted: fn(char) -> bool) -> impl Iterator<Item = (usize, char)> {
        self.marks.iter().copied().filter(move |(_, c)| wanted(*c))
    }

    /// All numbers that are not part of an address, a telephone number or a name.
    pub(super) fn numbers(&self) -> &[Number] {
        &self.numbers
    }

    /// Whether there may be a character that only looks like the one that is meant.
    pub(super) fn strange(&self) -> bool {
        self.strange
    }
}

/// The bit of a pair of characters.
fn bit(first: char, second: char) -> usize {
    let first = u32::from(first).wrapping_mul(0x9E37_79B1);
    let both = first.rotate_left(11) ^ u32::from(second).wrapping_mul(0x85EB_CA6B);
    both as usize >> (32 - BITS.trailing_zeros())
}

/// Characters at which rules begin.
fn is_mark(c: char) -> bool {
    let ascii = matches!(c, '%' | '(' | '[' | 'X' | 'x' | '_');
    let words = matches!(c, '其' | '我' | '年' | '件' | '条' | '次' | '篇');
    ascii || words || matches!(c, '×' | '〔' | '【' | '％' | '（' | '［' | '＿')
}
