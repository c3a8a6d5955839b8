//! Owns the command `fill`: one document of any data, or a document for each record of a list.
//! Must not know how a document is filled.

mod data_source;
mod letter_findings;
mod letters;
mod merged_headers;
mod merged_letters;
mod name_pattern;
#[cfg(feature = "pdf")]
mod typst_documents;
#[cfg(feature = "pdf")]
mod typst_fill;

use super::fill_form::{self, UntaggedForm};
use crate::cli::fs::output_file::{UserTarget, WrittenFiles};
use crate::cli::fs::paths::display_path;
#[cfg(feature = "pdf")]
use crate::cli::fs::paths::has_extension;
use crate::cli::options::{DiagnosticArgs, name_own_options};
use crate::cli::output::console;
use crate::cli::watch::{self, WatchedFiles};
use crate::cli::{Failure, Outcome, RunContext, Terminal, interrupt};
use clap::Args;
use data_source::{
    DataTypeArg, FillSource, LetterList, OpenedData, OpenedSource, describe_lists,
    is_standard_stream, read_bytes,
};
use docx_fill::diag::{Diagnostic, DiagnosticFormat, Location, Severity, Sink, SourceId, Sources};
use docx_fill::prose::{LinkSchemes, images_of};
use docx_fill::slice::TextSlice as _;
use docx_fill::template::{CompiledTemplate, LinkRules, ParseOptions, RenderOptions};
use letters::{LetterRenderer, LetterRun};
use merged_letters::MergeJob;
use name_pattern::{NamePattern, has_tags};
use nianbao::data::{KeptValues, RecordOptions, SYNTAX_RULE};
use nianbao::limits::Limits;
use nianbao::msg;
use serde_json::Value;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct FillArgs {
    #[arg(value_name = "TEMPLATE", required_unless_present = "form")]
    pub(crate) template: Option<PathBuf>,
    #[arg(value_name = "DATA", required_unless_present = "form")]
    pub(crate) data: Option<PathBuf>,
    #[arg(long, value_name = "BLANK.docx", conflicts_with_all = ["partials", "allow_missing", "link_schemes", "update_fields", "each", "merge", "data_type"])]
    pub(crate) form: Option<PathBuf>,
    /// A document for each record of the list with this name; an empty name is the only list there is.
    #[arg(long, value_name = "LIST", num_args = 0..=1, default_missing_value = "")]
    pub(crate) each: Option<String>,
    /// The documents of all records in one.
    #[arg(long)]
    pub(crate) merge: bool,
    /// Line of a sheet with the names of its columns, from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) head_row: Option<u32>,
    /// Kind of the data, whatever its name.
    #[arg(long, value_name = "TYPE", value_enum, ignore_case = true)]
    pub(crate) data_type: Option<DataTypeArg>,
    /// Standards of a PDF of a Typst template.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) pdf_standard: Vec<String>,
    /// Folders with packages for Typst templates.
    #[arg(long, value_name = "DIR")]
    pub(crate) package_path: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[arg(long, value_name = "FILE", requires = "form")]
    pub(crate) config: Option<PathBuf>,
    #[arg(short, long, value_name = "OUT")]
    pub(crate) out: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub(crate) partials: Option<PathBuf>,
    #[arg(long)]
    pub(crate) allow_missing: bool,
    /// Schemes that addresses of links may have besides http, https and mailto.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) link_schemes: Vec<String>,
    #[arg(long)]
    pub(crate) update_fields: bool,
    #[arg(long)]
    pub(crate) verify: bool,
    #[arg(long, conflicts_with = "form")]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

impl FillArgs {
    /// Returns the request for a form without tags.
    fn untagged<'a>(&'a self, blank: &'a Path) -> UntaggedForm<'a> {
        UntaggedForm {
            blank,
            report: self.template.as_deref(),
            extra: self.data.as_deref(),
            config: self.config.as_deref(),
            out: &self.out,
            overwrite: self.overwrite,
            verify: self.verify,
        }
    }

    /// Checks whether the data is a list whose records have documents.
    fn is_list(&self) -> bool {
        self.each.is_some() || self.merge || has_tags(&self.out)
    }

    fn record_options(&self) -> RecordOptions {
        RecordOptions { head_row: self.head_row.map(|row| row as usize) }
    }

    fn link_rules(&self) -> Result<LinkRules, Failure> {
        let schemes = LinkSchemes::with_extra(self.link_schemes.iter().map(String::as_str));
        let schemes = schemes.map_err(|wrong| {
            let (arg, value) = ("--link-schemes", wrong);
            Failure::without_cause(msg!("args.bad-value", arg = arg, value = value))
        })?;
        Ok(LinkRules { schemes, ..LinkRules::default() })
    }
}

/// Placeholder for the number of a page in the name of a picture.
const PAGE_NUMBER: &str = "{p}";

/// The files of a run.
struct FillPaths<'a> {
    template: &'a Path,
    data: &'a Path,
    /// The files that earlier rounds wrote, if there may be several.
    written: Option<&'a WrittenFiles>,
}

