//! Owns checking the form of a report: its sections, its date, hidden characters in its names, and
//! whether last year's report is one of the year before.
//! Must not analyse the texts beyond their length: `prose` does.

use super::Settings;
use crate::figure::Decimal;
use crate::form::FormSection;
use crate::msg;
use crate::report::{Date, Report};
use crate::syntax::needs_escape;
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, is_hidden, show_hidden};

/// Returns last year's report if it is of the year before; reports it otherwise.
pub(super) fn check_last_year<'a>(
    report: &Report,
    previous: Option<&'a Report>,
    sink: &mut Sink,
) -> Option<&'a Report> {
    let previous = previous.filter(|_| report.has_year)?;
    if previous.form.family.id != report.form.family.id {
        let (own, found) = (&report.form.family.name, &previous.form.family.name);
        let message = msg!("check.previous-family", found = found, own = own);
        let found = Diagnostic::error("previous-year", Location::File(previous.source), message);
        sink.push(found.with_hint(msg!("check.previous-family-hint")));
        return None;
    }
    if previous.year + 1 == report.year {
        return Some(previous);
    }
    let message = msg!(
        "check.previous-year",
        year = u32::from(report.year),
        found = u32::from(previous.year)
    );
    let found = Diagnostic::error("previous-year", Location::File(previous.source), message);
    let before = u32::from(report.year.saturating_sub(1));
    sink.push(found.with_hint(msg!("check.previous-year-hint", year = before)));
    None
}

/// Reports invisible characters in the title and the organ's data.
pub(super) fn check_hidden_chars(report: &Report, sink: &mut Sink) {
    for field in report.header_fields() {
        let (key, words) = (field.key, field.words);
        let mut hidden = words.chars().filter(|c| is_hidden(*c));
        let Some(first) = hidden.next() else { continue };
        let message = msg!(
            "check.hidden",
            field = format!("{}（{key}）", field.label),
            sign = show_hidden(&first.to_string()).into_owned(),
            code = format!("U+{:04X}", u32::from(first)),
            count = hidden.count() + 1
        );
        // Zero-width blanks often come with copied text and do no harm.
        let harmful = words.contains(|c| needs_escape(c) && c != '\t');
        let severity = if harmful { Severity::Error } else { Severity::Warning };
        let place = report.key_location(key);
        let found = Diagnostic::new("hidden-character", severity, place, message);
        sink.push(found.with_hint(msg!("check.hidden-hint")));
    }
}

/// Reports sections that are empty, have hardly any content, or do not mention a figure that they
/// must mention.
pub(super) fn check_sections(report: &Report, sink: &mut Sink) {
    for (at, section) in report.form.sections.iter().enumerate() {
        let Some(heading) = &section.heading else { continue };
        if section.table.is_some() {
            continue;
        }
        let text = report.section_text(at, false);
        let place = match text {
            Some(text) => text.place.in_source(report.source),
            None => Location::File(report.source),
        };
        let words = text.map(|text| text.markdown.trim()).unwrap_or_default();
        if words.is_empty() {
            let message = msg!("check.empty-section", heading = heading, id = &section.id);
            let found = Diagnostic::warning("empty-section", place, message);
            sink.push(found.with_hint(msg!("check.empty-hint")));
        } else if count_significant(words, section.min_length) < section.min_length {
            let message = msg!("check.perfunctory", heading = heading, text = words);
            let found = Diagnostic::warning("perfunctory", place, message);
            sink.push(found.with_hint(msg!("check.perfunctory-hint", least = section.min_length)));
        } else if count_significant(words, MAX_NOTHING_LENGTH + 1) <= MAX_NOTHING_LENGTH {
            check_silent_section(report, section, &place, sink);
        }
    }
}

/// Length in characters up to which a text only means 无 or 没有.
const MAX_NOTHING_LENGTH: usize = 2;

/// Counts the characters other than punctuation and blanks, up to `most`.
fn count_significant(words: &str, most: usize) -> usize {
    words.chars().filter(|c| c.is_alphanumeric()).take(most).count()
}

/// Reports a section that only reads 无 although it must mention a figure.
fn check_silent_section(report: &Report, section: &FormSection, place: &Location, sink: &mut Sink) {
    for reading in &section.must_mention {
        let value = report.evaluate(reading).unwrap_or(Decimal::ZERO);
        if value > Decimal::ZERO {
            let heading = section.heading.as_deref().unwrap_or_default();
            let figure = reading.official_name(&report.form);
            let message = msg!(
                "check.silent-section",
                heading = heading,
                figure = figure,
                value = value.to_string()
            );
            let found = Diagnostic::warning("fee-report", place.clone(), message);
            sink.push(found.with_hint(msg!("check.silent-hint")));
        }
    }
}

/// Returns month and day by which reports must be published (条例 art. 49); `None` for townships,
/// which the article does not name.
fn statutory_deadline(level: &str) -> Option<(u8, u8)> {
    match level {
        "department" => Some((1, 31)),
        "county" | "city" | "province" => Some((3, 31)),
        _ => None,
    }
}

/// Checks the report's date against the end of the year and the local or the statutory deadline. A report without a date is
/// not checked.
pub(super) fn check_deadline(report: &Report, settings: &Settings, sink: &mut Sink) {
    let Some(date) = report.date.filter(|_| report.has_year) else { return };
    if (date.year, date.month, date.day) < (report.year, 12, 31) {
        let message = msg!("check.early", date = date.to_string(), year = u32::from(report.year));
        let found = Diagnostic::warning("early-date", report.key_location("date"), message);
        sink.push(found.with_hint(msg!("check.early-hint")));
        return;
    }
    let level = report.organ.level.as_deref().filter(|_| report.form.asks_for_level());
    let level = level.unwrap_or_default();
    let Some((month, day)) = settings.deadline.or_else(|| statutory_deadline(level)) else {
        return;
    };
    let last = Date { year: report.year + 1, month, day };
    if (date.year, date.month, date.day) <= (last.year, last.month, last.day) {
        return;
    }
    let message = msg!("check.deadline", date = date.to_string(), last = last.to_string());
    let found = Diagnostic::warning("deadline", report.key_location("date"), message);
    sink.push(found.with_hint(msg!("check.deadline-hint")));
}
