//! Owns what a county or an office sets in `nianbao.toml`: severities, deadline, lengths, levels with
//! powers, names of units.
//! Must not know where the file lies; `cli` finds it.

use super::rules::{self, Group, Level};
use crate::data::{Entry, Node, Value};
use crate::form::Library;
use crate::report::Further;
use crate::text;
use docx_fill::diag::{CellRef, Diagnostic, Place, Severity, Sink, SourceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rule id of everything that is wrong with the settings.
pub const RULE: &str = "settings";
/// Rule id of what says which settings were used.
pub const USED: &str = "settings-used";
/// Rule id of settings that are passed over because they lie beside somebody's data.
pub const PASSED: &str = "settings-passed-over";

/// Local settings; the default has none.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    levels: BTreeMap<String, Level>,
    /// Last day (month, day) of the year after for the report's date.
    pub deadline: Option<(u8, u8)>,
    /// Most characters of a section's text, by section id.
    pub lengths: BTreeMap<String, usize>,
    /// Levels of organs that may have figures in a row, by row id.
    power: BTreeMap<String, Vec<String>>,
    /// Names of all organs that report in the area.
    pub units: Vec<String>,
    /// From how many per cent on a text counts as last year's.
    pub similarity: Option<u8>,
    /// The notices of all known editions.
    pub(super) notices: Vec<Notice>,
}

/// A notice that prescribes a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) title: String,
    pub(super) number: String,
    pub(super) marks: Vec<String>,
}

impl Settings {
    /// Adds the notices of all editions, so that a citation of the wrong one is known.
    #[must_use]
    pub fn with_notices(mut self, library: &Library) -> Settings {
        let notice = |form: &std::sync::Arc<crate::form::Form>| Notice {
            title: form.notice_title.clone(),
            number: form.notice_number.clone(),
            marks: form.notice_marks.clone(),
        };
        self.notices = library.forms().iter().map(notice).collect();
        self
    }

    /// Reads `nianbao.toml` from its tree; what is wrong goes to the sink.
    pub fn read(source: SourceId, root: &Node, library: &Library, sink: &mut Sink) -> Settings {
        let file = Further { source, rule: RULE, sink };
        let mut reader = Reader { file, library, out: Settings::default() };
        for entry in reader.file.table(root) {
            reader.top(entry);
        }
        reader.out.with_notices(library)
    }

    /// Levels with power to fill a row, if set here.
    pub(super) fn levels(&self, row: &str) -> Option<&Vec<String>> {
        self.power.get(row)
    }

    /// Whether findings of a rule are wanted.
    pub(super) fn wants(&self, rule: &str) -> bool {
        let default = || rules::find(rule).map_or(Level::Error, |rule| rule.severity);
        self.levels.get(rule).copied().unwrap_or_else(default) != Level::Off
    }

    /// Gives every finding the severity that is set for its rule; those of rules turned off are
    /// dropped. What the clerk has answered is one step less grave than that.
    #[must_use]
    pub fn settle(&self, sink: Sink) -> Sink {
        if self.levels.is_empty() {
            return sink;
        }
        let mut out = Sink::new();
        for mut found in sink {
            match self.levels.get(found.rule.as_ref()).map(|level| level.severity()) {
                Some(None) => continue,
                Some(Some(severity)) if found.answer.is_some() => found.severity = severity.eased(),
                Some(Some(severity)) => found.severity = severity,
                None => {}
            }
            out.push(found);
        }
        out
    }
}

/// What settings have made of findings, against what there would be without them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Findings that are not there.
    pub dropped: usize,
    /// Findings that are less grave.
    pub lowered: usize,
}

