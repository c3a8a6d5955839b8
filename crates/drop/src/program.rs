//! Owns finding nianbao.exe with its fonts beside this program, and running it.
//! Must not know what it does.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program for terminals.
pub(crate) const PROGRAM: &str = if cfg!(windows) { "nianbao.exe" } else { "nianbao" };
/// The folder that belongs beside it, and a file that tells the right folder from another.
pub(crate) const FONTS: &str = "fonts";
const KNOWN_FONT: &str = "FandolFang-Regular.ttf";
/// A run that had its page ends with one of these: all is well, or there are errors.
const PAGE_EXIT_CODES: [i32; 2] = [0, 1];
/// And the last that it says names the page. A virus scanner ends programs with the code 1 too.
const PAGE_EXTENSION: &str = ".html";
/// Most that is shown of what the program said.
const MAX_SHOWN_CHARS: usize = 4_000;

/// A reason for which the program cannot be run.
#[derive(Debug)]
pub(crate) enum LaunchError {
    /// Only this file was taken out of the archive, or it was unpacked by halves; what is lacking.
    MissingFiles(Vec<String>),
    /// It was started from within an archive, whose folder will be cleared away.
    TempFolder(PathBuf),
    /// The system would not start it: a virus scanner, rights.
    StartFailed(io::Error),
    /// It ended without a page; its code, if it has one, and what it said.
    NoPage(Option<i32>, String),
}

impl LaunchError {
    /// The exit code, as that of `nianbao` when it cannot run.
    pub(crate) const EXIT_CODE: u8 = 2;
}

/// The program beside this one.
pub(crate) struct MainProgram {
    path: PathBuf,
}

impl MainProgram {
    /// Looks beside this program.
    pub(crate) fn find_beside() -> Result<MainProgram, LaunchError> {
        let own = std::env::current_exe().map_err(LaunchError::StartFailed)?;
        let dir = own.parent().unwrap_or(Path::new("."));
        MainProgram::find_in(dir, &std::env::temp_dir())
    }

    /// Looks in a folder; what lies below that of temporary files does not stay.
    fn find_in(dir: &Path, passing: &Path) -> Result<MainProgram, LaunchError> {
        let path = dir.join(PROGRAM);
        let mut lacking = Vec::new();
        if !path.is_file() {
            lacking.push(PROGRAM.to_owned());
        }
        if !dir.join(FONTS).join(KNOWN_FONT).is_file() {
            lacking.push(FONTS.to_owned());
        }
        if !lacking.is_empty() {
            return Err(LaunchError::MissingFiles(lacking));
        }
        match (dir.canonicalize(), passing.canonicalize()) {
            (Ok(real), Ok(passing)) if real.starts_with(&passing) => {
                Err(LaunchError::TempFolder(dir.to_owned()))
            }
            _ => Ok(MainProgram { path }),
        }
    }

    /// Runs it with what was dropped and waits for its end.
    pub(crate) fn run(&self, dropped: &[OsString]) -> Result<u8, LaunchError> {
        let mut command = Command::new(&self.path);
        // `--` keeps a file from being taken for an option, whatever it is called.
        command.arg("drop").arg("--").args(dropped);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        hide_console_window(&mut command);
        let out = command.output().map_err(LaunchError::StartFailed)?;
        let code = out.status.code();
        let said = String::from_utf8_lossy(&out.stdout);
        let told = said.trim_end().lines().last().is_some_and(|line| line.contains(PAGE_EXTENSION));
        match code.filter(|code| told && PAGE_EXIT_CODES.contains(code)) {
            Some(code) => Ok(u8::try_from(code).unwrap_or(LaunchError::EXIT_CODE)),
            None => {
                Err(LaunchError::NoPage(code, last_chars(&String::from_utf8_lossy(&out.stderr))))
            }
        }
    }
}

/// Keeps Windows from opening a black window for a program of the console.
#[cfg(windows)]
fn hide_console_window(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn hide_console_window(_: &mut Command) {}

/// Returns the end of a long text.
fn last_chars(text: &str) -> String {
    let text = text.trim();
    let skipped = text.chars().count().saturating_sub(MAX_SHOWN_CHARS);
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let of = |passing: &Path| MainProgram::find_in(dir.path(), passing);
        let lacking = |found| match found {
            Err(LaunchError::MissingFiles(names)) => names,
            _ => Vec::new(),
        };
        assert_eq!(lacking(of(elsewhere.path())), [PROGRAM, FONTS]);
        std::fs::write(dir.path().join(PROGRAM), "").expect("written");
        assert_eq!(lacking(of(elsewhere.path())), [FONTS]);
        std::fs::create_dir(dir.path().join(FONTS)).expect("made");
        assert_eq!(lacking(of(elsewhere.path())), [FONTS], "an empty folder is no fonts");
        std::fs::write(dir.path().join(FONTS).join(KNOWN_FONT), "").expect("written");
        assert!(of(elsewhere.path()).is_ok());
        assert!(matches!(
            of(dir.path().parent().expect("a folder")),
            Err(LaunchError::TempFolder(_))
        ));
    }

    #[test]
    fn of_a_long_text_the_end_is_kept() {
        let text = format!("{}末", "长".repeat(MAX_SHOWN_CHARS));
        assert_eq!(last_chars(&text).chars().count(), MAX_SHOWN_CHARS);
        assert!(last_chars(&text).ends_with('末'));
        assert_eq!(last_chars(" a\n"), "a");
    }
}
