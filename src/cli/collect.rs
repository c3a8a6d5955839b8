//! Owns the command `collect`: finds the units' files, has them read and judged, and writes the county.
//! Must not know how a county is added up.

mod outputs;
mod pictures;

use super::against;
use super::args::{Against, Cli, Judge};
use super::files::{self, Kind, Pictures, shown};
use super::{Failure, Outcome, Terminal, load};
use clap::Args;
use nianbao::check::{self, Settings};
use nianbao::collect::{self as county, Collected, Delivered, Register, Wishes};
use nianbao::diag::{Diagnostic, Format, Lang, Place, Severity, Sink, Sources, Text};
use nianbao::form::Library;
use nianbao::report::{self, Date, Report};
use nianbao::{quote, text};
use outputs::Target;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Collect {
    #[arg(value_name = "DIR", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(short, long, value_name = "TOTAL")]
    pub(crate) out: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) units: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) own: Option<PathBuf>,
    #[arg(long)]
    pub(crate) strict_units: bool,
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) date: Option<Date>,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) against: Against,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(String::new)
}

/// Name of the list of units, in any syntax.
const LIST: &str = "units";
/// Deepest folder below a named one.
const DEEPEST: usize = 6;
/// Files that units deliver although no figures can be read from them.
const UNREAD: [&str; 7] = ["pdf", "doc", "xls", "wps", "et", "ofd", "rtf"];

/// A county that was added up, for its outputs.
struct County<'a> {
    total: &'a Collected,
    sources: &'a mut Sources,
    lang: Lang,
}

/// `nianbao collect DIR… -o TOTAL`
pub(crate) fn collect(
    cli: &Cli,
    ask: &Collect,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let templates = load::templates(cli, &mut sources, &mut sink)?;
    let library = templates.library();
    let target = Target::of(ask)?;
    let found = found_files(ask)?;
    let mut reader = Reader { ask, library, sources, sink, late: Sink::new() };
    let register = reader.register(&found)?;
    let own = reader.own()?;
    let previous = reader.previous()?;
    let mut delivered: Vec<Delivered> =
        found.units.iter().map(|(file, path)| reader.unit(file, path)).collect();
    delivered.extend(found.unread.into_iter().map(|unread| reader.unread(unread)));
    let Reader { mut sources, mut sink, late, .. } = reader;
    // What is wrong with the county's own papers comes before anything is added.
    if sink.has_errors() {
        let outcome = terminal.report(sink, &sources);
        terminal.tell(&text!("collect.own-wrong"));
        return Ok(finish(outcome, &terminal));
    }
    let (own, pictures) = own.unzip();
    let wishes = Wishes { register, own, strict: ask.strict_units };
    let Some(mut total) = county::collect(delivered, wishes) else {
        sink.extend(late);
        let outcome = terminal.report(sink, &sources);
        terminal.tell(&text!("collect.none"));
        return Ok(finish(outcome.max(Outcome::Found), &terminal));
    };
    let settings = settings(ask, library, &mut sources, &mut sink)?;
    total.found.extend(late);
    settle(&mut total, &settings);
    let source = sources.add_binary(shown(&target.report()));
    let mut report = total.report(source, &mut sink);
    let pictures = pictures.map_or_else(|| of_single(&total, &found.units, library, &sources), Ok);
    let pictures = pictures.unwrap_or_else(|failure| {
        let message = text!("collect.no-pictures", reason = failure.text());
        sink.push(Diagnostic::error("picture", Place::File(source), message));
        Pictures::default()
    });
    let pictures = pictures::beside(&mut report, &pictures, &target.folder());
    let mut county = County { total: &total, sources: &mut sources, lang: terminal.lang };
    let first = outputs::report(&target, &mut county, &mut report);
    chain(&report, previous.as_ref(), &mut sink);
    let further = outputs::further(&target, ask, &county);
    let made = std::iter::once(first).chain(further).chain(pictures.into_iter().map(Ok));
    let hidden = print(&total, &mut sink, terminal.format);
    let outcome = terminal.report(sink, &sources);
    let outcome = outcome.max(outputs::write(made, &terminal));
    if terminal.format == Format::Human {
        tell_summary(&total, hidden, &terminal);
    }
    Ok(finish(outcome, &terminal))
}

