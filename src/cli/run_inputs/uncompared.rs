//! Owns the remark on reports that were compared with no report of last year: one for a whole run, however many
//! reports there are.
//! Must not look for files.

use super::settings::RunSettings;
use crate::cli::fs::paths::display_path;
use crate::cli::{Outcome, Terminal};
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, Sources};
use nianbao::msg;
use std::path::{Path, PathBuf};

/// Rule id of the remark.
const NOT_COMPARED_RULE: &str = "not-compared";
/// Maximum number of reports that are named.
const MAX_NAMED_REPORTS: usize = 10;

/// The reports of a run that were compared with no report of last year.
#[derive(Debug, Default)]
pub(crate) struct UncomparedReports {
    files: Vec<PathBuf>,
}

impl UncomparedReports {
    /// Adds a report.
    pub(crate) fn add_report(&mut self, file: &Path) {
        self.files.push(file.to_owned());
    }

    /// Tells of all reports at once; of none if there are none.
    pub(crate) fn report(&self, by: &RunSettings, terminal: &mut Terminal) -> Outcome {
        let Some(first) = self.files.first() else { return Outcome::Clean };
        let (count, mut sources) = (self.files.len(), Sources::default());
        let place = Location::File(sources.add_binary(display_path(first)));
        let named = self.files.iter().take(MAX_NAMED_REPORTS).map(|file| display_path(file));
        let files: Vec<String> = named.collect();
        let message = match count {
            1 => msg!("check.not-compared"),
            2..=MAX_NAMED_REPORTS => msg!("check.not-compared-many", count = count, files = files),
            _ => msg!("check.not-compared-more", count = count, files = files),
        };
        let found = Diagnostic::new(NOT_COMPARED_RULE, Severity::Info, place, message);
        let mut sink = Sink::new();
        sink.push(found.with_hint(msg!("check.not-compared-hint")));
        terminal.report_findings(by.settings.apply_severities(sink), &sources)
    }
}
