//! Owns checking the texts of a report: numbers against the tables, dates, citations, names,
//! missing numbers, leftovers, slips and look-alike characters. All findings are warnings or
//! remarks, because words have more than one meaning.
//! Must not check a number printed by a quote: it cannot differ from the table.

mod channels;
mod citation;
mod claims;
mod dates;
mod growth;
mod leftovers;
pub(super) mod look_alikes;
mod mentions;
mod missing_numbers;
mod names;
mod organ_names;
mod other_organs;
mod percentages;
mod phrase_match;
mod phrases;
mod section_contents;
mod shape;
pub(super) mod similarity;
mod text;
mod typing_slips;

use super::{Settings, notes, rules};
use crate::report::{REWRITE_MARK, Report};
use docx_fill::diag::{Severity, Sink};
use mentions::Mentions;
use text::annotated_text::AnnotatedText;

/// The report and the settings that the checks of texts share.
pub(super) struct CheckContext<'a> {
    pub(super) report: &'a Report,
    pub(super) previous: Option<&'a Report>,
    pub(super) settings: &'a Settings,
}

/// Checks the texts. `filled` are the texts of the report with their quotes filled in, in the same
/// order; `source` is the text of the data file, used to find locations.
pub fn check_texts(
    report: &Report,
    filled: &[String],
    source: &str,
    previous: Option<&Report>,
    settings: &Settings,
    sink: &mut Sink,
) {
    let previous = previous.filter(|previous| {
        let same_family = previous.form.family.id == report.form.family.id;
        report.has_year && previous.year + 1 == report.year && same_family
    });
    let desk = CheckContext { report, previous, settings };
    let mut found = Sink::new();
    check_fields(&desk, filled, source, &mut found);
    notes::apply_notes(report, found, sink);
}

fn check_fields(desk: &CheckContext<'_>, filled: &[String], source: &str, sink: &mut Sink) {
    let report = desk.report;
    let mut mentions = Mentions::default();
    for (field, text) in report.texts.iter().zip(filled) {
        let passage = AnnotatedText::new(report, field, text, source);
        // While `unfinished` refuses a text that is still last year's, its numbers need no finding of their own.
        if !(text.contains(REWRITE_MARK) && desk.settings.is_error("unfinished")) {
            phrases::check_phrases(desk, &passage, &mut mentions, sink);
            percentages::check_percentages(desk, &passage, sink);
            channels::check_channels(&passage, sink);
            claims::check_claims(desk, &passage, sink);
            missing_numbers::check_missing_numbers(desk, &passage, sink);
            similarity::check_similarity(desk, &passage, sink);
        }
        citation::check_citations(desk, &passage, sink);
        if report.has_year {
            dates::check_dates(desk, &passage, sink);
        }
        let told = other_organs::check_other_organs(desk, &passage, sink);
        organ_names::check_organ_names(desk, &passage, &told, sink);
        leftovers::check_leftovers(&passage, sink);
        look_alikes::check_look_alikes(&passage, sink);
        typing_slips::check_typing_slips(&passage, sink);
        section_contents::check_section_contents(&passage, sink);
        shape::check_shape(desk, &passage, sink);
    }
    super::unfinished::check_rewrite_marks(report, source, sink);
    mentions.check(desk, sink);
    if report.has_year {
        other_organs::check_title_year(desk, sink);
    }
    names::check_names(report, source, sink);
}

/// Returns the severity that the registry gives a rule.
fn rule_severity(rule: &str) -> Severity {
    rules::find_rule(rule).and_then(|rule| rule.severity.severity()).unwrap_or(Severity::Info)
}
