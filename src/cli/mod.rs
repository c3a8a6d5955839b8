//! Owns the program's surface: arguments in, files and findings out, exit codes. The only part that
//! touches disk, environment and terminal.
//! Must not decide anything about reports: it calls the library and prints.

mod about;
mod args;
mod atomic_write;
mod batch;
mod check;
mod checksum;
mod collect;
mod console;
mod convert;
mod drop;
mod failure;
mod files;
mod fix;
mod import;
mod interrupt;
mod letterhead;
mod limits;
mod load;
mod merge_summary;
mod path_remap;
mod previous_report;
#[cfg(feature = "pdf")]
mod sandbox;
mod settings;
mod symlinks;
mod template;
mod tools;
mod untagged_form;
mod watch;

use console::{print_stderr, print_stdout};
pub(crate) use failure::Failure;

use args::{Cli, CliCommand, DiagnosticArgs, EarlyExit, FormCommand, TemplateCommand};
use docx_fill::diag::{self, Diagnostic, DiagnosticFormat, Lang, Message, Severity, Sink, Sources};
use letterhead::LetterheadCommand;
use nianbao::check::rules;
use nianbao::check::settings::SettingsEffect;
use path_remap::PathRemapping;
use serde_json::Value;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// The author of SARIF logs.
const SARIF_TOOL: diag::sarif::SarifTool<'_> =
    diag::sarif::SarifTool { name: "nianbao", version: env!("CARGO_PKG_VERSION") };

/// How a run ended; the gravest outcome of all its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Nothing wrong, or warnings only.
    Clean,
    /// Errors found.
    ErrorsFound,
    /// Could not run.
    Failed,
    /// Stopped by the user before the end.
    Stopped,
}

impl Outcome {
    fn exit_code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::ErrorsFound => 1,
            Outcome::Failed => 2,
            // 128 and the number of the signal, as shells have it.
            Outcome::Stopped => 130,
        }
    }
}

/// Where a text goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OutputStream {
    Stdout,
    Stderr,
}

/// Texts that wait until it is their turn.
pub(crate) type BufferedOutput = Vec<OutputPiece>;

/// Something that waits.
#[derive(Debug, Clone)]
pub(crate) enum OutputPiece {
    /// A text for a stream.
    Text(OutputStream, String),
    /// A result of the SARIF log.
    SarifResult(Value),
}

/// How many findings of each severity there were, from the gravest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SeverityCounts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) remarks: usize,
    /// What the settings made of them.
    pub(crate) settings_effect: SettingsEffect,
}

impl SeverityCounts {
    fn add_counts(&mut self, other: SeverityCounts) {
        self.settings_effect.add(other.settings_effect);
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.remarks += other.remarks;
    }

    fn count_findings(found: &[Diagnostic]) -> SeverityCounts {
        let count = |severity| found.iter().filter(|d| d.severity == severity).count();
        SeverityCounts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            remarks: count(Severity::Info),
            settings_effect: SettingsEffect::default(),
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
    pub(crate) format: DiagnosticFormat,
    pub(crate) strict: bool,
    /// Findings are the product of the command, not remarks beside it.
    pub(crate) findings_first: bool,
    /// All findings so far, for the closing line.
    total: SeverityCounts,
    /// What is kept back, if it is not printed at once.
    buffer: Option<Mutex<BufferedOutput>>,
    /// The results of a SARIF log, which is one for the whole run.
    sarif_results: Mutex<Vec<Value>>,
    /// How files are called for others.
    path_remap: Arc<PathRemapping>,
    /// The settings that judge the run, if there are any.
    settings_file: Option<String>,
}

impl Terminal {
    fn new(lang: Lang, judge: &DiagnosticArgs, findings_first: bool) -> Terminal {
        let format = judge.message_format.into();
        let strict = judge.strict;
        let sarif_results = Mutex::default();
        let (total, path_remap) = (SeverityCounts::default(), Arc::default());
        let settings_file = None;
        Terminal {
            lang,
            format,
            strict,
            findings_first,
            total,
            buffer: None,
            sarif_results,
            path_remap,
            settings_file,
        }
    }

    /// Takes down how files are called for others.
    pub(crate) fn set_path_remap(&mut self, outward: PathRemapping) {
        self.path_remap = Arc::new(outward);
    }

