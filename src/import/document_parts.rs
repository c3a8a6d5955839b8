//! Owns what in a document is not the report itself: a table of contents, and another report that
//! follows in the same file.
//! Must not know how sections are matched, nor the words of an edition.

use super::headings::{FlowItem, HeadingMatcher};
use super::metadata::ParsedTitle;
use super::recognised::OtherParts;
use crate::form::Form;
use crate::labels::strip_blanks;
use docx_fill::word::blocks::WordParagraph;
use std::collections::BTreeSet;

/// Minimum number of headings in a row that make a table of contents, and of headings that come
/// again in another report.
const MIN_HEADINGS: usize = 3;
/// Maximum number of paragraphs between the title of a report and its first heading.
const MAX_LEAD: usize = 24;

/// Takes a table of contents and a second report out of the items.
pub(crate) fn take_other_parts<'d>(
    items: &mut Vec<FlowItem<'d>>,
    heads: &HeadingMatcher<'_>,
    form: &Form,
) -> OtherParts<'d> {
    let mut out = OtherParts::default();
    if let Some(range) = find_contents(items, heads) {
        let lines: Vec<&WordParagraph> =
            items[range.clone()].iter().filter_map(FlowItem::shown_paragraph).collect();
        out.contents = lines.first().map(|first| (*first, lines.len()));
        items.drain(range);
    }
    if let Some(at) = find_second_report(items, heads, form) {
        out.second_report = items[at..].iter().find_map(FlowItem::shown_paragraph);
        items.truncate(at);
    }
    out
}

/// Returns the items of a table of contents: headings of at least three sections without any text
/// between them that come again below.
fn find_contents(
    items: &[FlowItem<'_>],
    heads: &HeadingMatcher<'_>,
) -> Option<std::ops::Range<usize>> {
    let (mut start, mut end) = (None, 0);
    let mut seen = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        let paragraph = match item {
            FlowItem::Paragraph(paragraph) if paragraph.is_blank() => continue,
            FlowItem::Paragraph(paragraph) => Some(*paragraph),
            _ => None,
        };
        match paragraph.and_then(|paragraph| heads.find_contents_entry(paragraph)) {
            Some(section) if seen.insert(section) => {
                start.get_or_insert(at);
                end = at + 1;
            }
            _ if seen.len() >= MIN_HEADINGS => break,
            _ => (start, seen) = (None, BTreeSet::new()),
        }
    }
    let start = start.filter(|_| seen.len() >= MIN_HEADINGS)?;
    let again = |item: &FlowItem<'_>| {
        item.shown_paragraph()
            .and_then(|paragraph| heads.find_section(paragraph))
            .is_some_and(|(section, ..)| seen.contains(&section))
    };
    if items[end..].iter().filter(|item| again(item)).count() < MIN_HEADINGS {
        return None;
    }
    // The line above that names it has no end of a sentence and is as short as a word.
    let above = items[..start].iter().rposition(|item| item.shown_paragraph().is_some());
    let named = above.filter(|at| {
        items[*at].shown_paragraph().is_some_and(|p| strip_blanks(&p.text()) == CONTENTS)
    });
    Some(named.unwrap_or(start)..end)
}

/// The line above a table of contents.
const CONTENTS: &str = "目录";

/// Returns the item with which another report begins: its title, else its first heading.
fn find_second_report(
    items: &[FlowItem<'_>],
    heads: &HeadingMatcher<'_>,
    form: &Form,
) -> Option<usize> {
    let headings: Vec<(usize, usize)> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((at, heads.find_section(item.shown_paragraph()?)?.0)))
        .collect();
    let mut seen = BTreeSet::new();
    let first = headings.iter().position(|(_, section)| !seen.insert(*section))?;
    let again: BTreeSet<usize> = headings[first..].iter().map(|(_, section)| *section).collect();
    if again.intersection(&seen).count() < MIN_HEADINGS || seen.len() < MIN_HEADINGS {
        return None;
    }
    let (before, at) = (headings.get(first.checked_sub(1)?)?.0, headings[first].0);
    let shown = (before + 1..at).rev().filter(|at| items[*at].shown_paragraph().is_some());
    let title = shown.take(MAX_LEAD).find(|at| {
        let text = items[*at].shown_paragraph().map(|p| strip_blanks(&p.text()));
        text.is_some_and(|text| ParsedTitle::parse(&text, form).is_some())
    });
    Some(title.unwrap_or(at))
}
