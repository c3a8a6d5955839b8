//! Owns texts of several units that are alike word for word or nearly, which only the county can see.
//! Each text is compared with the first one of its kind, found by a sample of its pieces, so that the
//! work grows with the length of the texts and not with the number of pairs.
//! Must not judge texts that the form or its notice prescribes: the form names their words.

use super::unit_texts::{MIN_ALIKE_CHARS, UnitText};
use super::{Collected, IncludedReport};
use crate::check::{common_percent, rules};
use crate::msg;
use docx_fill::diag::{Diagnostic, Severity, SourcePlace};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// Rule id of the findings.
const ALIKE_RULE: &str = "alike-texts";
/// Percentage from which two texts are alike.
const ALIKE_PERCENT: usize = 90;
/// The same for texts of fewer characters than [`SHORT_CHARS`]: a word changed in one takes a large share of its pieces.
const ALIKE_PERCENT_SHORT: usize = 80;
/// Number of characters below which a text is short.
const SHORT_CHARS: usize = 140;
/// Number of characters of a piece.
const PIECE_CHARS: usize = 8;
/// One piece of so many is remembered.
const SAMPLE: u64 = 4;
/// Number of other units whose places are named.
const MAX_PLACES: usize = 5;
/// Characters of the text that a finding quotes.
const QUOTED_CHARS: usize = 20;

pub(super) fn find_similar_texts(county: &Collected, found: &mut Vec<Diagnostic>) {
    let members = county.included_reports();
    if members.len() < 2 {
        return;
    }
    let mut whole = AlikeIndex::default();
    for (unit, member) in members.iter().enumerate() {
        for text in member.report.texts() {
            whole.add(unit, ComparedText::new(text, text.whole()));
        }
    }
    let told: BTreeSet<(usize, SourcePlace)> =
        whole.groups().flat_map(|group| group.iter().map(|text| (text.unit, text.field))).collect();
    push_groups(&members, &whole, found);
    drop(whole);
    let mut paragraphs = AlikeIndex::default();
    for (unit, member) in members.iter().enumerate() {
        for text in member.report.texts().iter().filter(|text| !told.contains(&(unit, text.field)))
        {
            for letters in text.paragraphs() {
                paragraphs.add(unit, ComparedText::new(text, letters));
            }
        }
    }
    push_groups(&members, &paragraphs, found);
}

/// A text to be compared.
#[derive(Clone, Copy)]
struct ComparedText<'a> {
    /// Place of the whole text in its file.
    field: SourcePlace,
    section: usize,
    /// Letters in UTF-16.
    letters: &'a [u16],
}

impl<'a> ComparedText<'a> {
    fn new(text: &UnitText, letters: &'a [u16]) -> ComparedText<'a> {
        ComparedText { field: text.field, section: text.section, letters }
    }
}

/// Returns the letters of a text that is kept as UTF-16.
fn letters_of(units: &[u16]) -> Vec<char> {
    char::decode_utf16(units.iter().copied()).filter_map(Result::ok).collect()
}

/// A text and the unit whose it is.
struct KnownText {
    unit: usize,
    field: SourcePlace,
    section: usize,
}

/// The texts met so far: the first one of each kind, and those that are like it.
#[derive(Default)]
struct AlikeIndex<'a> {
    firsts: Vec<&'a [u16]>,
    members: Vec<Vec<KnownText>>,
    /// First text in which a piece was met, by the hash of the piece.
    pieces: HashMap<u32, u32, BuildHasherDefault<PrehashedHasher>>,
}

impl<'a> AlikeIndex<'a> {
    fn add(&mut self, unit: usize, text: ComparedText<'a>) {
        let letters = letters_of(text.letters);
        if letters.len() < MIN_ALIKE_CHARS {
            return;
        }
        let known = KnownText { unit, field: text.field, section: text.section };
        let sample = sampled_pieces(&letters);
        let mut votes: BTreeMap<u32, usize> = BTreeMap::new();
        for first in sample.iter().filter_map(|piece| self.pieces.get(piece)) {
            *votes.entry(*first).or_default() += 1;
        }
        let nearest = votes.into_iter().max_by_key(|(first, count)| (*count, u32::MAX - first));
        let like = nearest.and_then(|(first, _)| usize::try_from(first).ok()).filter(|first| {
            self.members[*first].iter().all(|member| member.unit != unit)
                && are_alike(&letters_of(self.firsts[*first]), &letters)
        });
        match like {
            Some(first) => self.members[first].push(known),
            None => {
                let number = u32::try_from(self.firsts.len()).unwrap_or(u32::MAX);
                for piece in sample {
                    self.pieces.entry(piece).or_insert(number);
                }
                self.firsts.push(text.letters);
                self.members.push(vec![known]);
            }
        }
    }