    /// One like this that keeps everything back: what is done in parallel is told in order.
    pub(crate) fn buffered_copy(&self) -> Terminal {
        let held = Some(Mutex::default());
        let Terminal { lang, format, strict, findings_first, .. } = *self;
        let (all, sarif, settings) = (SeverityCounts::default(), Mutex::default(), None);
        let outward = self.path_remap.clone();
        Terminal {
            lang,
            format,
            strict,
            findings_first,
            total: all,
            buffer: held,
            sarif_results: sarif,
            path_remap: outward,
            settings_file: settings,
        }
    }

    /// What was kept back, and what was found.
    pub(crate) fn into_buffered(self) -> (BufferedOutput, SeverityCounts) {
        let held =
            self.buffer.map(|held| held.into_inner().unwrap_or_else(PoisonError::into_inner));
        (held.unwrap_or_default(), self.total)
    }

    /// Prints what another one kept back.
    pub(crate) fn print_buffered(&mut self, held: BufferedOutput, found: SeverityCounts) {
        for piece in held {
            match piece {
                OutputPiece::Text(stream, text) => self.write_stream(stream, &text),
                OutputPiece::SarifResult(result) => self.log_result(result),
            }
        }
        self.total.add_counts(found);
    }

    fn write_stream(&self, stream: OutputStream, text: &str) {
        match (&self.buffer, stream) {
            (Some(held), _) => {
                let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                held.push(OutputPiece::Text(stream, text.to_owned()));
            }
            (None, OutputStream::Stdout) => print_stdout(text),
            (None, OutputStream::Stderr) => print_stderr(text),
        }
    }

    /// Adds a result to the SARIF log.
    fn log_result(&self, result: Value) {
        match &self.buffer {
            Some(held) => {
                let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                held.push(OutputPiece::SarifResult(result));
            }
            None => {
                let mut log = self.sarif_results.lock().unwrap_or_else(PoisonError::into_inner);
                log.push(result);
            }
        }
    }

    /// Prints findings and judges them.
    pub(crate) fn report_findings(&mut self, sink: Sink, sources: &Sources) -> Outcome {
        let found = sink.into_sorted();
        if self.format == DiagnosticFormat::Sarif {
            let (found, sources) = self.path_remap.remap_for_log(&found, sources);
            for result in diag::sarif::to_results(&found, &sources, self.lang) {
                self.log_result(result);
            }
            let counts = SeverityCounts::count_findings(&found);
            self.total.add_counts(counts);
            return self.outcome_of(counts);
        }
        let text = diag::render_diagnostics(&found, sources, self.format, self.lang);
        if self.findings_first || self.format == DiagnosticFormat::Json {
            self.write_stream(OutputStream::Stdout, &text);
        } else {
            self.write_stream(OutputStream::Stderr, &text);
        }
        let counts = SeverityCounts::count_findings(&found);
        self.total.add_counts(counts);
        self.outcome_of(counts)
    }

    fn outcome_of(&self, found: SeverityCounts) -> Outcome {
        let grave = found.errors > 0 || self.strict && found.warnings > 0;
        if grave { Outcome::ErrorsFound } else { Outcome::Clean }
    }

    /// The closing line, for people only.
    pub(crate) fn print_closing_line(&self) {
        if self.format == DiagnosticFormat::Sarif {
            let log = self.sarif_results.lock().unwrap_or_else(PoisonError::into_inner);
            let words = |id: &str| Some(rules::rule_texts(id, self.lang)?.short.clone());
            self.write_stream(
                OutputStream::Stdout,
                &diag::sarif::format_log(SARIF_TOOL, &log, &words, &self.sarif_properties()),
            );
        }
        self.print_settings();
        let SeverityCounts { errors, warnings, remarks, .. } = self.total;
        if self.format == DiagnosticFormat::Human && !self.total.is_zero() {
            let line = diag::summary_of_counts(errors, warnings, remarks, self.lang);
            let stream =
                if self.findings_first { OutputStream::Stdout } else { OutputStream::Stderr };
            self.write_stream(stream, &format!("{line}\n"));
        }
    }

    /// A line about what was done, for people only.
    pub(crate) fn print_info(&self, text: &Message) {
        self.print_for_people(&format!("{}\n", text.in_lang(self.lang)));
    }

