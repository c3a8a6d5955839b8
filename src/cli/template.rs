//! Owns the commands `template check` and `template tags`.
//! Must not judge a template: `nianbao::inspect` does.

use super::args::{Cli, DiagnosticArgs, ReferenceArgs as Judged};
use super::console::print_stdout;
use super::files::{self, display_path};
use super::path_remap::PathRemapping;
use super::settings::{AncestorDirs, RunSettings, SETTINGS_FILE};
use super::{Failure, Outcome, Terminal, atomic_write, limits, load, symlinks, tools, watch};
use clap::{Args, ValueEnum};
use docx_fill::diag::{
    Diagnostic, Lang, Location, Sink, SourceId, Sources, escape_hidden_json, escape_hidden_quoted,
};
use docx_fill::template::{ParseOptions, Template};
use nianbao::check::settings::SettingsEffect;
use nianbao::data::Syntax;
use nianbao::form::Form;
use nianbao::inspect::{self, InspectOptions};
use nianbao::limits::MAX_TEMPLATE_NAMES;
use nianbao::{convert, msg, report};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(crate) struct TemplateCheckArgs {
    #[arg(value_name = "TEMPLATE.docx")]
    pub(crate) file: PathBuf,
    #[arg(long, value_name = "EDITION")]
    pub(crate) form: Option<String>,
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    pub(crate) partials: Option<PathBuf>,
    #[arg(long, value_name = "OUT.docx")]
    pub(crate) comments: Option<PathBuf>,
    #[arg(long)]
    pub(crate) fix: bool,
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    #[arg(long)]
    pub(crate) watch: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TemplateTagsArgs {
    #[arg(value_name = "TEMPLATE.docx")]
    pub(crate) file: PathBuf,
    #[arg(long, value_enum, default_value = "toml")]
    pub(crate) to: SkeletonFormat,
    #[arg(long)]
    pub(crate) schema: bool,
    #[arg(long, value_name = "DIR")]
    pub(crate) partials: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Syntax of a skeleton.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SkeletonFormat {
    Toml,
    Json,
    Yaml,
}

impl From<SkeletonFormat> for Syntax {
    fn from(to: SkeletonFormat) -> Syntax {
        match to {
            SkeletonFormat::Toml => Syntax::Toml,
            SkeletonFormat::Json => Syntax::Json,
            SkeletonFormat::Yaml => Syntax::Yaml,
        }
    }
}

/// `nianbao template check TEMPLATE.docx`
pub(crate) fn run_template_check(
    cli: &Cli,
    ask: &TemplateCheckArgs,
    lang: Lang,
) -> Result<Outcome, Failure> {
    let once = || check_template(cli, ask, Terminal::new(lang, &ask.judge, true));
    if !ask.watch {
        return once();
    }
    let inputs = || {
        let mut inputs = vec![ask.file.clone()];
        inputs.extend(ask.data.iter().chain(&ask.partials).chain(&cli.templates).cloned());
        inputs.extend(ask.config.clone().or_else(|| Some(PathBuf::from(SETTINGS_FILE))));
        inputs
    };
    watch::watch_inputs(lang, &inputs, &once)
}

fn check_template(
    cli: &Cli,
    ask: &TemplateCheckArgs,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    terminal.set_path_remap(
        PathRemapping::from_roots(std::slice::from_ref(&ask.file)).with_paths(&ask.data),
    );
    let library = load::load_templates(cli, &mut sources, &mut sink)?.library().clone();
    let form =
        ask.form.as_deref().map(|name| tools::form_of_edition(&library, name)).transpose()?;
    let against = InspectOptions { form: form.cloned(), library };
    let parse = parse_options(ask.partials.as_deref())?;
    let source = sources.add_binary(display_path(&ask.file));
    let mut bytes = files::read_recorded(&ask.file)?;
    if ask.fix
        && let Some(mended) =
            apply_template_fixes(ask, &bytes, source, &parse, &against, &sources, &terminal)?
    {
        bytes = mended;
    }
    let inspected = inspect::inspect_template(&bytes, source, &parse, &against, &mut sink);
    if let (Some((template, form)), Some(data)) = (&inspected, &ask.data) {
        let seen = (template, form.as_deref(), source);
        check_data_file(data, seen, &against, &mut sources, &mut sink)?;
    }
    let asked = Judged { config: ask.config.clone(), ..Judged::default() };
    let mut said = Sink::new();
    let way = AncestorDirs::of_paths([&ask.file].into_iter().chain(&ask.data));
    let by = RunSettings::read(&asked, &way, &against.library, &mut sources, &mut said)?;
    terminal.set_settings_file(&by);
    let found = by.settings.apply_severities(sink.clone()).into_sorted();
    terminal.add_settings_effect(SettingsEffect::between(&sink.into_sorted(), &found));
    let silent = found.is_empty() && !said.has_errors();
    said.extend(found);
    let sink = said;
    if let (Some((template, _)), Some(copy)) = (&inspected, &ask.comments) {
        write_comments(copy, ask, (template, source), &sink, &sources, &terminal)?;
    }
    let outcome = terminal.report_findings(sink, &sources);
    terminal.print_closing_line();
    if silent {
        terminal.print_info(&msg!("inspect.clean", file = display_path(&ask.file)));
    }
    Ok(outcome)
}

fn parse_options(partials: Option<&Path>) -> Result<ParseOptions, Failure> {
    let partials = partials.map(files::read_partials).transpose()?.unwrap_or_default();
    Ok(ParseOptions { partials: Arc::new(partials), limits: limits::run_limits().into() })
}

/// Shows the certain changes, and makes them; gives the template as it is then.
fn apply_template_fixes(
    ask: &TemplateCheckArgs,
    bytes: &[u8],
    source: SourceId,
    parse: &ParseOptions,
    against: &InspectOptions,
    sources: &Sources,
    terminal: &Terminal,
) -> Result<Option<Vec<u8>>, Failure> {
    // What cannot be read is said by the check that follows.
    let Ok(Some(mended)) = inspect::fix_template(bytes, source, parse, against) else {
        return Ok(None);
    };
    terminal.print_for_people(&mended.format_changes(sources, terminal.lang));
    if ask.dry_run {
        terminal.print_info(&msg!("inspect.dry-run", file = display_path(&ask.file)));
        return Ok(None);
    }
    if ask.file.is_symlink() {
        return Err(Failure::without_cause(msg!("io.fix-link", file = display_path(&ask.file))));
    }
    let other_names = symlinks::has_hard_links(&ask.file);
    atomic_write::write_file(&ask.file, &mended.bytes)?;
    terminal.print_info(&msg!("done.fixed", file = display_path(&ask.file)));
    if other_names {
        terminal.print_info(&msg!("done.fixed-alone", file = display_path(&ask.file)));
    }
    Ok(Some(mended.bytes))
}

/// The data against what the template wants. A report's data has the names of its form, whatever its
/// file looks like; it is read as a report.
fn check_data_file(
    file: &Path,
    (template, form, source): (&Template, Option<&Form>, SourceId),
    against: &InspectOptions,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<(), Failure> {
    let file = files::find_data_file(file)?;
    // A fault of the template must not hide those of the data.
    let mut own = Sink::new();
    let root = load::parse_tree(&file, &against.library, sources, &mut own)?;
    if let Some((data, root)) = root {
        if form.is_some() {
            report::read_report(data, &root, &against.library, &mut own);
        } else {
            match inspect::data_shape(template) {
                Some(shape) => inspect::check_data(&shape, &root, data, source, &mut own),
                None => own.push(too_many_names_error(source)),
            }
        }
    }
    sink.extend(own.into_sorted());
    Ok(())
}

fn write_comments(
    copy: &Path,
    ask: &TemplateCheckArgs,
    (template, source): (&Template, SourceId),
    sink: &Sink,
    sources: &Sources,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let same = || Some(copy.canonicalize().ok()? == ask.file.canonicalize().ok()?);
    if same() == Some(true) {
        return Err(Failure::without_cause(msg!("inspect.same-file")));
    }
    let mut found = terminal.path_remap.remap_findings(&sink.clone().into_sorted(), sources);
    found.retain(|found| found.location.source() == Some(source));
    let annotated = inspect::annotated_copy(template.package(), &found, sources, terminal.lang);
    match annotated {
        Ok(Some(bytes)) => {
            atomic_write::write_file(copy, &bytes)?;
            terminal.print_info(&msg!("done.written", file = display_path(copy)));
            Ok(())
        }
        Ok(None) => Err(Failure::without_cause(msg!("inspect.no-paragraph"))),
        Err(error) => {
            let words = error.to_diagnostic(source).message;
            Err(Failure::without_cause(words))
        }
    }
}

fn too_many_names_error(source: SourceId) -> Diagnostic {
    let message = msg!("template.too-many-names", limit = MAX_TEMPLATE_NAMES);
    Diagnostic::error("docx-unusable", Location::File(source), message)
}

/// `nianbao template tags TEMPLATE.docx`
pub(crate) fn run_template_tags(
    ask: &TemplateTagsArgs,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary(display_path(&ask.file));
    let parse = parse_options(ask.partials.as_deref())?;
    let bytes = files::read_recorded(&ask.file)?;
    if let Some(template) = Template::parse_for_inspection(bytes, source, &parse, &mut sink) {
        let Some(shape) = inspect::data_shape(&template) else {
            sink.push(too_many_names_error(source));
            return Ok(terminal.report_findings(sink, &sources));
        };
        if ask.schema {
            let title = ask.file.file_stem().unwrap_or_default().to_string_lossy();
            print_stdout(&escape_hidden_json(&inspect::json_schema(&shape, &title)));
        } else {
            let root = inspect::data_skeleton(&shape);
            let to: Syntax = ask.to.into();
            let text = convert::convert_syntax(source, &root, "", Syntax::Json, to, &mut sink);
            let text = text.unwrap_or_default();
            // A name in it is the template's, and has to be found again.
            print_stdout(&if to == Syntax::Json {
                escape_hidden_json(&text)
            } else {
                escape_hidden_quoted(&text)
            });
        }
    }
    let outcome = terminal.report_findings(sink, &sources);
    terminal.print_closing_line();
    Ok(outcome)
}
