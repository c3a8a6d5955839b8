//! Owns the stored results of fields in a rendered part: sequences are counted anew, references (REF, ISO/IEC 29500-1,
//! 17.16.5.51) show what their bookmarks enclose. What only Word can know is marked to be updated.
//! Must not know the language of tags, nor how sequences count.

use super::field_reader::{ReadFields, RenderedField, read_fields};
use super::sequences::count_sequences;
use crate::document::field_code::field_words;
use crate::ir::part::FieldTargetsInBlocks;
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::word::field::{dirty_mark, is_field, is_generated_list};
use crate::word::styles::StyleSheet;
use quick_xml::escape::partial_escape;
use std::collections::BTreeSet;
use std::ops::Range;

/// Rounds in which references to references are settled.
const MAX_ROUNDS: usize = 4;

/// Brings the results of the fields of a part up to date that blocks may change, while the part has at most this many
/// bytes.
pub(crate) fn refresh_field_results(
    out: &mut String,
    moving: &FieldTargetsInBlocks,
    styles: &StyleSheet,
    max_bytes: usize,
) {
    let Some(mut read) = read_fields(out) else { return };
    let before: Vec<String> = read.texts.iter().map(|text| text.text.clone()).collect();
    let mut stale: BTreeSet<usize> =
        count_sequences(&mut read, &moving.sequences, styles).into_iter().collect();
    let mut bytes_left = max_bytes.saturating_sub(out.len());
    stale.extend(fill_references(&mut read, None, &moving.bookmarks, &mut bytes_left));
    if moving.has_headings {
        let shows_heading =
            |field: &RenderedField| is_field(&field.code, "STYLEREF") && !field.is_locked;
        let fields = read.fields.iter().enumerate();
        stale.extend(fields.filter(|(_, field)| shows_heading(field)).map(|(at, _)| at));
    }
    write_results(out, &read, &before, &stale);
}

/// The bookmarks of a rendered document, to which other parts of it refer.
pub(crate) struct ShownMarks(ReadFields);

impl ShownMarks {
    /// Reads them; `None` if the document is not well-formed.
    pub(crate) fn read(document: &str) -> Option<Self> {
        read_fields(document).map(ShownMarks)
    }

    /// Brings the references of another part of the document up to date, given the bookmarks that blocks may change and
    /// the number of bytes that may be written.
    pub(crate) fn refresh_references(
        &self,
        out: &mut String,
        moving: &BTreeSet<String>,
        bytes_left: &mut usize,
    ) {
        let Some(mut read) = read_fields(out) else { return };
        let before: Vec<String> = read.texts.iter().map(|text| text.text.clone()).collect();
        let stale = fill_references(&mut read, Some(&self.0), moving, bytes_left);
        write_results(out, &read, &before, &stale);
    }
}

/// Writes the texts that have changed, and marks the fields whose results are not known.
fn write_results(out: &mut String, read: &ReadFields, before: &[String], stale: &BTreeSet<usize>) {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for (text, before) in read.texts.iter().zip(before) {
        if text.text != *before && !text.range.is_empty() {
            edits.push((text.range.clone(), partial_escape(text.text.as_str()).into_owned()));
            edits.extend(preserved_spaces(out, &text.tag, &text.text));
        }
    }
    for tag in stale.iter().map(|at| &read.fields[*at].tag) {
        let (range, mark) = dirty_mark(out, tag);
        edits.push((range, mark.to_owned()));
    }
    apply_edits(out, edits);
}

/// Returns the edit that keeps spaces at the edges of a text, if it needs one.
fn preserved_spaces(out: &str, tag: &Range<usize>, text: &str) -> Option<(Range<usize>, String)> {
    let at = tag.end - 1;
    let known = attribute_ranges(out, tag).into_iter().any(|(key, _)| key == "xml:space");
    let needed = text.trim().len() != text.len() && !known;
    needed.then(|| (at..at, " xml:space=\"preserve\"".to_owned()))
}

fn apply_edits(out: &mut String, mut edits: Vec<(Range<usize>, String)>) {
    if edits.is_empty() {
        return;
    }
    edits.sort_by_key(|(range, _)| range.start);
    let (mut text, mut done) = (String::with_capacity(out.len()), 0);
    for (range, replacement) in edits {
        text.push_str(out.slice(done..range.start));
        text.push_str(&replacement);
        done = range.end;
    }
    text.push_str(out.slice(done..));
    *out = text;
}

