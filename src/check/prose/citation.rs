//! Owns checking citations of the notices that prescribe the forms: title and number must belong
//! together, and the notice must be that of the report's form.
//! Must not hold a notice: notices are data of the forms.

use super::super::settings::FormNotice;
use super::CheckContext;
use super::annotated_text::{self, AnnotatedText};
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
    let own = &desk.report.form.notice_number;
    let notices = &desk.settings.notices;
    let mut done = 0;
    let brackets = passage.marks_where(|c| OPENING_BRACKETS.contains(&c)).map(|(at, _)| at);
    for (range, number) in brackets.filter_map(|open| document_number(passage.text, open)) {
        let start = passage.sentence_at(range.start).start.max(done);
        let title = passage.text.slice(start..range.start);
        let prefix = |notice: &&FormNotice| issuer_sign(&notice.number) == issuer_sign(&number);
        let named = notices.iter().find(|n| n.marks.iter().any(|mark| title.contains(mark)));
        let cited = notices.iter().find(|notice| notice.number == number);
        if notices.iter().find(prefix).is_none() {
            continue;
        }
        match (named, cited) {
            (Some(named), _) if named.number != number => {
                let message = msg!(
                    "text.citation",
                    title = &named.title,
                    number = &named.number,
                    found = passage.text.slice(range.clone())
                );
                let found = passage.warning_at("citation", range.clone(), message);
                sink.push(found.with_hint(citation_hint(desk)));
                done = range.end;
            }
            (_, Some(cited)) if cited.number != *own => {
                push_wrong_citation(desk, passage, range.clone(), cited, sink);
                done = range.end;
            }
            (Some(_), _) => done = range.end,
            _ => {}
        }
    }
    check_titles(desk, passage, done, sink);
}

/// Checks titles of notices that have no number after them.
fn check_titles(
    desk: &CheckContext<'_>,
    passage: &AnnotatedText<'_>,
    done: usize,
    sink: &mut Sink,
) {
    let own = &desk.report.form.notice_number;
    for notice in desk.settings.notices.iter().filter(|notice| notice.number != *own) {
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
    let form = &desk.report.form;
    msg!("text.citation-hint", title = &form.notice_title, number = &form.notice_number)
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
