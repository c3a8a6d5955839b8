//! Owns a finding as shown on a page: its place in official terms, the fault, the change to make.
//! Must not check anything.

use crate::check::{findings_list, rules};
use crate::form::Form;
use crate::msg;
use docx_fill::diag::{
    Diagnostic, Lang, Location, Message, Severity, SourceId, SourcePlace, Sources,
    describe_location,
};
use serde::Serialize;

/// Maximum number of further places listed for a finding.
const MAX_LABELS: usize = 12;

/// A finding as texts.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PageFinding {
    number: usize,
    /// Table, row and column; without them, the subject of the rule.
    about: String,
    message: String,
    place: Option<String>,
    /// The single change that corrects it, if there is one.
    change: Option<String>,
    hints: Vec<String>,
    labels: Vec<String>,
}

/// The findings of one severity.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FindingGroup {
    class: &'static str,
    heading: String,
    findings: Vec<PageFinding>,
}

/// The form and the file of the report that a page is about, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReportOrigin<'a> {
    pub(super) form: Option<&'a Form>,
    pub(super) own: Option<SourceId>,
}

/// Returns the findings by severity, the highest first, with cells named by the labels of the form.
pub(super) fn group_findings(
    found: &[Diagnostic],
    about: ReportOrigin<'_>,
    sources: &Sources,
    lang: Lang,
) -> Vec<FindingGroup> {
    let ReportOrigin { form, own } = about;
    group_in_context(found, &FindingContext { form, own, with_folder: false, sources, lang })
}

/// Groups the findings of a county, each with its file and the folder in which that lies.
pub(super) fn group_county_findings(
    found: &[Diagnostic],
    form: &Form,
    sources: &Sources,
    lang: Lang,
) -> Vec<FindingGroup> {
    let form = Some(form);
    group_in_context(found, &FindingContext { form, own: None, with_folder: true, sources, lang })
}

fn group_in_context(found: &[Diagnostic], context: &FindingContext<'_>) -> Vec<FindingGroup> {
    let lang = context.lang;
    let mut out: Vec<FindingGroup> = Vec::new();
    let mut before = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let found = found.iter().filter(|one| one.severity == severity);
        let numbered = found.zip(before + 1..);
        let findings: Vec<PageFinding> =
            numbered.map(|(one, number)| describe_finding(one, number, context)).collect();
        if findings.is_empty() {
            continue;
        }
        let (class, heading) = match severity {
            Severity::Error => ("error", msg!("page.errors", count = findings.len())),
            Severity::Warning => ("warning", msg!("page.warnings", count = findings.len())),
            Severity::Info => ("remark", msg!("page.remarks", count = findings.len())),
        };
        before += findings.len();
        out.push(FindingGroup { class, heading: heading.in_lang(lang), findings });
    }
    out
}

/// The context in which findings are shown.
struct FindingContext<'a> {
    form: Option<&'a Form>,
    /// File that the page is about.
    own: Option<SourceId>,
    /// True if every place is shown with its file and the folder of that.
    with_folder: bool,
    sources: &'a Sources,
    lang: Lang,
}

fn describe_finding(one: &Diagnostic, number: usize, context: &FindingContext<'_>) -> PageFinding {
    let FindingContext { form, lang, .. } = *context;
    let about = match one.cell.as_ref().map(|cell| findings_list::official_names(Some(cell), form))
    {
        Some(official) => cell_words(official, lang),
        None => {
            rules::rule_texts(&one.rule, lang).map(|words| words.short.clone()).unwrap_or_default()
        }
    };
    let is_change = |hint: &&Message| hint.id() == "check.single";
    let shown = |(place, text): &(Location, Message)| match place_words(place, context) {
        Some(place) => msg!("page.label", place = place, text = text.clone()).in_lang(lang),
        None => text.in_lang(lang),
    };
    let mut labels: Vec<String> = one.labels.iter().take(MAX_LABELS).map(shown).collect();
    let more = one.labels.len().saturating_sub(MAX_LABELS);
    if more > 0 {
        labels.push(msg!("page.more-labels", count = more).in_lang(lang));
    }
    PageFinding {
        number,
        about,
        message: one.message.in_lang(lang),
        place: place_words(&one.location, context),
        change: one.hints.iter().find(is_change).map(|hint| hint.in_lang(lang)),
        hints: one
            .hints
            .iter()
            .filter(|h| !is_change(h))
            .map(|h| findings_list::hint_for_units(h, lang))
            .collect(),
        labels,
    }
}

