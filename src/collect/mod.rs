//! Owns summing up a county: the reports that units delivered against the units expected, the
//! county's figures by the rule of each cell of the form, and signs of double counting.
//! Must not know where files lie, nor a row or column by name: the form gives the rule for
//! collecting each cell.

mod county_report;
mod data_file;
mod delivery;
mod double_counting;
mod line_reasons;
mod matrix;
mod similar_texts;
mod status_page;
pub(crate) mod status_text;
mod totals;
mod unit_list;
mod unit_report;
mod unit_texts;

pub use data_file::write_data_file;
pub use matrix::matrix_workbook;
pub use status_page::render_status_page;
pub use totals::CellTotal;
pub use unit_list::{ExpectedUnit, UnitList, normalize_unit_name as plain_name};
pub use unit_report::UnitReport;
pub use unit_texts::FormSentenceCache;

use crate::form::Form;
use crate::report::Report;
use docx_fill::diag::{Diagnostic, Message, Severity, SourceId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A delivered file, as far as it could be read.
#[derive(Debug, Clone)]
pub struct DeliveredFile {
    /// Name of the file in outputs: its path below the given folder.
    pub file: String,
    /// Source of the file.
    pub source: SourceId,
    /// The kept part of the report, if the file could be read as one.
    pub report: Option<UnitReport>,
    /// Findings in the file.
    pub found: Vec<Diagnostic>,
}

impl DeliveredFile {
    fn count_findings(&self, severity: Severity) -> usize {
        self.found.iter().filter(|found| found.severity == severity).count()
    }
}

/// The options of summing up a county.
#[derive(Debug, Clone, Default)]
pub struct CollectOptions {
    /// The expected units; without a list, every unit that delivered is expected.
    pub unit_list: Option<UnitList>,
    /// The county's own report.
    pub own: Option<Report>,
    /// True if units with errors are left out of the sum.
    pub strict: bool,
}

/// The status of a file or a missing unit: in the sum, or the reason why it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryStatus {
    /// In the sum.
    Added,
    /// In the sum although the report has errors.
    AddedFaulty,
    /// In the sum although some of the report's cells could not be read.
    AddedIncomplete,
    /// Left out because the report has errors.
    Faulty,
    /// Not delivered.
    Missing,
    /// The file cannot be read as a report.
    Unread,
    /// The report is of another year or form.
    OtherForm,
    /// One of several different reports of the unit; none of them is in the sum.
    Conflicting,
    /// A copy of a report that is in the sum.
    Repeated,
    /// Not in the list of units.
    Unknown,
    /// In the list as a unit to be left out.
    Excluded,
    /// In the list, but the entry has a fault.
    Unclear,
    /// Last year's report of a unit that has delivered this year's.
    LastYear,
}

impl DeliveryStatus {
    /// Checks whether the report is in the sum.
    pub fn is_added(self) -> bool {
        matches!(
            self,
            DeliveryStatus::Added | DeliveryStatus::AddedFaulty | DeliveryStatus::AddedIncomplete
        )
    }

    /// Checks whether a person has to act on it.
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

/// A line of the status: a delivered file, or a missing unit.
#[derive(Debug, Clone)]
pub struct StatusLine {
    /// Name of the unit in the list or, without a list, in the report.
    pub unit: String,
    /// Level of the organ, if known.
    pub level: Option<String>,
    /// Index of the file in [`Collected::delivered`].
    pub delivered: Option<usize>,
    /// Status of the file or unit.
    pub status: DeliveryStatus,
    /// Reason for which the list excludes the unit.
    pub reason: Option<String>,
}

/// The result of summing up a county.
#[derive(Debug, Clone)]
pub struct Collected {
    /// Form of the county's report.
    pub form: Arc<Form>,
    /// Year of the county's report.
    pub year: u16,
    /// Name and level of the county, if known.
    pub organ: (String, Option<String>),
    /// Delivered files, in the order given.
    pub delivered: Vec<DeliveredFile>,
    /// Status of all units: in the order of the list, then of the names.
    pub lines: Vec<StatusLine>,
    /// The county's figures by table and cell.
    pub totals: Vec<Vec<CellTotal>>,
    /// Findings about the county as a whole.
    pub found: Vec<Diagnostic>,
    /// Number of units expected, if there is a list.
    pub expected: Option<usize>,
    /// Settings with which the reports were checked, and their effect on the findings; shown on the
    /// status page.
    pub judged_by: Vec<Message>,
    own: Option<Report>,
    /// The only report in the sum, whose texts are the county's.
    only: Option<Report>,
}

/// A report in the sum.
#[derive(Debug, Clone, Copy)]
struct IncludedReport<'a> {
    name: &'a str,
    report: &'a UnitReport,
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

    /// Returns the summary, and a line for each unit that needs attention.
    pub fn summary_lines(&self) -> Vec<Message> {
        let mut out = vec![status_text::summary_text(self)];
        out.extend(status_text::unread_lines(self));
        out.extend(status_text::open_lines(self));
        out
    }

    /// Counts the lines whose status matches.
    pub fn count_lines(&self, wanted: impl Fn(DeliveryStatus) -> bool) -> usize {
        self.lines.iter().filter(|line| wanted(line.status)).count()
    }

    /// Returns the numbers of errors and warnings of a line's file; `None` if there is no file.
    pub fn count_faults(&self, line: &StatusLine) -> Option<(usize, usize)> {
        let file = &self.delivered[line.delivered?];
        Some((file.count_findings(Severity::Error), file.count_findings(Severity::Warning)))
    }
}

/// Sums up the delivered files; their order has no effect. Returns `None` if no report gives a year
/// and form.
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
    let mut out = Collected {
        form,
        year,
        organ,
        delivered,
        lines,
        totals,
        found,
        expected,
        judged_by,
        own,
        only: None,
    };
    let mut found = Vec::new();
    out.totals = totals::compute_totals(&out, &mut found);
    double_counting::find_double_counting(&out, register.as_ref(), &mut found);
    similar_texts::find_similar_texts(&out, &mut found);
    out.found.extend(found);
    Some(out)
}

/// Returns year and form: of the county's own report, of the list, else those of most reports; of
/// equally frequent ones the newest.
fn choose_year_and_form(
    delivered: &[DeliveredFile],
    register: Option<&UnitList>,
    own: Option<&Report>,
) -> Option<(u16, Arc<Form>)> {
    if let Some(own) = own {
        return Some((own.year, own.form.clone()));
    }
    let dated = |report: &&UnitReport| report.has_year;
    let reports = || delivered.iter().filter_map(|file| file.report.as_ref()).filter(dated);
    let mut count: BTreeMap<(u16, String), usize> = BTreeMap::new();
    let wanted = register.and_then(|list| list.year);
    for report in reports().filter(|report| wanted.is_none_or(|year| year == report.year)) {
        let right = report.form.covers_year(report.year);
        *count.entry((report.year, report.form.full_name())).or_default() += usize::from(right);
    }
    let ((year, name), _) = count.iter().max_by_key(|(key, count)| (**count, *key))?;
    let form = reports().find(|report| report.form.full_name() == *name)?.form.clone();
    Some((*year, form))
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
        // A county of a single unit has that unit's name and level.
        (Some(line), None) => {
            let report = line.delivered.and_then(|at| delivered[at].report.as_ref());
            report.map(|r| (r.organ.clone(), r.level.clone())).unwrap_or_default()
        }
        _ => Default::default(),
    }
}
