//! Owns reading what belongs to a county and to its units, each file judged by itself.
//! Must not know how a county is added up.

use super::Collect;
use super::found::{Unread, is_unread};
use crate::cli::files::{self, Pictures, shown};
use crate::cli::settings::RunSettings;
use crate::cli::{Failure, load};
use docx_fill::diag::{Diagnostic, Place, Severity, Sink, Sources};
use nianbao::check::settings::Effect;
use nianbao::collect::{Delivered, Register};
use nianbao::form::Library;
use nianbao::report::{self, Report};
use nianbao::{quote, text};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Reads what belongs to the county and to its units.
pub(super) struct Reader<'a> {
    pub(super) ask: &'a Collect,
    pub(super) library: &'a Library,
    pub(super) by: &'a RunSettings,
    pub(super) sources: Sources,
    /// What is wrong with the county's own papers, so that nothing can be added.
    pub(super) sink: Sink,
    /// What is wrong with them besides.
    pub(super) late: Sink,
    /// What the settings made of the units' findings.
    pub(super) effect: Effect,
}

impl Reader<'_> {
    /// The list of units.
    pub(super) fn register(&mut self, list: Option<&Path>) -> Result<Option<Register>, Failure> {
        let Some(file) = list else { return Ok(None) };
        let mut own = Sink::new();
        let root = load::tree(file, self.library, &mut self.sources, &mut own)?;
        let Some((source, root)) = root else {
            self.sink.extend(own.into_sorted());
            return Ok(None);
        };
        // What is wrong with a unit of the list keeps that unit out, and nobody else.
        let list = Register::read(source, &root, &mut own);
        self.late.extend(own.into_sorted());
        Ok(Some(list))
    }

    /// The county's own report with its pictures. Its figures are judged by `check`; here only faults in
    /// reading count, and what its texts quote and show.
    pub(super) fn own(&mut self) -> Result<Option<(Report, Pictures)>, Failure> {
        let Some(path) = &self.ask.own else { return Ok(None) };
        let file = files::data_file(path)?;
        let mut own = Sink::new();
        let opened = load::open(&file, self.library, &mut self.sources, &mut own)?;
        let mut read = None;
        if let Some(load::Opened { source, root, pictures }) = opened
            && let Some(report) = report::read(source, &root, self.library, &mut own)
        {
            let text = self.sources.text(source).unwrap_or_default();
            let texts = quote::expand(&report, text, &mut self.late);
            let pictures = load::pictures(&file, pictures, &texts)?;
            quote::check_pictures(&report, text, &texts, &pictures, &mut self.late);
            read = Some((report, pictures));
        }
        self.sink.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
        Ok(read)
    }

    /// The county's report of last year. What is wrong with it stops nothing but the comparison.
    pub(super) fn previous(&mut self) -> Result<Option<Report>, Failure> {
        let Some(path) = &self.ask.against.previous else { return Ok(None) };
        let file = files::data_file(path)?;
        let mut own = Sink::new();
        let root = load::tree(&file, self.library, &mut self.sources, &mut own)?;
        let read = |(source, root)| report::read(source, &root, self.library, &mut own);
        let report = root.and_then(read);
        self.late.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
        Ok(report)
    }

    /// A unit's file. Whatever is wrong with it, the others go on.
    pub(super) fn unit(&mut self, file: &str, path: &Path) -> Delivered {
        let mut own = Sink::new();
        let loaded = if is_unread(file) {
            let pdf = file.to_ascii_lowercase().ends_with(".pdf");
            Err(Failure::plain(if pdf {
                text!("collect.pdf", file = shown(path))
            } else {
                text!("collect.old-office", file = shown(path))
            }))
        } else {
            let (by, library, sources) = (self.by, self.library, &mut self.sources);
            let work = || load::load(path, by, library, sources, &mut own);
            // A bug of ours with one file is no reason to leave the others out.
            let broken = |_| Err(Failure::plain(text!("batch.broken")));
            catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(broken)
        };
        let report = match loaded {
            Ok((loaded, effect)) => {
                self.effect.add(effect);
                loaded.map(|loaded| loaded.report)
            }
            Err(failure) => {
                let reason = failure.text();
                let message = if is_unread(file) {
                    reason
                } else {
                    text!("collect.unreadable", reason = reason)
                };
                let source = self.sources.add_binary(shown(path));
                own.push(Diagnostic::error("unit-unreadable", Place::File(source), message));
                None
            }
        };
        let found = own.into_sorted();
        let known = found.iter().find_map(|one| one.place.source());
        let source = report.as_ref().map(|report| report.source).or(known);
        let source = source.unwrap_or_else(|| self.sources.add_binary(shown(path)));
        Delivered { file: file.to_owned(), source, report, found }
    }

    /// What cannot be looked at.
    pub(super) fn unread(&mut self, unread: &Unread) -> Delivered {
        let Unread { file, path, reason } = unread;
        let source = self.sources.add_binary(shown(path));
        let message = text!("collect.unreadable", reason = reason.clone());
        let found = vec![Diagnostic::error("unit-unreadable", Place::File(source), message)];
        Delivered { file: file.clone(), source, report: None, found }
    }
}
