//! Owns finding the phrases of the form beside a number: what stands between them and the number,
//! before them and behind the number.
//! Must not hold a phrase, nor compare the number with anything.

use super::text::annotated_text::{AnnotatedText, has_any_word};
use super::text::numbers::{self, TextNumber};
use crate::form::{Phrase, PhraseWords};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// A phrase with its number in a text.
pub(super) struct PhraseMatch<'a> {
    pub(super) phrase: &'a Phrase,
    /// Range from the first word to the measure word.
    pub(super) range: Range<usize>,
    pub(super) number: TextNumber,
}

/// Maximum length in bytes of a phrase with the words before its number.
const MAX_PHRASE_BYTES: usize = 120;

/// Returns the match of a phrase that ends before the number.
pub(super) fn match_phrase<'a>(
    passage: &AnnotatedText<'_>,
    phrase: &'a Phrase,
    number: &TextNumber,
    ends: &[usize],
) -> Option<PhraseMatch<'a>> {
    let find = |word: &str| {
        // From the left: a longer chain of words takes precedence over a shorter one.
        ends.iter().rev().find_map(|&end| {
            let at = start_of_words(passage.text, end, word)?;
            match_words(passage, phrase, word, at, number)
        })
    };
    let by_year = || {
        let mut likely = phrase.says_by_year.iter().filter(|word| {
            let tail = word.rsplit('}').next().unwrap_or_default();
            ends.iter().any(|&end| start_of_words(passage.text, end, tail).is_some())
        });
        likely.find_map(|word| find(&with_years(word, passage.report.year)))
    };
    phrase.says.iter().find_map(|word| find(word)).or_else(by_year)
}

/// Returns a wording with the years around the report's.
fn with_years(word: &str, year: u16) -> String {
    let last = year.saturating_sub(1).to_string();
    word.replace("{last-year}", &last).replace("{next-year}", &year.saturating_add(1).to_string())
}

/// Returns where words may end: at an offset, or before words or a list of ways that fill the gap to
/// it, the nearest first.
pub(super) fn possible_ends(
    text: &str,
    last: usize,
    fillers: &[String],
    words: &PhraseWords,
) -> Vec<usize> {
    let from = last.saturating_sub(MAX_PHRASE_BYTES);
    let mut ends = vec![last];
    let mut next = 0;
    while let Some(&end) = ends.get(next) {
        next += 1;
        for filler in fillers {
            let start = start_of_words(text, end, filler);
            if let Some(start) = start.filter(|start| *start >= from && !ends.contains(start)) {
                ends.push(start);
            }
        }
        let start = start_of_ways(text.slice(from.min(end)..end), words).map(|at| from + at);
        ends.extend(start.filter(|start| !ends.contains(start)));
    }
    ends.sort_unstable_by(|a, b| b.cmp(a));
    ends
}

/// Returns the start of a list of all ways that ends a text, with 的 or without: 通过信件、网络等方式.
fn start_of_ways(text: &str, words: &PhraseWords) -> Option<usize> {
    let way = words.ways.iter().find_map(|way| text.strip_suffix(way.as_str()))?;
    let start = words.through.iter().filter_map(|word| way.rfind(word.as_str())).max()?;
    (!way.slice(start..).contains(['，', '。', '；', '\n'])).then_some(start)
}

/// Returns the start of the words if they end at an offset. Most candidates differ in the last byte
/// already.
fn start_of_words(text: &str, end: usize, words: &str) -> Option<usize> {
    let (text, words) = (&text.as_bytes()[..end], words.as_bytes());
    (text.last() == words.last() && text.ends_with(words)).then(|| end - words.len())
}

fn match_words<'a>(
    passage: &AnnotatedText<'_>,
    phrase: &'a Phrase,
    word: &str,
    at: usize,
    number: &TextNumber,
) -> Option<PhraseMatch<'a>> {
    let text = passage.text;
    let words = &passage.report.form.words;
    let (behind_word, end) = (at + word.len(), number.range.start);
    let behind = numbers::text_after(text, number);
    let unit = phrase.units.iter().find(|unit| behind.starts_with(*unit))?;
    let stop = text.len() - behind.len() + unit.len();
    let gap = Gap { text, at, behind_word, end, stop };
    let fits = has_needed_words(passage, phrase, &gap)
        && (!phrase.opens_clause
            || opens_clause(passage, at) && plain_tail(passage, &gap).is_some())
        && means_the_whole(passage, at)
        && !words.rough.iter().any(|rough| text.slice(stop..).starts_with(rough.as_str()))
        && !passage.contains_any(passage.sentence_at(at), &phrase.unless)
        && has_context(passage, phrase, &gap);
    fits.then(|| PhraseMatch { phrase, range: at..stop, number: number.clone() })
}

