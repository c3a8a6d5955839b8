//! Owns the status page: who has delivered, who is missing, and what each unit has to mend, as one HTML
//! file without script, picture or address.
//! Must not decide any standing.

use super::{Collected, Line, Standing, words};
use crate::diag::{Diagnostic, Lang, Severity, Sources, Text, severity_word, visible, within};
use crate::report::Date;
use crate::text;
use std::fmt::Write as _;

const STYLE: &str = "body{font:16px/1.6 sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#1a1a1a}\
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold;padding:.5em 0}\
th,td{border:1px solid #767676;padding:.3em .6em;text-align:left;vertical-align:top}\
thead th{background:#f2f2f2}td.n{text-align:right}tr.care td,tr.care th{background:#fdecea}\
tr.out td,tr.out th{background:#f5f5f5}";

/// The page. A date stands on it only if one is given.
pub fn page(county: &Collected, sources: &Sources, date: Option<Date>, lang: Lang) -> String {
    let mut out = String::new();
    let tag = match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    };
    let title = say(
        &text!("collect.page-title", organ = &county.organ.0, year = u32::from(county.year)),
        lang,
    );
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width\"/>\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{}</p>\n",
        say(&words::summary(county), lang)
    );
    if let Some(date) = date {
        let _ = writeln!(
            out,
            "<p>{}</p>",
            say(&text!("collect.page-date", date = date.to_string()), lang)
        );
    }
    missing(&mut out, county, lang);
    status(&mut out, county, lang);
    findings(&mut out, county, sources, lang);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

fn say(text: &Text, lang: Lang) -> String {
    escape(&text.in_lang(lang))
}

fn missing(out: &mut String, county: &Collected, lang: Lang) {
    let lines: Vec<&Line> =
        county.lines.iter().filter(|line| line.standing == Standing::Missing).collect();
    if lines.is_empty() {
        return;
    }
    let head = text!("collect.page-missing", count = lines.len());
    let _ = writeln!(out, "<h2>{}</h2>\n<ul>", say(&head, lang));
    for line in lines {
        let _ = writeln!(out, "<li>{}</li>", escape(&line.unit));
    }
    out.push_str("</ul>\n");
}

fn status(out: &mut String, county: &Collected, lang: Lang) {
    let head = say(&text!("collect.page-units"), lang);
    let _ = writeln!(out, "<h2>{head}</h2>\n<table>\n<caption>{head}</caption>\n<thead>\n<tr>");
    for head in heads() {
        let _ = writeln!(out, "<th scope=\"col\">{}</th>", say(&head, lang));
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for line in &county.lines {
        let class = match (line.standing.needs_care(), line.standing.is_added()) {
            (true, _) => " class=\"care\"",
            (false, false) => " class=\"out\"",
            (false, true) => "",
        };
        // Where there is no file, nothing was counted.
        let told = |count: usize| count.to_string();
        let (errors, warnings) = county.faults(line).unzip();
        let errors = errors.map(told).unwrap_or_default();
        let warnings = warnings.map(told).unwrap_or_default();
        let file = line.delivered.map(|at| county.delivered[at].file.as_str()).unwrap_or_default();
        let _ = writeln!(
            out,
            "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{}</td>\
             <td class=\"n\">{errors}</td><td class=\"n\">{warnings}</td><td>{}</td><td>{}</td></tr>",
            say(&words::unit(county, line), lang),
            escape(words::level(line)),
            say(&words::standing(line.standing), lang),
            escape(file),
            escape(line.reason.as_deref().unwrap_or_default()),
        );
    }
    out.push_str("</tbody>\n</table>\n");
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
fn findings(out: &mut String, county: &Collected, sources: &Sources, lang: Lang) {
    if !county.found.is_empty() {
        let _ = writeln!(out, "<h2>{}</h2>", say(&text!("collect.page-county"), lang));
        list(out, county.found.iter(), None, lang);
    }
    let faulty = |line: &&Line| county.faults(line).is_some_and(|(errors, _)| errors > 0);
    let mut lines = county.lines.iter().filter(faulty).peekable();
    if lines.peek().is_some() {
        let _ = writeln!(out, "<h2>{}</h2>", say(&text!("collect.page-faults"), lang));
    }
    for line in lines {
        let Some(at) = line.delivered else { continue };
        let _ = writeln!(out, "<h3>{}</h3>", say(&words::unit(county, line), lang));
        let errors = county.delivered[at].found.iter();
        list(out, errors.filter(|one| one.severity == Severity::Error), Some(sources), lang);
    }
}

/// Findings, with their places in the file where there is one file.
fn list<'a>(
    out: &mut String,
    found: impl Iterator<Item = &'a Diagnostic>,
    sources: Option<&Sources>,
    lang: Lang,
) {
    out.push_str("<ul>\n");
    for one in found {
        let place = sources.and_then(|sources| within(&one.place, sources, lang));
        let _ = write!(
            out,
            "<li>{} [{}] {} {}",
            severity_word(one.severity, lang),
            escape(&one.rule),
            escape(&place.unwrap_or_default()),
            say(&one.message, lang)
        );
        let labels: Vec<String> = one
            .labels
            .iter()
            .filter(|label| label.0.source().is_none())
            .map(|label| say(&label.1, lang))
            .collect();
        if !labels.is_empty() {
            let _ = write!(out, "<br/>{}", labels.join("<br/>"));
        }
        for hint in &one.hints {
            let _ = write!(out, "<br/>{}", say(hint, lang));
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}
