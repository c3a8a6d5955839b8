//! Owns the names of the files that the program keeps in folders for itself, and which documents of a folder it made
//! according to them.
//! Must not know why a document was made, nor whether it is up to date.

use super::file_reader::FileReader;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Beginning of the names of all state files.
pub(crate) const STATE_PREFIX: &str = ".nianbao-state";
/// End of the names of state files.
const STATE_SUFFIX: &str = ".jsonl";

/// The name in a line of a state file.
#[derive(Deserialize)]
struct MadeFile {
    file: String,
}

/// Returns the state files of a folder.
pub(crate) fn state_files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let states = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file && name.starts_with(STATE_PREFIX) && name.ends_with(STATE_SUFFIX)
    });
    let mut found: Vec<PathBuf> = states.map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Returns the names of the files of a folder that the program made. One that was touched up since is still no input:
/// it was made of one.
pub(crate) fn made_files(dir: &Path, files: &FileReader) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for state in state_files(dir) {
        // A state that cannot be read knows nothing.
        let bytes = files.read_unrecorded(&state).unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n');
        out.extend(
            lines.filter_map(|line| Some(serde_json::from_slice::<MadeFile>(line).ok()?.file)),
        );
    }
    out
}
