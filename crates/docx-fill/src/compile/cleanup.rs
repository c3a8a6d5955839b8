//! Owns repairing what tags leave behind: empty cells, tables without rows, lost spaces, data-bound controls.
//! Must not know the content of tags.

use crate::compile::part_source::PartSource;
use crate::compile::placed_tag::PlacedTag;
use crate::document::part_model::{Paragraph, PartModel};
use crate::ir::part::{
    AttachedContentRef, ContentCompletion, ControlCompletion, EditAction, EditOrder,
    EmptyParagraph, PartEdit, WordInstr,
};
use crate::slice::TextSlice as _;
use crate::word::field::{dirty_mark, is_field, is_generated_list};
use crate::word::styles::style_model::StyleKind;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Content of a part that is completed after rendering, by index.
#[derive(Clone, Copy)]
pub(crate) struct GuardedContent<'a> {
    /// Cells that may lose all paragraphs.
    pub(crate) cells: &'a BTreeSet<usize>,
    /// Tables that may lose all rows.
    pub(crate) tables: &'a BTreeSet<usize>,
    /// Tables with tags that change cells.
    pub(crate) marked_tables: &'a BTreeSet<usize>,
}

/// Creates the guards of a part.
pub(crate) fn collect_guards(
    source: &str,
    scan: &PartModel,
    guarded: GuardedContent<'_>,
) -> (Vec<PartEdit>, Vec<ContentCompletion>) {
    let GuardedContent { cells, tables, marked_tables: marked } = guarded;
    let (mut edits, mut guards) = (Vec::new(), Vec::new());
    let mut firsts: Vec<Option<&Paragraph>> = vec![None; scan.containers.len()];
    for paragraph in scan.paragraphs.iter().rev() {
        if let Some(cell) = paragraph.container {
            firsts[cell] = Some(paragraph);
        }
    }
    for &cell in cells {
        let first = firsts[cell].filter(|found| !found.section_break);
        let guard = ContentCompletion::LastParagraph(empty_paragraph(source, first));
        push_guard(&mut edits, &mut guards, &scan.containers[cell].content, guard);
    }
    for &table in tables {
        push_guard(&mut edits, &mut guards, &scan.tables[table], ContentCompletion::TableRows);
    }
    for &table in marked {
        push_guard(&mut edits, &mut guards, &scan.tables[table], ContentCompletion::CellMarks);
    }
    (edits, guards)
}

/// Returns the empty paragraph that a cell keeps, with the properties of the cell's first one.
fn empty_paragraph(source: &str, first: Option<&Paragraph>) -> EmptyParagraph {
    const BEGIN: &str = "<w:p>";
    let properties = first.and_then(|found| found.properties.clone()).unwrap_or_default();
    let xml = [BEGIN, source.slice(properties.clone()), "</w:p>"].concat();
    let list = first.and_then(|found| found.list_id.clone()).map(|list| {
        let moved = |at: usize| at - properties.start + BEGIN.len();
        moved(list.start)..moved(list.end)
    });
    EmptyParagraph { xml, list }
}

fn push_guard(
    edits: &mut Vec<PartEdit>,
    guards: &mut Vec<ContentCompletion>,
    range: &Range<usize>,
    guard: ContentCompletion,
) {
    let number = guards.len();
    guards.push(guard);
    let (start, end) = (range.start, range.end);
    let actions = vec![EditAction::OpenGuard(number)];
    edits.push(PartEdit { range: start..start, order: EditOrder::GuardBegin, number, actions });
    let actions = vec![EditAction::CloseGuard];
    edits.push(PartEdit { range: end..end, order: EditOrder::GuardEnd, number, actions });
}

