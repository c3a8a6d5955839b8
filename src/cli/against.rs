//! Owns finding what a report is judged by: last year's data file and `nianbao.toml`.
//! Must not judge anything.

use super::Failure;
use super::args::Against;
use super::files;
use super::load;
use nianbao::check::Settings;
use nianbao::data::Syntax;
use nianbao::diag::{Severity, Sink, Sources};
use nianbao::form::Library;
use nianbao::report::{self, Report};
use nianbao::slice::TextSlice as _;
use std::path::{Path, PathBuf};

/// Name of the settings file.
const SETTINGS: &str = "nianbao.toml";

/// The settings for a data file: `--config`, else the nearest `nianbao.toml` from its folder up to the
/// folder in which the program was started.
pub(crate) fn settings(
    against: &Against,
    file: &Path,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Settings, Failure> {
    let found = against.config.clone().or_else(|| nearest(file));
    let Some(config) = found else { return Ok(Settings::default().with_notices(library)) };
    let mut own = Sink::new();
    let root = load::tree(&config, library, sources, &mut own)?;
    let settings = match root {
        Some((source, root)) => Settings::read(source, &root, library, &mut own),
        None => Settings::default().with_notices(library),
    };
    sink.extend(own.into_sorted());
    Ok(settings)
}

fn nearest(file: &Path) -> Option<PathBuf> {
    let start = std::env::current_dir().ok()?.canonicalize().ok()?;
    let folder = folder(file);
    let real = folder.canonicalize().ok()?;
    let above = real.strip_prefix(&start).map_or(0, |below| below.components().count());
    let mut dir = folder;
    for _ in 0..=above {
        let candidate = dir.join(SETTINGS);
        if candidate.is_file() {
            return Some(candidate.strip_prefix(".").map(Path::to_owned).unwrap_or(candidate));
        }
        dir = dir.join("..");
    }
    None
}

/// The folder of a file, `.` for a bare name.
pub(crate) fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Last year's report: `--previous`, else the file beside the data file that is named for it. Faults
/// in reading it are said, its own figures are not judged again.
pub(crate) fn previous(
    against: &Against,
    file: &Path,
    report: &Report,
    library: &Library,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Option<Report>, Failure> {
    let found = match &against.previous {
        Some(path) => Some(files::data_file(path)?),
        None => beside(file, report.year),
    };
    let Some(found) = found else { return Ok(None) };
    let mut own = Sink::new();
    let root = load::tree(&found, library, sources, &mut own)?;
    let report = root.and_then(|(source, root)| report::read(source, &root, library, &mut own));
    sink.extend(own.into_sorted().into_iter().filter(|d| d.severity == Severity::Error));
    Ok(report)
}

/// `report-2024.toml` beside `report-2025.toml`, the report in the folder `…2024` beside `…2025`, or
/// `report.previous.toml` beside `report.toml`.
fn beside(file: &Path, year: u16) -> Option<PathBuf> {
    let folder = folder(file);
    let name = file.file_name()?.to_string_lossy().into_owned();
    if let Some(renamed) = before(&name, year).map(|name| file.with_file_name(name))
        && renamed.is_file()
    {
        return Some(renamed);
    }
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    for (_, extension) in Syntax::ALL {
        let candidate = file.with_file_name(format!("{stem}.previous.{extension}"));
        if candidate.is_file() {
            return Some(candidate);
        }
    }
    let real = folder.canonicalize().ok()?;
    let sibling = before(&real.file_name()?.to_string_lossy(), year)?;
    let dir = match folder.file_name() {
        Some(_) => folder.with_file_name(sibling),
        None => folder.join("..").join(sibling),
    };
    // A folder without a report, or with several, is not meant.
    if dir.is_dir() { files::data_file(&dir).ok() } else { None }
}

/// A name with the year before in place of the year.
fn before(name: &str, year: u16) -> Option<String> {
    let own = year.to_string();
    let digit = |c: char| c.is_ascii_digit();
    // 02020 is a number of something else.
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
        assert_eq!(before("云砚2025年", 2025).as_deref(), Some("云砚2024年"));
        assert_eq!(before("report.toml", 2025), None);
        assert_eq!(before("02025", 2025), None);
        assert_eq!(before("2025-20251", 2025).as_deref(), Some("2024-20251"));
        assert_eq!(folder(Path::new("report.toml")), Path::new("."));
    }
}
