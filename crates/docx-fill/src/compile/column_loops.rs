//! Owns loops over the columns of a table, and rows that stand in a table and are filled one by one.
//! Must not know data; it adds steps at the edges of cells and rows.

use crate::compile::block_scope::{Level, surplus};
use crate::compile::compiler::Compiler;
use crate::diag::Problem;
use crate::diag::text;
use crate::document::part_model::{Container, Scan};
use crate::ir::part::{Action, Class, Edit, Special};
use crate::slice::TextSlice as _;
use crate::syntax::expr::{self, Expr};
use crate::syntax::tag::Kind;
use std::ops::Range;

/// A cell with the columns of the grid that it covers.
type Placed<'s> = (Range<usize>, &'s Container);

impl Compiler<'_> {
    /// Repeats the columns between a loop's tags in every row of the table, and in its grid.
    pub(crate) fn place_columns(&mut self, open: usize, close: usize) {
        let (Level::Column(first), Level::Column(last)) =
            (self.items[open].level, self.items[close].level)
        else {
            return;
        };
        let Some(table) = self.scan.cells[first].row.and_then(|row| self.scan.rows[row].table)
        else {
            return;
        };
        let rows = placed(self.scan, table);
        let column = |cell: usize| {
            let at = self.scan.cells[cell].range.start;
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
            let problem = Problem::error("block-placement", text!("template.columns-cross"));
            return self.report(open, problem.hint(text!("template.hint-columns")));
        }
        self.edits.extend(edits);
        self.repeat_grid(table, &columns, open, close);
    }

    /// False if a cell is partly within the columns, or the row would have none without them.
    fn repeat_cells(
        &mut self,
        row: &[(Range<usize>, &Container)],
        columns: &Range<usize>,
        open: usize,
        close: usize,
        edits: &mut Vec<Edit>,
    ) -> bool {
        let inner = |place: &Range<usize>| place.start >= columns.start && place.end <= columns.end;
        let within: Vec<&Container> =
            row.iter().filter(|(place, _)| inner(place)).map(|(_, cell)| *cell).collect();
        for (place, cell) in row {
            let outside = place.end <= columns.start || place.start >= columns.end;
            if outside || inner(place) {
                continue;
            }
            let around = place.start <= columns.start && place.end >= columns.end;
            let (true, Some(site)) = (around, cell.span_site.clone()) else { return false };
            let number = self.special(Special::Columns {
                list: self.subject(open),
                covered: cell.columns,
                unit: columns.len(),
            });
            let actions = vec![Action::Special(open, number)];
            edits.push(Edit { range: site, class: Class::Replace, number: open, actions });
        }
        let (Some(first), Some(last)) = (within.first(), within.last()) else { return true };
        let edge = |at: usize, class, tag: usize| {
            let actions = vec![Action::Tag(tag)];
            Edit { range: at..at, class, number: tag * 2 + 1, actions }
        };
        edits.push(edge(first.range.start, Class::TagBegin, open));
        edits.push(edge(last.range.end, Class::TagEnd, close));
        for cell in &within {
            edits.extend(cell.width_site.clone().map(|site| self.divide(site, open)));
        }
        within.len() < row.len()
    }

    fn repeat_grid(&mut self, table: usize, columns: &Range<usize>, open: usize, close: usize) {
        let scan = self.scan;
        let grid = scan.grid.iter().filter(|column| column.table == table);
        let grid: Vec<_> = grid.skip(columns.start).take(columns.len()).collect();
        let (Some(first), Some(last)) = (grid.first(), grid.last()) else { return };
        for column in &grid {
            let edit = self.divide(column.width.clone(), open);
            self.edits.push(edit);
        }
        let edge = |at: usize, class, tag: usize| {
            let actions = vec![Action::Tag(tag)];
            Edit { range: at..at, class, number: tag * 2 + 1, actions }
        };
        self.edits.push(edge(first.range.start, Class::TagBegin, open));
        self.edits.push(edge(last.range.end, Class::TagEnd, close));
    }

    /// A width is shared by the turns of the loop.
    fn divide(&mut self, site: Range<usize>, open: usize) -> Edit {
        let width = self.source.slice(site.clone()).parse().unwrap_or(0);
        let number = self.special(Special::Width(width));
        let actions = vec![Action::Special(open, number)];
        Edit { range: site, class: Class::Replace, number: open, actions }
    }

    /// What a loop goes over; a broken tag is told where it becomes a step.
    fn subject(&self, open: usize) -> Expr {
        let nothing = || Expr::Literal(serde_json::Value::Array(Vec::new()));
        let Kind::Open(body) = &self.items[open].tag.kind else { return nothing() };
        let opening = expr::opening(body).ok();
        opening.and_then(|opening| opening.args.into_iter().next()).unwrap_or_else(nothing)
    }

    /// Fills the rows from a loop's opening to its closing tag, one item each.
    pub(crate) fn place_fixed_rows(&mut self, open: usize, close: usize, tag_rows: &[usize]) {
        let (Level::FixedRow(first), Level::FixedRow(last)) =
            (self.items[open].level, self.items[close].level)
        else {
            return;
        };
        let parent = self.scan.rows[first].parent;
        let rows: Vec<usize> = (first..=last)
            .filter(|row| self.scan.rows[*row].parent == parent && !tag_rows.contains(row))
            .collect();
        let removed = surplus(&self.items[open].tag.kind).unwrap_or_else(|value| {
            let message = text!("template.surplus-option", value = value);
            self.report(open, Problem::error("helper-arguments", message));
            false
        });
        if removed {
            self.guarded_tables.extend(self.scan.rows[first].table);
        }
        for (index, &row) in rows.iter().enumerate() {
            let range = self.scan.rows[row].range.clone();
            let of_loop = |at: usize| at == open || at == close;
            let tagged = self
                .items
                .iter()
                .enumerate()
                .any(|(at, item)| range.contains(&item.at) && !of_loop(at));
            let mut actions = Vec::new();
            if index == 0 {
                let (items, rows) = (self.subject(open), rows.len());
                let number = self.special(Special::Surplus { list: items, rows });
                actions.push(Action::Special(open, number));
            }
            actions.push(Action::OpenNth(open, index));
            let number = open * 2 + 1;
            let at = range.start..range.start;
            self.edits.push(Edit { range: at, class: Class::TagBegin, number, actions });
            let (number, actions) =
                (close * 2 + 1, vec![Action::CloseNth { open, tagged, removed }]);
            let at = range.end..range.end;
            self.edits.push(Edit { range: at, class: Class::TagEnd, number, actions });
        }
    }
}

/// The cells of a table, row by row.
fn placed(scan: &Scan, table: usize) -> Vec<Vec<Placed<'_>>> {
    let mut rows = Vec::new();
    for (number, row) in scan.rows.iter().enumerate() {
        if row.table != Some(table) {
            continue;
        }
        let mut at = row.before;
        let mut cells = Vec::new();
        for cell in scan.cells.iter().filter(|cell| cell.row == Some(number)) {
            cells.push((at..at + cell.columns, cell));
            at += cell.columns;
        }
        rows.push(cells);
    }
    rows
}
