//! Owns the program's interface: arguments in, files and findings out, exit codes. The only part
//! that uses disk, environment and terminal.
//! Must not decide anything about reports: it calls the library and prints.

mod args;
mod commands;
mod context;
mod failure;
mod fs;
mod interrupt;
mod options;
mod ordered_pool;
mod outcome;
mod output;
mod run_inputs;
#[cfg(feature = "pdf")]
mod sandbox;
mod temp_files;
mod version;
mod watch;

pub(crate) use context::RunContext;
pub(crate) use failure::Failure;
pub(crate) use outcome::Outcome;
pub(crate) use output::terminal::{BufferedOutput, OutputStream, SeverityCounts, Terminal};

use args::HelpOrUsageError;
use output::console::{self, print_stderr, print_stdout};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program.
pub(crate) fn run_cli(args: &[OsString]) -> ExitCode {
    #[cfg(feature = "pdf")]
    if let Some(code) = sandbox::run_if_child(args) {
        return code;
    }
    console::install_panic_hook();
    let cli = match args::parse_args(args) {
        Ok(cli) => cli,
        Err(HelpOrUsageError::HelpText(text)) => {
            print_stdout(&text);
            return ExitCode::SUCCESS;
        }
        Err(HelpOrUsageError::UsageError(text)) => {
            print_stderr(&text);
            return ExitCode::from(Outcome::Failed.exit_code());
        }
    };
    let context = RunContext::new(&cli.global);
    let grammar = || args::command_in_lang(context.lang);
    let ran = commands::run_command(&context, &cli.command, &grammar);
    let outcome = ran.unwrap_or_else(|failure| {
        print_stderr(&failure.error_line(context.lang));
        Outcome::Failed
    });
    ExitCode::from(outcome.exit_code())
}
