//! Owns classifying what was dropped: a report, a folder of units, or something unsupported with
//! the reason.
//! Must not read a report.

use super::results_folder;
use crate::cli::Failure;
use crate::cli::fs::archives;
use crate::cli::fs::data_files;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::own_outputs;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_folder::{self, find_data_file};
use crate::cli::fs::report_walk::{FoundFiles, WalkRules};
use docx_fill::diag::Message;
use nianbao::limits::Limits;
use nianbao::msg;
use nianbao::session::DataFileKind;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Maximum number of files in a folder; more than a county has, and quickly counted.
const MAX_FILES: usize = 20_000;
/// Maximum depth of folders below the dropped one.
const MAX_DEPTH: usize = 6;
/// Maximum number of unsupported files that are named.
const MAX_NAMED_FILES: usize = 10;
/// Settings, which are dropped by mistake.
const SETTINGS_FILE: &str = "nianbao.toml";

/// A dropped file or folder.
#[derive(Debug)]
pub(super) enum DroppedInput {
    /// A report.
    Report(DroppedReport),
    /// A folder of units.
    Units { dir: PathBuf, units: DroppedUnits },
}

/// A single report.
#[derive(Debug)]
pub(super) struct DroppedReport {
    pub(super) file: PathBuf,
    /// Name for the user, with the folder if that was dropped.
    pub(super) display_name: String,
    /// Other files of the dropped folder, which are not read.
    pub(super) unread_files: Vec<String>,
    /// Report of the year before, if it was dropped too.
    pub(super) previous: Option<PathBuf>,
    /// True if a later report was dropped too.
    pub(super) has_later: bool,
}

impl DroppedReport {
    pub(super) fn from_file(file: &Path) -> DroppedReport {
        DroppedReport::named(file.to_owned(), last_component(file), Vec::new())
    }

    /// Creates the report of a dropped folder.
    pub(super) fn in_folder(dir: &Path, file: PathBuf, unread_files: Vec<String>) -> DroppedReport {
        let below = file.strip_prefix(dir).unwrap_or(&file);
        let display_name =
            format!("{}/{}", super::folder_name(dir), display_path(below).replace('\\', "/"));
        DroppedReport::named(file, display_name, unread_files)
    }

    fn named(file: PathBuf, display_name: String, unread_files: Vec<String>) -> DroppedReport {
        DroppedReport { file, display_name, unread_files, previous: None, has_later: false }
    }
}

/// Beginning of the names of the archives that hold this program (scripts/dist).
const ARCHIVE_PREFIX: &str = "nianbao-";

/// The units to be summed up.
#[derive(Debug)]
pub(super) struct DroppedUnits {
    /// The folder or, if it also contains files made by the program, its other files.
    pub(super) paths: Vec<PathBuf>,
    /// Reports that can be read.
    pub(super) reports: Vec<PathBuf>,
}

/// Looks at what a path names. What is not read is a failure that says the way out.
pub(super) fn classify_path(path: &Path, limits: &Limits) -> Result<DroppedInput, Failure> {
    let found =
        std::fs::metadata(path).map_err(|error| data_files::unreadable_failure(path, error))?;
    if found.is_dir() {
        return classify_folder(path, limits);
    }
    if !found.is_file() {
        return Err(Failure::without_cause(msg!("drop.device", file = last_component(path))));
    }
    if is_unit_archive(path) {
        return classify_archive(path, limits);
    }
    match refusal_reason(path, limits) {
        Some(reason) => Err(Failure::without_cause(reason)),
        None => Ok(DroppedInput::Report(DroppedReport::from_file(path))),
    }
}

/// Returns the last component of a path.
pub(super) fn last_component(path: &Path) -> String {
    let whole = || display_path(path);
    path.file_name().map_or_else(whole, |name| name.to_string_lossy().into_owned())
}

