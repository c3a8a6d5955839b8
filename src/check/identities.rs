//! Owns checking identities: those between cells of a table and those with last year's table.
//! Must not know an identity by name, nor the wording of a finding.

use super::equations::{Equation, EquationCell, IdentityChecker};
use super::{identity_messages, notes, single_cell_fix};
use crate::figure::Decimal;
use crate::form::{IdentityInstance, Term, sum_terms};
use crate::report::NoteTarget;
use docx_fill::diag::{Diagnostic, Sink};

/// Judges every identity; what a single change would mend is looked for once for all of them.
pub(super) fn check_identities(sums: &IdentityChecker<'_>, sink: &mut Sink) {
    let cells = sums.cells();
    // Nearly all reports are right: nothing is allocated for the identities that hold.
    let broken = |instance: &&IdentityInstance| {
        let computed = instance.computes.is_some_and(|goal| cells[goal].place.is_none());
        let value =
            |terms: &[Term<usize>]| sum_terms(terms, |cell| cells[*cell].figure.as_number());
        !computed && are_unequal(value(&instance.left), value(&instance.right))
    };
    let own = sums.table.instances.iter().filter(broken).map(|instance| sums.equation_of(instance));
    let crossing = sums.year_equations().into_iter().filter(|law| !sums.holds(law, cells));
    let broken: Vec<Equation<'_>> = own.chain(crossing).collect();
    if broken.is_empty() {
        return;
    }
    let change = single_cell_fix::find_single_change(sums, &broken);
    for law in &broken {
        sink.push(apply_row_note(
            sums,
            law,
            identity_messages::unequal_diagnostic(sums, law, change.as_ref()),
        ));
    }
}

/// Lowers a finding across years that the clerk has answered to a warning.
fn apply_row_note(
    sums: &IdentityChecker<'_>,
    law: &Equation<'_>,
    mut found: Diagnostic,
) -> Diagnostic {
    if law.spans_years() {
        let row = |part: EquationCell| sums.table.cells[part.cell].row;
        let mut own = law.cells().filter(|part| !part.from_last_year).map(row);
        let noted = |row| sums.report.answer_on(NoteTarget::Row { table: sums.table_index, row });
        if let Some(note) = own.find_map(noted) {
            found = notes::with_note(sums.report, found, note);
        }
    }
    found
}

fn are_unequal(left: Option<Decimal>, right: Option<Decimal>) -> bool {
    matches!((left, right), (Some(left), Some(right)) if left != right)
}
