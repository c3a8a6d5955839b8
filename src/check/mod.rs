//! Owns judging a report: figures against the identities of its form and against last year's report,
//! form rules, and texts against tables. Every rule has its words in `rules.*.toml`.
//! Must not change the report, nor know an identity by name: they are data of the form.

mod answers;
mod bounds;
mod cells;
pub mod fix;
mod formal;
pub mod list;
mod mend;
mod prose;
pub mod rules;
pub mod settings;
mod sums;
mod wording;

pub(crate) use prose::glyphs::mended;
pub use prose::texts;
pub use settings::Settings;

use crate::report::Report;
use docx_fill::diag::Sink;

/// Judges the figures and the form of a report by itself; findings go to the sink.
pub fn check(report: &Report, sink: &mut Sink) {
    check_with(report, None, &Settings::default(), sink);
}

/// Judges the figures and the form of a report, also against last year's. The texts are judged by
/// [`texts`], once their quotes are filled in; [`Settings::settle`] gives the local severities.
pub fn check_with(
    report: &Report,
    previous: Option<&Report>,
    settings: &Settings,
    sink: &mut Sink,
) {
    let previous = formal::last_year(report, previous, sink);
    let mut found = Sink::new();
    judge(report, previous, settings, &mut found);
    answers::settle(report, found, sink);
}

fn judge(report: &Report, previous: Option<&Report>, settings: &Settings, sink: &mut Sink) {
    for (number, table) in report.form.tables.iter().enumerate() {
        cells::blank(report, number, sink);
        cells::levels(report, number, settings, sink);
        sums::Sums::new(report, number, table, previous).judge(sink);
        bounds::judge(report, number, sink);
        bounds::units(report, number, previous, sink);
    }
    formal::names(report, sink);
    formal::sections(report, sink);
    formal::deadline(report, settings, sink);
}
