//! Owns the filling of Word documents: tags found and compiled once, rendered with data many times.
//! Must not know annual reports, files or the clock.

mod assemble;
mod verify;

pub use crate::additions::assets::{Assets, LinkRules};
pub use crate::analyze::requirement::TagSite;
pub use crate::analyze::requirement::{Want, Wanted};
pub use crate::document::layout::{CellLayout, RowLayout, TableLayout, layout};
pub use crate::eval::string_template as text;
pub use crate::ir::partials::Partials;
pub use crate::value::numerals;
pub use verify::verify;

pub use crate::diag::nearest;

use crate::additions::resources::{Links, Resources};
use crate::compile::compiler as compile;
use crate::diag::Problem;
use crate::diag::text;
use crate::diag::{Diagnostic, Place, Severity, Sink, SourceId};
use crate::document::part_model::{IdKind, Mode, Scan};
use crate::document::styles::Styles;
use crate::document::{cdata, numbering, part_parser};
use crate::eval::renderer::{Machine, Manner};
use crate::insert::{self, Documents};
use crate::ir::part::Part;
use crate::limits::TAGS as MAX_TAGS;
use crate::opc::{Limits, OpcError, Package};
use crate::render::docx_format as word;
use crate::slice::TextSlice as _;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Identities of a template that nobody counted are below this.
const LEAST_ID: u32 = 10_000;

/// Manners of [`Template::render`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderOptions {
    /// A missing value becomes nothing instead of an error.
    pub allow_missing: bool,
    /// Deflate level of changed parts, 1 (fast) to 9 (small).
    pub level: u8,
    /// Most bytes of one part's text.
    pub max_bytes: usize,
    /// What becomes of links.
    pub links: LinkRules,
}

impl Default for RenderOptions {
    fn default() -> Self {
        let links = LinkRules::default();
        RenderOptions { allow_missing: false, level: 6, max_bytes: 256 << 20, links }
    }
}

/// A compiled Word document, to be filled any number of times from any number of threads.
#[derive(Debug)]
pub struct Template {
    package: Package,
    source: SourceId,
    parts: Vec<Part>,
    tags: Vec<TagSite>,
    files: Vec<String>,
    styles: Styles,
    /// The bookmarks that every filled document has.
    bookmarks: BTreeSet<String>,
    highest_id: u32,
    partials: Arc<Partials>,
    /// What rendering would tell of partials a second time.
    told: Vec<Problem>,
    /// Whether a rendering inserted documents, whose tables are not the template's.
    inserted: AtomicBool,
}

/// Manners of [`Template::parse_with`].
#[derive(Debug, Clone, Default)]
pub struct ParseOptions {
    /// Limits of what is opened.
    pub limits: Limits,
    /// What `{{> name}}` includes.
    pub partials: Arc<Partials>,
}

impl Template {
    /// Compiles a .docx. Everything wrong with it goes to the sink; `None` if there is an error.
    pub fn parse(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        sink: &mut Sink,
    ) -> Option<Template> {
        Self::parse_with(bytes, source, &ParseOptions::default(), sink)
    }

    /// [`Template::parse`] with limits and partials of one's own.
    pub fn parse_with(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        options: &ParseOptions,
        sink: &mut Sink,
    ) -> Option<Template> {
        let before = sink.count(Severity::Error);
        let partials = Arc::clone(&options.partials);
        let template = match Package::open(bytes, &options.limits) {
            Ok(package) => Self::compile(package, source, partials, sink),
            Err(error) => Err(error),
        };
        match template {
            Ok(template) if sink.count(Severity::Error) == before => Some(template),
            Ok(_) => None,
            Err(error) => {
                sink.push(error.diagnostic(source));
                None
            }
        }
    }

    /// [`Template::parse_with`] for looking at: what could be read is there in spite of errors. It is
    /// not to be filled.
    pub fn survey(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        options: &ParseOptions,
        sink: &mut Sink,
    ) -> Option<Template> {
        let partials = Arc::clone(&options.partials);
        let template = Package::open(bytes, &options.limits)
            .and_then(|package| Self::compile(package, source, partials, sink));
        template.map_err(|error| sink.push(error.diagnostic(source))).ok()
    }

