//! Owns the command `new`.
//! Must not know how a fresh data file is written.

use crate::cli::fs::atomic_write;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_folder::find_data_file;
use crate::cli::options::DiagnosticArgs;
use crate::cli::run_inputs::templates::load_forms;
use crate::cli::{Failure, Outcome, RunContext, Terminal};
use clap::Args;
use docx_fill::diag::{Message, Severity, Sink};
use nianbao::form::{Form, FormField, FormQuery, FormRegistry};
use nianbao::next_year::{NextYearReport, begin_next_year};
use nianbao::report::Report;
use nianbao::session::Session;
use nianbao::{check, msg, render, sheet, starter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    #[arg(value_name = "DIR", required_unless_present = "from")]
    pub(crate) dir: Option<PathBuf>,
    #[arg(long, value_name = "LAST")]
    pub(crate) from: Option<PathBuf>,
    #[arg(long, value_name = "YEAR", required_unless_present = "from")]
    pub(crate) year: Option<u16>,
    #[arg(long, value_name = "NAME", required_unless_present = "from")]
    pub(crate) organ: Option<String>,
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    #[arg(long, value_name = "FORM")]
    pub(crate) form: Option<String>,
    #[arg(long)]
    pub(crate) xlsx: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Runs `nianbao new DIR --year … --organ …` or `nianbao new [DIR] --from LAST`
pub(crate) fn run_new(context: &RunContext, args: &NewArgs) -> Result<Outcome, Failure> {
    let terminal = context.terminal(&args.judge);
    let forms = load_forms(context)?;
    if let Some(last) = &args.from {
        let run = NextYearRun { context, args, forms: &forms };
        return run.begin_with(last, terminal);
    }
    let year = args.year.unwrap_or_default();
    let organ = args.organ.clone().unwrap_or_default();
    if organ.trim().is_empty() {
        return Err(Failure::without_cause(msg!("new.no-organ")));
    }
    let form = match &args.form {
        Some(name) => forms.find_named(name, Some(year)),
        None => forms.choose(FormQuery { year: Some(year), ..FormQuery::default() }),
    };
    let form = form.map_err(|error| Failure::without_cause(error.message))?;
    let mut report = starter::starter_report(form, &organ, year);
    if let Some(level) = &args.level {
        report.organ.level = Some(find_level(form, level)?);
    }
    let dir = args.dir.clone().unwrap_or_default();
    write_new_file(&dir, &report, args.xlsx, &terminal)?;
    Ok(Outcome::Clean)
}

/// The run that begins next year's report with last year's.
struct NextYearRun<'a> {
    context: &'a RunContext,
    args: &'a NewArgs,
    forms: &'a FormRegistry,
}

impl NextYearRun<'_> {
    /// Returns the form of next year's report: of last year's family, and of its variant unless another is asked for.
    fn next_form(&self, last: &Report, year: u16) -> Result<&Arc<Form>, Failure> {
        let chosen = match &self.args.form {
            Some(name) => self.forms.find_named(name, Some(year)),
            None => self.forms.successor(&last.form, year),
        };
        let form = chosen.map_err(|error| Failure::without_cause(error.message))?;
        if form.family.id != last.form.family.id {
            let (last, next) = (&last.form.family.name, &form.family.name);
            return Err(Failure::without_cause(msg!("new.other-family", last = last, next = next)));
        }
        Ok(form)
    }

    /// Begins the report of a year with last year's.
    fn begin_with(&self, last: &Path, mut terminal: Terminal) -> Result<Outcome, Failure> {
        let NextYearRun { context, args, forms } = *self;
        let file = find_data_file(last, &context.files)?;
        let mut session = Session::new(forms, context.limits);
        let read = session.read_report(&context.files.read_input(&file)?);
        let (sources, found) = session.into_parts();
        let read_errors = found.iter().filter(|one| one.severity == Severity::Error).count();
        let outcome = terminal.report_findings(found, &sources);
        let Some(draft) = read else {
            terminal.print_info(&msg!("new.not-read", file = display_path(&file)));
            return Ok(outcome.max(Outcome::ErrorsFound));
        };
        if !draft.report.has_year {
            return Err(Failure::without_cause(msg!("new.no-year", file = display_path(&file))));
        }
        let year = args.year.unwrap_or_else(|| draft.report.year.saturating_add(1));
        if year <= draft.report.year {
            let (year, last) = (u32::from(year), u32::from(draft.report.year));
            return Err(Failure::without_cause(msg!("new.not-later", year = year, last = last)));
        }
        let mut next = begin_next_year(&draft.report, self.next_form(&draft.report, year)?, year);
        if let Some(organ) = &args.organ {
            next.report.organ.name.clone_from(organ);
        }
        if let Some(level) = &args.level {
            next.report.organ.level = Some(find_level(&next.report.form, level)?);
        }
        let dir = args.dir.clone().unwrap_or_else(|| own_folder(&next.report));
        write_new_file(&dir, &next.report, args.xlsx, &terminal)?;
        print_next_year(&file, &next, &terminal);
        let errors = read_errors + count_errors(&draft.report);
        if errors > 0 {
            let file = display_path(&file);
            terminal.print_info(&msg!("new.from-wrong", file = file, count = errors));
        }
        Ok(Outcome::Clean)
    }
}

/// Counts the errors in the figures of a report by itself.
fn count_errors(report: &Report) -> usize {
    let mut found = Sink::new();
    check::check_report(report, &mut found);
    found.iter().filter(|one| one.severity == Severity::Error).count()
}

/// Returns the id of a level that the form knows.
fn find_level(form: &Form, word: &str) -> Result<String, Failure> {
    let field = form.level_field();
    let found = field.and_then(|field| field.choice_named(word));
    let known = field.map(FormField::listed_choices).unwrap_or_default();
    let unknown = || msg!("report.unknown-level", level = word, known = known);
    let level = found.ok_or_else(|| Failure::without_cause(unknown()))?;
    Ok(level.id.clone())
}

/// Returns the folder of a report that nobody named: organ and year, in the current folder.
fn own_folder(report: &Report) -> PathBuf {
    PathBuf::from(render::safe_file_name(&format!("{}{}", report.organ.name, report.year)))
}

/// Writes a report as a data file that is to be filled in; nothing is written over.
fn write_new_file(
    dir: &Path,
    report: &Report,
    as_workbook: bool,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let file = dir.join(if as_workbook { "report.xlsx" } else { "report.toml" });
    let bytes = if as_workbook {
        sheet::write_workbook(report)
    } else {
        Ok(starter::report_toml(report).into_bytes())
    };
    let bytes = bytes.map_err(|reason: Message| Failure::not_made(&file, reason))?;
    if !atomic_write::write_new_file(&file, &bytes)? {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(&file))));
    }
    terminal.print_info(&msg!("done.written", file = display_path(&file)));
    Ok(())
}

/// Prints what was taken over, and what is left to do.
fn print_next_year(last: &Path, next: &NextYearReport, terminal: &Terminal) {
    terminal.print_info(&msg!(
        "new.from",
        file = display_path(last),
        carried = next.carried,
        marked = next.marked
    ));
    for heading in &next.dropped {
        terminal.print_info(&msg!("new.dropped", heading = heading));
    }
    for (label, value) in &next.dropped_values {
        terminal.print_info(&msg!("new.dropped-value", label = label, value = value));
    }
    terminal.print_info(&msg!("new.to-fill"));
}
