//! Owns numbers that the texts give for the same thing where no table can decide: two different ones
//! contradict each other.
//! Must not know a phrase.

use super::CheckContext;
use super::phrase_match::PhraseMatch;
use super::text::annotated_text::AnnotatedText;
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Sink};
use docx_fill::slice::TextSlice as _;
use std::collections::BTreeMap;

/// Numbers of the texts by the phrase that they follow.
#[derive(Default)]
pub(super) struct Mentions {
    by_phrase: BTreeMap<usize, Vec<Mention>>,
}

/// A number with its words and place.
struct Mention {
    units: i128,
    scale: u32,
    words: String,
    place: Location,
}

impl Mentions {
    /// Adds a number if its clause says that it is that of the whole year.
    pub(super) fn add(
        &mut self,
        phrase: usize,
        passage: &AnnotatedText<'_>,
        said: &PhraseMatch<'_>,
    ) {
        let whole = &passage.report.form.prose.whole_year;
        let before = passage.clause_before(said.range.start);
        let between = passage.text.slice(said.range.start..said.number.range.start);
        if said.phrase.at_most
            || !whole.iter().any(|w| before.contains(w.as_str()) || between.contains(w.as_str()))
        {
            return;
        }
        self.by_phrase.entry(phrase).or_default().push(Mention {
            units: said.number.units,
            scale: said.number.scale,
            words: passage.text.slice(said.range.clone()).to_owned(),
            place: passage.location(said.number.range.clone()),
        });
    }

    /// Reports the first number of each thing that differs from an earlier one.
    pub(super) fn check(&self, desk: &CheckContext<'_>, sink: &mut Sink) {
        if !desk.settings.is_enabled("two-numbers") {
            return;
        }
        for mentions in self.by_phrase.values() {
            let Some(first) = mentions.first() else { continue };
            let differs = |m: &&Mention| (m.units, m.scale) != (first.units, first.scale);
            let Some(other) = mentions.iter().find(differs) else { continue };
            let message = msg!("text.two-numbers", first = &first.words, second = &other.words);
            let found = Diagnostic::new(
                "two-numbers",
                super::rule_severity("two-numbers"),
                other.place.clone(),
                message,
            );
            let found = found.with_label(first.place.clone(), msg!("text.two-numbers-first"));
            sink.push(found.with_hint(msg!("text.two-numbers-hint")));
        }
    }
}
