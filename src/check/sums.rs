//! Owns judging identities: those between cells of a table and those that bind it to last year's.
//! Must not know an identity by name, nor how a finding is worded.

use super::{answers, mend, wording};
use crate::figure::Decimal;
use crate::form::{CellId, Crossing, Instance, Per, Table, Term, What, YearTerm};
use crate::report::{About, Cell, Report, sum};
use docx_fill::diag::{Diagnostic, Sink};

/// A table of the report under judgement, with last year's table of the same id.
pub(super) struct Sums<'a> {
    pub(super) report: &'a Report,
    pub(super) number: usize,
    pub(super) table: &'a Table,
    pub(super) last: Option<Last<'a>>,
}

/// Last year's table.
#[derive(Clone, Copy)]
pub(super) struct Last<'a> {
    pub(super) report: &'a Report,
    pub(super) number: usize,
}

impl<'a> Last<'a> {
    pub(super) fn table(&self) -> &'a Table {
        &self.report.form.tables[self.number]
    }

    pub(super) fn cells(&self) -> &'a [Cell] {
        &self.report.tables[self.number]
    }
}

/// An identity for one row or column, of one year or of two.
#[derive(Debug, Clone)]
pub(super) struct Law<'a> {
    pub(super) id: &'a str,
    pub(super) per: Per,
    /// The row or column.
    pub(super) at: usize,
    pub(super) left: Vec<Part>,
    pub(super) right: Vec<Part>,
    pub(super) computes: Option<usize>,
}

/// A signed cell of this year's or of last year's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) minus: bool,
    pub(super) last: bool,
    pub(super) cell: usize,
}

impl Law<'_> {
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> {
        self.left.iter().chain(&self.right).copied()
    }

    /// Whether it binds two years.
    fn crosses(&self) -> bool {
        self.parts().any(|part| part.last)
    }
}

impl<'a> Sums<'a> {
    pub(super) fn new(
        report: &'a Report,
        number: usize,
        table: &'a Table,
        previous: Option<&'a Report>,
    ) -> Sums<'a> {
        let last = previous.and_then(|report| {
            let number = report.form.tables.iter().position(|known| known.id == table.id)?;
            Some(Last { report, number })
        });
        Sums { report, number, table, last }
    }

    pub(super) fn cells(&self) -> &'a [Cell] {
        &self.report.tables[self.number]
    }

    /// Judges every identity; what a single change would mend is looked for once for all of them.
    pub(super) fn judge(&self, sink: &mut Sink) {
        let cells = self.cells();
        // Nearly all reports are right: nothing is allocated for the identities that hold.
        let broken = |instance: &&Instance| {
            let computed = instance.computes.is_some_and(|goal| cells[goal].span.is_none());
            !computed && unequal(sum(&instance.left, cells), sum(&instance.right, cells))
        };
        let own = self.table.instances.iter().filter(broken).map(|instance| self.law(instance));
        let crossing = self.crossings().into_iter().filter(|law| !self.holds(law, cells));
        let broken: Vec<Law<'_>> = own.chain(crossing).collect();
        if broken.is_empty() {
            return;
        }
        let change = mend::single(self, &broken);
        for law in &broken {
            sink.push(self.answered(law, wording::unequal(self, law, change.as_ref())));
        }
    }

    /// A finding across years that the clerk has answered is only a warning.
    fn answered(&self, law: &Law<'_>, mut found: Diagnostic) -> Diagnostic {
        if law.crosses() {
            let row = |part: Part| self.table.cells[part.cell].row;
            let mut own = law.parts().filter(|part| !part.last).map(row);
            let noted = |row| self.report.note(About::Row { table: self.number, row });
            if let Some(note) = own.find_map(noted) {
                found = answers::answered(self.report, found, note);
            }
        }
        found
    }

    pub(super) fn law(&self, instance: &'a Instance) -> Law<'a> {
        let identity = &self.table.identities[instance.identity];
        let parts = |terms: &[Term]| -> Vec<Part> {
            terms.iter().map(|t| Part { minus: t.minus, last: false, cell: t.index }).collect()
        };
        Law {
            id: &identity.id,
            per: identity.per,
            at: instance.at,
            left: parts(&instance.left),
            right: parts(&instance.right),
            computes: instance.computes,
        }
    }

    /// The identities with last year, for every row or column in which both forms have the cells.
    pub(super) fn crossings(&self) -> Vec<Law<'a>> {
        let Some(last) = self.last else { return Vec::new() };
        let mut out = Vec::new();
        for crossing in &self.table.crossings {
            let count = match crossing.per {
                Per::Row => self.table.rows.len(),
                Per::Column => self.table.columns.len(),
            };
            out.extend((0..count).filter_map(|at| self.crossing(crossing, at, last)));
        }
        out
    }

    fn crossing(&self, crossing: &'a Crossing, at: usize, last: Last<'_>) -> Option<Law<'a>> {
        let old = last.table();
        let cell = |term: &YearTerm| -> Option<Part> {
            let (is_last, cell) = match (&term.what, crossing.per) {
                (What::Own(column), Per::Row) => (false, self.table.cell(at, *column)),
                (What::Own(row), Per::Column) => (false, self.table.cell(*row, at)),
                (What::Last(column), Per::Row) => {
                    let row = old.find_row(&self.table.rows[at].id)?;
                    (true, old.cell(row, old.find_column(column)?))
                }
                (What::Last(row), Per::Column) => {
                    let column = old.find_column(&self.table.columns[at].id)?;
                    (true, old.cell(old.find_row(row)?, column))
                }
            };
            Some(Part { minus: term.minus, last: is_last, cell: cell? })
        };
        let side = |terms: &[YearTerm]| terms.iter().map(cell).collect::<Option<Vec<_>>>();
        let (left, right) = (side(&crossing.left)?, side(&crossing.right)?);
        Some(Law { id: &crossing.id, per: crossing.per, at, left, right, computes: None })
    }

    /// Both sides; nothing if a cell is no number.
    pub(super) fn sides(&self, law: &Law<'_>, cells: &[Cell]) -> Option<(Decimal, Decimal)> {
        let side = |parts: &[Part]| {
            parts.iter().try_fold(Decimal::ZERO, |sum, part| {
                let number = self.figure(*part, cells).figure.number()?;
                Some(if part.minus { sum - number } else { sum + number })
            })
        };
        Some((side(&law.left)?, side(&law.right)?))
    }

    pub(super) fn figure<'c>(&self, part: Part, cells: &'c [Cell]) -> &'c Cell
    where
        'a: 'c,
    {
        match (part.last, self.last) {
            (true, Some(last)) => &last.cells()[part.cell],
            _ => &cells[part.cell],
        }
    }

    /// Whether the identity holds, or cannot be judged.
    pub(super) fn holds(&self, law: &Law<'_>, cells: &[Cell]) -> bool {
        self.sides(law, cells).is_none_or(|(left, right)| left == right)
    }

    /// The cell's row and column.
    pub(super) fn id(&self, part: Part) -> CellId {
        match (part.last, self.last) {
            (true, Some(last)) => last.table().cells[part.cell],
            _ => self.table.cells[part.cell],
        }
    }
}

fn unequal(left: Option<Decimal>, right: Option<Decimal>) -> bool {
    matches!((left, right), (Some(left), Some(right)) if left != right)
}
