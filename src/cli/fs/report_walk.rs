//! Owns finding the reports that paths, patterns, folders and archives stand for, for every command: files of units,
//! lists of units, what cannot be read and what is passed over.
//! Must not read a report, nor tell what was found.

use super::archives::{is_archive, unread_message};
use super::data_files::data_file_kind;
use super::file_reader::FileReader;
use super::folder_listing::{EntryKind, FolderEntry};
use super::paths::display_path;
use super::report_folder::{FileRole, ReportCandidates, list_inputs};
use crate::cli::Failure;
use docx_fill::diag::Message;
use nianbao::msg;
use nianbao::session::DataFileKind;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Maximum depth of folders below a given one.
pub(crate) const MAX_DEPTH: usize = 6;
/// Folders of the system that hold no files of people.
const SYSTEM_FOLDERS: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Endings of the folders that browsers save beside a page.
const PAGE_FOLDERS: [&str; 2] = ["_files", ".files"];
/// A folder of temporary files among them.
const SHARED_MEMORY: &str = "/dev/shm";

/// Rules by which files are found.
#[derive(Clone, Copy)]
pub(crate) struct WalkRules<'a> {
    /// Reads archives, and which files the program made.
    pub(crate) files: &'a FileReader,
    /// The output of the run, which is no input.
    pub(crate) out: Option<&'a Path>,
    /// True if every file of a given folder is a unit's, even the only workbook beside a Word document.
    pub(crate) is_county: bool,
}

impl WalkRules<'_> {
    /// Checks whether a path is the output, however both are spelt.
    fn is_output(&self, path: &Path) -> bool {
        let Some(out) = self.out else { return false };
        // What is resolved costs a call of the system: other names are other files.
        let may_be = out.file_name().is_none_or(|name| path.file_name() == Some(name));
        let same = || matches!((path.canonicalize(), out.canonicalize()), (Ok(a), Ok(b)) if a == b);
        path == out || (may_be && same())
    }
}

/// A report that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundReport {
    /// Its file.
    pub(crate) file: PathBuf,
    /// Its folder, if the folder is the report: it holds a `report.*`.
    pub(crate) folder: Option<PathBuf>,
    /// Its name in outputs: the path below the given folder, with `/`.
    pub(crate) label: String,
    /// The given path.
    pub(crate) root: PathBuf,
}

impl FoundReport {
    /// Creates a report that was named itself.
    fn named(path: &Path) -> FoundReport {
        let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        FoundReport { file: path.to_owned(), folder: None, label, root: path.to_owned() }
    }

    /// Checks whether the user named the file itself.
    pub(crate) fn is_named(&self) -> bool {
        self.folder.is_none() && self.file == self.root
    }

    /// Returns the path by which the report is read: its folder, if the folder is the report.
    pub(crate) fn path(&self) -> &Path {
        self.folder.as_deref().unwrap_or(&self.file)
    }
}

/// A file or folder that cannot be read, by its name in outputs.
#[derive(Debug)]
pub(crate) struct UnreadablePath {
    pub(crate) file: String,
    pub(crate) path: PathBuf,
    pub(crate) reason: Message,
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct FoundFiles {
    /// Reports, in the order of the paths and their names.
    pub(crate) reports: Vec<FoundReport>,
    /// Reports of kinds that are not read.
    pub(crate) unread_kinds: Vec<FoundReport>,
    /// Files and folders that cannot be read, with the reason.
    pub(crate) unreadable: Vec<UnreadablePath>,
    /// Lists of units.
    pub(crate) unit_lists: BTreeSet<PathBuf>,
    /// Letterheads.
    pub(crate) letterheads: BTreeSet<PathBuf>,
    /// Links in place of a unit's file or folder.
    pub(crate) links: BTreeSet<PathBuf>,
    /// Files that are no reports.
    pub(crate) passed_over: BTreeSet<PathBuf>,
}

impl FoundFiles {
    /// Finds what paths and patterns stand for.
    pub(crate) fn find(paths: &[PathBuf], rules: WalkRules<'_>) -> Result<FoundFiles, Failure> {
        let mut found = FoundFiles::default();
        for path in paths {
            found.add_path(path, rules)?;
        }
        Ok(found)
    }

