//! Owns what the program says of itself: `help`, `completions` and `man`.
//! Must not know what a command does.

use crate::cli::output::console::print_stdout;
use crate::cli::{Failure, Outcome};
use clap::{Args, Command};
use nianbao::msg;

#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs `nianbao help [COMMAND…]`
pub(crate) fn run_help(args: &HelpArgs, grammar: Command) -> Result<Outcome, Failure> {
    print_stdout(&find_command(&args.command, grammar)?.render_help().to_string());
    Ok(Outcome::Clean)
}

/// Runs `nianbao completions SHELL`
pub(crate) fn run_completions(args: &CompletionsArgs, mut grammar: Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut grammar, "nianbao", &mut script);
    print_stdout(&String::from_utf8_lossy(&script));
    Outcome::Clean
}

/// Runs `nianbao man [COMMAND…]`
pub(crate) fn run_man(args: &ManArgs, grammar: Command) -> Result<Outcome, Failure> {
    let mut page = Vec::new();
    let command = find_command(&args.command, grammar)?;
    // Memory takes every byte.
    let _ = clap_mangen::Man::new(command).render(&mut page);
    print_stdout(&String::from_utf8_lossy(&page));
    Ok(Outcome::Clean)
}

/// Returns the command of a command, by the words that name it.
fn find_command(words: &[String], grammar: Command) -> Result<Command, Failure> {
    let mut command = grammar;
    command.build();
    for word in words {
        let unknown = || Failure::without_cause(msg!("args.unknown-command", name = word));
        command = command.find_subcommand(word).ok_or_else(unknown)?.clone();
    }
    Ok(command)
}
