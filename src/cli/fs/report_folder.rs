//! Owns which file of a folder is its report: `report.*`, else the only data file or workbook, else the only Word or
//! web file. What the program made, lies beside an open file, or is last year's, is none.
//! Must not know what stands in a file.

use super::archives;
use super::data_files::{data_file_kind, unreadable_failure};
use super::file_reader::FileReader;
use super::folder_listing::{EntryKind, FolderEntry, is_hidden_name, list_folder};
use super::own_outputs::MadeFiles;
use super::paths::{display_path, has_extension};
use super::symlinks::{self, PathKind};
use crate::cli::Failure;
use nianbao::msg;
use nianbao::session::DataFileKind;
use std::path::{Path, PathBuf};

/// Name of a report that has a folder of its own, without extension.
const REPORT_STEM: &str = "report";
/// Name of a list of units, without extension.
pub(crate) const UNIT_LIST_STEM: &str = "units";
/// End of the name of last year's report, without extension.
const PREVIOUS_SUFFIX: &str = ".previous";
/// Name of the settings.
const SETTINGS_NAME: &str = "nianbao.toml";
/// Name of what a letterhead says.
const LETTERHEAD_NAME: &str = "letterhead.toml";

/// The role of a file by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileRole {
    /// A report in data or a workbook.
    Data,
    /// A report in a document.
    Document,
    /// An archive of reports.
    Archive,
    /// A report of a kind that is not read, for which there is a way out.
    Unreadable,
    /// A list of units.
    UnitList,
    /// A letterhead.
    Letterhead,
    /// Settings, or a report of last year.
    Reference,
    /// A picture, which a text may show.
    Picture,
    /// Anything else.
    Other,
}

impl FileRole {
    /// Returns the role of a file by its name.
    pub(crate) fn of_name(name: &str) -> FileRole {
        let path = Path::new(name);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        if name == SETTINGS_NAME || stem.ends_with(PREVIOUS_SUFFIX) {
            return FileRole::Reference;
        }
        if name == LETTERHEAD_NAME {
            return FileRole::Letterhead;
        }
        match data_file_kind(path) {
            Ok(DataFileKind::Csv) => FileRole::Other,
            Ok(_) if stem == UNIT_LIST_STEM => FileRole::UnitList,
            Ok(DataFileKind::Text(_) | DataFileKind::Workbook) => FileRole::Data,
            Ok(_) => FileRole::Document,
            Err(_) if has_extension(path, "zip") => FileRole::Archive,
            Err(_) if is_unreadable_kind(path) => FileRole::Unreadable,
            Err(_) if is_picture(path) => FileRole::Picture,
            Err(_) => FileRole::Other,
        }
    }

    /// Checks whether a unit could deliver such a file.
    pub(crate) fn is_deliverable(self) -> bool {
        matches!(
            self,
            FileRole::Data | FileRole::Document | FileRole::Archive | FileRole::Unreadable
        )
    }

    /// Checks whether such a file is no paper of a report or a county.
    pub(crate) fn is_other(self) -> bool {
        matches!(self, FileRole::Picture | FileRole::Other)
    }

    /// Checks whether such a file is read as a report.
    pub(crate) fn is_report(self) -> bool {
        matches!(self, FileRole::Data | FileRole::Document)
    }
}

/// Checks whether people deliver reports in files of this kind although no figures can be read from them.
pub(crate) fn is_unreadable_kind(path: &Path) -> bool {
    const EXTENSIONS: [&str; 17] = [
        "pdf", "ofd", "doc", "wps", "odt", "rtf", "dot", "wpt", "docm", "xls", "et", "ods", "xlsm",
        "html", "htm", "mht", "mhtml",
    ];
    data_file_kind(path).is_err()
        && (archives::other_archive_kind(path).is_some()
            || EXTENSIONS.iter().any(|known| has_extension(path, known)))
}

