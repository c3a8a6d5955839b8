//! Owns matching the headings of a document with the sections of a form, whatever their numbering.
//! Must not know what stands below a heading.

use crate::form::Form;
use crate::labels::{self, Confidence, LabelSet, normalize_word};
use docx_fill::word::blocks::{RunContent, WordParagraph, WordTable};
use docx_fill::word::styles::StyleSheet;
use std::collections::BTreeSet;

/// A block in the order of reading; tables that only arrange others are taken apart.
#[derive(Clone, Copy)]
pub(super) enum FlowItem<'d> {
    Paragraph(&'d WordParagraph),
    Table(&'d WordTable),
    /// A Word table recognised as the official one with this number.
    Official(usize),
}

impl<'d> FlowItem<'d> {
    /// Returns the paragraph, unless it is blank.
    pub(super) fn shown_paragraph(&self) -> Option<&'d WordParagraph> {
        match self {
            FlowItem::Paragraph(paragraph) if !paragraph.is_blank() => Some(paragraph),
            _ => None,
        }
    }
}

/// Minimum number of sections that are numbered in brackets if that is their numbering.
const MIN_BRACKETED: usize = 3;
/// Maximum number of characters of a heading that the form lacks, without its number.
const MAX_STRAY_CHARS: usize = 20;
/// Maximum number of characters of a heading.
const MAX_HEADING_CHARS: usize = 45;

/// The headings of a form for matching.
pub(super) struct HeadingMatcher<'s> {
    words: LabelSet,
    /// Section of each label.
    sections: Vec<usize>,
    styles: &'s StyleSheet,
    /// True if the sections of the document are numbered （一）, which otherwise numbers parts within
    /// a section.
    in_brackets: bool,
}

impl<'s> HeadingMatcher<'s> {
    pub(super) fn new(form: &Form, styles: &'s StyleSheet) -> HeadingMatcher<'s> {
        let headed = || form.sections.iter().enumerate().filter(|(_, s)| s.heading.is_some());
        let word = |section: &'_ crate::form::FormSection| -> (String, Vec<String>) {
            (section.heading.clone().unwrap_or_default(), section.aliases.clone())
        };
        let owned: Vec<(String, Vec<String>)> =
            headed().map(|(_, section)| word(section)).collect();
        let words = LabelSet::new(
            owned.iter().map(|(w, also)| (w.as_str(), also.as_slice())),
            form.tables.first().map(|table| table.same_words.as_slice()).unwrap_or_default(),
        );
        let sections = headed().map(|(at, _)| at).collect();
        HeadingMatcher { words, sections, styles, in_brackets: false }
    }

    /// Returns the styles of the document.
    pub(super) fn styles(&self) -> &'s StyleSheet {
        self.styles
    }

    /// Finds out whether the sections are numbered in brackets: more of them than in any other way.
    pub(super) fn choose_numbering(&mut self, items: &[FlowItem<'_>]) {
        let count = |heads: &HeadingMatcher<'_>| {
            let found = items.iter().filter_map(|item| heads.find_section(item.shown_paragraph()?));
            found.map(|(section, ..)| section).collect::<BTreeSet<_>>().len()
        };
        let plain = count(self);
        self.in_brackets = true;
        let all = count(self);
        self.in_brackets = all >= MIN_BRACKETED && all > 2 * plain;
    }

    /// Returns the section that a line of a table of contents names, with or without the page.
    pub(super) fn find_contents_entry(&self, paragraph: &WordParagraph) -> Option<usize> {
        let text = paragraph.text();
        let entry = text.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
        let entry = entry.trim_end_matches(['.', '…', '．', '·', '-', '—', '\t', ' ', '\u{3000}']);
        self.match_words(entry, paragraph).map(|(section, _)| section)
    }

    /// Checks whether a paragraph that heads no section of the form looks like such a heading.
    pub(super) fn looks_like_heading(paragraph: &WordParagraph) -> bool {
        let text = paragraph.text();
        let key = normalize_word(&text);
        let (number, rest) = labels::split_number(&key);
        let chinese = number.starts_with(|c: char| "第一二三四五六七八九十".contains(c));
        chinese
            && (2..=MAX_STRAY_CHARS).contains(&rest.chars().count())
            && !text.contains(['。', '，', '；', '：', ':', ';', '\n'])
    }

    /// Returns the section that a paragraph heads, the confidence, and the number of its runs that
    /// form the heading.
    pub(super) fn find_section(
        &self,
        paragraph: &WordParagraph,
    ) -> Option<(usize, Confidence, usize)> {
        let breaks = paragraph.runs.iter().position(|p| p.content == RunContent::Break);
        let text = paragraph.text();
        let all = paragraph.runs.len();
        self.match_heading(&text, paragraph).map(|(at, sure)| (at, sure, all)).or_else(|| {
            let line = text.split('\n').next()?;
            let (at, sure) = self.match_heading(line, paragraph)?;
            Some((at, sure, breaks? + 1))
        })
    }

    fn match_heading(&self, text: &str, paragraph: &WordParagraph) -> Option<(usize, Confidence)> {
        if self.is_contents_line(paragraph) {
            return None;
        }
        self.match_words(text, paragraph)
    }

    fn match_words(&self, text: &str, paragraph: &WordParagraph) -> Option<(usize, Confidence)> {
        let key = normalize_word(text);
        if key.is_empty() || key.chars().count() > MAX_HEADING_CHARS {
            return None;
        }
        let (number, _) = labels::split_number(&key);
        // （一） and 1. number parts within a section.
        let bracket = number.starts_with('(') || number.contains(')');
        let inner = bracket && !self.in_brackets;
        let digits = number.trim_start_matches('(');
        let chinese =
            !number.is_empty() && !digits.starts_with(|c: char| c.is_ascii_digit()) && !inner;
        let styled = paragraph.outline == Some(0)
            || self.styles.outline_level(paragraph.style.as_deref()) == Some(0);
        let text = text.trim_end().trim_end_matches([':', '：', '.', '。']);
        let (word, sure) = self.words.find_exact(text).or_else(|| self.words.find_similar(text))?;
        let fits = match sure {
            Confidence::Verbatim | Confidence::Normalized => true,
            Confidence::Number => !inner,
            Confidence::Alias => chinese || styled,
            Confidence::Similar => chinese,
        };
        fits.then(|| (self.sections[word], sure))
    }

    /// Checks whether a paragraph is a line of a table of contents.
    pub(super) fn is_contents_line(&self, paragraph: &WordParagraph) -> bool {
        paragraph.style_name(self.styles).starts_with("toc")
    }
}
