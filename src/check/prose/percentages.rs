//! Owns checking percentages and listed parts. A percentage is accepted if it is rounded half up or
//! truncated at the decimals written; parts are accepted if they do not exceed their total, or
//! equal it if the list includes the rest (其他).
//! Must not know a table's rows beyond the totals of which a percentage may be a share.

use super::CheckContext;
use super::text::annotated_text::{AnnotatedText, has_any_word};
use super::text::numbers::{self, PercentFit, TextNumber};
use crate::figure::Decimal;
use crate::msg;
use docx_fill::diag::{Diagnostic, Severity, Sink};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Measure words of counts for which percentages and lists are checked.
const MEASURE_WORDS: [&str; 10] = ["件", "条", "次", "篇", "份", "个", "项", "宗", "场", "起"];
/// Words that begin a comparison or another count.
const COMPARISON_WORDS: [&str; 10] =
    ["同比", "比上", "比去", "比2", "较上", "较去", "较2", "增加", "减少", "累计"];
/// Distance from which a percentage is one of another whole than those in the text (one per cent,
/// in millionths).
const MAX_DISTANCE: i128 = 1_000_000;
/// The same distance if the whole is named right before the parts (15 per cent, in millionths).
const MAX_TOTAL_DISTANCE: i128 = 15_000_000;

/// Maximum number of numbers in a paragraph whose percentages are checked: each is compared with
/// all others.
const MAX_NUMBERS: usize = 400;

pub(super) fn check_percentages(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    sink: &mut Sink,
) {
    let mut done = 0;
    for (mark, _) in passage.marks_where(|c| matches!(c, '%' | '％' | '其')) {
        if mark < done {
            continue;
        }
        let paragraph = passage.paragraph_at(mark);
        done = paragraph.end;
        // A sum or a percentage without one of its numbers proves nothing.
        if passage.has_unknown_quote(&paragraph) {
            continue;
        }
        let numbers = passage.numbers_within(paragraph);
        if numbers.len() > MAX_NUMBERS {
            continue;
        }
        for (at, number) in numbers.iter().enumerate() {
            if numbers::text_after(passage.text, number).starts_with(['%', '％']) {
                match named_share(passage, numbers, at) {
                    Some(share) => sink.extend(check_named_share(passage, numbers, at, &share)),
                    None => sink.extend(check_percentage(desk, passage, numbers, at)),
                }
            }
        }
        sink.extend(check_listed_parts(passage, numbers));
    }
}

fn measure_word<'t>(text: &'t str, number: &TextNumber) -> Option<&'t str> {
    let behind = numbers::text_after(text, number);
    MEASURE_WORDS
        .iter()
        .find(|unit| behind.starts_with(**unit))
        .map(|unit| behind.slice(..unit.len()))
}

