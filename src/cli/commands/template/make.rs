//! Owns the command `template make`.
//! Must not know how a template is made.

use crate::cli::fs::output_file::UserTarget;
use crate::cli::output::console::print_stdout;
use crate::cli::run_inputs::templates::{form_of_edition, load_forms};
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use nianbao::render::word_templates;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct TemplateMakeArgs {
    #[arg(value_name = "EDITION")]
    pub(crate) edition: String,
    #[arg(short, long, value_name = "OUT.docx")]
    pub(crate) out: PathBuf,
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// Runs `nianbao template make EDITION -o OUT.docx`
pub(crate) fn run_template_make(
    context: &RunContext,
    args: &TemplateMakeArgs,
) -> Result<Outcome, Failure> {
    let library = load_forms(context)?;
    let output =
        UserTarget { path: &args.out, extension: "docx", inputs: &[], overwrite: args.overwrite };
    output.check_path()?;
    let template = word_templates::form_template(form_of_edition(&library, &args.edition)?);
    let written = output.write(&template, &context.files)?;
    print_stdout(&format!("{}\n", output.describe(written).in_lang(context.lang)));
    Ok(Outcome::Clean)
}
