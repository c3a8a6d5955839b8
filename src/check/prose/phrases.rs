//! Owns checking numbers after the phrases of the form against all values that the phrase may mean.
//! Must not hold a phrase of the form: those are data. The words here are those around any phrase.

use super::CheckContext;
use super::growth;
use super::mentions::Mentions;
use super::phrase_match::{PhraseMatch, match_phrase, possible_ends};
use super::text::annotated_text::{AnnotatedText, has_any_word};
use super::text::numbers::{self, TextNumber};
use crate::figure::Decimal;
use crate::form::{CellExpr, Phrase};
use crate::msg;
use docx_fill::diag::{Message, Sink};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Checks the phrases of a text; what could not be compared with a table is added to the mentions.
pub(super) fn check_phrases(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    mentions: &mut Mentions,
    sink: &mut Sink,
) {
    let phrases = &desk.report.form.phrases;
    let mut wrong: Vec<WrongNumber<'_>> = Vec::new();
    // Texts are long and numbers few: only the words before a number are examined.
    for number in passage.numbers_within(0..passage.text.len()) {
        // A number printed by a quote is right; only its growth rate may be wrong.
        if desk.previous.is_none() && !passage.is_handwritten(&number.range) {
            continue;
        }
        let behind = numbers::text_after(passage.text, number);
        let Some(unit) = behind.chars().next() else { continue };
        let counts = |unit: &String| behind.starts_with(unit.as_str());
        let fits =
            |phrase: &Phrase| phrase.unit_chars.contains(&unit) && phrase.units.iter().any(counts);
        let mut fitting = phrases.iter().enumerate().filter(|(_, phrase)| fits(phrase)).peekable();
        if fitting.peek().is_none() {
            continue;
        }
        let words = &desk.report.form.words;
        let ends = possible_ends(passage.text, number.range.start, &words.fillers, words);
        let last = |end: &usize| passage.text.slice(..*end).chars().next_back();
        let chars: Vec<char> = ends.iter().filter_map(last).collect();
        let said = fitting
            .filter(|(_, phrase)| chars.iter().any(|c| phrase.last_chars.contains(c)))
            .find_map(|(at, phrase)| Some((at, match_phrase(passage, phrase, number, &ends)?)));
        if let Some((at, said)) = said {
            match judge_amount(desk, passage, &said) {
                Verdict::Wrong(found) => wrong.push(found),
                Verdict::Unknown => mentions.add(at, passage, &said),
                Verdict::Right => {}
            }
            growth::check_growth(desk, passage, &said, sink);
        }
    }
    for found in join_sentences(passage, wrong) {
        push_wrong_number(desk, passage, &found, sink);
    }
}

/// A number that differs from the tables.
struct WrongNumber<'a> {
    /// Word by which phrases are told together.
    together: Option<&'a str>,
    /// Range of the words with the number.
    words: Range<usize>,
    /// Range of the number.
    number: Range<usize>,
    /// Sums that it may mean, with their values.
    readings: Vec<(&'a CellExpr, String)>,
}

/// The answer of the tables about a number.
enum Verdict<'a> {
    Right,
    Unknown,
    Wrong(WrongNumber<'a>),
}

/// Compares the number with the tables.
fn judge_amount<'a>(
    desk: &CheckContext<'a>,
    passage: &AnnotatedText<'_>,
    said: &PhraseMatch<'a>,
) -> Verdict<'a> {
    if !passage.is_handwritten(&said.number.range) {
        return Verdict::Right;
    }
    let TextNumber { units, scale, .. } = said.number;
    let written = Decimal::new(units, scale + said.phrase.decimals);
    let Some(written) = written else { return Verdict::Unknown };
    let values = said.phrase.accepts.iter().map(|reading| (reading, desk.report.evaluate(reading)));
    // A value that cannot be computed might be the one meant.
    let Some(values) = values.map(|(r, v)| Some((r, v?))).collect::<Option<Vec<_>>>() else {
        return Verdict::Unknown;
    };
    // None at all is no part of a figure above 0.
    let may_be_part = said.phrase.at_most && written > Decimal::ZERO;
    let fits = |value| if may_be_part { written <= value } else { written == value };
    if values.is_empty() {
        return Verdict::Unknown;
    }
    // Most numbers are right by themselves.
    let makes_whole = || {
        let sum = with_bodies(passage, &said.number)?;
        let sum = Decimal::new(sum, said.phrase.decimals)?;
        values.iter().find(|(_, value)| *value == sum)
    };
    if values.iter().any(|(_, value)| fits(*value)) || makes_whole().is_some() {
        return Verdict::Right;
    }
    let mut readings: Vec<(&CellExpr, String)> = Vec::new();
    for (reading, value) in values {
        // Sums with the same value add nothing to the message.
        let value = value.to_string();
        if !readings.iter().any(|(_, earlier)| *earlier == value) {
            readings.push((reading, value));
        }
    }
    Verdict::Wrong(WrongNumber {
        together: said.phrase.together.as_deref(),
        words: said.range.clone(),
        number: said.number.range.clone(),
        readings,
    })
}

/// Returns the number with those that the same sentence gives for other bodies: 县政府收到12件，部门收到
/// 24件.
fn with_bodies(passage: &AnnotatedText<'_>, number: &TextNumber) -> Option<i128> {
    let bodies = &passage.report.form.words.bodies;
    let unit = |number: &TextNumber| numbers::text_after(passage.text, number).chars().next();
    let of_bodies = |other: &&TextNumber| {
        let clause = passage.clause_before(other.range.start);
        *other != number && unit(other) == unit(number) && has_any_word(clause, bodies)
    };
    let all = passage.numbers_within(passage.sentence_at(number.range.start));
    let mut others = all.iter().filter(of_bodies).filter_map(TextNumber::as_whole).peekable();
    others.peek()?;
    Some(number.as_whole()? + others.sum::<i128>())
}

/// Joins numbers of the same sentence whose phrases are told together.
fn join_sentences<'a>(
    passage: &AnnotatedText<'_>,
    wrong: Vec<WrongNumber<'a>>,
) -> Vec<WrongNumber<'a>> {
    let mut out: Vec<WrongNumber<'a>> = Vec::new();
    for found in wrong {
        let joined = out.last_mut().filter(|last| {
            found.together.is_some()
                && last.together == found.together
                && passage.sentence_at(last.number.start).contains(&found.number.start)
        });
        match joined {
            Some(last) => {
                last.words.end = found.words.end;
                last.number.end = found.number.end;
                for reading in found.readings {
                    if !last.readings.iter().any(|known| known.0 == reading.0) {
                        last.readings.push(reading);
                    }
                }
            }
            None => out.push(found),
        }
    }
    out
}

fn push_wrong_number(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    found: &WrongNumber<'_>,
    sink: &mut Sink,
) {
    let form = &desk.report.form;
    let reading = |(reading, value): &(&CellExpr, String)| {
        msg!("text.reading", name = reading.official_name(form), value = value)
    };
    let readings: Vec<Message> = found.readings.iter().map(reading).collect();
    let words = passage.text.slice(found.words.clone());
    let message = msg!("text.number", words = words, readings = readings);
    let finding = passage.warning_at("text-number", found.number.clone(), message);
    sink.push(finding.with_hint(msg!("text.number-hint")));
}
