//! Owns the summary of a run as JSON, with the result of each report. It is written during the run
//! and appears when complete; it does not depend on clock, machine or order of work.
//! Must not decide the result of a report.

use crate::cli::Failure;
use crate::cli::fs::atomic_write;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use crate::cli::run_inputs::settings::SettingsSummary;
use docx_fill::diag::{Message, escape_hidden_json};
use nianbao::msg;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A summary that was read.
#[derive(Debug, Deserialize)]
pub(crate) struct RunSummary {
    #[serde(flatten)]
    pub(crate) head: SummaryHead,
    pub(crate) reports: Vec<ReportRecord>,
    /// Settings of the run; older versions did not write them.
    #[serde(default)]
    pub(crate) settings: SettingsSummary,
}

/// The header of a summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SummaryHead {
    /// Name and version of the program.
    pub(crate) program: String,
    /// Share of the run, such as `2/4`.
    pub(crate) shard: Option<String>,
    /// Number of reports of all shares.
    pub(crate) of: usize,
}

/// The result of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReportRecord {
    /// Index among all reports of all shares.
    pub(crate) index: usize,
    /// Path below the given one.
    pub(crate) input: String,
    pub(crate) status: BuildStatus,
    pub(crate) outputs: Vec<OutputRecord>,
    pub(crate) findings: FindingCounts,
    /// Reason for which it was not built.
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BuildStatus {
    Built,
    Unchanged,
    Refused,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutputRecord {
    /// Path within the output folder; without one, path below the given one.
    pub(crate) file: String,
    pub(crate) sha256: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FindingCounts {
    pub(crate) error: usize,
    pub(crate) warning: usize,
    pub(crate) remark: usize,
}

/// The number of reports for each result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct BuildTotals {
    pub(crate) built: usize,
    pub(crate) unchanged: usize,
    pub(crate) refused: usize,
    pub(crate) failed: usize,
}

impl BuildTotals {
    /// Counts a report.
    pub(crate) fn add_status(&mut self, status: BuildStatus) {
        *match status {
            BuildStatus::Built => &mut self.built,
            BuildStatus::Unchanged => &mut self.unchanged,
            BuildStatus::Refused => &mut self.refused,
            BuildStatus::Failed => &mut self.failed,
        } += 1;
    }

    /// Returns the number of all reports.
    pub(crate) fn report_count(&self) -> usize {
        self.built + self.unchanged + self.refused + self.failed
    }

    /// Returns the totals as a message.
    pub(crate) fn describe(&self) -> Message {
        msg!(
            "batch.total",
            all = self.report_count(),
            built = self.built,
            unchanged = self.unchanged,
            refused = self.refused,
            failed = self.failed
        )
    }

    /// Returns the totals as a message for a run stopped before the end.
    pub(crate) fn describe_stopped(&self, all: usize) -> Message {
        msg!(
            "batch.total-stopped",
            done = self.report_count(),
            all = all,
            built = self.built,
            unchanged = self.unchanged,
            refused = self.refused,
            failed = self.failed
        )
    }

    /// Returns the number of reports that were not built.
    pub(crate) fn not_built(&self) -> usize {
        self.refused + self.failed
    }
}

/// Returns the name and version of this program.
pub(crate) fn program_version() -> String {
    format!("nianbao {}", env!("CARGO_PKG_VERSION"))
}

/// Reads a summary.
pub(crate) fn read_summary(path: &Path, files: &FileReader) -> Result<RunSummary, Failure> {
    let bytes = files.read_unrecorded(path)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(msg!("batch.bad-summary", file = display_path(path)), error.to_string())
    })
}

/// A summary being written.
pub(crate) struct SummaryWriter {
    file: atomic_write::StagedWriter,
    totals: BuildTotals,
}

impl SummaryWriter {
    /// Creates a summary, which is invisible until it is finished.
    pub(crate) fn create(path: &Path, head: &SummaryHead) -> Result<SummaryWriter, Failure> {
        let mut file = atomic_write::StagedWriter::create(path)?;
        let SummaryHead { program, shard, of } = head;
        let (program, shard) = (to_escaped_json(program), to_escaped_json(shard));
        file.write_text(&format!(
            "{{\n\"program\": {program},\n\"shard\": {shard},\n\"of\": {of},\n\"reports\": ["
        ))?;
        Ok(SummaryWriter { file, totals: BuildTotals::default() })
    }

    /// Adds a report as one line.
    pub(crate) fn add_report(&mut self, record: &ReportRecord) -> Result<(), Failure> {
        let comma = if self.totals.report_count() > 0 { "," } else { "" };
        self.totals.add_status(record.status);
        self.file.write_text(&format!("{comma}\n{}", to_escaped_json(record)))
    }

    /// Returns the totals so far.
    pub(crate) fn totals(&self) -> BuildTotals {
        self.totals
    }

    /// Finishes the summary; `complete` if every report of the share is in it.
    pub(crate) fn finish(
        mut self,
        settings: &SettingsSummary,
        complete: bool,
    ) -> Result<(), Failure> {
        let (settings, totals) = (to_escaped_json(settings), to_escaped_json(&self.totals));
        self.file.write_text(&format!(
            "\n],\n\"settings\": {settings},\n\"totals\": {totals},\n\"complete\": {complete}\n}}\n"
        ))?;
        self.file.commit()
    }
}

/// Returns JSON in which special characters of names are escaped: exact for programs, harmless when
/// printed.
fn to_escaped_json(value: &impl Serialize) -> String {
    escape_hidden_json(&serde_json::to_string(value).unwrap_or_default()).into_owned()
}
