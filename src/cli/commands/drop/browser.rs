//! Owns opening a page in the browser.
//! Must not know the content of the page.

use std::path::Path;

/// Environment variable that prevents opening, for tests and for programs that call this one.
const NO_OPEN_VARIABLE: &str = "NIANBAO_NO_OPEN";
/// Environment variables of graphical desktops, of which one is set.
const DESKTOP_VARIABLES: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];

/// The result of opening a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenResult {
    /// The system was asked to open it.
    Requested,
    /// Opening is disabled, or there is no desktop.
    Skipped,
    /// The system reported an error.
    Refused,
}

/// Opens a file with the program that the system has for it.
#[allow(clippy::disallowed_methods, reason = "whether there is a desktop is no part of an output")]
pub(super) fn open_in_browser(file: &Path) -> OpenResult {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let desktop =
        cfg!(any(windows, target_os = "macos")) || DESKTOP_VARIABLES.into_iter().any(is_set);
    if is_set(NO_OPEN_VARIABLE) || !desktop {
        return OpenResult::Skipped;
    }
    match open::that_detached(file) {
        Ok(()) => OpenResult::Requested,
        Err(_) => OpenResult::Refused,
    }
}
