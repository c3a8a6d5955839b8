//! Owns texts of several units that are alike word for word or nearly, which only the county can see.
//! Each text is compared with the first one of its kind, found by a sample of its pieces, so that the
//! work grows with the length of the texts and not with the number of pairs.
//! Must not judge texts that the form or its notice prescribes: the form names their words.

use super::{Collected, IncludedReport};
use crate::check::{common_percent, rules, significant_chars};
use crate::form::Form;
use crate::msg;
use crate::report::Report;
use docx_fill::diag::{Diagnostic, Severity, SourcePlace};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rule id of the findings.
const ALIKE_RULE: &str = "alike-texts";
/// Length in characters from which texts are compared.
const MIN_ALIKE_CHARS: usize = 60;
/// Percentage from which two texts are alike.
const ALIKE_PERCENT: usize = 90;
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
    let prescribed = prescribed_sentences(&county.form);
    let mut whole = AlikeIndex::default();
    for (unit, member) in members.iter().enumerate() {
        for text in compared_texts(member.report, &prescribed, false) {
            whole.add(unit, text);
        }
    }
    let told: BTreeSet<(usize, SourcePlace)> =
        whole.groups().flat_map(|group| group.iter().map(|text| (text.unit, text.field))).collect();
    push_groups(&members, &whole, found);
    drop(whole);
    let mut paragraphs = AlikeIndex::default();
    for (unit, member) in members.iter().enumerate() {
        for text in compared_texts(member.report, &prescribed, true) {
            if !told.contains(&(unit, text.field)) {
                paragraphs.add(unit, text);
            }
        }
    }
    push_groups(&members, &paragraphs, found);
}

/// A text to be compared.
struct ComparedText {
    /// Place of the whole text in its file.
    field: SourcePlace,
    section: usize,
    /// Letters of the text without the organ's name, numbers and prescribed sentences.
    letters: Vec<char>,
}

/// Returns the texts of a report, or their paragraphs, that are long enough to be compared.
fn compared_texts(
    report: &Report,
    prescribed: &BTreeSet<Vec<char>>,
    by_paragraph: bool,
) -> Vec<ComparedText> {
    let fields =
        report.texts.iter().filter(|text| report.form.sections[text.section].heading.is_some());
    let mut out = Vec::new();
    for field in fields {
        let parts: Vec<&str> =
            if by_paragraph { field.markdown.split('\n').collect() } else { vec![&field.markdown] };
        for part in parts {
            let letters = own_letters(report, part, prescribed);
            if letters.len() >= MIN_ALIKE_CHARS {
                out.push(ComparedText { field: field.place, section: field.section, letters });
            }
        }
    }
    out
}

/// Returns the letters of a text without the organ's name and prescribed sentences.
fn own_letters(report: &Report, text: &str, prescribed: &BTreeSet<Vec<char>>) -> Vec<char> {
    let name = report.organ.name.trim();
    let short = ["人民政府", "办事处"].iter().find_map(|end| name.strip_suffix(end));
    let words = &report.form.prose.prescribed;
    let mut out = Vec::new();
    for sentence in text.split(['。', '\n']) {
        if words.iter().any(|word| sentence.contains(word.as_str())) {
            continue;
        }
        let mut plain = sentence.to_owned();
        for own in [Some(name), short].into_iter().flatten().filter(|own| !own.is_empty()) {
            plain = plain.replace(own, "");
        }
        let letters = significant_chars(&plain);
        if !prescribed.contains(&letters) {
            out.extend(letters);
        }
    }
    out
}

/// Returns the sentences of the form's own texts.
fn prescribed_sentences(form: &Form) -> BTreeSet<Vec<char>> {
    let texts = form.sections.iter().flat_map(|section| section.starter_text.split(['。', '\n']));
    texts.map(significant_chars).collect()
}

/// A text and the unit whose it is.
struct KnownText {
    unit: usize,
    field: SourcePlace,
    section: usize,
}

