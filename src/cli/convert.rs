//! Owns the command `convert`: from one kind of data file to another.
//! Must not know how a kind is read or written.

use super::args::{Cli, Convert};
use super::files::{self, Kind, shown};
use super::{Failure, Outcome, Terminal, against, load, out, tools};
use docx_fill::diag::{Sink, SourceId, Sources, Text};
use nianbao::data::{Node, Syntax};
use nianbao::form::Library;
use nianbao::import::Options;
use nianbao::{convert as syntaxes, report, sheet, text};

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
    let folder = against::folder(&ask.target);
    let free = |name: &str, bytes: &[u8]| files::is_free(&folder, name, bytes);
    let options = Options { library: &library, fill: false, free: &free };
    let read = load::open_with(&ask.from, &options, &mut sources, &mut sink)?;
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
                let made = workbook(*source, root, &library, &mut sink);
                made.map_err(|reason| Failure::not_made(&ask.target, reason))?
            }
        };
    }
    let outcome = terminal.report(sink, &sources);
    match made {
        Some(bytes) => {
            let pictures = read.and_then(|read| read.pictures).unwrap_or_default();
            let pictures = pictures.into_iter().map(|(name, bytes)| (folder.join(name), bytes));
            // Each has a name that was free, or is there already.
            let pictures = pictures.filter(|(path, _)| !path.exists());
            let all: Vec<_> =
                std::iter::once((ask.target.clone(), bytes)).chain(pictures).collect();
            out::write_all(&folder, &all)?;
            for (path, _) in all {
                terminal.tell(&text!("done.written", file = shown(&path)));
            }
        }
        None => terminal.tell(&text!("done.not-converted", file = shown(&ask.from))),
    }
    terminal.close();
    Ok(outcome)
}

/// A workbook holds only what the form has: a file with other keys is refused, so that nothing is lost.
fn workbook(
    source: SourceId,
    root: &Node,
    library: &Library,
    sink: &mut Sink,
) -> Result<Option<Vec<u8>>, Text> {
    let report = report::read(source, root, library, sink);
    match report.filter(|_| !sink.has_errors()) {
        Some(report) => sheet::workbook(&report).map(Some),
        None => Ok(None),
    }
}
