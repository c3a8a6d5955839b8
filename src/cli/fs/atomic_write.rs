//! Owns writing files: a file appears completely or not at all, never through a link or in place of
//! one; leftovers of killed runs are removed.
//! Must not know the content of a file.

use super::paths::display_path;
use super::symlinks;
use crate::cli::failure::is_in_use;
use crate::cli::temp_files::TempFileGuard;
use crate::cli::{Failure, interrupt};
use nianbao::msg;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufWriter, Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Prefix and suffix of the names of temporary files.
const TEMP_NAME_MARKS: (&str, &str) = (".nianbao-", ".tmp");
/// Maximum number of attempts to create a temporary file, in case another process removes it as a
/// leftover.
const MAX_TEMP_TRIES: usize = 100;

/// Writes a file by way of a temporary one beside it: whenever the program is stopped, either the
/// old or the new file is there.
pub(crate) fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    stage_file(path, content, false)?.commit()
}

/// Writes a file like [`write_file`], but only if the name is free; returns `false` if it is not.
pub(crate) fn write_new_file(path: &Path, content: &[u8]) -> Result<bool, Failure> {
    let StagedFile { file, path, guard: _open, .. } = stage_file(path, content, false)?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::new(msg!("io.write", file = display_path(&path)), error.error)),
    }
}

/// Stages a file below a folder named by the user, for several files that appear only when all are
/// complete.
pub(crate) fn stage_file_below(
    folder: &Path,
    path: &Path,
    content: &[u8],
) -> Result<StagedFile, Failure> {
    symlinks::refuse_links_below(folder, path)?;
    stage_file(path, content, false)
}

/// Writes several files below a folder named by the user. All are complete before the first one
/// appears.
pub(crate) fn write_all_files(
    folder: &Path,
    files: &[(PathBuf, impl AsRef<[u8]>)],
) -> Result<(), Failure> {
    let prepared =
        files.iter().map(|(path, content)| stage_file_below(folder, path, content.as_ref()));
    let ready: Vec<StagedFile> = prepared.collect::<Result<_, _>>()?;
    ready.into_iter().try_for_each(StagedFile::commit)
}

/// A complete temporary file beside its destination. It is removed on drop unless it is committed.
pub(crate) struct StagedFile {
    file: NamedTempFile,
    path: PathBuf,
    /// True if the file keeps the attribute by which Windows hides it.
    is_hidden: bool,
    guard: TempFileGuard,
}

/// Writes the content beside its place. With `durable` it is on the disk before it can appear; without,
/// the program does not wait for the disk, and after a power failure the file system decides.
pub(crate) fn stage_file(
    path: &Path,
    content: &[u8],
    durable: bool,
) -> Result<StagedFile, Failure> {
    let staged = stage_file_as(path, content, false)?;
    if durable {
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(path)), error);
        staged.file.as_file().sync_all().map_err(wrong)?;
    }
    Ok(staged)
}

/// Writes the content of a file that the program keeps for itself beside its place. It is hidden, also where a dot
/// before a name hides nothing.
pub(crate) fn stage_hidden_file(path: &Path, content: &[u8]) -> Result<StagedFile, Failure> {
    stage_file_as(path, content, true)
}

fn stage_file_as(path: &Path, content: &[u8], is_hidden: bool) -> Result<StagedFile, Failure> {
    let wrong = |error: Error| Failure::new(msg!("io.write", file = display_path(path)), error);
    symlinks::refuse_link(path)?;
    // A device would be replaced by a file.
    if std::fs::symlink_metadata(path).is_ok_and(|old| !old.is_file()) {
        return Err(Failure::without_cause(msg!("io.no-file", file = display_path(path))));
    }
    let dir = target_dir(path);
    std::fs::create_dir_all(dir).map_err(wrong)?;
    let (mut file, open) = create_temp_file(dir, is_hidden).map_err(wrong)?;
    file.write_all(content).map_err(wrong)?;
    Ok(StagedFile { file, path: path.to_owned(), is_hidden, guard: open })
}

impl StagedFile {
    /// Returns the file with another destination in the same folder.
    pub(crate) fn redirect(self, path: PathBuf) -> StagedFile {
        StagedFile { path, ..self }
    }

