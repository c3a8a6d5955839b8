//! Owns finding last year's data file for a report.
//! Must not check anything.

use super::Failure;
use super::files::{self, display_path};
use super::load;
use super::symlinks;
use docx_fill::diag::{Diagnostic, Location, Severity, Sink, SourceId, Sources};
use docx_fill::slice::TextSlice as _;
use nianbao::collect::plain_name;
use nianbao::data::Syntax;
use nianbao::form::FormRegistry;
use nianbao::msg;
use nianbao::report::{self, Report};
use std::path::{Path, PathBuf};

/// Returns the folder of a file, `.` for a bare name.
pub(crate) fn parent_dir(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Loads last year's report: the given one, else the file beside the data file with a matching
/// name. Faults in reading it are reported; its own figures are not checked.
pub(crate) fn load_previous_report(
    (named, file): (Option<&Path>, &Path),
    report: &Report,
    library: &FormRegistry,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<Report>, Failure> {
    let found = match named {
        Some(path) => Some(files::find_data_file(path)?),
        None => find_beside(file, report.year, sources, sink),
    };
    let Some(found) = found else { return Ok(None) };
    let mut own = Sink::new();
    let root = match load::parse_tree(&found, library, sources, &mut own) {
        // A file that was only found beside the report stops nothing.
        Err(failure) if named.is_none() => {
            sink.push(unreadable_warning(&failure, sources.add_binary(display_path(&found))));
            return Ok(None);
        }
        root => root?,
    };
    let previous =
        root.and_then(|(source, root)| report::read_report(source, &root, library, &mut own));
    let faults = own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error);
    let Some(previous) = previous else {
        // A file that was only found may be another organ's: its faults are not errors here.
        let eased = |mut fault: Diagnostic| {
            if named.is_none() {
                fault.severity = fault.severity.downgraded();
            }
            fault
        };
        sink.extend(faults.map(eased));
        return Ok(None);
    };
    if named.is_none() && !is_same_organ(&previous, report) {
        sink.push(other_organ_warning(&previous, report));
        return Ok(None);
    }
    sink.extend(faults);
    Ok(Some(previous))
}

/// Checks whether two reports name the same organ; a report without a name matches any.
fn is_same_organ(one: &Report, other: &Report) -> bool {
    let (one, other) = (plain_name(&one.organ.name), plain_name(&other.organ.name));
    one.is_empty() || other.is_empty() || one == other
}

/// Returns the warning that the file found for last year is of another organ.
fn other_organ_warning(previous: &Report, report: &Report) -> Diagnostic {
    let (found, organ) = (&previous.organ.name, &report.organ.name);
    let message = msg!("check.previous-organ", found = found, organ = organ);
    let found = Diagnostic::warning("previous-organ", Location::File(previous.source), message);
    found.with_hint(msg!("check.previous-organ-hint"))
}

/// Returns the warning that last year's file cannot be read.
fn unreadable_warning(failure: &Failure, source: SourceId) -> Diagnostic {
    let message = msg!("check.previous-unread", reason = failure.to_message());
    let found = Diagnostic::warning("previous-year", Location::File(source), message);
    found.with_hint(msg!("check.previous-unread-hint"))
}

/// Finds `report-2024.toml` beside `report-2025.toml`, the report in the folder `…2024` beside
/// `…2025`, or `report.previous.toml` beside `report.toml`. Links that lead out of the folder are
/// reported and not followed.
fn find_beside(file: &Path, year: u16, sources: &mut Sources, sink: &mut Sink) -> Option<PathBuf> {
    let folder = parent_dir(file);
    let name = file.file_name()?.to_string_lossy().into_owned();
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    let renamed = with_previous_year(&name, year).map(|name| file.with_file_name(name));
    let same = |extension: &str| file.with_file_name(format!("{stem}.previous.{extension}"));
    let mut candidates = renamed.into_iter().chain(Syntax::ALL.map(|(_, end)| same(end)));
    if let Some(found) = candidates.find(|file| symlinks::is_own_file(file, sources, sink)) {
        return Some(found);
    }
    let real = folder.canonicalize().ok()?;
    let sibling = with_previous_year(&real.file_name()?.to_string_lossy(), year)?;
    let dir = match folder.file_name() {
        Some(_) => folder.with_file_name(sibling),
        None => folder.join("..").join(sibling),
    };
    if dir.is_symlink() {
        sink.push(symlinks::link_ignored_warning(&dir, sources));
        return None;
    }
    let reports = if dir.is_dir() { files::report_files(&dir) } else { Vec::new() };
    // A folder without a report, or with several, is not used.
    let [one] = reports.as_slice() else { return None };
    symlinks::is_own_file(one, sources, sink).then(|| one.clone())
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
        assert_eq!(parent_dir(Path::new("report.toml")), Path::new("."));
    }
}
