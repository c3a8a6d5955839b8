//! Owns a folder of units that was dropped: added up as `collect` does, into a folder of its own.
//! Must not know how a county is added up.

use super::home::Home;
use super::look::{Single, Units, name};
use super::{Gathered, JUDGE, Shop, folder_name, make, years};
use crate::cli::args::Against;
use crate::cli::collect::{self, Collect};
use crate::cli::sum::Sum;
use crate::cli::{Failure, Terminal, against, files};
use docx_fill::diag::{Lang, Text};
use nianbao::page::{County, Link, Subject};
use nianbao::text;
use std::path::{Path, PathBuf};

/// The county's results; if the reports are of one organ or cannot be added up, each of them by itself.
pub(super) fn subjects(
    shop: &mut Shop<'_>,
    dir: &Path,
    units: &Units,
    home: &Home,
    gathered: &mut Gathered,
) -> Vec<Subject> {
    let single = |file: &PathBuf| Single::within(dir, file.clone(), Vec::new());
    let mut reports: Vec<Single> = units.reports.iter().map(single).collect();
    if !years::of_one_organ(shop, &mut reports) {
        match added(shop, dir, units, home, gathered) {
            Ok(Some(subject)) => return vec![subject],
            Ok(None) => {}
            Err(failure) => return vec![make::refused(shop, dir, &failure)],
        }
    }
    let mut each = |report: Single| match shop.home(&against::folder(&report.file)) {
        Ok(home) => make::report(shop, report, &home, gathered),
        Err(failure) => make::refused(shop, &report.file, &failure),
    };
    reports.into_iter().map(&mut each).collect()
}

fn added(
    shop: &mut Shop<'_>,
    dir: &Path,
    units: &Units,
    home: &Home,
    gathered: &mut Gathered,
) -> Result<Option<Subject>, Failure> {
    let title = folder_name(dir);
    let folder = home.folder(&text!("drop.county-folder", name = &title).in_lang(shop.lang))?;
    let ask = Collect {
        paths: units.paths.clone(),
        out: folder.clone(),
        units: None,
        own: None,
        strict_units: false,
        date: None,
        // Only a folder of ours that nobody touched is given out twice.
        overwrite: true,
        against: Against { previous: None, only_named: true, ..shop.ask.against.clone() },
        judge: JUDGE,
    };
    let terminal = Terminal::new(shop.lang, &JUDGE, true);
    let (_, county) = collect::county(shop.cli, &ask, terminal)?;
    let Some((total, sources)) = county else { return Ok(None) };
    let files = links(&folder, home, gathered, shop.lang);
    let notes = Vec::new();
    let county = County { total: &total, sources: &sources, files, notes };
    Ok(Some(Subject::county(&title, &county, shop.lang)))
}

/// What each file of the results is for, the most useful first.
fn purposes() -> [(&'static str, Text); 4] {
    [
        ("status.html", text!("page.what-status")),
        ("matrix.xlsx", text!("page.what-matrix")),
        ("findings.xlsx", text!("page.what-findings")),
        ("report.toml", text!("page.what-report")),
    ]
}

fn links(folder: &Path, home: &Home, gathered: &mut Gathered, lang: Lang) -> Vec<Link> {
    let below = name(folder);
    let mut entries: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    entries.sort();
    for file in &entries {
        if let Ok(bytes) = files::read_unnoted(&folder.join(file)) {
            gathered.remember(home, &format!("{below}/{file}"), Sum::of(&bytes));
        }
    }
    let there = purposes().into_iter().filter(|(file, _)| entries.iter().any(|own| own == file));
    there
        .map(|(file, what)| {
            Link::new(&gathered.path(home, &format!("{below}/{file}")), &what, lang)
        })
        .collect()
}
