//! Owns what a template or a value can have wrong, before it is known where.
//! Must not know places; the caller adds them.

use crate::diag::{Diagnostic, Place, Severity, Text};

/// A finding that waits for its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) text: Text,
    pub(crate) hints: Vec<Text>,
    /// A value is missing, which `allow_missing` forgives.
    pub(crate) missing: bool,
}

impl Problem {
    pub(crate) fn error(rule: &'static str, text: Text) -> Self {
        Problem { rule, severity: Severity::Error, text, hints: Vec::new(), missing: false }
    }

    pub(crate) fn warning(rule: &'static str, text: Text) -> Self {
        Problem { severity: Severity::Warning, ..Self::error(rule, text) }
    }

    pub(crate) fn missing(text: Text) -> Self {
        Problem { missing: true, ..Self::error("value-missing", text) }
    }

    pub(crate) fn hint(mut self, hint: Text) -> Self {
        self.hints.push(hint);
        self
    }

    pub(crate) fn hint_maybe(mut self, hint: Option<Text>) -> Self {
        self.hints.extend(hint);
        self
    }

    pub(crate) fn at(self, place: Place) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(self.rule, self.severity, place, self.text);
        diagnostic.hints = self.hints;
        diagnostic
    }
}

/// Longest name that is compared, in bytes.
const LONGEST_NAME: usize = 240;

/// The known name that is most like a wrong one, if any is like it at all.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    // What is longer is no misspelt name, and comparing takes time and room by the length.
    let short = |name: &&str| name.len() <= LONGEST_NAME;
    for name in known.filter(|name| short(name) && short(&wrong)) {
        let likeness = strsim::normalized_damerau_levenshtein(wrong, name);
        // Chinese names are short: one wrong character of two is half of the name.
        let enough = if wrong.chars().count() <= 3 { 0.45 } else { 0.6 };
        if likeness >= enough && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}
