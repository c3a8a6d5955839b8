//! Owns compiled templates: a package whose parts with tags are compiled once and rendered with data many times.
//! Must not know annual reports, files or the clock.

mod assemble;
mod graphic_parts;
mod loose_references;
mod rendered;
mod turn_headers;
mod verify;

pub use crate::additions::assets::{Assets, LinkRules};
pub use crate::analyze::data_shape::{DataShape, NameUse, ValueType, data_shape};
pub use crate::analyze::json_schema::json_schema;
pub use crate::analyze::reachable_names::{NameReach, ReachableNames};
pub use crate::analyze::requirement::ListedTag;
pub use crate::analyze::requirement::{PERHAPS_ITEMS, Requirement, ValueKind};
pub use crate::eval::string_template as text;
pub use crate::helper::{Arguments, HelperError, HelperSet, HelperSignature};
pub use crate::ir::partials::Partials;
pub use crate::value::number::Decimal;
pub use crate::value::numerals;
pub use crate::word::table_layout::{CellLayout, RowLayout, TableLayout, table_layouts};
pub use rendered::RenderedDocx;
pub use verify::verify_layout;

use crate::additions::link_checker::LinkChecker;
use crate::additions::resources::RenderResources;
use crate::additions::target_parts::bookmark_names;
use crate::analyze::reachable_names::reachable_names;
use crate::compile::compiler::compile_part;
use crate::compile::fields::merge_fields::may_have_merge_fields;
use crate::compile::flow::section_ends::{GraphicPartUse, TurnSection};
use crate::compile::part_source::{PartSource, PreparedPart};
use crate::compile::repetition::attached_content::attach_contents;
use crate::compile::repetition::enclosed_ranges::enclosed_ranges;
use crate::diag::Problem;
use crate::diag::msg;
use crate::diag::{Diagnostic, Location, Severity, Sink, SourceId, WordLocation};
use crate::document::part_model::{PartKind, PartModel, StrayText, parse_id};
use crate::document::shared_ids::{IdKind, SharedIdKind};
use crate::document::{cdata, part_parser};
use crate::eval::renderer::{RenderSettings, RenderSetup, Renderer};
use crate::insert::{self, InsertedDocuments};
use crate::ir::part::{PartRendering, SharedIdentity, TemplatePart};
use crate::ir::program::TagId;
use crate::ir::references::{BookmarksInBlocks, LooseReference, OuterReferences};
use crate::limits::MAX_TAGS;
use crate::opc::xml::has_written_brace;
use crate::opc::{OpcError, Package, PackageLimits};
use crate::render::contents::refresh_contents;
use crate::render::docx_format::DocxFormat;
use crate::render::field_results::refresh_field_results;
use crate::slice::TextSlice as _;
use crate::word::styles::StyleSheet;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lower bound of new identifiers: those in parts that are not read are below it.
const MIN_ID: u32 = 10_000;

/// Options of [`CompiledTemplate::render`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderOptions {
    /// True if a missing value is printed as nothing instead of being an error.
    pub allow_missing: bool,
    /// Deflate level of changed parts, from 1 (fast) to 9 (small).
    pub compression_level: u8,
    /// Maximum size of the text of one part, in bytes.
    pub max_bytes: usize,
    /// Rules for links.
    pub links: LinkRules,
    /// True if Word is asked to update all fields when it opens the document, contents among them.
    pub update_fields: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        let links = LinkRules::default();
        RenderOptions {
            allow_missing: false,
            compression_level: 6,
            max_bytes: 256 << 20,
            links,
            update_fields: false,
        }
    }
}

/// A compiled Word document, to be filled any number of times from any number of threads.
#[derive(Debug)]
pub struct CompiledTemplate {
    package: Package,
    source: SourceId,
    parts: Vec<TemplatePart>,
    tags: Vec<ListedTag>,
    named_files: Vec<String>,
    styles: StyleSheet,
    /// Bookmarks outside of blocks, which every output has.
    bookmarks: BTreeSet<String>,
    /// The names of all bookmarks in lower case, if loops make new ones.
    taken_bookmarks: BTreeSet<String>,
    /// Parts with tags that places in turns of blocks show, until they are bound; each with the index of the part around.
    graphic_uses: Vec<(usize, GraphicPartUse)>,
    /// References to bookmarks in blocks in which they do not stand.
    loose_references: Vec<LooseReference>,
    outer_references: OuterReferences,
    /// Tags that write what no current program shows; their faults stop nothing.
    unseen_tags: BTreeSet<usize>,
    highest_id: u32,
    partials: Arc<Partials>,
    helpers: Arc<HelperSet>,
    /// Problems of partials that were reported when the template was compiled; rendering does not repeat them.
    reported: Vec<Problem>,
}

