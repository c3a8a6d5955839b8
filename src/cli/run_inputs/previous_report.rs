//! Owns finding last year's data file for a report.
//! Must not check anything.

use crate::cli::Failure;
use crate::cli::fs::data_files::report_files;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::fs::symlinks;
use docx_fill::diag::{Diagnostic, Location, SourceId};
use docx_fill::slice::TextSlice as _;
use nianbao::data::Syntax;
use nianbao::msg;
use nianbao::report::Report;
use nianbao::session::Session;
use std::path::{Path, PathBuf};

/// Last year's report by the file beside the data file that is named for it. Since it was only found, what is wrong
/// with it stops nothing.
pub(crate) fn load_beside(
    file: &Path,
    report: &Report,
    files: &FileReader,
    session: &mut Session<'_>,
) -> Option<Report> {
    if !report.has_year {
        return None;
    }
    let found = find_beside(file, report.year, session)?;
    match files.read_input(&found) {
        Ok(input) => session.read_found_previous(&input, report),
        Err(failure) => {
            let source = session.sources_mut().add_binary(display_path(&found));
            session.push_finding(unreadable_warning(&failure, source));
            None
        }
    }
}

/// Returns the warning that last year's file cannot be read.
fn unreadable_warning(failure: &Failure, source: SourceId) -> Diagnostic {
    let message = msg!("check.previous-unread", reason = failure.to_message());
    let found = Diagnostic::warning("previous-year", Location::File(source), message);
    found.with_hint(msg!("check.previous-unread-hint"))
}

/// `report-2024.toml` beside `report-2025.toml`, the report in the folder `…2024` beside `…2025`, or
/// `report.previous.toml` beside `report.toml`. Links that lead out of the folder are said and not followed.
fn find_beside(file: &Path, year: u16, session: &mut Session<'_>) -> Option<PathBuf> {
    let folder = parent_dir(file);
    let name = file.file_name()?.to_string_lossy().into_owned();
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    let renamed = with_previous_year(&name, year).map(|name| file.with_file_name(name));
    let same = |extension: &str| file.with_file_name(format!("{stem}.previous.{extension}"));
    let mut candidates = renamed.into_iter().chain(Syntax::ALL.map(|(_, end)| same(end)));
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
    let reports = if dir.is_dir() { report_files(&dir) } else { Vec::new() };
    // A folder without a report, or with several, is not meant.
    let [one] = reports.as_slice() else { return None };
    symlinks::is_own_file(one, session).then(|| one.clone())
}

/// Returns a name with the year replaced by the one before.
fn with_previous_year(name: &str, year: u16) -> Option<String> {
    let own = year.to_string();
    let digit = |c: char| c.is_ascii_digit();
    // 02020 is part of another number.
    let (at, _) = name.rmatch_indices(&own).find(|(at, _)| {
        !name.slice(..*at).ends_with(digit) && !name.slice(at + own.len()..).starts_with(digit)
    })?;
    Some(format!("{}{}{}", name.slice(..at), year.saturating_sub(1), name.slice(at + own.len()..)))
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
