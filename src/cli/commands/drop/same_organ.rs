//! Owns distinguishing reports of one organ from those of many: an organ's reports of several years
//! are not a county; each is compared with the one before.
//! Must not check a report.

use super::DropContext;
use super::classify::DroppedReport;
use nianbao::session::Session;
use std::path::Path;

/// Maximum number of reports that are read for this; a folder of more is one of units.
const MAX_REPORTS: usize = 12;

/// Checks whether these are reports of one organ, each of another year. If so, each is linked to
/// the one of the year before.
pub(super) fn link_if_one_organ(shop: &DropContext<'_>, reports: &mut [DroppedReport]) -> bool {
    if reports.len() < 2 || reports.len() > MAX_REPORTS {
        return false;
    }
    let known: Option<Vec<_>> = reports.iter().map(|one| organ_and_year(shop, &one.file)).collect();
    let Some(known) = known else { return false };
    let years = |at: usize| known.iter().filter(|other| other.1 == known[at].1).count();
    let one = known.iter().all(|(organ, _)| !organ.is_empty() && *organ == known[0].0);
    if !one || (0..known.len()).any(|at| years(at) > 1) {
        return false;
    }
    for at in 0..reports.len() {
        let before = known.iter().position(|(_, year)| year + 1 == known[at].1);
        reports[at].previous = before.map(|before| reports[before].file.clone());
        reports[at].has_later = known.iter().any(|(_, year)| *year > known[at].1);
    }
    true
}

/// Returns the organ and the year of the report in a file.
pub(super) fn organ_and_year(shop: &DropContext<'_>, file: &Path) -> Option<(String, u16)> {
    let input = shop.context.files.read_input(file).ok()?;
    let mut session = Session::new(shop.templates.library(), shop.context.limits);
    let report = Some(session.read_report(&input)?.report).filter(|report| report.has_year)?;
    Some((report.organ.name, report.year))
}
