//! Owns the built-in helpers that change texts, and those that write dates.
//! Must not know Word.

use super::arguments::{HelperArgs, Literals};
use crate::diag::{Message, Problem, msg};
use crate::slice::TextSlice as _;
use crate::value::dates::{DatePart, DateTime, NameLanguage, PatternFault};
use crate::value::{TemplateValue, printed_text};
use serde_json::Value;

/// Greatest width to which a text is filled up.
const MAX_WIDTH: usize = 1000;

pub(super) fn map_text<'a>(
    args: &HelperArgs<'_, 'a>,
    change: fn(&str) -> String,
) -> Result<TemplateValue<'a>, Problem> {
    args.made_text(change(&args.text_arg(0)?))
}

/// Writes the first letter in capitals.
pub(super) fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// Replaces every occurrence of a text.
pub(super) fn eval_replace<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let (text, from, to) = (args.text_arg(0)?, args.text_arg(1)?, args.text_arg(2)?);
    if from.is_empty() {
        let message = msg!("template.replace-empty", name = args.helper.name.as_ref());
        return Err(Problem::error("helper-arguments", message));
    }
    let places = text.matches(from.as_str()).count();
    args.charge(text.len() >> 6)?;
    // Counted before it is made: texts may be long and places many.
    args.check_text_size(text.len().saturating_add(places.saturating_mul(to.len())))?;
    args.made_text(text.replace(from.as_str(), &to))
}

/// Checks a text to replace that the template itself states.
pub(super) fn check_replace(literals: &Literals<'_>) -> Result<(), Problem> {
    match literals.get(1).copied().flatten() {
        Some(Value::String(from)) if from.is_empty() => {
            let message = msg!("template.replace-empty", name = "replace");
            Err(Problem::error("helper-arguments", message))
        }
        _ => Ok(()),
    }
}

/// Returns a part of a text: from a position, counted in characters from 0, as many as are asked for.
pub(super) fn eval_substring<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let text = args.text_arg(0)?;
    let start = args.whole_arg(1)?;
    let count = if args.count() == 3 { args.whole_arg(2)? } else { usize::MAX };
    args.charge(text.len() >> 6)?;
    args.made_text(text.chars().skip(start).take(count).collect())
}

/// Fills a text up to a width, counted in characters: at its start, or as the option `side` says.
pub(super) fn eval_pad<'a>(args: &HelperArgs<'_, 'a>) -> Result<TemplateValue<'a>, Problem> {
    let (text, width) = (args.text_arg(0)?, args.whole_arg(1)?);
    let fill = if args.count() == 3 { args.text_arg(2)? } else { " ".to_owned() };
    if width > MAX_WIDTH || fill.chars().count() != 1 {
        return Err(wrong_pad());
    }
    let missing = width.saturating_sub(text.chars().count());
    let room = fill.repeat(missing);
    args.made_text(match args.option_choice("side")?.as_deref() {
        Some("end") => text + &room,
        _ => room + &text,
    })
}

fn wrong_pad() -> Problem {
    Problem::error("helper-arguments", msg!("template.pad", limit = MAX_WIDTH))
}

/// Checks a width and a filling that the template itself states.
pub(super) fn check_pad(literals: &Literals<'_>) -> Result<(), Problem> {
    let width = literals.get(1).copied().flatten();
    let fill = literals.get(2).copied().flatten();
    let wide = width
        .is_some_and(|width| super::arguments::parse_whole(width).is_none_or(|w| w > MAX_WIDTH));
    let odd =
        fill.is_some_and(|fill| printed_text(fill).is_ok_and(|fill| fill.chars().count() != 1));
    if wide || odd { Err(wrong_pad()) } else { Ok(()) }
}

/// Parses the date in the first argument.
pub(super) fn date_arg(args: &HelperArgs<'_, '_>) -> Result<DateTime, Problem> {
    let written = args.text_arg(0)?;
    DateTime::parse(&written).ok_or_else(|| {
        let message = msg!("template.not-a-date", value = written.floor_prefix(120));
        Problem::error("value-not-date", message).with_hint(msg!("template.hint-date"))
    })
}

/// Writes a date by a pattern, which is the second argument; without one as `plain` says.
pub(super) fn eval_date<'a>(
    args: &HelperArgs<'_, 'a>,
    plain: fn(&DateTime) -> &'static str,
) -> Result<TemplateValue<'a>, Problem> {
    let date = date_arg(args)?;
    let names = match args.option_choice("lang")?.as_deref() {
        Some("zh") => NameLanguage::Zh,
        Some("en") => NameLanguage::En,
        _ if cfg!(feature = "chinese") => NameLanguage::Zh,
        _ => NameLanguage::En,
    };
    let pattern = if args.count() == 2 { args.text_arg(1)? } else { plain(&date).to_owned() };
    let written = date.format(&pattern, names);
    args.made_text(written.map_err(|fault| pattern_problem(&pattern, &fault))?)
}

/// Returns the pattern for what a date has, as ISO 8601 writes it.
#[cfg(not(feature = "chinese"))]
pub(super) fn plain_pattern(date: &DateTime) -> &'static str {
    match (date.year, date.month, date.day) {
        (_, _, Some(_)) => "yyyy-MM-dd",
        (_, Some(_), _) => "yyyy-MM",
        (Some(_), ..) => "yyyy",
        _ => "HH:mm",
    }
}

/// The letters of patterns, for messages.
const LETTERS: &str = "yyyy yy M MM MMM MMMM d dd E EEEE H HH h hh m mm s ss SSS a Q XXX";

fn pattern_problem(pattern: &str, fault: &PatternFault) -> Problem {
    let shown = pattern.floor_prefix(120);
    let wrong = |message: Message| Problem::error("helper-arguments", message);
    match fault {
        PatternFault::Unknown(field) => {
            let message =
                msg!("template.date-pattern", pattern = shown, field = field.floor_prefix(40));
            let meant = match field.as_str() {
                "YYYY" => Some("yyyy"),
                "YY" => Some("yy"),
                "DD" => Some("dd"),
                "D" => Some("d"),
                "A" | "aa" => Some("a"),
                _ => None,
            };
            let problem = wrong(message);
            match meant {
                Some(meant) => problem.with_hint(msg!("template.nearest", name = meant)),
                None => problem.with_hint(msg!("template.hint-date-pattern", letters = LETTERS)),
            }
        }
        PatternFault::OpenQuote => {
            let message = msg!("template.date-pattern-quote", pattern = shown);
            wrong(message).with_hint(msg!("template.hint-date-pattern", letters = LETTERS))
        }
        PatternFault::Absent(part) => {
            let part = match part {
                DatePart::Year => msg!("template.date-year"),
                DatePart::Month => msg!("template.date-month"),
                DatePart::Day => msg!("template.date-day"),
                DatePart::Time => msg!("template.date-time"),
                DatePart::Zone => msg!("template.date-zone"),
            };
            let message = msg!("template.date-lacks", pattern = shown, part = part);
            Problem::error("value-not-date", message)
        }
    }
}

/// Checks a pattern that the template itself states.
pub(super) fn check_date(literals: &Literals<'_>) -> Result<(), Problem> {
    let Some(pattern) = literals.get(1).copied().flatten() else { return Ok(()) };
    let pattern = printed_text(pattern)?;
    let every = DateTime::complete();
    every
        .format(&pattern, NameLanguage::En)
        .map_err(|fault| pattern_problem(&pattern, &fault))
        .map(|_| ())
}
