//! Owns the program's surface: arguments in, files and findings out, exit codes. The only part that
//! touches disk, environment and terminal.
//! Must not decide anything about reports: it calls the library and prints.

mod against;
mod args;
mod build;
mod convert;
mod files;
mod fix;
mod load;
mod out;
mod template;
mod tools;
mod watch;

use args::{Ask, Cli, FormAsk, Judge, Stop, TemplateAsk};
use nianbao::check::rules;
use nianbao::diag::{self, Diagnostic, Format, Lang, Severity, Sink, Sources, Text};
use nianbao::text;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

/// The machine failed, or what was asked for cannot be done: exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    message: Text,
    cause: Option<String>,
}

impl Failure {
    /// With the system's reason.
    pub(crate) fn new(message: Text, cause: impl std::fmt::Display) -> Failure {
        Failure { message, cause: Some(cause.to_string()) }
    }

    /// Without a further reason.
    pub(crate) fn plain(message: Text) -> Failure {
        Failure { message, cause: None }
    }

    /// What failed and why.
    pub(crate) fn words(&self, lang: Lang) -> String {
        let cause = match &self.cause {
            Some(cause) => text!("io.cause", cause = cause).in_lang(lang),
            None => String::new(),
        };
        format!("{}{cause}", self.message.in_lang(lang))
    }

    fn print(&self, lang: Lang) {
        let word = text!("print.error").in_lang(lang);
        say_err(&format!("{word}: {}\n", self.words(lang)));
    }
}

/// How a run ended; the gravest outcome of all its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Nothing wrong, or warnings only.
    Clean,
    /// Errors found.
    Found,
    /// Could not run.
    Failed,
}

impl Outcome {
    fn code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::Found => 1,
            Outcome::Failed => 2,
        }
    }
}

/// What a command needs besides its own arguments.
pub(crate) struct Terminal {
    pub(crate) lang: Lang,
    pub(crate) format: Format,
    pub(crate) strict: bool,
    /// Findings are the product of the command, not remarks beside it.
    pub(crate) findings_first: bool,
    /// All findings so far, for the closing line.
    all: Vec<Diagnostic>,
    /// The same for a SARIF log, which is one for the whole run.
    sarif: Vec<serde_json::Value>,
}

impl Terminal {
    fn new(lang: Lang, judge: &Judge, findings_first: bool) -> Terminal {
        let format = judge.message_format.into();
        Terminal {
            lang,
            format,
            strict: judge.strict,
            findings_first,
            all: Vec::new(),
            sarif: Vec::new(),
        }
    }

    /// Prints findings and judges them.
    pub(crate) fn report(&mut self, sink: Sink, sources: &Sources) -> Outcome {
        let found = sink.into_sorted();
        if self.format == Format::Sarif {
            self.sarif.extend(diag::sarif::results(&found, sources, self.lang));
            return self.judge(&found);
        }
        let text = diag::print(&found, sources, self.format, self.lang);
        if self.findings_first || self.format == Format::Json {
            say(&text);
        } else {
            say_err(&text);
        }
        let outcome = self.judge(&found);
        self.all.extend(found);
        outcome
    }

    fn judge(&self, found: &[Diagnostic]) -> Outcome {
        let grave = |d: &Diagnostic| match d.severity {
            Severity::Error => true,
            Severity::Warning => self.strict,
            Severity::Remark => false,
        };
        if found.iter().any(grave) { Outcome::Found } else { Outcome::Clean }
    }

    /// The closing line, for people only.
    pub(crate) fn close(&self) {
        if self.format == Format::Sarif {
            let words = |id: &str| Some(rules::words(id, self.lang)?.short.clone());
            say(&diag::sarif::log(&self.sarif, &words));
        }
        if self.format == Format::Human && !self.all.is_empty() {
            let line = format!("{}\n", diag::count_line(&self.all, self.lang));
            if self.findings_first {
                say(&line);
            } else {
                say_err(&line);
            }
        }
    }

    /// A line about what was done, for people only.
    pub(crate) fn tell(&self, text: &Text) {
        if self.is_for_people() {
            say(&format!("{}\n", text.in_lang(self.lang)));
        }
    }

    /// Text beside the findings, for people only.
    pub(crate) fn show(&self, text: &str) {
        if self.is_for_people() {
            say(text);
        }
    }

    fn is_for_people(&self) -> bool {
        !matches!(self.format, Format::Json | Format::Sarif)
    }

    /// A failure.
    pub(crate) fn fail(&self, failure: &Failure) -> Outcome {
        failure.print(self.lang);
        Outcome::Failed
    }
}

/// Prints to the standard output; a reader that has gone away is no error.
pub(crate) fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn say_err(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Runs the program.
pub(crate) fn run(args: &[OsString]) -> ExitCode {
    let cli = match args::parse(args) {
        Ok(cli) => cli,
        Err(Stop::Show(text)) => {
            say(&text);
            return ExitCode::SUCCESS;
        }
        Err(Stop::Wrong(text)) => {
            say_err(&text);
            return ExitCode::from(Outcome::Failed.code());
        }
    };
    let lang = cli.lang.into();
    let outcome = dispatch(&cli, lang).unwrap_or_else(|failure| {
        failure.print(lang);
        Outcome::Failed
    });
    ExitCode::from(outcome.code())
}

fn dispatch(cli: &Cli, lang: Lang) -> Result<Outcome, Failure> {
    match &cli.command {
        Ask::New(ask) => tools::new(cli, ask, lang),
        Ask::Build(ask) => {
            let once = || build::build(cli, ask, Terminal::new(lang, &ask.judge, false));
            if ask.watch { watch::watch(lang, &|| build::inputs(cli, ask), &once) } else { once() }
        }
        Ask::Check(ask) => build::check(cli, ask, Terminal::new(lang, &ask.judge, true)),
        Ask::Convert(ask) => convert::convert(cli, ask, Terminal::new(lang, &ask.judge, false)),
        Ask::Explain(ask) => tools::explain(ask, lang),
        Ask::Fill(ask) => tools::fill(ask, Terminal::new(lang, &ask.judge, false)),
        Ask::Form(FormAsk::Show(ask)) => tools::form_show(cli, ask, lang),
        Ask::Template(TemplateAsk::Make(ask)) => tools::template_make(cli, ask, lang),
        Ask::Template(TemplateAsk::Check(ask)) => template::check(cli, ask, lang),
        Ask::Template(TemplateAsk::Tags(ask)) => {
            template::tags(ask, Terminal::new(lang, &ask.judge, false))
        }
    }
}
