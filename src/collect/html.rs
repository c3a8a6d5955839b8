//! Owns the status page: who has delivered, who is missing, and what each unit has to mend, as one HTML
//! file without script, picture or address.
//! Must not decide any standing.

use super::{Collected, Line, Standing, words};
use crate::diag::{Diagnostic, Lang, Severity, Sources, Text, severity_word, within};
use crate::report::Date;
use crate::syntax::html::Writer;
use crate::text;

const STYLE: &str = "body{font:16px/1.6 sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#1a1a1a}\
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold;padding:.5em 0}\
th,td{border:1px solid #767676;padding:.3em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
thead th{background:#f2f2f2}td.n{text-align:right}tr.care td,tr.care th{background:#fdecea}\
tr.out td,tr.out th{background:#f5f5f5}";

/// The page. A date stands on it only if one is given.
pub fn page(county: &Collected, sources: &Sources, date: Option<Date>, lang: Lang) -> String {
    let tag = match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    };
    let (organ, year) = (&county.organ.0, u32::from(county.year));
    let title = text!("collect.page-title", organ = organ, year = year).in_lang(lang);
    let mut out = Writer::page(tag, &title, STYLE);
    out.open("main", &[]).line();
    out.element("h1", &[], &title).line();
    say(&mut out, "p", &words::summary(county), lang);
    if let Some(date) = date {
        say(&mut out, "p", &text!("collect.page-date", date = date.to_string()), lang);
    }
    for line in &county.judged_by {
        say(&mut out, "p", line, lang);
    }
    missing(&mut out, county, lang);
    status(&mut out, county, lang);
    findings(&mut out, county, sources, lang);
    out.finish()
}

/// An element of words in a line of its own.
fn say(out: &mut Writer, name: &'static str, words: &Text, lang: Lang) {
    out.element(name, &[], &words.in_lang(lang)).line();
}

fn missing(out: &mut Writer, county: &Collected, lang: Lang) {
    let lines: Vec<&Line> =
        county.lines.iter().filter(|line| line.standing == Standing::Missing).collect();
    if lines.is_empty() {
        return;
    }
    say(out, "h2", &text!("collect.page-missing", count = lines.len()), lang);
    out.open("ul", &[]).line();
    for line in lines {
        out.element("li", &[], &line.unit).line();
    }
    out.close().line();
}

fn status(out: &mut Writer, county: &Collected, lang: Lang) {
    say(out, "h2", &text!("collect.page-units"), lang);
    out.open("table", &[]).line();
    say(out, "caption", &text!("collect.page-units"), lang);
    out.open("thead", &[]).line().open("tr", &[]);
    for head in heads() {
        out.element("th", &[("scope", "col")], &head.in_lang(lang)).line();
    }
    out.close().line().close().line().open("tbody", &[]).line();
    for line in &county.lines {
        unit(out, county, line, lang);
    }
    out.close().line().close().line();
}

fn unit(out: &mut Writer, county: &Collected, line: &Line, lang: Lang) {
    let class: &[(&'static str, &str)] =
        match (line.standing.needs_care(), line.standing.is_added()) {
            (true, _) => &[("class", "care")],
            (false, false) => &[("class", "out")],
            (false, true) => &[],
        };
    // Where there is no file, nothing was counted.
    let told = |count: Option<usize>| count.map(|count| count.to_string()).unwrap_or_default();
    let (errors, warnings) = county.faults(line).unzip();
    let file = line.delivered.map(|at| county.delivered[at].file.as_str()).unwrap_or_default();
    out.open("tr", class);
    out.element("th", &[("scope", "row")], &words::unit(county, line).in_lang(lang));
    out.element("td", &[], words::level(line));
    out.element("td", &[], &words::standing(line.standing).in_lang(lang));
    out.element("td", &[("class", "n")], &told(errors));
    out.element("td", &[("class", "n")], &told(warnings));
    out.element("td", &[], file);
    out.element("td", &[], line.reason.as_deref().unwrap_or_default());
    out.close().line();
}

/// The heads of the status table.
pub(super) fn heads() -> [Text; 7] {
    [
        text!("list.unit"),
        text!("collect.level"),
        text!("list.state"),
        text!("list.errors"),
        text!("list.warnings"),
        text!("list.file"),
        text!("collect.reason"),
    ]
}

/// What was found about the county, then what each unit has to mend.
fn findings(out: &mut Writer, county: &Collected, sources: &Sources, lang: Lang) {
    if !county.found.is_empty() {
        say(out, "h2", &text!("collect.page-county"), lang);
        list(out, county.found.iter(), None, lang);
    }
    let faulty = |line: &&Line| county.faults(line).is_some_and(|(errors, _)| errors > 0);
    let mut lines = county.lines.iter().filter(faulty).peekable();
    if lines.peek().is_some() {
        say(out, "h2", &text!("collect.page-faults"), lang);
    }
    for line in lines {
        let Some(at) = line.delivered else { continue };
        say(out, "h3", &words::unit(county, line), lang);
        let errors = county.delivered[at].found.iter();
        list(out, errors.filter(|one| one.severity == Severity::Error), Some(sources), lang);
    }
    answered(out, county, sources, lang);
}

/// What units have answered by a note of their own, with their words.
fn answered(out: &mut Writer, county: &Collected, sources: &Sources, lang: Lang) {
    let of = |line: &Line| {
        let found = line.delivered.map(|at| county.delivered[at].found.as_slice());
        found.unwrap_or_default().iter().filter(|one| one.answer.is_some()).collect::<Vec<_>>()
    };
    let count: usize = county.lines.iter().map(|line| of(line).len()).sum();
    if count == 0 {
        return;
    }
    say(out, "h2", &text!("collect.page-answered", count = count), lang);
    for line in &county.lines {
        let found = of(line);
        if !found.is_empty() {
            say(out, "h3", &words::unit(county, line), lang);
            list(out, found.into_iter(), Some(sources), lang);
        }
    }
}

/// Findings, with their places in the file where there is one file.
fn list<'a>(
    out: &mut Writer,
    found: impl Iterator<Item = &'a Diagnostic>,
    sources: Option<&Sources>,
    lang: Lang,
) {
    out.open("ul", &[]).line();
    for one in found {
        let place = sources.and_then(|sources| within(&one.place, sources, lang));
        let (severity, message) = (severity_word(one.severity, lang), one.message.in_lang(lang));
        let place = place.unwrap_or_default();
        out.open("li", &[]).text(&format!("{severity} [{}] {place} {message}", one.rule));
        let labels = one.labels.iter().filter(|label| label.0.source().is_none());
        let answer = one.answer.iter().map(|note| text!("check.noted", note = note));
        let words = labels.map(|label| label.1.clone()).chain(answer).chain(one.hints.clone());
        for words in words {
            out.empty("br", &[]).text(&words.in_lang(lang));
        }
        out.close().line();
    }
    out.close().line();
}
