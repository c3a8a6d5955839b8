//! Owns checking identities: those between cells of a table and those with last year's table.
//! Must not know an identity by name, nor the wording of a finding.

use super::{identity_messages, notes, single_cell_fix};
use crate::figure::Decimal;
use crate::form::{
    Axis, CellId, FormTable, IdentityInstance, Operand, SignedTerm, YearIdentity, YearTerm,
};
use crate::report::{NoteTarget, Report, ReportCell, sum_terms};
use docx_fill::diag::{Diagnostic, Sink};

/// A checker of one table of a report, with last year's table of the same id.
pub(super) struct IdentityChecker<'a> {
    pub(super) report: &'a Report,
    pub(super) table_index: usize,
    pub(super) table: &'a FormTable,
    pub(super) previous: Option<PreviousTable<'a>>,
}

/// Last year's table with its form.
#[derive(Clone, Copy)]
pub(super) struct PreviousTable<'a> {
    pub(super) report: &'a Report,
    pub(super) table_index: usize,
}

impl<'a> PreviousTable<'a> {
    pub(super) fn table(&self) -> &'a FormTable {
        &self.report.form.tables[self.table_index]
    }

    pub(super) fn cells(&self) -> &'a [ReportCell] {
        &self.report.tables[self.table_index]
    }
}

/// An identity for one row or column, within a year or between two.
#[derive(Debug, Clone)]
pub(super) struct Equation<'a> {
    pub(super) id: &'a str,
    pub(super) per: Axis,
    /// Index of the row or column.
    pub(super) at: usize,
    pub(super) left: Vec<EquationTerm>,
    pub(super) right: Vec<EquationTerm>,
    pub(super) computes: Option<usize>,
}

/// A signed cell of this year's or of last year's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EquationTerm {
    pub(super) minus: bool,
    pub(super) from_last_year: bool,
    pub(super) cell: usize,
}

impl Equation<'_> {
    pub(super) fn terms(&self) -> impl Iterator<Item = EquationTerm> {
        self.left.iter().chain(&self.right).copied()
    }

    /// Checks whether the identity is one between two years.
    fn spans_years(&self) -> bool {
        self.terms().any(|part| part.from_last_year)
    }
}