/// Fills in references to bookmarks, of the part itself or of the document around it. Returns those whose results are not
/// known, and those to pages. One that would show itself has no result; of references to references, each of which shows
/// the one before several times, only as much is written as there are bytes left.
fn fill_references(
    read: &mut ReadFields,
    around: Option<&ReadFields>,
    moving: &BTreeSet<String>,
    bytes_left: &mut usize,
) -> BTreeSet<usize> {
    let mut stale = BTreeSet::new();
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for at in 0..read.fields.len() {
            let Some((name, is_text)) = reference_of(&read.fields[at].code) else { continue };
            if read.is_in_list(at) {
                continue;
            }
            let is_moving = moving.contains(&template_name(&name, moving));
            let outer = || around.and_then(|around| around.marked_text(&name));
            let text = read.marked_text(&name).or_else(outer);
            let Some(text) = text.filter(|_| is_text) else {
                let has_mark = |read: &ReadFields| read.bookmarks.contains_key(&name);
                if is_moving && (has_mark(read) || around.is_some_and(has_mark)) {
                    stale.insert(at);
                }
                continue;
            };
            if read.is_within(at, &name) {
                stale.insert(at);
                continue;
            }
            let shown = read.shown_text(at);
            if shown != text {
                let Some(left) = bytes_left.checked_sub(text.len()) else {
                    stale.insert(at);
                    continue;
                };
                *bytes_left = left;
                changed |= read.show(at, &text);
                if read.shown_text(at) != text {
                    stale.insert(at);
                }
            }
        }
        if !changed {
            break;
        }
    }
    stale
}

/// Returns the bookmark of a field that refers to one, in lower case, and whether its result is the bookmark's text.
fn reference_of(code: &str) -> Option<(String, bool)> {
    let is_page = is_field(code, "PAGEREF") || is_field(code, "NOTEREF");
    if !is_page && !is_field(code, "REF") {
        return None;
    }
    let words = field_words(code);
    let mut words = words.iter().map(String::as_str).skip(1);
    let name = words.next()?.to_lowercase();
    let mut is_text = !is_page;
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "\\h" => {}
            "\\*" => {
                let format = words.next().unwrap_or_default().to_ascii_lowercase();
                is_text &= matches!(format.as_str(), "mergeformat" | "charformat");
            }
            _ => is_text = false,
        }
    }
    Some((name, is_text))
}

/// Returns the name that a bookmark has in the template, if it is a copy that turns made.
fn template_name(name: &str, moving: &BTreeSet<String>) -> String {
    let copied = name.rsplit_once('_').filter(|(_, count)| count.parse::<u32>().is_ok());
    let own = copied
        .map(|(own, _)| own)
        .filter(|own| !moving.contains(name) && moving.iter().any(|known| known.starts_with(own)));
    let full =
        own.and_then(|own| moving.iter().find(|known| known.chars().take(32).eq(own.chars())));
    full.map_or_else(|| own.unwrap_or(name).to_owned(), Clone::clone)
}

impl ReadFields {
    /// Checks whether a field stands in a list that Word makes anew.
    fn is_in_list(&self, at: usize) -> bool {
        let around = std::iter::successors(self.fields[at].outer, |&at| self.fields[at].outer);
        around.into_iter().any(|at| is_generated_list(&self.fields[at].code))
    }

    /// Returns the text of a bookmark; `None` if it is unknown, or more than text.
    fn marked_text(&self, name: &str) -> Option<String> {
        self.bookmarks.get(name).filter(|mark| mark.is_plain).map(|mark| self.joined(&mark.texts))
    }

    /// Checks whether a field stands in a bookmark.
    fn is_within(&self, at: usize, name: &str) -> bool {
        let texts = &self.fields[at].texts;
        let is_around = |mark: &Range<usize>| mark.start <= texts.start && texts.end <= mark.end;
        !texts.is_empty() && self.bookmarks.get(name).is_some_and(|mark| is_around(&mark.texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_that_show_text_are_told_from_others() {
        let named = |code: &str| reference_of(code);
        assert_eq!(named(" REF _Ref1 \\h \\* MERGEFORMAT "), Some(("_ref1".to_owned(), true)));
        assert_eq!(named("REF a \\r \\h"), Some(("a".to_owned(), false)));
        assert_eq!(named("PAGEREF a \\h"), Some(("a".to_owned(), false)));
        assert_eq!(named("SEQ a"), None);
    }

    #[test]
    fn copies_of_bookmarks_are_known_by_their_names() {
        let moving: BTreeSet<String> = ["a".to_owned(), "_ref12".to_owned()].into();
        assert_eq!(template_name("a_2", &moving), "a");
        assert_eq!(template_name("_ref12", &moving), "_ref12");
        assert_eq!(template_name("b_2", &moving), "b_2");
    }
}
