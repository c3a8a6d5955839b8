//! Owns telling reports of one organ from those of many: an organ's reports of several years are no county, and each
//! is compared with the one before.
//! Must not judge a report.

use super::Shop;
use super::look::Single;
use crate::cli::load;
use nianbao::diag::{Sink, Sources};
use nianbao::report;
use std::path::Path;

/// So many reports are looked into; a folder of more is one of units.
const MOST: usize = 12;

/// Whether these are reports of one organ, each of another year. If so, each knows the one of the year before, and
/// whether there is a later one.
pub(super) fn of_one_organ(shop: &Shop<'_>, reports: &mut [Single]) -> bool {
    if reports.len() < 2 || reports.len() > MOST {
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
        reports[at].followed = known.iter().any(|(_, year)| *year > known[at].1);
    }
    true
}

fn organ_and_year(shop: &Shop<'_>, file: &Path) -> Option<(String, u16)> {
    let (mut sources, mut sink) = (Sources::default(), Sink::new());
    let library = shop.templates.library();
    let (source, root) = load::tree(file, library, &mut sources, &mut sink).ok()??;
    let report = report::read(source, &root, library, &mut sink)?;
    Some((report.organ.name, report.year))
}
