//! Owns choosing the settings and the list of units of a county: the given ones or those of the
//! current folder. Those among the units' files are ignored with a remark.
//! Must not read a unit's report.

use super::{CollectArgs, UnitFiles};
use crate::cli::Failure;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::passed_over;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_folder::UNIT_LIST_STEM;
use crate::cli::fs::symlinks;
use crate::cli::options::ReferenceArgs;
use crate::cli::run_inputs::settings::{self, DataSearchPath, RunSettings};
use docx_fill::diag::{Diagnostic, Location, Sources};
use nianbao::check::settings::PASSED_OVER_RULE;
use nianbao::msg;
use nianbao::session::{DataFileKind, Session};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rule id of lists of units that are ignored.
const UNIT_LIST_RULE: &str = "units-passed-over";

/// The files chosen for a county.
pub(super) struct CountyConfig {
    pub(super) settings: RunSettings,
    /// List of units.
    pub(super) unit_list: Option<PathBuf>,
    /// Remarks on ignored files.
    pub(super) passed_over: Vec<Diagnostic>,
}

impl CountyConfig {
    /// Chooses the files. Faults go to the sink.
    pub(super) fn choose_files(
        args: &CollectArgs,
        found: &UnitFiles,
        files: &FileReader,
        session: &mut Session<'_>,
    ) -> Result<CountyConfig, Failure> {
        let mut search_path = DataSearchPath::new();
        let tops: BTreeSet<&Path> = args.paths.iter().map(PathBuf::as_path).collect();
        for (_, path) in &found.units {
            let top = path.ancestors().find(|above| tops.contains(above)).unwrap_or(path);
            search_path.add_ancestors(path, top);
        }
        // Last year's file is the county's, not a unit's.
        let asked = ReferenceArgs { previous: None, ..args.against.clone() };
        let by = RunSettings::read(&asked, &search_path, files, session)?;
        let list = match &args.units {
            Some(named) => Some(named.clone()),
            None if asked.only_named => None,
            None => only_unit_list_here(session)?,
        };
        let mut lists = search_path.find_files(&unit_list_names());
        lists.extend(found.unit_lists.iter().cloned());
        lists.extend(unit_lists_here().into_iter().filter(|_| args.units.is_some()));
        for file in dedup_same_files(settings::without_used_file(lists, list.as_deref())) {
            let warning = list_ignored_warning(&file, session.sources_mut());
            session.push_finding(warning);
        }
        for file in &found.letterheads {
            let message = msg!("collect.letterhead-passed-over", file = display_path(file));
            let remark = settings::file_ignored_remark(file, session.sources_mut(), message);
            session.push_finding(remark);
        }
        for link in &found.links {
            symlinks::push_ignored_link(link, session);
        }
        passed_over::push_passed_over(&found.passed_over, session);
        let (passed, wrong): (Vec<_>, Vec<_>) =
            session.take_findings().into_sorted().into_iter().partition(|one| {
                [PASSED_OVER_RULE, UNIT_LIST_RULE, symlinks::LINK_RULE, passed_over::FILE_RULE]
                    .contains(&one.rule.as_ref())
            });
        session.push_settled(wrong);
        Ok(CountyConfig { settings: by, unit_list: list, passed_over: passed })
    }
}

/// Returns the possible names of lists of units.
fn unit_list_names() -> Vec<String> {
    let kinds = DataFileKind::with_extensions().filter(|(kind, _)| *kind != DataFileKind::Csv);
    kinds.map(|(_, extension)| format!("{UNIT_LIST_STEM}.{extension}")).collect()
}

/// Returns the lists in the current folder, including links.
fn unit_lists_here() -> Vec<PathBuf> {
    let names = unit_list_names().into_iter().map(PathBuf::from);
    names.filter(|name| symlinks::path_kind(name) != symlinks::PathKind::Absent).collect()
}

/// Returns the list of the current folder.
fn only_unit_list_here(session: &mut Session<'_>) -> Result<Option<PathBuf>, Failure> {
    let mut lists = unit_lists_here();
    lists.retain(|file| symlinks::is_own_file(file, session));
    match lists.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        many => {
            let names: Vec<String> = many.iter().map(|file| display_path(file)).collect();
            Err(Failure::without_cause(msg!("io.many-reports", files = names)))
        }
    }
}

/// Removes paths that lead to the same file as another one, keeping the first in path order.
fn dedup_same_files(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.sort();
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    files
}

fn list_ignored_warning(file: &Path, sources: &mut Sources) -> Diagnostic {
    let place = Location::File(sources.add_binary(display_path(file)));
    let message = msg!("collect.list-passed-over", file = display_path(file));
    let hint = msg!("collect.list-passed-over-hint", file = display_path(file));
    Diagnostic::warning(UNIT_LIST_RULE, place, message).with_hint(hint)
}
