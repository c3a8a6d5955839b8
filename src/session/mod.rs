//! Owns the way from the bytes of a data file to a judged report and its documents: forms, settings, limits,
//! sources and findings in one place. Whoever has bytes (the command line, a window, a browser) calls this.
//! Must not open a file, nor know how a part of the way is done.

mod input;
mod judging;
mod letterheads;
mod office_words;
mod rendering;

pub use input::{DataFileKind, Input, PictureLoader, Pictures};
pub use judging::{FoundPrevious, PreparedReport};
pub use letterheads::{FilledLetterhead, LetterheadFile};
pub use rendering::RenderTemplates;

use crate::check::Settings;
use crate::data::{self, DataNode, Syntax};
use crate::form::{Form, FormRegistry};
use crate::import::{self, ImportOptions, ImportedReport, TaggingOptions};
use crate::limits::Limits;
use crate::report::{self, OmittedTotal, Report};
use crate::sheet::{self, SheetReport};
use docx_fill::diag::{Diagnostic, Sink, SourceId, Sources};
use std::sync::Arc;

/// Reads, judges and renders reports, and keeps what is found on the way.
///
/// Findings are pending until [`Session::settle_findings`] gives them the severities of the settings; so they are
/// known as they are with settings and without.
#[derive(Debug)]
pub struct Session<'f> {
    forms: &'f FormRegistry,
    limits: Limits,
    /// The settings by which reports are judged; without them the notices of the forms alone hold.
    settings: Option<&'f Settings>,
    /// True if somebody wrote the settings, so that the changes they make are to be said.
    has_own_settings: bool,
    sources: Sources,
    /// Findings that are settled.
    settled: Sink,
    /// Findings since then.
    pending: Sink,
    /// The pending findings as they would be without settings, if they were judged by both.
    unsettled: Option<Sink>,
}

/// A data file, whatever its kind, as a tree.
#[derive(Debug)]
pub struct DataFile {
    /// The source of its places.
    pub source: SourceId,
    /// Its tree.
    pub root: DataNode,
    /// The totals of a workbook that its tree leaves out.
    pub totals: Vec<OmittedTotal>,
    /// The pictures in the file itself, by the names that its texts give; `None` if its kind keeps them beside
    /// the file.
    pub pictures: Option<Vec<(String, Vec<u8>)>>,
}

/// A report that was read, before its texts are.
#[derive(Debug)]
pub struct ReadReport {
    /// The report.
    pub report: Report,
    /// The pictures in its file, see [`DataFile::pictures`].
    pub pictures: Option<Pictures>,
    /// Last year's report, if there is one.
    pub previous: Option<Report>,
}

/// A form without tags that was made a template.
#[derive(Debug)]
pub struct TaggedDocument {
    /// The form's document.
    pub source: SourceId,
    /// The template.
    pub bytes: Vec<u8>,
    /// The official form that it follows.
    pub form: Arc<Form>,
}

impl<'f> Session<'f> {
    /// Creates a session with these forms, within these limits.
    pub fn new(forms: &'f FormRegistry, limits: Limits) -> Session<'f> {
        Session {
            forms,
            limits,
            settings: None,
            has_own_settings: false,
            sources: Sources::default(),
            settled: Sink::new(),
            pending: Sink::new(),
            unsettled: None,
        }
    }

    /// Takes sources that are named already.
    #[must_use]
    pub fn with_sources(mut self, sources: Sources) -> Session<'f> {
        self.sources = sources;
        self
    }

