//! Owns judging a report: its texts with their quotes and pictures, its rules, and what settings make of the findings.
//! Must not know a rule, nor how a file is read.

use super::office_words::in_office_words;
use super::{DataFile, Input, PictureLoader, Pictures, ReadReport, Session};
use crate::check::settings::SettingsEffect;
use crate::check::{self, Settings};
use crate::collect::plain_name;
use crate::data::{self, Syntax};
use crate::letterhead::{self, Letterhead};
use crate::msg;
use crate::quote::{self, CheckedTexts, FilledTexts};
use crate::render::{self, RenderJob, content};
use crate::report::{self, Report};
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, SourceId};

/// Quotes whose faults leave a text without the numbers that it would be judged by.
const QUOTE_RULE: &str = "quote";

/// A report with everything that it is judged by and rendered from.
#[derive(Debug)]
pub struct PreparedReport {
    /// The report.
    pub report: Report,
    /// Its texts with the quotes filled in.
    pub texts: FilledTexts,
    /// The pictures of its texts.
    pub pictures: Pictures,
    /// The letterhead, as far as its file describes one.
    pub letterhead: Option<Letterhead>,
    /// Last year's report, if there is one.
    pub previous: Option<Report>,
    /// True if its texts with all quotes stay within the limits; otherwise nothing can be made of it.
    pub within_limits: bool,
}

impl PreparedReport {
    /// Returns the job of rendering it.
    pub fn render_job(&self, draft: bool) -> RenderJob<'_> {
        RenderJob { report: &self.report, texts: &self.texts, assets: &self.pictures, draft }
    }
}

/// The outcome of reading a file that was found where last year's report would be.
#[derive(Debug)]
pub enum FoundPrevious {
    /// The organ's report of the same family.
    Usable(Box<Report>),
    /// A report of another family, which is not what was looked for.
    OtherFamily,
    /// Nothing that can be compared, as a finding says.
    Unusable,
}

