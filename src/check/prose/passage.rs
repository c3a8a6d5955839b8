//! Owns a text under judgement: its sentences and clauses, and the places of its pieces in the file.
//! Must not know a rule.

use super::numbers::Number;
use super::survey::Survey;
use crate::form::Section;
use crate::report::{Figure, Origin, Report, TextField};
use docx_fill::diag::{Diagnostic, Place, Span, Text};
use docx_fill::slice::TextSlice as _;
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
    survey: Survey,
    /// Where quotes stand whose figures are not known; most of them have printed nothing.
    unknown: Vec<Range<usize>>,
}

impl<'a> Passage<'a> {
    pub(super) fn new(
        report: &'a Report,
        field: &'a TextField,
        text: &'a str,
        source: &'a str,
    ) -> Passage<'a> {
        let base = field.base(source);
        let origin = Origin::new(&field.markdown, text);
        let unknown = unknown(report, &field.markdown, text, &origin);
        Passage { report, field, text, base, origin, survey: Survey::new(text), unknown }
    }

    pub(super) fn section(&self) -> &'a Section {
        &self.report.form.sections[self.field.section]
    }

    /// Where one of these characters stands; they are among the marks of the [`Survey`].
    pub(super) fn marks(&self, wanted: fn(char) -> bool) -> impl Iterator<Item = (usize, char)> {
        self.survey.marks(wanted)
    }

    /// The numbers that begin within a range.
    pub(super) fn numbers(&self, within: Range<usize>) -> &[Number] {
        let all = self.survey.numbers();
        let from = all.partition_point(|number| number.range.start < within.start);
        let to = all.partition_point(|number| number.range.start < within.end);
        all.get(from..to).unwrap_or_default()
    }

    /// Whether a quote stands in a range, or at its edge, whose figure is not known: there would be a
    /// number if the figure were right.
    pub(super) fn unknown(&self, within: &Range<usize>) -> bool {
        self.unknown.iter().any(|quote| within.start <= quote.end && quote.start <= within.end)
    }

    /// Whether there may be a character that only looks like the one that is meant.
    pub(super) fn strange(&self) -> bool {
        self.survey.strange()
    }

    /// Where a word stands.
    pub(super) fn find(&self, word: &str) -> impl Iterator<Item = usize> {
        // To look for a word has its cost before the first character is looked at.
        let there = self.survey.may_have(word).then(|| self.text.match_indices(word));
        there.into_iter().flatten().map(|(at, _)| at)
    }

    /// Whether one of the words stands in a part of the text.
    pub(super) fn has(&self, within: Range<usize>, words: &[impl AsRef<str>]) -> bool {
        let part = self.text.slice(within);
        words
            .iter()
            .map(AsRef::as_ref)
            .any(|word| self.survey.may_have(word) && part.contains(word))
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
        let found = self.text.slice(from..at).rfind(ends);
        let start = found.map_or(from, |found| after(self.text, from + found));
        self.text.slice(start..at)
    }

    fn between(&self, at: usize, ends: &[char]) -> Range<usize> {
        let text = self.text;
        let from = text.floor_char_boundary(at.saturating_sub(REACH));
        let to = text.ceil_char_boundary(at.saturating_add(REACH).min(text.len()));
        let start =
            text.slice(from..at).rfind(ends).map_or(from, |found| after(text, from + found));
        let end = text.slice(at..to).find(ends).map_or(to, |found| at + found);
        start..end
    }

    /// All sentences, without their full stops.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        self.text.split(['。', '！', '？', '\n']).map(move |part| {
            let range = start..start + part.len();
            let next = self.text.slice(range.end..).chars().next().map_or(0, char::len_utf8);
            start = range.end + next;
            range
        })
    }
}

/// The quotes whose figures are not known. One that printed nothing is known to be blank only if it names
/// blank cells and nothing else: a misspelt name and a figure that was refused print nothing as well.
fn unknown(report: &Report, raw: &str, filled: &str, origin: &Origin) -> Vec<Range<usize>> {
    let quotes = origin.quotes(raw, filled);
    if quotes.is_empty() {
        return Vec::new();
    }
    let figures = report.tables.iter().flatten().map(|cell| &cell.figure);
    let sound = figures.into_iter().all(|figure| *figure != Figure::Unknown);
    let is_unknown = |(printed, written): &(Range<usize>, Range<usize>)| {
        if sound && !printed.is_empty() {
            return false;
        }
        let paths = docx_fill::template::text::paths(raw.slice(written.clone()));
        let mut figures = paths.iter().map(|path| report.figure(path));
        if printed.is_empty() {
            paths.is_empty() || figures.any(|figure| figure != Some(&Figure::Blank))
        } else {
            figures.any(|figure| figure == Some(&Figure::Unknown))
        }
    };
    quotes.into_iter().filter(is_unknown).map(|(printed, _)| printed).collect()
}

/// The position behind the character at a position.
pub(super) fn after(text: &str, at: usize) -> usize {
    at + text.slice(at..).chars().next().map_or(0, char::len_utf8)
}

/// Whether one of the words stands in the text.
pub(super) fn has(text: &str, words: &[impl AsRef<str>]) -> bool {
    words.iter().any(|word| text.contains(word.as_ref()))
}
