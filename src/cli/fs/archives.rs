//! Owns zip archives as folders: the names of their entries, and the bytes of one, within the limits of a run. What
//! lies in an archive has a path below that of the archive: `石桥镇.zip/年报.xlsx`.
//! Must not know which entries are reports. Nothing is unpacked to the disk.

use super::paths::{display_path, has_extension};
use docx_fill::diag::Message;
use encoding_rs::GBK;
use nianbao::limits::Limits;
use nianbao::msg;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use zip::ZipArchive;
use zip::result::ZipError;

/// Extension of the archives that are read.
const ARCHIVE_EXTENSION: &str = "zip";
/// Size from which the ratio of an entry to its packed bytes is limited.
const MIN_LIMITED_BYTES: u64 = 1 << 20;

/// An archive that was opened.
pub(crate) struct UnitArchive {
    archive: ZipArchive<Cursor<Arc<[u8]>>>,
    /// Entries that are files, by their paths with `/`.
    entries: BTreeMap<String, ArchiveEntry>,
}

/// A file in an archive.
struct ArchiveEntry {
    number: usize,
    size: u64,
    packed_size: u64,
    is_encrypted: bool,
}

/// Checks whether a path is that of an archive.
pub(crate) fn is_archive(path: &Path) -> bool {
    has_extension(path, ARCHIVE_EXTENSION) && path.is_file()
}

/// Returns the archive in which a path lies, and the path in it; `None` for a path on the disk.
pub(crate) fn split_archive_path(path: &Path) -> Option<(PathBuf, String)> {
    let archive = path.ancestors().skip(1).find(|above| is_archive(above))?;
    let below = path.strip_prefix(archive).ok()?;
    let names = below.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    Some((archive.to_owned(), names.collect::<Vec<_>>().join("/")))
}

/// Returns the file on the disk in which a path lies: itself, or its archive.
pub(crate) fn path_on_disk(path: &Path) -> PathBuf {
    split_archive_path(path).map_or_else(|| path.to_owned(), |(archive, _)| archive)
}

impl UnitArchive {
    /// Opens an archive. Names are UTF-8 where they can be, else GBK, which Chinese archivers write without saying so.
    pub(crate) fn open(bytes: Vec<u8>, limits: &Limits) -> Result<UnitArchive, Message> {
        let mut entries = BTreeMap::new();
        let mut archive = ZipArchive::new(Cursor::new(Arc::from(bytes))).map_err(broken)?;
        if archive.len() as u64 > limits.package_parts {
            return Err(msg!("archive.many", limit = limits.package_parts));
        }
        let mut total = 0_u64;
        for number in 0..archive.len() {
            let entry = archive.by_index_raw(number).map_err(broken)?;
            let path = entry_path(entry.name_raw());
            if entry.is_dir() || entry.is_symlink() || path.is_empty() {
                continue;
            }
            let (size, packed_size) = (entry.size(), entry.compressed_size());
            total = total.saturating_add(size);
            let entry = ArchiveEntry { number, size, packed_size, is_encrypted: entry.encrypted() };
            entries.entry(path).or_insert(entry);
        }
        if total > Limits::mib_to_bytes(limits.package_total) {
            return Err(msg!("archive.large", limit = limits.package_total));
        }
        Ok(UnitArchive { archive, entries })
    }

    /// Returns the names directly below a folder of the archive, in their order, each with whether it is a folder.
    pub(crate) fn names_below(&self, folder: &str) -> Vec<(String, bool)> {
        let front = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut names: BTreeMap<&str, bool> = BTreeMap::new();
        let after = self.entries.range(front.clone()..).map(|(path, _)| path.strip_prefix(&front));
        for below in after.map_while(|below| below) {
            match below.split_once('/') {
                Some((name, _)) => names.insert(name, true),
                None => names.insert(below, false),
            };
        }
        names.into_iter().map(|(name, is_folder)| (name.to_owned(), is_folder)).collect()
    }

    /// Checks whether an entry can be read only with a password.
    pub(crate) fn is_encrypted(&self, path: &str) -> bool {
        self.entries.get(path).is_some_and(|entry| entry.is_encrypted)
    }

    /// Returns the bytes of an entry; `None` if there is none of this path.
    pub(crate) fn read_entry(
        &self,
        path: &str,
        limits: &Limits,
    ) -> Option<Result<Vec<u8>, Message>> {
        let entry = self.entries.get(path)?;
        Some(self.unpack_entry(entry, limits))
    }

    fn unpack_entry(&self, entry: &ArchiveEntry, limits: &Limits) -> Result<Vec<u8>, Message> {
        if entry.is_encrypted {
            return Err(msg!("archive.encrypted"));
        }
        if entry.size > Limits::mib_to_bytes(limits.file) {
            return Err(msg!("archive.entry-large", limit = limits.file));
        }
        let ratio = entry.size / entry.packed_size.max(1);
        if entry.size > MIN_LIMITED_BYTES && ratio > limits.package_ratio {
            return Err(msg!("archive.ratio", limit = limits.package_ratio));
        }
        // Only the place of reading is copied.
        let mut archive = self.archive.clone();
        let file = archive.by_index(entry.number).map_err(broken)?;
        let mut bytes = Vec::new();
        // What is longer than it says is no more believed.
        let read = file.take(entry.size.saturating_add(1)).read_to_end(&mut bytes);
        match read {
            Ok(_) if bytes.len() as u64 == entry.size => Ok(bytes),
            Ok(_) => Err(msg!("archive.broken", reason = "size")),
            Err(error) => Err(msg!("archive.broken", reason = error.to_string())),
        }
    }
}

fn broken(error: ZipError) -> Message {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            msg!("archive.method", reason = error.to_string())
        }
        error => msg!("archive.broken", reason = error.to_string()),
    }
}

/// Returns the path of an entry with `/`, without what leads out of the archive.
fn entry_path(raw: &[u8]) -> String {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GBK.decode_without_bom_handling(raw).0.into_owned(),
    };
    let parts = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the kind of an archive that is not read, by its extension, such as `RAR`.
pub(crate) fn other_archive_kind(path: &Path) -> Option<String> {
    const KINDS: [&str; 14] = [
        "rar", "7z", "tar", "gz", "tgz", "bz2", "tbz", "xz", "txz", "zst", "cab", "iso", "lzh",
        "zipx",
    ];
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    KINDS.contains(&extension.as_str()).then(|| extension.to_ascii_uppercase())
}

/// Returns why a file in an archive cannot be read.
pub(crate) fn unread_message(path: &Path, reason: Message) -> Message {
    msg!("archive.unread", file = display_path(path), reason = reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_utf8_or_gbk_and_stays_in_the_archive() {
        assert_eq!(entry_path("石桥镇/年报.xlsx".as_bytes()), "石桥镇/年报.xlsx");
        let (gbk, _, _) = GBK.encode("石桥镇\\年报.xlsx");
        assert_eq!(entry_path(&gbk), "石桥镇/年报.xlsx");
        assert_eq!(entry_path(b"../../etc/./passwd"), "etc/passwd");
        assert_eq!(entry_path(b"/a//b/"), "a/b");
    }

    #[test]
    fn an_archive_of_another_kind_is_known_by_its_name() {
        assert_eq!(other_archive_kind(Path::new("报/甲.RAR")).as_deref(), Some("RAR"));
        assert_eq!(other_archive_kind(Path::new("甲.zip")), None);
    }
}
