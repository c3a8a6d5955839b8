//! Owns the table of built-in helpers: for each its name, arguments, options, usage, required data, permitted
//! places and function.
//! Must not know Word; a helper computes a value from values.

use super::arguments::{HelperArgs, bool_value, text_value};
#[cfg(feature = "chinese")]
use super::chinese;
use super::{Helper, HelperEval, HelperRole, MAX_ARGS, ValueKind};
use crate::diag::{Problem, msg};
use crate::value::number::Decimal;
#[cfg(feature = "chinese")]
use crate::value::numerals::NumeralStyle;
use crate::value::{TemplateValue, parse_decimal, printed_text};
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Kinds of arguments by position, and whether they may be absent; the last entry applies to all further
/// arguments.
type ArgKinds = &'static [(ValueKind, bool)];

const SCALAR: ArgKinds = &[(ValueKind::Scalar, false)];
const ANY: ArgKinds = &[(ValueKind::Any, true)];
const DEFAULT: ArgKinds = &[(ValueKind::Scalar, true), (ValueKind::Scalar, false)];
const LIST: ArgKinds = &[(ValueKind::List, false), (ValueKind::Scalar, false)];
const GROUP: ArgKinds = &[(ValueKind::Group, false), (ValueKind::Scalar, false)];
const NUMBERS: ArgKinds = &[(ValueKind::Number, false)];
const PERCENT: ArgKinds =
    &[(ValueKind::Number, false), (ValueKind::Number, false), (ValueKind::Scalar, false)];
const FIT: ArgKinds = &[(ValueKind::Scalar, false), (ValueKind::Number, false)];
const TEXT: ArgKinds = &[(ValueKind::Text, false), (ValueKind::Scalar, false)];

macro_rules! helpers {
    ($($name:literal $min:tt..$max:tt [$($option:literal),*] $usage:literal $args:ident $role:ident $eval:expr;)*) => {
        &[$(Helper {
            name: Cow::Borrowed($name),
            min_args: $min,
            max_args: $max,
            options: Cow::Borrowed(&[$(Cow::Borrowed($option)),*]),
            usage: Cow::Borrowed($usage),
            args: $args,
            role: HelperRole::$role,
            eval: HelperEval::BuiltIn($eval),
        }),*]
    };
}

/// Helpers for all templates.
pub(crate) static BASIC: &[Helper] = helpers! {
    "eq" 2..2 [] "(eq a b)" ANY Value |args| bool_value(args.are_equal()?);
    "ne" 2..2 [] "(ne a b)" ANY Value |args| bool_value(!args.are_equal()?);
    "lt" 2..2 [] "(lt a b)" SCALAR Value |args| bool_value(args.compare_args()? == Ordering::Less);
    "gt" 2..2 [] "(gt a b)" SCALAR Value |args| bool_value(args.compare_args()? == Ordering::Greater);
    "lte" 2..2 [] "(lte a b)" SCALAR Value |args| bool_value(args.compare_args()? != Ordering::Greater);
    "gte" 2..2 [] "(gte a b)" SCALAR Value |args| bool_value(args.compare_args()? != Ordering::Less);
    "and" 1..MAX_ARGS [] "(and a b …)" ANY Value |args| {
        bool_value((0..args.count()).try_fold(true, |all, at| Ok(all && args.is_truthy(at)?))?)
    };
    "or" 1..MAX_ARGS [] "(or a b …)" ANY Value |args| {
        bool_value((0..args.count()).try_fold(false, |any, at| Ok(any || args.is_truthy(at)?))?)
    };
    "not" 1..1 [] "(not a)" ANY Value |args| bool_value(!args.is_truthy(0)?);
    "len" 1..1 [] "{{len list}}" LIST Value eval_len;
    "default" 2..2 [] "{{default path \"—\"}}" DEFAULT Value eval_default;
    "join" 1..2 ["last"] "{{join list \"、\"}}" LIST Value eval_join;
    "sum" 1..2 [] "{{sum list \"field\"}}" LIST Sum eval_sum;
    "lookup" 2..2 [] "{{lookup object key}}" GROUP Value eval_lookup;
    "thousands" 1..2 [] "{{thousands number}}" NUMBERS Value eval_thousands;
    "fixed" 2..2 [] "{{fixed number 2}}" NUMBERS Value |args| {
        args.format_number(args.number_arg(0)?.round_to(args.decimal_places(1)?), false)
    };
    "percent" 2..3 ["zero"] "{{percent part whole 2}}" PERCENT Value eval_percent;
    "fit" 2..2 [] "{{fit path 7}}" FIT Fit |args| args.require(0);
    "image" 1..1 ["alt", "height", "stretch", "width"] "{{image path width=\"80mm\"}}" TEXT Image |args| args.require(0);
    "merge" 1..MAX_ARGS [] "{{merge path}}" SCALAR MergeCells |args| args.require(0);
    "span" 1..1 [] "{{span 2}}" SCALAR SpanColumns |_| Ok(text_value(String::new()));
    "shade" 1..1 [] "{{shade \"D9D9D9\"}}" SCALAR ShadeCell |_| Ok(text_value(String::new()));
    "markdown" 1..1 [] "{{markdown path}}" TEXT Markdown |args| args.require(0);
    "document" 1..1 ["styles"] "{{document path styles=\"own\"}}" SCALAR Document eval_document;
};

