//! Owns the grammar of the command line; help and error messages come from the catalogues.
//! Must not execute anything: it only parses the arguments.

use super::letterhead::LetterheadCommand;
use super::template::{TemplateCheckArgs, TemplateTagsArgs};
use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{
    Arg, ArgAction, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use docx_fill::diag::{DiagnosticFormat, Lang, Message};
use nianbao::messages::CATALOGUE;
use nianbao::msg;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The parsed arguments.
#[derive(Debug, Parser)]
#[command(name = "nianbao", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Language of messages.
    #[arg(long, global = true, value_enum, default_value = "zh")]
    pub(crate) lang: LangArg,
    /// Folder with additional or changed templates.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) templates: Option<PathBuf>,
    /// Folders with additional fonts.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) fonts: Vec<PathBuf>,
    /// Limits on the resources for foreign files.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = super::limits::parse_limit)]
    pub(crate) limit: Vec<super::limits::LimitArg>,
    #[command(subcommand)]
    pub(crate) command: CliCommand,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    New(NewArgs),
    Build(BuildArgs),
    Check(CheckArgs),
    Collect(super::collect::CollectArgs),
    Convert(ConvertArgs),
    Drop(super::drop::DropArgs),
    Explain(ExplainArgs),
    Fill(FillArgs),
    MergeSummary(super::merge_summary::MergeSummaryArgs),
    Import(super::import::ImportArgs),
    #[command(subcommand)]
    Form(FormCommand),
    #[command(subcommand)]
    Letterhead(LetterheadCommand),
    #[command(subcommand)]
    Template(TemplateCommand),
    Help(super::about::HelpArgs),
    Completions(super::about::CompletionsArgs),
    Man(super::about::ManArgs),
}

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

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    #[arg(value_name = "FROM")]
    pub(crate) from: PathBuf,
    #[arg(value_name = "TO")]
    pub(crate) target: PathBuf,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(crate) struct BuildArgs {
    #[arg(value_name = "PATH", required_unless_present = "from_list")]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) from_list: Vec<PathBuf>,
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_enum, value_delimiter = ',', default_value = "docx,pdf")]
    pub(crate) to: Vec<DocumentFormat>,
    /// Letterheads, by name or path; `none` is the report without one, as published.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) letterhead: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) draft: bool,
    #[arg(long)]
    pub(crate) verify: bool,
    #[arg(long)]
    pub(crate) watch: bool,
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    #[arg(long)]
    pub(crate) force: bool,
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<super::batch::Shard>,
    #[arg(long, value_name = "FILE.json")]
    pub(crate) summary: Option<PathBuf>,
    #[arg(long)]
    pub(crate) durable: bool,
    #[command(flatten)]
    pub(crate) against: ReferenceArgs,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) fix: bool,
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) list: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) against: ReferenceArgs,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// The files with which a report is compared, and the settings for checking it.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ReferenceArgs {
    #[arg(long, value_name = "PATH")]
    pub(crate) previous: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// True if only files named in the arguments are used: for a dropped file the current folder
    /// has no meaning.
    #[arg(skip)]
    pub(crate) only_named: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[arg(value_name = "ID")]
    pub(crate) rule: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FillArgs {
    #[arg(value_name = "TEMPLATE.docx", required_unless_present = "form")]
    pub(crate) template: Option<PathBuf>,
    #[arg(value_name = "DATA", required_unless_present = "form")]
    pub(crate) data: Option<PathBuf>,
    #[arg(long, value_name = "BLANK.docx", conflicts_with_all = ["partials", "allow_missing", "link_schemes"])]
    pub(crate) form: Option<PathBuf>,
    #[arg(long, requires = "form")]
    pub(crate) overwrite: bool,
    #[arg(long, value_name = "FILE", requires = "form")]
    pub(crate) config: Option<PathBuf>,
    #[arg(short, long, value_name = "OUT.docx")]
    pub(crate) out: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub(crate) partials: Option<PathBuf>,
    #[arg(long)]
    pub(crate) allow_missing: bool,
    /// Schemes allowed in links besides http, https and mailto.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) link_schemes: Vec<String>,
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// The options for checking and showing findings.
#[derive(Debug, Args)]
pub(crate) struct DiagnosticArgs {
    #[arg(long)]
    pub(crate) strict: bool,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) message_format: FormatArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FormCommand {
    Show(FormShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct FormShowArgs {
    #[arg(value_name = "EDITION")]
    pub(crate) edition: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    Make(TemplateMakeArgs),
    From(super::untagged_form::TemplateFromArgs),
    Check(TemplateCheckArgs),
    Tags(TemplateTagsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TemplateMakeArgs {
    #[arg(value_name = "EDITION")]
    pub(crate) edition: String,
    #[arg(short, long, value_name = "OUT.docx")]
    pub(crate) out: PathBuf,
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

/// A reason for ending before a command runs.
pub(crate) enum EarlyExit {
    /// The help or version text that was requested.
    HelpText(String),
    /// The error message for wrong arguments.
    UsageError(String),
}

/// Parses the arguments. The language is determined first, so that errors are in that language.
pub(crate) fn parse_args(args: &[OsString]) -> Result<Cli, EarlyExit> {
    let lang = lang_from_args(args);
    let read = |args: &[OsString]| command_in_lang(lang).try_get_matches_from(args);
    let matches = read(args).or_else(|error| match with_drop_command(args, &error) {
        Some(args) => read(&args),
        None => Err(error),
    });
    let matches = matches.map_err(|error| early_exit_from(&error, lang))?;
    Cli::from_arg_matches(&matches).map_err(|error| early_exit_from(&error, lang))
}

/// Returns the grammar with its help in a language.
pub(crate) fn command_in_lang(lang: Lang) -> Command {
    localize_help(Cli::command(), lang)
}

/// Returns the arguments with the command `drop` inserted, if a path is in the place of the
/// command.
fn with_drop_command(args: &[OsString], error: &clap::Error) -> Option<Vec<OsString>> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let at = args.iter().skip(1).position(|arg| arg.to_string_lossy() == *word)? + 1;
    super::drop::is_path_argument(&args[at]).then(|| {
        let (before, after) = args.split_at(at);
        [before, &["drop".into()], after].concat()
    })
}

fn lang_from_args(args: &[OsString]) -> Lang {
    let words: Vec<_> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let after = words.windows(2).any(|pair| pair == ["--lang", "en"]);
    if after || words.contains(&"--lang=en") { Lang::En } else { Lang::Zh }
}

/// Returns the command with all help texts in one language.
fn localize_help(command: Command, lang: Lang) -> Command {
    let word = |id: &str| CATALOGUE.pattern(lang, "help", id).unwrap_or_default();
    let heads = HelpHeadings {
        usage: word("usage"),
        commands: word("commands"),
        options: word("options"),
        arguments: word("arguments"),
    };
    describe_command(command, "nianbao", &word, &heads).styles(Styles::plain()).term_width(0)
}

struct HelpHeadings {
    usage: &'static str,
    commands: &'static str,
    options: &'static str,
    arguments: &'static str,
}

fn describe_command(
    mut command: Command,
    path: &str,
    word: &dyn Fn(&str) -> &'static str,
    heads: &HelpHeadings,
) -> Command {
    let HelpHeadings { usage, commands, options, .. } = heads;
    let template = format!(
        "{{about}}\n\n{usage} {{usage}}\n\n{}{{positionals}}{{before-help}}{options}\n{{options}}{{after-help}}",
        if command.has_subcommands() {
            format!("{commands}\n{{subcommands}}\n\n")
        } else {
            String::new()
        },
    );
    let positionals = command.get_positionals().next().is_some();
    let template = if positionals {
        template.replace("{positionals}", &format!("{}\n{{positionals}}\n\n", heads.arguments))
    } else {
        template.replace("{positionals}", "")
    };
    let ids: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for id in ids {
        let help = match word(&format!("{path}-{id}")) {
            "" => word(&id),
            own => own,
        };
        command = command.mut_arg(&id, |arg| {
            let values = arg.get_action().takes_values();
            let arg = arg.help(help);
            // clap rejects this setting on flags.
            if values { arg.hide_default_value(true).hide_possible_values(true) } else { arg }
        });
    }
    let subcommands: Vec<String> =
        command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in subcommands {
        command = command.mut_subcommand(&name, |sub| {
            let path = if path == "nianbao" { name.clone() } else { format!("{path}-{name}") };
            describe_command(sub, &path, word, heads)
        });
    }
    command
        .about(word(path))
        .help_template(template)
        .disable_help_flag(true)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .arg(builtin_flag("help", 'h', ArgAction::Help, word("help")))
        .arg(builtin_flag("version", 'V', ArgAction::Version, word("version")))
}

fn builtin_flag(name: &'static str, short: char, action: ArgAction, help: &'static str) -> Arg {
    Arg::new(name).long(name).short(short).action(action).help(help)
}

/// Translates an error of clap.
fn early_exit_from(error: &clap::Error, lang: Lang) -> EarlyExit {
    if error.kind() == ErrorKind::DisplayVersion {
        return EarlyExit::HelpText(super::about::version_text(lang));
    }
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let text = error.render().to_string();
        let asked = error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        return if asked { EarlyExit::HelpText(text) } else { EarlyExit::UsageError(text) };
    }
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("  "),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let text = usage_error_message(error.kind(), &context);
    let mut out = format!("{}: {}\n", msg!("print.error").in_lang(lang), text.in_lang(lang));
    let near =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    for near in near.map(context).iter().filter(|near| !near.is_empty()) {
        let hint = msg!("report.did-you-mean", name = near);
        let word = msg!("print.hint").in_lang(lang);
        let _ = writeln!(out, "   = {word}{}", hint.in_lang(lang));
    }
    let _ = writeln!(out, "{}", msg!("args.see-help").in_lang(lang));
    EarlyExit::UsageError(out)
}

fn usage_error_message(kind: ErrorKind, context: &dyn Fn(ContextKind) -> String) -> Message {
    let arg = context(ContextKind::InvalidArg);
    match kind {
        ErrorKind::UnknownArgument => msg!("args.unknown", arg = arg),
        ErrorKind::InvalidSubcommand => {
            msg!("args.unknown-command", name = context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => msg!("args.missing", arg = arg),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue);
            let valid = context(ContextKind::ValidValue);
            match (value.is_empty(), valid.is_empty()) {
                (true, _) => msg!("args.no-value", arg = arg),
                (false, true) => msg!("args.bad-value", arg = arg, value = value),
                (false, false) => msg!("args.one-of", arg = arg, value = value, valid = valid),
            }
        }
        ErrorKind::ArgumentConflict => msg!("args.twice", arg = arg),
        ErrorKind::InvalidUtf8 => msg!("args.not-utf8"),
        _ => msg!("args.wrong", arg = arg),
    }
}
