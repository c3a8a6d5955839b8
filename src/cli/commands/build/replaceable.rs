//! Owns which files an output may replace: those that the program wrote and nobody modified since. What a person made
//! is kept, and the new file is laid beside it under the next free name.
//! Must not render anything, nor decide what is up to date.

use super::build_state::BuildState;
use super::report_worker::ReportFile;
use crate::cli::Failure;
use crate::cli::fs::atomic_write::open_elsewhere;
use crate::cli::fs::checksum::Checksum;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use docx_fill::diag::Lang;
use nianbao::msg;
use std::path::{Path, PathBuf};

/// Maximum number of names that are tried.
const MAX_NAME_TRIES: usize = 999;

/// Chooses the targets of outputs.
pub(super) struct TargetChooser<'a> {
    /// The state of the folder of the outputs.
    pub(super) state: &'a BuildState,
    /// Reads files.
    pub(super) files: &'a FileReader,
    /// True if the user allows replacing what a person made.
    pub(super) overwrite: bool,
}

impl TargetChooser<'_> {
    /// Returns the first of the wanted path and the names beside it that may be written: free ones, those that hold
    /// what the program wrote, or this very content.
    pub(super) fn choose_target(&self, output: &ReportFile) -> Result<PathBuf, Failure> {
        let wanted = &output.path;
        for number in 1..=MAX_NAME_TRIES {
            let path = numbered_path(wanted, number);
            let held = self.content_of(&path);
            // Unread because a program has it open: whether a person changed it is unknown until that is closed.
            if held.is_none()
                && let Some(error) = open_elsewhere(&path)
            {
                return Err(Failure::new(msg!("io.write", file = display_path(&path)), error));
            }
            if held == Some(output.record.content) || self.may_write(&path, held) {
                return Ok(path);
            }
        }
        Err(Failure::without_cause(msg!("io.exists", file = display_path(wanted))))
    }

    /// Checks whether a path is free, or holds what the program wrote.
    fn may_write(&self, path: &Path, held: Option<Checksum>) -> bool {
        // Links, folders and devices are refused with their reason when the file is written.
        let is_file = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
        if !is_file || self.overwrite {
            return true;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        held.is_some_and(|held| self.state.is_own_content(name, held))
    }

    fn content_of(&self, path: &Path) -> Option<Checksum> {
        let found = std::fs::symlink_metadata(path).ok()?;
        let bytes = found.is_file().then(|| self.files.read_unrecorded(path))?.ok()?;
        Some(Checksum::of_bytes(&bytes))
    }
}

/// Returns a path with a number after the stem, from the second on.
fn numbered_path(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // The same in both languages: a file has one name.
    let stem = msg!("drop.numbered", name = stem.into_owned(), number = number).in_lang(Lang::Zh);
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}.{extension}"))
}