impl Session<'_> {
    /// Reads last year's report from a file that was named. Faults in reading it are said, its own figures are not
    /// judged again.
    pub fn read_previous(&mut self, input: &Input) -> Option<Report> {
        let (previous, faults) = self.read_aside(input);
        self.pending.extend(faults);
        previous
    }

    /// Reads last year's report from a file that was only found beside the report's: it makes no errors as long as
    /// it is not known whose it is, and counts only if it is the same organ's.
    pub fn read_found_previous(&mut self, input: &Input, report: &Report) -> FoundPrevious {
        let (previous, faults) = self.read_aside(input);
        let Some(previous) = previous else {
            let eased = |mut fault: Diagnostic| {
                fault.severity = fault.severity.downgraded();
                fault
            };
            self.pending.extend(faults.into_iter().map(eased));
            return FoundPrevious::Unusable;
        };
        // One organ makes reports of several families; those of others are not what the report follows on.
        if previous.form.family.id != report.form.family.id {
            return FoundPrevious::OtherFamily;
        }
        if !is_same_organ(&previous, report) {
            self.pending.push(other_organ_warning(&previous, report));
            return FoundPrevious::Unusable;
        }
        self.pending.extend(faults);
        FoundPrevious::Usable(Box::new(previous))
    }

    /// Reads a report with the errors in reading it, beside the pending findings.
    fn read_aside(&mut self, input: &Input) -> (Option<Report>, Vec<Diagnostic>) {
        let (read, own) = self.aside(|session| session.read_report(input));
        let errors =
            own.into_sorted().into_iter().filter(|found| found.severity == Severity::Error);
        (read.map(|draft| draft.report), errors.collect())
    }

    /// Fills the quotes of a report's texts in and takes its pictures. `None` if the texts are too long to be
    /// looked at.
    pub fn prepare_report<L: PictureLoader>(
        &mut self,
        draft: ReadReport,
        loader: &mut L,
    ) -> Result<Option<PreparedReport>, L::Error> {
        if !quote::check_raw_length(&draft.report, &self.limits, &mut self.pending) {
            return Ok(None);
        }
        let texts = self.fill_quotes(&draft.report);
        let ReadReport { report, pictures, previous } = draft;
        let pictures = load_text_pictures(pictures, &texts, loader)?;
        let mut prepared = PreparedReport {
            report,
            texts,
            pictures,
            letterhead: None,
            previous,
            within_limits: false,
        };
        prepared.within_limits = self.check_size(&prepared);
        if prepared.within_limits {
            self.check_pictures(&prepared);
            self.check_links(&prepared);
            prepared.letterhead = self.read_own_letterhead(&prepared.report, loader)?;
        }
        Ok(Some(prepared))
    }

    /// Fills the quotes of a report's texts in and takes its pictures, whatever their size.
    pub fn prepare_texts<L: PictureLoader>(
        &mut self,
        draft: ReadReport,
        loader: &mut L,
    ) -> Result<PreparedReport, L::Error> {
        let texts = self.fill_quotes(&draft.report);
        let ReadReport { report, pictures, previous } = draft;
        let pictures = load_text_pictures(pictures, &texts, loader)?;
        let letterhead = None;
        let prepared =
            PreparedReport { report, texts, pictures, letterhead, previous, within_limits: true };
        self.check_pictures(&prepared);
        Ok(prepared)
    }

    /// Returns the texts of a report with the quotes filled in.
    pub fn fill_quotes(&mut self, report: &Report) -> FilledTexts {
        let text = self.sources.text(report.source).unwrap_or_default();
        quote::fill_quotes(report, text, &mut self.pending)
    }

    fn check_size(&mut self, prepared: &PreparedReport) -> bool {
        let PreparedReport { report, texts, pictures, .. } = prepared;
        let source = self.sources.text(report.source).unwrap_or_default();
        let checked = CheckedTexts { report, source, texts, pictures };
        quote::check_size(checked, &self.limits, &mut self.pending)
    }

    fn check_pictures(&mut self, prepared: &PreparedReport) {
        let PreparedReport { report, texts, pictures, .. } = prepared;
        let source = self.sources.text(report.source).unwrap_or_default();
        let checked = CheckedTexts { report, source, texts, pictures };
        quote::check_pictures(checked, &mut self.pending);
    }

    fn check_links(&mut self, prepared: &PreparedReport) {
        let PreparedReport { report, texts, .. } = prepared;
        let text = self.sources.text(report.source).unwrap_or_default();
        quote::check_links(report, text, texts, &mut self.pending);
    }

    /// Reads the letterhead in the report's own file, judged like the rest of it.
    fn read_own_letterhead<L: PictureLoader>(
        &mut self,
        report: &Report,
        loader: &mut L,
    ) -> Result<Option<Letterhead>, L::Error> {
        let Some(node) = &report.letterhead else { return Ok(None) };
        let (sources, pending) = (&self.sources, &mut self.pending);
        let letterhead = letterhead::read_letterhead(report.source, node, pending);
        letterhead.to_value(report, sources, pending);
        letterhead.filled_suffix(report, sources, pending);
        let mut pictures = Pictures::default();
        for (name, picture) in letterhead.named_pictures() {
            if picture.source == report.source {
                let found = loader.load_pictures(std::slice::from_ref(&picture.text))?;
                pictures.insert_as(&name, found);
            }
        }
        render::letterhead::check_pictures(&letterhead, &pictures, pending);
        Ok(Some(letterhead))
    }

    /// Returns the settings of a file, or the notices of the forms alone.
    pub fn read_settings(&mut self, input: Option<&Input>) -> Settings {
        match input.and_then(|input| self.open_file(input)) {
            Some(DataFile { source, root, .. }) => {
                Settings::read(source, &root, self.forms, &mut self.pending)
            }
            None => Settings::default().with_notices(self.forms),
        }
    }

    /// Judges a report by the settings, and beside that without them if they are somebody's own.
    pub fn check_report(&mut self, prepared: &PreparedReport) {
        let own = self.settings;
        let plain = || Settings::default().with_notices(self.forms);
        if own.is_some() && self.has_own_settings {
            let mut unsettled = self.pending.clone();
            self.check_into(prepared, &plain(), &mut unsettled);
            self.unsettled = Some(unsettled);
        }
        let mut pending = std::mem::take(&mut self.pending);
        match own {
            Some(own) => self.check_into(prepared, own, &mut pending),
            None => self.check_into(prepared, &plain(), &mut pending),
        }
        self.pending = pending;
    }

    fn check_into(&self, prepared: &PreparedReport, settings: &Settings, sink: &mut Sink) {
        let PreparedReport { report, previous, .. } = prepared;
        check::check_report_with(report, previous.as_ref(), settings, sink);
        if prepared.within_limits && sink.iter().all(|found| found.rule != QUOTE_RULE) {
            self.check_texts_into(prepared, settings, sink);
        }
    }

    fn check_texts_into(&self, prepared: &PreparedReport, settings: &Settings, sink: &mut Sink) {
        let PreparedReport { report, texts, previous, .. } = prepared;
        let text = self.sources.text(report.source).unwrap_or_default();
        check::check_texts(report, texts, text, previous.as_ref(), settings, sink);
    }

    /// Judges the text of a data file by what can be mended in it: its syntax, how it is read, and its words, by no
    /// settings.
    pub fn check_text(&mut self, name: &str, text: &str, syntax: Syntax) -> SourceId {
        let source = self.sources.add_text(name, text);
        let root = data::load_data(source, text, syntax, &mut self.pending);
        let Some(root) = root.filter(|_| !self.pending.has_errors()) else { return source };
        let report = report::read_report(source, &root, self.forms, &mut self.pending);
        let Some(report) = report else { return source };
        if quote::check_raw_length(&report, &self.limits, &mut self.pending) {
            let texts = quote::fill_quotes(&report, text, &mut self.pending);
            let settings = Settings::default();
            check::check_texts(&report, &texts, text, None, &settings, &mut self.pending);
        }
        source
    }

    /// Settles the pending findings: gives them the severities of the settings. What the settings changed is
    /// counted if they are somebody's own.
    pub fn settle_findings(&mut self) -> SettingsEffect {
        let pending = std::mem::take(&mut self.pending);
        let unsettled = self.unsettled.take();
        let Some(settings) = self.settings else {
            let found = pending.into_sorted().into_iter();
            self.settled.extend(found.map(|one| in_office_words(one, &self.sources)));
            return SettingsEffect::default();
        };
        let plain = self.has_own_settings.then(|| unsettled.unwrap_or_else(|| pending.clone()));
        let found = settings.apply_severities(pending).into_sorted();
        let sources = &self.sources;
        let found: Vec<Diagnostic> =
            found.into_iter().map(|one| in_office_words(one, sources)).collect();
        let effect = plain.map(|plain| SettingsEffect::between(&plain.into_sorted(), &found));
        self.settled.extend(found);
        effect.unwrap_or_default()
    }

    /// Returns the pending findings as they would be without settings.
    pub fn unsettled_findings(&self) -> Vec<Diagnostic> {
        self.unsettled.as_ref().unwrap_or(&self.pending).clone().into_sorted()
    }
}

/// Returns the pictures of a report's texts: those in its file, or those beside it.
fn load_text_pictures<L: PictureLoader>(
    inside: Option<Pictures>,
    texts: &FilledTexts,
    loader: &mut L,
) -> Result<Pictures, L::Error> {
    match inside {
        Some(inside) => Ok(inside),
        None => loader.load_pictures(&content::text_pictures(texts)),
    }
}

/// Checks whether two reports name the same organ; one without a name may be anybody's.
fn is_same_organ(one: &Report, other: &Report) -> bool {
    let (one, other) = (plain_name(&one.organ.name), plain_name(&other.organ.name));
    one.is_empty() || other.is_empty() || one == other
}

/// Says that the file found for last year is another organ's.
fn other_organ_warning(previous: &Report, report: &Report) -> Diagnostic {
    let (found, organ) = (&previous.organ.name, &report.organ.name);
    let message = msg!("check.previous-organ", found = found, organ = organ);
    let found = Diagnostic::warning("previous-organ", Location::File(previous.source), message);
    found.with_hint(msg!("check.previous-organ-hint"))
}
