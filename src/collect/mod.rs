//! Owns adding up a county: the reports that units delivered against the units expected, the county's
//! figures by the rule of each cell of the form, and what looks as if it were counted twice.
//! Must not know where files lie, nor a row or column by name: the form says how its cells are collected.

mod county_report;
mod data_file;
mod delivery;
mod double_counting;
mod matrix;
mod status_page;
pub(crate) mod status_text;
mod totals;
mod unit_list;

pub use data_file::write_data_file;
pub use matrix::matrix_workbook;
pub use status_page::render_status_page;
pub use totals::CellTotal;
pub use unit_list::{ExpectedUnit, UnitList, normalize_unit_name as plain_name};

use crate::form::Form;
use crate::report::Report;
use docx_fill::diag::{Diagnostic, Message, Severity, SourceId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file that was delivered, as far as it could be read.
#[derive(Debug, Clone)]
pub struct DeliveredFile {
    /// What outputs call the file: its way below the folder that was named.
    pub file: String,
    /// The file.
    pub source: SourceId,
    /// The report, if it could be read as one.
    pub report: Option<Report>,
    /// What was found in it.
    pub found: Vec<Diagnostic>,
}

impl DeliveredFile {
    fn count_findings(&self, severity: Severity) -> usize {
        self.found.iter().filter(|found| found.severity == severity).count()
    }
}

/// What the county asks for besides the files.
#[derive(Debug, Clone, Default)]
pub struct CollectOptions {
    /// The units expected; without it every unit delivered is one.
    pub unit_list: Option<UnitList>,
    /// The county's own report.
    pub own: Option<Report>,
    /// Leave units with errors out of the sum.
    pub strict: bool,
}

/// Whether a unit's report is in the sum, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryStatus {
    /// In the sum.
    Added,
    /// In the sum although it has errors.
    AddedFaulty,
    /// Left out because it has errors.
    Faulty,
    /// Not delivered.
    Missing,
    /// Cannot be read.
    Unread,
    /// Of another year or form.
    OtherForm,
    /// One of several different reports of the unit; none of them is in the sum.
    Conflicting,
    /// The same once more; it is in the sum once.
    Repeated,
    /// Not in the list of units.
    Unknown,
    /// In the list, to be left out.
    Excluded,
    /// In the list, which is wrong in what it says of the unit.
    Unclear,
    /// Last year's report of a unit that has delivered this year's.
    LastYear,
}

impl DeliveryStatus {
    /// Checks whether the report is in the sum.
    pub fn is_added(self) -> bool {
        matches!(self, DeliveryStatus::Added | DeliveryStatus::AddedFaulty)
    }

    /// Checks whether somebody has to do something about it.
    pub fn needs_attention(self) -> bool {
        !matches!(
            self,
            DeliveryStatus::Added
                | DeliveryStatus::Repeated
                | DeliveryStatus::Excluded
                | DeliveryStatus::LastYear
        )
    }
}

/// A line of the status: a file delivered, or a unit missing.
#[derive(Debug, Clone)]
pub struct StatusLine {
    /// The unit as the list or, without it, the report calls it.
    pub unit: String,
    /// Level of the organ, if known.
    pub level: Option<String>,
    /// Index of the file among those delivered.
    pub delivered: Option<usize>,
    /// Whether it is in the sum.
    pub status: DeliveryStatus,
    /// Why the list leaves it out.
    pub reason: Option<String>,
}

/// A county added up.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The form of the county's report.
    pub form: Arc<Form>,
    /// Its year.
    pub year: u16,
    /// Name and level of the county, where they are known.
    pub organ: (String, Option<String>),
    /// What was delivered, in the order of the files.
    pub delivered: Vec<DeliveredFile>,
    /// The status of all units: in the order of the list, then of the names.
    pub lines: Vec<StatusLine>,
    /// The county's figures by table and cell.
    pub totals: Vec<Vec<CellTotal>>,
    /// What was found about the county as a whole.
    pub found: Vec<Diagnostic>,
    /// How many units were expected, where there is a list.
    pub expected: Option<usize>,
    /// Which settings judged the reports, and what they made of the findings; the status page says it.
    pub judged_by: Vec<Message>,
    own: Option<Report>,
}

/// A report in the sum.
#[derive(Debug, Clone, Copy)]
struct IncludedReport<'a> {
    name: &'a str,
    report: &'a Report,
}

