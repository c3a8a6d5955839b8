//! Owns the grammar of the command line; help and error messages come from the catalogues.
//! Must not execute anything: it only parses the arguments.

use crate::cli::commands::CliCommand;
use crate::cli::options::GlobalArgs;
use crate::cli::version::version_text;
use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches, Parser};
use docx_fill::diag::{Lang, Message};
use nianbao::limits::Limits;
use nianbao::messages::CATALOGUE;
use nianbao::msg;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::Path;

/// The arguments of a run.
#[derive(Debug, Parser)]
#[command(name = "nianbao", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: CliCommand,
}

/// The text to print if there is no command to run.
pub(crate) enum HelpOrUsageError {
    /// The help or version text that was requested.
    HelpText(String),
    /// The error message for wrong arguments.
    UsageError(String),
}

/// Parses the arguments. The language is determined first, so that errors are in that language.
pub(crate) fn parse_args(args: &[OsString]) -> Result<Cli, HelpOrUsageError> {
    let lang = lang_from_args(args);
    let read = |args: &[OsString]| command_in_lang(lang).try_get_matches_from(args);
    let matches = read(args).or_else(|error| match with_drop_command(args, &error) {
        Some(args) => read(&args),
        None => Err(error),
    });
    let matches = matches.map_err(|error| help_or_usage_error(&error, lang))?;
    Cli::from_arg_matches(&matches).map_err(|error| help_or_usage_error(&error, lang))
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
    is_path_argument(&args[at]).then(|| {
        let (before, after) = args.split_at(at);
        [before, &["drop".into()], after].concat()
    })
}

/// Checks whether an argument names a path and not a command: there is such a thing, or it is written like one.
fn is_path_argument(argument: &OsStr) -> bool {
    let path = Path::new(argument);
    let written = argument.to_string_lossy().contains(['/', '\\']) || path.extension().is_some();
    written || path.symlink_metadata().is_ok()
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
fn help_or_usage_error(error: &clap::Error, lang: Lang) -> HelpOrUsageError {
    if error.kind() == ErrorKind::DisplayVersion {
        return HelpOrUsageError::HelpText(version_text(lang));
    }
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let text = error.render().to_string();
        let asked = error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        return if asked {
            HelpOrUsageError::HelpText(text)
        } else {
            HelpOrUsageError::UsageError(text)
        };
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
    HelpOrUsageError::UsageError(out)
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
                (false, true) => match allowed_values(&arg) {
                    Some(allowed) => {
                        msg!("args.allowed", arg = arg, value = value, allowed = allowed)
                    }
                    None => msg!("args.bad-value", arg = arg, value = value),
                },
                (false, false) => msg!("args.one-of", arg = arg, value = value, valid = valid),
            }
        }
        ErrorKind::ArgumentConflict => msg!("args.twice", arg = arg),
        ErrorKind::InvalidUtf8 => msg!("args.not-utf8"),
        _ => msg!("args.wrong", arg = arg),
    }
}

/// Returns what an argument may be, for those whose values are not a list.
fn allowed_values(arg: &str) -> Option<Message> {
    let name = arg.split(' ').find(|word| word.starts_with("--"))?;
    Some(match name {
        "--jobs" => msg!("args.allowed-jobs"),
        "--shard" => msg!("args.allowed-shard"),
        "--limit" => {
            let names: Vec<&str> = Limits::NAMES.iter().map(|known| known.0).collect();
            msg!("args.allowed-limit", names = names)
        }
        "--year" => msg!("args.allowed-year"),
        "--today" => msg!("args.allowed-date"),
        _ => return None,
    })
}
