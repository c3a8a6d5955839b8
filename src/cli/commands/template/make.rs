//! Owns the command `template make`.
//! Must not know how a template is made.

use crate::cli::fs::atomic_write;
use crate::cli::fs::paths::display_path;
use crate::cli::output::console::print_stdout;
use crate::cli::run_inputs::templates::{form_of_edition, load_forms};
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use nianbao::msg;
use nianbao::render::word_templates;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct TemplateMakeArgs {
    #[arg(value_name = "EDITION")]
    pub(crate) edition: String,
    #[arg(short, long, value_name = "OUT.docx")]
    pub(crate) out: PathBuf,
}

/// `nianbao template make EDITION -o OUT.docx`
pub(crate) fn run_template_make(
    context: &RunContext,
    args: &TemplateMakeArgs,
) -> Result<Outcome, Failure> {
    let library = load_forms(context)?;
    atomic_write::write_file(
        &args.out,
        &word_templates::form_template(form_of_edition(&library, &args.edition)?),
    )?;
    print_stdout(&format!(
        "{}\n",
        msg!("done.written", file = display_path(&args.out)).in_lang(context.lang)
    ));
    Ok(Outcome::Clean)
}
