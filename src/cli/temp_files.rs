//! Owns the register of the temporary files of this process, so that even an end at once leaves none of them.
//! Must not know what is written.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// The temporary files of this process.
static TEMP_FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn lock_temp_files() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMP_FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of this process, which is to end at once; as long as what it gives is held,
/// nobody begins another.
pub(crate) fn discard_temp_files() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let open = lock_temp_files();
    for file in open.iter() {
        // A finished file was renamed and has this name no more.
        let _ = std::fs::remove_file(file);
    }
    open
}

/// A temporary file among those of this process.
pub(crate) struct TempFileGuard(PathBuf);

impl TempFileGuard {
    /// Begins a file and registers it at once.
    pub(crate) fn register(
        begin: impl FnOnce() -> io::Result<NamedTempFile>,
    ) -> io::Result<(NamedTempFile, TempFileGuard)> {
        let mut all = lock_temp_files();
        let file = begin()?;
        all.insert(file.path().to_owned());
        drop(all);
        let guard = TempFileGuard(file.path().to_owned());
        Ok((file, guard))
    }
}

impl Drop for TempFileGuard {
    fn drop(&mut self) {
        lock_temp_files().remove(&self.0);
    }
}