/// Helpers for Chinese documents.
#[cfg(feature = "chinese")]
pub(crate) static CHINESE: &[Helper] = helpers! {
    "wan" 1..2 [] "{{wan yuan 2}}" NUMBERS Value chinese::eval_wan;
    "chinese" 1..1 ["digits"] "{{chinese number}}" NUMBERS Value chinese::eval_chinese;
    "capital" 1..1 [] "{{capital number}}" NUMBERS Value |args| chinese::spell_arg(args, NumeralStyle::Capital);
    "date" 1..1 ["chinese"] "{{date \"2026-01-20\"}}" TEXT Value chinese::eval_date;
};
#[cfg(not(feature = "chinese"))]
pub(crate) static CHINESE: &[Helper] = &[];

fn eval_len<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.require(0)?;
    let count = match value.get() {
        Some(Value::String(text)) => text.chars().count(),
        Some(Value::Object(map)) => map.len(),
        _ => args.list_arg(0)?.len(),
    };
    Ok(TemplateValue::Owned(Value::from(count)))
}

/// Returns the second argument if the first is missing, null or an empty text.
fn eval_default<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.get(0)?;
    let empty = matches!(value.get(), Some(Value::String(text)) if text.is_empty());
    if value.is_missing() || empty { args.require(1) } else { Ok(value) }
}

/// Returns an object that represents a document by its path, as the data may also contain it.
fn eval_document<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.require(0)?;
    let styles = args.hash_value("styles")?;
    let styles = styles.as_ref().and_then(TemplateValue::get).map(printed_text).transpose()?;
    if let Some(styles) = styles.as_deref().filter(|styles| !matches!(*styles, "own" | "host")) {
        let message = msg!("template.document-styles", value = styles);
        return Err(Problem::error("helper-arguments", message));
    }
    let path = match value.get() {
        None => return Ok(value),
        Some(Value::Object(map)) if styles.is_none() && map.contains_key("document") => {
            return Ok(value);
        }
        Some(Value::Object(map)) => map.get("document").and_then(Value::as_str),
        Some(other) => other.as_str(),
    };
    let Some(path) = path else {
        let message = msg!("template.not-text", name = "document");
        return Err(Problem::error("value-not-text", message));
    };
    let styles = styles.as_deref().unwrap_or("host");
    Ok(TemplateValue::Owned(serde_json::json!({ "document": path, "styles": styles })))
}

/// Maximum length of a joined list, in bytes; separators may be long and items many.
const MAX_LIST_BYTES: usize = 64 << 20;

fn eval_join<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let comma = match args.count() {
        2 => args.require(1)?,
        _ => text_value("、".to_owned()),
    };
    let comma = comma.get().map(printed_text).transpose()?.unwrap_or_default().into_owned();
    let last = args.hash_value("last")?;
    let last = last.as_ref().and_then(TemplateValue::get).map(printed_text).transpose()?;
    let items = args.list_arg(0)?;
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            let before_last = at + 1 == items.len();
            out.push_str(last.as_deref().filter(|_| before_last).unwrap_or(&comma));
        }
        out.push_str(&item.get().map(printed_text).transpose()?.unwrap_or_default());
        if out.len() > MAX_LIST_BYTES {
            let message = msg!("template.too-large", limit = MAX_LIST_BYTES >> 20);
            return Err(Problem::error("output-too-large", message));
        }
    }
    Ok(text_value(out))
}

/// Returns the sum of a list of numbers, or of one field of a list of objects.
fn eval_sum<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let field = match args.count() {
        2 => Some(args.require(1)?),
        _ => None,
    };
    let field = field.as_ref().and_then(TemplateValue::get).map(printed_text).transpose()?;
    let mut total = Decimal::from_count(0);
    for (at, item) in args.list_arg(0)?.iter().enumerate() {
        let value = match &field {
            Some(field) => field.split('.').fold(item.clone(), |value, key| value.get_child(key)),
            None => item.clone(),
        };
        if value.is_missing() {
            let field = field.as_deref().unwrap_or("");
            let message = msg!("template.sum-missing", number = at + 1, field = field);
            return Err(Problem::missing_value(message));
        }
        let number =
            value.get().and_then(parse_decimal).ok_or_else(|| args.not_a_number(&value))?;
        total = total.checked_add(number).ok_or_else(|| args.number_overflow())?;
    }
    args.format_number(Some(total), false)
}

fn eval_lookup<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let key = args.require(1)?;
    let key = key.get().map(printed_text).transpose()?.unwrap_or_default();
    Ok(args.require(0)?.get_child(&key))
}

fn eval_thousands<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let number = args.number_arg(0)?;
    match args.count() {
        2 => args.format_number(number.round_to(args.decimal_places(1)?), true),
        _ => args.format_number(Some(number), true),
    }
}

/// Returns a part of a whole in percent, rounded half away from zero; if the whole is zero, the `zero` option.
fn eval_percent<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let (part, whole) = (args.number_arg(0)?, args.number_arg(1)?);
    let places = if args.count() == 3 { args.decimal_places(2)? } else { 2 };
    if whole.is_zero() {
        return match args.hash_value("zero")? {
            Some(value) => Ok(value),
            None => Err(Problem::error("division-by-zero", msg!("template.percent-of-zero"))
                .with_hint(msg!("template.hint-zero"))),
        };
    }
    let number = part.percent_of(whole, places).ok_or_else(|| args.number_overflow())?;
    Ok(text_value(format!("{}%", number.format_digits(false))))
}
