//! Owns the stored results of fields in a rendered part: numbers of sequences (SEQ, ISO/IEC 29500-1, 17.16.5.56) are
//! counted anew, references (REF, 17.16.5.51) show what their bookmarks enclose. What only Word can know is marked to be
//! updated.
//! Must not know the language of tags.

use super::field_reader::{ReadFields, RenderedField, read_fields};
use crate::document::field_code::field_words;
use crate::ir::part::FieldTargetsInBlocks;
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use crate::word::field::{dirty_mark, is_field, is_generated_list};
use crate::word::numbering_label::format_number;
use quick_xml::escape::partial_escape;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Rounds in which references to references are settled.
const MAX_ROUNDS: usize = 4;

/// The greatest number that a sequence reaches.
const MAX_NUMBER: u32 = 1_000_000;

/// Brings the results of the fields of a part up to date that blocks may change, while the part has at most this many
/// bytes.
pub(crate) fn refresh_field_results(
    out: &mut String,
    moving: &FieldTargetsInBlocks,
    max_bytes: usize,
) {
    let Some(mut read) = read_fields(out) else { return };
    let before: Vec<String> = read.texts.iter().map(|text| text.text.clone()).collect();
    let mut stale: BTreeSet<usize> =
        count_sequences(&mut read, &moving.sequences).into_iter().collect();
    let mut bytes_left = max_bytes.saturating_sub(out.len());
    stale.extend(fill_references(&mut read, None, &moving.bookmarks, &mut bytes_left));
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

/// The demand of a field SEQ.
#[derive(Debug, PartialEq, Eq)]
struct SequenceStep {
    /// The sequence, in lower case.
    name: String,
    kind: StepKind,
    /// Format of the number, as lists name it.
    format: &'static str,
    is_hidden: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum StepKind {
    Next,
    /// The number before again.
    Again,
    Reset(u32),
    /// The number of the sequence at a bookmark, which does not count.
    Elsewhere,
    /// A number that depends on headings, so that all of the sequence are unknown.
    ByHeading,
}

impl SequenceStep {
    /// Reads the code of a field SEQ; `None` if it is none, or asks for a format that is unknown here.
    fn read(code: &str) -> Option<SequenceStep> {
        let words = field_words(code);
        let mut words = words.iter().map(String::as_str).skip(1).peekable();
        let name = words.next()?.to_lowercase();
        let (mut kind, mut format, mut hidden) = (StepKind::Next, None, false);
        if words.next_if(|word| !word.starts_with('\\')).is_some() {
            kind = StepKind::Elsewhere;
        }
        while let Some(word) = words.next() {
            match word.to_ascii_lowercase().as_str() {
                "\\n" => {}
                "\\c" => kind = StepKind::Again,
                "\\h" => hidden = true,
                "\\r" => kind = StepKind::Reset(words.next()?.parse().ok()?),
                "\\s" => {
                    words.next()?;
                    kind = StepKind::ByHeading;
                }
                "\\*" => match general_format(words.next()?) {
                    Some("") => {}
                    other => format = Some(other?),
                },
                _ => return None,
            }
        }
        let is_hidden = hidden && format.is_none();
        Some(SequenceStep { name, kind, format: format.unwrap_or("decimal"), is_hidden })
    }
}

/// Returns the format of a general formatting switch (17.16.4.3.1), empty for one that only keeps the looks.
fn general_format(word: &str) -> Option<&'static str> {
    Some(match word {
        "ROMAN" => "upperRoman",
        "roman" => "lowerRoman",
        "ALPHABETIC" => "upperLetter",
        "alphabetic" => "lowerLetter",
        _ => match word.to_ascii_lowercase().as_str() {
            "arabic" => "decimal",
            "chinesenum3" => "chineseCountingThousand",
            "mergeformat" | "charformat" => "",
            _ => return None,
        },
    })
}

/// Counts these sequences of a part. Returns the fields whose numbers are not known.
fn count_sequences(read: &mut ReadFields, moving: &BTreeSet<String>) -> Vec<usize> {
    let is_sequence = |at: &usize| {
        let code = &read.fields[*at].code;
        let name = || field_words(code).into_iter().nth(1);
        is_field(code, "SEQ") && name().is_some_and(|name| moving.contains(&name.to_lowercase()))
    };
    let all: Vec<usize> = (0..read.fields.len()).filter(is_sequence).collect();
    let steps: Vec<Option<SequenceStep>> =
        all.iter().map(|&at| SequenceStep::read(&read.fields[at].code)).collect();
    // A code that cannot be read may count or not.
    let unread = all.iter().zip(&steps).filter(|(_, step)| step.is_none());
    let mut unknown: BTreeSet<String> =
        unread.filter_map(|(&at, _)| field_words(&read.fields[at].code).get(1).cloned()).collect();
    unknown = unknown.into_iter().map(|name| name.to_lowercase()).collect();
    let by_heading = steps.iter().flatten().filter(|step| step.kind == StepKind::ByHeading);
    unknown.extend(by_heading.map(|step| step.name.clone()));
    let mut numbers = SequenceNumbers::default();
    let mut stale = Vec::new();
    for (&at, step) in all.iter().zip(&steps) {
        let Some(step) = step.as_ref().filter(|step| !unknown.contains(&step.name)) else {
            stale.push(at);
            continue;
        };
        let number = numbers.count(&read.fields[at], step);
        // From a hundred on Chinese numerals are not written here.
        let number = number.filter(|number| *number < 100 || !step.format.starts_with("chinese"));
        let shown = number.map(|number| {
            if step.is_hidden { String::new() } else { format_number(number, step.format) }
        });
        if !shown.is_some_and(|shown| read.show(at, &shown)) && !step.is_hidden {
            stale.push(at);
        }
    }
    stale
}

/// The numbers that sequences have reached.
#[derive(Default)]
struct SequenceNumbers {
    numbers: BTreeMap<String, u32>,
    /// The numbers before the current alternate content, which its branches repeat.
    before: BTreeMap<String, u32>,
    alternate: Option<usize>,
    in_fallback: bool,
}

impl SequenceNumbers {
    /// Returns the number of a field; `None` if it cannot be known.
    fn count(&mut self, field: &RenderedField, step: &SequenceStep) -> Option<u32> {
        if field.alternate != self.alternate {
            self.alternate = field.alternate;
            if field.alternate.is_some() {
                self.before.clone_from(&self.numbers);
            }
            self.in_fallback = field.is_fallback;
        } else if field.is_fallback && !self.in_fallback {
            self.in_fallback = true;
            self.numbers.clone_from(&self.before);
        }
        let known = self.numbers.entry(step.name.clone()).or_insert(0);
        match step.kind {
            StepKind::Next => *known = known.saturating_add(1),
            StepKind::Reset(to) => *known = to,
            StepKind::Again => {}
            StepKind::Elsewhere | StepKind::ByHeading => return None,
        }
        Some(*known).filter(|number| *number <= MAX_NUMBER)
    }
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

    fn joined(&self, texts: &Range<usize>) -> String {
        self.texts[texts.clone()].iter().map(|text| text.text.as_str()).collect()
    }

    fn shown_text(&self, at: usize) -> String {
        self.joined(&self.fields[at].texts)
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

    /// Sets the result of a field. Returns false if that cannot be done here, or must not be.
    fn show(&mut self, at: usize, text: &str) -> bool {
        let field = &self.fields[at];
        if self.joined(&field.texts) == text {
            return true;
        }
        if field.is_locked {
            return true;
        }
        let texts = field.texts.clone();
        let Some(first) = texts.clone().find(|&text| !self.texts[text].range.is_empty()) else {
            return false;
        };
        if !field.is_plain {
            return false;
        }
        for number in texts {
            self.texts[number].text.clear();
        }
        self.texts[first].text.push_str(text);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_sequences_are_read() {
        let step = |name: &str, kind, format, is_hidden| {
            Some(SequenceStep { name: name.to_owned(), kind, format, is_hidden })
        };
        let all = [
            (" SEQ 图 \\* ARABIC ", step("图", StepKind::Next, "decimal", false)),
            ("SEQ Table", step("table", StepKind::Next, "decimal", false)),
            ("SEQ a \\n \\* MERGEFORMAT", step("a", StepKind::Next, "decimal", false)),
            ("SEQ a \\c \\* roman", step("a", StepKind::Again, "lowerRoman", false)),
            ("SEQ a \\r 5 \\* ROMAN", step("a", StepKind::Reset(5), "upperRoman", false)),
            ("SEQ a \\h", step("a", StepKind::Next, "decimal", true)),
            ("SEQ a \\h \\* ARABIC", step("a", StepKind::Next, "decimal", false)),
            ("SEQ a \\* ARABIC \\s 1", step("a", StepKind::ByHeading, "decimal", false)),
            ("SEQ a b", step("a", StepKind::Elsewhere, "decimal", false)),
            ("SEQ a \\* OrdText", None),
            ("SEQ a \\r x", None),
            ("SEQ", None),
        ];
        for (code, wanted) in all {
            assert_eq!(SequenceStep::read(code), wanted, "{code}");
        }
    }

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
