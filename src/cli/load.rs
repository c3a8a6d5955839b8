//! Owns the way from a path to a judged report with its texts and pictures.
//! Must not know an output.

use super::args::Cli;
use super::files::{self, Kind, Pictures, shown};
use super::letterhead::Homes;
use super::settings::RunSettings;
use super::{Failure, against, limits};
use docx_fill::diag::{Diagnostic, Sink, SourceId, Sources};
use nianbao::check::Settings;
use nianbao::check::settings::Effect;
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
/// says why. With it comes what the settings made of the findings.
pub(crate) fn load(
    path: &Path,
    by: &RunSettings,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<(Option<Loaded>, Effect), Failure> {
    let file = files::data_file(path)?;
    let mut found = Sink::new();
    let read = read(&file, by.previous.as_deref(), library, sources, &mut found)?;
    let mut plain = found.clone();
    if let Some(read) = &read {
        read.judge(&by.settings, sources, &mut found);
        if by.file.is_some() {
            read.judge(&Settings::default().with_notices(library), sources, &mut plain);
        }
    }
    let (found, effect) = settled(by, plain, found);
    sink.extend(found);
    Ok((read.filter(|read| read.whole).map(|read| read.loaded), effect))
}

/// The findings as the settings have them, and how they were without settings.
fn settled(by: &RunSettings, plain: Sink, found: Sink) -> (Vec<Diagnostic>, Effect) {
    let found = by.settings.settle(found).into_sorted();
    if by.file.is_none() {
        return (found, Effect::default());
    }
    let effect = Effect::between(&plain.into_sorted(), &found);
    (found, effect)
}

/// A report that was read and is to be judged.
struct Read {
    loaded: Loaded,
    /// Whether its texts with all quotes stay within the limits; without that nothing can be made of it.
    whole: bool,
}

impl Read {
    fn judge(&self, settings: &Settings, sources: &Sources, sink: &mut Sink) {
        let Loaded { report, texts, previous, .. } = &self.loaded;
        check::check_with(report, previous.as_ref(), settings, sink);
        // A text whose quotes are broken lacks the numbers that it would be judged by.
        if self.whole && sink.iter().all(|found| found.rule != "quote") {
            let text = sources.text(report.source).unwrap_or_default();
            check::texts(report, texts, text, previous.as_ref(), settings, sink);
        }
    }
}

/// Reads a report with what belongs to it.
fn read(
    file: &Path,
    previous: Option<&Path>,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<Read>, Failure> {
    let Some(opened) = open(file, library, sources, sink)? else { return Ok(None) };
    let Opened { source, root, pictures } = opened;
    let Some(report) = report::read(source, &root, library, sink) else { return Ok(None) };
    let previous = against::previous((previous, file), &report, library, sources, sink)?;
    let text = sources.text(source).unwrap_or_default();
    if !quote::may_expand(&report, limits::asked(), sink) {
        return Ok(None);
    }
    let texts = quote::expand(&report, text, sink);
    let folder = against::folder(file);
    let pictures = self::pictures(file, pictures, &texts)?;
    let whole = quote::within(&report, text, &texts, &pictures, limits::asked(), sink);
    let mut letterhead = None;
    if whole {
        quote::check_pictures(&report, text, &texts, &pictures, sink);
        quote::check_links(&report, text, &texts, sink);
        letterhead = own_letterhead(&report, &folder, sources, sink)?;
    }
    let file = file.to_owned();
    let loaded = Loaded { file, report, texts, pictures, letterhead, previous };
    Ok(Some(Read { loaded, whole }))
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
    open_with(file, &import::Options::new(library), sources, sink)
}

/// The same for a Word document of which something is to be written.
pub(crate) fn open_with(
    file: &Path,
    options: &import::Options<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<Opened>, Failure> {
    let library = options.library;
    let kind = files::kind(file)?;
    let bytes = files::read(file)?;
    let binary = sources.add_binary(shown(file));
    if kind == Kind::Word {
        let read = import::read(binary, &bytes, options, sources, sink);
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
