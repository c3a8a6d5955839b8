//! Owns the command `convert`: from one kind of data file to another.
//! Must not know how a kind is read or written.

use super::args::{Cli, ConvertArgs};
use super::files::{self, DataFileKind, display_path};
use super::{Failure, Outcome, Terminal, atomic_write, limits, load, previous_report, tools};
use docx_fill::diag::{Message, Sink, SourceId, Sources};
use nianbao::data::{DataNode, Syntax};
use nianbao::form::FormRegistry;
use nianbao::import::ImportOptions;
use nianbao::{convert as syntaxes, msg, report, sheet};

/// `nianbao convert FROM TO`
pub(crate) fn run_convert(
    cli: &Cli,
    ask: &ConvertArgs,
    mut terminal: Terminal,
) -> Result<Outcome, Failure> {
    let library = tools::load_forms(cli, terminal.lang)?;
    let (from, target) = (files::data_file_kind(&ask.from)?, files::data_file_kind(&ask.target)?);
    if target == DataFileKind::Csv {
        return Err(Failure::without_cause(msg!("io.no-csv")));
    }
    if target == DataFileKind::Word {
        return Err(Failure::without_cause(msg!("io.no-docx")));
    }
    if ask.target.exists() {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(&ask.target))));
    }
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let folder = previous_report::parent_dir(&ask.target);
    let free = |name: &str, bytes: &[u8]| files::is_free_name(&folder, name, bytes);
    let options = ImportOptions {
        is_name_free: &free,
        ..ImportOptions::new(&library, limits::run_limits().into())
    };
    let read = load::parse_data_file_with(&ask.from, &options, &mut sources, &mut sink)?;
    let mut made = None;
    if let (Some(load::ParsedDataFile { source, root, .. }), false) = (&read, sink.has_errors()) {
        let original = sources.text(*source).unwrap_or_default();
        made = match target {
            DataFileKind::Text(to) => {
                let from = if let DataFileKind::Text(from) = from { from } else { Syntax::Json };
                let text = syntaxes::convert_syntax(*source, root, original, from, to, &mut sink);
                text.map(String::into_bytes)
            }
            DataFileKind::Workbook | DataFileKind::Csv | DataFileKind::Word => {
                let made = make_workbook(*source, root, &library, &mut sink);
                made.map_err(|reason| Failure::not_made(&ask.target, reason))?
            }
        };
    }
    let outcome = terminal.report_findings(sink, &sources);
    match made {
        Some(bytes) => {
            let pictures = read.and_then(|read| read.pictures).unwrap_or_default();
            let pictures = pictures.into_iter().map(|(name, bytes)| (folder.join(name), bytes));
            // Each has a name that was free, or is there already.
            let pictures = pictures.filter(|(path, _)| !path.exists());
            let all: Vec<_> =
                std::iter::once((ask.target.clone(), bytes)).chain(pictures).collect();
            atomic_write::write_all_files(&folder, &all)?;
            for (path, _) in all {
                terminal.print_info(&msg!("done.written", file = display_path(&path)));
            }
        }
        None => terminal.print_info(&msg!("done.not-converted", file = display_path(&ask.from))),
    }
    terminal.print_closing_line();
    Ok(outcome)
}

/// A workbook holds only what the form has: a file with other keys is refused, so that nothing is lost.
fn make_workbook(
    source: SourceId,
    root: &DataNode,
    library: &FormRegistry,
    sink: &mut Sink,
) -> Result<Option<Vec<u8>>, Message> {
    let report = report::read_report(source, root, library, sink);
    match report.filter(|_| !sink.has_errors()) {
        Some(report) => sheet::write_workbook(&report).map(Some),
        None => Ok(None),
    }
}
