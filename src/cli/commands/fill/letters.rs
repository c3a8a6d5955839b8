//! Owns `fill --each`: a document for each record of a list, in a file each or all in one.
//! Must not know how a template is filled, nor where the list comes from.

use super::data_source::{LetterList, LetterRecord};
use super::letter_findings::LetterFindings;
use super::name_pattern::NamePattern;
use crate::cli::fs::checksum::Checksum;
use crate::cli::fs::output_file::{UserTarget, WrittenFiles};
use crate::cli::fs::paths::{display_path, fold_path};
use crate::cli::fs::symlinks;
use crate::cli::{Failure, Outcome, OutputStream, RunContext, Terminal, interrupt};
use docx_fill::diag::{
    Diagnostic, Location, Message, Sink, Sources, describe_location, show_hidden,
};
use nianbao::data::SYNTAX_RULE;
use nianbao::msg;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// Number of records that failed which are listed at the end.
const MAX_LISTED: usize = 1_000;

/// A template that makes the document of a record.
pub(super) trait LetterRenderer {
    /// Returns the bytes of the document, if it can be made; findings go to the sink.
    fn render_letter(&self, record: &Value, sink: &mut Sink) -> Result<Option<Vec<u8>>, Failure>;

    /// Returns the extension of its documents.
    fn extension(&self) -> &'static str;
}

/// Documents of a list.
pub(super) struct LetterRun<'r> {
    pub(super) context: &'r RunContext,
    pub(super) press: &'r dyn LetterRenderer,
    pub(super) list: LetterList<'r>,
    /// Files that the run reads.
    pub(super) inputs: &'r [&'r Path],
    pub(super) overwrite: bool,
    /// The files that earlier rounds wrote, if there may be several.
    pub(super) written: Option<&'r WrittenFiles>,
}

/// Counts of the records so far.
#[derive(Default)]
struct LetterTally {
    records: usize,
    made: usize,
    unchanged: usize,
    /// Records without a document, each with its name if it has one.
    failed: Vec<(Location, String)>,
    failed_count: usize,
}

impl LetterTally {
    fn fail(&mut self, place: Location, name: String) {
        self.failed_count += 1;
        if self.failed.len() < MAX_LISTED {
            self.failed.push((place, name));
        }
    }
}

/// The names of all documents, by the checksum of the folded path.
#[derive(Default)]
struct LetterNames {
    first: HashMap<Checksum, (Location, usize)>,
}

impl LetterNames {
    /// Returns whether a name belongs to one record alone.
    fn is_single(&self, path: &Path) -> bool {
        self.first.get(&fold_path(path)).is_none_or(|(_, count)| *count < 2)
    }
}

