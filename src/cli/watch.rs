//! Owns running a command again whenever its inputs change.
//! Must not know what the command does.

use crate::cli::output::console::{clear_screen, print_stderr, print_stdout};
use crate::cli::{Failure, Outcome, interrupt};
use docx_fill::diag::Lang;
use nianbao::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Interval at which the inputs are checked.
const POLL_INTERVAL: Duration = Duration::from_millis(300);
/// Number of checks for which a file may be absent, because programs save by replacing it.
const MAX_ABSENT_POLLS: usize = 10;
/// Maximum depth of folders that are watched.
const MAX_DEPTH: usize = 4;

/// Size and modification time of every input.
type FileStamps = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// Files that are watched.
pub(crate) struct WatchedFiles<'w> {
    /// Returns the inputs as far as they are known: files, and folders with all that lies in them.
    pub(crate) inputs: &'w dyn Fn() -> Vec<PathBuf>,
    /// Checks whether the command wrote a file itself, so that its change is no reason to run again.
    pub(crate) is_output: &'w dyn Fn(&Path) -> bool,
}

impl WatchedFiles<'_> {
    fn stamp(&self) -> FileStamps {
        let mut out = FileStamps::new();
        for input in (self.inputs)() {
            stamp_path(&input, MAX_DEPTH, &mut out);
        }
        self.without_outputs(out)
    }

    fn without_outputs(&self, mut stamps: FileStamps) -> FileStamps {
        stamps.retain(|file, _| !(self.is_output)(file));
        stamps
    }
}

/// Runs a command, and again after every change of its inputs, until the user stops the program.
pub(crate) fn watch_inputs(
    lang: Lang,
    inputs: &dyn Fn() -> Vec<PathBuf>,
    once: &dyn Fn() -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    watch_files(lang, &WatchedFiles { inputs, is_output: &|_| false }, once)
}

/// Runs a command like [`watch_inputs`]; its outputs may lie among its inputs.
pub(crate) fn watch_files(
    lang: Lang,
    watched: &WatchedFiles<'_>,
    once: &dyn Fn() -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    loop {
        let before = watched.stamp();
        if let Err(failure) = once() {
            print_stderr(&failure.error_line(lang));
        }
        // Some inputs are known only now, and some outputs.
        let mut before = watched.without_outputs(before);
        for (file, stamp) in watched.stamp() {
            before.entry(file).or_insert(stamp);
        }
        if interrupt::is_requested() {
            return Ok(Outcome::Stopped);
        }
        print_stdout(&format!("{}\n", msg!("inspect.watching").in_lang(lang)));
        wait_for_change(&before, watched);
        if interrupt::is_requested() {
            return Ok(Outcome::Stopped);
        }
        clear_screen();
        print_stdout(&format!("{}\n", msg!("inspect.round").in_lang(lang)));
    }
}

/// Waits for a change that is complete: nothing changed since the last check, and no file is
/// missing that may reappear in a moment.
fn wait_for_change(before: &FileStamps, watched: &WatchedFiles<'_>) {
    let (mut last, mut absent) = (before.clone(), 0);
    loop {
        std::thread::sleep(POLL_INTERVAL);
        let now = watched.stamp();
        let settled = now == last;
        let gone = before.keys().any(|file| !now.contains_key(file));
        absent = if gone { absent + 1 } else { 0 };
        last = now;
        let changed = settled && last != *before && (!gone || absent > MAX_ABSENT_POLLS);
        if changed || interrupt::is_requested() {
            return;
        }
    }
}

fn stamp_path(path: &Path, depth: usize, out: &mut FileStamps) {
    let Ok(about) = std::fs::metadata(path) else { return };
    if !about.is_dir() {
        out.insert(path.to_owned(), (about.len(), about.modified().ok()));
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else { return };
    for entry in entries.flatten().filter(|_| depth > 0) {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Files that Word and LibreOffice keep beside an open file, and temporary files of this
        // program.
        if !name.starts_with("~$") && !name.starts_with('.') {
            stamp_path(&entry.path(), depth - 1, out);
        }
    }
}
