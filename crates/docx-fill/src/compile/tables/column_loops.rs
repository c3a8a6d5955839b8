//! Owns loops over table columns, and loops that fill existing rows one by one.
//! Must not know data; it adds edits at the edges of cells and rows.

use crate::compile::block_scope::deletes_surplus;
use crate::compile::edit_collector::{EditCollector, edge_edit};
use crate::compile::placed_tag::TagLevel;
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::part_model::{BlockContainer, PartModel};
use crate::ir::part::{EditAction, EditOrder, PartEdit, WordInstr};
use crate::slice::TextSlice as _;
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::TagKind;
use crate::word::measure::parse_twips;
use crate::word::table_layout::round_twips;
use std::ops::Range;

/// A cell with the grid columns that it covers.
type ScannedCell<'s> = (Range<usize>, &'s BlockContainer);

/// A loop over grid columns of a table: the columns, and its opening and closing tag.
struct ColumnLoop {
    columns: Range<usize>,
    open: usize,
    close: usize,
}

impl ColumnLoop {
    fn contains(&self, place: &Range<usize>) -> bool {
        place.start >= self.columns.start && place.end <= self.columns.end
    }

    /// Returns the edits that begin and end the loop around a range.
    fn edges(&self, range: Range<usize>) -> [PartEdit; 2] {
        let (open, close) = (self.open, self.close);
        [
            edge_edit(range.start, EditOrder::TagBegin, open, EditAction::Tag(open)),
            edge_edit(range.end, EditOrder::TagEnd, close, EditAction::Tag(close)),
        ]
    }
}

