//! Owns what the program says of itself: `help`, `completions`, `man` and the version.
//! Must not know what a command does.

use super::{Failure, Outcome, args, say};
use clap::{Args, Command};
use docx_fill::diag::Lang;
use nianbao::text;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub(crate) struct Help {
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// `nianbao help [COMMAND…]`
pub(crate) fn help(ask: &Help, lang: Lang) -> Result<Outcome, Failure> {
    say(&found(&ask.command, lang)?.render_help().to_string());
    Ok(Outcome::Clean)
}

/// `nianbao completions SHELL`
pub(crate) fn completions(ask: &Completions, lang: Lang) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(ask.shell, &mut args::command(lang), "nianbao", &mut script);
    say(&String::from_utf8_lossy(&script));
    Outcome::Clean
}

/// `nianbao man [COMMAND…]`
pub(crate) fn man(ask: &Man, lang: Lang) -> Result<Outcome, Failure> {
    let mut page = Vec::new();
    let command = found(&ask.command, lang)?;
    // Memory takes every byte.
    let _ = clap_mangen::Man::new(command).render(&mut page);
    say(&String::from_utf8_lossy(&page));
    Ok(Outcome::Clean)
}

/// The command of a command, by the words that name it.
fn found(words: &[String], lang: Lang) -> Result<Command, Failure> {
    let mut command = args::command(lang);
    command.build();
    for word in words {
        let unknown = || Failure::plain(text!("args.unknown-command", name = word));
        command = command.find_subcommand(word).ok_or_else(unknown)?.clone();
    }
    Ok(command)
}

/// The version, of what it was built, and where the fonts are.
pub(crate) fn version(lang: Lang) -> String {
    let mut out = format!("nianbao {}\n", env!("CARGO_PKG_VERSION"));
    let mut line = |text: docx_fill::diag::Text| {
        let _ = writeln!(out, "{}", text.in_lang(lang));
    };
    line(match option_env!("NIANBAO_BUILT_FROM").filter(|commit| !commit.is_empty()) {
        Some(commit) => text!("about.commit", commit = commit),
        None => text!("about.no-commit"),
    });
    #[cfg(feature = "pdf")]
    {
        line(text!("about.typst", version = nianbao::render::typst_version()));
        line(match super::files::font_folder() {
            Some(dir) => text!("about.fonts", dir = super::files::shown(&dir)),
            None => text!("about.no-fonts"),
        });
    }
    #[cfg(not(feature = "pdf"))]
    line(text!("io.no-pdf"));
    out
}
