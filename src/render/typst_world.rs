//! Owns typesetting a Typst project to PDF: the world that Typst sees, the PDF standards, and
//! Typst's diagnostics as plain values. Only this file uses the Typst compiler; `fonts` uses its
//! font types.
//! Must not know the content of the project. There is no network, no clock, and no file other than
//! the given ones.

use super::fonts::Fonts;
use super::sandbox::{
    ProjectFiles, TypesetFormat, TypesetJob, TypesetOptions, TypesetOutput, TypstDiagnostic,
    TypstLocation,
};
use crate::report::Date;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue as _, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::package::PackageSpec;
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
        let main = document.options.as_ref().and_then(|options| file_id(&options.main));
        let library = document.options.as_ref().map(|options| library_with(&options.inputs));
        let (main, missing) = (main.unwrap_or(self.main), Mutex::default());
        let world = DocumentWorld { project: self, fonts, files, main, library, missing };
        let mut setting = match document.options {
            None => export_pdf(&world, document.ident, document.date),
            Some(options) => export_any(&world, document.ident, document.date, &options),
        };
        let missing = world.missing.into_inner().unwrap_or_else(PoisonError::into_inner);
        setting.missing = missing.into_iter().collect();
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
    TypesetOutput { pdf, diagnostics: complaints, ..TypesetOutput::default() }
}

/// Typesets a document of any template. Nothing that Typst says is left out.
fn export_any(
    world: &DocumentWorld<'_>,
    ident: String,
    date: Date,
    options: &TypesetOptions,
) -> TypesetOutput {
    let Warned { output, warnings } = typst::compile::<PagedDocument>(world);
    let mut out = TypesetOutput::default();
    out.diagnostics.extend(warnings.iter().map(|warning| world.to_diagnostic(warning, false)));
    let complain = |errors: &[SourceDiagnostic]| -> Vec<TypstDiagnostic> {
        errors.iter().map(|error| world.to_diagnostic(error, true)).collect()
    };
    let document = match output {
        Ok(document) => document,
        Err(errors) => {
            out.diagnostics.extend(complain(&errors));
            return out;
        }
    };
    let mut lacking = BTreeSet::new();
    document.pages().iter().for_each(|page| find_missing_glyphs(&page.frame, &mut lacking));
    // Where no font at all fits, Typst leaves characters out without a sign.
    for text in world.own_texts() {
        lacking.extend(world.fonts.missing_glyphs(text));
    }
    out.diagnostics.extend(lacking.into_iter().map(missing_glyph));
    let mut pages: Vec<Vec<u8>> = match options.format {
        TypesetFormat::Pdf => {
            match typst_pdf::pdf(&document, &any_pdf_options(ident, date, options)) {
                Ok(pdf) => vec![pdf],
                Err(errors) => {
                    out.diagnostics.extend(complain(&errors));
                    return out;
                }
            }
        }
        TypesetFormat::Svg => {
            let look = typst_svg::SvgOptions::default();
            document.pages().iter().map(|page| typst_svg::svg(page, &look).into_bytes()).collect()
        }
        TypesetFormat::Png => {
            let look = typst_render::RenderOptions::default();
            let pages = document.pages().iter();
            pages.filter_map(|page| typst_render::render(page, &look).encode_png().ok()).collect()
        }
    };
    out.pages = pages.split_off(pages.len().min(1));
    out.pdf = pages.pop();
    out
}

/// Beginning of the message about a character for which no font has a glyph.
pub(super) const MISSING_GLYPH: &str = "no font has a glyph for ";

fn missing_glyph(character: char) -> TypstDiagnostic {
    TypstDiagnostic {
        error: false,
        message: format!("{MISSING_GLYPH}{character}"),
        spot: None,
        hints: Vec::new(),
        trace: Vec::new(),
    }
}

/// Collects the characters of a frame for which no font has a glyph.
fn find_missing_glyphs(frame: &Frame, lacking: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => find_missing_glyphs(&group.frame, lacking),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    lacking.extend(text.text.get(glyph.range()).and_then(|t| t.chars().next()));
                }
            }
            _ => {}
        }
    }
}

