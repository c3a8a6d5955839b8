//! Owns the place of results: beside what was dropped or, if that is not writable, in a folder of
//! the user; under a name that is free. A file is replaced only if the program wrote it and it is
//! unmodified.
//! Must not know the content of the files.
//!
//! The pages record what the program wrote: each holds a checksum of its own bytes and of every
//! file made with it. So no hidden files are needed in the user's folders.

use crate::cli::Failure;
use crate::cli::fs::atomic_write;
use crate::cli::fs::checksum::Checksum;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::own_outputs::{KnownFiles, files_listed_in_pages, is_own_page};
use crate::cli::fs::paths::display_path;
use docx_fill::diag::{Lang, Message};
use nianbao::limits::Limits;
use nianbao::msg;
use nianbao::page::CHECKSUM_MARK;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Maximum number of names that are tried.
const MAX_NAME_TRIES: usize = 999;
/// Maximum size in bytes of a file made by the program.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Maximum length of a name in bytes, so that a number and an extension can be added.
const MAX_NAME_BYTES: usize = 200;

/// A folder for results.
pub(super) struct ResultsFolder {
    pub(super) dir: PathBuf,
    /// True if it is not the folder of what was dropped.
    pub(super) is_fallback: bool,
    /// Files recorded by the pages there and in the folder above.
    known: KnownFiles,
    files: FileReader,
}

/// A file that was placed.
pub(super) struct PlacedFile {
    /// Path below the results folder.
    pub(super) name: String,
    /// Checksum of the content.
    pub(super) checksum: Checksum,
    /// Note on its name, if it is not the wanted one.
    pub(super) note: Option<Message>,
}

impl ResultsFolder {
    /// Returns the folder itself, or one that can be written to.
    pub(super) fn find_writable(
        dir: &Path,
        lang: Lang,
        limits: &Limits,
    ) -> Result<ResultsFolder, Failure> {
        if can_keep_files(dir) {
            return Ok(ResultsFolder::with_known_files(dir.to_owned(), false, limits));
        }
        let name = msg!("drop.results-folder").in_lang(lang);
        let mut tried = vec![display_path(dir)];
        for other in fallback_dirs() {
            let other = other.join(&name);
            if std::fs::create_dir_all(&other).is_ok() && can_keep_files(&other) {
                return Ok(ResultsFolder::with_known_files(other, true, limits));
            }
            tried.push(display_path(&other));
        }
        Err(Failure::without_cause(msg!("drop.nowhere", tried = tried)))
    }

    fn with_known_files(dir: PathBuf, is_fallback: bool, limits: &Limits) -> ResultsFolder {
        let files = FileReader::new(limits);
        let known = known_files(&dir, &files);
        ResultsFolder { dir, is_fallback, known, files }
    }

    /// Writes a file under its name or, if that is taken by anything but an unmodified file of the
    /// program, under the next free one.
    pub(super) fn place_file(
        &self,
        name: &str,
        end: &str,
        bytes: &[u8],
    ) -> Result<PlacedFile, Failure> {
        let (first, sum) = (format!("{}.{end}", shorten_name(name)), Checksum::of_bytes(bytes));
        let mut busy = false;
        for number in 1..=MAX_NAME_TRIES {
            let file = format!("{}.{end}", numbered_name(&shorten_name(name), number));
            let path = self.dir.join(&file);
            let done = if std::fs::symlink_metadata(&path).is_err() {
                atomic_write::write_new_file(&path, bytes)?
            } else {
                let held = file_checksum(&path, &self.files);
                let own = held.is_some_and(|held| self.is_known_content(&file, held));
                let written =
                    own && held != Some(sum) && atomic_write::write_file(&path, bytes).is_ok();
                busy |= own && held != Some(sum) && !written;
                // The owner is unknown while another program lets nobody read the file.
                busy |= held.is_none() && atomic_write::open_elsewhere(&path).is_some();
                held == Some(sum) || written
            };
            if done {
                let note = (number > 1).then(|| {
                    if busy {
                        msg!("page.busy", file = &first, new = &file)
                    } else {
                        msg!("page.kept", file = &first, new = &file)
                    }
                });
                return Ok(PlacedFile { name: file, checksum: sum, note });
            }
        }
        Err(Failure::without_cause(msg!("io.exists", file = display_path(&self.dir.join(first)))))
    }

    /// Returns the file of a name that is there and not as the program made it: somebody works in it. The second value is
    /// true while another program has it open.
    pub(super) fn modified_file(&self, name: &str, end: &str) -> Option<(PathBuf, bool)> {
        let path = self.dir.join(format!("{}.{end}", shorten_name(name)));
        let file = path.file_name()?.to_string_lossy().into_owned();
        let is_there = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let is_open = atomic_write::open_elsewhere(&path).is_some();
        (is_there && (is_open || self.known_checksum(&file).is_none())).then_some((path, is_open))
    }

    /// Writes a page with its checksum, replacing the page of an earlier run.
    pub(super) fn place_page(&self, name: &str, page: &str) -> Result<PathBuf, Failure> {
        let page = seal_page(page);
        for number in 1..=MAX_NAME_TRIES {
            let path =
                self.dir.join(format!("{}.html", numbered_name(&shorten_name(name), number)));
            let done = match std::fs::symlink_metadata(&path) {
                Err(_) => atomic_write::write_new_file(&path, page.as_bytes())?,
                Ok(_) => {
                    is_own_page(&path, &self.files)
                        && atomic_write::write_file(&path, page.as_bytes()).is_ok()
                }
            };
            if done {
                return Ok(path);
            }
        }
        Err(Failure::without_cause(msg!("io.exists", file = display_path(&self.dir.join(name)))))
    }

