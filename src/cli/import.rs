//! Owns the command `import`: Word documents become data files.
//! Must not know how a document is recognised or a syntax is written.

use super::args::{Cli, Judge};
use super::files::{self, Kind, shown};
use super::{Failure, Outcome, Terminal, out, tools};
use clap::{Args, ValueEnum};
use docx_fill::diag::{Sink, Sources, Text};
use nianbao::data::Syntax;
use nianbao::form::Library;
use nianbao::import::{self, Imported, Summary};
use nianbao::{convert, report, sheet, text};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[arg(value_name = "OLD.docx", required = true)]
    pub(crate) documents: Vec<PathBuf>,
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[arg(long, value_enum, default_value = "toml")]
    pub(crate) to: DataFormat,
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) judge: Judge,
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
    fn extension(self) -> &'static str {
        match self {
            DataFormat::Toml => "toml",
            DataFormat::Yaml => "yaml",
            DataFormat::Json => "json",
            DataFormat::Xlsx => "xlsx",
        }
    }
}

/// `nianbao import OLD.docx… -o DIR`
pub(crate) fn import(cli: &Cli, ask: &Import, mut terminal: Terminal) -> Result<Outcome, Failure> {
    let library = tools::library(cli, terminal.lang)?;
    let targets = targets(ask)?;
    let mut outcome = Outcome::Clean;
    for (document, folder) in ask.documents.iter().zip(&targets) {
        let one = one(ask, document, folder, &library, &mut terminal);
        outcome = outcome.max(one.unwrap_or_else(|failure| terminal.fail(&failure)));
    }
    terminal.close();
    Ok(outcome)
}

/// The folder of each document: the one asked for, or one for each below it.
fn targets(ask: &Import) -> Result<Vec<PathBuf>, Failure> {
    let mut out: Vec<PathBuf> = Vec::new();
    for document in &ask.documents {
        let kind = files::kind(document)?;
        if kind != Kind::Word {
            return Err(Failure::plain(text!("io.import-word", file = shown(document))));
        }
        let folder = match ask.documents.len() {
            1 => ask.out.clone(),
            _ => ask.out.join(document.file_stem().unwrap_or_default()),
        };
        // Some systems do not tell capitals from small letters.
        let name = |path: &PathBuf| path.to_string_lossy().to_lowercase();
        if out.iter().any(|known| name(known) == name(&folder)) {
            return Err(Failure::plain(text!("io.import-same", file = shown(document))));
        }
        out.push(folder);
    }
    Ok(out)
}

fn one(
    ask: &Import,
    document: &Path,
    folder: &Path,
    library: &Library,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let file = folder.join(format!("report.{}", ask.to.extension()));
    let bytes = files::read(document)?;
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let source = sources.add_binary(shown(document));
    let free = |name: &str, bytes: &[u8]| files::is_free(folder, name, bytes);
    let options = import::Options { library, fill: true, free: &free };
    let read = import::read(source, &bytes, &options, &mut sources, &mut sink);
    let Some(imported) = read else {
        let outcome = terminal.report(sink, &sources);
        terminal.tell(&text!("done.not-imported", file = shown(document)));
        return Ok(outcome);
    };
    let made = content(source, &imported, ask.to, library, &mut sink);
    let made = made.map_err(|reason| Failure::not_made(&file, reason))?;
    let outcome = terminal.report(sink, &sources);
    summary(document, &imported.summary, terminal);
    let Some(made) = made else {
        terminal.tell(&text!("done.not-imported", file = shown(document)));
        return Ok(outcome);
    };
    if !ask.overwrite && file.exists() {
        return Err(Failure::plain(text!("io.exists-overwrite", file = shown(&file))));
    }
    // Nothing is written over a picture: each has a name that was free, or is there already.
    let pictures = imported.pictures.iter().map(|(name, bytes)| (folder.join(name), bytes));
    let pictures = pictures.filter(|(path, _)| !path.exists());
    let all: Vec<(PathBuf, &Vec<u8>)> = std::iter::once((file, &made)).chain(pictures).collect();
    out::write_all(&ask.out, &all)?;
    for (path, _) in &all {
        terminal.tell(&text!("done.written", file = shown(path)));
    }
    Ok(outcome)
}

/// The bytes of the data file. `None` if a workbook cannot hold it; the sink says why.
fn content(
    source: docx_fill::diag::SourceId,
    imported: &Imported,
    to: DataFormat,
    library: &Library,
    sink: &mut Sink,
) -> Result<Option<Vec<u8>>, Text> {
    let syntax = match to {
        DataFormat::Toml => Syntax::Toml,
        DataFormat::Yaml => Syntax::Yaml,
        DataFormat::Json => Syntax::Json,
        DataFormat::Xlsx => {
            let report = report::read(source, &imported.node, library, sink);
            return report.map(|report| sheet::workbook(&report)).transpose();
        }
    };
    let text = convert::convert(source, &imported.node, "", Syntax::Json, syntax, sink);
    Ok(text.map(String::into_bytes))
}

/// What was recognised, for people.
fn summary(document: &Path, summary: &Summary, terminal: &Terminal) {
    let Summary { edition, organ, year, headings, tables } = summary;
    let unknown = || text!("import.unknown").in_lang(terminal.lang);
    terminal.tell(&text!(
        "import.summary",
        file = shown(document),
        organ = organ.clone().unwrap_or_else(unknown),
        year = year.map_or_else(unknown, |year| year.to_string()),
        edition = edition,
        found = headings.0,
        all = headings.1
    ));
    for table in tables {
        terminal.tell(&text!(
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