fn tell_summary(total: &Collected, hidden: usize, terminal: &Terminal) {
    for line in total.summary() {
        terminal.tell(&line);
    }
    if total.organ.0.is_empty() {
        terminal.tell(&text!("collect.no-organ"));
    }
    if hidden > 0 {
        terminal.tell(&text!("collect.hidden", count = hidden));
    }
}

fn finish(outcome: Outcome, terminal: &Terminal) -> Outcome {
    terminal.close();
    outcome
}

/// What lies in the named folders.
#[derive(Default)]
struct Found {
    /// The units' files by what outputs call them.
    units: BTreeSet<(String, PathBuf)>,
    lists: BTreeSet<PathBuf>,
    /// What lies there and cannot be looked at, with the reason.
    unread: Vec<Unread>,
}

/// A file or folder of a unit that cannot be read, by what outputs call it.
struct Unread {
    file: String,
    path: PathBuf,
    reason: Text,
}

fn found_files(ask: &Collect) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for path in &ask.paths {
        let wrong = |error| Failure::new(text!("io.read", file = shown(path)), error);
        if std::fs::metadata(path).map_err(wrong)?.is_dir() {
            walk(path, "", DEEPEST, ask, &mut found);
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            *named.entry(name.clone()).or_default() += 1;
            found.units.insert((name, path.clone()));
        }
    }
    // Files of one name are told apart by their folders.
    let units = std::mem::take(&mut found.units);
    let apart = |(name, path): (String, PathBuf)| {
        if named.get(&name).is_some_and(|count| *count > 1) {
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
            return (format!("{}/{name}", folder.to_string_lossy()), path);
        }
        (name, path)
    };
    found.units = units.into_iter().map(apart).collect();
    // The county's own papers are no units.
    let papers = [&ask.own, &ask.units, &ask.against.previous, &ask.against.config];
    let papers: Vec<PathBuf> =
        papers.into_iter().flatten().filter_map(|path| path.canonicalize().ok()).collect();
    found.units.retain(|(_, path)| {
        let real = path.canonicalize().ok();
        real.is_none_or(|real| {
            !papers.iter().any(|paper| real == *paper || real.parent() == Some(paper.as_path()))
        })
    });
    if found.units.is_empty() && found.lists.is_empty() && found.unread.is_empty() {
        let dirs: Vec<String> = ask.paths.iter().map(|path| shown(path)).collect();
        return Err(Failure::plain(text!("collect.no-files", dirs = dirs)));
    }
    Ok(found)
}

/// A folder with a `report.*` is a unit; otherwise each file is one, and each folder below is looked into. What
/// cannot be looked at is noted, and the others go on.
fn walk(dir: &Path, prefix: &str, depth: usize, ask: &Collect, found: &mut Found) {
    let (mut names, failed) = entries(dir, ask);
    names.sort();
    if let Some(error) = failed {
        let reason = Failure::new(text!("io.read", file = shown(dir)), error).text();
        let file = prefix.trim_end_matches('/').to_owned();
        found.unread.push(Unread { file, path: dir.to_owned(), reason });
    }
    let is_report = |name: &str| stem(name) == "report" && is_data(name);
    let whole = names.iter().any(|(name, _, is_dir)| !is_dir && is_report(name));
    for (name, path, is_dir) in names {
        let label = format!("{prefix}{name}");
        if is_dir {
            match depth {
                _ if whole => {}
                0 => {
                    let reason = text!("collect.too-deep", levels = DEEPEST);
                    found.unread.push(Unread { file: label, path, reason });
                }
                _ => walk(&path, &format!("{label}/"), depth - 1, ask, found),
            }
        } else if stem(&name) == LIST && is_data(&name) {
            found.lists.insert(path);
        } else if is_delivered(&name, whole) {
            found.units.insert((label, path));
        }
    }
}

