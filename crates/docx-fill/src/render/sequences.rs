//! Owns the numbers of sequences (SEQ, ISO/IEC 29500-1, 17.16.5.56) in a rendered part, with the headings at which they
//! begin anew.
//! Must not know references, nor how a result is written.

use super::field_reader::{ReadFields, RenderedField, StyledParagraph};
use crate::document::field_code::field_words;
use crate::word::field::is_field;
use crate::word::numbering_label::format_number;
use crate::word::styles::{StyleKind, StyleSheet};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The greatest number that a sequence reaches.
const MAX_NUMBER: u32 = 1_000_000;

/// The demand of a field SEQ.
#[derive(Debug, PartialEq, Eq)]
struct SequenceStep {
    /// The sequence, in lower case.
    name: String,
    kind: StepKind,
    /// The level of the headings after which the sequence begins anew, from 1.
    heading: Option<u8>,
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
}

impl SequenceStep {
    /// Reads the code of a field SEQ; `None` if it is none, or asks for a format that is unknown here.
    fn read(code: &str) -> Option<SequenceStep> {
        let words = field_words(code);
        let mut words = words.iter().map(String::as_str).skip(1).peekable();
        let name = words.next()?.to_lowercase();
        let (mut kind, mut heading) = (StepKind::Next, None);
        let (mut format, mut hidden) = (None, false);
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
                    let level = words.next()?.parse().ok().filter(|level| (1..=9).contains(level));
                    heading = Some(level?);
                }
                "\\*" => match general_format(words.next()?) {
                    Some("") => {}
                    other => format = Some(other?),
                },
                _ => return None,
            }
        }
        let is_hidden = hidden && format.is_none();
        let format = format.unwrap_or("decimal");
        Some(SequenceStep { name, kind, heading, format, is_hidden })
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
pub(super) fn count_sequences(
    read: &mut ReadFields,
    moving: &BTreeSet<String>,
    styles: &StyleSheet,
) -> Vec<usize> {
    let name_of = |at: usize| field_words(&read.fields[at].code).into_iter().nth(1);
    let is_sequence = |at: &usize| {
        is_field(&read.fields[*at].code, "SEQ")
            && name_of(*at).is_some_and(|name| moving.contains(&name.to_lowercase()))
    };
    let all: Vec<usize> = (0..read.fields.len()).filter(is_sequence).collect();
    let steps: Vec<Option<SequenceStep>> =
        all.iter().map(|&at| SequenceStep::read(&read.fields[at].code)).collect();
    // A code that cannot be read may count or not.
    let unread = all.iter().zip(&steps).filter(|(_, step)| step.is_none());
    let unread = unread.filter_map(|(&at, _)| name_of(at)).map(|name| name.to_lowercase());
    let (levels, mixed) = restart_levels(steps.iter().flatten());
    let unknown: BTreeSet<String> = unread.chain(mixed).collect();
    let headings =
        if levels.is_empty() { Vec::new() } else { read_headings(&read.paragraphs, styles) };
    let mut numbers = SequenceNumbers { levels, headings, ..SequenceNumbers::default() };
    let mut stale = Vec::new();
    for (&at, step) in all.iter().zip(&steps) {
        let Some(step) = step.as_ref().filter(|step| !unknown.contains(&step.name)) else {
            stale.push(at);
            continue;
        };
        let number = numbers.count(at, &read.fields[at], step);
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

/// Returns the levels of the headings after which sequences begin anew, and the sequences of which it cannot be said where
/// they do: their fields name different levels, or one sets the number itself.
fn restart_levels<'s>(
    steps: impl Iterator<Item = &'s SequenceStep> + Clone,
) -> (BTreeMap<String, u8>, Vec<String>) {
    let named = steps.clone().filter_map(|step| Some((step.name.clone(), step.heading?)));
    let levels: BTreeMap<String, u8> = named.collect();
    let differs = |step: &&SequenceStep| {
        levels.get(&step.name).is_some_and(|level| match step.kind {
            StepKind::Next => step.heading != Some(*level),
            StepKind::Again => step.heading.is_some_and(|other| other != *level),
            StepKind::Reset(_) => true,
            StepKind::Elsewhere => false,
        })
    };
    let mixed = steps.filter(differs).map(|step| step.name.clone()).collect();
    (levels, mixed)
}

/// A heading, or a paragraph that may be one.
struct SequenceHeading {
    /// The fields that begin in it, by their numbers.
    fields: Range<usize>,
    /// The level of the style, from 1; `None` if Word alone knows whether it is a heading.
    level: Option<u8>,
}

/// Finds the headings among paragraphs, in the order of their beginnings: paragraphs of Word's own styles.
fn read_headings(paragraphs: &[StyledParagraph], styles: &StyleSheet) -> Vec<SequenceHeading> {
    let mut kinds: BTreeMap<&str, HeadingStyle> = BTreeMap::new();
    let mut headings = Vec::new();
    for paragraph in paragraphs {
        let kind = match paragraph.style.as_deref() {
            Some(style) => *kinds.entry(style).or_insert_with(|| heading_style(style, styles)),
            None => HeadingStyle::None,
        };
        let is_clear = !paragraph.has_outline && !paragraph.is_empty && !paragraph.is_in_box;
        let level = match kind {
            HeadingStyle::Level(level) if is_clear => Some(level),
            HeadingStyle::None if !paragraph.has_outline => continue,
            _ => None,
        };
        headings.push(SequenceHeading { fields: paragraph.fields.clone(), level });
    }
    headings.sort_by_key(|heading| heading.fields.start);
    headings
}

/// Kind of a style by whether its paragraphs are headings.
#[derive(Debug, Clone, Copy)]
enum HeadingStyle {
    /// They are none.
    None,
    /// They are of a level, from 1.
    Level(u8),
    /// Word alone knows.
    Unclear,
}

/// Returns whether a style is that of headings.
fn heading_style(id: &str, styles: &StyleSheet) -> HeadingStyle {
    let Some(style) = styles.get(id).filter(|style| style.kind == StyleKind::Paragraph) else {
        return HeadingStyle::Unclear;
    };
    let own_level = |name: &str| {
        let level = name.strip_prefix("heading ")?.parse().ok();
        level.filter(|level| (1..=9_u8).contains(level))
    };
    if let Some(level) = own_level(&style.canonical_name()) {
        return HeadingStyle::Level(level);
    }
    let is_based = styles.chain(Some(style)).any(|one| own_level(&one.canonical_name()).is_some());
    let is_outlined = is_based || styles.outline_level(Some(id)).is_some();
    if is_outlined { HeadingStyle::Unclear } else { HeadingStyle::None }
}

/// The numbers that sequences have reached.
#[derive(Default)]
struct SequenceNumbers {
    numbers: BTreeMap<String, ReachedNumber>,
    /// The numbers before the current alternate content, which its branches repeat.
    before: BTreeMap<String, ReachedNumber>,
    alternate: Option<usize>,
    in_fallback: bool,
    /// The levels of the headings after which sequences begin anew.
    levels: BTreeMap<String, u8>,
    headings: Vec<SequenceHeading>,
}

/// The number that a sequence has reached.
#[derive(Debug, Clone, Copy)]
struct ReachedNumber {
    /// `None` if it is not known.
    number: Option<u32>,
    /// The field that counted last; `None` if none has.
    field: Option<usize>,
    /// Knowledge of the headings behind that field; `None` before it is asked for.
    passed: Option<PassedHeadings>,
}

/// The headings behind a field that end before the one asked for last.
#[derive(Debug, Clone, Copy)]
struct PassedHeadings {
    /// The first heading that is not among them.
    next: usize,
    effect: HeadingEffect,
}

/// Effect of headings on a sequence between two of its fields.
#[derive(Debug, Clone, Copy)]
enum HeadingEffect {
    None,
    Restart,
    Unknown,
}

impl HeadingEffect {
    /// Returns the effect with one more heading on a sequence that begins anew at a level. Where the heading holds one of
    /// the fields, nobody but Word knows.
    fn with_heading(self, heading: &SequenceHeading, level: u8, holds_one: bool) -> HeadingEffect {
        match heading.level {
            Some(own) if own > level => self,
            _ if holds_one => HeadingEffect::Unknown,
            Some(own) if own == level => HeadingEffect::Restart,
            _ if matches!(self, HeadingEffect::Restart) => self,
            // Whether a sequence begins anew at headings of higher levels too is not said.
            _ => HeadingEffect::Unknown,
        }
    }
}

impl SequenceNumbers {
    /// Returns the number of a field; `None` if it cannot be known.
    fn count(&mut self, at: usize, field: &RenderedField, step: &SequenceStep) -> Option<u32> {
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
        if step.kind == StepKind::Elsewhere {
            return None;
        }
        let first = ReachedNumber { number: Some(0), field: None, passed: None };
        let mut known = self.numbers.get(&step.name).copied().unwrap_or(first);
        let effect = self.heading_effect(&step.name, &mut known, at);
        if step.kind == StepKind::Again {
            // It shows the number before or the first one.
            let number = known.number.filter(|_| matches!(effect, HeadingEffect::None));
            self.numbers.insert(step.name.clone(), known);
            return number.filter(|number| *number <= MAX_NUMBER);
        }
        let number = match (&step.kind, effect) {
            (StepKind::Reset(to), _) => Some(*to),
            (_, HeadingEffect::Restart) => Some(1),
            (_, HeadingEffect::Unknown) => None,
            (_, HeadingEffect::None) => known.number.map(|number| number.saturating_add(1)),
        };
        let reached = ReachedNumber { number, field: Some(at), passed: None };
        self.numbers.insert(step.name.clone(), reached);
        number.filter(|number| *number <= MAX_NUMBER)
    }

    /// Returns what the headings between the field of a sequence that counted last, if there is one, and another do. What
    /// does not depend on the other field is kept, so that many fields behind one take no longer than one.
    fn heading_effect(&self, name: &str, known: &mut ReachedNumber, to: usize) -> HeadingEffect {
        let (Some(&level), Some(from)) = (self.levels.get(name), known.field) else {
            return HeadingEffect::None;
        };
        let behind = |at: usize| self.headings.partition_point(|one| one.fields.start <= at);
        let PassedHeadings { next, mut effect } = known.passed.unwrap_or_else(|| {
            let next = behind(from);
            // One that began before the first field may hold it.
            let before = next.checked_sub(1).and_then(|at| self.headings.get(at));
            let holder = before.filter(|heading| heading.fields.contains(&from));
            let none = HeadingEffect::None;
            PassedHeadings {
                next,
                effect: holder.map_or(none, |one| none.with_heading(one, level, true)),
            }
        });
        let between = self.headings.get(next..behind(to)).unwrap_or_default();
        let ended = between.iter().take_while(|heading| heading.fields.end <= to).count();
        for heading in between.iter().take(ended) {
            effect = effect.with_heading(heading, level, heading.fields.contains(&from));
        }
        known.passed = Some(PassedHeadings { next: next + ended, effect });
        for heading in between.iter().skip(ended) {
            let holds_one = heading.fields.contains(&from) || heading.fields.contains(&to);
            effect = effect.with_heading(heading, level, holds_one);
        }
        effect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_sequences_are_read() {
        let step = |name: &str, kind, format, is_hidden| {
            let heading = None;
            Some(SequenceStep { name: name.to_owned(), kind, heading, format, is_hidden })
        };
        let by_heading = step("a", StepKind::Next, "decimal", false);
        let by_heading = by_heading.map(|step| SequenceStep { heading: Some(1), ..step });
        let all = [
            (" SEQ 图 \\* ARABIC ", step("图", StepKind::Next, "decimal", false)),
            ("SEQ Table", step("table", StepKind::Next, "decimal", false)),
            ("SEQ a \\n \\* MERGEFORMAT", step("a", StepKind::Next, "decimal", false)),
            ("SEQ a \\c \\* roman", step("a", StepKind::Again, "lowerRoman", false)),
            ("SEQ a \\r 5 \\* ROMAN", step("a", StepKind::Reset(5), "upperRoman", false)),
            ("SEQ a \\h", step("a", StepKind::Next, "decimal", true)),
            ("SEQ a \\h \\* ARABIC", step("a", StepKind::Next, "decimal", false)),
            ("SEQ a \\* ARABIC \\s 1", by_heading),
            ("SEQ a \\s 0", None),
            ("SEQ a \\s", None),
            ("SEQ a b", step("a", StepKind::Elsewhere, "decimal", false)),
            ("SEQ a \\* OrdText", None),
            ("SEQ a \\r x", None),
            ("SEQ", None),
        ];
        for (code, wanted) in all {
            assert_eq!(SequenceStep::read(code), wanted, "{code}");
        }
    }
}
