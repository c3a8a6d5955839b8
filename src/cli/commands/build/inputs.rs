//! Owns the reports of a run: those of its paths and lists, and the share of one machine.
//! Must not read a report, nor know how reports are found.

use super::BuildArgs;
use crate::cli::Failure;
use crate::cli::fs::checksum::ChecksumHasher;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_walk::{FoundFiles, FoundReport, WalkRules};
use crate::cli::output::path_remap::PathRemapping;
use nianbao::msg;
use std::path::{Path, PathBuf};
use std::str::FromStr;

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
    /// All that was found, with what lies beside the reports.
    pub(super) found: FoundFiles,
}

/// The reports of this run.
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
    let rules = WalkRules { files, out: args.out.as_deref(), is_county: false };
    let mut found = FoundFiles::find(&named, rules)?;
    found.drop_repeated();
    let reports = found.reports.iter().enumerate().filter_map(|(index, report)| {
        let own = args.shard.is_none_or(|shard| shard.contains_path(path_below(report)));
        let (path, root) = (report.path().to_owned(), report.root.clone());
        own.then_some(ReportInput { path, index, root })
    });
    let (reports, total) = (reports.collect(), found.reports.len());
    let path_remap = PathRemapping::from_roots(&found.roots_with(&[]));
    Ok(RunInputs { reports, total, path_remap, found })
}

/// Returns the path of a report below the given folder; the given folder itself has none.
fn path_below(report: &FoundReport) -> &Path {
    let below = report.path().strip_prefix(&report.root).unwrap_or(report.path());
    if below.as_os_str().is_empty() { report.path() } else { below }
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
