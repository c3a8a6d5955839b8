//! Owns the arguments of one helper call, evaluated on demand.
//! Must not know where the values come from.

use super::{Helper, HelperRole};
use crate::diag::{Problem, msg, nearest_name};
use crate::limits::{MAX_MADE_TEXT, MAX_MADE_VALUES};
use crate::slice::TextSlice as _;
use crate::value::number::{Decimal, MAX_DECIMAL_PLACES};
use crate::value::{TemplateValue, child_value, parse_decimal, printed_text};
use serde_json::Value;
use std::borrow::Cow;
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
    /// Counts work; an error if all helpers of a part together have done too much.
    fn charge(&self, work: usize) -> Result<(), Problem>;
}

/// The values that a template itself writes as arguments of a call; `None` for other arguments.
pub(crate) type Literals<'l> = [Option<&'l Value>];

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

    /// Returns whether an option is on.
    pub(super) fn hash_flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.hash_value(name)?.is_some_and(|value| value.is_true(false)))
    }

    /// Returns an option as text; `None` if it is not written.
    pub(super) fn option_text(&self, name: &str) -> Result<Option<String>, Problem> {
        let value = self.hash_value(name)?;
        let text = value.as_ref().and_then(TemplateValue::get).map(printed_text).transpose()?;
        Ok(text.map(Cow::into_owned))
    }

    /// Returns an option that is one of the words in the table of helpers.
    pub(super) fn option_choice(&self, name: &str) -> Result<Option<String>, Problem> {
        let Some(value) = self.option_text(name)? else { return Ok(None) };
        match self.helper.option(name) {
            Some(option) => option.check_choice(&self.helper.name, &value).map(|()| Some(value)),
            None => Ok(Some(value)),
        }
    }

    /// Returns an argument as text.
    pub(super) fn text_arg(&self, at: usize) -> Result<String, Problem> {
        let value = self.require(at)?;
        Ok(value.get().map(printed_text).transpose()?.unwrap_or_default().into_owned())
    }

    /// Returns an argument that is a count or position.
    pub(super) fn whole_arg(&self, at: usize) -> Result<usize, Problem> {
        let value = self.require(at)?;
        value.get().and_then(parse_whole).ok_or_else(|| {
            let shown = value.get().map(shown_value).unwrap_or_default();
            let message =
                msg!("template.not-a-count", name = self.helper.name.as_ref(), value = shown);
            Problem::error("value-not-number", message)
        })
    }

    pub(super) fn is_truthy(&self, at: usize) -> Result<bool, Problem> {
        Ok(self.get(at)?.is_true(false))
    }

    pub(super) fn number_arg(&self, at: usize) -> Result<Decimal, Problem> {
        let value = self.require(at)?;
        value
            .get()
            .and_then(parse_decimal)
            .ok_or_else(|| self.not_a_number(value.get().unwrap_or(&Value::Null)))
    }

    pub(super) fn not_a_number(&self, value: &Value) -> Problem {
        let shown = shown_value(value);
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
        self.number_arg(at)?;
        parse_places(self.require(at)?.get().unwrap_or(&Value::Null))
    }

    /// Returns what a division by zero gives: the `zero` option, or an error.
    pub(super) fn division_by_zero(&self) -> Result<TemplateValue<'a>, Problem> {
        if let Some(value) = self.hash_value("zero")? {
            return Ok(value);
        }
        let message = msg!("template.division-by-zero", name = self.helper.name.as_ref());
        Err(Problem::error("division-by-zero", message).with_hint(msg!("template.hint-zero")))
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
        Ok(same_values(a.get().unwrap_or(&Value::Null), b.get().unwrap_or(&Value::Null)))
    }

    pub(super) fn compare_args(&self) -> Result<Ordering, Problem> {
        let (a, b) = (self.require(0)?, self.require(1)?);
        self.compare_values(a.get().unwrap_or(&Value::Null), b.get().unwrap_or(&Value::Null))
    }

    /// Compares as numbers if both are, else as texts.
    pub(super) fn compare_values(&self, a: &Value, b: &Value) -> Result<Ordering, Problem> {
        if let Some((a, b)) = parse_decimal(a).zip(parse_decimal(b)) {
            return Ok(a.cmp(&b));
        }
        match (a, b) {
            (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
            (Value::String(_), _) => Err(self.not_a_number(a)),
            _ => Err(self.not_a_number(b)),
        }
    }

    /// Returns an argument that is a list or a group.
    pub(super) fn list_value(&self, at: usize) -> Result<TemplateValue<'a>, Problem> {
        let value = self.require(at)?;
        let count = match value.get() {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Object(map)) => map.len(),
            _ => {
                let message = msg!("template.not-a-list", name = self.helper.name.as_ref());
                return Err(Problem::error("value-not-list", message));
            }
        };
        self.charge(count)?;
        Ok(value)
    }

    /// Returns the names of the path that an argument states; none if it is not written.
    pub(super) fn field_path(&self, at: usize) -> Result<Vec<String>, Problem> {
        if self.count() <= at {
            return Ok(Vec::new());
        }
        Ok(self.text_arg(at)?.split('.').map(str::to_owned).collect())
    }

    /// Returns the value of a field of an item; an error if the item has none.
    pub(super) fn single_field<'v>(
        &self,
        at: usize,
        item: &'v Value,
        field: &[String],
    ) -> Result<&'v Value, Problem> {
        let found = follow_names(item, field).filter(|value| !value.is_null());
        found.ok_or_else(|| self.missing_field(at, item, field))
    }

    /// Returns the values of a field of all items. Lists on the way are entered, so that there may be several of an
    /// item, or none.
    pub(super) fn field_values<'v>(
        &self,
        items: &[&'v Value],
        field: &[String],
    ) -> Result<Vec<&'v Value>, Problem> {
        let mut found = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if !collect_field(item, field, &mut found) {
                return Err(self.missing_field(at, item, field));
            }
        }
        self.charge(found.len())?;
        Ok(found)
    }

    pub(super) fn missing_field(&self, at: usize, item: &Value, field: &[String]) -> Problem {
        let written = field.join(".");
        let message = if self.helper.role == HelperRole::Sum && self.helper.name == "sum" {
            msg!("template.sum-missing", number = at + 1, field = written)
        } else {
            let name = self.helper.name.as_ref();
            msg!("template.field-missing", name = name, number = at + 1, field = written)
        };
        let mut known = item.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str));
        let near = field.first().and_then(|first| nearest_name(first, &mut known));
        let near = near.filter(|near| field.first().is_some_and(|first| first != near));
        let hint = near.map(|near| msg!("template.nearest", name = near));
        Problem::missing_value(message).with_optional_hint(hint)
    }

    /// Counts work of a helper.
    pub(super) fn charge(&self, work: usize) -> Result<(), Problem> {
        self.values.charge(work)
    }

    /// Checks the length of a text that is being made, in bytes.
    #[expect(clippy::unused_self, reason = "it belongs to the making of values")]
    pub(super) fn check_text_size(&self, bytes: usize) -> Result<(), Problem> {
        if bytes <= MAX_MADE_TEXT {
            return Ok(());
        }
        let message = msg!("template.too-large", limit = MAX_MADE_TEXT >> 20);
        Err(Problem::error("output-too-large", message))
    }

    /// Returns a text that the helper made.
    pub(super) fn made_text(&self, text: String) -> Result<TemplateValue<'a>, Problem> {
        self.check_text_size(text.len())?;
        self.charge(text.len() >> 6)?;
        Ok(text_value(text))
    }

    /// Returns a list that the helper made of copies.
    pub(super) fn made_list(
        &self,
        items: impl Iterator<Item = Value>,
    ) -> Result<TemplateValue<'a>, Problem> {
        let mut made = Vec::new();
        let mut count = 0usize;
        for item in items {
            let values = count_values(&item);
            self.charge(values * COPY_WORK)?;
            count += values;
            if count > MAX_MADE_VALUES {
                let message = msg!("template.too-many-values", limit = MAX_MADE_VALUES);
                return Err(Problem::error("output-too-large", message));
            }
            made.push(item);
        }
        Ok(TemplateValue::from_made(Value::Array(made)))
    }
}

