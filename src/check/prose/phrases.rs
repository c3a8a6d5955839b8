//! Owns numbers beside the fixed phrases of the form: each is compared with all that the words may
//! mean, and its growth with last year's report.
//! Must not hold a phrase: they are data of the form.

use super::Desk;
use super::numbers::{self, Fit, Number};
use super::passage::{Passage, has};
use crate::form::{Phrase, Reading};
use crate::report::Report;
use crate::text;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Words that may stand between a phrase and its number without changing what it counts; the longer
/// before their beginnings.
const FILLERS: [&str; 49] = [
    "公民、法人和其他组织",
    "行政规范性文件",
    "社会公众",
    "规范性文件",
    "政府信息公开",
    "政府信息",
    "信息公开",
    "依申请公开",
    "继续办理",
    "公开申请",
    "依申请",
    "申请表",
    "申请",
    "公开",
    "信息",
    "群众",
    "公众",
    "公民",
    "书面",
    "提出",
    "各类",
    "案件",
    "案",
    "决定",
    "处理",
    "办理",
    "本年度",
    "本年",
    "全年",
    "总数量",
    "件数",
    "总数",
    "总量",
    "数量",
    "共计",
    "合计",
    "总计",
    "累计办理",
    "数",
    "共",
    "计",
    "为",
    "到",
    "了",
    "的",
    "：",
    ":",
    "**",
    " ",
];

/// Words before a phrase in its clause that make it mean a part, another year or a comparison.
const PARTS: [&str; 34] = [
    "网络",
    "网上",
    "网站",
    "信函",
    "邮寄",
    "信件",
    "当面",
    "现场",
    "窗口",
    "平台",
    "邮箱",
    "邮件",
    "传真",
    "电话",
    "微信",
    "部门",
    "自然人",
    "企业",
    "法人",
    "季度",
    "月份",
    "去年",
    "上年",
    "上一年",
    "同期",
    "累计",
    "历年",
    "比",
    "较",
    "转来",
    "转办",
    "系统",
    "未",
    "近年",
];

/// Ends of the names of organs: a clause in which another kind than the report's own received something
/// (县住建局收到申请9件) is about a part.
const ORGANS: [&str; 8] = ["局", "厅", "镇", "乡", "街道", "中心", "科室", "股室"];

/// Words behind a number that make it a rough one or count something else.
const ROUGH: [&str; 6] = ["余", "多", "以上", "左右", "次", "以内"];

/// A phrase with its number in a text.
struct Said<'a> {
    phrase: &'a Phrase,
    /// From the first word to the measure word.
    range: Range<usize>,
    number: Number,
}

/// Longest phrase with the words before its number, in bytes.
const REACH: usize = 120;

pub(super) fn judge(desk: &Desk<'_>, passage: &Passage<'_>, sink: &mut Sink) {
    let phrases = &desk.report.form.phrases;
    // Texts are long and numbers few: only the words before a number are looked at.
    for number in passage.numbers(0..passage.text.len()) {
        // A number that a quote has printed is right; only its growth may not be.
        if desk.previous.is_none() && !passage.by_hand(&number.range) {
            continue;
        }
        let behind = numbers::behind(passage.text, number);
        let counts = |phrase: &&Phrase| phrase.units.iter().any(|unit| behind.starts_with(unit));
        let mut fitting = phrases.iter().filter(counts).peekable();
        if fitting.peek().is_none() {
            continue;
        }
        let ends = ends(passage.text, number);
        let said = fitting.find_map(|phrase| before(passage, phrase, number, &ends));
        if let Some(said) = said {
            amount(desk, passage, &said, sink);
            growth(desk, passage, &said, sink);
        }
    }
}

/// The phrase that leads to the number, if it does.
fn before<'a>(
    passage: &Passage<'_>,
    phrase: &'a Phrase,
    number: &Number,
    ends: &[usize],
) -> Option<Said<'a>> {
    phrase.says.iter().find_map(|word| {
        // From the left: a longer chain of words counts before a shorter one.
        ends.iter().rev().find_map(|&end| {
            let at = before_words(passage.text, end, word)?;
            said(passage, phrase, word, at, number)
        })
    })
}

/// Where a phrase may end: before the number, or before words that fill the gap, the nearest first.
fn ends(text: &str, number: &Number) -> Vec<usize> {
    let from = number.range.start.saturating_sub(REACH);
    let mut ends = vec![number.range.start];
    let mut next = 0;
    while let Some(&end) = ends.get(next) {
        next += 1;
        for filler in FILLERS {
            let start = before_words(text, end, filler);
            if let Some(start) = start.filter(|start| *start >= from && !ends.contains(start)) {
                ends.push(start);
            }
        }
    }
    ends.sort_unstable_by(|a, b| b.cmp(a));
    ends
}

/// Where words begin that end at a position. Most differ in their last byte already.
fn before_words(text: &str, end: usize, words: &str) -> Option<usize> {
    let (text, words) = (&text.as_bytes()[..end], words.as_bytes());
    (text.last() == words.last() && text.ends_with(words)).then(|| end - words.len())
}

