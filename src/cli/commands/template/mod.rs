//! Owns the commands for templates: `template make`, `from`, `convert`, `check` and `tags`.
//! Must not judge a template: `nianbao::inspect` does.

mod check;
mod convert;
mod from;
mod make;
mod tags;

use crate::cli::{Failure, Outcome, RunContext};
use clap::Subcommand;
use docx_fill::diag::{Diagnostic, Location, SourceId};
use docx_fill::limits::MAX_TEMPLATE_NAMES;
use docx_fill::template::ParseOptions;
use nianbao::msg;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    Make(make::TemplateMakeArgs),
    From(from::TemplateFromArgs),
    Convert(convert::TemplateConvertArgs),
    Check(check::TemplateCheckArgs),
    Tags(tags::TemplateTagsArgs),
}

/// Runs `nianbao template …`
pub(crate) fn run_template(
    context: &RunContext,
    args: &TemplateCommand,
) -> Result<Outcome, Failure> {
    match args {
        TemplateCommand::Make(args) => make::run_template_make(context, args),
        TemplateCommand::From(args) => from::run_template_from(context, args),
        TemplateCommand::Convert(args) => convert::run_template_convert(context, args),
        TemplateCommand::Check(args) => check::run_template_check(context, args),
        TemplateCommand::Tags(args) => tags::run_template_tags(context, args),
    }
}

/// Returns the options for reading a template.
fn parse_options(context: &RunContext, partials: Option<&Path>) -> Result<ParseOptions, Failure> {
    let partials =
        partials.map(|dir| context.files.read_partials(dir)).transpose()?.unwrap_or_default();
    let (partials, limits) = (Arc::new(partials), (&context.limits).into());
    Ok(ParseOptions { partials, limits, ..ParseOptions::default() })
}

fn too_many_names_error(source: SourceId) -> Diagnostic {
    let message = msg!("template.too-many-names", limit = MAX_TEMPLATE_NAMES);
    Diagnostic::error("docx-unusable", Location::File(source), message)
}
