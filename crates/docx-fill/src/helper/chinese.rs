//! Owns the built-in helpers for Chinese documents: numerals, amounts in ten thousands, capital amounts, dates.
//! Must not know Word.

use super::arguments::{HelperArgs, text_value};
use crate::diag::{Problem, msg};
use crate::value::numerals::{self, NumeralStyle};
use crate::value::{TemplateValue, printed_text};

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

pub(super) fn spell_arg<'a>(
    args: &HelperArgs<'_, 'a>,
    style: NumeralStyle,
) -> Result<TemplateValue<'a>, Problem> {
    let number = args.number_arg(0)?.trim_zeros().format_digits(false);
    numerals::spell_number(&number, style).map(text_value).ok_or_else(|| args.number_overflow())
}

pub(super) fn eval_date<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let value = args.require(0)?;
    let written = value.get().map(printed_text).transpose()?.unwrap_or_default();
    let Some((year, month, day)) = numerals::parse_date(&written) else {
        let message = msg!("template.not-a-date", value = written.as_ref());
        return Err(Problem::error("value-not-date", message));
    };
    if !args.hash_flag("chinese")? {
        return Ok(text_value(format!("{year}年{month}月{day}日")));
    }
    Ok(text_value(numerals::spell_date(year, month, day)))
}