impl Effect {
    /// Compares the findings without settings and with them.
    pub fn between(before: &[Diagnostic], after: &[Diagnostic]) -> Effect {
        let mut effect = Effect::default();
        let mut left = by_place(after);
        for (what, grades) in by_place(before) {
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

    /// Adds what they have made of others.
    pub fn add(&mut self, other: Effect) {
        self.dropped += other.dropped;
        self.lowered += other.lowered;
    }
}

/// What findings are about, with their severities from the gravest.
fn by_place(found: &[Diagnostic]) -> BTreeMap<(&str, &Place, Option<&CellRef>), Vec<Severity>> {
    let mut out: BTreeMap<_, Vec<Severity>> = BTreeMap::new();
    for one in found {
        out.entry((&*one.rule, &one.place, one.cell.as_ref())).or_default().push(one.severity);
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

struct Reader<'a> {
    file: Further<'a>,
    library: &'a Library,
    out: Settings,
}

impl Reader<'_> {
    fn unknown(&mut self, entry: &Entry, known: &[&str]) {
        self.file.unknown(entry, known, Some(text!("settings.see-explain")));
    }

    fn top(&mut self, entry: &Entry) {
        let key = KEYS.iter().find(|key| entry.key == key.0 || entry.key == key.1);
        match key.map(|key| key.0) {
            Some("rules") => self.rules(&entry.node),
            Some("deadline") => self.deadline(&entry.node),
            Some("length") => self.lengths(&entry.node),
            Some("power") => self.power(&entry.node),
            Some("units") => self.out.units = self.texts(&entry.node),
            Some(_) => {
                let percent = self.count(&entry.node).and_then(|n| u8::try_from(n).ok());
                self.out.similarity = percent.filter(|percent| (1..=100).contains(percent));
                if percent.is_some() && self.out.similarity.is_none() {
                    self.file.fault(entry.node.span, text!("settings.percent"), None);
                }
            }
            None => self.unknown(entry, &KEYS.map(|key| key.0)),
        }
    }

    fn rules(&mut self, node: &Node) {
        let mut known: Vec<&str> = rules::all().iter().map(|rule| rule.id.as_str()).collect();
        for table in self.library.forms().iter().flat_map(|form| &form.tables) {
            known.extend(table.identities.iter().map(|identity| identity.id.as_str()));
            known.extend(table.bounds.iter().map(|bound| bound.id.as_str()));
            known.extend(table.crossings.iter().map(|crossing| crossing.id.as_str()));
        }
        let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
        for entry in self.file.table(node) {
            if !known.contains(&entry.key) {
                self.unknown(entry, &known.iter().map(String::as_str).collect::<Vec<_>>());
                continue;
            }
            let level = match &entry.node.value {
                Value::Text(word) => Level::parse(word),
                _ => None,
            };
            if entry.key == USED {
                self.file.fault(entry.node.span, text!("settings.always"), None);
                continue;
            }
            // Without what an error of the file itself is about nothing else can be trusted.
            let fixed = rules::find(&entry.key)
                .is_some_and(|rule| rule.group == Group::File && rule.severity == Level::Error);
            match (level, fixed) {
                (None, _) => self.file.fault(entry.node.span, text!("settings.level"), None),
                (Some(level), true) if level != Level::Error => {
                    self.file.fault(
                        entry.node.span,
                        text!("settings.fixed", rule = &entry.key),
                        None,
                    );
                }
                (Some(level), _) => {
                    self.out.levels.insert(entry.key.clone(), level);
                }
            }
        }
    }

    fn deadline(&mut self, node: &Node) {
        let day = match &node.value {
            // Any year will do to see whether there is such a day.
            Value::Text(text) => crate::report::Date::parse(&format!("2025-{text}")),
            _ => None,
        };
        match day {
            Some(day) => self.out.deadline = Some((day.month, day.day)),
            None => self.file.fault(node.span, text!("settings.day"), None),
        }
    }

    fn lengths(&mut self, node: &Node) {
        let sections = self.library.forms().iter().flat_map(|form| &form.sections);
        let known: Vec<String> = sections.map(|section| section.id.clone()).collect();
        for entry in self.file.table(node) {
            if known.contains(&entry.key) {
                let count = self.count(&entry.node);
                self.out.lengths.extend(count.map(|count| (entry.key.clone(), count)));
            } else {
                self.unknown(entry, &known.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
    }

    fn power(&mut self, node: &Node) {
        let tables = self.library.forms().iter().flat_map(|form| &form.tables);
        let known: Vec<String> =
            tables.flat_map(|table| &table.rows).map(|row| row.id.clone()).collect();
        for entry in self.file.table(node) {
            if known.contains(&entry.key) {
                let levels = self.texts(&entry.node);
                self.out.power.insert(entry.key.clone(), levels);
            } else {
                self.unknown(entry, &known.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
    }

    fn count(&mut self, node: &Node) -> Option<usize> {
        let count = match &node.value {
            Value::Number(digits) => digits.parse().ok(),
            _ => None,
        };
        if count.is_none() {
            self.file.wrong(node, text!("cell.count"));
        }
        count
    }

    fn texts(&mut self, node: &Node) -> Vec<String> {
        let Value::List(items) = &node.value else {
            self.file.wrong(node, text!("data.kind-list"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items {
            out.extend(self.file.text(item));
        }
        out
    }
}
