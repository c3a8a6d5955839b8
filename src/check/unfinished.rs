//! Owns finding reports that are not finished: marks of passages to be rewritten, and texts as the form
//! drafts them.
//! Must not judge what a finished report says.

use crate::msg;
use crate::report::{REWRITE_MARK, Report, TextField, place_of_piece};
use docx_fill::diag::{Diagnostic, MessageArg, Sink, Span};
use docx_fill::slice::TextSlice as _;

/// Length in characters from which a draft is a sample: a shorter one, 无 for instance, may be all that is to be said.
const MIN_SAMPLE_CHARS: usize = 30;
/// Length in characters of the passage that is shown with a mark.
const EXCERPT_CHARS: usize = 20;

/// Reports texts with passages that must be written anew; each text once, at its first mark.
pub(super) fn check_rewrite_marks(report: &Report, source: &str, sink: &mut Sink) {
    for text in &report.texts {
        let Some(at) = text.markdown.find(REWRITE_MARK) else { continue };
        let after = text.markdown.slice(at + REWRITE_MARK.len()..);
        let message = msg!(
            "check.rewrite",
            heading = section_heading(report, text),
            count = text.markdown.matches(REWRITE_MARK).count(),
            mark = REWRITE_MARK,
            excerpt = after
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(EXCERPT_CHARS)
                .collect::<String>()
        );
        let piece = Span { start: at, end: at + REWRITE_MARK.len() };
        let place = place_of_piece(source, text.place, &text.markdown, piece);
        let found = Diagnostic::error("unfinished", place.in_source(report.source), message);
        sink.push(found.with_hint(msg!("check.rewrite-hint", mark = REWRITE_MARK)));
    }
}

/// Reports texts that are still as the form drafts them, all in one finding.
pub(super) fn check_sample_texts(report: &Report, sink: &mut Sink) {
    let form = &report.form;
    let is_sample = |text: &&TextField| {
        let section = &form.sections[text.section];
        section.heading.is_some()
            && section.starter_text.chars().count() >= MIN_SAMPLE_CHARS
            && text.markdown.trim() == section.starter_text.trim()
    };
    let samples: Vec<&TextField> = report.texts.iter().filter(is_sample).collect();
    let Some(first) = samples.first() else { return };
    let headings: Vec<MessageArg> =
        samples.iter().map(|text| section_heading(report, text)).collect();
    let count = headings.len();
    let message = msg!("check.sample-text", headings = headings, count = count);
    let found = Diagnostic::warning("sample-text", first.place.in_source(report.source), message);
    sink.push(found.with_hint(msg!("check.sample-text-hint")));
}

/// Returns the heading of a text's section; the one below the title has none.
fn section_heading(report: &Report, text: &TextField) -> MessageArg {
    match &report.form.sections[text.section].heading {
        Some(heading) => heading.into(),
        None => msg!("word.lead").into(),
    }
}
