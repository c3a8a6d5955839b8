//! Owns the figures that a report hands on to the next year's, and the mark by which one that is not sure to hold is
//! known until somebody has checked it.
//! Must not know who begins a report with them, nor a rule of `check`.

use super::{Note, NoteTarget, Report};
use crate::figure::Decimal;
use crate::form::{Axis, FormTable, Operand, YearIdentity};

/// The mark in the note of a row whose figure was carried over from last year and must be checked.
pub const CARRIED_MARK: &str = "【待核对】";

/// A figure that next year's report begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarriedFigure {
    /// Sum of last year's figures.
    pub value: Decimal,
    /// True if the form adds figures of the new year to it, which are not known yet.
    pub is_open: bool,
}

impl Report {
    /// Returns what this report hands on to a cell of the next year's table: the cell must be alone on the left of an
    /// identity between the years, and last year's cells on its right must have numbers.
    pub fn figure_carried_to(&self, table: &FormTable, cell: usize) -> Option<CarriedFigure> {
        let (identity, at) = table.carrying_identity(cell)?;
        let value = self.last_years_sum(table, identity, at)?;
        Some(CarriedFigure { value, is_open: identity.adds_this_year() })
    }

    /// Returns the sum of last year's cells on the right of an identity, for a row or column; `None` if the form of
    /// this report lacks one of them or one has no number.
    fn last_years_sum(
        &self,
        table: &FormTable,
        identity: &YearIdentity,
        at: usize,
    ) -> Option<Decimal> {
        let mut sum = None;
        for term in &identity.right {
            let Operand::LastYear(id) = &term.of else { continue };
            let (row, column) = match identity.per {
                Axis::Row => (table.rows[at].id.as_str(), id.as_str()),
                Axis::Column => (id.as_str(), table.columns[at].id.as_str()),
            };
            let value = self.find_figure(&table.id, row, column)?.as_number()?;
            let value = if term.minus { -value } else { value };
            sum = Some(sum.map_or(value, |sum: Decimal| sum + value));
        }
        sum
    }

    /// Returns the note with which a clerk explains a finding on a subject; the sentence that marks a carried figure
    /// explains none.
    pub fn answer_on(&self, about: NoteTarget) -> Option<&Note> {
        self.note_on(about).filter(|note| !note.text.contains(CARRIED_MARK))
    }
}
