//! Owns checking citations of the notices that prescribe the forms: title and number must belong
//! together, and the notice must be that of the report's form.
//! Must not hold a notice: notices are data of the forms.

use super::super::settings::FormNotice;
use super::CheckContext;
use super::text::annotated_text::{self, AnnotatedText, has_any_word};
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Brackets that open the year of a document number.
const OPENING_BRACKETS: [char; 6] = ['〔', '［', '[', '（', '(', '【'];

pub(super) fn check_citations(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    sink: &mut Sink,
) {
    let own = right_notice(desk).number;
    let notices: Vec<&FormNotice> = own_notices(desk).collect();
    let notices = notices.as_slice();
    let mut done = 0;
    let mut numbers: Vec<(Range<usize>, String)> = passage
        .marks_where(|c| OPENING_BRACKETS.contains(&c))
        .filter_map(|(open, _)| document_number(passage.text, open))
        .map(|found| without_lead(found, &desk.report.form.prose.citing_words))
        .collect();
    add_malformed_numbers(passage, notices, &mut numbers);
    check_brackets(passage, notices, &numbers, sink);
    if own.is_empty() {
        return;
    }
    let both = cites_own_notice(desk, passage, &numbers);
    for (range, number) in numbers {
        let start = passage.sentence_at(range.start).start.max(done);
        let title = passage.text.slice(start..range.start);
        let named = notices.iter().find(|n| n.marks.iter().any(|mark| title.contains(mark)));
        let cited = notices.iter().find(|notice| notice.number == number);
        let alike = |notice: &&&FormNotice| {
            is_mistyped(&notice.number, &number) || is_next_to(own, &notice.number, &number)
        };
        let named_here = named.is_some_and(|named| stands_behind(title, named, &number));
        // The form may be named behind the number: 根据国办公开函〔2021〕30号要求，编制年度报告.
        let sentence = passage.text.slice(passage.sentence_at(range.start));
        let form_names = &desk.report.form.prose.form_names;
        let about = || named.is_some() || has_any_word(sentence, form_names);
        match (named, cited) {
            (Some(named), _)
                if named.number != number && (named_here || same_issuer(notices, &number)) =>
            {
                push_citation(desk, passage, (range.clone(), named), sink);
                done = range.end;
            }
            (_, Some(cited)) if cited.number != own => {
                if !both {
                    push_wrong_citation(desk, passage, range.clone(), cited, sink);
                }
                done = range.end;
            }
            (None, None) if !both && about() => {
                if let Some(meant) = notices.iter().find(alike) {
                    push_citation(desk, passage, (range.clone(), meant), sink);
                    done = range.end;
                }
            }
            (Some(_), _) => done = range.end,
            _ => {}
        }
    }
    if !both {
        check_titles(desk, passage, done, sink);
    }
}

/// Returns the notices of the forms of the report's family.
fn own_notices<'a>(desk: &CheckContext<'a>) -> impl Iterator<Item = &'a FormNotice> {
    let (settings, form) = (desk.settings, &desk.report.form);
    settings.notices.iter().filter(move |notice| notice.family == form.family.id)
}

/// Checks whether the notice of the report's form is cited. Organs that a ministry manages cite the
/// earlier one beside it.
fn cites_own_notice(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    numbers: &[(Range<usize>, String)],
) -> bool {
    let own = right_notice(desk);
    let titled = || own.marks.iter().any(|mark| passage.find_word(mark).next().is_some());
    numbers.iter().any(|(_, number)| number == own.number) || titled()
}

/// The notice that a report has to cite.
struct RightNotice<'a> {
    title: &'a str,
    number: &'a str,
    marks: &'a [String],
    /// Name of the form to change to, if the report's form is not that of its year.
    other_form: Option<&'a str>,
}

/// Returns the notice of the report's form or, if that is not for its year, of the form that is: then
/// the form is at fault and not the citation.
fn right_notice<'a>(desk: &CheckContext<'a>) -> RightNotice<'a> {
    let form = &desk.report.form;
    let year = desk.report.year;
    let covers = |notice: &&FormNotice| {
        year >= notice.years.0 && notice.years.1.is_none_or(|last| year <= last)
    };
    let other = own_notices(desk).filter(covers).last();
    match other.filter(|_| !form.covers_year(year)) {
        Some(notice) => RightNotice {
            title: &notice.title,
            number: &notice.number,
            marks: &notice.marks,
            other_form: Some(&notice.form_name),
        },
        None => RightNotice {
            title: &form.notice_title,
            number: &form.notice_number,
            marks: &form.notice_marks,
            other_form: None,
        },
    }
}

