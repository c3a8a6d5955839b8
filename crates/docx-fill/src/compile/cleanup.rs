//! Owns the care for what tags leave behind: empty cells, tables without rows, spaces, bound controls.
//! Must not know what the tags say.

use crate::compile::block_scope::Item;
use crate::document::part_model::{Paragraph, Scan};
use crate::ir::part::{Action, Class, Edit, Guard};
use crate::slice::TextSlice as _;
use std::collections::BTreeSet;
use std::ops::Range;

/// Guards for cells that may lose all paragraphs, and tables that may lose all rows.
pub(crate) fn guards(
    source: &str,
    scan: &Scan,
    cells: &BTreeSet<usize>,
    tables: &BTreeSet<usize>,
    marked: &BTreeSet<usize>,
) -> (Vec<Edit>, Vec<Guard>) {
    let (mut edits, mut guards) = (Vec::new(), Vec::new());
    let mut firsts: Vec<Option<&Paragraph>> = vec![None; scan.cells.len()];
    for paragraph in scan.paragraphs.iter().rev() {
        if let Some(cell) = paragraph.container {
            firsts[cell] = Some(paragraph);
        }
    }
    for &cell in cells {
        let first = firsts[cell].filter(|found| !found.section_break);
        let properties = first.and_then(|found| found.properties.clone());
        let properties = properties.map_or("", |range| source.slice(range));
        let guard = Guard::Paragraphs(format!("<w:p>{properties}</w:p>"));
        push_guard(&mut edits, &mut guards, &scan.cells[cell].content, guard);
    }
    for &table in tables {
        push_guard(&mut edits, &mut guards, &scan.tables[table], Guard::Rows);
    }
    for &table in marked {
        push_guard(&mut edits, &mut guards, &scan.tables[table], Guard::Cells);
    }
    (edits, guards)
}

fn push_guard(edits: &mut Vec<Edit>, guards: &mut Vec<Guard>, range: &Range<usize>, guard: Guard) {
    let number = guards.len();
    guards.push(guard);
    let (start, end) = (range.start, range.end);
    let actions = vec![Action::OpenGuard(number)];
    edits.push(Edit { range: start..start, class: Class::GuardBegin, number, actions });
    let actions = vec![Action::CloseGuard];
    edits.push(Edit { range: end..end, class: Class::GuardEnd, number, actions });
}

/// Word shows the bound data of a content control, or its placeholder, instead of what it holds; a
/// control with a tag is let go.
pub(crate) fn unbind(scan: &Scan, items: &[Item]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (control, binding) in &scan.bindings {
        let first = items.partition_point(|item| item.at < control.start);
        if items.get(first).is_some_and(|item| item.at < control.end) {
            let (range, actions) = (binding.clone(), Vec::new());
            edits.push(Edit { range, class: Class::Replace, number: 0, actions });
        }
    }
    edits
}

/// Word drops spaces at the edges of a text that does not ask to keep them.
pub(crate) fn keep_spaces(scan: &Scan, touched: &BTreeSet<usize>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for &element in touched {
        let element = &scan.texts[element];
        if element.preserve || !element.name.starts_with("w:") {
            continue;
        }
        let at = element.open.end - 1;
        let actions = vec![Action::Insert(" xml:space=\"preserve\"".to_owned())];
        edits.push(Edit { range: at..at, class: Class::Replace, number: 0, actions });
    }
    edits
}
