//! Owns the status page: who has delivered, who is missing, and what each unit has to mend, as one HTML
//! file without script, picture or address. Its HTML is in `status.html`.
//! Must not decide any standing.

use super::line_reasons::LineReasons;
use super::{Collected, DeliveryStatus, StatusLine, status_text};
use crate::check::findings_list::hint_for_units;
use crate::msg;
use crate::report::Date;
use crate::syntax::html::{HtmlTemplate, language_tag};
use docx_fill::diag::{
    Diagnostic, Lang, Message, Severity, Sources, describe_location, severity_label, show_hidden,
};
use serde::Serialize;
use std::collections::BTreeSet;

const STATUS_PAGE: HtmlTemplate = HtmlTemplate {
    page: include_str!("status.html"),
    partials: &[("style", include_str!("status.css")), ("findings", include_str!("findings.html"))],
    show: show_hidden,
};

/// The content of the page.
#[derive(Serialize)]
struct StatusView<'a> {
    lang: &'static str,
    title: String,
    intro: Vec<String>,
    missing_heading: String,
    missing: Vec<&'a str>,
    heads: Vec<String>,
    units: Vec<UnitView<'a>>,
    county: Vec<FindingView>,
    faulty: Vec<UnitFindings>,
    answered_heading: String,
    answered: Vec<UnitFindings>,
}

/// The row of a unit.
#[derive(Serialize)]
struct UnitView<'a> {
    class: Option<&'static str>,
    name: String,
    level: &'a str,
    status: String,
    errors: String,
    warnings: String,
    /// True if there are warnings, which are marked.
    doubtful: bool,
    file: &'a str,
    reason: String,
    /// Place of its findings on the page, if there are any.
    anchor: Option<String>,
}

/// The findings of a unit.
#[derive(Serialize)]
struct UnitFindings {
    anchor: String,
    unit: String,
    findings: Vec<FindingView>,
    /// Number of findings that are not shown, in words.
    more: Option<String>,
}

/// Maximum number of findings of a unit that are shown.
const MAX_UNIT_FINDINGS: usize = 40;

/// The lines of a finding: its message, then answers and hints.
type FindingView = Vec<String>;

/// Returns the page. A date stands on it only if one is given.
pub fn render_status_page(
    county: &Collected,
    sources: &Sources,
    date: Option<Date>,
    lang: Lang,
) -> String {
    let (organ, year) = (&county.organ.0, u32::from(county.year));
    let missing = county.lines.iter().filter(|line| line.status == DeliveryStatus::Missing);
    let missing: Vec<&str> = missing.map(|line| line.unit.as_str()).collect();
    let mending = |line: &StatusLine| -> Option<Vec<&Diagnostic>> {
        let all = &county.delivered[line.delivered?].found;
        // Those that the unit has answered are listed below.
        let open = |one: &&Diagnostic, severity| one.severity == severity && one.answer.is_none();
        let of = |severity| all.iter().filter(move |one| open(one, severity));
        let found: Vec<_> = of(Severity::Error).chain(of(Severity::Warning)).collect();
        (!found.is_empty()).then_some(found)
    };
    let answered = |line: &StatusLine| -> Option<Vec<&Diagnostic>> {
        let all = county.delivered[line.delivered?].found.iter();
        let answered: Vec<_> = all.filter(|one| one.answer.is_some()).collect();
        (!answered.is_empty()).then_some(answered)
    };
    let group = FindingsByUnit { county, sources, lang };
    let answered = group.list_units("answered", answered);
    let faulty = group.list_units("unit", mending);
    let anchors: BTreeSet<&str> =
        faulty.iter().chain(&answered).map(|unit| unit.anchor.as_str()).collect();
    let reasons = LineReasons::new(county);
    let rows = county.lines.iter().enumerate().map(|(number, line)| {
        let own = |group| anchor_name(group, number);
        let anchor = ["unit", "answered"].map(own).into_iter().find(|a| anchors.contains(&**a));
        UnitView { anchor, ..unit_view(county, line, &reasons, lang) }
    });
    let units: Vec<UnitView<'_>> = rows.collect();
    let count: usize = answered.iter().map(|unit| unit.findings.len()).sum();
    let view = StatusView {
        lang: language_tag(lang),
        title: msg!("collect.page-title", organ = organ, year = year).in_lang(lang),
        intro: intro_lines(county, date).iter().map(|words| words.in_lang(lang)).collect(),
        missing_heading: msg!("collect.page-missing", count = missing.len()).in_lang(lang),
        missing,
        heads: status_heads().iter().map(|head| head.in_lang(lang)).collect(),
        units,
        county: county.found.iter().map(|one| finding_view(one, None, lang)).collect(),
        faulty,
        answered_heading: msg!("collect.page-answered", count = count).in_lang(lang),
        answered,
    };
    STATUS_PAGE.fill(&view, lang)
}