/// The texts met so far: the first one of each kind, and those that are like it.
#[derive(Default)]
struct AlikeIndex {
    firsts: Vec<Vec<char>>,
    members: Vec<Vec<KnownText>>,
    /// First text in which a piece was met.
    pieces: HashMap<u64, usize>,
}

impl AlikeIndex {
    fn add(&mut self, unit: usize, text: ComparedText) {
        let known = KnownText { unit, field: text.field, section: text.section };
        let sample = sampled_pieces(&text.letters);
        let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
        for first in sample.iter().filter_map(|piece| self.pieces.get(piece)) {
            *votes.entry(*first).or_default() += 1;
        }
        let nearest = votes.into_iter().max_by_key(|(first, count)| (*count, usize::MAX - first));
        let like = nearest.map(|(first, _)| first).filter(|first| {
            self.members[*first].iter().all(|member| member.unit != unit)
                && are_alike(&self.firsts[*first], &text.letters)
        });
        match like {
            Some(first) => self.members[first].push(known),
            None => {
                let number = self.firsts.len();
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
    short.len() * 100 >= long.len() * ALIKE_PERCENT && common_percent(long, short) >= ALIKE_PERCENT
}

/// Returns the hashes of some of the pieces of a text: always the same ones for the same piece.
fn sampled_pieces(letters: &[char]) -> Vec<u64> {
    let hash = |piece: &[char]| {
        let mix = |sum: u64, c: &char| {
            (sum ^ u64::from(u32::from(*c))).wrapping_mul(0x0000_0100_0000_01B3)
        };
        let sum = piece.iter().fold(0xCBF2_9CE4_8422_2325, mix);
        sum ^ (sum >> 29)
    };
    letters.windows(PIECE_CHARS).map(hash).filter(|hash| hash % SAMPLE == 0).collect()
}

fn push_groups(members: &[IncludedReport<'_>], index: &AlikeIndex, found: &mut Vec<Diagnostic>) {
    let severity = rules::find_rule(ALIKE_RULE).and_then(|rule| rule.severity.severity());
    let groups = index.members.iter().zip(&index.firsts).filter(|(group, _)| group.len() > 1);
    for (group, first) in groups {
        let Some((last, others)) = group.split_last() else { continue };
        let names: Vec<&str> = group.iter().map(|text| members[text.unit].name).collect();
        let report = members[last.unit].report;
        let heading = report.form.sections[last.section].heading.as_deref().unwrap_or_default();
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

    fn text(unit: usize, words: &str) -> (usize, ComparedText) {
        let field = SourcePlace::from(unit..unit + 1);
        (unit, ComparedText { field, section: 1, letters: words.chars().collect() })
    }

    fn groups(texts: Vec<(usize, ComparedText)>) -> Vec<Vec<usize>> {
        let mut index = AlikeIndex::default();
        for (unit, text) in texts {
            index.add(unit, text);
        }
        index.groups().map(|group| group.iter().map(|text| text.unit).collect()).collect()
    }

    /// Returns a text of different letters.
    fn letters(from: u32, count: u32) -> String {
        (from..from + count).filter_map(|n| char::from_u32(0x4E00 + n)).collect()
    }

    #[test]
    fn equal_and_nearly_equal_texts_are_grouped() {
        let (one, two) = (letters(0, 200), letters(1000, 200));
        let near = format!("{}改动{}", letters(0, 100), letters(100, 100));
        let half = format!("{}{}", letters(0, 100), letters(3000, 100));
        let all = vec![text(0, &one), text(1, &two), text(2, &near), text(3, &one), text(4, &half)];
        assert_eq!(groups(all), [vec![0, 2, 3]]);
    }

    #[test]
    fn a_unit_that_repeats_itself_is_no_copy() {
        let one = letters(0, 100);
        assert!(groups(vec![text(0, &one), text(0, &one)]).is_empty());
    }
}