/// Offsets of a wording and its number.
struct Gap<'a> {
    text: &'a str,
    /// Begin of the wording.
    at: usize,
    /// End of the wording.
    behind_word: usize,
    /// Begin of the number.
    end: usize,
    /// End of the measure word.
    stop: usize,
}

/// Checks whether the clause before the wording leaves it the whole of the organ's own year.
pub(super) fn means_the_whole(passage: &AnnotatedText<'_>, at: usize) -> bool {
    let words = &passage.report.form.words;
    let (name, year) = (&passage.report.organ.name, passage.report.year);
    let before = passage.clause_before(at);
    !names_part(passage, before, at)
        && !names_other_organ(before, name, &words.organs)
        && !names_other_area(before, name, &words.areas)
        && !names_other_year(before, year)
        && !is_in_wider_time(passage, before, at)
}

/// Checks whether a clause speaks of a part. 累计 is none in a sentence about the year: 全年累计收到.
fn names_part(passage: &AnnotatedText<'_>, clause: &str, at: usize) -> bool {
    let words = &passage.report.form.words;
    // Behind the last of several ways the clause means all of them.
    let way_ends =
        words.ways.iter().filter_map(|way| Some(clause.rfind(way.as_str())? + way.len()));
    let clause = clause.slice(way_ends.max().unwrap_or(0)..);
    let mut parts = words.parts.iter().filter(|word| clause.contains(word.as_str())).peekable();
    if parts.peek().is_none() {
        return false;
    }
    let earlier = passage.text.slice(passage.sentence_at(at).start..at);
    let of_year = names_this_year(earlier, passage.report.year, &words.this_year)
        && !has_any_word(earlier, &words.wider_times)
        && !has_any_word(earlier, &words.until);
    !parts.all(|word| of_year && words.year_parts.contains(word))
}

/// Checks whether a text names the report's year.
fn names_this_year(text: &str, year: u16, words: &[String]) -> bool {
    has_any_word(text, words) || text.contains(&format!("{year}年"))
}

/// Length in characters up to which a clause before a number may say nothing but a time.
const MAX_TIME_CHARS: usize = 20;

/// Checks whether the clause before this one names a time of which the report's year is a part, or
/// another: 近三年，共收到95件.
fn is_in_wider_time(passage: &AnnotatedText<'_>, clause: &str, at: usize) -> bool {
    let words = &passage.report.form.words;
    let year = passage.report.year;
    let widens = |text: &str| {
        has_any_word(text, &words.wider_times) && !has_any_word(text, &words.this_year)
    };
    if widens(clause) || names_months(clause) {
        return true;
    }
    if names_this_year(clause, year, &words.this_year) {
        return false;
    }
    let start = at - clause.len();
    let Some(head) = passage.text.slice(..start).strip_suffix('，') else { return false };
    let time = passage.clause_before(head.len());
    let counts = |within: Range<usize>| {
        passage.numbers_within(within).iter().any(|number| {
            !numbers::text_after(passage.text, number).starts_with(['年', '月', '日'])
        })
    };
    let within = head.len() - time.len()..head.len();
    if time.chars().nth(MAX_TIME_CHARS).is_some() || counts(within) {
        // 《条例》施行以来累计收到210件，公开147件: the time of a number before is that of the next one, too.
        let from = passage.sentence_at(at).start;
        let earlier = passage.text.slice(from..at);
        let mut end = from;
        return !names_this_year(earlier, year, &words.this_year)
            && earlier.split_inclusive('，').any(|clause| {
                let start = end;
                end += clause.len();
                widens(clause) && counts(start..end)
            });
    }
    widens(time)
        || names_months(time)
        || (names_other_year(time, year) && !time.starts_with(['与', '较', '比']))
}

