//! Owns the output files of a county: their names, the check that none exists yet, and their bytes.
//! Must not know how a county is summed up, nor the layout of an output.

use super::{CollectArgs, LocalizedCounty};
use crate::cli::fs::data_files;
use crate::cli::fs::paths::display_path;
use crate::cli::fs::{atomic_write, symlinks};
use crate::cli::{Failure, Outcome, Terminal};
use docx_fill::diag::{Lang, Message, Sources};
use nianbao::check::findings_list::{self, ListedFindings, ListedReport};
use nianbao::collect::{self as county, UnitReport};
use nianbao::data::Syntax;
use nianbao::report::{Date, Report};
use nianbao::session::DataFileKind;
use nianbao::{msg, sheet};
use std::path::{Path, PathBuf};

/// The output: a folder or a single file.
pub(super) enum CollectTarget {
    Folder(PathBuf),
    File(PathBuf, DataFileKind),
}

/// Name of the county's report in a folder: `check` and `build` find it there by it, in every language.
const REPORT_FILE: &str = "report.toml";

/// The names of the files of a folder, in the language of their readers.
pub(crate) struct CountyFileNames {
    pub(crate) report: String,
    pub(crate) matrix: String,
    pub(crate) status: String,
    pub(crate) findings: String,
}

impl CountyFileNames {
    /// Returns the names in a language.
    pub(crate) fn in_lang(lang: Lang) -> CountyFileNames {
        CountyFileNames {
            report: REPORT_FILE.to_owned(),
            matrix: msg!("collect.file-matrix").in_lang(lang),
            status: msg!("collect.file-status").in_lang(lang),
            findings: msg!("collect.file-findings").in_lang(lang),
        }
    }

    /// Returns the names in the order in which the files are written.
    fn in_order(&self) -> [&str; 4] {
        [&self.report, &self.matrix, &self.status, &self.findings]
    }
}

/// A file to be written: path and bytes.
pub(super) type NamedBytes = (PathBuf, Vec<u8>);

/// Maximum length of the extension of a file, in bytes.
const MAX_EXTENSION: usize = 5;

/// Checks whether a path has the extension of a file. A dot in the name of a folder, as in `1.各乡镇年报` or `2025.12 月`,
/// makes none.
fn has_extension(path: &Path) -> bool {
    path.extension().is_some_and(|end| {
        let end = end.as_encoded_bytes();
        end.len() <= MAX_EXTENSION && end.iter().all(u8::is_ascii_alphanumeric)
    })
}

impl CollectTarget {
    /// Chooses an output by its extension; an earlier result is kept unless it may be overwritten.
    pub(super) fn from_args(args: &CollectArgs, lang: Lang) -> Result<CollectTarget, Failure> {
        let target = if !has_extension(&args.out) || args.out.is_dir() {
            CollectTarget::Folder(args.out.clone())
        } else {
            match data_files::data_file_kind(&args.out) {
                Ok(kind) if data_files::is_written_kind(&args.out) => {
                    CollectTarget::File(args.out.clone(), kind)
                }
                _ => {
                    return Err(Failure::without_cause(msg!(
                        "collect.no-target",
                        file = display_path(&args.out)
                    )));
                }
            }
        };
        let mut files = target.file_paths(lang).into_iter().filter(|_| !args.overwrite);
        match files.find(|file| file.symlink_metadata().is_ok()) {
            Some(file) => {
                Err(Failure::without_cause(msg!("collect.exists-hint", file = display_path(&file))))
            }
            None => Ok(target),
        }
    }

    fn file_paths(&self, lang: Lang) -> Vec<PathBuf> {
        match self {
            CollectTarget::Folder(dir) => {
                let names = CountyFileNames::in_lang(lang);
                names.in_order().iter().map(|name| dir.join(name)).collect()
            }
            CollectTarget::File(file, _) => vec![file.clone()],
        }
    }

    /// Returns the files of a folder that bear the names of another language: an earlier run wrote them, or an earlier
    /// version, and this one does not write them again.
    pub(super) fn outdated_files(&self, lang: Lang) -> Vec<PathBuf> {
        let CollectTarget::Folder(dir) = self else { return Vec::new() };
        let own = CountyFileNames::in_lang(lang);
        let others = [Lang::Zh, Lang::En].map(CountyFileNames::in_lang);
        let names = others.iter().flat_map(CountyFileNames::in_order);
        let names = names.filter(|name| !own.in_order().contains(name));
        let files = names.map(|name| dir.join(name));
        files.filter(|file| file.symlink_metadata().is_ok()).collect()
    }

    /// Returns the path of the county's report.
    pub(super) fn report_path(&self) -> PathBuf {
        match self {
            CollectTarget::Folder(dir) => dir.join(REPORT_FILE),
            CollectTarget::File(file, _) => file.clone(),
        }
    }

