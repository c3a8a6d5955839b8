//! Owns the command `build`: any number of reports are built in parallel, and committed and
//! reported in order; a faulty report stops none of the others.
//! Must not know how a report is checked or rendered.

mod build_state;
mod inputs;
mod output_folder;
mod output_names;
mod progress_bar;
mod replaceable;
mod report_worker;
pub(crate) mod summary;
mod watched_inputs;

pub(crate) use inputs::Shard;

use crate::cli::fs::archives::path_on_disk;
use crate::cli::fs::checksum::{Checksum, ChecksumHasher};
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::passed_over;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::fs::report_walk::{FoundFiles, FoundReport};
use crate::cli::options::{DiagnosticArgs, DocumentFormat, ReferenceArgs};
use crate::cli::ordered_pool::{self, PoolCallbacks, PoolEvent, PoolOptions};
use crate::cli::run_inputs::letterhead;
use crate::cli::run_inputs::settings::{DataSearchPath, RunSettings};
use crate::cli::run_inputs::templates::load_templates;
use crate::cli::run_inputs::uncompared::UncomparedReports;
#[cfg(feature = "pdf")]
use crate::cli::sandbox::ProcessPool;
use crate::cli::{Failure, Outcome, RunContext, SeverityCounts, Terminal, interrupt, watch};
use clap::Args;
use docx_fill::diag::{Sink, Sources};
use inputs::{ReportInput, RunInputs};
use nianbao::msg;
#[cfg(feature = "pdf")]
use nianbao::render::fonts::Fonts;
use nianbao::session::Session;
use output_folder::{OutputFolder, RecordingState};
use output_names::OutputNames;
use progress_bar::ProgressBar;
use replaceable::TargetChooser;
use report_worker::{ReportEnding, ReportFile, ReportResult, ReportWorker, WorkerContext};
use std::collections::BTreeSet;
use std::path::PathBuf;
#[cfg(feature = "pdf")]
use std::sync::Arc;
use std::time::SystemTime;
use summary::{BuildStatus, BuildTotals, FindingCounts, ReportRecord, SummaryHead};

/// Number of reports per worker from which PDFs are made in separate processes: starting one takes
/// a tenth of a second.
#[cfg(feature = "pdf")]
const MIN_REPORTS_PER_PROCESS: usize = 8;
/// Maximum number of reports named before a run that was refused.
const MAX_NAMED_REPORTS: usize = 40;
/// Maximum number of failed reports named at the end.
const MAX_NAMED_FAILURES: usize = 20;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(crate) struct BuildArgs {
    #[arg(value_name = "PATH", required_unless_present = "from_list")]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) from_list: Vec<PathBuf>,
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, conflicts_with = "out")]
    pub(crate) in_place: bool,
    #[arg(long, value_enum, ignore_case = true, value_delimiter = ',', default_value = "docx,pdf")]
    pub(crate) to: Vec<DocumentFormat>,
    /// Letterheads, by name or path; `none` is the report as it is published.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) letterhead: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) draft: bool,
    #[arg(long)]
    pub(crate) verify: bool,
    #[arg(long)]
    pub(crate) watch: bool,
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    #[arg(long)]
    pub(crate) force: bool,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    #[arg(long, value_name = "FILE.json")]
    pub(crate) summary: Option<PathBuf>,
    #[arg(long)]
    pub(crate) durable: bool,
    #[command(flatten)]
    pub(crate) against: ReferenceArgs,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Runs `nianbao build PATH…`
pub(crate) fn run_build(context: &RunContext, args: &BuildArgs) -> Result<Outcome, Failure> {
    let once = || build_reports(context, args);
    if args.watch {
        let inputs = || watched_inputs::build_inputs(context, args);
        watch::watch_inputs(context.lang, &inputs, &once)
    } else {
        once()
    }
}

