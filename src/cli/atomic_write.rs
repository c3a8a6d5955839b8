//! Owns writing: a file appears whole or not at all, never through a link or in the place of one, and what a
//! killed run left is cleared away.
//! Must not know what is written.

use super::failure::is_in_use;
use super::paths::display_path;
use super::temp_files::TempFileGuard;
use super::{Failure, interrupt, symlinks};
use nianbao::msg;
use std::fs::{File, TryLockError};
use std::io::{BufWriter, Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How the names of temporary files begin and end.
const TEMP_NAME_MARKS: (&str, &str) = (".nianbao-", ".tmp");
/// How often a temporary file is made anew, if another process takes it for a leftover.
const MAX_TEMP_TRIES: usize = 100;

/// Writes a file by way of a temporary one beside it: whenever the program is stopped, there is the old
/// file or the new one.
pub(crate) fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    stage_file(path, content, false)?.commit()
}

/// Like [`write`], but only if the name is free: `false` if it is not.
pub(crate) fn write_new_file(path: &Path, content: &[u8]) -> Result<bool, Failure> {
    let StagedFile { file, path, guard: _open } = stage_file(path, content, false)?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::new(msg!("io.write", file = display_path(&path)), error.error)),
    }
}

/// Prepares a file of a run below a folder that the user has named, for several that appear only when all are
/// complete.
pub(crate) fn stage_file_below(
    folder: &Path,
    path: &Path,
    content: &[u8],
) -> Result<StagedFile, Failure> {
    symlinks::refuse_links_below(folder, path)?;
    stage_file(path, content, false)
}

/// Writes several files of one run below a folder that the user has named. All are complete before the first
/// one appears.
pub(crate) fn write_all_files(
    folder: &Path,
    files: &[(PathBuf, impl AsRef<[u8]>)],
) -> Result<(), Failure> {
    let prepared =
        files.iter().map(|(path, content)| stage_file_below(folder, path, content.as_ref()));
    let ready: Vec<StagedFile> = prepared.collect::<Result<_, _>>()?;
    ready.into_iter().try_for_each(StagedFile::commit)
}

/// A file that is complete beside its place. If it is never put there, it vanishes.
pub(crate) struct StagedFile {
    file: NamedTempFile,
    path: PathBuf,
    guard: TempFileGuard,
}

/// Writes the content beside its place. With `durable` it is on the disk before it can appear; without,
/// the program does not wait for the disk, and after a power failure the file system decides.
pub(crate) fn stage_file(
    path: &Path,
    content: &[u8],
    durable: bool,
) -> Result<StagedFile, Failure> {
    let wrong = |error: Error| Failure::new(msg!("io.write", file = display_path(path)), error);
    symlinks::refuse_link(path)?;
    // A device would be replaced by a file.
    if std::fs::symlink_metadata(path).is_ok_and(|old| !old.is_file()) {
        return Err(Failure::without_cause(msg!("io.no-file", file = display_path(path))));
    }
    let dir = target_dir(path);
    std::fs::create_dir_all(dir).map_err(wrong)?;
    let (mut file, open) = create_temp_file(dir).map_err(wrong)?;
    file.write_all(content).map_err(wrong)?;
    if durable {
        file.as_file().sync_all().map_err(wrong)?;
    }
    Ok(StagedFile { file, path: path.to_owned(), guard: open })
}

impl StagedFile {
    /// Puts the file in its place.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        self.commit_and_keep_open().map(drop)
    }

    /// Puts the file in its place and keeps it open: whoever gives it another name or puts another file there
    /// does not change where more is written.
    pub(crate) fn commit_and_keep_open(self) -> Result<File, Failure> {
        let StagedFile { file, path, guard: _open } = self;
        symlinks::refuse_link(&path)?;
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(&path)), error);
        file.persist(&path).map_err(|error| wrong(refine_denied_error(error.error, &path)))
    }
}

/// Windows only says that it is not allowed to replace a file which another program has open; asked for the file
/// itself, it says why.
fn refine_denied_error(error: Error, path: &Path) -> Error {
    if error.kind() != ErrorKind::PermissionDenied {
        return error;
    }
    match File::options().write(true).open(path) {
        Err(told) if is_in_use(&told) => told,
        _ => error,
    }
}

/// A file that is written piece by piece and appears at its end.
pub(crate) struct StagedWriter {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    guard: TempFileGuard,
}

impl StagedWriter {
    /// Begins a file.
    pub(crate) fn create(path: &Path) -> Result<StagedWriter, Failure> {
        let StagedFile { file, path, guard: open } = stage_file(path, &[], false)?;
        Ok(StagedWriter { file: BufWriter::new(file), path, guard: open })
    }

    /// Adds a piece.
    pub(crate) fn write_text(&mut self, text: &str) -> Result<(), Failure> {
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(&self.path)), error);
        self.file.write_all(text.as_bytes()).map_err(wrong)
    }

    /// Puts it in its place.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        let StagedWriter { file, path, guard: open } = self;
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(&path)), error);
        let file = file.into_inner().map_err(|error| wrong(error.into_error()))?;
        StagedFile { file, path: path.clone(), guard: open }.commit()
    }
}

/// The folder of a path, `.` for a bare name.
fn target_dir(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A temporary file that is locked as long as its process lives, so that it is no leftover.
fn create_temp_file(dir: &Path) -> Result<(NamedTempFile, TempFileGuard), Error> {
    interrupt::clean_up_on_signal();
    let mut last = None;
    for _ in 0..MAX_TEMP_TRIES {
        let begin = || temp_file_builder().tempfile_in(dir);
        let (file, open) = TempFileGuard::register(begin)?;
        // Another process may clear it away between its birth and the lock.
        match file.as_file().try_lock() {
            Err(TryLockError::WouldBlock) => {}
            Ok(()) | Err(TryLockError::Error(_)) => match std::fs::symlink_metadata(file.path()) {
                Ok(_) => return Ok((file, open)),
                Err(error) => last = Some(error),
            },
        }
    }
    Err(last.unwrap_or_else(|| Error::from(std::io::ErrorKind::WouldBlock)))
}

/// Temporary files are readable by others, like any file that a user makes.
fn temp_file_builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMP_NAME_MARKS.0).suffix(TEMP_NAME_MARKS.1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Clears away the temporary files that killed runs have left in a folder. Those of a running program
/// are locked and stay; so does everything where the file system knows no locks.
pub(crate) fn remove_leftovers(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = name.starts_with(TEMP_NAME_MARKS.0) && name.ends_with(TEMP_NAME_MARKS.1);
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(file) = File::options().read(true).write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            // What cannot be removed harms nobody.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Waits until the names in a folder are on the disk, where the system can.
#[expect(clippy::disallowed_methods, reason = "nothing is read")]
pub(crate) fn sync_dir(dir: &Path) {
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_process_left_is_swept() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.docx");
        let ready = stage_file(&path, b"new", true).expect("written");
        std::fs::write(dir.path().join(".nianbao-dead.tmp"), "half").expect("written");
        std::fs::write(dir.path().join("mine.tmp"), "kept").expect("written");
        remove_leftovers(dir.path());
        let left = std::fs::read_dir(dir.path()).expect("a folder").count();
        assert_eq!(left, 2, "the one in use and the user's own");
        ready.commit().expect("put");
        assert_eq!(std::fs::read(&path).expect("read"), b"new");
        drop(stage_file(&path, b"other", false).expect("written"));
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 2);
    }
}
