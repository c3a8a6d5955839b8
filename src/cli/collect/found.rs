//! Owns finding the units' files below the named folders, and telling them from the county's own papers.
//! Must not read a file.

use super::Collect;
use crate::cli::Failure;
use crate::cli::files::{self, Kind, shown};
use crate::cli::settings::SETTINGS;
use docx_fill::diag::Text;
use nianbao::render::letterhead::DATA as LETTERHEAD;
use nianbao::text;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Name of the list of units, in any syntax.
pub(super) const LIST: &str = "units";
/// Deepest folder below a named one.
const DEEPEST: usize = 6;
/// Files that units deliver although no figures can be read from them.
const UNREAD: [&str; 7] = ["pdf", "doc", "xls", "wps", "et", "ofd", "rtf"];

/// What lies in the named folders.
#[derive(Default)]
pub(super) struct Found {
    /// The units' files by what outputs call them.
    pub(super) units: BTreeSet<(String, PathBuf)>,
    pub(super) lists: BTreeSet<PathBuf>,
    pub(super) letterheads: BTreeSet<PathBuf>,
    /// Links that stand where a unit's file or folder could.
    pub(super) links: BTreeSet<PathBuf>,
    /// What lies there and cannot be looked at, with the reason.
    pub(super) unread: Vec<Unread>,
}

/// A file or folder of a unit that cannot be read, by what outputs call it.
pub(super) struct Unread {
    pub(super) file: String,
    pub(super) path: PathBuf,
    pub(super) reason: Text,
}

pub(super) fn found_files(ask: &Collect) -> Result<Found, Failure> {
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
    if found.units.is_empty()
        && found.lists.is_empty()
        && found.links.is_empty()
        && found.unread.is_empty()
    {
        let dirs: Vec<String> = ask.paths.iter().map(|path| shown(path)).collect();
        return Err(Failure::plain(text!("collect.no-files", dirs = dirs)));
    }
    Ok(found)
}

/// A folder with a `report.*` is a unit; otherwise each file is one, and each folder below is looked into. What
/// cannot be looked at is noted, and the others go on.
fn walk(dir: &Path, prefix: &str, depth: usize, ask: &Collect, found: &mut Found) {
    let (mut names, failed) = entries(dir, prefix, ask, found);
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
        } else if name == LETTERHEAD {
            found.letterheads.insert(path);
        } else if is_delivered(&name, whole) {
            found.units.insert((label, path));
        }
    }
}

/// The files and folders of a folder by what they are called, without those that are hidden and the result, and
/// why it is not all of them. Links, pipes and devices where a unit's
/// file or folder could be are noted.
fn entries(
    dir: &Path,
    prefix: &str,
    ask: &Collect,
    found: &mut Found,
) -> (Vec<(String, PathBuf, bool)>, Option<std::io::Error>) {
    let mut names = Vec::new();
    let mut read = || -> std::io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link could lead out of the folder or around in it.
            let kind = entry.file_type()?;
            let hidden = name.starts_with('.') || name.starts_with("~$");
            if hidden || entry.path() == ask.out {
                continue;
            }
            if kind.is_dir() || kind.is_file() {
                names.push((name, entry.path(), kind.is_dir()));
            } else if kind.is_symlink()
                && name != SETTINGS
                && (is_file(&name) || entry.path().is_dir())
            {
                found.links.insert(entry.path());
            } else if !kind.is_symlink() && is_file(&name) {
                let path = entry.path();
                let reason = text!("io.not-ordinary", file = shown(&path));
                found.unread.push(Unread { file: format!("{prefix}{name}"), path, reason });
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

pub(super) fn is_unread(name: &str) -> bool {
    let end = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    UNREAD.iter().any(|known| known.eq_ignore_ascii_case(end))
}

/// Whether a file is one that a unit has delivered; last year's and settings lie beside.
pub(crate) fn is_delivered(name: &str, whole: bool) -> bool {
    let stem = stem(name);
    if name == SETTINGS || stem.ends_with(".previous") {
        return false;
    }
    if whole { stem == "report" && is_data(name) } else { is_file(name) }
}

/// Whether a unit could deliver a file of this name.
fn is_file(name: &str) -> bool {
    is_data(name) || is_unread(name)
}