/// Adds the numbers behind the issuers' signs of the notices that are no document numbers: without
/// brackets, with others, without 号 (国办公开办函2021年30号).
fn add_malformed_numbers(
    passage: &AnnotatedText<'_>,
    notices: &[&FormNotice],
    numbers: &mut Vec<(Range<usize>, String)>,
) {
    let mut signs: Vec<&str> = notices.iter().map(|notice| issuer_sign(&notice.number)).collect();
    signs.sort_unstable();
    signs.dedup();
    for sign in signs.into_iter().filter(|sign| !sign.is_empty()) {
        let known = |at: usize| numbers.iter().any(|(range, _)| range.contains(&at));
        let places: Vec<usize> = passage.find_word(sign).filter(|at| !known(*at)).collect();
        for at in places {
            let behind = passage.text.slice(at + sign.len()..);
            let end = at + sign.len();
            if let Some((length, year, serial)) = loose_number(behind) {
                numbers.push((at..end + length, format!("{sign}〔{year}〕{serial}号")));
            } else if let Some((length, notice)) = without_year(behind, sign, notices) {
                numbers.push((at..end + length, notice.number.clone()));
            }
        }
    }
    numbers.sort_by_key(|(range, _)| range.start);
}

/// Returns year and serial number that a text begins with, whatever marks stand between them, and
/// their length with the marks.
fn loose_number(text: &str) -> Option<(usize, &str, &str)> {
    let mark = |c: char| "〔〕[]［］（）()【】{}｛｝《》〈〉<>「」 -—年第字".contains(c);
    let rest = text.trim_start_matches(mark);
    let (digits, rest) = leading_digits(rest)?;
    let (year, joined) = digits.split_at_offset(digits.len().min(4));
    let (serial, rest) = if joined.is_empty() {
        leading_digits(rest.trim_start_matches(mark))?
    } else {
        (joined, rest)
    };
    let likely = (year.starts_with("19") || year.starts_with("20")) && serial.len() <= 4;
    let rest = rest.trim_start_matches(' ');
    let rest = rest.strip_prefix('号').unwrap_or(rest);
    likely.then(|| (text.trim_end().len().min(text.len() - rest.len()), year, serial))
}

/// Returns the notice whose serial number a text begins with, without a year, and its length.
fn without_year<'a>(
    text: &str,
    sign: &str,
    notices: &[&'a FormNotice],
) -> Option<(usize, &'a FormNotice)> {
    let (serial, rest) = leading_digits(text.trim_start().trim_start_matches('第'))?;
    let rest = rest.trim_start().strip_prefix('号')?;
    let end = format!("〕{serial}号");
    let known = |notice: &&&FormNotice| {
        issuer_sign(&notice.number) == sign && notice.number.ends_with(&end)
    };
    Some((text.len() - rest.len(), *notices.iter().find(known)?))
}

/// Reports the first document number with other brackets than 〔〕, or not as numbers are written.
fn check_brackets(
    passage: &AnnotatedText<'_>,
    notices: &[&FormNotice],
    numbers: &[(Range<usize>, String)],
    sink: &mut Sink,
) {
    let is_wrong = |(range, number): &&(Range<usize>, String)| {
        let written = passage.text.slice(range.clone());
        let sign = issuer_sign(number);
        // Orders and announcements have 第; a notice's number has not.
        let altered = notices.iter().any(|notice| issuer_sign(&notice.number) == sign)
            && written.chars().filter(|c| !c.is_whitespace()).ne(number.chars());
        // 法〔2021〕… without a sign may be a case of a court.
        (altered || !(written.contains('〔') && written.contains('〕')))
            && sign.chars().nth(1).is_some()
    };
    let mut wrong = numbers.iter().filter(is_wrong);
    if let Some((range, number)) = wrong.next().filter(|(r, _)| passage.is_handwritten(r)) {
        let words = passage.text.slice(range.clone());
        let message = msg!("text.brackets", words = words);
        let hint = msg!("text.brackets-hint", number = number, count = 1 + wrong.count());
        sink.push(passage.finding_at("number-brackets", range.clone(), message).with_hint(hint));
    }
}

/// Checks whether a known notice, or one mistyped, is of the issuer of a number.
fn same_issuer(notices: &[&FormNotice], number: &str) -> bool {
    notices.iter().any(|notice| {
        let (sign, found) = (issuer_sign(&notice.number), issuer_sign(number));
        sign == found || edit_distance(sign, found) <= MAX_SLIPS
    })
}

/// Number of characters by which a mistyped sign of an issuer differs at most.
const MAX_SLIPS: usize = 2;

/// Checks whether a number is a notice's with a slip in its sign or its year.
fn is_mistyped(known: &str, number: &str) -> bool {
    let serial = |number: &str| number.split('〕').nth(1).map(str::to_owned);
    let slips = edit_distance(issuer_sign(known), issuer_sign(number));
    serial(known) == serial(number) && slips <= MAX_SLIPS && known != number
}

/// Checks whether a number is of the right notice's issuer, but no number of a notice.
fn is_next_to(own: &str, known: &str, number: &str) -> bool {
    known == own && known != number && issuer_sign(known) == issuer_sign(number)
}

