//! Owns the names of the files that the program keeps in folders for itself, its pages, and which documents of a folder
//! it made according to them.
//! Must not know why a document was made, nor whether it is up to date.

use super::checksum::Checksum;
use super::file_reader::FileReader;
use super::paths::has_extension;
use nianbao::page::{CHECKSUM_MARK, FILE_MARK};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Beginning of the names of all state files.
pub(crate) const STATE_PREFIX: &str = ".nianbao-state";
/// End of the names of state files.
const STATE_SUFFIX: &str = ".jsonl";

/// Maximum size of a page in bytes; a larger file is not one.
const MAX_PAGE_BYTES: u64 = 16 * 1024 * 1024;
/// Maximum number of pages of a folder that are read for their records.
const MAX_PAGES: usize = 200;
/// Parts of the names of pages, the same in both languages like all file names.
const PAGE_NAME_MARKS: [&str; 2] = ["检查结果", "怎样使用"];

/// Checksums of paths relative to a folder, with the checksums of their recorded contents.
pub(crate) type KnownFiles = BTreeMap<Checksum, BTreeSet<Checksum>>;

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

/// Files that the program made in a folder.
pub(crate) struct MadeFiles {
    /// Names in the states, and of pages.
    names: BTreeSet<String>,
    /// Files that pages list.
    listed: KnownFiles,
}

impl MadeFiles {
    /// Reads what the states and pages of a folder say.
    pub(crate) fn of_folder(dir: &Path, files: &FileReader) -> MadeFiles {
        let mut names = BTreeSet::new();
        for state in state_files(dir) {
            // A state that cannot be read knows nothing.
            let bytes = files.read_unrecorded(&state).unwrap_or_default();
            let lines = bytes.split(|byte| *byte == b'\n');
            let made = lines.filter_map(|line| serde_json::from_slice::<MadeFile>(line).ok());
            names.extend(made.map(|made| made.file));
        }
        let pages = page_paths(dir).into_iter().filter(|page| is_own_page(page, files));
        let page_name = |page: PathBuf| Some(page.file_name()?.to_string_lossy().into_owned());
        names.extend(pages.filter_map(page_name));
        MadeFiles { names, listed: files_listed_in_pages(dir, files) }
    }

    /// Checks whether the program made a file of this name. One that was touched up since is still no input: it was
    /// made of one.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names.contains(name) || self.listed.contains_key(&Checksum::of_bytes(name.as_bytes()))
    }
}

/// Returns the files of a folder that may be pages of the program, by their names.
fn page_paths(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let pages = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        has_extension(path, "html") && PAGE_NAME_MARKS.iter().any(|mark| name.contains(mark))
    });
    pages.take(MAX_PAGES).collect()
}

/// Checks whether a file is a page of ours, as we left it.
pub(crate) fn is_own_page(path: &Path, files: &FileReader) -> bool {
    has_extension(path, "html") && read_own_page(path, files).is_some()
}

/// A page of ours, as we left it.
fn read_own_page(path: &Path, files: &FileReader) -> Option<String> {
    let found = std::fs::symlink_metadata(path).ok()?;
    if !found.is_file() || found.len() > MAX_PAGE_BYTES {
        return None;
    }
    let text = String::from_utf8(files.read_unrecorded(path).ok()?).ok()?;
    let (before, after) = text.split_once(CHECKSUM_MARK)?;
    let (sum, after) = after.split_at_checked(64)?;
    let sum = Checksum::parse(sum)?;
    (Checksum::of_bytes(format!("{before}{CHECKSUM_MARK}{after}").as_bytes()) == sum)
        .then_some(text)
}

/// Returns the files that the pages of a folder list as made.
pub(crate) fn files_listed_in_pages(dir: &Path, files: &FileReader) -> KnownFiles {
    let mut out = KnownFiles::new();
    let pages = page_paths(dir);
    for page in pages.iter().filter_map(|path| read_own_page(path, files)) {
        for line in page.split(FILE_MARK).skip(1) {
            let sums = line.split('"').next().and_then(|line| line.split_once(' '));
            if let Some((name, held)) = sums
                && let (Some(name), Some(held)) = (Checksum::parse(name), Checksum::parse(held))
            {
                out.entry(name).or_default().insert(held);
            }
        }
    }
    out
}