    /// Returns the texts of several units that are alike, in the order of their first.
    fn groups(&self) -> impl Iterator<Item = &Vec<KnownText>> {
        self.members.iter().filter(|group| group.len() > 1)
    }
}

fn are_alike(one: &[char], other: &[char]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let percent = if short.len() < SHORT_CHARS { ALIKE_PERCENT_SHORT } else { ALIKE_PERCENT };
    short.len() * 100 >= long.len() * percent && common_percent(long, short) >= percent
}

/// The hasher of hashes of pieces; a multiplication spreads them over the table.
#[derive(Default)]
struct PrehashedHasher(u64);

impl Hasher for PrehashedHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u32(&mut self, hash: u32) {
        self.0 = u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// Returns the hashes of some of the pieces of a text: always the same ones for the same piece. Two pieces in thousands of
/// millions share a hash; it only proposes texts, which are then compared by their letters.
fn sampled_pieces(letters: &[char]) -> Vec<u32> {
    let hash = |piece: &[char]| {
        let mix = |sum: u64, c: &char| {
            (sum ^ u64::from(u32::from(*c))).wrapping_mul(0x0000_0100_0000_01B3)
        };
        let sum = piece.iter().fold(0xCBF2_9CE4_8422_2325, mix);
        sum ^ (sum >> 29)
    };
    let sampled = letters.windows(PIECE_CHARS).map(hash).filter(|hash| hash % SAMPLE == 0);
    sampled.map(|hash| u32::try_from(hash / SAMPLE % (1 << 32)).unwrap_or_default()).collect()
}

fn push_groups(
    members: &[IncludedReport<'_>],
    index: &AlikeIndex<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let severity = rules::find_rule(ALIKE_RULE).and_then(|rule| rule.severity.severity());
    let groups = index.members.iter().zip(&index.firsts).filter(|(group, _)| group.len() > 1);
    for (group, first) in groups {
        let Some((last, others)) = group.split_last() else { continue };
        let names: Vec<&str> = group.iter().map(|text| members[text.unit].name).collect();
        let report = members[last.unit].report;
        let heading = report.form.sections[last.section].heading.as_deref().unwrap_or_default();
        let first = letters_of(first);
        let start: String = first.iter().take(QUOTED_CHARS).collect();
        let message = msg!(
            "collect.alike",
            units = names,
            heading = heading,
            start = start,
            count = first.len()
        );
        let place = |text: &KnownText| text.field.in_source(members[text.unit].report.source);
        let severity = severity.unwrap_or(Severity::Info);
        let mut one = Diagnostic::new(ALIKE_RULE, severity, place(last), message);
        for other in others.iter().take(MAX_PLACES) {
            one = one.with_label(place(other), msg!("collect.also-here"));
        }
        found.push(one.with_hint(msg!("collect.alike-hint")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(unit: usize, words: &str) -> (usize, Vec<u16>) {
        (unit, words.encode_utf16().collect())
    }

    fn groups(texts: &[(usize, Vec<u16>)]) -> Vec<Vec<usize>> {
        let mut index = AlikeIndex::default();
        for (unit, letters) in texts {
            let field = SourcePlace::from(*unit..*unit + 1);
            index.add(*unit, ComparedText { field, section: 1, letters });
        }
        index.groups().map(|group| group.iter().map(|text| text.unit).collect()).collect()
    }

    /// Returns a text of different letters.
    fn letters(from: u32, count: u32) -> String {
        (from..from + count).filter_map(|n| char::from_u32(0x4E00 + n)).collect()
    }

    #[test]
    fn short_texts_may_differ_in_two_words() {
        let one = letters(0, 90);
        let changed = format!("{}新增{}改动{}", letters(0, 30), letters(30, 30), letters(60, 30));
        assert_eq!(groups(&[text(0, &one), text(1, &changed)]), [vec![0, 1]]);
        let other = format!("{}{}", letters(0, 60), letters(2000, 30));
        assert!(groups(&[text(0, &one), text(1, &other)]).is_empty());
    }

    #[test]
    fn equal_and_nearly_equal_texts_are_grouped() {
        let (one, two) = (letters(0, 200), letters(1000, 200));
        let near = format!("{}改动{}", letters(0, 100), letters(100, 100));
        let half = format!("{}{}", letters(0, 100), letters(3000, 100));
        let all = vec![text(0, &one), text(1, &two), text(2, &near), text(3, &one), text(4, &half)];
        assert_eq!(groups(&all), [vec![0, 2, 3]]);
    }

    #[test]
    fn a_unit_that_repeats_itself_is_no_copy() {
        let one = letters(0, 100);
        assert!(groups(&[text(0, &one), text(0, &one)]).is_empty());
    }
}
