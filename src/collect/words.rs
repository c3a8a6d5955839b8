//! Owns how a county's status reads: the summary, a line for each unit, and the word for its standing.
//! Must not know where it is shown.

use super::{Collected, Line, Standing};
use crate::report::LEVELS;
use crate::text;
use docx_fill::diag::Text;

/// How many were expected, delivered, missing and added.
pub(super) fn summary(county: &Collected) -> Text {
    let added = county.count(Standing::is_added);
    let missing = county.count(|standing| standing == Standing::Missing);
    let care = county.count(|standing| standing.needs_care() && standing != Standing::Missing);
    let (name, year) = (&county.organ.0, u32::from(county.year));
    let files = county.delivered.len();
    match county.expected {
        Some(expected) => text!(
            "collect.summary-listed",
            organ = name,
            year = year,
            expected = expected,
            files = files,
            added = added,
            missing = missing,
            care = care
        ),
        None => text!(
            "collect.summary",
            organ = name,
            year = year,
            files = files,
            added = added,
            care = care
        ),
    }
}

/// A unit's name, or what stands for it.
pub(crate) fn unit(county: &Collected, line: &Line) -> Text {
    if !line.unit.is_empty() {
        return text!("check.this", name = &line.unit);
    }
    let file = line.delivered.map(|at| county.delivered[at].file.clone()).unwrap_or_default();
    text!("collect.nameless", file = file)
}

/// A unit with file, standing and faults, in one line.
pub(super) fn line(county: &Collected, line: &Line) -> Text {
    let file = line.delivered.map(|at| county.delivered[at].file.as_str()).unwrap_or_default();
    let standing = standing(line.standing);
    let unit = unit(county, line);
    match (county.faults(line).map_or(0, |(errors, _)| errors), file.is_empty(), &line.reason) {
        (_, _, Some(reason)) => {
            text!(
                "collect.line-reason",
                unit = unit,
                file = file,
                standing = standing,
                reason = reason
            )
        }
        (_, true, _) => text!("collect.line-missing", unit = unit, standing = standing),
        (0, ..) => text!("collect.line", unit = unit, file = file, standing = standing),
        (errors, ..) => text!(
            "collect.line-errors",
            unit = unit,
            file = file,
            standing = standing,
            errors = errors
        ),
    }
}

/// The official word for a level, or nothing.
pub(super) fn level(line: &Line) -> &str {
    let level = line.level.as_deref().unwrap_or_default();
    LEVELS.iter().find(|known| known.0 == level).map_or(level, |known| known.1)
}

/// The word for a standing.
pub(crate) fn standing(standing: Standing) -> Text {
    match standing {
        Standing::Added => text!("collect.added"),
        Standing::AddedFaulty => text!("collect.added-faulty"),
        Standing::Faulty => text!("collect.faulty"),
        Standing::Missing => text!("collect.not-delivered"),
        Standing::Unread => text!("collect.unread"),
        Standing::OtherForm => text!("collect.wrong-form"),
        Standing::Conflicting => text!("collect.conflicting"),
        Standing::Repeated => text!("collect.repeated"),
        Standing::Unknown => text!("collect.not-listed"),
        Standing::Excluded => text!("collect.left-out"),
        Standing::Unclear => text!("collect.unclear"),
        Standing::LastYear => text!("collect.last-year"),
    }
}

/// The summary for the terminal, with the units somebody has to turn to.
pub(super) fn open_lines(county: &Collected) -> Vec<Text> {
    let care = county.lines.iter().filter(|line| line.standing.needs_care());
    care.map(|one| line(county, one)).collect()
}
