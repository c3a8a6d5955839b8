//! Owns making one report: read, judged, drawn, and complete beside its place. Workers do it in parallel.
//! Must not put a file in its place nor print: that is done in order.

use super::build_state::FileRecord;
use super::output_folder::OutputFolder;
use crate::cli::args::{BuildArgs, DocumentFormat};
use crate::cli::atomic_write::{self, StagedFile};
use crate::cli::checksum::{Checksum, ChecksumHasher};
use crate::cli::files::{self, display_path};
use crate::cli::letterhead::{self, SelectedLetterhead};
use crate::cli::load::{self, LoadedReport};
use crate::cli::settings::RunSettings;
use crate::cli::{BufferedOutput, Failure, Outcome, SeverityCounts, Terminal, interrupt};
use docx_fill::diag::{Sink, Sources};
use nianbao::form::Form;
use nianbao::msg;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::render::letterhead::{LetterheadJob, LetterheadTemplate};
use nianbao::render::{self, EditionTemplates, RenderJob, RenderTargets, Templates};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What all workers share.
pub(super) struct WorkerContext<'a> {
    pub(super) args: &'a BuildArgs,
    /// How many share it.
    pub(super) worker_count: usize,
    pub(super) terminal: &'a Terminal,
    /// What the reports are judged by.
    pub(super) settings: &'a RunSettings,
    pub(super) tools: RenderTools,
    /// Sources that are named before any report.
    pub(super) sources: Sources,
    /// The program, its templates, its fonts and what was asked for.
    pub(super) fingerprint: Checksum,
    /// The folder for the outputs, if one was named.
    pub(super) folder: Option<&'a OutputFolder>,
    /// The folder of further templates, which may hold letterheads.
    pub(super) template_dir: Option<&'a Path>,
}

/// What reports are drawn with.
pub(super) struct RenderTools {
    pub(super) templates: Templates,
    #[cfg(feature = "pdf")]
    pub(super) fonts: Option<Fonts>,
    /// Whether PDFs are set in processes of their own.
    pub(super) separate_processes: bool,
}

/// What became of a report.
pub(super) struct ReportResult {
    pub(super) outcome: Outcome,
    pub(super) buffered: BufferedOutput,
    pub(super) counts: SeverityCounts,
    /// What is to be said about the templates that it needs, once for all reports.
    pub(super) notes: Vec<Arc<TemplateNotes>>,
    /// Nothing if the user did not want to wait for it.
    pub(super) ending: Option<ReportEnding>,
}

/// How the making of a report ended.
pub(super) enum ReportEnding {
    /// All its files are complete.
    Built(Vec<ReportFile>),
    /// Its errors forbid it.
    Refused,
    /// It cannot be made; the reason.
    Failed(String),
}

/// A file of a report.
pub(super) struct ReportFile {
    pub(super) path: PathBuf,
    pub(super) record: FileRecord,
    /// The new file; absent if the old one is still right.
    pub(super) staged: Option<StagedFile>,
}

/// What is to be said about the templates of an edition, or about a letterhead.
pub(super) struct TemplateNotes {
    pub(super) key: String,
    pub(super) buffered: BufferedOutput,
    pub(super) counts: SeverityCounts,
}

/// Templates that were read: of an edition, or of a letterhead for one.
struct CachedTemplate<T> {
    template: T,
    notes: Option<Arc<TemplateNotes>>,
    outcome: Outcome,
    faulty: bool,
}

/// A report to be drawn in one of its variants.
#[derive(Clone, Copy)]
struct ReportVariant<'a> {
    loaded: &'a LoadedReport,
    /// Its letterhead; without one it is made as it is published.
    letterhead: Option<&'a SelectedLetterhead>,
    inputs: Checksum,
}

/// What draws a report: its edition, and a letterhead with what that says about it.
type VariantTemplates<'a> =
    (&'a EditionTemplates, Option<&'a LetterheadTemplate>, Option<&'a SelectedLetterhead>);

/// Tells a letterhead, read for an edition, from others.
fn letterhead_key(loaded: &LoadedReport, dressed: &SelectedLetterhead) -> (String, String) {
    (loaded.report.form.edition.clone(), dressed.key.clone())
}

fn letterhead_job<'a>(
    head: &'a LetterheadTemplate,
    dressed: &'a SelectedLetterhead,
) -> LetterheadJob<'a> {
    let SelectedLetterhead { letterhead, value, pictures, .. } = dressed;
    LetterheadJob { template: head, letterhead, value, pictures }
}