/// Creates the guards of attached content, which goes to its own part.
pub(crate) fn guard_attached(
    scan: &PartModel,
    guards: &mut Vec<ContentCompletion>,
    word_instrs: &mut Vec<WordInstr>,
) -> Vec<PartEdit> {
    let mut edits = Vec::new();
    for content in &scan.attached {
        let begin = EditAction::Special(0, word_instrs.len());
        word_instrs.push(WordInstr::BeginAttached(guards.len()));
        let reference =
            AttachedContentRef { kind: content.kind, part: Arc::clone(&content.part), form: None };
        let guard = ContentCompletion::Attached(reference);
        push_guard(&mut edits, guards, &content.range, guard);
        if let Some(opening) = edits.iter_mut().rev().nth(1) {
            opening.actions.push(begin);
        }
    }
    edits
}

/// Creates the guards of content controls with tags that store something beside what they show.
pub(crate) fn guard_controls(
    part: &PartSource<'_>,
    items: &[PlacedTag],
    guards: &mut Vec<ContentCompletion>,
) -> Vec<PartEdit> {
    let mut edits = Vec::new();
    for control in &part.model.stateful_controls {
        let first = items.partition_point(|item| item.offset < control.start);
        if items.get(first).is_none_or(|item| item.offset >= control.end) {
            continue;
        }
        let shows_placeholder = part.model.bindings.iter().any(|(own, binding)| {
            own == control && part.xml.slice(binding.clone()).starts_with("<w:showingPlcHdr")
        });
        let style = part.styles.find_by_name(StyleKind::Character, "Placeholder Text");
        let style = style.map_or("PlaceholderText", |style| style.id.as_str());
        let placeholder = shows_placeholder.then(|| style.to_owned());
        let completion = ControlCompletion { tag: part.tag_id(first), placeholder };
        push_guard(&mut edits, guards, control, ContentCompletion::Control(completion));
    }
    edits
}

/// Removes the data binding and placeholder of content controls that contain tags; Word would otherwise show
/// the bound data instead of the rendered content.
pub(crate) fn unbind_controls(scan: &PartModel, items: &[PlacedTag]) -> Vec<PartEdit> {
    let mut edits = Vec::new();
    for (control, binding) in &scan.bindings {
        let first = items.partition_point(|item| item.offset < control.start);
        if items.get(first).is_some_and(|item| item.offset < control.end) {
            let (range, actions) = (binding.clone(), Vec::new());
            edits.push(PartEdit { range, order: EditOrder::Replace, number: 0, actions });
        }
    }
    edits
}

/// Marks contents and other lists that Word makes anew of the document to be updated (`w:dirty`); in parts of turns
/// references too, which lead to the part around.
pub(crate) fn mark_stale_fields(part: &PartSource<'_>) -> Vec<PartEdit> {
    let (source, scan) = (part.xml, part.model);
    let is_outward = |code: &str| {
        part.outer.is_some()
            && ["REF", "PAGEREF", "NOTEREF"].iter().any(|name| is_field(code, name))
    };
    let stale = scan
        .fields
        .iter()
        .filter(|field| is_generated_list(&field.code) || is_outward(&field.code));
    let mut edits = Vec::new();
    for tag in stale.map(|field| &field.marks.begin) {
        let (range, text) = dirty_mark(source, tag);
        let actions = vec![EditAction::Insert(text.to_owned())];
        edits.push(PartEdit { range, order: EditOrder::Replace, number: 0, actions });
    }
    edits
}

/// Adds `xml:space="preserve"` to changed text elements; without it Word drops leading and trailing spaces.
pub(crate) fn preserve_spaces(scan: &PartModel, touched: &BTreeSet<usize>) -> Vec<PartEdit> {
    let mut edits = Vec::new();
    for &element in touched {
        let element = &scan.texts[element];
        if element.preserve || !element.name.starts_with("w:") {
            continue;
        }
        let at = element.start_tag.end - 1;
        let actions = vec![EditAction::Insert(" xml:space=\"preserve\"".to_owned())];
        edits.push(PartEdit { range: at..at, order: EditOrder::Replace, number: 0, actions });
    }
    edits
}
