//! Owns the command `template check`.
//! Must not judge a template: `nianbao::inspect` does.

use super::{parse_options, too_many_names_error};
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_folder::find_data_file;
use crate::cli::fs::{atomic_write, symlinks};
use crate::cli::options::{DiagnosticArgs, ReferenceArgs as Judged, name_own_options};
use crate::cli::output::path_remap::PathRemapping;
use crate::cli::run_inputs::settings::{DataSearchPath, RunSettings, SETTINGS_FILE};
use crate::cli::run_inputs::templates::{form_of_edition, load_templates};
use crate::cli::{Failure, Outcome, RunContext, Terminal, watch};
use clap::Args;
use docx_fill::diag::{Sink, SourceId, Sources};
use docx_fill::template::{CompiledTemplate, ParseOptions};
use nianbao::check::settings::SettingsEffect;
use nianbao::form::Form;
use nianbao::inspect::{self, InspectOptions};
use nianbao::msg;
use nianbao::session::Session;
use std::path::{Path, PathBuf};

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

/// Runs `nianbao template check TEMPLATE.docx`
pub(super) fn run_template_check(
    context: &RunContext,
    args: &TemplateCheckArgs,
) -> Result<Outcome, Failure> {
    let once = || check_template(context, args);
    if !args.watch {
        return once();
    }
    let inputs = || {
        let mut inputs = vec![args.file.clone()];
        inputs.extend(args.data.iter().chain(&args.partials).chain(&context.template_dir).cloned());
        inputs.extend(args.config.clone().or_else(|| Some(PathBuf::from(SETTINGS_FILE))));
        inputs
    };
    watch::watch_inputs(context.lang, &inputs, &once)
}

fn check_template(context: &RunContext, args: &TemplateCheckArgs) -> Result<Outcome, Failure> {
    let mut terminal = context.findings_terminal(&args.judge);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    terminal.set_path_remap(
        PathRemapping::from_roots(std::slice::from_ref(&args.file)).with_paths(&args.data),
    );
    let templates = load_templates(context, &mut terminal, &mut sources, &mut sink)?;
    let library = templates.library().clone();
    let form = args.form.as_deref().map(|name| form_of_edition(&library, name)).transpose()?;
    let against = InspectOptions { form: form.cloned(), library };
    let parse = parse_options(context, args.partials.as_deref())?;
    let source = sources.add_binary(display_path(&args.file));
    let files = &context.files;
    let inspection = Inspection { args, files, source, parse: &parse, against: &against };
    let mut bytes = context.files.read(&args.file)?;
    if args.fix
        && let Some(mended) = inspection.apply_fixes(&bytes, &sources, &terminal)?
    {
        bytes = mended;
    }
    let inspected = inspect::inspect_template(&bytes, source, &parse, &against, &mut sink);
    let mut session =
        Session::new(&against.library, context.limits).with_sources(sources).with_findings(sink);
    if let Some((template, form)) = &inspected {
        inspection.check_data_file(template, form.as_deref(), &mut session)?;
    }
    let mut sink = session.take_findings();
    name_own_options(&mut sink);
    let asked = Judged { config: args.config.clone(), ..Judged::default() };
    let search_path = DataSearchPath::of_paths([&args.file].into_iter().chain(&args.data));
    let by = RunSettings::read(&asked, &search_path, &context.files, &mut session)?;
    let (sources, mut said) = session.into_parts();
    terminal.set_settings_file(&by);
    let found = by.settings.apply_severities(sink.clone()).into_sorted();
    terminal.add_settings_effect(SettingsEffect::between(&sink.into_sorted(), &found));
    let silent = found.is_empty() && !said.has_errors();
    said.extend(found);
    let sink = said;
    if let (Some((template, _)), Some(copy)) = (&inspected, &args.comments) {
        let told = ToldFindings { sink: &sink, sources: &sources, terminal: &terminal };
        inspection.write_comments(copy, template, told)?;
    }
    let outcome = terminal.report_findings(sink, &sources);
    terminal.print_closing_line();
    if silent {
        terminal.print_info(&msg!("inspect.clean", file = display_path(&args.file)));
    }
    Ok(outcome)
}

/// A template that is looked at.
struct Inspection<'a> {
    args: &'a TemplateCheckArgs,
    files: &'a FileReader,
    source: SourceId,
    parse: &'a ParseOptions,
    against: &'a InspectOptions,
}

/// The findings in a template, and the terminal that tells them.
#[derive(Clone, Copy)]
struct ToldFindings<'a> {
    sink: &'a Sink,
    sources: &'a Sources,
    terminal: &'a Terminal,
}

impl Inspection<'_> {
    /// Shows the certain changes, and makes them; gives the template as it is then.
    fn apply_fixes(
        &self,
        bytes: &[u8],
        sources: &Sources,
        terminal: &Terminal,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let Inspection { args, source, parse, against, .. } = *self;
        // The check that follows reports what cannot be read.
        let Ok(Some(mended)) = inspect::fix_template(bytes, source, parse, against) else {
            return Ok(None);
        };
        terminal.print_for_people(&mended.format_changes(sources, terminal.lang));
        if args.dry_run {
            terminal.print_info(&msg!("inspect.dry-run", file = display_path(&args.file)));
            return Ok(None);
        }
        if args.file.is_symlink() {
            return Err(Failure::without_cause(msg!(
                "io.fix-link",
                file = display_path(&args.file)
            )));
        }
        let other_names = symlinks::has_hard_links(&args.file);
        atomic_write::write_file(&args.file, &mended.bytes)?;
        terminal.print_info(&msg!("done.fixed", file = display_path(&args.file)));
        if other_names {
            terminal.print_info(&msg!("done.fixed-alone", file = display_path(&args.file)));
        }
        Ok(Some(mended.bytes))
    }

    /// Checks the data against what the template wants. A report's data has the names of its form, whatever its
    /// file looks like; it is read as a report.
    fn check_data_file(
        &self,
        template: &CompiledTemplate,
        form: Option<&Form>,
        session: &mut Session<'_>,
    ) -> Result<(), Failure> {
        let Some(file) = &self.args.data else { return Ok(()) };
        let input = self.files.read_input(&find_data_file(file, self.files)?)?;
        // A fault of the template must not hide those of the data.
        let ((), own) = session.aside(|session| {
            let Some(file) = session.open_file(&input) else { return };
            if form.is_some() {
                session.read_tree(&file);
                return;
            }
            match inspect::data_shape(template.tags()) {
                Some(shape) => {
                    let mut own = Sink::new();
                    inspect::check_data(&shape, &file.root, file.source, self.source, &mut own);
                    session.extend_findings(own);
                }
                None => session.push_finding(too_many_names_error(self.source)),
            }
        });
        session.extend_findings(own.into_sorted());
        Ok(())
    }

    fn write_comments(
        &self,
        copy: &Path,
        template: &CompiledTemplate,
        told: ToldFindings<'_>,
    ) -> Result<(), Failure> {
        let Inspection { args, source, .. } = *self;
        let ToldFindings { sink, sources, terminal } = told;
        let same = || Some(copy.canonicalize().ok()? == args.file.canonicalize().ok()?);
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
}
