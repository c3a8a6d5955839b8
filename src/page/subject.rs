//! Owns the section of a page on one dropped thing: the result, the files made, the next steps.
//! Must not decide the result: it follows from the findings and the files made.

use super::finding::{FindingGroup, ReportOrigin, group_county_findings, group_findings};
use super::page_address;
use crate::collect::{Collected, StatusLine, status_text};
use crate::msg;
use crate::report::Report;
use docx_fill::diag::{Diagnostic, Lang, Message, Severity, Sources};
use serde::Serialize;

/// The program with which a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// Excel or WPS.
    Sheet,
    /// Word or WPS.
    Word,
    /// A text editor.
    Text,
}

/// A file beside the page.
#[derive(Debug, Clone, Serialize)]
pub struct FileLink {
    name: String,
    address: String,
    what: String,
}

impl FileLink {
    /// Creates a link from the path below the page's folder and the file's purpose.
    pub fn new(path: &str, purpose: &Message, lang: Lang) -> FileLink {
        FileLink { name: path.to_owned(), address: page_address(path), what: purpose.in_lang(lang) }
    }
}

/// The report that is due, if the dropped one is of an earlier year.
#[derive(Debug)]
pub struct DueReport {
    /// Year of the report that is due.
    pub year: u16,
    /// True if the workbook begins with what the dropped report has; otherwise it is blank.
    pub begun: bool,
    /// True if somebody is filling it in already.
    pub continued: bool,
    /// Workbook for that year, if it could be written.
    pub workbook: Option<FileLink>,
}

/// The facts about a dropped file.
pub struct DroppedFile<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// Program with which the file is opened.
    pub editor: Editor,
    /// Report, if the file could be read as one.
    pub report: Option<&'a Report>,
    /// Findings in the file.
    pub found: &'a [Diagnostic],
    /// Sources to which the findings point.
    pub sources: &'a Sources,
    /// Files made.
    pub files: Vec<FileLink>,
    /// Reason for which nothing was made although there are no errors, or nothing could be read.
    pub failure: Option<String>,
    /// Further remarks.
    pub notes: Vec<Message>,
    /// True if the report is of an earlier year than the one that is due.
    pub is_older: bool,
    /// Report that is due, if it is of a later year and nobody dropped a later one too.
    pub due: Option<DueReport>,
}

/// The section of a page on one dropped thing.
#[derive(Debug, Clone, Serialize)]
pub struct Subject {
    heading: String,
    file: String,
    /// Result as a CSS class: `good`, `care`, `wrong` or `unread`.
    state: &'static str,
    sign: &'static str,
    verdict: String,
    reasons: Vec<String>,
    /// Remark on the year, shown first.
    year: Option<String>,
    files: Vec<FileLink>,
    steps: Vec<String>,
    groups: Vec<FindingGroup>,
    units: Vec<CountyUnit>,
    notes: Vec<String>,
}

/// A unit of a county in the page's table.
#[derive(Debug, Clone, Serialize)]
struct CountyUnit {
    name: String,
    file: String,
    errors: usize,
    warnings: usize,
    state: &'static str,
    verdict: String,
    groups: Vec<FindingGroup>,
}

impl Subject {
    /// Returns the title for headings.
    pub(super) fn heading(&self) -> &str {
        &self.heading
    }

    /// Checks whether a person has to correct something.
    pub fn is_wrong(&self) -> bool {
        matches!(self.state, "wrong" | "unread")
    }

    /// Creates the section on a file that is not read, with the reason and a remedy.
    pub fn for_refused(file: &str, reason: &str, lang: Lang) -> Subject {
        Subject {
            heading: file.to_owned(),
            file: file.to_owned(),
            state: "unread",
            sign: "!",
            verdict: msg!("page.not-read").in_lang(lang),
            reasons: vec![reason.to_owned()],
            year: None,
            files: Vec::new(),
            steps: Vec::new(),
            groups: Vec::new(),
            units: Vec::new(),
            notes: vec![msg!("page.untouched").in_lang(lang)],
        }
    }

