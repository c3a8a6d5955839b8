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

/// Minimum number of sections that are numbered alike if that is the numbering of sections.
const MIN_NUMBERED: usize = 3;
/// Maximum number of characters of a heading that the form lacks, without its number.
const MAX_STRAY_CHARS: usize = 20;
/// Words with which the line above an annex begins.
const ANNEXES: [&str; 3] = ["附件", "附表", "附录"];
/// Maximum number of characters of a heading.
const MAX_HEADING_CHARS: usize = 45;

/// The ways to number a heading; a later one numbers what lies within an earlier one, and brackets and digits within
/// each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NumberStyle {
    /// 第一部分, 第二章.
    Part,
    /// 一、, 壹、, Ⅰ.
    Plain,
    /// （一）, 1).
    Bracketed,
    /// 1., 1、.
    Digits,
    None,
}

impl NumberStyle {
    fn of(number: &str) -> NumberStyle {
        if number.is_empty() {
            NumberStyle::None
        } else if number.starts_with('第') {
            NumberStyle::Part
        } else if number.contains(['(', ')']) {
            NumberStyle::Bracketed
        } else if number.starts_with(|c: char| c.is_ascii_digit()) {
            NumberStyle::Digits
        } else {
            NumberStyle::Plain
        }
    }
}

/// A heading by its words alone.
struct WordedHeading {
    section: usize,
    sure: Confidence,
    style: NumberStyle,
    /// True if a style of headings of the first level is on it.
    styled: bool,
}