/// Checks `5条，占比9.26%`: the count before the percentage, against every whole with the same
/// measure word.
fn check_percentage(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    all: &[TextNumber],
    at: usize,
) -> Option<Diagnostic> {
    let text = passage.text;
    let percent = &all[at];
    let part = all.get(at.checked_sub(1)?)?;
    let between = text.slice(part.range.end..percent.range.start);
    let bound = between.chars().count() <= 16 && !between.contains(['。', '；']);
    let count = part.as_whole().filter(|_| bound && between.contains('占'))?;
    let unit = measure_word(text, part)?;
    if !passage.is_handwritten(&percent.range) {
        return None;
    }
    let mut wholes: Vec<i128> = all
        .iter()
        .filter(|number| self::measure_word(text, number) == Some(unit))
        .filter_map(TextNumber::as_whole)
        .collect();
    if unit == "件" {
        let readings = desk.report.form.phrases.iter().flat_map(|phrase| &phrase.accepts);
        let values = readings.filter_map(|reading| desk.report.evaluate(reading));
        wholes.extend(values.filter_map(Decimal::to_i128));
    }
    wholes.retain(|whole| *whole >= count && *whole > 0);
    let fits = |fit| wholes.iter().any(|whole| numbers::percent_fit(count, *whole, percent) == fit);
    if fits(PercentFit::Rounded) {
        return None;
    }
    let nearest = match total_before(passage, all, at) {
        // 共21件，其中甲19件，占91.5%: there is little doubt about the whole.
        Some(total)
            if total >= count
                && is_plain_share(between)
                && numbers::percent_distance(count, total, percent) <= MAX_TOTAL_DISTANCE =>
        {
            total
        }
        _ => {
            let far = |whole: &&i128| numbers::percent_distance(count, **whole, percent);
            let nearest = *wholes.iter().min_by_key(far)?;
            if numbers::percent_distance(count, nearest, percent) > MAX_DISTANCE {
                return None;
            }
            nearest
        }
    };
    let share = numbers::format_percent(count, nearest, percent.scale);
    let written = text.slice(percent.range.clone());
    let (part, whole) = (count.to_string(), nearest.to_string());
    let message =
        msg!("text.percent", written = written, part = part, whole = whole, share = share);
    if !fits(PercentFit::Truncated) {
        let found = passage.warning_at("percent", percent.range.clone(), message);
        return Some(found.with_hint(msg!("text.percent-hint")));
    }
    desk.settings.is_enabled("percent-cut").then(|| {
        let mut found = passage.warning_at("percent-cut", percent.range.clone(), message);
        found.severity = Severity::Warning;
        found.with_hint(msg!("text.percent-cut-hint"))
    })
}

/// A share of a whole that stands between its part and its percentage.
struct NamedShare {
    /// Index of the part.
    part: usize,
    whole: i128,
}

/// Maximum number of characters between a part and the whole of which it is a share.
const MAX_SHARE_CHARS: usize = 24;

/// Maximum number of characters between a whole and the percentage: 36件办结申请总数的.
const MAX_WHOLE_CHARS: usize = 10;

/// Returns the share in `15件，占办结36件的41.67%`.
fn named_share(passage: &AnnotatedText<'_>, all: &[TextNumber], at: usize) -> Option<NamedShare> {
    let text = passage.text;
    let (percent, whole_at) = (&all[at], at.checked_sub(1)?);
    let whole = &all[whole_at];
    let unit = measure_word(text, whole)?;
    let same = |number: &TextNumber| measure_word(text, number) == Some(unit);
    let part_at = all.get(..whole_at)?.iter().rposition(same)?;
    let part = &all[part_at];
    let behind = text.slice(whole.range.end..percent.range.start).trim().strip_prefix(unit)?;
    let of = behind.trim_matches(['（', '(', ' ', '*']);
    let share = (of.contains('的') || of.starts_with('总'))
        && of.chars().all(char::is_alphabetic)
        && of.chars().nth(MAX_WHOLE_CHARS).is_none();
    let between = text.slice(part.range.end..whole.range.start);
    let bound = between.contains('占')
        && !between.contains(['。', '；', '\n'])
        && between.chars().count() <= MAX_SHARE_CHARS;
    let (count, whole) = (part.as_whole()?, whole.as_whole()?);
    (share && bound && count <= whole && whole > 0).then_some(NamedShare { part: part_at, whole })
}

