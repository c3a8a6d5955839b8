//! Owns judging the texts of a report: numbers against the tables, dates, citations, names, gaps and
//! look-alike characters. All findings are warnings: words have more than one meaning.
//! Must not judge a number that a quote has filled in: it cannot disagree with the table.

mod citation;
mod claims;
mod dates;
mod gaps;
pub(super) mod glyphs;
mod names;
mod numbers;
mod organ;
mod passage;
mod phrases;
mod shape;
mod shares;
mod similar;
mod spelled;
mod survey;

use super::{Settings, answers};
use crate::report::Report;
use docx_fill::diag::Sink;
use passage::Passage;

/// What the texts are judged by.
pub(super) struct Desk<'a> {
    pub(super) report: &'a Report,
    pub(super) previous: Option<&'a Report>,
    pub(super) settings: &'a Settings,
}

/// Judges the texts. `filled` are the texts of the report with their quotes filled in, in the same
/// order; `source` is the text of the data file, to tell places within it.
pub fn texts(
    report: &Report,
    filled: &[String],
    source: &str,
    previous: Option<&Report>,
    settings: &Settings,
    sink: &mut Sink,
) {
    let previous = previous.filter(|previous| previous.year + 1 == report.year);
    let desk = Desk { report, previous, settings };
    let mut found = Sink::new();
    judge(&desk, filled, source, &mut found);
    answers::settle(report, found, sink);
}

fn judge(desk: &Desk<'_>, filled: &[String], source: &str, sink: &mut Sink) {
    let report = desk.report;
    for (field, text) in report.texts.iter().zip(filled) {
        let passage = Passage::new(report, field, text, source);
        phrases::judge(desk, &passage, sink);
        shares::judge(desk, &passage, sink);
        claims::judge(desk, &passage, sink);
        citation::judge(desk, &passage, sink);
        dates::judge(desk, &passage, sink);
        organ::judge(desk, &passage, sink);
        gaps::judge(&passage, sink);
        glyphs::judge(&passage, sink);
        shape::judge(desk, &passage, sink);
        similar::judge(desk, &passage, sink);
    }
    organ::title(desk, sink);
    names::judge(report, source, sink);
}
