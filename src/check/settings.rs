//! Owns the settings of a county or an office in `nianbao.toml`: severities, deadline, lengths,
//! levels allowed in rows, names of units.
//! Must not know where the file is; `cli` finds it.

use super::rules::{self, RuleGroup, RuleLevel};
use crate::data::{DataEntry, DataNode, DataValue, FaultRules, KnownKeysReader};
use crate::form::FormRegistry;
use crate::msg;
use docx_fill::diag::{Diagnostic, FormCellRef, Location, Severity, Sink, SourceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most keys that are listed where none is near.
const MAX_LISTED_KEYS: usize = 20;

/// Rule id of everything that is wrong with the settings.
pub const SETTINGS_RULE: &str = "settings";
/// Rule id of the remark that names the settings used.
pub const SETTINGS_USED_RULE: &str = "settings-used";
/// Rule id of the remark on settings that are ignored because they lie beside data.
pub const PASSED_OVER_RULE: &str = "settings-passed-over";

/// Local settings; empty by default.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    rule_levels: BTreeMap<String, RuleLevel>,
    /// Last month and day, in the year after the report's, for the date of the report.
    pub deadline: Option<(u8, u8)>,
    /// Maximum number of characters of a section's text, by section id.
    pub lengths: BTreeMap<String, usize>,
    /// Levels of organs that may have figures in a row, by row id.
    row_levels: BTreeMap<String, Vec<String>>,
    /// Names of all organs that report in the area.
    pub units: Vec<String>,
    /// Similarity in per cent from which a text counts as last year's.
    pub similarity: Option<u8>,
    /// Notices of all known editions.
    pub(super) notices: Vec<FormNotice>,
}

/// A notice that prescribes a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormNotice {
    /// Family of the form, whose reports cite it.
    pub(super) family: String,
    pub(super) title: String,
    pub(super) number: String,
    pub(super) marks: Vec<String>,
    /// Name of the form that the notice prescribes.
    pub(super) form_name: String,
    /// Report years of the form.
    pub(super) years: (u16, Option<u16>),
}

impl Settings {
    /// Adds the notices of all editions, so that a citation of the wrong one is recognised.
    #[must_use]
    pub fn with_notices(mut self, library: &FormRegistry) -> Settings {
        let notice = |form: &std::sync::Arc<crate::form::Form>| FormNotice {
            family: form.family.id.clone(),
            title: form.notice_title.clone(),
            number: form.notice_number.clone(),
            marks: form.notice_marks.clone(),
            form_name: form.name.clone(),
            years: (form.first_year, form.last_year),
        };
        let prescribed = library.forms().iter().filter(|form| !form.notice_number.is_empty());
        self.notices = prescribed.map(notice).collect();
        self
    }

    /// Reads `nianbao.toml` from its tree; faults go to the sink.
    pub fn read(
        source: SourceId,
        root: &DataNode,
        library: &FormRegistry,
        sink: &mut Sink,
    ) -> Settings {
        let file = KnownKeysReader { source, rules: FaultRules::One(SETTINGS_RULE), sink };
        let mut reader = SettingsReader { file, library, out: Settings::default() };
        for entry in reader.file.expect_table(root).unwrap_or_default() {
            reader.read_entry(entry);
        }
        reader.out.with_notices(library)
    }

    /// Returns the levels of organs that may fill a row, if set here.
    pub(super) fn levels_for_row(&self, row: &str) -> Option<&Vec<String>> {
        self.row_levels.get(row)
    }

    /// Checks whether findings of a rule are reported.
    pub(super) fn is_enabled(&self, rule: &str) -> bool {
        let default = || rules::find_rule(rule).map_or(RuleLevel::Error, |rule| rule.severity);
        self.rule_levels.get(rule).copied().unwrap_or_else(default) != RuleLevel::Off
    }

    /// Checks whether a rule that is an error by itself is still one.
    pub(super) fn is_error(&self, rule: &str) -> bool {
        self.rule_levels.get(rule).is_none_or(|level| *level == RuleLevel::Error)
    }

