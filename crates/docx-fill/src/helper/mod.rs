//! Owns helpers: the functions that a tag may call. Built-in ones are entries of one table, a program's own are added to a
//! [`HelperSet`].
//! Must not know Word; a helper makes a value from values.

pub(crate) mod arguments;
#[cfg(feature = "chinese")]
mod chinese;
pub(crate) mod custom;
mod lists;
mod numbers;
mod option;
pub(crate) mod table;
mod texts;

pub(crate) use arguments::{ArgumentValues, HelperArgs, Literals};
pub use custom::{Arguments, HelperError, HelperSet, HelperSignature};
pub(crate) use option::{HelperOption, unknown_option};

use crate::diag::Problem;
use crate::value::TemplateValue;
use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

/// Most arguments of any helper.
const MAX_ARGS: usize = 64;

/// The kind of value that a tag can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueKind {
    /// Anything; only whether it is there, true or equal matters.
    Any,
    /// Anything that can be printed: a text, a number, true or false.
    Scalar,
    /// A text.
    Text,
    /// A number, or a text of digits.
    Number,
    /// A list.
    List,
    /// A group of named values.
    Group,
    /// A list, a group or a truth value: `{{#name}}` takes all of them.
    Section,
}

/// Evaluates a built-in helper.
pub(crate) type HelperFn =
    for<'m, 'a> fn(&HelperArgs<'m, 'a>) -> Result<TemplateValue<'a>, Problem>;

/// Checks the arguments of a call that the template itself states.
pub(crate) type HelperCheck = fn(&Literals<'_>) -> Result<(), Problem>;

/// A helper.
#[derive(Debug)]
pub(crate) struct Helper {
    pub(crate) name: Cow<'static, str>,
    pub(crate) min_args: usize,
    pub(crate) max_args: usize,
    /// Its options, `name=value` behind the arguments.
    pub(crate) options: Cow<'static, [HelperOption]>,
    /// The way to write it.
    pub(crate) usage: Cow<'static, str>,
    /// The kinds of its arguments by position; the last one is that of all further ones.
    pub(crate) args: &'static [(ValueKind, bool)],
    pub(crate) role: HelperRole,
    /// Checks the arguments that a template itself states.
    pub(crate) check: Option<HelperCheck>,
    pub(crate) eval: HelperEval,
}

impl Helper {
    /// Returns an option by its name.
    pub(crate) fn option(&self, name: &str) -> Option<&HelperOption> {
        self.options.iter().find(|option| option.name() == name)
    }

    /// Returns the kind of an argument, and whether it may be absent.
    pub(crate) fn argument_kind(&self, at: usize) -> (ValueKind, bool) {
        let kind = self.args.get(at).or(self.args.last());
        kind.copied().unwrap_or((ValueKind::Scalar, false))
    }
}

/// The places in which a helper may stand, and what becomes of its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HelperRole {
    /// Anywhere: its value is printed or used by others.
    Value,
    /// As [`HelperRole::Value`]; it computes with a field of the items of a list.
    Sum,
    /// As [`HelperRole::Value`]; it takes a field of the items of a list.
    Field,
    /// As [`HelperRole::Value`]; its result has items of the list, in another order or fewer.
    SameItems,
    /// As [`HelperRole::Value`]; its result is an item of the list.
    OneItem,
    /// As [`HelperRole::Value`]; its result are groups with `key` and `items`.
    Group,
    /// As [`HelperRole::Value`]; its result are lists of items of the list.
    Chunk,
    /// As [`HelperRole::Value`]; its result are lists with an item of each list.
    Zip,
    /// In a run: the text is squeezed.
    Fit,
    /// In a run, or in the description of a picture.
    Image,
    /// In a table cell.
    MergeCells,
    /// In a table cell.
    SpanColumns,
    /// In a table cell.
    ShadeCell,
    /// Alone in a paragraph.
    Markdown,
    /// Alone in a paragraph.
    Document,
}

impl HelperRole {
    /// Checks whether the tag changes the cell in which it stands.
    pub(crate) fn is_about_cell(self) -> bool {
        matches!(self, HelperRole::MergeCells | HelperRole::SpanColumns | HelperRole::ShadeCell)
    }
}

/// The evaluation of a helper.
pub(crate) enum HelperEval {
    BuiltIn(HelperFn),
    Custom(Box<custom::CustomFn>),
}

impl std::fmt::Debug for HelperEval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            HelperEval::BuiltIn(_) => "BuiltIn",
            HelperEval::Custom(_) => "Custom",
        })
    }
}

/// A helper that a call names.
#[derive(Debug, Clone)]
pub(crate) enum HelperRef {
    BuiltIn(&'static Helper),
    Custom(Arc<Helper>),
}

impl Deref for HelperRef {
    type Target = Helper;

    fn deref(&self) -> &Helper {
        match self {
            HelperRef::BuiltIn(helper) => helper,
            HelperRef::Custom(helper) => helper,
        }
    }
}

/// Finds a built-in helper.
pub(crate) fn find_builtin(name: &str) -> Option<&'static Helper> {
    builtins().find(|helper| helper.name == name)
}

fn builtins() -> impl Iterator<Item = &'static Helper> {
    table::BASIC.iter().chain(table::CHINESE)
}

/// Returns the helper that has a name in other libraries.
pub(crate) fn other_name(name: &str) -> Option<&'static str> {
    table::OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use super::builtins;

    const PAGES: [&str; 2] =
        [include_str!("../../docs/tags.md"), include_str!("../../docs/tags.zh.md")];

    /// Returns the calls in the examples of the manual, without the tag's braces.
    fn calls(page: &str) -> Vec<&str> {
        let examples = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let tags = examples.filter_map(|line| line.split("` |").next());
        tags.flat_map(|tags| tags.split(['{', '(', '}', ')'])).collect()
    }

    /// `tests/manual.rs` renders the examples and compares the results.
    #[test]
    fn every_helper_and_option_has_an_example_in_the_manual() {
        for page in PAGES {
            let calls = calls(page);
            for helper in builtins() {
                let of_it = |call: &&&str| call.split(' ').next() == Some(&*helper.name);
                assert!(
                    calls.iter().any(|call| of_it(&call)),
                    "{} is not in the manual",
                    helper.name
                );
                for option in &*helper.options {
                    let option = option.name();
                    let given = format!(" {option}=");
                    let found = calls.iter().filter(of_it).any(|call| call.contains(&given));
                    assert!(found, "{} {option}= is not in the manual", helper.name);
                }
            }
        }
    }
}