    /// A line beside what was done, for people only.
    pub(crate) fn print_note(&self, text: &Message) {
        if self.is_for_people() {
            self.write_stream(OutputStream::Stderr, &format!("{}\n", text.in_lang(self.lang)));
        }
    }

    /// Text beside the findings, for people only.
    pub(crate) fn print_for_people(&self, text: &str) {
        if self.is_for_people() {
            self.write_stream(OutputStream::Stdout, text);
        }
    }

    fn is_for_people(&self) -> bool {
        !matches!(self.format, DiagnosticFormat::Json | DiagnosticFormat::Sarif)
    }

    /// A failure.
    pub(crate) fn report_failure(&self, failure: &Failure) -> Outcome {
        self.write_stream(OutputStream::Stderr, &failure.error_line(self.lang));
        Outcome::Failed
    }
}

/// Runs the program.
pub(crate) fn run_cli(args: &[OsString]) -> ExitCode {
    #[cfg(feature = "pdf")]
    if let Some(code) = sandbox::run_if_child(args) {
        return code;
    }
    console::install_panic_hook();
    let cli = match args::parse_args(args) {
        Ok(cli) => cli,
        Err(EarlyExit::HelpText(text)) => {
            print_stdout(&text);
            return ExitCode::SUCCESS;
        }
        Err(EarlyExit::UsageError(text)) => {
            print_stderr(&text);
            return ExitCode::from(Outcome::Failed.exit_code());
        }
    };
    limits::set_run_limits(&cli.limit);
    let lang = cli.lang.into();
    let outcome = dispatch_command(&cli, lang).unwrap_or_else(|failure| {
        print_stderr(&failure.error_line(lang));
        Outcome::Failed
    });
    ExitCode::from(outcome.exit_code())
}

fn dispatch_command(cli: &Cli, lang: Lang) -> Result<Outcome, Failure> {
    match &cli.command {
        CliCommand::New(ask) => tools::run_new(cli, ask, lang),
        CliCommand::Build(ask) => {
            let once = || batch::run_build(cli, ask, Terminal::new(lang, &ask.judge, false));
            if ask.watch {
                watch::watch_inputs(lang, &|| watch::build_inputs(cli, ask), &once)
            } else {
                once()
            }
        }
        CliCommand::Check(ask) => check::run_check(cli, ask, Terminal::new(lang, &ask.judge, true)),
        CliCommand::Collect(ask) => {
            collect::run_collect(cli, ask, Terminal::new(lang, &ask.judge, true))
        }
        CliCommand::Convert(ask) => {
            convert::run_convert(cli, ask, Terminal::new(lang, &ask.judge, false))
        }
        CliCommand::Drop(ask) => drop::run_drop(cli, ask, lang),
        CliCommand::Explain(ask) => tools::run_explain(ask, lang),
        CliCommand::Fill(ask) => tools::run_fill(cli, ask, Terminal::new(lang, &ask.judge, false)),
        CliCommand::Import(ask) => {
            import::run_import(cli, ask, Terminal::new(lang, &ask.judge, false))
        }
        CliCommand::Form(FormCommand::Show(ask)) => tools::run_form_show(cli, ask, lang),
        CliCommand::MergeSummary(ask) => merge_summary::run_merge_summary(ask, lang),
        CliCommand::Help(ask) => about::run_help(ask, lang),
        CliCommand::Completions(ask) => Ok(about::run_completions(ask, lang)),
        CliCommand::Man(ask) => about::run_man(ask, lang),
        CliCommand::Letterhead(LetterheadCommand::New(ask)) => {
            letterhead::run_letterhead_new(ask, lang)
        }
        CliCommand::Template(TemplateCommand::Make(ask)) => {
            tools::run_template_make(cli, ask, lang)
        }
        CliCommand::Template(TemplateCommand::From(ask)) => {
            untagged_form::run_template_from(cli, ask, Terminal::new(lang, &ask.judge, false))
        }
        CliCommand::Template(TemplateCommand::Check(ask)) => {
            template::run_template_check(cli, ask, lang)
        }
        CliCommand::Template(TemplateCommand::Tags(ask)) => {
            template::run_template_tags(ask, Terminal::new(lang, &ask.judge, false))
        }
    }
}
