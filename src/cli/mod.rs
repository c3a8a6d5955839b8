//! Owns the program's surface: arguments in, files and findings out, exit codes. The only part that
//! touches disk, environment and terminal.
//! Must not decide anything about reports: it calls the library and prints.

mod about;
mod against;
mod args;
mod build;
mod check;
mod collect;
mod console;
mod convert;
mod drop;
mod failure;
mod files;
mod fix;
mod form;
mod import;
mod letterhead;
mod limits;
mod links;
mod load;
mod merge;
mod out;
mod outward;
#[cfg(feature = "pdf")]
mod sandbox;
mod settings;
mod stop;
mod sum;
mod template;
mod tools;
mod watch;

use console::{say, say_err};
pub(crate) use failure::Failure;

use args::{Ask, Cli, FormAsk, Judge, Stop, TemplateAsk};
use docx_fill::diag::{self, Diagnostic, Format, Lang, Severity, Sink, Sources, Text};
use letterhead::LetterheadAsk;
use nianbao::check::rules;
use nianbao::check::settings::Effect;
use outward::Outward;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// The author of SARIF logs.
const TOOL: diag::sarif::Tool<'_> =
    diag::sarif::Tool { name: "nianbao", version: env!("CARGO_PKG_VERSION") };

/// How a run ended; the gravest outcome of all its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Nothing wrong, or warnings only.
    Clean,
    /// Errors found.
    Found,
    /// Could not run.
    Failed,
    /// Stopped by the user before the end.
    Stopped,
}

impl Outcome {
    fn code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::Found => 1,
            Outcome::Failed => 2,
            // 128 and the number of the signal, as shells have it.
            Outcome::Stopped => 130,
        }
    }
}

/// Where a text goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Out,
    Err,
    /// The SARIF log.
    Log,
}

/// Texts that wait until it is their turn.
pub(crate) type Held = Vec<(Stream, String)>;

/// How many findings of each severity there were, from the gravest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) remarks: usize,
    /// What the settings made of them.
    pub(crate) settled: Effect,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.settled.add(other.settled);
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.remarks += other.remarks;
    }

    fn of(found: &[Diagnostic]) -> Counts {
        let count = |severity| found.iter().filter(|d| d.severity == severity).count();
        Counts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            remarks: count(Severity::Remark),
            settled: Effect::default(),
        }
    }

    /// Whether nothing was found.
    fn is_zero(&self) -> bool {
        self.errors + self.warnings + self.remarks == 0
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
    all: Counts,
    /// What is kept back, if it is not printed at once.
    held: Option<Mutex<Held>>,
    /// The results of a SARIF log, which is one for the whole run.
    sarif: Mutex<Vec<String>>,
    /// How files are called for others.
    outward: Arc<Outward>,
    /// The settings that judge the run, if there are any.
    settings: Option<String>,
}

impl Terminal {
    fn new(lang: Lang, judge: &Judge, findings_first: bool) -> Terminal {
        let format = judge.message_format.into();
        let strict = judge.strict;
        let sarif = Mutex::default();
        let (all, outward) = (Counts::default(), Arc::default());
        let settings = None;
        Terminal { lang, format, strict, findings_first, all, held: None, sarif, outward, settings }
    }

    /// Takes down how files are called for others.
    pub(crate) fn call(&mut self, outward: Outward) {
        self.outward = Arc::new(outward);
    }

    /// One like this that keeps everything back: what is done in parallel is told in order.
    pub(crate) fn aside(&self) -> Terminal {
        let held = Some(Mutex::default());
        let Terminal { lang, format, strict, findings_first, .. } = *self;
        let (all, sarif, settings) = (Counts::default(), Mutex::default(), None);
        let outward = self.outward.clone();
        Terminal { lang, format, strict, findings_first, all, held, sarif, outward, settings }
    }

    /// What was kept back, and what was found.
    pub(crate) fn into_held(self) -> (Held, Counts) {
        let held = self.held.map(|held| held.into_inner().unwrap_or_else(PoisonError::into_inner));
        (held.unwrap_or_default(), self.all)
    }

    /// Prints what another one kept back.
    pub(crate) fn join(&mut self, held: Held, found: Counts) {
        for (stream, text) in held {
            self.put(stream, &text);
        }
        self.all.add(found);
    }

    fn put(&self, stream: Stream, text: &str) {
        match (&self.held, stream) {
            (Some(held), _) => {
                let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                held.push((stream, text.to_owned()));
            }
            (None, Stream::Out) => say(text),
            (None, Stream::Err) => say_err(text),
            (None, Stream::Log) => {
                let mut log = self.sarif.lock().unwrap_or_else(PoisonError::into_inner);
                log.push(text.to_owned());
            }
        }
    }

