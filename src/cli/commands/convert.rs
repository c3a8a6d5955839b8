//! Owns the command `convert`: from one kind of data file to another.
//! Must not know how a kind is read or written.

use crate::cli::fs::atomic_write;
use crate::cli::fs::data_files;
use crate::cli::fs::paths::{display_path, parent_dir};
use crate::cli::fs::report_folder::find_data_file;
use crate::cli::options::DiagnosticArgs;
use crate::cli::run_inputs::templates::load_forms;
use crate::cli::{Failure, Outcome, RunContext};
use clap::Args;
use docx_fill::diag::Sink;
use nianbao::data::Syntax;
use nianbao::import::ImportOptions;
use nianbao::session::{DataFile, DataFileKind, Session};
use nianbao::{convert as syntaxes, msg, sheet};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    #[arg(value_name = "FROM")]
    pub(crate) from: PathBuf,
    #[arg(value_name = "TO")]
    pub(crate) target: PathBuf,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Runs `nianbao convert FROM TO`
pub(crate) fn run_convert(context: &RunContext, args: &ConvertArgs) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    let library = load_forms(context)?;
    let source = find_data_file(&args.from, &context.files)?;
    let (from, target) =
        (data_files::data_file_kind(&source)?, data_files::data_file_kind(&args.target)?);
    if target == DataFileKind::Csv {
        return Err(Failure::without_cause(msg!("io.no-csv")));
    }
    if target == DataFileKind::Word {
        return Err(Failure::without_cause(msg!("io.no-docx")));
    }
    if args.target.exists() {
        return Err(Failure::without_cause(msg!("io.exists", file = display_path(&args.target))));
    }
    let mut session = Session::new(&library, context.limits);
    let folder = parent_dir(&args.target);
    let free = |name: &str, bytes: &[u8]| context.files.is_free_name(&folder, name, bytes);
    let options = ImportOptions {
        is_name_free: &free,
        ..ImportOptions::new(&library, (&context.limits).into())
    };
    let read = session.open_file_with(&context.files.read_input(&source)?, &options);
    let mut made = None;
    if let (Some(file), false) = (&read, session.has_errors()) {
        made = match target {
            DataFileKind::Text(to) => {
                let from = if let DataFileKind::Text(from) = from { from } else { Syntax::Json };
                convert_text(file, from, to, &mut session).map(String::into_bytes)
            }
            DataFileKind::Workbook | DataFileKind::Csv | DataFileKind::Word => {
                make_workbook(file, &args.target, &mut session)?
            }
        };
    }
    let (sources, sink) = session.into_parts();
    let outcome = terminal.report_findings(sink, &sources);
    match made {
        Some(bytes) => {
            let pictures = read.and_then(|read| read.pictures).unwrap_or_default();
            let pictures = pictures.into_iter().map(|(name, bytes)| (folder.join(name), bytes));
            // Each has a name that was free, or is there already.
            let pictures = pictures.filter(|(path, _)| !path.exists());
            let all: Vec<_> =
                std::iter::once((args.target.clone(), bytes)).chain(pictures).collect();
            atomic_write::write_all_files(&folder, &all)?;
            for (path, _) in all {
                terminal.print_info(&msg!("done.written", file = display_path(&path)));
            }
        }
        None => terminal.print_info(&msg!("done.not-converted", file = display_path(&source))),
    }
    terminal.print_closing_line();
    Ok(outcome)
}

fn convert_text(
    file: &DataFile,
    from: Syntax,
    to: Syntax,
    session: &mut Session<'_>,
) -> Option<String> {
    let original = session.sources().text(file.source).unwrap_or_default();
    let mut own = Sink::new();
    let text = syntaxes::convert_syntax(file.source, &file.root, original, from, to, &mut own);
    session.extend_findings(own);
    text
}

/// Refuses a file with keys that the form does not have for a workbook, which would lose them.
fn make_workbook(
    file: &DataFile,
    target: &std::path::Path,
    session: &mut Session<'_>,
) -> Result<Option<Vec<u8>>, Failure> {
    let report = session.read_tree(file).filter(|_| !session.has_errors());
    let made = report.map(|report| sheet::write_workbook(&report)).transpose();
    made.map_err(|reason| Failure::not_made(target, reason))
}
