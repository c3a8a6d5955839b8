//! Owns building one report: reading, checking, rendering, staging the files. Workers do it in
//! parallel.
//! Must not commit a file nor print: that is done in order.

use super::BuildArgs;
use super::build_state::FileRecord;
use super::output_folder::OutputFolder;
use crate::cli::fs::archives::path_on_disk;
use crate::cli::fs::atomic_write::{self, StagedFile};
use crate::cli::fs::checksum::{Checksum, ChecksumHasher};
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use crate::cli::options::DocumentFormat;
use crate::cli::run_inputs::letterhead::{self, LetterheadFolders, SelectedLetterhead};
use crate::cli::run_inputs::load::{self, LoadOutcome, LoadedReport};
use crate::cli::run_inputs::settings::RunSettings;
use crate::cli::{BufferedOutput, Failure, Outcome, SeverityCounts, Terminal, interrupt};
use docx_fill::diag::{Message, Sink, Sources};
use nianbao::form::Form;
use nianbao::limits::Limits;
use nianbao::msg;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::render::letterhead::{LetterheadJob, LetterheadTemplate};
use nianbao::render::{EditionTemplates, RenderJob, RenderTargets, Templates};
use nianbao::session::{RenderTemplates, Session};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The context shared by all workers.
pub(super) struct WorkerContext<'a> {
    pub(super) args: &'a BuildArgs,
    /// Number of workers.
    pub(super) worker_count: usize,
    pub(super) terminal: &'a Terminal,
    /// Settings of the run.
    pub(super) settings: &'a RunSettings,
    pub(super) tools: RenderTools,
    /// Sources that were registered before any report.
    pub(super) sources: Sources,
    /// Checksum of the program, templates, fonts and arguments.
    pub(super) fingerprint: Checksum,
    /// Output folder, if one was given.
    pub(super) folder: Option<&'a OutputFolder>,
    /// Folder of additional templates, which may contain letterheads.
    pub(super) template_dir: Option<&'a Path>,
    pub(super) limits: Limits,
}

/// The templates, fonts and processes for rendering.
pub(super) struct RenderTools {
    pub(super) templates: Templates,
    #[cfg(feature = "pdf")]
    pub(super) fonts: Option<Fonts>,
    /// True if PDFs are made in separate processes.
    pub(super) separate_processes: bool,
}

/// The result of building a report.
pub(super) struct ReportResult {
    pub(super) outcome: Outcome,
    pub(super) buffered: BufferedOutput,
    pub(super) counts: SeverityCounts,
    /// Notes on the templates used, to be printed once for all reports.
    pub(super) notes: Vec<Arc<TemplateNotes>>,
    /// The report's file, if there is no report of last year to compare it with.
    pub(super) uncompared: Option<PathBuf>,
    /// End of the build; `None` if it was interrupted.
    pub(super) ending: Option<ReportEnding>,
}

/// The end of building a report.
pub(super) enum ReportEnding {
    /// All files are staged.
    Built(Vec<ReportFile>),
    /// The report has errors.
    Refused,
    /// The report cannot be built, with the reason.
    Failed(String),
}

/// A file of a report.
pub(super) struct ReportFile {
    pub(super) path: PathBuf,
    pub(super) record: FileRecord,
    /// New file; `None` if the existing one is up to date.
    pub(super) staged: Option<StagedFile>,
}

/// The notes on the templates of an edition or a letterhead.
pub(super) struct TemplateNotes {
    pub(super) key: String,
    pub(super) buffered: BufferedOutput,
    pub(super) counts: SeverityCounts,
}

/// A template that was read: of an edition, or of a letterhead for an edition.
struct CachedTemplate<T> {
    template: T,
    notes: Option<Arc<TemplateNotes>>,
    outcome: Outcome,
    faulty: bool,
}

/// All that is said about one report: its own messages, and the notes on the templates that it uses.
struct ReportVoice {
    terminal: Terminal,
    notes: Vec<Arc<TemplateNotes>>,
    /// Its file, if it was compared with no report of last year: that is said once for the run.
    uncompared: Option<PathBuf>,
}

/// The report with which a template was read first, and the sources of its run.
#[derive(Clone, Copy)]
struct DrawnReport<'a> {
    loaded: &'a LoadedReport,
    sources: &'a Sources,
}

