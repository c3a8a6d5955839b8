//! Owns the command `template from`.
//! Must not know how a form is recognised.

use crate::cli::fs::file_reader::word_input;
use crate::cli::fs::output_file::UserTarget;
use crate::cli::fs::paths::display_path;
use crate::cli::options::DiagnosticArgs;
use crate::cli::run_inputs::templates::load_forms;
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use nianbao::import::TaggingOptions;
use nianbao::msg;
use nianbao::session::{Session, TaggedDocument};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct TemplateFromArgs {
    #[arg(value_name = "BLANK.docx")]
    pub(crate) blank: PathBuf,
    #[arg(short, long, value_name = "TEMPLATE.docx")]
    pub(crate) out: PathBuf,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Runs `nianbao template from BLANK.docx -o TEMPLATE.docx`
pub(super) fn run_template_from(
    context: &RunContext,
    args: &TemplateFromArgs,
) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    let inputs = [args.blank.as_path()];
    let output = UserTarget {
        path: &args.out,
        extension: "docx",
        inputs: &inputs,
        overwrite: args.overwrite,
    };
    output.check_path()?;
    let library = load_forms(context)?;
    let input = word_input(&context.files, &args.blank)?;
    let mut session = Session::new(&library, context.limits);
    let wanted = TaggingOptions {
        report: None,
        overwrite: args.overwrite,
        limits: (&context.limits).into(),
    };
    let made = session.tag_document(&input, wanted);
    let failed = session.has_errors();
    let (sources, sink) = session.into_parts();
    let outcome = terminal.report_findings(sink, &sources);
    match made.filter(|_| !failed) {
        Some(TaggedDocument { bytes, form, .. }) => {
            let written = output.write(&bytes, &context.files)?;
            terminal.print_info(&output.describe(written));
            terminal.print_info(&msg!("done.template", edition = &form.folder));
        }
        None => terminal.print_info(&msg!("done.no-form", file = display_path(&args.blank))),
    }
    terminal.print_closing_line();
    Ok(outcome)
}
