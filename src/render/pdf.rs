//! Owns the PDF of a report: the Typst project of an edition, its data and pictures, and the check
//! that every character has a glyph.
//! Must not know how Typst works, nor the layout of the page.

use super::fonts::Fonts;
use super::sandbox::{
    ProjectFiles, Sandbox, SandboxError, TypesetJob, TypesetOutput, TypstDiagnostic, TypstLocation,
};
use super::template_files::{ProjectAdditions, TemplateFiles, TemplateFindings};
use super::typst_world;
use super::{EditionTemplates, RenderJob, content};
use crate::form::Form;
use crate::limits::LARGE_DOCUMENT_BYTES;
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Severity, Sink, SourceId, Sources};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Path of the project's main file, which typesets the report.
pub(super) const MAIN_FILE: &str = "/report.typ";

/// Path of the project's file that typesets the letterhead.
const LETTERHEAD_FILE: &str = "/letterhead/letterhead.typ";

/// The fonts of a PDF, and the sources in which missing characters are looked for.
#[derive(Clone, Copy)]
pub struct PdfResources<'a> {
    /// Fonts of the document.
    pub fonts: &'a Fonts,
    /// Texts of the files that were read.
    pub sources: &'a Sources,
}

/// A Typst project with the files that a report adds to it.
pub(super) struct ReportProject<'a> {
    pub(super) project: &'a EditionProject,
    /// Further files by their paths in the project.
    pub(super) further: Vec<(String, Vec<u8>)>,
}

/// Sets the edition's Typst template.
pub fn render_pdf(
    job: &RenderJob<'_>,
    edition: &EditionTemplates,
    with: PdfResources<'_>,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    let project = ReportProject { project: edition.typst.as_ref()?, further: Vec::new() };
    typeset_project(job, project, with, sink)
}

/// Typesets a project with a report and further files.
pub(super) fn typeset_project(
    job: &RenderJob<'_>,
    project: ReportProject<'_>,
    with: PdfResources<'_>,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    let ReportProject { project, further } = project;
    let report = content::typst_data(job.report, job.texts, job.assets, job.draft).to_string();
    if !report_missing_glyphs(job.report.source, &report, with, sink) {
        return None;
    }
    let mut files = further;
    for (_, bytes) in files.iter().filter(|(path, _)| super::has_extension(path, "json")) {
        let text = String::from_utf8_lossy(bytes);
        if !report_missing_glyphs(job.report.source, &text, with, sink) {
            return None;
        }
    }
    files.push(("/report.json".to_owned(), report.into_bytes()));
    for (number, path) in content::text_pictures(job.texts).iter().enumerate() {
        let bytes = job.assets.get(path).unwrap_or_default();
        files.push((content::picture_path(number, path), bytes.to_vec()));
    }
    let ident = format!("{} {}", job.report.organ.name, job.report.year);
    let date = job.report.document_date();
    let setting =
        match project.typeset(TypesetJob { ident, files, date, options: None }, with.fonts) {
            Ok(setting) => setting,
            // The run was interrupted; nothing is wrong with the report.
            Err(SandboxError::Interrupted) => return None,
            Err(why) => {
                sink.push(project.stop_diagnostic(&why, job.report.source));
                return None;
            }
        };
    for complaint in &setting.diagnostics {
        sink.push(project.to_diagnostic(complaint));
    }
    setting.pdf
}

/// The Typst project of an edition, with the names of its sources for messages.
pub(super) struct EditionProject {
    backend: ProjectBackend,
    /// True if a part of it is not built in.
    foreign: bool,
    source_ids: BTreeMap<String, SourceId>,
}

/// The place in which a project is typeset.
enum ProjectBackend {
    /// In this process, for built-in templates. Large documents go to the sandbox, if there is one,
    /// where they can be stopped.
    Local(Box<typst_world::TypstProject>, Option<(Arc<ProjectFiles>, Arc<dyn Sandbox>)>),
    /// In a sandbox with limits of time and memory.
    Sandboxed(Arc<ProjectFiles>, Arc<dyn Sandbox>),
}

/// Checks whether the data of a document is so large that typesetting it may take long.
fn is_large_job(document: &TypesetJob) -> bool {
    document.files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > LARGE_DOCUMENT_BYTES
}

