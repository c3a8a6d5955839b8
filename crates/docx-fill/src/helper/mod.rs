//! Owns the helpers: what may stand in a tag before its arguments.
//! Must not know Word; a helper makes a value from values.

use crate::diag::Problem;
use crate::diag::msg;
use crate::value::number::{Decimal, MAX_DECIMAL_PLACES};
use crate::value::numerals::{self, NumeralStyle};
use crate::value::{TemplateValue, parse_decimal, printed_text};
use serde_json::Value;
use std::cmp::Ordering;

type HelperFn = for<'m, 'a> fn(&HelperArgs<'m, 'a>) -> Result<TemplateValue<'a>, Problem>;

/// A helper.
#[derive(Debug)]
pub(crate) struct Helper {
    pub(crate) name: &'static str,
    /// Fewest arguments.
    pub(crate) least: usize,
    /// Most arguments.
    pub(crate) most: usize,
    /// Names of its hash arguments.
    pub(crate) hash: &'static [&'static str],
    /// How it is written.
    pub(crate) usage: &'static str,
    pub(crate) run: HelperFn,
}

const MAX_ARGS: usize = 64;

macro_rules! helpers {
    ($($name:literal $least:tt..$most:tt [$($hash:literal),*] $usage:literal $run:expr;)*) => {
        [$(Helper { name: $name, least: $least, most: $most, hash: &[$($hash),*], usage: $usage, run: $run }),*]
    };
}

static HELPERS: [Helper; 28] = helpers! {
    "eq" 2..2 [] "(eq a b)" |args| bool_value(args.are_equal()?);
    "ne" 2..2 [] "(ne a b)" |args| bool_value(!args.are_equal()?);
    "lt" 2..2 [] "(lt a b)" |args| bool_value(args.compare_args()? == Ordering::Less);
    "gt" 2..2 [] "(gt a b)" |args| bool_value(args.compare_args()? == Ordering::Greater);
    "lte" 2..2 [] "(lte a b)" |args| bool_value(args.compare_args()? != Ordering::Greater);
    "gte" 2..2 [] "(gte a b)" |args| bool_value(args.compare_args()? != Ordering::Less);
    "and" 1..MAX_ARGS [] "(and a b …)" |args| {
        bool_value((0..args.count()).try_fold(true, |all, at| Ok(all && args.is_truthy(at)?))?)
    };
    "or" 1..MAX_ARGS [] "(or a b …)" |args| {
        bool_value((0..args.count()).try_fold(false, |any, at| Ok(any || args.is_truthy(at)?))?)
    };
    "not" 1..1 [] "(not a)" |args| bool_value(!args.is_truthy(0)?);
    "len" 1..1 [] "{{len list}}" eval_len;
    "default" 2..2 [] "{{default path \"—\"}}" eval_default;
    "join" 1..2 ["last"] "{{join list \"、\"}}" eval_join;
    "sum" 1..2 [] "{{sum list \"field\"}}" eval_sum;
    "lookup" 2..2 [] "{{lookup object key}}" eval_lookup;
    "thousands" 1..2 [] "{{thousands number}}" eval_thousands;
    "fixed" 2..2 [] "{{fixed number 2}}" |args| {
        args.format_number(args.number_arg(0)?.round_to(args.decimal_places(1)?), false)
    };
    "percent" 2..3 ["zero"] "{{percent part whole 2}}" eval_percent;
    "wan" 1..2 [] "{{wan yuan 2}}" eval_wan;
    "chinese" 1..1 ["digits"] "{{chinese number}}" eval_chinese;
    "capital" 1..1 [] "{{capital number}}" |args| spell_arg(args, NumeralStyle::Capital);
    "date" 1..1 ["chinese"] "{{date \"2026-01-20\"}}" eval_date;
    "fit" 2..2 [] "{{fit path 7}}" |args| args.require(0);
    "image" 1..1 ["alt", "height", "stretch", "width"] "{{image path width=\"80mm\"}}" |args| args.require(0);
    "merge" 1..MAX_ARGS [] "{{merge path}}" |args| args.require(0);
    "span" 1..1 [] "{{span 2}}" |_| Ok(text_value(String::new()));
    "shade" 1..1 [] "{{shade \"D9D9D9\"}}" |_| Ok(text_value(String::new()));
    "markdown" 1..1 [] "{{markdown path}}" |args| args.require(0);
    "document" 1..1 ["styles"] "{{document path styles=\"own\"}}" eval_document;
};

