//! Owns the memory of an output folder: of what each file was made, and what it then held. A line of JSON
//! for each file is added when the file appears, so that a run that is killed loses nothing.
//! Must not decide what is made, nor write outputs.

use crate::cli::Failure;
use crate::cli::files::{self, shown};
use crate::cli::out;
use crate::cli::sum::Sum;
use nianbao::text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Everything that it was made of.
    pub(super) inputs: Sum,
    /// What it held.
    pub(super) content: Sum,
}

/// A line as it is stored.
#[derive(Serialize, Deserialize)]
struct Line {
    file: String,
    inputs: String,
    sha256: String,
}

impl Line {
    fn new(file: &str, known: Known) -> Line {
        Line {
            file: file.to_owned(),
            inputs: known.inputs.to_string(),
            sha256: known.content.to_string(),
        }
    }

    fn known(&self) -> Option<Known> {
        Some(Known { inputs: Sum::read(&self.inputs)?, content: Sum::read(&self.sha256)? })
    }

    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// The memory of a folder.
pub(super) struct State {
    path: PathBuf,
    known: BTreeMap<String, Known>,
    journal: Option<File>,
    /// Lines that mean nothing any more.
    stale: usize,
    /// Files of this run.
    noted: AtomicUsize,
}

impl State {
    /// Reads it. A line that is damaged or from another version is as good as none: what it spoke of is
    /// made again. A link is as good as none, too; what is no file, or larger than files may be, is refused.
    pub(super) fn read(path: &Path) -> Result<State, Failure> {
        let bytes = match std::fs::symlink_metadata(path) {
            Ok(found) if !found.is_symlink() => {
                let told = |reason| text!("batch.bad-state", reason = reason);
                files::read_unnoted(path).map_err(|failure| failure.told_as(told))?
            }
            _ => Vec::new(),
        };
        let (mut known, mut stale) = (BTreeMap::new(), 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.ends_with(b"\n");
            let read = serde_json::from_slice::<Line>(line).ok().filter(|_| whole);
            match read.and_then(|line| Some((line.known()?, line.file))) {
                Some((what, file)) => stale += usize::from(known.insert(file, what).is_some()),
                None => stale += 1,
            }
        }
        let (path, noted) = (path.to_owned(), AtomicUsize::new(0));
        Ok(State { path, known, journal: None, stale, noted })
    }

    /// What is known of a file.
    pub(super) fn known(&self, file: &str) -> Option<Known> {
        self.known.get(file).copied()
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many files of this run are noted.
    pub(super) fn noted(&self) -> usize {
        self.noted.load(Ordering::Relaxed)
    }

    /// Opens the journal: what is known is written to a new file, to which lines are added. Nothing is ever added
    /// to a file that was there, which may have other names.
    pub(super) fn open(&mut self) -> Result<(), Failure> {
        let lines = self.known.iter().map(|(file, known)| Line::new(file, *known).text());
        let lines: String = lines.collect();
        self.journal = Some(out::prepare(&self.path, lines.as_bytes(), false)?.put_open()?);
        self.stale = 0;
        Ok(())
    }

    /// Notes that a file has appeared.
    pub(super) fn note(&self, file: &str, known: Known) -> Result<(), Failure> {
        let wrong = |error| Failure::new(text!("io.write", file = shown(&self.path)), error);
        if let Some(mut journal) = self.journal.as_ref() {
            let line = Line::new(file, known).text();
            journal.write_all(line.as_bytes()).map_err(wrong)?;
            self.noted.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Known {
        Known { inputs: Sum::of(text.as_bytes()), content: Sum::of(b"content") }
    }

    #[test]
    fn what_is_noted_is_known_and_damage_is_forgotten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("state");
        let mut state = State::read(&path).expect("read");
        state.open().expect("opened");
        state.note("甲.docx", known("1")).expect("noted");
        state.note("乙.docx", known("2")).expect("noted");
        state.note("甲.docx", known("3")).expect("noted");
        let mut bytes = std::fs::read(&path).expect("read");
        bytes.extend(
            b"{\"file\":\"old\",\"inputs\":\"12\",\"sha256\":\"\"}\n\xff\n{\"file\":\"half",
        );
        std::fs::write(&path, &bytes).expect("written");
        let mut again = State::read(&path).expect("read");
        assert_eq!(again.known("甲.docx"), Some(known("3")));
        assert_eq!(again.known("乙.docx"), Some(known("2")));
        assert_eq!(again.known("old"), None);
        assert_eq!(again.stale, 4);
        again.open().expect("opened");
        again.note("丙.docx", known("4")).expect("noted");
        let text = std::fs::read_to_string(&path).expect("read");
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}
