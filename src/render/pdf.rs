//! Owns the PDF of a report: the Typst project of an edition, its data and pictures, and the check that
//! every character can be set.
//! Must not know how Typst works, nor how the page looks.

use super::fonts::Fonts;
use super::letterhead::LetterheadFiles;
use super::sandbox::{Complaint, Document, ProjectFiles, Sandbox, Setting, Spot, Stopped};
use super::templates::Files;
use super::typeset;
use super::{Edition, Job, content};
use crate::form::Form;
use crate::limits::LARGE_DOCUMENT;
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Severity, Sink, SourceId, Sources, Span, Text};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The file of a project that draws the report.
pub(super) const MAIN: &str = "/report.typ";

/// The file of a project that draws the letterhead.
const LETTERHEAD: &str = "/letterhead/letterhead.typ";

/// The Typst entry file of an edition that brings none.
const ANY_EDITION: &[u8] = include_bytes!("../../templates/2021/report.typ");

/// Sets the edition's Typst template.
pub fn pdf(
    job: &Job<'_>,
    edition: &Edition,
    fonts: &Fonts,
    sources: &Sources,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    set(job, edition.typst.as_ref()?, Vec::new(), fonts, sources, sink)
}

/// Sets a project with a report and further files.
pub(super) fn set(
    job: &Job<'_>,
    project: &Project,
    further: Vec<(String, Vec<u8>)>,
    fonts: &Fonts,
    sources: &Sources,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    let report = content::typeset(job.report, job.texts, job.assets, job.draft).to_string();
    if !say_missing_glyphs(job.report.source, &report, fonts, sources, sink) {
        return None;
    }
    let mut files = further;
    for (_, bytes) in files.iter().filter(|(path, _)| super::has_extension(path, "json")) {
        let text = String::from_utf8_lossy(bytes);
        if !say_missing_glyphs(job.report.source, &text, fonts, sources, sink) {
            return None;
        }
    }
    files.push(("/report.json".to_owned(), report.into_bytes()));
    for (number, path) in content::pictures(job.texts).iter().enumerate() {
        let bytes = job.assets.get(path).unwrap_or_default();
        files.push((content::picture_path(number, path), bytes.to_vec()));
    }
    let ident = format!("{} {}", job.report.organ.name, job.report.year);
    let date = job.report.document_date();
    let setting = match project.set(Document { ident, files, date }, fonts) {
        Ok(setting) => setting,
        // Nothing is wrong with the report.
        Err(Stopped::Interrupted) => return None,
        Err(why) => {
            sink.push(project.stopped(&why, job.report.source));
            return None;
        }
    };
    for complaint in &setting.complaints {
        sink.push(project.diagnostic(complaint));
    }
    setting.pdf
}

/// The Typst project of an edition, with the names under which its sources are shown.
pub(super) struct Project {
    place: At,
    /// Whether somebody else wrote a part of it.
    foreign: bool,
    shown: BTreeMap<String, SourceId>,
}

/// Where a project is set.
enum At {
    /// Here: it came with the program. Large documents go where they can be stopped, if there is such a place.
    Home(Box<typeset::Project>, Option<(Arc<ProjectFiles>, Arc<dyn Sandbox>)>),
    /// Where it can do no harm and takes nobody's time.
    Away(Arc<ProjectFiles>, Arc<dyn Sandbox>),
}

/// Whether the data of a document is so large that setting it may take long.
fn is_large(document: &Document) -> bool {
    document.files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > LARGE_DOCUMENT
}

impl Project {
    fn set(&self, document: Document, fonts: &Fonts) -> Result<Setting, Stopped> {
        match &self.place {
            At::Home(project, Some((files, sandbox))) if is_large(&document) => {
                match sandbox.set(files, document.clone()) {
                    // Where no process can be started, the program does what it can.
                    Err(Stopped::Absent(_)) => Ok(project.pdf(document, fonts)),
                    set => set,
                }
            }
            At::Home(project, _) => Ok(project.pdf(document, fonts)),
            At::Away(files, sandbox) => sandbox.set(files, document),
        }
    }

    fn diagnostic(&self, complaint: &Complaint) -> Diagnostic {
        let severity = if complaint.error { Severity::Error } else { Severity::Warning };
        let message = reason(&complaint.message);
        let place = complaint.spot.as_ref().map_or(Place::Nowhere, |spot| self.place(spot));
        let mut out = Diagnostic::new("typst", severity, place, message);
        for hint in &complaint.hints {
            out = out.hint(text!("typst.hint", hint = hint.as_str()));
        }
        for spot in &complaint.trace {
            out = out.label(self.place(spot), text!("typst.trace"));
        }
        out
    }

    fn place(&self, spot: &Spot) -> Place {
        match (self.shown.get(&spot.path), spot.span()) {
            (Some(id), Some(span)) => Place::Text(*id, span),
            (Some(id), None) => Place::File(*id),
            (None, _) => Place::Nowhere,
        }
    }

