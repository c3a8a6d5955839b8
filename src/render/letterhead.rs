//! Owns letterhead templates: the Word document and the Typst file of a letterhead, and rendering a
//! report with them.
//! Must not know where files lie, nor the tags of a letterhead other than `{{report}}` and those of
//! the report.

use super::letterhead_page_check;
pub use super::template_files::LetterheadFiles;
#[cfg(feature = "pdf")]
use super::template_files::ProjectAdditions;
use super::template_files::TemplateFindings;
use super::{EditionTemplates, RenderJob, RenderTargets, Templates, content, word_templates};
use crate::form::Form;
use crate::letterhead::{Letterhead, PICTURES, REPORT_DOCUMENT};
use crate::limits::MAX_MARK_PIXELS;
use crate::msg;
use crate::quote::picture_extension;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, Sources};
use docx_fill::template::{
    Assets, CompiledTemplate, LinkRules, ListedTag, RenderOptions, RenderedDocx,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Name of the Word document in a letterhead folder.
pub const WORD: &str = "letterhead.docx";
/// Name of the Typst file in a letterhead folder; it exports the function `letterhead`.
pub const TYPST: &str = "letterhead.typ";
/// Name of the file with the letterhead's data, in its folder or beside a data file.
pub const DATA: &str = "letterhead.toml";

/// Typst file of the built-in letterhead.
const OWN_TYPST: &[u8] = include_bytes!("../../templates/letterhead/letterhead.typ");
/// Commented data file of a new letterhead.
const OWN_DATA: &str = include_str!("../../templates/letterhead/letterhead.toml");

/// Returns a new letterhead to be changed: every file with its name.
pub fn starter_files() -> [(&'static str, Vec<u8>); 3] {
    [
        (DATA, OWN_DATA.as_bytes().to_vec()),
        (WORD, word_templates::letterhead_template()),
        (TYPST, OWN_TYPST.to_vec()),
    ]
}

/// A letterhead read for one edition, for use with any number of reports.
pub struct LetterheadTemplate {
    /// Word document; `None` if it is faulty or missing.
    document: Option<LetterheadDocument>,
    #[cfg(feature = "pdf")]
    typst: Option<super::pdf::EditionProject>,
}

/// The styles with which a report is inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReportStyles {
    /// Those of the report.
    Own,
    /// Those of the document around it.
    Host,
}

struct LetterheadDocument {
    template: CompiledTemplate,
    source: SourceId,
    /// True if the document inserts the report with `{{report}}`; otherwise it has every tag of the
    /// report itself.
    inserts_report: bool,
    /// The styles of the report: its own in every document that somebody made.
    styles: ReportStyles,
    labels: bool,
    marks_drafts: bool,
}

/// A letterhead with what it says about one report.
#[derive(Clone, Copy)]
pub struct LetterheadJob<'a> {
    /// Letterhead to be used.
    pub template: &'a LetterheadTemplate,
    /// Data of the letterhead.
    pub letterhead: &'a Letterhead,
    /// Data filled in for the report, see [`Letterhead::to_value`].
    pub value: &'a Value,
    /// Pictures by the names of [`Letterhead::named_pictures`].
    pub pictures: &'a dyn Assets,
}

/// A letterhead's Word document, and the name that messages show.
struct NamedDocument<'a> {
    shown: &'a str,
    bytes: Vec<u8>,
}