impl<'a> IdentityChecker<'a> {
    pub(super) fn new(
        report: &'a Report,
        table_index: usize,
        table: &'a FormTable,
        previous: Option<&'a Report>,
    ) -> IdentityChecker<'a> {
        let previous = previous.and_then(|report| {
            let number = report.form.tables.iter().position(|known| known.id == table.id)?;
            Some(PreviousTable { report, table_index: number })
        });
        IdentityChecker { report, table_index, table, previous }
    }

    pub(super) fn cells(&self) -> &'a [ReportCell] {
        &self.report.tables[self.table_index]
    }

    /// Checks every identity; the single change that would satisfy all violated ones is searched
    /// for once.
    pub(super) fn check_identities(&self, sink: &mut Sink) {
        let cells = self.cells();
        // Nearly all reports are right: nothing is allocated for the identities that hold.
        let broken = |instance: &&IdentityInstance| {
            let computed = instance.computes.is_some_and(|goal| cells[goal].span.is_none());
            !computed
                && are_unequal(sum_terms(&instance.left, cells), sum_terms(&instance.right, cells))
        };
        let own =
            self.table.instances.iter().filter(broken).map(|instance| self.equation_of(instance));
        let crossing = self.year_equations().into_iter().filter(|law| !self.holds(law, cells));
        let broken: Vec<Equation<'_>> = own.chain(crossing).collect();
        if broken.is_empty() {
            return;
        }
        let change = single_cell_fix::find_single_change(self, &broken);
        for law in &broken {
            sink.push(self.apply_row_note(
                law,
                identity_messages::unequal_diagnostic(self, law, change.as_ref()),
            ));
        }
    }

    /// Lowers a finding between two years to a warning if the row has a note.
    fn apply_row_note(&self, law: &Equation<'_>, mut found: Diagnostic) -> Diagnostic {
        if law.spans_years() {
            let row = |part: EquationTerm| self.table.cells[part.cell].row;
            let mut own = law.terms().filter(|part| !part.from_last_year).map(row);
            let noted = |row| self.report.note_on(NoteTarget::Row { table: self.table_index, row });
            if let Some(note) = own.find_map(noted) {
                found = notes::with_note(self.report, found, note);
            }
        }
        found
    }

    pub(super) fn equation_of(&self, instance: &'a IdentityInstance) -> Equation<'a> {
        let identity = &self.table.identities[instance.identity];
        let parts = |terms: &[SignedTerm]| -> Vec<EquationTerm> {
            terms
                .iter()
                .map(|t| EquationTerm { minus: t.minus, from_last_year: false, cell: t.index })
                .collect()
        };
        Equation {
            id: &identity.id,
            per: identity.per,
            at: instance.at,
            left: parts(&instance.left),
            right: parts(&instance.right),
            computes: instance.computes,
        }
    }

    /// Returns the identities with last year, for every row or column in which both forms have the
    /// cells.
    pub(super) fn year_equations(&self) -> Vec<Equation<'a>> {
        let Some(last) = self.previous else { return Vec::new() };
        let mut out = Vec::new();
        for crossing in &self.table.year_identities {
            let count = match crossing.per {
                Axis::Row => self.table.rows.len(),
                Axis::Column => self.table.columns.len(),
            };
            out.extend((0..count).filter_map(|at| self.year_equation(crossing, at, last)));
        }
        out
    }

    fn year_equation(
        &self,
        crossing: &'a YearIdentity,
        at: usize,
        last: PreviousTable<'_>,
    ) -> Option<Equation<'a>> {
        let old = last.table();
        let cell = |term: &YearTerm| -> Option<EquationTerm> {
            let (is_last, cell) = match (&term.operand, crossing.per) {
                (Operand::ThisYear(column), Axis::Row) => {
                    (false, self.table.cell_number(at, *column))
                }
                (Operand::ThisYear(row), Axis::Column) => (false, self.table.cell_number(*row, at)),
                (Operand::LastYear(column), Axis::Row) => {
                    let row = old.find_row(&self.table.rows[at].id)?;
                    (true, old.cell_number(row, old.find_column(column)?))
                }
                (Operand::LastYear(row), Axis::Column) => {
                    let column = old.find_column(&self.table.columns[at].id)?;
                    (true, old.cell_number(old.find_row(row)?, column))
                }
            };
            Some(EquationTerm { minus: term.minus, from_last_year: is_last, cell: cell? })
        };
        let side = |terms: &[YearTerm]| terms.iter().map(cell).collect::<Option<Vec<_>>>();
        let (left, right) = (side(&crossing.left)?, side(&crossing.right)?);
        Some(Equation { id: &crossing.id, per: crossing.per, at, left, right, computes: None })
    }

    /// Returns the values of both sides; `None` if a cell has no number.
    pub(super) fn evaluate_sides(
        &self,
        law: &Equation<'_>,
        cells: &[ReportCell],
    ) -> Option<(Decimal, Decimal)> {
        let side = |parts: &[EquationTerm]| {
            parts.iter().try_fold(Decimal::ZERO, |sum, part| {
                let number = self.cell_of_term(*part, cells).figure.as_number()?;
                Some(if part.minus { sum - number } else { sum + number })
            })
        };
        Some((side(&law.left)?, side(&law.right)?))
    }

    pub(super) fn cell_of_term<'c>(
        &self,
        part: EquationTerm,
        cells: &'c [ReportCell],
    ) -> &'c ReportCell
    where
        'a: 'c,
    {
        match (part.from_last_year, self.previous) {
            (true, Some(last)) => &last.cells()[part.cell],
            _ => &cells[part.cell],
        }
    }

    /// Checks whether the identity holds or cannot be evaluated.
    pub(super) fn holds(&self, law: &Equation<'_>, cells: &[ReportCell]) -> bool {
        self.evaluate_sides(law, cells).is_none_or(|(left, right)| left == right)
    }

    /// Returns row and column of a term's cell.
    pub(super) fn cell_id(&self, part: EquationTerm) -> CellId {
        match (part.from_last_year, self.previous) {
            (true, Some(last)) => last.table().cells[part.cell],
            _ => self.table.cells[part.cell],
        }
    }
}

fn are_unequal(left: Option<Decimal>, right: Option<Decimal>) -> bool {
    matches!((left, right), (Some(left), Some(right)) if left != right)
}
