//! Owns signs of double counting: units with equal tables, a unit beside another of which it is
//! part, and documents that both of them count.
//! Must not change a figure: a person has to decide.

use super::unit_list::{UnitList, normalize_unit_name};
use super::{Collected, IncludedReport};
use crate::figure::Decimal;
use crate::form::CollectRule;
use crate::msg;
use crate::report::cell_ref;
use docx_fill::diag::{Diagnostic, Location};
use std::collections::BTreeMap;

/// Number of figures above 0 from which equal tables are not a coincidence.
const MIN_EQUAL_FIGURES: usize = 4;

pub(super) fn find_double_counting(
    county: &Collected,
    register: Option<&UnitList>,
    found: &mut Vec<Diagnostic>,
) {
    let members = county.included_reports();
    find_same_figures(&members, found);
    let names: Vec<&str> = members.iter().map(|member| member.name).collect();
    for (part, whole) in part_pairs(&names, register) {
        find_joint_documents(county, &members[part], &members[whole], found);
        find_contained(county, &members[part], &members[whole], found);
    }
}

/// Returns the figures of a report that are not computed, table by table.
fn given_figures<'a>(
    member: &'a IncludedReport<'a>,
) -> impl Iterator<Item = (usize, usize, Decimal)> + 'a {
    let tables = member.report.form.tables.iter().enumerate();
    tables.flat_map(move |(number, table)| {
        let cells = member.report.figures(number).enumerate();
        let own = cells.filter(move |(at, _)| !table.is_computed(*at));
        own.filter_map(move |(at, figure)| Some((number, at, figure.as_number()?)))
    })
}

/// Reports units whose tables are equal in every cell.
fn find_same_figures(members: &[IncludedReport<'_>], found: &mut Vec<Diagnostic>) {
    let mut groups: BTreeMap<Vec<(usize, usize, Decimal)>, Vec<&IncludedReport<'_>>> =
        BTreeMap::new();
    for member in members {
        let told: Vec<_> = given_figures(member).filter(|cell| cell.2 != Decimal::ZERO).collect();
        if told.len() >= MIN_EQUAL_FIGURES {
            groups.entry(told).or_default().push(member);
        }
    }
    for (told, group) in groups.iter().filter(|(_, group)| group.len() > 1) {
        let names: Vec<&str> = group.iter().map(|member| member.name).collect();
        let message = msg!("collect.same", units = names, count = told.len());
        let last = group[group.len() - 1];
        let mut one =
            Diagnostic::warning("same-figures", Location::File(last.report.source), message);
        for other in &group[..group.len() - 1] {
            one = one.with_label(Location::File(other.report.source), msg!("collect.also-here"));
        }
        found.push(one.with_hint(msg!("collect.same-hint")));
    }
}

/// Returns the pairs of a part and its whole, by their numbers and in their order: a unit is part of another according
/// to the list, or where the list says nothing, because its name continues the other's. Every name is folded once, and
/// looked up instead of compared with all others.
fn part_pairs(names: &[&str], register: Option<&UnitList>) -> Vec<(usize, usize)> {
    let folded: Vec<String> = names.iter().map(|name| normalize_unit_name(name)).collect();
    let listed: Vec<Option<usize>> =
        folded.iter().map(|name| register?.find_folded_unit(name)).collect();
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, unit) in listed.iter().enumerate() {
        if let Some(unit) = unit {
            members.entry(*unit).or_default().push(number);
        }
    }
    let beginnings = continued_names(&folded);
    let mut out = Vec::new();
    for (part, unit) in listed.iter().enumerate() {
        let whole = unit.zip(register).and_then(|(unit, list)| list.find_whole(unit));
        let mut wholes = beginnings[part].clone();
        if let Some(whole) = whole {
            // Of a unit that is in the list the list says it.
            wholes.retain(|number| listed[*number].is_none());
            wholes.extend(members.get(&whole).into_iter().flatten());
            wholes.sort_unstable();
        }
        out.extend(wholes.into_iter().map(|whole| (part, whole)));
    }
    out
}

/// Returns for each name the numbers of the shorter names with which it begins. In the order of the alphabet a name
/// follows all that it continues, with only such between them as continue the same.
fn continued_names(names: &[String]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..names.len()).filter(|at| !names[*at].is_empty()).collect();
    order.sort_by_key(|at| &names[*at]);
    let mut out = vec![Vec::new(); names.len()];
    let mut open: Vec<usize> = Vec::new();
    for number in order {
        let name = &names[number];
        while open.last().is_some_and(|last| !name.starts_with(&names[*last])) {
            open.pop();
        }
        let shorter = open.iter().copied().filter(|other| names[*other].len() < name.len());
        out[number] = shorter.collect();
        out[number].sort_unstable();
        open.push(number);
    }
    out
}