fn is_picture(path: &Path) -> bool {
    ["png", "jpg", "jpeg", "gif", "bmp", "svg"].iter().any(|known| has_extension(path, known))
}

/// Checks whether a file is a report with a folder of its own, by its name.
pub(crate) fn has_report_stem(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, _)| stem == REPORT_STEM)
}

/// The files of a folder that may be its report.
#[derive(Debug, Default)]
pub(crate) struct ReportCandidates {
    /// The report; several if it is not clear which one.
    pub(crate) chosen: Vec<FolderEntry>,
    /// True if the name says that it is the folder's report.
    pub(crate) is_named: bool,
}

impl ReportCandidates {
    /// Chooses among the files of a folder that the program did not make.
    #[expect(clippy::needless_pass_by_value, reason = "an iterator is handed over, not lent")]
    pub(crate) fn among<'e>(
        entries: impl Iterator<Item = &'e FolderEntry> + Clone,
    ) -> ReportCandidates {
        let of = |role: FileRole, named: bool| -> Vec<FolderEntry> {
            let fits = |entry: &&FolderEntry| {
                matches!(entry.kind, EntryKind::File | EntryKind::FileLink | EntryKind::Other)
                    && FileRole::of_name(&entry.name) == role
                    && (!named || has_report_stem(&entry.name))
            };
            entries.clone().filter(fits).cloned().collect()
        };
        for named in [true, false] {
            for role in [FileRole::Data, FileRole::Document] {
                let chosen = of(role, named);
                if !chosen.is_empty() {
                    return ReportCandidates { chosen, is_named: named };
                }
            }
        }
        ReportCandidates::default()
    }
}

/// Returns what lies in a folder or an archive, without what the program made there.
pub(crate) fn list_inputs(dir: &Path, files: &FileReader) -> (Vec<FolderEntry>, Option<Failure>) {
    let (mut entries, failure) = list_folder(dir, files);
    let made = MadeFiles::of_folder(dir, files);
    entries.retain(|entry| !made.contains(&entry.name));
    (entries, failure)
}

/// Returns the data file that a path names: itself, or the report of a folder or archive. Several are an error that
/// names them.
pub(crate) fn find_data_file(path: &Path, files: &FileReader) -> Result<PathBuf, Failure> {
    if archives::split_archive_path(path).is_some() && !is_archived_folder(path, files) {
        return Ok(path.to_owned());
    }
    let is_folder = archives::is_archive(path)
        || is_archived_folder(path, files)
        || std::fs::metadata(path).map_err(|error| unreadable_failure(path, error))?.is_dir();
    if !is_folder {
        return Ok(path.to_owned());
    }
    let (entries, failure) = list_inputs(path, files);
    if let Some(failure) = failure {
        return Err(failure);
    }
    let mut chosen = ReportCandidates::among(entries.iter()).chosen;
    // A single folder in an archive is only its wrapping.
    if let (true, true, [only]) = (chosen.is_empty(), is_virtual(path), entries.as_slice())
        && only.kind == EntryKind::Folder
    {
        return find_data_file(&only.path, files);
    }
    match (chosen.pop(), chosen.is_empty()) {
        // It was found, not named by the user.
        (Some(one), true) if is_foreign_link(&one) => {
            Err(Failure::without_cause(msg!("io.report-link", file = display_path(&one.path))))
        }
        (Some(one), true) => Ok(one.path),
        (Some(last), false) => {
            let names = chosen.iter().chain([&last]).map(|file| display_path(&file.path));
            Err(Failure::without_cause(msg!("io.many-reports", files = names.collect::<Vec<_>>())))
        }
        (None, _) => Err(no_report_failure(path, &entries)),
    }
}

/// Checks whether a path is an archive or lies in one.
fn is_virtual(path: &Path) -> bool {
    archives::is_archive(path) || archives::split_archive_path(path).is_some()
}

