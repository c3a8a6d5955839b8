//! Owns an output folder during a run: the lock, removal of leftovers, its state.
//! Must not know a report.

use super::build_state::{BuildState, FileRecord};
use super::inputs::Shard;
use crate::cli::fs::atomic_write;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::own_outputs;
use crate::cli::fs::paths::display_path;
use crate::cli::{Failure, Terminal, interrupt};
use nianbao::msg;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the state file.
const STATE_FILE: &str = ".nianbao-state.jsonl";
/// Pause between two attempts to get the lock.
const LOCK_RETRY_PAUSE: Duration = Duration::from_millis(50);

/// An output folder, locked until this is dropped.
pub(super) struct OutputFolder {
    pub(super) dir: PathBuf,
    pub(super) state: BuildState,
    /// Lock files held.
    locks: Vec<(File, PathBuf)>,
    /// True if this run created the folder.
    created_by_run: bool,
}

impl OutputFolder {
    /// Locks a folder, waiting while another run has it. Returns `None` if the user interrupts.
    pub(super) fn acquire(
        dir: &Path,
        shard: Option<Shard>,
        files: &FileReader,
        terminal: &Terminal,
    ) -> Result<Option<OutputFolder>, Failure> {
        let made = !dir.exists();
        if !made && !dir.is_dir() {
            return Err(Failure::without_cause(msg!("batch.no-folder", dir = display_path(dir))));
        }
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(dir)), error);
        std::fs::create_dir_all(dir).map_err(wrong)?;
        // The runs of different shards share the folder; two runs over the same reports take turns.
        let wanted = match shard {
            None => vec![(".nianbao.lock".to_owned(), false)],
            Some(shard) => {
                let own = format!(".nianbao-{shard}.lock", shard = shard.file_name_part());
                vec![(".nianbao.lock".to_owned(), true), (own, false)]
            }
        };
        let mut locks = Vec::new();
        for (name, shared) in wanted {
            let path = dir.join(name);
            let Some(file) = lock_file(&path, shared, dir, terminal)? else { return Ok(None) };
            locks.push((file, path));
        }
        atomic_write::remove_leftovers(dir);
        let name = match shard {
            None => STATE_FILE.to_owned(),
            Some(shard) => format!(".nianbao-state-{}.jsonl", shard.file_name_part()),
        };
        let mut state = BuildState::read(&dir.join(&name), files)?;
        if shard.is_some() {
            for other in other_states(dir, &name) {
                state.add_other_shard(BuildState::read(&other, files)?);
            }
        }
        state.open_journal()?;
        Ok(Some(OutputFolder { dir: dir.to_owned(), state, locks, created_by_run: made }))
    }

    /// Releases the folder. A folder that this run created and left empty is removed.
    pub(super) fn release(self, durable: bool) {
        if durable {
            atomic_write::sync_dir(&self.dir);
        }
        if self.created_by_run && self.state.recorded_count() == 0 {
            let _ = std::fs::remove_file(self.state.path());
            for (_, path) in &self.locks {
                let _ = std::fs::remove_file(path);
            }
            // Fails if the folder is not empty.
            let _ = std::fs::remove_dir(&self.dir);
        }
    }
}

/// Returns the state files of other shards in a folder.
fn other_states(dir: &Path, own: &str) -> Vec<PathBuf> {
    let mut found = own_outputs::state_files(dir);
    found.retain(|path| path.file_name().is_some_and(|name| name != own));
    found
}

/// The state in which the files of a report are recorded: that of the output folder, or without one that of the
/// folder beside the data.
pub(super) enum RecordingState<'a> {
    /// The state of the output folder.
    Shared(&'a BuildState),
    /// The state of the report's own folder; its journal is opened when a file is recorded.
    Beside {
        /// The state.
        state: BuildState,
        /// True if the journal is open.
        is_open: bool,
    },
}

impl<'a> RecordingState<'a> {
    /// Returns the state for the files of a report.
    pub(super) fn new(
        folder: Option<&'a OutputFolder>,
        dir: &Path,
        files: &FileReader,
    ) -> Result<RecordingState<'a>, Failure> {
        if let Some(folder) = folder {
            return Ok(RecordingState::Shared(&folder.state));
        }
        let state = BuildState::read(&dir.join(STATE_FILE), files)?;
        Ok(RecordingState::Beside { state, is_open: false })
    }

    pub(super) fn state(&self) -> &BuildState {
        match self {
            RecordingState::Shared(state) => state,
            RecordingState::Beside { state, .. } => state,
        }
    }

    /// Records that a file was written.
    pub(super) fn record_file(&mut self, name: &str, record: FileRecord) -> Result<(), Failure> {
        if let RecordingState::Beside { state, is_open } = self {
            if state.record_of(name) == Some(record) {
                return Ok(());
            }
            if !*is_open {
                state.open_journal()?;
                *is_open = true;
            }
        }
        self.state().record_file(name, record)
    }
}

/// Locks a file; returns `None` if the user interrupts.
fn lock_file(
    path: &Path,
    shared: bool,
    dir: &Path,
    terminal: &Terminal,
) -> Result<Option<File>, Failure> {
    // The message names the folder, about which the user can do something.
    let wrong = |error| Failure::new(msg!("io.write", file = display_path(dir)), error);
    let mut told = false;
    loop {
        std::fs::create_dir_all(dir).map_err(wrong)?;
        if path.is_symlink() {
            return Err(Failure::without_cause(msg!("batch.link", file = display_path(path))));
        }
        if path.exists() && !path.is_file() {
            return Err(Failure::without_cause(msg!("batch.bad-lock", file = display_path(path))));
        }
        let mut options = atomic_write::hidden_file_options();
        let open = options.create(true).truncate(false).open(path);
        let file = open.map_err(wrong)?;
        let got = if shared { file.try_lock_shared() } else { file.try_lock() };
        match got {
            // The run that had the lock may have removed the file with its folder.
            Ok(()) if path.exists() => return Ok(Some(file)),
            Ok(()) => continue,
            // A file system without locks: files still appear completely.
            Err(TryLockError::Error(_)) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {}
        }
        if interrupt::is_requested() {
            return Ok(None);
        }
        if !told {
            terminal.print_note(&msg!("batch.waits", dir = display_path(dir)));
            told = true;
        }
        std::thread::sleep(LOCK_RETRY_PAUSE);
    }
}