    /// [`Template::parse_with`] and [`Template::render`] in one: what is wrong with the template and what
    /// is wrong with the data is told together.
    pub fn fill(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        parse: &ParseOptions,
        (data, assets): (&Value, &dyn Assets),
        render: &RenderOptions,
        sink: &mut Sink,
    ) -> Option<Vec<u8>> {
        let before = sink.count(Severity::Error);
        let template = Self::open(bytes, source, parse, sink)?;
        let out = template.render(data, assets, render, sink);
        out.filter(|_| sink.count(Severity::Error) == before)
    }

    /// [`Template::parse_with`], but a template with faults is given too: rendering it tells what is wrong
    /// with the data, and what comes of it is worth nothing.
    pub fn open(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        parse: &ParseOptions,
        sink: &mut Sink,
    ) -> Option<Template> {
        let partials = Arc::clone(&parse.partials);
        let template = Package::open(bytes, &parse.limits)
            .and_then(|package| Self::compile(package, source, partials, sink));
        template.map_err(|error| sink.push(error.diagnostic(source))).ok()
    }

    fn compile(
        package: Package,
        source: SourceId,
        partials: Arc<Partials>,
        sink: &mut Sink,
    ) -> Result<Self, OpcError> {
        let main = package.main_document().to_owned();
        let styles = package.relationships(&main)?.target_of(&main, "/styles");
        let styles = match styles.map(|part| Ok((package.read_xml(&part)?, part))).transpose()? {
            Some((Some(text), part)) => Styles::parse(&text, &part)?,
            _ => Styles::default(),
        };
        let mut template = Template {
            source,
            parts: Vec::new(),
            tags: Vec::new(),
            files: Vec::new(),
            styles,
            bookmarks: BTreeSet::new(),
            highest_id: LEAST_ID,
            partials,
            told: Vec::new(),
            inserted: AtomicBool::new(false),
            package,
        };
        let names: Vec<String> = template.package.part_names().map(str::to_owned).collect();
        let glossary = glossary_of(&template.package);
        for name in names {
            if glossary.as_ref().is_some_and(|folder| name.starts_with(folder)) {
                continue;
            }
            if let Some(mode) = mode_of(&template.package, &name) {
                template.compile_part(&name, mode, sink)?;
            }
        }
        Ok(template)
    }

    fn compile_part(&mut self, name: &str, mode: Mode, sink: &mut Sink) -> Result<(), OpcError> {
        let Some(text) = self.package.read_xml(name)? else { return Ok(()) };
        // Braces may be split over runs, or written %7B in an address.
        let encoded = mode == Mode::Targets && text.contains("%7");
        if !encoded && !text.contains(['{', '｛']) {
            return Ok(());
        }
        let text = cdata::unfold(&text, name)?.unwrap_or(text);
        let scan = part_parser::scan(&text, name, mode)?;
        self.highest_id = self.highest_id.max(highest_id(&text, &scan));
        let compiled =
            compile::compile(name, &text, &scan, &self.styles, self.tags.len(), &self.partials);
        if scan.foreign_prefix && text.contains("{{") {
            let message = text!("template.prefix", part = name);
            let finding = Diagnostic::error("docx-unusable", Place::File(self.source), message);
            sink.push(finding.hint(text!("template.hint-prefix")));
        }
        for (place, problem) in compiled.problems {
            if matches!(problem.rule, "partial-unknown" | "block-placement") {
                self.told.push(problem.clone());
            }
            sink.push(problem.at(Place::Word(self.source, place)));
        }
        self.bookmarks.extend(compiled.part.iter().flat_map(Part::bookmarks));
        self.parts.extend(compiled.part);
        self.tags.extend(compiled.sites);
        self.files.extend(compiled.files);
        if self.tags.len() > MAX_TAGS {
            let message = text!("template.too-many-tags", limit = MAX_TAGS);
            sink.push(Diagnostic::error("docx-unusable", Place::File(self.source), message));
        }
        Ok(())
    }

    /// Every tag in reading order, part by part, with the data that it uses.
    pub fn tags(&self) -> &[TagSite] {
        &self.tags
    }

