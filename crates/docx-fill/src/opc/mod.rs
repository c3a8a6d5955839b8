//! Owns packages: a .docx as named parts with content types and relationships, read within limits and written
//! with unchanged parts copied byte by byte.
//! Must not know the content of parts, tags or data.

pub(crate) mod checked_reader;
mod content_types;
mod decoding;
mod entry_names;
mod error;
mod escape;
mod namespaces;
mod open;
mod prefixes;
mod relationships;
mod strict;
mod well_formed;
mod write;
pub mod xml;
mod xml_fault;
mod xml_names;

pub use content_types::ContentTypes;
pub use error::OpcError;
pub use relationships::{Relationship, Relationships, relationships_part_name, resolve_target};
pub use write::{
    EntryRewriter, PackageChanges, rewrite_entries, unify_host_system, zip_entry_options,
};
pub use xml_fault::{XmlFault, XmlFaultKind};

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;
use strict::Vocabulary;
use zip::ZipArchive;

/// Limits of a package, which protect the memory against untrusted documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageLimits {
    /// Maximum number of parts.
    pub parts: usize,
    /// Maximum unpacked size of one part, in bytes.
    pub part_bytes: u64,
    /// Maximum unpacked size of all parts, in bytes.
    pub total_bytes: u64,
    /// Maximum ratio of unpacked to packed size, for parts above one megabyte.
    pub ratio: u64,
}

impl Default for PackageLimits {
    fn default() -> Self {
        PackageLimits { parts: 4096, part_bytes: 128 << 20, total_bytes: 512 << 20, ratio: 400 }
    }
}

/// An opened package. Clones share its bytes.
#[derive(Debug, Clone)]
pub struct Package {
    archive: ZipArchive<Cursor<Arc<[u8]>>>,
    entries: Vec<ArchiveEntry>,
    by_name: BTreeMap<String, usize>,
    content_types: ContentTypes,
    main_part: String,
    /// True if it is stored in the strict vocabulary.
    is_strict: bool,
    limits: PackageLimits,
}

/// A part as listed in the archive.
#[derive(Debug, Clone)]
struct ArchiveEntry {
    name: String,
    /// Index within the archive, which also counts folders.
    index: usize,
}

impl Package {
    /// Opens a Word document and performs all checks that do not require unpacking every part.
    pub fn open(bytes: impl Into<Arc<[u8]>>, limits: &PackageLimits) -> Result<Self, OpcError> {
        open::open_package(&bytes.into(), limits)
    }

    /// Returns the limits within which it was opened.
    pub fn limits(&self) -> &PackageLimits {
        &self.limits
    }

    /// Returns part names in the order of the archive.
    pub fn part_names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Checks whether there is a part of this name, ignoring case.
    pub fn contains_part(&self, name: &str) -> bool {
        self.by_name.contains_key(&name.to_ascii_lowercase())
    }

    /// Returns the name of the main document part, usually `word/document.xml`.
    pub fn main_document_name(&self) -> &str {
        &self.main_part
    }

    /// Returns the content types of the parts.
    pub fn content_types(&self) -> &ContentTypes {
        &self.content_types
    }

    /// Returns the bytes of a part; `None` if there is no such part.
    pub fn read_part(&self, name: &str) -> Result<Option<Vec<u8>>, OpcError> {
        let Some(&at) = self.by_name.get(&name.to_ascii_lowercase()) else { return Ok(None) };
        let entry = &self.entries[at];
        // Clones share the directory and the bytes; only the reading position is separate.
        let mut archive = self.archive.clone();
        let damaged = |_| OpcError::DamagedPart { part: entry.name.clone() };
        let file = archive.by_index(entry.index).map_err(damaged)?;
        let limit = self.limits.part_bytes;
        let mut bytes = Vec::with_capacity(usize::try_from(file.size().min(limit)).unwrap_or(0));
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|_| OpcError::DamagedPart { part: entry.name.clone() })?;
        if bytes.len() as u64 > limit {
            return Err(OpcError::PartTooLarge { part: entry.name.clone(), limit });
        }
        Ok(Some(bytes))
    }

    /// Returns the text of an XML part in the transitional vocabulary; `None` if there is no such part.
    pub fn read_xml_part(&self, name: &str) -> Result<Option<String>, OpcError> {
        let Some(bytes) = self.read_part(name)? else { return Ok(None) };
        let text = decoding::decode_xml(bytes, name)?;
        if !self.is_strict {
            return Ok(Some(text));
        }
        Vocabulary::Transitional.translate(&text, name).map(Some)
    }

    /// Returns the bytes of a part as another package takes them; `None` if there is no such part.
    pub(crate) fn read_foreign_part(&self, name: &str) -> Result<Option<Vec<u8>>, OpcError> {
        if self.is_strict && is_xml_part(name) {
            return Ok(self.read_xml_part(name)?.map(String::into_bytes));
        }
        self.read_part(name)
    }

    /// Returns the relationships of a part; empty if it has no relationships part. The name `""` denotes the
    /// package itself.
    pub fn relationships(&self, part: &str) -> Result<Relationships, OpcError> {
        let name = relationships_part_name(part);
        match self.read_xml_part(&name)? {
            Some(text) => Relationships::parse(&text, &name),
            None => Ok(Relationships::default()),
        }
    }
}

/// Checks whether the name of a part is that of XML.
fn is_xml_part(name: &str) -> bool {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    matches!(end.as_deref(), Some("xml" | "rels"))
}
