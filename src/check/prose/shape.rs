//! Owns checking the structure of a text: its length, headings that restart the official numbering, and tables
//! that would be printed as bars.
//! Must not parse Markdown beyond blanks and marks.

use super::CheckContext;
use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::Sink;
use docx_fill::prose::find_unread_tables;
use docx_fill::slice::TextSlice as _;
use docx_fill::template::numerals;

pub(super) fn check_shape(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    check_length(desk, passage, sink);
    check_heading_numbers(passage, sink);
    check_bars(passage, sink);
}

/// Checks the length, only if `nianbao.toml` sets a limit: no central notice is known to set one.
fn check_length(desk: &CheckContext<'_>, passage: &AnnotatedText<'_>, sink: &mut Sink) {
    let section = passage.section();
    let Some(limit) = desk.settings.lengths.get(&section.id).copied() else { return };
    let count = passage.text.chars().filter(|c| !c.is_whitespace() && !"#*|`".contains(*c)).count();
    if count > limit {
        let heading = section.heading.as_deref().unwrap_or(&section.id);
        let message = msg!("text.too-long", heading = heading, count = count, limit = limit);
        let found = passage.warning_at("too-long", 0..passage.text.len(), message);
        sink.push(found.with_hint(msg!("text.too-long-hint")));
    }
}

/// Reports headings numbered `一、` within a section that is itself numbered so.
fn check_heading_numbers(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    if passage.section().heading.is_none() {
        return;
    }
    let mut start = 0;
    for line in passage.text.split('\n') {
        let words = line.trim_start_matches(['#', ' ', '*', '\u{3000}']);
        let at = start + (line.len() - words.len());
        start += line.len() + 1;
        let number =
            words.chars().take_while(|c| numerals::is_ordinal_char(*c) && *c != '百').count();
        let bytes = number * '一'.len_utf8();
        if number > 0 && words.slice(bytes..).starts_with('、') {
            let end = at + bytes + '、'.len_utf8();
            let message = msg!("text.heading", words = passage.text.slice(at..end));
            let found = passage.warning_at("heading-number", at..end, message);
            sink.push(found.with_hint(msg!("text.heading-hint")));
        }
    }
}

/// Reports tables drawn with bars that are not read as tables, each at its first line.
fn check_bars(passage: &AnnotatedText<'_>, sink: &mut Sink) {
    for table in find_unread_tables(passage.text) {
        let rule = format!("|{}", "---|".repeat(table.columns));
        let words = passage.text.slice(table.first_line.clone());
        let message = msg!("text.bars", count = table.lines, words = words);
        let found = passage.finding_at("table-bars", table.first_line, message);
        sink.push(found.with_hint(msg!("text.bars-hint", rule = rule)));
    }
}