/// `nianbao fill TEMPLATE DATA -o OUT`
pub(crate) fn run_fill(context: &RunContext, args: &FillArgs) -> Result<Outcome, Failure> {
    if args.watch { watch_fill(context, args) } else { fill_once(context, args, None) }
}

fn fill_once(
    context: &RunContext,
    args: &FillArgs,
    written: Option<&WrittenFiles>,
) -> Result<Outcome, Failure> {
    let terminal = context.terminal(&args.judge);
    if let Some(blank) = &args.form {
        return fill_form::fill_untagged_form(context, &args.untagged(blank), terminal);
    }
    let (Some(template), Some(data)) = (&args.template, &args.data) else {
        return Err(Failure::without_cause(msg!("args.missing", arg = "DATA")));
    };
    let paths = FillPaths { template, data, written };
    if is_standard_stream(template) && is_standard_stream(data) {
        return Err(Failure::without_cause(msg!("fill.two-streams")));
    }
    #[cfg(feature = "pdf")]
    if has_extension(template, "typ") {
        return typst_documents::fill_typst(context, args, &paths);
    }
    if args.is_list() { fill_each(context, args, &paths) } else { fill_one(context, args, &paths) }
}

/// Fills, and again whenever a file changes that was read for it.
fn watch_fill(context: &RunContext, args: &FillArgs) -> Result<Outcome, Failure> {
    let named = args.template.iter().chain(&args.data);
    if named.clone().chain([&args.out]).any(|path| is_standard_stream(path)) {
        return Err(Failure::without_cause(msg!("fill.watch-stream")));
    }
    let has_many = has_tags(&args.out) || args.out.to_string_lossy().contains(PAGE_NUMBER);
    if has_many && !args.overwrite {
        return Err(Failure::without_cause(msg!("fill.watch-many")));
    }
    interrupt::catch_signals();
    let named: Vec<PathBuf> = named.chain(&args.partials).cloned().collect();
    let (read, written) = (RefCell::new(named.clone()), WrittenFiles::default());
    let once = || {
        let work = || fill_once(context, args, Some(&written));
        let (made, paths) = context.files.list_reads(work);
        read.replace(named.iter().cloned().chain(paths).collect());
        made
    };
    // An output may lie in the folder of the partials.
    let watched = WatchedFiles {
        inputs: &|| read.borrow().clone(),
        is_output: &|path| written.contains(path),
    };
    watch::watch_files(context.lang, &watched, &once)
}

/// The file of a Word template.
struct TemplateFile {
    bytes: Arc<[u8]>,
    source: SourceId,
}

impl TemplateFile {
    fn new(bytes: Arc<[u8]>, path: &Path, sources: &mut Sources) -> TemplateFile {
        TemplateFile { bytes, source: sources.add_binary(display_path(path)) }
    }
}

/// A Word template that is filled.
struct WordLetterRenderer<'a> {
    context: &'a RunContext,
    args: &'a FillArgs,
    template: ManuallyDrop<CompiledTemplate>,
    source: SourceId,
    render: RenderOptions,
    /// The folder of the data's pictures.
    folder: PathBuf,
}

