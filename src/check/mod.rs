//! Owns checking a report: figures against the identities of its form and against last year's
//! report, form rules, and texts against tables. The texts of every rule are in `rules.*.toml`.
//! Must not change the report, nor know an identity by name: identities are data of the form.

mod bounds;
mod cells;
mod completeness;
mod equations;
pub mod findings_list;
pub mod fix;
pub mod form_rules;
mod identities;
mod identity_messages;
mod notes;
mod organ_details;
mod prose;
pub mod rules;
pub mod settings;
mod single_cell_fix;
mod unfinished;

pub(crate) use organ_details::levels_by_organ_name;
pub use prose::check_texts;
pub(crate) use prose::similarity::{common_percent, significant_chars};
pub use settings::Settings;

use crate::report::Report;
use docx_fill::diag::Sink;

/// Checks the figures and the form of a report by itself; findings go to the sink.
pub fn check_report(report: &Report, sink: &mut Sink) {
    check_report_with(report, None, &Settings::default(), sink);
}

/// Checks the figures and the form of a report, also against last year's. The texts are checked by
/// [`check_texts`] after their quotes are filled in; [`Settings::apply_severities`] applies the
/// local severities.
pub fn check_report_with(
    report: &Report,
    previous: Option<&Report>,
    settings: &Settings,
    sink: &mut Sink,
) {
    let previous = completeness::check_last_year(report, previous, sink);
    let mut found = Sink::new();
    run_checks(report, previous, settings, &mut found);
    notes::apply_notes(report, found, sink);
}

fn run_checks(report: &Report, previous: Option<&Report>, settings: &Settings, sink: &mut Sink) {
    for (number, table) in report.form.tables.iter().enumerate() {
        cells::check_blank_cells(report, number, previous, sink);
        cells::check_levels(report, number, settings, sink);
        let sums = equations::IdentityChecker::new(report, number, table, previous);
        identities::check_identities(&sums, sink);
        bounds::check_bounds(report, number, sink);
        bounds::check_units(report, number, previous, sink);
    }
    completeness::check_hidden_chars(report, sink);
    completeness::check_sections(report, sink);
    unfinished::check_sample_texts(report, sink);
    unfinished::check_carried_figures(report, sink);
    completeness::check_deadline(report, settings, sink);
    organ_details::check_contact(report, sink);
    organ_details::check_level(report, sink);
}
