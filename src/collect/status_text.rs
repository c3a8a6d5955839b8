//! Owns the texts of a county's status: the summary, a line for each unit, and the label of its
//! status.
//! Must not know where they are shown.

use super::{Collected, DeliveryStatus, StatusLine};
use crate::msg;
use crate::report::Figure;
use docx_fill::diag::Message;

/// Returns the numbers of units expected, delivered, missing and added.
pub(super) fn summary_text(county: &Collected) -> Message {
    let added = county.count_lines(DeliveryStatus::is_added);
    let missing = county.count_lines(|standing| standing == DeliveryStatus::Missing);
    let care = county
        .count_lines(|standing| standing.needs_attention() && standing != DeliveryStatus::Missing);
    let (name, year) = (&county.organ.0, u32::from(county.year));
    let files = county.delivered.len();
    match county.expected {
        Some(expected) => msg!(
            "collect.summary-listed",
            organ = name,
            year = year,
            expected = expected,
            files = files,
            added = added,
            missing = missing,
            care = care
        ),
        None => msg!(
            "collect.summary",
            organ = name,
            year = year,
            files = files,
            added = added,
            care = care
        ),
    }
}

/// Returns a line for each table whose sums lack figures of units that could not be read.
pub(super) fn unread_lines(county: &Collected) -> Vec<Message> {
    let mut out = Vec::new();
    for (number, table) in county.form.tables.iter().enumerate() {
        let cells = county.totals[number].iter().filter(|total| total.unread > 0).count();
        if cells == 0 {
            continue;
        }
        let lacks = |line: &&StatusLine| {
            let report = line.delivered.and_then(|at| county.delivered[at].report.as_ref());
            line.status.is_added()
                && report.is_some_and(|report| {
                    report.figures(number).any(|figure| *figure == Figure::Unknown)
                })
        };
        let units: Vec<&str> =
            county.lines.iter().filter(lacks).map(|line| line.unit.as_str()).collect();
        let named: Vec<&str> = units.iter().copied().take(MAX_NAMED_UNITS).collect();
        let (table, count) = (&table.name, units.len());
        out.push(msg!(
            "collect.sums-lack",
            table = table,
            cells = cells,
            count = count,
            units = named
        ));
    }
    out
}

/// Maximum number of units that a line names.
const MAX_NAMED_UNITS: usize = 12;

/// Returns a unit's name, or a substitute if it has none.
pub(crate) fn unit_name(county: &Collected, line: &StatusLine) -> Message {
    if !line.unit.is_empty() {
        return msg!("check.this", name = &line.unit);
    }
    let file = line.delivered.map(|at| county.delivered[at].file.clone()).unwrap_or_default();
    msg!("collect.nameless", file = file)
}

/// Returns a unit with file, status and faults, in one line.
pub(super) fn line_text(county: &Collected, line: &StatusLine) -> Message {
    let file = line.delivered.map(|at| county.delivered[at].file.as_str()).unwrap_or_default();
    let standing = status_label(line.status);
    let unit = unit_name(county, line);
    match (county.count_faults(line).map_or(0, |(errors, _)| errors), file.is_empty(), &line.reason)
    {
        (_, _, Some(reason)) => {
            msg!(
                "collect.line-reason",
                unit = unit,
                file = file,
                standing = standing,
                reason = reason
            )
        }
        (_, true, _) => msg!("collect.line-missing", unit = unit, standing = standing),
        (0, ..) => msg!("collect.line", unit = unit, file = file, standing = standing),
        (errors, ..) => msg!(
            "collect.line-errors",
            unit = unit,
            file = file,
            standing = standing,
            errors = errors
        ),
    }
}

/// Returns the official name of a level, or an empty text.
pub(super) fn level_name<'a>(county: &'a Collected, line: &'a StatusLine) -> &'a str {
    county.form.level_name(line.level.as_deref().unwrap_or_default())
}

/// Returns the label of a status.
pub(crate) fn status_label(standing: DeliveryStatus) -> Message {
    match standing {
        DeliveryStatus::Added => msg!("collect.added"),
        DeliveryStatus::AddedFaulty => msg!("collect.added-faulty"),
        DeliveryStatus::AddedIncomplete => msg!("collect.added-incomplete"),
        DeliveryStatus::Faulty => msg!("collect.faulty"),
        DeliveryStatus::Missing => msg!("collect.not-delivered"),
        DeliveryStatus::Unread => msg!("collect.unread"),
        DeliveryStatus::OtherForm => msg!("collect.wrong-form"),
        DeliveryStatus::Conflicting => msg!("collect.conflicting"),
        DeliveryStatus::Repeated => msg!("collect.repeated"),
        DeliveryStatus::Unknown => msg!("collect.not-listed"),
        DeliveryStatus::Excluded => msg!("collect.left-out"),
        DeliveryStatus::Unclear => msg!("collect.unclear"),
        DeliveryStatus::LastYear => msg!("collect.last-year"),
    }
}

/// Returns the summary for the terminal, with the units that need attention.
pub(super) fn open_lines(county: &Collected) -> Vec<Message> {
    let care = county.lines.iter().filter(|line| line.status.needs_attention());
    care.map(|one| line_text(county, one)).collect()
}