/// Returns the name of a cell; row or column may be empty.
fn cell_words([table, row, column]: [String; 3], lang: Lang) -> String {
    match (row.is_empty(), column.is_empty()) {
        (true, true) => table,
        (false, true) => msg!("page.row", table = table, row = row).in_lang(lang),
        (true, false) => msg!("page.column", table = table, column = column).in_lang(lang),
        (false, false) => {
            msg!("page.cell", table = table, row = row, column = column).in_lang(lang)
        }
    }
}

/// Returns a place in the terms of the program that opens the file; for another file, only its
/// name.
fn place_words(place: &Location, context: &FindingContext<'_>) -> Option<String> {
    let FindingContext { own, with_folder, sources, lang, .. } = *context;
    let source = place.source()?;
    let at = location_words(place, source, sources, lang);
    if !with_folder && own.is_none_or(|own| own == source) {
        return at;
    }
    // The folder is the user's own; the name distinguishes the file. Units may all name theirs the same.
    let parts: Vec<&str> = sources.name(source).split(['/', '\\']).collect();
    let kept = if with_folder { 2 } else { 1 };
    let name = parts[parts.len().saturating_sub(kept)..].join("/");
    let words = match at {
        Some(at) => msg!("page.in-file", file = name, at = at),
        None => msg!("page.other-file", file = name),
    };
    Some(words.in_lang(lang))
}

fn location_words(
    place: &Location,
    source: SourceId,
    sources: &Sources,
    lang: Lang,
) -> Option<String> {
    let words = match place {
        Location::At(_, SourcePlace::Cell(cell)) => {
            let (sheet, cell) = sources.sheet_cell(source, *cell)?;
            msg!("page.at-cell", sheet = sheet, cell = cell)
        }
        Location::At(_, SourcePlace::Text(bytes)) => {
            let (line, column) = sources.line_column(source, bytes.start)?;
            msg!("page.at-line", line = line, column = column)
        }
        _ => return describe_location(place, sources, lang),
    };
    Some(words.in_lang(lang))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::CATALOGUE;
    use std::collections::BTreeMap;

    #[test]
    fn hints_for_pages_stand_for_others_and_name_no_command() {
        for lang in [Lang::Zh, Lang::En] {
            let all: BTreeMap<_, _> = CATALOGUE.entries(lang).collect();
            let own: Vec<_> = all.iter().filter(|(id, _)| id.starts_with("page-hint.")).collect();
            assert!(own.len() > 5, "{own:?}");
            for (id, words) in own {
                let (_, name) = id.split_once('.').expect("a group");
                let (group, name) = name.split_once('-').expect("a group");
                let other = CATALOGUE.pattern(lang, group, name);
                let other = other.or_else(|| docx_fill::diag::CATALOGUE.pattern(lang, group, name));
                let other = other.unwrap_or_else(|| panic!("no {group}.{name}"));
                assert!(!words.contains("--") && !words.contains("nianbao "), "{id}");
                let holes = words.split('{').skip(1).filter_map(|part| part.split('}').next());
                assert!(
                    holes.into_iter().all(|hole| other.contains(&format!("{{{hole}}}"))),
                    "{id}"
                );
            }
        }
        let hint = msg!("collect.ask-hint", sum = "12");
        assert!(
            findings_list::hint_for_units(&hint, Lang::Zh).ends_with("12")
                && !findings_list::hint_for_units(&hint, Lang::Zh).contains("--own")
        );
        let hint = msg!("check.bound-hint", rule = "x");
        assert_eq!(
            findings_list::hint_for_units(&hint, Lang::En),
            "Please compare these figures; some of them may be wrong"
        );
    }
}
