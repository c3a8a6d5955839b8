//! Owns the list of units that a county expects (`units.toml`): names, levels, other names, the
//! unit of which a unit is part, and units to be left out with the reason.
//! Must not know which units have delivered.

use crate::data::{
    DataEntry, DataNode, DataValue, FaultRules, KnownKeysReader, matches_key, to_half_width,
};
use crate::form::NamedId;
use crate::msg;
use docx_fill::diag::{NameIndex, Sink, SourceId, SourcePlace, is_hidden, show_hidden};
use std::collections::BTreeMap;

/// Rule id of all faults of the list.
pub(super) const UNITS_FILE_RULE: &str = "units-file";

/// The units of a county.
#[derive(Debug, Clone)]
pub struct UnitList {
    /// Source of the list.
    pub source: SourceId,
    /// Year of the list, if given.
    pub year: Option<u16>,
    /// Name of the county; empty if not given.
    pub organ: String,
    /// Level of the county.
    pub level: Option<String>,
    /// Units in the order of the file.
    pub units: Vec<ExpectedUnit>,
    /// Indexes into `units` by normalized name.
    by_name: BTreeMap<String, usize>,
}

/// A unit of the list.
#[derive(Debug, Clone, Default)]
pub struct ExpectedUnit {
    /// Official name, as on the unit's seal.
    pub name: String,
    /// Level of the organ, if given.
    pub level: Option<String>,
    /// Other names in the unit's reports.
    pub aliases: Vec<String>,
    /// Name of the unit of which it is part.
    pub part_of: Option<String>,
    /// Reason for leaving the unit out of the sum, if it is.
    pub excluded: Option<String>,
    /// Place of the entry.
    pub place: SourcePlace,
    /// True if the entry has a fault, so that its meaning is uncertain.
    pub faulty: bool,
}

/// Returns a name in the form used for comparison: without blanks, with half-width brackets.
pub fn normalize_unit_name(name: &str) -> String {
    let solid = name.chars().filter(|c| !c.is_whitespace());
    solid.map(|c| to_half_width(c).unwrap_or(c)).collect()
}

const FILE_KEYS: [(&str, &str); 3] = [("year", "年度"), ("organ", "机关"), ("unit", "单位")];
const ORGAN_KEYS: [(&str, &str); 2] = [("name", "名称"), ("level", "层级")];
const UNIT_KEYS: [(&str, &str); 5] = [
    ("name", "名称"),
    ("level", "层级"),
    ("aliases", "别名"),
    ("part-of", "隶属"),
    ("excluded", "不汇总"),
];

impl UnitList {
    /// Reads the list, in which organs have these levels; faults go to the sink.
    pub fn read(
        source: SourceId,
        root: &DataNode,
        levels: &[NamedId],
        sink: &mut Sink,
    ) -> UnitList {
        let (organ, units, by_name) = (String::new(), Vec::new(), BTreeMap::new());
        let register = UnitList { source, year: None, organ, level: None, units, by_name };
        let mut reader = UnitListReader {
            file: KnownKeysReader { source, rules: FaultRules::One(UNITS_FILE_RULE), sink },
            unit_list: register,
            levels,
        };
        for entry in reader.file.expect_table(root).unwrap_or_default() {
            match reader.known_key(entry, &FILE_KEYS) {
                Some("year") => reader.read_year(&entry.node),
                Some("organ") => reader.read_organ(&entry.node),
                Some("unit") => reader.read_units(&entry.node),
                _ => {}
            }
        }
        reader.index_names();
        reader.unit_list
    }

    /// Returns the unit with this name.
    pub(super) fn find_unit(&self, name: &str) -> Option<usize> {
        self.find_folded_unit(&normalize_unit_name(name))
    }

    /// Returns the unit with this normalized name.
    pub(super) fn find_folded_unit(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Returns the unit of which a unit is part.
    pub(super) fn find_whole(&self, unit: usize) -> Option<usize> {
        self.find_unit(self.units.get(unit)?.part_of.as_ref()?)
    }
}

struct UnitListReader<'a> {
    file: KnownKeysReader<'a>,
    unit_list: UnitList,
    /// The levels that an organ may have.
    levels: &'a [NamedId],
}

