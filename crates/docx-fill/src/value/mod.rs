//! Owns values as templates see them: borrowed from the data or created by a helper, and printed as text.
//! Must not know where a value is written.

pub(crate) mod number;
pub mod numerals;

use crate::diag::Problem;
use crate::diag::msg;
use crate::value::number::Decimal;
use serde_json::{Number, Value};
use std::borrow::Cow;

/// A value, or the absence of one.
#[derive(Debug, Clone)]
pub(crate) enum TemplateValue<'a> {
    Missing,
    Borrowed(&'a Value),
    Owned(Value),
}

impl TemplateValue<'_> {
    pub(crate) fn get(&self) -> Option<&Value> {
        match self {
            TemplateValue::Missing => None,
            TemplateValue::Borrowed(value) => Some(value),
            TemplateValue::Owned(value) => Some(value),
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.get().is_none_or(Value::is_null)
    }

    /// Checks for truth as in Handlebars: false, null, 0, "" and [] are false; an empty object is true.
    pub(crate) fn is_true(&self, zero_is_true: bool) -> bool {
        match self.get() {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => *value,
            Some(Value::Number(number)) => zero_is_true || number.as_f64() != Some(0.0),
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(_)) => true,
        }
    }

    /// Returns a member by its key or index.
    pub(crate) fn get_child(&self, key: &str) -> Self {
        match self {
            TemplateValue::Missing => TemplateValue::Missing,
            TemplateValue::Borrowed(value) => match child_value(value, key) {
                Some(child) => TemplateValue::Borrowed(child),
                None => length_property(value, key),
            },
            TemplateValue::Owned(value) => match child_value(value, key) {
                Some(child) => TemplateValue::Owned(child.clone()),
                None => length_property(value, key),
            },
        }
    }
}

fn child_value<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Returns `list.length` or `text.length`, as in Handlebars.
fn length_property<'a>(value: &Value, key: &str) -> TemplateValue<'a> {
    match value {
        Value::Array(items) if key == "length" => TemplateValue::Owned(Value::from(items.len())),
        Value::String(text) if key == "length" => {
            TemplateValue::Owned(Value::from(text.chars().count()))
        }
        _ => TemplateValue::Missing,
    }
}

/// Returns the text of a printable value; lists and objects are errors.
pub(crate) fn printed_text(value: &Value) -> Result<Cow<'_, str>, Problem> {
    match value {
        Value::String(text) => Ok(Cow::Borrowed(text)),
        Value::Number(number) => Ok(Cow::Owned(number_text(number))),
        Value::Bool(value) => Ok(Cow::Borrowed(if *value { "true" } else { "false" })),
        Value::Null => Ok(Cow::Borrowed("")),
        Value::Array(_) => Err(Problem::error("value-not-text", msg!("template.list-as-text"))
            .with_hint(msg!("template.hint-list"))),
        Value::Object(map) => {
            let keys: Vec<&str> = map.keys().take(6).map(String::as_str).collect();
            Err(Problem::error("value-not-text", msg!("template.group-as-text"))
                .with_hint(msg!("template.hint-group", keys = keys)))
        }
    }
}

/// Formats a number: integers unchanged, 5.0 as 5, and without an exponent if the digits fit.
fn number_text(number: &Number) -> String {
    let text = number.to_string();
    if number.is_f64() {
        match Decimal::parse(&text) {
            Some(decimal) => decimal.trim_zeros().format_digits(false),
            None => text,
        }
    } else {
        text
    }
}

/// Parses a number, or a string that contains one.
pub(crate) fn parse_decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Decimal::parse(&number.to_string()),
        Value::String(text) => Decimal::parse(text.trim()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_print_without_artefacts() {
        let print = |value: Value| printed_text(&value).unwrap().into_owned();
        assert_eq!(print(json!(3.0)), "3");
        assert_eq!(print(json!(9.26)), "9.26");
        assert_eq!(print(json!(-0.5)), "-0.5");
        assert_eq!(print(json!(18_446_744_073_709_551_615_u64)), "18446744073709551615");
        assert_eq!(print(json!(1e20)), "100000000000000000000");
        assert_eq!(print(json!("12.50")), "12.50");
        assert_eq!(print(json!(true)), "true");
        assert!(printed_text(&json!([1])).is_err() && printed_text(&json!({"a": 1})).is_err());
    }
}
