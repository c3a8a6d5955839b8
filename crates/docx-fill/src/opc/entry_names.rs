//! Owns the names of an archive's entries as Word reads them: those of the directory, never those of Info-ZIP's Unicode
//! path fields (APPNOTE.TXT 4.6.9), by which the archive reader would override them.
//! Must not know what a name means.

use std::sync::Arc;

const DIRECTORY_END: &[u8] = b"PK\x05\x06";
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
/// Length of an entry of the directory without its name, fields and comment.
const ENTRY_LENGTH: usize = 46;
const UNICODE_PATH: usize = 0x7075;
/// Identifier of the growth hint of packages (ISO/IEC 29500-2), which means padding.
const PADDING: [u8; 2] = 0xA220_u16.to_le_bytes();

/// Returns an archive in which no field overrides the name of an entry.
pub(super) fn without_unicode_paths(bytes: &Arc<[u8]>) -> Arc<[u8]> {
    let found = unicode_path_fields(bytes).unwrap_or_default();
    if found.is_empty() {
        return Arc::clone(bytes);
    }
    let mut changed = bytes.to_vec();
    for at in found {
        changed[at..at + 2].copy_from_slice(&PADDING);
    }
    changed.into()
}

/// Returns where Unicode path fields begin in the directory; `None` if there is no directory.
fn unicode_path_fields(bytes: &[u8]) -> Option<Vec<usize>> {
    let end = bytes.windows(DIRECTORY_END.len()).rposition(|four| four == DIRECTORY_END)?;
    let size = number(bytes, end + 12, 4)?;
    let mut at = end.checked_sub(size)?;
    let mut out = Vec::new();
    while bytes.get(at..)?.starts_with(DIRECTORY_ENTRY) {
        let fields = at + ENTRY_LENGTH + number(bytes, at + 28, 2)?;
        let fields_end = fields + number(bytes, at + 30, 2)?;
        let mut field = fields;
        while field + 4 <= fields_end {
            if number(bytes, field, 2)? == UNICODE_PATH {
                out.push(field);
            }
            field += 4 + number(bytes, field + 2, 2)?;
        }
        at = fields_end + number(bytes, at + 32, 2)?;
    }
    Some(out)
}

/// Returns the little-endian number of some bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}