impl LetterRun<'_> {
    /// Makes a file for each record.
    pub(super) fn make_files(
        mut self,
        pattern: &NamePattern,
        terminal: &mut Terminal,
        sources: &Sources,
        mut sink: Sink,
    ) -> Result<Outcome, Failure> {
        interrupt::catch_signals();
        let names = self.reserve_names(pattern, &mut sink)?;
        let (mut tally, mut findings) = (LetterTally::default(), LetterFindings::default());
        let (press, context) = (self.press, self.context);
        let (inputs, overwrite, written) = (self.inputs, self.overwrite, self.written);
        self.list.for_each(&mut sink, &mut |record, _| {
            tally.records += 1;
            if interrupt::is_requested() {
                return Ok(());
            }
            let LetterRecord { place, value, is_faulty } = record;
            let path = pattern.path_of(&value, tally.records, &place).ok();
            let shown = path.as_deref().map(display_path).unwrap_or_default();
            let path = path.filter(|path| !is_faulty && names.is_single(path));
            let Some(path) = path else {
                tally.fail(place, shown);
                return Ok(());
            };
            let mut found = Sink::new();
            let made = press.render_letter(&value, &mut found)?;
            let failed = findings.add(&place, found);
            let Some(bytes) = made.filter(|_| !failed) else {
                tally.fail(place, shown);
                return Ok(());
            };
            let target =
                UserTarget { path: &path, extension: press.extension(), inputs, overwrite };
            match write_letter(&pattern.folder, &target, &bytes, (context, written)) {
                Ok(true) => tally.made += 1,
                Ok(false) => tally.unchanged += 1,
                Err(failure) => {
                    let message = failure.to_message();
                    let found = Diagnostic::error(SYNTAX_RULE, place.clone(), message);
                    findings.add(&place, Sink::from_iter([found]));
                    tally.fail(place, shown);
                }
            }
            Ok(())
        })?;
        findings.into_sink(&mut sink);
        let outcome = terminal.report_findings(sink, sources);
        Ok(Self::close(outcome, &tally, pattern, (terminal, sources)))
    }

    /// Returns the names of all documents; equal and empty ones are reported.
    fn reserve_names(
        &mut self,
        pattern: &NamePattern,
        sink: &mut Sink,
    ) -> Result<LetterNames, Failure> {
        let (mut names, mut number) = (LetterNames::default(), 0);
        let (mut findings, mut equal) = (LetterFindings::default(), Vec::new());
        // What is wrong with the list is told when it is read for good.
        self.list.for_each(&mut Sink::new(), &mut |record, _| {
            number += 1;
            let LetterRecord { place, value, .. } = record;
            let path = match pattern.path_of(&value, number, &place) {
                Ok(path) => path,
                Err(wrong) => {
                    findings.add(&place, Sink::from_iter([*wrong]));
                    return Ok(());
                }
            };
            let known = names.first.entry(fold_path(&path)).or_insert((place.clone(), 0));
            known.1 += 1;
            if known.1 > 1 {
                let file = display_path(&path);
                let found =
                    Diagnostic::error(SYNTAX_RULE, place, msg!("fill.equal-names", file = file));
                let found = found.with_label(known.0.clone(), msg!("fill.first-name"));
                equal.push(found.with_hint(msg!("fill.equal-names-hint")));
            }
            Ok(())
        })?;
        findings.into_sink(sink);
        sink.extend(equal);
        Ok(names)
    }

    /// Says what was made and what was not.
    fn close(
        outcome: Outcome,
        tally: &LetterTally,
        pattern: &NamePattern,
        voice: (&Terminal, &Sources),
    ) -> Outcome {
        let (terminal, sources) = voice;
        if tally.failed_count > 0 {
            terminal.print_note(&msg!("fill.failed", count = tally.failed_count));
            for (place, name) in &tally.failed {
                let at = describe_location(place, sources, terminal.lang).unwrap_or_default();
                let line = format!("  {at}  {}\n", show_hidden(name));
                if terminal.is_for_people() {
                    terminal.write_stream(OutputStream::Stderr, &line);
                }
            }
        }
        let dir = display_path(&pattern.folder);
        terminal.print_info(&msg!("fill.made", count = tally.made, dir = dir));
        if tally.unchanged > 0 {
            terminal.print_info(&msg!("fill.unchanged", count = tally.unchanged));
        }
        terminal.print_closing_line();
        if interrupt::is_requested() {
            return Outcome::Stopped;
        }
        if tally.failed_count > 0 { outcome.max(Outcome::ErrorsFound) } else { outcome }
    }

    /// Reads all records. `None` if there is none, or if one cannot be used; that is reported.
    #[cfg(feature = "pdf")]
    pub(super) fn read_all(&mut self, sink: &mut Sink) -> Result<Option<Vec<Value>>, Failure> {
        let (mut records, mut failed) = (Vec::new(), false);
        self.list.for_each(sink, &mut |record, _| {
            failed |= record.is_faulty;
            records.push(record.value);
            Ok(())
        })?;
        self.report_empty(records.is_empty(), sink);
        Ok((!failed && !sink.has_errors()).then_some(records))
    }

    /// Says that a list has no records, unless something else is wrong with it.
    fn report_empty(&self, is_empty: bool, sink: &mut Sink) {
        if is_empty && !sink.has_errors() && !interrupt::is_requested() {
            let place = Location::File(self.list.source());
            sink.push(Diagnostic::error(SYNTAX_RULE, place, msg!("fill.no-records")));
        }
    }

    /// Makes the documents of all records and keeps them, to be put into one. `None` if one cannot be made.
    pub(super) fn make_all(
        mut self,
        most_bytes: u64,
        sink: &mut Sink,
    ) -> Result<Option<Vec<Vec<u8>>>, Failure> {
        interrupt::catch_signals();
        let (mut letters, mut size) = (Vec::new(), 0_u64);
        let (mut findings, mut failed) = (LetterFindings::default(), false);
        let press = self.press;
        self.list.for_each(sink, &mut |record, _| {
            let LetterRecord { place, value, is_faulty } = record;
            failed |= is_faulty;
            if interrupt::is_requested() || size > most_bytes {
                return Ok(());
            }
            let mut found = Sink::new();
            let made = press.render_letter(&value, &mut found)?;
            failed |= findings.add(&place, found) || made.is_none();
            let made = made.unwrap_or_default();
            size = size.saturating_add(made.len() as u64);
            letters.push(made);
            Ok(())
        })?;
        findings.into_sink(sink);
        self.report_empty(letters.is_empty() && !failed, sink);
        if size > most_bytes {
            let message = msg!("fill.merge-large", limit = most_bytes >> 20);
            let found = Diagnostic::error(SYNTAX_RULE, Location::Nowhere, message);
            sink.push(found.with_hint(apart_hint(press.extension())));
            failed = true;
        }
        Ok((!failed && !letters.is_empty()).then_some(letters))
    }

    /// Makes the documents of all records for nothing but what is found in them, which is told with the records. Returns
    /// whether anything was found.
    #[cfg(feature = "pdf")]
    pub(super) fn report_all(mut self, sink: &mut Sink) -> Result<bool, Failure> {
        let mut findings = LetterFindings::default();
        let press = self.press;
        // What is wrong with the list was told when it was read for the whole.
        self.list.for_each(&mut Sink::new(), &mut |record, _| {
            if interrupt::is_requested() {
                return Ok(());
            }
            let mut found = Sink::new();
            press.render_letter(&record.value, &mut found)?;
            findings.add(&record.place, found);
            Ok(())
        })?;
        let is_any = !findings.is_empty();
        findings.into_sink(sink);
        Ok(is_any)
    }
}

/// Returns the hint to make a file of this kind for each record.
pub(super) fn apart_hint(extension: &'static str) -> Message {
    msg!("fill.merge-large-hint", extension = extension)
}

/// Writes a document below a folder; returns `false` if it is there already with the same content.
fn write_letter(
    folder: &Path,
    target: &UserTarget<'_>,
    bytes: &[u8],
    run: (&RunContext, Option<&WrittenFiles>),
) -> Result<bool, Failure> {
    symlinks::refuse_links_below(folder, target.path)?;
    let (context, written) = run;
    target.write_again(bytes, &context.files, written)
}
