//! Owns loops over the columns of a table, and rows that stand in a table and are filled one by one.
//! Must not know data; it adds steps at the edges of cells and rows.

use crate::compile::block_scope::{TagLevel, deletes_surplus};
use crate::compile::compiler::Compiler;
use crate::diag::Problem;
use crate::diag::msg;
use crate::document::part_model::{BlockContainer, PartModel};
use crate::ir::part::{EditAction, EditOrder, PartEdit, WordInstr};
use crate::slice::TextSlice as _;
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::TagKind;
use std::ops::Range;

/// A cell with the columns of the grid that it covers.
type GridCell<'s> = (Range<usize>, &'s BlockContainer);

impl Compiler<'_> {
    /// Repeats the columns between a loop's tags in every row of the table, and in its grid.
    pub(crate) fn place_columns(&mut self, open: usize, close: usize) {
        let (TagLevel::Column(first), TagLevel::Column(last)) =
            (self.tags[open].level, self.tags[close].level)
        else {
            return;
        };
        let Some(table) =
            self.model.containers[first].row.and_then(|row| self.model.rows[row].table)
        else {
            return;
        };
        let rows = cells_by_row(self.model, table);
        let column = |cell: usize| {
            let at = self.model.containers[cell].range.start;
            rows.iter().flatten().find(|(_, found)| found.range.start == at)
        };
        let (Some((from, _)), Some((to, _))) = (column(first), column(last)) else { return };
        let columns = from.start..to.end;
        let mut edits = Vec::new();
        let mut fits = columns.start < columns.end;
        for row in &rows {
            fits &= self.repeat_cells(row, &columns, open, close, &mut edits);
        }
        if !fits {
            let problem = Problem::error("block-placement", msg!("template.columns-cross"));
            return self.report_problem(open, problem.with_hint(msg!("template.hint-columns")));
        }
        self.edits.extend(edits);
        self.repeat_grid(table, &columns, open, close);
    }

    /// False if a cell is partly within the columns, or the row would have none without them.
    fn repeat_cells(
        &mut self,
        row: &[(Range<usize>, &BlockContainer)],
        columns: &Range<usize>,
        open: usize,
        close: usize,
        edits: &mut Vec<PartEdit>,
    ) -> bool {
        let inner = |place: &Range<usize>| place.start >= columns.start && place.end <= columns.end;
        let within: Vec<&BlockContainer> =
            row.iter().filter(|(place, _)| inner(place)).map(|(_, cell)| *cell).collect();
        for (place, cell) in row {
            let outside = place.end <= columns.start || place.start >= columns.end;
            if outside || inner(place) {
                continue;
            }
            let around = place.start <= columns.start && place.end >= columns.end;
            let (true, Some(site)) = (around, cell.span_site.clone()) else { return false };
            let number = self.add_word_instr(WordInstr::GridSpan {
                list: self.loop_subject(open),
                covered: cell.grid_span,
                unit: columns.len(),
            });
            let actions = vec![EditAction::Special(open, number)];
            edits.push(PartEdit { range: site, order: EditOrder::Replace, number: open, actions });
        }
        let (Some(first), Some(last)) = (within.first(), within.last()) else { return true };
        let edge = |at: usize, class, tag: usize| {
            let actions = vec![EditAction::Tag(tag)];
            PartEdit { range: at..at, order: class, number: tag * 2 + 1, actions }
        };
        edits.push(edge(first.range.start, EditOrder::TagBegin, open));
        edits.push(edge(last.range.end, EditOrder::TagEnd, close));
        for cell in &within {
            edits.extend(cell.width_site.clone().map(|site| self.divide_width(site, open)));
        }
        within.len() < row.len()
    }

    fn repeat_grid(&mut self, table: usize, columns: &Range<usize>, open: usize, close: usize) {
        let scan = self.model;
        let grid = scan.grid_columns.iter().filter(|column| column.table == table);
        let grid: Vec<_> = grid.skip(columns.start).take(columns.len()).collect();
        let (Some(first), Some(last)) = (grid.first(), grid.last()) else { return };
        for column in &grid {
            let edit = self.divide_width(column.width.clone(), open);
            self.edits.push(edit);
        }
        let edge = |at: usize, class, tag: usize| {
            let actions = vec![EditAction::Tag(tag)];
            PartEdit { range: at..at, order: class, number: tag * 2 + 1, actions }
        };
        self.edits.push(edge(first.range.start, EditOrder::TagBegin, open));
        self.edits.push(edge(last.range.end, EditOrder::TagEnd, close));
    }

    /// A width is shared by the turns of the loop.
    fn divide_width(&mut self, site: Range<usize>, open: usize) -> PartEdit {
        let width = self.source.slice(site.clone()).parse().unwrap_or(0);
        let number = self.add_word_instr(WordInstr::ColumnWidth(width));
        let actions = vec![EditAction::Special(open, number)];
        PartEdit { range: site, order: EditOrder::Replace, number: open, actions }
    }

    /// What a loop goes over; a broken tag is told where it becomes a step.
    fn loop_subject(&self, open: usize) -> Expr {
        let nothing = || Expr::Literal(serde_json::Value::Array(Vec::new()));
        let TagKind::Open(body) = &self.tags[open].tag.kind else { return nothing() };
        let opening = expr::parse_opening(body, self.helpers).ok();
        opening.and_then(|opening| opening.args.into_iter().next()).unwrap_or_else(nothing)
    }

    /// Fills the rows from a loop's opening to its closing tag, one item each.
    pub(crate) fn place_fixed_rows(&mut self, open: usize, close: usize, tag_rows: &[usize]) {
        let (TagLevel::FixedRow(first), TagLevel::FixedRow(last)) =
            (self.tags[open].level, self.tags[close].level)
        else {
            return;
        };
        let parent = self.model.rows[first].parent;
        let rows: Vec<usize> = (first..=last)
            .filter(|row| self.model.rows[*row].parent == parent && !tag_rows.contains(row))
            .collect();
        let removed =
            deletes_surplus(&self.tags[open].tag.kind, self.helpers).unwrap_or_else(|value| {
                let message = msg!("template.surplus-option", value = value);
                self.report_problem(open, Problem::error("helper-arguments", message));
                false
            });
        if removed {
            self.guarded_tables.extend(self.model.rows[first].table);
        }
        for (index, &row) in rows.iter().enumerate() {
            let range = self.model.rows[row].range.clone();
            let of_loop = |at: usize| at == open || at == close;
            let tagged = self
                .tags
                .iter()
                .enumerate()
                .any(|(at, item)| range.contains(&item.offset) && !of_loop(at));
            let mut actions = Vec::new();
            if index == 0 {
                let (items, rows) = (self.loop_subject(open), rows.len());
                let number = self.add_word_instr(WordInstr::RowLimit { list: items, rows });
                actions.push(EditAction::Special(open, number));
            }
            actions.push(EditAction::OpenNth(open, index));
            let number = open * 2 + 1;
            let at = range.start..range.start;
            self.edits.push(PartEdit { range: at, order: EditOrder::TagBegin, number, actions });
            let (number, actions) =
                (close * 2 + 1, vec![EditAction::CloseNth { open, tagged, removed }]);
            let at = range.end..range.end;
            self.edits.push(PartEdit { range: at, order: EditOrder::TagEnd, number, actions });
        }
    }
}

/// The cells of a table, row by row.
fn cells_by_row(scan: &PartModel, table: usize) -> Vec<Vec<GridCell<'_>>> {
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