/// Options of [`CompiledTemplate::parse_with`].
#[derive(Debug, Clone, Default)]
pub struct ParseOptions {
    /// Limits of the package.
    pub limits: PackageLimits,
    /// Partials for `{{> name}}`.
    pub partials: Arc<Partials>,
    /// Helpers for tags.
    pub helpers: Arc<HelperSet>,
}

impl CompiledTemplate {
    /// Compiles a .docx. Its faults are added to the sink; `None` if there is an error.
    pub fn parse(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        sink: &mut Sink,
    ) -> Option<CompiledTemplate> {
        Self::parse_with(bytes, source, &ParseOptions::default(), sink)
    }

    /// Compiles a .docx with limits, partials and helpers.
    pub fn parse_with(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        options: &ParseOptions,
        sink: &mut Sink,
    ) -> Option<CompiledTemplate> {
        let before = sink.count(Severity::Error);
        let template = match Package::open(bytes, &options.limits) {
            Ok(package) => Self::compile_package(package, source, options, sink),
            Err(error) => Err(error),
        };
        match template {
            Ok(template) if sink.count(Severity::Error) == before => Some(template),
            Ok(_) => None,
            Err(error) => {
                sink.push(error.to_diagnostic(source));
                None
            }
        }
    }

    /// Compiles a .docx and returns it in spite of faults, for inspection: rendering it finds the faults of the data, but
    /// its output must not be used.
    pub fn parse_tolerant(
        bytes: impl Into<Arc<[u8]>>,
        source: SourceId,
        options: &ParseOptions,
        sink: &mut Sink,
    ) -> Option<CompiledTemplate> {
        let template = Package::open(bytes, &options.limits)
            .and_then(|package| Self::compile_package(package, source, options, sink));
        template.map_err(|error| sink.push(error.to_diagnostic(source))).ok()
    }

    fn compile_package(
        package: Package,
        source: SourceId,
        options: &ParseOptions,
        sink: &mut Sink,
    ) -> Result<Self, OpcError> {
        let styles = StyleSheet::read(&package)?;
        let mut template = CompiledTemplate {
            source,
            parts: Vec::new(),
            tags: Vec::new(),
            named_files: Vec::new(),
            styles,
            bookmarks: BTreeSet::new(),
            taken_bookmarks: BTreeSet::new(),
            graphic_uses: Vec::new(),
            loose_references: Vec::new(),
            outer_references: OuterReferences::default(),
            unseen_tags: BTreeSet::new(),
            highest_id: MIN_ID,
            partials: Arc::clone(&options.partials),
            helpers: Arc::clone(&options.helpers),
            reported: Vec::new(),
            package,
        };
        let mut parts = read_parts(&template.package)?;
        let of_turns = template.read_turn_headers(&mut parts)?;
        attach_contents(&mut parts, &template.package, &|part| {
            if !of_turns.contains(&part.name) {
                return enclosed_ranges(&template.part_source(part));
            }
            std::iter::once(0..part.text.len()).collect()
        })?;
        let mut first_tags = Vec::with_capacity(parts.len());
        let (mut turn_sections, mut in_blocks) = (Vec::new(), Vec::new());
        for part in &parts {
            first_tags.push(template.tags.len());
            let (sections, bookmarks) = template.add_part(part, sink);
            turn_sections.extend(sections);
            in_blocks.push((part.name.clone(), bookmarks));
        }
        let own_tags = template.tags.len();
        let of_turns = template.bind_turn_headers(&turn_sections, &parts, &first_tags)?;
        template.bind_graphic_parts(&parts, &first_tags)?;
        if own_tags <= MAX_TAGS {
            template.check_tag_count(sink);
        }
        template.keep_loose_references(in_blocks, &of_turns, &parts)?;
        template.read_bookmark_names()?;
        Ok(template)
    }

