//! Owns what a page says about one thing that was dropped: how it did, what was made, what to do next.
//! Must not decide how it did: that follows from the findings and from what was made.

use super::address;
use super::finding::{Group, county_groups, groups};
use crate::collect::{Collected, Line, words};
use crate::diag::{Diagnostic, Lang, Severity, SourceId, Sources, Text};
use crate::form::Form;
use crate::report::Report;
use crate::text;
use serde::Serialize;

/// What a file is opened with.
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
pub struct Link {
    name: String,
    address: String,
    what: String,
}

impl Link {
    /// A file by its path below the page's folder, and what it is for.
    pub fn new(path: &str, purpose: &Text, lang: Lang) -> Link {
        Link { name: path.to_owned(), address: address(path), what: purpose.in_lang(lang) }
    }
}

/// The year whose report is due, where the one that was dropped is older.
#[derive(Debug)]
pub struct Due {
    /// The year.
    pub year: u16,
    /// The blank workbook for it, if it could be laid beside.
    pub workbook: Option<Link>,
}

/// What is known of a file that was dropped.
pub struct Facts<'a> {
    /// Its name.
    pub file: &'a str,
    /// What it is opened with.
    pub editor: Editor,
    /// The report, if it could be read as one.
    pub report: Option<&'a Report>,
    /// What was found.
    pub found: &'a [Diagnostic],
    /// The files to which the findings point.
    pub sources: &'a Sources,
    /// What was made.
    pub files: Vec<Link>,
    /// Why nothing was made although there are no errors, or why nothing could be read.
    pub failure: Option<String>,
    /// What is to be known besides.
    pub notes: Vec<Text>,
    /// Set if a later year is due.
    pub due: Option<Due>,
}

/// What a page says about one thing that was dropped.
#[derive(Debug, Clone, Serialize)]
pub struct Subject {
    heading: String,
    file: String,
    /// How it did, as the style names it: `good`, `care`, `wrong` or `unread`.
    state: &'static str,
    sign: &'static str,
    verdict: String,
    reasons: Vec<String>,
    /// What to know of the year, above all else.
    year: Option<String>,
    files: Vec<Link>,
    steps: Vec<String>,
    groups: Vec<Group>,
    units: Vec<Unit>,
    notes: Vec<String>,
}

/// A unit of a county, as its table shows it.
#[derive(Debug, Clone, Serialize)]
struct Unit {
    name: String,
    file: String,
    errors: usize,
    warnings: usize,
    state: &'static str,
    verdict: String,
    groups: Vec<Group>,
}

impl Subject {
    /// What it is about, for headings.
    pub(super) fn heading(&self) -> &str {
        &self.heading
    }

    /// Whether a person has to mend something.
    pub fn is_wrong(&self) -> bool {
        matches!(self.state, "wrong" | "unread")
    }

    /// A file that is not read, with the way out.
    pub fn refused(file: &str, reason: &str, lang: Lang) -> Subject {
        Subject {
            heading: file.to_owned(),
            file: file.to_owned(),
            state: "unread",
            sign: "!",
            verdict: text!("page.not-read").in_lang(lang),
            reasons: vec![reason.to_owned()],
            year: None,
            files: Vec::new(),
            steps: Vec::new(),
            groups: Vec::new(),
            units: Vec::new(),
            notes: vec![text!("page.untouched").in_lang(lang)],
        }
    }

