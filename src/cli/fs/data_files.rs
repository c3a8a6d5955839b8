//! Owns the kind of a data file by its name, and the way out for those that are not read.
//! Must not read a file.

use super::archives::other_archive_kind;
use super::paths::display_path;
use crate::cli::Failure;
use docx_fill::diag::Message;
use nianbao::msg;
use nianbao::session::DataFileKind;
use std::path::Path;

/// Returns the kind of a data file by its extension.
pub(crate) fn data_file_kind(path: &Path) -> Result<DataFileKind, Failure> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if let Some(told) = unsupported_reason(path, &extension.to_ascii_lowercase()) {
        return Err(Failure::without_cause(told));
    }
    DataFileKind::from_extension(extension).ok_or_else(|| {
        let known: Vec<String> =
            DataFileKind::with_extensions().map(|(_, e)| format!(".{e}")).collect();
        Failure::without_cause(msg!(
            "io.unknown-extension",
            file = display_path(path),
            known = known
        ))
    })
}

/// Documents that people have but the program does not read, with the way out.
fn unsupported_reason(path: &Path, extension: &str) -> Option<Message> {
    let file = display_path(path);
    if let Some(kind) = other_archive_kind(path) {
        return Some(msg!("archive.other-kind", file = file, kind = kind));
    }
    match extension {
        "zip" => Some(msg!("archive.nested", file = file)),
        "pdf" | "ofd" => Some(msg!("io.unread-pdf", file = file)),
        "doc" | "wps" | "odt" | "rtf" | "dot" | "wpt" => Some(msg!("io.unread-word", file = file)),
        "html" | "htm" | "mht" | "mhtml" => Some(msg!("io.unread-html", file = file)),
        _ => None,
    }
}

/// Returns the failure of a path that cannot be read.
pub(crate) fn unreadable_failure(path: &Path, error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::without_cause(msg!("io.not-found", file = display_path(path)))
        }
        _ => Failure::new(msg!("io.read", file = display_path(path)), error),
    }
}
