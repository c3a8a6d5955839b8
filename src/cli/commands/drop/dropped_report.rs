//! Owns one dropped report: reading, checking, rendering, placing the files, and creating its
//! section of the page.
//! Must not decide what the page says about it.

use super::classify::{DroppedReport, last_component};
use super::due_workbook::{older_year, place_due_workbook};
use super::results_folder::ResultsFolder;
use super::{DropContext, PageFileRecords, PageResults};
use crate::cli::Failure;
use crate::cli::fs::data_files;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::options::{DocumentFormat, ReferenceArgs};
use crate::cli::run_inputs::load::{self, LoadOutcome, LoadedReport};
use crate::cli::run_inputs::settings::{DataSearchPath, RunSettings, SETTINGS_FILE};
use docx_fill::diag::{Message, Sources};
use nianbao::msg;
use nianbao::page::{DroppedFile, Editor, FileLink, Subject};
use nianbao::render::RenderTargets;
use nianbao::session::{DataFileKind, RenderTemplates, Session};
use std::path::Path;

/// A rendered document with its format.
type RenderedDocument = (DocumentFormat, Vec<u8>);

/// Reads and checks a report, and renders it if there are no errors.
pub(super) fn report_subject(
    shop: &mut DropContext<'_>,
    single: DroppedReport,
    home: &ResultsFolder,
    gathered: &mut PageFileRecords,
) -> Subject {
    let DroppedReport { file, display_name: called, unread_files: besides, previous, has_later } =
        single;
    let file = file.as_path();
    let mut session = Session::new(shop.templates.library(), shop.context.limits)
        .with_sources(shop.sources.clone());
    let asked = shop.args.against.clone();
    let previous = asked.previous.clone().or(previous);
    let asked = ReferenceArgs { previous, only_named: true, ..asked };
    let by = RunSettings::read(&asked, &DataSearchPath::new(), &shop.context.files, &mut session);
    let (by, refused) = by.map_or_else(|wrong| (None, Some(wrong)), |by| (Some(by), None));
    let load = |by| load::load_report(file, by, &shop.context.files, &mut session);
    let read = by.as_ref().map_or_else(|| Ok(LoadOutcome::default()), load);
    let (LoadOutcome { loaded, .. }, wrong) =
        read.map_or_else(|wrong| (LoadOutcome::default(), Some(wrong)), |read| (read, None));
    let mut failure = refused.or(wrong);
    let (mut notes, mut files) = (Vec::new(), Vec::new());
    if let Some(loaded) = &loaded {
        let mut results = PageResults { home, gathered };
        match make_documents(shop, loaded, &mut session, &mut results, &mut notes) {
            Ok(links) => files = links,
            Err(error) => failure = Some(error),
        }
        notes.push(comparison_note(loaded, session.sources()));
    }
    if !besides.is_empty() {
        notes.push(msg!("page.passed-over", files = besides));
    }
    notes.extend(unused_settings_note(shop, file));
    let report = loaded.as_ref().map(|loaded| &loaded.report);
    // Whoever drops a later report too has begun it.
    let latest = report.filter(|_| !has_later);
    let (sources, sink) = session.into_parts();
    let found = sink.clone().into_sorted();
    let due = latest.and_then(|report| {
        let (due, note) = place_due_workbook(shop, report, &mut PageResults { home, gathered })?;
        notes.extend(note);
        Some(due)
    });
    shop.print_findings(sink, &sources, failure.as_ref());
    let facts = DroppedFile {
        file: &called,
        editor: editor_for(file),
        report,
        found: &found,
        sources: &sources,
        files,
        failure: failure.map(|failure| failure.in_lang(shop.lang)),
        notes,
        is_older: report.is_some_and(|report| older_year(shop, report).is_some()),
        due,
    };
    Subject::for_report(facts, shop.lang)
}

/// Renders the documents of a report and places them; returns links to them.
fn make_documents(
    shop: &DropContext<'_>,
    loaded: &LoadedReport,
    session: &mut Session<'_>,
    results: &mut PageResults<'_>,
    notes: &mut Vec<Message>,
) -> Result<Vec<FileLink>, Failure> {
    let documents = render_documents(shop, loaded, session);
    let named = NamedDocuments {
        stem: &loaded.render_job(false).file_stem(),
        documents: &documents,
        older: older_year(shop, &loaded.report),
    };
    place_documents(shop, named, results, notes)
}

/// Returns the program with which a file is opened.
fn editor_for(file: &Path) -> Editor {
    match data_files::data_file_kind(file) {
        Ok(DataFileKind::Workbook) => Editor::Sheet,
        Ok(DataFileKind::Word | DataFileKind::WebPage) => Editor::Word,
        _ => Editor::Text,
    }
}

