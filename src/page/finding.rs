//! Owns a finding as a page shows it: where in official words, what is wrong, what to change.
//! Must not judge anything.

use crate::check::{list, rules};
use crate::diag::{Diagnostic, Lang, Place, Severity, SourceId, Sources, Text, within};
use crate::form::Form;
use crate::text;
use serde::Serialize;

/// The group of the catalogues with hints that name no command.
const HINTS: &str = "page-hint";
/// Of the places that belong to a finding, so many are listed.
const MOST_LABELS: usize = 12;

/// A finding in words.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    number: usize,
    /// Table, row and column; without them what the rule is about.
    about: String,
    message: String,
    place: Option<String>,
    /// The one change that mends it.
    change: Option<String>,
    hints: Vec<String>,
    labels: Vec<String>,
}

/// Findings of one severity.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Group {
    class: &'static str,
    heading: String,
    findings: Vec<Finding>,
}

/// The findings by severity, from the gravest, with the form by whose words cells are called.
pub(super) fn groups(
    found: &[Diagnostic],
    (form, own): (Option<&Form>, Option<SourceId>),
    sources: &Sources,
    lang: Lang,
) -> Vec<Group> {
    grouped(found, &Context { form, own, whole: false, sources, lang })
}

/// The same of a county, whose findings tell each file with the folder in which it lies.
pub(super) fn county_groups(
    found: &[Diagnostic],
    form: &Form,
    sources: &Sources,
    lang: Lang,
) -> Vec<Group> {
    grouped(found, &Context { form: Some(form), own: None, whole: true, sources, lang })
}

fn grouped(found: &[Diagnostic], context: &Context<'_>) -> Vec<Group> {
    let lang = context.lang;
    let mut out: Vec<Group> = Vec::new();
    let mut before = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Remark] {
        let found = found.iter().filter(|one| one.severity == severity);
        let numbered = found.zip(before + 1..);
        let findings: Vec<Finding> =
            numbered.map(|(one, number)| finding(one, number, context)).collect();
        if findings.is_empty() {
            continue;
        }
        let (class, heading) = match severity {
            Severity::Error => ("error", text!("page.errors", count = findings.len())),
            Severity::Warning => ("warning", text!("page.warnings", count = findings.len())),
            Severity::Remark => ("remark", text!("page.remarks", count = findings.len())),
        };
        before += findings.len();
        out.push(Group { class, heading: heading.in_lang(lang), findings });
    }
    out
}

/// What a finding is shown by.
struct Context<'a> {
    form: Option<&'a Form>,
    /// The file that the page is about.
    own: Option<SourceId>,
    /// Whether every place is told with its file, and that with its folder.
    whole: bool,
    sources: &'a Sources,
    lang: Lang,
}

fn finding(one: &Diagnostic, number: usize, context: &Context<'_>) -> Finding {
    let Context { form, lang, .. } = *context;
    let about = match one.cell.as_ref().map(|cell| list::official(Some(cell), form)) {
        Some(official) => official_words(official, lang),
        None => rules::words(&one.rule, lang).map(|words| words.short.clone()).unwrap_or_default(),
    };
    let is_change = |hint: &&Text| hint.id() == "check.single";
    let shown = |(place, text): &(Place, Text)| match place_words(place, context) {
        Some(place) => text!("page.label", place = place, text = text.clone()).in_lang(lang),
        None => text.in_lang(lang),
    };
    let mut labels: Vec<String> = one.labels.iter().take(MOST_LABELS).map(shown).collect();
    let more = one.labels.len().saturating_sub(MOST_LABELS);
    if more > 0 {
        labels.push(text!("page.more-labels", count = more).in_lang(lang));
    }
    Finding {
        number,
        about,
        message: one.message.in_lang(lang),
        place: place_words(&one.place, context),
        change: one.hints.iter().find(is_change).map(|hint| hint.in_lang(lang)),
        hints: one.hints.iter().filter(|h| !is_change(h)).map(|h| hint_words(h, lang)).collect(),
        labels,
    }
}

/// A hint for somebody who has no terminal.
fn hint_words(hint: &Text, lang: Lang) -> String {
    hint.instead(HINTS, lang).unwrap_or_else(|| hint.in_lang(lang))
}

/// A cell as people speak of it; row or column may be left open.
fn official_words([table, row, column]: [String; 3], lang: Lang) -> String {
    match (row.is_empty(), column.is_empty()) {
        (true, true) => table,
        (false, true) => text!("page.row", table = table, row = row).in_lang(lang),
        (true, false) => text!("page.column", table = table, column = column).in_lang(lang),
        (false, false) => {
            text!("page.cell", table = table, row = row, column = column).in_lang(lang)
        }
    }
}

/// A place in the words of the program with which the file is opened; the file only if it is another one.
fn place_words(place: &Place, context: &Context<'_>) -> Option<String> {
    let Context { own, whole, sources, lang, .. } = *context;
    let source = place.source()?;
    let at = at_words(place, source, sources, lang);
    if !whole && own.is_none_or(|own| own == source) {
        return at;
    }
    // The folder is the user's own; the name is what tells the file from others. Units may all call theirs the same.
    let parts: Vec<&str> = sources.name(source).split(['/', '\\']).collect();
    let name = parts[parts.len().saturating_sub(if whole { 2 } else { 1 })..].join("/");
    let words = match at {
        Some(at) => text!("page.in-file", file = name, at = at),
        None => text!("page.other-file", file = name),
    };
    Some(words.in_lang(lang))
}

fn at_words(place: &Place, source: SourceId, sources: &Sources, lang: Lang) -> Option<String> {
    if let Place::Text(_, span) = place
        && sources.word_spot(source, *span).is_none()
    {
        if let Some((sheet, cell)) = sources.sheet_cell(source, *span) {
            return Some(text!("page.at-cell", sheet = sheet, cell = cell).in_lang(lang));
        }
        let (line, column) = sources.line_column(source, span.start)?;
        return Some(text!("page.at-line", line = line, column = column).in_lang(lang));
    }
    within(place, sources, lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{catalogue_ids, pattern};
    use std::collections::BTreeMap;

    #[test]
    fn hints_for_pages_stand_for_others_and_name_no_command() {
        for lang in [Lang::Zh, Lang::En] {
            let all: BTreeMap<_, _> = catalogue_ids(lang).collect();
            let own: Vec<_> = all.iter().filter(|(id, _)| id.starts_with("page-hint.")).collect();
            assert!(own.len() > 5, "{own:?}");
            for (id, words) in own {
                let (_, name) = id.split_once('.').expect("a group");
                let (group, name) = name.split_once('-').expect("a group");
                let other =
                    pattern(lang, group, name).unwrap_or_else(|| panic!("no {group}.{name}"));
                assert!(!words.contains("--") && !words.contains("nianbao "), "{id}");
                let holes = words.split('{').skip(1).filter_map(|part| part.split('}').next());
                assert!(
                    holes.into_iter().all(|hole| other.contains(&format!("{{{hole}}}"))),
                    "{id}"
                );
            }
        }
        let hint = text!("collect.ask-hint", sum = "12");
        assert!(
            hint_words(&hint, Lang::Zh).ends_with("12")
                && !hint_words(&hint, Lang::Zh).contains("--own")
        );
        let hint = text!("check.bound-hint", rule = "x");
        assert_eq!(
            hint_words(&hint, Lang::En),
            "Please compare these figures; some of them may be wrong"
        );
    }
}
