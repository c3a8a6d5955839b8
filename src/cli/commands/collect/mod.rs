//! Owns the command `collect`: finds the units' files, has them read and checked, and writes the
//! county's files.
//! Must not know how a county is summed up.

mod county_config;
mod county_reader;
pub(super) mod outputs;
mod pictures;
mod unit_files;

use crate::cli::fs::file_reader::{FileReader, PictureFolder};
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::fs::report_folder::find_data_file;
use crate::cli::options::{DiagnosticArgs, ReferenceArgs, parse_date_arg};
use crate::cli::output::path_remap::PathRemapping;
use crate::cli::run_inputs::templates::load_templates;
use crate::cli::{Failure, Outcome, RunContext, Terminal};
use clap::Args;
use county_config::CountyConfig;
use county_reader::{CountyReader, OwnReport};
use docx_fill::diag::{Diagnostic, DiagnosticFormat, Lang, Location, Message, Sink, Sources};
use nianbao::check::settings::SettingsEffect;
use nianbao::check::{self, Settings};
use nianbao::collect::{
    self as county, CollectOptions, Collected, DeliveredFile, FormSentenceCache,
};
use nianbao::msg;
use nianbao::render::content::text_pictures;
use nianbao::report::{Date, Report};
use nianbao::session::{PictureLoader as _, Pictures, Session};
use outputs::{CollectTarget, NamedBytes};
use std::collections::BTreeSet;
use std::path::PathBuf;
use unit_files::{UnitFiles, find_unit_files};

#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    #[arg(value_name = "DIR", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(short, long, value_name = "TOTAL")]
    pub(crate) out: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) units: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) own: Option<PathBuf>,
    #[arg(long)]
    pub(crate) strict_units: bool,
    #[arg(long, value_name = "DATE", value_parser = parse_date_arg)]
    pub(crate) date: Option<Date>,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) against: ReferenceArgs,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// A county that was added up, for its outputs.
struct LocalizedCounty<'a> {
    total: &'a Collected,
    lang: Lang,
}

/// A county with its files and printed messages.
struct CountyRun {
    total: Collected,
    sources: Sources,
    sink: Sink,
}

/// The inputs of the county's report besides its sums.
struct CountyReportInputs<'a> {
    args: &'a CollectArgs,
    files: &'a FileReader,
    target: CollectTarget,
    /// The pictures of its texts.
    pictures: Result<Pictures, Failure>,
    /// Its report of last year.
    previous: Option<Report>,
}

/// A county that was summed up, and the sources of its findings, with all files under their names
/// for others.
pub(crate) type SummedCounty = (Collected, Sources);

/// Runs `nianbao collect DIR… -o TOTAL`
pub(crate) fn run_collect(context: &RunContext, args: &CollectArgs) -> Result<Outcome, Failure> {
    Ok(collect_folders(context, args, context.findings_terminal(&args.judge))?.0)
}