/// Returns a note if there are settings beside the file, which are not used.
fn unused_settings_note(shop: &DropContext<'_>, file: &Path) -> Option<Message> {
    let there = parent_dir(file).join(SETTINGS_FILE).is_file();
    (there && shop.args.against.config.is_none()).then(|| msg!("page.settings-unused"))
}

/// Returns a description of what the report was compared with.
fn comparison_note(loaded: &LoadedReport, sources: &Sources) -> Message {
    match &loaded.previous {
        Some(previous) => {
            msg!("page.previous", file = last_component(Path::new(sources.name(previous.source))))
        }
        None => msg!("page.no-previous"),
    }
}

/// Returns both documents without letterhead; none if there are errors, which go to the sink.
fn render_documents(
    shop: &DropContext<'_>,
    loaded: &LoadedReport,
    session: &mut Session<'_>,
) -> Vec<RenderedDocument> {
    let mut out = Vec::new();
    if session.has_errors() {
        return out;
    }
    let wanted = RenderTargets { docx: true, pdf: cfg!(feature = "pdf") };
    let edition = session.read_edition(&shop.templates, &loaded.report.form, wanted);
    let templates = RenderTemplates { edition: &edition, letterhead: None };
    let job = loaded.render_job(false);
    let bytes = session.render_docx(&job, templates, false);
    out.extend(bytes.map(|bytes| (DocumentFormat::Docx, bytes)));
    #[cfg(feature = "pdf")]
    {
        let bytes = session.render_pdf(&job, templates, &shop.fonts);
        out.extend(bytes.map(|bytes| (DocumentFormat::Pdf, bytes)));
    }
    if session.has_errors() { Vec::new() } else { out }
}

/// The documents of a report, and the name of their files without extension.
#[derive(Clone, Copy)]
struct NamedDocuments<'a> {
    stem: &'a str,
    documents: &'a [RenderedDocument],
    /// Year of the report, if it is older than the one that is due: nobody submits its documents again.
    older: Option<u16>,
}

impl NamedDocuments<'_> {
    /// Returns what a document is for.
    fn purpose(&self, target: DocumentFormat) -> Message {
        match (target, self.older.map(u32::from)) {
            (DocumentFormat::Docx, None) => msg!("page.what-docx"),
            (DocumentFormat::Pdf, None) => msg!("page.what-pdf"),
            (DocumentFormat::Docx, Some(year)) => msg!("page.what-docx-older", year = year),
            (DocumentFormat::Pdf, Some(year)) => msg!("page.what-pdf-older", year = year),
        }
    }
}

/// Places the documents and returns links to them. If there are none, existing ones are noted as
/// outdated.
fn place_documents(
    shop: &DropContext<'_>,
    made: NamedDocuments<'_>,
    results: &mut PageResults<'_>,
    notes: &mut Vec<Message>,
) -> Result<Vec<FileLink>, Failure> {
    let (named, NamedDocuments { stem, documents: made, .. }) = (made, made);
    let PageResults { home, gathered } = results;
    if made.is_empty() {
        notes.extend(stale_document_notes(stem, home, gathered));
    }
    let mut out = Vec::new();
    for (target, bytes) in made {
        let placed = home.place_file(stem, target.file_extension(), bytes)?;
        let file = display_path(&home.dir.join(&placed.name));
        shop.terminal.print_info(&msg!("done.written", file = file));
        gathered.remember_file(home, &placed.name, placed.checksum);
        notes.extend(placed.note);
        let what = named.purpose(*target);
        out.push(FileLink::new(&gathered.link_path(home, &placed.name), &what, shop.lang));
    }
    Ok(out)
}

/// Returns notes on documents of an earlier run that do not reflect the current data.
fn stale_document_notes(
    stem: &str,
    home: &ResultsFolder,
    gathered: &mut PageFileRecords,
) -> Vec<Message> {
    let mut out = Vec::new();
    for target in [DocumentFormat::Docx, DocumentFormat::Pdf] {
        let file = format!("{stem}.{}", target.file_extension());
        if let Some(held) = home.known_checksum(&file) {
            gathered.remember_file(home, &file, held);
            out.push(msg!("page.stale", file = file));
        }
    }
    out
}

/// Returns the section on a report that cannot be read.
pub(super) fn refused_subject(shop: &DropContext<'_>, path: &Path, failure: &Failure) -> Subject {
    shop.print_failure(failure);
    let reason = failure.in_lang(shop.lang);
    Subject::for_refused(&display_path(Path::new(&last_component(path))), &reason, shop.lang)
}
