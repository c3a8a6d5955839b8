//! Owns the command `check`: every report of the given paths is done, several side by side, whatever the others are
//! like.
//! Must not know how a report is judged, nor how reports are found.

mod fix;

use crate::cli::fs::archives::path_on_disk;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::{display_path, has_extension, parent_dir};
use crate::cli::fs::report_walk::{FoundFiles, FoundReport, WalkRules};
use crate::cli::fs::{atomic_write, passed_over};
use crate::cli::options::{DiagnosticArgs, ReferenceArgs};
use crate::cli::ordered_pool::{self, PoolCallbacks, PoolEvent, PoolOptions};
use crate::cli::output::path_remap::PathRemapping;
use crate::cli::run_inputs::load::{self, LoadOutcome};
use crate::cli::run_inputs::settings::{DataSearchPath, RunSettings, SETTINGS_FILE};
use crate::cli::run_inputs::templates::load_templates;
use crate::cli::run_inputs::uncompared::UncomparedReports;
use crate::cli::{
    BufferedOutput, Failure, Outcome, RunContext, SeverityCounts, Terminal, interrupt, watch,
};
use clap::Args;
use docx_fill::diag::{DiagnosticFormat, Message, Sink, Sources};
use nianbao::check::findings_list::{self, ListedFindings, ListedReport};
use nianbao::form::FormRegistry;
use nianbao::limits::Limits;
use nianbao::session::Session;
use nianbao::{msg, render};
use std::path::{Path, PathBuf};

/// Maximum number of files that are named because they were not checked.
const MAX_NAMED_FILES: usize = 10;

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) fix: bool,
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) list: Option<PathBuf>,
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    #[arg(long, conflicts_with = "list")]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) against: ReferenceArgs,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Runs `nianbao check PATH…`
pub(crate) fn run_check(context: &RunContext, args: &CheckArgs) -> Result<Outcome, Failure> {
    let once = || check_reports(context, args);
    if !args.watch {
        return once();
    }
    // The first signal ends the watching, whatever is being checked.
    interrupt::catch_signals();
    watch::watch_inputs(context.lang, &|| watched_inputs(context, args), &once)
}

/// Returns what a check reads: the reports with all that lies beside them, forms and settings.
fn watched_inputs(context: &RunContext, args: &CheckArgs) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = args.paths.clone();
    if let Ok(found) = find_reports(context, args) {
        out.extend(found.reports.iter().map(|report| parent_dir(&path_on_disk(&report.file))));
    }
    let others = context.template_dir.iter().chain(&args.against.previous);
    out.extend(others.chain(&args.against.config).cloned());
    out.push(PathBuf::from(SETTINGS_FILE));
    out.sort();
    out.dedup();
    out
}

fn find_reports(context: &RunContext, args: &CheckArgs) -> Result<FoundFiles, Failure> {
    let rules = WalkRules { files: &context.files, out: args.list.as_deref(), is_county: false };
    let mut found = FoundFiles::find(&args.paths, rules)?;
    found.drop_repeated();
    Ok(found)
}

fn check_reports(context: &RunContext, args: &CheckArgs) -> Result<Outcome, Failure> {
    let mut terminal = context.findings_terminal(&args.judge);
    let mut sources = Sources::default();
    let mut sink = Sink::new();
    let templates = load_templates(context, &mut terminal, &mut sources, &mut sink)?;
    let list = args.list.as_deref().map(new_list_path).transpose()?;
    let found = find_reports(context, args)?;
    let outward = PathRemapping::from_roots(&found.roots_with(&args.paths))
        .with_paths(args.against.previous.iter().chain(&args.list));
    terminal.set_path_remap(outward.clone());
    let library = templates.library();
    let mut search_path = DataSearchPath::of_paths(&args.paths);
    for report in &found.reports {
        search_path.add_ancestors(report.path(), &report.root);
    }
    let mut session =
        Session::new(library, context.limits).with_sources(sources).with_findings(sink);
    passed_over::push_unread(&found, &mut session);
    let by = RunSettings::read(&args.against, &search_path, &context.files, &mut session)?;
    let (sources, sink) = session.into_parts();
    terminal.set_settings_file(&by);
    let mut listed = Vec::new();
    if list.is_some() && !found.is_all_read() {
        let unread = outward.remap_findings(&sink.clone().into_sorted(), &sources);
        let sources = outward.remap_sources(&sources);
        let findings = ListedFindings { found: &unread, sources: &sources, form: None };
        listed.push(ListedReport::new("", None, findings, terminal.lang));
    }
    let outcome = terminal.report_findings(sink, &sources);
    let voice = terminal.buffered_copy();
    let kit = CheckWorkerContext {
        limits: context.limits,
        args,
        settings: &by,
        library,
        terminal: &voice,
    };
    let mut totals = CheckTotals::new(outcome, listed);
    kit.check_all(&found.reports, &mut terminal, &mut totals)?;
    let outcome = totals.outcome.max(totals.uncompared.report(&by, &mut terminal));
    if let Some(file) = list {
        // Of paths that lead nowhere there is nothing to list.
        let is_there = |report: &FoundReport| path_on_disk(&report.file).exists();
        if !found.is_all_read() || found.reports.iter().any(is_there) {
            write_list(file, &totals.listed, &terminal)?;
        }
    }
    terminal.print_closing_line();
    if terminal.format == DiagnosticFormat::Human {
        let unread = found.unread_paths().map(display_path);
        totals.unchecked.extend(unread);
        terminal.print_info(&totals.to_message());
    }
    let is_whole = totals.done == found.reports.len();
    Ok(if is_whole { outcome } else { Outcome::Stopped })
}