fn build_reports(context: &RunContext, args: &BuildArgs) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    let RunInputs { reports: inputs, total: of, path_remap: outward, found } =
        inputs::find_inputs(args, &context.files)?;
    if args.out.is_none() && !args.in_place && found.has_many_below_one() {
        return Err(refuse_beside(&found, &terminal));
    }
    let others = args.out.iter().chain(&args.against.previous).chain(&context.template_dir);
    let outward = outward.with_paths(others);
    terminal.set_path_remap(outward.with_paths(args.summary.iter().chain(&args.against.config)));
    // Before this nothing is written: a signal ends the program, even while it waits for a list.
    interrupt::catch_signals();
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let jobs = worker_count(args, inputs.len());
    let run = ToolsRequest { context, args, count: inputs.len(), jobs };
    let tools = || run.load_tools(&mut terminal, &mut sources, &mut sink);
    let (tools, read) = context.files.record_reads(tools);
    let tools = tools?;
    let mut session = Session::new(tools.templates.library(), context.limits)
        .with_sources(sources)
        .with_findings(sink);
    passed_over::push_unread(&found, &mut session);
    let judging = || read_run_settings(context, args, &inputs, &mut session);
    let (by, settings) = context.files.record_reads(judging);
    let by = by?;
    let (sources, sink) = session.into_parts();
    terminal.set_settings_file(&by);
    let folder = match &args.out {
        None => None,
        Some(dir) => match OutputFolder::acquire(dir, args.shard, &context.files, &terminal)? {
            None => return Ok(Outcome::Stopped),
            folder => folder,
        },
    };
    let outcome = terminal.report_findings(sink, &sources);
    if let Some(file) = letterhead::active_local_file(&args.letterhead) {
        terminal.print_note(&msg!("letterhead.in-force", file = display_path(file)));
    }
    let kit = WorkerContext {
        args,
        // With processes that set PDFs, a worker for each would wait for its document; twice as many keep all busy.
        worker_count: if tools.separate_processes { 2 * jobs } else { jobs },
        terminal: &terminal.buffered_copy(),
        settings: &by,
        tools,
        sources,
        fingerprint: run_fingerprint(args, [read, settings]),
        folder: folder.as_ref(),
        template_dir: context.template_dir.as_deref(),
        limits: context.limits,
    };
    let outcome = BatchRun::new(&kit, &inputs, of, terminal)?.build_all(&kit, outcome)?;
    if let Some(folder) = folder {
        folder.release(args.durable);
    }
    Ok(outcome)
}

/// Shows where the documents of many reports would lie, and returns the failure that asks for a folder: nobody expects
/// files in the folders of others.
fn refuse_beside(found: &FoundFiles, terminal: &Terminal) -> Failure {
    let beside = |report: &FoundReport| {
        let folder = display_path(&parent_dir(&path_on_disk(&report.file)));
        msg!("batch.would-build", file = display_path(report.path()), folder = folder)
    };
    for report in found.reports.iter().take(MAX_NAMED_REPORTS) {
        terminal.print_info(&beside(report));
    }
    let more = found.reports.len().saturating_sub(MAX_NAMED_REPORTS);
    if more > 0 {
        terminal.print_info(&msg!("batch.would-build-more", count = more));
    }
    Failure::without_cause(msg!("batch.ask-out", count = found.reports.len()))
}

/// Reads the settings of the run; reports ignored files beside the data that would change them.
fn read_run_settings(
    context: &RunContext,
    args: &BuildArgs,
    inputs: &[ReportInput],
    session: &mut Session<'_>,
) -> Result<RunSettings, Failure> {
    let mut search_path = DataSearchPath::new();
    for input in inputs {
        search_path.add_ancestors(&input.path, &input.root);
    }
    let mut by = RunSettings::read(&args.against, &search_path, &context.files, session)?;
    if letterhead::has_real_letterhead(&args.letterhead) {
        let (others, own) = session.aside(|session| {
            letterhead::report_ignored_files(&args.letterhead, &search_path, session)
        });
        by.passed_over.extend(others);
        session.push_settled(by.settings.apply_severities(own));
    }
    Ok(by)
}

/// Returns the number of reports that are made at once.
fn worker_count(args: &BuildArgs, count: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    args.jobs.map_or(cores, usize::from).min(count.max(1))
}

