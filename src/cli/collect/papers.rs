//! Owns which papers judge a county: its settings and its list of units, named or in the current folder. Those
//! that lie among the units' files are passed over and said.
//! Must not read a unit's report.

use super::{Collect, Found, LIST};
use crate::cli::args::Against;
use crate::cli::files::{self, Kind, shown};
use crate::cli::settings::{self, RunSettings, Way};
use crate::cli::{Failure, links};
use docx_fill::diag::{Diagnostic, Place, Sink, Sources};
use nianbao::check::settings::PASSED;
use nianbao::form::Library;
use nianbao::text;
use std::path::PathBuf;

/// Rule id of lists of units that are passed over.
const RULE: &str = "units-passed-over";

/// What judges a county.
pub(super) struct Papers {
    pub(super) by: RunSettings,
    /// The list of units.
    pub(super) list: Option<PathBuf>,
    /// What was passed over.
    pub(super) passed: Vec<Diagnostic>,
}

impl Papers {
    /// Chooses them. What is wrong with them goes to the sink.
    pub(super) fn choose(
        ask: &Collect,
        found: &Found,
        library: &Library,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Result<Papers, Failure> {
        let mut way = Way::new();
        for (_, path) in &found.units {
            let top = ask.paths.iter().find(|top| path.starts_with(top)).unwrap_or(path);
            way.add(path, top);
        }
        // Last year's file is the county's, not a unit's.
        let asked = Against { previous: None, ..ask.against.clone() };
        let mut own = Sink::new();
        let by = RunSettings::read(&asked, &way, library, sources, &mut own)?;
        let list = match &ask.units {
            Some(named) => Some(named.clone()),
            None if asked.only_named => None,
            None => list_here(sources, &mut own)?,
        };
        let mut lists = way.files(&list_names());
        lists.extend(found.lists.iter().cloned());
        lists.extend(lists_here().into_iter().filter(|_| ask.units.is_some()));
        for file in apart(settings::without(lists, list.as_deref())) {
            own.push(list_passed_over(&file, sources));
        }
        for file in &found.letterheads {
            let message = text!("collect.letterhead-passed-over", file = shown(file));
            own.push(settings::passed_over(file, sources, message));
        }
        for link in &found.links {
            own.push(links::passed_over(link, sources));
        }
        let (passed, wrong): (Vec<_>, Vec<_>) = own
            .into_sorted()
            .into_iter()
            .partition(|one| [PASSED, RULE, links::RULE].contains(&one.rule.as_ref()));
        sink.extend(wrong);
        Ok(Papers { by, list, passed })
    }
}

/// The names of lists of units.
fn list_names() -> Vec<String> {
    let kinds = files::kinds().filter(|(kind, _)| *kind != Kind::Csv);
    kinds.map(|(_, extension)| format!("{LIST}.{extension}")).collect()
}

/// The lists of the current folder, links among them.
fn lists_here() -> Vec<PathBuf> {
    let names = list_names().into_iter().map(PathBuf::from);
    names.filter(|name| links::look(name) != links::Found::Absent).collect()
}

/// The list of the current folder.
fn list_here(sources: &mut Sources, sink: &mut Sink) -> Result<Option<PathBuf>, Failure> {
    let mut lists = lists_here();
    lists.retain(|file| links::is_own_file(file, sources, sink));
    match lists.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        many => {
            let names: Vec<String> = many.iter().map(|file| shown(file)).collect();
            Err(Failure::plain(text!("io.many-reports", files = names)))
        }
    }
}

/// Files that are the same only once, the nearest name first.
fn apart(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.sort();
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    files
}

fn list_passed_over(file: &std::path::Path, sources: &mut Sources) -> Diagnostic {
    let place = Place::File(sources.add_binary(shown(file)));
    let message = text!("collect.list-passed-over", file = shown(file));
    let hint = text!("collect.list-passed-over-hint", file = shown(file));
    Diagnostic::warning(RULE, place, message).hint(hint)
}
