//! Owns the county's report: the sums as its figures, with the texts of its own report, of its only
//! unit, or else the drafts of the form.
//! Must not know a syntax, nor where the report goes.

use super::{Collected, DeliveredFile};
use crate::form::{FormTable, Term, sum_terms};
use crate::msg;
use crate::report::{Report, compute_totals};
use crate::starter::{draft_texts, input_columns, is_total_row};
use docx_fill::diag::{Diagnostic, Location, Sink, SourceId, SourcePlace};

impl Collected {
    /// Returns the report that supplies the texts: the county's own, or that of the only unit in
    /// the sum.
    fn model_report(&self) -> Option<&Report> {
        self.own.as_ref().or(self.only.as_ref())
    }

    /// Returns the file in the sum if there is exactly one and the county has no report of its own: its texts are
    /// the county's. Only its figures are kept, so that it has to be read again.
    pub fn only_file(&self) -> Option<&DeliveredFile> {
        match self.included_reports().as_slice() {
            [one] if self.own.is_none() && one.report.organ == self.organ.0 => {
                self.delivered.iter().find(|file| file.source == one.report.source)
            }
            _ => None,
        }
    }

    /// Gives the county the texts of the only report in the sum.
    pub fn set_only_report(&mut self, report: Report) {
        self.only = Some(report);
    }

    /// Checks whether the texts are the form's drafts.
    pub(super) fn has_draft_texts(&self) -> bool {
        // The county's own report may consist of figures only.
        self.model_report().is_none_or(|report| self.own.is_some() && report.texts.is_empty())
    }

    /// Returns the county's report, made from the sums. Totals that follow from its figures are
    /// left to be computed; one that is too large to be exact is reported.
    pub fn county_report(&self, source: SourceId, sink: &mut Sink) -> Report {
        let mut out = Report::blank(source, self.form.clone(), self.year);
        let model = self.model_report();
        if let Some(model) = model {
            out.custom_title.clone_from(&model.custom_title);
            out.date = model.date;
            out.organ = model.organ.clone();
        }
        (out.organ.name, out.organ.level) = self.organ.clone();
        out.texts = match model.filter(|_| !self.has_draft_texts()) {
            Some(model) => model.texts.clone(),
            None => draft_texts(&self.form),
        };
        for (number, table) in self.form.tables.iter().enumerate() {
            let cells = &mut out.tables[number];
            for at in (0..table.rows.len()).flat_map(|row| self.given_cells(number, row)) {
                cells[at].figure = self.totals[number][at].figure.clone();
                cells[at].place = Some(SourcePlace::generated());
            }
            for cell in compute_totals(table, cells) {
                let id = table.cells[cell];
                let (row, column) = (&table.rows[id.row].label, &table.columns[id.column].label);
                let message = msg!("limit.total", table = &table.name, row = row, column = column);
                let found = Diagnostic::error("limit", Location::File(source), message);
                sink.push(found.with_hint(msg!("limit.total-hint")));
            }
        }
        out
    }

    /// Returns the cells of a row that the report gives: all if a computed cell differs from the
    /// sum of its addends, else those that are not computed.
    pub(super) fn given_cells(&self, number: usize, row: usize) -> Vec<usize> {
        let table = &self.form.tables[number];
        let all = || table.row_columns(row).filter_map(|column| table.cell_number(row, column));
        let odd = all().any(|at| self.differs_from_addends(number, at));
        match (odd, is_total_row(table, row)) {
            (true, _) => all().collect(),
            (false, true) => Vec::new(),
            (false, false) => {
                let own = input_columns(table, row).into_iter();
                own.filter_map(|column| table.cell_number(row, column)).collect()
            }
        }
    }

    /// Checks whether a computed cell differs from the sum of its addends.
    fn differs_from_addends(&self, number: usize, at: usize) -> bool {
        let table: &FormTable = &self.form.tables[number];
        let totals = &self.totals[number];
        if !table.is_computed(at) {
            return false;
        }
        let side =
            |terms: &[Term<usize>]| sum_terms(terms, |cell| totals[*cell].figure.as_number());
        table.eval_order.iter().map(|&plan| &table.instances[plan]).any(|instance| {
            let sides = side(&instance.left).zip(side(&instance.right));
            instance.computes == Some(at) && sides.is_some_and(|(left, right)| left != right)
        })
    }
}
