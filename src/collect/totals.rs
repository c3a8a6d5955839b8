//! Owns the county's figures: each cell by the rule that the form gives, and the comparison with
//! the county's own report.
//! Must not know the delivery status, nor how figures are shown.

use super::{Collected, IncludedReport};
use crate::figure::Decimal;
use crate::form::{CollectRule, Form};
use crate::msg;
use crate::report::{Figure, Report, cell_ref};
use docx_fill::diag::{Diagnostic, Location};

/// Maximum number of units that a finding names with their figures.
const MAX_NAMED_UNITS: usize = 12;

/// A cell of the county's report.
#[derive(Debug, Clone)]
pub struct CellTotal {
    /// Figure in the county's report.
    pub figure: Figure,
    /// Sum of the units' numbers.
    pub sum: Decimal,
    /// Rule of the form for collecting the cell.
    pub rule: CollectRule,
    /// True if a person has to fill in the figure.
    pub open: bool,
    /// Number of units without a number in the cell.
    pub blanks: usize,
    /// Number of units whose figure could not be read; the sum lacks it.
    pub unread: usize,
}

/// Returns the county's figures by table and cell.
pub(super) fn compute_totals(
    county: &Collected,
    found: &mut Vec<Diagnostic>,
) -> Vec<Vec<CellTotal>> {
    let members = county.included_reports();
    let own = county.own.as_ref().filter(|own| own.form.is_same(&county.form));
    let mut out = Vec::new();
    for (number, table) in county.form.tables.iter().enumerate() {
        let cells: Vec<CountyCell<'_>> = (0..table.cells.len())
            .map(|at| CountyCell { form: &county.form, table: number, at, members: &members, own })
            .collect();
        out.push(cells.iter().map(CountyCell::compute_total).collect::<Vec<CellTotal>>());
        for (cell, total) in cells.iter().zip(&out[number]) {
            cell.check_total(total, found);
        }
    }
    out
}

/// A cell with the reports that contribute to it.
struct CountyCell<'a> {
    form: &'a Form,
    table: usize,
    at: usize,
    members: &'a [IncludedReport<'a>],
    own: Option<&'a Report>,
}

impl<'a> CountyCell<'a> {
    fn unit_figures(&self) -> impl Iterator<Item = (&'a str, &'a Figure)> {
        let (table, at) = (self.table, self.at);
        self.members.iter().map(move |m| (m.name, m.report.figure(table, at)))
    }

    /// Returns the units whose cell is not empty, with their figures.
    fn filled_figures(&self) -> Vec<(&'a str, &'a Figure)> {
        let says = |figure: &Figure| match figure {
            Figure::Number(number) => *number != Decimal::ZERO,
            Figure::Text(_) => true,
            _ => false,
        };
        self.unit_figures().filter(|(_, figure)| says(figure)).collect()
    }

