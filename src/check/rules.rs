//! Owns the registry of rules: id, group and severity from `rules.toml`, words from `rules.zh.toml` and
//! `rules.en.toml`; and the Markdown of `docs/rules.md`.
//! Must not judge anything.

use crate::text;
use docx_fill::diag::{Lang, Severity};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// A rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Public id, never reused.
    pub id: String,
    /// What it belongs to.
    pub group: Group,
    /// Its severity unless `nianbao.toml` says otherwise.
    pub severity: Level,
}

/// Families of rules, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// The data file itself; cannot be turned off.
    File,
    /// Single cells.
    Cells,
    /// Identities within a year.
    Sums,
    /// Identities with last year's report.
    Years,
    /// Form of the report.
    Form,
    /// Texts against tables.
    Text,
    /// Adding up a county.
    County,
    /// Making documents.
    Output,
    /// Word templates.
    Template,
}

/// How a rule is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not reported.
    Off,
    /// A remark.
    Remark,
    /// A warning.
    Warn,
    /// An error.
    Error,
}

impl Level {
    /// The severity of a finding; none if it is not reported.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Remark => Some(Severity::Remark),
            Level::Warn => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }

    /// The word of `nianbao.toml`.
    pub fn parse(word: &str) -> Option<Level> {
        match word {
            "off" => Some(Level::Off),
            "remark" => Some(Level::Remark),
            "warn" => Some(Level::Warn),
            "error" => Some(Level::Error),
            _ => None,
        }
    }
}

/// A rule in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// One line.
    pub short: String,
    /// What is judged.
    pub what: String,
    /// Why, with the clause or notice.
    pub why: String,
    /// A case in which it is reported.
    pub example: String,
    /// What to do.
    pub remedy: String,
}

/// All rules in the order of the registry.
pub fn all() -> &'static [Rule] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        rule: Vec<Rule>,
    }
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let file: File = toml::from_str(include_str!("rules.toml")).expect("embedded and tested");
        file.rule
    })
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().iter().find(|rule| rule.id == id)
}

/// The words of a rule.
pub fn words(id: &str, lang: Lang) -> Option<&'static Words> {
    static ZH: OnceLock<BTreeMap<String, Words>> = OnceLock::new();
    static EN: OnceLock<BTreeMap<String, Words>> = OnceLock::new();
    let words = match lang {
        Lang::Zh => ZH.get_or_init(|| parse(include_str!("rules.zh.toml"))),
        Lang::En => EN.get_or_init(|| parse(include_str!("rules.en.toml"))),
    };
    words.get(id)
}

fn parse(source: &str) -> BTreeMap<String, Words> {
    toml::from_str(source).expect("embedded and tested")
}

/// One line for each rule.
pub fn list(lang: Lang) -> String {
    let mut out = String::new();
    for rule in all() {
        let short = words(&rule.id, lang).map(|words| words.short.as_str()).unwrap_or_default();
        let level = level(rule.severity).in_lang(lang);
        let _ = writeln!(out, "{:<20}{level}  {short}", rule.id);
    }
    out
}

/// A rule at length, for the terminal.
pub fn explain(id: &str, lang: Lang) -> Option<String> {
    let (rule, words) = (find(id)?, words(id, lang)?);
    let level = level(rule.severity).in_lang(lang);
    let mut out = format!("{id} [{level}] {}\n", words.short);
    for (head, body) in parts(words) {
        let _ = write!(out, "\n{}\n  {body}\n", head.in_lang(lang));
    }
    Some(out)
}

/// The registry as Markdown: what `docs/rules.md` holds.
pub fn markdown(lang: Lang) -> String {
    let mut out = text!("rules.intro").in_lang(lang).trim_start().to_owned();
    let mut group = None;
    for rule in all() {
        if group != Some(rule.group) {
            group = Some(rule.group);
            let _ = write!(out, "\n## {}\n", heading(rule.group).in_lang(lang));
        }
        let Some(words) = words(&rule.id, lang) else { continue };
        let level = level(rule.severity).in_lang(lang);
        let _ = write!(out, "\n## `{}`\n\n{} ({level})\n\n", rule.id, words.short);
        for (head, body) in parts(words) {
            let _ = writeln!(out, "* **{}** {body}", head.in_lang(lang));
        }
    }
    out
}

fn parts(words: &Words) -> [(docx_fill::diag::Text, &str); 4] {
    [
        (text!("rules.what"), &words.what),
        (text!("rules.why"), &words.why),
        (text!("rules.example"), &words.example),
        (text!("rules.remedy"), &words.remedy),
    ]
}

fn level(level: Level) -> docx_fill::diag::Text {
    match level {
        Level::Off => text!("rules.off"),
        Level::Remark => text!("print.remark"),
        Level::Warn => text!("print.warning"),
        Level::Error => text!("print.error"),
    }
}

fn heading(group: Group) -> docx_fill::diag::Text {
    match group {
        Group::File => text!("rules.file"),
        Group::Cells => text!("rules.cells"),
        Group::Sums => text!("rules.sums"),
        Group::Years => text!("rules.years"),
        Group::Form => text!("rules.form"),
        Group::Text => text!("rules.text"),
        Group::County => text!("rules.county"),
        Group::Output => text!("rules.output"),
        Group::Template => text!("rules.template"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_words_in_both_languages_and_no_words_are_left_over() {
        let zh = parse(include_str!("rules.zh.toml"));
        let en = parse(include_str!("rules.en.toml"));
        let mut ids: Vec<&str> = all().iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(zh.keys().map(String::as_str).collect::<Vec<_>>(), ids);
        assert_eq!(en.keys().map(String::as_str).collect::<Vec<_>>(), ids);
        assert!(all().is_sorted_by_key(|rule| rule.group), "groups stand together");
    }
}
