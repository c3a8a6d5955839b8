//! Owns checking dates in the texts: the statistical period, and another year where the report
//! means its own.
//! Must not know the date of the report.

use super::CheckContext;
use super::text::annotated_text::{AnnotatedText, has_any_word};
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

pub(super) fn check_dates(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    check_period(desk, passage, sink);
    check_years(desk, passage, sink);
}

/// A day within a text; the year may be left out.
struct TextDate {
    year: Option<u32>,
    month: u32,
    day: u32,
    end: usize,
    /// False if 日 is missing.
    complete: bool,
}

/// Checks `自2025年1月1日起至2025年12月31日止` in a sentence about the statistics.
fn check_period(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    const ABOUT: [&str; 3] = ["统计", "期限", "报告期"];
    let text = passage.text;
    let year = u32::from(desk.report.year);
    if !passage.contains_any(0..text.len(), &ABOUT) {
        return;
    }
    for sentence in passage.sentences() {
        if !has_any_word(text.slice(sentence.clone()), &ABOUT) {
            continue;
        }
        let Some((range, from, to)) = find_period(text, sentence) else { continue };
        let right = from.complete
            && to.complete
            && from.year == Some(year)
            && (from.month, from.day) == (1, 1)
            && to.year.unwrap_or(year) == year
            && (to.month, to.day) == (12, 31);
        if !right {
            let words = text.slice(range.clone());
            let message = msg!("text.period", words = words);
            let found = passage.warning_at("period", range, message);
            sink.push(found.with_hint(msg!("text.period-hint", year = year)));
        }
    }
}

/// Returns the first two days with 至 between them, and their range.
fn find_period(text: &str, within: Range<usize>) -> Option<(Range<usize>, TextDate, TextDate)> {
    for (at, _) in text.slice(within.clone()).match_indices('年') {
        let at = within.start + at;
        let start = at - trailing_digits(text.slice(..at)).len();
        let Some(from) = parse_day(text, start).filter(|day| day.year.is_some()) else { continue };
        let rest = text.slice(from.end..).trim_start_matches(['起', '，', ' ']);
        let Some(rest) = rest.strip_prefix(['至', '到', '—', '-', '－', '~', '～']) else {
            continue;
        };
        let rest = rest.trim_start_matches(['—', '-', ' ']);
        let rest =
            ["同年", "当年", "本年"].iter().find_map(|own| rest.strip_prefix(own)).unwrap_or(rest);
        let to = parse_day(text, text.len() - rest.len())?;
        let end = to.end;
        return Some((start..end, from, to));
    }
    None
}

fn trailing_digits(text: &str) -> &str {
    text.slice(text.trim_end_matches(|c: char| c.is_ascii_digit()).len()..)
}

/// Parses `2025年1月1日` or `1月1日` at a position.
fn parse_day(text: &str, start: usize) -> Option<TextDate> {
    let (first, mut end) = parse_number(text, start)?;
    let mut year = None;
    let mut month = first;
    if let Some(rest) = text.slice(end..).strip_prefix('年') {
        year = Some(first);
        (month, end) = parse_number(text, text.len() - rest.len())?;
    }
    let rest = text.slice(end..).strip_prefix('月')?;
    let (of_month, end) = parse_number(text, text.len() - rest.len())?;
    let rest = text.slice(end..).trim_start_matches(' ').strip_prefix(['日', '号']);
    let end = rest.map_or(end, |rest| text.len() - rest.len());
    Some(TextDate { year, month, day: of_month, end, complete: rest.is_some() })
}

fn parse_number(text: &str, start: usize) -> Option<(u32, usize)> {
    let rest = text.slice(start..).trim_start_matches(' ');
    let start = text.len() - rest.len();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((rest.slice(..end).parse().ok()?, start + end))
}

/// Length in bytes up to which a clause is searched.
const MAX_CLAUSE_BYTES: usize = 1_000;

/// Words in a clause that justify a mention of another year.
const ABOUT_OTHERS: [&str; 10] =
    ["相比", "同期", "以来", "印发", "制定", "发布", "修订", "较", "比", "上年"];

/// Reports a past year where the report begins to write about itself (2024年，我镇…), the year of
/// another report in the introduction (2024年…年度报告), and years of more than four digits.
fn check_years(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let text = passage.text;
    let lead = passage.section().heading.is_none();
    for (at, _) in passage.marks_where(|c| c == '年') {
        let digits = trailing_digits(text.slice(..at));
        let start = at - digits.len();
        let range = start..at + '年'.len_utf8();
        let Ok(year) = digits.parse::<u32>() else { continue };
        if digits.len() < 4
            || year == u32::from(desk.report.year)
            || !passage.is_handwritten(&range)
        {
            continue;
        }
        let long = digits.len() > 4;
        let past = year < u32::from(desk.report.year) && year > 2007;
        if !long && !past {
            continue;
        }
        let rest = text.slice(range.end..).trim_start_matches(['度', '，', ',', ' ']);
        let clause = rest
            .floor_prefix(MAX_CLAUSE_BYTES)
            .split(['。', '；', '，', '\n'])
            .next()
            .unwrap_or_default();
        let begins = text.slice(..start).trim_end().is_empty()
            || text.slice(..start).ends_with(['\n', '。']);
        let own = begins && speaks_of_itself(desk, rest) && !has_any_word(clause, &ABOUT_OTHERS);
        let titled = lead && {
            let name = rest.trim_start_matches("本级").trim_start_matches("政府");
            name.starts_with("信息公开")
                && name.chars().take(14).collect::<String>().contains("年度报告")
        };
        if long || (past && (own || titled)) {
            let message = msg!("text.year", found = digits, year = u32::from(desk.report.year));
            let found = passage.warning_at("other-year", range, message);
            sink.push(found.with_hint(msg!("text.year-hint")));
        }
    }
}

/// Checks whether a clause begins with the organ: 我镇, 本机关, or its name.
fn speaks_of_itself(desk: &CheckContext<'_>, rest: &str) -> bool {
    let name = &desk.report.organ.name;
    let short =
        name.strip_suffix("人民政府").or_else(|| name.strip_suffix("办事处")).unwrap_or(name);
    let named = !short.is_empty() && rest.starts_with(short);
    named || ["我", "本机关", "本单位", "本级"].iter().any(|own| rest.starts_with(own))
}