/// Checks a percentage whose whole is named. It may be that of several parts before it.
fn check_named_share(
    passage: &AnnotatedText<'_>,
    all: &[TextNumber],
    at: usize,
    share: &NamedShare,
) -> Option<Diagnostic> {
    let (text, percent, last) = (passage.text, &all[at], &all[share.part]);
    let unit = measure_word(text, last)?;
    let start = passage.sentence_at(last.range.start).start;
    let parts = all.get(..=share.part)?.iter().rev().take_while(|part| part.range.start >= start);
    let parts = parts.filter(|part| measure_word(text, part) == Some(unit));
    let (mut sum, mut meant) = (0, Vec::new());
    for part in parts.filter_map(TextNumber::as_whole) {
        sum += part;
        meant.extend([part, sum]);
    }
    meant.retain(|part| *part <= share.whole);
    let fits = |part: &i128| numbers::percent_fit(*part, share.whole, percent) != PercentFit::Wrong;
    if meant.iter().any(fits) || !passage.is_handwritten(&percent.range) {
        return None;
    }
    let far = |part: &&i128| numbers::percent_distance(**part, share.whole, percent);
    let part = *meant.iter().min_by_key(far)?;
    let message = msg!(
        "text.percent",
        written = text.slice(percent.range.clone()),
        part = part.to_string(),
        whole = share.whole.to_string(),
        share = numbers::format_percent(part, share.whole, percent.scale)
    );
    let found = passage.warning_at("percent", percent.range.clone(), message);
    Some(found.with_hint(msg!("text.percent-hint")))
}

/// Checks whether the parts equal the total before a semicolon: what follows counts something else.
fn parts_meet_total(text: &str, parts: &[&TextNumber], whole: i128) -> bool {
    let mut sum = 0;
    parts.windows(2).any(|pair| {
        sum += pair[0].as_whole().unwrap_or_default();
        sum == whole && text.slice(pair[0].range.end..pair[1].range.start).contains('；')
    })
}

/// Returns where a list ends because a clause behind a semicolon begins with what is told together with the total's
/// subject: 行政复议3件，其中维持1件；行政诉讼6件.
fn sibling_start(passage: &AnnotatedText<'_>, start: usize, list: Range<usize>) -> Option<usize> {
    let phrases = || passage.report.form.phrases.iter().filter(|phrase| phrase.together.is_some());
    let subject = passage.text.slice(start..list.start);
    let own = phrases().find(|phrase| has_any_word(subject, &phrase.says))?;
    let siblings: Vec<&String> = phrases()
        .filter(|other| other.together == own.together)
        .flat_map(|other| &other.says)
        .collect();
    let text = passage.text.slice(list.clone());
    let mut marks = text.match_indices('；').map(|(at, mark)| (at, at + mark.len()));
    let begins =
        |behind: usize| siblings.iter().any(|word| text.slice(behind..).starts_with(word.as_str()));
    marks.find(|(_, behind)| begins(*behind)).map(|(at, _)| list.start + at)
}

/// Checks whether nothing but 占 is between a count and its percentage, so that no other whole is
/// named.
fn is_plain_share(between: &str) -> bool {
    let words =
        between.trim_start_matches(|c: char| MEASURE_WORDS.iter().any(|u| u.starts_with(c)));
    let words = words.trim_matches(['，', ',', '（', '(', ' ', '、']);
    ["占", "占比", "占比为", "约占", "占总数的", "占总量的"].contains(&words)
}

/// Returns the total right before the 其中 that introduces a part, in the same sentence and with
/// the same measure word.
fn total_before(passage: &AnnotatedText<'_>, all: &[TextNumber], at: usize) -> Option<i128> {
    let text = passage.text;
    let part = &all[at.checked_sub(1)?];
    let sentence = passage.sentence_at(part.range.start);
    let own = measure_word(text, part)?;
    let before = text.slice(sentence.start..part.range.start);
    let Some(mark) = before.rfind("其中").map(|mark| sentence.start + mark) else {
        return whole_of_clause(text, all, at, sentence.start);
    };
    let total = all.iter().rfind(|number| number.range.end <= mark)?;
    let gap = text.slice(total.range.end..mark).trim().strip_prefix(own)?;
    let bare = gap.trim_matches(['，', '；', ',', ' ', '：']).is_empty();
    let inside = sentence.start <= total.range.start && bare;
    inside.then(|| total.as_whole()).flatten()
}

