//! Owns letterheads on disk: where one is found by its name, what speaks of it for a report, and the command
//! `letterhead new`.
//! Must not know what a letterhead looks like.

use super::console::say;
use super::files::{self, Pictures, shown};
use super::load::Loaded;
use super::settings::{self, Way};
use super::{Failure, Outcome, against, links, out};
use docx_fill::diag::{Lang, Place, Sink, SourceId, Sources};
use nianbao::data::{self, Syntax};
use nianbao::letterhead::{self, Letterhead};
use nianbao::render::letterhead::{DATA, LetterheadFiles, TYPST, WORD, check_pictures, starter};
use nianbao::text;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The report as it is published.
const NONE: &str = "none";
/// The letterhead of the program, for a report that is sent upward.
const UPWARD: &str = "upward";
/// What file names get for it.
const UPWARD_SUFFIX: &str = "报送";
/// Folder of letterheads, beside a data file or in the folder of templates.
const FOLDER: &str = "letterheads";

#[derive(Debug, clap::Subcommand)]
pub(crate) enum LetterheadAsk {
    New(LetterheadNew),
}

#[derive(Debug, clap::Args)]
pub(crate) struct LetterheadNew {
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// `nianbao letterhead new DIR`
pub(crate) fn new(ask: &LetterheadNew, lang: Lang) -> Result<Outcome, Failure> {
    let files = starter().map(|(name, bytes)| (ask.dir.join(name), bytes));
    if let Some((file, _)) = files.iter().find(|(file, _)| file.exists()) {
        return Err(Failure::plain(text!("io.exists", file = shown(file))));
    }
    out::write_all(&ask.dir, &files)?;
    for (file, _) in files {
        say(&format!("{}\n", text!("done.written", file = shown(&file)).in_lang(lang)));
    }
    let dir = shown(&ask.dir);
    say(&format!("{}\n", text!("letterhead.new-next", dir = dir).in_lang(lang)));
    Ok(Outcome::Clean)
}

/// A letterhead for one report.
pub(crate) struct Dressed {
    /// Tells it from others.
    pub(crate) key: String,
    /// The files of its folder.
    pub(crate) files: LetterheadFiles,
    /// What it says.
    pub(crate) letterhead: Letterhead,
    /// The same for this report.
    pub(crate) value: Value,
    /// Its pictures.
    pub(crate) pictures: Pictures,
    /// What file names get.
    pub(crate) suffix: String,
}

/// How a report is to be made: as it is published (`None`) or with a letterhead, in the order asked for.
pub(crate) fn variants(
    templates: Option<&Path>,
    asked: &[PathBuf],
    loaded: &Loaded,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Vec<Option<Dressed>>, Failure> {
    if asked.is_empty() {
        return Ok(vec![None]);
    }
    let one = |name: &PathBuf| match name.to_str() {
        Some(NONE) => Ok(None),
        _ => dressed(templates, name, loaded, sources, sink).map(Some),
    };
    asked.iter().map(one).collect()
}

/// The folder in which each file that names pictures lies.
pub(crate) type Homes = BTreeMap<SourceId, PathBuf>;

fn dressed(
    templates: Option<&Path>,
    name: &Path,
    loaded: &Loaded,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Dressed, Failure> {
    let beside = against::folder(&loaded.file);
    let Found { key, folder, mut files, suffix } = found(templates, name, &beside)?;
    let mut homes = Homes::from([(loaded.report.source, beside)]);
    // From the general to the particular: the letterhead, the current folder, the report.
    let mut letterhead = Letterhead::default();
    if let Some((shown, bytes)) = files.remove(DATA) {
        letterhead = read((&shown, &folder), &bytes, &mut homes, sources, sink);
    }
    if let Some(near) = near(&folder) {
        let bytes = files::read(near)?;
        let over = read((DATA, Path::new(".")), &bytes, &mut homes, sources, sink);
        letterhead = letterhead.with(over);
    }
    if let Some(over) = &loaded.letterhead {
        letterhead = letterhead.with(over.clone());
    }
    let pictures = pictures(&letterhead, &homes)?;
    let mut own = Sink::new();
    check_pictures(&letterhead, &pictures, &mut own);
    let value = letterhead.value(&loaded.report, sources, &mut own);
    let suffix = letterhead.suffix(&loaded.report, sources, &mut own).unwrap_or(suffix);
    // What is wrong in the report's own file is said already.
    let said = |place: &Place| matches!(place, Place::Text(id, _) if *id == loaded.report.source);
    sink.extend(own.into_sorted().into_iter().filter(|found| !said(&found.place)));
    Ok(Dressed { key, files, letterhead, value, pictures, suffix })
}

/// What the current folder says of letterheads, if it is not the folder of this one.
fn near(folder: &Path) -> Option<&'static Path> {
    let near = Path::new(DATA);
    let same = folder
        .canonicalize()
        .is_ok_and(|folder| Path::new(".").canonicalize().is_ok_and(|here| here == folder));
    (links::look(near) == links::Found::File && !same).then_some(near)
}

/// Says once what lies beside data and would speak of letterheads.
pub(crate) fn passed_over(
    asked: &[PathBuf],
    way: &Way,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Vec<PathBuf> {
    let mut others = way.files(&[DATA.to_owned()]);
    for name in asked {
        let own = if name.is_dir() { name.join(DATA) } else { name.with_extension("toml") };
        others = settings::without(others, Some(&own));
    }
    for file in &others {
        let message = text!("letterhead.passed-over", file = shown(file));
        let hint = text!("letterhead.passed-over-hint", file = shown(file));
        sink.push(settings::passed_over(file, sources, message).hint(hint));
    }
    // Whether it is taken is decided for each report.
    links::is_own_file(Path::new(DATA), sources, sink);
    others
}

/// Whether the letterheads that were asked for are more than the report as it is published.
pub(crate) fn are_asked(asked: &[PathBuf]) -> bool {
    asked.iter().any(|name| name.to_str() != Some(NONE))
}

/// The file of the current folder that speaks of the letterheads that were asked for.
pub(crate) fn in_force(asked: &[PathBuf]) -> Option<&'static Path> {
    near(Path::new("")).filter(|_| are_asked(asked))
}

struct Found {
    key: String,
    folder: PathBuf,
    files: LetterheadFiles,
    suffix: String,
}

/// Finds a letterhead: as a path, then among those of the current folder and of the templates. One that lies
/// beside a stranger's data is not meant unless its path says so.
fn found(templates: Option<&Path>, name: &Path, beside: &Path) -> Result<Found, Failure> {
    if name.to_str() == Some(UPWARD) && !name.exists() {
        return Ok(Found {
            key: UPWARD.to_owned(),
            folder: PathBuf::new(),
            files: LetterheadFiles::new(),
            suffix: UPWARD_SUFFIX.to_owned(),
        });
    }
    let mut places = vec![name.to_owned(), Path::new(FOLDER).join(name)];
    places.extend(templates.iter().map(|dir| dir.join(FOLDER).join(name)));
    places.dedup();
    let Some(path) = places.iter().find(|path| path.exists()) else {
        let near = [beside.join(name), beside.join(FOLDER).join(name)];
        let near = near.iter().find(|path| path.exists()).map(|path| shown(path));
        let places: Vec<String> = places.iter().map(|path| shown(path)).collect();
        let name = shown(name);
        return Err(Failure::plain(match near {
            Some(near) => {
                text!("letterhead.not-found-near", name = name, places = places, near = near)
            }
            None => text!("letterhead.not-found", name = name, places = places),
        }));
    };
    let files = if path.is_dir() { folder(path)? } else { single(path)? };
    let folder = if path.is_dir() { path.clone() } else { against::folder(path) };
    let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
    let suffix = stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Found { key: shown(path), folder, files, suffix })
}

/// All files of a letterhead's folder.
fn folder(dir: &Path) -> Result<LetterheadFiles, Failure> {
    let files = files::folder(dir)?;
    let known = [DATA, WORD, TYPST];
    if !files.keys().any(|name| known.contains(&name.as_str())) {
        let message = text!("letterhead.empty-folder", dir = shown(dir));
        return Err(Failure::plain(message));
    }
    let named = |(name, bytes): (String, Vec<u8>)| {
        let shown = shown(&dir.join(&name));
        (name, (shown, bytes))
    };
    Ok(files.into_iter().map(named).collect())
}

/// A Word document or a data file, with the files of the same name beside it.
fn single(path: &Path) -> Result<LetterheadFiles, Failure> {
    let kinds = [("docx", WORD), ("typ", TYPST), ("toml", DATA)];
    let extension = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    if !kinds.iter().any(|(kind, _)| kind.eq_ignore_ascii_case(extension)) {
        let message = text!("letterhead.unknown-kind", file = shown(path));
        return Err(Failure::plain(message));
    }
    let mut out = LetterheadFiles::new();
    for (kind, name) in kinds {
        let own = kind.eq_ignore_ascii_case(extension);
        let file = if own { path.to_owned() } else { path.with_extension(kind) };
        if own || links::look(&file) == links::Found::File {
            out.insert(name.to_owned(), (shown(&file), files::read(&file)?));
        }
    }
    Ok(out)
}

fn read(
    (name, home): (&str, &Path),
    bytes: &[u8],
    homes: &mut Homes,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Letterhead {
    let binary = sources.add_binary(name);
    let Some(text) = data::decode(binary, bytes, sink) else { return Letterhead::default() };
    let source = sources.add_text(name, text);
    homes.insert(source, home.to_owned());
    // A file of comments says nothing, which is no fault here.
    if text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')) {
        return Letterhead::default();
    }
    let root = data::load(source, text, Syntax::Toml, sink);
    root.map(|root| letterhead::read(source, &root, sink)).unwrap_or_default()
}

/// The pictures, each from the folder of the file that names it.
pub(crate) fn pictures(letterhead: &Letterhead, homes: &Homes) -> Result<Pictures, Failure> {
    let mut out = Pictures::default();
    for (name, picture) in letterhead.pictures() {
        if let Some(home) = homes.get(&picture.source) {
            out.add(&name, Pictures::read(home, std::slice::from_ref(&picture.text))?);
        }
    }
    Ok(out)
}
