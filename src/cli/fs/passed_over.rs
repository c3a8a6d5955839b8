//! Owns telling what was found beside reports: files that are none, links that are not followed, and what cannot be
//! read, each once.
//! Must not know how they were found.

use super::data_files::data_file_kind;
use super::paths::{display_path, parent_dir};
use super::report_walk::{FoundFiles, FoundReport, UnreadablePath};
use super::symlinks;
use docx_fill::diag::{Diagnostic, Location, Message, Severity};
use nianbao::msg;
use nianbao::session::Session;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Rule id of files that are no reports.
pub(crate) const FILE_RULE: &str = "file-passed-over";
/// Rule id of files that cannot be read.
const UNREADABLE_RULE: &str = "unit-unreadable";

/// Adds a remark for each folder that names the files in it that are no reports.
pub(crate) fn push_passed_over(files: &BTreeSet<PathBuf>, session: &mut Session<'_>) {
    let mut folders: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        folders.entry(parent_dir(file)).or_default().push(name);
    }
    for (folder, names) in folders {
        let place = file_location(&folder, session);
        let count = names.len();
        let message = msg!("links.files-passed-over", count = count, files = names);
        session.push_finding(Diagnostic::new(FILE_RULE, Severity::Info, place, message));
    }
}

/// Adds what is to be told of everything that was found beside the reports of a run.
pub(crate) fn push_unread(found: &FoundFiles, session: &mut Session<'_>) {
    for FoundReport { file, .. } in &found.unread_kinds {
        if let Err(failure) = data_file_kind(file) {
            push_unreadable(file, failure.to_message(), session);
        }
    }
    for UnreadablePath { path, reason, .. } in &found.unreadable {
        push_unreadable(path, reason.clone(), session);
    }
    for link in &found.links {
        symlinks::push_ignored_link(link, session);
    }
    push_passed_over(&found.passed_over, session);
}

fn push_unreadable(path: &Path, reason: Message, session: &mut Session<'_>) {
    let place = file_location(path, session);
    session.push_finding(Diagnostic::error(UNREADABLE_RULE, place, reason));
}

fn file_location(path: &Path, session: &mut Session<'_>) -> Location {
    Location::File(session.sources_mut().add_binary(display_path(path)))
}
