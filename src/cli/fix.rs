//! Owns `check --fix`: shows the certain changes of a data file, then applies them.
//! Must not decide what is certain: `nianbao::check::fix` does.

use super::files::{self, display_path};
use super::{Failure, Terminal, atomic_write, limits, symlinks};
use docx_fill::diag::{Diagnostic, Severity, Sink, SourceId, Sources};
use nianbao::check::fix::{self, FixEdit};
use nianbao::form::FormRegistry;
use nianbao::{check, data, msg, quote, report};
use std::path::Path;

/// Maximum number of rounds: a change may uncover the next fault.
const MAX_ROUNDS: usize = 200;
/// Maximum number of bytes read again to verify changes. Faults that remain are reported by the
/// check that follows.
const MAX_REREAD_BYTES: usize = 32 << 20;

/// Fixes the data file that a path names; with `dry` only shows the changes.
pub(crate) fn fix_data_file(
    path: &Path,
    library: &FormRegistry,
    terminal: &Terminal,
    dry: bool,
) -> Result<(), Failure> {
    let file = files::find_data_file(path)?;
    // Only texts are fixed in place; findings in a workbook are reported by the check that follows.
    let files::DataFileKind::Text(syntax) = files::data_file_kind(&file)? else {
        terminal.print_info(&msg!("done.not-fixed", file = display_path(&file)));
        return Ok(());
    };
    let bytes = files::read_recorded(&file)?;
    let mut sources = Sources::default();
    let unread = sources.add_binary(display_path(&file));
    // A file in another encoding is reported by the check that follows.
    let Some(old) = data::decode_utf8(unread, &bytes, &mut Sink::new()) else { return Ok(()) };
    let mut new = old.to_owned();
    let mut trial = FixTrial { syntax, library, bytes_left: MAX_REREAD_BYTES.max(old.len()) };
    for _ in 0..MAX_ROUNDS {
        let Some((source, found)) = trial.find_faults(&new) else { break };
        let edits = trial.keep_harmless(fix::certain_edits(&found, source, &new), &new);
        if edits.is_empty() {
            break;
        }
        new = fix::apply_edits(&new, &edits);
    }
    if new == old {
        return Ok(());
    }
    terminal.print_for_people(&fix::diff_lines(&display_path(&file), old, &new));
    if !dry && file.is_symlink() {
        return Err(Failure::without_cause(msg!("io.fix-link", file = display_path(&file))));
    }
    if dry {
        terminal.print_info(&msg!("done.would-fix", file = display_path(&file)));
        return Ok(());
    }
    // A byte order mark is kept.
    let mark = &bytes[..bytes.len() - old.len()];
    let other_names = symlinks::has_hard_links(&file);
    atomic_write::write_file(&file, &[mark, new.as_bytes()].concat())?;
    terminal.print_info(&msg!("done.fixed", file = display_path(&file)));
    if other_names {
        terminal.print_info(&msg!("done.fixed-alone", file = display_path(&file)));
    }
    Ok(())
}

/// A trial of changes: reads the changed text and counts its errors.
struct FixTrial<'l> {
    syntax: data::Syntax,
    library: &'l FormRegistry,
    /// Number of bytes that may still be read.
    bytes_left: usize,
}

impl FixTrial<'_> {
    /// Returns the changes without those that introduce errors: in YAML `email: ＠甲` is a text,
    /// `email: @甲` is a syntax error.
    fn keep_harmless(&mut self, edits: Vec<FixEdit>, text: &str) -> Vec<FixEdit> {
        let Some((unread, before)) = self.count_errors(text) else { return Vec::new() };
        if unread || edits.is_empty() || !self.makes_worse(&edits, text, before) {
            return edits;
        }
        let mut sound: Vec<FixEdit> = Vec::new();
        for edit in edits {
            sound.push(edit);
            if self.makes_worse(&sound, text, before) {
                sound.pop();
            }
        }
        sound
    }

    /// Checks whether changes add errors; a text that is no longer verified counts as worse.
    fn makes_worse(&mut self, edits: &[FixEdit], text: &str, before: usize) -> bool {
        self.count_errors(&fix::apply_edits(text, edits)).is_none_or(|(_, after)| after > before)
    }

    /// Returns whether a text cannot be read, and its number of errors.
    fn count_errors(&mut self, text: &str) -> Option<(bool, usize)> {
        let (_, found) = self.find_faults(text)?;
        let unread = found.iter().any(|one| one.rule == data::SYNTAX_RULE);
        let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
        Some((unread, errors))
    }

    /// Returns the findings in a text; `None` once the maximum number of bytes was read.
    fn find_faults(&mut self, text: &str) -> Option<(SourceId, Vec<Diagnostic>)> {
        self.bytes_left = self.bytes_left.checked_sub(text.len())?;
        let mut sources = Sources::default();
        let mut sink = Sink::new();
        let source = sources.add_text("", text);
        let root = data::load_data(source, text, self.syntax, &mut sink);
        if let (Some(root), false) = (root, sink.has_errors())
            && let Some(report) = report::read_report(source, &root, self.library, &mut sink)
            && quote::check_raw_length(&report, limits::run_limits(), &mut sink)
        {
            let filled = quote::interpolate_texts(&report, text, &mut sink);
            let settings = check::Settings::default();
            check::check_texts(&report, &filled, text, None, &settings, &mut sink);
        }
        Some((source, sink.into_sorted()))
    }
}
