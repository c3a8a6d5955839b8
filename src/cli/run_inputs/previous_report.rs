//! Owns finding last year's data file for a report.
//! Must not check anything.

use crate::cli::Failure;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::folder_listing::is_hidden_name;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::fs::report_folder::{has_report_stem, only_report};
use crate::cli::fs::symlinks::{self, PathKind};
use docx_fill::diag::{Diagnostic, Location, SourceId};
use docx_fill::slice::TextSlice as _;
use nianbao::msg;
use nianbao::report::Report;
use nianbao::session::{DataFileKind, FoundPrevious, Session};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Maximum number of files bearing last year's number that are read.
const MAX_FILES_OF_YEAR: usize = 4;

/// The outcome of looking for last year's report beside a data file.
#[derive(Debug, Default)]
pub(crate) struct PreviousSearchResult {
    /// The report, if one can be used.
    pub(crate) report: Option<Report>,
    /// True if a file was found; what is wrong with one that cannot be used is said by a finding.
    pub(crate) is_found: bool,
}

impl PreviousSearchResult {
    fn found(report: Option<Report>) -> PreviousSearchResult {
        PreviousSearchResult { report, is_found: true }
    }
}

/// Looks for last year's report: the file beside the data file that is named for it, else one that bears the year in
/// its name and turns out to be the organ's report. Since it was only found, what is wrong with it stops nothing.
pub(crate) fn load_beside(
    file: &Path,
    report: &Report,
    files: &FileReader,
    session: &mut Session<'_>,
) -> PreviousSearchResult {
    if !report.has_year {
        return PreviousSearchResult::default();
    }
    if let Some(found) = find_beside(file, report.year, files, session) {
        match load_found(&found, report, files, session) {
            FoundPrevious::Usable(previous) => return PreviousSearchResult::found(Some(*previous)),
            FoundPrevious::Unusable => return PreviousSearchResult::found(None),
            FoundPrevious::OtherFamily => {}
        }
    }
    let year = report.year.saturating_sub(1);
    let beside = files_of_year(file, year, files).into_iter();
    for found in beside.chain(files_of_year_outside(file, year, files)) {
        let read = |session: &mut Session<'_>| load_found(&found, report, files, session);
        // A file that only bears the year may be anything: what is wrong with one that is no report is not told.
        if let (FoundPrevious::Usable(previous), own) = session.aside(read)
            && previous.year + 1 == report.year
        {
            session.extend_findings(own.into_sorted());
            return PreviousSearchResult::found(Some(*previous));
        }
    }
    PreviousSearchResult::default()
}

fn load_found(
    found: &Path,
    report: &Report,
    files: &FileReader,
    session: &mut Session<'_>,
) -> FoundPrevious {
    match files.read_input(found) {
        Ok(input) => session.read_found_previous(&input, report),
        Err(failure) => {
            let source = session.sources_mut().add_binary(display_path(found));
            session.push_finding(unreadable_warning(&failure, source));
            FoundPrevious::Unusable
        }
    }
}

/// Returns the warning that last year's file cannot be read.
fn unreadable_warning(failure: &Failure, source: SourceId) -> Diagnostic {
    let message = msg!("check.previous-unread", reason = failure.to_message());
    let found = Diagnostic::warning("previous-year", Location::File(source), message);
    found.with_hint(msg!("check.previous-unread-hint"))
}

