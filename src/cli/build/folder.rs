//! Owns an output folder during a run: one writer at a time, leftovers cleared away, its memory kept.
//! Must not know a report.

use super::inputs::Shard;
use super::state::State;
use crate::cli::files::shown;
use crate::cli::{Failure, Terminal, out, stop};
use nianbao::text;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait before asking again whether the other run has ended.
const PAUSE: Duration = Duration::from_millis(50);

/// An output folder that is ours until this is dropped.
pub(super) struct Folder {
    pub(super) dir: PathBuf,
    pub(super) state: State,
    /// Files of ours, and whether they were there before.
    locks: Vec<(File, PathBuf)>,
    /// Whether the folder was made by this run.
    made: bool,
}

impl Folder {
    /// Takes a folder; waits while another run has it. `None` if the user has lost patience.
    pub(super) fn take(
        dir: &Path,
        shard: Option<Shard>,
        terminal: &Terminal,
    ) -> Result<Option<Folder>, Failure> {
        let made = !dir.exists();
        if !made && !dir.is_dir() {
            return Err(Failure::plain(text!("batch.no-folder", dir = shown(dir))));
        }
        let wrong = |error| Failure::new(text!("io.write", file = shown(dir)), error);
        std::fs::create_dir_all(dir).map_err(wrong)?;
        // The runs of different shards share the folder; two runs over the same reports take turns.
        let wanted = match shard {
            None => vec![(".nianbao.lock".to_owned(), false)],
            Some(shard) => {
                let own = format!(".nianbao-{shard}.lock", shard = shard.name());
                vec![(".nianbao.lock".to_owned(), true), (own, false)]
            }
        };
        let mut locks = Vec::new();
        for (name, shared) in wanted {
            let path = dir.join(name);
            let Some(file) = lock(&path, shared, dir, terminal)? else { return Ok(None) };
            locks.push((file, path));
        }
        out::sweep(dir);
        let name = match shard {
            None => ".nianbao-state.jsonl".to_owned(),
            Some(shard) => format!(".nianbao-state-{}.jsonl", shard.name()),
        };
        let mut state = State::read(&dir.join(&name))?;
        state.open()?;
        Ok(Some(Folder { dir: dir.to_owned(), state, locks, made }))
    }

    /// Gives the folder back. One that was made for nothing goes again.
    pub(super) fn leave(self, durable: bool) {
        if durable {
            out::settle(&self.dir);
        }
        if self.made && self.state.noted() == 0 {
            let _ = std::fs::remove_file(self.state.path());
            for (_, path) in &self.locks {
                let _ = std::fs::remove_file(path);
            }
            // Refused if there is anything else in it.
            let _ = std::fs::remove_dir(&self.dir);
        }
    }
}

/// Locks a file; `None` if the user wants no more.
fn lock(
    path: &Path,
    shared: bool,
    dir: &Path,
    terminal: &Terminal,
) -> Result<Option<File>, Failure> {
    // The folder is what the user can do something about.
    let wrong = |error| Failure::new(text!("io.write", file = shown(dir)), error);
    let mut told = false;
    loop {
        std::fs::create_dir_all(dir).map_err(wrong)?;
        if path.is_symlink() {
            return Err(Failure::plain(text!("batch.link", file = shown(path))));
        }
        if path.exists() && !path.is_file() {
            return Err(Failure::plain(text!("batch.bad-lock", file = shown(path))));
        }
        let open = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let file = open.map_err(wrong)?;
        let got = if shared { file.try_lock_shared() } else { file.try_lock() };
        match got {
            // The run that had it may have removed it with its folder.
            Ok(()) if path.exists() => return Ok(Some(file)),
            Ok(()) => continue,
            // A file system without locks: names still appear whole.
            Err(TryLockError::Error(_)) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {}
        }
        if stop::asked() {
            return Ok(None);
        }
        if !told {
            terminal.remark(&text!("batch.waits", dir = shown(dir)));
            told = true;
        }
        std::thread::sleep(PAUSE);
    }
}
