//! Owns the options that several commands share, and those of the whole program.
//! Must not know a command.

use clap::{Args, ValueEnum};
use docx_fill::diag::{DiagnosticFormat, Lang, Sink};
use nianbao::limits::Limits;
use nianbao::msg;
use nianbao::report::Date;
use std::path::PathBuf;

/// The options of the whole program.
#[derive(Debug, Args)]
pub(crate) struct GlobalArgs {
    /// Language of the messages.
    #[arg(long, global = true, value_enum, ignore_case = true, default_value = "zh")]
    pub(crate) lang: LangArg,
    /// Folder with further or changed templates.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) templates: Option<PathBuf>,
    /// Folders with further fonts.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) fonts: Vec<PathBuf>,
    /// Limits of what strangers' files may cost.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = parse_limit)]
    pub(crate) limit: Vec<LimitArg>,
}

impl GlobalArgs {
    /// Returns the limits of the run.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        for one in &self.limit {
            limits.set_by_name(one.name, one.value);
        }
        limits
    }
}

/// Says by which option a user of the program does what the library's hints can only describe.
pub(crate) fn name_own_options(sink: &mut Sink) {
    sink.replace_hint("template.hint-partials", &msg!("template.own-hint-partials"));
    sink.replace_hint("link.hint-schemes", &msg!("link.own-hint-schemes"));
}

/// The references by which a report is judged besides its form.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ReferenceArgs {
    #[arg(long, value_name = "PATH")]
    pub(crate) previous: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Only what is named counts: to a file that was dropped the current folder means nothing.
    #[arg(skip)]
    pub(crate) only_named: bool,
}

/// The options for judging and showing findings.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiagnosticArgs {
    #[arg(long)]
    pub(crate) strict: bool,
    #[arg(long, value_enum, ignore_case = true, default_value = "human")]
    pub(crate) message_format: FormatArg,
}

impl DiagnosticArgs {
    /// The options of commands that do not take them.
    pub(crate) const PLAIN: DiagnosticArgs =
        DiagnosticArgs { strict: false, message_format: FormatArg::Human };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    Docx,
    Pdf,
}

impl DocumentFormat {
    /// Returns the extension of its files.
    pub(crate) fn file_extension(self) -> &'static str {
        match self {
            DocumentFormat::Docx => "docx",
            DocumentFormat::Pdf => "pdf",
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LangArg {
    Zh,
    En,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatArg {
    Human,
    Short,
    Json,
    Sarif,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Lang {
        match lang {
            LangArg::Zh => Lang::Zh,
            LangArg::En => Lang::En,
        }
    }
}

impl From<FormatArg> for DiagnosticFormat {
    fn from(format: FormatArg) -> DiagnosticFormat {
        match format {
            FormatArg::Human => DiagnosticFormat::Human,
            FormatArg::Short => DiagnosticFormat::Short,
            FormatArg::Json => DiagnosticFormat::Json,
            FormatArg::Sarif => DiagnosticFormat::Sarif,
        }
    }
}

/// One `--limit NAME=VALUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LimitArg {
    name: &'static str,
    value: u64,
}

/// Reads `NAME=VALUE`. The message is not shown: the grammar has its own.
pub(crate) fn parse_limit(text: &str) -> Result<LimitArg, &'static str> {
    let (name, value) = text.split_once('=').ok_or("no value")?;
    let known = Limits::NAMES.iter().find(|known| known.0 == name).ok_or("no limit")?;
    let one = LimitArg { name: known.0, value: value.parse().map_err(|_| "no number")? };
    if Limits::default().set_by_name(one.name, one.value) { Ok(one) } else { Err("no sense") }
}

/// Reads a day.
pub(crate) fn parse_date_arg(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(String::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_known_name_and_a_number() {
        assert_eq!(parse_limit("file=8"), Ok(LimitArg { name: "file", value: 8 }));
        for wrong in ["", "file", "file=", "file=0", "file=-1", "file=1e3", "fil=8", "=8"] {
            assert!(parse_limit(wrong).is_err(), "{wrong}");
        }
    }
}