impl EditionProject {
    fn typeset(&self, document: TypesetJob, fonts: &Fonts) -> Result<TypesetOutput, SandboxError> {
        match &self.backend {
            ProjectBackend::Local(project, Some((files, sandbox))) if is_large_job(&document) => {
                match sandbox.typeset(files, document.clone()) {
                    // If no process can be started, the document is typeset in this process.
                    Err(SandboxError::Unavailable(_)) => Ok(project.compile_pdf(document, fonts)),
                    set => set,
                }
            }
            ProjectBackend::Local(project, _) => Ok(project.compile_pdf(document, fonts)),
            ProjectBackend::Sandboxed(files, sandbox) => sandbox.typeset(files, document),
        }
    }

    fn to_diagnostic(&self, complaint: &TypstDiagnostic) -> Diagnostic {
        let severity = if complaint.error { Severity::Error } else { Severity::Warning };
        let message = translate_message(&complaint.message);
        let place =
            complaint.spot.as_ref().map_or(Location::Nowhere, |spot| self.source_place(spot));
        let mut out = Diagnostic::new("typst", severity, place, message);
        for hint in &complaint.hints {
            out = out.with_hint(msg!("typst.hint", hint = hint.as_str()));
        }
        for spot in &complaint.trace {
            out = out.with_label(self.source_place(spot), msg!("typst.trace"));
        }
        out
    }

    fn source_place(&self, spot: &TypstLocation) -> Location {
        match (self.source_ids.get(&spot.path), spot.span()) {
            (Some(id), Some(span)) => Location::text(*id, span),
            (Some(id), None) => Location::File(*id),
            (None, _) => Location::Nowhere,
        }
    }

    /// Returns the finding for a stopped run, at the template if it is foreign, else at the report.
    fn stop_diagnostic(&self, why: &SandboxError, report: SourceId) -> Diagnostic {
        if !self.foreign {
            let (message, hint) = own_stop_words(why);
            return Diagnostic::error("typst-stopped", Location::File(report), message)
                .with_hint(hint);
        }
        let (message, hint) = stop_words(why);
        let place =
            self.source_ids.get(MAIN_FILE).map_or(Location::Nowhere, |id| Location::File(*id));
        let found = Diagnostic::error("typst-stopped", place, message).with_hint(hint);
        // From outside it cannot be seen whether the letterhead or the template ran away.
        match self.source_ids.get(LETTERHEAD_FILE) {
            Some(id) => found.with_label(Location::File(*id), msg!("typst.with-letterhead")),
            None => found,
        }
    }
}

/// Returns Typst's reason in the user's language if a template accesses something forbidden;
/// otherwise Typst's own text within a general sentence.
pub(super) fn translate_message(message: &str) -> Message {
    let known = |part: &str| message.contains(part);
    if known("would escape") || known("file not found") {
        msg!("typst.outside", message = message)
    } else if known("packages are not available") {
        msg!("typst.package")
    } else if known("seems to be infinite") || known("always true") {
        msg!("typst.endless", message = message)
    } else if known("depth exceeded") {
        msg!("typst.too-deep", message = message)
    } else {
        msg!("typst.complaint", message = message)
    }
}

pub(super) fn stop_words(why: &SandboxError) -> (Message, Message) {
    match why {
        SandboxError::TimedOut(limit) => {
            (msg!("typst.time", limit = *limit), msg!("typst.time-hint"))
        }
        SandboxError::OutOfMemory(limit) => {
            (msg!("typst.memory", limit = *limit), msg!("typst.memory-hint"))
        }
        SandboxError::Crashed | SandboxError::Interrupted => {
            (msg!("typst.crash"), msg!("typst.crash-hint"))
        }
        SandboxError::Unavailable(reason) => {
            (msg!("typst.no-sandbox", reason = reason.clone()), msg!("typst.no-sandbox-hint"))
        }
    }
}

