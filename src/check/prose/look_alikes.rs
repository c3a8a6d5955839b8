//! Owns checking texts for look-alike characters.
//! Must not know the place of a text, nor which characters look alike.

use super::text::annotated_text::AnnotatedText;
use super::text::text_index::may_be_look_alike;
use crate::labels::look_alikes::{intended_char, replace_look_alikes};
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Returns the ASCII character for values that programs look up. Besides look-alikes, full-width
/// marks between digits and letters are replaced; brackets and stops, which are customary there
/// too, are not.
pub(in crate::check) fn plain_char(c: char) -> Option<char> {
    match c {
        '（' | '）' | '，' | '；' => None,
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        c => intended_char(c),
    }
}

/// Returns the text of a finding's range with the intended characters. If the file writes the value
/// with escapes or on several lines, the range is the whole value; its punctuation is kept.
pub(in crate::check) fn replace_run(text: &str) -> String {
    // Quotes, backslashes, braces and the like could change the file's syntax.
    let harmless = |c: &char| c.is_alphanumeric() || "-._@/:+".contains(*c);
    let run = text.chars().all(|c| plain_char(c).is_some());
    let mended = |c: char| if run { plain_char(c).filter(harmless) } else { intended_char(c) };
    text.chars().map(|c| mended(c).unwrap_or(c)).collect()
}

/// Returns the ranges of characters for which `meant` returns another character.
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
        assert_eq!(replace_run("－＠："), "-@:");
        assert_eq!(replace_run("＂＃＼"), "＂＃＼");
        assert_eq!(replace_run("⼯作：\\n共１２件！｛｛"), "工作：\\n共12件！｛｛");
    }
}
