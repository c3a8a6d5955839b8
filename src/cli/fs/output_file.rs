//! Owns the file that a command writes where the user said: it replaces nothing that somebody may have made, and never
//! what the command itself reads.
//! Must not know the content of the file.

use super::atomic_write;
use super::checksum::Checksum;
use super::file_reader::FileReader;
use super::paths::{display_path, has_extension};
use crate::cli::Failure;
use nianbao::msg;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files that a run of several rounds has written, or found there as it would have written them, each with the size
/// and checksum of what it held then.
#[derive(Default)]
pub(crate) struct WrittenFiles(RefCell<BTreeMap<PathBuf, (u64, Checksum)>>);

impl WrittenFiles {
    /// Checks whether the run has written a file.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        let known = self.0.borrow();
        !known.is_empty() && path.canonicalize().is_ok_and(|real| known.contains_key(&real))
    }

    /// Notes what a file holds.
    fn note(&self, path: &Path, content: &[u8]) {
        if let Ok(real) = path.canonicalize() {
            let held = (content.len() as u64, Checksum::of_bytes(content));
            self.0.borrow_mut().insert(real, held);
        }
    }

    /// Checks whether a file still holds what the run wrote last.
    fn is_as_written(&self, path: &Path) -> bool {
        let known = self.0.borrow();
        let held = path.canonicalize().ok().and_then(|real| known.get(&real));
        held.is_some_and(|(size, sum)| FileReader::holds(path, *size, *sum))
    }
}

/// The target of a command that keeps no state.
pub(crate) struct UserTarget<'a> {
    /// Path given by the user.
    pub(crate) path: &'a Path,
    /// Extension that fits the content.
    pub(crate) extension: &'static str,
    /// Files that the command reads.
    pub(crate) inputs: &'a [&'a Path],
    /// True if the user allows replacing an existing file.
    pub(crate) overwrite: bool,
}

impl UserTarget<'_> {
    /// Returns an error if the path does not fit: another extension, or a file that the command reads.
    pub(crate) fn check_path(&self) -> Result<(), Failure> {
        let file = || display_path(self.path);
        if !has_extension(self.path, self.extension) {
            let message = msg!("io.output-extension", file = file(), extension = self.extension);
            return Err(Failure::without_cause(message));
        }
        let real = self.path.canonicalize().ok();
        let is_same = |input: &&Path| real.is_some() && input.canonicalize().ok() == real;
        if self.inputs.iter().any(is_same) {
            return Err(Failure::without_cause(msg!("io.own-input", file = file())));
        }
        Ok(())
    }

    /// Writes the file; returns `false` if it is there already with the same content.
    pub(crate) fn write(&self, content: &[u8], files: &FileReader) -> Result<bool, Failure> {
        self.check_path()?;
        if self.overwrite {
            atomic_write::write_file(self.path, content)?;
            return Ok(true);
        }
        if atomic_write::write_new_file(self.path, content)? {
            return Ok(true);
        }
        let is_same = files.read_unrecorded(self.path).is_ok_and(|there| there == content);
        if is_same {
            return Ok(false);
        }
        let message = msg!("io.exists-overwrite-file", file = display_path(self.path));
        Err(Failure::without_cause(message))
    }

    /// Writes the file like [`UserTarget::write`]. With what earlier rounds of a run wrote it replaces also that, if nobody
    /// has changed it since.
    pub(crate) fn write_again(
        &self,
        content: &[u8],
        files: &FileReader,
        written: Option<&WrittenFiles>,
    ) -> Result<bool, Failure> {
        let Some(written) = written else { return self.write(content, files) };
        let is_own = written.is_as_written(self.path);
        let target = UserTarget { overwrite: self.overwrite || is_own, ..*self };
        let is_new = target.write(content, files)?;
        written.note(self.path, content);
        Ok(is_new)
    }

    /// Returns the line that says what [`UserTarget::write`] did.
    pub(crate) fn describe(&self, written: bool) -> docx_fill::diag::Message {
        let file = display_path(self.path);
        if written {
            msg!("done.written", file = file)
        } else {
            msg!("done.unchanged", file = file)
        }
    }
}