impl Templates {
    /// Reads a letterhead for a form. A folder with neither document gets the built-in ones; with
    /// only one of them, the other output is not made. Faults go to the sink.
    pub fn read_letterhead(
        &self,
        form: &Arc<Form>,
        files: &LetterheadFiles,
        wanted: RenderTargets,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> LetterheadTemplate {
        let own = is_built_in(files);
        let mut log = TemplateFindings { sources, sink };
        report_missing_document(files, wanted, &mut log);
        let word = match files.get(WORD) {
            Some((shown, bytes)) if wanted.docx => {
                let document = NamedDocument { shown, bytes: bytes.clone() };
                let read = self.read_word_document(form, document, &mut log);
                read.map(|document| LetterheadDocument { styles: ReportStyles::Own, ..document })
            }
            None if own && wanted.docx => {
                let own = word_templates::letterhead_template();
                let document = NamedDocument { shown: WORD, bytes: own };
                self.read_word_document(form, document, &mut log)
            }
            _ => None,
        };
        LetterheadTemplate {
            document: word,
            #[cfg(feature = "pdf")]
            typst: wanted.pdf.then(|| self.letterhead_project(form, files, &mut log)).flatten(),
        }
    }

    /// Reads the Word document and sees what it has of the report.
    fn read_word_document(
        &self,
        form: &Form,
        document: NamedDocument<'_>,
        log: &mut TemplateFindings<'_>,
    ) -> Option<LetterheadDocument> {
        let NamedDocument { shown, bytes } = document;
        let TemplateFindings { sources, sink } = log;
        let source = sources.add_binary(shown);
        let template = CompiledTemplate::parse_with(bytes, source, &self.parse_options(), sink)?;
        let tags = template.tags();
        let uses = |tag: &&ListedTag, name: &str| tag.paths.iter().any(|path| path == name);
        let reports = tags.iter().filter(|tag| uses(tag, "report"));
        let places: Vec<_> = reports.map(|tag| tag.location.clone()).collect();
        let inserts = !places.is_empty();
        if let [first, second, ..] = places.as_slice() {
            let place = Location::Word(source, second.clone());
            let found = Diagnostic::error("letterhead", place, msg!("letterhead.two-reports"));
            let first = Location::Word(source, first.clone());
            sink.push(found.with_label(first, msg!("letterhead.first-report")));
            return None;
        }
        if !inserts
            && !tags.iter().flat_map(|tag| &tag.paths).any(|path| is_report_path(form, path))
        {
            let message = msg!("letterhead.no-report");
            let found = Diagnostic::error("letterhead", Location::File(source), message);
            sink.push(found.with_hint(msg!("letterhead.no-report-hint")));
            return None;
        }
        let labels = tags.iter().flat_map(|tag| &tag.paths).any(|path| !path.is_ascii());
        let marks_drafts = tags.iter().any(|tag| uses(&tag, "draft"));
        if inserts {
            letterhead_page_check::check_letterhead_page(form, template.package(), source, sink);
        }
        Some(LetterheadDocument {
            template,
            source,
            inserts_report: inserts,
            styles: ReportStyles::Host,
            labels,
            marks_drafts,
        })
    }

    #[cfg(feature = "pdf")]
    fn letterhead_project(
        &self,
        form: &Arc<Form>,
        files: &LetterheadFiles,
        log: &mut TemplateFindings<'_>,
    ) -> Option<super::pdf::EditionProject> {
        let own = is_built_in(files);
        let mut mounted = LetterheadFiles::new();
        if own {
            mounted.insert(format!("/letterhead/{TYPST}"), (TYPST.to_owned(), OWN_TYPST.to_vec()));
        } else if !files.contains_key(TYPST) {
            return None;
        }
        for (name, file) in files {
            mounted.insert(format!("/letterhead/{name}"), file.clone());
        }
        // Only built-in files are trusted.
        let foreign = !own || files.keys().any(|name| super::has_extension(name, "typ"));
        self.typst_project(form, ProjectAdditions { letterhead: mounted, foreign }, log)
    }
}

/// Checks whether a letterhead has neither document of its own, so that it gets the built-in ones.
fn is_built_in(files: &LetterheadFiles) -> bool {
    !files.contains_key(WORD) && !files.contains_key(TYPST)
}

/// Reports the document that cannot be made because the letterhead has only the other one.
fn report_missing_document(
    files: &LetterheadFiles,
    wanted: RenderTargets,
    log: &mut TemplateFindings<'_>,
) {
    if is_built_in(files) {
        return;
    }
    let TemplateFindings { sources, sink } = log;
    let pairs = [(wanted.docx, WORD, TYPST, wanted.pdf), (wanted.pdf, TYPST, WORD, wanted.docx)];
    for (asked, missing, there, other) in pairs {
        let Some((shown, _)) = files.get(there).filter(|_| asked && !files.contains_key(missing))
        else {
            continue;
        };
        let place = Location::File(sources.add_binary(shown.as_str()));
        let (message, hint) = if missing == TYPST {
            (msg!("letterhead.no-typst"), msg!("letterhead.no-typst-hint"))
        } else {
            (msg!("letterhead.no-word"), msg!("letterhead.no-word-hint"))
        };
        // If nothing else is to be made, the run would produce nothing.
        let found = if other {
            Diagnostic::warning("letterhead", place, message)
        } else {
            Diagnostic::error("letterhead", place, message)
        };
        sink.push(found.with_hint(hint));
    }
}

/// Checks whether a tag prints a text or a figure of the report.
fn is_report_path(form: &Form, path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    let table = |id: &str, name: &str| first == id || first == name;
    first == "text" || form.tables.iter().any(|form| table(&form.id, &form.name))
}

/// Renders a report with the letterhead's Word document.
pub fn render_letterhead_docx(
    job: &RenderJob<'_>,
    edition: &EditionTemplates,
    dress: &LetterheadJob<'_>,
    verify: bool,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    let word = dress.template.document.as_ref()?;
    let mut data = content::tag_data(job.report, job.texts, job.draft, word.labels);
    data["letterhead"] = dress.value.clone();
    let report =
        if word.inserts_report { Some(super::render_docx(job, edition, sink)?) } else { None };
    if let (true, Some(bytes), Some(own)) = (verify, &report, &edition.word) {
        own.verify_layout(bytes, sink);
    }
    if report.is_some() {
        let styles = if word.styles == ReportStyles::Own { "own" } else { "host" };
        data["report"] = json!({ "document": REPORT_DOCUMENT, "styles": styles });
    }
    if job.draft && !word.marks_drafts {
        let message = msg!("letterhead.no-draft-mark");
        let found = Diagnostic::warning("letterhead", Location::File(word.source), message);
        sink.push(found.with_hint(msg!("letterhead.no-draft-mark-hint")));
    }
    let report = report.map(RenderedDocx::into_bytes);
    let assets = LetterheadAssets { report, pictures: dress.pictures, texts: job.assets };
    // The report was rendered with its own template, which is trusted.
    let links =
        LinkRules { trusted_document: Some(REPORT_DOCUMENT), ..super::link_rules(job.texts) };
    let options = RenderOptions {
        compression_level: super::DEFLATE_LEVEL,
        links,
        ..RenderOptions::default()
    };
    let out = word.template.render(&data, &assets, &options, sink);
    if let (true, false, Some(bytes)) = (verify, word.inserts_report, &out) {
        word.template.verify_layout(bytes, sink);
    }
    out.map(RenderedDocx::into_bytes)
}

/// Renders a report with the letterhead's Typst file.
#[cfg(feature = "pdf")]
pub fn render_letterhead_pdf(
    job: &RenderJob<'_>,
    dress: &LetterheadJob<'_>,
    with: super::PdfResources<'_>,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    let project = dress.template.typst.as_ref()?;
    let mut files = vec![("/letterhead.json".to_owned(), dress.value.to_string().into_bytes())];
    for (name, _) in dress.letterhead.named_pictures() {
        if let Some(bytes) = dress.pictures.get(&name) {
            files.push((format!("/{PICTURES}{name}"), bytes.to_vec()));
        }
    }
    let project = super::pdf::ReportProject { project, further: files };
    super::pdf::typeset_project(job, project, with, sink)
}

/// The assets that tags of a letterhead may name: the report, the letterhead's pictures, those of
/// the texts.
struct LetterheadAssets<'a> {
    report: Option<Vec<u8>>,
    pictures: &'a dyn Assets,
    texts: &'a dyn Assets,
}