/// Returns the total of `36件申请中，网上申请20件，占55.6%`.
fn whole_of_clause(text: &str, all: &[TextNumber], at: usize, start: usize) -> Option<i128> {
    let part = &all[at.checked_sub(1)?];
    let total = all.iter().rfind(|number| number.range.end <= part.range.start)?;
    let own = measure_word(text, part).filter(|_| total.range.start >= start)?;
    let behind = text.slice(total.range.end..part.range.start).trim().strip_prefix(own)?;
    let (of, _) = behind.split_once("中，")?;
    let short = of.chars().all(char::is_alphabetic) && of.chars().nth(MAX_WHOLE_CHARS).is_none();
    short.then(|| total.as_whole()).flatten()
}

/// Checks whether parts make an earlier total, or several together: 新收36件，上年结转3件，其中自然人30件、法人6件.
fn is_earlier_total(totals: Vec<i128>, sum: i128) -> bool {
    let mut several = 0;
    totals.into_iter().rev().any(|total| {
        several += total;
        sum == total || sum == several
    })
}

/// Checks `共86条，其中甲34条、乙21条、其他31条`: the parts against the total before 其中.
fn check_listed_parts(passage: &AnnotatedText<'_>, all: &[TextNumber]) -> Option<Diagnostic> {
    let text = passage.text;
    let first = all.first()?.range.start;
    let paragraph = passage.paragraph_at(first);
    let mark = paragraph.start + text.slice(paragraph).find("其中")?;
    let sentence = passage.sentence_at(mark);
    // A comparison after the parts is not one of them.
    let compared =
        COMPARISON_WORDS.iter().filter_map(|word| text.slice(mark..sentence.end).find(word)).min();
    let end = compared.map_or(sentence.end, |at| mark + at);
    let end = sibling_start(passage, sentence.start, mark..end).unwrap_or(end);
    let sentence = sentence.start..end;
    let list = text.slice(mark..sentence.end);
    let nested = list.slice("其中".len()..).contains("其中") || list.contains(['（', '(', '|']);
    // An item published on several channels counts on each, so such parts need not add up.
    if nested || has_any_word(text.slice(sentence.clone()), &passage.report.form.prose.channels) {
        return None;
    }
    let before =
        |number: &&TextNumber| sentence.start <= number.range.start && number.range.end <= mark;
    let total = all.iter().rfind(before)?;
    let unit = measure_word(text, total)?;
    // The total is directly before 其中: 共54条，其中.
    let gap = text.slice(total.range.end..mark).trim().strip_prefix(unit)?;
    if !gap.trim_matches(['，', '；', ',', ' ', '。', '：']).is_empty() {
        return None;
    }
    let inside =
        |number: &&TextNumber| mark < number.range.start && number.range.end <= sentence.end;
    let same = |number: &&TextNumber| self::measure_word(text, number) == Some(unit);
    let parts: Vec<&TextNumber> = all.iter().filter(inside).filter(same).collect();
    let sum: i128 = parts.iter().map(|part| part.as_whole()).sum::<Option<i128>>()?;
    let whole = total.as_whole()?;
    if parts_meet_total(text, &parts, whole) {
        return None;
    }
    let earlier = all.iter().filter(before).filter(same);
    if is_earlier_total(earlier.filter_map(TextNumber::as_whole).collect(), sum) {
        return None;
    }
    let complete = has_any_word(list, &["其他", "其余"]);
    let wrong = sum > whole || (complete && sum < whole);
    let restated = parts.iter().any(|part| part.as_whole() == Some(whole));
    let hand = passage.is_handwritten(&total.range)
        || parts.iter().any(|p| passage.is_handwritten(&p.range));
    if parts.len() < 2 || !wrong || restated || !hand {
        return None;
    }
    let message = msg!(
        "text.sum",
        parts = parts.iter().map(|part| text.slice(part.range.clone())).collect::<Vec<_>>(),
        sum = sum.to_string(),
        total = whole.to_string(),
        unit = unit
    );
    let found = passage.warning_at("sum-text", total.range.clone(), message);
    Some(found.with_hint(msg!("text.sum-hint")))
}