/// Returns the reason for which a file is not read as a report.
fn refusal_reason(path: &Path, limits: &Limits) -> Option<Message> {
    let file = last_component(path);
    if file.starts_with("~$") || file.starts_with(".~") {
        return Some(msg!("drop.temporary", file = file));
    }
    if file == SETTINGS_FILE {
        return Some(msg!("drop.settings", file = file));
    }
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if matches!(extension.as_str(), "html" | "htm")
        && own_outputs::is_own_page(path, &FileReader::new(limits))
    {
        return Some(msg!("drop.own-page", file = file));
    }
    match data_files::data_file_kind(path) {
        Ok(DataFileKind::Csv) => return Some(msg!("drop.unread-csv", file = file)),
        Ok(_) => return None,
        Err(_) => {}
    }
    Some(match extension.as_str() {
        "lnk" | "desktop" => msg!("drop.shortcut", file = file),
        "ett" | "xlt" | "xlsm" | "xlsb" | "xltx" => {
            msg!("drop.unread-sheet", file = file)
        }
        "doc" | "wps" | "odt" | "rtf" | "dot" | "wpt" | "docm" | "dotx" => {
            msg!("drop.unread-word", file = file)
        }
        "pdf" | "ofd" => msg!("drop.unread-pdf", file = file),
        "mht" | "mhtml" => msg!("drop.unread-page", file = file),
        "zip" | "gz" if file.starts_with(ARCHIVE_PREFIX) => {
            msg!("drop.unread-own-archive", file = file)
        }
        "rar" | "7z" | "tar" | "gz" | "tgz" => msg!("drop.unread-zip", file = file),
        _ => msg!("drop.unread-other", file = file),
    })
}

/// Checks whether a file is an archive that may hold reports, and not that of this program.
fn is_unit_archive(path: &Path) -> bool {
    archives::is_archive(path) && !last_component(path).starts_with(ARCHIVE_PREFIX)
}

/// Returns the report of an archive, or its units.
fn classify_archive(path: &Path, limits: &Limits) -> Result<DroppedInput, Failure> {
    let found = find_in_archive(path, limits)?;
    let mut reports: Vec<PathBuf> =
        found.reports.iter().map(|report| report.file.clone()).collect();
    let unread: Vec<String> =
        found.unread_paths().take(MAX_NAMED_FILES).map(last_component).collect();
    match reports.len() {
        0 => Err(unread_archive_failure(path, &found)),
        1 => {
            let file = reports.remove(0);
            Ok(DroppedInput::Report(DroppedReport::in_folder(path, file, unread)))
        }
        _ => {
            let units = DroppedUnits { paths: vec![path.to_owned()], reports };
            Ok(DroppedInput::Units { dir: path.to_owned(), units })
        }
    }
}

/// Returns why no report of an archive is read: each reason once, with the files that it is true of.
fn unread_archive_failure(path: &Path, found: &FoundFiles) -> Failure {
    let mut reasons: Vec<(&Message, Vec<&Path>)> = Vec::new();
    // Reasons that differ in nothing but the names in them are one.
    let kind = |reason: &Message| reason.map_args(&|_| String::new());
    for one in &found.unreadable {
        match reasons.iter_mut().find(|(reason, _)| kind(reason) == kind(&one.reason)) {
            Some((_, others)) => others.push(&one.path),
            None => reasons.push((&one.reason, Vec::new())),
        }
    }
    let old = &found.unread_kinds;
    let old = (!old.is_empty()).then(|| {
        let names = old.iter().take(MAX_NAMED_FILES).map(|one| last_component(&one.file));
        let (file, files) = (last_component(path), names.collect::<Vec<_>>());
        match old.len() {
            0..=MAX_NAMED_FILES => msg!("drop.only-old-zip", file = file, files = files),
            count => msg!("drop.only-old-zip-many", file = file, files = files, count = count),
        }
    });
    let told = reasons.iter().map(|(reason, others)| with_others(reason, others)).chain(old);
    let joined = told.reduce(|before, next| msg!("drop.next-reason", before = before, next = next));
    Failure::without_cause(joined.unwrap_or_else(|| msg!("archive.empty")))
}

/// Returns the reason for one file with the names of others that cannot be read for the same.
fn with_others(reason: &Message, others: &[&Path]) -> Message {
    let names = others.iter().take(MAX_NAMED_FILES).map(|path| last_component(path));
    let files: Vec<String> = names.collect();
    let reason = reason.clone();
    match others.len() {
        0 => reason,
        1..=MAX_NAMED_FILES => msg!("drop.same-reason", reason = reason, files = files),
        count => msg!("drop.same-reason-many", reason = reason, files = files, count = count),
    }
}

/// Finds the reports of an archive as every command does.
fn find_in_archive(path: &Path, limits: &Limits) -> Result<FoundFiles, Failure> {
    let files = FileReader::new(limits);
    let rules = WalkRules { files: &files, out: None, is_county: false };
    FoundFiles::find(&[path.to_owned()], rules)
}

