//! Owns listing a folder on the disk or in an archive: names in their order, and what lies under each.
//! Must not know what a name means.

use super::archives::{self, UnitArchive};
use super::file_reader::FileReader;
use super::paths::display_path;
use crate::cli::Failure;
use nianbao::msg;
use std::path::{Path, PathBuf};

/// The kind of an entry of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// An ordinary file.
    File,
    /// A folder.
    Folder,
    /// A link to a file.
    FileLink,
    /// A link to a folder.
    FolderLink,
    /// A pipe, a device or the like.
    Other,
    /// A file of an archive that needs a password.
    Encrypted,
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FolderEntry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) kind: EntryKind,
}

/// Returns what lies in a folder or an archive by its names, without hidden files and those that Office programs keep
/// beside an open one, and the failure if the list is incomplete.
pub(crate) fn list_folder(dir: &Path, files: &FileReader) -> (Vec<FolderEntry>, Option<Failure>) {
    let place = if archives::is_archive(dir) {
        Some((dir.to_owned(), String::new()))
    } else {
        archives::split_archive_path(dir)
    };
    let (mut found, failure) = match place {
        Some((archive, below)) => match files.open_archive(&archive) {
            Ok(opened) => (archive_entries(dir, &below, &opened), None),
            Err(failure) => (Vec::new(), Some(failure)),
        },
        None => {
            let mut found = Vec::new();
            let failure = read_entries(dir, &mut found).err();
            let told = |error| Failure::new(msg!("io.read", file = display_path(dir)), error);
            (found, failure.map(told))
        }
    };
    found.retain(|entry| !is_hidden_name(&entry.name));
    found.sort();
    (found, failure)
}

/// Checks whether a file of this name is hidden, or lies only beside an open one.
pub(crate) fn is_hidden_name(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || name == "__MACOSX"
}

fn archive_entries(dir: &Path, below: &str, opened: &UnitArchive) -> Vec<FolderEntry> {
    let entry = |(name, is_folder): (String, bool)| {
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = match (is_folder, opened.is_encrypted(&path)) {
            (true, _) => EntryKind::Folder,
            (false, true) => EntryKind::Encrypted,
            (false, false) => EntryKind::File,
        };
        FolderEntry { path: dir.join(&name), name, kind }
    };
    opened.names_below(below).into_iter().map(entry).collect()
}

fn read_entries(dir: &Path, found: &mut Vec<FolderEntry>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        // A link could lead out of the folder or form a cycle.
        let kind = match (kind.is_symlink(), kind.is_dir(), kind.is_file()) {
            (true, ..) if path.is_dir() => EntryKind::FolderLink,
            (true, ..) => EntryKind::FileLink,
            (_, true, _) => EntryKind::Folder,
            (_, _, true) => EntryKind::File,
            _ => EntryKind::Other,
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push(FolderEntry { name, path, kind });
    }
    Ok(())
}