impl<'a> WordLetterRenderer<'a> {
    /// Compiles the template. `None` if nothing can be filled; faults go to the sink.
    fn open(
        context: &'a RunContext,
        args: &'a FillArgs,
        file: TemplateFile,
        sink: &mut Sink,
    ) -> Result<Option<WordLetterRenderer<'a>>, Failure> {
        let TemplateFile { bytes, source } = file;
        let partials = args.partials.as_deref().map(|dir| context.files.read_partials(dir));
        let partials = partials.transpose()?.unwrap_or_default();
        let limits = (&context.limits).into();
        let parse =
            ParseOptions { partials: Arc::new(partials), limits, ..ParseOptions::default() };
        let template = CompiledTemplate::parse_tolerant(bytes, source, &parse, sink);
        let render = RenderOptions {
            allow_missing: args.allow_missing,
            update_fields: args.update_fields,
            max_bytes: context.limits.output_bytes(),
            links: args.link_rules()?,
            ..RenderOptions::default()
        };
        // The process ends when it is filled; to take it apart before would only cost time.
        Ok(template.map(ManuallyDrop::new).map(|template| WordLetterRenderer {
            context,
            args,
            template,
            source,
            render,
            folder: PathBuf::new(),
        }))
    }

    /// Checks whether a tag wants a list with the name `rows`.
    fn wants_rows(&self) -> bool {
        let wants = |path: &String| path == "rows" || path.starts_with("rows.");
        self.template.tags().iter().any(|tag| tag.absolute_paths.iter().any(wants))
    }
}

impl LetterRenderer for WordLetterRenderer<'_> {
    fn render_letter(&self, record: &Value, sink: &mut Sink) -> Result<Option<Vec<u8>>, Failure> {
        let mut paths = find_file_paths(record);
        paths.extend_from_slice(self.template.named_files());
        let pictures = self.context.files.read_pictures(&self.folder, &paths)?;
        let filled = self.template.render(record, &pictures, &self.render, sink);
        if let (Some(bytes), true) = (&filled, self.args.verify) {
            self.template.verify_layout(bytes, sink);
        }
        Ok(filled.map(Into::into))
    }

    fn extension(&self) -> &'static str {
        "docx"
    }
}

/// The file or stream to which the one document of a run goes.
struct SingleOutput<'a> {
    context: &'a RunContext,
    args: &'a FillArgs,
    inputs: [&'a Path; 2],
    written: Option<&'a WrittenFiles>,
}

impl<'a> SingleOutput<'a> {
    fn new(context: &'a RunContext, args: &'a FillArgs, paths: &FillPaths<'a>) -> SingleOutput<'a> {
        let FillPaths { template, data, written } = *paths;
        SingleOutput { context, args, inputs: [template, data], written }
    }

    fn target(&self, extension: &'static str) -> UserTarget<'_> {
        let SingleOutput { args, inputs, .. } = self;
        UserTarget { path: &args.out, extension, inputs, overwrite: args.overwrite }
    }

    fn is_stream(&self) -> bool {
        is_standard_stream(&self.args.out)
    }

    /// Returns an error if the path does not fit, or if findings would go where the document goes.
    fn check(&self, extension: &'static str) -> Result<(), Failure> {
        let format = DiagnosticFormat::from(self.args.judge.message_format);
        match self.is_stream() {
            true if matches!(format, DiagnosticFormat::Json | DiagnosticFormat::Sarif) => {
                Err(Failure::without_cause(msg!("fill.stream-format")))
            }
            true => Ok(()),
            false => self.target(extension).check_path(),
        }
    }

    /// Writes the document and says so.
    fn write(
        &self,
        bytes: &[u8],
        extension: &'static str,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if self.is_stream() {
            return console::write_document(bytes)
                .map_err(|error| Failure::new(msg!("io.write", file = "-"), error));
        }
        self.write_target(&self.target(extension), bytes, terminal)
    }

    /// Writes a file and says so.
    fn write_target(
        &self,
        target: &UserTarget<'_>,
        bytes: &[u8],
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let is_new = target.write_again(bytes, &self.context.files, self.written)?;
        terminal.print_info(&target.describe(is_new));
        Ok(())
    }
}

/// The template and the data of one document, with the places and findings of opening them.
struct SingleInputs<'a> {
    sources: Sources,
    sink: Sink,
    press: Option<WordLetterRenderer<'a>>,
    data: Option<OpenedData<'a>>,
}

