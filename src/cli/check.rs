//! Owns the command `check`: every path is checked, whatever the others contain.
//! Must not know how a report is checked.

use super::args::{CheckArgs, Cli};
use super::files::{self, display_path};
use super::path_remap::PathRemapping;
use super::settings::{AncestorDirs, RunSettings};
use super::{Failure, Outcome, Terminal, atomic_write, fix, load};
use docx_fill::diag::{Sink, Sources};
use nianbao::check::{self, findings_list::ListedReport};
use nianbao::form::FormRegistry;
use nianbao::{msg, render};
use std::path::Path;

/// Runs `nianbao check PATH…`.
pub(crate) fn run_check(
    cli: &Cli,
    ask: &CheckArgs,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let mut sources = Sources::default();
    let mut sink = Sink::new();
    let templates = load::load_templates(cli, &mut sources, &mut sink)?;
    let list = ask.list.as_deref().map(new_list_path).transpose()?;
    let outward = PathRemapping::from_roots(&ask.paths)
        .with_paths(ask.against.previous.iter().chain(&ask.list));
    terminal.set_path_remap(outward.clone());
    let library = templates.library();
    let way = AncestorDirs::of_paths(&ask.paths);
    let by = RunSettings::read(&ask.against, &way, library, &mut sources, &mut sink)?;
    terminal.set_settings_file(&by);
    let mut outcome = terminal.report_findings(sink, &sources);
    let (mut clean, mut listed) = (0_usize, Vec::new());
    for path in &ask.paths {
        let one = match check_path(path, ask, (&by, library), &mut terminal) {
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
        let document = files::has_extension(file, "docx");
        let make = if document {
            render::findings_list::findings_docx
        } else {
            check::findings_list::findings_workbook
        };
        let written = make(&listed, terminal.lang);
        atomic_write::write_file(
            file,
            &written.map_err(|reason| Failure::not_made(file, reason))?,
        )?;
        terminal.print_info(&msg!("done.written", file = display_path(file)));
    }
    terminal.print_closing_line();
    if terminal.format == docx_fill::diag::DiagnosticFormat::Human {
        terminal.print_info(&msg!("done.checked", clean = clean, all = ask.paths.len()));
    }
    Ok(outcome)
}

/// Returns the path of the list, which must not exist: units may have answered in an existing one.
fn new_list_path(file: &Path) -> Result<&Path, Failure> {
    if !["xlsx", "docx"].iter().any(|known| files::has_extension(file, known)) {
        return Err(Failure::without_cause(msg!("list.no-xlsx")));
    }
    if file.exists() {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(file))));
    }
    Ok(file)
}

fn check_path(
    path: &Path,
    ask: &CheckArgs,
    (by, library): (&RunSettings, &FormRegistry),
    terminal: &mut Terminal,
) -> Result<(Outcome, Option<ListedReport>), Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    if ask.fix {
        fix::fix_data_file(path, library, terminal, ask.dry_run)?;
    }
    let (loaded, effect) = load::load_report(path, by, library, &mut sources, &mut sink)?;
    terminal.add_settings_effect(effect);
    let file = loaded.as_ref().map_or(path, |loaded| &loaded.file);
    let report = loaded.as_ref().map(|loaded| &loaded.report);
    let listed = ask.list.as_ref().map(|_| {
        let outward = &terminal.path_remap;
        let found = outward.remap_findings(&sink.clone().into_sorted(), &sources);
        let name = outward.remap_path(&display_path(file));
        ListedReport::new(&name, report, &found, &outward.remap_sources(&sources), terminal.lang)
    });
    Ok((terminal.report_findings(sink, &sources), listed))
}