/// A request for the tools of a run.
#[cfg_attr(not(feature = "pdf"), expect(dead_code, reason = "fonts are for PDF"))]
struct ToolsRequest<'a> {
    context: &'a RunContext,
    args: &'a BuildArgs,
    /// The number of reports.
    count: usize,
    /// The number that are made at once.
    jobs: usize,
}

impl ToolsRequest<'_> {
    /// Loads the tools with which every report is made.
    fn load_tools(
        &self,
        terminal: &mut Terminal,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Result<report_worker::RenderTools, Failure> {
        let context = self.context;
        #[cfg(feature = "pdf")]
        if self.args.to.contains(&DocumentFormat::Pdf) {
            let files = context.files.read_fonts(&context.font_dirs)?;
            // First of all: while the processes read their fonts, this one reads its own.
            let many =
                self.jobs > 1 && self.count >= MIN_REPORTS_PER_PROCESS.saturating_mul(self.jobs);
            let start = || ProcessPool::start_all(&context.limits, files.clone(), self.jobs);
            let press = if many { start() } else { None };
            let mut templates = load_templates(context, terminal, sources, sink)?;
            let fonts = Fonts::new(files, sink);
            fonts.report_missing(sink);
            let apart = press.is_some();
            if let Some(press) = press {
                templates.set_pool(Arc::new(press));
            }
            return Ok(report_worker::RenderTools {
                templates,
                fonts: Some(fonts),
                separate_processes: apart,
            });
        }
        Ok(report_worker::RenderTools {
            templates: load_templates(context, terminal, sources, sink)?,
            #[cfg(feature = "pdf")]
            fonts: None,
            separate_processes: false,
        })
    }
}

/// Returns a checksum of all on which every output depends: the program, the templates, fonts and settings
/// that were read, the arguments.
fn run_fingerprint(args: &BuildArgs, read: [Checksum; 2]) -> Checksum {
    let mut adder = ChecksumHasher::default();
    adder.add_piece(summary::program_version().as_bytes());
    // Two builds of the same version may still differ.
    #[expect(
        clippy::disallowed_methods,
        reason = "what another build of the program made is made again"
    )]
    let program = std::env::current_exe().and_then(std::fs::metadata);
    if let Ok(program) = program {
        let time =
            program.modified().ok().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
        adder.add_piece(format!("{} {time:?}", program.len()).as_bytes());
    }
    for read in read {
        adder.add_piece(read.to_string().as_bytes());
    }
    adder.add_piece(&[u8::from(args.draft)]);
    // A letterhead of the program's own is read from no file.
    adder.add_piece(format!("{:?}", args.letterhead).as_bytes());
    adder.finish()
}

/// The state of a run.
struct BatchRun<'a> {
    args: &'a BuildArgs,
    inputs: &'a [ReportInput],
    folder: Option<&'a OutputFolder>,
    settings: &'a RunSettings,
    reader: FileReader,
    terminal: Terminal,
    progress: ProgressBar,
    names: OutputNames,
    /// Editions and letterheads whose notes were printed.
    printed_notes: BTreeSet<String>,
    totals: BuildTotals,
    /// Some of the failed reports, with the reasons.
    unbuilt: Vec<(String, String)>,
    uncompared: UncomparedReports,
    summary: Option<summary::SummaryWriter>,
    outcome: Outcome,
    /// Failure that ends the whole run.
    failure: Option<Failure>,
}

