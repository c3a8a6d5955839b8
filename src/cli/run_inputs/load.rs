//! Owns the way from a path to a judged report: the files of a session.
//! Must not know how a report is read or judged: `nianbao::session` does.

use super::previous_report::{self, PreviousSearchResult};
use super::settings::RunSettings;
use crate::cli::Failure;
use crate::cli::fs::file_reader::{FileReader, PictureFolder};
use crate::cli::fs::paths::parent_dir;
use crate::cli::fs::report_folder::find_data_file;
use nianbao::check::settings::SettingsEffect;
use nianbao::letterhead::Letterhead;
use nianbao::quote::FilledTexts;
use nianbao::render::RenderJob;
use nianbao::report::Report;
use nianbao::session::{Pictures, PreparedReport, Session};
use std::path::{Path, PathBuf};

/// A report that was read and judged.
pub(crate) struct LoadedReport {
    /// The data file.
    pub(crate) file: PathBuf,
    /// The report.
    pub(crate) report: Report,
    /// Its texts with the quotes filled in.
    pub(crate) texts: FilledTexts,
    /// Its pictures.
    pub(crate) pictures: Pictures,
    /// The letterhead, as far as its file describes one.
    pub(crate) letterhead: Option<Letterhead>,
    /// Last year's report, if there is one.
    pub(crate) previous: Option<Report>,
    /// True if its form compares it with last year's report, and none was given or found.
    pub(crate) is_uncompared: bool,
}

impl LoadedReport {
    /// Takes what was prepared; `is_found` if there is a file of last year.
    fn new(file: PathBuf, prepared: PreparedReport, is_found: bool) -> LoadedReport {
        let PreparedReport { report, texts, pictures, letterhead, previous, .. } = prepared;
        let is_uncompared = !is_found && report.has_year && has_year_identities(&report);
        LoadedReport { file, report, texts, pictures, letterhead, previous, is_uncompared }
    }

    /// Returns the job of rendering it.
    pub(crate) fn render_job(&self, draft: bool) -> RenderJob<'_> {
        let LoadedReport { report, texts, pictures, .. } = self;
        RenderJob { report, texts, assets: pictures, draft }
    }
}

/// Checks whether the form of a report binds it to last year's.
fn has_year_identities(report: &Report) -> bool {
    report.form.tables.iter().any(|table| !table.year_identities.is_empty())
}

/// The loaded report, and the effect of the settings on its findings.
#[derive(Default)]
pub(crate) struct LoadOutcome {
    /// The report; `None` if the file cannot be read as one.
    pub(crate) loaded: Option<LoadedReport>,
    /// The effect of the settings on the findings.
    pub(crate) effect: SettingsEffect,
}

/// Reads and judges the report that a path names. What is found is settled in the session; after a failure nothing is.
pub(crate) fn load_report<'f>(
    path: &Path,
    by: &'f RunSettings,
    files: &FileReader,
    session: &mut Session<'f>,
) -> Result<LoadOutcome, Failure> {
    session.set_settings(&by.settings, by.file.is_some());
    let loaded = load_pending(path, by.previous.as_deref(), files, session);
    if loaded.is_err() {
        session.discard_pending();
    }
    let loaded = loaded?;
    Ok(LoadOutcome { loaded, effect: session.settle_findings() })
}

fn load_pending(
    path: &Path,
    previous: Option<&Path>,
    files: &FileReader,
    session: &mut Session<'_>,
) -> Result<Option<LoadedReport>, Failure> {
    let file = find_data_file(path, files)?;
    let Some(mut draft) = session.read_report(&files.read_input(&file)?) else { return Ok(None) };
    let search = match previous {
        Some(named) => PreviousSearchResult {
            report: session.read_previous(&files.read_input(&find_data_file(named, files)?)?),
            is_found: true,
        },
        None => previous_report::load_beside(&file, &draft.report, files, session),
    };
    draft.previous = search.report;
    let mut folder = PictureFolder { files, folder: parent_dir(&file) };
    let Some(prepared) = session.prepare_report(draft, &mut folder)? else { return Ok(None) };
    session.check_report(&prepared);
    let usable = prepared.within_limits;
    Ok(usable.then(|| LoadedReport::new(file, prepared, search.is_found)))
}
