//! Owns writing: a file appears whole or not at all, never through a link or in the place of one, and what a
//! killed run left is cleared away.
//! Must not know what is written.

use super::failure::in_use;
use super::files::shown;
use super::{Failure, links, stop};
use nianbao::text;
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{BufWriter, Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// How the names of temporary files begin and end.
const MARKS: (&str, &str) = (".nianbao-", ".tmp");
/// How often a temporary file is made anew, if another process takes it for a leftover.
const TRIES: usize = 100;

/// Writes a file by way of a temporary one beside it: whenever the program is stopped, there is the old
/// file or the new one.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    prepare(path, content, false)?.put()
}

/// Like [`write`], but only if the name is free: `false` if it is not.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<bool, Failure> {
    let Ready { file, path, open: _open } = prepare(path, content, false)?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::new(text!("io.write", file = shown(&path)), error.error)),
    }
}

/// Prepares a file of a run below a folder that the user has named, for several that appear only when all are
/// complete.
pub(crate) fn prepare_below(folder: &Path, path: &Path, content: &[u8]) -> Result<Ready, Failure> {
    links::refuse_below(folder, path)?;
    prepare(path, content, false)
}

/// Writes several files of one run below a folder that the user has named. All are complete before the first
/// one appears.
pub(crate) fn write_all(
    folder: &Path,
    files: &[(PathBuf, impl AsRef<[u8]>)],
) -> Result<(), Failure> {
    let prepared =
        files.iter().map(|(path, content)| prepare_below(folder, path, content.as_ref()));
    let ready: Vec<Ready> = prepared.collect::<Result<_, _>>()?;
    ready.into_iter().try_for_each(Ready::put)
}

/// A file that is complete beside its place. If it is never put there, it vanishes.
pub(crate) struct Ready {
    file: NamedTempFile,
    path: PathBuf,
    open: Open,
}

/// The temporary files of this process.
static OPEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn open_files() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of this process, which is to end at once; as long as what it gives is held,
/// nobody begins another.
pub(crate) fn discard_all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let open = open_files();
    for file in open.iter() {
        // What is in its place by now has this name no more.
        let _ = std::fs::remove_file(file);
    }
    open
}

/// A temporary file among those of this process.
struct Open(PathBuf);

impl Drop for Open {
    fn drop(&mut self) {
        open_files().remove(&self.0);
    }
}

/// Writes the content beside its place. With `durable` it is on the disk before it can appear; without,
/// the program does not wait for the disk, and after a power failure the file system decides.
pub(crate) fn prepare(path: &Path, content: &[u8], durable: bool) -> Result<Ready, Failure> {
    let wrong = |error: Error| Failure::new(text!("io.write", file = shown(path)), error);
    links::refuse(path)?;
    // A device would be replaced by a file.
    if std::fs::symlink_metadata(path).is_ok_and(|old| !old.is_file()) {
        return Err(Failure::plain(text!("io.no-file", file = shown(path))));
    }
    let dir = folder(path);
    std::fs::create_dir_all(dir).map_err(wrong)?;
    let (mut file, open) = temporary(dir).map_err(wrong)?;
    file.write_all(content).map_err(wrong)?;
    if durable {
        file.as_file().sync_all().map_err(wrong)?;
    }
    Ok(Ready { file, path: path.to_owned(), open })
}

impl Ready {
    /// Puts the file in its place.
    pub(crate) fn put(self) -> Result<(), Failure> {
        self.put_open().map(drop)
    }

    /// Puts the file in its place and keeps it open: whoever gives it another name or puts another file there
    /// does not change where more is written.
    pub(crate) fn put_open(self) -> Result<File, Failure> {
        let Ready { file, path, open: _open } = self;
        links::refuse(&path)?;
        let wrong = |error| Failure::new(text!("io.write", file = shown(&path)), error);
        file.persist(&path).map_err(|error| wrong(telling(error.error, &path)))
    }
}

/// Windows only says that it is not allowed to replace a file which another program has open; asked for the file
/// itself, it says why.
fn telling(error: Error, path: &Path) -> Error {
    if error.kind() != ErrorKind::PermissionDenied {
        return error;
    }
    held(path).unwrap_or(error)
}

/// What Windows says if another program has a file open and lets nobody write into it. A pipe is not asked: that would
/// wait for somebody who reads it.
pub(crate) fn held(path: &Path) -> Option<Error> {
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let asked = is_file.then(|| File::options().write(true).open(path));
    asked?.err().filter(in_use)
}

/// A file that is written piece by piece and appears at its end.
pub(crate) struct Growing {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    open: Open,
}

impl Growing {
    /// Begins a file.
    pub(crate) fn begin(path: &Path) -> Result<Growing, Failure> {
        let Ready { file, path, open } = prepare(path, &[], false)?;
        Ok(Growing { file: BufWriter::new(file), path, open })
    }

    /// Adds a piece.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), Failure> {
        let wrong = |error| Failure::new(text!("io.write", file = shown(&self.path)), error);
        self.file.write_all(text.as_bytes()).map_err(wrong)
    }

    /// Puts it in its place.
    pub(crate) fn end(self) -> Result<(), Failure> {
        let Growing { file, path, open } = self;
        let wrong = |error| Failure::new(text!("io.write", file = shown(&path)), error);
        let file = file.into_inner().map_err(|error| wrong(error.into_error()))?;
        Ready { file, path: path.clone(), open }.put()
    }
}

/// The folder of a path, `.` for a bare name.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A temporary file that is locked as long as its process lives, so that it is no leftover.
fn temporary(dir: &Path) -> Result<(NamedTempFile, Open), Error> {
    stop::guard();
    let mut last = None;
    for _ in 0..TRIES {
        let mut all = open_files();
        let file = builder().tempfile_in(dir)?;
        all.insert(file.path().to_owned());
        drop(all);
        let open = Open(file.path().to_owned());
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
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(MARKS.0).suffix(MARKS.1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Clears away the temporary files that killed runs have left in a folder. Those of a running program
/// are locked and stay; so does everything where the file system knows no locks.
pub(crate) fn sweep(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = name.starts_with(MARKS.0) && name.ends_with(MARKS.1);
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
pub(crate) fn settle(dir: &Path) {
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_process_left_is_swept() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.docx");
        let ready = prepare(&path, b"new", true).expect("written");
        std::fs::write(dir.path().join(".nianbao-dead.tmp"), "half").expect("written");
        std::fs::write(dir.path().join("mine.tmp"), "kept").expect("written");
        sweep(dir.path());
        let left = std::fs::read_dir(dir.path()).expect("a folder").count();
        assert_eq!(left, 2, "the one in use and the user's own");
        ready.put().expect("put");
        assert_eq!(std::fs::read(&path).expect("read"), b"new");
        drop(prepare(&path, b"other", false).expect("written"));
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 2);
    }
}
