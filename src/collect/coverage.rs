//! Owns who has delivered: every file gets its unit and its standing, and units of the list without a
//! file are missing.
//! Must not add figures.

use super::register::{Register, plain};
use super::{Delivered, Line, Standing};
use crate::form::Form;
use crate::report::{Figure, Report, nearest};
use crate::syntax::toml;
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Severity, Text};
use std::collections::BTreeMap;

/// What files are held against.
pub(super) struct Roll<'a> {
    pub(super) register: Option<&'a Register>,
    pub(super) year: u16,
    pub(super) form: &'a Form,
    pub(super) strict: bool,
}

/// A unit to which files are given: a number of the list, or a name that it lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Listed(usize),
    Named(String),
    /// A file that names nobody.
    Nameless(String),
}

/// The status of every file and of the missing units.
pub(super) fn lines(
    delivered: &[Delivered],
    roll: &Roll<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Line> {
    let mut files: BTreeMap<Unit, Vec<usize>> = BTreeMap::new();
    for at in 0..roll.register.map_or(0, |list| list.units.len()) {
        files.entry(Unit::Listed(at)).or_default();
    }
    for (at, file) in delivered.iter().enumerate() {
        files.entry(unit(file, roll)).or_default().push(at);
    }
    let mut out = Vec::new();
    for (unit, files) in files {
        one(&unit, &files, delivered, roll, (&mut out, found));
    }
    out
}

/// The unit of a file: by the organ that the report names, else by the file's own name.
fn unit(file: &Delivered, roll: &Roll<'_>) -> Unit {
    if let Some(report) = &file.report {
        let name = report.organ.name.trim();
        let listed = roll.register.and_then(|list| list.find(name));
        return match listed {
            Some(at) => Unit::Listed(at),
            None if name.is_empty() => Unit::Nameless(file.file.clone()),
            None => Unit::Named(plain(name)),
        };
    }
    let parts = file.file.split('/').rev();
    let stem = |part: &str| part.rsplit_once('.').map_or(part, |(stem, _)| stem).to_owned();
    let mut names = parts.flat_map(|part| [part.to_owned(), stem(part)]);
    let listed = roll.register.and_then(|list| names.find_map(|name| list.find(&name)));
    listed.map_or_else(|| Unit::Nameless(file.file.clone()), Unit::Listed)
}

/// The lines of one unit.
fn one(
    unit: &Unit,
    files: &[usize],
    delivered: &[Delivered],
    roll: &Roll<'_>,
    (out, found): (&mut Vec<Line>, &mut Vec<Diagnostic>),
) {
    let expected = match unit {
        Unit::Listed(at) => roll.register.and_then(|list| list.units.get(*at)),
        _ => None,
    };
    let name = |at: Option<usize>| match (expected, at.and_then(|at| delivered[at].report.as_ref()))
    {
        (Some(expected), _) => expected.name.clone(),
        (None, Some(report)) => report.organ.name.clone(),
        (None, None) => String::new(),
    };
    let line = |at: Option<usize>, standing| Line {
        unit: name(at),
        level: level(expected.and_then(|unit| unit.level.clone()), at, delivered),
        delivered: at,
        standing,
        reason: expected.and_then(|unit| unit.excluded.clone()),
    };
    if let Some(reason) = expected.and_then(|unit| unit.excluded.as_ref()) {
        for &at in files {
            let message = text!("collect.excluded", unit = name(Some(at)), reason = reason);
            let one = warn("unit-excluded", &delivered[at], message);
            found.push(one.hint(text!("collect.excluded-hint")));
            out.push(line(Some(at), Standing::Excluded));
        }
        return;
    }
    if expected.is_some_and(|unit| unit.faulty) {
        // The list says what is wrong with it.
        out.extend(files.iter().map(|&at| line(Some(at), Standing::Unclear)));
        if files.is_empty() {
            out.push(line(None, Standing::Unclear));
        }
        return;
    }
    let (fit, others): (Vec<usize>, Vec<usize>) =
        files.iter().copied().partition(|&at| fits(&delivered[at], roll));
    let chosen = choose(&fit, delivered, roll, unit, found);
    for at in fit {
        out.push(line(Some(at), chosen[&at]));
    }
    for at in others.iter().copied() {
        let standing = misfit(&delivered[at], !chosen.is_empty(), roll, found);
        out.push(line(Some(at), standing));
    }
    if let (Some(expected), true, Some(list)) = (expected, files.is_empty(), roll.register) {
        let message = text!("collect.missing", unit = &expected.name);
        let place = Place::Text(list.source, expected.span);
        let one = Diagnostic::error("unit-missing", place, message);
        found.push(one.hint(text!("collect.missing-hint")));
        out.push(line(None, Standing::Missing));
    }
}

fn level(listed: Option<String>, at: Option<usize>, delivered: &[Delivered]) -> Option<String> {
    let own = || at.and_then(|at| delivered[at].report.as_ref()?.organ.level.clone());
    listed.or_else(own)
}

fn warn(rule: &'static str, file: &Delivered, message: Text) -> Diagnostic {
    Diagnostic::warning(rule, Place::File(file.source), message)
}

fn error(rule: &'static str, file: &Delivered, message: Text) -> Diagnostic {
    Diagnostic::error(rule, Place::File(file.source), message)
}

/// Whether a report is of the county's year and form.
fn fits(file: &Delivered, roll: &Roll<'_>) -> bool {
    let Some(report) = &file.report else { return false };
    report.year == roll.year && report.form.edition == roll.form.edition
}

/// Why a file cannot be added.
fn misfit(
    file: &Delivered,
    has_fit: bool,
    roll: &Roll<'_>,
    found: &mut Vec<Diagnostic>,
) -> Standing {
    let Some(report) = &file.report else { return Standing::Unread };
    if has_fit && report.year + 1 == roll.year {
        return Standing::LastYear;
    }
    let message = text!(
        "collect.other-form",
        unit = &report.organ.name,
        year = u32::from(report.year),
        edition = &report.form.edition,
        county_year = u32::from(roll.year),
        county_edition = &roll.form.edition
    );
    found.push(error("unit-form", file, message).hint(text!("collect.other-form-hint")));
    Standing::OtherForm
}

/// The standing of files of the right year and form: one is added, the same once more is not, and of
/// different ones none.
fn choose(
    fit: &[usize],
    delivered: &[Delivered],
    roll: &Roll<'_>,
    unit: &Unit,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<usize, Standing> {
    let Some((&first, others)) = fit.split_first() else { return BTreeMap::new() };
    let mut out = BTreeMap::new();
    if let (Some(list), false) = (roll.register, matches!(unit, Unit::Listed(_))) {
        for &at in fit {
            found.push(unknown(&delivered[at], list));
            out.insert(at, Standing::Unknown);
        }
        return out;
    }
    let same = others.iter().all(|&at| alike(&delivered[first], &delivered[at]));
    if !others.is_empty() {
        found.push(twice(fit, delivered, same));
    }
    for &at in fit {
        let standing = match (same, at == first, delivered[at].count(Severity::Error) > 0) {
            (false, ..) => Standing::Conflicting,
            (true, false, _) => Standing::Repeated,
            (true, true, true) if roll.strict => Standing::Faulty,
            (true, true, true) => Standing::AddedFaulty,
            (true, true, false) => Standing::Added,
        };
        out.insert(at, standing);
    }
    out
}

fn unknown(file: &Delivered, list: &Register) -> Diagnostic {
    let name = file.report.as_ref().map(|report| report.organ.name.clone()).unwrap_or_default();
    let names: Vec<&str> = list.units.iter().map(|unit| unit.name.as_str()).collect();
    let hint = match nearest(&name, &names) {
        // What somebody is to copy into the list has to be a text there.
        Some(near) => text!("collect.unknown-near", near = near, name = toml::shown(&name)),
        None => text!("collect.unknown-hint"),
    };
    error("unit-unknown", file, text!("collect.unknown", unit = &name)).hint(hint)
}

fn twice(files: &[usize], delivered: &[Delivered], same: bool) -> Diagnostic {
    let (first, last) = (&delivered[files[0]], &delivered[files[files.len() - 1]]);
    let unit = first.report.as_ref().map(|report| report.organ.name.clone()).unwrap_or_default();
    let names: Vec<&String> = files.iter().map(|&at| &delivered[at].file).collect();
    let one = if same {
        warn("unit-twice", last, text!("collect.twice-same", unit = unit, files = names))
    } else {
        let count =
            first.report.as_ref().zip(last.report.as_ref()).map_or(0, |(a, b)| differing(a, b));
        let message = text!("collect.twice", unit = unit, files = names, count = count);
        error("unit-twice", last, message).hint(text!("collect.twice-hint"))
    };
    files[..files.len() - 1].iter().fold(one, |one, &at| {
        one.label(Place::File(delivered[at].source), text!("collect.also-here"))
    })
}

/// Whether two reports have the same figures.
fn alike(a: &Delivered, b: &Delivered) -> bool {
    a.report.as_ref().zip(b.report.as_ref()).is_some_and(|(a, b)| differing(a, b) == 0)
}

fn differing(a: &Report, b: &Report) -> usize {
    let cells = |report: &Report| -> Vec<Figure> {
        report.tables.iter().flatten().map(|cell| cell.figure.clone()).collect()
    };
    cells(a).iter().zip(cells(b)).filter(|(a, b)| *a != b).count()
}