    fn part_source<'p>(&'p self, part: &'p PreparedPart) -> PartSource<'p> {
        PartSource {
            name: &part.name,
            xml: &part.text,
            model: &part.model,
            styles: &self.styles,
            first_tag: self.tags.len(),
            partials: &self.partials,
            helpers: &self.helpers,
            outer: None,
        }
    }

    /// Reads the names of all bookmarks if loops make new ones.
    fn read_bookmark_names(&mut self) -> Result<(), OpcError> {
        let renews = |one: &SharedIdentity| one.kind == SharedIdKind::BookmarkName;
        if self.parts.iter().any(|part| part.identities.iter().any(renews)) {
            self.taken_bookmarks = bookmark_names(&self.package)?;
        }
        Ok(())
    }

    /// Adds a part. Returns its sections, if some stand in turns of blocks, and the bookmarks in its blocks.
    fn add_part(
        &mut self,
        part: &PreparedPart,
        sink: &mut Sink,
    ) -> (Vec<TurnSection>, BookmarksInBlocks) {
        let PreparedPart { name, text, model: scan, is_cut, .. } = part;
        self.highest_id = self.highest_id.max(highest_id(text, scan));
        let compiled = compile_part(&self.part_source(part));
        if let Some(stray) = &scan.stray_text {
            sink.push(self.stray_text_problem(name, stray, text));
        }
        for (place, problem) in compiled.problems {
            if matches!(problem.rule, "partial-unknown" | "block-placement") {
                self.reported.push(problem.clone());
            }
            sink.push(problem.into_diagnostic(Location::Word(self.source, place)));
        }
        let first = self.tags.len();
        let numbered = compiled.unseen.iter().enumerate().filter(|(_, unseen)| **unseen);
        self.unseen_tags.extend(numbered.map(|(at, _)| first + at));
        self.bookmarks.extend(compiled.part.iter().flat_map(TemplatePart::static_bookmarks));
        let number = self.parts.len();
        self.graphic_uses.extend(compiled.graphic_parts.into_iter().map(|one| (number, one)));
        let cut = is_cut.then(|| TemplatePart::without_tags(name, text));
        self.parts.extend(compiled.part.or(cut));
        self.tags.extend(compiled.sites);
        self.named_files.extend(compiled.files);
        self.check_tag_count(sink);
        (compiled.turn_sections, compiled.in_blocks)
    }

    fn check_tag_count(&self, sink: &mut Sink) {
        if self.tags.len() > MAX_TAGS {
            let message = msg!("template.too-many-tags", limit = MAX_TAGS);
            sink.push(Diagnostic::error("docx-unusable", Location::File(self.source), message));
        }
    }

    /// Returns the finding of a text that no run holds.
    fn stray_text_problem(&self, part: &str, stray: &StrayText, text: &str) -> Diagnostic {
        let excerpt: String = text.slice(stray.range.clone()).trim().chars().take(40).collect();
        let StrayText { location, element, .. } = stray;
        let (cells, paragraph) = (location.cells.clone(), location.paragraph);
        let part = location.part.as_deref().unwrap_or(part).to_owned();
        let place = WordLocation { part, cells, paragraph, excerpt };
        let message = msg!("template.text-outside-run", element = element);
        Diagnostic::error("docx-unusable", Location::Word(self.source, place), message)
            .with_hint(msg!("template.hint-prefix"))
    }

    /// Returns the tags in reading order, part by part, with the data that each uses.
    pub fn tags(&self) -> &[ListedTag] {
        &self.tags
    }

    /// Returns the paths of files that tags name themselves, beside those in the data.
    pub fn named_files(&self) -> &[String] {
        &self.named_files
    }

    /// Returns the names of the data that its tags can reach, so that other values need not be read; `None` if a tag may
    /// reach all of the data: `{{lookup this name}}`, `{{#each @root}}`.
    pub fn reachable_names(&self) -> Option<ReachableNames> {
        reachable_names(&self.parts, &self.partials)
    }

