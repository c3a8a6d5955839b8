//! Owns what a run says: findings in each format, lines for people.
//! Must not know a command.

use super::console::{print_stderr, print_stdout};
use super::path_remap::PathRemapping;
use crate::cli::options::DiagnosticArgs;
use crate::cli::{Failure, Outcome};
use docx_fill::diag::{self, Diagnostic, DiagnosticFormat, Lang, Message, Severity, Sink, Sources};
use nianbao::check::rules;
use nianbao::check::settings::SettingsEffect;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// The author of SARIF logs.
const SARIF_TOOL: diag::sarif::SarifTool<'_> =
    diag::sarif::SarifTool { name: "nianbao", version: env!("CARGO_PKG_VERSION") };

/// The stream to which a text goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OutputStream {
    Stdout,
    Stderr,
}

/// Texts that wait until it is their turn.
pub(crate) type BufferedOutput = Vec<OutputPiece>;

/// A piece of output that waits for its turn.
#[derive(Debug, Clone)]
pub(crate) enum OutputPiece {
    /// A text for a stream.
    Text(OutputStream, String),
    /// A result of the SARIF log.
    SarifResult(Value),
}

/// The number of findings of each severity, from the gravest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SeverityCounts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) remarks: usize,
    /// The effect of the settings on them.
    pub(crate) settings_effect: SettingsEffect,
}

impl SeverityCounts {
    pub(crate) fn add_counts(&mut self, other: SeverityCounts) {
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

    /// Checks whether nothing was found.
    fn is_zero(&self) -> bool {
        self.errors + self.warnings + self.remarks == 0
    }
}

/// The voice of a command: language, format of findings, names of files, and counts of all that it said.
pub(crate) struct Terminal {
    pub(crate) lang: Lang,
    pub(crate) format: DiagnosticFormat,
    pub(crate) strict: bool,
    /// Findings are the product of the command, not remarks beside it.
    pub(crate) findings_first: bool,
    /// All findings so far, for the closing line.
    pub(crate) total: SeverityCounts,
    /// The output that is kept back, if it is not printed at once.
    buffer: Option<Mutex<BufferedOutput>>,
    /// The results of a SARIF log, which is one for the whole run.
    sarif_results: Mutex<Vec<Value>>,
    /// The names of files for others.
    pub(crate) path_remap: Arc<PathRemapping>,
    /// The settings that judge the run, if there are any.
    pub(crate) settings_file: Option<String>,
}

impl Terminal {
    pub(crate) fn new(lang: Lang, judge: &DiagnosticArgs, findings_first: bool) -> Terminal {
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

    /// Creates one like this that keeps everything back: what is done in parallel is told in order.
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

    /// Returns the output that was kept back, and the number of findings.
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

    pub(crate) fn write_stream(&self, stream: OutputStream, text: &str) {
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

    /// Prints the closing line, for people only.
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

    /// Prints a line about what was done, for people only.
    pub(crate) fn print_info(&self, text: &Message) {
        self.print_for_people(&format!("{}\n", text.in_lang(self.lang)));
    }

    /// Prints a line beside what was done, for people only.
    pub(crate) fn print_note(&self, text: &Message) {
        if self.is_for_people() {
            self.write_stream(OutputStream::Stderr, &format!("{}\n", text.in_lang(self.lang)));
        }
    }

    /// Prints text beside the findings, for people only.
    pub(crate) fn print_for_people(&self, text: &str) {
        if self.is_for_people() {
            self.write_stream(OutputStream::Stdout, text);
        }
    }

    /// Checks whether people read what is said.
    pub(crate) fn is_for_people(&self) -> bool {
        !matches!(self.format, DiagnosticFormat::Json | DiagnosticFormat::Sarif)
    }

    /// Prints a failure.
    pub(crate) fn report_failure(&self, failure: &Failure) -> Outcome {
        self.write_stream(OutputStream::Stderr, &failure.error_line(self.lang));
        Outcome::Failed
    }
}
