//! Owns letterheads on disk: where one is found by its name, and what speaks of it for a report.
//! Must not know what a letterhead looks like.

use super::load::LoadedReport;
use super::settings::{self, DataSearchPath};
use crate::cli::Failure;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::fs::symlinks;
use docx_fill::diag::SourceId;
use nianbao::letterhead::Letterhead;
use nianbao::msg;
use nianbao::render::letterhead::{DATA, LetterheadFiles, TYPST, WORD};
use nianbao::session::{FilledLetterhead, Pictures, Session};
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
    pub(crate) pictures: Pictures,
    /// The suffix of file names.
    pub(crate) suffix: String,
}

/// Returns the variants of a report, in the order given: as published (`None`) or with a
/// letterhead.
pub(crate) fn select_letterheads(
    asked: &[PathBuf],
    loaded: &LoadedReport,
    context: &LetterheadFolders<'_>,
    session: &mut Session<'_>,
) -> Result<Vec<Option<SelectedLetterhead>>, Failure> {
    if asked.is_empty() {
        return Ok(vec![None]);
    }
    let one = |name: &PathBuf| match name.to_str() {
        Some(NO_LETTERHEAD) => Ok(None),
        _ => select_letterhead(name, loaded, context, session).map(Some),
    };
    asked.iter().map(one).collect()
}

/// The folder in which each file that names pictures lies.
type SourceDirs = BTreeMap<SourceId, PathBuf>;

fn select_letterhead(
    name: &Path,
    loaded: &LoadedReport,
    context: &LetterheadFolders<'_>,
    session: &mut Session<'_>,
) -> Result<SelectedLetterhead, Failure> {
    let beside = parent_dir(&loaded.file);
    let FoundLetterhead { key, folder, mut files, suffix } =
        context.find_letterhead(name, &beside)?;
    let mut homes = SourceDirs::from([(loaded.report.source, beside)]);
    // From general to specific: the letterhead, the current folder, the report.
    let mut letterhead = Letterhead::default();
    if let Some((shown, bytes)) = files.remove(DATA)
        && let Some(read) = session.open_letterhead(&shown, &bytes)
    {
        homes.insert(read.source, folder.clone());
        letterhead = read.letterhead;
    }
    if let Some(near) = local_letterhead_file(&folder)
        && let Some(over) = session.open_letterhead(DATA, &context.files.read(near)?)
    {
        homes.insert(over.source, PathBuf::from("."));
        letterhead = letterhead.overridden_by(over.letterhead);
    }
    if let Some(over) = &loaded.letterhead {
        letterhead = letterhead.overridden_by(over.clone());
    }
    let pictures = letterhead_pictures(&letterhead, &homes, context.files)?;
    let FilledLetterhead { value, suffix: own } =
        session.fill_letterhead(&letterhead, &loaded.report, &pictures);
    let suffix = own.unwrap_or(suffix);
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
    search_path: &DataSearchPath,
    session: &mut Session<'_>,
) -> Vec<PathBuf> {
    let mut others = search_path.find_files(&[DATA.to_owned()]);
    for name in asked {
        let own = if name.is_dir() { name.join(DATA) } else { name.with_extension("toml") };
        others = settings::without_used_file(others, Some(&own));
    }
    for file in &others {
        let message = msg!("letterhead.passed-over", file = display_path(file));
        let hint = msg!("letterhead.passed-over-hint", file = display_path(file));
        let found = settings::file_ignored_remark(file, session.sources_mut(), message);
        session.push_finding(found.with_hint(hint));
    }
    // Each report decides whether it takes this letterhead.
    symlinks::is_own_file(Path::new(DATA), session);
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

/// The folders in which letterheads are looked for.
pub(crate) struct LetterheadFolders<'a> {
    /// The folder of further templates, which may hold letterheads.
    pub(crate) template_dir: Option<&'a Path>,
    pub(crate) files: &'a FileReader,
}

struct FoundLetterhead {
    key: String,
    folder: PathBuf,
    files: LetterheadFiles,
    suffix: String,
}

impl LetterheadFolders<'_> {
    /// Finds a letterhead: as a path, then among those of the current folder and of the templates. One that lies
    /// beside a stranger's data is not meant unless its path says so.
    fn find_letterhead(&self, name: &Path, beside: &Path) -> Result<FoundLetterhead, Failure> {
        if name.to_str() == Some(UPWARD) && !name.exists() {
            return Ok(FoundLetterhead {
                key: UPWARD.to_owned(),
                folder: PathBuf::new(),
                files: LetterheadFiles::new(),
                suffix: UPWARD_SUFFIX.to_owned(),
            });
        }
        let mut places = vec![name.to_owned(), Path::new(LETTERHEADS_DIR).join(name)];
        places.extend(self.template_dir.iter().map(|dir| dir.join(LETTERHEADS_DIR).join(name)));
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
        let files = if path.is_dir() {
            self.read_letterhead_folder(path)?
        } else {
            self.read_letterhead_file(path)?
        };
        let folder = if path.is_dir() { path.clone() } else { parent_dir(path) };
        let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
        let suffix = stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(FoundLetterhead { key: display_path(path), folder, files, suffix })
    }

    /// Returns all files of a letterhead's folder.
    fn read_letterhead_folder(&self, dir: &Path) -> Result<LetterheadFiles, Failure> {
        let files = self.files.read_folder(dir)?;
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
    fn read_letterhead_file(&self, path: &Path) -> Result<LetterheadFiles, Failure> {
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
                out.insert(name.to_owned(), (display_path(&file), self.files.read(&file)?));
            }
        }
        Ok(out)
    }
}

/// Returns the pictures, each from the folder of the file that names it.
fn letterhead_pictures(
    letterhead: &Letterhead,
    homes: &SourceDirs,
    files: &FileReader,
) -> Result<Pictures, Failure> {
    let mut out = Pictures::default();
    for (name, picture) in letterhead.named_pictures() {
        if let Some(home) = homes.get(&picture.source) {
            let found = files.read_pictures(home, std::slice::from_ref(&picture.text))?;
            out.insert_as(&name, found);
        }
    }
    Ok(out)
}
