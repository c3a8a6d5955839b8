//! Owns the grid of a table: rows of cells with spans become addresses, each covered exactly once.
//! Must not know the content of a cell, nor whether the table is Word's, Typst's or HTML's.
//!
//! The rule is that of HTML tables: a cell takes the first free column of its row, and a merged
//! cell covers all addresses of its span.

/// The numbers of columns and rows that a cell covers, both at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellSpan {
    /// Columns covered (grid span).
    pub columns: usize,
    /// Rows covered (vertical merge).
    pub rows: usize,
}

/// A cell with its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedCell {
    /// Index of the line in the input.
    pub line: usize,
    /// Index of the cell within its line.
    pub cell: usize,
    /// First row, from 0.
    pub row: usize,
    /// First column, from 0.
    pub column: usize,
    /// Columns and rows covered.
    pub span: CellSpan,
}

/// A fault of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridFault {
    /// The cell reaches beyond the last column or row.
    OutOfBounds {
        /// Line index.
        line: usize,
        /// Cell index.
        cell: usize,
    },
    /// The cell covers an address that another one covers, too.
    Overlap {
        /// Line index.
        line: usize,
        /// Cell index.
        cell: usize,
    },
    /// No cell covers the address.
    Gap {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
}

/// The addresses of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    columns: usize,
    rows: usize,
    cells: Vec<PlacedCell>,
    /// Index into `cells` for each address, row by row.
    owners: Vec<Option<usize>>,
}

impl Grid {
    /// Places the cells of each line; returns the grid and all faults.
    pub fn place_cells(lines: &[Vec<CellSpan>], columns: usize) -> (Grid, Vec<GridFault>) {
        let rows = lines.len();
        let mut grid =
            Grid { columns, rows, cells: Vec::new(), owners: vec![None; rows * columns] };
        let mut faults = Vec::new();
        for (line, cells) in lines.iter().enumerate() {
            let mut column = 0;
            for (cell, &extent) in cells.iter().enumerate() {
                while column < columns && grid.owners[line * columns + column].is_some() {
                    column += 1;
                }
                let placed = PlacedCell { line, cell, row: line, column, span: extent };
                grid.claim_area(placed, &mut faults);
                column += extent.columns;
            }
        }
        let free = grid.owners.iter().enumerate().filter(|(_, owner)| owner.is_none());
        faults
            .extend(free.map(|(at, _)| GridFault::Gap { row: at / columns, column: at % columns }));
        (grid, faults)
    }

    fn claim_area(&mut self, placed: PlacedCell, faults: &mut Vec<GridFault>) {
        let PlacedCell { line, cell, row, column, span: extent } = placed;
        if column + extent.columns > self.columns || row + extent.rows > self.rows {
            faults.push(GridFault::OutOfBounds { line, cell });
        }
        let index = self.cells.len();
        self.cells.push(placed);
        let mut overlaps = false;
        for r in row..(row + extent.rows).min(self.rows) {
            for c in column..(column + extent.columns).min(self.columns) {
                let owner = &mut self.owners[r * self.columns + c];
                overlaps |= owner.is_some();
                owner.get_or_insert(index);
            }
        }
        if overlaps {
            faults.push(GridFault::Overlap { line, cell });
        }
    }

    /// Returns the number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns all cells in the order of the lines.
    pub fn cells(&self) -> &[PlacedCell] {
        &self.cells
    }

    /// Returns the cell that covers an address.
    pub fn cell_at(&self, row: usize, column: usize) -> Option<&PlacedCell> {
        if column >= self.columns {
            return None;
        }
        let owner = *self.owners.get(row * self.columns + column)?;
        owner.map(|index| &self.cells[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(columns: usize, rows: usize) -> CellSpan {
        CellSpan { columns, rows }
    }

    #[test]
    fn a_merged_cell_answers_everywhere() {
        let lines = [vec![extent(1, 2), extent(2, 1)], vec![extent(1, 1), extent(1, 1)]];
        let (grid, faults) = Grid::place_cells(&lines, 3);
        assert_eq!(faults, []);
        assert_eq!(grid.cell_at(1, 0), grid.cell_at(0, 0));
        assert_eq!(grid.cell_at(0, 1), grid.cell_at(0, 2));
        assert_eq!(grid.cell_at(1, 2).map(|p| (p.line, p.cell)), Some((1, 1)));
        assert_eq!(grid.cell_at(2, 0), None);
        assert_eq!(grid.cell_at(0, 3), None);
    }

    #[test]
    fn faults_are_named() {
        let lines = [vec![extent(1, 1), extent(3, 1)], vec![extent(1, 1)]];
        let (_, faults) = Grid::place_cells(&lines, 3);
        assert!(faults.contains(&GridFault::OutOfBounds { line: 0, cell: 1 }));
        assert!(faults.contains(&GridFault::Gap { row: 1, column: 1 }));
        let lines = [vec![extent(1, 1), extent(1, 2), extent(1, 1)], vec![extent(2, 1)]];
        let (_, faults) = Grid::place_cells(&lines, 3);
        assert!(faults.contains(&GridFault::Overlap { line: 1, cell: 0 }), "{faults:?}");
    }
}
