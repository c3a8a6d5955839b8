//! Owns one report that was dropped: read, judged, made, put in its place, and told to its page.
//! Must not decide what the page says about it.

use super::home::Home;
use super::look::{Single, name};
use super::{Gathered, Shop};
use crate::cli::args::{Against, Target};
use crate::cli::files::{self, Kind, shown};
use crate::cli::load::{self, Loaded};
use crate::cli::settings::{RunSettings, SETTINGS, Way};
use crate::cli::{Failure, against};
use nianbao::diag::{Sink, Sources, Text};
use nianbao::page::{Due, Editor, Facts, Link, Subject};
use nianbao::render::{self, Job, Wanted};
use nianbao::report::Report;
use nianbao::{starter, text};
use std::path::Path;

/// A document that was made, and how its name ends.
type Document = (Target, Vec<u8>);

/// Reads a report, judges it and makes it, if there are no errors.
pub(super) fn report(
    shop: &mut Shop<'_>,
    single: Single,
    home: &Home,
    gathered: &mut Gathered,
) -> Subject {
    let Single { file, name: called, besides, previous, followed } = single;
    let file = file.as_path();
    let asked = shop.ask.against.clone();
    let previous = asked.previous.clone().or(previous);
    let asked = Against { previous, only_named: true, ..asked };
    let (mut sources, mut sink) = (shop.sources.clone(), Sink::new());
    let library = shop.templates.library();
    let by = RunSettings::read(&asked, &Way::new(), library, &mut sources, &mut sink);
    let loaded = by.and_then(|by| load::load(file, &by, library, &mut sources, &mut sink));
    let (loaded, mut failure) = match loaded {
        Ok((loaded, _)) => (loaded, None),
        Err(failure) => (None, Some(failure)),
    };
    let (mut notes, mut files) = (Vec::new(), Vec::new());
    if let Some(loaded) = &loaded {
        let made = documents(shop, loaded, &mut sources, &mut sink);
        match put(shop, (&job(loaded).file_stem(), &made), home, gathered, &mut notes) {
            Ok(links) => files = links,
            Err(error) => failure = Some(error),
        }
        notes.push(compared(loaded, &sources));
    }
    if !besides.is_empty() {
        notes.push(text!("page.passed-over", files = besides));
    }
    notes.extend(settings_beside(shop, file));
    let report = loaded.as_ref().map(|loaded| &loaded.report);
    // Whoever drops the later one too has begun it.
    let older = report.filter(|_| !followed);
    let due = older.and_then(|report| due(shop, report, home, gathered));
    let found = sink.clone().into_sorted();
    shop.tell(sink, &sources, failure.as_ref());
    let facts = Facts {
        file: &called,
        editor: editor(file),
        report,
        found: &found,
        sources: &sources,
        files,
        failure: failure.map(|failure| failure.words(shop.lang)),
        notes,
        due,
    };
    Subject::report(facts, shop.lang)
}

/// What a file is opened with.
fn editor(file: &Path) -> Editor {
    match files::kind(file) {
        Ok(Kind::Workbook) => Editor::Sheet,
        Ok(Kind::Word) => Editor::Word,
        _ => Editor::Text,
    }
}

/// Settings beside the file are not used, which is to be known.
fn settings_beside(shop: &Shop<'_>, file: &Path) -> Option<Text> {
    let there = against::folder(file).join(SETTINGS).is_file();
    (there && shop.ask.against.config.is_none()).then(|| text!("page.settings-unused"))
}

fn job(loaded: &Loaded) -> Job<'_> {
    let Loaded { report, texts, pictures, .. } = loaded;
    Job { report, texts, assets: pictures, draft: false }
}

/// With what the report was compared.
fn compared(loaded: &Loaded, sources: &Sources) -> Text {
    match &loaded.previous {
        Some(previous) => {
            text!("page.previous", file = name(Path::new(sources.name(previous.source))))
        }
        None => text!("page.no-previous"),
    }
}

/// Both documents, as they are published; none if there are errors. The sink says why.
fn documents(
    shop: &Shop<'_>,
    loaded: &Loaded,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Vec<Document> {
    let mut out = Vec::new();
    if sink.has_errors() {
        return out;
    }
    let wanted = Wanted { docx: true, pdf: cfg!(feature = "pdf") };
    let edition = shop.templates.edition(&loaded.report.form, wanted, sources, sink);
    let job = job(loaded);
    out.extend(render::docx(&job, &edition, sink).map(|bytes| (Target::Docx, bytes)));
    #[cfg(feature = "pdf")]
    {
        let bytes = render::pdf(&job, &edition, &shop.fonts, sources, sink);
        out.extend(bytes.map(|bytes| (Target::Pdf, bytes)));
    }
    if sink.has_errors() { Vec::new() } else { out }
}

/// Puts the documents in their places and links to them. If there are none, those of before are named.
fn put(
    shop: &Shop<'_>,
    (stem, made): (&str, &[Document]),
    home: &Home,
    gathered: &mut Gathered,
    notes: &mut Vec<Text>,
) -> Result<Vec<Link>, Failure> {
    if made.is_empty() {
        notes.extend(stale(stem, home, gathered));
    }
    let mut out = Vec::new();
    for (target, bytes) in made {
        let placed = home.put(stem, target.extension(), bytes)?;
        let file = shown(&home.dir.join(&placed.name));
        shop.terminal.tell(&text!("done.written", file = file));
        gathered.remember(home, &placed.name, placed.held);
        notes.extend(placed.note);
        let what = match target {
            Target::Docx => text!("page.what-docx"),
            Target::Pdf => text!("page.what-pdf"),
        };
        out.push(Link::new(&gathered.path(home, &placed.name), &what, shop.lang));
    }
    Ok(out)
}

/// Documents of an earlier run that lie there still: they are not of the data as they are now.
fn stale(stem: &str, home: &Home, gathered: &mut Gathered) -> Vec<Text> {
    let mut out = Vec::new();
    for target in [Target::Docx, Target::Pdf] {
        let file = format!("{stem}.{}", target.extension());
        if let Some(held) = home.remembered(&file) {
            gathered.remember(home, &file, held);
            out.push(text!("page.stale", file = file));
        }
    }
    out
}

/// The blank workbook of the year that is due, if the report is older. It is laid beside the report.
fn due(shop: &Shop<'_>, report: &Report, home: &Home, gathered: &mut Gathered) -> Option<Due> {
    if report.year >= shop.due {
        return None;
    }
    let library = shop.templates.library();
    let none = Due { year: shop.due, workbook: None };
    let Some(form) = library.for_year(shop.due) else { return Some(none) };
    let organ = &report.organ.name;
    let name = text!("drop.blank-for", organ = organ, year = u32::from(shop.due));
    let name = render::file_name(&name.in_lang(shop.lang));
    let bytes = starter::workbook(form, organ, shop.due).ok();
    let placed = bytes.and_then(|bytes| home.put(&name, "xlsx", &bytes).ok());
    let workbook = placed.map(|placed| {
        gathered.remember(home, &placed.name, placed.held);
        let what = text!("page.what-blank");
        Link::new(&gathered.path(home, &placed.name), &what, shop.lang)
    });
    Some(Due { workbook, ..none })
}

/// A report that cannot even be looked at.
pub(super) fn refused(shop: &Shop<'_>, path: &Path, failure: &Failure) -> Subject {
    shop.say(failure);
    let reason = failure.words(shop.lang);
    Subject::refused(&shown(Path::new(&name(path))), &reason, shop.lang)
}
