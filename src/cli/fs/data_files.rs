//! Owns which data file a path names, and its kind.
//! Must not read a file.

use super::paths::{display_path, has_extension};
use super::symlinks::{self, PathKind};
use crate::cli::Failure;
use docx_fill::diag::Message;
use nianbao::msg;
use nianbao::session::DataFileKind;
use std::path::{Path, PathBuf};

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

/// Checks whether data is written into files of this kind.
pub(crate) fn is_written_kind(path: &Path) -> bool {
    match data_file_kind(path) {
        Ok(DataFileKind::Text(_)) => true,
        Ok(DataFileKind::Workbook) => has_extension(path, "xlsx"),
        _ => false,
    }
}

/// Documents that people have but the program does not read, with the way out.
fn unsupported_reason(path: &Path, extension: &str) -> Option<Message> {
    let file = display_path(path);
    match extension {
        "pdf" | "ofd" => Some(msg!("io.unread-pdf", file = file)),
        "doc" | "wps" | "odt" | "rtf" | "dot" | "wpt" | "docm" | "dotx" => {
            Some(msg!("io.unread-word", file = file))
        }
        "ett" | "xlt" | "xlsm" | "xlsb" | "xltx" => Some(msg!("io.unread-sheet", file = file)),
        "mht" | "mhtml" => Some(msg!("io.unread-archive-page", file = file)),
        "rar" | "7z" => Some(msg!("io.unread-packed", file = file)),
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

/// Returns the data file that a path names: itself, or the `report.*` of a folder.
pub(crate) fn find_data_file(path: &Path) -> Result<PathBuf, Failure> {
    let is_dir = std::fs::metadata(path).map_err(|error| unreadable_failure(path, error))?.is_dir();
    if !is_dir {
        return Ok(path.to_owned());
    }
    let found = report_files(path);
    match found.as_slice() {
        // It was found, not named by the user.
        [one] if symlinks::path_kind(one) == PathKind::Link => {
            Err(Failure::without_cause(msg!("io.report-link", file = display_path(one))))
        }
        [one] => Ok(one.clone()),
        [] => Err(Failure::without_cause(msg!("io.no-report", dir = display_path(path)))),
        many => {
            let names: Vec<String> = many.iter().map(|file| display_path(file)).collect();
            Err(Failure::without_cause(msg!("io.many-reports", files = names)))
        }
    }
}

/// Returns the files `report.*` of a folder, including links.
pub(crate) fn report_files(dir: &Path) -> Vec<PathBuf> {
    let whole = DataFileKind::with_extensions()
        .filter(|(kind, _)| matches!(kind, DataFileKind::Text(_) | DataFileKind::Workbook));
    let candidates = whole.map(|(_, extension)| dir.join(format!("report.{extension}")));
    // Anything but an ordinary file is reported when it is read.
    let is_there = |file: &PathBuf| symlinks::path_kind(file) != PathKind::Absent && !file.is_dir();
    candidates.filter(is_there).collect()
}

/// Checks whether a folder contains a report.
pub(crate) fn has_report(dir: &Path) -> bool {
    !report_files(dir).is_empty()
}
