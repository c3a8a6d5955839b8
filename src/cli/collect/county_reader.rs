//! Owns reading the files of a county and its units, checking each by itself.
//! Must not know how a county is summed up.

use super::CollectArgs;
use super::unit_files::{UnreadablePath, is_unreadable_kind};
use crate::cli::files::{self, PictureFiles, display_path};
use crate::cli::settings::RunSettings;
use crate::cli::{Failure, load};
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, Sources};
use nianbao::check::settings::SettingsEffect;
use nianbao::collect::{DeliveredFile, UnitList};
use nianbao::form::FormRegistry;
use nianbao::report::{self, Report};
use nianbao::{msg, quote};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A reader of the files of a county and its units.
pub(super) struct CountyReader<'a> {
    pub(super) args: &'a CollectArgs,
    pub(super) library: &'a FormRegistry,
    pub(super) settings: &'a RunSettings,
    pub(super) sources: Sources,
    /// Findings in the county's own files that prevent summing up.
    pub(super) sink: Sink,
    /// Other findings in the county's own files.
    pub(super) deferred: Sink,
    /// Effect of the settings on the units' findings.
    pub(super) effect: SettingsEffect,
}

impl CountyReader<'_> {
    /// Returns the list of units.
    pub(super) fn read_unit_list(
        &mut self,
        list: Option<&Path>,
    ) -> Result<Option<UnitList>, Failure> {
        let Some(file) = list else { return Ok(None) };
        let mut own = Sink::new();
        let root = load::parse_tree(file, self.library, &mut self.sources, &mut own)?;
        let Some((source, root)) = root else {
            self.sink.extend(own.into_sorted());
            return Ok(None);
        };
        // A fault of an entry in the list excludes only that unit.
        let list = UnitList::read(source, &root, &mut own);
        self.deferred.extend(own.into_sorted());
        Ok(Some(list))
    }

    /// Returns the county's own report with its pictures. Its figures are checked by `check`; here
    /// only faults in reading count, and the quotes and pictures of its texts.
    pub(super) fn read_own_report(&mut self) -> Result<Option<(Report, PictureFiles)>, Failure> {
        let Some(path) = &self.args.own else { return Ok(None) };
        let file = files::find_data_file(path)?;
        let mut own = Sink::new();
        let opened = load::parse_data_file(&file, self.library, &mut self.sources, &mut own)?;
        let mut read = None;
        if let Some(load::ParsedDataFile { source, root, pictures }) = opened
            && let Some(report) = report::read_report(source, &root, self.library, &mut own)
        {
            let text = self.sources.text(source).unwrap_or_default();
            let texts = quote::interpolate_texts(&report, text, &mut self.deferred);
            let pictures = load::report_pictures(&file, pictures, &texts)?;
            quote::check_pictures(&report, text, &texts, &pictures, &mut self.deferred);
            read = Some((report, pictures));
        }
        self.sink.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
        Ok(read)
    }

    /// Returns the county's report of last year. Its faults prevent only the comparison.
    pub(super) fn read_previous_report(&mut self) -> Result<Option<Report>, Failure> {
        let Some(path) = &self.args.against.previous else { return Ok(None) };
        let file = files::find_data_file(path)?;
        let mut own = Sink::new();
        let root = load::parse_tree(&file, self.library, &mut self.sources, &mut own)?;
        let read = |(source, root)| report::read_report(source, &root, self.library, &mut own);
        let report = root.and_then(read);
        self.deferred
            .extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
        Ok(report)
    }

    /// Reads and checks a unit's file. Its faults do not stop the others.
    pub(super) fn read_unit(&mut self, file: &str, path: &Path) -> DeliveredFile {
        let mut own = Sink::new();
        let loaded = if is_unreadable_kind(file) {
            let pdf = file.to_ascii_lowercase().ends_with(".pdf");
            Err(Failure::without_cause(if pdf {
                msg!("collect.pdf", file = display_path(path))
            } else {
                msg!("collect.old-office", file = display_path(path))
            }))
        } else {
            let (by, library, sources) = (self.settings, self.library, &mut self.sources);
            let work = || load::load_report(path, by, library, sources, &mut own);
            // A panic caused by one file does not exclude the others.
            let broken = |_| Err(Failure::without_cause(msg!("batch.broken")));
            catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(broken)
        };
        let report = match loaded {
            Ok((loaded, effect)) => {
                self.effect.add(effect);
                loaded.map(|loaded| loaded.report)
            }
            Err(failure) => {
                let reason = failure.to_message();
                let message = if is_unreadable_kind(file) {
                    reason
                } else {
                    msg!("collect.unreadable", reason = reason)
                };
                let source = self.sources.add_binary(display_path(path));
                own.push(Diagnostic::error("unit-unreadable", Location::File(source), message));
                None
            }
        };
        let found = own.into_sorted();
        let known = found.iter().find_map(|one| one.location.source());
        let source = report.as_ref().map(|report| report.source).or(known);
        let source = source.unwrap_or_else(|| self.sources.add_binary(display_path(path)));
        DeliveredFile { file: file.to_owned(), source, report, found }
    }

    /// Returns the delivery of a file that cannot be read.
    pub(super) fn unreadable_unit(&mut self, unread: &UnreadablePath) -> DeliveredFile {
        let UnreadablePath { file, path, reason } = unread;
        let source = self.sources.add_binary(display_path(path));
        let message = msg!("collect.unreadable", reason = reason.clone());
        let found = vec![Diagnostic::error("unit-unreadable", Location::File(source), message)];
        DeliveredFile { file: file.clone(), source, report: None, found }
    }
}