/// Checks whether a clause names months that are not the whole year: 截至6月底.
fn names_months(clause: &str) -> bool {
    clause.contains('月')
        && !["12月31日", "12月底", "12月末"].iter().any(|end| clause.contains(end))
        && !names_all_months(clause)
}

/// Checks whether a clause names the months from the first to the last: 1月至12月, 1—12月.
fn names_all_months(clause: &str) -> bool {
    let from_first = |before: &str| {
        let first = before.trim_end_matches(['至', '到', '—', '－', '-', '–', '―', '~', '～']);
        let number = first.strip_suffix("月份").or_else(|| first.strip_suffix('月'));
        let year = number.unwrap_or(first).strip_suffix('1').map(|head| head.trim_end_matches('0'));
        first.len() < before.len()
            && year.is_some_and(|head| !head.ends_with(|c: char| c.is_ascii_digit()))
    };
    clause.match_indices("12月").any(|(at, _)| from_first(clause.slice(..at)))
}

/// Checks whether a clause speaks of a larger or smaller area than the organ's: 全市 for a county.
fn names_other_area(clause: &str, name: &str, areas: &[String]) -> bool {
    let mut places = clause.match_indices('全').map(|(at, all)| clause.slice(at + all.len()..));
    let short = ["人民政府", "政府", "办事处", "管理委员会", "管委会"]
        .iter()
        .find_map(|end| name.strip_suffix(end));
    let own = short.unwrap_or(name);
    !name.is_empty()
        && places.any(|behind| {
            let area = areas.iter().find(|area| behind.starts_with(area.as_str()));
            area.is_some_and(|area| !own.ends_with(area.as_str()))
        })
}

/// Checks whether nothing but filling words stands before the wording in its clause.
fn opens_clause(passage: &AnnotatedText<'_>, at: usize) -> bool {
    let mut rest = passage.clause_before(at);
    if rest.is_empty() {
        return true;
    }
    let words = &passage.report.form.words;
    let own = [format!("{}年", passage.report.year), passage.report.organ.name.clone()];
    let all: Vec<&String> = words
        .leads
        .iter()
        .chain(&words.fillers)
        .chain(&own)
        .filter(|word| !word.is_empty())
        .collect();
    while let Some(word) =
        all.iter().filter(|word| rest.starts_with(word.as_str())).max_by_key(|w| w.len())
    {
        rest = rest.slice(word.len()..);
    }
    rest.is_empty()
}

/// Checks for the words of which the phrase needs one: before the number, at the end of the clause
/// behind it, or leading the wording.
fn has_needed_words(passage: &AnnotatedText<'_>, phrase: &Phrase, gap: &Gap<'_>) -> bool {
    phrase.needs.is_empty()
        || has_any_word(gap.text.slice(gap.behind_word..gap.end), &phrase.needs)
        || ends_clause(passage, &phrase.needs, gap)
        || is_led(passage, &phrase.led_by, gap)
}

/// Characters that end a clause.
const CLAUSE_ENDS: [char; 10] = ['，', '。', '；', '：', '！', '？', '\n', '、', '（', ','];
/// Length in bytes up to which a clause behind a number is read.
const MAX_CLAUSE_BYTES: usize = 120;

/// Returns the clause behind the number if it holds nothing but filling words: 公众提交的申请.
fn plain_tail<'a>(passage: &AnnotatedText<'_>, gap: &Gap<'a>) -> Option<&'a str> {
    let behind = gap.text.slice(gap.stop..).floor_prefix(MAX_CLAUSE_BYTES);
    let whole = (behind.len() + gap.stop == gap.text.len()).then_some(behind.len());
    let end = behind.find(CLAUSE_ENDS).or(whole)?;
    let clause = behind.slice(..end).trim_end_matches(['*', ' ']);
    let fillers = &passage.report.form.words.fillers;
    let mut rest = clause;
    while let Some(filler) = fillers.iter().find(|filler| rest.starts_with(filler.as_str())) {
        rest = rest.slice(filler.len()..);
    }
    rest.is_empty().then_some(clause)
}

