//! Owns checking numbers after the phrases of the form against all values that the phrase may mean,
//! and growth rates against last year's report.
//! Must not hold a phrase of the form: those are data. The words here are those around any phrase.

use super::CheckContext;
use super::annotated_text::{AnnotatedText, has_any_word};
use super::numbers::{self, PercentFit, TextNumber};
use crate::form::{CellExpr, Phrase, TableCell, sum_terms};
use crate::msg;
use crate::report::Report;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// A phrase with its number in a text.
struct PhraseMatch<'a> {
    phrase: &'a Phrase,
    /// Range from the first word to the measure word.
    range: Range<usize>,
    number: TextNumber,
}

/// Maximum length in bytes of a phrase with the words before its number.
const MAX_PHRASE_BYTES: usize = 120;

pub(super) fn check_phrases(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let phrases = &desk.report.form.phrases;
    // Texts are long and numbers few: only the words before a number are examined.
    for number in passage.numbers_within(0..passage.text.len()) {
        // A number printed by a quote is right; only its growth rate may be wrong.
        if desk.previous.is_none() && !passage.is_handwritten(&number.range) {
            continue;
        }
        let behind = numbers::text_after(passage.text, number);
        let counts = |phrase: &&Phrase| phrase.units.iter().any(|unit| behind.starts_with(unit));
        let mut fitting = phrases.iter().filter(counts).peekable();
        if fitting.peek().is_none() {
            continue;
        }
        let ends = possible_ends(passage.text, number, &desk.report.form.words.fillers);
        let said = fitting.find_map(|phrase| match_phrase(passage, phrase, number, &ends));
        if let Some(said) = said {
            check_amount(desk, passage, &said, sink);
            check_growth(desk, passage, &said, sink);
        }
    }
}

/// Returns the match of a phrase that ends before the number.
fn match_phrase<'a>(
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

/// Where a phrase may end: before the number, or before words that fill the gap, the nearest first.
fn possible_ends(text: &str, number: &TextNumber, fillers: &[String]) -> Vec<usize> {
    let from = number.range.start.saturating_sub(MAX_PHRASE_BYTES);
    let mut ends = vec![number.range.start];
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
    let needed =
        phrase.needs.is_empty() || has_any_word(text.slice(behind_word..end), &phrase.needs);
    let before = passage.clause_before(at);
    let earlier = passage.paragraph_at(at).start..end;
    let fits = needed
        && !has_any_word(before, &words.parts)
        && !names_other_organ(before, &passage.report.organ.name, &words.organs)
        && !names_other_year(before, passage.report.year)
        && !words.rough.iter().any(|rough| text.slice(stop..).starts_with(rough.as_str()))
        && !passage.contains_any(passage.sentence_at(at), &phrase.unless)
        && (phrase.context.is_empty() || passage.contains_any(earlier, &phrase.context));
    fits.then(|| PhraseMatch { phrase, range: at..stop, number: number.clone() })
}

/// Whether a clause speaks of an organ of another kind.
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

/// Checks the number against the tables.
fn check_amount(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    said: &PhraseMatch<'_>,
    sink: &mut Sink,
) {
    if !passage.is_handwritten(&said.number.range) {
        return;
    }
    let Some(written) = said.number.to_decimal() else { return };
    let values = said.phrase.accepts.iter().map(|reading| (reading, desk.report.evaluate(reading)));
    // A value that cannot be computed might be the one meant.
    let Some(values) = values.map(|(r, v)| Some((r, v?))).collect::<Option<Vec<_>>>() else {
        return;
    };
    let fits = |value| if said.phrase.at_most { written <= value } else { written == value };
    if values.is_empty() || values.iter().any(|(_, value)| fits(*value)) {
        return;
    }
    let form = &desk.report.form;
    let mut readings = Vec::new();
    for (at, (reading, value)) in values.iter().enumerate() {
        // Sums with the same value add nothing to the message.
        if !values[..at].iter().any(|(_, earlier)| earlier == value) {
            let (name, value) = (reading.official_name(form), value.to_string());
            readings.push(msg!("text.reading", name = name, value = value));
        }
    }
    let words = passage.text.slice(said.range.clone());
    let message = msg!("text.number", words = words, readings = readings);
    let found = passage.warning_at("text-number", said.number.range.clone(), message);
    sink.push(found.with_hint(msg!("text.number-hint")));
}

/// Checks the growth rate after the number against last year's report.
fn check_growth(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    said: &PhraseMatch<'_>,
    sink: &mut Sink,
) {
    let Some(previous) = desk.previous else { return };
    let Some((percent, up)) = parse_growth(passage.text, said.range.end) else { return };
    let Some(now) = said.number.as_whole() else { return };
    if !passage.is_handwritten(&percent.range) {
        return;
    }
    let mut nearest: Option<(i128, i128)> = None;
    for reading in &said.phrase.accepts {
        let Some(last) = last_year_value(desk.report, previous, reading).filter(|last| *last > 0)
        else {
            return;
        };
        let change = now - last;
        if (change >= 0) == up
            && numbers::percent_fit(change.abs(), last, &percent) != PercentFit::Wrong
        {
            return;
        }
        nearest.get_or_insert((change, last));
    }
    let Some((change, last)) = nearest else { return };
    let share = numbers::format_percent(change.abs(), last, percent.scale);
    let sign = numbers::text_after(passage.text, &percent);
    let end = passage.text.len() - sign.len() + sign.chars().next().map_or(0, char::len_utf8);
    let words = passage.text.slice(said.range.start..end);
    let last = last.to_string();
    let message = if change >= 0 {
        msg!("text.growth-up", words = words, last = last, share = share)
    } else {
        msg!("text.growth-down", words = words, last = last, share = share)
    };
    let found = passage.warning_at("growth", percent.range, message);
    sink.push(found.with_hint(msg!("text.growth-hint")));
}

/// Returns the sum of the same cells, by id, in last year's report.
fn last_year_value(report: &Report, previous: &Report, reading: &CellExpr) -> Option<i128> {
    let value = |cell: &TableCell| {
        let table = &report.form.tables[cell.table];
        previous.counterpart(table, cell.cell)?.as_number()
    };
    sum_terms(&reading.terms, value)?.to_i128()
}

/// Parses `，同比增长1.05%` at an offset: the percentage, and `true` for growth.
fn parse_growth(text: &str, at: usize) -> Option<(TextNumber, bool)> {
    let mut rest = text.slice(at..).trim_start_matches(['，', '（', '(', ',', ' ']);
    let since =
        ["同比", "比上年", "较上年", "比上一年", "较上一年", "与上年相比", "比去年", "较去年"];
    rest = rest.strip_prefix(since.iter().find(|since| rest.starts_with(**since))?)?;
    rest = rest.trim_start_matches(['度', '同', '期', '，', '总', '体']);
    let ups = ["增长", "增加", "上升", "上涨", "提高"];
    let downs = ["下降", "减少", "降低", "下滑"];
    let up = ups.iter().find(|word| rest.starts_with(**word));
    let down = downs.iter().find(|word| rest.starts_with(**word));
    rest = rest.strip_prefix(up.or(down)?)?.trim_start_matches(['了', ' ']);
    let number = numbers::number_at(text, text.len() - rest.len())?;
    numbers::text_after(text, &number).starts_with(['%', '％']).then_some((number, up.is_some()))
}
