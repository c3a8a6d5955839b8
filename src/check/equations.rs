//! Owns the equations of a table: its identities and those that bind it to last year's, for one row or column each,
//! and the values of both sides.
//! Must not judge them, nor know an identity by name.

use crate::figure::Decimal;
use crate::form::{
    Axis, CellId, FormTable, IdentityInstance, Operand, Term, YearIdentity, sum_terms,
};
use crate::report::{Report, ReportCell};

/// A table of the report under judgement, with last year's table of the same id.
pub(super) struct IdentityChecker<'a> {
    pub(super) report: &'a Report,
    pub(super) table_index: usize,
    pub(super) table: &'a FormTable,
    pub(super) previous: Option<PreviousTable<'a>>,
}

/// Last year's table.
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

/// An identity for one row or column, of one year or of two.
#[derive(Debug, Clone)]
pub(super) struct Equation<'a> {
    pub(super) id: &'a str,
    pub(super) per: Axis,
    /// The row or column.
    pub(super) at: usize,
    pub(super) left: Vec<Term<EquationCell>>,
    pub(super) right: Vec<Term<EquationCell>>,
    pub(super) computes: Option<usize>,
}

/// A cell of this year's or of last year's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EquationCell {
    pub(super) from_last_year: bool,
    pub(super) cell: usize,
}

impl Equation<'_> {
    pub(super) fn cells(&self) -> impl Iterator<Item = EquationCell> {
        self.left.iter().chain(&self.right).map(|term| term.of)
    }

    /// Checks whether it binds two years.
    pub(super) fn spans_years(&self) -> bool {
        self.cells().any(|part| part.from_last_year)
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

    pub(super) fn equation_of(&self, instance: &'a IdentityInstance) -> Equation<'a> {
        let identity = &self.table.identities[instance.identity];
        let parts = |terms: &[Term<usize>]| -> Vec<Term<EquationCell>> {
            let own = |term: &Term<usize>| {
                term.with(EquationCell { from_last_year: false, cell: term.of })
            };
            terms.iter().map(own).collect()
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

    /// Returns the identities with last year, for every row or column in which both forms have the cells.
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
        let cell = |term: &Term<Operand>| -> Option<Term<EquationCell>> {
            let (is_last, cell) = match (&term.of, crossing.per) {
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
            Some(term.with(EquationCell { from_last_year: is_last, cell: cell? }))
        };
        let side = |terms: &[Term<Operand>]| terms.iter().map(cell).collect::<Option<Vec<_>>>();
        let (left, right) = (side(&crossing.left)?, side(&crossing.right)?);
        Some(Equation { id: &crossing.id, per: crossing.per, at, left, right, computes: None })
    }

    /// Returns both sides; nothing if a cell is no number.
    pub(super) fn evaluate_sides(
        &self,
        law: &Equation<'_>,
        cells: &[ReportCell],
    ) -> Option<(Decimal, Decimal)> {
        let side = |terms: &[Term<EquationCell>]| {
            sum_terms(terms, |of| self.cell_of_term(*of, cells).figure.as_number())
        };
        Some((side(&law.left)?, side(&law.right)?))
    }

    pub(super) fn cell_of_term<'c>(
        &self,
        part: EquationCell,
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

    /// Checks whether the identity holds or cannot be judged.
    pub(super) fn holds(&self, law: &Equation<'_>, cells: &[ReportCell]) -> bool {
        self.evaluate_sides(law, cells).is_none_or(|(left, right)| left == right)
    }

    /// Returns the cell's row and column.
    pub(super) fn cell_id(&self, part: EquationCell) -> CellId {
        match (part.from_last_year, self.previous) {
            (true, Some(last)) => last.table().cells[part.cell],
            _ => self.table.cells[part.cell],
        }
    }
}
