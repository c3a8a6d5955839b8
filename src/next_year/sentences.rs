//! Owns turning a text of last year's report to the next year: years are counted on, and a mark stands before each
//! sentence that holds a number of last year.
//! Must not know the report beyond its year and the words of its contact data.

use crate::report::{REWRITE_MARK, Report};
use docx_fill::slice::TextSlice as _;

/// Characters that end a sentence.
const SENTENCE_ENDS: [char; 5] = ['。', '！', '？', '；', '\n'];
/// Words of measure after which a Chinese numeral counts something.
const MEASURE_WORDS: &str = "次件条个场人篇期份起名项家万%％";
/// Chinese digits; a single 一 before a word of measure often counts nothing.
const CHINESE_DIGITS: &str = "〇零一二两三四五六七八九十百千";
/// Days that every report names: the period of the report.
const PERIOD_DAYS: [&str; 2] = ["1月1日", "12月31日"];

/// The turn from one year to another.
pub(super) struct YearTurn<'r> {
    from: u16,
    to: u16,
    /// Contact data, whose digits are no figures of a year.
    contact: Vec<&'r str>,
}

impl<'r> YearTurn<'r> {
    pub(super) fn new(previous: &'r Report, to: u16) -> YearTurn<'r> {
        let fields = previous.header_fields().filter(|field| field.kind.is_some());
        let mut contact: Vec<&str> = fields.map(|field| field.words).collect();
        // A postcode may be a part of a telephone number.
        contact.sort_by_key(|words| std::cmp::Reverse(words.len()));
        YearTurn { from: previous.year, to, contact }
    }

    /// Returns a Markdown text with the years turned and marks before the sentences to be rewritten.
    pub(super) fn turn_text(&self, markdown: &str) -> String {
        let mut out = String::with_capacity(markdown.len() + markdown.len() / 4);
        for sentence in markdown.split_inclusive(SENTENCE_ENDS) {
            let turned = self.turn_years(sentence);
            let (prefix, words) = split_line_prefix(&turned);
            out.push_str(prefix);
            if !words.contains(REWRITE_MARK) && self.holds_number(words) {
                out.push_str(REWRITE_MARK);
            }
            out.push_str(words);
        }
        out
    }

    /// Returns a text with the years around last year's counted on; years in brackets are those of documents.
    pub(super) fn turn_years(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            let end = rest.slice(at..).find(|c: char| !c.is_ascii_digit());
            let end = end.map_or(rest.len(), |length| at + length);
            out.push_str(rest.slice(..at));
            let digits = rest.slice(at..end);
            let in_brackets = out.ends_with(['〔', '[', '［']);
            match self.turned_year(digits, rest.slice(end..)).filter(|_| !in_brackets) {
                Some(year) => out.push_str(&year.to_string()),
                None => out.push_str(digits),
            }
            rest = rest.slice(end..);
        }
        out.push_str(rest);
        out
    }

    /// Returns the year that digits become; `None` if they are no year of the report's neighbourhood.
    fn turned_year(&self, digits: &str, after: &str) -> Option<u16> {
        let year: u16 = digits.parse().ok().filter(|_| digits.len() == 4)?;
        let near = year + 1 == self.from || year == self.from || year == self.from + 1;
        let after = after.trim_start_matches(' ');
        let called =
            after.starts_with('年') || after.starts_with(['-', '—', '－', '至', '、', '和']);
        (near && called).then(|| year + self.to - self.from)
    }

    /// Checks whether a sentence holds a number that may be last year's.
    fn holds_number(&self, sentence: &str) -> bool {
        let mut words = without_between(sentence, "{{", "}}");
        for (open, close) in [("〔", "号"), ("](", ")"), ("第", "条")] {
            words = without_between(&words, open, close);
        }
        for known in self.contact.iter().copied().chain(PERIOD_DAYS) {
            words = words.replace(known, "");
        }
        for year in self.to.saturating_sub(1)..=self.to + 1 {
            words = words.replace(&format!("{year}年"), "");
        }
        words.contains(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c))
            || counts_in_chinese(&words)
    }
}