    /// Takes findings that are settled already.
    #[must_use]
    pub fn with_findings(mut self, found: Sink) -> Session<'f> {
        self.settled = found;
        self
    }

    /// Judges reports by settings. If they are somebody's own, what they change is kept.
    pub fn set_settings(&mut self, settings: &'f Settings, are_own: bool) {
        self.settings = Some(settings);
        self.has_own_settings = are_own;
    }

    /// Returns the forms.
    pub fn forms(&self) -> &'f FormRegistry {
        self.forms
    }

    /// Returns the limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns the files that were read.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the files that were read, to name a further one.
    pub fn sources_mut(&mut self) -> &mut Sources {
        &mut self.sources
    }

    /// Adds findings that are settled already.
    pub fn push_settled(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        self.settled.extend(found);
    }

    /// Does `work` with no pending findings, and gives what is pending after it; those of before stay.
    pub fn aside<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Sink) {
        let before = std::mem::take(&mut self.pending);
        let made = work(self);
        (made, std::mem::replace(&mut self.pending, before))
    }

    /// Adds findings of the caller.
    pub fn extend_findings(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        self.pending.extend(found);
    }

    /// Adds a finding of the caller.
    pub fn push_finding(&mut self, found: Diagnostic) {
        self.pending.push(found);
    }

    /// Checks whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.settled.has_errors() || self.pending.has_errors()
    }

    /// Forgets the findings that are not settled.
    pub fn discard_pending(&mut self) {
        self.pending = Sink::new();
        self.unsettled = None;
    }

    /// Takes all findings.
    pub fn take_findings(&mut self) -> Sink {
        self.unsettled = None;
        let mut found = std::mem::take(&mut self.settled);
        found.extend(std::mem::take(&mut self.pending));
        found
    }

    /// Ends the session: the sources, and all findings.
    pub fn into_parts(mut self) -> (Sources, Sink) {
        let found = self.take_findings();
        (self.sources, found)
    }

    /// Reads a data file. `None` if it is not well formed.
    pub fn open_file(&mut self, input: &Input) -> Option<DataFile> {
        self.open_file_with(input, &ImportOptions::new(self.forms, (&self.limits).into()))
    }

    /// Reads a data file; a Word document or web page in a way of its own.
    pub fn open_file_with(
        &mut self,
        input: &Input,
        options: &ImportOptions<'_>,
    ) -> Option<DataFile> {
        if matches!(input.kind, DataFileKind::Word | DataFileKind::WebPage) {
            let ImportedReport { source, node, pictures, .. } =
                self.import_document(input, options)?;
            let pictures = Some(pictures);
            return Some(DataFile { source, root: node, totals: Vec::new(), pictures });
        }
        let Session { forms, sources, pending, .. } = self;
        let binary = sources.add_binary(input.name.as_str());
        if input.kind == DataFileKind::Workbook {
            let book = data::load_workbook(binary, &input.bytes, sources, pending)?;
            let SheetReport { root, totals } = sheet::read_sheets(binary, &book, forms, pending)?;
            return Some(DataFile { source: binary, root, totals, pictures: None });
        }
        let text = data::decode_text(binary, &input.bytes, pending)?;
        match input.kind {
            DataFileKind::Text(syntax) => self.open_text(&input.name, &text, syntax),
            _ => {
                let source = sources.add_text(input.name.as_str(), &*text);
                let book = data::load_csv(source, &input.stem(), &text, pending)?;
                let root = sheet::read_csv(source, &book, forms, pending);
                self.well_formed(source, root)
            }
        }
    }

    /// Reads the text of a data file.
    pub fn open_text(&mut self, name: &str, text: &str, syntax: Syntax) -> Option<DataFile> {
        let source = self.sources.add_text(name, text);
        let root = data::load_data(source, text, syntax, &mut self.pending);
        self.well_formed(source, root)
    }

    /// Returns the tree of a well-formed text; findings that follow from any other would only be noise.
    fn well_formed(&self, source: SourceId, root: Option<DataNode>) -> Option<DataFile> {
        let root = root.filter(|_| !self.pending.has_errors())?;
        Some(DataFile { source, root, totals: Vec::new(), pictures: None })
    }

    /// Reads a Word document or a web page with what was recognised in it.
    pub fn import_document(
        &mut self,
        input: &Input,
        options: &ImportOptions<'_>,
    ) -> Option<ImportedReport> {
        let source = self.sources.add_binary(input.name.as_str());
        let Session { sources, pending, .. } = self;
        let read = match input.kind {
            DataFileKind::WebPage => import::import_web_page,
            _ => import::import_report,
        };
        read(source, &input.bytes, options, sources, pending)
    }

    /// Makes a template of a form without tags, or of a report's own document.
    pub fn tag_document(
        &mut self,
        input: &Input,
        options: TaggingOptions<'_>,
    ) -> Option<TaggedDocument> {
        let source = self.sources.add_binary(input.name.as_str());
        let Session { forms, sources, pending, .. } = self;
        let made = import::insert_tags(source, &input.bytes, forms, options, sources, pending)?;
        Some(TaggedDocument { source, bytes: made.0, form: made.1 })
    }

    /// Reads the report of a tree; its faults are pending.
    pub fn read_tree(&mut self, file: &DataFile) -> Option<Report> {
        let read = report::read_report(file.source, &file.root, self.forms, &mut self.pending);
        read.map(|report| report.with_total_places(&file.totals))
    }

    /// Reads the report of an imported document; its faults are pending.
    pub fn read_imported(&mut self, imported: &ImportedReport) -> Option<Report> {
        report::read_report(imported.source, &imported.node, self.forms, &mut self.pending)
    }

    /// Reads the report of a data file. `None` if it cannot be read as one.
    pub fn read_report(&mut self, input: &Input) -> Option<ReadReport> {
        let file = self.open_file(input)?;
        let report = self.read_tree(&file)?;
        let pictures = file.pictures.map(|pictures| pictures.into_iter().collect());
        Some(ReadReport { report, pictures, previous: None })
    }
}

#[cfg(test)]
mod tests;
