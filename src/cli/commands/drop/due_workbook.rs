//! Owns the workbook of the year that is due, which lies beside the report of an earlier year.
//! Must not know what is in it, nor what the page says about it.

use super::classify::last_component;
use super::results_folder::ResultsFolder;
use super::same_organ::organ_and_year;
use super::{DropContext, PageResults};
use docx_fill::diag::Message;
use nianbao::next_year::begin_next_year;
use nianbao::page::{DueReport, FileLink};
use nianbao::report::Report;
use nianbao::{msg, render, sheet, starter};

/// Returns the year of a report that is older than the one that is due.
pub(super) fn older_year(shop: &DropContext<'_>, report: &Report) -> Option<u16> {
    (report.has_year && report.year < shop.due_year).then_some(report.year)
}

/// Writes the workbook of the year that is due beside the report, if the report is older: begun with the
/// report if it is last year's, otherwise blank. One that somebody has begun to fill in stays the only one.
pub(super) fn place_due_workbook(
    shop: &DropContext<'_>,
    report: &Report,
    results: &mut PageResults<'_>,
) -> Option<(DueReport, Option<Message>)> {
    let year = older_year(shop, report)?;
    let library = shop.templates.library();
    let begun = year + 1 == shop.due_year;
    let mut due = DueReport { year: shop.due_year, begun, continued: false, workbook: None };
    let Ok(form) = library.successor(&report.form, shop.due_year) else { return Some((due, None)) };
    let organ = &report.organ.name;
    let year = u32::from(shop.due_year);
    let (name, purpose) = if begun {
        (msg!("drop.begun-for", organ = organ, year = year), msg!("page.what-begun"))
    } else {
        (msg!("drop.blank-for", organ = organ, year = year), msg!("page.what-blank"))
    };
    let name = render::safe_file_name(&name.in_lang(shop.lang));
    let PageResults { home, gathered } = results;
    if let Some(file) = continued_workbook(shop, &name, organ, home) {
        let link = gathered.link_path(home, &file);
        due.workbook = Some(FileLink::new(&link, &msg!("page.what-continued"), shop.lang));
        due.continued = true;
        return Some((due, None));
    }
    let bytes = if begun {
        sheet::write_workbook(&begin_next_year(report, form, shop.due_year).report)
    } else {
        starter::starter_workbook(form, organ, shop.due_year)
    };
    let placed = bytes.ok().and_then(|bytes| home.place_file(&name, "xlsx", &bytes).ok());
    let mut note = None;
    due.workbook = placed.map(|placed| {
        gathered.remember_file(home, &placed.name, placed.checksum);
        note = placed.note;
        FileLink::new(&gathered.link_path(home, &placed.name), &purpose, shop.lang)
    });
    Some((due, note))
}

/// Returns the workbook of this name that somebody fills in: a report of the organ for the year that is due.
fn continued_workbook(
    shop: &DropContext<'_>,
    name: &str,
    organ: &str,
    home: &ResultsFolder,
) -> Option<String> {
    let (path, is_open) = home.modified_file(name, "xlsx")?;
    // While a program has it open, nobody else may be able to read it.
    let is_due = is_open
        || organ_and_year(shop, &path)
            .is_some_and(|(found, year)| found == organ && year == shop.due_year);
    is_due.then(|| last_component(&path))
}