/// The files and folders of a folder by what they are called, without those that are hidden and the result, and
/// why it is not all of them.
fn entries(dir: &Path, ask: &Collect) -> (Vec<(String, PathBuf, bool)>, Option<std::io::Error>) {
    let mut names = Vec::new();
    let mut read = || -> std::io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link could lead out of the folder or around in it.
            let kind = entry.file_type()?;
            let hidden = name.starts_with('.') || name.starts_with("~$");
            let result = entry.path() == ask.out;
            if !hidden && !result && (kind.is_dir() || kind.is_file()) {
                names.push((name, entry.path(), kind.is_dir()));
            }
        }
        Ok(())
    };
    let failed = read().err();
    (names, failed)
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn is_data(name: &str) -> bool {
    files::kind(Path::new(name)).is_ok_and(|kind| kind != Kind::Csv)
}

fn is_unread(name: &str) -> bool {
    let end = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    UNREAD.iter().any(|known| known.eq_ignore_ascii_case(end))
}

/// Whether a file is one that a unit has delivered; last year's and settings lie beside.
fn is_delivered(name: &str, whole: bool) -> bool {
    let stem = stem(name);
    if stem == "nianbao" || stem.ends_with(".previous") {
        return false;
    }
    if whole { stem == "report" && is_data(name) } else { is_data(name) || is_unread(name) }
}

/// Reads what belongs to the county and to its units.
struct Reader<'a> {
    ask: &'a Collect,
    library: &'a Library,
    sources: Sources,
    /// What is wrong with the county's own papers, so that nothing can be added.
    sink: Sink,
    /// What is wrong with them besides.
    late: Sink,
}

impl Reader<'_> {
    /// The list of units: named, or the only one in the folders.
    fn register(&mut self, found: &Found) -> Result<Option<Register>, Failure> {
        let lists: Vec<&PathBuf> = found.lists.iter().collect();
        let file = match (&self.ask.units, lists.as_slice()) {
            (Some(file), _) => file,
            (None, []) => return Ok(None),
            (None, [one]) => one,
            (None, many) => {
                let names: Vec<String> = many.iter().map(|file| shown(file)).collect();
                return Err(Failure::plain(text!("io.many-reports", files = names)));
            }
        };
        let mut own = Sink::new();
        let root = load::tree(file, self.library, &mut self.sources, &mut own)?;
        let Some((source, root)) = root else {
            self.sink.extend(own.into_sorted());
            return Ok(None);
        };
        // What is wrong with a unit of the list keeps that unit out, and nobody else.
        let list = Register::read(source, &root, &mut own);
        self.late.extend(own.into_sorted());
        Ok(Some(list))
    }

    /// The county's own report with its pictures. Its figures are judged by `check`; here only faults in
    /// reading count, and what its texts quote and show.
    fn own(&mut self) -> Result<Option<(Report, Pictures)>, Failure> {
        let Some(path) = &self.ask.own else { return Ok(None) };
        let file = files::data_file(path)?;
        let mut own = Sink::new();
        let opened = load::open(&file, self.library, &mut self.sources, &mut own)?;
        let mut read = None;
        if let Some(load::Opened { source, root, pictures }) = opened
            && let Some(report) = report::read(source, &root, self.library, &mut own)
        {
            let text = self.sources.text(source).unwrap_or_default();
            let texts = quote::expand(&report, text, &mut self.late);
            let pictures = load::pictures(&file, pictures, &texts)?;
            quote::check_pictures(&report, text, &texts, &pictures, &mut self.late);
            read = Some((report, pictures));
        }
        self.sink.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
        Ok(read)
    }

    /// The county's report of last year. What is wrong with it stops nothing but the comparison.
    fn previous(&mut self) -> Result<Option<Report>, Failure> {
        let Some(path) = &self.ask.against.previous else { return Ok(None) };
        let file = files::data_file(path)?;
        let mut own = Sink::new();
        let root = load::tree(&file, self.library, &mut self.sources, &mut own)?;
        let read = |(source, root)| report::read(source, &root, self.library, &mut own);
        let report = root.and_then(read);
        self.late.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
        Ok(report)
    }

    /// A unit's file. Whatever is wrong with it, the others go on.
    fn unit(&mut self, file: &str, path: &Path) -> Delivered {
        let mut own = Sink::new();
        let against = Against { previous: None, config: self.ask.against.config.clone() };
        let loaded = if is_unread(file) {
            let pdf = file.to_ascii_lowercase().ends_with(".pdf");
            Err(Failure::plain(if pdf {
                text!("collect.pdf", file = shown(path))
            } else {
                text!("collect.old-office", file = shown(path))
            }))
        } else {
            let (library, sources) = (self.library, &mut self.sources);
            let work = || load::load(path, &against, library, sources, &mut own);
            // A bug of ours with one file is no reason to leave the others out.
            let broken = |_| Err(Failure::plain(text!("batch.broken")));
            catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(broken)
        };
        let report = match loaded {
            Ok(loaded) => loaded.map(|loaded| loaded.report),
            Err(failure) => {
                let reason = failure.text();
                let message = if is_unread(file) {
                    reason
                } else {
                    text!("collect.unreadable", reason = reason)
                };
                let source = self.sources.add_binary(shown(path));
                own.push(Diagnostic::error("unit-unreadable", Place::File(source), message));
                None
            }
        };
        let found = own.into_sorted();
        let known = found.iter().find_map(|one| one.place.source());
        let source = report.as_ref().map(|report| report.source).or(known);
        let source = source.unwrap_or_else(|| self.sources.add_binary(shown(path)));
        Delivered { file: file.to_owned(), source, report, found }
    }

    /// What cannot be looked at.
    fn unread(&mut self, Unread { file, path, reason }: Unread) -> Delivered {
        let source = self.sources.add_binary(shown(&path));
        let message = text!("collect.unreadable", reason = reason);
        let found = vec![Diagnostic::error("unit-unreadable", Place::File(source), message)];
        Delivered { file, source, report: None, found }
    }
}

