//! Owns finding the reports of a run: paths, nested folders, patterns, lists, and the share of one
//! machine.
//! Must not read a report.

use super::BuildArgs;
use crate::cli::Failure;
use crate::cli::fs::checksum::ChecksumHasher;
use crate::cli::fs::data_files;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use crate::cli::output::path_remap::PathRemapping;
use nianbao::msg;
use nianbao::session::DataFileKind;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Maximum depth of folders below a given one.
const MAX_DEPTH: usize = 32;

/// A share of the reports: number I of N, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    number: u32,
    total: u32,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Shard, &'static str> {
        let read = |part: &str| part.parse::<u32>().ok();
        let parts = text.split_once('/').and_then(|(number, of)| Some((read(number)?, read(of)?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Shard { number, total: of }),
            _ => Err("I/N with 1 ≤ I ≤ N"),
        }
    }
}

impl Shard {
    /// Returns the number of the share.
    pub(crate) fn number(self) -> u32 {
        self.number
    }

    /// Returns the number of shares.
    pub(crate) fn total(self) -> u32 {
        self.total
    }

    /// Returns the share in the form used in file names.
    pub(super) fn file_name_part(self) -> String {
        format!("{}-of-{}", self.number, self.total)
    }

    /// Returns the share as written in arguments, `2/4`.
    pub(super) fn to_fraction(self) -> String {
        format!("{}/{}", self.number, self.total)
    }

    /// Checks whether a report belongs to this share. This depends only on its path below the given
    /// folder, so a new report moves no other one, and the place of the folder has no effect.
    fn contains_path(self, below: &Path) -> bool {
        let mut adder = ChecksumHasher::default();
        for part in below.components().filter(|c| *c != std::path::Component::CurDir) {
            adder.add_piece(part.as_os_str().to_string_lossy().as_bytes());
        }
        adder.finish().to_number() % u64::from(self.total) == u64::from(self.number - 1)
    }
}

/// A report to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportInput {
    /// Path given by the user, or found below it.
    pub(super) path: PathBuf,
    /// Index among all reports of all shares.
    pub(super) index: usize,
    /// Given folder in which it was found, if it was.
    pub(super) root: PathBuf,
}

/// The inputs of a run.
pub(super) struct RunInputs {
    /// Reports in the order given.
    pub(super) reports: Vec<ReportInput>,
    /// Number of reports of all shares together.
    pub(super) total: usize,
    /// Names of the files in outputs for others.
    pub(super) path_remap: PathRemapping,
}

/// A report that was found: its path, its path below the given one, and the given one.
type FoundReport = (PathBuf, PathBuf, PathBuf);

/// Returns the reports of this run.
pub(super) fn find_inputs(args: &BuildArgs, files: &FileReader) -> Result<RunInputs, Failure> {
    let mut named = Vec::new();
    for path in &args.paths {
        match path.to_str().and_then(|text| text.strip_prefix('@')) {
            Some(list) if !path.exists() => named.extend(read_path_list(Path::new(list), files)?),
            _ => named.push(path.clone()),
        }
    }
    for list in &args.from_list {
        named.extend(read_path_list(list, files)?);
    }
    let mut found = Vec::new();
    for path in named {
        expand_path(&path, &mut found)?;
    }
    let mut seen = BTreeSet::new();
    // A path that cannot be resolved cannot be compared with others.
    found.retain(|(path, _, _)| {
        match data_files::find_data_file(path).map(|file| file.canonicalize()) {
            Ok(Ok(file)) => seen.insert(file),
            _ => true,
        }
    });
    let of = found.len();
    let tops: BTreeSet<&PathBuf> = found.iter().map(|(_, _, top)| top).collect();
    let outward = PathRemapping::from_roots(&tops.into_iter().cloned().collect::<Vec<_>>());
    let own = found.into_iter().enumerate().filter_map(|(index, (path, below, top))| {
        let own = args.shard.is_none_or(|shard| shard.contains_path(&below));
        own.then_some(ReportInput { path, index, root: top })
    });
    Ok(RunInputs { reports: own.collect(), total: of, path_remap: outward })
}

