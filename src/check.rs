//! Owns judging a report: the identities of its form, and cells that are blank or "/".
//! Must not change the report, nor know an identity by name: they are data of the form.

use crate::diag::{Arg, Diagnostic, Place, Sink, Text};
use crate::figure::Decimal;
use crate::form::{Instance, Per, Table, Term};
use crate::report::{Cell, Figure, Report, cell_ref, sum};
use crate::text;

/// Rule ids of this stage; those of the identities stand in the form.
pub const RULES: &[&str] = &["blank-cell", "slash-cell", "empty-section"];

/// Judges a report; findings go to the sink.
pub fn check(report: &Report, sink: &mut Sink) {
    for (number, table) in report.form.tables.iter().enumerate() {
        let checker = Checker { report, number, table, cells: &report.tables[number] };
        checker.cells(sink);
        for instance in &table.instances {
            sink.extend(checker.identity(instance));
        }
    }
    empty_sections(report, sink);
}

/// A part without table and without text is probably forgotten.
fn empty_sections(report: &Report, sink: &mut Sink) {
    for (at, section) in report.form.sections.iter().enumerate() {
        let empty = report.text(at, false).is_none_or(|text| text.markdown.trim().is_empty());
        if let (None, Some(heading), true) = (section.table, &section.heading, empty) {
            let place = match report.text(at, false) {
                Some(text) => Place::Text(report.source, text.span),
                None => Place::File(report.source),
            };
            let message = text!("check.empty-section", heading = heading, id = &section.id);
            let found = Diagnostic::warning("empty-section", place, message);
            sink.push(found.hint(text!("check.empty-hint")));
        }
    }
}

/// A table of the report under judgement.
struct Checker<'a> {
    report: &'a Report,
    number: usize,
    table: &'a Table,
    cells: &'a [Cell],
}