impl<'a> BatchRun<'a> {
    fn new(
        kit: &WorkerContext<'a>,
        inputs: &'a [ReportInput],
        of: usize,
        terminal: Terminal,
    ) -> Result<BatchRun<'a>, Failure> {
        let WorkerContext { args, folder, settings: by, .. } = *kit;
        let shard = args.shard.map(Shard::to_fraction);
        let head = SummaryHead { program: summary::program_version(), shard, of };
        let begin = |path| summary::SummaryWriter::create(path, &head);
        Ok(BatchRun {
            args,
            inputs,
            folder,
            settings: by,
            reader: FileReader::new(&kit.limits),
            progress: ProgressBar::new(inputs.len(), &terminal),
            terminal,
            names: OutputNames::default(),
            printed_notes: BTreeSet::new(),
            totals: BuildTotals::default(),
            unbuilt: Vec::new(),
            uncompared: UncomparedReports::default(),
            summary: args.summary.as_deref().map(begin).transpose()?,
            outcome: Outcome::Clean,
            failure: None,
        })
    }

    /// Builds all reports.
    fn build_all(mut self, kit: &WorkerContext<'_>, outcome: Outcome) -> Result<Outcome, Failure> {
        self.outcome = outcome;
        let lang = self.terminal.lang;
        let work = PoolCallbacks {
            init_worker: || ReportWorker::new(kit),
            process: |worker: &mut ReportWorker<'_>, number: usize| {
                worker.build_report(&self.inputs[number].path)
            },
            on_panic: |_: usize| {
                let failure = Failure::without_cause(msg!("batch.broken"));
                let terminal = kit.terminal.buffered_copy();
                let outcome = terminal.report_failure(&failure);
                let (held, found) = terminal.into_buffered();
                let end = ReportEnding::Failed(failure.in_lang(lang));
                ReportResult {
                    outcome,
                    buffered: held,
                    counts: found,
                    notes: Vec::new(),
                    uncompared: None,
                    ending: Some(end),
                }
            },
        };
        // A single report may use all cores, unless `--jobs` is given.
        let apart = kit.worker_count > 1 || self.args.jobs.is_some();
        let inputs = self.inputs;
        let mut this = self;
        let pool = PoolOptions { jobs: kit.worker_count, apart };
        let ran = ordered_pool::run_in_order(inputs.len(), pool, &work, |back| match back {
            PoolEvent::Tick => this.progress.redraw_if_due(),
            PoolEvent::Done(number, made) => this.finish_report(&inputs[number], made),
        });
        ran.map_err(|error| Failure::new(msg!("batch.no-thread"), error.to_string()))?;
        this.finish()
    }

    /// Handles the result of a report in its turn: prints its messages and commits its files.
    fn finish_report(&mut self, input: &ReportInput, made: ReportResult) {
        let Some(end) = made.ending else {
            // Abandoned after an interruption, as if it had not been started.
            return;
        };
        self.progress.clear();
        for notes in made.notes {
            if self.printed_notes.insert(notes.key.clone()) {
                self.terminal.print_buffered(notes.buffered.clone(), notes.counts);
            }
        }
        self.terminal.print_buffered(made.buffered, made.counts);
        if let Some(file) = &made.uncompared {
            self.uncompared.add_report(file);
        }
        let mut outcome = made.outcome;
        let mut outputs = Vec::new();
        let (status, reason) = match end {
            ReportEnding::Refused => {
                let count = msg!("batch.has-errors", count = made.counts.errors);
                (BuildStatus::Refused, Some(count.in_lang(self.terminal.lang)))
            }
            ReportEnding::Failed(reason) => (BuildStatus::Failed, Some(reason)),
            ReportEnding::Built(made) => match self.commit_files(made, &mut outputs) {
                Ok(status) => (status, None),
                Err(failure) => {
                    outcome = outcome.max(self.terminal.report_failure(&failure));
                    (BuildStatus::Failed, Some(failure.in_lang(self.terminal.lang)))
                }
            },
        };
        self.outcome = self.outcome.max(outcome);
        self.totals.add_status(status);
        self.progress.count_done(reason.is_some());
        let shown = display_path(&input.path);
        if let Some(reason) = reason.as_ref().filter(|_| self.unbuilt.len() < MAX_NAMED_FAILURES) {
            self.unbuilt.push((shown.clone(), reason.clone()));
        }
        let SeverityCounts { errors, warnings, remarks, .. } = made.counts;
        let findings = FindingCounts { error: errors, warning: warnings, remark: remarks };
        let outward = &self.terminal.path_remap;
        let reason = reason.map(|reason| outward.remap_text(&input.path, &reason));
        let (index, input) = (input.index, outward.remap_path(&shown));
        let record = ReportRecord { index, input, status, outputs, findings, reason };
        if let Some(Err(failure)) = self.summary.as_mut().map(|summary| summary.add_report(&record))
        {
            self.failure.get_or_insert(failure);
        }
        self.progress.redraw_if_due();
    }

    /// Commits the files of a report, if their names are free.
    fn commit_files(
        &mut self,
        made: Vec<ReportFile>,
        outputs: &mut Vec<summary::OutputRecord>,
    ) -> Result<BuildStatus, Failure> {
        let paths: Vec<_> = made.iter().map(|output| output.path.as_path()).collect();
        self.names.reserve_all(&paths)?;
        let mut status = BuildStatus::Unchanged;
        let dir = made.first().map(|file| parent_dir(&file.path)).unwrap_or_default();
        let mut own = RecordingState::new(self.folder, &dir, &self.reader)?;
        for output in made {
            let known = output.record;
            let (path, new) = self.commit_file(output, &mut own)?;
            let file = display_path(&path);
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if new {
                status = BuildStatus::Built;
            }
            if !self.progress.replaces_lines() {
                let text = if new {
                    msg!("done.written", file = &file)
                } else {
                    msg!("done.unchanged", file = &file)
                };
                self.terminal.print_info(&text);
            }
            let outward = || self.terminal.path_remap.remap_path(&file);
            let file = if self.folder.is_some() { name } else { outward() };
            outputs.push(summary::OutputRecord { file, sha256: known.content.to_string() });
        }
        Ok(status)
    }

    /// Commits a file of a report, beside one that a person made if there is one; returns its path, and whether it is
    /// new.
    fn commit_file(
        &mut self,
        output: ReportFile,
        own: &mut RecordingState<'_>,
    ) -> Result<(PathBuf, bool), Failure> {
        if output.staged.is_none() {
            return Ok((output.path, false));
        }
        let chooser = TargetChooser {
            state: own.state(),
            files: &self.reader,
            overwrite: self.args.overwrite,
        };
        let target = chooser.choose_target(&output)?;
        let ReportFile { path: wanted, record, staged } = output;
        if target != wanted {
            self.names.reserve_all(&[&target])?;
            let (file, new) = (display_path(&wanted), display_path(&target));
            self.terminal.print_note(&msg!("batch.kept", file = file, new = new));
        }
        // Recorded first: after a kill between the two both contents are known as the program's.
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        own.record_file(&name, record)?;
        if let Some(staged) = staged {
            staged.redirect(target.clone()).commit()?;
        }
        Ok((target, true))
    }

    /// Prints the final messages, when all is done or the run was interrupted.
    fn finish(mut self) -> Result<Outcome, Failure> {
        self.progress.clear();
        let (all, done) = (self.inputs.len(), self.totals.report_count());
        if let Some(summary) = self.summary.take() {
            let settled = self.terminal.total.settings_effect;
            summary.finish(
                &self.settings.to_summary(settled, &self.terminal.path_remap),
                done == all,
            )?;
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let told = self.uncompared.report(self.settings, &mut self.terminal);
        self.outcome = self.outcome.max(told);
        if all > 1 {
            self.print_totals();
        }
        self.terminal.print_closing_line();
        if done < all {
            self.terminal.print_note(&msg!("batch.stopped", done = done, rest = all - done));
            return Ok(Outcome::Stopped);
        }
        // Of many reports some fail; that is not a failure of the run.
        Ok(if all > 1 { self.outcome.min(Outcome::ErrorsFound) } else { self.outcome })
    }

    fn print_totals(&self) {
        let all = self.inputs.len();
        let whole = self.totals.report_count() == all;
        let text = if whole { self.totals.describe() } else { self.totals.describe_stopped(all) };
        self.terminal.print_info(&text);
        for (input, reason) in &self.unbuilt {
            self.terminal.print_info(&msg!("batch.failed-one", input = input, reason = reason));
        }
        let more = self.totals.not_built() - self.unbuilt.len();
        if more > 0 {
            self.terminal.print_info(&msg!("batch.failed-more", count = more));
        }
    }
}
