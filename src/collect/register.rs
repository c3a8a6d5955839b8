//! Owns the list of units that a county expects (`units.toml`): names, levels, other names, what a unit
//! is part of, and units to be left out with the reason.
//! Must not know which units have delivered.

use crate::data::{Entry, Node, Value, plain_form};
use crate::report::{Further, LEVELS, is_key, nearest};
use crate::text;
use docx_fill::diag::{Sink, SourceId, Span, is_hidden, visible};
use std::collections::BTreeMap;

/// Rule id of everything that is wrong with the list.
pub(super) const RULE: &str = "units-file";

/// The units of a county.
#[derive(Debug, Clone)]
pub struct Register {
    /// The file.
    pub source: SourceId,
    /// The year, if it is given.
    pub year: Option<u16>,
    /// Name of the county, empty if not given.
    pub organ: String,
    /// Its level.
    pub level: Option<String>,
    /// The units in the order of the file.
    pub units: Vec<Expected>,
    /// Their numbers by their names, as names are compared.
    by_name: BTreeMap<String, usize>,
}

/// A unit of the list.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Name as on its seal.
    pub name: String,
    /// Level.
    pub level: Option<String>,
    /// Further names by which its reports may go.
    pub aliases: Vec<String>,
    /// The unit that it is an office of.
    pub part_of: Option<String>,
    /// Why its figures are not added, if they are not.
    pub excluded: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// Whether something is wrong with what the list says of it, so that nobody knows how it is meant.
    pub faulty: bool,
}

/// A name without blanks and with plain brackets, as names are compared.
pub fn plain(name: &str) -> String {
    let solid = name.chars().filter(|c| !c.is_whitespace());
    solid.map(|c| plain_form(c).unwrap_or(c)).collect()
}

const KEYS: [(&str, &str); 3] = [("year", "年度"), ("organ", "机关"), ("unit", "单位")];
const ORGAN_KEYS: [(&str, &str); 2] = [("name", "名称"), ("level", "层级")];
const UNIT_KEYS: [(&str, &str); 5] = [
    ("name", "名称"),
    ("level", "层级"),
    ("aliases", "别名"),
    ("part-of", "隶属"),
    ("excluded", "不汇总"),
];

impl Register {
    /// Reads the list; what is wrong goes to the sink.
    pub fn read(source: SourceId, root: &Node, sink: &mut Sink) -> Register {
        let (organ, units, by_name) = (String::new(), Vec::new(), BTreeMap::new());
        let register = Register { source, year: None, organ, level: None, units, by_name };
        let mut reader = Reader { file: Further { source, rule: RULE, sink }, register };
        for entry in reader.file.table(root) {
            match reader.key(entry, &KEYS) {
                Some("year") => reader.year(&entry.node),
                Some("organ") => reader.organ(&entry.node),
                Some("unit") => reader.units(&entry.node),
                _ => {}
            }
        }
        reader.names();
        reader.register
    }

    /// The unit with this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(&plain(name)).copied()
    }
}

struct Reader<'a> {
    file: Further<'a>,
    register: Register,
}

impl Reader<'_> {
    /// The id of a known key; others are said.
    fn key(&mut self, entry: &Entry, known: &[(&'static str, &str)]) -> Option<&'static str> {
        if let Some(key) = known.iter().find(|key| is_key(&entry.key, **key)) {
            return Some(key.0);
        }
        let names: Vec<&str> = known.iter().map(|key| key.0).collect();
        self.file.unknown(entry, &names, None);
        None
    }

    fn year(&mut self, node: &Node) {
        self.register.year = match &node.value {
            Value::Number(digits) => digits.parse().ok().filter(|y| (1000..=9999).contains(y)),
            _ => None,
        };
        if self.register.year.is_none() {
            self.file.wrong(node, text!("report.expected-year"));
        }
    }

    fn level(&mut self, node: &Node) -> Option<String> {
        let level = self.file.text(node)?;
        let found = LEVELS.iter().find(|known| is_key(&level, **known));
        if found.is_none() {
            let known: Vec<_> = LEVELS.iter().map(|(id, name)| format!("{id}（{name}）")).collect();
            let message = text!("report.unknown-level", level = &level, known = known);
            self.file.fault(node.span, message, None);
        }
        found.map(|level| level.0.to_owned())
    }

    fn organ(&mut self, node: &Node) {
        for entry in self.file.table(node) {
            match self.key(entry, &ORGAN_KEYS) {
                Some("name") => {
                    self.register.organ = self.file.text(&entry.node).unwrap_or_default();
                    let organ = self.register.organ.clone();
                    self.hidden(&organ, entry.node.span);
                }
                Some("level") => self.register.level = self.level(&entry.node),
                _ => {}
            }
        }
    }

    fn units(&mut self, node: &Node) {
        let Value::List(items) = &node.value else {
            self.file.wrong(node, text!("data.kind-list"));
            return;
        };
        for item in items {
            let mut unit = Expected { span: item.span, ..Expected::default() };
            let before = self.faults();
            for entry in self.file.table(item) {
                match self.key(entry, &UNIT_KEYS) {
                    Some("name") => {
                        unit.name = self.file.text(&entry.node).unwrap_or_default();
                        unit.span = entry.node.span;
                    }
                    Some("level") => unit.level = self.level(&entry.node),
                    Some("aliases") => unit.aliases = self.aliases(&entry.node),
                    Some("part-of") => unit.part_of = self.file.text(&entry.node),
                    Some("excluded") => unit.excluded = self.file.text(&entry.node),
                    _ => {}
                }
            }
            if unit.name.is_empty() {
                self.file.fault(item.span, text!("collect.no-name"), None);
                continue;
            }
            unit.faulty = self.file.sink.is_full() || self.faults() > before;
            self.hidden(&unit.name, unit.span);
            self.register.units.push(unit);
        }
    }

    fn faults(&self) -> usize {
        self.file.sink.iter().count()
    }

    /// Says that a name has characters that nobody sees.
    fn hidden(&mut self, name: &str, span: Span) {
        if let Some(found) = name.chars().find(|c| is_hidden(*c)) {
            let sign = visible(&found.to_string()).into_owned();
            let code = format!("U+{:04X}", u32::from(found));
            let message = text!("collect.hidden-name", name = name, sign = sign, code = code);
            self.file.fault(span, message, Some(text!("check.hidden-hint")));
        }
    }

    fn aliases(&mut self, node: &Node) -> Vec<String> {
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| self.file.text(item)).collect(),
            _ => self.file.text(node).into_iter().collect(),
        }
    }

    /// Names that stand twice, and wholes that are not in the list.
    fn names(&mut self) {
        let mut units = std::mem::take(&mut self.register.units);
        let by_name = &mut self.register.by_name;
        for (at, unit) in units.iter_mut().enumerate() {
            let own: Vec<&String> = std::iter::once(&unit.name).chain(&unit.aliases).collect();
            for name in own.iter().filter(|name| by_name.contains_key(&plain(name))) {
                self.file.fault(unit.span, text!("collect.name-twice", name = *name), None);
                unit.faulty = true;
            }
            for name in own {
                by_name.entry(plain(name)).or_insert(at);
            }
        }
        let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        for unit in &units {
            let lost = unit.part_of.as_ref().filter(|whole| !by_name.contains_key(&plain(whole)));
            if let Some(whole) = lost {
                let near = if self.file.sink.is_full() { None } else { nearest(whole, &names) };
                let hint = near.map(|near| text!("report.did-you-mean", name = near));
                self.file.fault(unit.span, text!("collect.no-whole", name = whole), hint);
            }
        }
        self.register.units = units;
    }
}