    /// Removes reports that are the same file as an earlier one.
    pub(crate) fn drop_repeated(&mut self) {
        let mut seen = BTreeSet::new();
        // A path that cannot be resolved cannot be compared with others.
        let is_new = |report: &FoundReport| match report.file.canonicalize() {
            Ok(file) => seen.insert(file),
            Err(_) => true,
        };
        self.reports.retain(is_new);
    }

    /// Checks whether everything that was found is read as a report.
    pub(crate) fn is_all_read(&self) -> bool {
        self.report_count() == self.reports.len()
    }

    /// Returns the paths of what cannot be read as a report.
    pub(crate) fn unread_paths(&self) -> impl Iterator<Item = &Path> {
        let kinds = self.unread_kinds.iter().map(|report| report.file.as_path());
        kinds.chain(self.unreadable.iter().map(|one| one.path.as_path()))
    }

    /// Checks whether a given folder or archive, and not the user, named several reports.
    pub(crate) fn has_many_below_one(&self) -> bool {
        let mut found = self.reports.iter().filter(|report| !report.is_named());
        found.next().is_some_and(|first| found.any(|other| other.root == first.root))
    }

    /// Returns the paths below which the reports were found, with those of `paths` that exist.
    pub(crate) fn roots_with(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let found = self.reports.iter().map(|report| &report.root);
        let all: BTreeSet<&PathBuf> =
            found.chain(paths.iter().filter(|path| path.exists())).collect();
        all.into_iter().cloned().collect()
    }

    /// Counts what may be a report.
    fn report_count(&self) -> usize {
        self.reports.len() + self.unread_kinds.len() + self.unreadable.len() + self.links.len()
    }

    /// Adds a path: itself, what lies below a folder or in an archive, or the matches of a pattern.
    fn add_path(&mut self, path: &Path, rules: WalkRules<'_>) -> Result<(), Failure> {
        if path.exists() {
            self.add_existing(path, rules)?;
            return Ok(());
        }
        let Some(pattern) = path.to_str().filter(|text| text.contains(['*', '?', '['])) else {
            // It fails with the reason in its turn.
            self.reports.push(FoundReport::named(path));
            return Ok(());
        };
        let before = self.report_count();
        for path in pattern_matches(pattern)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let role = FileRole::of_name(&name);
            if path.is_dir() || role == FileRole::Archive {
                let mut below = FoundFiles::default();
                below.walk_path(&path, rules)?;
                self.append(below);
            } else if role.is_report() {
                self.reports.push(FoundReport::named(&path));
            } else if role == FileRole::Unreadable {
                self.unread_kinds.push(FoundReport::named(&path));
            }
        }
        if self.report_count() == before {
            return Err(Failure::without_cause(msg!("batch.no-match", pattern = pattern)));
        }
        Ok(())
    }

    fn append(&mut self, other: FoundFiles) {
        self.reports.extend(other.reports);
        self.unread_kinds.extend(other.unread_kinds);
        self.unreadable.extend(other.unreadable);
        self.unit_lists.extend(other.unit_lists);
        self.letterheads.extend(other.letterheads);
        self.links.extend(other.links);
        self.passed_over.extend(other.passed_over);
    }

    fn add_existing(&mut self, path: &Path, rules: WalkRules<'_>) -> Result<(), Failure> {
        if !path.is_dir() && !is_archive(path) {
            self.reports.push(FoundReport::named(path));
            return Ok(());
        }
        let before = self.report_count();
        self.walk_path(path, rules)?;
        // If nothing is found, the folder itself is added and fails with the reason in its turn.
        if self.report_count() == before && !rules.is_county {
            self.reports.push(FoundReport::named(path));
        }
        Ok(())
    }

