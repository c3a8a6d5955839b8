//! Owns the command `template tags`.
//! Must not know what a template wants: `nianbao::inspect` does.

use super::{parse_options, too_many_names_error};
use crate::cli::fs::paths::display_path;
use crate::cli::options::{DiagnosticArgs, name_own_options};
use crate::cli::output::console::print_stdout;
use crate::cli::{Failure, Outcome, RunContext};
use clap::{Args, ValueEnum};
use docx_fill::diag::{Sink, Sources, escape_hidden_json, escape_hidden_quoted};
use docx_fill::template::CompiledTemplate;
use nianbao::data::Syntax;
use nianbao::{convert, inspect};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct TemplateTagsArgs {
    #[arg(value_name = "TEMPLATE.docx")]
    pub(crate) file: PathBuf,
    #[arg(long, value_enum, ignore_case = true, default_value = "toml")]
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

/// Runs `nianbao template tags TEMPLATE.docx`
pub(super) fn run_template_tags(
    context: &RunContext,
    args: &TemplateTagsArgs,
) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary(display_path(&args.file));
    let parse = parse_options(context, args.partials.as_deref())?;
    let bytes = context.files.read(&args.file)?;
    if let Some(template) = CompiledTemplate::parse_tolerant(bytes, source, &parse, &mut sink) {
        let Some(shape) = inspect::data_shape(template.tags()) else {
            sink.push(too_many_names_error(source));
            return Ok(terminal.report_findings(sink, &sources));
        };
        if args.schema {
            let title = args.file.file_stem().unwrap_or_default().to_string_lossy();
            print_stdout(&escape_hidden_json(&inspect::json_schema(&shape, &title)));
        } else {
            let root = inspect::data_skeleton(&shape);
            let to: Syntax = args.to.into();
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
    name_own_options(&mut sink);
    let outcome = terminal.report_findings(sink, &sources);
    terminal.print_closing_line();
    Ok(outcome)
}