impl Collected {
    /// Returns the reports in the sum in the order of the status.
    fn included_reports(&self) -> Vec<IncludedReport<'_>> {
        let added = self.lines.iter().filter(|line| line.status.is_added());
        let mut out = Vec::new();
        for line in added {
            let report = line.delivered.and_then(|at| self.delivered[at].report.as_ref());
            out.extend(report.map(|report| IncludedReport { name: &line.unit, report }));
        }
        out
    }

    /// Returns the summary, and a line for each unit that somebody has to turn to.
    pub fn summary_lines(&self) -> Vec<Message> {
        let mut out = vec![status_text::summary_text(self)];
        out.extend(status_text::open_lines(self));
        out
    }

    /// Counts how many lines have such a standing.
    pub fn count_lines(&self, wanted: impl Fn(DeliveryStatus) -> bool) -> usize {
        self.lines.iter().filter(|line| wanted(line.status)).count()
    }

    /// Errors and warnings of a line's file; `None` if there is no file.
    pub fn count_faults(&self, line: &StatusLine) -> Option<(usize, usize)> {
        let file = &self.delivered[line.delivered?];
        Some((file.count_findings(Severity::Error), file.count_findings(Severity::Warning)))
    }
}

/// Adds up what was delivered; the order of the files changes nothing. `None` if there is no report from
/// which year and form could be known.
pub fn collect_county(
    mut delivered: Vec<DeliveredFile>,
    wishes: CollectOptions,
) -> Option<Collected> {
    delivered.sort_by(|a, b| a.file.cmp(&b.file).then(a.source.cmp(&b.source)));
    let CollectOptions { unit_list: register, own, strict } = wishes;
    let (year, form) = choose_year_and_form(&delivered, register.as_ref(), own.as_ref())?;
    let mut found = Vec::new();
    let roll = delivery::Roster { unit_list: register.as_ref(), year, form: &form, strict };
    let lines = delivery::status_lines(&delivered, &roll, &mut found);
    let organ = county_organ(register.as_ref(), own.as_ref(), &delivered, &lines);
    let expected =
        register.as_ref().map(|list| list.units.iter().filter(|u| u.excluded.is_none()).count());
    let (totals, judged_by) = (Vec::new(), Vec::new());
    let mut out =
        Collected { form, year, organ, delivered, lines, totals, found, expected, judged_by, own };
    let mut found = Vec::new();
    out.totals = totals::compute_totals(&out, &mut found);
    double_counting::find_double_counting(&out, register.as_ref(), &mut found);
    out.found.extend(found);
    Some(out)
}

/// Year and form: of the county's own report, of the list, else those of most reports, the newest of them.
fn choose_year_and_form(
    delivered: &[DeliveredFile],
    register: Option<&UnitList>,
    own: Option<&Report>,
) -> Option<(u16, Arc<Form>)> {
    if let Some(own) = own {
        return Some((own.year, own.form.clone()));
    }
    let reports = || delivered.iter().filter_map(|file| file.report.as_ref());
    let mut count: BTreeMap<(u16, &str), usize> = BTreeMap::new();
    let wanted = register.and_then(|list| list.year);
    for report in reports().filter(|report| wanted.is_none_or(|year| year == report.year)) {
        let right = report.form.covers_year(report.year);
        *count.entry((report.year, &report.form.edition)).or_default() += usize::from(right);
    }
    let (&(year, edition), _) = count.iter().max_by_key(|(key, count)| (**count, **key))?;
    let form = reports().find(|report| report.form.edition == edition)?.form.clone();
    Some((year, form))
}

fn county_organ(
    register: Option<&UnitList>,
    own: Option<&Report>,
    delivered: &[DeliveredFile],
    lines: &[StatusLine],
) -> (String, Option<String>) {
    if let Some(own) = own {
        return (own.organ.name.clone(), own.organ.level.clone());
    }
    if let Some(list) = register.filter(|list| !list.organ.is_empty()) {
        return (list.organ.clone(), list.level.clone());
    }
    let mut added = lines.iter().filter(|line| line.status.is_added());
    match (added.next(), added.next()) {
        // A county of one is that one.
        (Some(line), None) => {
            let report = line.delivered.and_then(|at| delivered[at].report.as_ref());
            report.map(|r| (r.organ.name.clone(), r.organ.level.clone())).unwrap_or_default()
        }
        _ => Default::default(),
    }
}
