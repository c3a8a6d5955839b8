//! Owns the command `letterhead new`.
//! Must not know what a letterhead looks like.

use crate::cli::fs::atomic_write;
use crate::cli::fs::paths::display_path;
use crate::cli::output::console::print_stdout;
use crate::cli::{Failure, Outcome, RunContext};
use clap::{Args, Subcommand};
use nianbao::msg;
use nianbao::render::letterhead::starter_files;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum LetterheadCommand {
    New(LetterheadNewArgs),
}

#[derive(Debug, Args)]
pub(crate) struct LetterheadNewArgs {
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Runs `nianbao letterhead new DIR`
pub(crate) fn run_letterhead(
    context: &RunContext,
    args: &LetterheadCommand,
) -> Result<Outcome, Failure> {
    let LetterheadCommand::New(args) = args;
    let files = starter_files().map(|(name, bytes)| (args.dir.join(name), bytes));
    if let Some((file, _)) = files.iter().find(|(file, _)| file.exists()) {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(file))));
    }
    atomic_write::write_all_files(&args.dir, &files)?;
    for (file, _) in files {
        print_stdout(&format!(
            "{}\n",
            msg!("done.written", file = display_path(&file)).in_lang(context.lang)
        ));
    }
    let dir = display_path(&args.dir);
    print_stdout(&format!("{}\n", msg!("letterhead.new-next", dir = dir).in_lang(context.lang)));
    Ok(Outcome::Clean)
}
