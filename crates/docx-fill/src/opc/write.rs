//! Owns writing a package: unchanged parts are copied in packed form and changed ones are packed anew, in the
//! order of the source and with fixed dates, so that equal input gives equal bytes on every system.
//! Must not change a part by itself.

use super::strict::Vocabulary;
use super::{OpcError, Package, is_xml_part};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

/// The host system that every entry names, regardless of the actual one.
const HOST_SYSTEM: System = System::Unix;
/// Offset of the host system in an entry of the central directory: the upper byte of "version made by"
/// (APPNOTE.TXT 4.3.12).
const HOST_SYSTEM_BYTE: usize = 5;

/// Returns the options of an entry: deflated, with a fixed date, independent of the system.
pub fn zip_entry_options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .system(HOST_SYSTEM)
}

/// Sets the same host system in all entries of an archive. Archives written by libraries name the current
/// system, but depend on it in nothing else.
pub fn unify_host_system(mut archive: Vec<u8>) -> Result<Vec<u8>, ZipError> {
    let mut reader = ZipArchive::new(Cursor::new(archive.as_slice()))?;
    let starts: Result<Vec<u64>, ZipError> = (0..reader.len())
        .map(|index| Ok(reader.by_index_raw(index)?.central_header_start()))
        .collect();
    for start in starts? {
        let place =
            usize::try_from(start).ok().and_then(|start| start.checked_add(HOST_SYSTEM_BYTE));
        let byte = place.and_then(|place| archive.get_mut(place));
        *byte.ok_or(ZipError::FileNotFound)? = u8::from(HOST_SYSTEM);
    }
    Ok(archive)
}

/// Writes an entry anew, given its text: packed as it is written, so that it is never held as a whole.
pub type EntryRewriter<'a> = Box<dyn FnOnce(&str, &mut dyn Write) -> std::io::Result<()> + 'a>;

/// Writes an archive of our own again with some entries written anew; `level` is their deflate level. The others are
/// copied in packed form.
pub fn rewrite_entries<'a>(
    archive: Vec<u8>,
    level: i64,
    rewriter: &dyn Fn(&str) -> Option<EntryRewriter<'a>>,
) -> Result<Vec<u8>, ZipError> {
    let mut reader = ZipArchive::new(Cursor::new(archive))?;
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..reader.len() {
        let mut entry = reader.by_index(index)?;
        let name = entry.name()?.into_owned();
        let Some(write) = rewriter(&name) else {
            drop(entry);
            out.raw_copy_file(reader.by_index_raw(index)?)?;
            continue;
        };
        let mut text = String::new();
        entry.read_to_string(&mut text)?;
        out.start_file(name, zip_entry_options().compression_level(Some(level)))?;
        write(&text, &mut out)?;
    }
    Ok(out.finish()?.into_inner())
}

/// The differences between a new package and its source.
#[derive(Debug, Clone, Default)]
pub struct PackageChanges {
    replaced: BTreeMap<String, Vec<u8>>,
    added: Vec<(String, Vec<u8>)>,
}

impl PackageChanges {
    /// Replaces the bytes of a part, or adds a part at the end if there is none of this name.
    pub fn set_part(&mut self, package: &Package, name: &str, bytes: impl Into<Vec<u8>>) {
        if package.contains_part(name) {
            self.replaced.insert(name.to_ascii_lowercase(), bytes.into());
        } else {
            self.added.push((name.to_owned(), bytes.into()));
        }
    }

    /// Checks whether a relationships part is added.
    pub(crate) fn adds_relationships(&self) -> bool {
        let end = |name: &String| name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        self.added.iter().any(|(name, _)| end(name).as_deref() == Some("rels"))
    }

    /// Checks whether there are no changes.
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.added.is_empty()
    }
}

/// Returns changes in the strict vocabulary.
fn strict_changes(changes: &PackageChanges) -> Result<PackageChanges, OpcError> {
    let translate = |(name, bytes): (&String, &Vec<u8>)| {
        let text = std::str::from_utf8(bytes).ok().filter(|_| is_xml_part(name));
        let bytes = match text {
            Some(text) => Vocabulary::Strict.translate(text, name)?.into_bytes(),
            None => bytes.clone(),
        };
        Ok((name.clone(), bytes))
    };
    let added = changes.added.iter().map(|(name, bytes)| translate((name, bytes)));
    Ok(PackageChanges {
        replaced: changes.replaced.iter().map(translate).collect::<Result<_, OpcError>>()?,
        added: added.collect::<Result<_, OpcError>>()?,
    })
}

impl Package {
    /// Writes the package with the changes; `level` is the deflate level, 1 to 9.
    pub fn write_with(&self, changes: &PackageChanges, level: u8) -> Result<Vec<u8>, OpcError> {
        let stored = if self.is_strict { Some(strict_changes(changes)?) } else { None };
        self.write_zip(stored.as_ref().unwrap_or(changes), level)
            .map_err(|error| OpcError::WriteFailed { detail: error.to_string() })
    }

    fn write_zip(&self, changes: &PackageChanges, level: u8) -> Result<Vec<u8>, ZipError> {
        let mut archive = self.archive.clone();
        let capacity = archive.clone().into_inner().get_ref().len() + 4096;
        let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(capacity)));
        let options = zip_entry_options()
            .compression_level(Some(i64::from(level.clamp(1, 9))))
            .unix_permissions(0o644);
        for entry in &self.entries {
            if let Some(bytes) = changes.replaced.get(&entry.name.to_ascii_lowercase()) {
                writer.start_file(entry.name.as_str(), options)?;
                writer.write_all(bytes)?;
            } else {
                let file = archive.by_index_raw(entry.index)?;
                writer.raw_copy_file_touch(file, DateTime::default(), Some(0o644))?;
            }
        }
        for (name, bytes) in &changes.added {
            writer.start_file(name.as_str(), options)?;
            writer.write_all(bytes)?;
        }
        Ok(writer.finish()?.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(system: System) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a.xml", "文件夹/b.xml"] {
            out.start_file(name, zip_entry_options().system(system)).expect("an entry");
            out.write_all(name.repeat(9).as_bytes()).expect("written");
        }
        out.finish().expect("an archive").into_inner()
    }

    #[test]
    fn an_entry_is_written_anew_and_the_others_are_kept() {
        let before = archive(System::Unix);
        let again = rewrite_entries(before.clone(), 2, &|name| {
            (name == "a.xml").then(|| -> EntryRewriter<'_> {
                Box::new(|text, out| write!(out, "{}!", text.len()))
            })
        });
        let read = |bytes: Vec<u8>, name: &str| {
            let mut text = String::new();
            let mut reader = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
            reader.by_name(name).expect("an entry").read_to_string(&mut text).expect("a text");
            text
        };
        let again = again.expect("an archive");
        assert_eq!(read(again.clone(), "a.xml"), "45!");
        assert_eq!(read(again, "文件夹/b.xml"), read(before, "文件夹/b.xml"));
    }

    #[test]
    fn what_another_system_wrote_gets_the_same_bytes() {
        let (unix, dos) = (archive(System::Unix), archive(System::Dos));
        assert!(unix != dos, "the origin is written");
        assert!(unify_host_system(dos).expect("an archive") == unix);
        assert!(unify_host_system(unix.clone()).expect("an archive") == unix);
        assert!(unify_host_system(b"PK".to_vec()).is_err());
    }
}
