//! Owns the commands: one file or folder each, with its arguments and what it does.
//! Must not know how any of them does it.

mod about;
mod build;
mod check;
mod collect;
mod convert;
mod drop;
mod explain;
mod fill;
mod fill_form;
mod form;
mod import;
mod letterhead;
mod merge_summary;
mod new;
mod template;

use super::{Failure, Outcome, RunContext};
use clap::{Command, Subcommand};

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    New(new::NewArgs),
    Build(build::BuildArgs),
    Check(check::CheckArgs),
    Collect(collect::CollectArgs),
    Convert(convert::ConvertArgs),
    Drop(drop::DropArgs),
    Explain(explain::ExplainArgs),
    Fill(fill::FillArgs),
    MergeSummary(merge_summary::MergeSummaryArgs),
    Import(import::ImportArgs),
    #[command(subcommand)]
    Form(form::FormCommand),
    #[command(subcommand)]
    Letterhead(letterhead::LetterheadCommand),
    #[command(subcommand)]
    Template(template::TemplateCommand),
    Help(about::HelpArgs),
    Completions(about::CompletionsArgs),
    Man(about::ManArgs),
}

/// Runs a command. The grammar of all commands is for those that tell it.
pub(super) fn run_command(
    context: &RunContext,
    command: &CliCommand,
    grammar: &dyn Fn() -> Command,
) -> Result<Outcome, Failure> {
    match command {
        CliCommand::New(args) => new::run_new(context, args),
        CliCommand::Build(args) => build::run_build(context, args),
        CliCommand::Check(args) => check::run_check(context, args),
        CliCommand::Collect(args) => collect::run_collect(context, args),
        CliCommand::Convert(args) => convert::run_convert(context, args),
        CliCommand::Drop(args) => drop::run_drop(context, args),
        CliCommand::Explain(args) => explain::run_explain(context, args),
        CliCommand::Fill(args) => fill::run_fill(context, args),
        CliCommand::MergeSummary(args) => merge_summary::run_merge_summary(context, args),
        CliCommand::Import(args) => import::run_import(context, args),
        CliCommand::Form(args) => form::run_form(context, args),
        CliCommand::Letterhead(args) => letterhead::run_letterhead(context, args),
        CliCommand::Template(args) => template::run_template(context, args),
        CliCommand::Help(args) => about::run_help(args, grammar()),
        CliCommand::Completions(args) => Ok(about::run_completions(args, grammar())),
        CliCommand::Man(args) => about::run_man(args, grammar()),
    }
}