/// Checks whether a number of the notice's issuer stands right behind its title: …格式》的通知（国办函〔2021〕30号.
fn stands_behind(title: &str, named: &FormNotice, number: &str) -> bool {
    let ends = named.marks.iter().filter_map(|mark| Some(title.rfind(mark)? + mark.len()));
    let Some(end) = ends.max() else { return false };
    let issuer = |number: &str| issuer_sign(number).chars().take(2).collect::<String>();
    title.slice(end..).chars().all(|c| "》〉>（( *”".contains(c))
        && issuer(number) == issuer(&named.number)
}

/// Returns how many characters have to be added, left out or replaced to make one word the other;
/// words are signs of issuers, at most twelve characters.
fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (column, known) in other.iter().enumerate() {
            let replaced = corner + usize::from(c != *known);
            corner = row[column + 1];
            row[column + 1] = replaced.min(corner + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Reports a title or a sign that belongs to another number.
fn push_citation(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    cited: (Range<usize>, &FormNotice),
    sink: &mut Sink,
) {
    let (range, notice) = cited;
    let message = msg!(
        "text.citation",
        title = &notice.title,
        number = &notice.number,
        found = passage.text.slice(range.clone())
    );
    let found = passage.warning_at("citation", range, message);
    sink.push(found.with_hint(citation_hint(desk)));
}

/// Checks titles of notices that have no number after them.
fn check_titles(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    done: usize,
    sink: &mut Sink,
) {
    let own = right_notice(desk).number;
    for notice in own_notices(desk).filter(|notice| notice.number != own) {
        let mark = notice.marks.iter().find_map(|mark| {
            let at = passage.find_word(mark).find(|at| *at >= done)?;
            Some(at..at + mark.len())
        });
        if let Some(range) = mark {
            push_wrong_citation(desk, passage, range, notice, sink);
        }
    }
}

fn push_wrong_citation(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    range: Range<usize>,
    cited: &FormNotice,
    sink: &mut Sink,
) {
    let year = u32::from(desk.report.year);
    let message =
        msg!("text.wrong-citation", year = year, title = &cited.title, number = &cited.number);
    sink.push(passage.warning_at("wrong-citation", range, message).with_hint(citation_hint(desk)));
}

fn citation_hint(desk: &CheckContext<'_>) -> docx_fill::diag::Message {
    let RightNotice { title, number, other_form, .. } = right_notice(desk);
    match other_form {
        Some(name) => msg!("text.form-hint", name = name, title = title, number = number),
        None => msg!("text.citation-hint", title = title, number = number),
    }
}

/// Returns the issuer's sign before the year: 国办公开办函.
fn issuer_sign(number: &str) -> &str {
    number.split('〔').next().unwrap_or_default()
}

/// Returns the document number (文号) around an opening bracket, with official brackets and without
/// blanks.
fn document_number(text: &str, open: usize) -> Option<(Range<usize>, String)> {
    let rest = text.slice(annotated_text::next_char_offset(text, open)..);
    let (year, rest) = leading_digits(rest).filter(|(year, _)| year.len() == 4)?;
    let rest = rest.trim_start().strip_prefix(['〕', '］', ']', '）', ')', '】'])?;
    let rest = rest.trim_start().trim_start_matches('第');
    let (serial, rest) = leading_digits(rest)?;
    let rest = rest.trim_start().strip_prefix('号')?;
    let before = text.slice(..open).trim_end();
    let name = |c: &char| ('\u{4E00}'..='\u{9FFF}').contains(c);
    let sign: String = before.chars().rev().take_while(name).take(12).collect();
    let start = before.len() - sign.len();
    let sign: String = sign.chars().rev().collect();
    Some((start..text.len() - rest.len(), format!("{sign}〔{year}〕{serial}号")))
}

/// Returns a document number without the words before it (按国办公开办函〔2021〕30号).
fn without_lead(found: (Range<usize>, String), words: &[String]) -> (Range<usize>, String) {
    let (range, number) = found;
    let sign = issuer_sign(&number);
    let ends = words.iter().filter_map(|word| Some(sign.rfind(word.as_str())? + word.len()));
    // A sign has at least two characters.
    let lead = ends.filter(|end| sign.slice(*end..).chars().nth(1).is_some()).max().unwrap_or(0);
    (range.start + lead..range.end, number.slice(lead..).to_owned())
}

/// Splits off the digits at the beginning, after blanks.
fn leading_digits(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at_offset(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_any_brackets() {
        for text in [
            "（国办公开办函〔2021〕30号）",
            "(国办公开办函[2021] 30 号)",
            "国办公开办函（2021）第30号",
        ] {
            let brackets = text.char_indices().filter(|(_, c)| OPENING_BRACKETS.contains(c));
            let found: Vec<String> =
                brackets.filter_map(|(at, _)| Some(document_number(text, at)?.1)).collect();
            assert_eq!(found, ["国办公开办函〔2021〕30号"], "{text}");
        }
    }
}