    /// Returns the source of the template, by which its findings name it.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Returns the package of the template.
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// Renders a document. Faults of the data are added to the sink, each at its tag; `None` if there is an error.
    pub fn render(
        &self,
        data: &Value,
        assets: &dyn Assets,
        options: &RenderOptions,
        sink: &mut Sink,
    ) -> Option<RenderedDocx> {
        let before = sink.count(Severity::Error);
        let links = LinkChecker { rules: &options.links, bookmarks: &self.bookmarks };
        let mut resources = RenderResources::new(&self.package, assets, self.highest_id, links);
        resources.take_bookmarks(&self.taken_bookmarks);
        let mut documents = InsertedDocuments::default();
        let mut texts = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            if part.rendering != PartRendering::Once {
                // It is rendered with the sections that have it.
                texts.push(String::new());
                continue;
            }
            let additions = PartAdditions { resources: &mut resources, documents: &mut documents };
            let rendering = self.render_part(part, data, options, additions);
            texts.push(rendering.text);
            self.report_problems(rendering.problems, sink);
            if let Some(error) = rendering.failure {
                sink.push(error.to_diagnostic(self.source));
            }
        }
        if sink.count(Severity::Error) > before {
            return None;
        }
        let in_turns = |part: &TemplatePart| part.rendering == PartRendering::InTurns;
        for (part, text) in self.parts.iter().zip(&mut texts).filter(|(part, _)| in_turns(part)) {
            let own = resources.turn_parts.remove(&part.name);
            *text = own.unwrap_or_else(|| turn_headers::empty_part(part));
        }
        self.report_references(&texts, &resources, sink);
        resources.update_fields = options.update_fields;
        if options.update_fields
            && let Err(error) = resources.add_update_settings()
        {
            sink.push(error.to_diagnostic(self.source));
            return None;
        }
        let rendered = assemble::RenderedTexts { texts, max_bytes: options.max_bytes };
        let written = assemble::package_changes(self, resources, assets, rendered)
            .and_then(|changes| self.package.write_with(&changes, options.compression_level));
        let written = written.map_err(|error| sink.push(error.to_diagnostic(self.source))).ok();
        written.map(|bytes| RenderedDocx::new(bytes, !documents.is_empty()))
    }

    fn render_part(
        &self,
        part: &TemplatePart,
        data: &Value,
        options: &RenderOptions,
        additions: PartAdditions<'_, '_>,
    ) -> RenderedPart {
        let PartAdditions { resources, documents } = additions;
        resources.begin_part(&part.name, &part.source);
        resources.begin_turns(part);
        let manner = RenderSettings {
            allow_missing: options.allow_missing,
            max_bytes: options.max_bytes,
            escape: |text| Cow::Borrowed(text),
        };
        let mut format = DocxFormat {
            part,
            parts: &self.parts,
            styles: &self.styles,
            resources,
            documents,
            cell_marks: Vec::new(),
            settings: manner,
            partials: &self.partials,
            problems: Vec::new(),
            failure: None,
            graphic_parts: Vec::new(),
        };
        let context =
            RenderSetup { source: &part.source, settings: manner, partials: &self.partials };
        let mut machine = Renderer::new(context, data, &mut format);
        machine.render_instrs(&part.instrs);
        let Renderer { mut out, mut problems, .. } = machine;
        problems.append(&mut format.problems);
        let DocxFormat { resources, documents, failure, .. } = format;
        problems.extend(insert::insert_documents(
            &mut out,
            documents,
            resources,
            options.max_bytes,
        ));
        problems.extend(resources.link_policy.check_rendered(&mut out));
        if let Some(moving) = &part.moving_fields
            && resources.is_main_part()
        {
            refresh_field_results(&mut out, moving, &self.styles, options.max_bytes);
        }
        if let Some(bookmarks) = &part.contents {
            refresh_contents(&mut out, bookmarks);
        }
        RenderedPart { text: out, problems, failure }
    }

    /// Reports the problems of a rendering at their tags.
    fn report_problems(&self, problems: Vec<(TagId, Problem)>, sink: &mut Sink) {
        let is_new = |found: &Problem| !self.reported.contains(found);
        for (tag, problem) in problems.into_iter().filter(|(_, found)| is_new(found)) {
            if self.unseen_tags.contains(&(tag as usize)) && problem.rule != "output-too-large" {
                continue;
            }
            let place = self.tags.get(tag as usize).map(|tag| tag.location.clone());
            let place = place
                .map_or(Location::File(self.source), |place| Location::Word(self.source, place));
            sink.push(problem.into_diagnostic(place));
        }
    }
}