    /// A report, or a file that should be one.
    pub fn report(facts: Facts<'_>, lang: Lang) -> Subject {
        let say = |text: Text| text.in_lang(lang);
        let (errors, cares) = counts(facts.found);
        let (state, verdict) = verdict(&facts, errors, cares);
        let year = facts.due.as_ref().zip(facts.report).map(|(due, report)| {
            say(text!("page.older", year = u32::from(report.year), due = u32::from(due.year)))
        });
        let steps = steps(&facts, state).into_iter().map(say).collect();
        let groups = groups(facts.found, known(facts.report), facts.sources, lang);
        let mut files = facts.files;
        files.extend(facts.due.and_then(|due| due.workbook));
        let mut notes: Vec<String> = facts.notes.into_iter().map(say).collect();
        notes.push(say(text!("page.untouched")));
        Subject {
            heading: heading(facts.report, facts.file, lang),
            file: facts.file.to_owned(),
            state,
            sign: sign(state),
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

    /// A folder of units that were added up.
    pub fn county(folder: &str, county: &County<'_>, lang: Lang) -> Subject {
        let say = |text: Text| text.in_lang(lang);
        let total = county.total;
        let units: Vec<Unit> = total.lines.iter().map(|line| unit(line, county, lang)).collect();
        let wrong = units.iter().filter(|unit| unit.state == "wrong").count();
        let (count, all) = (total.delivered.len(), units.len());
        let care = units.iter().any(|unit| unit.state == "care") || !total.found.is_empty();
        let (state, verdict) = match (wrong, care) {
            (0, false) => ("good", text!("page.county-good", count = count)),
            (0, true) => ("care", text!("page.county-care", count = count)),
            _ => ("wrong", text!("page.county-wrong", count = all, wrong = wrong)),
        };
        let mut notes: Vec<String> = county.notes.iter().cloned().map(say).collect();
        notes.push(say(text!("page.untouched")));
        Subject {
            heading: say(text!("page.county", folder = folder)),
            file: folder.to_owned(),
            state,
            sign: sign(state),
            verdict: say(verdict),
            reasons: total.summary().into_iter().take(1).map(say).collect(),
            year: None,
            files: county.files.clone(),
            steps: county_steps(wrong).into_iter().map(say).collect(),
            groups: county_groups(&total.found, &total.form, county.sources, lang),
            units,
            notes,
        }
    }
}

/// What the adding up of a county gave.
pub struct County<'a> {
    /// The sums, and what was found.
    pub total: &'a Collected,
    /// The files to which the findings point.
    pub sources: &'a Sources,
    /// The files that were made.
    pub files: Vec<Link>,
    /// What is to be known besides.
    pub notes: Vec<Text>,
}

/// Errors, and what else a person should look at.
fn counts(found: &[Diagnostic]) -> (usize, usize) {
    let count = |severity| found.iter().filter(|one| one.severity == severity).count();
    (count(Severity::Error), count(Severity::Warning))
}

fn heading(report: Option<&Report>, file: &str, lang: Lang) -> String {
    match report {
        Some(report) if !report.organ.name.is_empty() => {
            let (name, year) = (&report.organ.name, u32::from(report.year));
            text!("page.report", organ = name, year = year).in_lang(lang)
        }
        _ => file.to_owned(),
    }
}

/// The form of a report and the file that it was read from.
fn known(report: Option<&Report>) -> (Option<&Form>, Option<SourceId>) {
    (report.map(|report| &*report.form), report.map(|report| report.source))
}

fn sign(state: &str) -> &'static str {
    match state {
        "good" => "✓",
        "wrong" => "✗",
        _ => "!",
    }
}

fn verdict(facts: &Facts<'_>, errors: usize, cares: usize) -> (&'static str, Text) {
    match (facts.report, errors, &facts.failure) {
        (None, _, _) => ("unread", text!("page.not-read")),
        (Some(_), 0, Some(_)) => ("wrong", text!("page.not-made")),
        (Some(_), 0, None) if facts.files.is_empty() => ("wrong", text!("page.not-made")),
        (Some(_), 0, None) if cares == 0 => ("good", text!("page.good")),
        (Some(_), 0, None) => ("care", text!("page.care", count = cares)),
        (Some(_), errors, _) => ("wrong", text!("page.wrong", count = errors)),
    }
}

/// What to do next, in order.
fn steps(facts: &Facts<'_>, state: &str) -> Vec<Text> {
    let file = facts.file;
    let open = match facts.editor {
        Editor::Sheet => text!("page.step-open-sheet", file = file),
        Editor::Word => text!("page.step-open-word", file = file),
        Editor::Text => text!("page.step-open-text", file = file),
    };
    let of_file = match state {
        "good" => vec![text!("page.step-look"), text!("page.step-send")],
        "care" => vec![
            text!("page.step-care"),
            open,
            text!("page.step-drop-care"),
            text!("page.step-send-care"),
        ],
        _ if facts.found.is_empty() => Vec::new(),
        _ => vec![open, text!("page.step-mend"), text!("page.step-drop")],
    };
    // Who drops last year's report wants this year's.
    let due = facts.due.iter().map(|due| {
        let year = u32::from(due.year);
        match due.workbook {
            Some(_) => text!("page.step-due", year = year),
            None => text!("page.step-due-none", year = year),
        }
    });
    due.chain(of_file).collect()
}

fn county_steps(wrong: usize) -> Vec<Text> {
    let mut out = vec![text!("page.step-status")];
    if wrong > 0 {
        out.push(text!("page.step-return"));
        out.push(text!("page.step-county-again"));
    }
    out.push(text!("page.step-county-report"));
    out
}

fn unit(line: &Line, county: &County<'_>, lang: Lang) -> Unit {
    let total = county.total;
    let delivered = line.delivered.map(|at| &total.delivered[at]);
    let (errors, warnings) = total.faults(line).unwrap_or_default();
    let state = match (line.standing.needs_care() || errors > 0, warnings) {
        (true, _) => "wrong",
        (false, 0) => "good",
        (false, _) => "care",
    };
    let standing = words::standing(line.standing);
    let verdict = match &line.reason {
        Some(reason) => text!("page.standing", standing = standing, reason = reason),
        None => standing,
    };
    let found = delivered.map(|one| one.found.as_slice()).unwrap_or_default();
    let report = delivered.and_then(|one| one.report.as_ref());
    Unit {
        name: words::unit(total, line).in_lang(lang),
        file: delivered.map(|one| one.file.clone()).unwrap_or_default(),
        errors,
        warnings,
        state,
        verdict: verdict.in_lang(lang),
        groups: groups(found, known(report), county.sources, lang),
    }
}
