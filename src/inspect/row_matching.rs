//! Owns aligning a document's rows with the lines of an official table, despite deleted, added or
//! changed ones.
//! Must not report anything: it only finds the correspondence.

use super::figure_cells::FigureCells;
use super::word_part::{RowAddress, strip_spaces};
use crate::form::{FormTable, GridCell, GridContent};
use docx_fill::word::body::{BodyRow, WordBody};
use docx_fill::word::table::VerticalMerge;

/// A physical cell of a line of the form.
pub(super) struct ExpectedCell<'a> {
    pub(super) span: usize,
    pub(super) merge: VerticalMerge,
    /// Content of the cell; `None` if a merged cell from above continues.
    pub(super) content: Option<&'a GridCell>,
}

/// Returns the physical cells of a line, including merged ones from above.
pub(super) fn expected_cells(table: &FormTable, line: usize) -> Vec<ExpectedCell<'_>> {
    let mut out = Vec::new();
    let mut column = 0;
    while column < table.grid.columns() {
        let Some(placed) = table.grid.cell_at(line, column) else {
            out.push(ExpectedCell { span: 1, merge: VerticalMerge::None, content: None });
            column += 1;
            continue;
        };
        let first = placed.row == line;
        let merge = match (placed.span.rows > 1, first) {
            (false, _) => VerticalMerge::None,
            (true, true) => VerticalMerge::Restart,
            (true, false) => VerticalMerge::Continue,
        };
        let cell = table.lines.get(placed.line).and_then(|line| line.get(placed.cell));
        let span = placed.span.columns.max(1);
        out.push(ExpectedCell { span, merge, content: cell.filter(|_| first) });
        column = placed.column + span;
    }
    out
}

/// Returns the name of a line for messages.
pub(super) fn line_name(table: &FormTable, line: usize) -> String {
    let cells = table.lines.get(line).map(Vec::as_slice).unwrap_or_default();
    let figure = cells.iter().find_map(|cell| match cell.content {
        GridContent::Figure(number) => Some(table.cells[number].row),
        GridContent::Header { .. } => None,
    });
    let heads = cells.iter().filter_map(|cell| match &cell.content {
        GridContent::Header { text, .. } => Some(text.as_str()),
        GridContent::Figure(_) => None,
    });
    let heads: Vec<&str> = heads.collect();
    match figure {
        Some(row) if heads.is_empty() || heads.len() > 1 => table.row_name(row),
        Some(row) if heads[0] != table.rows[row].label => table.row_name(row),
        Some(_) => heads[0].to_owned(),
        None => heads.join(" / "),
    }
}

/// Returns for each line of the form the row that stands for it, and for each row whether it stands for one.
pub(super) fn align_rows(
    number: usize,
    table: &FormTable,
    body: &WordBody,
    rows: &[RowAddress],
    figures: &FigureCells,
) -> (Vec<Option<usize>>, Vec<bool>) {
    let (lines, count) = (table.lines.len(), rows.len());
    let mut score = vec![vec![0.0_f64; count + 1]; lines + 1];
    let likeness: Vec<Vec<f64>> = (0..lines)
        .map(|line| {
            let of = |at: &RowAddress| {
                let row = &body.tables[at.0].rows[at.1];
                let found = figures.of_row(body, *at);
                row_similarity(number, table, line, row, &found)
            };
            rows.iter().map(of).collect()
        })
        .collect();
    for line in (0..lines).rev() {
        for row in (0..count).rev() {
            let both = score[line + 1][row + 1] + likeness[line][row];
            score[line][row] = both.max(score[line + 1][row]).max(score[line][row + 1]);
        }
    }
    let (mut matched, mut taken) = (vec![None; lines], vec![false; count]);
    let (mut line, mut row) = (0, 0);
    while line < lines && row < count {
        let both = score[line + 1][row + 1] + likeness[line][row];
        if likeness[line][row] > 0.0 && (score[line][row] - both).abs() < 1e-9 {
            matched[line] = Some(row);
            taken[row] = true;
            (line, row) = (line + 1, row + 1);
        } else if (score[line][row] - score[line + 1][row]).abs() < 1e-9 {
            line += 1;
        } else {
            row += 1;
        }
    }
    (matched, taken)
}

/// Returns the similarity of a line and a row, from 0 to slightly above 1.
fn row_similarity(
    number: usize,
    table: &FormTable,
    line: usize,
    row: &BodyRow,
    found: &[(usize, usize)],
) -> f64 {
    let (mut all, mut same) = (0_u32, 0_u32);
    for cell in table.lines.get(line).into_iter().flatten() {
        all += 1;
        same += u32::from(match &cell.content {
            GridContent::Header { text, .. } => {
                let label = strip_spaces(text);
                row.cells.iter().any(|cell| strip_spaces(&cell.text) == label)
            }
            GridContent::Figure(figure) => found.contains(&(number, *figure)),
        });
    }
    let own = expected_cells(table, line).len();
    let shape = if own == row.cells.len() { 0.1 } else { 0.0 };
    let likeness = f64::from(same) / f64::from(all.max(1));
    if same == 0 && shape == 0.0 { 0.0 } else { likeness + shape }
}
