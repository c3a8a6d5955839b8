//! Owns a dropped folder of units: summed up as by `collect`, into a folder of its own.
//! Must not know how a county is summed up.

use super::classify::{DroppedReport, DroppedUnits, last_component};
use super::results_folder::ResultsFolder;
use super::{
    DropContext, PageFileRecords, PageResults, dropped_report, results_dir_of, same_organ,
    units_name,
};
use crate::cli::commands::collect::outputs::CountyFileNames;
use crate::cli::commands::collect::{self, CollectArgs};
use crate::cli::fs::checksum::Checksum;
use crate::cli::options::{DiagnosticArgs, ReferenceArgs};
use crate::cli::{Failure, RunContext};
use docx_fill::diag::{Lang, Message};
use nianbao::msg;
use nianbao::page::{CountyResult, FileLink, Subject};
use std::path::{Path, PathBuf};

/// Returns the county's results; if the reports are of one organ or cannot be summed up, those of
/// each report.
pub(super) fn county_subjects(
    shop: &mut DropContext<'_>,
    dir: &Path,
    units: &DroppedUnits,
    results: &mut PageResults<'_>,
) -> Vec<Subject> {
    let single = |file: &PathBuf| DroppedReport::in_folder(dir, file.clone(), Vec::new());
    let mut reports: Vec<DroppedReport> = units.reports.iter().map(single).collect();
    if !same_organ::link_if_one_organ(shop, &mut reports) {
        match collect_units(shop, dir, units, results) {
            Ok(Some(subject)) => return vec![subject],
            Ok(None) => {}
            Err(failure) => return vec![dropped_report::refused_subject(shop, dir, &failure)],
        }
    }
    let mut each = |report: DroppedReport| match shop.results_folder(&results_dir_of(&report.file))
    {
        Ok(home) => dropped_report::report_subject(shop, report, &home, results.gathered),
        Err(failure) => dropped_report::refused_subject(shop, &report.file, &failure),
    };
    reports.into_iter().map(&mut each).collect()
}

fn collect_units(
    shop: &mut DropContext<'_>,
    dir: &Path,
    units: &DroppedUnits,
    results: &mut PageResults<'_>,
) -> Result<Option<Subject>, Failure> {
    let PageResults { home, gathered } = results;
    let title = units_name(dir);
    let folder =
        home.free_subfolder(&msg!("drop.county-folder", name = &title).in_lang(shop.lang))?;
    let ask = CollectArgs {
        paths: units.paths.clone(),
        out: folder.clone(),
        units: None,
        own: None,
        strict_units: false,
        date: None,
        // Only an unmodified folder of the program's own is used again.
        overwrite: true,
        against: ReferenceArgs { previous: None, only_named: true, ..shop.args.against.clone() },
        judge: DiagnosticArgs::PLAIN,
    };
    let terminal = shop.context.findings_terminal(&DiagnosticArgs::PLAIN);
    let (_, county) = collect::collect_folders(shop.context, &ask, terminal)?;
    let Some((total, sources)) = county else { return Ok(None) };
    let files = link_outputs(&folder, home, gathered, shop.context);
    let notes = Vec::new();
    let county = CountyResult { total: &total, sources: &sources, files, notes };
    Ok(Some(Subject::for_county(&title, &county, shop.lang)))
}

/// Returns the purpose of each file of the results, the most useful first.
fn output_purposes(lang: Lang) -> [(String, Message); 4] {
    let names = CountyFileNames::in_lang(lang);
    [
        (names.status, msg!("page.what-status")),
        (names.matrix, msg!("page.what-matrix")),
        (names.findings, msg!("page.what-findings")),
        (names.report, msg!("page.what-report")),
    ]
}

fn link_outputs(
    folder: &Path,
    home: &ResultsFolder,
    gathered: &mut PageFileRecords,
    context: &RunContext,
) -> Vec<FileLink> {
    let below = last_component(folder);
    let mut entries: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    entries.sort();
    for file in &entries {
        if let Ok(bytes) = context.files.read_unrecorded(&folder.join(file)) {
            gathered.remember_file(home, &format!("{below}/{file}"), Checksum::of_bytes(&bytes));
        }
    }
    let purposes = output_purposes(context.lang).into_iter();
    let there = purposes.filter(|(file, _)| entries.contains(file));
    there
        .map(|(file, what)| {
            FileLink::new(
                &gathered.link_path(home, &format!("{below}/{file}")),
                &what,
                context.lang,
            )
        })
        .collect()
}
