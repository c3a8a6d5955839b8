//! Owns finding the units' files below the given folders, without the county's own files.
//! Must not read a file.

use super::CollectArgs;
use crate::cli::Failure;
use crate::cli::fs::data_files;
use crate::cli::fs::paths::display_path;
use crate::cli::run_inputs::settings::SETTINGS_FILE;
use docx_fill::diag::Message;
use nianbao::msg;
use nianbao::render::letterhead::DATA as LETTERHEAD;
use nianbao::session::DataFileKind;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Name of the list of units, without extension.
pub(super) const UNIT_LIST_STEM: &str = "units";
/// Maximum depth of folders below a given one.
const MAX_DEPTH: usize = 6;
/// Extensions of files that units deliver although no figures can be read from them.
const UNREADABLE_EXTENSIONS: [&str; 5] = ["pdf", "doc", "wps", "ofd", "rtf"];

/// The content of the given folders.
#[derive(Default)]
pub(super) struct UnitFiles {
    /// The units' files by their names in outputs.
    pub(super) units: BTreeSet<(String, PathBuf)>,
    pub(super) unit_lists: BTreeSet<PathBuf>,
    pub(super) letterheads: BTreeSet<PathBuf>,
    /// Links in place of a unit's file or folder.
    pub(super) links: BTreeSet<PathBuf>,
    /// Files and folders that cannot be read, with the reason.
    pub(super) unreadable: Vec<UnreadablePath>,
}

/// A file or folder of a unit that cannot be read, by its name in outputs.
pub(super) struct UnreadablePath {
    pub(super) file: String,
    pub(super) path: PathBuf,
    pub(super) reason: Message,
}

pub(super) fn find_unit_files(args: &CollectArgs) -> Result<UnitFiles, Failure> {
    let mut found = UnitFiles::default();
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for path in &args.paths {
        let wrong = |error| Failure::new(msg!("io.read", file = display_path(path)), error);
        if std::fs::metadata(path).map_err(wrong)?.is_dir() {
            walk_unit_dirs(
                &UnitFolder { dir: path, prefix: "", depth: MAX_DEPTH },
                args,
                &mut found,
            );
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            *named.entry(name.clone()).or_default() += 1;
            found.units.insert((name, path.clone()));
        }
    }
    // Files of equal names are distinguished by their folders.
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
    let papers = [&args.own, &args.units, &args.against.previous, &args.against.config];
    let papers: Vec<PathBuf> =
        papers.into_iter().flatten().filter_map(|path| path.canonicalize().ok()).collect();
    found.units.retain(|(_, path)| {
        let real = path.canonicalize().ok();
        real.is_none_or(|real| {
            !papers.iter().any(|paper| real == *paper || real.parent() == Some(paper.as_path()))
        })
    });
    if found.units.is_empty()
        && found.unit_lists.is_empty()
        && found.links.is_empty()
        && found.unreadable.is_empty()
    {
        let dirs: Vec<String> = args.paths.iter().map(|path| display_path(path)).collect();
        return Err(Failure::without_cause(msg!("collect.no-files", dirs = dirs)));
    }
    Ok(found)
}

/// A folder that may hold units.
#[derive(Clone, Copy)]
struct UnitFolder<'a> {
    dir: &'a Path,
    /// Beginning of the names of its files, with a slash.
    prefix: &'a str,
    /// Number of levels that may still lie below.
    depth: usize,
}

/// Collects the units below a folder: a folder with a `report.*` is a unit; otherwise each file is
/// one, and subfolders are searched. What cannot be read is noted, and the others go on.
fn walk_unit_dirs(folder: &UnitFolder<'_>, args: &CollectArgs, found: &mut UnitFiles) {
    let UnitFolder { dir, prefix, depth } = *folder;
    let (mut names, failed) = list_entries(dir, prefix, args, found);
    names.sort();
    if let Some(error) = failed {
        let reason = Failure::new(msg!("io.read", file = display_path(dir)), error).to_message();
        let file = prefix.trim_end_matches('/').to_owned();
        found.unreadable.push(UnreadablePath { file, path: dir.to_owned(), reason });
    }
    let is_report = |name: &str| name_stem(name) == "report" && is_data_file(name);
    let whole = names.iter().any(|(name, _, is_dir)| !is_dir && is_report(name));
    for (name, path, is_dir) in names {
        let label = format!("{prefix}{name}");
        if is_dir {
            match depth {
                _ if whole => {}
                0 => {
                    let reason = msg!("collect.too-deep", levels = MAX_DEPTH);
                    found.unreadable.push(UnreadablePath { file: label, path, reason });
                }
                _ => {
                    let prefix = format!("{label}/");
                    let below = UnitFolder { dir: &path, prefix: &prefix, depth: depth - 1 };
                    walk_unit_dirs(&below, args, found);
                }
            }
        } else if name_stem(&name) == UNIT_LIST_STEM && is_data_file(&name) {
            found.unit_lists.insert(path);
        } else if name == LETTERHEAD {
            found.letterheads.insert(path);
        } else if is_delivered(&name, whole) {
            found.units.insert((label, path));
        }
    }
}

/// Returns the entries of a folder by their names, without hidden ones and the result, and the
/// error if the list is incomplete. Links, pipes and devices in place of a unit's file or folder
/// are noted.
fn list_entries(
    dir: &Path,
    prefix: &str,
    args: &CollectArgs,
    found: &mut UnitFiles,
) -> (Vec<(String, PathBuf, bool)>, Option<std::io::Error>) {
    let mut names = Vec::new();
    let mut read = || -> std::io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link could lead out of the folder or form a cycle.
            let kind = entry.file_type()?;
            let hidden = name.starts_with('.') || name.starts_with("~$");
            if hidden || entry.path() == args.out {
                continue;
            }
            if kind.is_dir() || kind.is_file() {
                names.push((name, entry.path(), kind.is_dir()));
            } else if kind.is_symlink()
                && name != SETTINGS_FILE
                && (is_deliverable(&name) || entry.path().is_dir())
            {
                found.links.insert(entry.path());
            } else if !kind.is_symlink() && is_deliverable(&name) {
                let path = entry.path();
                let reason = msg!("io.not-ordinary", file = display_path(&path));
                found.unreadable.push(UnreadablePath {
                    file: format!("{prefix}{name}"),
                    path,
                    reason,
                });
            }
        }
        Ok(())
    };
    let failed = read().err();
    (names, failed)
}

fn name_stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn is_data_file(name: &str) -> bool {
    data_files::data_file_kind(Path::new(name)).is_ok_and(|kind| kind != DataFileKind::Csv)
}

pub(super) fn is_unreadable_kind(name: &str) -> bool {
    let end = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    UNREADABLE_EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(end))
}

/// Checks whether a file is one that a unit has delivered, not last year's report or settings.
pub(crate) fn is_delivered(name: &str, whole: bool) -> bool {
    let stem = name_stem(name);
    if name == SETTINGS_FILE || stem.ends_with(".previous") {
        return false;
    }
    if whole { stem == "report" && is_data_file(name) } else { is_deliverable(name) }
}

/// Checks whether a unit could deliver a file of this name.
fn is_deliverable(name: &str) -> bool {
    is_data_file(name) || is_unreadable_kind(name)
}
