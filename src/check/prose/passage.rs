//! Owns a text under judgement: its sentences and clauses, and the places of its pieces in the file.
//! Must not know a rule.

use crate::diag::{Diagnostic, Place, Span, Text};
use crate::form::Section;
use crate::report::{Origin, Report, TextField};
use std::ops::Range;

/// How far around a position its sentence and its paragraph are looked for, in bytes. No paragraph of a report
/// is as long; without an end, a text of nothing but numbers would cost the square of its length.
const REACH: usize = 12_000;

/// A text of the report with its quotes filled in.
pub(super) struct Passage<'a> {
    pub(super) report: &'a Report,
    pub(super) field: &'a TextField,
    /// With the quotes filled in; all ranges are of this text.
    pub(super) text: &'a str,
    /// Where the text begins in the file; nothing if that writes it with escapes.
    base: Option<usize>,
    origin: Origin,
}

impl<'a> Passage<'a> {
    pub(super) fn new(
        report: &'a Report,
        field: &'a TextField,
        text: &'a str,
        source: &'a str,
    ) -> Passage<'a> {
        let base = field.base(source);
        Passage { report, field, text, base, origin: Origin::new(&field.markdown, text) }
    }

    pub(super) fn section(&self) -> &'a Section {
        &self.report.form.sections[self.field.section]
    }

    /// Whether a piece was written by hand, in one piece.
    pub(super) fn by_hand(&self, range: &Range<usize>) -> bool {
        self.origin.raw(range.clone()).is_some()
    }

    /// The place of a piece in the file; of its part written by hand where a quote stands in it.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        let raw = self.origin.raw(range.clone()).or_else(|| self.origin.around(range));
        let span = raw.unwrap_or(Span { start: 0, end: self.field.markdown.len() });
        self.field.place_from(self.report.source, self.base, span)
    }

    pub(super) fn warning(
        &self,
        rule: &'static str,
        range: Range<usize>,
        message: Text,
    ) -> Diagnostic {
        Diagnostic::warning(rule, self.place(range), message)
    }

    /// The sentence around a position.
    pub(super) fn sentence(&self, at: usize) -> Range<usize> {
        self.between(at, &['。', '！', '？', '\n'])
    }

    /// The paragraph around a position.
    pub(super) fn paragraph(&self, at: usize) -> Range<usize> {
        self.between(at, &['\n'])
    }

    /// What stands before a position in the same clause.
    pub(super) fn clause_before(&self, at: usize) -> &'a str {
        let ends = ['，', '。', '；', '：', '！', '？', '\n', ',', ';', '（', '(', '、'];
        let from = self.text.floor_char_boundary(at.saturating_sub(REACH));
        let found = self.text[from..at].rfind(ends);
        let start = found.map_or(from, |found| after(self.text, from + found));
        &self.text[start..at]
    }

    fn between(&self, at: usize, ends: &[char]) -> Range<usize> {
        let text = self.text;
        let from = text.floor_char_boundary(at.saturating_sub(REACH));
        let to = text.ceil_char_boundary(at.saturating_add(REACH).min(text.len()));
        let start = text[from..at].rfind(ends).map_or(from, |found| after(text, from + found));
        let end = text[at..to].find(ends).map_or(to, |found| at + found);
        start..end
    }

    /// All sentences, without their full stops.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        self.text.split(['。', '！', '？', '\n']).map(move |part| {
            let range = start..start + part.len();
            let next = self.text[range.end..].chars().next().map_or(0, char::len_utf8);
            start = range.end + next;
            range
        })
    }
}

/// The position behind the character at a position.
pub(super) fn after(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// Whether one of the words stands in the text.
pub(super) fn has(text: &str, words: &[impl AsRef<str>]) -> bool {
    words.iter().any(|word| text.contains(word.as_ref()))
}
