//! Owns the county's figures: each cell by the rule that the form gives it, and the county's own report
//! against them.
//! Must not know who has delivered, nor how figures are shown.

use super::{Collected, Member};
use crate::figure::Decimal;
use crate::form::{Collect, Form};
use crate::report::{Figure, Report, cell_ref};
use crate::text;
use docx_fill::diag::{Diagnostic, Place};

/// Most units that a finding names with their figures.
const NAMED: usize = 12;

/// A cell of the county's report.
#[derive(Debug, Clone)]
pub struct Total {
    /// What the county's report holds.
    pub figure: Figure,
    /// The sum of the units' numbers.
    pub sum: Decimal,
    /// How the form has it collected.
    pub rule: Collect,
    /// Whether somebody has to fill it in.
    pub open: bool,
    /// How many units have no number there.
    pub blanks: usize,
}

/// The county's figures by table and cell.
pub(super) fn totals(county: &Collected, found: &mut Vec<Diagnostic>) -> Vec<Vec<Total>> {
    let members = county.members();
    let own = county.own.as_ref().filter(|own| own.form.edition == county.form.edition);
    let mut out = Vec::new();
    for (number, table) in county.form.tables.iter().enumerate() {
        let cells: Vec<Cell<'_>> = (0..table.cells.len())
            .map(|at| Cell { form: &county.form, table: number, at, members: &members, own })
            .collect();
        out.push(cells.iter().map(Cell::total).collect::<Vec<Total>>());
        for (cell, total) in cells.iter().zip(&out[number]) {
            cell.judge(total, found);
        }
    }
    out
}

/// A cell with the reports that have a say in it.
struct Cell<'a> {
    form: &'a Form,
    table: usize,
    at: usize,
    members: &'a [Member<'a>],
    own: Option<&'a Report>,
}

impl<'a> Cell<'a> {
    fn figures(&self) -> impl Iterator<Item = (&'a str, &'a Figure)> {
        let (table, at) = (self.table, self.at);
        self.members.iter().map(move |m| (m.name, &m.report.tables[table][at].figure))
    }

    /// The units that have something there, with what it is.
    fn sayings(&self) -> Vec<(&'a str, &'a Figure)> {
        let says = |figure: &Figure| match figure {
            Figure::Number(number) => *number != Decimal::ZERO,
            Figure::Words(_) => true,
            _ => false,
        };
        self.figures().filter(|(_, figure)| says(figure)).collect()
    }

