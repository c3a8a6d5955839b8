//! Owns helpers that a program adds: their signatures, and the arguments and errors of their functions.
//! Must not know Word.

use super::{
    Helper, HelperArgs, HelperEval, HelperOption, HelperRef, HelperRole, MAX_ARGS, ValueKind,
    builtins, find_builtin,
};
use crate::diag::{Problem, msg};
use crate::value::{TemplateValue, printed_text};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The function of a program's helper.
pub(crate) type CustomFn = dyn Fn(&Arguments<'_>) -> Result<Value, HelperError> + Send + Sync;

/// The helpers that a template may call: the built-in ones and a program's own.
#[derive(Debug, Clone, Default)]
pub struct HelperSet {
    custom: BTreeMap<String, Arc<Helper>>,
}

/// The permitted arguments and options of a helper; a call that differs is an error of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelperSignature {
    /// Minimum number of arguments.
    pub min_args: usize,
    /// Maximum number of arguments, at most 64.
    pub max_args: usize,
    /// Names of options, written `name=value` after the arguments.
    pub options: Vec<String>,
    /// Example that messages show; if empty, it is generated from the name.
    pub usage: String,
}

impl Default for HelperSignature {
    /// Returns a signature with any number of arguments and no options.
    fn default() -> Self {
        let (options, usage) = (Vec::new(), String::new());
        HelperSignature { min_args: 0, max_args: MAX_ARGS, options, usage }
    }
}

impl HelperSet {
    /// Adds a helper, replacing one of the same name.
    pub fn add<F>(&mut self, name: impl Into<String>, signature: HelperSignature, function: F)
    where
        F: Fn(&Arguments<'_>) -> Result<Value, HelperError> + Send + Sync + 'static,
    {
        let name = name.into();
        let HelperSignature { min_args, max_args, options, usage } = signature;
        let usage = if usage.is_empty() { format!("{{{{{name} …}}}}") } else { usage };
        let helper = Helper {
            name: Cow::Owned(name.clone()),
            min_args,
            max_args: max_args.min(MAX_ARGS),
            options: options.into_iter().map(HelperOption::named).collect(),
            usage: Cow::Owned(usage),
            args: &[(ValueKind::Any, false)],
            role: HelperRole::Value,
            check: None,
            eval: HelperEval::Custom(Box::new(function)),
        };
        self.custom.insert(name, Arc::new(helper));
    }

    /// Finds a helper; a program's own take precedence over built-in ones.
    pub(crate) fn find(&self, name: &str) -> Option<HelperRef> {
        let custom = self.custom.get(name).map(|helper| HelperRef::Custom(Arc::clone(helper)));
        custom.or_else(|| find_builtin(name).map(HelperRef::BuiltIn))
    }

    /// Returns all names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.custom.keys().map(String::as_str).chain(builtins().map(|helper| &*helper.name))
    }
}

/// The evaluated arguments and options of one call.
#[derive(Debug)]
pub struct Arguments<'a> {
    values: Vec<TemplateValue<'a>>,
    options: Vec<(String, TemplateValue<'a>)>,
}

impl<'a> Arguments<'a> {
    /// Returns the number of arguments, without options.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Checks whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns an argument; `None` if it is not written.
    pub fn get(&self, at: usize) -> Option<&Value> {
        self.values.get(at).and_then(TemplateValue::get)
    }

    /// Returns an argument as printed text; an error if it is not written, a list or an object.
    pub fn text(&self, at: usize) -> Result<Cow<'_, str>, HelperError> {
        let missing = || HelperError::new(format!("argument {} is missing", at + 1));
        let value = self.get(at).ok_or_else(missing)?;
        let not_text = |_| HelperError::new(format!("argument {} is a list or a group", at + 1));
        printed_text(value).map_err(not_text)
    }

    /// Returns an argument as a number; an error if it is not one.
    pub fn number(&self, at: usize) -> Result<f64, HelperError> {
        let value = self.get(at);
        let number = value.and_then(|value| match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        });
        number.ok_or_else(|| HelperError::new(format!("argument {} is no number", at + 1)))
    }

    /// Returns an option; `None` if it is not written.
    pub fn option(&self, name: &str) -> Option<&Value> {
        let found = self.options.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.get())
    }

    fn evaluate(args: &HelperArgs<'_, 'a>) -> Result<Self, Problem> {
        let values = (0..args.count()).map(|at| args.require(at)).collect::<Result<_, _>>()?;
        let mut options = Vec::new();
        for option in args.helper.options.iter() {
            let name = option.name();
            options.extend(args.hash_value(name)?.map(|value| (name.to_owned(), value)));
        }
        Ok(Arguments { values, options })
    }
}

/// The error of a program's helper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelperError {
    reason: String,
}

impl HelperError {
    /// Creates an error with a reason in words, which the finding quotes.
    pub fn new(reason: impl Into<String>) -> Self {
        HelperError { reason: reason.into() }
    }
}

impl fmt::Display for HelperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for HelperError {}

impl From<&str> for HelperError {
    fn from(reason: &str) -> Self {
        HelperError::new(reason)
    }
}

impl From<String> for HelperError {
    fn from(reason: String) -> Self {
        HelperError::new(reason)
    }
}

/// Evaluates one call of any helper.
pub(crate) fn eval_helper<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    match &args.helper.eval {
        HelperEval::BuiltIn(eval) => eval(args),
        HelperEval::Custom(function) => {
            let arguments = Arguments::evaluate(args)?;
            let value = function(&arguments).map_err(|error| {
                let name = args.helper.name.as_ref();
                let message = msg!("template.helper-failed", name = name, reason = error.reason);
                Problem::error("helper-failed", message)
            })?;
            Ok(TemplateValue::from_made(value))
        }
    }
}