/// Writes the list of findings.
fn write_list(file: &Path, listed: &[ListedReport], terminal: &Terminal) -> Result<(), Failure> {
    let document = has_extension(file, "docx");
    let make = if document {
        render::findings_list::findings_docx
    } else {
        findings_list::findings_workbook
    };
    let written = make(listed, terminal.lang);
    atomic_write::write_file(file, &written.map_err(|reason| Failure::not_made(file, reason))?)?;
    terminal.print_info(&msg!("done.written", file = display_path(file)));
    Ok(())
}

/// Returns the file of the list. One that is there is kept: units may have answered in it.
fn new_list_path(file: &Path) -> Result<&Path, Failure> {
    if !["xlsx", "docx"].iter().any(|known| has_extension(file, known)) {
        return Err(Failure::without_cause(msg!("list.no-xlsx")));
    }
    if file.exists() {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(file))));
    }
    Ok(file)
}

/// Counts and the outcome of the reports so far.
struct CheckTotals {
    outcome: Outcome,
    clean: usize,
    done: usize,
    checked: usize,
    /// Files that could not be read.
    unchecked: Vec<String>,
    uncompared: UncomparedReports,
    listed: Vec<ListedReport>,
}

impl CheckTotals {
    fn new(outcome: Outcome, listed: Vec<ListedReport>) -> CheckTotals {
        let (unchecked, uncompared) = (Vec::new(), UncomparedReports::default());
        CheckTotals { outcome, clean: 0, done: 0, checked: 0, unchecked, uncompared, listed }
    }

    /// Adds a report in its turn; what was said of it is printed.
    fn add_report(&mut self, file: &Path, one: CheckedReport, terminal: &mut Terminal) {
        terminal.print_buffered(one.buffered, one.counts);
        self.done += 1;
        self.clean += usize::from(one.outcome == Outcome::Clean);
        if one.outcome == Outcome::Failed {
            self.unchecked.push(display_path(file));
        } else {
            self.checked += 1;
        }
        if let Some(file) = &one.uncompared {
            self.uncompared.add_report(file);
        }
        self.listed.extend(one.listed);
        self.outcome = self.outcome.max(one.outcome);
    }

    /// Returns how many reports were checked, and which files were not.
    fn to_message(&self) -> Message {
        let (clean, all, count) = (self.clean, self.checked, self.unchecked.len());
        let files: Vec<String> = self.unchecked.iter().take(MAX_NAMED_FILES).cloned().collect();
        let has_more = count > files.len();
        match (all, count) {
            (_, 0) => msg!("done.checked", clean = clean, all = all),
            (0, 1) => msg!("done.checked-nothing", files = files),
            (0, _) if has_more => msg!("done.checked-none-more", count = count, files = files),
            (0, _) => msg!("done.checked-none", count = count, files = files),
            _ if has_more => {
                msg!(
                    "done.checked-some-more",
                    clean = clean,
                    all = all,
                    count = count,
                    files = files
                )
            }
            _ => msg!("done.checked-some", clean = clean, all = all, count = count, files = files),
        }
    }
}

