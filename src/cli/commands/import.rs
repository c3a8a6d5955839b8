//! Owns the command `import`: Word documents become data files.
//! Must not know how a document is recognised or a syntax is written.

use crate::cli::fs::paths::display_path;
use crate::cli::fs::report_walk::{FoundFiles, WalkRules};
use crate::cli::fs::{atomic_write, data_files, passed_over};
use crate::cli::options::DiagnosticArgs;
use crate::cli::run_inputs::templates::load_forms;
use crate::cli::{Failure, Outcome, RunContext, Terminal};
use clap::{Args, ValueEnum};
use docx_fill::diag::{Message, Sink};
use nianbao::data::Syntax;
use nianbao::form::FormRegistry;
use nianbao::import::{ImportOptions, ImportSummary, ImportedReport};
use nianbao::session::{DataFileKind, Session};
use nianbao::{convert, msg, sheet};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[arg(value_name = "OLD.docx", required = true)]
    pub(crate) documents: Vec<PathBuf>,
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[arg(long, value_enum, ignore_case = true, default_value = "toml")]
    pub(crate) to: DataFormat,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) judge: DiagnosticArgs,
}

/// Kinds of data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    Toml,
    Yaml,
    Json,
    Xlsx,
}

impl DataFormat {
    fn file_extension(self) -> &'static str {
        match self {
            DataFormat::Toml => "toml",
            DataFormat::Yaml => "yaml",
            DataFormat::Json => "json",
            DataFormat::Xlsx => "xlsx",
        }
    }
}

/// Runs `nianbao import OLD.docx… -o DIR`
pub(crate) fn run_import(context: &RunContext, args: &ImportArgs) -> Result<Outcome, Failure> {
    let mut terminal = context.terminal(&args.judge);
    let library = load_forms(context)?;
    let work = ImportWork { context, args, library: &library };
    let (documents, mut outcome) = find_documents(context, args, &mut terminal)?;
    let targets = target_folders(args, &documents)?;
    for (document, folder) in documents.iter().zip(&targets) {
        let one = work.import_document(document, folder, &mut terminal);
        outcome = outcome.max(one.unwrap_or_else(|failure| terminal.report_failure(&failure)));
    }
    terminal.print_closing_line();
    Ok(outcome)
}

/// Returns the documents that are named, or lie in the folders and archives that are; what else lies there is told.
fn find_documents(
    context: &RunContext,
    args: &ImportArgs,
    terminal: &mut Terminal,
) -> Result<(Vec<PathBuf>, Outcome), Failure> {
    let rules = WalkRules { files: &context.files, out: Some(&args.out), is_county: true };
    let mut found = FoundFiles::find(&args.documents, rules)?;
    let is_document =
        |path: &Path| data_files::data_file_kind(path).is_ok_and(|kind| !is_data_kind(kind));
    let (taken, others): (Vec<_>, Vec<_>) = std::mem::take(&mut found.reports)
        .into_iter()
        .partition(|report| report.is_named() || is_document(&report.file));
    found.passed_over.extend(others.into_iter().map(|report| report.file));
    let forms = load_forms(context)?;
    let mut session = Session::new(&forms, context.limits);
    passed_over::push_unread(&found, &mut session);
    let (sources, sink) = session.into_parts();
    let outcome = terminal.report_findings(sink, &sources);
    if taken.is_empty() {
        let dirs: Vec<String> = args.documents.iter().map(|path| display_path(path)).collect();
        return Err(Failure::without_cause(msg!("io.no-documents", dirs = dirs)));
    }
    Ok((taken.into_iter().map(|report| report.file).collect(), outcome))
}

/// Checks whether files of a kind are data, which need no import.
fn is_data_kind(kind: DataFileKind) -> bool {
    matches!(kind, DataFileKind::Text(_) | DataFileKind::Workbook | DataFileKind::Csv)
}

/// The folder of each document: the one asked for, or one for each below it.
fn target_folders(args: &ImportArgs, documents: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut out: Vec<PathBuf> = Vec::new();
    for document in documents {
        let kind = data_files::data_file_kind(document)?;
        if is_data_kind(kind) {
            return Err(Failure::without_cause(msg!(
                "io.import-word",
                file = display_path(document)
            )));
        }
        let folder = match documents.len() {
            1 => args.out.clone(),
            _ => args.out.join(document.file_stem().unwrap_or_default()),
        };
        // Some systems do not tell capitals from small letters.
        let name = |path: &PathBuf| path.to_string_lossy().to_lowercase();
        if out.iter().any(|known| name(known) == name(&folder)) {
            return Err(Failure::without_cause(msg!(
                "io.import-same",
                file = display_path(document)
            )));
        }
        out.push(folder);
    }
    Ok(out)
}

