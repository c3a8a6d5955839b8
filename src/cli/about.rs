//! Owns the commands `help`, `completions` and `man`, and the version.
//! Must not know what a command does.

use super::{Failure, Outcome, args, print_stdout};
use clap::{Args, Command};
use docx_fill::diag::Lang;
use nianbao::msg;
use std::fmt::Write as _;

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

/// Runs `nianbao help [COMMAND…]`.
pub(crate) fn run_help(ask: &HelpArgs, lang: Lang) -> Result<Outcome, Failure> {
    print_stdout(&find_command(&ask.command, lang)?.render_help().to_string());
    Ok(Outcome::Clean)
}

/// Runs `nianbao completions SHELL`.
pub(crate) fn run_completions(ask: &CompletionsArgs, lang: Lang) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(ask.shell, &mut args::command_in_lang(lang), "nianbao", &mut script);
    print_stdout(&String::from_utf8_lossy(&script));
    Outcome::Clean
}

/// Runs `nianbao man [COMMAND…]`.
pub(crate) fn run_man(ask: &ManArgs, lang: Lang) -> Result<Outcome, Failure> {
    let mut page = Vec::new();
    let command = find_command(&ask.command, lang)?;
    // Writing into memory cannot fail.
    let _ = clap_mangen::Man::new(command).render(&mut page);
    print_stdout(&String::from_utf8_lossy(&page));
    Ok(Outcome::Clean)
}

/// Returns the clap command with this name, given as words.
fn find_command(words: &[String], lang: Lang) -> Result<Command, Failure> {
    let mut command = args::command_in_lang(lang);
    command.build();
    for word in words {
        let unknown = || Failure::without_cause(msg!("args.unknown-command", name = word));
        command = command.find_subcommand(word).ok_or_else(unknown)?.clone();
    }
    Ok(command)
}

/// Returns the version, the build information, and the font folder.
pub(crate) fn version_text(lang: Lang) -> String {
    let mut out = format!("nianbao {}\n", env!("CARGO_PKG_VERSION"));
    let mut line = |text: docx_fill::diag::Message| {
        let _ = writeln!(out, "{}", text.in_lang(lang));
    };
    line(match option_env!("NIANBAO_BUILT_FROM").filter(|commit| !commit.is_empty()) {
        Some(commit) => msg!("about.commit", commit = commit),
        None => msg!("about.no-commit"),
    });
    #[cfg(feature = "pdf")]
    {
        line(msg!("about.typst", version = nianbao::render::typst_version()));
        line(match super::files::font_folder() {
            Some(dir) => msg!("about.fonts", dir = super::files::display_path(&dir)),
            None => msg!("about.no-fonts"),
        });
    }
    #[cfg(not(feature = "pdf"))]
    line(msg!("io.no-pdf"));
    out
}