/// The pictures of the only unit whose words are the county's.
fn of_single(
    total: &Collected,
    units: &BTreeSet<(String, PathBuf)>,
    library: &Library,
    sources: &Sources,
) -> Result<Pictures, Failure> {
    let Some(model) = total.model() else { return Ok(Pictures::default()) };
    let unit = total.delivered.iter().find(|unit| unit.source == model.source);
    let path = unit.and_then(|unit| units.iter().find(|(file, _)| *file == unit.file));
    let Some((_, path)) = path else { return Ok(Pictures::default()) };
    let file = files::data_file(path)?;
    // It was read and judged before; all that was found in it is told already.
    let (mut told, text) = (Sink::new(), sources.text(model.source).unwrap_or_default());
    let texts = quote::expand(model, text, &mut told);
    let opened = load::open(&file, library, &mut Sources::default(), &mut told)?;
    load::pictures(&file, opened.and_then(|opened| opened.pictures), &texts)
}

/// The settings for the county itself.
fn settings(
    ask: &Collect,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Settings, Failure> {
    let first = ask.paths.first().cloned().unwrap_or_default();
    let inside = if first.is_dir() { first.join(LIST) } else { first };
    against::settings(&ask.against, &inside, library, sources, sink)
}

fn settle(total: &mut Collected, settings: &Settings) {
    let mut sink = Sink::new();
    sink.extend(std::mem::take(&mut total.found));
    total.found = settings.settle(sink).into_sorted();
}

/// The county against its own report of last year.
fn chain(report: &Report, previous: Option<&Report>, sink: &mut Sink) {
    let Some(previous) = previous else { return };
    let mut own = Sink::new();
    check::check_with(report, Some(previous), &Settings::default(), &mut own);
    let crossings = report.form.tables.iter().flat_map(|table| &table.crossings);
    let mut rules: BTreeSet<&str> = crossings.map(|crossing| crossing.id.as_str()).collect();
    rules.insert("previous-year");
    sink.extend(own.into_sorted().into_iter().filter(|one| rules.contains(one.rule.as_ref())));
}

/// Puts what is to be shown into the sink: the county's findings and the units' errors, for programs
/// everything. How many were left out.
fn print(total: &Collected, sink: &mut Sink, format: Format) -> usize {
    sink.extend(total.found.iter().cloned());
    let mut hidden = 0;
    for found in total.delivered.iter().flat_map(|unit| &unit.found) {
        if found.severity == Severity::Error || format == Format::Json {
            sink.push(found.clone());
        } else {
            hidden += 1;
        }
    }
    hidden
}
