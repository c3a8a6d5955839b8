//! Owns the delivery status: every file gets its unit and its status, and units of the list without
//! a file are missing.
//! Must not add figures.

use super::unit_list::{UnitList, normalize_unit_name};
use super::{DeliveredFile, DeliveryStatus, StatusLine, UnitReport};
use crate::form::Form;
use crate::msg;
use crate::syntax::toml;
use docx_fill::diag::{Diagnostic, Location, Message, NameIndex, Severity};
use std::collections::BTreeMap;

/// The county's year, form and options, and the list of units, with which files are compared.
pub(super) struct Roster<'a> {
    pub(super) unit_list: Option<&'a UnitList>,
    pub(super) year: u16,
    pub(super) form: &'a Form,
    pub(super) strict: bool,
}

impl Roster<'_> {
    /// Returns the index of the names of the list.
    fn name_index(&self) -> NameIndex {
        let units = self.unit_list.iter().flat_map(|list| &list.units);
        NameIndex::new(units.map(|unit| unit.name.as_str()))
    }
}

/// A unit to which files belong: a number of the list, or a name that it lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum UnitKey {
    Listed(usize),
    Named(String),
    /// The name of a file that names no unit.
    Nameless(String),
}

/// Returns the status of every file and of the missing units.
pub(super) fn status_lines(
    delivered: &[DeliveredFile],
    roll: &Roster<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<StatusLine> {
    let mut files: BTreeMap<UnitKey, Vec<usize>> = BTreeMap::new();
    for at in 0..roll.unit_list.map_or(0, |list| list.units.len()) {
        files.entry(UnitKey::Listed(at)).or_default();
    }
    let short_names = ShortNames::new(roll.unit_list);
    for (at, file) in delivered.iter().enumerate() {
        files.entry(unit_of_file(file, roll, &short_names)).or_default().push(at);
    }
    let mut out = Vec::new();
    let mut delivery = Delivery { delivered, roll, names: roll.name_index(), found };
    for (unit, files) in files {
        out.extend(delivery.lines_of_unit(&unit, &files));
    }
    out
}

/// Returns the unit of a file: by the organ that the report names, else by the file name.
fn unit_of_file(file: &DeliveredFile, roll: &Roster<'_>, short_names: &ShortNames) -> UnitKey {
    if let Some(report) = &file.report {
        let name = report.organ.trim();
        let listed = roll.unit_list.and_then(|list| list.find_unit(name));
        return match listed {
            Some(at) => UnitKey::Listed(at),
            None if name.is_empty() => UnitKey::Nameless(file.file.clone()),
            None => UnitKey::Named(normalize_unit_name(name)),
        };
    }
    let parts = file.file.split('/').rev();
    let stem = |part: &str| part.rsplit_once('.').map_or(part, |(stem, _)| stem).to_owned();
    let mut names = parts.flat_map(|part| [part.to_owned(), stem(part)]);
    let listed = roll.unit_list.and_then(|list| names.find_map(|name| list.find_unit(&name)));
    let listed = listed.or_else(|| file.file.split('/').rev().find_map(|p| short_names.find_in(p)));
    listed.map_or_else(|| UnitKey::Nameless(file.file.clone()), UnitKey::Listed)
}

/// Ends of official names that nobody writes in the name of a file.
const NAME_SUFFIXES: [&str; 3] = ["人民政府", "街道办事处", "办事处"];
/// Least length of a name by which a file is recognised, in characters.
const MIN_SHORT_NAME: usize = 2;
/// Longest name that is looked for in the name of a file, in characters.
const MAX_SHORT_NAME: usize = 24;
/// Number of characters of the name of a file that are looked at.
const MAX_FILE_NAME: usize = 80;

/// The names of the list as files bear them: 白河镇 for 白河镇人民政府.
#[derive(Default)]
struct ShortNames {
    /// Units by name; `None` if several have it.
    units: BTreeMap<String, Option<usize>>,
}

impl ShortNames {
    fn new(list: Option<&UnitList>) -> ShortNames {
        let mut out = ShortNames::default();
        for (at, unit) in list.iter().flat_map(|list| &list.units).enumerate() {
            for name in std::iter::once(&unit.name).chain(&unit.aliases) {
                let name = normalize_unit_name(name);
                let short = NAME_SUFFIXES.iter().find_map(|end| name.strip_suffix(end));
                let short = short.unwrap_or(&name);
                if (MIN_SHORT_NAME..=MAX_SHORT_NAME).contains(&short.chars().count()) {
                    let known = out.units.entry(short.to_owned()).or_insert(Some(at));
                    *known = known.filter(|other| *other == at);
                }
            }
        }
        out
    }

    /// Returns the unit whose name stands in the name of a file, of several the one with the longest.
    fn find_in(&self, file: &str) -> Option<usize> {
        let letters: Vec<char> = normalize_unit_name(file).chars().take(MAX_FILE_NAME).collect();
        let longest = letters.len().min(MAX_SHORT_NAME);
        let mut pieces = (MIN_SHORT_NAME..=longest).rev().flat_map(|size| letters.windows(size));
        pieces.find_map(|piece| self.units.get(&piece.iter().collect::<String>()).copied())?
    }
}

/// The files of a county as they are sorted by units.
struct Delivery<'a> {
    delivered: &'a [DeliveredFile],
    roll: &'a Roster<'a>,
    /// Names of the list, by which the one is found that a unit may mean.
    names: NameIndex,
    found: &'a mut Vec<Diagnostic>,
}