/// The additions of the parts of a rendering to the package, one after the other.
struct PartAdditions<'r, 'a> {
    resources: &'r mut RenderResources<'a>,
    documents: &'r mut InsertedDocuments,
}

/// A rendered part.
struct RenderedPart {
    text: String,
    problems: Vec<(TagId, Problem)>,
    /// The error by which attached content could not be written.
    failure: Option<OpcError>,
}

/// Reads and parses all parts that may have tags.
pub(crate) fn read_parts(package: &Package) -> Result<Vec<PreparedPart>, OpcError> {
    let glossary = glossary_folder(package);
    let mut parts = Vec::new();
    for name in package.part_names() {
        if glossary.as_ref().is_some_and(|folder| name.starts_with(folder)) {
            continue;
        }
        if let Some(kind) = part_kind(package, name) {
            parts.extend(read_part(package, name, kind)?);
        }
    }
    Ok(parts)
}

/// Reads and parses a part; `None` if it has no braces at all.
fn read_part(
    package: &Package,
    name: &str,
    kind: PartKind,
) -> Result<Option<PreparedPart>, OpcError> {
    let Some(text) = package.read_xml_part(name)? else { return Ok(None) };
    // Braces may be split over runs, or written %7B in an address.
    let encoded = kind == PartKind::Relationships && text.contains("%7");
    if !encoded && !text.contains(['{', '｛']) && !has_written_brace(&text) {
        // Fields of a mail merge are filled without tags.
        if kind != PartKind::Word || !may_have_merge_fields(&text) {
            return Ok(None);
        }
    }
    prepare_part(text, name, kind).map(Some)
}

/// Reads and parses a part, whatever it contains; `None` if the package lacks it.
fn read_whole_part(
    package: &Package,
    name: &str,
    kind: PartKind,
) -> Result<Option<PreparedPart>, OpcError> {
    let text = package.read_xml_part(name)?;
    text.map(|text| prepare_part(text, name, kind)).transpose()
}

fn prepare_part(text: String, name: &str, kind: PartKind) -> Result<PreparedPart, OpcError> {
    let text = cdata::unwrap_cdata(&text, name)?.unwrap_or(text);
    let model = part_parser::parse_part(&text, name, kind)?;
    Ok(PreparedPart { name: name.to_owned(), kind, text, model, is_cut: false })
}

/// Returns how a part is parsed for tags; `None` if it can have none.
fn part_kind(package: &Package, name: &str) -> Option<PartKind> {
    if std::path::Path::new(name).extension().is_some_and(|end| end == "rels") {
        return name.starts_with("word/").then_some(PartKind::Relationships);
    }
    let kind = package.content_types().type_of_part(name)?;
    let kind = kind.rsplit_once('.').map_or(kind, |(_, kind)| kind);
    match kind {
        "main+xml" | "header+xml" | "footer+xml" | "footnotes+xml" | "endnotes+xml"
        | "comments+xml" => Some(PartKind::Word),
        "core-properties+xml"
        | "extended-properties+xml"
        | "custom-properties+xml"
        | "chart+xml"
        | "chartex+xml"
        | "diagramData+xml"
        | "diagramDrawing+xml" => Some(PartKind::PlainXml),
        _ => None,
    }
}

/// Returns the folder of the building blocks (glossary part), which are not shown and may contain tags to be inserted
/// by hand.
fn glossary_folder(package: &Package) -> Option<String> {
    let kinds = package.content_types();
    let is_glossary =
        |part: &&str| kinds.type_of_part(part).is_some_and(|kind| kind.ends_with(".glossary+xml"));
    let (folder, _) = package.part_names().find(is_glossary)?.rsplit_once('/')?;
    let folder = format!("{folder}/");
    (!package.main_document_name().starts_with(&folder)).then_some(folder)
}

fn highest_id(text: &str, scan: &PartModel) -> u32 {
    let numbered = |kind| {
        let names = [SharedIdKind::BookmarkName, SharedIdKind::MoveName, SharedIdKind::Shape];
        match kind {
            IdKind::Shared(kind, _) => !names.contains(&kind),
            kind => !matches!(kind, IdKind::Optional | IdKind::List),
        }
    };
    let sites = scan.ids.iter().filter(|site| numbered(site.kind));
    sites.map(|site| parse_id(text.slice(site.range.clone()))).max().unwrap_or(0)
}
