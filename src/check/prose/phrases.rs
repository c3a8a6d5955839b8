//! Owns checking numbers after the phrases of the form against all values that the phrase may mean,
//! and growth rates against last year's report.
//! Must not hold a phrase of the form: those are data. The words here are those around any phrase.

use super::CheckContext;
use super::mentions::Mentions;
use super::phrase_match::{PhraseMatch, match_phrase, possible_ends};
use super::text::annotated_text::AnnotatedText;
use super::text::numbers::{self, PercentFit, TextNumber};
use crate::form::{CellExpr, TableCell, sum_terms};
use crate::msg;
use crate::report::Report;
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
        let counts = |unit: &String| behind.starts_with(unit.as_str());
        let mut fitting =
            phrases.iter().enumerate().filter(|(_, p)| p.units.iter().any(counts)).peekable();
        if fitting.peek().is_none() {
            continue;
        }
        let ends = possible_ends(passage.text, number.range.start, &desk.report.form.words.fillers);
        let said = fitting
            .find_map(|(at, phrase)| Some((at, match_phrase(passage, phrase, number, &ends)?)));
        if let Some((at, said)) = said {
            match judge_amount(desk, passage, &said) {
                Verdict::Wrong(found) => wrong.push(found),
                Verdict::Unknown => mentions.add(at, passage, &said),
                Verdict::Right => {}
            }
            check_growth(desk, passage, &said, sink);
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
    let Some(written) = said.number.to_decimal() else { return Verdict::Unknown };
    let values = said.phrase.accepts.iter().map(|reading| (reading, desk.report.evaluate(reading)));
    // A value that cannot be computed might be the one meant.
    let Some(values) = values.map(|(r, v)| Some((r, v?))).collect::<Option<Vec<_>>>() else {
        return Verdict::Unknown;
    };
    let fits = |value| if said.phrase.at_most { written <= value } else { written == value };
    if values.is_empty() {
        return Verdict::Unknown;
    }
    if values.iter().any(|(_, value)| fits(*value)) {
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