    /// Adds what lies below a given folder or archive.
    fn walk_path(&mut self, top: &Path, rules: WalkRules<'_>) -> Result<(), Failure> {
        if is_system_folder(top) {
            let message = msg!("io.system-folder", dir = display_path(top));
            return Err(Failure::without_cause(message));
        }
        let is_archived = is_archive(top);
        let name = top.file_name().unwrap_or_default().to_string_lossy();
        let prefix = if is_archived { format!("{name}/") } else { String::new() };
        let (device, depth) = (device_of(top), MAX_DEPTH);
        let folder = WalkedFolder { dir: top, prefix: &prefix, top, depth, is_archived, device };
        let before = self.report_count();
        FolderWalk { rules, found: self }.walk_folder(folder);
        if is_archived && self.report_count() == before {
            self.unreadable.push(UnreadablePath {
                file: name.into_owned(),
                path: top.to_owned(),
                reason: unread_message(top, msg!("archive.empty")),
            });
        }
        Ok(())
    }
}

/// Returns what a pattern matches; `*` stands for no `/` and no leading dot.
fn pattern_matches(pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(msg!("batch.bad-pattern", pattern = pattern), error.to_string())
    };
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::default()
    };
    let matches = glob::glob_with(pattern, options).map_err(|error| wrong(&error))?;
    matches.map(|found| found.map_err(|error| wrong(&error))).collect()
}

/// Checks whether a folder holds the pictures and frames of a web page beside it, which browsers save with the page.
fn is_of_page(folder: &FolderEntry, beside: &[FolderEntry]) -> bool {
    let name = folder.name.as_str();
    let stem = PAGE_FOLDERS.iter().find_map(|ending| name.strip_suffix(ending));
    let is_page = |entry: &&FolderEntry| {
        Path::new(&entry.name).file_stem().and_then(|own| own.to_str()) == stem
            && data_file_kind(Path::new(&entry.name))
                .is_ok_and(|kind| kind == DataFileKind::WebPage)
    };
    stem.is_some() && beside.iter().any(|entry| is_page(&entry))
}

/// Checks whether a folder is the system's own, with files that are none.
fn is_system_folder(dir: &Path) -> bool {
    let Ok(real) = dir.canonicalize() else { return false };
    let mut folders = SYSTEM_FOLDERS.iter();
    folders.any(|folder| real.starts_with(folder)) && !real.starts_with(SHARED_MEMORY)
}

/// Returns the number of the file system of a folder, where the system tells it.
#[cfg(unix)]
fn device_of(dir: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(dir).ok().map(|about| about.dev())
}

/// Returns the number of the file system of a folder, where the system tells it.
#[cfg(not(unix))]
fn device_of(_dir: &Path) -> Option<u64> {
    None
}

/// A folder in which reports are looked for.
#[derive(Clone, Copy)]
struct WalkedFolder<'a> {
    dir: &'a Path,
    /// Beginning of the names of its files, with a slash.
    prefix: &'a str,
    /// The given folder.
    top: &'a Path,
    /// Number of levels that may still lie below.
    depth: usize,
    /// True in an archive: another one in it is not opened.
    is_archived: bool,
    /// File system of the given folder.
    device: Option<u64>,
}

impl WalkedFolder<'_> {
    /// Checks whether it is the given folder, and no archive.
    fn is_top(&self) -> bool {
        self.depth == MAX_DEPTH && !self.is_archived
    }

    /// Returns a report in it.
    fn report(&self, entry: &FolderEntry) -> FoundReport {
        let label = format!("{}{}", self.prefix, entry.name);
        let (file, root) = (entry.path.clone(), self.top.to_owned());
        FoundReport { file, folder: None, label, root }
    }

    /// Returns something in it that cannot be read.
    fn unreadable(&self, entry: &FolderEntry, reason: Message) -> UnreadablePath {
        let file = format!("{}{}", self.prefix, entry.name);
        UnreadablePath { file, path: entry.path.clone(), reason }
    }
}

