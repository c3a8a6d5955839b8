//! Owns the registry of rules: id, group and severity from `rules.toml`, texts from `rules.zh.toml`
//! and `rules.en.toml`; and the Markdown of `docs/rules.md`.
//! Must not check anything.

use crate::msg;
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
    /// Group in which the rule is listed.
    pub group: RuleGroup,
    /// Severity, unless `nianbao.toml` sets another.
    pub severity: RuleLevel,
}

/// Groups of rules, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleGroup {
    /// Reading the data file; these rules cannot be turned off.
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
    /// Summing up a county.
    County,
    /// Writing documents.
    Output,
    /// Word templates.
    Template,
}

/// The level to which a rule is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    /// Not reported.
    Off,
    /// A remark.
    Remark,
    /// A warning.
    Warn,
    /// An error.
    Error,
}

impl RuleLevel {
    /// Returns the severity of a finding; `None` if it is not reported.
    pub fn severity(self) -> Option<Severity> {
        match self {
            RuleLevel::Off => None,
            RuleLevel::Remark => Some(Severity::Info),
            RuleLevel::Warn => Some(Severity::Warning),
            RuleLevel::Error => Some(Severity::Error),
        }
    }

    /// Parses the word used in `nianbao.toml`.
    pub fn parse(word: &str) -> Option<RuleLevel> {
        match word {
            "off" => Some(RuleLevel::Off),
            "remark" => Some(RuleLevel::Remark),
            "warn" => Some(RuleLevel::Warn),
            "error" => Some(RuleLevel::Error),
            _ => None,
        }
    }
}

/// The texts of a rule in one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTexts {
    /// Summary in one line.
    pub short: String,
    /// Subject of the check.
    pub what: String,
    /// Reason, with the clause or notice.
    pub why: String,
    /// Example of a report with the finding.
    pub example: String,
    /// Correction.
    pub remedy: String,
}

/// Returns all rules in the order of the registry.
pub fn all_rules() -> &'static [Rule] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RulesFile {
        rule: Vec<Rule>,
    }
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let file: RulesFile =
            toml::from_str(include_str!("rules.toml")).expect("embedded and tested");
        file.rule
    })
}

/// Returns the rule with this id.
pub fn find_rule(id: &str) -> Option<&'static Rule> {
    all_rules().iter().find(|rule| rule.id == id)
}

/// Returns the texts of a rule.
pub fn rule_texts(id: &str, lang: Lang) -> Option<&'static RuleTexts> {
    static ZH: OnceLock<BTreeMap<String, RuleTexts>> = OnceLock::new();
    static EN: OnceLock<BTreeMap<String, RuleTexts>> = OnceLock::new();
    let words = match lang {
        Lang::Zh => ZH.get_or_init(|| parse_texts(include_str!("rules.zh.toml"))),
        Lang::En => EN.get_or_init(|| parse_texts(include_str!("rules.en.toml"))),
    };
    words.get(id)
}

fn parse_texts(source: &str) -> BTreeMap<String, RuleTexts> {
    toml::from_str(source).expect("embedded and tested")
}

/// Returns the list of rules, one line each.
pub fn list_rules(lang: Lang) -> String {
    let mut out = String::new();
    for rule in all_rules() {
        let short =
            rule_texts(&rule.id, lang).map(|words| words.short.as_str()).unwrap_or_default();
        let level = level_name(rule.severity).in_lang(lang);
        let _ = writeln!(out, "{:<20}{level}  {short}", rule.id);
    }
    out
}

/// Returns the full description of a rule for the terminal.
pub fn explain_rule(id: &str, lang: Lang) -> Option<String> {
    let (rule, words) = (find_rule(id)?, rule_texts(id, lang)?);
    Some(render_rule(id, rule.severity, words, lang))
}

/// Returns the description of a rule with its texts.
pub(super) fn render_rule(id: &str, level: RuleLevel, words: &RuleTexts, lang: Lang) -> String {
    let level = level_name(level).in_lang(lang);
    let mut out = format!("{id} [{level}] {}\n", words.short);
    for (head, body) in titled_texts(words) {
        let _ = write!(out, "\n{}\n  {body}\n", head.in_lang(lang));
    }
    out
}

/// Returns the registry as Markdown, the content of `docs/rules.md`.
pub fn rules_markdown(lang: Lang) -> String {
    let mut out = msg!("rules.intro").in_lang(lang).trim_start().to_owned();
    let mut group = None;
    for rule in all_rules() {
        if group != Some(rule.group) {
            group = Some(rule.group);
            let _ = write!(out, "\n## {}\n", group_heading(rule.group).in_lang(lang));
        }
        let Some(words) = rule_texts(&rule.id, lang) else { continue };
        let level = level_name(rule.severity).in_lang(lang);
        let _ = write!(out, "\n## `{}`\n\n{} ({level})\n\n", rule.id, words.short);
        for (head, body) in titled_texts(words) {
            let _ = writeln!(out, "* **{}** {body}", head.in_lang(lang));
        }
    }
    out
}

fn titled_texts(words: &RuleTexts) -> [(docx_fill::diag::Message, &str); 4] {
    [
        (msg!("rules.what"), &words.what),
        (msg!("rules.why"), &words.why),
        (msg!("rules.example"), &words.example),
        (msg!("rules.remedy"), &words.remedy),
    ]
}

fn level_name(level: RuleLevel) -> docx_fill::diag::Message {
    match level {
        RuleLevel::Off => msg!("rules.off"),
        RuleLevel::Remark => msg!("print.remark"),
        RuleLevel::Warn => msg!("print.warning"),
        RuleLevel::Error => msg!("print.error"),
    }
}

fn group_heading(group: RuleGroup) -> docx_fill::diag::Message {
    match group {
        RuleGroup::File => msg!("rules.file"),
        RuleGroup::Cells => msg!("rules.cells"),
        RuleGroup::Sums => msg!("rules.sums"),
        RuleGroup::Years => msg!("rules.years"),
        RuleGroup::Form => msg!("rules.form"),
        RuleGroup::Text => msg!("rules.text"),
        RuleGroup::County => msg!("rules.county"),
        RuleGroup::Output => msg!("rules.output"),
        RuleGroup::Template => msg!("rules.template"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_words_in_both_languages_and_no_words_are_left_over() {
        let zh = parse_texts(include_str!("rules.zh.toml"));
        let en = parse_texts(include_str!("rules.en.toml"));
        let mut ids: Vec<&str> = all_rules().iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(zh.keys().map(String::as_str).collect::<Vec<_>>(), ids);
        assert_eq!(en.keys().map(String::as_str).collect::<Vec<_>>(), ids);
        assert!(all_rules().is_sorted_by_key(|rule| rule.group), "groups stand together");
    }
}
