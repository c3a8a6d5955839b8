//! Owns the way from a path to a judged report with its texts and pictures.
//! Must not know an output.

use super::args::Cli;
use super::files::{self, DataFileKind, PictureFiles, display_path};
use super::letterhead::SourceDirs;
use super::settings::RunSettings;
use super::{Failure, limits, previous_report};
use docx_fill::diag::{Diagnostic, Sink, SourceId, Sources};
use nianbao::check::Settings;
use nianbao::check::settings::SettingsEffect;
use nianbao::form::FormRegistry;
use nianbao::letterhead::{self, Letterhead};
use nianbao::render::Templates;
use nianbao::report::Report;
use nianbao::{check, data, import, quote, render, report, sheet};
use std::path::{Path, PathBuf};

/// A report that was read and judged.
pub(crate) struct LoadedReport {
    /// The data file.
    pub(crate) file: PathBuf,
    /// The report.
    pub(crate) report: Report,
    /// Its texts with the quotes filled in.
    pub(crate) texts: quote::InterpolatedTexts,
    /// Its pictures.
    pub(crate) pictures: PictureFiles,
    /// What its file says of its letterhead.
    pub(crate) letterhead: Option<Letterhead>,
    /// Last year's report, if there is one.
    pub(crate) previous: Option<Report>,
}

