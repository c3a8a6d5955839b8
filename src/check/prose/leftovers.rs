//! Owns notes to the writer and placeholders that were left in a text: （具体网址）, XX镇, 编写说明：.
//! Must not hold the words: they are data of the form.

use super::missing_numbers::COUNTED_UNITS;
use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use docx_fill::template::numerals;
use std::ops::Range;

pub(super) fn check_leftovers(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let words = &passage.report.form.prose;
    for word in &words.instructions {
        let places = passage.find_word(word).map(|at| at..at + word.len());
        for range in places.filter(|range| is_note(passage.text, range)) {
            push_leftover(passage, range, sink);
        }
    }
    for (open, bracket) in passage.marks_where(|c| OPEN.contains(&c)) {
        let at = open + bracket.len_utf8();
        let inside = passage.text.slice(at..);
        let begins = words.instruction_starts.iter().any(|word| inside.starts_with(word.as_str()));
        if let Some(range) = begins.then(|| whole_note(inside, at)).flatten() {
            push_leftover(passage, range, sink);
        }
    }
    let mut done = 0;
    for sign in &words.placeholders {
        let places: Vec<Range<usize>> = passage
            .find_word(sign)
            .filter_map(|at| placeholder_at(passage.text, at, sign))
            .filter(|range| !is_part_of_name(passage, range))
            .collect();
        for range in places {
            if range.start >= done {
                done = range.end;
                push_leftover(passage, range, sink);
            }
        }
    }
}

/// Checks whether words stand in brackets of their own, or alone at the beginning of a line before a
/// colon or its end.
fn is_note(text: &str, range: &Range<usize>) -> bool {
    let (before, behind) = (text.slice(..range.start), text.slice(range.end..));
    let bracketed = before.ends_with(OPEN)
        && behind.starts_with(['）', ')', '】', ']', '〕', '}', '｝', '>', '＞', '：', ':', '，']);
    let line = before.trim_end_matches(['#', '*', ' ', '\u{3000}']);
    let begins = line.is_empty() || line.ends_with('\n');
    let heads = behind.trim_start_matches('*').starts_with(['：', ':', '\n']) || behind.is_empty();
    bracketed || (begins && heads)
}

/// Brackets around a note to the writer.
const OPEN: [char; 10] = ['（', '(', '【', '[', '〔', '{', '｛', '<', '＜', '［'];
const CLOSE: [char; 10] = ['）', ')', '】', ']', '〕', '}', '｝', '>', '＞', '］'];
/// Length in characters up to which brackets may hold a note.
const MAX_NOTE_CHARS: usize = 60;

/// Returns the range of the note that begins behind a bracket.
fn whole_note(inside: &str, at: usize) -> Option<Range<usize>> {
    let mut near = inside.char_indices().take(MAX_NOTE_CHARS + 1);
    let (length, end) = near.find(|(_, c)| *c == '\n' || CLOSE.contains(c))?;
    (end != '\n').then(|| at..at + length)
}

/// Length in characters within which a name with a sign in it ends.
const MAX_NAME_CHARS: usize = 12;
/// Characters of sentences that no name has behind its sign: XX在公司.
const SENTENCE_CHARS: &str = "的了在向由与和及等对于将并为是";

/// Checks whether a sign belongs to a name (XX光电公司) or to a numeral (二○○八年).
fn is_part_of_name(passage: &AnnotatedText<'_>, range: &Range<usize>) -> bool {
    let (text, form) = (passage.text, &passage.report.form);
    let (before, behind) = (text.slice(..range.start), text.slice(range.end..));
    let numeral = |c: char| numerals::numeral_value(c).is_some() || c == '○';
    let counted = text.slice(range.clone()).starts_with('○')
        && (before.ends_with(numeral) || behind.starts_with(numeral));
    // XX and ×× stand for letters that a name keeps to itself; ____ and （网址） for what is to be filled in.
    let sign = text.slice(range.clone());
    let hides_letters = !sign.starts_with(['_', '＿'])
        && sign.chars().next().is_some_and(|first| sign.chars().all(|c| c == first));
    let name = |c: &char| ('\u{4E00}'..='\u{9FFF}').contains(c) && !SENTENCE_CHARS.contains(*c);
    let run: String = behind.chars().take(MAX_NAME_CHARS).take_while(name).collect();
    // 与XX公司: nothing but the sign tells which one.
    let ends = &form.prose.names_with_signs;
    let mut organs = form.words.organs.iter().chain(&form.words.areas);
    let organ = organs.any(|kind| run.starts_with(kind.as_str()));
    let named = || ends.iter().any(|end| run.find(end.as_str()).is_some_and(|at| at > 0));
    counted || hides_letters && !organ && named()
}

/// Returns the range of a whole run of the sign, unless it belongs to an address or a number was to
/// stand there, which `missing-number` reports.
fn placeholder_at(text: &str, at: usize, sign: &str) -> Option<Range<usize>> {
    let first = sign.chars().next()?;
    let run = text.slice(at..).chars().take_while(|c| *c == first).count();
    let end = at + (run * first.len_utf8()).max(sign.len());
    let (before, behind) = (text.slice(..at), text.slice(end..));
    let joined = |c: char| c.is_ascii_alphanumeric() || "-_./@:".contains(c);
    let starts = !before.ends_with(|c: char| c == first || joined(c));
    let ends = first == '_' || !behind.starts_with(joined);
    let counted = COUNTED_UNITS.iter().any(|unit| behind.starts_with(unit));
    (starts && ends && !counted).then_some(at..end)
}

fn push_leftover(passage: &AnnotatedText<'_>, range: Range<usize>, sink: &mut Sink) {
    if !passage.is_handwritten(&range) {
        return;
    }
    let message = msg!("text.leftover", words = passage.text.slice(range.clone()));
    let found = passage.finding_at("leftover", range, message);
    sink.push(found.with_hint(msg!("text.leftover-hint")));
}