    /// The paths of files that tags name themselves, beside those that the data names.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The package that is filled.
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// Fills the document. Everything wrong goes to the sink, each at its place; `None` if there is an
    /// error.
    pub fn render(
        &self,
        data: &Value,
        assets: &dyn Assets,
        options: &RenderOptions,
        sink: &mut Sink,
    ) -> Option<Vec<u8>> {
        let before = sink.count(Severity::Error);
        let links = Links { rules: &options.links, bookmarks: &self.bookmarks };
        let mut resources = Resources::new(&self.package, assets, self.highest_id, links);
        let mut documents = Documents::default();
        let mut texts = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            texts.push(self.render_part(
                part,
                data,
                options,
                (&mut resources, &mut documents),
                sink,
            ));
        }
        if sink.count(Severity::Error) > before {
            return None;
        }
        if !documents.is_empty() {
            self.inserted.store(true, Ordering::Relaxed);
        }
        let written = assemble::changes(self, resources, assets, texts)
            .and_then(|changes| self.package.write(&changes, options.level));
        written.map_err(|error| sink.push(error.diagnostic(self.source))).ok()
    }

    fn render_part(
        &self,
        part: &Part,
        data: &Value,
        options: &RenderOptions,
        (resources, documents): (&mut Resources<'_>, &mut Documents),
        sink: &mut Sink,
    ) -> String {
        resources.begin(&part.name, &part.source);
        let manner = Manner {
            allow_missing: options.allow_missing,
            max_bytes: options.max_bytes,
            escape: |text| Cow::Borrowed(text),
        };
        let mut format = word::Word { part, styles: &self.styles, resources, documents };
        let mut machine = Machine::new(&part.source, data, manner, &self.partials, &mut format);
        machine.run(&part.ops);
        let Machine { mut out, mut problems, .. } = machine;
        problems.extend(insert::put(&mut out, documents, resources, options.max_bytes));
        problems.extend(resources.links.settle(&mut out, &part.name));
        for (tag, problem) in problems.into_iter().filter(|(_, found)| !self.told.contains(found)) {
            let place = self.tags.get(tag as usize).map(|tag| tag.place.clone());
            let place =
                place.map_or(Place::File(self.source), |place| Place::Word(self.source, place));
            sink.push(problem.at(place));
        }
        out
    }
}

/// How a part is read for tags; `None` if it can have none.
fn mode_of(package: &Package, name: &str) -> Option<Mode> {
    if std::path::Path::new(name).extension().is_some_and(|end| end == "rels") {
        return name.starts_with("word/").then_some(Mode::Targets);
    }
    let kind = package.content_types().of(name)?;
    let kind = kind.rsplit_once('.').map_or(kind, |(_, kind)| kind);
    match kind {
        "main+xml" | "header+xml" | "footer+xml" | "footnotes+xml" | "endnotes+xml"
        | "comments+xml" => Some(Mode::Word),
        "core-properties+xml"
        | "extended-properties+xml"
        | "custom-properties+xml"
        | "chart+xml"
        | "chartex+xml"
        | "diagramData+xml"
        | "diagramDrawing+xml" => Some(Mode::Plain),
        _ => None,
    }
}

/// The folder of the building blocks that Word keeps beside the text. They are no text that is shown; a
/// block may hold the tags that are to be inserted from it.
fn glossary_of(package: &Package) -> Option<String> {
    let kinds = package.content_types();
    let is_glossary =
        |part: &&str| kinds.of(part).is_some_and(|kind| kind.ends_with(".glossary+xml"));
    let (folder, _) = package.part_names().find(is_glossary)?.rsplit_once('/')?;
    let folder = format!("{folder}/");
    (!package.main_document().starts_with(&folder)).then_some(folder)
}

fn highest_id(text: &str, scan: &Scan) -> u32 {
    let numbered = |kind| !matches!(kind, IdKind::BookmarkName | IdKind::Optional | IdKind::List);
    let sites = scan.ids.iter().filter(|site| numbered(site.kind));
    sites.map(|site| numbering::number_of(text.slice(site.range.clone()))).max().unwrap_or(0)
}
