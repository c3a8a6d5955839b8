//! Owns values as templates see them: borrowed from the data or created by a helper, and printed as text.
//! Must not know where a value is written.

pub(crate) mod arithmetic;
pub(crate) mod dates;
pub(crate) mod number;
pub mod numerals;

use crate::diag::Problem;
use crate::diag::msg;
use crate::value::number::Decimal;
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::rc::Rc;

/// A value, or the absence of one.
#[derive(Debug, Clone)]
pub(crate) enum TemplateValue<'a> {
    Missing,
    Borrowed(&'a Value),
    Owned(Value),
    /// A list or group that a helper made; copies share it.
    Shared(Rc<Value>),
}

impl TemplateValue<'_> {
    pub(crate) fn get(&self) -> Option<&Value> {
        match self {
            TemplateValue::Missing => None,
            TemplateValue::Borrowed(value) => Some(value),
            TemplateValue::Owned(value) => Some(value),
            TemplateValue::Shared(value) => Some(value),
        }
    }

    /// Wraps a value that a helper made.
    pub(crate) fn from_made(value: Value) -> Self {
        match value {
            Value::Array(_) | Value::Object(_) => TemplateValue::Shared(Rc::new(value)),
            plain => TemplateValue::Owned(plain),
        }
    }

    /// Returns the member to which a path leads; only that is copied.
    pub(crate) fn follow(&self, path: &[String]) -> Self {
        let Some((last, steps)) = path.split_last() else { return self.clone() };
        match self {
            TemplateValue::Missing => TemplateValue::Missing,
            TemplateValue::Borrowed(value) => match child_at(value, steps) {
                Some(value) => TemplateValue::Borrowed(value).get_child(last),
                None => TemplateValue::Missing,
            },
            TemplateValue::Owned(_) | TemplateValue::Shared(_) => {
                let value = self.get().and_then(|value| child_at(value, steps));
                value.map_or(TemplateValue::Missing, |value| made_child(value, last))
            }
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.get().is_none_or(Value::is_null)
    }

    /// Checks for truth as in Handlebars: false, null, 0, "" and [] are false; an empty object is true. A text such as
    /// 0.00 is a number that kept its decimals, and therefore false.
    pub(crate) fn is_true(&self, zero_is_true: bool) -> bool {
        match self.get() {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => *value,
            Some(Value::Number(number)) => zero_is_true || number.as_f64() != Some(0.0),
            Some(Value::String(text)) => {
                !text.is_empty() && (zero_is_true || !is_decimal_zero(text))
            }
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
            TemplateValue::Owned(value) => made_child(value, key),
            TemplateValue::Shared(value) => made_child(value, key),
        }
    }
}

/// Returns a copy of a member of a value that a helper made.
fn made_child<'a>(value: &Value, key: &str) -> TemplateValue<'a> {
    match child_value(value, key) {
        Some(child) => TemplateValue::from_made(child.clone()),
        None => length_property(value, key),
    }
}

fn child_at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| child_value(value, key))
}

/// Checks whether a text is zero written with decimals or an exponent: `0.00`, `-0.0`, `0e5`. The plain text `0` is
/// a text as in Handlebars.
fn is_decimal_zero(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with('0')
        && digits.len() > 1
        && digits.contains(['.', 'e', 'E'])
        && Decimal::parse(text).is_some_and(Decimal::is_zero)
}

pub(crate) fn child_value<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
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
    if !number.is_f64() {
        return text;
    }
    // Zeros that a number was written with are kept; only serde_json's `arbitrary_precision` has them.
    let whole = text.strip_suffix(".0").map(str::to_owned);
    whole
        .or_else(|| Decimal::parse(&text).map(|number| number.format_digits(false)))
        .unwrap_or(text)
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
    fn zeros_with_decimals_are_no() {
        let holds = |text: &str| TemplateValue::Owned(json!(text)).is_true(false);
        assert!(!holds("0.00") && !holds("-0.0") && !holds("0e5") && !holds(""));
        assert!(holds("0") && holds("0.01") && holds("0.x") && holds("00.png") && holds("1.50"));
        assert!(TemplateValue::Owned(json!("0.00")).is_true(true));
    }

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