/// The headings of a form for matching.
pub(super) struct HeadingMatcher<'s> {
    words: LabelSet,
    /// Section of each label.
    sections: Vec<usize>,
    styles: &'s StyleSheet,
    /// The numbering of the document's sections.
    main: NumberStyle,
    /// Sections with a heading of that numbering.
    numbered: BTreeSet<usize>,
    /// Sections with a heading of that numbering in official words.
    official: BTreeSet<usize>,
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
        let (numbered, official) = (BTreeSet::new(), BTreeSet::new());
        HeadingMatcher { words, sections, styles, main: NumberStyle::Plain, numbered, official }
    }

    /// Returns the styles of the document.
    pub(super) fn styles(&self) -> &'s StyleSheet {
        self.styles
    }

    /// Finds out by which numbers the sections are numbered: those that most of them have.
    pub(super) fn choose_numbering(&mut self, items: &[FlowItem<'_>]) {
        let paragraphs = || items.iter().filter_map(FlowItem::shown_paragraph);
        let known = paragraphs().filter(|paragraph| !self.is_contents_line(paragraph));
        let found: Vec<WordedHeading> = known
            .filter_map(|paragraph| {
                let text = paragraph.text();
                self.find_words(&text, paragraph)
                    .or_else(|| self.find_words(text.split('\n').next()?, paragraph))
            })
            .collect();
        let of_style = |style: NumberStyle, least: Confidence| -> BTreeSet<usize> {
            let fits = |one: &&WordedHeading| one.style == style && one.sure <= least;
            found.iter().filter(fits).map(|one| one.section).collect()
        };
        let count = |style| of_style(style, Confidence::Similar).len();
        let (parts, plain) = (count(NumberStyle::Part), count(NumberStyle::Plain));
        let higher = parts.max(plain);
        let bare = of_style(NumberStyle::None, Confidence::Number).len();
        let least = MIN_NUMBERED.max(2 * higher + 1).max(bare + 1);
        let lower = [NumberStyle::Digits, NumberStyle::Bracketed].into_iter();
        let lower = lower.max_by_key(|style| count(*style)).filter(|style| count(*style) >= least);
        self.main = match lower {
            _ if parts >= MIN_NUMBERED.max(plain) => NumberStyle::Part,
            Some(style) => style,
            None if bare >= MIN_NUMBERED && higher == 0 => NumberStyle::None,
            None => NumberStyle::Plain,
        };
        self.official = of_style(self.main, Confidence::Number);
        self.numbered = of_style(self.main, Confidence::Similar);
    }

    /// Returns the section that a line of a table of contents names, with or without the page.
    pub(super) fn find_contents_entry(&self, paragraph: &WordParagraph) -> Option<usize> {
        let text = paragraph.text();
        let entry = text.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
        let entry = entry.trim_end_matches(['.', '…', '．', '·', '-', '—', '\t', ' ', '\u{3000}']);
        self.match_words(entry, paragraph).map(|(section, _)| section)
    }

    /// Checks whether a paragraph that heads no section of the form looks like such a heading.
    pub(super) fn looks_like_heading(&self, paragraph: &WordParagraph) -> bool {
        let text = paragraph.text();
        let key = normalize_word(&text);
        let (number, rest) = labels::split_number(&key);
        let style = NumberStyle::of(number);
        let numbered = self.numbers_sections(style);
        let styled = style == NumberStyle::None && self.has_heading_style(paragraph);
        let annex = ANNEXES.iter().any(|word| key.starts_with(word));
        (numbered || styled || annex)
            && (2..=MAX_STRAY_CHARS).contains(&rest.chars().count())
            && !text.contains(['。', '，', '；', '：', ':', ';', '\n'])
    }

    /// Returns the section that a paragraph heads, the confidence, and the number of its runs that
    /// form the heading: none if the text follows on the same line.
    pub(super) fn find_section(
        &self,
        paragraph: &WordParagraph,
    ) -> Option<(usize, Confidence, usize)> {
        let breaks = paragraph.runs.iter().position(|p| p.content == RunContent::Break);
        let text = paragraph.text();
        let all = paragraph.runs.len();
        if let Some(section) = self.match_run_in(&text, paragraph) {
            return Some((section, Confidence::Similar, 0));
        }
        self.match_heading(&text, paragraph).map(|(at, sure)| (at, sure, all)).or_else(|| {
            let line = text.split('\n').next()?;
            let (at, sure) = self.match_heading(line, paragraph)?;
            Some((at, sure, breaks? + 1))
        })
    }

    /// Returns the section that the beginning of a paragraph heads, if its text follows on the same line; all of it
    /// stays in the text.
    fn match_run_in(&self, text: &str, paragraph: &WordParagraph) -> Option<usize> {
        let (head, rest) = text.split_once(['：', ':', '。'])?;
        // The line ends with its mark: it is a heading with a line break behind it.
        if rest.trim_start_matches([' ', '\u{3000}']).starts_with('\n') {
            return None;
        }
        let key = normalize_word(head);
        let (number, _) = labels::split_number(&key);
        let numbered = self.numbers_sections(NumberStyle::of(number));
        let (section, sure) = self.match_heading(head, paragraph)?;
        (numbered && sure != Confidence::Similar && !rest.trim().is_empty()).then_some(section)
    }

    fn match_heading(&self, text: &str, paragraph: &WordParagraph) -> Option<(usize, Confidence)> {
        if self.is_contents_line(paragraph) {
            return None;
        }
        self.match_words(text, paragraph)
    }

    fn match_words(&self, text: &str, paragraph: &WordParagraph) -> Option<(usize, Confidence)> {
        let found = self.find_words(text, paragraph)?;
        self.heads_section(&found).then_some((found.section, found.sure))
    }

    /// Finds the section that words name, whatever their number.
    fn find_words(&self, text: &str, paragraph: &WordParagraph) -> Option<WordedHeading> {
        let key = normalize_word(text);
        if key.is_empty() || key.chars().count() > MAX_HEADING_CHARS {
            return None;
        }
        let (number, _) = labels::split_number(&key);
        let text = text.trim_end().trim_end_matches([':', '：', '.', '。']);
        let (word, sure) = self.words.find_exact(text).or_else(|| self.words.find_similar(text))?;
        Some(WordedHeading {
            section: self.sections[word],
            sure,
            style: NumberStyle::of(number),
            styled: self.has_heading_style(paragraph),
        })
    }

    /// Checks whether words that name a section head it, by their number.
    fn heads_section(&self, found: &WordedHeading) -> bool {
        let WordedHeading { section, sure, style, styled } = *found;
        let within = style != NumberStyle::None && !self.numbers_sections(style);
        if within && self.numbered.contains(&section) {
            return false;
        }
        let numbered = self.numbers_sections(style);
        match sure {
            Confidence::Verbatim | Confidence::Normalized => true,
            Confidence::Number => !(within && style == NumberStyle::Bracketed),
            // Other words head a part within a section if its official heading stands elsewhere.
            Confidence::Alias | Confidence::Similar if self.official.contains(&section) => false,
            Confidence::Alias => numbered || style == self.main || (styled && !within),
            Confidence::Similar => numbered,
        }
    }

    /// Checks whether a number may be that of a section.
    fn numbers_sections(&self, style: NumberStyle) -> bool {
        style <= NumberStyle::Plain.min(self.main)
            || (style == self.main && style != NumberStyle::None)
    }

    fn has_heading_style(&self, paragraph: &WordParagraph) -> bool {
        paragraph.outline == Some(0)
            || self.styles.outline_level(paragraph.style.as_deref()) == Some(0)
    }

    /// Checks whether a paragraph is a line of a table of contents.
    pub(super) fn is_contents_line(&self, paragraph: &WordParagraph) -> bool {
        paragraph.style_name(self.styles).starts_with("toc")
    }
}