/// Checks whether one of the words ends the clause behind the number: 收到2件公众提交的申请.
fn ends_clause(passage: &AnnotatedText<'_>, needs: &[String], gap: &Gap<'_>) -> bool {
    let ends = |clause: &str| needs.iter().any(|need| clause.ends_with(need.as_str()));
    plain_tail(passage, gap).is_some_and(ends)
}

/// Checks whether one of the words stands before the wording with nothing but filling words
/// between: 依申请公开方面，2025年我局共受理2件.
fn is_led(passage: &AnnotatedText<'_>, leaders: &[String], gap: &Gap<'_>) -> bool {
    let from = gap.text.floor_char_boundary(gap.at.saturating_sub(2 * MAX_PHRASE_BYTES));
    let before = gap.text.slice(from..gap.at);
    // Most sentences name none of them, and need no list of what may stand between.
    if !has_any_word(before, leaders) || plain_tail(passage, gap).is_none() {
        return false;
    }
    let words = &passage.report.form.words;
    let own = [format!("{}年", passage.report.year), passage.report.organ.name.clone()];
    let all = words.leads.iter().chain(&words.fillers).chain(&own);
    let fillers: Vec<String> = all.filter(|word| !word.is_empty()).cloned().collect();
    let ends = possible_ends(gap.text, gap.at, &fillers, words);
    let leads =
        |word: &String| ends.iter().any(|end| start_of_words(gap.text, *end, word).is_some());
    leaders.iter().any(leads)
}

/// Checks whether the paragraph up to the number is about what the phrase means.
fn has_context(passage: &AnnotatedText<'_>, phrase: &Phrase, gap: &Gap<'_>) -> bool {
    let earlier = passage.paragraph_at(gap.at).start..gap.end;
    let about = phrase.about.is_empty()
        || is_about(gap, earlier.start, phrase, &passage.report.form.words.look_alike_rows)
        || ends_clause(passage, &phrase.about, gap);
    about && (phrase.context.is_empty() || passage.contains_any(earlier, &phrase.context))
}

/// Checks whether the last of the words for the rows of the table is one of this row's.
fn is_about(gap: &Gap<'_>, start: usize, phrase: &Phrase, others: &[String]) -> bool {
    let text = gap.text.slice(start..gap.end);
    let last = |words: &[String]| words.iter().filter_map(|word| text.rfind(word.as_str())).max();
    let Some(own) = last(&phrase.about) else { return false };
    let no_row = |at: usize| others.iter().any(|word| text.slice(at..).starts_with(word.as_str()));
    let rival = phrase.rivals.iter().flat_map(|word| text.rmatch_indices(word.as_str()));
    !rival.map(|(at, _)| at).any(|at| at > own && !no_row(at))
}

/// Checks whether a clause speaks of an organ of another kind, or of another of the own kind (县自然
/// 资源局 in a text of 县教育局).
fn names_other_organ(clause: &str, name: &str, kinds: &[String]) -> bool {
    let own = ["我", "本", name].iter().any(|own| !own.is_empty() && clause.contains(own));
    let is_other = |kind: &str, at: usize| {
        let before = clause.slice(..at);
        let starts = before.char_indices().rev().take(2).take_while(|(_, c)| !ends_time(*c));
        let qualifier = before.slice(starts.last().map_or(at, |(start, _)| start)..);
        // 县局 and 自然资源局 are short for 县自然资源和规划局.
        let behind = name.find(qualifier).map(|found| name.slice(found + qualifier.len()..));
        behind.is_none_or(|behind| !behind.contains(kind))
    };
    let any_other =
        |kind: &String| clause.match_indices(kind.as_str()).any(|(at, _)| is_other(kind, at));
    !own && kinds.iter().any(any_other)
}

/// Checks whether a character before the kind of an organ belongs to what leads it in: 全年镇政府, 2025年县局, 该局.
fn ends_time(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '年' | '月' | '日' | '来' | '全' | '该' | '，' | '、' | ' ')
}

/// Checks whether a clause is about another year than the report.
fn names_other_year(clause: &str, year: u16) -> bool {
    let own = year.to_string();
    clause.match_indices('年').any(|(at, _)| {
        let start = clause.slice(..at).trim_end_matches(|c: char| c.is_ascii_digit()).len();
        at - start == 4 && clause.slice(start..at) != own
    })
}
