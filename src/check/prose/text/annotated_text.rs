//! Owns a text with what the rules need of it: sentences, clauses, numbers, and the places of its
//! parts in the file.
//! Must not know a rule.

use super::numbers::TextNumber;
use super::text_index::TextIndex;
use crate::form::FormSection;
use crate::report::{Figure, Report, SourceMap, TextField};
use docx_fill::diag::{Diagnostic, Location, Message, Span};
use docx_fill::slice::TextSlice as _;
use std::ops::Range;

/// Distance in bytes within which the ends of the sentence and paragraph around a position are
/// searched for. No paragraph of a report is as long; without a limit, a text of nothing but
/// numbers would take quadratic time.
const MAX_CONTEXT_BYTES: usize = 12_000;

/// A text of the report with its quotes filled in, and its index.
pub(in crate::check::prose) struct AnnotatedText<'a> {
    pub(in crate::check::prose) report: &'a Report,
    pub(in crate::check::prose) field: &'a TextField,
    /// Text with the quotes filled in; all ranges refer to it.
    pub(in crate::check::prose) text: &'a str,
    /// Offset of the text in the file; `None` if the file writes it with escapes.
    base_offset: Option<usize>,
    source_map: SourceMap,
    index: TextIndex,
    /// Ranges of quotes whose figures are unknown; most of them have printed nothing.
    unknown_quotes: Vec<Range<usize>>,
    /// Places at which quotes print nothing: their figures are unknown or blank.
    empty_quotes: Vec<Range<usize>>,
}

impl<'a> AnnotatedText<'a> {
    pub(in crate::check::prose) fn new(
        report: &'a Report,
        field: &'a TextField,
        text: &'a str,
        source: &'a str,
    ) -> AnnotatedText<'a> {
        let base_offset = field.base_offset(source);
        let source_map = SourceMap::new(&field.markdown, text);
        let unknown_quotes = find_unknown_quotes(report, &field.markdown, text, &source_map);
        let quotes = source_map.quoted_ranges(&field.markdown, text).into_iter();
        let empty_quotes = quotes.map(|(printed, _)| printed).filter(Range::is_empty).collect();
        AnnotatedText {
            report,
            field,
            text,
            base_offset,
            source_map,
            index: TextIndex::new(text),
            unknown_quotes,
            empty_quotes,
        }
    }

    pub(in crate::check::prose) fn section(&self) -> &'a FormSection {
        &self.report.form.sections[self.field.section]
    }

    /// Returns the positions of certain characters, which have to be marks of the [`TextIndex`].
    pub(in crate::check::prose) fn marks_where(
        &self,
        wanted: fn(char) -> bool,
    ) -> impl Iterator<Item = (usize, char)> {
        self.index.marks_where(wanted)
    }

    /// Returns the numbers that begin within a range.
    pub(in crate::check::prose) fn numbers_within(&self, within: Range<usize>) -> &[TextNumber] {
        let all = self.index.numbers();
        let from = all.partition_point(|number| number.range.start < within.start);
        let to = all.partition_point(|number| number.range.start < within.end);
        all.get(from..to).unwrap_or_default()
    }

    /// Checks whether a quote with an unknown figure lies within a range or at its edge. With a
    /// known figure there would be a number.
    pub(in crate::check::prose) fn has_unknown_quote(&self, within: &Range<usize>) -> bool {
        self.unknown_quotes
            .iter()
            .any(|quote| within.start <= quote.end && quote.start <= within.end)
    }

    /// Checks whether a quote that prints nothing lies within a range or at its edge.
    pub(in crate::check::prose) fn has_empty_quote(&self, within: &Range<usize>) -> bool {
        self.empty_quotes.iter().any(|quote| within.start <= quote.end && quote.start <= within.end)
    }

    /// Checks whether the text may contain look-alike characters.
    pub(in crate::check::prose) fn may_have_look_alikes(&self) -> bool {
        self.index.may_have_look_alikes()
    }

    /// Checks whether a word may occur twice in a row; `false` is certain.
    pub(in crate::check::prose) fn may_repeat(&self, word: &str) -> bool {
        self.index.may_repeat(word)
    }

    /// Returns the positions of a word.
    pub(in crate::check::prose) fn find_word(&self, word: &str) -> impl Iterator<Item = usize> {
        // Starting a search has a cost, whatever its length.
        let there = self.index.may_contain(word).then(|| self.text.match_indices(word));
        there.into_iter().flatten().map(|(at, _)| at)
    }

    /// Checks whether one of the words occurs in a range of the text.
    pub(in crate::check::prose) fn contains_any(
        &self,
        within: Range<usize>,
        words: &[impl AsRef<str>],
    ) -> bool {
        let part = self.text.slice(within);
        words
            .iter()
            .map(AsRef::as_ref)
            .any(|word| self.index.may_contain(word) && part.contains(word))
    }

    /// Checks whether a range is handwritten as one part.
    pub(in crate::check::prose) fn is_handwritten(&self, range: &Range<usize>) -> bool {
        self.source_map.raw_span(range.clone()).is_some()
    }

    /// Returns the location of a range in the file; if a quote lies in it, that of its handwritten
    /// part.
    pub(in crate::check::prose) fn location(&self, range: Range<usize>) -> Location {
        let raw = self
            .source_map
            .raw_span(range.clone())
            .or_else(|| self.source_map.surrounding_span(range));
        let span = raw.unwrap_or(Span { start: 0, end: self.field.markdown.len() });
        self.field.location_from(self.report.source, self.base_offset, span)
    }

    pub(in crate::check::prose) fn warning_at(
        &self,
        rule: &'static str,
        range: Range<usize>,
        message: Message,
    ) -> Diagnostic {
        Diagnostic::warning(rule, self.location(range), message)
    }

    /// Returns a finding with the severity that the registry gives its rule.
    pub(in crate::check::prose) fn finding_at(
        &self,
        rule: &'static str,
        range: Range<usize>,
        message: Message,
    ) -> Diagnostic {
        Diagnostic::new(rule, super::super::rule_severity(rule), self.location(range), message)
    }

    /// Returns the sentence around a position.
    pub(in crate::check::prose) fn sentence_at(&self, at: usize) -> Range<usize> {
        self.range_between(at, &['。', '！', '？', '\n'])
    }

    /// Returns the paragraph around a position.
    pub(in crate::check::prose) fn paragraph_at(&self, at: usize) -> Range<usize> {
        self.range_between(at, &['\n'])
    }

    /// Returns the text before a position in the same clause.
    pub(in crate::check::prose) fn clause_before(&self, at: usize) -> &'a str {
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

    /// Returns all sentences, without their full stops.
    pub(in crate::check::prose) fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        self.text.split(['。', '！', '？', '\n']).map(move |part| {
            let range = start..start + part.len();
            let next = self.text.slice(range.end..).chars().next().map_or(0, char::len_utf8);
            start = range.end + next;
            range
        })
    }
}

/// Returns the quotes whose figures are unknown. A quote that printed nothing is known to be blank
/// only if it names blank cells and nothing else: a misspelt name and a rejected figure print
/// nothing as well.
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

/// Returns the offset after the character at a position.
pub(in crate::check::prose) fn next_char_offset(text: &str, at: usize) -> usize {
    at + text.slice(at..).chars().next().map_or(0, char::len_utf8)
}

/// Checks whether one of the words occurs in the text.
pub(in crate::check::prose) fn has_any_word(text: &str, words: &[impl AsRef<str>]) -> bool {
    words.iter().any(|word| text.contains(word.as_ref()))
}
