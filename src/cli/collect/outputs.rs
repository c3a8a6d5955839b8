//! Owns the files of a county: their names, that none of them is there yet, and the bytes of each.
//! Must not know how a county is added up, nor how an output looks.

use super::{Collect, County};
use crate::cli::files::{self, Kind, shown};
use crate::cli::{Failure, Outcome, Terminal, links, out};
use docx_fill::diag::{Sources, Text};
use nianbao::check::list::{self, Listed};
use nianbao::collect as county;
use nianbao::data::Syntax;
use nianbao::report::{Date, Report};
use nianbao::{sheet, text};
use std::path::{Path, PathBuf};

/// What is written.
pub(super) enum Target {
    Folder(PathBuf),
    File(PathBuf, Kind),
}

/// The files of a folder, in the order in which they are written.
const FILES: [&str; 4] = ["report.toml", "matrix.xlsx", "status.html", "findings.xlsx"];

/// A file that is to be written.
pub(super) type Output = (PathBuf, Vec<u8>);

impl Target {
    /// By the extension; an earlier result is kept unless it may be overwritten.
    pub(super) fn of(ask: &Collect) -> Result<Target, Failure> {
        let target = if ask.out.extension().is_none() || ask.out.is_dir() {
            Target::Folder(ask.out.clone())
        } else {
            match files::kind(&ask.out) {
                Ok(kind @ (Kind::Text(_) | Kind::Workbook)) => Target::File(ask.out.clone(), kind),
                _ => {
                    return Err(Failure::plain(text!("collect.no-target", file = shown(&ask.out))));
                }
            }
        };
        let mut files = target.files().into_iter().filter(|_| !ask.overwrite);
        match files.find(|file| file.symlink_metadata().is_ok()) {
            Some(file) => Err(Failure::plain(text!("collect.exists-hint", file = shown(&file)))),
            None => Ok(target),
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        match self {
            Target::Folder(dir) => FILES.iter().map(|name| dir.join(name)).collect(),
            Target::File(file, _) => vec![file.clone()],
        }
    }

    /// The county's report.
    pub(super) fn report(&self) -> PathBuf {
        match self {
            Target::Folder(dir) => dir.join(FILES[0]),
            Target::File(file, _) => file.clone(),
        }
    }

    /// Its syntax; a workbook has none.
    fn syntax(&self) -> Option<Syntax> {
        match self {
            Target::Folder(_) => Some(Syntax::Toml),
            Target::File(_, Kind::Text(syntax)) => Some(*syntax),
            Target::File(..) => None,
        }
    }

    /// The folder in which the report lies.
    pub(super) fn folder(&self) -> PathBuf {
        match self {
            Target::Folder(dir) => dir.clone(),
            Target::File(file, _) => crate::cli::against::folder(file),
        }
    }
}

/// The county's report as a file; its figures learn where they stand in it.
pub(super) fn report(
    target: &Target,
    county: &County<'_>,
    sources: &mut Sources,
    report: &mut Report,
) -> Result<Output, Failure> {
    let path = target.report();
    let bytes = match target.syntax() {
        Some(syntax) => {
            let text = county::data_file(county.total, report, syntax, county.lang);
            sources.set_text(report.source, &text);
            text.into_bytes()
        }
        None => sheet::workbook(report).map_err(|reason| Failure::not_made(&path, reason))?,
    };
    Ok((path, bytes))
}

/// The other files of a folder. One that cannot be made keeps none of the others back.
pub(super) fn further(
    target: &Target,
    date: Option<Date>,
    county: &County<'_>,
    sources: &Sources,
) -> Vec<Result<Output, Failure>> {
    let Target::Folder(dir) = target else { return Vec::new() };
    let (total, lang) = (county.total, county.lang);
    let list = |file: &str, report: Option<&Report>, found: &[_]| {
        Listed::new(file, report, found, sources, lang)
    };
    let mut listed = vec![list("", None, &total.found).about(&total.organ.0)];
    let units = total.delivered.iter();
    listed.extend(units.map(|unit| list(&unit.file, unit.report.as_ref(), &unit.found)));
    let page = county::page(total, sources, date, lang).into_bytes();
    let made = [county::workbook(total, &listed, lang), Ok(page), list::workbook(&listed, lang)];
    let output = |(name, made): (&&str, Result<Vec<u8>, Text>)| {
        let path = dir.join(name);
        match made {
            Ok(bytes) => Ok((path, bytes)),
            Err(reason) => Err(Failure::not_made(&path, reason)),
        }
    };
    FILES[1..].iter().zip(made).map(output).collect()
}

/// Writes what could be made. One file that cannot be written keeps none of the others back.
pub(super) fn write(
    folder: &Path,
    outputs: Vec<Result<Output, Failure>>,
    terminal: &Terminal,
) -> Outcome {
    let mut outcome = Outcome::Clean;
    let made = outputs.iter().filter_map(|made| made.as_ref().ok());
    let refused: Vec<Failure> =
        made.filter_map(|(path, _)| links::refuse_below(folder, path).err()).collect();
    if !refused.is_empty() {
        // Where somebody has laid a link, the rest of the folder is not trusted either.
        return refused.iter().map(|failure| terminal.fail(failure)).max().unwrap_or(outcome);
    }
    let prepared = outputs.into_iter().map(|made| {
        let (path, bytes) = made?;
        Ok((out::prepare_below(folder, &path, &bytes)?, path))
    });
    // All are complete before the first one appears.
    let prepared: Vec<Result<_, Failure>> = prepared.collect();
    for one in prepared {
        match one.and_then(|(ready, path)| ready.put().map(|()| path)) {
            Ok(path) => terminal.tell(&text!("done.written", file = shown(&path))),
            Err(failure) => outcome = outcome.max(terminal.fail(&failure)),
        }
    }
    outcome
}
