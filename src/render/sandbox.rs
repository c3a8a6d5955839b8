//! Owns what crosses the border to the place where foreign Typst projects, and those of many reports, are set: a
//! project, a document and what came of it, as plain values; and the bench at the other side of that border.
//! Must not know processes, limits of time and memory, or how the values travel: `cli` does.

use super::fonts::Fonts;
use super::typst_world;
use crate::report::Date;
use docx_fill::diag::{MessageArg, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files of a project by their path; paths begin with a slash.
pub type ProjectFiles = BTreeMap<String, Vec<u8>>;

/// What belongs to one document.
#[derive(Debug, Clone)]
pub struct TypesetJob {
    /// Identifies the document in the PDF's metadata; the same data gives the same.
    pub ident: String,
    /// Virtual files besides the project's, by absolute path.
    pub files: Vec<(String, Vec<u8>)>,
    /// Date of the document: PDF/A demands one.
    pub date: Date,
}

/// What came of setting a document.
#[derive(Debug, Default)]
pub struct TypesetOutput {
    /// The PDF; absent if there is an error among the complaints.
    pub pdf: Option<Vec<u8>>,
    /// What Typst says.
    pub diagnostics: Vec<TypstDiagnostic>,
}

/// A complaint of Typst.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypstDiagnostic {
    /// Whether it is an error, not a warning.
    pub error: bool,
    /// Typst's sentence.
    pub message: String,
    /// Where it is.
    pub spot: Option<TypstLocation>,
    /// What Typst advises.
    pub hints: Vec<String>,
    /// Where the guilty code was called from.
    pub trace: Vec<TypstLocation>,
}

/// A place in a source of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypstLocation {
    /// Path of the source.
    pub path: String,
    /// First byte and one past the last.
    pub bytes: Option<(usize, usize)>,
}

impl TypstLocation {
    pub(super) fn span(&self) -> Option<Span> {
        self.bytes.map(|(start, end)| Span { start, end })
    }
}

/// Why a project was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxError {
    /// It took longer than so many seconds.
    TimedOut(u64),
    /// It took more than so many megabytes.
    OutOfMemory(u64),
    /// It took Typst down: too deeply nested, or a bug of Typst.
    Crashed,
    /// The user wants an end.
    Interrupted,
    /// The place where it would be set is not to be had.
    Unavailable(MessageArg),
}

/// A place apart where projects are set: those that may run away, and those of many reports.
pub trait Sandbox: Send + Sync {
    /// Sets a document, within the limits of the place.
    fn typeset(
        &self,
        project: &Arc<ProjectFiles>,
        document: TypesetJob,
    ) -> Result<TypesetOutput, SandboxError>;
}

/// The bench at the other side: it keeps fonts and projects for the documents that follow.
pub struct TypesetWorker {
    fonts: Fonts,
    projects: BTreeMap<u8, typst_world::TypstProject>,
}

impl TypesetWorker {
    /// With nothing but fonts.
    pub fn new(fonts: Fonts) -> TypesetWorker {
        TypesetWorker { fonts, projects: BTreeMap::new() }
    }

    /// Takes a project, in the place of the one that had its number; false if a path is none.
    pub fn load_project(&mut self, number: u8, files: &ProjectFiles) -> bool {
        let project = typst_world::TypstProject::new(super::pdf::MAIN_FILE, files);
        project.map(|project| self.projects.insert(number, project)).is_some()
    }

    /// Sets a document of a project.
    pub fn typeset(&self, number: u8, document: TypesetJob) -> TypesetOutput {
        let project = self.projects.get(&number);
        project.map(|project| project.compile_pdf(document, &self.fonts)).unwrap_or_default()
    }
}
