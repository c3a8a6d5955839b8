//! Owns what crosses the border to the place where foreign Typst projects, and those of many reports, are set: a
//! project, a document and what came of it, as plain values.
//! Must not know processes, limits of time and memory, or how the values travel: `cli` does.

use crate::report::Date;
use docx_fill::diag::{MessageArg, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files of a project by their path; paths begin with a slash.
pub type ProjectFiles = BTreeMap<String, Vec<u8>>;

/// A document to be typeset.
#[derive(Debug, Clone)]
pub struct TypesetJob {
    /// Identifier in the PDF's metadata; equal data gives equal identifiers.
    pub ident: String,
    /// Virtual files besides the project's, by absolute path.
    pub files: Vec<(String, Vec<u8>)>,
    /// Date of the document, which PDF/A requires.
    pub date: Date,
    /// Options that any template may have; `None` for those of reports.
    pub options: Option<TypesetOptions>,
}

/// Options of typesetting any Typst template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypesetOptions {
    /// Path of the main file.
    pub main: String,
    /// The texts of `sys.inputs`.
    pub inputs: Vec<(String, String)>,
    /// Kind of output.
    pub format: TypesetFormat,
    /// Names of PDF standards, such as `a-2b` and `ua-1`.
    pub standards: Vec<String>,
    /// True if the date of the job is that of the document.
    pub is_dated: bool,
}

/// A kind of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypesetFormat {
    /// One PDF.
    Pdf,
    /// A PNG for each page.
    Png,
    /// An SVG for each page.
    Svg,
}

/// The result of typesetting a document.
#[derive(Debug, Default)]
pub struct TypesetOutput {
    /// PDF, or the first page; `None` if the diagnostics contain an error.
    pub pdf: Option<Vec<u8>>,
    /// The further pages.
    pub pages: Vec<Vec<u8>>,
    /// Files that were asked for and not there: paths, and those of packages as `@space/name:1.0.0/path`.
    pub missing: Vec<String>,
    /// Diagnostics of Typst.
    pub diagnostics: Vec<TypstDiagnostic>,
}

/// A diagnostic of Typst.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypstDiagnostic {
    /// True for an error, false for a warning.
    pub error: bool,
    /// Message of Typst, in English.
    pub message: String,
    /// Place of the fault.
    pub spot: Option<TypstLocation>,
    /// Hints of Typst.
    pub hints: Vec<String>,
    /// Places of the calls that led to the fault.
    pub trace: Vec<TypstLocation>,
}

/// A place in a source of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypstLocation {
    /// Path of the source file.
    pub path: String,
    /// Start and end of the byte range.
    pub bytes: Option<(usize, usize)>,
}

impl TypstLocation {
    pub(super) fn span(&self) -> Option<Span> {
        self.bytes.map(|(start, end)| Span { start, end })
    }
}

/// A reason for which typesetting was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxError {
    /// The time limit, in seconds, was exceeded.
    TimedOut(u64),
    /// The memory limit, in megabytes, was exceeded.
    OutOfMemory(u64),
    /// Typst crashed: the project is nested too deeply, or Typst has a bug.
    Crashed,
    /// The user interrupted the run.
    Interrupted,
    /// The place where it would be set is not to be had.
    Unavailable(MessageArg),
}

/// A sandbox that typesets projects which may run away, or those of many reports.
pub trait Sandbox: Send + Sync {
    /// Typesets a document within the limits of the sandbox.
    fn typeset(
        &self,
        project: &Arc<ProjectFiles>,
        document: TypesetJob,
    ) -> Result<TypesetOutput, SandboxError>;
}
