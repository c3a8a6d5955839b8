//! Owns what a template or a value can have wrong, before it is known where.
//! Must not know places; the caller adds them.

use crate::diag::{Diagnostic, Place, Severity, Text};

/// A finding that waits for its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
/// Most names that are looked at for one wrong name, and the work of comparing, in pairs of characters and for each name
/// something more: it is only for a hint, and a file may have thousands of wrong names beside thousands of known ones.
const LOOKED_AT: usize = 10_000;
const WORK: usize = 200_000;
const EACH: usize = 100;

/// The known name that is most like a wrong one, if any is like it at all. Of very many only the first are looked at.
pub fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    // What is longer is no misspelt name, and comparing takes time and room by the length.
    if wrong.len() > LONGEST_NAME {
        return None;
    }
    let length = wrong.chars().count();
    // Chinese names are short: one wrong character of two is half of the name.
    let enough = if length <= 3 { 0.45 } else { 0.6 };
    let mut work = WORK;
    for name in known.take(LOOKED_AT).filter(|name| name.len() <= LONGEST_NAME) {
        let other = name.chars().count();
        if most_alike(length, other) < enough {
            continue;
        }
        let Some(rest) = work.checked_sub(length * other + EACH) else { break };
        work = rest;
        let likeness = strsim::normalized_damerau_levenshtein(wrong, name);
        if likeness >= enough && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How like each other two names of so many characters can be at most.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn most_alike(one: usize, other: usize) -> f64 {
    let longer = one.max(other);
    if longer == 0 { 1.0 } else { 1.0 - one.abs_diff(other) as f64 / longer as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_rule_out_only_what_is_unlike() {
        let names =
            ["", "a", "ab", "name", "nane", "names", "namesake", "机关名称", "机关", "机构名称"];
        for wrong in names {
            for name in names {
                let likeness = strsim::normalized_damerau_levenshtein(wrong, name);
                let most = most_alike(wrong.chars().count(), name.chars().count());
                assert!(likeness <= most, "{wrong} {name}: {likeness} {most}");
            }
        }
        assert_eq!(nearest("nmae", ["other", "name"].into_iter()), Some("name"));
        assert_eq!(nearest("名称", ["称呼", "名字"].into_iter()), Some("名字"));
        let many: Vec<String> = (0..100_000).map(|at| format!("name-{at:09}")).collect();
        assert!(nearest("name-00000000x", many.iter().map(String::as_str)).is_some());
        assert_eq!(nearest(&"长".repeat(100), names.into_iter()), None);
    }
}
