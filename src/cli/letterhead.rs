//! Owns letterheads on disk: finding one by name, the files with its data for a report, and the
//! command `letterhead new`.
//! Must not know the layout of a letterhead.

use super::console::print_stdout;
use super::files::{self, PictureFiles, display_path};
use super::load::LoadedReport;
use super::settings::{self, AncestorDirs};
use super::{Failure, Outcome, atomic_write, previous_report, symlinks};
use docx_fill::diag::{Lang, Location, Sink, SourceId, Sources};
use nianbao::data::{self, Syntax};
use nianbao::letterhead::{self, Letterhead};
use nianbao::msg;
use nianbao::render::letterhead::{
    DATA, LetterheadFiles, TYPST, WORD, check_pictures, starter_files,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Name for the report without a letterhead, as published.
const NO_LETTERHEAD: &str = "none";
/// Name of the built-in letterhead, for a report submitted to the superior organ.
const UPWARD: &str = "upward";
/// Suffix of file names for the built-in letterhead.
const UPWARD_SUFFIX: &str = "报送";
/// Folder of letterheads, beside a data file or in the folder of templates.
const LETTERHEADS_DIR: &str = "letterheads";

#[derive(Debug, clap::Subcommand)]
pub(crate) enum LetterheadCommand {
    New(LetterheadNewArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct LetterheadNewArgs {
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Runs `nianbao letterhead new DIR`.
pub(crate) fn run_letterhead_new(ask: &LetterheadNewArgs, lang: Lang) -> Result<Outcome, Failure> {
    let files = starter_files().map(|(name, bytes)| (ask.dir.join(name), bytes));
    if let Some((file, _)) = files.iter().find(|(file, _)| file.exists()) {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(file))));
    }
    atomic_write::write_all_files(&ask.dir, &files)?;
    for (file, _) in files {
        print_stdout(&format!(
            "{}\n",
            msg!("done.written", file = display_path(&file)).in_lang(lang)
        ));
    }
    let dir = display_path(&ask.dir);
    print_stdout(&format!("{}\n", msg!("letterhead.new-next", dir = dir).in_lang(lang)));
    Ok(Outcome::Clean)
}

/// A letterhead for one report.
pub(crate) struct SelectedLetterhead {
    /// Key that identifies the letterhead.
    pub(crate) key: String,
    /// Files of its folder.
    pub(crate) files: LetterheadFiles,
    /// Its data.
    pub(crate) letterhead: Letterhead,
    /// Its data filled in for this report.
    pub(crate) value: Value,
    /// Its pictures.
    pub(crate) pictures: PictureFiles,
    /// Suffix of file names.
    pub(crate) suffix: String,
}

/// Returns the variants of a report, in the order given: as published (`None`) or with a
/// letterhead.
pub(crate) fn select_letterheads(
    templates: Option<&Path>,
    asked: &[PathBuf],
    loaded: &LoadedReport,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Vec<Option<SelectedLetterhead>>, Failure> {
    if asked.is_empty() {
        return Ok(vec![None]);
    }
    let one = |name: &PathBuf| match name.to_str() {
        Some(NO_LETTERHEAD) => Ok(None),
        _ => select_letterhead(templates, name, loaded, sources, sink).map(Some),
    };
    asked.iter().map(one).collect()
}

/// Folders of the files that name pictures.
pub(crate) type SourceDirs = BTreeMap<SourceId, PathBuf>;

fn select_letterhead(
    templates: Option<&Path>,
    name: &Path,
    loaded: &LoadedReport,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<SelectedLetterhead, Failure> {
    let beside = previous_report::parent_dir(&loaded.file);
    let FoundLetterhead { key, folder, mut files, suffix } =
        find_letterhead(templates, name, &beside)?;
    let mut homes = SourceDirs::from([(loaded.report.source, beside)]);
    // From general to specific: the letterhead, the current folder, the report.
    let mut letterhead = Letterhead::default();
    if let Some((shown, bytes)) = files.remove(DATA) {
        letterhead = parse_letterhead((&shown, &folder), &bytes, &mut homes, sources, sink);
    }
    if let Some(near) = local_letterhead_file(&folder) {
        let bytes = files::read_recorded(near)?;
        let over = parse_letterhead((DATA, Path::new(".")), &bytes, &mut homes, sources, sink);
        letterhead = letterhead.overridden_by(over);
    }
    if let Some(over) = &loaded.letterhead {
        letterhead = letterhead.overridden_by(over.clone());
    }
    let pictures = letterhead_pictures(&letterhead, &homes)?;
    let mut own = Sink::new();
    check_pictures(&letterhead, &pictures, &mut own);
    let value = letterhead.to_value(&loaded.report, sources, &mut own);
    let suffix = letterhead.filled_suffix(&loaded.report, sources, &mut own).unwrap_or(suffix);
    // Faults of the report's own file were reported already.
    let said =
        |place: &Location| matches!(place, Location::Span(id, _) if *id == loaded.report.source);
    sink.extend(own.into_sorted().into_iter().filter(|found| !said(&found.location)));
    Ok(SelectedLetterhead { key, files, letterhead, value, pictures, suffix })
}

/// Returns the letterhead data of the current folder, unless that is the letterhead's own folder.
fn local_letterhead_file(folder: &Path) -> Option<&'static Path> {
    let near = Path::new(DATA);
    let same = folder
        .canonicalize()
        .is_ok_and(|folder| Path::new(".").canonicalize().is_ok_and(|here| here == folder));
    (symlinks::path_kind(near) == symlinks::PathKind::File && !same).then_some(near)
}

/// Reports letterhead data beside the reports that is ignored, once.
pub(crate) fn report_ignored_files(
    asked: &[PathBuf],
    way: &AncestorDirs,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Vec<PathBuf> {
    let mut others = way.find_files(&[DATA.to_owned()]);
    for name in asked {
        let own = if name.is_dir() { name.join(DATA) } else { name.with_extension("toml") };
        others = settings::without_used_file(others, Some(&own));
    }
    for file in &others {
        let message = msg!("letterhead.passed-over", file = display_path(file));
        let hint = msg!("letterhead.passed-over-hint", file = display_path(file));
        sink.push(settings::file_ignored_remark(file, sources, message).with_hint(hint));
    }
    // Its use is decided for each report.
    symlinks::is_own_file(Path::new(DATA), sources, sink);
    others
}

/// Checks whether a letterhead was requested, not only the report as published.
pub(crate) fn has_real_letterhead(asked: &[PathBuf]) -> bool {
    asked.iter().any(|name| name.to_str() != Some(NO_LETTERHEAD))
}

/// Returns the data file of the current folder that applies to the requested letterheads.
pub(crate) fn active_local_file(asked: &[PathBuf]) -> Option<&'static Path> {
    local_letterhead_file(Path::new("")).filter(|_| has_real_letterhead(asked))
}

struct FoundLetterhead {
    key: String,
    folder: PathBuf,
    files: LetterheadFiles,
    suffix: String,
}

/// Finds a letterhead: as a path, then among those of the current folder and of the templates. One
/// that lies beside foreign data is used only if its path is given.
fn find_letterhead(
    templates: Option<&Path>,
    name: &Path,
    beside: &Path,
) -> Result<FoundLetterhead, Failure> {
    if name.to_str() == Some(UPWARD) && !name.exists() {
        return Ok(FoundLetterhead {
            key: UPWARD.to_owned(),
            folder: PathBuf::new(),
            files: LetterheadFiles::new(),
            suffix: UPWARD_SUFFIX.to_owned(),
        });
    }
    let mut places = vec![name.to_owned(), Path::new(LETTERHEADS_DIR).join(name)];
    places.extend(templates.iter().map(|dir| dir.join(LETTERHEADS_DIR).join(name)));
    places.dedup();
    let Some(path) = places.iter().find(|path| path.exists()) else {
        let near = [beside.join(name), beside.join(LETTERHEADS_DIR).join(name)];
        let near = near.iter().find(|path| path.exists()).map(|path| display_path(path));
        let places: Vec<String> = places.iter().map(|path| display_path(path)).collect();
        let name = display_path(name);
        return Err(Failure::without_cause(match near {
            Some(near) => {
                msg!("letterhead.not-found-near", name = name, places = places, near = near)
            }
            None => msg!("letterhead.not-found", name = name, places = places),
        }));
    };
    let files =
        if path.is_dir() { read_letterhead_folder(path)? } else { read_letterhead_file(path)? };
    let folder = if path.is_dir() { path.clone() } else { previous_report::parent_dir(path) };
    let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
    let suffix = stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(FoundLetterhead { key: display_path(path), folder, files, suffix })
}

/// Returns all files of a letterhead's folder.
fn read_letterhead_folder(dir: &Path) -> Result<LetterheadFiles, Failure> {
    let files = files::read_folder(dir)?;
    let known = [DATA, WORD, TYPST];
    if !files.keys().any(|name| known.contains(&name.as_str())) {
        let message = msg!("letterhead.empty-folder", dir = display_path(dir));
        return Err(Failure::without_cause(message));
    }
    let named = |(name, bytes): (String, Vec<u8>)| {
        let shown = display_path(&dir.join(&name));
        (name, (shown, bytes))
    };
    Ok(files.into_iter().map(named).collect())
}

/// Returns a Word document or a data file, with the files of the same name beside it.
fn read_letterhead_file(path: &Path) -> Result<LetterheadFiles, Failure> {
    let kinds = [("docx", WORD), ("typ", TYPST), ("toml", DATA)];
    let extension = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    if !kinds.iter().any(|(kind, _)| kind.eq_ignore_ascii_case(extension)) {
        let message = msg!("letterhead.unknown-kind", file = display_path(path));
        return Err(Failure::without_cause(message));
    }
    let mut out = LetterheadFiles::new();
    for (kind, name) in kinds {
        let own = kind.eq_ignore_ascii_case(extension);
        let file = if own { path.to_owned() } else { path.with_extension(kind) };
        if own || symlinks::path_kind(&file) == symlinks::PathKind::File {
            out.insert(name.to_owned(), (display_path(&file), files::read_recorded(&file)?));
        }
    }
    Ok(out)
}

fn parse_letterhead(
    (name, home): (&str, &Path),
    bytes: &[u8],
    homes: &mut SourceDirs,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Letterhead {
    let binary = sources.add_binary(name);
    let Some(text) = data::decode_utf8(binary, bytes, sink) else { return Letterhead::default() };
    let source = sources.add_text(name, text);
    homes.insert(source, home.to_owned());
    // A file of comments only is valid here.
    if text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')) {
        return Letterhead::default();
    }
    let root = data::load_data(source, text, Syntax::Toml, sink);
    root.map(|root| letterhead::read_letterhead(source, &root, sink)).unwrap_or_default()
}

/// Returns the pictures, each from the folder of the file that names it.
pub(crate) fn letterhead_pictures(
    letterhead: &Letterhead,
    homes: &SourceDirs,
) -> Result<PictureFiles, Failure> {
    let mut out = PictureFiles::default();
    for (name, picture) in letterhead.named_pictures() {
        if let Some(home) = homes.get(&picture.source) {
            out.add_as(
                &name,
                PictureFiles::read_existing(home, std::slice::from_ref(&picture.text))?,
            );
        }
    }
    Ok(out)
}
