//! Owns a letterhead in use: the Word document and the Typst file that draw it, and a report put into them.
//! Must not know where its files lie, nor what is in a letterhead beyond `{{report}}`.

use super::{EditionTemplates, RenderJob, RenderTargets, Templates, content, word_templates};
use crate::form::Form;
use crate::letterhead::{Letterhead, PICTURES, REPORT_DOCUMENT};
use crate::limits::MAX_MARK_PIXELS;
use crate::msg;
use crate::quote::picture_extension;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, Sources};
use docx_fill::template::{Assets, LinkRules, RenderOptions, TagSite, Template};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The Word document of a letterhead folder.
pub const WORD: &str = "letterhead.docx";
/// The Typst file of a letterhead folder; it exports the function `letterhead`.
pub const TYPST: &str = "letterhead.typ";
/// What a letterhead says, in its folder or beside a data file.
pub const DATA: &str = "letterhead.toml";

/// The Typst file that comes with the program.
const OWN_TYPST: &[u8] = include_bytes!("../../templates/letterhead/letterhead.typ");
/// The commented file of a new letterhead.
const OWN_DATA: &str = include_str!("../../templates/letterhead/letterhead.toml");

/// The files of a letterhead by their path in its folder, each with the name that messages show.
pub type LetterheadFiles = BTreeMap<String, (String, Vec<u8>)>;

/// A new letterhead to be changed: every file with its name.
pub fn starter_files() -> [(&'static str, Vec<u8>); 3] {
    [
        (DATA, OWN_DATA.as_bytes().to_vec()),
        (WORD, word_templates::letterhead_template()),
        (TYPST, OWN_TYPST.to_vec()),
    ]
}

/// A letterhead read for one edition, to be used for any number of reports.
pub struct LetterheadTemplate {
    /// The Word document; absent if it is faulty or there is none.
    document: Option<LetterheadDocument>,
    #[cfg(feature = "pdf")]
    typst: Option<super::pdf::EditionProject>,
}

struct LetterheadDocument {
    template: Template,
    source: SourceId,
    /// The report is inserted; otherwise the document has every tag itself.
    inserts_report: bool,
    labels: bool,
    marks_drafts: bool,
}

/// A letterhead with what it says about one report.
pub struct LetterheadJob<'a> {
    /// The letterhead.
    pub template: &'a LetterheadTemplate,
    /// What it says.
    pub letterhead: &'a Letterhead,
    /// The same for the report, see [`Letterhead::value`].
    pub value: &'a Value,
    /// Its pictures by the names of [`Letterhead::pictures`].
    pub pictures: &'a dyn Assets,
}

impl Templates {
    /// Reads a letterhead for a form. A folder with neither document gets those of the program; where it
    /// has only one of them, the other is not made. Faults are in the sink.
    pub fn read_letterhead(
        &self,
        form: &Arc<Form>,
        files: &LetterheadFiles,
        wanted: RenderTargets,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> LetterheadTemplate {
        let own = !files.contains_key(WORD) && !files.contains_key(TYPST);
        report_missing_document(files, own, wanted, sources, sink);
        let word = match files.get(WORD) {
            Some((shown, bytes)) if wanted.docx => {
                self.read_word_document(form, (shown, bytes.clone()), sources, sink)
            }
            None if own && wanted.docx => {
                let own = word_templates::letterhead_template();
                self.read_word_document(form, (WORD, own), sources, sink)
            }
            _ => None,
        };
        LetterheadTemplate {
            document: word,
            #[cfg(feature = "pdf")]
            typst: wanted
                .pdf
                .then(|| self.letterhead_project(form, files, own, sources, sink))
                .flatten(),
        }
    }

    /// Reads the Word document and sees what it has of the report.
    fn read_word_document(
        &self,
        form: &Form,
        (shown, bytes): (&str, Vec<u8>),
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<LetterheadDocument> {
        let source = sources.add_binary(shown);
        let template = Template::parse_with(bytes, source, &self.parse_options(), sink)?;
        let tags = template.tags();
        let uses = |tag: &&TagSite, name: &str| tag.paths.iter().any(|path| path == name);
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
        Some(LetterheadDocument { template, source, inserts_report: inserts, labels, marks_drafts })
    }

    #[cfg(feature = "pdf")]
    fn letterhead_project(
        &self,
        form: &Arc<Form>,
        files: &LetterheadFiles,
        own: bool,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<super::pdf::EditionProject> {
        let mut mounted: LetterheadFiles = BTreeMap::new();
        if own {
            mounted.insert(format!("/letterhead/{TYPST}"), (TYPST.to_owned(), OWN_TYPST.to_vec()));
        } else if !files.contains_key(TYPST) {
            return None;
        }
        for (name, file) in files {
            mounted.insert(format!("/letterhead/{name}"), file.clone());
        }
        // Only what came with the program is trusted.
        let foreign = !own || files.keys().any(|name| super::has_extension(name, "typ"));
        self.typst_project(form, mounted, foreign, sources, sink)
    }
}

/// Says which document cannot be made because the letterhead has only the other.
fn report_missing_document(
    files: &LetterheadFiles,
    own: bool,
    wanted: RenderTargets,
    sources: &mut Sources,
    sink: &mut Sink,
) {
    if own {
        return;
    }
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
        // With nothing else to make, nothing would come of the run.
        let found = if other {
            Diagnostic::warning("letterhead", place, message)
        } else {
            Diagnostic::error("letterhead", place, message)
        };
        sink.push(found.with_hint(hint));
    }
}

/// Whether a tag prints a text or a figure of the report.
fn is_report_path(form: &Form, path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    let table = |id: &str, name: &str| first == id || first == name;
    first == "text" || form.tables.iter().any(|form| table(&form.id, &form.name))
}

/// Fills the letterhead's Word document with a report.
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
        data["report"] = json!({ "document": REPORT_DOCUMENT });
    }
    if job.draft && !word.marks_drafts {
        let message = msg!("letterhead.no-draft-mark");
        let found = Diagnostic::warning("letterhead", Location::File(word.source), message);
        sink.push(found.with_hint(msg!("letterhead.no-draft-mark-hint")));
    }
    let assets = LetterheadAssets { report, pictures: dress.pictures, texts: job.assets };
    // The report was made of its own template.
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
    out
}

/// Sets a report with the letterhead's Typst file.
#[cfg(feature = "pdf")]
pub fn render_letterhead_pdf(
    job: &RenderJob<'_>,
    dress: &LetterheadJob<'_>,
    fonts: &super::fonts::Fonts,
    sources: &Sources,
    sink: &mut Sink,
) -> Option<Vec<u8>> {
    let project = dress.template.typst.as_ref()?;
    let mut files = vec![("/letterhead.json".to_owned(), dress.value.to_string().into_bytes())];
    for (name, _) in dress.letterhead.named_pictures() {
        if let Some(bytes) = dress.pictures.get(&name) {
            files.push((format!("/{PICTURES}{name}"), bytes.to_vec()));
        }
    }
    super::pdf::typeset_project(job, project, files, fonts, sources, sink)
}

/// What the tags of a letterhead may name: the report, the letterhead's pictures, those of the texts.
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

/// Says which pictures of a letterhead are missing or of an unknown kind.
pub fn check_pictures(letterhead: &Letterhead, pictures: &dyn Assets, sink: &mut Sink) {
    for (name, picture) in letterhead.named_pictures() {
        let place = Location::Span(picture.source, picture.span);
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
