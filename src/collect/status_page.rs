//! Owns the status page: who has delivered, who is missing, and what each unit has to mend, as one HTML
//! file without script, picture or address. Its HTML is in `status.html`.
//! Must not decide any standing.

use super::{Collected, DeliveryStatus, StatusLine, status_text};
use crate::msg;
use crate::report::Date;
use crate::syntax::html::{HtmlTemplate, language_tag};
use docx_fill::diag::{
    Diagnostic, Lang, Message, Severity, Sources, describe_location, severity_label, show_hidden,
};
use serde::Serialize;

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
    file: &'a str,
    reason: &'a str,
}

/// The findings of a unit.
#[derive(Serialize)]
struct UnitFindings {
    unit: String,
    findings: Vec<FindingView>,
}

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
    let errors = |line: &StatusLine| {
        let has_errors = county.count_faults(line).is_some_and(|(errors, _)| errors > 0);
        let found = line.delivered.filter(|_| has_errors).map(|at| &county.delivered[at].found);
        found.map(|all| all.iter().filter(|one| one.severity == Severity::Error).collect())
    };
    let answered = |line: &StatusLine| -> Option<Vec<&Diagnostic>> {
        let all = county.delivered[line.delivered?].found.iter();
        let answered: Vec<_> = all.filter(|one| one.answer.is_some()).collect();
        (!answered.is_empty()).then_some(answered)
    };
    let group = FindingsByUnit { county, sources, lang };
    let answered = group.list_units(answered);
    let count: usize = answered.iter().map(|unit| unit.findings.len()).sum();
    let view = StatusView {
        lang: language_tag(lang),
        title: msg!("collect.page-title", organ = organ, year = year).in_lang(lang),
        intro: intro_lines(county, date).iter().map(|words| words.in_lang(lang)).collect(),
        missing_heading: msg!("collect.page-missing", count = missing.len()).in_lang(lang),
        missing,
        heads: status_heads().iter().map(|head| head.in_lang(lang)).collect(),
        units: county.lines.iter().map(|line| unit_view(county, line, lang)).collect(),
        county: county.found.iter().map(|one| finding_view(one, None, lang)).collect(),
        faulty: group.list_units(errors),
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

fn unit_view<'a>(county: &'a Collected, line: &'a StatusLine, lang: Lang) -> UnitView<'a> {
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
        level: status_text::level_name(line),
        status: status_text::status_label(line.status).in_lang(lang),
        errors: told(errors),
        warnings: told(warnings),
        file: file.unwrap_or_default(),
        reason: line.reason.as_deref().unwrap_or_default(),
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
        found: impl Fn(&'a StatusLine) -> Option<Vec<&'a Diagnostic>>,
    ) -> Vec<UnitFindings> {
        let shown = |one: &Diagnostic| finding_view(one, Some(self.sources), self.lang);
        let of_unit = |line: &'a StatusLine| {
            let findings = found(line)?.into_iter().map(shown).collect();
            let unit = status_text::unit_name(self.county, line).in_lang(self.lang);
            Some(UnitFindings { unit, findings })
        };
        self.county.lines.iter().filter_map(of_unit).collect()
    }
}

/// Returns a finding, with its place in the file where there is one file.
fn finding_view(one: &Diagnostic, sources: Option<&Sources>, lang: Lang) -> FindingView {
    let place = sources.and_then(|sources| describe_location(&one.location, sources, lang));
    let (severity, message) = (severity_label(one.severity, lang), one.message.in_lang(lang));
    let place = place.unwrap_or_default();
    let first = format!("{severity} [{}] {place} {message}", one.rule);
    let labels = one.labels.iter().filter(|label| label.0.source().is_none());
    let answer = one.answer.iter().map(|note| msg!("check.noted", note = note));
    let words = labels.map(|label| label.1.clone()).chain(answer).chain(one.hints.clone());
    std::iter::once(first).chain(words.map(|words| words.in_lang(lang))).collect()
}
