//! Owns a text under judgement: its sentences and clauses, and the places of its pieces in the file.
//! Must not know a rule.

use crate::diag::{Diagnostic, Place, Span, Text};
use crate::form::Section;
use crate::report::{Origin, Report, TextField};
use std::ops::Range;

/// A text of the report with its quotes filled in.
pub(super) struct Passage<'a> {
    pub(super) report: &'a Report,
    pub(super) field: &'a TextField,
    /// With the quotes filled in; all ranges are of this text.
    pub(super) text: &'a str,
    source: &'a str,
    origin: Origin,
}

impl<'a> Passage<'a> {
    pub(super) fn new(
        report: &'a Report,
        field: &'a TextField,
        text: &'a str,
        source: &'a str,
    ) -> Passage<'a> {
        Passage { report, field, text, source, origin: Origin::new(&field.markdown, text) }
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
        match raw {
            Some(span) => self.field.place(self.report.source, self.source, span),
            None => self.field.place(
                self.report.source,
                self.source,
                Span { start: 0, end: self.field.markdown.len() },
            ),
        }
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
        let start = self.text[..at].rfind(ends).map_or(0, |found| after(self.text, found));
        &self.text[start..at]
    }

    fn between(&self, at: usize, ends: &[char]) -> Range<usize> {
        let start = self.text[..at].rfind(ends).map_or(0, |found| after(self.text, found));
        let end = self.text[at..].find(ends).map_or(self.text.len(), |found| at + found);
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