    /// Creates the section on a report, or on a file that should be one.
    pub fn for_report(facts: DroppedFile<'_>, lang: Lang) -> Subject {
        let say = |text: Message| text.in_lang(lang);
        let (errors, cares) = count_findings(facts.found);
        let (state, verdict) = state_and_verdict(&facts, errors, cares);
        let year = facts.due.as_ref().zip(facts.report).map(|(due, report)| {
            say(msg!("page.older", year = u32::from(report.year), due = u32::from(due.year)))
        });
        let steps = next_steps(&facts, state).into_iter().map(say).collect();
        let groups = group_findings(facts.found, report_origin(facts.report), facts.sources, lang);
        // What the work goes on with comes first.
        let workbook = facts.due.and_then(|due| due.workbook);
        let files = workbook.into_iter().chain(facts.files).collect();
        let mut notes: Vec<String> = facts.notes.into_iter().map(say).collect();
        notes.push(say(msg!("page.untouched")));
        Subject {
            heading: subject_heading(facts.report, facts.file, lang),
            file: facts.file.to_owned(),
            state,
            sign: state_sign(state),
            verdict: say(verdict),
            reasons: facts.failure.into_iter().collect(),
            year,
            files,
            steps,
            groups,
            units: Vec::new(),
            notes,
        }
    }

    /// Creates the section on a folder of units that were summed up.
    pub fn for_county(folder: &str, county: &CountyResult<'_>, lang: Lang) -> Subject {
        let say = |text: Message| text.in_lang(lang);
        let total = county.total;
        let units: Vec<CountyUnit> =
            total.lines.iter().map(|line| county_unit(line, county, lang)).collect();
        let wrong = units.iter().filter(|unit| unit.state == "wrong").count();
        let (count, all) = (total.delivered.len(), units.len());
        let care = units.iter().any(|unit| unit.state == "care") || !total.found.is_empty();
        let (state, verdict) = match (wrong, care) {
            (0, false) => ("good", msg!("page.county-good", count = count)),
            (0, true) => ("care", msg!("page.county-care", count = count)),
            _ => ("wrong", msg!("page.county-wrong", count = all, wrong = wrong)),
        };
        let mut notes: Vec<String> = county.notes.iter().cloned().map(say).collect();
        notes.push(say(msg!("page.untouched")));
        Subject {
            heading: say(msg!("page.county", folder = folder)),
            file: folder.to_owned(),
            state,
            sign: state_sign(state),
            verdict: say(verdict),
            reasons: total.summary_lines().into_iter().take(1).map(say).collect(),
            year: None,
            files: county.files.clone(),
            steps: county_steps(wrong).into_iter().map(say).collect(),
            groups: group_county_findings(&total.found, &total.form, county.sources, lang),
            units,
            notes,
        }
    }
}

/// The result of summing up a county.
pub struct CountyResult<'a> {
    /// Sums and findings.
    pub total: &'a Collected,
    /// Sources to which the findings point.
    pub sources: &'a Sources,
    /// Files made.
    pub files: Vec<FileLink>,
    /// Further remarks.
    pub notes: Vec<Message>,
}

/// Counts the errors, and the other findings that need attention.
fn count_findings(found: &[Diagnostic]) -> (usize, usize) {
    let count = |severity| found.iter().filter(|one| one.severity == severity).count();
    (count(Severity::Error), count(Severity::Warning))
}

fn subject_heading(report: Option<&Report>, file: &str, lang: Lang) -> String {
    match report {
        Some(report) if !report.organ.name.is_empty() => {
            let (name, year) = (&report.organ.name, u32::from(report.year));
            msg!("page.report", organ = name, year = year).in_lang(lang)
        }
        _ => file.to_owned(),
    }
}

/// Returns form and source of a report.
fn report_origin(report: Option<&Report>) -> ReportOrigin<'_> {
    ReportOrigin {
        form: report.map(|report| &*report.form),
        own: report.map(|report| report.source),
    }
}

fn state_sign(state: &str) -> &'static str {
    match state {
        "good" => "✓",
        "wrong" => "✗",
        _ => "!",
    }
}

