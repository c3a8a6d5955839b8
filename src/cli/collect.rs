//! Owns the command `collect`: finds the units' files, has them read and judged, and writes the county.
//! Must not know how a county is added up.

use super::against;
use super::args::{Against, Cli, Judge};
use super::files::{self, Kind, Pictures, shown};
use super::{Failure, Outcome, Terminal, load, out};
use clap::Args;
use nianbao::check::{self, Settings, list::Listed};
use nianbao::collect::{self as county, Collected, Delivered, Register, Wishes};
use nianbao::data::{self, Syntax};
use nianbao::diag::{Diagnostic, Format, Place, Severity, Sink, Sources};
use nianbao::form::Library;
use nianbao::report::{self, Date, Report};
use nianbao::{convert, quote, sheet, text};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
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
    let pictures = Pictures::default();
    let mut reader = Reader { ask, library, terminal: &terminal, sources, sink, pictures };
    let register = reader.register(&found)?;
    let own = reader.own()?;
    let delivered = found.units.iter().map(|(file, path)| reader.unit(file, path)).collect();
    let Reader { mut sources, mut sink, pictures, .. } = reader;
    // What is wrong with the county's own papers comes before anything is added.
    if sink.has_errors() {
        let outcome = terminal.report(sink, &sources);
        terminal.tell(&text!("collect.own-wrong"));
        return Ok(finish(outcome, &terminal));
    }
    let wishes = Wishes { register, own, strict: ask.strict_units };
    let Some(mut total) = county::collect(delivered, wishes) else {
        let outcome = terminal.report(sink, &sources);
        terminal.tell(&text!("collect.none"));
        return Ok(finish(outcome.max(Outcome::Found), &terminal));
    };
    let settings = settings(ask, library, &mut sources, &mut sink)?;
    settle(&mut total, &settings);
    let text = county::toml(&total, terminal.lang);
    let report = again(&target, &text, library, &mut sources)?;
    chain(ask, &report.1, library, (&mut sources, &mut sink))?;
    let mut outputs = outputs(&target, ask, &total, (&text, &report), (&sources, &terminal))?;
    outputs.extend(beside(&target, pictures, &report.1, ask.overwrite)?);
    let hidden = print(&total, &mut sink, terminal.format);
    let outcome = terminal.report(sink, &sources);
    for (path, bytes) in outputs {
        out::write(&path, &bytes)?;
        terminal.tell(&text!("done.written", file = shown(&path)));
    }
    if terminal.format == Format::Human {
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
    Ok(finish(outcome, &terminal))
}

fn finish(outcome: Outcome, terminal: &Terminal) -> Outcome {
    terminal.close();
    outcome
}

/// What is written.
enum Target {
    Folder(PathBuf),
    File(PathBuf, Kind),
}

impl Target {
    /// By the extension; an earlier result is kept unless it may be overwritten.
    fn of(ask: &Collect) -> Result<Target, Failure> {
        let target = if ask.out.extension().is_none() || ask.out.is_dir() {
            Target::Folder(ask.out.clone())
        } else {
            match files::kind(&ask.out) {
                Ok(kind @ (Kind::Text(_) | Kind::Workbook)) => Target::File(ask.out.clone(), kind),
                _ => {
                    return Err(Failure::plain(text!("collect.no-target", file = shown(&ask.out))));
                }
            }
        };
        let first = match &target {
            Target::Folder(dir) => dir.join("report.toml"),
            Target::File(file, _) => file.clone(),
        };
        if first.exists() && !ask.overwrite {
            return Err(Failure::plain(text!("collect.exists-hint", file = shown(&first))));
        }
        Ok(target)
    }
}

/// What lies in the named folders.
#[derive(Default)]
struct Found {
    /// The units' files by what outputs call them.
    units: BTreeSet<(String, PathBuf)>,
    lists: BTreeSet<PathBuf>,
}

