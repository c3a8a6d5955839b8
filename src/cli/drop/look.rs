//! Owns recognising what was dropped: a report, a folder of units, or something that is not read and why.
//! Must not read a report.

use super::home;
use crate::cli::files::{self, Kind, shown};
use crate::cli::{Failure, collect};
use nianbao::diag::Text;
use nianbao::text;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Most files of a folder; more than a county has, and quickly counted.
const MOST_FILES: usize = 20_000;
/// Deepest folder below the one that was dropped.
const DEEPEST: usize = 6;
/// Of the files that are not read, so many are named.
const NAMED: usize = 10;
/// The settings, which are dropped by mistake.
const SETTINGS: &str = "nianbao.toml";

/// What was dropped.
#[derive(Debug)]
pub(super) enum Thing {
    /// A report.
    Report(Single),
    /// A folder of units.
    Units { dir: PathBuf, units: Units },
}

/// A single report.
#[derive(Debug)]
pub(super) struct Single {
    pub(super) file: PathBuf,
    /// What the user calls it: with the folder, if that was dropped.
    pub(super) name: String,
    /// What lies in the dropped folder besides and is not read.
    pub(super) besides: Vec<String>,
    /// The report of the year before, if it was dropped too.
    pub(super) previous: Option<PathBuf>,
    /// Whether a later one was dropped too.
    pub(super) followed: bool,
}

impl Single {
    pub(super) fn of(file: &Path) -> Single {
        Single::named(file.to_owned(), name(file), Vec::new())
    }

    /// The report of a folder.
    pub(super) fn within(dir: &Path, file: PathBuf, besides: Vec<String>) -> Single {
        let below = file.strip_prefix(dir).unwrap_or(&file);
        let name = format!("{}/{}", super::folder_name(dir), shown(below).replace('\\', "/"));
        Single::named(file, name, besides)
    }

    fn named(file: PathBuf, name: String, besides: Vec<String>) -> Single {
        Single { file, name, besides, previous: None, followed: false }
    }
}

/// What is to be added up.
#[derive(Debug)]
pub(super) struct Units {
    /// The folder or, if it also holds what the program made, the other files of it.
    pub(super) paths: Vec<PathBuf>,
    /// The reports that can be read.
    pub(super) reports: Vec<PathBuf>,
}

/// Looks at what a path names. What is not read is a failure that says the way out.
pub(super) fn look(path: &Path) -> Result<Thing, Failure> {
    let found = std::fs::metadata(path).map_err(|error| files::unreadable(path, error))?;
    if found.is_dir() {
        return folder(path);
    }
    if !found.is_file() {
        return Err(Failure::plain(text!("drop.device", file = name(path))));
    }
    match refusal(path) {
        Some(reason) => Err(Failure::plain(reason)),
        None => Ok(Thing::Report(Single::of(path))),
    }
}

/// The last part of a path.
pub(super) fn name(path: &Path) -> String {
    let whole = || shown(path);
    path.file_name().map_or_else(whole, |name| name.to_string_lossy().into_owned())
}

/// Why a file is not read as a report.
fn refusal(path: &Path) -> Option<Text> {
    let file = name(path);
    if file.starts_with("~$") || file.starts_with(".~") {
        return Some(text!("drop.temporary", file = file));
    }
    if file == SETTINGS {
        return Some(text!("drop.settings", file = file));
    }
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if matches!(extension.as_str(), "html" | "htm") && home::is_page(path) {
        return Some(text!("drop.own-page", file = file));
    }
    match files::kind(path) {
        Ok(Kind::Csv) => return Some(text!("drop.unread-csv", file = file)),
        Ok(Kind::Text(_) | Kind::Workbook | Kind::Word) => return None,
        Err(_) => {}
    }
    Some(match extension.as_str() {
        "lnk" | "desktop" => text!("drop.shortcut", file = file),
        "xls" | "et" | "ods" | "ett" | "xlt" | "xlsm" | "xlsb" | "xltx" => {
            text!("drop.unread-sheet", file = file)
        }
        "doc" | "wps" | "odt" | "rtf" | "dot" | "wpt" | "docm" | "dotx" => {
            text!("drop.unread-word", file = file)
        }
        "pdf" | "ofd" => text!("drop.unread-pdf", file = file),
        "html" | "htm" | "mht" | "mhtml" => text!("drop.unread-page", file = file),
        "zip" | "rar" | "7z" | "tar" | "gz" | "tgz" => text!("drop.unread-zip", file = file),
        _ => text!("drop.unread-other", file = file),
    })
}

/// What lies in a folder.
#[derive(Default)]
struct Found {
    reports: Vec<PathBuf>,
    /// Reports of a kind that is not read.
    old: Vec<PathBuf>,
    /// Whether there are files that the program made.
    has_own: bool,
    /// Files looked at.
    seen: usize,
}

/// A report's folder, a folder with a single report, or a folder of units.
fn folder(dir: &Path) -> Result<Thing, Failure> {
    let reports = files::reports(dir);
    if reports.len() > 1 {
        let names: Vec<String> = reports.iter().map(|file| name(file)).collect();
        return Err(Failure::plain(text!("drop.folder-report", dir = name(dir), files = names)));
    }
    if let Some(file) = reports.into_iter().next() {
        return Ok(Thing::Report(Single::within(dir, file, Vec::new())));
    }
    let mut found = Found::default();
    walk(dir, DEEPEST, &mut found)?;
    let Found { mut reports, old, has_own, .. } = found;
    let named: Vec<String> = old.iter().take(NAMED).map(|file| name(file)).collect();
    match (reports.len(), old.is_empty()) {
        (0, true) => Err(Failure::plain(text!("drop.nothing", dir = name(dir)))),
        (0, false) => Err(Failure::plain(text!("drop.only-old", dir = name(dir), files = named))),
        (1, _) => Ok(Thing::Report(Single::within(dir, reports.remove(0), named))),
        _ => {
            let all = || reports.iter().cloned().chain(old).collect();
            let paths = if has_own { all() } else { vec![dir.to_owned()] };
            Ok(Thing::Units { dir: dir.to_owned(), units: Units { paths, reports } })
        }
    }
}

/// Collects the files as `collect` does, without those that the program wrote itself.
fn walk(dir: &Path, depth: usize, found: &mut Found) -> Result<(), Failure> {
    let wrong = |error| files::unreadable(dir, error);
    let mut names: Vec<(PathBuf, bool)> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        found.seen += 1;
        if found.seen > MOST_FILES {
            let told = text!("drop.too-many", dir = name(dir), limit = MOST_FILES);
            return Err(Failure::plain(told));
        }
        let kind = entry.file_type().map_err(wrong)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let hidden = file.starts_with('.') || file.starts_with("~$");
        if !hidden && (kind.is_dir() || kind.is_file()) {
            names.push((entry.path(), kind.is_dir()));
        }
    }
    names.sort();
    let own: BTreeSet<PathBuf> = home::made_in(dir);
    for (path, is_dir) in names {
        let file = name(&path);
        if is_dir {
            match files::data_file(&path) {
                Ok(report) => found.reports.push(report),
                // What a closed folder holds is told by `collect`.
                Err(_) if depth > 0 => walk(&path, depth - 1, found)?,
                Err(_) => {}
            }
        } else if own.contains(&path) {
            found.has_own = true;
        } else if !collect::is_delivered(&file, false) {
            // Settings and last year's lie beside the reports.
        } else if refusal(&path).is_none() {
            found.reports.push(path);
        } else {
            found.old.push(path);
        }
    }
    Ok(())
}
