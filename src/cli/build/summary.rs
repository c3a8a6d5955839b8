//! Owns the summary of a run as JSON: what became of each report. It grows with the run and appears whole
//! at its end; nothing in it depends on clock, machine or order of work.
//! Must not decide what became of a report.

use crate::cli::Failure;
use crate::cli::files::{self, shown};
use crate::cli::out;
use crate::cli::settings::Told;
use docx_fill::diag::{Text, escaped_json};
use nianbao::text;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A summary as it is read.
#[derive(Debug, Deserialize)]
pub(crate) struct Summary {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) reports: Vec<Record>,
    /// Older versions did not say.
    #[serde(default)]
    pub(crate) settings: Told,
}

/// What stands before the reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The program with its version.
    pub(crate) program: String,
    /// Which share it is, `2/4`.
    pub(crate) shard: Option<String>,
    /// How many reports all shares have together.
    pub(crate) of: usize,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Its place among all reports of all shares.
    pub(crate) index: usize,
    /// Its path below what was named.
    pub(crate) input: String,
    pub(crate) status: Status,
    pub(crate) outputs: Vec<File>,
    pub(crate) findings: Findings,
    /// Why it was not built.
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    Built,
    Unchanged,
    Refused,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    /// Name within the output folder; without one, its path below what was named.
    pub(crate) file: String,
    pub(crate) sha256: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Findings {
    pub(crate) error: usize,
    pub(crate) warning: usize,
    pub(crate) remark: usize,
}

/// How many reports ended in each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) built: usize,
    pub(crate) unchanged: usize,
    pub(crate) refused: usize,
    pub(crate) failed: usize,
}

impl Totals {
    /// Counts a report.
    pub(crate) fn count(&mut self, status: Status) {
        *match status {
            Status::Built => &mut self.built,
            Status::Unchanged => &mut self.unchanged,
            Status::Refused => &mut self.refused,
            Status::Failed => &mut self.failed,
        } += 1;
    }

    /// All of them.
    pub(crate) fn all(&self) -> usize {
        self.built + self.unchanged + self.refused + self.failed
    }

    /// In words.
    pub(crate) fn text(&self) -> Text {
        text!(
            "batch.total",
            all = self.all(),
            built = self.built,
            unchanged = self.unchanged,
            refused = self.refused,
            failed = self.failed
        )
    }

    /// In words, when the run was stopped before all were done.
    pub(crate) fn stopped(&self, all: usize) -> Text {
        text!(
            "batch.total-stopped",
            done = self.all(),
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
pub(crate) fn program() -> String {
    format!("nianbao {}", env!("CARGO_PKG_VERSION"))
}

/// Reads a summary.
pub(crate) fn read(path: &Path) -> Result<Summary, Failure> {
    let bytes = files::read_unnoted(path)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(text!("batch.bad-summary", file = shown(path)), error.to_string())
    })
}

/// A summary that is being written.
pub(crate) struct Writer {
    file: out::Growing,
    totals: Totals,
}

impl Writer {
    /// Begins one; nothing is to be seen of it until its end.
    pub(crate) fn begin(path: &Path, head: &Head) -> Result<Writer, Failure> {
        let mut file = out::Growing::begin(path)?;
        let Head { program, shard, of } = head;
        let (program, shard) = (json(program), json(shard));
        file.add(&format!(
            "{{\n\"program\": {program},\n\"shard\": {shard},\n\"of\": {of},\n\"reports\": ["
        ))?;
        Ok(Writer { file, totals: Totals::default() })
    }

    /// Adds a report, a line for each.
    pub(crate) fn add(&mut self, record: &Record) -> Result<(), Failure> {
        let comma = if self.totals.all() > 0 { "," } else { "" };
        self.totals.count(record.status);
        self.file.add(&format!("{comma}\n{}", json(record)))
    }

    /// How the reports ended so far.
    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    /// Ends it; `complete` if every report of the share is there.
    pub(crate) fn end(mut self, settings: &Told, complete: bool) -> Result<(), Failure> {
        let (settings, totals) = (json(settings), json(&self.totals));
        self.file.add(&format!(
            "\n],\n\"settings\": {settings},\n\"totals\": {totals},\n\"complete\": {complete}\n}}\n"
        ))?;
        self.file.end()
    }
}

/// Names stay exact for those who read it, and harmless for those who print it.
fn json(value: &impl Serialize) -> String {
    escaped_json(&serde_json::to_string(value).unwrap_or_default()).into_owned()
}
