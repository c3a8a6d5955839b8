//! Owns which part of a form a key names: by id, name or heading.
//! Must not read a value.

use crate::form::{Form, FormTable};

/// Returns the table that a key names.
pub(super) fn find_table(form: &Form, key: &str) -> Option<usize> {
    let is = |table: &FormTable| {
        table.id == key || table.name == key || is_table_heading(form, table, key)
    };
    form.tables.iter().position(is)
}

/// Returns the index of the section that a key names.
pub(super) fn find_section(form: &Form, key: &str) -> Option<usize> {
    form.sections.iter().position(|section| {
        let heading = section.heading.as_deref().unwrap_or_default();
        section.id == key || heading == key || strip_number(heading) == key
    })
}

/// Checks whether the key is the heading of the table's section, with or without its number.
fn is_table_heading(form: &Form, table: &FormTable, key: &str) -> bool {
    form.sections.iter().any(|section| {
        let own = section.table.is_some_and(|at| form.tables[at].id == table.id);
        let heading = section.heading.as_deref().unwrap_or_default();
        own && (heading == key || strip_number(heading) == key)
    })
}

/// Returns a heading without its number: 一、总体情况 → 总体情况.
pub(crate) fn strip_number(heading: &str) -> &str {
    heading.split_once('、').map_or(heading, |(_, rest)| rest)
}

/// Returns ids with their labels, as keys may give either.
pub(super) fn ids_and_labels<'a>(
    items: impl Iterator<Item = (&'a String, &'a String)>,
) -> Vec<&'a str> {
    items.flat_map(|(id, label)| [id.as_str(), label.as_str()]).collect()
}
