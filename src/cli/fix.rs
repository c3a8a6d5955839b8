//! Owns `check --fix`: shows the certain changes of a data file, then makes them.
//! Must not decide what is certain: `nianbao::check::fix` does.

use super::files::{self, shown};
use super::{Failure, Terminal, limits, links, out};
use docx_fill::diag::{Diagnostic, Severity, Sink, SourceId, Sources};
use nianbao::check::fix::{self, Edit};
use nianbao::form::Library;
use nianbao::{check, data, quote, report, text};
use std::path::Path;

/// Most rounds: a change may uncover the next fault.
const ROUNDS: usize = 200;
/// Most bytes that are read again to see what changes do. What is not mended then is told by the check that follows.
const REREAD: usize = 32 << 20;

/// Mends the data file that a path names; `dry` only shows the changes.
pub(crate) fn fix(
    path: &Path,
    library: &Library,
    terminal: &Terminal,
    dry: bool,
) -> Result<(), Failure> {
    let file = files::data_file(path)?;
    // Only texts are mended in place; the findings in a workbook are said by the check that follows.
    let files::Kind::Text(syntax) = files::kind(&file)? else {
        terminal.tell(&text!("done.not-fixed", file = shown(&file)));
        return Ok(());
    };
    let bytes = files::read(&file)?;
    let mut sources = Sources::default();
    let unread = sources.add_binary(shown(&file));
    // A file in another encoding is said by the check that follows.
    let Some(old) = data::decode(unread, &bytes, &mut Sink::new()) else { return Ok(()) };
    let mut new = old.to_owned();
    let mut trial = Trial { syntax, library, left: REREAD.max(old.len()) };
    for _ in 0..ROUNDS {
        let Some((source, found)) = trial.findings(&new) else { break };
        let edits = trial.sound(fix::edits(&found, source, &new), &new);
        if edits.is_empty() {
            break;
        }
        new = fix::apply(&new, &edits);
    }
    if new == old {
        return Ok(());
    }
    terminal.show(&fix::diff(&shown(&file), old, &new));
    if !dry && file.is_symlink() {
        return Err(Failure::plain(text!("io.fix-link", file = shown(&file))));
    }
    if dry {
        terminal.tell(&text!("done.would-fix", file = shown(&file)));
        return Ok(());
    }
    // The byte order mark, if there was one, stays.
    let mark = &bytes[..bytes.len() - old.len()];
    let other_names = links::has_other_names(&file);
    out::write(&file, &[mark, new.as_bytes()].concat())?;
    terminal.tell(&text!("done.fixed", file = shown(&file)));
    if other_names {
        terminal.tell(&text!("done.fixed-alone", file = shown(&file)));
    }
    Ok(())
}

/// Sees what a file says with changes made.
struct Trial<'l> {
    syntax: data::Syntax,
    library: &'l Library,
    /// How many bytes may still be read.
    left: usize,
}

impl Trial<'_> {
    /// The changes without those that would make a file that can be read worse: in YAML `email: ＠甲` reads as
    /// a text, `email: @甲` does not read at all.
    fn sound(&mut self, edits: Vec<Edit>, text: &str) -> Vec<Edit> {
        let Some((unread, before)) = self.errors(text) else { return Vec::new() };
        if unread || edits.is_empty() || !self.worse(&edits, text, before) {
            return edits;
        }
        let mut sound: Vec<Edit> = Vec::new();
        for edit in edits {
            sound.push(edit);
            if self.worse(&sound, text, before) {
                sound.pop();
            }
        }
        sound
    }

    /// Whether there are more errors with changes made; what cannot be seen counts as worse.
    fn worse(&mut self, edits: &[Edit], text: &str, before: usize) -> bool {
        self.errors(&fix::apply(text, edits)).is_none_or(|(_, after)| after > before)
    }

    /// Whether a text cannot be read, and how many errors it has.
    fn errors(&mut self, text: &str) -> Option<(bool, usize)> {
        let (_, found) = self.findings(text)?;
        let unread = found.iter().any(|one| one.rule == data::SYNTAX);
        let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
        Some((unread, errors))
    }

    /// What is found in a text; `None` if enough was read.
    fn findings(&mut self, text: &str) -> Option<(SourceId, Vec<Diagnostic>)> {
        self.left = self.left.checked_sub(text.len())?;
        let mut sources = Sources::default();
        let mut sink = Sink::new();
        let source = sources.add_text("", text);
        let root = data::load(source, text, self.syntax, &mut sink);
        if let (Some(root), false) = (root, sink.has_errors())
            && let Some(report) = report::read(source, &root, self.library, &mut sink)
            && quote::may_expand(&report, limits::asked(), &mut sink)
        {
            let filled = quote::expand(&report, text, &mut sink);
            let settings = check::Settings::default();
            check::texts(&report, &filled, text, None, &settings, &mut sink);
        }
        Some((source, sink.into_sorted()))
    }
}
