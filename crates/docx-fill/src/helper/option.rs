//! Owns the options of helpers and blocks: their names, and the words that each may have.
//! Must not know what an option does.

use crate::diag::{Problem, msg, nearest_name};
use std::borrow::Cow;

/// An option: a name, or a name with the words that it may have (`side=start|end`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HelperOption {
    spec: Cow<'static, str>,
}

impl HelperOption {
    /// Returns an option of the program itself.
    pub(crate) const fn built_in(spec: &'static str) -> Self {
        HelperOption { spec: Cow::Borrowed(spec) }
    }

    /// Returns an option that may have any value.
    pub(crate) fn named(name: String) -> Self {
        HelperOption { spec: Cow::Owned(name) }
    }

    pub(crate) fn name(&self) -> &str {
        self.spec.split('=').next().unwrap_or_default()
    }

    /// Returns the words that it may have; none if it may have any value.
    fn choices(&self) -> impl Iterator<Item = &str> {
        self.spec.split_once('=').into_iter().flat_map(|(_, words)| words.split('|'))
    }

    /// Checks whether the option may have a word.
    pub(crate) fn check_choice(&self, owner: &str, word: &str) -> Result<(), Problem> {
        let mut choices = self.choices().peekable();
        if choices.peek().is_none() || choices.any(|choice| choice == word) {
            return Ok(());
        }
        let words: Vec<&str> = self.choices().collect();
        let shown: String = word.chars().take(40).collect();
        let message = msg!("template.option-value", name = owner, key = self.name(), value = shown);
        Err(Problem::error("helper-arguments", message).with_hint(msg!(
            "template.option-choices",
            key = self.name(),
            values = words
        )))
    }
}

/// Returns the problem of an option that a helper or block does not have.
pub(crate) fn unknown_option(owner: &str, key: &str, known: &[HelperOption]) -> Problem {
    let message = msg!("template.helper-hash", name = owner, key = key);
    let problem = Problem::error("helper-arguments", message);
    let near = nearest_name(key, known.iter().map(HelperOption::name));
    let problem =
        problem.with_optional_hint(near.map(|near| msg!("template.nearest", name = near)));
    let names: Vec<&str> = known.iter().map(HelperOption::name).collect();
    problem.with_hint(if names.is_empty() {
        msg!("template.no-options", name = owner)
    } else {
        msg!("template.known-options", keys = names)
    })
}
