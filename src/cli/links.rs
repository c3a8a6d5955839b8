//! Owns what becomes of links: a file that the program finds by itself counts only within its folder, and
//! nothing is written through a link or in the place of one.
//! Must not know what the files hold.

use super::Failure;
use super::files::shown;
use docx_fill::diag::{Diagnostic, Place, Sink, Sources};
use nianbao::text;
use std::path::{Component, Path, PathBuf};

/// Rule id of links that are not followed.
pub(crate) const RULE: &str = "link-passed-over";

/// What stands under a name that the program looks for by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing, or a folder.
    Absent,
    /// A file, or a link to one in the same folder or below it.
    File,
    /// A link that leads out of the folder, or nowhere.
    Link,
    /// A pipe, a device or the like.
    Other,
}

/// What stands there; a path that the user has named needs no look.
pub(crate) fn look(path: &Path) -> Found {
    let Ok(about) = std::fs::symlink_metadata(path) else { return Found::Absent };
    if !about.is_symlink() {
        return kind(&about);
    }
    let home = super::against::folder(path).canonicalize();
    match (home, path.canonicalize()) {
        (Ok(home), Ok(real)) if real.starts_with(&home) => {
            std::fs::metadata(&real).map_or(Found::Link, |about| kind(&about))
        }
        _ => Found::Link,
    }
}

fn kind(about: &std::fs::Metadata) -> Found {
    if about.is_file() {
        Found::File
    } else if about.is_dir() {
        Found::Absent
    } else {
        Found::Other
    }
}

/// Whether a file is there that the program may take by itself. A link out of the folder, and what is no file, is
/// said.
pub(crate) fn is_own_file(path: &Path, sources: &mut Sources, sink: &mut Sink) -> bool {
    let found = look(path);
    if found == Found::Link {
        sink.push(passed_over(path, sources));
    }
    if found == Found::Other {
        let place = Place::File(sources.add_binary(shown(path)));
        sink.push(Diagnostic::warning(RULE, place, text!("links.no-file", file = shown(path))));
    }
    found == Found::File
}

/// Says that a link was not followed.
pub(crate) fn passed_over(path: &Path, sources: &mut Sources) -> Diagnostic {
    let place = Place::File(sources.add_binary(shown(path)));
    let message = text!("links.passed-over", file = shown(path));
    Diagnostic::warning(RULE, place, message).hint(text!("links.passed-over-hint"))
}

/// Refuses to write where a link stands.
pub(crate) fn refuse(path: &Path) -> Result<(), Failure> {
    if path.is_symlink() {
        return Err(Failure::plain(text!("io.is-link", file = shown(path))));
    }
    Ok(())
}

/// Refuses to write below a folder by way of a folder that is a link. The folder itself was named and may
/// be one.
pub(crate) fn refuse_below(folder: &Path, file: &Path) -> Result<(), Failure> {
    let below = file.strip_prefix(folder).unwrap_or(file);
    let mut path = PathBuf::from(folder);
    for part in below.components() {
        // What the program names has no other parts.
        if let Component::Normal(name) = part {
            path.push(name);
            refuse(&path)?;
        }
    }
    Ok(())
}

/// Whether a file has other names on the disk, which stay as they are when it is written anew.
pub(crate) fn has_other_names(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).is_ok_and(|about| about.nlink() > 1)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
