//! Owns comparing a text with last year's: the share of it that is unchanged.
//! Must not compare numbers or quotes, which change every year.

use super::CheckContext;
use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::Sink;

/// Similarity in per cent from which a text counts as last year's, unless `nianbao.toml` sets
/// another.
const DEFAULT_SIMILARITY: u8 = 90;
/// Length in characters below which texts are not compared.
const MIN_COMPARED_CHARS: usize = 60;
/// Number of characters in each compared piece.
const SHINGLE_LENGTH: usize = 5;

pub(super) fn check_similarity(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    sink: &mut Sink,
) {
    let Some(previous) = desk.previous else { return };
    let section = passage.section();
    // The introduction is the same sentence every year, as it should be.
    let Some(heading) = section.heading.as_ref().filter(|_| section.table.is_none()) else {
        return;
    };
    let then = previous.form.sections.iter().position(|known| known.id == section.id);
    let Some(old) = then.and_then(|at| previous.section_text(at, passage.field.after_table)) else {
        return;
    };
    let (new, old) = (significant_chars(&passage.field.markdown), significant_chars(&old.markdown));
    if new.len() < MIN_COMPARED_CHARS || old.len() < MIN_COMPARED_CHARS {
        return;
    }
    let alike = common_percent(&new, &old);
    if alike >= usize::from(desk.settings.similarity.unwrap_or(DEFAULT_SIMILARITY)) {
        let message = if new == old {
            msg!("text.similar-whole", heading = heading)
        } else {
            msg!("text.similar", heading = heading, share = alike)
        };
        let found = passage.warning_at("same-as-last-year", 0..passage.text.len(), message);
        sink.push(found.with_hint(msg!("text.similar-hint")));
    }
}

/// Returns the characters to compare: no quotes, digits, punctuation or blanks.
pub(crate) fn significant_chars(markdown: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut rest = markdown;
    loop {
        let (before, after) = rest.split_once("{{").unwrap_or((rest, ""));
        out.extend(before.chars().filter(|c| c.is_alphabetic()));
        match after.split_once("}}") {
            Some((_, tail)) => rest = tail,
            None => return out,
        }
    }
}

/// Returns the percentage of the new text's pieces that also occur in the old one.
pub(crate) fn common_percent(new: &[char], old: &[char]) -> usize {
    let (left, right) = (sorted_pieces(new), sorted_pieces(old));
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut common = 0;
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let order = one.cmp(other);
        common += usize::from(order.is_eq());
        if order.is_le() {
            left.next();
        }
        if order.is_ge() {
            right.next();
        }
    }
    common * 100 / new.windows(SHINGLE_LENGTH).len().max(1)
}

/// Returns the pieces of a text in order, each as one number: a character has 21 bits.
fn sorted_pieces(letters: &[char]) -> Vec<u128> {
    let number =
        |piece: &[char]| piece.iter().fold(0, |sum, c| sum << 21 | u128::from(u32::from(*c)));
    let mut pieces: Vec<u128> = letters.windows(SHINGLE_LENGTH).map(number).collect();
    pieces.sort_unstable();
    pieces
}