/// Does the work of `collect` and returns the county, if there is one.
pub(crate) fn collect_folders(
    context: &RunContext,
    args: &CollectArgs,
    mut terminal: Terminal,
) -> Result<(Outcome, Option<SummedCounty>), Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = load_templates(context, &mut terminal, &mut sources, &mut sink)?;
    let target = CollectTarget::from_args(args, terminal.lang)?;
    let found = find_unit_files(args, &context.files)?;
    let named = [&args.own, &args.units, &args.against.previous, &args.against.config];
    let outward = PathRemapping::from_roots(&args.paths)
        .with_paths(named.into_iter().flatten().chain([&args.out]));
    terminal.set_path_remap(outward.clone());
    let files = &context.files;
    let mut session = Session::new(templates.library(), context.limits).with_sources(sources);
    let papers = CountyConfig::choose_files(args, &found, files, &mut session)?;
    sink.extend(session.take_findings());
    terminal.set_settings_file(&papers.settings);
    let (deferred, effect) = (Sink::new(), SettingsEffect::default());
    let settings = &papers.settings;
    let prescribed = FormSentenceCache::default();
    let mut reader =
        CountyReader { args, files, settings, session, sink, deferred, effect, prescribed };
    let register = reader.read_unit_list(papers.unit_list.as_deref())?;
    let own = reader.read_own_report()?;
    let previous = reader.read_previous_report()?;
    let delivered = read_deliveries(&found, &mut reader);
    let CountyReader { session, mut sink, deferred: mut late, effect, .. } = reader;
    late.extend(papers.passed_over.iter().cloned());
    // Errors in the county's own files end the run before anything is summed up.
    if sink.has_errors() {
        let outcome = terminal.report_findings(sink, session.sources());
        terminal.print_info(&msg!("collect.own-wrong"));
        return Ok((close_terminal(outcome, &terminal), None));
    }
    let (own, pictures) = own.map(|OwnReport { report, pictures }| (report, pictures)).unzip();
    let wishes = CollectOptions { unit_list: register, own, strict: args.strict_units };
    let Some(mut total) = county::collect_county(delivered, wishes) else {
        sink.extend(papers.settings.settings.apply_severities(late));
        let outcome = terminal.report_findings(sink, session.sources());
        terminal.print_info(&msg!("collect.none"));
        return Ok((close_terminal(outcome.max(Outcome::ErrorsFound), &terminal), None));
    };
    total.found.extend(late);
    let effect = apply_settings(&mut total, &papers.settings.settings, effect);
    terminal.add_settings_effect(effect);
    total.judged_by = describe_settings(&papers, effect, &outward);
    let pictures =
        pictures.map_or_else(|| take_only_unit(&mut total, &found.units, files, &session), Ok);
    let (sources, _) = session.into_parts();
    let outdated = target.outdated_files(terminal.lang);
    let made = CountyReportInputs { args, files, target, pictures, previous };
    let mut run = CountyRun { total, sources, sink };
    let (folder, files, hidden) = make_outputs(made, &terminal, &mut run);
    let CountyRun { total, sources, sink } = run;
    let outcome = terminal
        .report_findings(sink, &sources)
        .max(outputs::write_outputs(&folder, files, &terminal));
    outputs::print_outdated(&outdated, &terminal);
    if terminal.format == DiagnosticFormat::Human {
        print_county_summary(&total, hidden, &terminal);
    }
    Ok((close_terminal(outcome, &terminal), Some((total, outward.remap_sources(&sources)))))
}

/// Reads and checks the units' files.
fn read_deliveries(found: &UnitFiles, reader: &mut CountyReader<'_>) -> Vec<DeliveredFile> {
    let mut out: Vec<DeliveredFile> =
        found.units.iter().map(|(file, path)| reader.read_unit(file, path)).collect();
    out.extend(found.unreadable.iter().map(|unread| reader.unreadable_unit(unread)));
    out
}

/// Makes every file before the first one is written. Also returns the number of findings that are
/// not printed.
fn make_outputs(
    made: CountyReportInputs<'_>,
    terminal: &Terminal,
    run: &mut CountyRun,
) -> (PathBuf, Vec<Result<NamedBytes, Failure>>, usize) {
    let outward = &terminal.path_remap;
    let CountyRun { total, sources, sink } = run;
    let CountyReportInputs { args, files, target, pictures, previous } = made;
    let source = sources.add_binary(display_path(&target.report_path()));
    let mut report = total.county_report(source, sink);
    let pictures = pictures.unwrap_or_else(|failure| {
        let message = msg!("collect.no-pictures", reason = failure.to_message());
        sink.push(Diagnostic::error("picture", Location::File(source), message));
        Pictures::default()
    });
    let pictures = pictures::place_pictures(&mut report, &pictures, &target.output_dir(), files);
    let county = LocalizedCounty { total, lang: terminal.lang };
    let first = outputs::make_report_file(&target, &county, sources, &mut report);
    check_against_previous(&report, previous.as_ref(), sink);
    let hidden = push_visible_findings(total, sink, terminal.format);
    remap_findings(total, outward, sources);
    let county = LocalizedCounty { total, lang: terminal.lang };
    let further =
        outputs::make_other_files(&target, args.date, &county, &outward.remap_sources(sources));
    let all = std::iter::once(first).chain(further).chain(pictures.into_iter().map(Ok));
    (target.output_dir(), all.collect(), hidden)
}

