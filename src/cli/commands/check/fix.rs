//! Owns `check --fix`: shows the certain changes of a data file, then makes them.
//! Must not decide what is certain: `nianbao::check::fix` does.

use crate::cli::fs::archives::split_archive_path;
use crate::cli::fs::data_files::data_file_kind;
use crate::cli::fs::file_reader::FileReader;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_folder::find_data_file;
use crate::cli::fs::{atomic_write, symlinks};
use crate::cli::{Failure, Terminal};
use docx_fill::diag::{Diagnostic, Severity, Sink, SourceId, Sources};
use docx_fill::slice::{TextReplacement, apply_replacements};
use nianbao::check::fix;
use nianbao::form::FormRegistry;
use nianbao::limits::Limits;
use nianbao::session::{DataFileKind, Session};
use nianbao::{data, msg};
use std::path::Path;

/// Most rounds: a change may uncover the next fault.
const MAX_ROUNDS: usize = 200;
/// Most bytes that are read again to see what changes do. What is not mended then is told by the check that follows.
const MAX_REREAD_BYTES: usize = 32 << 20;

/// The tools for mending data files.
#[derive(Clone, Copy)]
pub(super) struct FixWork<'a> {
    pub(super) files: &'a FileReader,
    pub(super) limits: Limits,
    pub(super) library: &'a FormRegistry,
    /// Only shows the changes.
    pub(super) dry_run: bool,
}

impl FixWork<'_> {
    /// Mends the data file that a path names.
    pub(super) fn fix_data_file(&self, path: &Path, terminal: &Terminal) -> Result<(), Failure> {
        let FixWork { files, limits, library, dry_run } = *self;
        let file = find_data_file(path, files)?;
        // Only texts are mended in place; the findings in a workbook are said by the check that follows.
        let DataFileKind::Text(syntax) = data_file_kind(&file)? else {
            terminal.print_info(&msg!("done.not-fixed", file = display_path(&file)));
            return Ok(());
        };
        if split_archive_path(&file).is_some() {
            terminal.print_info(&msg!("archive.not-fixed", file = display_path(&file)));
            return Ok(());
        }
        let bytes = files.read(&file)?;
        let mut sources = Sources::default();
        let unread = sources.add_binary(display_path(&file));
        // A file in another encoding is said by the check that follows.
        let Some(old) = data::decode_utf8(unread, &bytes, &mut Sink::new()) else { return Ok(()) };
        let mut new = old.to_owned();
        let mut trial =
            FixTrial { syntax, library, limits, bytes_left: MAX_REREAD_BYTES.max(old.len()) };
        for _ in 0..MAX_ROUNDS {
            let Some((source, found)) = trial.find_faults(&new) else { break };
            let edits = trial.keep_harmless(fix::certain_edits(&found, source, &new), &new);
            if edits.is_empty() {
                break;
            }
            new = apply_replacements(&new, edits);
        }
        if new == old {
            return Ok(());
        }
        terminal.print_for_people(&fix::diff_lines(&display_path(&file), old, &new));
        if !dry_run && file.is_symlink() {
            return Err(Failure::without_cause(msg!("io.fix-link", file = display_path(&file))));
        }
        if dry_run {
            terminal.print_info(&msg!("done.would-fix", file = display_path(&file)));
            return Ok(());
        }
        // The byte order mark, if there was one, stays.
        let mark = &bytes[..bytes.len() - old.len()];
        let other_names = symlinks::has_hard_links(&file);
        atomic_write::write_file(&file, &[mark, new.as_bytes()].concat())?;
        terminal.print_info(&msg!("done.fixed", file = display_path(&file)));
        if other_names {
            terminal.print_info(&msg!("done.fixed-alone", file = display_path(&file)));
        }
        Ok(())
    }
}

/// Sees what a file says with changes made.
struct FixTrial<'l> {
    syntax: data::Syntax,
    library: &'l FormRegistry,
    limits: Limits,
    /// The number of bytes that may still be read.
    bytes_left: usize,
}

impl FixTrial<'_> {
    /// Returns the changes without those that would make a file that can be read worse: in YAML `email: ＠甲` reads as
    /// a text, `email: @甲` does not read at all.
    fn keep_harmless(&mut self, edits: Vec<TextReplacement>, text: &str) -> Vec<TextReplacement> {
        let Some((unread, before)) = self.count_errors(text) else { return Vec::new() };
        if unread || edits.is_empty() || !self.makes_worse(&edits, text, before) {
            return edits;
        }
        let mut sound: Vec<TextReplacement> = Vec::new();
        for edit in edits {
            sound.push(edit);
            if self.makes_worse(&sound, text, before) {
                sound.pop();
            }
        }
        sound
    }

    /// Checks whether there are more errors with changes made; a text that cannot be read counts as worse.
    fn makes_worse(&mut self, edits: &[TextReplacement], text: &str, before: usize) -> bool {
        self.count_errors(&apply_replacements(text, edits.to_vec()))
            .is_none_or(|(_, after)| after > before)
    }

    /// Returns whether a text cannot be read, and the number of its errors.
    fn count_errors(&mut self, text: &str) -> Option<(bool, usize)> {
        let (_, found) = self.find_faults(text)?;
        let unread = found.iter().any(|one| one.rule == data::SYNTAX_RULE);
        let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
        Some((unread, errors))
    }

    /// Returns the findings in a text; `None` if enough was read.
    fn find_faults(&mut self, text: &str) -> Option<(SourceId, Vec<Diagnostic>)> {
        self.bytes_left = self.bytes_left.checked_sub(text.len())?;
        let mut session = Session::new(self.library, self.limits);
        let source = session.check_text("", text, self.syntax);
        let (_, sink) = session.into_parts();
        Some((source, sink.into_sorted()))
    }
}
