//! Owns the status page: who has delivered, who is missing, and what each unit has to mend, as one HTML
//! file without script, picture or address.
//! Must not decide any standing.

use super::{Collected, DeliveryStatus, StatusLine, status_text};
use crate::msg;
use crate::report::Date;
use crate::syntax::html::HtmlWriter;
use docx_fill::diag::{
    Diagnostic, Lang, Message, Severity, Sources, describe_location, severity_label,
};

const STYLE_SHEET: &str = "body{font:16px/1.6 sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#1a1a1a}\
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold;padding:.5em 0}\
th,td{border:1px solid #767676;padding:.3em .6em;text-align:left;vertical-align:top}\
thead th{background:#f2f2f2}td.n{text-align:right}tr.care td,tr.care th{background:#fdecea}\
tr.out td,tr.out th{background:#f5f5f5}";

/// The page. A date stands on it only if one is given.
pub fn render_status_page(
    county: &Collected,
    sources: &Sources,
    date: Option<Date>,
    lang: Lang,
) -> String {
    let tag = match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    };
    let (organ, year) = (&county.organ.0, u32::from(county.year));
    let title = msg!("collect.page-title", organ = organ, year = year).in_lang(lang);
    let mut out = HtmlWriter::start_page(tag, &title, STYLE_SHEET);
    out.open_element("main", &[]).end_line();
    out.element("h1", &[], &title).end_line();
    write_message(&mut out, "p", &status_text::summary_text(county), lang);
    if let Some(date) = date {
        write_message(&mut out, "p", &msg!("collect.page-date", date = date.to_string()), lang);
    }
    for line in &county.judged_by {
        write_message(&mut out, "p", line, lang);
    }
    write_missing(&mut out, county, lang);
    write_status_table(&mut out, county, lang);
    write_findings(&mut out, county, sources, lang);
    out.finish()
}

/// An element of words in a line of its own.
fn write_message(out: &mut HtmlWriter, name: &'static str, words: &Message, lang: Lang) {
    out.element(name, &[], &words.in_lang(lang)).end_line();
}

fn write_missing(out: &mut HtmlWriter, county: &Collected, lang: Lang) {
    let lines: Vec<&StatusLine> =
        county.lines.iter().filter(|line| line.status == DeliveryStatus::Missing).collect();
    if lines.is_empty() {
        return;
    }
    write_message(out, "h2", &msg!("collect.page-missing", count = lines.len()), lang);
    out.open_element("ul", &[]).end_line();
    for line in lines {
        out.element("li", &[], &line.unit).end_line();
    }
    out.close_element().end_line();
}

fn write_status_table(out: &mut HtmlWriter, county: &Collected, lang: Lang) {
    write_message(out, "h2", &msg!("collect.page-units"), lang);
    out.open_element("table", &[]).end_line();
    write_message(out, "caption", &msg!("collect.page-units"), lang);
    out.open_element("thead", &[]).end_line().open_element("tr", &[]);
    for head in status_heads() {
        out.element("th", &[("scope", "col")], &head.in_lang(lang)).end_line();
    }
    out.close_element().end_line().close_element().end_line().open_element("tbody", &[]).end_line();
    for line in &county.lines {
        write_unit_row(out, county, line, lang);
    }
    out.close_element().end_line().close_element().end_line();
}

fn write_unit_row(out: &mut HtmlWriter, county: &Collected, line: &StatusLine, lang: Lang) {
    let class: &[(&'static str, &str)] =
        match (line.status.needs_attention(), line.status.is_added()) {
            (true, _) => &[("class", "care")],
            (false, false) => &[("class", "out")],
            (false, true) => &[],
        };
    // Where there is no file, nothing was counted.
    let told = |count: Option<usize>| count.map(|count| count.to_string()).unwrap_or_default();
    let (errors, warnings) = county.count_faults(line).unzip();
    let file = line.delivered.map(|at| county.delivered[at].file.as_str()).unwrap_or_default();
    out.open_element("tr", class);
    out.element("th", &[("scope", "row")], &status_text::unit_name(county, line).in_lang(lang));
    out.element("td", &[], status_text::level_name(line));
    out.element("td", &[], &status_text::status_label(line.status).in_lang(lang));
    out.element("td", &[("class", "n")], &told(errors));
    out.element("td", &[("class", "n")], &told(warnings));
    out.element("td", &[], file);
    out.element("td", &[], line.reason.as_deref().unwrap_or_default());
    out.close_element().end_line();
}

/// The heads of the status table.
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

/// What was found about the county, then what each unit has to mend.
fn write_findings(out: &mut HtmlWriter, county: &Collected, sources: &Sources, lang: Lang) {
    if !county.found.is_empty() {
        write_message(out, "h2", &msg!("collect.page-county"), lang);
        write_finding_list(out, county.found.iter(), None, lang);
    }
    let faulty =
        |line: &&StatusLine| county.count_faults(line).is_some_and(|(errors, _)| errors > 0);
    let mut lines = county.lines.iter().filter(faulty).peekable();
    if lines.peek().is_some() {
        write_message(out, "h2", &msg!("collect.page-faults"), lang);
    }
    for line in lines {
        let Some(at) = line.delivered else { continue };
        write_message(out, "h3", &status_text::unit_name(county, line), lang);
        let errors = county.delivered[at].found.iter();
        write_finding_list(
            out,
            errors.filter(|one| one.severity == Severity::Error),
            Some(sources),
            lang,
        );
    }
    write_answered(out, county, sources, lang);
}

/// What units have answered by a note of their own, with their words.
fn write_answered(out: &mut HtmlWriter, county: &Collected, sources: &Sources, lang: Lang) {
    let of = |line: &StatusLine| {
        let found = line.delivered.map(|at| county.delivered[at].found.as_slice());
        found.unwrap_or_default().iter().filter(|one| one.answer.is_some()).collect::<Vec<_>>()
    };
    let count: usize = county.lines.iter().map(|line| of(line).len()).sum();
    if count == 0 {
        return;
    }
    write_message(out, "h2", &msg!("collect.page-answered", count = count), lang);
    for line in &county.lines {
        let found = of(line);
        if !found.is_empty() {
            write_message(out, "h3", &status_text::unit_name(county, line), lang);
            write_finding_list(out, found.into_iter(), Some(sources), lang);
        }
    }
}

/// Findings, with their places in the file where there is one file.
fn write_finding_list<'a>(
    out: &mut HtmlWriter,
    found: impl Iterator<Item = &'a Diagnostic>,
    sources: Option<&Sources>,
    lang: Lang,
) {
    out.open_element("ul", &[]).end_line();
    for one in found {
        let place = sources.and_then(|sources| describe_location(&one.location, sources, lang));
        let (severity, message) = (severity_label(one.severity, lang), one.message.in_lang(lang));
        let place = place.unwrap_or_default();
        out.open_element("li", &[]).text(&format!("{severity} [{}] {place} {message}", one.rule));
        let labels = one.labels.iter().filter(|label| label.0.source().is_none());
        let answer = one.answer.iter().map(|note| msg!("check.noted", note = note));
        let words = labels.map(|label| label.1.clone()).chain(answer).chain(one.hints.clone());
        for words in words {
            out.empty_element("br", &[]).text(&words.in_lang(lang));
        }
        out.close_element().end_line();
    }
    out.close_element().end_line();
}