/// The tools with which every document is imported.
struct ImportWork<'a> {
    context: &'a RunContext,
    args: &'a ImportArgs,
    library: &'a FormRegistry,
}

impl ImportWork<'_> {
    fn import_document(
        &self,
        document: &Path,
        folder: &Path,
        terminal: &mut Terminal,
    ) -> Result<Outcome, Failure> {
        let ImportWork { context, args, library } = *self;
        let file = folder.join(format!("report.{}", args.to.file_extension()));
        let input = context.files.read_input(document)?;
        let mut session = Session::new(library, context.limits);
        let free = |name: &str, bytes: &[u8]| context.files.is_free_name(folder, name, bytes);
        let options = ImportOptions {
            is_name_free: &free,
            ..ImportOptions::new(library, (&context.limits).into())
        };
        let Some(imported) = session.import_document(&input, &options) else {
            let (sources, sink) = session.into_parts();
            let outcome = terminal.report_findings(sink, &sources);
            terminal.print_info(&msg!("done.not-imported", file = display_path(document)));
            return Ok(outcome);
        };
        let made = data_file_bytes(&imported, args.to, &mut session);
        let made = made.map_err(|reason| Failure::not_made(&file, reason))?;
        let (sources, sink) = session.into_parts();
        let outcome = terminal.report_findings(sink, &sources);
        print_import_summary(document, &imported.summary, terminal);
        let Some(made) = made else {
            terminal.print_info(&msg!("done.not-imported", file = display_path(document)));
            return Ok(outcome);
        };
        if !args.overwrite && file.exists() {
            return Err(Failure::without_cause(msg!(
                "io.exists-overwrite",
                file = display_path(&file)
            )));
        }
        // Nothing is written over a picture: each has a name that was free, or is there already.
        let pictures = imported.pictures.iter().map(|(name, bytes)| (folder.join(name), bytes));
        let pictures = pictures.filter(|(path, _)| !path.exists());
        let all: Vec<(PathBuf, &Vec<u8>)> =
            std::iter::once((file, &made)).chain(pictures).collect();
        atomic_write::write_all_files(&args.out, &all)?;
        for (path, _) in &all {
            terminal.print_info(&msg!("done.written", file = display_path(path)));
        }
        Ok(outcome)
    }
}

/// Returns the bytes of the data file. `None` if a workbook cannot hold it; the session says why.
fn data_file_bytes(
    imported: &ImportedReport,
    to: DataFormat,
    session: &mut Session<'_>,
) -> Result<Option<Vec<u8>>, Message> {
    let syntax = match to {
        DataFormat::Toml => Syntax::Toml,
        DataFormat::Yaml => Syntax::Yaml,
        DataFormat::Json => Syntax::Json,
        DataFormat::Xlsx => {
            let report = session.read_imported(imported);
            return report.map(|report| sheet::write_workbook(&report)).transpose();
        }
    };
    let mut own = Sink::new();
    let ImportedReport { source, node, .. } = imported;
    let text = convert::convert_syntax(*source, node, "", Syntax::Json, syntax, &mut own);
    session.extend_findings(own);
    Ok(text.map(String::into_bytes))
}

/// Prints a summary of what was recognised.
fn print_import_summary(document: &Path, summary: &ImportSummary, terminal: &Terminal) {
    let ImportSummary { edition, organ, year, headings, tables } = summary;
    let unknown = || msg!("import.unknown").in_lang(terminal.lang);
    terminal.print_info(&msg!(
        "import.summary",
        file = display_path(document),
        organ = organ.clone().unwrap_or_else(unknown),
        year = year.map_or_else(unknown, |year| year.to_string()),
        edition = edition,
        found = headings.0,
        all = headings.1
    ));
    for table in tables {
        terminal.print_info(&msg!(
            "import.table",
            table = &table.name,
            cells = table.cells,
            found = table.found,
            official = table.official,
            known = table.known,
            alike = table.alike,
            unplaced = table.unplaced
        ));
    }
}