impl EditCollector<'_> {
    /// Repeats the columns between a loop's tags in every row of the table and in its grid.
    pub(crate) fn place_columns(&mut self, open: usize, close: usize) {
        let (TagLevel::Column(first), TagLevel::Column(last)) =
            (self.tag(open).level, self.tag(close).level)
        else {
            return;
        };
        let model = self.part.model;
        let Some(table) = model.containers[first].row.and_then(|row| model.rows[row].table) else {
            return;
        };
        let rows = cells_by_row(model, table);
        let column = |cell: usize| {
            let at = model.containers[cell].range.start;
            rows.iter().flatten().find(|(_, found)| found.range.start == at)
        };
        let (Some((from, _)), Some((to, _))) = (column(first), column(last)) else { return };
        let columns = ColumnLoop { columns: from.start..to.end, open, close };
        let mut edits = Vec::new();
        let mut fits = !columns.columns.is_empty();
        for row in &rows {
            fits &= self.repeat_cells(row, &columns, &mut edits);
        }
        if !fits {
            let problem = Problem::error("block-placement", msg!("template.columns-cross"));
            return self.report_problem(open, problem.with_hint(msg!("template.hint-columns")));
        }
        self.edits.extend(edits);
        self.repeat_grid(table, &columns);
    }

    /// Repeats the cells of one row. Returns false if a cell overlaps the columns partly, or if the row has no
    /// other cells.
    fn repeat_cells(
        &mut self,
        row: &[ScannedCell<'_>],
        columns: &ColumnLoop,
        edits: &mut Vec<PartEdit>,
    ) -> bool {
        let (open, unit) = (columns.open, columns.columns.len());
        let within: Vec<&BlockContainer> = row
            .iter()
            .filter(|(place, _)| columns.contains(place))
            .map(|(_, cell)| *cell)
            .collect();
        for (place, cell) in row {
            let outside = place.end <= columns.columns.start || place.start >= columns.columns.end;
            if outside || columns.contains(place) {
                continue;
            }
            let around = place.start <= columns.columns.start && place.end >= columns.columns.end;
            let (true, Some(site)) = (around, cell.span_site.clone()) else { return false };
            let list = self.loop_subject(open);
            let number =
                self.add_word_instr(WordInstr::GridSpan { list, covered: cell.grid_span, unit });
            let actions = vec![EditAction::Special(open, number)];
            edits.push(PartEdit { range: site, order: EditOrder::Replace, number: open, actions });
        }
        let (Some(first), Some(last)) = (within.first(), within.last()) else { return true };
        edits.extend(columns.edges(first.range.start..last.range.end));
        for cell in &within {
            edits.extend(cell.width_site.clone().and_then(|site| self.divide_width(site, open)));
        }
        within.len() < row.len()
    }

    fn repeat_grid(&mut self, table: usize, columns: &ColumnLoop) {
        let grid = self.part.model.grid_columns.iter().filter(|column| column.table == table);
        let grid: Vec<_> = grid.skip(columns.columns.start).take(columns.columns.len()).collect();
        let (Some(first), Some(last)) = (grid.first(), grid.last()) else { return };
        for column in &grid {
            let edit = self.divide_width(column.width.clone(), columns.open);
            self.edits.extend(edit);
        }
        self.edits.extend(columns.edges(first.range.start..last.range.end));
    }

    /// Divides a width among the iterations of the loop; one that is no length stays.
    fn divide_width(&mut self, site: Range<usize>, open: usize) -> Option<PartEdit> {
        let width = round_twips(parse_twips(self.part.xml.slice(site.clone()))?);
        let number = self.add_word_instr(WordInstr::ColumnWidth(width));
        let actions = vec![EditAction::Special(open, number)];
        Some(PartEdit { range: site, order: EditOrder::Replace, number: open, actions })
    }

    /// Returns the list of a loop. A malformed tag is reported elsewhere and yields an empty list.
    fn loop_subject(&self, open: usize) -> Expr {
        let nothing = || Expr::Literal(serde_json::Value::Array(Vec::new()));
        let TagKind::Open(body) = &self.tag(open).tag.kind else { return nothing() };
        let opening = expr::parse_opening(body, self.part.helpers).ok();
        opening.and_then(|opening| opening.args.into_iter().next()).unwrap_or_else(nothing)
    }

    /// Fills the rows from a loop's opening to its closing tag, one item per row.
    pub(crate) fn place_fixed_rows(&mut self, open: usize, close: usize, tag_rows: &[usize]) {
        let (TagLevel::FixedRow(first), TagLevel::FixedRow(last)) =
            (self.tag(open).level, self.tag(close).level)
        else {
            return;
        };
        let model = self.part.model;
        let parent = model.rows[first].parent;
        let rows: Vec<usize> = (first..=last)
            .filter(|row| model.rows[*row].parent == parent && !tag_rows.contains(row))
            .collect();
        let removed = self.deletes_surplus_rows(open);
        if removed {
            self.guarded_tables.extend(model.rows[first].table);
        }
        for (index, &row) in rows.iter().enumerate() {
            let range = &model.rows[row].range;
            let tagged = self.has_other_tags(range, open, close);
            let mut actions = Vec::new();
            if index == 0 {
                let (subject, count) = (self.loop_subject(open), rows.len());
                let number =
                    self.add_word_instr(WordInstr::RowLimit { list: subject, rows: count });
                actions.push(EditAction::Special(open, number));
            }
            actions.push(EditAction::OpenNth(open, index));
            let (order, at) = (EditOrder::TagBegin, range.start..range.start);
            self.edits.push(PartEdit { range: at, order, number: open * 2 + 1, actions });
            self.end_at(range.end, close, EditAction::CloseNth { open, tagged, removed });
        }
    }

    /// Checks whether rows beyond the data are deleted; a wrong option is a problem.
    fn deletes_surplus_rows(&mut self, open: usize) -> bool {
        deletes_surplus(&self.tag(open).tag.kind, self.part.helpers).unwrap_or_else(|value| {
            let message = msg!("template.surplus-option", value = value);
            self.report_problem(open, Problem::error("helper-arguments", message));
            false
        })
    }

    /// Checks whether a range holds tags beside those of a loop.
    fn has_other_tags(&self, range: &Range<usize>, open: usize, close: usize) -> bool {
        let tags = self.resolved.tags.list.iter().enumerate();
        tags.into_iter().any(|(at, item)| range.contains(&item.offset) && at != open && at != close)
    }
}

/// Returns the cells of a table by row.
fn cells_by_row(scan: &PartModel, table: usize) -> Vec<Vec<ScannedCell<'_>>> {
    let mut rows = Vec::new();
    for (number, row) in scan.rows.iter().enumerate() {
        if row.table != Some(table) {
            continue;
        }
        let mut at = row.grid_before;
        let mut cells = Vec::new();
        for cell in scan.containers.iter().filter(|cell| cell.row == Some(number)) {
            cells.push((at..at + cell.grid_span, cell));
            at += cell.grid_span;
        }
        rows.push(cells);
    }
    rows
}