impl Delivery<'_> {
    /// Returns the lines of one unit.
    fn lines_of_unit(&mut self, unit: &UnitKey, files: &[usize]) -> Vec<StatusLine> {
        let Delivery { delivered, roll, .. } = *self;
        let mut out = Vec::new();
        let expected = match unit {
            UnitKey::Listed(at) => roll.unit_list.and_then(|list| list.units.get(*at)),
            _ => None,
        };
        let name =
            |at: Option<usize>| match (expected, at.and_then(|at| delivered[at].report.as_ref())) {
                (Some(expected), _) => expected.name.clone(),
                (None, Some(report)) => report.organ.clone(),
                (None, None) => String::new(),
            };
        let line = |at: Option<usize>, standing| StatusLine {
            unit: name(at),
            level: unit_level(expected.and_then(|unit| unit.level.clone()), at, delivered),
            delivered: at,
            status: standing,
            reason: expected.and_then(|unit| unit.excluded.clone()),
        };
        if let Some(reason) = expected.and_then(|unit| unit.excluded.as_ref()) {
            for &at in files {
                let message = msg!("collect.excluded", unit = name(Some(at)), reason = reason);
                let one = file_warning("unit-excluded", &delivered[at], message);
                self.found.push(one.with_hint(msg!("collect.excluded-hint")));
                out.push(line(Some(at), DeliveryStatus::Excluded));
            }
            return out;
        }
        if expected.is_some_and(|unit| unit.faulty) {
            // The faults of the list are reported where it is read.
            out.extend(files.iter().map(|&at| line(Some(at), DeliveryStatus::Unclear)));
            if files.is_empty() {
                out.push(line(None, DeliveryStatus::Unclear));
            }
            return out;
        }
        let (fit, others): (Vec<usize>, Vec<usize>) =
            files.iter().copied().partition(|&at| matches_county(&delivered[at], roll));
        let chosen = self.choose_report(&fit, unit);
        for at in fit {
            out.push(line(Some(at), chosen[&at]));
        }
        for at in others.iter().copied() {
            let standing = mismatch_status(&delivered[at], !chosen.is_empty(), roll, self.found);
            out.push(line(Some(at), standing));
        }
        if let (Some(expected), true, Some(list)) = (expected, files.is_empty(), roll.unit_list) {
            let message = msg!("collect.missing", unit = &expected.name);
            let place = expected.place.in_source(list.source);
            let one = Diagnostic::error("unit-missing", place, message);
            self.found.push(one.with_hint(msg!("collect.missing-hint")));
            out.push(line(None, DeliveryStatus::Missing));
        }
        out
    }

    /// Returns the status of files with the right year and form: one is added; a copy of it is not; of
    /// different ones none is.
    fn choose_report(&mut self, fit: &[usize], unit: &UnitKey) -> BTreeMap<usize, DeliveryStatus> {
        let Delivery { delivered, roll, .. } = *self;
        let Some((&first, others)) = fit.split_first() else { return BTreeMap::new() };
        let mut out = BTreeMap::new();
        if roll.unit_list.is_some() && !matches!(unit, UnitKey::Listed(_)) {
            for &at in fit {
                self.found.push(unknown_unit(&delivered[at], &self.names));
                out.insert(at, DeliveryStatus::Unknown);
            }
            return out;
        }
        let same = others.iter().all(|&at| has_same_figures(&delivered[first], &delivered[at]));
        if !others.is_empty() {
            self.found.push(delivered_twice(fit, delivered, same));
        }
        for &at in fit {
            let standing =
                match (same, at == first, delivered[at].count_findings(Severity::Error) > 0) {
                    (false, ..) => DeliveryStatus::Conflicting,
                    (true, false, _) => DeliveryStatus::Repeated,
                    (true, true, true) if roll.strict => DeliveryStatus::Faulty,
                    (true, true, _) if is_incomplete(&delivered[at]) => {
                        DeliveryStatus::AddedIncomplete
                    }
                    (true, true, true) => DeliveryStatus::AddedFaulty,
                    (true, true, false) => DeliveryStatus::Added,
                };
            out.insert(at, standing);
        }
        out
    }
}

fn unit_level(
    listed: Option<String>,
    at: Option<usize>,
    delivered: &[DeliveredFile],
) -> Option<String> {
    let own = || at.and_then(|at| delivered[at].report.as_ref()?.level.clone());
    listed.or_else(own)
}

