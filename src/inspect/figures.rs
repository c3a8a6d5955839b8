//! Owns where the figures of a form stand in a template, by the cells that their tags are in.
//! Must not judge whether that is right.

use super::names::figure;
use super::rows::At;
use super::word::Body;
use crate::form::Form;
use docx_fill::template::Template;
use std::collections::BTreeMap;

/// The tables around a place: table, row, cell.
type CellPath = Vec<(u32, u32, u32)>;

/// The figures of a form by the cell that their tag stands in.
pub(super) struct Figures {
    by_cell: BTreeMap<CellPath, Vec<(usize, usize)>>,
}

impl Figures {
    pub(super) fn new(form: &Form, template: &Template, part: &str) -> Figures {
        let mut by_cell: BTreeMap<CellPath, Vec<(usize, usize)>> = BTreeMap::new();
        for tag in template.tags().iter().filter(|tag| tag.place.part == part && shows(&tag.text)) {
            for want in &tag.wants {
                if let (Some(found), false) = (figure(form, &want.path), tag.place.cells.is_empty())
                {
                    by_cell.entry(tag.place.cells.clone()).or_default().push(found);
                }
            }
        }
        Figures { by_cell }
    }

    pub(super) fn of_cell(&self, body: &Body, (table, row): At, cell: usize) -> &[(usize, usize)] {
        let place = body.cell_place(&body.tables[table], row, cell);
        self.by_cell.get(&place.cells).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn of_row(&self, body: &Body, at: At) -> Vec<(usize, usize)> {
        let cells = 0..body.tables[at.0].rows[at.1].cells.len();
        cells.flat_map(|cell| self.of_cell(body, at, cell).to_vec()).collect()
    }

    pub(super) fn of_table(&self, body: &Body, table: usize) -> Vec<(usize, usize)> {
        let rows = 0..body.tables[table].rows.len();
        rows.flat_map(|row| self.of_row(body, (table, row))).collect()
    }
}

/// Whether a tag prints a value; those of blocks only ask for it.
pub(super) fn shows(tag: &str) -> bool {
    let inner = tag.trim_start_matches(['{', '~', ' ']);
    !inner.starts_with(['#', '^', '/', '!']) && !inner.starts_with("else")
}