/// A report in one of its variants.
#[derive(Clone, Copy)]
struct ReportVariant<'a> {
    loaded: &'a LoadedReport,
    /// Letterhead of the variant; `None` for the report as published.
    letterhead: Option<&'a SelectedLetterhead>,
    inputs: Checksum,
}

impl ReportVariant<'_> {
    /// Returns the reason for which it cannot be made, if its templates are faulty.
    fn fault_message(&self, is_edition_faulty: bool, is_head_faulty: bool) -> Option<Message> {
        if is_edition_faulty {
            let edition = self.loaded.report.form.full_name();
            return Some(msg!("batch.faulty-edition", edition = edition));
        }
        let faulty = self.letterhead.filter(|_| is_head_faulty);
        faulty.map(|dressed| msg!("letterhead.faulty", name = &dressed.key))
    }
}

/// Returns the cache key of a letterhead for the report's edition.
fn letterhead_key(loaded: &LoadedReport, dressed: &SelectedLetterhead) -> (String, String) {
    (loaded.report.form.folder.clone(), dressed.key.clone())
}

fn letterhead_job<'a>(
    head: &'a LetterheadTemplate,
    dressed: &'a SelectedLetterhead,
) -> LetterheadJob<'a> {
    let SelectedLetterhead { letterhead, value, pictures, .. } = dressed;
    LetterheadJob { template: head, letterhead, value, pictures }
}

/// A worker that builds one report after the other.
pub(super) struct ReportWorker<'a> {
    context: &'a WorkerContext<'a>,
    editions: BTreeMap<String, CachedTemplate<EditionTemplates>>,
    /// Letterheads by edition and key.
    letterheads: BTreeMap<(String, String), CachedTemplate<LetterheadTemplate>>,
    /// Sources of the templates.
    sources: Sources,
    files: FileReader,
}