    /// Returns the figure of the county's own report.
    fn own_figure(&self) -> Option<&'a Figure> {
        let cell = &self.own?.tables[self.table][self.at];
        cell.place.map(|_| &cell.figure)
    }

    fn compute_total(&self) -> CellTotal {
        let rule = self.form.tables[self.table].collect_rule_of(self.at);
        let numbers: Vec<Decimal> =
            self.unit_figures().filter_map(|(_, f)| f.as_number()).collect();
        let sum = numbers.iter().fold(Decimal::ZERO, |sum, number| sum + *number);
        let unread = self.unit_figures().filter(|(_, f)| **f == Figure::Unknown).count();
        let blanks = self.members.len() - numbers.len() - unread;
        let added = if numbers.is_empty() { self.common_figure() } else { Figure::Number(sum) };
        let (figure, open) = match (rule, self.own_figure(), self.filled_figures().as_slice()) {
            (CollectRule::Keep | CollectRule::Review, Some(own), _) => (own.clone(), false),
            // If at most one unit has a figure, nothing can be counted twice.
            (CollectRule::Sum, ..) | (_, None, []) => (added, false),
            (_, None, [(_, only)]) => ((*only).clone(), false),
            _ => (Figure::Blank, true),
        };
        CellTotal { figure, sum, rule, open, blanks, unread }
    }

    /// Returns the value that all units have in common if none has a number; blank if they differ.
    fn common_figure(&self) -> Figure {
        let mut figures = self.unit_figures().map(|(_, figure)| figure);
        let first = figures.next().cloned().unwrap_or(Figure::Number(Decimal::ZERO));
        if figures.all(|figure| *figure == first) { first } else { Figure::Blank }
    }

    fn check_total(&self, total: &CellTotal, found: &mut Vec<Diagnostic>) {
        match (total.rule, self.own) {
            (_, None) if total.open => found.push(self.open_finding(total)),
            (CollectRule::Sum, Some(own)) => self.check_roll_up(own, total, found),
            (CollectRule::Review, Some(own)) if total.open => {
                let one = self.open_finding(total);
                found.push(Diagnostic { location: own.cell_location(self.table, self.at), ..one });
            }
            (CollectRule::Review, Some(own)) => self.check_bounds(own, total, found),
            (CollectRule::Keep, Some(own)) if total.open => {
                let one = self.open_finding(total);
                found.push(Diagnostic { location: own.cell_location(self.table, self.at), ..one });
            }
            _ => {}
        }
    }

    fn official_names(&self) -> (&'a str, String, &'a str) {
        let table = &self.form.tables[self.table];
        let id = table.cells[self.at];
        (&table.name, table.row_name(id.row), &table.columns[id.column].label)
    }

    fn cell_ref(&self) -> docx_fill::diag::FormCellRef {
        let table = &self.form.tables[self.table];
        let id = table.cells[self.at];
        cell_ref(table, Some(id.row), Some(id.column))
    }

    /// Returns the finding for a figure that cannot be added and that nobody has given.
    fn open_finding(&self, total: &CellTotal) -> Diagnostic {
        let (table, row, column) = self.official_names();
        let message = match total.rule {
            CollectRule::Keep => msg!("collect.keep", table = table, row = row, column = column),
            _ => msg!("collect.ask", table = table, row = row, column = column),
        };
        let one = Diagnostic::warning("ask-total", Location::Nowhere, message);
        let one = self.with_contributions(one).with_cell(self.cell_ref());
        one.with_hint(msg!("collect.ask-hint", sum = total.sum.to_string()))
    }

    /// Adds the units' figures to a finding as further lines.
    fn with_contributions(&self, mut one: Diagnostic) -> Diagnostic {
        let mut sayings = self.filled_figures();
        sayings.sort_by_key(|(_, figure)| std::cmp::Reverse(figure.as_number()));
        for (name, figure) in sayings.iter().take(MAX_NAMED_UNITS) {
            let words = msg!("collect.contribution", unit = *name, value = figure.cell_text());
            one = one.with_label(Location::Nowhere, words);
        }
        match sayings.get(MAX_NAMED_UNITS..) {
            Some(rest) if !rest.is_empty() => {
                let numbers = rest.iter().filter_map(|(_, figure)| figure.as_number());
                let sum = numbers.fold(Decimal::ZERO, |sum, number| sum + number);
                let words = msg!("collect.others", count = rest.len(), sum = sum.to_string());
                one.with_label(Location::Nowhere, words)
            }
            _ => one,
        }
    }

    /// Compares the county's own figure with the sum of its units'. A computed figure that is not
    /// given is skipped, as it follows from the others.
    fn check_roll_up(&self, own: &Report, total: &CellTotal, found: &mut Vec<Diagnostic>) {
        let cell = &own.tables[self.table][self.at];
        let follows = cell.place.is_none() && self.form.tables[self.table].is_computed(self.at);
        let Some(number) = cell.figure.as_number().filter(|_| !follows) else { return };
        if number == total.sum {
            return;
        }
        let (table, row, column) = self.official_names();
        let gap = if number < total.sum { total.sum - number } else { number - total.sum };
        let message = msg!(
            "collect.roll-up",
            table = table,
            row = row,
            column = column,
            own = number.to_string(),
            sum = total.sum.to_string(),
            difference = gap.to_string()
        );
        let hint = msg!("collect.roll-up-hint", sum = total.sum.to_string());
        found.push(self.mismatch_finding(own, total, message).with_hint(hint));
    }

    /// Checks that a county's figure that cannot be the sum is not above it, nor below the greatest
    /// figure of a unit.
    fn check_bounds(&self, own: &Report, total: &CellTotal, found: &mut Vec<Diagnostic>) {
        let Some(number) = self.own_figure().and_then(Figure::as_number) else { return };
        let most = self.unit_figures().filter_map(|(_, figure)| figure.as_number()).max();
        let least = most.unwrap_or(Decimal::ZERO);
        if number >= least && number <= total.sum {
            return;
        }
        let (table, row, column) = self.official_names();
        let message = msg!(
            "collect.bounds",
            table = table,
            row = row,
            column = column,
            own = number.to_string(),
            least = least.to_string(),
            sum = total.sum.to_string()
        );
        found.push(self.mismatch_finding(own, total, message));
    }

    fn mismatch_finding(
        &self,
        own: &Report,
        total: &CellTotal,
        message: docx_fill::diag::Message,
    ) -> Diagnostic {
        let number = self.own_figure().and_then(Figure::as_number);
        let place = own.cell_location(self.table, self.at);
        let one = Diagnostic::error("roll-up", place, message).with_cell(self.cell_ref());
        let mut one = self.with_contributions(one);
        one.sides = number.map(|number| (number.to_string(), total.sum.to_string()));
        one
    }
}