impl UnitListReader<'_> {
    /// Returns the id of a key; reports an unknown one.
    fn known_key(
        &mut self,
        entry: &DataEntry,
        known: &[(&'static str, &str)],
    ) -> Option<&'static str> {
        if let Some(key) = known.iter().find(|key| matches_key(&entry.key, **key)) {
            return Some(key.0);
        }
        let names: Vec<&str> = known.iter().map(|key| key.0).collect();
        self.file
            .report_unknown_key(entry, &names, || msg!("report.known-keys", names = names.clone()));
        None
    }

    fn read_year(&mut self, node: &DataNode) {
        self.unit_list.year = match &node.value {
            DataValue::Number(digits) => digits.parse().ok().filter(|y| (1000..=9999).contains(y)),
            _ => None,
        };
        if self.unit_list.year.is_none() {
            self.file.report_wrong_type(node, msg!("report.expected-year"));
        }
    }

    fn read_level(&mut self, node: &DataNode) -> Option<String> {
        let level = self.file.expect_trimmed(node)?;
        let found = self.levels.iter().find(|known| known.is_named(&level));
        if found.is_none() {
            let known: Vec<_> = self.levels.iter().map(NamedId::listed).collect();
            let message = msg!("report.unknown-level", level = &level, known = known);
            self.file.report_fault(UNITS_FILE_RULE, node.place, message, None);
        }
        found.map(|level| level.id.clone())
    }

    fn read_organ(&mut self, node: &DataNode) {
        for entry in self.file.expect_table(node).unwrap_or_default() {
            match self.known_key(entry, &ORGAN_KEYS) {
                Some("name") => {
                    self.unit_list.organ =
                        self.file.expect_trimmed(&entry.node).unwrap_or_default();
                    let organ = self.unit_list.organ.clone();
                    self.report_hidden(&organ, entry.node.place);
                }
                Some("level") => self.unit_list.level = self.read_level(&entry.node),
                _ => {}
            }
        }
    }

    fn read_units(&mut self, node: &DataNode) {
        let DataValue::List(items) = &node.value else {
            self.file.report_wrong_type(node, msg!("data.kind-list"));
            return;
        };
        for item in items {
            let mut unit = ExpectedUnit { place: item.place, ..ExpectedUnit::default() };
            let before = self.fault_count();
            for entry in self.file.expect_table(item).unwrap_or_default() {
                match self.known_key(entry, &UNIT_KEYS) {
                    Some("name") => {
                        unit.name = self.file.expect_trimmed(&entry.node).unwrap_or_default();
                        unit.place = entry.node.place;
                    }
                    Some("level") => unit.level = self.read_level(&entry.node),
                    Some("aliases") => unit.aliases = self.read_aliases(&entry.node),
                    Some("part-of") => unit.part_of = self.file.expect_trimmed(&entry.node),
                    Some("excluded") => unit.excluded = self.file.expect_trimmed(&entry.node),
                    _ => {}
                }
            }
            if unit.name.is_empty() {
                self.file.report_fault(UNITS_FILE_RULE, item.place, msg!("collect.no-name"), None);
                continue;
            }
            unit.faulty = self.file.sink.is_full() || self.fault_count() > before;
            self.report_hidden(&unit.name, unit.place);
            self.unit_list.units.push(unit);
        }
    }

    fn fault_count(&self) -> usize {
        self.file.sink.iter().count()
    }

    /// Reports invisible characters in a name.
    fn report_hidden(&mut self, name: &str, place: SourcePlace) {
        if let Some(found) = name.chars().find(|c| is_hidden(*c)) {
            let sign = show_hidden(&found.to_string()).into_owned();
            let code = format!("U+{:04X}", u32::from(found));
            let message = msg!("collect.hidden-name", name = name, sign = sign, code = code);
            self.file.report_fault(
                UNITS_FILE_RULE,
                place,
                message,
                Some(msg!("check.hidden-hint")),
            );
        }
    }

    fn read_aliases(&mut self, node: &DataNode) -> Vec<String> {
        match &node.value {
            DataValue::List(items) => {
                items.iter().filter_map(|item| self.file.expect_trimmed(item)).collect()
            }
            _ => self.file.expect_trimmed(node).into_iter().collect(),
        }
    }

    /// Indexes the names; reports duplicate names, and containing units that are not in the list.
    fn index_names(&mut self) {
        let mut units = std::mem::take(&mut self.unit_list.units);
        let by_name = &mut self.unit_list.by_name;
        for (at, unit) in units.iter_mut().enumerate() {
            let own: Vec<&String> = std::iter::once(&unit.name).chain(&unit.aliases).collect();
            for name in own.iter().filter(|name| by_name.contains_key(&normalize_unit_name(name))) {
                self.file.report_fault(
                    UNITS_FILE_RULE,
                    unit.place,
                    msg!("collect.name-twice", name = *name),
                    None,
                );
                unit.faulty = true;
            }
            for name in own {
                by_name.entry(normalize_unit_name(name)).or_insert(at);
            }
        }
        let names = NameIndex::new(units.iter().map(|unit| unit.name.as_str()));
        for unit in &units {
            let lost = unit
                .part_of
                .as_ref()
                .filter(|whole| !by_name.contains_key(&normalize_unit_name(whole)));
            if let Some(whole) = lost {
                let near = if self.file.sink.is_full() { None } else { names.nearest(whole) };
                let hint = near.map(|near| msg!("report.did-you-mean", name = near));
                self.file.report_fault(
                    UNITS_FILE_RULE,
                    unit.place,
                    msg!("collect.no-whole", name = whole),
                    hint,
                );
            }
        }
        self.unit_list.units = units;
    }
}