impl Checker<'_> {
    fn cells(&self, sink: &mut Sink) {
        for (at, cell) in self.cells.iter().enumerate() {
            let id = self.table.cells[at];
            let row = format!("{}“{}”", self.table.name, self.table.row_name(id.row));
            let column = &self.table.columns[id.column].label;
            let (rule, message, hint) = match cell.figure {
                Figure::Blank => (
                    "blank-cell",
                    text!("check.blank-cell", row = row, column = column),
                    text!("check.blank-hint"),
                ),
                Figure::Slash if !self.table.rows[id.row].slash => (
                    "slash-cell",
                    text!("check.slash-cell", row = row, column = column),
                    text!("check.slash-hint"),
                ),
                _ => continue,
            };
            let place = self.report.cell_place(self.number, at);
            let cell = cell_ref(self.table, Some(id.row), Some(id.column));
            sink.push(Diagnostic::error(rule, place, message).cell(cell).hint(hint));
        }
    }

    /// Judges one identity for one row or column. One that needs a cell without a number is not
    /// judged, nor is one whose total the program computed itself.
    fn identity(&self, instance: &Instance) -> Option<Diagnostic> {
        let computed = instance.computes.is_some_and(|goal| self.cells[goal].span.is_none());
        if computed {
            return None;
        }
        let left = sum(&instance.left, self.cells)?;
        let right = sum(&instance.right, self.cells)?;
        (left != right).then(|| self.unequal(instance, left, right))
    }

    fn unequal(&self, instance: &Instance, left: Decimal, right: Decimal) -> Diagnostic {
        let per = self.table.identities[instance.identity].per;
        let place = self.report.cell_place(self.number, self.guilty(instance));
        let rule = self.table.identities[instance.identity].id.clone();
        let message = self.message(instance, left, right);
        let cell = match per {
            Per::Row => cell_ref(self.table, Some(instance.at), None),
            Per::Column => cell_ref(self.table, None, Some(instance.at)),
        };
        let mut found = Diagnostic::error(rule, place, message).cell(cell);
        found.sides = Some((left.to_string(), right.to_string()));
        for term in instance.terms().filter(|term| self.matters(*term)) {
            let label = self.label(per, term);
            let value = self.cells[term.index].figure.text();
            found = match self.cells[term.index].span {
                Some(span) => found.label(
                    Place::Text(self.report.source, span),
                    text!("check.term-place", label = label, value = value),
                ),
                None => found.label(
                    Place::Nowhere,
                    text!("check.term-computed", label = label, value = value),
                ),
            };
        }
        found.hint(self.hint(instance, per, left, right))
    }

    /// The cell to point at: the given total, else the first given cell.
    fn guilty(&self, instance: &Instance) -> usize {
        let given = |at: &usize| self.cells[*at].span.is_some();
        let total = instance.computes.filter(given);
        let first = || instance.terms().map(|term| term.index).find(given);
        total.or_else(first).unwrap_or_else(|| instance.left[0].index)
    }

    /// Whether a term helps the reader: it is given, or it is not zero.
    fn matters(&self, term: Term) -> bool {
        self.cells[term.index].span.is_some()
            || self.cells[term.index].figure.number() != Some(Decimal::ZERO)
    }

    fn message(&self, instance: &Instance, left: Decimal, right: Decimal) -> Text {
        let per = self.table.identities[instance.identity].per;
        let name = match per {
            Per::Row => self.table.row_name(instance.at),
            Per::Column => self.table.columns[instance.at].label.clone(),
        };
        let difference = if left < right { right - left } else { left - right };
        let table = &self.table.name;
        let ((sum_side, sum_value), (other_side, other_value)) = {
            let pair = ((&instance.left, left), (&instance.right, right));
            if instance.left.len() == 1 { (pair.1, pair.0) } else { pair }
        };
        let (sum_words, sum_value) = (self.side(per, sum_side), sum_value.to_string());
        let (other_words, other_value) = (self.side(per, other_side), other_value.to_string());
        let difference = difference.to_string();
        macro_rules! unequal {
            ($id:literal) => {
                text!(
                    $id,
                    table = table,
                    name = name,
                    left = sum_words,
                    left_sum = sum_value,
                    right = other_words,
                    right_sum = other_value,
                    difference = difference
                )
            };
        }
        match (per, other_side.len() == 1) {
            (Per::Row, true) => unequal!("check.unequal-row-single"),
            (Per::Column, true) => unequal!("check.unequal-column-single"),
            (Per::Row, false) => unequal!("check.unequal-row"),
            (Per::Column, false) => unequal!("check.unequal-column"),
        }
    }

    /// A side in official words with values; long sums leave their zeros out.
    fn side(&self, per: Per, terms: &[Term]) -> Arg {
        let shown = |term: &&Term| terms.len() <= 6 || self.matters_in_sum(**term);
        let mut parts = String::new();
        let mut words = Vec::new();
        for term in terms.iter().filter(shown) {
            let sign = match (parts.is_empty(), term.minus) {
                (true, false) => "",
                (true, true) => "−",
                (false, false) => " + ",
                (false, true) => " − ",
            };
            parts.push_str(sign);
            parts.push_str(&self.label(per, *term));
            parts.push(' ');
            parts.push_str(&self.cells[term.index].figure.text());
            words.push(term);
        }
        let hidden = terms.len() - words.len();
        if hidden == 0 {
            return Arg::from(parts);
        }
        let rest = text!("check.rest-zero", count = hidden);
        Arg::from(text!("check.sum-and-rest", sum = parts, rest = rest))
    }

    fn matters_in_sum(&self, term: Term) -> bool {
        self.cells[term.index].figure.number() != Some(Decimal::ZERO)
    }

    /// Official words of a term: the column's in a row, the row's in a column.
    fn label(&self, per: Per, term: Term) -> String {
        let id = self.table.cells[term.index];
        match per {
            Per::Row => self.table.columns[id.column].label.clone(),
            Per::Column => self.table.row_name(id.row),
        }
    }

    /// What would mend it: for a total its right value.
    fn hint(&self, instance: &Instance, per: Per, left: Decimal, right: Decimal) -> Text {
        let Some(goal) = instance.computes else { return text!("check.compare") };
        let alone = instance.left.len() == 1 && instance.left[0].index == goal;
        let value = if alone { right } else { left };
        let label = self.label(per, Term { minus: false, index: goal });
        text!("check.mend", label = label, value = value.to_string())
    }
}