/// Reports rows to be reviewed in which both units have equal figures.
fn find_joint_documents(
    county: &Collected,
    part: &IncludedReport<'_>,
    whole: &IncludedReport<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let mut last = None;
    for (number, at, value) in given_figures(part).filter(|cell| cell.2 != Decimal::ZERO) {
        let table = &county.form.tables[number];
        let id = table.cells[at];
        let other = whole.report.figure(number, at).as_number();
        let asked = table.collect_rule_of(at) == CollectRule::Review;
        if !asked || other != Some(value) || last == Some((number, id.row)) {
            continue;
        }
        last = Some((number, id.row));
        let message = msg!(
            "collect.joint",
            part = part.name,
            whole = whole.name,
            row = table.row_name(id.row),
            column = &table.columns[id.column].label,
            value = value.to_string()
        );
        let place = part.report.cell_location(number, at);
        let one = Diagnostic::warning("joint-documents", place, message);
        let one = one.with_cell(cell_ref(table, Some(id.row), Some(id.column)));
        let also = whole.report.cell_location(number, at);
        found.push(
            one.with_label(also, msg!("collect.also-here")).with_hint(msg!("collect.joint-hint")),
        );
    }
}

/// Reports a part none of whose figures is above the whole's, which may include them.
fn find_contained(
    county: &Collected,
    part: &IncludedReport<'_>,
    whole: &IncludedReport<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let told = |cell: &(usize, usize, Decimal)| {
        cell.2 != Decimal::ZERO
            && county.form.tables[cell.0].collect_rule_of(cell.1) == CollectRule::Sum
    };
    let cells: Vec<_> = given_figures(part).filter(told).collect();
    let within = |&(number, at, value): &(usize, usize, Decimal)| {
        whole.report.figure(number, at).as_number().is_some_and(|other| value <= other)
    };
    if cells.is_empty() || !cells.iter().all(within) {
        return;
    }
    let message =
        msg!("collect.contained", part = part.name, whole = whole.name, count = cells.len());
    let one = Diagnostic::warning("sub-unit", Location::File(part.report.source), message);
    let one = one.with_label(Location::File(whole.report.source), msg!("collect.whole-here"));
    found.push(one.with_hint(msg!("collect.contained-hint", part = part.name)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{self, Syntax};
    use docx_fill::diag::{Sink, Sources};
    use std::fmt::Write as _;

    /// Compares every pair, folding both names each time.
    fn compared_pairs(names: &[&str], register: Option<&UnitList>) -> Vec<(usize, usize)> {
        let is_part = |part: &str, whole: &str| {
            let (name, above) = (normalize_unit_name(part), normalize_unit_name(whole));
            let listed = register.and_then(|list| {
                let unit = &list.units[list.find_unit(part)?];
                Some(list.find_unit(unit.part_of.as_ref()?)? == list.find_unit(whole)?)
            });
            let longer = name.len() > above.len() && !above.is_empty() && name.starts_with(&above);
            listed.unwrap_or(longer)
        };
        let numbers = || 0..names.len();
        let pairs = numbers().flat_map(|part| numbers().map(move |whole| (part, whole)));
        pairs.filter(|(part, whole)| is_part(names[*part], names[*whole])).collect()
    }

    fn unit_list(text: &str) -> UnitList {
        let (mut sources, mut sink) = (Sources::default(), Sink::new());
        let source = sources.add_text("units.toml", text);
        let root = data::load_data(source, text, Syntax::Toml, &mut sink).expect("a tree");
        UnitList::read(source, &root, &[], &mut sink)
    }

    #[test]
    fn looking_names_up_finds_the_pairs_that_comparing_all_finds() {
        let mut state = 11_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from((state >> 33) % below).expect("small")
        };
        let pieces = ["云溪县", "教育局", "考试中心", "（东）", "(东)", " ", "人民政府", "办公室"];
        let mut seen = 0;
        for round in 0..60 {
            let mut names: Vec<String> = vec![String::new()];
            for _ in 0..40 {
                let count = next(4) + 1;
                names.push((0..count).map(|_| pieces[next(8)]).collect());
            }
            let mut text = String::from("year = 2025\n");
            for name in names.iter().filter(|name| !name.trim().is_empty()).step_by(2) {
                let _ = writeln!(text, "[[unit]]\nname = \"{name}\"");
                if next(2) == 0 {
                    let _ = writeln!(text, "part-of = \"{}\"", names[next(40)]);
                }
            }
            let list = unit_list(&text);
            let register = (round % 3 > 0).then_some(&list);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let pairs = part_pairs(&names, register);
            assert_eq!(pairs, compared_pairs(&names, register), "{names:?} {text}");
            seen += pairs.len();
        }
        assert!(seen > 500, "{seen}");
    }
}
