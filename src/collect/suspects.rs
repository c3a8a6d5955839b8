//! Owns what looks as if it were counted twice: units with the same tables, a unit beside one that it is
//! part of, and documents that both of them count.
//! Must not change a figure: a person has to ask.

use super::register::{Register, plain};
use super::{Collected, Member};
use crate::figure::Decimal;
use crate::form::Collect;
use crate::report::cell_ref;
use crate::text;
use docx_fill::diag::{Diagnostic, Place};
use std::collections::BTreeMap;

/// Fewest figures above 0 by which equal tables are no chance.
const TELLING: usize = 4;

pub(super) fn judge(county: &Collected, register: Option<&Register>, found: &mut Vec<Diagnostic>) {
    let members = county.members();
    same(&members, found);
    for part in &members {
        for whole in &members {
            if is_part(part, whole, register) {
                documents(county, part, whole, found);
                contained(county, part, whole, found);
            }
        }
    }
}

/// The figures of a report that are not computed, table by table.
fn figures<'a>(member: &'a Member<'a>) -> impl Iterator<Item = (usize, usize, Decimal)> + 'a {
    let tables = member.report.form.tables.iter().enumerate();
    tables.flat_map(move |(number, table)| {
        let cells = member.report.tables[number].iter().enumerate();
        let own = cells.filter(move |(at, _)| !table.is_computed(*at));
        own.filter_map(move |(at, cell)| Some((number, at, cell.figure.number()?)))
    })
}

/// Units whose tables are the same in every cell.
fn same(members: &[Member<'_>], found: &mut Vec<Diagnostic>) {
    let mut groups: BTreeMap<Vec<(usize, usize, Decimal)>, Vec<&Member<'_>>> = BTreeMap::new();
    for member in members {
        let told: Vec<_> = figures(member).filter(|cell| cell.2 != Decimal::ZERO).collect();
        if told.len() >= TELLING {
            groups.entry(told).or_default().push(member);
        }
    }
    for (told, group) in groups.iter().filter(|(_, group)| group.len() > 1) {
        let names: Vec<&str> = group.iter().map(|member| member.name).collect();
        let message = text!("collect.same", units = names, count = told.len());
        let last = group[group.len() - 1];
        let mut one = Diagnostic::warning("same-figures", Place::File(last.report.source), message);
        for other in &group[..group.len() - 1] {
            one = one.label(Place::File(other.report.source), text!("collect.also-here"));
        }
        found.push(one.hint(text!("collect.same-hint")));
    }
}

/// Whether a unit is part of another: the list says so, or its name goes on from the other's.
fn is_part(part: &Member<'_>, whole: &Member<'_>, register: Option<&Register>) -> bool {
    let (name, above) = (plain(part.name), plain(whole.name));
    let listed = register.and_then(|list| {
        let unit = &list.units[list.find(part.name)?];
        Some(list.find(unit.part_of.as_ref()?)? == list.find(whole.name)?)
    });
    let longer = name.len() > above.len() && !above.is_empty() && name.starts_with(&above);
    listed.unwrap_or(longer)
}

/// Rows in which both have the same and which cannot be added blindly.
fn documents(
    county: &Collected,
    part: &Member<'_>,
    whole: &Member<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let mut last = None;
    for (number, at, value) in figures(part).filter(|cell| cell.2 != Decimal::ZERO) {
        let table = &county.form.tables[number];
        let id = table.cells[at];
        let other = whole.report.tables[number][at].figure.number();
        let asked = table.collects(at) == Collect::Ask;
        if !asked || other != Some(value) || last == Some((number, id.row)) {
            continue;
        }
        last = Some((number, id.row));
        let message = text!(
            "collect.joint",
            part = part.name,
            whole = whole.name,
            row = table.row_name(id.row),
            column = &table.columns[id.column].label,
            value = value.to_string()
        );
        let place = part.report.cell_place(number, at);
        let one = Diagnostic::warning("joint-documents", place, message);
        let one = one.cell(cell_ref(table, Some(id.row), Some(id.column)));
        let also = whole.report.cell_place(number, at);
        found.push(one.label(also, text!("collect.also-here")).hint(text!("collect.joint-hint")));
    }
}

/// A part none of whose figures is above the whole's: they may be in them.
fn contained(
    county: &Collected,
    part: &Member<'_>,
    whole: &Member<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let told = |cell: &(usize, usize, Decimal)| {
        cell.2 != Decimal::ZERO && county.form.tables[cell.0].collects(cell.1) == Collect::Sum
    };
    let cells: Vec<_> = figures(part).filter(told).collect();
    let within = |&(number, at, value): &(usize, usize, Decimal)| {
        whole.report.tables[number][at].figure.number().is_some_and(|other| value <= other)
    };
    if cells.is_empty() || !cells.iter().all(within) {
        return;
    }
    let message =
        text!("collect.contained", part = part.name, whole = whole.name, count = cells.len());
    let one = Diagnostic::warning("sub-unit", Place::File(part.report.source), message);
    let one = one.label(Place::File(whole.report.source), text!("collect.whole-here"));
    found.push(one.hint(text!("collect.contained-hint", part = part.name)));
}
