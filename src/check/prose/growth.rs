//! Owns comparisons with last year behind a number of a phrase (同比增长20%, 比上年增加6件, 较上年的30件有所上升), against
//! last year's report.
//! Must not hold a phrase of the form: those are data.

use super::CheckContext;
use super::phrase_match::PhraseMatch;
use super::text::annotated_text::AnnotatedText;
use super::text::numbers::{self, PercentFit, TextNumber};
use crate::form::{CellExpr, TableCell, sum_terms};
use crate::msg;
use crate::report::Report;
use docx_fill::diag::{Message, Sink};
use docx_fill::slice::TextSlice as _;

/// Words that begin a comparison with last year.
const SINCE: [&str; 19] = [
    "同比",
    "比上年末",
    "较上年末",
    "比上年",
    "较上年",
    "比上一年",
    "较上一年",
    "与上年相比",
    "同上年相比",
    "相比上年",
    "相较上年",
    "比去年",
    "较去年",
    "与去年相比",
    "较前一年",
    "比前一年",
    "与上年",
    "与去年",
    "与上一年",
];
/// Words that say how much, without a number.
const DEGREES: [&str; 8] = ["有所", "略有", "稍有", "大幅", "小幅", "明显", "显著", "共"];
const SAME: [&str; 3] = ["持平", "相同", "一致"];
const UPS: [&str; 10] =
    ["增长率为", "净增", "增幅为", "增幅", "增长", "增加", "上升", "上涨", "提高", "增多"];
const DOWNS: [&str; 9] =
    ["净减少", "净减", "降幅为", "降幅", "下降", "减少", "降低", "下滑", "回落"];

/// A comparison with last year.
struct Growth {
    /// Last year's number, if it is said.
    last: Option<TextNumber>,
    change: Option<Change>,
    /// The share behind a count: 增加6件，增长20%.
    share: Option<Change>,
    /// End of the words.
    end: usize,
}

/// A change since last year.
enum Change {
    /// A share of last year's number, and `true` for growth.
    Share(TextNumber, bool),
    /// A count, and `true` for growth.
    Count(TextNumber, bool),
    /// Growth, for `true`, or decrease, without a number.
    Direction(bool),
    /// The same number as last year.
    None,
}

impl Change {
    fn amount(&self) -> Option<&TextNumber> {
        match self {
            Change::Share(number, _) | Change::Count(number, _) => Some(number),
            Change::Direction(_) | Change::None => None,
        }
    }

    fn is_right(&self, now: i128, last: i128) -> bool {
        let change = now - last;
        // Nothing more and nothing less are the same: 减少0件.
        let is_way = |up: bool| change == 0 || (change > 0) == up;
        match self {
            Change::Share(percent, up) => {
                is_way(*up)
                    && numbers::percent_fit(change.abs(), last, percent) != PercentFit::Wrong
            }
            Change::Count(count, up) => is_way(*up) && count.as_whole() == Some(change.abs()),
            Change::Direction(up) => change != 0 && (change > 0) == *up,
            Change::None => change == 0,
        }
    }
}

/// Checks the comparison behind the number against last year's report.
pub(super) fn check_growth(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    said: &PhraseMatch<'_>,
    sink: &mut Sink,
) {
    let Some(previous) = desk.previous else { return };
    let Some(growth) = parse_growth(passage, said) else { return };
    let Some(now) = said.number.as_whole().filter(|_| said.phrase.decimals == 0) else { return };
    let changes = growth.change.iter().chain(&growth.share);
    let numbers = growth.last.iter().chain(changes.filter_map(Change::amount));
    let place = numbers.last().unwrap_or(&said.number).range.clone();
    if !passage.is_handwritten(&place) {
        return;
    }
    let mut nearest: Option<i128> = None;
    for reading in &said.phrase.accepts {
        let Some(last) = last_year_value(desk.report, previous, reading).filter(|last| *last > 0)
        else {
            return;
        };
        let is_last = growth.last.as_ref().is_none_or(|said| said.as_whole() == Some(last));
        let mut changes = growth.change.iter().chain(&growth.share);
        if is_last && changes.all(|change| change.is_right(now, last)) {
            return;
        }
        nearest.get_or_insert(last);
    }
    let Some(last) = nearest else { return };
    let message =
        growth_message(passage.text.slice(said.range.start..growth.end), &growth, (now, last));
    sink.push(passage.warning_at("growth", place, message).with_hint(msg!("text.growth-hint")));
}

/// Returns what the comparison should have been; `values` are this year's number and last year's.
fn growth_message(words: &str, growth: &Growth, values: (i128, i128)) -> Message {
    let (now, before) = values;
    let (change, last) = (now - before, before.to_string());
    if let Some(Change::Share(percent, _)) = growth.share.as_ref().or(growth.change.as_ref()) {
        let share = numbers::format_percent(change.abs(), before, percent.scale);
        return if change >= 0 {
            msg!("text.growth-up", words = words, last = last, share = share)
        } else {
            msg!("text.growth-down", words = words, last = last, share = share)
        };
    }
    let count = change.abs().to_string();
    match change {
        0 => msg!("text.growth-none", words = words, last = last),
        1.. => msg!("text.growth-more", words = words, last = last, count = count),
        _ => msg!("text.growth-fewer", words = words, last = last, count = count),
    }
}

