//! Owns the treatment of links: a file that the program finds by itself is used only within its
//! folder, and nothing is written through a link or in place of one.
//! Must not know the content of the files.

use super::paths::{display_path, parent_dir};
use crate::cli::Failure;
use docx_fill::diag::{Diagnostic, Location};
use nianbao::msg;
use nianbao::session::Session;
use std::path::{Component, Path, PathBuf};

/// Rule id of links that are not followed.
pub(crate) const LINK_RULE: &str = "link-passed-over";

/// The kind of a path that the program finds by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathKind {
    /// Nothing, or a folder.
    Absent,
    /// A file, or a link to one in the same folder or below it.
    File,
    /// A link that leads out of the folder, or nowhere.
    Link,
    /// A pipe, a device or the like.
    Other,
}

/// Returns the kind of a path; paths given by the user need no check.
pub(crate) fn path_kind(path: &Path) -> PathKind {
    let Ok(about) = std::fs::symlink_metadata(path) else { return PathKind::Absent };
    if !about.is_symlink() {
        return metadata_kind(&about);
    }
    let home = parent_dir(path).canonicalize();
    match (home, path.canonicalize()) {
        (Ok(home), Ok(real)) if real.starts_with(&home) => {
            std::fs::metadata(&real).map_or(PathKind::Link, |about| metadata_kind(&about))
        }
        _ => PathKind::Link,
    }
}

fn metadata_kind(about: &std::fs::Metadata) -> PathKind {
    if about.is_file() {
        PathKind::File
    } else if about.is_dir() {
        PathKind::Absent
    } else {
        PathKind::Other
    }
}

/// Checks whether a file is there that the program may take by itself. A link out of the folder, and what is
/// no file, is reported.
pub(crate) fn is_own_file(path: &Path, session: &mut Session<'_>) -> bool {
    let found = path_kind(path);
    if found == PathKind::Link {
        push_ignored_link(path, session);
    }
    if found == PathKind::Other {
        let place = Location::File(session.sources_mut().add_binary(display_path(path)));
        let message = msg!("links.no-file", file = display_path(path));
        session.push_finding(Diagnostic::warning(LINK_RULE, place, message));
    }
    found == PathKind::File
}

/// Says that a link was not followed.
pub(crate) fn push_ignored_link(path: &Path, session: &mut Session<'_>) {
    let place = Location::File(session.sources_mut().add_binary(display_path(path)));
    let message = msg!("links.passed-over", file = display_path(path));
    let found = Diagnostic::warning(LINK_RULE, place, message);
    session.push_finding(found.with_hint(msg!("links.passed-over-hint")));
}

/// Returns an error if there is a link at the path.
pub(crate) fn refuse_link(path: &Path) -> Result<(), Failure> {
    if path.is_symlink() {
        return Err(Failure::without_cause(msg!("io.is-link", file = display_path(path))));
    }
    Ok(())
}

/// Returns an error if a folder between `folder` and the file is a link. `folder` itself was given
/// by the user and may be one.
pub(crate) fn refuse_links_below(folder: &Path, file: &Path) -> Result<(), Failure> {
    let below = file.strip_prefix(folder).unwrap_or(file);
    let mut path = PathBuf::from(folder);
    for part in below.components() {
        // Paths made by the program have no other components.
        if let Component::Normal(name) = part {
            path.push(name);
            refuse_link(&path)?;
        }
    }
    Ok(())
}

/// Checks whether a file has other hard links, which keep the old content when it is replaced.
pub(crate) fn has_hard_links(path: &Path) -> bool {
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
