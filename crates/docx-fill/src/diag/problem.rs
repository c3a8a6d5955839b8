//! Owns problems of templates and values whose location is not yet known.
//! Must not know locations; the caller adds them.

use crate::diag::{Diagnostic, Location, Message, Severity};

/// A finding without a location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: Message,
    pub(crate) hints: Vec<Message>,
    /// True if it reports an absent value, which `allow_missing` permits.
    pub(crate) is_missing_value: bool,
}

impl Problem {
    pub(crate) fn error(rule: &'static str, message: Message) -> Self {
        Problem {
            rule,
            severity: Severity::Error,
            message,
            hints: Vec::new(),
            is_missing_value: false,
        }
    }

    pub(crate) fn warning(rule: &'static str, text: Message) -> Self {
        Problem { severity: Severity::Warning, ..Self::error(rule, text) }
    }

    pub(crate) fn missing_value(text: Message) -> Self {
        Problem { is_missing_value: true, ..Self::error("value-missing", text) }
    }

    pub(crate) fn with_hint(mut self, hint: Message) -> Self {
        self.hints.push(hint);
        self
    }

    pub(crate) fn with_optional_hint(mut self, hint: Option<Message>) -> Self {
        self.hints.extend(hint);
        self
    }

    pub(crate) fn into_diagnostic(self, place: Location) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(self.rule, self.severity, place, self.message);
        diagnostic.hints = self.hints;
        diagnostic
    }
}

/// So that `?` gives one problem where several are expected.
impl From<Problem> for Vec<Problem> {
    fn from(problem: Problem) -> Vec<Problem> {
        vec![problem]
    }
}

/// Longest name that is compared, in bytes.
const MAX_NAME_BYTES: usize = 240;
/// Maximum number of candidates for one wrong name; the next two limit the work of comparing, in pairs of
/// characters plus a fixed amount per name. The result is only a hint, and a file may contain thousands of
/// wrong and known names.
const MAX_CANDIDATES: usize = 10_000;
const MAX_WORK: usize = 200_000;
const WORK_PER_NAME: usize = 100;

/// Returns the known name that is most similar to a wrong one, if any is similar enough. Beyond a limit,
/// further names are ignored.
pub fn nearest_name<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    // Longer names are hardly misspellings, and comparing them takes time and memory.
    if wrong.len() > MAX_NAME_BYTES {
        return None;
    }
    let length = wrong.chars().count();
    // Chinese names are short: one wrong character of two is half of the name.
    let enough = if length <= 3 { 0.45 } else { 0.5 };
    let mut work = MAX_WORK;
    for name in known.take(MAX_CANDIDATES).filter(|name| name.len() <= MAX_NAME_BYTES) {
        let other = name.chars().count();
        if max_similarity(length, other) < enough {
            continue;
        }
        let Some(rest) = work.checked_sub(length * other + WORK_PER_NAME) else { break };
        work = rest;
        let likeness = strsim::normalized_damerau_levenshtein(wrong, name);
        if likeness >= enough && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Returns the maximum similarity of two names with these numbers of characters.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn max_similarity(one: usize, other: usize) -> f64 {
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
                let most = max_similarity(wrong.chars().count(), name.chars().count());
                assert!(likeness <= most, "{wrong} {name}: {likeness} {most}");
            }
        }
        assert_eq!(nearest_name("nmae", ["other", "name"].into_iter()), Some("name"));
        assert_eq!(nearest_name("名称", ["称呼", "名字"].into_iter()), Some("名字"));
        let many: Vec<String> = (0..100_000).map(|at| format!("name-{at:09}")).collect();
        assert!(nearest_name("name-00000000x", many.iter().map(String::as_str)).is_some());
        assert_eq!(nearest_name(&"长".repeat(100), names.into_iter()), None);
    }
}
