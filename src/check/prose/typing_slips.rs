//! Owns slips of typing: words and marks written twice, half-width marks between Chinese characters.
//! Must not hold a word: they are data of the form.

use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Lengths in characters of words that are found by themselves when written twice.
const LONG_WORDS: std::ops::RangeInclusive<usize> = 3..=6;
/// Bytes of a Chinese character in UTF-8.
const CHINESE_BYTES: usize = 3;
/// Marks that nobody writes twice.
const SINGLE_MARKS: [&str; 5] = ["，，", "。。", "、、", "；；", "：："];

pub(super) fn check_typing_slips(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    check_doubled_words(passage, sink);
    check_half_width(passage, sink);
}

fn check_doubled_words(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let words = &passage.report.form.prose;
    if words.doubled.is_empty() {
        return;
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut twice = String::new();
    for word in words.doubled.iter().map(String::as_str).filter(|word| passage.may_repeat(word)) {
        twice.clear();
        twice.push_str(word);
        twice.push_str(word);
        let places = passage.find_word(&twice).map(|at| at..at + twice.len());
        found.extend(places.filter(|range| !is_right(passage.text, range, &words.doubled_right)));
    }
    for mark in SINGLE_MARKS {
        found.extend(passage.find_word(mark).map(|at| at..at + mark.len()));
    }
    found.extend(long_repeats(passage.text, &words.distributive));
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let mut done = 0;
    for range in found {
        if range.start >= done && passage.is_handwritten(&range) {
            done = range.end;
            let message = msg!("text.doubled", words = passage.text.slice(range.clone()));
            let finding = passage.finding_at("doubled-word", range, message);
            sink.push(finding.with_hint(msg!("text.doubled-hint")));
        }
    }
}

/// Checks whether a word written twice lies within a right one: 目的的.
fn is_right(text: &str, range: &Range<usize>, right: &[String]) -> bool {
    right.iter().any(|word| {
        let from = text.floor_char_boundary(range.start.saturating_sub(word.len()));
        let to = text.ceil_char_boundary((range.end + word.len()).min(text.len()));
        let mut places = text.slice(from..to).match_indices(word.as_str());
        places.any(|(at, _)| from + at <= range.start && range.end <= from + at + word.len())
    })
}

/// Returns the places at which three to six Chinese characters are repeated at once.
fn long_repeats(text: &str, distributive: &[String]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut next = 0;
    for (at, c) in text.char_indices() {
        if at < next || c.len_utf8() != CHINESE_BYTES {
            continue;
        }
        for length in LONG_WORDS {
            let size = length * CHINESE_BYTES;
            let Some(both) = bytes.get(at..at + 2 * size) else { break };
            if both[0] != both[size] || both[2] != both[size + 2] || both[..size] != both[size..] {
                continue;
            }
            let word = text.slice(at..at + size);
            let chinese = word.chars().all(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
            if chinese && !distributive.iter().any(|begin| word.starts_with(begin.as_str())) {
                next = at + 2 * size;
                out.push(at..next);
                break;
            }
        }
    }
    out
}

/// Reports half-width marks once a text, at the first. A closing bracket may end a link.
fn check_half_width(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let text = passage.text;
    let chinese = |c: Option<char>| c.is_some_and(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    let marks = text.bytes().enumerate().filter(|(_, byte)| b",;:?!(".contains(byte));
    let mut wrong = marks.map(|(at, _)| at).filter(|at| {
        chinese(text.slice(..*at).chars().next_back())
            && chinese(text.slice(at + 1..).chars().next())
    });
    let Some(first) = wrong.find(|at| passage.is_handwritten(&(*at..at + 1))) else { return };
    let range = first..first + 1;
    let count = 1 + wrong.count();
    let message = msg!("text.half-width", mark = text.slice(range.clone()), count = count);
    let found = passage.finding_at("half-width", range, message);
    sink.push(found.with_hint(msg!("text.half-width-hint")));
}
