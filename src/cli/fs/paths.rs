//! Owns paths as such: how they are shown, their folders and extensions.
//! Must not know what lies there.

use super::checksum::Checksum;
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization as _;

/// Returns a path as messages show it.
pub(crate) fn display_path(path: &Path) -> String {
    path.display().to_string()
}

/// Checks whether a file has an extension, whatever its case.
pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// Returns the folder of a file, `.` for a bare name.
pub(crate) fn parent_dir(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Returns the checksum of a path, ignoring case and Unicode composition.
pub(crate) fn fold_path(path: &Path) -> Checksum {
    let name: String =
        path.to_string_lossy().nfc().collect::<String>().to_lowercase().nfc().collect();
    Checksum::of_bytes(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_lies_in_the_current_folder() {
        assert_eq!(parent_dir(Path::new("report.toml")), Path::new("."));
    }
}