/// The templates of the program and of `--templates`.
pub(crate) fn load_templates(
    cli: &Cli,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Templates, Failure> {
    let mut templates = Templates::built_in();
    templates.set_limits(limits::run_limits());
    if let Some(dir) = &cli.templates {
        templates.overlay_files(files::read_folder(dir)?, sources, sink);
    }
    #[cfg(feature = "pdf")]
    {
        use super::sandbox::ProcessPool;
        use std::sync::Arc;
        templates.set_sandbox(Arc::new(ProcessPool::new(cli.fonts.clone())));
        templates.set_large_sandbox(Arc::new(ProcessPool::for_large_documents(cli.fonts.clone())));
    }
    Ok(templates)
}

/// Reads and judges the report that a path names. `None` if it cannot be read as a report; the sink
/// says why. With it comes what the settings made of the findings.
pub(crate) fn load_report(
    path: &Path,
    by: &RunSettings,
    library: &FormRegistry,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<(Option<LoadedReport>, SettingsEffect), Failure> {
    let file = files::find_data_file(path)?;
    let mut found = Sink::new();
    let read = read_report_file(&file, by.previous.as_deref(), library, sources, &mut found)?;
    let mut plain = found.clone();
    if let Some(read) = &read {
        read.check_report(&by.settings, sources, &mut found);
        if by.file.is_some() {
            read.check_report(&Settings::default().with_notices(library), sources, &mut plain);
        }
    }
    let (found, effect) = apply_run_settings(by, plain, found);
    sink.extend(found);
    Ok((read.filter(|read| read.within_limits).map(|read| read.loaded), effect))
}

/// The findings as the settings have them, and how they were without settings.
fn apply_run_settings(
    by: &RunSettings,
    plain: Sink,
    found: Sink,
) -> (Vec<Diagnostic>, SettingsEffect) {
    let found = by.settings.apply_severities(found).into_sorted();
    if by.file.is_none() {
        return (found, SettingsEffect::default());
    }
    let effect = SettingsEffect::between(&plain.into_sorted(), &found);
    (found, effect)
}

/// A report that was read and is to be judged.
struct ReadReport {
    loaded: LoadedReport,
    /// Whether its texts with all quotes stay within the limits; without that nothing can be made of it.
    within_limits: bool,
}

impl ReadReport {
    fn check_report(&self, settings: &Settings, sources: &Sources, sink: &mut Sink) {
        let LoadedReport { report, texts, previous, .. } = &self.loaded;
        check::check_report_with(report, previous.as_ref(), settings, sink);
        // A text whose quotes are broken lacks the numbers that it would be judged by.
        if self.within_limits && sink.iter().all(|found| found.rule != "quote") {
            let text = sources.text(report.source).unwrap_or_default();
            check::check_texts(report, texts, text, previous.as_ref(), settings, sink);
        }
    }
}

/// Reads a report with what belongs to it.
fn read_report_file(
    file: &Path,
    previous: Option<&Path>,
    library: &FormRegistry,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<ReadReport>, Failure> {
    let Some(opened) = parse_data_file(file, library, sources, sink)? else { return Ok(None) };
    let ParsedDataFile { source, root, pictures } = opened;
    let Some(report) = report::read_report(source, &root, library, sink) else { return Ok(None) };
    let previous =
        previous_report::load_previous_report((previous, file), &report, library, sources, sink)?;
    let text = sources.text(source).unwrap_or_default();
    if !quote::check_raw_length(&report, limits::run_limits(), sink) {
        return Ok(None);
    }
    let texts = quote::interpolate_texts(&report, text, sink);
    let folder = previous_report::parent_dir(file);
    let pictures = self::report_pictures(file, pictures, &texts)?;
    let whole = quote::check_size(&report, text, &texts, &pictures, limits::run_limits(), sink);
    let mut letterhead = None;
    if whole {
        quote::check_pictures(&report, text, &texts, &pictures, sink);
        quote::check_links(&report, text, &texts, sink);
        letterhead = read_own_letterhead(&report, &folder, sources, sink)?;
    }
    let file = file.to_owned();
    let loaded = LoadedReport { file, report, texts, pictures, letterhead, previous };
    Ok(Some(ReadReport { loaded, within_limits: whole }))
}

/// The pictures of a report's texts: those in its file, or those beside it.
pub(crate) fn report_pictures(
    file: &Path,
    inside: Option<Vec<(String, Vec<u8>)>>,
    texts: &quote::InterpolatedTexts,
) -> Result<PictureFiles, Failure> {
    match inside {
        Some(inside) => Ok(PictureFiles::from_bytes(inside)),
        None => PictureFiles::read_existing(
            &previous_report::parent_dir(file),
            &render::content::text_pictures(texts),
        ),
    }
}

/// What the report's own file says of its letterhead, judged like the rest of it.
fn read_own_letterhead(
    report: &Report,
    folder: &Path,
    sources: &Sources,
    sink: &mut Sink,
) -> Result<Option<Letterhead>, Failure> {
    let Some(node) = &report.letterhead else { return Ok(None) };
    let letterhead = letterhead::read_letterhead(report.source, node, sink);
    letterhead.to_value(report, sources, sink);
    letterhead.filled_suffix(report, sources, sink);
    let homes = SourceDirs::from([(report.source, folder.to_owned())]);
    let pictures = super::letterhead::letterhead_pictures(&letterhead, &homes)?;
    render::letterhead::check_pictures(&letterhead, &pictures, sink);
    Ok(Some(letterhead))
}

/// A data file, whatever its kind.
pub(crate) struct ParsedDataFile {
    pub(crate) source: SourceId,
    pub(crate) root: data::DataNode,
    /// The pictures that are in the file itself, by the name that its texts give; `None` if its kind keeps
    /// them beside the file.
    pub(crate) pictures: Option<Vec<(String, Vec<u8>)>>,
}

/// The tree of a data file, whatever its kind. `None` if it is not well formed.
pub(crate) fn parse_tree(
    file: &Path,
    library: &FormRegistry,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<(SourceId, data::DataNode)>, Failure> {
    let opened = parse_data_file(file, library, sources, sink)?;
    Ok(opened.map(|opened| (opened.source, opened.root)))
}

/// The tree of a data file with the pictures in it. `None` if it is not well formed.
pub(crate) fn parse_data_file(
    file: &Path,
    library: &FormRegistry,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<ParsedDataFile>, Failure> {
    parse_data_file_with(
        file,
        &import::ImportOptions::new(library, limits::run_limits().into()),
        sources,
        sink,
    )
}

/// The same for a Word document of which something is to be written.
pub(crate) fn parse_data_file_with(
    file: &Path,
    options: &import::ImportOptions<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<ParsedDataFile>, Failure> {
    let library = options.library;
    let kind = files::data_file_kind(file)?;
    let bytes = files::read_recorded(file)?;
    let binary = sources.add_binary(display_path(file));
    if kind == DataFileKind::Word {
        let read = import::import_report(binary, &bytes, options, sources, sink);
        return Ok(read.map(|read| ParsedDataFile {
            source: binary,
            root: read.node,
            pictures: Some(read.pictures),
        }));
    }
    let opened = |(source, root)| ParsedDataFile { source, root, pictures: None };
    if kind == DataFileKind::Workbook {
        let book = data::load_workbook(binary, &bytes, sources, sink);
        let root = book.and_then(|book| sheet::read_workbook(binary, &book, library, sink));
        return Ok(root.map(|root| opened((binary, root))));
    }
    let Some(text) = data::decode_utf8(binary, &bytes, sink) else { return Ok(None) };
    let source = sources.add_text(display_path(file), text);
    let root = match kind {
        DataFileKind::Text(syntax) => data::load_data(source, text, syntax, sink),
        DataFileKind::Csv | DataFileKind::Workbook | DataFileKind::Word => {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let book = data::load_csv(source, &name, text, sink);
            book.and_then(|book| sheet::read_csv(source, &book, library, sink))
        }
    };
    // What follows from a text that is not well formed would only be noise.
    let root = root.filter(|_| !sink.has_errors());
    Ok(root.map(|root| opened((source, root))))
}