impl<'a> SingleInputs<'a> {
    fn open(
        context: &'a RunContext,
        args: &'a FillArgs,
        path: &Path,
        data: &'a FillSource,
    ) -> Result<SingleInputs<'a>, Failure> {
        let bytes: Arc<[u8]> = read_bytes(context, path)?.into();
        if data.is_json() {
            let (mut sources, mut sink) = (Sources::default(), Sink::new());
            let file = TemplateFile::new(Arc::clone(&bytes), path, &mut sources);
            let press = WordLetterRenderer::open(context, args, file, &mut sink)?;
            if let Some(value) = read_reached(press.as_ref(), data) {
                let data = Some(OpenedData::Reached(value));
                return Ok(SingleInputs { sources, sink, press, data });
            }
        }
        let OpenedSource { mut sources, mut sink, data } = data.open(context, false);
        let file = TemplateFile::new(bytes, path, &mut sources);
        let press = WordLetterRenderer::open(context, args, file, &mut sink)?;
        Ok(SingleInputs { sources, sink, press, data })
    }
}

/// Reads the values of JSON that a template can reach; `None` if there is anything to be told about any value.
fn read_reached(press: Option<&WordLetterRenderer<'_>>, data: &FillSource) -> Option<Value> {
    let names = press.map(|press| press.template.reachable_names());
    data.read_plain_json(match &names {
        Some(Some(names)) => KeptValues::Reached(names),
        Some(None) => KeptValues::All,
        None => KeptValues::Nothing,
    })
}

/// Fills one document with all of the data.
fn fill_one(
    context: &RunContext,
    args: &FillArgs,
    paths: &FillPaths<'_>,
) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    let output = SingleOutput::new(context, args, paths);
    output.check("docx")?;
    args.link_rules()?;
    let data = FillSource::read(context, paths.data, args.data_type)?;
    let inputs = SingleInputs::open(context, args, paths.template, &data)?;
    let SingleInputs { sources, mut sink, press, data: opened } = inputs;
    let mut filled = None;
    if let (Some(opened), Some(press)) = (opened, press) {
        let list = match &opened {
            OpenedData::Sheets(book) => Some(book.source()),
            OpenedData::Plain(_) | OpenedData::Reached(_) | OpenedData::Tree(_) => None,
        };
        let is_reached = matches!(opened, OpenedData::Reached(_));
        let wants_rows = press.wants_rows();
        let value = opened.into_value(args.record_options(), wants_rows, &mut sink);
        let press = WordLetterRenderer { folder: data.folder.clone(), ..press };
        let before = sink.clone();
        filled = press.render_letter(&value, &mut sink)?;
        if is_reached
            && sink.count(Severity::Error) > before.count(Severity::Error)
            && let Some(all) = data.read_plain_json(KeptValues::All)
        {
            // A tag may put together the name of a file that is read because another value names it.
            sink = before;
            filled = press.render_letter(&all, &mut sink)?;
        }
        if let (Some(source), true) = (list, sink.has_errors())
            && let Some(message) = describe_lists(&value)
        {
            let place = Location::File(source);
            sink.push(Diagnostic::new(SYNTAX_RULE, Severity::Info, place, message));
        }
    }
    name_own_options(&mut sink);
    let failed = sink.has_errors();
    let outcome = terminal.report_findings(sink, &sources);
    if let (Some(bytes), false) = (filled, failed) {
        output.write(&bytes, "docx", &terminal)?;
    }
    if !output.is_stream() {
        terminal.print_closing_line();
    }
    Ok(outcome)
}