fn found_files(ask: &Collect) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for path in &ask.paths {
        let wrong = |error| Failure::new(text!("io.read", file = shown(path)), error);
        if std::fs::metadata(path).map_err(wrong)?.is_dir() {
            walk(path, "", DEEPEST, ask, &mut found)?;
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
    if found.units.is_empty() && found.lists.is_empty() {
        let dirs: Vec<String> = ask.paths.iter().map(|path| shown(path)).collect();
        return Err(Failure::plain(text!("collect.no-files", dirs = dirs)));
    }
    Ok(found)
}

/// A folder with a `report.*` is a unit; otherwise each file is one, and each folder below is looked into.
fn walk(
    dir: &Path,
    prefix: &str,
    depth: usize,
    ask: &Collect,
    found: &mut Found,
) -> Result<(), Failure> {
    let wrong = |error| Failure::new(text!("io.read", file = shown(dir)), error);
    let mut names: Vec<(String, bool)> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link could lead out of the folder or around in it; a pipe or a device is told when it is read.
        let kind = entry.file_type().map_err(wrong)?;
        let hidden = name.starts_with('.') || name.starts_with("~$");
        let result = entry.path() == ask.out;
        if !hidden && !result && !kind.is_symlink() {
            names.push((name, kind.is_dir()));
        }
    }
    names.sort();
    let is_report = |name: &str| stem(name) == "report" && is_data(name);
    let whole = names.iter().any(|(name, is_dir)| !is_dir && is_report(name));
    for (name, is_dir) in &names {
        let (path, label) = (dir.join(name), format!("{prefix}{name}"));
        if *is_dir {
            if !whole && depth > 0 {
                walk(&path, &format!("{label}/"), depth - 1, ask, found)?;
            }
        } else if stem(name) == LIST && is_data(name) {
            found.lists.insert(path);
        } else if is_delivered(name, whole) {
            found.units.insert((label, path));
        }
    }
    Ok(())
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
    terminal: &'a Terminal,
    sources: Sources,
    /// What is wrong with the county's own papers.
    sink: Sink,
    /// The pictures of the county's own report and of the units.
    pictures: Pictures,
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
        let list = root.map(|(source, root)| Register::read(source, &root, &mut own));
        self.sink.extend(own.into_sorted());
        Ok(list)
    }

    /// The county's own report. Its figures are judged by `check`; here only faults in reading count.
    fn own(&mut self) -> Result<Option<Report>, Failure> {
        let Some(path) = &self.ask.own else { return Ok(None) };
        let file = files::data_file(path)?;
        let mut own = Sink::new();
        let opened = load::open(&file, self.library, &mut self.sources, &mut own)?;
        let report = match opened {
            Some(load::Opened { source, root, pictures }) => {
                let report = report::read(source, &root, self.library, &mut own);
                if let Some(report) = &report {
                    let text = self.sources.text(source).unwrap_or_default();
                    let texts = quote::expand(report, text, &mut Sink::new());
                    self.pictures = load::pictures(&file, pictures, &texts)?;
                }
                report
            }
            None => None,
        };
        self.sink.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
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
            load::load(path, &against, self.library, &mut self.sources, &mut own)
        };
        let report = match loaded {
            Ok(loaded) => loaded.map(|loaded| {
                // Only one unit's texts can become the county's, and only where it gives none itself.
                if self.ask.own.is_none() {
                    self.pictures = loaded.pictures;
                }
                loaded.report
            }),
            Err(failure) => {
                let source = self.sources.add_binary(shown(path));
                let message = if is_unread(file) {
                    failure.into_message()
                } else {
                    text!("collect.unreadable", reason = failure.words(self.terminal.lang))
                };
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

/// The county's report read back from its own text, under the name that it will have.
fn again(
    target: &Target,
    text: &str,
    library: &Library,
    sources: &mut Sources,
) -> Result<(data::Node, Report), Failure> {
    let mut sink = Sink::new();
    let name = match target {
        Target::Folder(dir) => dir.join("report.toml"),
        Target::File(file, _) => file.clone(),
    };
    let source = sources.add_text(shown(&name), text);
    let root = data::load(source, text, Syntax::Toml, &mut sink);
    let report = root.as_ref().and_then(|root| report::read(source, root, library, &mut sink));
    root.zip(report).ok_or_else(|| Failure::plain(text!("collect.none")))
}

/// The county against its own report of last year.
fn chain(
    ask: &Collect,
    report: &Report,
    library: &Library,
    (sources, sink): (&mut Sources, &mut Sink),
) -> Result<(), Failure> {
    let Some(path) = &ask.against.previous else { return Ok(()) };
    let file = files::data_file(path)?;
    let mut own = Sink::new();
    let root = load::tree(&file, library, sources, &mut own)?;
    let previous = root.and_then(|(source, root)| report::read(source, &root, library, &mut own));
    sink.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
    let Some(previous) = previous else { return Ok(()) };
    let mut own = Sink::new();
    let settings = Settings::default();
    check::check_with(report, Some(&previous), &settings, &mut own);
    let crossings = report.form.tables.iter().flat_map(|table| &table.crossings);
    let mut rules: BTreeSet<&str> = crossings.map(|crossing| crossing.id.as_str()).collect();
    rules.insert("previous-year");
    sink.extend(own.into_sorted().into_iter().filter(|one| rules.contains(one.rule.as_ref())));
    Ok(())
}

type Output = (PathBuf, Vec<u8>);

/// The pictures to which the county's texts refer, beside its report; those that lie there already stay.
fn beside(
    target: &Target,
    pictures: Pictures,
    report: &Report,
    overwrite: bool,
) -> Result<Vec<Output>, Failure> {
    let folder = match target {
        Target::Folder(dir) => dir.clone(),
        Target::File(file, _) => against::folder(file),
    };
    let mut out = Vec::new();
    for (name, bytes) in pictures.into_files() {
        let path = folder.join(&name);
        let used = report.texts.iter().any(|text| text.markdown.contains(&name));
        let there = path.symlink_metadata().is_ok();
        if !used || there && files::read_unnoted(&path).is_ok_and(|own| own == bytes) {
            continue;
        }
        if there && !overwrite {
            return Err(Failure::plain(text!("collect.exists-hint", file = shown(&path))));
        }
        out.push((path, bytes));
    }
    Ok(out)
}

/// Every file, complete before the first one is written.
fn outputs(
    target: &Target,
    ask: &Collect,
    total: &Collected,
    (text, (root, report)): (&str, &(data::Node, Report)),
    (sources, terminal): (&Sources, &Terminal),
) -> Result<Vec<Output>, Failure> {
    let lang = terminal.lang;
    let dir = match target {
        Target::File(file, Kind::Text(Syntax::Toml)) => {
            return Ok(vec![(file.clone(), text.as_bytes().to_vec())]);
        }
        Target::File(file, Kind::Text(syntax)) => {
            let mut sink = Sink::new();
            let made =
                convert::convert(report.source, root, text, Syntax::Toml, *syntax, &mut sink);
            let made = made.ok_or_else(|| Failure::plain(text!("collect.none")))?;
            return Ok(vec![(file.clone(), made.into_bytes())]);
        }
        Target::File(file, _) => {
            let book = sheet::workbook(report).map_err(Failure::plain)?;
            return Ok(vec![(file.clone(), book)]);
        }
        Target::Folder(dir) => dir,
    };
    let mut listed = vec![Listed::new("", None, &total.found, sources, lang).about(&total.organ.0)];
    listed.extend(
        total
            .delivered
            .iter()
            .map(|unit| Listed::new(&unit.file, unit.report.as_ref(), &unit.found, sources, lang)),
    );
    let matrix = county::workbook(total, &listed, lang).map_err(Failure::plain)?;
    let list = check::list::workbook(&listed, lang).map_err(Failure::plain)?;
    Ok(vec![
        (dir.join("report.toml"), text.as_bytes().to_vec()),
        (dir.join("matrix.xlsx"), matrix),
        (dir.join("status.html"), county::page(total, sources, ask.date, lang).into_bytes()),
        (dir.join("findings.xlsx"), list),
    ])
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