    /// Renames the file to its destination.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        self.commit_and_keep_open().map(drop)
    }

    /// Renames the file to its destination and keeps it open, so that renaming or replacing it does
    /// not redirect later writes.
    pub(crate) fn commit_and_keep_open(self) -> Result<File, Failure> {
        let StagedFile { file, path, is_hidden, guard: _open } = self;
        symlinks::refuse_link(&path)?;
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(&path)), error);
        if is_hidden {
            // The library would take the attribute away.
            let (file, old) = file.into_parts();
            let renamed = std::fs::rename(&old, &path);
            renamed.map_err(|error| wrong(refine_denied_error(error, &path)))?;
            // There is nothing left under the old name.
            drop(old.keep());
            return Ok(file);
        }
        file.persist(&path).map_err(|error| wrong(refine_denied_error(error.error, &path)))
    }
}

/// Returns the actual reason if Windows denies replacing a file that another program has open: the
/// rename only fails with "access denied", opening the file gives the reason.
fn refine_denied_error(error: Error, path: &Path) -> Error {
    if error.kind() != ErrorKind::PermissionDenied {
        return error;
    }
    open_elsewhere(path).unwrap_or(error)
}

/// Returns the error of Windows if another program has a file open and lets nobody write into it. A pipe is not opened:
/// that would wait for a reader.
pub(crate) fn open_elsewhere(path: &Path) -> Option<Error> {
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let opened = is_file.then(|| File::options().write(true).open(path));
    opened?.err().filter(is_in_use)
}

/// A file that is written in pieces and appears when committed.
pub(crate) struct StagedWriter {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    guard: TempFileGuard,
}

impl StagedWriter {
    /// Creates the temporary file.
    pub(crate) fn create(path: &Path) -> Result<StagedWriter, Failure> {
        let StagedFile { file, path, guard: open, .. } = stage_file(path, &[], false)?;
        Ok(StagedWriter { file: BufWriter::new(file), path, guard: open })
    }

    /// Appends a piece.
    pub(crate) fn write_text(&mut self, text: &str) -> Result<(), Failure> {
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(&self.path)), error);
        self.file.write_all(text.as_bytes()).map_err(wrong)
    }

    /// Renames the file to its destination.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        let StagedWriter { file, path, guard: open } = self;
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(&path)), error);
        let file = file.into_inner().map_err(|error| wrong(error.into_error()))?;
        StagedFile { file, path: path.clone(), is_hidden: false, guard: open }.commit()
    }
}

/// Returns the folder of a path, `.` for a bare name.
fn target_dir(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Creates a temporary file that is locked while its process lives, so that it is not removed as a
/// leftover.
fn create_temp_file(dir: &Path, is_hidden: bool) -> Result<(NamedTempFile, TempFileGuard), Error> {
    interrupt::clean_up_on_signal();
    let mut last = None;
    for _ in 0..MAX_TEMP_TRIES {
        let hidden = |path: &Path| hidden_file_options().create_new(true).open(path);
        let begin = || {
            let builder = temp_file_builder();
            if is_hidden { builder.make_in(dir, hidden) } else { builder.tempfile_in(dir) }
        };
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

/// Returns the options of opening a file that is hidden if it is new: Windows hides by an attribute, other systems by
/// the dot before its name.
pub(crate) fn hidden_file_options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        /// The attribute of hidden files.
        const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
        options.attributes(FILE_ATTRIBUTE_HIDDEN);
    }
    options
}

/// Returns a builder of temporary files, which are readable by others like any file that a user creates.
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

/// Removes the temporary files that killed runs have left in a folder. Those of running programs
/// are locked and stay; where the file system has no locks, all stay.
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
            // A file that cannot be removed does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Syncs the names in a folder to disk, where the system supports it.
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

    #[test]
    fn a_hidden_file_replaces_the_old_one_and_stays_open() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(".state");
        for content in [b"one", b"two"] {
            let staged = stage_hidden_file(&path, content).expect("written");
            let mut file = staged.commit_and_keep_open().expect("put");
            file.write_all(b"!").expect("written");
            assert_eq!(std::fs::read(&path).expect("read"), [content.as_slice(), b"!"].concat());
            assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1);
        }
    }
}