/// Work of copying a value, beside that of looking at it.
const COPY_WORK: usize = 8;

/// Returns the number of values in a value, itself included; a long text counts as several.
fn count_values(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count_values).sum::<usize>() + 1,
        Value::Object(map) => map.values().map(count_values).sum::<usize>() + 1,
        Value::String(text) => 1 + (text.len() >> 6),
        _ => 1,
    }
}

/// Returns the items of a list, or the values of a group.
pub(super) fn list_items<'v>(list: &'v TemplateValue<'_>) -> Vec<&'v Value> {
    match list.get() {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(map)) => map.values().collect(),
        _ => Vec::new(),
    }
}

/// Returns the value to which names lead; `None` if one of them does not exist.
pub(super) fn follow_names<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| child_value(value, name))
}

/// Collects the values to which names lead, through every item of lists on the way. Returns false if a name does not
/// exist or has no value.
fn collect_field<'v>(value: &'v Value, names: &[String], found: &mut Vec<&'v Value>) -> bool {
    let Some((first, rest)) = names.split_first() else {
        if !value.is_null() {
            found.push(value);
        }
        return !value.is_null();
    };
    match value {
        Value::Array(items) if child_value(value, first).is_none() => {
            items.iter().all(|item| collect_field(item, names, found))
        }
        _ => child_value(value, first).is_some_and(|child| collect_field(child, rest, found)),
    }
}

/// Checks whether two values are the same: numbers by their value, also if one is written as text.
pub(super) fn same_values(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_) | Value::String(_))
        | (Value::String(_), Value::Number(_)) => {
            let both = parse_decimal(a).zip(parse_decimal(b));
            both.map_or(a == b, |(a, b)| a == b)
        }
        (a, b) => a == b,
    }
}

/// Parses a number of decimal places.
pub(super) fn parse_places(value: &Value) -> Result<u32, Problem> {
    let places = parse_whole(value).and_then(|places| u32::try_from(places).ok());
    places.filter(|&places| places <= MAX_DECIMAL_PLACES).ok_or_else(|| {
        let limit = MAX_DECIMAL_PLACES as usize;
        Problem::error("helper-arguments", msg!("template.places", limit = limit))
    })
}

/// Parses a whole number that is not negative.
pub(super) fn parse_whole(value: &Value) -> Option<usize> {
    parse_decimal(value)?.to_integer().and_then(|whole| usize::try_from(whole).ok())
}

/// Returns the beginning of a value, for messages.
pub(super) fn shown_value(value: &Value) -> String {
    match value {
        Value::Array(items) if items.len() > 4 => "[…]".to_owned(),
        Value::Object(map) if map.len() > 4 => "{…}".to_owned(),
        Value::String(text) if text.len() > 400 => {
            Value::from(text.floor_prefix(160)).to_string().chars().take(40).collect()
        }
        value => value.to_string().chars().take(40).collect(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "helpers end with it")]
pub(super) fn bool_value<'a>(value: bool) -> Result<TemplateValue<'a>, Problem> {
    Ok(TemplateValue::Owned(Value::Bool(value)))
}

pub(super) fn text_value<'a>(text: String) -> TemplateValue<'a> {
    TemplateValue::Owned(Value::String(text))
}