/// The content of a folder.
#[derive(Default)]
struct FolderContents {
    reports: Vec<PathBuf>,
    /// Archives, with reports or without.
    archives: Vec<PathBuf>,
    /// Reports of unsupported kinds.
    unread: Vec<PathBuf>,
    /// True if there are files made by the program.
    has_own_files: bool,
    /// Number of files seen.
    seen_count: usize,
}

/// Returns a report's folder, a folder with a single report, or a folder of units.
fn classify_folder(dir: &Path, limits: &Limits) -> Result<DroppedInput, Failure> {
    let reports = report_folder::report_files(dir);
    if reports.len() > 1 {
        let names: Vec<String> = reports.iter().map(|file| last_component(file)).collect();
        return Err(Failure::without_cause(msg!(
            "drop.folder-report",
            dir = last_component(dir),
            files = names
        )));
    }
    if let Some(file) = reports.into_iter().next() {
        return Ok(DroppedInput::Report(DroppedReport::in_folder(dir, file, Vec::new())));
    }
    let mut found = FolderContents::default();
    walk_folder(dir, MAX_DEPTH, limits, &mut found)?;
    let FolderContents {
        mut reports, archives: packed, mut unread, has_own_files: has_own, ..
    } = found;
    let is_read = |archive: &PathBuf| reports.iter().any(|file| file.starts_with(archive));
    unread.extend(packed.iter().filter(|archive| !is_read(archive)).cloned());
    let old = unread;
    let named: Vec<String> =
        old.iter().take(MAX_NAMED_FILES).map(|file| last_component(file)).collect();
    match (reports.len(), old.is_empty()) {
        (0, true) => Err(Failure::without_cause(msg!("drop.nothing", dir = last_component(dir)))),
        (0, false) => Err(Failure::without_cause(msg!(
            "drop.only-old",
            dir = last_component(dir),
            files = named
        ))),
        (1, _) => Ok(DroppedInput::Report(DroppedReport::in_folder(dir, reports.remove(0), named))),
        _ => {
            let on_disk = |file: &PathBuf| archives::path_on_disk(file);
            let all: BTreeSet<PathBuf> = reports.iter().chain(&old).map(on_disk).collect();
            let paths = if has_own { all.into_iter().collect() } else { vec![dir.to_owned()] };
            Ok(DroppedInput::Units { dir: dir.to_owned(), units: DroppedUnits { paths, reports } })
        }
    }
}

/// Collects the files as `collect` does, without those that the program wrote itself.
fn walk_folder(
    dir: &Path,
    depth: usize,
    limits: &Limits,
    found: &mut FolderContents,
) -> Result<(), Failure> {
    let wrong = |error| data_files::unreadable_failure(dir, error);
    let mut names: Vec<(PathBuf, bool)> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        found.seen_count += 1;
        if found.seen_count > MAX_FILES {
            let told = msg!("drop.too-many", dir = last_component(dir), limit = MAX_FILES);
            return Err(Failure::without_cause(told));
        }
        let kind = entry.file_type().map_err(wrong)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let hidden = file.starts_with('.') || file.starts_with("~$");
        if !hidden && (kind.is_dir() || kind.is_file()) {
            names.push((entry.path(), kind.is_dir()));
        }
    }
    names.sort();
    let own: BTreeSet<PathBuf> = results_folder::own_files_in(dir, limits);
    for (path, is_dir) in names {
        let file = last_component(&path);
        if is_dir {
            match report_folder::report_files(&path).as_slice() {
                [_] => found.reports.extend(find_data_file(&path, &FileReader::new(limits)).ok()),
                // What a closed folder holds is told by `collect`.
                _ if depth > 0 => walk_folder(&path, depth - 1, limits, found)?,
                _ => {}
            }
        } else if own.contains(&path) {
            found.has_own_files = true;
        } else if !report_folder::is_delivered(&file)
            || own_outputs::is_own_page(&path, &FileReader::new(limits))
        {
            // Settings and last year's lie beside the reports.
        } else if is_unit_archive(&path) {
            let inner = find_in_archive(&path, limits)?;
            // An archive of which nothing can be read is named itself.
            if !inner.reports.is_empty() {
                found.unread.extend(inner.unread_paths().map(Path::to_owned));
            }
            found.reports.extend(inner.reports.into_iter().map(|report| report.file));
            found.archives.push(path);
        } else if refusal_reason(&path, limits).is_none() {
            found.reports.push(path);
        } else {
            found.unread.push(path);
        }
    }
    Ok(())
}
