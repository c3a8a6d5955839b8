//! Owns names: which form a template follows, which names its data has, and whether every tag's name is
//! among them.
//! Must not know where a tag stands: the template does.

use crate::form::{Form, FormRegistry};
use crate::render::content;
use crate::report::Report;
use crate::{msg, starter};
use docx_fill::diag::{Diagnostic, Severity, Sink, SourceId, Sources, nearest_name};
use docx_fill::template::{Requirement, Template};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Fewest figures of a form by which a document is known to follow it.
const MIN_FIGURES: usize = 8;

/// The form of which a template holds most figures; the newest where several are alike.
pub(super) fn recognise_form(template: &Template, library: &FormRegistry) -> Option<Arc<Form>> {
    let mut best: Option<(usize, &Arc<Form>)> = None;
    for form in library.forms() {
        let wants = template.tags().iter().flat_map(|tag| &tag.requirements);
        let found: BTreeSet<_> =
            wants.filter_map(|want| figure_of_path(form, &want.path)).collect();
        let count = found.len();
        if count >= MIN_FIGURES && best.is_none_or(|(most, _)| count >= most) {
            best = Some((count, form));
        }
    }
    best.map(|(_, form)| Arc::clone(form))
}

/// The figure cell that a path names, by ids or official words: table, and number of the cell.
pub(super) fn figure_of_path(form: &Form, path: &[String]) -> Option<(usize, usize)> {
    let [table, row, column] = path else { return None };
    let known = |known: &crate::form::FormTable| known.id == *table || known.name == *table;
    let at = form.tables.iter().position(known)?;
    let table = &form.tables[at];
    let cell = table.cell_number(table.find_row(row)?, table.find_column(column)?)?;
    Some((at, cell))
}

/// All names that a report of a form gives to a template, with values of no meaning.
pub fn names_of_form(form: &Form) -> Value {
    let source = Sources::default().add_binary("");
    let mut report = Report::blank(source, Arc::new(form.clone()), form.first_year);
    report.organ.level = Some(String::new());
    report.texts = starter::draft_texts(form);
    let texts = report.texts.iter().map(|_| String::new()).collect();
    content::tag_data(&report, &texts, false, true)
}

/// Reports names of tags that the data does not have.
pub(super) fn check_tag_names(
    template: &Template,
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
            // A name in a condition may be absent; one that is almost another is a slip.
            let severity = if want.optional { Severity::Warning } else { Severity::Error };
            if want.optional && near.is_none() {
                continue;
            }
            let message = msg!("inspect.name-unknown", name = want.path.join("."));
            let place = super::word_place(source, tag.location.clone());
            let mut found = Diagnostic::new("name-unknown", severity, place, message);
            if let Some(near) = near {
                found = found.with_hint(msg!("template.nearest", name = near));
            }
            sink.push(found);
        }
    }
}

/// Where a path ends too early: so many steps were found, and these are the names there.
struct MissingPath {
    depth: usize,
    known: Vec<String>,
}

impl MissingPath {
    fn nearest_path(&self, path: &[String]) -> Option<String> {
        let wrong = path.get(self.depth)?;
        let near = nearest_name(wrong, self.known.iter().map(String::as_str))?;
        let mut whole: Vec<&str> = path[..self.depth].iter().map(String::as_str).collect();
        whole.push(near);
        whole.extend(path[self.depth + 1..].iter().map(String::as_str));
        Some(whole.join("."))
    }
}

/// Looks a path up; a list without items has every name.
fn look_up_path(value: &Value, path: &[String]) -> Result<(), MissingPath> {
    look_up_step(value, path, 0)
}

fn look_up_step(value: &Value, path: &[String], depth: usize) -> Result<(), MissingPath> {
    let Some(name) = path.get(depth) else { return Ok(()) };
    let any = name == "*" || name.starts_with('[');
    match value {
        Value::Object(map) if !any => match map.get(name) {
            Some(inner) => look_up_step(inner, path, depth + 1),
            None => Err(MissingPath { depth, known: map.keys().cloned().collect() }),
        },
        Value::Object(map) => map.values().try_for_each(|item| look_up_step(item, path, depth + 1)),
        Value::Array(items) if any => {
            items.iter().try_for_each(|item| look_up_step(item, path, depth + 1))
        }
        // `{{#rows}}` goes through a list, `rows.0` and `rows.length` into it.
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

/// Whether a name is one of a block around the block that lacks it.
fn is_further_out(data: &Value, want: &Requirement) -> bool {
    let own = want.raw.split(['.', '/']).count().min(want.path.len());
    let (around, name) = want.path.split_at(want.path.len() - own);
    (0..around.len()).rev().any(|length| {
        let path: Vec<String> = around[..length].iter().chain(name).cloned().collect();
        look_up_path(data, &path).is_ok()
    })
}