/// Fills a document for each record of a list.
fn fill_each(
    context: &RunContext,
    args: &FillArgs,
    paths: &FillPaths<'_>,
) -> Result<Outcome, Failure> {
    let in_files = has_tags(&args.out);
    if in_files && args.merge {
        return Err(Failure::without_cause(msg!("fill.merge-pattern")));
    }
    let output = SingleOutput::new(context, args, paths);
    if !in_files {
        output.check("docx")?;
    }
    let data = FillSource::read(context, paths.data, args.data_type)?;
    let OpenedSource { mut sources, mut sink, data: opened } = data.open(context, true);
    let bytes = read_bytes(context, paths.template)?;
    let file = TemplateFile::new(bytes.into(), paths.template, &mut sources);
    let press = WordLetterRenderer::open(context, args, file, &mut sink)?;
    let press = press.map(|press| WordLetterRenderer { folder: data.folder.clone(), ..press });
    let path = args.each.as_deref().filter(|path| !path.is_empty());
    let options = args.record_options();
    let list = opened.and_then(|opened| LetterList::find(opened, path, options, &mut sink));
    let (Some(list), Some(press), false) = (list, press, sink.has_errors()) else {
        return Ok(report_alone(context, args, sink, &sources));
    };
    let inputs = [paths.template, paths.data];
    let (overwrite, written) = (args.overwrite, paths.written);
    let run = LetterRun { context, press: &press, list, inputs: &inputs, overwrite, written };
    if in_files {
        let pattern = NamePattern::parse(&args.out, press.extension(), &mut sources)?;
        let mut terminal = context.terminal(&args.judge);
        return run.make_files(&pattern, &mut terminal, &sources, sink);
    }
    merge_letters(run, &press, &output, RunFindings { sources, sink })
}

/// Tells what was found when nothing can be made.
fn report_alone(
    context: &RunContext,
    args: &FillArgs,
    mut sink: Sink,
    sources: &Sources,
) -> Outcome {
    name_own_options(&mut sink);
    let mut terminal = context.terminal(&args.judge);
    let outcome = terminal.report_findings(sink, sources);
    terminal.print_closing_line();
    outcome
}

/// Findings of a run, with the files to which they refer.
struct RunFindings {
    sources: Sources,
    sink: Sink,
}

/// Makes the documents of all records and puts them into one.
fn merge_letters(
    run: LetterRun<'_>,
    press: &WordLetterRenderer<'_>,
    output: &SingleOutput<'_>,
    findings: RunFindings,
) -> Result<Outcome, Failure> {
    let RunFindings { sources, mut sink } = findings;
    let (context, args, source) = (press.context, press.args, press.source);
    let mut merged = None;
    if !sink.has_errors() {
        let most = Limits::mib_to_bytes(context.limits.output);
        let letters = run.make_all(most, &mut sink)?;
        let (limits, render) = ((&context.limits).into(), press.render.clone());
        merged = letters
            .and_then(|letters| MergeJob { letters, source, limits, render }.merge(&mut sink));
    }
    name_own_options(&mut sink);
    let failed = sink.has_errors();
    let mut terminal = context.terminal(&args.judge);
    let outcome = terminal.report_findings(sink, &sources);
    if interrupt::is_requested() {
        return Ok(Outcome::Stopped);
    }
    if let (Some(bytes), false) = (merged, failed) {
        output.write(&bytes, "docx", &terminal)?;
    }
    if !output.is_stream() {
        terminal.print_closing_line();
    }
    Ok(outcome)
}

/// Extensions of the pictures and documents that data may name; those of which Word shows none are told as such.
const NAMED_FILES: [&str; 31] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "tif", "tiff", "webp", "emf", "wmf",
    "svg", "docx", "docm", "dotx", "doc", "heic", "heif", "avif", "ico", "jp2", "jxl", "psd",
    "tga", "pcx", "svgz", "emz", "wmz", "eps",
];

/// Texts that name a picture or a document, or show one by Markdown.
fn find_file_paths(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            let end = text.rsplit('.').next().unwrap_or_default();
            let named = NAMED_FILES.iter().any(|known| known.eq_ignore_ascii_case(end));
            let mut paths =
                if named && !text.contains('\n') { vec![text.clone()] } else { Vec::new() };
            if end.eq_ignore_ascii_case("svg") {
                // Word wants pixels beside it.
                paths.extend(
                    paths.first().map(|path| format!("{}png", path.slice(..path.len() - 3))),
                );
            }
            paths.extend(images_of(text).into_iter().map(|image| image.path));
            paths
        }
        Value::Array(items) => items.iter().flat_map(find_file_paths).collect(),
        Value::Object(map) => map.values().flat_map(find_file_paths).collect(),
        _ => Vec::new(),
    }
}