    /// Returns a folder for several files: a new one, or one of the program's own in which nothing
    /// was modified.
    pub(super) fn free_subfolder(&self, name: &str) -> Result<PathBuf, Failure> {
        for number in 1..=MAX_NAME_TRIES {
            let folder = numbered_name(&shorten_name(name), number);
            let path = self.dir.join(&folder);
            if std::fs::symlink_metadata(&path).is_err() || self.is_own_folder(&folder) {
                return Ok(path);
            }
        }
        Err(Failure::without_cause(msg!("io.exists", file = display_path(&self.dir.join(name)))))
    }

    fn is_own_folder(&self, folder: &str) -> bool {
        let entries = std::fs::read_dir(self.dir.join(folder));
        entries.is_ok_and(|mut entries| {
            entries.all(|entry| {
                let Ok(entry) = entry else { return false };
                let file = format!("{folder}/{}", entry.file_name().to_string_lossy());
                file_checksum(&entry.path(), &self.files)
                    .is_some_and(|held| self.is_known_content(&file, held))
            })
        })
    }

    fn is_known_content(&self, file: &str, held: Checksum) -> bool {
        self.known
            .get(&Checksum::of_bytes(file.as_bytes()))
            .is_some_and(|sums| sums.contains(&held))
    }

    /// Returns the checksum of a file that is as the program once made it.
    pub(super) fn known_checksum(&self, file: &str) -> Option<Checksum> {
        let held = file_checksum(&self.dir.join(file), &self.files)?;
        self.is_known_content(file, held).then_some(held)
    }
}

/// Returns the line that records a file in a page.
pub(super) fn memory_line(file: &str, held: Checksum) -> String {
    format!("{} {held}", Checksum::of_bytes(file.as_bytes()))
}

/// Returns the checksum of a file. Links, pipes and what no document is as large as are nobody's documents.
fn file_checksum(path: &Path, files: &FileReader) -> Option<Checksum> {
    let found = std::fs::symlink_metadata(path).ok()?;
    let small = found.is_file() && found.len() <= MAX_FILE_BYTES;
    if small { Some(Checksum::of_bytes(&files.read_unrecorded(path).ok()?)) } else { None }
}

/// Returns a name with a number appended, from the second on.
fn numbered_name(name: &str, number: usize) -> String {
    match number {
        1 => name.to_owned(),
        // The same in both languages: a file has one name.
        _ => msg!("drop.numbered", name = name, number = number).in_lang(Lang::Zh),
    }
}

/// Returns a name truncated to what file systems accept.
fn shorten_name(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c == '\u{fffd}' { '_' } else { c }).collect();
    while out.len() > MAX_NAME_BYTES {
        out.pop();
    }
    out
}

/// Checks whether lasting files can be created in a folder.
#[allow(clippy::disallowed_methods, reason = "what lies there will be cleared away")]
fn can_keep_files(dir: &Path) -> bool {
    let passing = cfg!(windows) && is_below(dir, &std::env::temp_dir());
    !passing && tempfile::Builder::new().prefix(".nianbao-").tempfile_in(dir).is_ok()
}

/// Checks whether a folder is below another one. Archivers unpack files opened in them below the
/// folder of temporary files, and remove them later.
pub(super) fn is_below(dir: &Path, above: &Path) -> bool {
    match (dir.canonicalize(), above.canonicalize()) {
        (Ok(dir), Ok(above)) => dir.starts_with(above),
        _ => false,
    }
}

/// Returns the fallback folders for results, the best first.
#[allow(clippy::disallowed_methods, reason = "where results lie when they cannot lie beside")]
fn fallback_dirs() -> Vec<PathBuf> {
    let mut out = Vec::new();
    let user = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    if let Some(user) = user.filter(|user| !user.is_empty()).map(PathBuf::from) {
        let documents = ["Documents", "文档"].map(|name| user.join(name));
        out.extend(documents.into_iter().filter(|dir| dir.is_dir()));
        out.push(user);
    }
    out.push(std::env::temp_dir());
    out
}

/// Returns a page with its checksum inserted.
fn seal_page(page: &str) -> String {
    let sum = Checksum::of_bytes(page.as_bytes());
    page.replacen(CHECKSUM_MARK, &format!("{CHECKSUM_MARK}{sum}"), 1)
}

/// Returns the known files of a folder: from its own pages, and from those of the folder above, where the page
/// of several folders lies.
fn known_files(dir: &Path, files: &FileReader) -> KnownFiles {
    let mut out = files_listed_in_pages(dir, files);
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let (Some(above), Some(name)) = (whole.parent(), whole.file_name()) else { return out };
    let told = files_listed_in_pages(above, files);
    if told.is_empty() {
        return out;
    }
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let from_above = format!("{}/{file}", name.to_string_lossy());
        if let Some(held) = told.get(&Checksum::of_bytes(from_above.as_bytes())) {
            out.entry(Checksum::of_bytes(file.as_bytes())).or_default().extend(held);
        }
    }
    out
}

/// The files of a folder that the program made and nobody touched.
pub(super) fn own_files_in(dir: &Path, limits: &Limits) -> BTreeSet<PathBuf> {
    let files = FileReader::new(limits);
    let known = known_files(dir, &files);
    if known.is_empty() {
        return BTreeSet::new();
    }
    let home = ResultsFolder { dir: dir.to_owned(), is_fallback: false, known, files };
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let own = entries.filter(|entry| {
        let name = entry.file_name();
        home.known.contains_key(&Checksum::of_bytes(name.to_string_lossy().as_bytes()))
            && home.known_checksum(&name.to_string_lossy()).is_some()
    });
    own.map(|entry| entry.path()).collect()
}