impl<'a> ReportWorker<'a> {
    pub(super) fn new(context: &'a WorkerContext<'a>) -> ReportWorker<'a> {
        let (editions, letterheads) = (BTreeMap::new(), BTreeMap::new());
        let (sources, files) = (context.sources.clone(), FileReader::new(&context.limits));
        ReportWorker { context, editions, letterheads, sources, files }
    }

    /// Builds a report.
    pub(super) fn build_report(&mut self, path: &Path) -> ReportResult {
        let terminal = self.context.terminal.buffered_copy();
        let mut voice = ReportVoice { terminal, notes: Vec::new(), uncompared: None };
        let made = self.try_build(path, &mut voice);
        let ReportVoice { terminal, notes, uncompared } = voice;
        let (outcome, end) = made.unwrap_or_else(|failure| {
            (
                terminal.report_failure(&failure),
                Some(ReportEnding::Failed(failure.in_lang(terminal.lang))),
            )
        });
        let (held, found) = terminal.into_buffered();
        ReportResult { outcome, buffered: held, counts: found, notes, uncompared, ending: end }
    }

    fn try_build(
        &mut self,
        path: &Path,
        voice: &mut ReportVoice,
    ) -> Result<(Outcome, Option<ReportEnding>), Failure> {
        let terminal = &mut voice.terminal;
        let args = self.context.args;
        let (by, library) = (self.context.settings, self.context.tools.templates.library());
        let mut session =
            Session::new(library, self.context.limits).with_sources(self.sources.clone());
        let folders =
            LetterheadFolders { template_dir: self.context.template_dir, files: &self.files };
        let load = || -> Result<_, Failure> {
            let LoadOutcome { loaded, effect } =
                load::load_report(path, by, &self.files, &mut session)?;
            terminal.add_settings_effect(effect);
            let Some(loaded) = loaded else { return Ok(None) };
            let asked = &args.letterhead;
            let variants = letterhead::select_letterheads(asked, &loaded, &folders, &mut session)?;
            Ok(Some((loaded, variants)))
        };
        let (loaded, inputs) = self.files.record_reads(load);
        let loaded = loaded?;
        let refused = session.has_errors() && !args.draft;
        let mut outcome = terminal.report_findings(session.take_findings(), session.sources());
        let Some((loaded, variants)) = loaded else {
            return Ok((outcome, Some(ReportEnding::Refused)));
        };
        voice.uncompared = loaded.is_uncompared.then(|| loaded.file.clone());
        if let Some(file) = by.file.as_ref().filter(|_| by.faulty && !args.draft) {
            let reason = msg!("settings.faulty", file = display_path(file));
            terminal.print_info(&msg!("settings.refused", file = display_path(&loaded.file)));
            let end = ReportEnding::Failed(reason.in_lang(terminal.lang));
            return Ok((Outcome::ErrorsFound, Some(end)));
        }
        // Not even a draft can be drawn without knowing of which year.
        if refused || !loaded.report.has_year {
            terminal.print_info(&msg!("done.refused", file = display_path(&loaded.file)));
            return Ok((outcome, Some(ReportEnding::Refused)));
        }
        let mut adder = ChecksumHasher::default();
        adder.add_piece(self.context.fingerprint.to_string().as_bytes());
        adder.add_piece(inputs.to_string().as_bytes());
        let (inputs, mut outputs) = (adder.finish(), Vec::new());
        for variant in variants {
            let work = ReportVariant { loaded: &loaded, letterhead: variant.as_ref(), inputs };
            let (drawn, end) = self.render_variant(&work, &mut session, voice)?;
            outcome = outcome.max(drawn);
            match end {
                Some(ReportEnding::Built(more)) => outputs.extend(more),
                other => return Ok((outcome, other)),
            }
        }
        Ok((outcome, Some(ReportEnding::Built(outputs))))
    }

    /// Renders every output that is not up to date; all are staged before one is committed.
    fn render_variant(
        &mut self,
        work: &ReportVariant<'_>,
        session: &mut Session<'_>,
        voice: &mut ReportVoice,
    ) -> Result<(Outcome, Option<ReportEnding>), Failure> {
        let ReportVoice { terminal, notes, .. } = voice;
        let args = self.context.args;
        let ReportVariant { loaded, letterhead: dressed, inputs } = *work;
        let report = &loaded.report;
        self.read_edition(&report.form, loaded, session);
        self.read_letterhead(work, session);
        let reader = &self.editions[&report.form.folder];
        let head =
            dressed.and_then(|dressed| self.letterheads.get(&letterhead_key(loaded, dressed)));
        notes.extend(reader.notes.clone());
        notes.extend(head.and_then(|head| head.notes.clone()));
        let before = head.map_or(reader.outcome, |head| head.outcome.max(reader.outcome));
        let is_head_faulty = head.is_some_and(|head| head.faulty);
        if let Some(reason) = work.fault_message(reader.faulty, is_head_faulty) {
            terminal.print_info(&msg!("done.refused", file = display_path(&loaded.file)));
            return Ok((before, Some(ReportEnding::Failed(reason.in_lang(terminal.lang)))));
        }
        let head = head.map(|head| &head.template).zip(dressed);
        let templates = RenderTemplates {
            edition: &reader.template,
            letterhead: head.map(|(head, dressed)| letterhead_job(head, dressed)),
        };
        let job = loaded.render_job(args.draft);
        let mut outputs = Vec::new();
        for target in
            [DocumentFormat::Docx, DocumentFormat::Pdf].into_iter().filter(|t| args.to.contains(t))
        {
            let path = self.target_path(work, &job, target.file_extension());
            if let Some(content) = self.unchanged_checksum(&path, inputs) {
                outputs.push(ReportFile {
                    path,
                    record: FileRecord { inputs, content },
                    staged: None,
                });
                continue;
            }
            let bytes = match target {
                DocumentFormat::Docx => session.render_docx(&job, templates, args.verify),
                DocumentFormat::Pdf => self.render_pdf(&job, templates, session)?,
            };
            let Some(bytes) = bytes else {
                if interrupt::is_requested() && !session.has_errors() {
                    return Ok((before, None));
                }
                continue;
            };
            let known = FileRecord { inputs, content: Checksum::of_bytes(&bytes) };
            let ready = Some(atomic_write::stage_file(&path, &bytes, args.durable)?);
            outputs.push(ReportFile { path, record: known, staged: ready });
        }
        let failed = session.has_errors();
        let found = session.take_findings();
        let outcome = terminal.report_findings(found, session.sources()).max(before);
        let end = if failed { ReportEnding::Refused } else { ReportEnding::Built(outputs) };
        Ok((outcome, Some(end)))
    }

    /// Returns the checksum of an existing file that was built from the same inputs and is
    /// unmodified.
    fn unchanged_checksum(&self, path: &Path, inputs: Checksum) -> Option<Checksum> {
        let folder = self.context.folder.filter(|_| !self.context.args.force)?;
        let known = folder.state.record_of(path.file_name()?.to_str()?)?;
        let there = known.inputs == inputs && std::fs::symlink_metadata(path).ok()?.is_file();
        let same =
            there && Checksum::of_bytes(&self.files.read_unrecorded(path).ok()?) == known.content;
        same.then_some(known.content)
    }

    /// Returns the formats to be built of every report.
    fn wanted_formats(&self) -> RenderTargets {
        let to = &self.context.args.to;
        RenderTargets {
            docx: to.contains(&DocumentFormat::Docx),
            pdf: to.contains(&DocumentFormat::Pdf),
        }
    }

    /// Reads the templates of an edition once. What they name stays known, what the report named does not.
    fn read_edition(&mut self, form: &Arc<Form>, loaded: &LoadedReport, session: &mut Session<'_>) {
        if self.editions.contains_key(&form.folder) {
            return;
        }
        let (templates, targets) = (&self.context.tools.templates, self.wanted_formats());
        let read = session.aside(|session| session.read_edition(templates, form, targets));
        let reader = self.cache_template(
            read,
            form.folder.clone(),
            DrawnReport { loaded, sources: session.sources() },
        );
        self.editions.insert(form.folder.clone(), reader);
    }

    /// Reads the letterhead of a report once for each edition.
    fn read_letterhead(&mut self, work: &ReportVariant<'_>, session: &mut Session<'_>) {
        let ReportVariant { loaded, letterhead: Some(dressed), .. } = *work else { return };
        let key = letterhead_key(loaded, dressed);
        if self.letterheads.contains_key(&key) {
            return;
        }
        let (form, files) = (&loaded.report.form, &dressed.files);
        let (templates, targets) = (&self.context.tools.templates, self.wanted_formats());
        let read =
            session.aside(|session| session.read_letterhead(templates, form, files, targets));
        let about = format!("{} {}", key.0, key.1);
        let reader =
            self.cache_template(read, about, DrawnReport { loaded, sources: session.sources() });
        self.letterheads.insert(key, reader);
    }

    /// Creates a cache entry with its notes, and keeps the sources to which they refer.
    fn cache_template<T>(
        &mut self,
        read: (T, Sink),
        about: String,
        drawn: DrawnReport<'_>,
    ) -> CachedTemplate<T> {
        let ((template, sink), DrawnReport { loaded, sources }) = (read, drawn);
        self.sources = sources.clone();
        let previous = loaded.previous.iter().map(|report| report.source);
        for source in previous.chain([loaded.report.source]) {
            self.sources.drop_text(source);
        }
        let (silent, faulty) = (sink.is_empty(), sink.has_errors());
        let mut terminal = self.context.terminal.buffered_copy();
        let outcome = terminal.report_findings(sink, sources);
        let (held, found) = terminal.into_buffered();
        let notes = (!silent)
            .then(|| Arc::new(TemplateNotes { key: about, buffered: held, counts: found }));
        CachedTemplate { template, notes, outcome, faulty }
    }

    #[cfg(feature = "pdf")]
    #[expect(clippy::unnecessary_wraps, reason = "without PDF the same call fails")]
    fn render_pdf(
        &self,
        job: &RenderJob<'_>,
        templates: RenderTemplates<'_>,
        session: &mut Session<'_>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let fonts = self.context.tools.fonts.as_ref();
        Ok(fonts.and_then(|fonts| session.render_pdf(job, templates, fonts)))
    }

    #[cfg(not(feature = "pdf"))]
    #[expect(clippy::unused_self, reason = "with PDF the same call needs it")]
    fn render_pdf(
        &self,
        _job: &RenderJob<'_>,
        _templates: RenderTemplates<'_>,
        _session: &mut Session<'_>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        Err(Failure::without_cause(msg!("io.no-pdf")))
    }

    /// Returns the path of an output: beside the data file, or in the given folder.
    fn target_path(
        &self,
        work: &ReportVariant<'_>,
        job: &RenderJob<'_>,
        extension: &str,
    ) -> PathBuf {
        let ReportVariant { loaded, letterhead: dressed, .. } = *work;
        let suffix = dressed.map_or("", |dressed| dressed.suffix.as_str());
        // What lies in an archive has its documents beside the archive.
        let on_disk = path_on_disk(&loaded.file);
        let beside = || on_disk.parent().map(Path::to_owned).unwrap_or_default();
        let dir = self.context.folder.map_or_else(beside, |folder| folder.dir.clone());
        dir.join(format!("{}.{extension}", job.file_stem_with(suffix)))
    }
}
