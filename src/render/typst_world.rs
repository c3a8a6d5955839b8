//! Owns typesetting a Typst project to PDF: the world that Typst sees, the PDF standards, and
//! Typst's diagnostics as plain values. Only this file uses the Typst compiler; `fonts` uses its
//! font types.
//! Must not know the content of the project. There is no network, no clock, and no file other than
//! the given ones.

use super::fonts::Fonts;
use super::sandbox::{ProjectFiles, TypesetJob, TypesetOutput, TypstDiagnostic, TypstLocation};
use crate::report::Date;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// A Typst project, read once and typeset many times with different data.
pub(super) struct TypstProject {
    library: LazyHash<Library>,
    main: FileId,
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

impl TypstProject {
    /// Reads a project: `.typ` files are sources, others are data. Paths begin with a slash;
    /// returns `None` if one is invalid.
    pub(super) fn new(main: &str, files: &ProjectFiles) -> Option<TypstProject> {
        let features = [Feature::A11yExtras].into_iter().collect();
        let library = Library::builder().with_features(features).build();
        let mut project = TypstProject {
            library: LazyHash::new(library),
            main: file_id(main)?,
            sources: HashMap::new(),
            files: HashMap::new(),
        };
        for (path, content) in files {
            let id = file_id(path)?;
            match std::str::from_utf8(content) {
                Ok(text) if path.rsplit('.').next() == Some("typ") => {
                    project.sources.insert(id, Source::new(id, text.to_owned()));
                }
                _ => {
                    project.files.insert(id, Bytes::new(content.clone()));
                }
            }
        }
        Some(project)
    }

    /// Typesets a document.
    pub(super) fn compile_pdf(&self, document: TypesetJob, fonts: &Fonts) -> TypesetOutput {
        let mut files = HashMap::new();
        for (path, content) in document.files {
            // A path that Typst does not accept is left out, and reported as missing if the project
            // uses it.
            files.extend(file_id(&path).map(|id| (id, Bytes::new(content))));
        }
        let world = DocumentWorld { project: self, fonts, files };
        let setting = export_pdf(&world, document.ident, document.date);
        // Typst's memoised results would grow without bound. Those that the next document uses
        // again (mostly the form's tables) survive one round of every thread. Measured against
        // keeping results for one document, this saves two fifths of the time with one thread, and
        // a fifth with two.
        comemo::evict(ISOLATED_THREADS.load(Ordering::Relaxed).max(1));
        setting
    }
}

/// Returns the version of Typst.
pub fn typst_version() -> &'static str {
    typst::utils::version().raw()
}

/// Number of threads that typeset documents, each on its own; memoised results are shared by all.
static ISOLATED_THREADS: AtomicUsize = AtomicUsize::new(0);

/// Runs `work` in one thread with a stack of `stack` bytes, in which Typst does not start other
/// threads.
pub fn run_single_threaded<T: Send>(stack: usize, work: impl Fn() -> T + Send + Sync) -> T {
    ISOLATED_THREADS.fetch_add(1, Ordering::Relaxed);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(stack).build();
    let done = match pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    };
    ISOLATED_THREADS.fetch_sub(1, Ordering::Relaxed);
    done
}

fn export_pdf(world: &DocumentWorld<'_>, ident: String, date: Date) -> TypesetOutput {
    let Warned { output, warnings } = typst::compile::<PagedDocument>(world);
    // The official fonts are named first and are usually absent; such warnings are dropped.
    let news = warnings.iter().filter(|w| !w.message.starts_with("unknown font family"));
    let mut complaints: Vec<_> = news.map(|warning| world.to_diagnostic(warning, false)).collect();
    let mut complain = |errors: &[SourceDiagnostic]| {
        complaints.extend(errors.iter().map(|error| world.to_diagnostic(error, true)));
    };
    let paged = output.map_err(|errors| complain(&errors)).ok();
    let pdf = paged.and_then(|paged| {
        typst_pdf::pdf(&paged, &pdf_options(ident, date)).map_err(|errors| complain(&errors)).ok()
    });
    TypesetOutput { pdf, diagnostics: complaints }
}

fn pdf_options(ident: String, date: Date) -> PdfOptions {
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]);
    PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("nianbao".to_owned())),
        timestamp: midnight_timestamp(date),
        page_ranges: None,
        standards: standards.expect("PDF/A-2a and PDF/UA-1 go together"),
        tagged: true,
        pretty: false,
    }
}

fn midnight_timestamp(date: Date) -> Option<Timestamp> {
    let Date { year, month, day } = date;
    Datetime::from_ymd_hms(i32::from(year), month, day, 0, 0, 0).map(Timestamp::new_utc)
}

/// Checks whether a path is valid in a project.
pub(super) fn is_project_path(path: &str) -> bool {
    VirtualPath::new(path).is_ok()
}

fn file_id(path: &str) -> Option<FileId> {
    let path = VirtualPath::new(path).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

struct DocumentWorld<'a> {
    project: &'a TypstProject,
    fonts: &'a Fonts,
    files: HashMap<FileId, Bytes>,
}

impl DocumentWorld<'_> {
    fn to_diagnostic(&self, found: &SourceDiagnostic, error: bool) -> TypstDiagnostic {
        TypstDiagnostic {
            error,
            message: found.message.to_string(),
            spot: self.location_of(found.span),
            hints: found.hints.iter().map(|hint| hint.v.to_string()).collect(),
            trace: found
                .trace
                .iter()
                .filter_map(|trace| self.location_of(trace.span.into()))
                .collect(),
        }
    }

    fn location_of(&self, span: DiagSpan) -> Option<TypstLocation> {
        let id = span.id().filter(|id| self.project.sources.contains_key(id))?;
        let bytes = self.range(span).map(|range| (range.start, range.end));
        Some(TypstLocation { path: id.vpath().get_with_slash().to_owned(), bytes })
    }
}

fn not_found(id: FileId) -> FileError {
    match id.root() {
        VirtualRoot::Project => FileError::NotFound(id.vpath().get_with_slash().into()),
        VirtualRoot::Package(_) => {
            FileError::Other(Some("packages are not available: there is no network".into()))
        }
    }
}

impl World for DocumentWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.project.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.project.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.project.sources.get(&id).cloned().ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let data = self.files.get(&id).or_else(|| self.project.files.get(&id));
        match data {
            Some(bytes) => Ok(bytes.clone()),
            None => self.source(id).map(|source| Bytes::from_string(source.text().to_owned())),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