/// Checks whether Chinese numerals before a word of measure count something.
fn counts_in_chinese(words: &str) -> bool {
    let chars: Vec<char> = words.chars().collect();
    (1..chars.len()).any(|at| {
        let digits = chars[..at].iter().rev().take_while(|c| CHINESE_DIGITS.contains(**c)).count();
        let before = at.checked_sub(digits + 1).map(|before| chars[before]);
        MEASURE_WORDS.contains(chars[at])
            && digits > 0
            && !(digits == 1 && chars[at - 1] == '一')
            && before != Some('第')
    })
}

/// Returns a text without the parts from one mark to the next of another.
fn without_between(text: &str, open: &str, close: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(open) {
        let Some((_, behind)) = after.split_once(close) else { break };
        out.push_str(before);
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Splits off what stands before the words of a line: marks of headings and lists, numbers, the bar of a table.
fn split_line_prefix(line: &str) -> (&str, &str) {
    let mut rest = line.trim_start_matches(['#', '-', '*', '>', '|', ' ', '\u{3000}', '\n']);
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if let Some(after) = digits.strip_prefix(['.', '．', '、'])
        && digits.len() < rest.len()
        && !after.starts_with(|c: char| c.is_ascii_digit())
    {
        rest = after.trim_start();
    } else if let Some(numbered) = rest.strip_prefix(['（', '('])
        && let Some((number, after)) = numbered.split_once(['）', ')'])
        && number.chars().count() <= 3
        && number.chars().all(|c| c.is_ascii_digit() || CHINESE_DIGITS.contains(c))
    {
        rest = after.trim_start();
    }
    line.split_at_checked(line.len() - rest.len()).unwrap_or((line, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn() -> YearTurn<'static> {
        YearTurn { from: 2024, to: 2025, contact: vec!["0731-88886666", "410000"] }
    }

    #[test]
    fn years_are_counted_on_and_those_of_documents_stay() {
        for (last, next) in [
            ("2024年，我镇", "2025年，我镇"),
            ("比2023年多", "比2024年多"),
            ("2025年，我们将", "2026年，我们将"),
            ("2023-2024年", "2024-2025年"),
            ("国办公开办函〔2024〕30号", "国办公开办函〔2024〕30号"),
            ("根据2019年修订的条例", "根据2019年修订的条例"),
            ("编号20240", "编号20240"),
        ] {
            assert_eq!(turn().turn_years(last), next);
        }
    }

    #[test]
    fn sentences_with_numbers_are_marked_and_others_are_not() {
        for (last, next) in [
            ("2024年公开12条。做得好。", "【待改写】2025年公开12条。做得好。"),
            ("（一）主动公开。全年3件。", "（一）主动公开。【待改写】全年3件。"),
            ("1.公开目录30份。", "1.【待改写】公开目录30份。"),
            ("召开会议三次。", "【待改写】召开会议三次。"),
            ("第三次会议之后，进一步完善。", "第三次会议之后，进一步完善。"),
            ("一是加强领导；二是一个一个落实。", "一是加强领导；二是一个一个落实。"),
            ("自2024年1月1日起至2024年12月31日止。", "自2025年1月1日起至2025年12月31日止。"),
            ("2024年3月5日公布。", "【待改写】2025年3月5日公布。"),
            ("电话0731-88886666，邮编410000。", "电话0731-88886666，邮编410000。"),
            ("收到{{requests.received.total}}件。", "收到{{requests.received.total}}件。"),
            (
                "（国办公开办函〔2021〕30号）和条例第50条。",
                "（国办公开办函〔2021〕30号）和条例第50条。",
            ),
            ("| 类别 | 12 |\n", "| 【待改写】类别 | 12 |\n"),
        ] {
            assert_eq!(turn().turn_text(last), next);
        }
    }
}
