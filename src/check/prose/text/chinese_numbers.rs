//! Owns numbers in Chinese characters before a measure word (二十五件). Only certain counts are
//! recognised: well formed, at the end of a clause, no ordinal, no estimate, no idiom (第一件,
//! 十余件, 受理一件办一件).
//! Must not know what a number counts.

use super::numbers::TextNumber;
use docx_fill::slice::TextSlice as _;
use docx_fill::template::numerals;

/// Words before a number that make it an ordinal, an estimate, or a distributive ("each").
const INEXACT_WORDS: [&str; 24] = [
    "第",
    "几",
    "约",
    "近",
    "逾",
    "某",
    "任",
    "各",
    "前",
    "后",
    "头",
    "上",
    "初",
    "点",
    "不足",
    "不到",
    "超过",
    "多达",
    "高达",
    "至少",
    "最多",
    "不少于",
    "不超过",
    "达到",
];
/// Maximum length of a number in characters: 九千九百九十九万九千九百九十九.
const MAX_NUMBER_CHARS: usize = 15;

/// Checks whether a number in Chinese characters is accepted before this measure word.
pub(in crate::check::prose) fn is_measure_word(c: char) -> bool {
    matches!(c, '件' | '宗' | '份' | '起' | '条' | '次' | '篇' | '个' | '项' | '场')
}

/// Returns the number that ends before the measure word at a position.
pub(in crate::check::prose) fn number_before(text: &str, measure: usize) -> Option<TextNumber> {
    let run = text
        .slice(..measure)
        .char_indices()
        .rev()
        .take_while(|(_, c)| numerals::numeral_value(*c).is_some());
    let written: Vec<(usize, char)> = run.take(MAX_NUMBER_CHARS + 1).collect();
    let start = written.last()?.0;
    if written.len() > MAX_NUMBER_CHARS || !stands_alone(text, start, measure) {
        return None;
    }
    let units = exact_count(text.slice(start..measure))?;
    let number = TextNumber { range: start..measure, units, scale: 0 };
    (units != 1 || !is_one_for_each(text, &number)).then_some(number)
}

/// Checks whether the words before and after leave the number a plain count.
fn stands_alone(text: &str, start: usize, measure: usize) -> bool {
    let before = text.slice(..start).trim_end_matches('*');
    let joined = before.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    let mut behind = text.slice(measure..).chars().skip(1).skip_while(|c| *c == '*');
    let ends = behind
        .next()
        .is_none_or(|c| c.is_whitespace() || "，。；、：！？）｜占,;:)|（(".contains(c));
    let full_width = before.ends_with(|c: char| ('０'..='９').contains(&c));
    // 数十件 means dozens; 总数二十件 means twenty.
    let some = before.ends_with('数') && text.slice(start..).starts_with(['十', '百', '千', '万']);
    // 每季度一次 means several times.
    let each = before.chars().rev().take(6).any(|c| c == '每' || c == '逐');
    ends && !joined
        && !full_width
        && !some
        && !each
        && !INEXACT_WORDS.iter().any(|word| before.ends_with(word))
}

/// Distance in characters within which another 一件 is searched for.
const REPEAT_DISTANCE: usize = 60;

/// Checks for the idiom 受理一件、办结一件: each, not a count of one.
fn is_one_for_each(text: &str, number: &TextNumber) -> bool {
    let stops = |c: &char| matches!(c, '。' | '！' | '？' | '\n');
    let measure = text.slice(number.range.end..).chars().next().map_or(0, char::len_utf8);
    let end = number.range.end + measure;
    let words = text.slice(number.range.start..end);
    let before = text
        .slice(..number.range.start)
        .chars()
        .rev()
        .take(REPEAT_DISTANCE)
        .take_while(|c| !stops(c));
    let behind = text.slice(end..).chars().take(REPEAT_DISTANCE).take_while(|c| !stops(c));
    let from = number.range.start - before.map(char::len_utf8).sum::<usize>();
    let to = end + behind.map(char::len_utf8).sum::<usize>();
    text.slice(from..number.range.start).contains(words) || text.slice(end..to).contains(words)
}

/// Returns the value of a number, unless it is a round multiple of ten thousand, which is hardly ever exact to the unit.
fn exact_count(written: &str) -> Option<i128> {
    let value = numerals::read_number(written)?;
    let round = value > 0 && value.is_multiple_of(10_000);
    (!round).then_some(i128::from(value))
}

#[cfg(test)]
mod tests {
    use super::super::text_index::TextIndex;

    /// Returns the values of the numbers in Chinese characters.
    fn numbers(text: &str) -> Vec<i128> {
        let survey = TextIndex::new(text);
        let spelled =
            survey.numbers().iter().filter(|number| !text[number.range.clone()].is_ascii());
        spelled.map(|number| number.units).collect()
    }

    #[test]
    fn numbers_are_read_as_they_are_spelled() {
        for (written, value) in [
            ("二十五件，", 25),
            ("两百零三件。", 203),
            ("十件", 10),
            ("一十件", 10),
            ("一千二百件；", 1200),
            ("零件。", 0),
            ("〇件。", 0),
            ("一万二千三百四十五条、", 12_345),
            ("**三件**，", 3),
            ("一百一十宗）", 110),
            ("六份（含一份补件）", 6),
        ] {
            assert_eq!(numbers(written), [value], "{written}");
        }
    }

    #[test]
    fn idioms_ordinals_and_estimates_are_no_numbers() {
        for text in [
            "一件事一次办",
            "第一次，第三件。",
            "十余件，三五件，七八件，一百二件，十四五个。",
            "数十件，几千件，近百件，约三十件，不到十件，每年一次。",
            "受理一件、答复一件，满意一件。",
            "一个月，两个方面，三个重点，一条龙，三项制度，一起抓",
            "2千件，2万件，三万件，点五件",
            "三公经费，四类事项，一年，两会，双公示，一是，半数",
            "百件，千件，万条",
            "二二件，二十零五件，零五件，百十件",
        ] {
            assert_eq!(numbers(text), Vec::<i128>::new(), "{text}");
        }
    }
}