/// The search below a given folder.
struct FolderWalk<'w, 'r> {
    rules: WalkRules<'r>,
    found: &'w mut FoundFiles,
}

impl FolderWalk<'_, '_> {
    /// Adds what lies in a folder: a folder with a `report.*` is a report; otherwise its files are, and subfolders
    /// and archives are searched. What cannot be read is noted, and the others go on.
    fn walk_folder(&mut self, folder: WalkedFolder<'_>) {
        let (mut entries, failure) = list_inputs(folder.dir, self.rules.files);
        entries.retain(|entry| !self.rules.is_output(&entry.path));
        if let Some(failure) = failure {
            let file = folder.prefix.trim_end_matches('/').to_owned();
            let (path, reason) = (folder.dir.to_owned(), failure.to_message());
            self.found.unreadable.push(UnreadablePath { file, path, reason });
        }
        // What a unit links is told and not read.
        let is_county = self.rules.is_county;
        let own = entries.iter().filter(|one| !is_county || one.kind != EntryKind::FileLink);
        let candidates = ReportCandidates::among(own);
        let reports = self.reports_among(&entries, &candidates);
        // Beside the only report of a folder others are its Word or PDF documents.
        let is_only = reports.len() == 1 && folder_is_one(self.rules, &folder);
        let is_whole = candidates.is_named;
        if is_whole && !self.rules.is_county {
            self.add_report_folder(&folder, &candidates);
        }
        for entry in &entries {
            let is_report = reports.contains(&entry.name);
            match entry.kind {
                EntryKind::Folder if is_whole => {}
                EntryKind::Folder if is_of_page(entry, &entries) => {
                    self.found.passed_over.insert(entry.path.clone());
                }
                EntryKind::Folder => self.add_subfolder(&folder, entry),
                _ => self.add_entry(&folder, entry, EntryPlace { is_report, is_only, is_whole }),
            }
        }
    }

    /// Returns the names of the files of a folder that are reports.
    fn reports_among(
        &self,
        entries: &[FolderEntry],
        candidates: &ReportCandidates,
    ) -> BTreeSet<String> {
        let names = |entries: &[&FolderEntry]| -> BTreeSet<String> {
            entries.iter().map(|entry| entry.name.clone()).collect()
        };
        let chosen: Vec<&FolderEntry> = candidates.chosen.iter().collect();
        if candidates.is_named {
            return names(&chosen);
        }
        let is_read = |entry: &&FolderEntry| {
            entry.kind == EntryKind::File && FileRole::of_name(&entry.name).is_report()
        };
        let all: Vec<&FolderEntry> = entries.iter().filter(is_read).collect();
        // One workbook and one Word document are a report and what was made of it. Of a county's units each file is
        // read: what they hold tells whether they are the same.
        let is_pair = chosen.len() == 1 && all.len() == 2 && !self.rules.is_county;
        if is_pair { names(&chosen) } else { names(&all) }
    }

    /// Adds a folder that is a report.
    fn add_report_folder(&mut self, folder: &WalkedFolder<'_>, candidates: &ReportCandidates) {
        let Some(first) = candidates.chosen.first() else { return };
        let dir = folder.dir.to_owned();
        let label = folder.prefix.trim_end_matches('/').to_owned();
        let (file, root) = (first.path.clone(), folder.top.to_owned());
        self.found.reports.push(FoundReport { file, folder: Some(dir), label, root });
    }