/// A report that was checked.
struct CheckedReport {
    outcome: Outcome,
    buffered: BufferedOutput,
    counts: SeverityCounts,
    listed: Option<ListedReport>,
    /// Its file, if there is no report of last year to compare it with.
    uncompared: Option<PathBuf>,
}

/// The tools with which every report is checked, shared by the workers.
#[derive(Clone, Copy)]
struct CheckWorkerContext<'a> {
    limits: Limits,
    args: &'a CheckArgs,
    settings: &'a RunSettings,
    library: &'a FormRegistry,
    /// Its copies keep back what is said of a report until its turn.
    terminal: &'a Terminal,
}

impl CheckWorkerContext<'_> {
    /// Checks reports side by side, and tells of them in order.
    fn check_all(
        &self,
        reports: &[FoundReport],
        terminal: &mut Terminal,
        totals: &mut CheckTotals,
    ) -> Result<(), Failure> {
        let kit = *self;
        let work = PoolCallbacks {
            init_worker: || FileReader::new(&kit.limits),
            process: |files: &mut FileReader, number: usize| {
                kit.check_report(reports[number].path(), files)
            },
            on_panic: |number: usize| {
                let failure = Failure::without_cause(msg!("batch.broken"));
                failed_report(reports[number].path(), &failure, kit.terminal.buffered_copy())
            },
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.args.jobs.map_or(cores, usize::from).min(reports.len().max(1));
        let pool = PoolOptions { jobs, apart: false };
        let ran = ordered_pool::run_in_order(reports.len(), pool, &work, |back| {
            if let PoolEvent::Done(number, one) = back {
                totals.add_report(reports[number].path(), one, terminal);
            }
        });
        ran.map_err(|error| Failure::new(msg!("batch.no-thread"), error.to_string()))
    }

    fn check_report(&self, path: &Path, files: &FileReader) -> CheckedReport {
        let mut terminal = self.terminal.buffered_copy();
        match self.check_path(path, files, &mut terminal) {
            Ok(end) => {
                let (buffered, counts) = terminal.into_buffered();
                CheckedReport { buffered, counts, ..end }
            }
            Err(failure) => failed_report(path, &failure, terminal),
        }
    }

    fn check_path(
        &self,
        path: &Path,
        files: &FileReader,
        terminal: &mut Terminal,
    ) -> Result<CheckedReport, Failure> {
        let CheckWorkerContext { limits, args, settings, library, .. } = *self;
        if args.fix {
            let work = fix::FixWork { files, limits, library, dry_run: args.dry_run };
            work.fix_data_file(path, terminal)?;
        }
        let mut session = Session::new(library, limits);
        let LoadOutcome { loaded, effect } =
            load::load_report(path, settings, files, &mut session)?;
        terminal.add_settings_effect(effect);
        let (sources, sink) = session.into_parts();
        let file = loaded.as_ref().map_or(path, |loaded| &loaded.file);
        let report = loaded.as_ref().map(|loaded| &loaded.report);
        let listed = args.list.as_ref().map(|_| {
            let outward = &terminal.path_remap;
            let found = outward.remap_findings(&sink.clone().into_sorted(), &sources);
            let name = outward.remap_path(&display_path(file));
            let sources = outward.remap_sources(&sources);
            let findings = ListedFindings { found: &found, sources: &sources, form: None };
            ListedReport::new(&name, report, findings, terminal.lang)
        });
        let missed = loaded.as_ref().filter(|loaded| loaded.is_uncompared);
        let uncompared = missed.map(|loaded| loaded.file.clone());
        let outcome = terminal.report_findings(sink, &sources);
        let (buffered, counts) = (BufferedOutput::new(), SeverityCounts::default());
        Ok(CheckedReport { outcome, buffered, counts, listed, uncompared })
    }
}

/// Returns a report that could not be checked.
fn failed_report(path: &Path, failure: &Failure, terminal: Terminal) -> CheckedReport {
    let outward = &terminal.path_remap;
    let reason = outward.remap_text(path, &failure.in_lang(terminal.lang));
    let name = outward.remap_path(&display_path(path));
    let listed = ListedReport::unreadable_file(&name, &reason, terminal.lang);
    let outcome = terminal.report_failure(failure);
    let (buffered, counts) = terminal.into_buffered();
    CheckedReport { outcome, buffered, counts, listed: Some(listed), uncompared: None }
}