    /// What the county's own report gives.
    fn given(&self) -> Option<&'a Figure> {
        let cell = &self.own?.tables[self.table][self.at];
        cell.span.map(|_| &cell.figure)
    }

    fn total(&self) -> Total {
        let rule = self.form.tables[self.table].collects(self.at);
        let numbers: Vec<Decimal> = self.figures().filter_map(|(_, f)| f.number()).collect();
        let sum = numbers.iter().fold(Decimal::ZERO, |sum, number| sum + *number);
        let blanks = self.members.len() - numbers.len();
        let added = if numbers.is_empty() { self.all_alike() } else { Figure::Number(sum) };
        let (figure, open) = match (rule, self.given(), self.sayings().as_slice()) {
            (Collect::Keep | Collect::Ask, Some(own), _) => (own.clone(), false),
            // Where at most one unit has something, nothing can be counted twice.
            (Collect::Sum, ..) | (_, None, []) => (added, false),
            (_, None, [(_, only)]) => ((*only).clone(), false),
            _ => (Figure::Blank, true),
        };
        Total { figure, sum, rule, open, blanks }
    }

    /// What all units have alike where none has a number; blank if they differ.
    fn all_alike(&self) -> Figure {
        let mut figures = self.figures().map(|(_, figure)| figure);
        let first = figures.next().cloned().unwrap_or(Figure::Number(Decimal::ZERO));
        if figures.all(|figure| *figure == first) { first } else { Figure::Blank }
    }

    fn judge(&self, total: &Total, found: &mut Vec<Diagnostic>) {
        match (total.rule, self.own) {
            (_, None) if total.open => found.push(self.open(total)),
            (Collect::Sum, Some(own)) => self.roll_up(own, total, found),
            (Collect::Ask, Some(own)) if total.open => {
                let one = self.open(total);
                found.push(Diagnostic { place: own.cell_place(self.table, self.at), ..one });
            }
            (Collect::Ask, Some(own)) => self.bounds(own, total, found),
            (Collect::Keep, Some(own)) if total.open => {
                let one = self.open(total);
                found.push(Diagnostic { place: own.cell_place(self.table, self.at), ..one });
            }
            _ => {}
        }
    }

    fn names(&self) -> (&'a str, String, &'a str) {
        let table = &self.form.tables[self.table];
        let id = table.cells[self.at];
        (&table.name, table.row_name(id.row), &table.columns[id.column].label)
    }

    fn cell_ref(&self) -> docx_fill::diag::CellRef {
        let table = &self.form.tables[self.table];
        let id = table.cells[self.at];
        cell_ref(table, Some(id.row), Some(id.column))
    }

    /// A figure that cannot be added and that nobody has given.
    fn open(&self, total: &Total) -> Diagnostic {
        let (table, row, column) = self.names();
        let message = match total.rule {
            Collect::Keep => text!("collect.keep", table = table, row = row, column = column),
            _ => text!("collect.ask", table = table, row = row, column = column),
        };
        let one = Diagnostic::warning("ask-total", Place::Nowhere, message);
        let one = self.contributions(one).cell(self.cell_ref());
        one.hint(text!("collect.ask-hint", sum = total.sum.to_string()))
    }

    /// The units' figures as further lines.
    fn contributions(&self, mut one: Diagnostic) -> Diagnostic {
        let mut sayings = self.sayings();
        sayings.sort_by_key(|(_, figure)| std::cmp::Reverse(figure.number()));
        for (name, figure) in sayings.iter().take(NAMED) {
            let words = text!("collect.contribution", unit = *name, value = figure.text());
            one = one.label(Place::Nowhere, words);
        }
        match sayings.get(NAMED..) {
            Some(rest) if !rest.is_empty() => {
                let numbers = rest.iter().filter_map(|(_, figure)| figure.number());
                let sum = numbers.fold(Decimal::ZERO, |sum, number| sum + number);
                let words = text!("collect.others", count = rest.len(), sum = sum.to_string());
                one.label(Place::Nowhere, words)
            }
            _ => one,
        }
    }

    /// The county's figure against the sum of its units'. A computed one that is not given follows from
    /// the others.
    fn roll_up(&self, own: &Report, total: &Total, found: &mut Vec<Diagnostic>) {
        let cell = &own.tables[self.table][self.at];
        let follows = cell.span.is_none() && self.form.tables[self.table].is_computed(self.at);
        let Some(number) = cell.figure.number().filter(|_| !follows) else { return };
        if number == total.sum {
            return;
        }
        let (table, row, column) = self.names();
        let gap = if number < total.sum { total.sum - number } else { number - total.sum };
        let message = text!(
            "collect.roll-up",
            table = table,
            row = row,
            column = column,
            own = number.to_string(),
            sum = total.sum.to_string(),
            difference = gap.to_string()
        );
        let hint = text!("collect.roll-up-hint", sum = total.sum.to_string());
        found.push(self.against(own, total, message, number).hint(hint));
    }

    /// A county's figure that cannot be the sum is at least not above it, nor below the greatest part.
    fn bounds(&self, own: &Report, total: &Total, found: &mut Vec<Diagnostic>) {
        let Some(number) = self.given().and_then(Figure::number) else { return };
        let most = self.figures().filter_map(|(_, figure)| figure.number()).max();
        let least = most.unwrap_or(Decimal::ZERO);
        if number >= least && number <= total.sum {
            return;
        }
        let (table, row, column) = self.names();
        let message = text!(
            "collect.bounds",
            table = table,
            row = row,
            column = column,
            own = number.to_string(),
            least = least.to_string(),
            sum = total.sum.to_string()
        );
        found.push(self.against(own, total, message, number));
    }

    fn against(
        &self,
        own: &Report,
        total: &Total,
        message: docx_fill::diag::Text,
        number: Decimal,
    ) -> Diagnostic {
        let place = own.cell_place(self.table, self.at);
        let one = Diagnostic::error("roll-up", place, message).cell(self.cell_ref());
        let mut one = self.contributions(one);
        one.sides = Some((number.to_string(), total.sum.to_string()));
        one
    }
}
