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
use typst::diag::{FileError, FileResult, SourceDiagnostic, SourceResult, Warned};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue as _, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::package::{PackageSpec, PackageVersion};
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
        if let Some(options) = &document.options {
            return self.compile_records(&document, options, fonts);
        }
        let TypesetJob { ident, files, date, .. } = document;
        let world = DocumentWorld::new(self, fonts, files);
        let mut out = export_pdf(&world, ident, date);
        out.missing = world.into_missing().into_iter().collect();
        evict_results();
        out
    }

    /// Typesets any template: the pages for each record one after the other, each with page numbers, labels and counters
    /// of its own. Nothing that Typst says is left out.
    fn compile_records(
        &self,
        job: &TypesetJob,
        options: &TypesetOptions,
        fonts: &Fonts,
    ) -> TypesetOutput {
        let mut out = TypesetOutput::default();
        let (mut worlds, mut made, mut lacking) = (Vec::new(), Vec::new(), BTreeSet::new());
        let is_single = options.inputs.len() == 1;
        for (number, (inputs, data)) in (0..).zip(options.inputs.iter().zip(&job.files)) {
            let mut world = DocumentWorld::new(self, fonts, vec![data.clone()]);
            world.main = file_id(&options.main).unwrap_or(self.main);
            world.library = Some(library_with(inputs));
            if !is_single {
                world.set_root(record_root(number));
            }
            made.extend(world.compile(&mut out.diagnostics, &mut lacking));
            // The world is kept for the places in its sources, which need no library.
            world.library = None;
            worlds.push(world);
            evict_results();
        }
        out.diagnostics.extend(lacking.into_iter().map(missing_glyph));
        let joined = Some(made).filter(|made| made.len() == worlds.len()).and_then(join_documents);
        if let Some(document) = joined {
            let ident = format!("{:032x}", typst::utils::hash128(&job.files));
            let pdf = any_pdf_options(ident, job.date, options);
            match export_pages(&document, options.format, &pdf) {
                Ok(mut pages) => {
                    out.pages = pages.split_off(pages.len().min(1));
                    out.pdf = pages.pop();
                }
                Err(errors) => errors.iter().for_each(|error| {
                    let knows =
                        |world: &&DocumentWorld<'_>| world.location_of(error.span).is_some();
                    let world = worlds.iter().find(knows).or(worlds.first());
                    out.diagnostics.extend(world.map(|world| world.to_diagnostic(error, true)));
                }),
            }
        }
        let missing: BTreeSet<String> =
            worlds.into_iter().flat_map(DocumentWorld::into_missing).collect();
        out.missing = missing.into_iter().collect();
        out
    }
}

/// Forgets memoised results, which would grow without bound. Those that the next document uses again (mostly the form's
/// tables) survive one round of every thread. Measured against keeping results for one document, this saves two fifths of
/// the time with one thread, and a fifth with two.
fn evict_results() {
    comemo::evict(ISOLATED_THREADS.load(Ordering::Relaxed).max(1));
}

/// Returns the root at which a record sees the files of the project. Every record has one of its own, so that no place in
/// its pages is taken for one in the pages of another.
fn record_root(number: u32) -> VirtualRoot {
    let version = PackageVersion { major: 0, minor: 0, patch: number };
    let (namespace, name) = ("nianbao".into(), "record".into());
    VirtualRoot::Package(PackageSpec { namespace, name, version })
}

