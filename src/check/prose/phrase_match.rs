//! Owns finding the phrases of the form beside a number: what stands between them and the number,
//! before them and behind the number.
//! Must not hold a phrase, nor compare the number with anything.

use super::text::annotated_text::{AnnotatedText, has_any_word};
use super::text::numbers::{self, TextNumber};
use crate::form::Phrase;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// A phrase with its number in a text.
pub(super) struct PhraseMatch<'a> {
    pub(super) phrase: &'a Phrase,
    /// Range from the first word to the measure word.
    pub(super) range: Range<usize>,
    pub(super) number: TextNumber,
}

/// Maximum length in bytes of a phrase with the words before its number.
const MAX_PHRASE_BYTES: usize = 120;

/// Returns the match of a phrase that ends before the number.
pub(super) fn match_phrase<'a>(
    passage: &AnnotatedText<'_>,
    phrase: &'a Phrase,
    number: &TextNumber,
    ends: &[usize],
) -> Option<PhraseMatch<'a>> {
    phrase.says.iter().find_map(|word| {
        // From the left: a longer chain of words takes precedence over a shorter one.
        ends.iter().rev().find_map(|&end| {
            let at = start_of_words(passage.text, end, word)?;
            match_words(passage, phrase, word, at, number)
        })
    })
}

/// Returns where words may end: at an offset, or before words that fill the gap to it, the nearest
/// first.
pub(super) fn possible_ends(text: &str, last: usize, fillers: &[String]) -> Vec<usize> {
    let from = last.saturating_sub(MAX_PHRASE_BYTES);
    let mut ends = vec![last];
    let mut next = 0;
    while let Some(&end) = ends.get(next) {
        next += 1;
        for filler in fillers {
            let start = start_of_words(text, end, filler);
            if let Some(start) = start.filter(|start| *start >= from && !ends.contains(start)) {
                ends.push(start);
            }
        }
    }
    ends.sort_unstable_by(|a, b| b.cmp(a));
    ends
}

/// Returns the start of the words if they end at an offset. Most candidates differ in the last byte
/// already.
fn start_of_words(text: &str, end: usize, words: &str) -> Option<usize> {
    let (text, words) = (&text.as_bytes()[..end], words.as_bytes());
    (text.last() == words.last() && text.ends_with(words)).then(|| end - words.len())
}

fn match_words<'a>(
    passage: &AnnotatedText<'_>,
    phrase: &'a Phrase,
    word: &str,
    at: usize,
    number: &TextNumber,
) -> Option<PhraseMatch<'a>> {
    let text = passage.text;
    let words = &passage.report.form.words;
    let behind_word = at + word.len();
    let mut end = behind_word;
    while let Some(filler) =
        words.fillers.iter().find(|filler| text.slice(end..).starts_with(filler.as_str()))
    {
        end += filler.len();
    }
    if end != number.range.start {
        return None;
    }
    let behind = numbers::text_after(text, number);
    let unit = phrase.units.iter().find(|unit| behind.starts_with(*unit))?;
    let stop = text.len() - behind.len() + unit.len();
    let gap = Gap { text, at, behind_word, end, stop };
    let fits = has_needed_words(passage, phrase, &gap)
        && means_the_whole(passage, at)
        && !words.rough.iter().any(|rough| text.slice(stop..).starts_with(rough.as_str()))
        && !passage.contains_any(passage.sentence_at(at), &phrase.unless)
        && has_context(passage, phrase, &gap);
    fits.then(|| PhraseMatch { phrase, range: at..stop, number: number.clone() })
}

/// Offsets of a wording and its number.
struct Gap<'a> {
    text: &'a str,
    /// Begin of the wording.
    at: usize,
    /// End of the wording.
    behind_word: usize,
    /// Begin of the number.
    end: usize,
    /// End of the measure word.
    stop: usize,
}

/// Checks whether the clause before the wording leaves it the whole of the organ's own year.
fn means_the_whole(passage: &AnnotatedText<'_>, at: usize) -> bool {
    let words = &passage.report.form.words;
    let before = passage.clause_before(at);
    !has_any_word(before, &words.parts)
        && !names_other_organ(before, &passage.report.organ.name, &words.organs)
        && !names_other_year(before, passage.report.year)
}

/// Checks for the words of which the phrase needs one: before the number, at the end of the clause
/// behind it, or leading the wording.
fn has_needed_words(passage: &AnnotatedText<'_>, phrase: &Phrase, gap: &Gap<'_>) -> bool {
    phrase.needs.is_empty()
        || has_any_word(gap.text.slice(gap.behind_word..gap.end), &phrase.needs)
        || ends_clause(passage, &phrase.needs, gap)
        || is_led(passage, &phrase.led_by, gap)
}

