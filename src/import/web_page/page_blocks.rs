//! Owns the blocks of a page in the order in which they are shown: paragraphs and tables.
//! Must not know how they are read, nor which of them are the report.

use super::page_grid::{GridCell, SpannedCell, place_cells};
use super::page_tree::NodeId;
use docx_fill::word::blocks::WordParagraph;

/// A paragraph or table with the element that holds it.
#[derive(Debug)]
pub(super) struct FlowBlock {
    pub(super) content: FlowContent,
    pub(super) holder: NodeId,
}

/// The content of a block.
#[derive(Debug)]
pub(super) enum FlowContent {
    /// A paragraph; its outline is the level of an HTML heading.
    Paragraph(Box<WordParagraph>),
    Table(PageTable),
}

/// A table of a page.
#[derive(Debug)]
pub(super) struct PageTable {
    /// Rows by their groups, beyond which no cell reaches: head, bodies, foot.
    pub(super) groups: Vec<Vec<Vec<SpannedCell<Vec<FlowBlock>>>>>,
}

impl PageTable {
    fn cells(&self) -> impl Iterator<Item = &SpannedCell<Vec<FlowBlock>>> {
        self.groups.iter().flatten().flatten()
    }

    /// Checks whether the table only arranges what stands in it: one column, or tables in its cells that have more
    /// cells than it has beside them.
    pub(super) fn arranges_others(&self) -> bool {
        let inner_cells = |cell: &SpannedCell<Vec<FlowBlock>>| -> usize {
            cell.content.iter().filter_map(FlowBlock::table).map(|t| t.cells().count()).sum()
        };
        let inner: usize = self.cells().map(inner_cells).sum();
        let own = self.cells().filter(|cell| inner_cells(cell) == 0).count();
        let one_column = self.groups.iter().flatten().all(|row| row.len() <= 1)
            && self.cells().all(|cell| cell.rows == 1);
        one_column || inner > own
    }

    /// Puts the words of tables within cells into these cells.
    pub(super) fn without_inner_tables(mut self) -> PageTable {
        for cell in self.groups.iter_mut().flatten().flatten() {
            while cell.content.iter().any(|block| block.table().is_some()) {
                let blocks = std::mem::take(&mut cell.content);
                cell.content = blocks.into_iter().flat_map(FlowBlock::into_parts).collect();
            }
        }
        self
    }

    /// Returns the cells on their grid. `None` if there are more than a table of people has.
    pub(super) fn into_grid(self) -> Option<Vec<Vec<GridCell<Vec<FlowBlock>>>>> {
        place_cells(self.groups)
    }
}

impl FlowBlock {
    fn table(&self) -> Option<&PageTable> {
        match &self.content {
            FlowContent::Table(table) => Some(table),
            FlowContent::Paragraph(_) => None,
        }
    }

    /// Returns the blocks of a table's cells, or the paragraph.
    fn into_parts(self) -> Vec<FlowBlock> {
        match self.content {
            FlowContent::Table(table) => {
                table.groups.into_iter().flatten().flatten().flat_map(|cell| cell.content).collect()
            }
            FlowContent::Paragraph(_) => vec![self],
        }
    }
}
