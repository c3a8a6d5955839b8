//! Owns numbers by channel (网站80条，公众号60条) that make more than the total beside them.
//! Must not hold a channel: they are data of the form.

use super::text::annotated_text::{AnnotatedText, has_any_word};
use super::text::numbers::{self, TextNumber};
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

pub(super) fn check_channels(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let words = &passage.report.form.prose;
    let everything = 0..passage.text.len();
    if words.channels.is_empty() || !passage.contains_any(everything, &words.channels) {
        return;
    }
    for sentence in passage.sentences() {
        let numbers = passage.numbers_within(sentence.clone());
        let several = || passage.contains_any(sentence.clone(), &words.several_channels);
        if numbers.len() < 3 || passage.has_unknown_quote(&sentence) || several() {
            continue;
        }
        let Some(list) = find_list(passage, numbers, &sentence) else { continue };
        let sum: i128 = list.parts.iter().filter_map(|part| part.as_whole()).sum();
        let total = list.total.as_whole().unwrap_or(sum);
        if sum > total && list.parts.len() >= 2 {
            let parts: Vec<&str> =
                list.parts.iter().map(|part| passage.text.slice(part.range.clone())).collect();
            let (sum, total) = (sum.to_string(), total.to_string());
            let message = msg!("text.channels", parts = parts, sum = sum, total = total);
            let found = passage.finding_at("channel-sum", list.total.range.clone(), message);
            sink.push(found.with_hint(msg!("text.channels-hint")));
        }
    }
}

/// A total and its parts by channel.
struct ChannelList<'a> {
    total: &'a TextNumber,
    parts: Vec<&'a TextNumber>,
}

/// Returns the numbers behind a total with 其中 or the like, or before a last number with 共.
fn find_list<'a>(
    passage: &AnnotatedText<'_>,
    numbers: &'a [TextNumber],
    sentence: &Range<usize>,
) -> Option<ChannelList<'a>> {
    let text = passage.text;
    let words = &passage.report.form.prose;
    let inside = text.slice(sentence.clone());
    let marks = words.list_marks.iter().filter_map(|word| inside.find(word.as_str()));
    let mark = marks.min().map(|at| sentence.start + at);
    let (total, parts) = match mark {
        Some(mark) => {
            let at = numbers.iter().rposition(|number| number.range.end <= mark)?;
            (numbers.get(at)?, numbers.get(at + 1..)?)
        }
        None => {
            let (last, parts) = numbers.split_last()?;
            let clause = passage.clause_before(last.range.start);
            (
                words
                    .totals
                    .iter()
                    .any(|word| clause.starts_with(word.as_str()))
                    .then_some(last)?,
                parts,
            )
        }
    };
    let unit = measure_word(text, total)?;
    let by_channel = |part: &&TextNumber| {
        measure_word(text, part) == Some(unit)
            && has_any_word(passage.clause_before(part.range.start), &words.channels)
    };
    Some(ChannelList { total, parts: parts.iter().filter(by_channel).collect() })
}

/// Returns the character behind a number if it is a measure word.
fn measure_word(text: &str, number: &TextNumber) -> Option<char> {
    numbers::text_after(text, number).chars().next().filter(|c| !c.is_ascii() && c.is_alphabetic())
}