/// Makes one report after the other.
pub(super) struct ReportWorker<'a> {
    context: &'a WorkerContext<'a>,
    editions: BTreeMap<String, CachedTemplate<EditionTemplates>>,
    /// By edition and letterhead.
    letterheads: BTreeMap<(String, String), CachedTemplate<LetterheadTemplate>>,
    /// The sources of the templates.
    sources: Sources,
}

impl<'a> ReportWorker<'a> {
    pub(super) fn new(context: &'a WorkerContext<'a>) -> ReportWorker<'a> {
        let (editions, letterheads) = (BTreeMap::new(), BTreeMap::new());
        ReportWorker { context, editions, letterheads, sources: context.sources.clone() }
    }

    /// Makes a report.
    pub(super) fn build_report(&mut self, path: &Path) -> ReportResult {
        let mut terminal = self.context.terminal.buffered_copy();
        let mut notes = Vec::new();
        let made = self.try_build(path, &mut terminal, &mut notes);
        let (outcome, end) = made.unwrap_or_else(|failure| {
            (
                terminal.report_failure(&failure),
                Some(ReportEnding::Failed(failure.in_lang(terminal.lang))),
            )
        });
        let (held, found) = terminal.into_buffered();
        ReportResult { outcome, buffered: held, counts: found, notes, ending: end }
    }

    fn try_build(
        &mut self,
        path: &Path,
        terminal: &mut Terminal,
        notes: &mut Vec<Arc<TemplateNotes>>,
    ) -> Result<(Outcome, Option<ReportEnding>), Failure> {
        let ask = self.context.args;
        let (mut sources, mut sink) = (self.sources.clone(), Sink::new());
        let (by, library) = (self.context.settings, self.context.tools.templates.library());
        let load = || -> Result<_, Failure> {
            let (loaded, effect) = load::load_report(path, by, library, &mut sources, &mut sink)?;
            terminal.add_settings_effect(effect);
            let Some(loaded) = loaded else { return Ok(None) };
            let (asked, templates) = (&ask.letterhead, self.context.template_dir);
            let variants =
                letterhead::select_letterheads(templates, asked, &loaded, &mut sources, &mut sink)?;
            Ok(Some((loaded, variants)))
        };
        let (loaded, inputs) = files::record_reads(load);
        let loaded = loaded?;
        let refused = sink.has_errors() && !ask.draft;
        let mut outcome = terminal.report_findings(sink, &sources);
        let Some((loaded, variants)) = loaded else {
            return Ok((outcome, Some(ReportEnding::Refused)));
        };
        if let Some(file) = by.file.as_ref().filter(|_| by.faulty && !ask.draft) {
            let reason = msg!("settings.faulty", file = display_path(file));
            terminal.print_info(&msg!("settings.refused", file = display_path(&loaded.file)));
            let end = ReportEnding::Failed(reason.in_lang(terminal.lang));
            return Ok((Outcome::ErrorsFound, Some(end)));
        }
        if refused {
            terminal.print_info(&msg!("done.refused", file = display_path(&loaded.file)));
            return Ok((outcome, Some(ReportEnding::Refused)));
        }
        let mut adder = ChecksumHasher::default();
        adder.add_piece(self.context.fingerprint.to_string().as_bytes());
        adder.add_piece(inputs.to_string().as_bytes());
        let (inputs, mut outputs) = (adder.finish(), Vec::new());
        for variant in variants {
            let work = ReportVariant { loaded: &loaded, letterhead: variant.as_ref(), inputs };
            let (drawn, end) = self.render_variant(&work, &mut sources, terminal, notes)?;
            outcome = outcome.max(drawn);
            match end {
                Some(ReportEnding::Built(more)) => outputs.extend(more),
                other => return Ok((outcome, other)),
            }
        }
        Ok((outcome, Some(ReportEnding::Built(outputs))))
    }

    /// Makes every target that is not there yet; all of them are complete before one is put in its place.
    fn render_variant(
        &mut self,
        work: &ReportVariant<'_>,
        sources: &mut Sources,
        terminal: &mut Terminal,
        notes: &mut Vec<Arc<TemplateNotes>>,
    ) -> Result<(Outcome, Option<ReportEnding>), Failure> {
        let ask = self.context.args;
        let ReportVariant { loaded, letterhead: dressed, inputs } = *work;
        let report = &loaded.report;
        self.read_edition(&report.form, loaded, sources);
        self.read_letterhead(work, sources);
        let reader = &self.editions[&report.form.edition];
        let head =
            dressed.and_then(|dressed| self.letterheads.get(&letterhead_key(loaded, dressed)));
        notes.extend(reader.notes.clone());
        notes.extend(head.and_then(|head| head.notes.clone()));
        let before = head.map_or(reader.outcome, |head| head.outcome.max(reader.outcome));
        let faulty = if reader.faulty {
            Some(msg!("batch.faulty-edition", edition = &report.form.edition))
        } else {
            let faulty = dressed.filter(|_| head.is_some_and(|head| head.faulty));
            faulty.map(|dressed| msg!("letterhead.faulty", name = &dressed.key))
        };
        if let Some(reason) = faulty {
            terminal.print_info(&msg!("done.refused", file = display_path(&loaded.file)));
            return Ok((before, Some(ReportEnding::Failed(reason.in_lang(terminal.lang)))));
        }
        let head = head.map(|head| &head.template);
        let job =
            RenderJob { report, texts: &loaded.texts, assets: &loaded.pictures, draft: ask.draft };
        let mut sink = Sink::new();
        let mut outputs = Vec::new();
        for target in
            [DocumentFormat::Docx, DocumentFormat::Pdf].into_iter().filter(|t| ask.to.contains(t))
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
                DocumentFormat::Docx => {
                    self.render_docx(&job, (&reader.template, head, dressed), &mut sink)
                }
                DocumentFormat::Pdf => {
                    self.pdf(&job, (&reader.template, head, dressed), sources, &mut sink)?
                }
            };
            let Some(bytes) = bytes else {
                if interrupt::is_requested() && !sink.has_errors() {
                    return Ok((before, None));
                }
                continue;
            };
            let known = FileRecord { inputs, content: self.content_checksum(&bytes) };
            let ready = Some(atomic_write::stage_file(&path, &bytes, ask.durable)?);
            outputs.push(ReportFile { path, record: known, staged: ready });
        }
        let failed = sink.has_errors();
        let outcome = terminal.report_findings(sink, sources).max(before);
        let end = if failed { ReportEnding::Refused } else { ReportEnding::Built(outputs) };
        Ok((outcome, Some(end)))
    }

    /// The checksum of a file, where somebody asks for it.
    fn content_checksum(&self, bytes: &[u8]) -> Checksum {
        let asked = self.context.folder.is_some() || self.context.args.summary.is_some();
        Checksum::of_bytes(if asked { bytes } else { &[] })
    }

    /// The checksum of a file that is there, was made of the same, and was not touched since.
    fn unchanged_checksum(&self, path: &Path, inputs: Checksum) -> Option<Checksum> {
        let folder = self.context.folder.filter(|_| !self.context.args.force)?;
        let known = folder.state.record_of(path.file_name()?.to_str()?)?;
        let there = known.inputs == inputs && std::fs::symlink_metadata(path).ok()?.is_file();
        let same =
            there && Checksum::of_bytes(&files::read_unrecorded(path).ok()?) == known.content;
        same.then_some(known.content)
    }

    /// What is to be made of every report.
    fn wanted_formats(&self) -> RenderTargets {
        let to = &self.context.args.to;
        RenderTargets {
            docx: to.contains(&DocumentFormat::Docx),
            pdf: to.contains(&DocumentFormat::Pdf),
        }
    }

    /// Reads the templates of an edition once. What they name stays known, what the report named does not.
    fn read_edition(&mut self, form: &Arc<Form>, loaded: &LoadedReport, sources: &mut Sources) {
        if self.editions.contains_key(&form.edition) {
            return;
        }
        let mut sink = Sink::new();
        let templates = &self.context.tools.templates;
        let edition = templates.read_edition(form, self.wanted_formats(), sources, &mut sink);
        let reader = self.cache_template((edition, sink), form.edition.clone(), loaded, sources);
        self.editions.insert(form.edition.clone(), reader);
    }

    /// Reads the letterhead of a report once for each edition.
    fn read_letterhead(&mut self, work: &ReportVariant<'_>, sources: &mut Sources) {
        let ReportVariant { loaded, letterhead: Some(dressed), .. } = *work else { return };
        let key = letterhead_key(loaded, dressed);
        if self.letterheads.contains_key(&key) {
            return;
        }
        let (form, files) = (&loaded.report.form, &dressed.files);
        let mut sink = Sink::new();
        let head = self.context.tools.templates.read_letterhead(
            form,
            files,
            self.wanted_formats(),
            sources,
            &mut sink,
        );
        let about = format!("{} {}", key.0, key.1);
        let reader = self.cache_template((head, sink), about, loaded, sources);
        self.letterheads.insert(key, reader);
    }

    /// What was read, with what is to be said about it. The sources that it names stay known.
    fn cache_template<T>(
        &mut self,
        (read, sink): (T, Sink),
        about: String,
        loaded: &LoadedReport,
        sources: &Sources,
    ) -> CachedTemplate<T> {
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
        CachedTemplate { template: read, notes, outcome, faulty }
    }

    fn render_docx(
        &self,
        job: &RenderJob<'_>,
        (edition, head, dressed): VariantTemplates<'_>,
        sink: &mut Sink,
    ) -> Option<Vec<u8>> {
        let verify = self.context.args.verify;
        if let Some((head, dressed)) = head.zip(dressed) {
            return render::letterhead::render_letterhead_docx(
                job,
                edition,
                &letterhead_job(head, dressed),
                verify,
                sink,
            );
        }
        let bytes = render::render_docx(job, edition, sink);
        if let (true, Some(bytes), Some(word)) = (verify, &bytes, &edition.word) {
            word.verify_layout(bytes, sink);
        }
        bytes
    }

    #[cfg(feature = "pdf")]
    #[expect(clippy::unnecessary_wraps, reason = "without PDF the same call fails")]
    fn pdf(
        &self,
        job: &RenderJob<'_>,
        (edition, head, dressed): VariantTemplates<'_>,
        sources: &Sources,
        sink: &mut Sink,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let fonts = self.context.tools.fonts.as_ref();
        if let (Some(fonts), Some((head, dressed))) = (fonts, head.zip(dressed)) {
            let dress = letterhead_job(head, dressed);
            return Ok(render::letterhead::render_letterhead_pdf(
                job, &dress, fonts, sources, sink,
            ));
        }
        Ok(fonts.and_then(|fonts| render::render_pdf(job, edition, fonts, sources, sink)))
    }

    #[cfg(not(feature = "pdf"))]
    #[expect(clippy::unused_self, reason = "with PDF the same call needs it")]
    fn pdf(
        &self,
        _job: &RenderJob<'_>,
        _drawn: VariantTemplates<'_>,
        _sources: &Sources,
        _sink: &mut Sink,
    ) -> Result<Option<Vec<u8>>, Failure> {
        Err(Failure::without_cause(msg!("io.no-pdf")))
    }

    /// Beside the data file, or in the folder asked for.
    fn target_path(
        &self,
        work: &ReportVariant<'_>,
        job: &RenderJob<'_>,
        extension: &str,
    ) -> PathBuf {
        let ReportVariant { loaded, letterhead: dressed, .. } = *work;
        let suffix = dressed.map_or("", |dressed| dressed.suffix.as_str());
        let beside = || loaded.file.parent().map(Path::to_owned).unwrap_or_default();
        let dir = self.context.folder.map_or_else(beside, |folder| folder.dir.clone());
        dir.join(format!("{}.{extension}", job.file_stem_with(suffix)))
    }
}
