//! Owns handing a page to the system, which opens it in the browser.
//! Must not know what stands on the page.

use std::path::Path;

/// If it is set, nothing is opened: for tests, and for those who call the program from another one.
const NO_OPEN_VARIABLE: &str = "NIANBAO_NO_OPEN";
/// One of these is set where a graphical desktop is.
const DESKTOP_VARIABLES: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenResult {
    /// The system was asked.
    Requested,
    /// Nobody wants it, or there is no desktop.
    Skipped,
    /// The system refused.
    Refused,
}

/// Has a file opened by the program that the system has for it.
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
