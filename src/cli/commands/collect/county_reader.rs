//! Owns reading the files of a county and its units, checking each by itself.
//! Must not know how a county is summed up.

use super::CollectArgs;
use crate::cli::Failure;
use crate::cli::fs::archives::other_archive_kind;
use crate::cli::fs::file_reader::{FileReader, PictureFolder};
use crate::cli::fs::paths::{display_path, has_extension, parent_dir};
use crate::cli::fs::report_folder::{find_data_file, is_unreadable_kind};
use crate::cli::fs::report_walk::UnreadablePath;
use crate::cli::run_inputs::load::{self, LoadOutcome};
use crate::cli::run_inputs::settings::RunSettings;
use docx_fill::diag::{Diagnostic, Location, Message, Severity, Sink, SourceId, SourcePlace};
use nianbao::check::settings::SettingsEffect;
use nianbao::collect::{DeliveredFile, FormSentenceCache, UnitList, UnitReport};
use nianbao::msg;
use nianbao::report::Report;
use nianbao::session::{Pictures, Session};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A reader of the files of a county and its units.
pub(super) struct CountyReader<'a> {
    pub(super) args: &'a CollectArgs,
    pub(super) files: &'a FileReader,
    pub(super) settings: &'a RunSettings,
    pub(super) session: Session<'a>,
    /// Faults of the county's own papers, because of which nothing can be added.
    pub(super) sink: Sink,
    /// Other findings in the county's own files.
    pub(super) deferred: Sink,
    /// Effect of the settings on the units' findings.
    pub(super) effect: SettingsEffect,
    pub(super) prescribed: FormSentenceCache,
}

/// The county's own report with its pictures.
pub(super) struct OwnReport {
    pub(super) report: Report,
    pub(super) pictures: Pictures,
}

impl CountyReader<'_> {
    /// Returns the list of units.
    pub(super) fn read_unit_list(
        &mut self,
        list: Option<&Path>,
    ) -> Result<Option<UnitList>, Failure> {
        let Some(file) = list else { return Ok(None) };
        let Some(file) = self.session.open_file(&self.files.read_input(file)?) else {
            self.sink.extend(self.session.take_findings().into_sorted());
            return Ok(None);
        };
        let mut own = self.session.take_findings();
        // A fault in the entry of a unit keeps that unit out, and nobody else.
        let list =
            UnitList::read(file.source, &file.root, &self.session.forms().levels(), &mut own);
        self.deferred.extend(own.into_sorted());
        Ok(Some(list))
    }

    /// Returns the county's own report with its pictures. Its figures are judged by `check`; here only faults in
    /// reading count, and what its texts quote and show.
    pub(super) fn read_own_report(&mut self) -> Result<Option<OwnReport>, Failure> {
        let Some(path) = &self.args.own else { return Ok(None) };
        let file = find_data_file(path, self.files)?;
        let draft = self.session.read_report(&self.files.read_input(&file)?);
        let own = self.session.take_findings().into_sorted();
        self.sink.extend(own.into_iter().filter(|found| found.severity == Severity::Error));
        let Some(draft) = draft else { return Ok(None) };
        let mut folder = PictureFolder { files: self.files, folder: parent_dir(&file) };
        let prepared = self.session.prepare_texts(draft, &mut folder)?;
        self.deferred.extend(self.session.take_findings());
        Ok(Some(OwnReport { report: prepared.report, pictures: prepared.pictures }))
    }

    /// Returns the county's report of last year. Its faults prevent only the comparison.
    pub(super) fn read_previous_report(&mut self) -> Result<Option<Report>, Failure> {
        let Some(path) = &self.args.against.previous else { return Ok(None) };
        let input = self.files.read_input(&find_data_file(path, self.files)?)?;
        let report = self.session.read_previous(&input);
        self.deferred.extend(self.session.take_findings());
        Ok(report)
    }

    /// Reads and checks a unit's file. Its faults do not stop the others.
    pub(super) fn read_unit(&mut self, file: &str, path: &Path) -> DeliveredFile {
        let loaded = if is_unreadable_kind(path) {
            Err(Failure::without_cause(unread_kind_message(path)))
        } else {
            let (by, files, session) = (self.settings, self.files, &mut self.session);
            let work = || load::load_report(path, by, files, session);
            // A bug of ours with one file is no reason to leave the others out.
            let broken = |_| Err(Failure::without_cause(msg!("batch.broken")));
            catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(broken)
        };
        let report = match loaded {
            Ok(LoadOutcome { loaded, effect }) => {
                self.effect.add(effect);
                loaded.map(|loaded| UnitReport::new(&loaded.report, &mut self.prescribed))
            }
            Err(failure) => {
                self.session.discard_pending();
                let reason = failure.to_message();
                let message = if is_unreadable_kind(path) {
                    reason
                } else {
                    msg!("collect.unreadable", reason = reason)
                };
                let place =
                    Location::File(self.session.sources_mut().add_binary(display_path(path)));
                self.session.push_finding(Diagnostic::error("unit-unreadable", place, message));
                None
            }
        };
        let found = self.session.take_findings().into_sorted();
        let known = found.iter().find_map(|one| one.location.source());
        let source = report.as_ref().map(|report| report.source).or(known);
        let source =
            source.unwrap_or_else(|| self.session.sources_mut().add_binary(display_path(path)));
        self.forget_text(source, report.as_ref(), &found);
        DeliveredFile { file: file.to_owned(), source, report, found }
    }

    /// Forgets the text of a unit's file but for what messages show of it.
    fn forget_text(&mut self, source: SourceId, report: Option<&UnitReport>, found: &[Diagnostic]) {
        let own = |place: &Location| match place {
            Location::At(id, place) if *id == source => Some(*place),
            _ => None,
        };
        let labels = found.iter().flat_map(|one| one.labels.iter().map(|label| &label.0));
        let named = found.iter().map(|one| &one.location).chain(labels).filter_map(own);
        let named: Vec<SourcePlace> = named.collect();
        // Findings about the county may point to these.
        let own_places = report.into_iter().flat_map(UnitReport::places);
        let printed = found.iter().filter(|one| is_printed(one)).map(|one| &one.location);
        let shown: Vec<SourcePlace> = own_places.chain(printed.filter_map(own)).collect();
        self.session.sources_mut().keep_places(source, &named, &shown);
    }

    /// Returns the delivery of a file that cannot be read.
    pub(super) fn unreadable_unit(&mut self, unread: &UnreadablePath) -> DeliveredFile {
        let UnreadablePath { file, path, reason } = unread;
        let source = self.session.sources_mut().add_binary(display_path(path));
        let message = msg!("collect.unreadable", reason = reason.clone());
        let found = vec![Diagnostic::error("unit-unreadable", Location::File(source), message)];
        DeliveredFile { file: file.clone(), source, report: None, found }
    }
}

/// Rule of amounts that change the county's sums by a factor of ten thousand; it is told although a warning.
const AMOUNT_RULE: &str = "fee-unit";

/// Checks whether people are shown a unit's finding with its excerpt; the others stand in the lists.
pub(super) fn is_printed(found: &Diagnostic) -> bool {
    found.severity == Severity::Error
        || found.severity == Severity::Warning && found.rule == AMOUNT_RULE
}

/// Returns why a file of a kind that is not read was left out, with the way out.
fn unread_kind_message(path: &Path) -> Message {
    let file = display_path(path);
    match other_archive_kind(path) {
        Some(kind) => msg!("collect.other-archive", file = file, kind = kind),
        None if has_extension(path, "pdf") => msg!("collect.pdf", file = file),
        None => msg!("collect.old-office", file = file),
    }
}
