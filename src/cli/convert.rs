//! Owns the command `convert`: from one kind of data file to another.
//! Must not know how a kind is read or written.

use super::args::{Cli, Convert};
use super::files::{self, Kind, shown};
use super::{Failure, Outcome, Terminal, against, load, out, tools};
use nianbao::data::{Node, Syntax};
use nianbao::diag::{Sink, SourceId, Sources};
use nianbao::form::Library;
use nianbao::{convert as syntaxes, report, sheet, text};
use std::path::{Path, PathBuf};

/// `nianbao convert FROM TO`
pub(crate) fn convert(
    cli: &Cli,
    ask: &Convert,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let library = tools::library(cli, terminal.lang)?;
    let (from, target) = (files::kind(&ask.from)?, files::kind(&ask.target)?);
    if target == Kind::Csv {
        return Err(Failure::plain(text!("io.no-csv")));
    }
    if target == Kind::Word {
        return Err(Failure::plain(text!("io.no-docx")));
    }
    if ask.target.exists() {
        return Err(Failure::plain(text!("io.exists", file = shown(&ask.target))));
    }
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let read = load::open(&ask.from, &library, &mut sources, &mut sink)?;
    let mut made = None;
    if let (Some(load::Opened { source, root, .. }), false) = (&read, sink.has_errors()) {
        let original = sources.text(*source).unwrap_or_default();
        made = match target {
            Kind::Text(to) => {
                let from = if let Kind::Text(from) = from { from } else { Syntax::Json };
                let text = syntaxes::convert(*source, root, original, from, to, &mut sink);
                text.map(String::into_bytes)
            }
            Kind::Workbook | Kind::Csv | Kind::Word => {
                workbook(*source, root, &library, &mut sink)?
            }
        };
    }
    let outcome = terminal.report(sink, &sources);
    match made {
        Some(bytes) => {
            let pictures = read.and_then(|read| read.pictures).unwrap_or_default();
            let all = beside(&ask.target, bytes, pictures)?;
            out::write_all(&against::folder(&ask.target), &all)?;
            for (path, _) in all {
                terminal.tell(&text!("done.written", file = shown(&path)));
            }
        }
        None => terminal.tell(&text!("done.not-converted", file = shown(&ask.from))),
    }
    terminal.close();
    Ok(outcome)
}

/// The data file, and beside it the pictures to which its texts refer. Nothing is overwritten.
fn beside(
    target: &Path,
    bytes: Vec<u8>,
    pictures: Vec<(String, Vec<u8>)>,
) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let pictures = pictures.into_iter().map(|(name, bytes)| (target.with_file_name(name), bytes));
    let all: Vec<_> = std::iter::once((target.to_owned(), bytes)).chain(pictures).collect();
    match all.iter().find(|(path, _)| path.exists()) {
        Some((path, _)) => Err(Failure::plain(text!("io.exists", file = shown(path)))),
        None => Ok(all),
    }
}

/// A workbook holds only what the form has: a file with other keys is refused, so that nothing is lost.
fn workbook(
    source: SourceId,
    root: &Node,
    library: &Library,
    sink: &mut Sink,
) -> Result<Option<Vec<u8>>, Failure> {
    let report = report::read(source, root, library, sink);
    match report.filter(|_| !sink.has_errors()) {
        Some(report) => sheet::workbook(&report).map(Some).map_err(Failure::plain),
        None => Ok(None),
    }
}
