//! Owns the command `check`: every path is done, whatever the others are like.
//! Must not know how a report is judged.

mod fix;

use crate::cli::fs::atomic_write;
use crate::cli::fs::paths::{display_path, has_extension};
use crate::cli::options::{DiagnosticArgs, ReferenceArgs};
use crate::cli::output::path_remap::PathRemapping;
use crate::cli::run_inputs::load::{self, LoadOutcome};
use crate::cli::run_inputs::settings::{DataSearchPath, RunSettings};
use crate::cli::run_inputs::templates::load_templates;
use crate::cli::{Failure, Outcome, RunContext, Terminal};
use clap::Args;
use docx_fill::diag::{DiagnosticFormat, Sink, Sources};
use nianbao::check::findings_list::{self, ListedFindings, ListedReport};
use nianbao::form::FormRegistry;
use nianbao::session::Session;
use nianbao::{msg, render};
use std::path::{Path, PathBuf};

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
    #[command(flatten)]
    pub(crate) against: ReferenceArgs,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Runs `nianbao check PATH…`
pub(crate) fn run_check(context: &RunContext, args: &CheckArgs) -> Result<Outcome, Failure> {
    let mut terminal = context.findings_terminal(&args.judge);
    let mut sources = Sources::default();
    let mut sink = Sink::new();
    let templates = load_templates(context, &mut sources, &mut sink)?;
    let list = args.list.as_deref().map(new_list_path).transpose()?;
    let outward = PathRemapping::from_roots(&args.paths)
        .with_paths(args.against.previous.iter().chain(&args.list));
    terminal.set_path_remap(outward.clone());
    let library = templates.library();
    let search_path = DataSearchPath::of_paths(&args.paths);
    let mut session =
        Session::new(library, context.limits).with_sources(sources).with_findings(sink);
    let by = RunSettings::read(&args.against, &search_path, &context.files, &mut session)?;
    let (sources, sink) = session.into_parts();
    terminal.set_settings_file(&by);
    let mut outcome = terminal.report_findings(sink, &sources);
    let work = CheckWork { context, args, settings: &by, library };
    let (mut clean, mut listed) = (0_usize, Vec::new());
    for path in &args.paths {
        let one = match work.check_path(path, &mut terminal) {
            Ok((one, findings)) => {
                listed.extend(findings);
                one
            }
            Err(failure) => {
                let reason = outward.remap_text(path, &failure.in_lang(terminal.lang));
                let name = outward.remap_path(&display_path(path));
                listed.push(ListedReport::unreadable_file(&name, &reason, terminal.lang));
                terminal.report_failure(&failure)
            }
        };
        clean += usize::from(one == Outcome::Clean);
        outcome = outcome.max(one);
    }
    if let Some(file) = list {
        let document = has_extension(file, "docx");
        let make = if document {
            render::findings_list::findings_docx
        } else {
            findings_list::findings_workbook
        };
        let written = make(&listed, terminal.lang);
        atomic_write::write_file(
            file,
            &written.map_err(|reason| Failure::not_made(file, reason))?,
        )?;
        terminal.print_info(&msg!("done.written", file = display_path(file)));
    }
    terminal.print_closing_line();
    if terminal.format == DiagnosticFormat::Human {
        terminal.print_info(&msg!("done.checked", clean = clean, all = args.paths.len()));
    }
    Ok(outcome)
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

/// The tools with which every report is checked.
struct CheckWork<'a> {
    context: &'a RunContext,
    args: &'a CheckArgs,
    settings: &'a RunSettings,
    library: &'a FormRegistry,
}

impl CheckWork<'_> {
    fn check_path(
        &self,
        path: &Path,
        terminal: &mut Terminal,
    ) -> Result<(Outcome, Option<ListedReport>), Failure> {
        let CheckWork { context, args, settings, library } = *self;
        if args.fix {
            let (files, limits) = (&context.files, context.limits);
            let work = fix::FixWork { files, limits, library, dry_run: args.dry_run };
            work.fix_data_file(path, terminal)?;
        }
        let mut session = Session::new(library, context.limits);
        let LoadOutcome { loaded, effect } =
            load::load_report(path, settings, &context.files, &mut session)?;
        terminal.add_settings_effect(effect);
        let (sources, sink) = session.into_parts();
        let file = loaded.as_ref().map_or(path, |loaded| &loaded.file);
        let report = loaded.as_ref().map(|loaded| &loaded.report);
        let listed = args.list.as_ref().map(|_| {
            let outward = &terminal.path_remap;
            let found = outward.remap_findings(&sink.clone().into_sorted(), &sources);
            let name = outward.remap_path(&display_path(file));
            let sources = outward.remap_sources(&sources);
            let findings = ListedFindings { found: &found, sources: &sources };
            ListedReport::new(&name, report, findings, terminal.lang)
        });
        Ok((terminal.report_findings(sink, &sources), listed))
    }
}