/// Returns the sum of the same cells, by id, in last year's report.
fn last_year_value(report: &Report, previous: &Report, reading: &CellExpr) -> Option<i128> {
    let value = |cell: &TableCell| {
        let table = &report.form.tables[cell.table];
        previous.counterpart(table, cell.cell)?.as_number()
    };
    sum_terms(&reading.terms, value)?.to_i128()
}

/// Parses the comparison behind a number: `，同比增长1.05%`, `，比上年增加6件`, `，较2024年的30件有所上升`.
fn parse_growth(passage: &AnnotatedText<'_>, said: &PhraseMatch<'_>) -> Option<Growth> {
    let (text, year) = (passage.text, passage.report.year);
    let rough = &passage.report.form.words.rough;
    let rest = text.slice(said.range.end..).trim_start_matches(['，', '（', '(', ',', ' ']);
    let last_year = format!("{}年", year.checked_sub(1)?);
    let named = ["较", "比", "相比", "与"]
        .iter()
        .find_map(|word| rest.strip_prefix(word)?.strip_prefix(last_year.as_str()));
    let since = || SINCE.iter().find_map(|since| rest.strip_prefix(since));
    let rest = named.or_else(since)?;
    let rest = rest.strip_prefix(last_year.as_str()).unwrap_or(rest);
    let rest = rest.trim_start_matches(['度', '同', '期', '相', '比', '，', '总', '体', '的']);
    let unit = text.slice(said.number.range.end..said.range.end).trim_matches(' ');
    let (last, rest) = match counted(text, rest, unit, rough) {
        Some((number, rest)) => (Some(number), rest.trim_start_matches(['，', ',', ' '])),
        None => (None, rest),
    };
    let change = parse_change(text, rest, unit, rough);
    let mut end = match (&change, &last) {
        (Some((_, end)), _) => *end,
        (None, Some(last)) => last.range.end + unit.len(),
        (None, None) => return None,
    };
    let behind = text.slice(end..).trim_start_matches(['，', '、', ',']);
    let behind = behind.strip_prefix("同比").unwrap_or(behind);
    let counted = matches!(change, Some((Change::Count(..), _)));
    let more = parse_change(text, behind, unit, rough)
        .filter(|(more, _)| counted && matches!(more, Change::Share(..)));
    let share = more.map(|(share, behind)| {
        end = behind;
        share
    });
    Some(Growth { last, change: change.map(|(change, _)| change), share, end })
}

/// Returns the change that the rest of a text begins with, and its end.
fn parse_change(text: &str, rest: &str, unit: &str, rough: &[String]) -> Option<(Change, usize)> {
    if let Some(rest) = SAME.iter().find_map(|word| rest.strip_prefix(word)) {
        return Some((Change::None, text.len() - rest.len()));
    }
    let degree = DEGREES.iter().find_map(|word| rest.strip_prefix(word));
    let rest = degree.unwrap_or(rest);
    let up = UPS.iter().find_map(|word| rest.strip_prefix(word));
    let rest = up.or_else(|| DOWNS.iter().find_map(|word| rest.strip_prefix(word)))?;
    let up = up.is_some();
    let direction = (Change::Direction(up), text.len() - rest.len());
    let rest = rest.trim_start_matches(['了', ' ', '*']);
    if let Some((number, rest)) = counted(text, rest, unit, rough) {
        return Some((Change::Count(number, up), text.len() - rest.len()));
    }
    let Some(number) = numbers::number_at(text, text.len() - rest.len()) else {
        return Some(direction);
    };
    let rest = numbers::text_after(text, &number);
    let sign = ["%", "％"].iter().find_map(|sign| rest.strip_prefix(*sign));
    let sign = sign.filter(|behind| !is_rough(behind, rough));
    // A rough number, or one of another kind (增长2倍), says which way, too.
    Some(sign.map_or(direction, |rest| (Change::Share(number, up), text.len() - rest.len())))
}

/// Returns the exact number with this measure word that the rest of a text begins with, and what follows.
fn counted<'t>(
    text: &'t str,
    rest: &'t str,
    unit: &str,
    rough: &[String],
) -> Option<(TextNumber, &'t str)> {
    let number = numbers::number_at(text, text.len() - rest.len())?;
    let behind = numbers::text_after(text, &number).strip_prefix(unit)?;
    (!is_rough(behind, rough)).then_some((number, behind))
}

/// Checks whether the words behind a number make it a rough one: 5件左右.
fn is_rough(behind: &str, rough: &[String]) -> bool {
    rough.iter().any(|word| behind.starts_with(word.as_str()))
}
