//! Owns the units' files of a county: what lies below the given folders, without the county's own files.
//! Must not read a file, nor know how files are found.

use super::CollectArgs;
use crate::cli::Failure;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_walk::{FoundFiles, FoundReport, UnreadablePath, WalkRules};
use nianbao::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The content of the given folders.
#[derive(Default)]
pub(super) struct UnitFiles {
    /// The units' files by their names in outputs.
    pub(super) units: BTreeSet<(String, PathBuf)>,
    pub(super) unit_lists: BTreeSet<PathBuf>,
    pub(super) letterheads: BTreeSet<PathBuf>,
    /// Links in place of a unit's file or folder.
    pub(super) links: BTreeSet<PathBuf>,
    /// Files and folders that cannot be read, with the reason.
    pub(super) unreadable: Vec<UnreadablePath>,
    /// Files that are no reports.
    pub(super) passed_over: BTreeSet<PathBuf>,
}

/// Finds the units' files.
pub(super) fn find_unit_files(
    args: &CollectArgs,
    files: &FileReader,
) -> Result<UnitFiles, Failure> {
    let rules = WalkRules { files, out: Some(&args.out), is_county: true };
    let found = FoundFiles::find(&args.paths, rules)?;
    let is_absent = |report: &&FoundReport| report.is_named() && !report.file.exists();
    if let Some(absent) = found.reports.iter().find(is_absent) {
        return Err(absent_failure(&absent.file));
    }
    let FoundFiles { unreadable, unit_lists, letterheads, links, passed_over, .. } = found;
    let units = named_apart(found.reports.into_iter().chain(found.unread_kinds));
    let mut found = UnitFiles { units, unit_lists, letterheads, links, unreadable, passed_over };
    // The county's own papers are no units.
    let papers = own_papers(args);
    let is_paper = |path: &Path| {
        path.canonicalize().is_ok_and(|real| {
            papers.contains(&real) || real.parent().is_some_and(|above| papers.contains(above))
        })
    };
    if !papers.is_empty() {
        found.units.retain(|(_, path)| !is_paper(path));
        found.passed_over.retain(|path| !is_paper(path));
    }
    if found.units.is_empty()
        && found.unit_lists.is_empty()
        && found.links.is_empty()
        && found.unreadable.is_empty()
    {
        let dirs: Vec<String> = args.paths.iter().map(|path| display_path(path)).collect();
        return Err(Failure::without_cause(msg!("collect.no-files", dirs = dirs)));
    }
    Ok(found)
}

fn absent_failure(path: &Path) -> Failure {
    let wrong = msg!("io.read", file = display_path(path));
    match std::fs::metadata(path) {
        Err(error) => Failure::new(wrong, error),
        Ok(_) => Failure::without_cause(wrong),
    }
}

/// Returns the files and folders that are the county's own.
fn own_papers(args: &CollectArgs) -> BTreeSet<PathBuf> {
    let papers = [&args.own, &args.units, &args.against.previous, &args.against.config];
    papers.into_iter().flatten().filter_map(|path| path.canonicalize().ok()).collect()
}

/// Returns files with their names in outputs. Named files of equal names are distinguished by their folders.
fn named_apart(found: impl Iterator<Item = FoundReport>) -> BTreeSet<(String, PathBuf)> {
    let found: Vec<FoundReport> = found.collect();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for report in found.iter().filter(|report| report.is_named()) {
        *named.entry(&report.label).or_default() += 1;
    }
    let apart = |report: &FoundReport| {
        let (name, path) = (&report.label, report.file.clone());
        if named.get(name.as_str()).is_some_and(|count| *count > 1) {
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
            return (format!("{}/{name}", folder.to_string_lossy()), path);
        }
        (name.clone(), path)
    };
    found.iter().map(apart).collect()
}