/// Returns the lines above everything else.
fn intro_lines(county: &Collected, date: Option<Date>) -> Vec<Message> {
    let mut out = vec![status_text::summary_text(county)];
    out.extend(status_text::unread_lines(county));
    out.extend(date.map(|date| msg!("collect.page-date", date = date.to_string())));
    out.extend(county.judged_by.iter().cloned());
    out
}

/// Returns the place of a line's findings on the page.
fn anchor_name(group: &str, line: usize) -> String {
    format!("{group}-{}", line + 1)
}

fn unit_view<'a>(
    county: &'a Collected,
    line: &'a StatusLine,
    reasons: &LineReasons<'_>,
    lang: Lang,
) -> UnitView<'a> {
    // Where there is no file, nothing was counted.
    let told = |count: Option<usize>| count.map(|count| count.to_string()).unwrap_or_default();
    let (errors, warnings) = county.count_faults(line).unzip();
    let file = line.delivered.map(|at| county.delivered[at].file.as_str());
    UnitView {
        class: match (line.status.needs_attention(), line.status.is_added()) {
            (true, _) => Some("care"),
            (false, false) => Some("out"),
            (false, true) => None,
        },
        name: status_text::unit_name(county, line).in_lang(lang),
        level: status_text::level_name(county, line),
        status: status_text::status_label(line.status).in_lang(lang),
        errors: told(errors),
        warnings: told(warnings),
        doubtful: warnings.is_some_and(|count| count > 0),
        file: file.unwrap_or_default(),
        reason: reasons.reason_of(line).in_lang(lang),
        anchor: None,
    }
}

/// Returns the heads of the status table.
pub(super) fn status_heads() -> [Message; 7] {
    [
        msg!("list.unit"),
        msg!("collect.level"),
        msg!("list.state"),
        msg!("list.errors"),
        msg!("list.warnings"),
        msg!("list.file"),
        msg!("collect.reason"),
    ]
}

/// The findings of the units, as they are shown.
struct FindingsByUnit<'a> {
    county: &'a Collected,
    sources: &'a Sources,
    lang: Lang,
}

impl<'a> FindingsByUnit<'a> {
    /// Returns the units for which there are findings to show.
    fn list_units(
        &self,
        group: &str,
        found: impl Fn(&'a StatusLine) -> Option<Vec<&'a Diagnostic>>,
    ) -> Vec<UnitFindings> {
        let shown = |one: &Diagnostic| finding_view(one, Some(self.sources), self.lang);
        let of_unit = |(number, line): (usize, &'a StatusLine)| {
            let found = found(line)?;
            let more = found.len().saturating_sub(MAX_UNIT_FINDINGS);
            let more =
                (more > 0).then(|| msg!("collect.page-more", count = more).in_lang(self.lang));
            let findings = found.into_iter().take(MAX_UNIT_FINDINGS).map(shown).collect();
            let unit = status_text::unit_name(self.county, line).in_lang(self.lang);
            Some(UnitFindings { anchor: anchor_name(group, number), unit, findings, more })
        };
        self.county.lines.iter().enumerate().filter_map(of_unit).collect()
    }
}

/// Returns a finding, with its place in the file where there is one file.
fn finding_view(one: &Diagnostic, sources: Option<&Sources>, lang: Lang) -> FindingView {
    let place = sources.and_then(|sources| describe_location(&one.location, sources, lang));
    let (severity, message) = (severity_label(one.severity, lang), one.message.in_lang(lang));
    let first = match place {
        Some(place) => format!("{severity} {place} {message}"),
        None => format!("{severity} {message}"),
    };
    let labels = one.labels.iter().filter(|label| label.0.source().is_none());
    let answer = one.answer.iter().map(|note| msg!("check.noted", note = note));
    let words = labels.map(|label| label.1.clone()).chain(answer).map(|words| words.in_lang(lang));
    // The county runs commands; units are told what to do in their files.
    let hint = |hint: &Message| match sources {
        Some(_) => hint_for_units(hint, lang),
        None => hint.in_lang(lang),
    };
    std::iter::once(first).chain(words).chain(one.hints.iter().map(hint)).collect()
}
