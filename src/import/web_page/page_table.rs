//! Owns reading the tables of a page; of one that only arranges others, what it arranges.
//! Must not know what stands in a cell.

use super::page_blocks::{FlowBlock, FlowContent, PageTable};
use super::page_flow::FlowReader;
use super::page_grid::SpannedCell;
use super::page_style::{self, TextStyle};
use super::page_tree::{NodeId, PageTree};
use docx_fill::limits::MAX_GRID_COLUMNS;

/// Maximum number of rows that a cell spans, as in browsers.
const MAX_ROW_SPAN: usize = 65_534;

impl FlowReader<'_> {
    /// Reads a table; of one that only arranges others, what it arranges.
    pub(super) fn read_table(&mut self, table: NodeId, look: &TextStyle) {
        self.end_paragraph();
        let tree = self.tree;
        for &child in tree.children(table) {
            if tree.name(child) == "caption" && !page_style::is_silent(tree, child) {
                self.read_caption(child, &look.within(tree, child));
            }
        }
        let groups = row_groups(tree, table);
        let groups = groups.into_iter().map(|rows| self.read_rows(&rows, look)).collect();
        let table_read = PageTable { groups };
        if table_read.arranges_others() {
            let cells = table_read.groups.into_iter().flatten().flatten();
            self.blocks.extend(cells.flat_map(|cell| cell.content));
        } else {
            let content = FlowContent::Table(table_read.without_inner_tables());
            self.blocks.push(FlowBlock { content, holder: table });
        }
    }

    fn read_rows(
        &mut self,
        rows: &[NodeId],
        look: &TextStyle,
    ) -> Vec<Vec<SpannedCell<Vec<FlowBlock>>>> {
        let tree = self.tree;
        let read = rows.iter().map(|&row| {
            let look = look.within(tree, row);
            let cells = tree
                .children(row)
                .iter()
                .filter(|cell| matches!(tree.name(**cell), "td" | "th") && !is_gone(tree, **cell));
            cells.map(|&cell| self.read_cell(cell, &look)).collect()
        });
        read.collect()
    }

    fn read_cell(&mut self, cell: NodeId, look: &TextStyle) -> SpannedCell<Vec<FlowBlock>> {
        let tree = self.tree;
        let span = |name: &str| {
            let digits = tree.attribute(cell, name).map(str::trim).unwrap_or_default();
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits.get(..end).and_then(|digits| digits.parse::<usize>().ok())
        };
        let columns = span("colspan").unwrap_or(1).clamp(1, MAX_GRID_COLUMNS);
        // Nought reaches to the end of the group.
        let rows = span("rowspan").unwrap_or(1).min(MAX_ROW_SPAN);
        let rows = if rows == 0 { MAX_ROW_SPAN } else { rows };
        // What is only not visible keeps its place.
        let silent = page_style::is_silent(tree, cell);
        let look = look.within(tree, cell);
        let blocks = if silent { Vec::new() } else { self.read_cell_blocks(cell, &look) };
        SpannedCell { columns, rows, content: blocks }
    }
}

/// Checks whether an element takes no place.
fn is_gone(tree: &PageTree, element: NodeId) -> bool {
    let display = page_style::style_value(tree, element, "display");
    tree.attribute(element, "hidden").is_some() || display.as_deref() == Some("none")
}

/// Returns the rows of a table by groups in the order in which they are shown.
fn row_groups(tree: &PageTree, table: NodeId) -> Vec<Vec<NodeId>> {
    let shown = |node: &&NodeId| !is_gone(tree, **node);
    let groups = |names: &'static [&'static str]| {
        let own = tree.children(table).iter().filter(shown);
        own.filter(move |group| names.contains(&tree.name(**group))).copied()
    };
    let ordered = groups(&["thead"]).chain(groups(&["tbody"])).chain(groups(&["tfoot"]));
    let rows = ordered.map(|group| {
        let rows = tree.children(group).iter().filter(shown);
        rows.filter(|row| tree.name(**row) == "tr").copied().collect()
    });
    rows.collect()
}