/// Characters that end a clause.
const CLAUSE_ENDS: [char; 10] = ['，', '。', '；', '：', '！', '？', '\n', '、', '（', ','];
/// Length in bytes up to which a clause behind a number is read.
const MAX_CLAUSE_BYTES: usize = 120;

/// Returns the clause behind the number if it holds nothing but filling words: 公众提交的申请.
fn plain_tail<'a>(passage: &AnnotatedText<'_>, gap: &Gap<'a>) -> Option<&'a str> {
    let behind = gap.text.slice(gap.stop..).floor_prefix(MAX_CLAUSE_BYTES);
    let whole = (behind.len() + gap.stop == gap.text.len()).then_some(behind.len());
    let end = behind.find(CLAUSE_ENDS).or(whole)?;
    let clause = behind.slice(..end).trim_end_matches(['*', ' ']);
    let fillers = &passage.report.form.words.fillers;
    let mut rest = clause;
    while let Some(filler) = fillers.iter().find(|filler| rest.starts_with(filler.as_str())) {
        rest = rest.slice(filler.len()..);
    }
    rest.is_empty().then_some(clause)
}

/// Checks whether one of the words ends the clause behind the number: 收到2件公众提交的申请.
fn ends_clause(passage: &AnnotatedText<'_>, needs: &[String], gap: &Gap<'_>) -> bool {
    let ends = |clause: &str| needs.iter().any(|need| clause.ends_with(need.as_str()));
    plain_tail(passage, gap).is_some_and(ends)
}

/// Checks whether one of the words stands before the wording with nothing but filling words
/// between: 依申请公开方面，2025年我局共受理2件.
fn is_led(passage: &AnnotatedText<'_>, leaders: &[String], gap: &Gap<'_>) -> bool {
    if leaders.is_empty() || plain_tail(passage, gap).is_none() {
        return false;
    }
    let words = &passage.report.form.words;
    let own = [format!("{}年", passage.report.year), passage.report.organ.name.clone()];
    let all = words.leads.iter().chain(&words.fillers).chain(&own);
    let fillers: Vec<String> = all.filter(|word| !word.is_empty()).cloned().collect();
    let ends = possible_ends(gap.text, gap.at, &fillers);
    let leads =
        |word: &String| ends.iter().any(|end| start_of_words(gap.text, *end, word).is_some());
    leaders.iter().any(leads)
}

/// Checks whether the paragraph up to the number is about what the phrase means.
fn has_context(passage: &AnnotatedText<'_>, phrase: &Phrase, gap: &Gap<'_>) -> bool {
    let earlier = passage.paragraph_at(gap.at).start..gap.end;
    let about = phrase.about.is_empty()
        || is_about(gap, earlier.start, phrase, &passage.report.form.words.look_alike_rows)
        || ends_clause(passage, &phrase.about, gap);
    about && (phrase.context.is_empty() || passage.contains_any(earlier, &phrase.context))
}

/// Checks whether the last of the words for the rows of the table is one of this row's.
fn is_about(gap: &Gap<'_>, start: usize, phrase: &Phrase, others: &[String]) -> bool {
    let text = gap.text.slice(start..gap.end);
    let last = |words: &[String]| words.iter().filter_map(|word| text.rfind(word.as_str())).max();
    let Some(own) = last(&phrase.about) else { return false };
    let no_row = |at: usize| others.iter().any(|word| text.slice(at..).starts_with(word.as_str()));
    let rival = phrase.rivals.iter().flat_map(|word| text.rmatch_indices(word.as_str()));
    !rival.map(|(at, _)| at).any(|at| at > own && !no_row(at))
}

/// Checks whether a clause speaks of an organ of another kind.
fn names_other_organ(clause: &str, name: &str, kinds: &[String]) -> bool {
    let own = ["我", "本", name].iter().any(|own| !own.is_empty() && clause.contains(own));
    !own && kinds.iter().any(|kind| !name.contains(kind) && clause.contains(kind))
}

/// Checks whether a clause is about another year than the report.
fn names_other_year(clause: &str, year: u16) -> bool {
    let own = year.to_string();
    clause.match_indices('年').any(|(at, _)| {
        let start = clause.slice(..at).trim_end_matches(|c: char| c.is_ascii_digit()).len();
        at - start == 4 && clause.slice(start..at) != own
    })
}
