//! Owns characters that look like others: Kangxi radicals and compatibility ideographs that copying
//! from a PDF leaves behind, full-width digits and letters.
//! Must not know where a text stands.

use super::annotated_text::AnnotatedText;
use super::text_index::may_be_look_alike;
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

/// The character that is meant, if the given one only looks like it.
pub(in crate::check) fn intended_char(c: char) -> Option<char> {
    match c {
        // The full-width block lies at a fixed distance from ASCII; its punctuation is Chinese.
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xFEE0),
        '\u{2E80}'..='\u{2FDF}' | '\u{F900}'..='\u{FAFF}' => look_alike_table().get(&c).copied(),
        _ => None,
    }
}

/// Pairs of a look-alike and the character that is meant.
fn look_alike_table() -> &'static BTreeMap<char, char> {
    static TABLE: OnceLock<BTreeMap<char, char>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let pairs = include_str!("look-alikes.txt").lines().filter(|line| !line.starts_with('#'));
        let pair = |line: &str| {
            let mut chars = line.chars();
            Some((chars.next()?, chars.next()?))
        };
        pairs.filter_map(pair).collect()
    })
}

/// The same for words that programs look up: full-width marks between digits and letters as well, but
/// for brackets and stops, which are customary there too.
pub(in crate::check) fn plain_char(c: char) -> Option<char> {
    match c {
        '（' | '）' | '，' | '；' => None,
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        c => intended_char(c),
    }
}

/// The place of a finding as it is meant. Where the file writes a value with escapes or in several lines,
/// the place is the whole value and not only look-alikes: its punctuation stays.
pub(in crate::check) fn replace_run(text: &str) -> String {
    // Quotes, backslashes, braces and the like would mean something to the file's syntax.
    let harmless = |c: &char| c.is_alphanumeric() || "-._@/:+".contains(*c);
    let run = text.chars().all(|c| plain_char(c).is_some());
    let mended = |c: char| if run { plain_char(c).filter(harmless) } else { intended_char(c) };
    text.chars().map(|c| mended(c).unwrap_or(c)).collect()
}

/// The runs of characters that are meant otherwise.
pub(super) fn look_alike_runs(text: &str, meant: fn(char) -> Option<char>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| may_be_look_alike(*c) && meant(*c).is_some())
    {
        let end = at + c.len_utf8();
        match out.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => out.push(at..end),
        }
    }
    out
}

/// The text as it is meant.
pub(crate) fn replace_look_alikes(text: &str) -> String {
    text.chars().map(|c| intended_char(c).unwrap_or(c)).collect()
}

pub(super) fn check_look_alikes(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let text = passage.text;
    if !passage.may_have_look_alikes() {
        return;
    }
    for run in look_alike_runs(text, intended_char) {
        if !passage.is_handwritten(&run) {
            continue;
        }
        let found = text.slice(run.clone());
        let code = format!("U+{:04X}", found.chars().next().map_or(0, u32::from));
        let message =
            msg!("text.look-alike", found = found, code = code, plain = replace_look_alikes(found));
        let finding = passage.warning_at("look-alike", run, message);
        sink.push(finding.with_hint(msg!("text.look-alike-hint")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_known() {
        assert_eq!(replace_look_alikes("⼯作⼀⾏⻓１２"), "工作一行长12");
        assert_eq!(replace_look_alikes("政府信息公开，100％（一）"), "政府信息公开，100％（一）");
        assert_eq!(replace_run("－＠："), "-@:");
        assert_eq!(replace_run("＂＃＼"), "＂＃＼");
        assert_eq!(replace_run("⼯作：\\n共１２件！｛｛"), "工作：\\n共12件！｛｛");
    }
}
