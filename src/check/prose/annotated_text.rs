//! Owns a text under judgement: its sentences and clauses, and the places of its pieces in the file.
//! Must not know a rule.

use super::numbers::TextNumber;
use super::text_index::TextIndex;
use crate::form::FormSection;
use crate::report::{Figure, Report, SourceMap, TextField};
use docx_fill::diag::{Diagnostic, Location, Message, Span};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// How far around a position its sentence and its paragraph are looked for, in bytes. No paragraph of a report
/// is as long; without an end, a text of nothing but numbers would cost the square of its length.
const MAX_CONTEXT_BYTES: usize = 12_000;

/// A text of the report with its quotes filled in.
pub(super) struct AnnotatedText<'a> {
    pub(super) report: &'a Report,
    pub(super) field: &'a TextField,
    /// With the quotes filled in; all ranges are of this text.
    pub(super) text: &'a str,
    /// Where the text begins in the file; nothing if that writes it with escapes.
    base_offset: Option<usize>,
    source_map: SourceMap,
    index: TextIndex,
    /// Where quotes stand whose figures are not known; most of them have printed nothing.
    unknown_quotes: Vec<Range<usize>>,
}

impl<'a> AnnotatedText<'a> {
    pub(super) fn new(
        report: &'a Report,
        field: &'a TextField,
        text: &'a str,
        source: &'a str,
    ) -> AnnotatedText<'a> {
        let base_offset = field.base_offset(source);
        let source_map = SourceMap::new(&field.markdown, text);
        let unknown_quotes = find_unknown_quotes(report, &field.markdown, text, &source_map);
        AnnotatedText {
            report,
            field,
            text,
            base_offset,
            source_map,
            index: TextIndex::new(text),
            unknown_quotes,
        }
    }

    pub(super) fn section(&self) -> &'a FormSection {
        &self.report.form.sections[self.field.section]
    }

    /// Where one of these characters stands; they are among the marks of the [`Survey`].
    pub(super) fn marks_where(
        &self,
        wanted: fn(char) -> bool,
    ) -> impl Iterator<Item = (usize, char)> {
        self.index.marks_where(wanted)
    }

    /// The numbers that begin within a range.
    pub(super) fn numbers_within(&self, within: Range<usize>) -> &[TextNumber] {
        let all = self.index.numbers();
        let from = all.partition_point(|number| number.range.start < within.start);
        let to = all.partition_point(|number| number.range.start < within.end);
        all.get(from..to).unwrap_or_default()
    }

    /// Whether a quote stands in a range, or at its edge, whose figure is not known: there would be a
    /// number if the figure were right.
    pub(super) fn has_unknown_quote(&self, within: &Range<usize>) -> bool {
        self.unknown_quotes
            .iter()
            .any(|quote| within.start <= quote.end && quote.start <= within.end)
    }

    /// Whether there may be a character that only looks like the one that is meant.
    pub(super) fn may_have_look_alikes(&self) -> bool {
        self.index.may_have_look_alikes()
    }

    /// Where a word stands.
    pub(super) fn find_word(&self, word: &str) -> impl Iterator<Item = usize> {
        // To look for a word has its cost before the first character is looked at.
        let there = self.index.may_contain(word).then(|| self.text.match_indices(word));
        there.into_iter().flatten().map(|(at, _)| at)
    }

    /// Whether one of the words stands in a part of the text.
    pub(super) fn contains_any(&self, within: Range<usize>, words: &[impl AsRef<str>]) -> bool {
        let part = self.text.slice(within);
        words
            .iter()
            .map(AsRef::as_ref)
            .any(|word| self.index.may_contain(word) && part.contains(word))
    }

    /// Whether a piece was written by hand, in one piece.
    pub(super) fn is_handwritten(&self, range: &Range<usize>) -> bool {
        self.source_map.raw_span(range.clone()).is_some()
    }

    /// The place of a piece in the file; of its part written by hand where a quote stands in it.
    pub(super) fn location(&self, range: Range<usize>) -> Location {
        let raw = self
            .source_map
            .raw_span(range.clone())
            .or_else(|| self.source_map.surrounding_span(range));
        let span = raw.unwrap_or(Span { start: 0, end: self.field.markdown.len() });
        self.field.location_from(self.report.source, self.base_offset, span)
    }

    pub(super) fn warning_at(
        &self,
        rule: &'static str,
        range: Range<usize>,
        message: Message,
    ) -> Diagnostic {
        Diagnostic::warning(rule, self.location(range), message)
    }

    /// The sentence around a position.
    pub(super) fn sentence_at(&self, at: usize) -> Range<usize> {
        self.range_between(at, &['。', '！', '？', '\n'])
    }

    /// The paragraph around a position.
    pub(super) fn paragraph_at(&self, at: usize) -> Range<usize> {
        self.range_between(at, &['\n'])
    }

    /// What stands before a position in the same clause.
    pub(super) fn clause_before(&self, at: usize) -> &'a str {
        let ends = ['，', '。', '；', '：', '！', '？', '\n', ',', ';', '（', '(', '、'];
        let from = self.text.floor_char_boundary(at.saturating_sub(MAX_CONTEXT_BYTES));
        let found = self.text.slice(from..at).rfind(ends);
        let start = found.map_or(from, |found| next_char_offset(self.text, from + found));
        self.text.slice(start..at)
    }

    fn range_between(&self, at: usize, ends: &[char]) -> Range<usize> {
        let text = self.text;
        let from = text.floor_char_boundary(at.saturating_sub(MAX_CONTEXT_BYTES));
        let to = text.ceil_char_boundary(at.saturating_add(MAX_CONTEXT_BYTES).min(text.len()));
        let start = text
            .slice(from..at)
            .rfind(ends)
            .map_or(from, |found| next_char_offset(text, from + found));
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
fn find_unknown_quotes(
    report: &Report,
    raw: &str,
    filled: &str,
    origin: &SourceMap,
) -> Vec<Range<usize>> {
    let quotes = origin.quoted_ranges(raw, filled);
    if quotes.is_empty() {
        return Vec::new();
    }
    let figures = report.tables.iter().flatten().map(|cell| &cell.figure);
    let sound = figures.into_iter().all(|figure| *figure != Figure::Unknown);
    let is_unknown = |(printed, written): &(Range<usize>, Range<usize>)| {
        if sound && !printed.is_empty() {
            return false;
        }
        let paths = docx_fill::template::text::tag_paths(raw.slice(written.clone()));
        let mut figures = paths.iter().map(|path| report.figure_at_path(path));
        if printed.is_empty() {
            paths.is_empty() || figures.any(|figure| figure != Some(&Figure::Blank))
        } else {
            figures.any(|figure| figure == Some(&Figure::Unknown))
        }
    };
    quotes.into_iter().filter(is_unknown).map(|(printed, _)| printed).collect()
}

/// The position behind the character at a position.
pub(super) fn next_char_offset(text: &str, at: usize) -> usize {
    at + text.slice(at..).chars().next().map_or(0, char::len_utf8)
}

/// Whether one of the words stands in the text.
pub(super) fn has_any_word(text: &str, words: &[impl AsRef<str>]) -> bool {
    words.iter().any(|word| text.contains(word.as_ref()))
}