    fn add_subfolder(&mut self, folder: &WalkedFolder<'_>, entry: &FolderEntry) {
        let reason = if folder.depth == 0 {
            msg!("collect.too-deep", levels = MAX_DEPTH)
        } else if !folder.is_archived && device_of(&entry.path) != folder.device {
            msg!("io.other-device", dir = display_path(&entry.path))
        } else {
            let prefix = format!("{}{}/", folder.prefix, entry.name);
            let (dir, depth) = (entry.path.as_path(), folder.depth - 1);
            self.walk_folder(WalkedFolder { dir, prefix: &prefix, depth, ..*folder });
            return;
        };
        self.found.unreadable.push(folder.unreadable(entry, reason));
    }

    /// Adds a file of a folder by its role.
    fn add_entry(&mut self, folder: &WalkedFolder<'_>, entry: &FolderEntry, place: EntryPlace) {
        let role = FileRole::of_name(&entry.name);
        // Beside a report of its own lie letterheads and what was made of it; only other data may be meant instead.
        if place.is_whole && !self.rules.is_county && (role != FileRole::Data || place.is_report) {
            return;
        }
        match (entry.kind, role) {
            (EntryKind::FolderLink, _) => drop(self.found.links.insert(entry.path.clone())),
            (EntryKind::FileLink, _) if role.is_deliverable() => {
                self.found.links.insert(entry.path.clone());
            }
            (EntryKind::Other, _) if role.is_deliverable() => {
                let reason = msg!("io.not-ordinary", file = display_path(&entry.path));
                self.found.unreadable.push(folder.unreadable(entry, reason));
            }
            (EntryKind::Encrypted, _) if role.is_deliverable() && !place.is_whole => {
                let reason = unread_message(&entry.path, msg!("archive.encrypted"));
                self.found.unreadable.push(folder.unreadable(entry, reason));
            }
            (EntryKind::File, FileRole::UnitList) => {
                self.found.unit_lists.insert(entry.path.clone());
            }
            (EntryKind::File, FileRole::Letterhead) => {
                self.found.letterheads.insert(entry.path.clone());
            }
            (EntryKind::File, FileRole::Archive) if !place.is_whole => {
                self.add_archive(folder, entry);
            }
            (EntryKind::File, FileRole::Unreadable) if !place.is_only => {
                self.found.unread_kinds.push(folder.report(entry));
            }
            (EntryKind::File, _) if place.is_report => {
                self.found.reports.push(folder.report(entry));
            }
            (EntryKind::File | EntryKind::Encrypted, _) => {
                let is_beside = place.is_whole || (place.is_only && !self.rules.is_county);
                if role.is_deliverable() || (role.is_other() && !is_beside) {
                    self.found.passed_over.insert(entry.path.clone());
                }
            }
            _ => {}
        }
    }

    fn add_archive(&mut self, folder: &WalkedFolder<'_>, entry: &FolderEntry) {
        let before = self.found.report_count();
        if !folder.is_archived {
            let prefix = format!("{}{}/", folder.prefix, entry.name);
            let (dir, depth) = (entry.path.as_path(), folder.depth.saturating_sub(1));
            let below = WalkedFolder { dir, prefix: &prefix, depth, is_archived: true, ..*folder };
            self.walk_folder(below);
        }
        if self.found.report_count() == before {
            let kind = data_file_kind(&entry.path).err().filter(|_| folder.is_archived);
            let reason = kind.map(|failure| failure.to_message());
            let empty = || unread_message(&entry.path, msg!("archive.empty"));
            let reason = reason.unwrap_or_else(empty);
            self.found.unreadable.push(folder.unreadable(entry, reason));
        }
    }
}

/// Checks whether a folder is thought of as one report's: every one, but the given folder of a county.
fn folder_is_one(rules: WalkRules<'_>, folder: &WalkedFolder<'_>) -> bool {
    !rules.is_county || !folder.is_top()
}

/// The place of a file among the folder's reports.
#[derive(Clone, Copy)]
struct EntryPlace {
    /// True if it is one of the folder's reports.
    is_report: bool,
    /// True in a folder with a single report.
    is_only: bool,
    /// True in a folder that is a report.
    is_whole: bool,
}
