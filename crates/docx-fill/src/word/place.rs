//! Owns counting the tables, rows, cells and paragraphs of a part, by whose numbers messages name a place.
//! Must not know how a part is read: a reader tells what it enters and leaves.

use crate::limits::MAX_TABLE_DEPTH;

/// The cells that contain a place, from the outermost: table, row and cell, each counted from 1.
pub type CellAddress = Vec<(u32, u32, u32)>;

/// A counter of the places of a part.
///
/// Everything that is stored counts, also what a tracked change deletes. What lies in a text box has the place of
/// the paragraph to which the box is anchored. Of alternate content, one branch is shown: the second and further
/// ones have the numbers of the first.
#[derive(Debug)]
pub struct PlaceCounter {
    levels: Vec<LevelCount>,
    alternatives: Vec<AlternateContent>,
}

/// The counts reached in the body, a cell or a text box.
#[derive(Debug, Clone, Default)]
struct LevelCount {
    cells: CellAddress,
    tables: u32,
    row: u32,
    cell: u32,
    paragraphs: u32,
    /// True in a text box.
    anchored: bool,
}

/// Alternate content that is open.
#[derive(Debug)]
struct AlternateContent {
    /// Counts before it.
    before: LevelCount,
    /// Number of branches so far.
    branches: usize,
}

impl Default for PlaceCounter {
    fn default() -> PlaceCounter {
        PlaceCounter { levels: vec![LevelCount::default()], alternatives: Vec::new() }
    }
}

impl PlaceCounter {
    #[inline]
    fn level(&mut self) -> &mut LevelCount {
        if self.levels.is_empty() {
            self.levels.push(LevelCount::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Counts a paragraph; returns the cells that contain it, and its number in the innermost.
    pub fn enter_paragraph(&mut self) -> (CellAddress, u32) {
        let level = self.level();
        level.paragraphs += u32::from(!level.anchored);
        (level.cells.clone(), level.paragraphs.max(1))
    }

    /// Counts a table; returns the cells that contain it, and its number in the innermost.
    pub fn enter_table(&mut self) -> (&CellAddress, u32) {
        let level = self.level();
        level.tables += u32::from(!level.anchored);
        level.row = 0;
        (&level.cells, level.tables)
    }

    /// Counts a row of the table entered last.
    pub fn enter_row(&mut self) {
        let level = self.level();
        level.row += 1;
        level.cell = 0;
    }

    /// Counts a cell of the row entered last, in which counting begins anew.
    pub fn enter_cell(&mut self) {
        let level = self.level();
        level.cell += 1;
        let mut inner = LevelCount { anchored: level.anchored, ..LevelCount::default() };
        inner.cells.clone_from(&level.cells);
        if level.anchored {
            inner.paragraphs = level.paragraphs;
        } else if inner.cells.len() < MAX_TABLE_DEPTH {
            // Without a limit, deeply nested tables would take quadratic memory.
            inner.cells.push((level.tables, level.row, level.cell));
        }
        self.levels.push(inner);
    }

    /// Ends the cell entered last.
    pub fn leave_cell(&mut self) {
        self.leave_level();
    }

    /// Enters a text box, whose content has the place of its anchor.
    pub fn enter_text_box(&mut self) {
        let inner = LevelCount { anchored: true, ..self.level().clone() };
        self.levels.push(inner);
    }

    /// Ends the text box entered last.
    pub fn leave_text_box(&mut self) {
        self.leave_level();
    }

    /// Enters alternate content (`mc:AlternateContent`).
    pub fn enter_alternatives(&mut self) {
        let before = self.level().clone();
        self.alternatives.push(AlternateContent { before, branches: 0 });
    }

    /// Ends the alternate content entered last.
    pub fn leave_alternatives(&mut self) {
        self.alternatives.pop();
    }

    /// Enters a branch (`mc:Choice` or `mc:Fallback`) of the alternate content entered last. Returns true if it has
    /// counts of its own, which end with [`leave_branch`](Self::leave_branch).
    pub fn enter_branch(&mut self) -> bool {
        let Some(alternatives) = self.alternatives.last_mut() else { return false };
        alternatives.branches += 1;
        let has_own_counts = alternatives.branches > 1;
        if has_own_counts {
            self.levels.push(alternatives.before.clone());
        }
        has_own_counts
    }

    /// Ends a branch that has counts of its own.
    pub fn leave_branch(&mut self) {
        self.leave_level();
    }

    /// Returns the cells that contain the current place.
    pub fn cells(&self) -> &[(u32, u32, u32)] {
        self.levels.last().map_or(&[], |level| &level.cells)
    }

    /// Returns the number of the paragraph to which the text box around the current place is anchored; 0 outside of
    /// text boxes.
    pub fn anchor_paragraph(&self) -> u32 {
        let level = self.levels.last().filter(|level| level.anchored);
        level.map_or(0, |level| level.paragraphs.max(1))
    }

    /// Checks whether the current place is in a text box.
    pub fn is_in_text_box(&self) -> bool {
        self.levels.last().is_some_and(|level| level.anchored)
    }

    fn leave_level(&mut self) {
        if self.levels.len() > 1 {
            self.levels.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_text_boxes_are_counted() {
        let mut places = PlaceCounter::default();
        assert_eq!(places.enter_paragraph(), (vec![], 1));
        places.enter_text_box();
        assert_eq!(places.enter_paragraph(), (vec![], 1));
        assert_eq!(places.enter_table(), (&vec![], 0));
        places.enter_row();
        places.enter_cell();
        assert!(places.is_in_text_box());
        assert_eq!(places.enter_paragraph(), (vec![], 1));
        places.leave_cell();
        places.leave_text_box();
        assert_eq!(places.enter_table(), (&vec![], 1));
        places.enter_row();
        places.enter_cell();
        places.leave_cell();
        places.enter_cell();
        assert_eq!(places.enter_paragraph(), (vec![(1, 1, 2)], 1));
        assert_eq!(places.enter_paragraph(), (vec![(1, 1, 2)], 2));
        places.leave_cell();
        assert_eq!(places.enter_paragraph(), (vec![], 2));
        // More ends than beginnings do not end the part.
        places.leave_cell();
        assert_eq!(places.enter_paragraph(), (vec![], 3));
    }

    #[test]
    fn branches_of_alternate_content_have_the_same_numbers() {
        let mut places = PlaceCounter::default();
        places.enter_paragraph();
        places.enter_alternatives();
        assert!(!places.enter_branch());
        assert_eq!(places.enter_paragraph().1, 2);
        assert!(places.enter_branch());
        assert_eq!(places.enter_paragraph().1, 2);
        assert_eq!(places.enter_paragraph().1, 3);
        places.leave_branch();
        places.leave_alternatives();
        assert_eq!(places.enter_paragraph().1, 3);
        assert!(!places.enter_branch(), "a branch outside of alternate content");
    }

    #[test]
    fn tables_in_deep_cells_have_the_address_of_the_deepest_that_is_counted() {
        let mut places = PlaceCounter::default();
        for _ in 0..MAX_TABLE_DEPTH + 5 {
            places.enter_table();
            places.enter_row();
            places.enter_cell();
        }
        assert_eq!(places.cells().len(), MAX_TABLE_DEPTH);
    }
}