    /// Sets the severity of every finding to that of its rule and drops those of rules turned off.
    /// Findings with a note are one step lower.
    #[must_use]
    pub fn apply_severities(&self, sink: Sink) -> Sink {
        if self.rule_levels.is_empty() {
            return sink;
        }
        let mut out = Sink::new();
        for mut found in sink {
            match self.rule_levels.get(found.rule.as_ref()).map(|level| level.severity()) {
                Some(None) => continue,
                Some(Some(severity)) if found.answer.is_some() => {
                    found.severity = severity.downgraded();
                }
                Some(Some(severity)) => found.severity = severity,
                None => {}
            }
            out.push(found);
        }
        out
    }
}

/// The effect of settings on findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsEffect {
    /// Number of findings dropped.
    pub dropped: usize,
    /// Number of findings with a lower severity.
    pub lowered: usize,
}

impl SettingsEffect {
    /// Compares the findings without settings and with them.
    pub fn between(before: &[Diagnostic], after: &[Diagnostic]) -> SettingsEffect {
        let mut effect = SettingsEffect::default();
        let mut left = severities_by_location(after);
        for (what, grades) in severities_by_location(before) {
            let mut now = left.remove(&what).unwrap_or_default().into_iter();
            for was in grades {
                match now.next() {
                    None => effect.dropped += 1,
                    Some(is) => effect.lowered += usize::from(is > was),
                }
            }
        }
        effect
    }

    /// Adds the effect on other findings.
    pub fn add(&mut self, other: SettingsEffect) {
        self.dropped += other.dropped;
        self.lowered += other.lowered;
    }
}

/// Returns the severities, the highest first, by rule, location and cell of the finding.
fn severities_by_location(
    found: &[Diagnostic],
) -> BTreeMap<(&str, &Location, Option<&FormCellRef>), Vec<Severity>> {
    let mut out: BTreeMap<_, Vec<Severity>> = BTreeMap::new();
    for one in found {
        out.entry((&*one.rule, &one.location, one.cell.as_ref())).or_default().push(one.severity);
    }
    for grades in out.values_mut() {
        grades.sort_unstable();
    }
    out
}

/// Keys of the file with their Chinese names.
const KEYS: [(&str, &str); 6] = [
    ("rules", "规则"),
    ("deadline", "期限"),
    ("length", "字数"),
    ("power", "权限"),
    ("units", "单位"),
    ("similarity", "雷同"),
];

struct SettingsReader<'a> {
    file: KnownKeysReader<'a>,
    library: &'a FormRegistry,
    out: Settings,
}