/// Checks whether a path is a folder in an archive.
fn is_archived_folder(path: &Path, files: &FileReader) -> bool {
    archives::split_archive_path(path).is_some_and(|(archive, below)| {
        files.open_archive(&archive).is_ok_and(|opened| !opened.names_below(&below).is_empty())
    })
}

fn is_foreign_link(entry: &FolderEntry) -> bool {
    entry.kind == EntryKind::FileLink && symlinks::path_kind(&entry.path) == PathKind::Link
}

/// Returns the failure of a folder without a report; files of kinds that are not read are named.
fn no_report_failure(dir: &Path, entries: &[FolderEntry]) -> Failure {
    let old = entries.iter().filter(|entry| FileRole::of_name(&entry.name) == FileRole::Unreadable);
    let names: Vec<String> = old.map(|entry| entry.name.clone()).collect();
    let dir = display_path(dir);
    Failure::without_cause(if names.is_empty() {
        msg!("io.no-report", dir = dir)
    } else {
        msg!("io.only-unread", dir = dir, files = names)
    })
}

/// Returns the only report of a folder.
pub(crate) fn only_report(dir: &Path, files: &FileReader) -> Option<PathBuf> {
    let (entries, _) = list_inputs(dir, files);
    match ReportCandidates::among(entries.iter()).chosen.as_slice() {
        [one] => Some(one.path.clone()),
        _ => None,
    }
}

/// Returns the files `report.*` of a folder that are data or workbooks, including links.
pub(crate) fn report_files(dir: &Path) -> Vec<PathBuf> {
    let whole = DataFileKind::with_extensions()
        .filter(|(kind, _)| matches!(kind, DataFileKind::Text(_) | DataFileKind::Workbook));
    let candidates = whole.map(|(_, end)| dir.join(format!("{REPORT_STEM}.{end}")));
    // Anything but an ordinary file is reported when it is read.
    let is_there = |file: &PathBuf| symlinks::path_kind(file) != PathKind::Absent && !file.is_dir();
    candidates.filter(is_there).collect()
}

/// Checks whether a file of a folder is one that a unit has delivered, by its name.
pub(crate) fn is_delivered(name: &str) -> bool {
    !is_hidden_name(name) && FileRole::of_name(name).is_deliverable()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str]) -> Vec<String> {
        let entry = |name: &&str| FolderEntry {
            name: (*name).to_owned(),
            path: PathBuf::from(name),
            kind: EntryKind::File,
        };
        let entries: Vec<FolderEntry> = names.iter().map(entry).collect();
        let found = ReportCandidates::among(entries.iter()).chosen;
        found.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn the_report_of_a_folder_is_found_by_name_then_by_kind() {
        assert_eq!(chosen(&["report.toml", "甲.xlsx", "乙.docx"]), ["report.toml"]);
        assert_eq!(chosen(&["report.docx", "甲.xlsx"]), ["report.docx"]);
        assert_eq!(chosen(&["report (1).xlsx", "乙.docx", "丙.pdf"]), ["report (1).xlsx"]);
        assert_eq!(chosen(&["乙.docx", "照片.jpg", "report.previous.xlsx"]), ["乙.docx"]);
        assert_eq!(chosen(&["甲.xlsx", "乙.toml"]), ["甲.xlsx", "乙.toml"]);
        assert_eq!(chosen(&["nianbao.toml", "units.toml", "letterhead.toml"]), [""; 0]);
    }

    #[test]
    fn a_file_has_a_role_by_its_name() {
        for (name, role) in [
            ("年报.zip", FileRole::Archive),
            ("年报.rar", FileRole::Unreadable),
            ("年报.PDF", FileRole::Unreadable),
            ("照片.JPG", FileRole::Picture),
            ("说明.txt", FileRole::Other),
            ("表二.csv", FileRole::Other),
            ("units.toml", FileRole::UnitList),
            ("report.previous.docx", FileRole::Reference),
        ] {
            assert_eq!(FileRole::of_name(name), role, "{name}");
        }
    }
}