fn print_county_summary(total: &Collected, hidden: usize, terminal: &Terminal) {
    for line in total.summary_lines() {
        terminal.print_info(&line);
    }
    if total.organ.0.is_empty() {
        terminal.print_info(&msg!("collect.no-organ"));
    }
    if hidden > 0 {
        terminal.print_info(&msg!("collect.hidden", count = hidden));
    }
}

fn close_terminal(outcome: Outcome, terminal: &Terminal) -> Outcome {
    terminal.print_closing_line();
    outcome
}

/// Gives the county the texts of its only unit and returns their pictures. The unit was read and judged before; all that
/// is found in it is told already.
fn take_only_unit(
    total: &mut Collected,
    units: &BTreeSet<(String, PathBuf)>,
    files: &FileReader,
    session: &Session<'_>,
) -> Result<Pictures, Failure> {
    let Some(unit) = total.only_file() else { return Ok(Pictures::default()) };
    let path = units.iter().find(|(file, _)| *file == unit.file);
    let Some((_, path)) = path else { return Ok(Pictures::default()) };
    let source = unit.source;
    let file = find_data_file(path, files)?;
    let mut folder = PictureFolder { files, folder: parent_dir(&file) };
    let mut again = Session::new(session.forms(), session.limits());
    let Some(read) = again.read_report(&files.read_input(&file)?) else {
        return Ok(Pictures::default());
    };
    let texts = again.fill_quotes(&read.report);
    total.set_only_report(Report { source, ..read.report });
    match read.pictures {
        Some(pictures) => Ok(pictures),
        None => folder.load_pictures(&text_pictures(&texts)),
    }
}

/// Returns the messages about the settings for the status page.
fn describe_settings(
    papers: &CountyConfig,
    effect: SettingsEffect,
    outward: &PathRemapping,
) -> Vec<Message> {
    let list = papers.unit_list.as_ref();
    let list =
        list.map(|list| msg!("collect.list-used", file = outward.remap_path(&display_path(list))));
    std::iter::once(papers.settings.to_summary(effect, outward).to_message()).chain(list).collect()
}

/// Applies the settings to the findings, and adds their effect.
fn apply_settings(
    total: &mut Collected,
    settings: &Settings,
    mut effect: SettingsEffect,
) -> SettingsEffect {
    let sink: Sink = std::mem::take(&mut total.found).into_iter().collect();
    let plain = sink.clone().into_sorted();
    total.found = settings.apply_severities(sink).into_sorted();
    effect.add(SettingsEffect::between(&plain, &total.found));
    effect
}

/// Replaces all paths in the findings by the names for others.
fn remap_findings(total: &mut Collected, outward: &PathRemapping, sources: &Sources) {
    total.found = outward.remap_findings(&total.found, sources);
    for unit in &mut total.delivered {
        unit.found = outward.remap_findings(&unit.found, sources);
    }
}

/// Compares the county with its own report of last year.
fn check_against_previous(report: &Report, previous: Option<&Report>, sink: &mut Sink) {
    let Some(previous) = previous else { return };
    let mut own = Sink::new();
    check::check_report_with(report, Some(previous), &Settings::default(), &mut own);
    let crossings = report.form.tables.iter().flat_map(|table| &table.year_identities);
    let mut rules: BTreeSet<&str> = crossings.map(|crossing| crossing.id.as_str()).collect();
    rules.insert("previous-year");
    sink.extend(own.into_sorted().into_iter().filter(|one| rules.contains(one.rule.as_ref())));
}

/// Adds the findings to be shown to the sink: the county's findings, the units' errors and doubtful amounts, or
/// everything for programs. Returns the number of those left out.
fn push_visible_findings(total: &Collected, sink: &mut Sink, format: DiagnosticFormat) -> usize {
    sink.extend(total.found.iter().cloned());
    let mut hidden = 0;
    for found in total.delivered.iter().flat_map(|unit| &unit.found) {
        if county_reader::is_printed(found) || format == DiagnosticFormat::Json {
            sink.push(found.clone());
        } else {
            hidden += 1;
        }
    }
    hidden
}