/// Returns the PDF standards with these names; what Typst says if there is none such or they do not go together.
pub fn pdf_standards(names: &[String]) -> Result<PdfStandards, String> {
    let known = |name: &String| {
        let found = PDF_STANDARDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, standard)| *standard).ok_or_else(|| name.clone())
    };
    let all = names.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    PdfStandards::new(&all).map_err(|error| error.message().to_string())
}

/// The PDF standards by their names.
const PDF_STANDARDS: [(&str, PdfStandard); 17] = [
    ("1.4", PdfStandard::V_1_4),
    ("1.5", PdfStandard::V_1_5),
    ("1.6", PdfStandard::V_1_6),
    ("1.7", PdfStandard::V_1_7),
    ("2.0", PdfStandard::V_2_0),
    ("a-1b", PdfStandard::A_1b),
    ("a-1a", PdfStandard::A_1a),
    ("a-2b", PdfStandard::A_2b),
    ("a-2u", PdfStandard::A_2u),
    ("a-2a", PdfStandard::A_2a),
    ("a-3b", PdfStandard::A_3b),
    ("a-3u", PdfStandard::A_3u),
    ("a-3a", PdfStandard::A_3a),
    ("a-4", PdfStandard::A_4),
    ("a-4f", PdfStandard::A_4f),
    ("a-4e", PdfStandard::A_4e),
    ("ua-1", PdfStandard::Ua_1),
];

fn any_pdf_options(ident: String, date: Date, options: &TypesetOptions) -> PdfOptions {
    PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("nianbao".to_owned())),
        timestamp: midnight_timestamp(date).filter(|_| options.is_dated),
        // Names were judged before the document was sent here.
        standards: pdf_standards(&options.standards).unwrap_or_default(),
        ..PdfOptions::default()
    }
}

/// Returns the library with these texts in `sys.inputs`.
fn library_with(inputs: &[(String, String)]) -> LazyHash<Library> {
    let mut dict = Dict::new();
    for (name, text) in inputs {
        dict.insert(name.as_str().into(), text.as_str().into_value());
    }
    let features = [Feature::A11yExtras].into_iter().collect();
    LazyHash::new(Library::builder().with_features(features).with_inputs(dict).build())
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

/// Returns the file of a path; those of packages begin with their name: `@space/name:1.0.0/path`.
fn file_id(path: &str) -> Option<FileId> {
    if !path.starts_with('@') {
        let path = VirtualPath::new(path).ok()?;
        return Some(RootedPath::new(VirtualRoot::Project, path).intern());
    }
    let (space, rest) = path.split_once('/')?;
    let (name, file) = rest.split_once('/')?;
    let spec: PackageSpec = format!("{space}/{name}").parse().ok()?;
    Some(RootedPath::new(VirtualRoot::Package(spec), VirtualPath::new(file).ok()?).intern())
}

/// Returns the path of a file as [`file_id`] takes it.
fn file_path(id: FileId) -> String {
    let path = id.vpath().get_with_slash();
    match id.root() {
        VirtualRoot::Project => path.to_owned(),
        VirtualRoot::Package(spec) => format!("{spec}{path}"),
    }
}

struct DocumentWorld<'a> {
    project: &'a TypstProject,
    fonts: &'a Fonts,
    files: HashMap<FileId, Bytes>,
    main: FileId,
    /// A library of the document's own.
    library: Option<LazyHash<Library>>,
    /// Files that were asked for and not there.
    missing: Mutex<BTreeSet<String>>,
}

impl DocumentWorld<'_> {
    /// Returns the texts of the data and of the template's own sources.
    fn own_texts(&self) -> impl Iterator<Item = &str> {
        let data = self.files.values().filter_map(|bytes| std::str::from_utf8(bytes).ok());
        let is_own = |source: &&Source| matches!(source.id().root(), VirtualRoot::Project);
        data.chain(self.project.sources.values().filter(is_own).map(Source::text))
    }

    fn not_there(&self, id: FileId) -> FileError {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(file_path(id));
        not_found(id)
    }

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
        Some(TypstLocation { path: file_path(id), bytes })
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
        self.library.as_ref().unwrap_or(&self.project.library)
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.project.sources.get(&id).cloned().ok_or_else(|| self.not_there(id))
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