/// The helper of a name.
pub(crate) fn find_helper(name: &str) -> Option<&'static Helper> {
    HELPERS.iter().find(|helper| helper.name == name)
}

/// All names.
pub(crate) fn helper_names() -> impl Iterator<Item = &'static str> {
    HELPERS.iter().map(|helper| helper.name)
}

/// Values of the arguments of one call, evaluated when they are asked for.
pub(crate) trait ArgumentValues<'a> {
    /// How many there are, without options.
    fn count(&self) -> usize;
    /// The value of an argument; it may be missing.
    fn get(&self, at: usize) -> Result<TemplateValue<'a>, Problem>;
    /// The value of an argument; that it is missing is an error.
    fn require(&self, at: usize) -> Result<TemplateValue<'a>, Problem>;
    /// The value of an option; `None` if it is not written.
    fn hash_arg(&self, name: &str) -> Result<Option<TemplateValue<'a>>, Problem>;
}

/// One call of a helper.
pub(crate) struct HelperArgs<'m, 'a> {
    pub(crate) helper: &'m Helper,
    pub(crate) values: &'m dyn ArgumentValues<'a>,
}

impl<'a> HelperArgs<'_, 'a> {
    fn count(&self) -> usize {
        self.values.count()
    }

    fn get(&self, at: usize) -> Result<TemplateValue<'a>, Problem> {
        self.values.get(at)
    }

    fn require(&self, at: usize) -> Result<TemplateValue<'a>, Problem> {
        self.values.require(at)
    }

    fn hash_value(&self, name: &str) -> Result<Option<TemplateValue<'a>>, Problem> {
        self.values.hash_arg(name)
    }

    fn hash_flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.hash_value(name)?.is_some_and(|value| value.is_true(false)))
    }

    fn is_truthy(&self, at: usize) -> Result<bool, Problem> {
        Ok(self.get(at)?.is_true(false))
    }

    fn number_arg(&self, at: usize) -> Result<Decimal, Problem> {
        let value = self.require(at)?;
        value.get().and_then(parse_decimal).ok_or_else(|| self.not_a_number(&value))
    }

    fn not_a_number(&self, value: &TemplateValue<'a>) -> Problem {
        let shown = value.get().map(ToString::to_string).unwrap_or_default();
        let shown: String = shown.chars().take(40).collect();
        let message = msg!("template.not-a-number", name = self.helper.name, value = shown);
        Problem::error("value-not-number", message)
    }

    fn number_overflow(&self) -> Problem {
        let message = msg!("template.overflow", name = self.helper.name);
        Problem::error("value-not-number", message)
    }

    /// How many digits after the point.
    fn decimal_places(&self, at: usize) -> Result<u32, Problem> {
        let places =
            self.number_arg(at)?.to_integer().and_then(|places| u32::try_from(places).ok());
        places.filter(|&places| places <= MAX_DECIMAL_PLACES).ok_or_else(|| {
            let limit = MAX_DECIMAL_PLACES as usize;
            Problem::error("helper-arguments", msg!("template.places", limit = limit))
        })
    }

    fn format_number(
        &self,
        number: Option<Decimal>,
        grouped: bool,
    ) -> Result<TemplateValue<'a>, Problem> {
        let number = number.ok_or_else(|| self.number_overflow())?;
        Ok(TemplateValue::Owned(Value::String(number.format_digits(grouped))))
    }

    fn are_equal(&self) -> Result<bool, Problem> {
        let (a, b) = (self.get(0)?, self.get(1)?);
        Ok(match (a.get(), b.get()) {
            (Some(a @ Value::Number(_)), Some(b @ Value::Number(_))) => {
                let both = parse_decimal(a).zip(parse_decimal(b));
                both.map_or(a == b, |(a, b)| a.checked_cmp(b) == Some(Ordering::Equal))
            }
            (None | Some(Value::Null), None | Some(Value::Null)) => true,
            (a, b) => a == b,
        })
    }

    fn compare_args(&self) -> Result<Ordering, Problem> {
        let (a, b) = (self.require(0)?, self.require(1)?);
        let numbers = a.get().and_then(parse_decimal).zip(b.get().and_then(parse_decimal));
        if let Some((a, b)) = numbers {
            return a.checked_cmp(b).ok_or_else(|| self.number_overflow());
        }
        match (a.get(), b.get()) {
            (Some(Value::String(a)), Some(Value::String(b))) => Ok(a.cmp(b)),
            (Some(Value::String(_)), _) => Err(self.not_a_number(&a)),
            _ => Err(self.not_a_number(&b)),
        }
    }

    fn list_arg(&self, at: usize) -> Result<Vec<TemplateValue<'a>>, Problem> {
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
                let message = msg!("template.not-a-list", name = self.helper.name);
                Err(Problem::error("value-not-list", message))
            }
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "helpers end with it")]
fn bool_value<'a>(value: bool) -> Result<TemplateValue<'a>, Problem> {
    Ok(TemplateValue::Owned(Value::Bool(value)))
}

