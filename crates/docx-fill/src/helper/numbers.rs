//! Owns the built-in helpers that compute and print numbers: arithmetic with exact decimals, sums of lists, forms of
//! numbers in other countries.
//! Must not know Word.

use super::arguments::{HelperArgs, Literals, list_items, text_value};
use crate::diag::{Problem, msg};
use crate::value::arithmetic::WholeDirection;
use crate::value::number::Decimal;
use crate::value::{TemplateValue, parse_decimal};
use serde_json::Value;
use std::cmp::Ordering;

type Operation = fn(Decimal, Decimal) -> Option<Decimal>;

/// Computes with all arguments, from the left.
pub(super) fn fold_args<'a>(
    args: &HelperArgs<'_, 'a>,
    operation: Operation,
) -> Result<TemplateValue<'a>, Problem> {
    let mut total = args.number_arg(0)?;
    for at in 1..args.count() {
        total = operation(total, args.number_arg(at)?).ok_or_else(|| args.number_overflow())?;
    }
    args.format_number(Some(total), false)
}

/// Returns a quotient: with decimal places if they are given, else exact.
pub(super) fn eval_divide<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let (dividend, divisor) = (args.number_arg(0)?, args.number_arg(1)?);
    if divisor.is_zero() {
        return args.division_by_zero();
    }
    if args.count() == 3 {
        return args.format_number(dividend.divided_by(divisor, args.decimal_places(2)?), false);
    }
    match dividend.divided_exactly(divisor) {
        Some(quotient) => args.format_number(Some(quotient), false),
        None => {
            let problem = Problem::error("helper-arguments", msg!("template.inexact"));
            Err(problem.with_hint(msg!("template.hint-inexact")))
        }
    }
}

pub(super) fn eval_mod<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let (dividend, divisor) = (args.number_arg(0)?, args.number_arg(1)?);
    if divisor.is_zero() {
        return args.division_by_zero();
    }
    args.format_number(dividend.modulo(divisor), false)
}

/// Rounds to at most a number of decimal places, half away from zero.
pub(super) fn eval_round<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let places = if args.count() == 2 { args.decimal_places(1)? } else { 0 };
    args.format_number(args.number_arg(0)?.round_to(places).map(Decimal::trim_zeros), false)
}

pub(super) fn eval_whole<'a>(
    args: &HelperArgs<'_, 'a>,
    direction: WholeDirection,
) -> Result<TemplateValue<'a>, Problem> {
    args.format_number(args.number_arg(0)?.to_whole(direction), false)
}

/// Returns the numbers of a list, or of a field of its items, which may lead through lists within them.
fn listed_numbers(
    args: &HelperArgs<'_, '_>,
    list: &TemplateValue<'_>,
) -> Result<Vec<Decimal>, Problem> {
    let field = args.field_path(1)?;
    let values = args.field_values(&list_items(list), &field)?;
    let number = |value: &&Value| parse_decimal(value).ok_or_else(|| args.not_a_number(value));
    values.iter().map(number).collect()
}

fn sum_of(args: &HelperArgs<'_, '_>, numbers: &[Decimal]) -> Result<Decimal, Problem> {
    let sum = numbers.iter().try_fold(Decimal::from_count(0), |sum, n| sum.checked_add(*n));
    sum.ok_or_else(|| args.number_overflow())
}

/// Returns the sum of a list of numbers, or of one field of a list of objects.
pub(super) fn eval_sum<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let numbers = listed_numbers(args, &list)?;
    args.format_number(Some(sum_of(args, &numbers)?), false)
}

/// Returns the mean of a list of numbers, rounded; of an empty list the `zero` option.
pub(super) fn eval_avg<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let list = args.list_value(0)?;
    let numbers = listed_numbers(args, &list)?;
    if numbers.is_empty() {
        return args.division_by_zero();
    }
    let places = if args.count() == 3 { args.decimal_places(2)? } else { 2 };
    let count = Decimal::from_count(numbers.len());
    args.format_number(sum_of(args, &numbers)?.divided_by(count, places), false)
}

/// Returns the smallest or greatest of the arguments, or of the numbers of a list.
pub(super) fn eval_extreme<'a>(
    args: &HelperArgs<'_, 'a>,
    wanted: Ordering,
) -> Result<TemplateValue<'a>, Problem> {
    let first = args.require(0)?;
    let numbers = if matches!(first.get(), Some(Value::Array(_) | Value::Object(_))) {
        listed_numbers(args, &first)?
    } else {
        (0..args.count()).map(|at| args.number_arg(at)).collect::<Result<_, _>>()?
    };
    let mut numbers = numbers.into_iter();
    let Some(mut best) = numbers.next() else {
        let message = msg!("template.list-empty", name = args.helper.name.as_ref());
        return Err(Problem::missing_value(message).with_hint(msg!("template.hint-list-empty")));
    };
    for number in numbers {
        best = if number.cmp(&best) == wanted { number } else { best };
    }
    args.format_number(Some(best), false)
}

pub(super) fn eval_thousands<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let number = args.number_arg(0)?;
    match args.count() {
        2 => args.format_number(number.round_to(args.decimal_places(1)?), true),
        _ => args.format_number(Some(number), true),
    }
}

/// Returns a part of a whole in percent, rounded half away from zero; if the whole is zero, the `zero` option.
pub(super) fn eval_percent<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
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

/// The signs of numbers in a country.
struct NumberSigns {
    group: &'static str,
    decimal: &'static str,
    /// Digits of the groups beyond the first three.
    further: usize,
}

/// Returns the signs of a locale, which the table of helpers names.
fn number_signs(locale: &str) -> NumberSigns {
    let (group, decimal) = match locale {
        "de" | "es" | "it" | "nl" | "pt" | "id" | "tr" => (".", ","),
        "fr" => ("\u{202f}", ","),
        "ru" | "pl" | "cs" | "sv" | "uk" | "fi" => ("\u{a0}", ","),
        "de-CH" => ("’", "."),
        _ => (",", "."),
    };
    NumberSigns { group, decimal, further: if locale == "en-IN" { 2 } else { 3 } }
}

/// Writes a number with the signs of a country.
pub(super) fn eval_number<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let mut number = args.number_arg(0)?;
    if args.count() == 2 {
        let places = args.decimal_places(1)?;
        number = number.round_to(places).ok_or_else(|| args.number_overflow())?;
    }
    let locale = args.option_choice("locale")?.unwrap_or_else(|| "en".to_owned());
    let signs = number_signs(&locale);
    let digits = number.absolute().format_digits(false);
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut out = String::new();
    if number.is_negative() {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        let border = left == 3 || left > 3 && (left - 3).is_multiple_of(signs.further);
        if at > 0 && border {
            out.push_str(signs.group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push_str(signs.decimal);
        out.push_str(fraction);
    }
    Ok(text_value(out))
}

/// Checks decimal places that the template itself states, which are the last argument of `count`.
fn check_places(literals: &Literals<'_>, at: usize) -> Result<(), Problem> {
    let Some(places) = literals.get(at).copied().flatten() else { return Ok(()) };
    super::arguments::parse_places(places).map(|_| ())
}

/// Checks the second argument of a helper.
pub(super) fn check_second_places(literals: &Literals<'_>) -> Result<(), Problem> {
    check_places(literals, 1)
}

/// Checks the third argument of a helper.
pub(super) fn check_third_places(literals: &Literals<'_>) -> Result<(), Problem> {
    check_places(literals, 2)
}
