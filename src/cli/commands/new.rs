//! Owns the command `new`.
//! Must not know how a fresh data file is written.

use crate::cli::fs::atomic_write;
use crate::cli::fs::paths::display_path;
use crate::cli::output::console::print_stdout;
use crate::cli::run_inputs::templates::load_forms;
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use nianbao::report::no_form_message;
use nianbao::{msg, starter};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: u16,
    #[arg(long, value_name = "NAME")]
    pub(crate) organ: String,
    #[arg(long)]
    pub(crate) xlsx: bool,
}

/// `nianbao new DIR --year … --organ …`
pub(crate) fn run_new(context: &RunContext, args: &NewArgs) -> Result<Outcome, Failure> {
    let library = load_forms(context)?;
    let Some(form) = library.for_year(args.year) else {
        return Err(Failure::without_cause(no_form_message(&library, args.year)));
    };
    let file = args.dir.join(if args.xlsx { "report.xlsx" } else { "report.toml" });
    if file.exists() {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(&file))));
    }
    let bytes = if args.xlsx {
        let made = starter::starter_workbook(form, &args.organ, args.year);
        made.map_err(|reason| Failure::not_made(&file, reason))?
    } else {
        starter::starter_toml(form, &args.organ, args.year).into_bytes()
    };
    atomic_write::write_file(&file, &bytes)?;
    print_stdout(&format!(
        "{}\n",
        msg!("done.written", file = display_path(&file)).in_lang(context.lang)
    ));
    Ok(Outcome::Clean)
}