    /// Returns the syntax of the report; `None` for a workbook.
    fn report_syntax(&self) -> Option<Syntax> {
        match self {
            CollectTarget::Folder(_) => Some(Syntax::Toml),
            CollectTarget::File(_, DataFileKind::Text(syntax)) => Some(*syntax),
            CollectTarget::File(..) => None,
        }
    }

    /// Returns the folder of the report.
    pub(super) fn output_dir(&self) -> PathBuf {
        match self {
            CollectTarget::Folder(dir) => dir.clone(),
            CollectTarget::File(file, _) => crate::cli::fs::paths::parent_dir(file),
        }
    }
}

/// Returns the county's report as a file, and sets the spans of its figures in it.
pub(super) fn make_report_file(
    target: &CollectTarget,
    county: &LocalizedCounty<'_>,
    sources: &mut Sources,
    report: &mut Report,
) -> Result<NamedBytes, Failure> {
    let path = target.report_path();
    let bytes = match target.report_syntax() {
        Some(syntax) => {
            let text = county::write_data_file(county.total, report, syntax, county.lang);
            sources.set_text(report.source, &text);
            text.into_bytes()
        }
        None => sheet::write_workbook(report).map_err(|reason| Failure::not_made(&path, reason))?,
    };
    Ok((path, bytes))
}

/// Returns the other files of a folder. A failure of one does not affect the others.
pub(super) fn make_other_files(
    target: &CollectTarget,
    date: Option<Date>,
    county: &LocalizedCounty<'_>,
    sources: &Sources,
) -> Vec<Result<NamedBytes, Failure>> {
    let CollectTarget::Folder(dir) = target else { return Vec::new() };
    let (total, lang) = (county.total, county.lang);
    let list = |file: &str, report: Option<&UnitReport>, found: &[_]| {
        let form = report.map_or(&total.form, |report| &report.form);
        let listed =
            ListedReport::of_file(file, ListedFindings { found, sources, form: Some(form) }, lang);
        match report {
            Some(report) => listed.with_unit(&report.organ),
            None => listed,
        }
    };
    let mut listed = vec![list("", None, &total.found).with_unit(&total.organ.0)];
    let mut names = vec![""; total.delivered.len()];
    for line in &total.lines {
        if let Some(name) = line.delivered.and_then(|at| names.get_mut(at)) {
            *name = &line.unit;
        }
    }
    listed.extend(total.delivered.iter().zip(names).map(|(unit, name)| {
        list(&unit.file, unit.report.as_ref(), &unit.found).with_known_unit(name)
    }));
    let page = county::render_status_page(total, sources, date, lang).into_bytes();
    let names = CountyFileNames::in_lang(lang);
    let output = |name: &str, made: Result<Vec<u8>, Message>| {
        let path = dir.join(name);
        match made {
            Ok(bytes) => Ok((path, bytes)),
            Err(reason) => Err(Failure::not_made(&path, reason)),
        }
    };
    vec![
        output(&names.matrix, county::matrix_workbook(total, &listed, lang)),
        output(&names.status, Ok(page)),
        output(&names.findings, findings_list::findings_workbook(&listed, lang)),
    ]
}

/// Writes all files that could be made. A failure of one does not affect the others.
pub(super) fn write_outputs(
    folder: &Path,
    outputs: Vec<Result<NamedBytes, Failure>>,
    terminal: &Terminal,
) -> Outcome {
    let mut outcome = Outcome::Clean;
    let made = outputs.iter().filter_map(|made| made.as_ref().ok());
    let refused: Vec<Failure> =
        made.filter_map(|(path, _)| symlinks::refuse_links_below(folder, path).err()).collect();
    if !refused.is_empty() {
        // If there is a link in one place, the rest of the folder is not trusted either.
        return refused
            .iter()
            .map(|failure| terminal.report_failure(failure))
            .max()
            .unwrap_or(outcome);
    }
    let prepared = outputs.into_iter().map(|made| {
        let (path, bytes) = made?;
        Ok((atomic_write::stage_file_below(folder, &path, &bytes)?, path))
    });
    // All are complete before the first one appears.
    let prepared: Vec<Result<_, Failure>> = prepared.collect();
    for one in prepared {
        match one.and_then(|(ready, path)| ready.commit().map(|()| path)) {
            Ok(path) => terminal.print_info(&msg!("done.written", file = display_path(&path))),
            Err(failure) => outcome = outcome.max(terminal.report_failure(&failure)),
        }
    }
    outcome
}

/// Tells which files of the folder this run did not write.
pub(super) fn print_outdated(files: &[PathBuf], terminal: &Terminal) {
    if !files.is_empty() {
        let files: Vec<String> = files.iter().map(|file| display_path(file)).collect();
        terminal.print_info(&msg!("collect.outdated", files = files));
    }
}
