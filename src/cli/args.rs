//! Owns the command line's grammar; help and complaints come from the message catalogues.
//! Must not do anything: it only says what was asked for.

use super::letterhead::LetterheadAsk;
use super::template::{TemplateCheck, TemplateTags};
use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{
    Arg, ArgAction, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use docx_fill::diag::{Format, Lang, Text};
use nianbao::messages::CATALOGUE;
use nianbao::text;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What was asked for.
#[derive(Debug, Parser)]
#[command(name = "nianbao", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Language of the messages.
    #[arg(long, global = true, value_enum, default_value = "zh")]
    pub(crate) lang: LangArg,
    /// Folder with further or changed templates.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) templates: Option<PathBuf>,
    /// Folders with further fonts.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) fonts: Vec<PathBuf>,
    /// Limits of what strangers' files may cost.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = super::limits::parse)]
    pub(crate) limit: Vec<super::limits::One>,
    #[command(subcommand)]
    pub(crate) command: Ask,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Ask {
    New(New),
    Build(Build),
    Check(Check),
    Collect(super::collect::Collect),
    Convert(Convert),
    Drop(super::drop::DropAsk),
    Explain(Explain),
    Fill(Fill),
    MergeSummary(super::merge::MergeSummary),
    Import(super::import::Import),
    #[command(subcommand)]
    Form(FormAsk),
    #[command(subcommand)]
    Letterhead(LetterheadAsk),
    #[command(subcommand)]
    Template(TemplateAsk),
    Help(super::about::Help),
    Completions(super::about::Completions),
    Man(super::about::Man),
}

#[derive(Debug, Args)]
pub(crate) struct New {
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
pub(crate) struct Convert {
    #[arg(value_name = "FROM")]
    pub(crate) from: PathBuf,
    #[arg(value_name = "TO")]
    pub(crate) target: PathBuf,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(crate) struct Build {
    #[arg(value_name = "PATH", required_unless_present = "from_list")]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) from_list: Vec<PathBuf>,
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_enum, value_delimiter = ',', default_value = "docx,pdf")]
    pub(crate) to: Vec<Target>,
    /// Letterheads, by name or path; `none` is the report as it is published.
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
    pub(crate) shard: Option<super::build::Shard>,
    #[arg(long, value_name = "FILE.json")]
    pub(crate) summary: Option<PathBuf>,
    #[arg(long)]
    pub(crate) durable: bool,
    #[command(flatten)]
    pub(crate) against: Against,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) fix: bool,
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) list: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) against: Against,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