fn file_warning(rule: &'static str, file: &DeliveredFile, message: Message) -> Diagnostic {
    Diagnostic::warning(rule, Location::File(file.source), message)
}

fn file_error(rule: &'static str, file: &DeliveredFile, message: Message) -> Diagnostic {
    Diagnostic::error(rule, Location::File(file.source), message)
}

/// Checks whether a report has the county's year and form.
fn matches_county(file: &DeliveredFile, roll: &Roster<'_>) -> bool {
    let Some(report) = &file.report else { return false };
    report.has_year && report.year == roll.year && report.form.is_same(roll.form)
}

/// Returns the status of a file that cannot be added for its year or form.
fn mismatch_status(
    file: &DeliveredFile,
    has_fit: bool,
    roll: &Roster<'_>,
    found: &mut Vec<Diagnostic>,
) -> DeliveryStatus {
    let Some(report) = &file.report else { return DeliveryStatus::Unread };
    if !report.has_year {
        let message = msg!("collect.no-year", unit = &report.organ);
        let found_one = file_error("unit-form", file, message);
        found.push(found_one.with_hint(msg!("collect.no-year-hint")));
        return DeliveryStatus::OtherForm;
    }
    if has_fit && report.year + 1 == roll.year {
        return DeliveryStatus::LastYear;
    }
    let message = msg!(
        "collect.other-form",
        unit = &report.organ,
        year = u32::from(report.year),
        edition = report.form.full_name(),
        county_year = u32::from(roll.year),
        county_edition = roll.form.full_name()
    );
    found.push(file_error("unit-form", file, message).with_hint(msg!("collect.other-form-hint")));
    DeliveryStatus::OtherForm
}

fn unknown_unit(file: &DeliveredFile, names: &NameIndex) -> Diagnostic {
    let name = file.report.as_ref().map(|report| report.organ.clone()).unwrap_or_default();
    let hint = match names.nearest(&name) {
        // What somebody is to copy into the list has to be a text there.
        Some(near) => msg!("collect.unknown-near", near = near, name = toml::quoted_text(&name)),
        None => msg!("collect.unknown-hint"),
    };
    file_error("unit-unknown", file, msg!("collect.unknown", unit = &name)).with_hint(hint)
}

fn delivered_twice(files: &[usize], delivered: &[DeliveredFile], same: bool) -> Diagnostic {
    let (first, last) = (&delivered[files[0]], &delivered[files[files.len() - 1]]);
    let unit = first.report.as_ref().map(|report| report.organ.clone()).unwrap_or_default();
    let names: Vec<&String> = files.iter().map(|&at| &delivered[at].file).collect();
    let one = if same {
        file_warning("unit-twice", last, msg!("collect.twice-same", unit = unit, files = names))
    } else {
        let count = first
            .report
            .as_ref()
            .zip(last.report.as_ref())
            .map_or(0, |(a, b)| count_differences(a, b));
        let message = msg!("collect.twice", unit = unit, files = names, count = count);
        file_error("unit-twice", last, message).with_hint(msg!("collect.twice-hint"))
    };
    files[..files.len() - 1].iter().fold(one, |one, &at| {
        one.with_label(Location::File(delivered[at].source), msg!("collect.also-here"))
    })
}

/// Checks whether some figures of a report are unknown.
fn is_incomplete(file: &DeliveredFile) -> bool {
    file.report.as_ref().is_some_and(UnitReport::has_unknown)
}

/// Checks whether two reports have the same figures.
fn has_same_figures(a: &DeliveredFile, b: &DeliveredFile) -> bool {
    a.report.as_ref().zip(b.report.as_ref()).is_some_and(|(a, b)| count_differences(a, b) == 0)
}

fn count_differences(a: &UnitReport, b: &UnitReport) -> usize {
    a.all_figures().zip(b.all_figures()).filter(|(a, b)| a != b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{self, Syntax};
    use docx_fill::diag::{Sink, Sources};

    #[test]
    fn a_file_that_cannot_be_read_has_its_unit_by_its_name() {
        let text = "[[unit]]\nname = \"白河镇人民政府\"\n[[unit]]\nname = \"县教育局\"\n\
                    aliases = [\"教育局\"]\n[[unit]]\nname = \"县教育局考试中心\"\n";
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("units.toml", text);
        let root = data::load_data(source, text, Syntax::Toml, &mut sink).expect("a tree");
        let list = UnitList::read(source, &root, &[], &mut sink);
        let names = ShortNames::new(Some(&list));
        assert_eq!(names.find_in("白河镇.rar"), Some(0));
        assert_eq!(names.find_in("2025白河镇年报（扫描件）.pdf"), Some(0));
        assert_eq!(names.find_in("教育局年报.doc"), Some(1));
        assert_eq!(names.find_in("县教育局考试中心.pdf"), Some(2));
        assert_eq!(names.find_in("扫描件.pdf"), None);
    }
}
