//! Owns the cells in which the tags of a form's figures are.
//! Must not decide whether a cell is the right one.

use super::tag_names::figure_of_path;
use super::word_part::RowAddress;
use crate::form::Form;
use docx_fill::template::CompiledTemplate;
use docx_fill::word::body::WordBody;
use std::collections::BTreeMap;

/// The cells around a place, from the outermost table: table, row, cell.
type CellPath = Vec<(u32, u32, u32)>;

/// The figures of a form, by the cell of their tag.
pub(super) struct FigureCells {
    by_cell: BTreeMap<CellPath, Vec<(usize, usize)>>,
}

impl FigureCells {
    pub(super) fn new(form: &Form, template: &CompiledTemplate, part: &str) -> FigureCells {
        let mut by_cell: BTreeMap<CellPath, Vec<(usize, usize)>> = BTreeMap::new();
        for tag in template
            .tags()
            .iter()
            .filter(|tag| tag.location.part == part && prints_value(&tag.text))
        {
            for want in &tag.requirements {
                if let (Some(found), false) =
                    (figure_of_path(form, &want.path), tag.location.cells.is_empty())
                {
                    by_cell.entry(tag.location.cells.clone()).or_default().push(found);
                }
            }
        }
        FigureCells { by_cell }
    }

    pub(super) fn of_cell(
        &self,
        body: &WordBody,
        row: RowAddress,
        cell: usize,
    ) -> &[(usize, usize)] {
        let place = body.cell_place(&body.tables[row.0], row.1, cell);
        self.by_cell.get(&place.cells).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn of_row(&self, body: &WordBody, at: RowAddress) -> Vec<(usize, usize)> {
        let cells = 0..body.tables[at.0].rows[at.1].cells.len();
        cells.flat_map(|cell| self.of_cell(body, at, cell).to_vec()).collect()
    }

    pub(super) fn of_table(&self, body: &WordBody, table: usize) -> Vec<(usize, usize)> {
        let rows = 0..body.tables[table].rows.len();
        rows.flat_map(|row| self.of_row(body, (table, row))).collect()
    }
}

/// Checks whether a tag prints a value; tags of blocks only test or iterate over it.
pub(super) fn prints_value(tag: &str) -> bool {
    let inner = tag.trim_start_matches(['{', '~', ' ']);
    !inner.starts_with(['#', '^', '/', '!']) && !inner.starts_with("else")
}