    /// Prints findings and judges them.
    pub(crate) fn report(&mut self, sink: Sink, sources: &Sources) -> Outcome {
        let found = sink.into_sorted();
        if self.format == Format::Sarif {
            let (found, sources) = self.outward.for_log(&found, sources);
            for result in diag::sarif::results(&found, &sources, self.lang) {
                self.put(Stream::Log, &result.to_string());
            }
            let counts = Counts::of(&found);
            self.all.add(counts);
            return self.judge(counts);
        }
        let text = diag::print(&found, sources, self.format, self.lang);
        if self.findings_first || self.format == Format::Json {
            self.put(Stream::Out, &text);
        } else {
            self.put(Stream::Err, &text);
        }
        let counts = Counts::of(&found);
        self.all.add(counts);
        self.judge(counts)
    }

    fn judge(&self, found: Counts) -> Outcome {
        let grave = found.errors > 0 || self.strict && found.warnings > 0;
        if grave { Outcome::Found } else { Outcome::Clean }
    }

    /// The closing line, for people only.
    pub(crate) fn close(&self) {
        if self.format == Format::Sarif {
            let log = self.sarif.lock().unwrap_or_else(PoisonError::into_inner);
            let results: Vec<_> = log.iter().flat_map(|one| serde_json::from_str(one)).collect();
            let words = |id: &str| Some(rules::words(id, self.lang)?.short.clone());
            self.put(Stream::Out, &diag::sarif::log(TOOL, &results, &words, &self.properties()));
        }
        self.tell_settings();
        let Counts { errors, warnings, remarks, .. } = self.all;
        if self.format == Format::Human && !self.all.is_zero() {
            let line = diag::count_words(errors, warnings, remarks, self.lang);
            let stream = if self.findings_first { Stream::Out } else { Stream::Err };
            self.put(stream, &format!("{line}\n"));
        }
    }

    /// A line about what was done, for people only.
    pub(crate) fn tell(&self, text: &Text) {
        self.show(&format!("{}\n", text.in_lang(self.lang)));
    }

    /// A line beside what was done, for people only.
    pub(crate) fn remark(&self, text: &Text) {
        if self.is_for_people() {
            self.put(Stream::Err, &format!("{}\n", text.in_lang(self.lang)));
        }
    }

    /// Text beside the findings, for people only.
    pub(crate) fn show(&self, text: &str) {
        if self.is_for_people() {
            self.put(Stream::Out, text);
        }
    }

    fn is_for_people(&self) -> bool {
        !matches!(self.format, Format::Json | Format::Sarif)
    }

    /// A failure.
    pub(crate) fn fail(&self, failure: &Failure) -> Outcome {
        self.put(Stream::Err, &failure.line(self.lang));
        Outcome::Failed
    }
}

/// Runs the program.
pub(crate) fn run(args: &[OsString]) -> ExitCode {
    #[cfg(feature = "pdf")]
    if let Some(code) = sandbox::child(args) {
        return code;
    }
    console::catch_last_words();
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
    limits::ask(&cli.limit);
    let lang = cli.lang.into();
    let outcome = dispatch(&cli, lang).unwrap_or_else(|failure| {
        say_err(&failure.line(lang));
        Outcome::Failed
    });
    ExitCode::from(outcome.code())
}

fn dispatch(cli: &Cli, lang: Lang) -> Result<Outcome, Failure> {
    match &cli.command {
        Ask::New(ask) => tools::new(cli, ask, lang),
        Ask::Build(ask) => {
            let once = || build::build(cli, ask, Terminal::new(lang, &ask.judge, false));
            if ask.watch { watch::watch(lang, &|| watch::build(cli, ask), &once) } else { once() }
        }
        Ask::Check(ask) => check::check(cli, ask, Terminal::new(lang, &ask.judge, true)),
        Ask::Collect(ask) => collect::collect(cli, ask, Terminal::new(lang, &ask.judge, true)),
        Ask::Convert(ask) => convert::convert(cli, ask, Terminal::new(lang, &ask.judge, false)),
        Ask::Drop(ask) => drop::drop(cli, ask, lang),
        Ask::Explain(ask) => tools::explain(ask, lang),
        Ask::Fill(ask) => tools::fill(cli, ask, Terminal::new(lang, &ask.judge, false)),
        Ask::Import(ask) => import::import(cli, ask, Terminal::new(lang, &ask.judge, false)),
        Ask::Form(FormAsk::Show(ask)) => tools::form_show(cli, ask, lang),
        Ask::MergeSummary(ask) => merge::merge(ask, lang),
        Ask::Help(ask) => about::help(ask, lang),
        Ask::Completions(ask) => Ok(about::completions(ask, lang)),
        Ask::Man(ask) => about::man(ask, lang),
        Ask::Letterhead(LetterheadAsk::New(ask)) => letterhead::new(ask, lang),
        Ask::Template(TemplateAsk::Make(ask)) => tools::template_make(cli, ask, lang),
        Ask::Template(TemplateAsk::From(ask)) => {
            form::template_from(cli, ask, Terminal::new(lang, &ask.judge, false))
        }
        Ask::Template(TemplateAsk::Check(ask)) => template::check(cli, ask, lang),
        Ask::Template(TemplateAsk::Tags(ask)) => {
            template::tags(ask, Terminal::new(lang, &ask.judge, false))
        }
    }
}
