//! Owns the summary of a run as JSON: what became of each report. It grows with the run and appears whole
//! at its end; nothing in it depends on clock, machine or order of work.
//! Must not decide what became of a report.

use crate::cli::Failure;
use crate::cli::atomic_write;
use crate::cli::file_reader::FileReader;
use crate::cli::files::display_path;
use crate::cli::settings::SettingsSummary;
use docx_fill::diag::{Message, escape_hidden_json};
use nianbao::msg;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A summary as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct RunSummary {
    #[serde(flatten)]
    pub(crate) head: SummaryHead,
    pub(crate) reports: Vec<ReportRecord>,
    /// Older versions did not say.
    #[serde(default)]
    pub(crate) settings: SettingsSummary,
}

/// What stands before the reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SummaryHead {
    /// The program with its version.
    pub(crate) program: String,
    /// Which share it is, `2/4`.
    pub(crate) shard: Option<String>,
    /// How many reports all shares have together.
    pub(crate) of: usize,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReportRecord {
    /// Its place among all reports of all shares.
    pub(crate) index: usize,
    /// Its path below what was named.
    pub(crate) input: String,
    pub(crate) status: BuildStatus,
    pub(crate) outputs: Vec<OutputRecord>,
    pub(crate) findings: FindingCounts,
    /// Why it was not built.
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
    /// Name within the output folder; without one, its path below what was named.
    pub(crate) file: String,
    pub(crate) sha256: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FindingCounts {
    pub(crate) error: usize,
    pub(crate) warning: usize,
    pub(crate) remark: usize,
}

/// How many reports ended in each way.
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

    /// All of them.
    pub(crate) fn report_count(&self) -> usize {
        self.built + self.unchanged + self.refused + self.failed
    }

    /// In words.
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

    /// In words, when the run was stopped before all were done.
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

    /// Those without their files.
    pub(crate) fn not_built(&self) -> usize {
        self.refused + self.failed
    }
}

/// The name and version of this program.
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

/// A summary that is being written.
pub(crate) struct SummaryWriter {
    file: atomic_write::StagedWriter,
    totals: BuildTotals,
}

impl SummaryWriter {
    /// Begins one; nothing is to be seen of it until its end.
    pub(crate) fn create(path: &Path, head: &SummaryHead) -> Result<SummaryWriter, Failure> {
        let mut file = atomic_write::StagedWriter::create(path)?;
        let SummaryHead { program, shard, of } = head;
        let (program, shard) = (to_escaped_json(program), to_escaped_json(shard));
        file.write_text(&format!(
            "{{\n\"program\": {program},\n\"shard\": {shard},\n\"of\": {of},\n\"reports\": ["
        ))?;
        Ok(SummaryWriter { file, totals: BuildTotals::default() })
    }

    /// Adds a report, a line for each.
    pub(crate) fn add_report(&mut self, record: &ReportRecord) -> Result<(), Failure> {
        let comma = if self.totals.report_count() > 0 { "," } else { "" };
        self.totals.add_status(record.status);
        self.file.write_text(&format!("{comma}\n{}", to_escaped_json(record)))
    }

    /// How the reports ended so far.
    pub(crate) fn totals(&self) -> BuildTotals {
        self.totals
    }

    /// Ends it; `complete` if every report of the share is there.
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

/// Names stay exact for those who read it, and harmless for those who print it.
fn to_escaped_json(value: &impl Serialize) -> String {
    escape_hidden_json(&serde_json::to_string(value).unwrap_or_default()).into_owned()
}