fn state_and_verdict(
    facts: &DroppedFile<'_>,
    errors: usize,
    cares: usize,
) -> (&'static str, Message) {
    match (facts.report, errors, &facts.failure) {
        (None, _, _) => ("unread", msg!("page.not-read")),
        (Some(_), 0, Some(_)) => ("wrong", msg!("page.not-made")),
        (Some(_), 0, None) if facts.files.is_empty() => ("wrong", msg!("page.not-made")),
        (Some(_), 0, None) if cares == 0 => ("good", msg!("page.good")),
        (Some(_), 0, None) => ("care", msg!("page.care", count = cares)),
        (Some(_), errors, _) => ("wrong", msg!("page.wrong", count = errors)),
    }
}

/// Returns the next steps, in order.
fn next_steps(facts: &DroppedFile<'_>, state: &str) -> Vec<Message> {
    let file = facts.file;
    let open = match facts.editor {
        Editor::Sheet => msg!("page.step-open-sheet", file = file),
        Editor::Word => msg!("page.step-open-word", file = file),
        Editor::Text => msg!("page.step-open-text", file = file),
    };
    if let Some(report) = facts.report.filter(|_| facts.is_older) {
        return steps_of_older(report, facts, open);
    }
    match state {
        "good" => vec![msg!("page.step-look"), msg!("page.step-send")],
        "care" => vec![
            msg!("page.step-care"),
            open,
            msg!("page.step-drop-care"),
            msg!("page.step-send-care"),
        ],
        _ if facts.found.is_empty() => Vec::new(),
        _ => vec![open, msg!("page.step-mend"), msg!("page.step-drop")],
    }
}

/// Returns the next steps for whoever drops the report of an earlier year: mostly they want this year's.
fn steps_of_older(report: &Report, facts: &DroppedFile<'_>, open: Message) -> Vec<Message> {
    let older = u32::from(report.year);
    let (errors, cares) = count_findings(facts.found);
    let mut out: Vec<Message> = Vec::new();
    if let Some(due) = &facts.due {
        let year = u32::from(due.year);
        if errors > 0 && due.begun {
            out.push(msg!("page.step-older-wrong", year = older, due = year, count = errors));
        }
        out.push(match due.workbook {
            Some(_) if due.continued => msg!("page.step-continued", year = year),
            Some(_) if due.begun => msg!("page.step-begun", year = year),
            Some(_) => msg!("page.step-due", year = year),
            None => msg!("page.step-due-none", year = year),
        });
    }
    if errors > 0 {
        let again = match &facts.due {
            Some(due) if due.begun => msg!("page.step-drop-older"),
            _ => msg!("page.step-drop"),
        };
        out.extend([open, msg!("page.step-mend"), again]);
    } else if !facts.files.is_empty() {
        out.push(msg!("page.step-older", year = older));
        if cares > 0 {
            out.push(msg!("page.step-older-care", year = older));
        }
    }
    out
}

fn county_steps(wrong: usize) -> Vec<Message> {
    let mut out = vec![msg!("page.step-status")];
    if wrong > 0 {
        out.push(msg!("page.step-return"));
        out.push(msg!("page.step-county-again"));
    }
    out.push(msg!("page.step-county-report"));
    out
}

fn county_unit(line: &StatusLine, county: &CountyResult<'_>, lang: Lang) -> CountyUnit {
    let total = county.total;
    let delivered = line.delivered.map(|at| &total.delivered[at]);
    let (errors, warnings) = total.count_faults(line).unwrap_or_default();
    let state = match (line.status.needs_attention() || errors > 0, warnings) {
        (true, _) => "wrong",
        (false, 0) => "good",
        (false, _) => "care",
    };
    let standing = status_text::status_label(line.status);
    let verdict = match &line.reason {
        Some(reason) => msg!("page.standing", standing = standing, reason = reason),
        None => standing,
    };
    let found = delivered.map(|one| one.found.as_slice()).unwrap_or_default();
    let report = delivered.and_then(|one| one.report.as_ref());
    let origin = ReportOrigin {
        form: report.map(|report| &*report.form),
        own: report.map(|report| report.source),
    };
    CountyUnit {
        name: status_text::unit_name(total, line).in_lang(lang),
        file: delivered.map(|one| one.file.clone()).unwrap_or_default(),
        errors,
        warnings,
        state,
        verdict: verdict.in_lang(lang),
        groups: group_findings(found, origin, county.sources, lang),
    }
}