fn text_value<'a>(text: String) -> TemplateValue<'a> {
    TemplateValue::Owned(Value::String(text))
}

fn eval_len<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.require(0)?;
    let count = match value.get() {
        Some(Value::String(text)) => text.chars().count(),
        Some(Value::Object(map)) => map.len(),
        _ => args.list_arg(0)?.len(),
    };
    Ok(TemplateValue::Owned(Value::from(count)))
}

/// The second argument where the first is missing, null or an empty text.
fn eval_default<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.get(0)?;
    let empty = matches!(value.get(), Some(Value::String(text)) if text.is_empty());
    if value.is_missing() || empty { args.require(1) } else { Ok(value) }
}

/// A group that means the document of a path, as the data may hold one itself.
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

/// Longest text of a list in bytes: what stands between its items may be long and the items many.
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

/// The sum of a list of numbers, or of one field of a list of groups.
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

/// Part of the whole in percent, a half rounded away from zero; `zero="—"` is printed for 0 of 0.
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

/// Yuan as ten thousands of yuan, two places unless said otherwise.
fn eval_wan<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let places = if args.count() == 2 { args.decimal_places(1)? } else { 2 };
    args.format_number(args.number_arg(0)?.scaled_down(4).round_to(places), false)
}

fn eval_chinese<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    if !args.hash_flag("digits")? {
        return spell_arg(args, NumeralStyle::Plain);
    }
    let number = args.number_arg(0)?;
    match number.to_integer() {
        Some(whole) if !number.is_negative() => {
            Ok(text_value(numerals::spell_year(&whole.to_string())))
        }
        _ => Err(args.number_overflow()),
    }
}

fn spell_arg<'a>(
    args: &HelperArgs<'_, 'a>,
    style: NumeralStyle,
) -> Result<TemplateValue<'a>, Problem> {
    let number = args.number_arg(0)?.trim_zeros().format_digits(false);
    numerals::spell_number(&number, style).map(text_value).ok_or_else(|| args.number_overflow())
}

fn eval_date<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.require(0)?;
    let written = value.get().map(printed_text).transpose()?.unwrap_or_default();
    let Some((year, month, day)) = numerals::parse_date(&written) else {
        let message = msg!("template.not-a-date", value = written.as_ref());
        return Err(Problem::error("value-not-date", message));
    };
    if !args.hash_flag("chinese")? {
        return Ok(text_value(format!("{year}年{month}月{day}日")));
    }
    let spell = |number: u32| numerals::spell_number(&number.to_string(), NumeralStyle::Plain);
    let (month, day) = (spell(month).unwrap_or_default(), spell(day).unwrap_or_default());
    Ok(text_value(format!("{}年{month}月{day}日", numerals::spell_year(&year.to_string()))))
}
