//! Owns why each line of the status stands as it does, in one sentence.
//! Must not decide any standing.

use super::{Collected, DeliveryStatus, StatusLine, UnitReport};
use crate::msg;
use crate::report::Figure;
use docx_fill::diag::{Diagnostic, Location, Message, Severity, SourceId};
use std::collections::BTreeMap;

/// Rules of findings that are the reason of a standing.
const REASON_RULES: [&str; 4] = ["unit-form", "unit-twice", "unit-unknown", "unit-excluded"];

/// Rule of amounts that may be in another unit than the form's.
const AMOUNT_RULE: &str = "fee-unit";

/// The reasons of the lines of a county.
pub(super) struct LineReasons<'a> {
    county: &'a Collected,
    /// Findings that are reasons, by the files that they name.
    found: BTreeMap<SourceId, &'a Diagnostic>,
}

impl<'a> LineReasons<'a> {
    /// Collects the reasons.
    pub(super) fn new(county: &'a Collected) -> LineReasons<'a> {
        let mut found = BTreeMap::new();
        for one in county.found.iter().filter(|one| REASON_RULES.contains(&one.rule.as_ref())) {
            let places = one.labels.iter().map(|label| &label.0).chain([&one.location]);
            for source in places.filter_map(Location::source) {
                found.entry(source).or_insert(one);
            }
        }
        LineReasons { county, found }
    }

    /// Returns the reason of a line.
    pub(super) fn reason_of(&self, line: &StatusLine) -> Message {
        if let Some(reason) = &line.reason {
            return msg!("check.this", name = reason);
        }
        match line.status {
            DeliveryStatus::Missing => msg!("collect.why-missing"),
            DeliveryStatus::Unclear => msg!("collect.why-unclear"),
            DeliveryStatus::LastYear => msg!("collect.why-last-year"),
            DeliveryStatus::Added | DeliveryStatus::AddedFaulty | DeliveryStatus::Faulty => {
                self.fault_reason(line)
            }
            DeliveryStatus::AddedIncomplete => {
                msg!("collect.why-incomplete", count = self.count_unread(line))
            }
            DeliveryStatus::Unread => self
                .first_error(line)
                .map_or_else(|| msg!("collect.why-unread"), |(first, _)| first.message.clone()),
            DeliveryStatus::OtherForm
            | DeliveryStatus::Conflicting
            | DeliveryStatus::Repeated
            | DeliveryStatus::Unknown
            | DeliveryStatus::Excluded => self.county_reason(line),
        }
    }

    /// Returns what was found about the file in the county.
    fn county_reason(&self, line: &StatusLine) -> Message {
        let source = line.delivered.map(|at| self.county.delivered[at].source);
        let found = source.and_then(|source| self.found.get(&source));
        found.map_or_else(|| msg!("collect.why-other"), |one| one.message.clone())
    }

    fn fault_reason(&self, line: &StatusLine) -> Message {
        let warnings = self.county.count_faults(line).map_or(0, |(_, warnings)| warnings);
        match (self.first_error(line), self.first_warning(line)) {
            (Some((first, count)), _) => {
                msg!("collect.why-errors", count = count, first = first.message.clone())
            }
            (None, Some(first)) => {
                msg!("collect.why-warnings", count = warnings, first = first.message.clone())
            }
            (None, None) => msg!("collect.why-good"),
        }
    }

    /// Returns the first warning of a line's file; one about an amount, which changes the sums most, before others.
    fn first_warning(&self, line: &StatusLine) -> Option<&'a Diagnostic> {
        let found = &self.county.delivered[line.delivered?].found;
        let warnings = || found.iter().filter(|one| one.severity == Severity::Warning);
        warnings().find(|one| one.rule == AMOUNT_RULE).or_else(|| warnings().next())
    }

    /// Returns the first error of a line's file, and the number of errors.
    fn first_error(&self, line: &StatusLine) -> Option<(&'a Diagnostic, usize)> {
        let found = &self.county.delivered[line.delivered?].found;
        let mut errors = found.iter().filter(|one| one.severity == Severity::Error);
        let first = errors.next()?;
        Some((first, errors.count() + 1))
    }

    /// Counts the cells of a line's report that could not be read.
    fn count_unread(&self, line: &StatusLine) -> usize {
        let report = line.delivered.and_then(|at| self.county.delivered[at].report.as_ref());
        let figures = report.into_iter().flat_map(UnitReport::all_figures);
        figures.filter(|figure| **figure == Figure::Unknown).count()
    }
}