impl Assets for LetterheadAssets<'_> {
    fn get(&self, path: &str) -> Option<&[u8]> {
        if path == REPORT_DOCUMENT {
            return self.report.as_deref();
        }
        let own = path.strip_prefix(PICTURES).and_then(|path| self.pictures.get(path));
        own.or_else(|| self.texts.get(path))
    }
}

/// Reports pictures of a letterhead that are missing or of an unknown kind.
pub fn check_pictures(letterhead: &Letterhead, pictures: &dyn Assets, sink: &mut Sink) {
    for (name, picture) in letterhead.named_pictures() {
        let place = picture.place.in_source(picture.source);
        let path = &picture.text;
        let fault = |message: Message| {
            Diagnostic::error("letterhead", place.clone(), message)
                .with_hint(msg!("letterhead.picture-hint"))
        };
        let Some(bytes) = pictures.get(&name) else {
            sink.push(fault(msg!("letterhead.picture-missing", path = path)));
            continue;
        };
        let size = picture_extension(bytes).and_then(|_| imagesize::blob_size(bytes).ok());
        let Some(size) = size else {
            sink.push(fault(msg!("letterhead.picture-kind", path = path)));
            continue;
        };
        if (size.width as u64).saturating_mul(size.height as u64) > MAX_MARK_PIXELS {
            let (width, height) = (size.width, size.height);
            let limit = MAX_MARK_PIXELS / 1_000_000;
            let message =
                msg!("limit.mark", path = path, width = width, height = height, limit = limit);
            let found = Diagnostic::error("limit", place.clone(), message);
            sink.push(found.with_hint(msg!("limit.mark-hint")));
        }
    }
}
