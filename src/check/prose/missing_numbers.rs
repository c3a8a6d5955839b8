//! Owns checking for missing numbers: a measure word or a per cent sign without a number before it,
//! and placeholders that were never filled in.
//! Must not know what was to be counted.

use super::CheckContext;
use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Words that end in a measure word only if the number before it is missing.
const BARE_MEASURE_WORDS: [&str; 19] = [
    "公开条",
    "发布条",
    "信息条",
    "公开申请件",
    "文件件",
    "新收件",
    "结转件",
    "有效件",
    "复议件",
    "诉讼件",
    "废止件",
    "制发件",
    "共计件",
    "共计条",
    "共件",
    "共条",
    "累计条",
    "培训次",
    "解读篇",
];
/// Words before a per cent sign without a number.
const PERCENT_WORDS: [&str; 8] = ["占", "占比", "占比为", "增长", "下降", "增加", "减少", "比例为"];
/// Placeholders for a number.
const PLACEHOLDERS: [&str; 5] = ["××", "XX", "xx", "＿＿", "__"];
/// Measure words and units after a placeholder.
pub(super) const COUNTED_UNITS: [&str; 9] = ["件", "条", "次", "份", "个", "年", "万元", "元", "%"];

pub(super) fn check_missing_numbers(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    sink: &mut Sink,
) {
    let text = passage.text;
    // Where a quote prints nothing the blank cell is told; an unfinished report has many of them.
    let is_told = |range: &Range<usize>| {
        passage.has_unknown_quote(range)
            || passage.has_empty_quote(range) && desk.settings.is_enabled("blank-cell")
    };
    for (at, c) in passage.marks_where(|_| true) {
        let end = at + c.len_utf8();
        let found = match c {
            '条' | '件' | '次' | '篇' => bare_measure_word(text, end),
            '%' | '％' => {
                let word =
                    PERCENT_WORDS.iter().rev().find(|word| text.slice(..at).ends_with(**word));
                word.map(|word| at - word.len()..end)
            }
            '×' | 'X' | 'x' | '＿' | '_' => placeholder_at(text, at),
            _ => None,
        };
        if let Some(range) = found.filter(|range| !is_told(range)) {
            push_missing_number(passage, range, sink);
        }
    }
}

/// Returns the range of a measure word at the end of a clause without its number.
fn bare_measure_word(text: &str, end: usize) -> Option<Range<usize>> {
    let behind = text.slice(end..).chars().next();
    if !behind.is_none_or(|c| "，。；、,;）)\n".contains(c)) {
        return None;
    }
    // A page break has split 条例.
    if text.slice(end..).trim_start().starts_with('例') {
        return None;
    }
    let words = BARE_MEASURE_WORDS.iter().find(|words| text.slice(..end).ends_with(**words))?;
    Some(end - words.len()..end)
}

/// Returns the range of a placeholder with its measure word.
fn placeholder_at(text: &str, at: usize) -> Option<Range<usize>> {
    let hole = PLACEHOLDERS.iter().find(|hole| text.slice(at..).starts_with(**hole))?;
    let behind = text.slice(at + hole.len()..);
    let unit = COUNTED_UNITS.iter().find(|unit| behind.starts_with(**unit))?;
    Some(at..at + hole.len() + unit.len())
}

fn push_missing_number(passage: &AnnotatedText<'_>, range: Range<usize>, sink: &mut Sink) {
    let words = passage.text.slice(range.clone());
    let message = msg!("text.missing-number", words = words);
    let found = passage.warning_at("missing-number", range, message);
    sink.push(found.with_hint(msg!("text.missing-number-hint")));
}
