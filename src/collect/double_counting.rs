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
    for part in &members {
        for whole in &members {
            if is_part_of(part, whole, register) {
                find_joint_documents(county, part, whole, found);
                find_contained(county, part, whole, found);
            }
        }
    }
}

/// Returns the figures of a report that are not computed, table by table.
fn given_figures<'a>(
    member: &'a IncludedReport<'a>,
) -> impl Iterator<Item = (usize, usize, Decimal)> + 'a {
    let tables = member.report.form.tables.iter().enumerate();
    tables.flat_map(move |(number, table)| {
        let cells = member.report.tables[number].iter().enumerate();
        let own = cells.filter(move |(at, _)| !table.is_computed(*at));
        own.filter_map(move |(at, cell)| Some((number, at, cell.figure.as_number()?)))
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

/// Checks whether a unit is part of another: according to the list, or because its name continues
/// the other's.
fn is_part_of(
    part: &IncludedReport<'_>,
    whole: &IncludedReport<'_>,
    register: Option<&UnitList>,
) -> bool {
    let (name, above) = (normalize_unit_name(part.name), normalize_unit_name(whole.name));
    let listed = register.and_then(|list| {
        let unit = &list.units[list.find_unit(part.name)?];
        Some(list.find_unit(unit.part_of.as_ref()?)? == list.find_unit(whole.name)?)
    });
    let longer = name.len() > above.len() && !above.is_empty() && name.starts_with(&above);
    listed.unwrap_or(longer)
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
        let other = whole.report.tables[number][at].figure.as_number();
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
        whole.report.tables[number][at].figure.as_number().is_some_and(|other| value <= other)
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