fn said<'a>(
    passage: &Passage<'_>,
    phrase: &'a Phrase,
    word: &str,
    at: usize,
    number: &Number,
) -> Option<Said<'a>> {
    let text = passage.text;
    let behind_word = at + word.len();
    let mut end = behind_word;
    while let Some(filler) = FILLERS.iter().find(|filler| text.slice(end..).starts_with(**filler)) {
        end += filler.len();
    }
    if end != number.range.start {
        return None;
    }
    let behind = numbers::behind(text, number);
    let unit = phrase.units.iter().find(|unit| behind.starts_with(*unit))?;
    let stop = text.len() - behind.len() + unit.len();
    let needed = phrase.needs.is_empty() || has(text.slice(behind_word..end), &phrase.needs);
    let before = passage.clause_before(at);
    let earlier = passage.paragraph(at).start..end;
    let fits = needed
        && !has(before, &PARTS)
        && !other_organ(before, &passage.report.organ.name)
        && !other_year(before, passage.report.year)
        && !ROUGH.iter().any(|rough| text.slice(stop..).starts_with(rough))
        && !passage.has(passage.sentence(at), &phrase.unless)
        && (phrase.context.is_empty() || passage.has(earlier, &phrase.context));
    fits.then(|| Said { phrase, range: at..stop, number: number.clone() })
}

/// Whether a clause speaks of an organ of another kind.
fn other_organ(clause: &str, name: &str) -> bool {
    let own = ["我", "本", name].iter().any(|own| !own.is_empty() && clause.contains(own));
    !own && ORGANS.iter().any(|kind| !name.contains(kind) && clause.contains(kind))
}

/// Whether a clause is about another year than the report.
fn other_year(clause: &str, year: u16) -> bool {
    let own = year.to_string();
    clause.match_indices('年').any(|(at, _)| {
        let start = clause.slice(..at).trim_end_matches(|c: char| c.is_ascii_digit()).len();
        at - start == 4 && clause.slice(start..at) != own
    })
}

/// The number against the tables.
fn amount(desk: &Desk<'_>, passage: &Passage<'_>, said: &Said<'_>, sink: &mut Sink) {
    if !passage.by_hand(&said.number.range) {
        return;
    }
    let Some(written) = said.number.decimal() else { return };
    let values = said.phrase.accepts.iter().map(|reading| (reading, desk.report.value(reading)));
    // A reading that cannot be computed might be the one that is meant.
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
        // Readings with the same value say nothing new.
        if !values[..at].iter().any(|(_, earlier)| earlier == value) {
            let (name, value) = (reading.name(form), value.to_string());
            readings.push(text!("text.reading", name = name, value = value));
        }
    }
    let words = passage.text.slice(said.range.clone());
    let message = text!("text.number", words = words, readings = readings);
    let found = passage.warning("text-number", said.number.range.clone(), message);
    sink.push(found.hint(text!("text.number-hint")));
}

/// The growth written behind the number, against last year's report.
fn growth(desk: &Desk<'_>, passage: &Passage<'_>, said: &Said<'_>, sink: &mut Sink) {
    let Some(previous) = desk.previous else { return };
    let Some((percent, up)) = grown(passage.text, said.range.end) else { return };
    let Some(now) = said.number.whole() else { return };
    if !passage.by_hand(&percent.range) {
        return;
    }
    let mut nearest: Option<(i128, i128)> = None;
    for reading in &said.phrase.accepts {
        let Some(last) = then(desk.report, previous, reading).filter(|last| *last > 0) else {
            return;
        };
        let change = now - last;
        if (change >= 0) == up && numbers::fit(change.abs(), last, &percent) != Fit::Wrong {
            return;
        }
        nearest.get_or_insert((change, last));
    }
    let Some((change, last)) = nearest else { return };
    let share = numbers::share(change.abs(), last, percent.scale);
    let sign = numbers::behind(passage.text, &percent);
    let end = passage.text.len() - sign.len() + sign.chars().next().map_or(0, char::len_utf8);
    let words = passage.text.slice(said.range.start..end);
    let last = last.to_string();
    let message = if change >= 0 {
        text!("text.growth-up", words = words, last = last, share = share)
    } else {
        text!("text.growth-down", words = words, last = last, share = share)
    };
    let found = passage.warning("growth", percent.range, message);
    sink.push(found.hint(text!("text.growth-hint")));
}

/// Last year's value of a reading, by the ids of its cells.
fn then(report: &Report, previous: &Report, reading: &Reading) -> Option<i128> {
    let mut sum = 0;
    for term in &reading.terms {
        let table = &report.form.tables[term.table];
        let id = table.cells[term.cell];
        let number = previous.form.tables.iter().position(|known| known.id == table.id)?;
        let old = &previous.form.tables[number];
        let row = old.find_row(&table.rows[id.row].id)?;
        let column = old.find_column(&table.columns[id.column].id)?;
        let figure = &previous.tables[number][old.cell(row, column)?].figure;
        let value: i128 = figure.number()?.to_string().parse().ok()?;
        sum += if term.minus { -value } else { value };
    }
    Some(sum)
}

/// `，同比增长1.05%` right behind a position: the percentage and whether it grows.
fn grown(text: &str, at: usize) -> Option<(Number, bool)> {
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
    let number = numbers::at(text, text.len() - rest.len())?;
    numbers::behind(text, &number).starts_with(['%', '％']).then_some((number, up.is_some()))
}
