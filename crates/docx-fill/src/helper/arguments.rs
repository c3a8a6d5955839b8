//! Owns the arguments of one helper call, evaluated on demand.
//! Must not know where the values come from.

use super::Helper;
use crate::diag::{Problem, msg};
use crate::value::number::{Decimal, MAX_DECIMAL_PLACES};
use crate::value::{TemplateValue, parse_decimal};
use serde_json::Value;
use std::cmp::Ordering;

/// The argument values of one call, evaluated on demand.
pub(crate) trait ArgumentValues<'a> {
    /// Returns the number of arguments, without options.
    fn count(&self) -> usize;
    /// Returns the value of an argument, which may be missing.
    fn get(&self, at: usize) -> Result<TemplateValue<'a>, Problem>;
    /// Returns the value of an argument; a missing value is an error.
    fn require(&self, at: usize) -> Result<TemplateValue<'a>, Problem>;
    /// Returns the value of an option; `None` if it is not written.
    fn hash_arg(&self, name: &str) -> Result<Option<TemplateValue<'a>>, Problem>;
}

/// One call of a helper.
pub(crate) struct HelperArgs<'m, 'a> {
    pub(crate) helper: &'m Helper,
    pub(crate) values: &'m dyn ArgumentValues<'a>,
}

impl<'a> HelperArgs<'_, 'a> {
    pub(super) fn count(&self) -> usize {
        self.values.count()
    }

    pub(super) fn get(&self, at: usize) -> Result<TemplateValue<'a>, Problem> {
        self.values.get(at)
    }

    pub(super) fn require(&self, at: usize) -> Result<TemplateValue<'a>, Problem> {
        self.values.require(at)
    }

    pub(super) fn hash_value(&self, name: &str) -> Result<Option<TemplateValue<'a>>, Problem> {
        self.values.hash_arg(name)
    }

    #[cfg(feature = "chinese")]
    pub(super) fn hash_flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.hash_value(name)?.is_some_and(|value| value.is_true(false)))
    }

    pub(super) fn is_truthy(&self, at: usize) -> Result<bool, Problem> {
        Ok(self.get(at)?.is_true(false))
    }

    pub(super) fn number_arg(&self, at: usize) -> Result<Decimal, Problem> {
        let value = self.require(at)?;
        value.get().and_then(parse_decimal).ok_or_else(|| self.not_a_number(&value))
    }

    pub(super) fn not_a_number(&self, value: &TemplateValue<'a>) -> Problem {
        let shown = value.get().map(ToString::to_string).unwrap_or_default();
        let shown: String = shown.chars().take(40).collect();
        let message =
            msg!("template.not-a-number", name = self.helper.name.as_ref(), value = shown);
        Problem::error("value-not-number", message)
    }

    pub(super) fn number_overflow(&self) -> Problem {
        let message = msg!("template.overflow", name = self.helper.name.as_ref());
        Problem::error("value-not-number", message)
    }

    /// Returns the number of decimal places that an argument specifies.
    pub(super) fn decimal_places(&self, at: usize) -> Result<u32, Problem> {
        let places =
            self.number_arg(at)?.to_integer().and_then(|places| u32::try_from(places).ok());
        places.filter(|&places| places <= MAX_DECIMAL_PLACES).ok_or_else(|| {
            let limit = MAX_DECIMAL_PLACES as usize;
            Problem::error("helper-arguments", msg!("template.places", limit = limit))
        })
    }

    pub(super) fn format_number(
        &self,
        number: Option<Decimal>,
        grouped: bool,
    ) -> Result<TemplateValue<'a>, Problem> {
        let number = number.ok_or_else(|| self.number_overflow())?;
        Ok(TemplateValue::Owned(Value::String(number.format_digits(grouped))))
    }

    pub(super) fn are_equal(&self) -> Result<bool, Problem> {
        let (a, b) = (self.get(0)?, self.get(1)?);
        Ok(match (a.get(), b.get()) {
            (Some(a @ Value::Number(_)), Some(b @ Value::Number(_))) => {
                let both = parse_decimal(a).zip(parse_decimal(b));
                both.map_or(a == b, |(a, b)| a == b)
            }
            (None | Some(Value::Null), None | Some(Value::Null)) => true,
            (a, b) => a == b,
        })
    }

    pub(super) fn compare_args(&self) -> Result<Ordering, Problem> {
        let (a, b) = (self.require(0)?, self.require(1)?);
        let numbers = a.get().and_then(parse_decimal).zip(b.get().and_then(parse_decimal));
        if let Some((a, b)) = numbers {
            return Ok(a.cmp(&b));
        }
        match (a.get(), b.get()) {
            (Some(Value::String(a)), Some(Value::String(b))) => Ok(a.cmp(b)),
            (Some(Value::String(_)), _) => Err(self.not_a_number(&a)),
            _ => Err(self.not_a_number(&b)),
        }
    }

    pub(super) fn list_arg(&self, at: usize) -> Result<Vec<TemplateValue<'a>>, Problem> {
        let value = self.require(at)?;
        match value {
            TemplateValue::Borrowed(Value::Array(items)) => {
                Ok(items.iter().map(TemplateValue::Borrowed).collect())
            }
            TemplateValue::Borrowed(Value::Object(map)) => {
                Ok(map.values().map(TemplateValue::Borrowed).collect())
            }
            TemplateValue::Owned(Value::Array(items)) => {
                Ok(items.into_iter().map(TemplateValue::Owned).collect())
            }
            _ => {
                let message = msg!("template.not-a-list", name = self.helper.name.as_ref());
                Err(Problem::error("value-not-list", message))
            }
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "helpers end with it")]
pub(super) fn bool_value<'a>(value: bool) -> Result<TemplateValue<'a>, Problem> {
    Ok(TemplateValue::Owned(Value::Bool(value)))
}

pub(super) fn text_value<'a>(text: String) -> TemplateValue<'a> {
    TemplateValue::Owned(Value::String(text))
}