/// Returns the paths of a list, one a line; `-` is the standard input.
fn read_path_list(list: &Path, files: &FileReader) -> Result<Vec<PathBuf>, Failure> {
    let bytes = if list == Path::new("-") {
        files.read_limited(std::io::stdin().lock(), 0, list)?
    } else {
        files.read(list)?
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(Failure::without_cause(msg!("io.not-text", file = display_path(list))));
    };
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    Ok(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(PathBuf::from).collect())
}

/// Expands a path to itself, to the reports below a folder, or to the matches of a pattern, each
/// with its path below the given folder.
fn expand_path(path: &Path, out: &mut Vec<FoundReport>) -> Result<(), Failure> {
    if path.exists() {
        return add_reports_below(path, out);
    }
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']));
    let Some(pattern) = pattern else {
        out.push(directly_named(path));
        return Ok(());
    };
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(msg!("batch.bad-pattern", pattern = pattern), error.to_string())
    };
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::default()
    };
    let matches = glob::glob_with(pattern, options).map_err(|error| wrong(&error))?;
    let before = out.len();
    for found in matches {
        let found = found.map_err(|error| wrong(&error))?;
        // A pattern such as `*/*` also matches files beside the reports.
        if found.is_dir() {
            let mut reports = Vec::new();
            walk_report_dirs(&found, &found, MAX_DEPTH, &mut reports)?;
            out.extend(reports);
        } else if data_files::data_file_kind(&found).is_ok_and(|kind| kind != DataFileKind::Csv) {
            out.push(directly_named(&found));
        }
    }
    if out.len() == before {
        return Err(Failure::without_cause(msg!("batch.no-match", pattern = pattern)));
    }
    Ok(())
}

/// Returns a report that was given directly.
fn directly_named(path: &Path) -> FoundReport {
    (path.to_owned(), path.to_owned(), path.to_owned())
}

/// Adds a file, a report's folder, or all reports below a folder.
fn add_reports_below(path: &Path, out: &mut Vec<FoundReport>) -> Result<(), Failure> {
    let before = out.len();
    if path.is_dir() {
        walk_report_dirs(path, path, MAX_DEPTH, out)?;
    }
    // If nothing is found, the folder itself is added and fails with the reason in its turn.
    if out.len() == before {
        out.push(directly_named(path));
    }
    Ok(())
}

/// Adds the reports below a folder in the order of their names. A folder with a report is that
/// report; links and hidden folders are skipped.
fn walk_report_dirs(
    top: &Path,
    dir: &Path,
    depth: usize,
    out: &mut Vec<FoundReport>,
) -> Result<(), Failure> {
    if data_files::has_report(dir) {
        let below = dir.strip_prefix(top).unwrap_or(dir);
        // The given folder itself has no path below it.
        let below = if below.as_os_str().is_empty() { dir } else { below };
        out.push((dir.to_owned(), below.to_owned(), top.to_owned()));
        return Ok(());
    }
    let wrong = |error| Failure::new(msg!("io.read", file = display_path(dir)), error);
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && depth > 0 && entry.file_type().map_err(wrong)?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    for folder in folders {
        // A folder that cannot be read fails by itself in its turn.
        if walk_report_dirs(top, &folder, depth - 1, out).is_err() {
            let below = folder.strip_prefix(top).unwrap_or(&folder).to_owned();
            out.push((folder, below, top.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_a_number_of_a_number() {
        assert_eq!("2/4".parse(), Ok(Shard { number: 2, total: 4 }));
        for text in ["0/4", "5/4", "1", "1/0", "a/b", "-1/2", "1/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_path_is_in_exactly_one_shard() {
        for of in 1..=7 {
            let mut sizes = vec![0; of as usize];
            for number in 0..700 {
                let path = PathBuf::from(format!("区{}/镇{number}", number % 9));
                let has = |own: u32| Shard { number: own, total: of }.contains_path(&path);
                let owners: Vec<u32> = (1..=of).filter(|own| has(*own)).collect();
                assert_eq!(owners.len(), 1, "{path:?}");
                sizes[owners[0] as usize - 1] += 1;
            }
            let even = 700 / of as usize;
            assert!(sizes.iter().all(|size| *size > even / 2), "{sizes:?}");
        }
    }
}