impl SettingsReader<'_> {
    fn report_unknown_key(&mut self, entry: &DataEntry, known: &[&str]) {
        self.file.report_unknown_key(entry, known, || {
            if known.len() >= MAX_LISTED_KEYS {
                msg!("settings.see-explain")
            } else {
                msg!("report.known-keys", names = known.to_vec())
            }
        });
    }

    fn read_entry(&mut self, entry: &DataEntry) {
        let key = KEYS.iter().find(|key| entry.key == key.0 || entry.key == key.1);
        match key.map(|key| key.0) {
            Some("rules") => self.read_rules(&entry.node),
            Some("deadline") => self.read_deadline(&entry.node),
            Some("length") => self.read_lengths(&entry.node),
            Some("power") => self.read_row_levels(&entry.node),
            Some("units") => self.out.units = self.read_texts(&entry.node),
            Some(_) => {
                let percent = self.read_count(&entry.node).and_then(|n| u8::try_from(n).ok());
                self.out.similarity = percent.filter(|percent| (1..=100).contains(percent));
                if percent.is_some() && self.out.similarity.is_none() {
                    self.file.report_fault(
                        SETTINGS_RULE,
                        entry.node.place,
                        msg!("settings.percent"),
                        None,
                    );
                }
            }
            None => self.report_unknown_key(entry, &KEYS.map(|key| key.0)),
        }
    }

    fn read_rules(&mut self, node: &DataNode) {
        let mut known: Vec<&str> = rules::all_rules().iter().map(|rule| rule.id.as_str()).collect();
        for table in self.library.forms().iter().flat_map(|form| &form.tables) {
            known.extend(table.identities.iter().map(|identity| identity.id.as_str()));
            known.extend(table.bounds.iter().map(|bound| bound.id.as_str()));
            known.extend(table.year_identities.iter().map(|crossing| crossing.id.as_str()));
        }
        let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
        for entry in self.file.expect_table(node).unwrap_or_default() {
            if !known.contains(&entry.key) {
                self.report_unknown_key(
                    entry,
                    &known.iter().map(String::as_str).collect::<Vec<_>>(),
                );
                continue;
            }
            let level = match &entry.node.value {
                DataValue::Text(word) => RuleLevel::parse(word),
                _ => None,
            };
            if entry.key == SETTINGS_USED_RULE {
                self.file.report_fault(
                    SETTINGS_RULE,
                    entry.node.place,
                    msg!("settings.always"),
                    None,
                );
                continue;
            }
            // An error of the file itself makes all other results unreliable.
            let fixed = rules::find_rule(&entry.key).is_some_and(|rule| {
                rule.group == RuleGroup::File && rule.severity == RuleLevel::Error
            });
            match (level, fixed) {
                (None, _) => self.file.report_fault(
                    SETTINGS_RULE,
                    entry.node.place,
                    msg!("settings.level"),
                    None,
                ),
                (Some(level), true) if level != RuleLevel::Error => {
                    self.file.report_fault(
                        SETTINGS_RULE,
                        entry.node.place,
                        msg!("settings.fixed", rule = &entry.key),
                        None,
                    );
                }
                (Some(level), _) => {
                    self.out.rule_levels.insert(entry.key.clone(), level);
                }
            }
        }
    }

    fn read_deadline(&mut self, node: &DataNode) {
        let day = match &node.value {
            // Any year serves to check that the day exists.
            DataValue::Text(text) => crate::report::Date::parse(&format!("2025-{text}")),
            _ => None,
        };
        match day {
            Some(day) => self.out.deadline = Some((day.month, day.day)),
            None => self.file.report_fault(SETTINGS_RULE, node.place, msg!("settings.day"), None),
        }
    }

    fn read_lengths(&mut self, node: &DataNode) {
        let sections = self.library.forms().iter().flat_map(|form| &form.sections);
        let known: Vec<String> = sections.map(|section| section.id.clone()).collect();
        for entry in self.file.expect_table(node).unwrap_or_default() {
            if known.contains(&entry.key) {
                let count = self.read_count(&entry.node);
                self.out.lengths.extend(count.map(|count| (entry.key.clone(), count)));
            } else {
                self.report_unknown_key(
                    entry,
                    &known.iter().map(String::as_str).collect::<Vec<_>>(),
                );
            }
        }
    }

    fn read_row_levels(&mut self, node: &DataNode) {
        let tables = self.library.forms().iter().flat_map(|form| &form.tables);
        let known: Vec<String> =
            tables.flat_map(|table| &table.rows).map(|row| row.id.clone()).collect();
        for entry in self.file.expect_table(node).unwrap_or_default() {
            if known.contains(&entry.key) {
                let levels = self.read_texts(&entry.node);
                self.out.row_levels.insert(entry.key.clone(), levels);
            } else {
                self.report_unknown_key(
                    entry,
                    &known.iter().map(String::as_str).collect::<Vec<_>>(),
                );
            }
        }
    }

    fn read_count(&mut self, node: &DataNode) -> Option<usize> {
        let count = match &node.value {
            DataValue::Number(digits) => digits.parse().ok(),
            _ => None,
        };
        if count.is_none() {
            self.file.report_wrong_type(node, msg!("cell.count"));
        }
        count
    }

    fn read_texts(&mut self, node: &DataNode) -> Vec<String> {
        let DataValue::List(items) = &node.value else {
            self.file.report_wrong_type(node, msg!("data.kind-list"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items {
            out.extend(self.file.expect_trimmed(item));
        }
        out
    }
}
