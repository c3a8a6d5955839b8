//! Owns the built-in helpers for Chinese documents: numerals, amounts in ten thousands, capital amounts, dates.
//! Must not know Word.

use super::arguments::{HelperArgs, text_value};
use super::texts;
use crate::diag::{Problem, msg};
use crate::value::TemplateValue;
use crate::value::dates::DateTime;
use crate::value::numerals::{self, NumeralStyle};

/// Converts yuan to ten thousands of yuan (万元), with two decimal places by default.
pub(super) fn eval_wan<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let places = if args.count() == 2 { args.decimal_places(1)? } else { 2 };
    args.format_number(args.number_arg(0)?.scaled_down(4).round_to(places), false)
}

pub(super) fn eval_chinese<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
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

/// Writes a number, or an amount of money, in capital numerals.
pub(super) fn eval_capital<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    if !args.hash_flag("money")? {
        return spell_arg(args, NumeralStyle::Capital);
    }
    let number = args.number_arg(0)?.trim_zeros();
    let digits = number.format_digits(false);
    if number.round_to(2) != Some(number) {
        let message = msg!("template.money-cents", value = digits);
        let problem = Problem::error("value-not-number", message);
        return Err(problem.with_hint(msg!("template.hint-money-cents")));
    }
    numerals::spell_money(&digits).map(text_value).ok_or_else(|| args.number_overflow())
}

fn spell_arg<'a>(
    args: &HelperArgs<'_, 'a>,
    style: NumeralStyle,
) -> Result<TemplateValue<'a>, Problem> {
    let number = args.number_arg(0)?.trim_zeros().format_digits(false);
    numerals::spell_number(&number, style).map(text_value).ok_or_else(|| args.number_overflow())
}

/// Returns the pattern for what a date has, as documents write it.
fn plain_pattern(date: &DateTime) -> &'static str {
    match (date.year, date.month, date.day) {
        (_, _, Some(_)) => "y年M月d日",
        (_, Some(_), _) => "y年M月",
        (Some(_), ..) => "y年",
        _ => "HH:mm",
    }
}

pub(super) fn eval_date<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    if !args.hash_flag("chinese")? {
        return texts::eval_date(args, plain_pattern);
    }
    if args.count() == 2 {
        return Err(Problem::error("helper-arguments", msg!("template.date-chinese")));
    }
    let date = texts::date_arg(args)?;
    let spell = |number: u32| {
        numerals::spell_number(&number.to_string(), NumeralStyle::Plain).unwrap_or_default()
    };
    let mut out = String::new();
    if let Some(year) = date.year {
        out.push_str(&numerals::spell_year(&year.to_string()));
        out.push('年');
    }
    for (part, name) in [(date.month, '月'), (date.day, '日')] {
        if let Some(part) = part {
            out.push_str(&spell(part));
            out.push(name);
        }
    }
    if let (None, Some(time)) = (date.year, date.time) {
        for (part, name) in [(time.hour, '时'), (time.minute, '分')] {
            out.push_str(&spell(part));
            out.push(name);
        }
    }
    Ok(text_value(out))
}