/// Returns message and hint for a stopped run of a built-in template: the report is too demanding.
fn own_stop_words(why: &SandboxError) -> (Message, Message) {
    match why {
        SandboxError::TimedOut(limit) => {
            (msg!("typst.own-time", limit = *limit), msg!("typst.own-time-hint"))
        }
        SandboxError::OutOfMemory(limit) => {
            (msg!("typst.own-memory", limit = *limit), msg!("typst.own-memory-hint"))
        }
        SandboxError::Crashed | SandboxError::Interrupted => {
            (msg!("typst.own-crash"), msg!("typst.own-crash-hint"))
        }
        SandboxError::Unavailable(_) => stop_words(why),
    }
}

/// Reports every character that no font has, at its place in the data file; returns `false` if
/// there is one.
fn report_missing_glyphs(
    source: SourceId,
    data: &str,
    with: PdfResources<'_>,
    sink: &mut Sink,
) -> bool {
    let PdfResources { fonts, sources } = with;
    let lacking = fonts.missing_glyphs(data);
    for c in &lacking {
        let at = sources.text(source).and_then(|text| text.find(*c));
        let place = match at {
            Some(start) => Location::text(source, start..start + c.len_utf8()),
            None => Location::File(source),
        };
        let code = format!("U+{:04X}", u32::from(*c));
        let message = msg!("font.no-glyph", character = *c, code = code);
        let hint = msg!("font.no-glyph-hint");
        sink.push(Diagnostic::error("no-glyph", place, message).with_hint(hint));
    }
    lacking.is_empty()
}

/// The sandboxes in which a project may be typeset.
#[derive(Clone, Copy, Default)]
pub(super) struct ProjectSandboxes<'a> {
    /// Sandbox for all documents of the project.
    pub(super) all: Option<&'a Arc<dyn Sandbox>>,
    /// Sandbox for large documents.
    pub(super) large: Option<&'a Arc<dyn Sandbox>>,
}

/// The parts of which the Typst project of an edition is made.
pub(super) struct ProjectParts<'a> {
    pub(super) templates: &'a TemplateFiles,
    pub(super) additions: ProjectAdditions,
    pub(super) sandboxes: ProjectSandboxes<'a>,
}

/// Creates the Typst project of an edition: the common files, replaced by its own where it has
/// them, and the form as data.
pub(super) fn build_project(
    form: &Form,
    parts: ProjectParts<'_>,
    log: &mut TemplateFindings<'_>,
) -> Option<EditionProject> {
    let ProjectParts { templates, additions, sandboxes: places } = parts;
    let ProjectAdditions { letterhead, foreign } = additions;
    let TemplateFindings { sources, sink } = log;
    let own = format!("{}/", form.folder);
    let mut files: ProjectFiles = BTreeMap::new();
    let common = templates.iter().filter(|(name, _)| !name.contains('/'));
    files.extend(common.map(|(name, bytes)| (format!("/{name}"), bytes.clone())));
    for (name, bytes) in templates {
        if let Some(name) = name.strip_prefix(&own) {
            files.insert(format!("/{name}"), bytes.clone());
        }
    }
    files.remove("/report.docx");
    files.insert("/letterhead.json".to_owned(), b"null".to_vec());
    let mut names = BTreeMap::new();
    for (path, (shown, bytes)) in letterhead {
        names.insert(path.clone(), shown);
        files.insert(path, bytes);
    }
    files.insert("/form.json".to_owned(), content::form_data(form).to_string().into_bytes());
    let mut shown = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| super::has_extension(path, "typ")) {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let name = names.remove(path).unwrap_or_else(|| format!("templates{path}"));
            shown.insert(path.clone(), sources.add_text(name, text));
        }
    }
    let place = match places.all {
        // Even parsing the sources is left to the sandbox: they may be nested without limit.
        Some(sandbox) if files.keys().all(|path| typst_world::is_project_path(path)) => {
            Some(ProjectBackend::Sandboxed(Arc::new(files), sandbox.clone()))
        }
        Some(_) => None,
        None => typst_world::TypstProject::new(MAIN_FILE, &files).map(|project| {
            let large = places.large.map(|sandbox| (Arc::new(files), sandbox.clone()));
            ProjectBackend::Local(Box::new(project), large)
        }),
    };
    if place.is_none() {
        sink.push(Diagnostic::error("typst", Location::Nowhere, msg!("typst.bad-path")));
    }
    place.map(|place| EditionProject { backend: place, foreign, source_ids: shown })
}
