//! Owns the state of an output folder: checksums of the inputs and the content of each file. A line
//! of JSON is added when a file appears, so that a killed run loses nothing.
//! Must not decide what is built, nor write outputs.

use crate::cli::Failure;
use crate::cli::fs::atomic_write;
use crate::cli::fs::checksum::Checksum;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use nianbao::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The state of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileRecord {
    /// Checksum of all inputs.
    pub(super) inputs: Checksum,
    /// Checksum of the content.
    pub(super) content: Checksum,
}

/// A line of the state file.
#[derive(Serialize, Deserialize)]
struct StateLine {
    file: String,
    inputs: String,
    sha256: String,
}

impl StateLine {
    fn new(file: &str, known: FileRecord) -> StateLine {
        StateLine {
            file: file.to_owned(),
            inputs: known.inputs.to_string(),
            sha256: known.content.to_string(),
        }
    }

    fn to_record(&self) -> Option<FileRecord> {
        Some(FileRecord {
            inputs: Checksum::parse(&self.inputs)?,
            content: Checksum::parse(&self.sha256)?,
        })
    }

    fn to_json_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// The state of a folder.
pub(super) struct BuildState {
    path: PathBuf,
    records: BTreeMap<String, FileRecord>,
    /// The records before the last ones, of files with other contents: a run that was killed may have left the old
    /// file although the new one is recorded.
    earlier: BTreeMap<String, FileRecord>,
    /// Contents of files that other shards recorded in the same folder.
    others: BTreeMap<String, Vec<Checksum>>,
    journal: Option<File>,
    /// Number of obsolete lines in the state file.
    stale_lines: usize,
    /// Number of files recorded in this run.
    recorded_count: AtomicUsize,
}

impl BuildState {
    /// Reads it. A line that is damaged or from another version is as good as none: what it spoke of is
    /// made again. A link is as good as none, too; what is no file, or larger than files may be, is refused.
    pub(super) fn read(path: &Path, files: &FileReader) -> Result<BuildState, Failure> {
        let bytes = match std::fs::symlink_metadata(path) {
            Ok(found) if !found.is_symlink() => {
                let told = |reason| msg!("batch.bad-state", reason = reason);
                files.read_unrecorded(path).map_err(|failure| failure.map_message(told))?
            }
            _ => Vec::new(),
        };
        let (mut known, mut earlier, mut stale) = (BTreeMap::new(), BTreeMap::new(), 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.ends_with(b"\n");
            let read = serde_json::from_slice::<StateLine>(line).ok().filter(|_| whole);
            match read.and_then(|line| Some((line.to_record()?, line.file))) {
                Some((what, file)) => {
                    let old: Option<FileRecord> = known.insert(file.clone(), what);
                    stale += usize::from(old.is_some());
                    earlier.extend(
                        old.filter(|old| old.content != what.content).map(|old| (file, old)),
                    );
                }
                None => stale += 1,
            }
        }
        let (path, noted) = (path.to_owned(), AtomicUsize::new(0));
        Ok(BuildState {
            path,
            records: known,
            earlier,
            others: BTreeMap::new(),
            journal: None,
            stale_lines: stale,
            recorded_count: noted,
        })
    }

    /// Returns the state of a file.
    pub(super) fn record_of(&self, file: &str) -> Option<FileRecord> {
        self.records.get(file).copied()
    }

    /// Checks whether a content of a file is one that the program wrote, in this folder and under this name.
    pub(super) fn is_own_content(&self, file: &str, content: Checksum) -> bool {
        let own = self.records.get(file).into_iter().chain(self.earlier.get(file));
        own.map(|record| record.content).any(|own| own == content)
            || self.others.get(file).is_some_and(|others| others.contains(&content))
    }

    /// Adds what another shard recorded in the same folder.
    pub(super) fn add_other_shard(&mut self, other: BuildState) {
        for (file, record) in other.records.into_iter().chain(other.earlier) {
            self.others.entry(file).or_default().push(record.content);
        }
    }

    /// Returns the path of the state file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of files recorded in this run.
    pub(super) fn recorded_count(&self) -> usize {
        self.recorded_count.load(Ordering::Relaxed)
    }

    /// Opens the journal: the known state is written to a new file, to which lines are added. An
    /// existing file is never appended to, because it may have hard links.
    pub(super) fn open_journal(&mut self) -> Result<(), Failure> {
        let lines = self.earlier.iter().chain(&self.records);
        let lines = lines.map(|(file, known)| StateLine::new(file, *known).to_json_line());
        let lines: String = lines.collect();
        self.journal = Some(
            atomic_write::stage_hidden_file(&self.path, lines.as_bytes())?
                .commit_and_keep_open()?,
        );
        self.stale_lines = 0;
        Ok(())
    }

    /// Records that a file has appeared.
    pub(super) fn record_file(&self, file: &str, known: FileRecord) -> Result<(), Failure> {
        let wrong = |error| Failure::new(msg!("io.write", file = display_path(&self.path)), error);
        if let Some(mut journal) = self.journal.as_ref() {
            let line = StateLine::new(file, known).to_json_line();
            journal.write_all(line.as_bytes()).map_err(wrong)?;
            self.recorded_count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> FileRecord {
        FileRecord {
            inputs: Checksum::of_bytes(text.as_bytes()),
            content: Checksum::of_bytes(b"content"),
        }
    }

    #[test]
    fn what_is_noted_is_known_and_damage_is_forgotten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("state");
        let files = FileReader::new(&nianbao::limits::Limits::default());
        let mut state = BuildState::read(&path, &files).expect("read");
        state.open_journal().expect("opened");
        state.record_file("甲.docx", known("1")).expect("noted");
        state.record_file("乙.docx", known("2")).expect("noted");
        state.record_file("甲.docx", known("3")).expect("noted");
        let mut bytes = std::fs::read(&path).expect("read");
        bytes.extend(
            b"{\"file\":\"old\",\"inputs\":\"12\",\"sha256\":\"\"}\n\xff\n{\"file\":\"half",
        );
        std::fs::write(&path, &bytes).expect("written");
        let mut again = BuildState::read(&path, &files).expect("read");
        assert_eq!(again.record_of("甲.docx"), Some(known("3")));
        assert_eq!(again.record_of("乙.docx"), Some(known("2")));
        assert_eq!(again.record_of("old"), None);
        assert_eq!(again.stale_lines, 4);
        again.open_journal().expect("opened");
        again.record_file("丙.docx", known("4")).expect("noted");
        let text = std::fs::read_to_string(&path).expect("read");
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}