/// Returns one document with the pages of all; its title and authors are those of the first.
fn join_documents(made: Vec<PagedDocument>) -> Option<PagedDocument> {
    let mut all = made.into_iter();
    let mut first = all.next()?;
    if all.len() == 0 {
        return Some(first);
    }
    let info = first.info_mut().clone();
    let pages = std::iter::once(first).chain(all).flat_map(|one| one.pages().to_vec()).collect();
    Some(PagedDocument::new(pages, info))
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

/// Returns a PDF, or the pages as pictures.
fn export_pages(
    document: &PagedDocument,
    format: TypesetFormat,
    pdf: &PdfOptions,
) -> SourceResult<Vec<Vec<u8>>> {
    let pages = document.pages().iter();
    Ok(match format {
        TypesetFormat::Pdf => vec![typst_pdf::pdf(document, pdf)?],
        TypesetFormat::Svg => {
            let look = typst_svg::SvgOptions::default();
            pages.map(|page| typst_svg::svg(page, &look).into_bytes()).collect()
        }
        TypesetFormat::Png => {
            let look = typst_render::RenderOptions::default();
            pages.filter_map(|page| typst_render::render(page, &look).encode_png().ok()).collect()
        }
    })
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
    /// Root at which the document sees the files of the project, if it is another.
    root: Option<VirtualRoot>,
    /// Sources of the project below this root.
    own_sources: Mutex<HashMap<FileId, Source>>,
    /// Files that were asked for and not there.
    missing: Mutex<BTreeSet<String>>,
}

impl<'a> DocumentWorld<'a> {
    /// Creates one with files besides those of the project.
    fn new(
        project: &'a TypstProject,
        fonts: &'a Fonts,
        files: Vec<(String, Vec<u8>)>,
    ) -> DocumentWorld<'a> {
        // A path that Typst does not accept is left out, and reported as missing if the project uses it.
        let known =
            |(path, content): (String, Vec<u8>)| Some((file_id(&path)?, Bytes::new(content)));
        DocumentWorld {
            project,
            fonts,
            files: files.into_iter().filter_map(known).collect(),
            main: project.main,
            library: None,
            root: None,
            own_sources: Mutex::default(),
            missing: Mutex::default(),
        }
    }

    /// Shows the files of the project below another root.
    fn set_root(&mut self, root: VirtualRoot) {
        self.main = RootedPath::new(root.clone(), self.main.vpath().clone()).intern();
        self.root = Some(root);
    }

    fn into_missing(self) -> BTreeSet<String> {
        self.missing.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DocumentWorld<'_> {
    /// Typesets; what Typst says is added to what it said before, and characters without a glyph to others.
    fn compile(
        &self,
        said: &mut Vec<TypstDiagnostic>,
        lacking: &mut BTreeSet<char>,
    ) -> Option<PagedDocument> {
        let Warned { output, warnings } = typst::compile::<PagedDocument>(self);
        let warnings = warnings.iter().map(|warning| self.to_diagnostic(warning, false));
        let (document, errors) = match output {
            Ok(document) => (Some(document), Vec::new()),
            Err(errors) => {
                (None, errors.iter().map(|error| self.to_diagnostic(error, true)).collect())
            }
        };
        for one in warnings.chain(errors) {
            if !said.contains(&one) {
                said.push(one);
            }
        }
        let document = document?;
        document.pages().iter().for_each(|page| find_missing_glyphs(&page.frame, lacking));
        // Where no font at all fits, Typst leaves characters out without a sign.
        for text in self.own_texts() {
            lacking.extend(self.fonts.missing_glyphs(text));
        }
        Some(document)
    }

    /// Returns the file of the project that stands behind a file.
    fn project_file(&self, id: FileId) -> FileId {
        if self.root.as_ref() != Some(id.root()) {
            return id;
        }
        RootedPath::new(VirtualRoot::Project, id.vpath().clone()).intern()
    }

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
        let id = self.project_file(span.id()?);
        if !self.project.sources.contains_key(&id) {
            return None;
        }
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
        let file = self.project_file(id);
        let source = self.project.sources.get(&file).ok_or_else(|| self.not_there(file))?;
        if file == id {
            return Ok(source.clone());
        }
        let mut own = self.own_sources.lock().unwrap_or_else(PoisonError::into_inner);
        let own = own.entry(id).or_insert_with(|| Source::new(id, source.text().to_owned()));
        Ok(own.clone())
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let file = self.project_file(id);
        let data = self.files.get(&file).or_else(|| self.project.files.get(&file));
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
