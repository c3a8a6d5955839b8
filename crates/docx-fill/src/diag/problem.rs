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