    /// Why there is no setting: a foreign template is to blame for it, the program's own is not.
    fn stopped(&self, why: &Stopped, report: SourceId) -> Diagnostic {
        if !self.foreign {
            let (message, hint) = own_words(why);
            return Diagnostic::error("typst-stopped", Place::File(report), message).hint(hint);
        }
        let (message, hint) = words(why);
        let place = self.shown.get(MAIN).map_or(Place::Nowhere, |id| Place::File(*id));
        let found = Diagnostic::error("typst-stopped", place, message).hint(hint);
        // Which of the two ran away cannot be seen from outside.
        match self.shown.get(LETTERHEAD) {
            Some(id) => found.label(Place::File(*id), text!("typst.with-letterhead")),
            None => found,
        }
    }
}

/// Typst's reason in the user's language where a template reaches for what it must not have; what is left
/// is Typst's own sentence within a general one.
fn reason(message: &str) -> Text {
    let known = |part: &str| message.contains(part);
    if known("would escape") || known("file not found") {
        text!("typst.outside", message = message)
    } else if known("packages are not available") {
        text!("typst.package")
    } else if known("seems to be infinite") || known("always true") {
        text!("typst.endless", message = message)
    } else if known("depth exceeded") {
        text!("typst.too-deep", message = message)
    } else {
        text!("typst.complaint", message = message)
    }
}

fn words(why: &Stopped) -> (Text, Text) {
    match why {
        Stopped::Time(limit) => (text!("typst.time", limit = *limit), text!("typst.time-hint")),
        Stopped::Memory(limit) => {
            (text!("typst.memory", limit = *limit), text!("typst.memory-hint"))
        }
        Stopped::Crash | Stopped::Interrupted => (text!("typst.crash"), text!("typst.crash-hint")),
        Stopped::Absent(reason) => {
            (text!("typst.no-sandbox", reason = reason), text!("typst.no-sandbox-hint"))
        }
    }
}

/// The same where the template is the program's own: then the report asks for too much.
fn own_words(why: &Stopped) -> (Text, Text) {
    match why {
        Stopped::Time(limit) => {
            (text!("typst.own-time", limit = *limit), text!("typst.own-time-hint"))
        }
        Stopped::Memory(limit) => {
            (text!("typst.own-memory", limit = *limit), text!("typst.own-memory-hint"))
        }
        Stopped::Crash | Stopped::Interrupted => {
            (text!("typst.own-crash"), text!("typst.own-crash-hint"))
        }
        Stopped::Absent(_) => words(why),
    }
}

/// Says every character that no font has, at its place in the data file; false if there is one.
fn say_missing_glyphs(
    source: SourceId,
    data: &str,
    fonts: &Fonts,
    sources: &Sources,
    sink: &mut Sink,
) -> bool {
    let lacking = fonts.lacks(data);
    for c in &lacking {
        let at = sources.text(source).and_then(|text| text.find(*c));
        let place = match at {
            Some(start) => Place::Text(source, Span { start, end: start + c.len_utf8() }),
            None => Place::File(source),
        };
        let code = format!("U+{:04X}", u32::from(*c));
        let message = text!("font.no-glyph", character = *c, code = code);
        let hint = text!("font.no-glyph-hint");
        sink.push(Diagnostic::error("no-glyph", place, message).hint(hint));
    }
    lacking.is_empty()
}

/// Where a project may be set instead of here.
#[derive(Clone, Copy, Default)]
pub(super) struct Places<'a> {
    /// For all its documents.
    pub(super) all: Option<&'a Arc<dyn Sandbox>>,
    /// For the large ones.
    pub(super) large: Option<&'a Arc<dyn Sandbox>>,
}

/// The Typst project of an edition: the common files, its own over them, and the form as data; `foreign` if
/// not all of it came with the program.
pub(super) fn project(
    form: &Form,
    (templates, letterhead): (&Files, LetterheadFiles),
    (places, foreign): (Places<'_>, bool),
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Project> {
    let own = format!("{}/", form.edition);
    let mut files: ProjectFiles = BTreeMap::new();
    files.insert(MAIN.to_owned(), ANY_EDITION.to_vec());
    for (name, bytes) in templates {
        let common = (!name.contains('/')).then_some(name.as_str());
        if let Some(name) = name.strip_prefix(&own).or(common) {
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
    files.insert("/form.json".to_owned(), content::form(form).to_string().into_bytes());
    let mut shown = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| super::has_extension(path, "typ")) {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let name = names.remove(path).unwrap_or_else(|| format!("templates{path}"));
            shown.insert(path.clone(), sources.add_text(name, text));
        }
    }
    let place = match places.all {
        // Even reading the sources is left to the sandbox: they may be nested without end.
        Some(sandbox) if files.keys().all(|path| typeset::is_path(path)) => {
            Some(At::Away(Arc::new(files), sandbox.clone()))
        }
        Some(_) => None,
        None => typeset::Project::new(MAIN, &files).map(|project| {
            let large = places.large.map(|sandbox| (Arc::new(files), sandbox.clone()));
            At::Home(Box::new(project), large)
        }),
    };
    if place.is_none() {
        sink.push(Diagnostic::error("typst", Place::Nowhere, text!("typst.bad-path")));
    }
    place.map(|place| Project { place, foreign, shown })
}
