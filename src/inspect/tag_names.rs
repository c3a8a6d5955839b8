//! Owns checking the names in tags: the form that a template follows, the names of its data, and
//! whether every tag's name is among them.
//! Must not know the place of a tag: the template does.

use crate::form::{Form, FormRegistry};
use crate::render::content;
use crate::{msg, starter};
use docx_fill::diag::{Diagnostic, Severity, Sink, SourceId, nearest_name};
use docx_fill::template::{CompiledTemplate, PERHAPS_ITEMS, Requirement};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Number of figures from which a document is recognised as following a form.
const MIN_FIGURES: usize = 8;

/// Returns the form of which a template has most figures; of equal ones the likeliest.
pub(super) fn recognise_form(
    template: &CompiledTemplate,
    library: &FormRegistry,
) -> Option<Arc<Form>> {
    let mut best: Option<(usize, &Arc<Form>)> = None;
    for form in library.by_likelihood() {
        let wants = template.tags().iter().flat_map(|tag| &tag.requirements);
        let found: BTreeSet<_> =
            wants.filter_map(|want| figure_of_path(form, &want.path)).collect();
        let count = found.len();
        if count >= MIN_FIGURES && best.is_none_or(|(most, _)| count > most) {
            best = Some((count, form));
        }
    }
    best.map(|(_, form)| Arc::clone(form))
}

/// Returns table and cell number of the figure that a path names, by ids or official labels.
pub(super) fn figure_of_path(form: &Form, path: &[String]) -> Option<(usize, usize)> {
    let [table, row, column] = path else { return None };
    let known = |known: &crate::form::FormTable| known.id == *table || known.name == *table;
    let at = form.tables.iter().position(known)?;
    let table = &form.tables[at];
    let cell = table.cell_number(table.find_row(row)?, table.find_column(column)?)?;
    Some((at, cell))
}

/// Returns all names that a report of a form gives to a template, with values of no meaning.
pub(super) fn names_of_form(form: &Arc<Form>) -> Value {
    let report = starter::starter_report(form, "机关", form.first_year);
    let texts = report.texts.iter().map(|_| String::new()).collect();
    content::tag_data(&report, &texts, false, true)
}

/// Reports names in tags that the data does not have.
pub(super) fn check_tag_names(
    template: &CompiledTemplate,
    data: &Value,
    source: SourceId,
    sink: &mut Sink,
) {
    for tag in template.tags() {
        for want in &tag.requirements {
            let Err(lost) = look_up_path(data, &want.path) else { continue };
            if want.outer && is_further_out(data, want) {
                continue;
            }
            let near = lost.nearest_path(&want.path);
            // A name in a condition may be absent; one that is similar to another is a typing
            // error.
            let severity = if want.optional { Severity::Warning } else { Severity::Error };
            if want.optional && near.is_none() {
                continue;
            }
            let message = msg!("inspect.name-unknown", name = shown_path(&want.path));
            let place = super::word_place(source, tag.location.clone());
            let mut found = Diagnostic::new("name-unknown", severity, place, message);
            if let Some(near) = near {
                found = found.with_hint(msg!("template.nearest", name = near));
            }
            sink.push(found);
        }
    }
}

/// Returns a path as messages show it.
fn shown_path(path: &[String]) -> String {
    let steps = path.iter().map(String::as_str).filter(|step| *step != PERHAPS_ITEMS);
    steps.collect::<Vec<_>>().join(".")
}

/// The step at which a path fails: the number of steps found, and the names available there.
struct MissingPath {
    depth: usize,
    known: Vec<String>,
}

impl MissingPath {
    fn nearest_path(&self, path: &[String]) -> Option<String> {
        let wrong = path.get(self.depth)?;
        let near = nearest_name(wrong, self.known.iter().map(String::as_str))?;
        let mut whole = path.to_vec();
        near.clone_into(&mut whole[self.depth]);
        Some(shown_path(&whole))
    }
}

/// Looks a path up; in a list without items every name is found.
fn look_up_path(value: &Value, path: &[String]) -> Result<(), MissingPath> {
    look_up_step(value, path, 0)
}

fn look_up_step(value: &Value, path: &[String], depth: usize) -> Result<(), MissingPath> {
    let Some(name) = path.get(depth) else { return Ok(()) };
    let any = name == "*" || name.starts_with('[');
    match value {
        // A field that may lie in a list within the item: `sum groups "rows.amount"`.
        Value::Array(items) if name == PERHAPS_ITEMS => {
            items.iter().try_for_each(|item| look_up_step(item, path, depth + 1))
        }
        _ if name == PERHAPS_ITEMS => look_up_step(value, path, depth + 1),
        Value::Object(map) if !any => match map.get(name) {
            Some(inner) => look_up_step(inner, path, depth + 1),
            None => Err(MissingPath { depth, known: map.keys().cloned().collect() }),
        },
        Value::Object(map) => map.values().try_for_each(|item| look_up_step(item, path, depth + 1)),
        Value::Array(items) if any => {
            items.iter().try_for_each(|item| look_up_step(item, path, depth + 1))
        }
        // `{{#rows}}` iterates over a list; `rows.0` and `rows.length` access it.
        Value::Array(items) => match name.parse::<usize>() {
            Ok(index) => {
                items.get(index).map_or(Ok(()), |item| look_up_step(item, path, depth + 1))
            }
            Err(_) if name == "length" => Ok(()),
            Err(_) => items.iter().try_for_each(|item| look_up_step(item, path, depth)),
        },
        Value::String(_) if name == "length" => Ok(()),
        _ => Err(MissingPath { depth, known: Vec::new() }),
    }
}

/// Checks whether the name exists in an enclosing block of the one that lacks it.
fn is_further_out(data: &Value, want: &Requirement) -> bool {
    let own = want.raw.split(['.', '/']).count().min(want.path.len());
    let (around, name) = want.path.split_at(want.path.len() - own);
    (0..around.len()).rev().any(|length| {
        let path: Vec<String> = around[..length].iter().chain(name).cloned().collect();
        look_up_path(data, &path).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{DataFileKind, Input, Session};

    /// Compares the report of a fresh file, which is made without the file, with that of the file: templates get the same.
    #[test]
    fn names_are_those_of_a_fresh_file() {
        let library = FormRegistry::built_in();
        for form in library.forms() {
            let bytes = starter::starter_toml(form, "机关", form.first_year).into_bytes();
            let kind = DataFileKind::Text(crate::data::Syntax::Toml);
            let input = Input { name: String::new(), kind, bytes };
            let mut session = Session::new(&library, crate::limits::Limits::default());
            let read = session.read_report(&input).expect("a report").report;
            let texts = read.texts.iter().map(|_| String::new()).collect();
            assert_eq!(names_of_form(form), content::tag_data(&read, &texts, false, true));
        }
    }
}
