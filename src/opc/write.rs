//! Owns the writing of a package: untouched parts as their packed bytes stand, changed ones packed
//! anew, in the order of the source and with fixed dates, so that equal input gives equal bytes.
//! Must not change a part by itself.

use super::{OpcError, Package};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What a new package has different from its source.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    replaced: BTreeMap<String, Vec<u8>>,
    added: Vec<(String, Vec<u8>)>,
}

impl Changes {
    /// Gives a part new bytes, or adds it at the end if the package has none of this name.
    pub fn set(&mut self, package: &Package, name: &str, bytes: impl Into<Vec<u8>>) {
        if package.contains(name) {
            self.replaced.insert(name.to_ascii_lowercase(), bytes.into());
        } else {
            self.added.push((name.to_owned(), bytes.into()));
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.added.is_empty()
    }
}

impl Package {
    /// Writes the package with the changes; `level` is deflate's, 1 to 9.
    pub fn write(&self, changes: &Changes, level: u8) -> Result<Vec<u8>, OpcError> {
        self.write_zip(changes, level)
            .map_err(|error| OpcError::Write { detail: error.to_string() })
    }

    fn write_zip(&self, changes: &Changes, level: u8) -> Result<Vec<u8>, zip::result::ZipError> {
        let mut archive = self.archive.clone();
        let capacity = archive.clone().into_inner().get_ref().len() + 4096;
        let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(capacity)));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(i64::from(level.clamp(1, 9))))
            .last_modified_time(DateTime::default())
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