/// What a report is judged by besides its form.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Against {
    #[arg(long, value_name = "PATH")]
    pub(crate) previous: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Only what is named counts: to a file that was dropped the current folder means nothing.
    #[arg(skip)]
    pub(crate) only_named: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[arg(value_name = "ID")]
    pub(crate) rule: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Fill {
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
    /// Schemes that addresses of links may have besides http, https and mailto.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) link_schemes: Vec<String>,
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

/// How findings are judged and shown.
#[derive(Debug, Args)]
pub(crate) struct Judge {
    #[arg(long)]
    pub(crate) strict: bool,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) message_format: FormatArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FormAsk {
    Show(FormShow),
}

#[derive(Debug, Args)]
pub(crate) struct FormShow {
    #[arg(value_name = "EDITION")]
    pub(crate) edition: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateAsk {
    Make(TemplateMake),
    From(super::form::TemplateFrom),
    Check(TemplateCheck),
    Tags(TemplateTags),
}

#[derive(Debug, Args)]
pub(crate) struct TemplateMake {
    #[arg(value_name = "EDITION")]
    pub(crate) edition: String,
    #[arg(short, long, value_name = "OUT.docx")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    Docx,
    Pdf,
}

impl Target {
    /// How the names of its files end.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Target::Docx => "docx",
            Target::Pdf => "pdf",
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

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Format {
        match format {
            FormatArg::Human => Format::Human,
            FormatArg::Short => Format::Short,
            FormatArg::Json => Format::Json,
            FormatArg::Sarif => Format::Sarif,
        }
    }
}

/// Why there is nothing to do.
pub(crate) enum Stop {
    /// Help or version was asked for.
    Show(String),
    /// The arguments are wrong.
    Wrong(String),
}

/// Reads the arguments. The language has to be known before they are read.
pub(crate) fn parse(args: &[OsString]) -> Result<Cli, Stop> {
    let lang = lang_of(args);
    let read = |args: &[OsString]| command(lang).try_get_matches_from(args);
    let matches = read(args).or_else(|error| match dropped(args, &error) {
        Some(args) => read(&args),
        None => Err(error),
    });
    let matches = matches.map_err(|error| stop(&error, lang))?;
    Cli::from_arg_matches(&matches).map_err(|error| stop(&error, lang))
}

/// The grammar with its help in a language.
pub(crate) fn command(lang: Lang) -> Command {
    localised(Cli::command(), lang)
}

/// The arguments with the command `drop`, where a path stands in place of a command.
fn dropped(args: &[OsString], error: &clap::Error) -> Option<Vec<OsString>> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let at = args.iter().skip(1).position(|arg| arg.to_string_lossy() == *word)? + 1;
    super::drop::is_path(&args[at]).then(|| {
        let (before, after) = args.split_at(at);
        [before, &["drop".into()], after].concat()
    })
}

fn lang_of(args: &[OsString]) -> Lang {
    let words: Vec<_> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let after = words.windows(2).any(|pair| pair == ["--lang", "en"]);
    if after || words.contains(&"--lang=en") { Lang::En } else { Lang::Zh }
}

/// The command with all help texts in one language.
fn localised(command: Command, lang: Lang) -> Command {
    let word = |id: &str| CATALOGUE.pattern(lang, "help", id).unwrap_or_default();
    let heads = Heads {
        usage: word("usage"),
        commands: word("commands"),
        options: word("options"),
        arguments: word("arguments"),
    };
    described(command, "nianbao", &word, &heads).styles(Styles::plain()).term_width(0)
}

struct Heads {
    usage: &'static str,
    commands: &'static str,
    options: &'static str,
    arguments: &'static str,
}

fn described(
    mut command: Command,
    path: &str,
    word: &dyn Fn(&str) -> &'static str,
    heads: &Heads,
) -> Command {
    let Heads { usage, commands, options, .. } = heads;
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
            // clap refuses the setting on flags.
            if values { arg.hide_default_value(true).hide_possible_values(true) } else { arg }
        });
    }
    let subcommands: Vec<String> =
        command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in subcommands {
        command = command.mut_subcommand(&name, |sub| {
            let path = if path == "nianbao" { name.clone() } else { format!("{path}-{name}") };
            described(sub, &path, word, heads)
        });
    }
    command
        .about(word(path))
        .help_template(template)
        .disable_help_flag(true)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .arg(flag("help", 'h', ArgAction::Help, word("help")))
        .arg(flag("version", 'V', ArgAction::Version, word("version")))
}

fn flag(name: &'static str, short: char, action: ArgAction, help: &'static str) -> Arg {
    Arg::new(name).long(name).short(short).action(action).help(help)
}

/// clap's complaint in our words.
fn stop(error: &clap::Error, lang: Lang) -> Stop {
    if error.kind() == ErrorKind::DisplayVersion {
        return Stop::Show(super::about::version(lang));
    }
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let text = error.render().to_string();
        let asked = error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        return if asked { Stop::Show(text) } else { Stop::Wrong(text) };
    }
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("  "),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let text = complaint(error.kind(), &context);
    let mut out = format!("{}: {}\n", text!("print.error").in_lang(lang), text.in_lang(lang));
    let near =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    for near in near.map(context).iter().filter(|near| !near.is_empty()) {
        let hint = text!("report.did-you-mean", name = near);
        let word = text!("print.hint").in_lang(lang);
        let _ = writeln!(out, "   = {word}{}", hint.in_lang(lang));
    }
    let _ = writeln!(out, "{}", text!("args.see-help").in_lang(lang));
    Stop::Wrong(out)
}

fn complaint(kind: ErrorKind, context: &dyn Fn(ContextKind) -> String) -> Text {
    let arg = context(ContextKind::InvalidArg);
    match kind {
        ErrorKind::UnknownArgument => text!("args.unknown", arg = arg),
        ErrorKind::InvalidSubcommand => {
            text!("args.unknown-command", name = context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => text!("args.missing", arg = arg),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue);
            let valid = context(ContextKind::ValidValue);
            match (value.is_empty(), valid.is_empty()) {
                (true, _) => text!("args.no-value", arg = arg),
                (false, true) => text!("args.bad-value", arg = arg, value = value),
                (false, false) => text!("args.one-of", arg = arg, value = value, valid = valid),
            }
        }
        ErrorKind::ArgumentConflict => text!("args.twice", arg = arg),
        ErrorKind::InvalidUtf8 => text!("args.not-utf8"),
        _ => text!("args.wrong", arg = arg),
    }
}
