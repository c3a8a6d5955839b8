//! Owns opening a package: recognizing the file format, and checking limits, part names and the main document.
//! Must not unpack parts that are not needed.

use super::entry_names::without_unicode_paths;
use super::{
    ArchiveEntry, ContentTypes, OpcError, Package, PackageLimits, Relationship, Relationships,
    resolve_target,
};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;
use zip::ZipArchive;

const CONTENT_TYPES_PART: &str = "[Content_Types].xml";
const OFFICE_DOCUMENT_REL: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
const OFFICE_DOCUMENT_REL_STRICT: &str =
    "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument";
const WORD_CONTENT_TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

pub(super) fn open_package(bytes: &Arc<[u8]>, limits: &PackageLimits) -> Result<Package, OpcError> {
    reject_non_zip(bytes)?;
    let bytes = &without_unicode_paths(bytes);
    let mut archive = ZipArchive::new(Cursor::new(Arc::clone(bytes))).map_err(|error| {
        let whole = has_end_record(bytes);
        if whole {
            OpcError::DamagedArchive { detail: error.to_string() }
        } else {
            OpcError::Truncated
        }
    })?;
    let entries = list_entries(&mut archive, limits)?;
    let by_name = index_entries(&entries)?;
    let package = Package {
        archive,
        entries,
        by_name,
        content_types: ContentTypes::default(),
        main_part: String::new(),
        is_strict: false,
        limits: *limits,
    };
    resolve_main_document(package)
}

/// Checks for the record that ends an archive (APPNOTE.TXT 4.3.16): 22 bytes and a comment of up to 65,535.
fn has_end_record(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(22 + 0xffff)..];
    end.windows(4).any(|four| four == b"PK\x05\x06")
}

/// Returns the error for a file that is not a zip archive.
fn reject_non_zip(bytes: &[u8]) -> Result<(), OpcError> {
    let start = bytes.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    if start.is_empty() {
        Err(OpcError::Empty)
    } else if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Err(classify_compound(bytes))
    } else if start.starts_with(b"%PDF") {
        Err(OpcError::Pdf)
    } else if start.starts_with(b"{\\rtf") {
        Err(OpcError::Rtf)
    } else if start.starts_with(b"<") {
        Err(OpcError::XmlOrHtml)
    } else if !bytes.starts_with(b"PK") {
        Err(OpcError::NotZip)
    } else {
        Ok(())
    }
}

/// Classifies a compound file by its stream names, which are encoded in UTF-16 in its directory.
fn classify_compound(bytes: &[u8]) -> OpcError {
    let holds = |name: &str| {
        let wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    };
    if holds("EncryptedPackage") {
        OpcError::Encrypted
    } else if holds("WordDocument") {
        OpcError::LegacyDoc
    } else {
        OpcError::CompoundFile
    }
}

fn list_entries(
    archive: &mut ZipArchive<Cursor<Arc<[u8]>>>,
    limits: &PackageLimits,
) -> Result<Vec<ArchiveEntry>, OpcError> {
    if archive.len() > limits.parts {
        return Err(OpcError::TooManyParts { count: archive.len(), limit: limits.parts });
    }
    if archive.has_duplicate_names() {
        return Err(OpcError::DuplicatePart { part: String::new() });
    }
    let mut entries = Vec::with_capacity(archive.len());
    let mut total = 0u64;
    for index in 0..archive.len() {
        let damaged =
            |error: zip::result::ZipError| OpcError::DamagedArchive { detail: error.to_string() };
        let file = archive.by_index_raw(index).map_err(damaged)?;
        let name = file.name().map_err(damaged)?.into_owned();
        if file.is_dir() {
            continue;
        }
        check_name(&name)?;
        if file.encrypted() {
            return Err(OpcError::Encrypted);
        }
        let (packed, size) = (file.compressed_size(), file.size());
        total = total.saturating_add(size);
        check_size(&name, packed, size, total, limits)?;
        entries.push(ArchiveEntry { name, index });
    }
    // Zip bombs let entries share bytes.
    if archive.has_overlapping_files().unwrap_or(true) {
        return Err(OpcError::DuplicatePart { part: String::new() });
    }
    Ok(entries)
}

fn check_size(
    name: &str,
    packed: u64,
    size: u64,
    total: u64,
    limits: &PackageLimits,
) -> Result<(), OpcError> {
    if size > limits.part_bytes {
        Err(OpcError::PartTooLarge { part: name.to_owned(), limit: limits.part_bytes })
    } else if total > limits.total_bytes {
        Err(OpcError::PackageTooLarge { limit: limits.total_bytes })
    } else if size > 1 << 20 && size > packed.saturating_mul(limits.ratio) {
        Err(OpcError::ZipBomb { part: name.to_owned() })
    } else {
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), OpcError> {
    let bad = name.starts_with('/')
        || name.contains(['\\', ':', '\0'])
        || name.split('/').any(|segment| matches!(segment, "" | "." | ".."));
    if bad { Err(OpcError::InvalidPartName { part: name.to_owned() }) } else { Ok(()) }
}

fn index_entries(entries: &[ArchiveEntry]) -> Result<BTreeMap<String, usize>, OpcError> {
    let mut by_name = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        // Part names are compared without case (ECMA-376 part 2, 6.2.2.3).
        if by_name.insert(entry.name.to_ascii_lowercase(), at).is_some() {
            return Err(OpcError::DuplicatePart { part: entry.name.clone() });
        }
    }
    Ok(by_name)
}

/// Finds the main document and rejects documents that cannot be rendered safely.
fn resolve_main_document(mut package: Package) -> Result<Package, OpcError> {
    if package.read_part("mimetype")?.is_some_and(|kind| kind.starts_with(b"application/vnd.oasis"))
    {
        return Err(OpcError::OpenDocument);
    }
    let types = package.read_xml_part(CONTENT_TYPES_PART)?.ok_or(OpcError::MissingContentTypes)?;
    package.content_types = ContentTypes::parse(&types, CONTENT_TYPES_PART)?;
    let relationships = package.relationships("")?;
    (package.main_part, package.is_strict) = find_main_document(&relationships)?;
    if !package.contains_part(&package.main_part) {
        return Err(OpcError::MissingMainDocument);
    }
    check_content_type(&package)?;
    Ok(package)
}

/// Returns the name of the main document, and whether the package is stored in the strict vocabulary.
fn find_main_document(relationships: &Relationships) -> Result<(String, bool), OpcError> {
    let is_main = |found: &&Relationship| {
        let kinds = [OFFICE_DOCUMENT_REL, OFFICE_DOCUMENT_REL_STRICT];
        kinds.contains(&found.rel_type.as_str()) && !found.external
    };
    let found = relationships.iter().find(is_main).ok_or(OpcError::MissingMainDocument)?;
    let main = resolve_target("", &found.target).ok_or(OpcError::MissingMainDocument)?;
    Ok((main, found.rel_type == OFFICE_DOCUMENT_REL_STRICT))
}

fn check_content_type(package: &Package) -> Result<(), OpcError> {
    let content_type = package.content_types.type_of_part(&package.main_part).unwrap_or_default();
    if content_type.contains("macroEnabled") || package.contains_part("word/vbaProject.bin") {
        return Err(OpcError::MacroEnabled);
    }
    if !content_type.starts_with(WORD_CONTENT_TYPES) {
        return Err(OpcError::NotWord { content_type: content_type.to_owned() });
    }
    if package.part_names().any(|name| name.starts_with("_xmlsignatures/")) {
        return Err(OpcError::Signed);
    }
    Ok(())
}