/// Returns `report-2024.*` beside `report-2025.toml`, the report in the folder `…2024` beside `…2025`, or
/// `report.previous.*` beside `report.toml`. Links that lead out of the folder are said and not followed.
fn find_beside(
    file: &Path,
    year: u16,
    files: &FileReader,
    session: &mut Session<'_>,
) -> Option<PathBuf> {
    let folder = parent_dir(file);
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    let with_stem = |stem: &str| -> Vec<PathBuf> {
        extensions().map(|end| file.with_file_name(format!("{stem}.{end}"))).collect()
    };
    let renamed = with_previous_year(&stem, year).map(|stem| with_stem(&stem));
    let previous = with_stem(&format!("{stem}.previous"));
    let mut candidates = renamed.into_iter().flatten().chain(previous);
    if let Some(found) = candidates.find(|file| symlinks::is_own_file(file, session)) {
        return Some(found);
    }
    let real = folder.canonicalize().ok()?;
    let sibling = with_previous_year(&real.file_name()?.to_string_lossy(), year)?;
    let dir = match folder.file_name() {
        Some(_) => folder.with_file_name(sibling),
        None => folder.join("..").join(sibling),
    };
    if dir.is_symlink() {
        symlinks::push_ignored_link(&dir, session);
        return None;
    }
    // A folder without a report, or with several, is not meant.
    let one = if dir.is_dir() { only_report(&dir, files)? } else { return None };
    symlinks::is_own_file(&one, session).then_some(one)
}

/// Returns the extensions of files that can be a report, data files first.
fn extensions() -> impl Iterator<Item = &'static str> {
    DataFileKind::with_extensions()
        .filter(|(kind, _)| *kind != DataFileKind::Csv)
        .map(|(_, extension)| extension)
}

/// Returns the files beside a data file that bear a year in their name and could be a report, data files first.
fn files_of_year(file: &Path, year: u16, files: &FileReader) -> Vec<PathBuf> {
    let own = file.file_name();
    let named = names_of_year(&parent_dir(file), year, files).into_iter();
    let others = named.filter(|name| Some(name.as_os_str()) != own);
    ordinary_files(others.map(|name| file.with_file_name(name)))
}

/// Returns such files beside the folder of a report that has a folder of its own: `new 2026 --from 2025年报.docx` begins
/// `2026/report.xlsx` beside last year's file.
fn files_of_year_outside(file: &Path, year: u16, files: &FileReader) -> Vec<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if !has_report_stem(&name) {
        return Vec::new();
    }
    let folder = parent_dir(file);
    let outside = match folder.file_name() {
        Some(_) => parent_dir(&folder),
        None => folder.join(".."),
    };
    let names = names_of_year(&outside, year, files).into_iter();
    ordinary_files(names.map(|name| outside.join(name)))
}

/// Returns the names in a folder that bear a year and could be reports, data files first.
fn names_of_year(dir: &Path, year: u16, files: &FileReader) -> Vec<OsString> {
    let numbered = files.numbered_names(dir);
    let year = year.to_string();
    let named = extensions().filter_map(|end| numbered.get(&(year.clone(), end.to_owned())));
    named.flatten().filter(|name| !is_hidden_name(&name.to_string_lossy())).cloned().collect()
}

fn ordinary_files(paths: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let found = paths.filter(|path| symlinks::path_kind(path) == PathKind::File);
    found.take(MAX_FILES_OF_YEAR).collect()
}

/// Returns a name with the year replaced by the one before.
fn with_previous_year(name: &str, year: u16) -> Option<String> {
    let at = position_of_year(name, year)?;
    let end = at + year.to_string().len();
    Some(format!("{}{}{}", name.slice(..at), year.saturating_sub(1), name.slice(end..)))
}

/// Returns the position of the last occurrence of a year in a name; in 02020 it is part of another number.
fn position_of_year(name: &str, year: u16) -> Option<usize> {
    let own = year.to_string();
    let digit = |c: char| c.is_ascii_digit();
    let mut found = name.rmatch_indices(&own).map(|(at, _)| at);
    found.find(|&at| {
        !name.slice(..at).ends_with(digit) && !name.slice(at + own.len()..).starts_with(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_before_stands_in_the_same_place() {
        assert_eq!(with_previous_year("云砚2025年", 2025).as_deref(), Some("云砚2024年"));
        assert_eq!(with_previous_year("report.toml", 2025), None);
        assert_eq!(with_previous_year("02025", 2025), None);
        assert_eq!(with_previous_year("2025-20251", 2025).as_deref(), Some("2024-20251"));
    }
}
