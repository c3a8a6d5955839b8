//! Owns the way from a path to a judged report with its texts and pictures.
//! Must not know an output.

use super::args::{Against, Cli};
use super::files::{self, Kind, Pictures, shown};
use super::letterhead::Homes;
use super::{Failure, against, limits};
use nianbao::check::Settings;
use nianbao::diag::{Sink, SourceId, Sources};
use nianbao::form::Library;
use nianbao::letterhead::{self, Letterhead};
use nianbao::render::Templates;
use nianbao::report::Report;
use nianbao::{check, data, import, quote, render, report, sheet};
use std::path::{Path, PathBuf};

/// A report that was read and judged.
pub(crate) struct Loaded {
    /// The data file.
    pub(crate) file: PathBuf,
    /// The report.
    pub(crate) report: Report,
    /// Its texts with the quotes filled in.
    pub(crate) texts: quote::Texts,
    /// Its pictures.
    pub(crate) pictures: Pictures,
    /// What its file says of its letterhead.
    pub(crate) letterhead: Option<Letterhead>,
    /// Last year's report, if there is one.
    pub(crate) previous: Option<Report>,
}

/// The templates of the program and of `--templates`.
pub(crate) fn templates(
    cli: &Cli,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Templates, Failure> {
    let mut templates = Templates::built_in();
    templates.limit(limits::asked());
    if let Some(dir) = &cli.templates {
        templates.overlay(files::folder(dir)?, sources, sink);
    }
    #[cfg(feature = "pdf")]
    {
        use super::sandbox::Workshop;
        use std::sync::Arc;
        templates.confine(Arc::new(Workshop::new(cli.fonts.clone())));
        templates.set_large_at(Arc::new(Workshop::for_large(cli.fonts.clone())));
    }
    Ok(templates)
}

/// Reads and judges the report that a path names. `None` if it cannot be read as a report; the sink
/// says why.
pub(crate) fn load(
    path: &Path,
    asked: &Against,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<Loaded>, Failure> {
    let file = files::data_file(path)?;
    let settings = against::settings(asked, &file, library, sources, sink)?;
    let mut own = Sink::new();
    let loaded = judged(&file, (asked, &settings, library), sources, &mut own);
    sink.extend(settings.settle(own).into_sorted());
    loaded
}

fn judged(
    file: &Path,
    (asked, settings, library): (&Against, &Settings, &Library),
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<Loaded>, Failure> {
    let Some(opened) = open(file, library, sources, sink)? else { return Ok(None) };
    let Opened { source, root, pictures } = opened;
    let Some(report) = report::read(source, &root, library, sink) else { return Ok(None) };
    let previous = against::previous(asked, file, &report, library, sources, sink)?;
    check::check_with(&report, previous.as_ref(), settings, sink);
    let text = sources.text(source).unwrap_or_default();
    if !quote::may_expand(&report, limits::asked(), sink) {
        return Ok(None);
    }
    let texts = quote::expand(&report, text, sink);
    let folder = against::folder(file);
    let pictures = self::pictures(file, pictures, &texts)?;
    if !quote::within(&report, text, &texts, &pictures, limits::asked(), sink) {
        return Ok(None);
    }
    // A text whose quotes are broken lacks the numbers that it would be judged by.
    if sink.iter().all(|found| found.rule != "quote") {
        check::texts(&report, &texts, text, previous.as_ref(), settings, sink);
    }
    quote::check_pictures(&report, text, &texts, &pictures, sink);
    let letterhead = own_letterhead(&report, &folder, sources, sink)?;
    let file = file.to_owned();
    Ok(Some(Loaded { file, report, texts, pictures, letterhead, previous }))
}

/// The pictures of a report's texts: those in its file, or those beside it.
pub(crate) fn pictures(
    file: &Path,
    inside: Option<Vec<(String, Vec<u8>)>>,
    texts: &quote::Texts,
) -> Result<Pictures, Failure> {
    match inside {
        Some(inside) => Ok(Pictures::of(inside)),
        None => Pictures::read(&against::folder(file), &render::content::pictures(texts)),
    }
}

/// What the report's own file says of its letterhead, judged like the rest of it.
fn own_letterhead(
    report: &Report,
    folder: &Path,
    sources: &Sources,
    sink: &mut Sink,
) -> Result<Option<Letterhead>, Failure> {
    let Some(node) = &report.letterhead else { return Ok(None) };
    let letterhead = letterhead::read(report.source, node, sink);
    letterhead.value(report, sources, sink);
    letterhead.suffix(report, sources, sink);
    let homes = Homes::from([(report.source, folder.to_owned())]);
    let pictures = super::letterhead::pictures(&letterhead, &homes)?;
    render::letterhead::check_pictures(&letterhead, &pictures, sink);
    Ok(Some(letterhead))
}

/// A data file, whatever its kind.
pub(crate) struct Opened {
    pub(crate) source: SourceId,
    pub(crate) root: data::Node,
    /// The pictures that are in the file itself, by the name that its texts give; `None` if its kind keeps
    /// them beside the file.
    pub(crate) pictures: Option<Vec<(String, Vec<u8>)>>,
}

/// The tree of a data file, whatever its kind. `None` if it is not well formed.
pub(crate) fn tree(
    file: &Path,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<(SourceId, data::Node)>, Failure> {
    let opened = open(file, library, sources, sink)?;
    Ok(opened.map(|opened| (opened.source, opened.root)))
}

/// The tree of a data file with the pictures in it. `None` if it is not well formed.
pub(crate) fn open(
    file: &Path,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<Opened>, Failure> {
    let kind = files::kind(file)?;
    let bytes = files::read(file)?;
    let binary = sources.add_binary(shown(file));
    if kind == Kind::Word {
        let read = import::read(binary, &bytes, library, false, sources, sink);
        return Ok(read.map(|read| Opened {
            source: binary,
            root: read.node,
            pictures: Some(read.pictures),
        }));
    }
    let opened = |(source, root)| Opened { source, root, pictures: None };
    if kind == Kind::Workbook {
        let book = data::load_workbook(binary, &bytes, sources, sink);
        let root = book.and_then(|book| sheet::tree(binary, &book, library, sink));
        return Ok(root.map(|root| opened((binary, root))));
    }
    let Some(text) = data::decode(binary, &bytes, sink) else { return Ok(None) };
    let source = sources.add_text(shown(file), text);
    let root = match kind {
        Kind::Text(syntax) => data::load(source, text, syntax, sink),
        Kind::Csv | Kind::Workbook | Kind::Word => {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let book = data::load_csv(source, &name, text, sink);
            book.and_then(|book| sheet::csv(source, &book, library, sink))
        }
    };
    // What follows from a text that is not well formed would only be noise.
    let root = root.filter(|_| !sink.has_errors());
    Ok(root.map(|root| opened((source, root))))
}
