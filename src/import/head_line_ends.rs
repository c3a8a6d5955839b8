//! Owns where the lines of heads of a table end in its grid, which shows that what merged their cells was lost.
//! Must not know a label, nor what is read below the heads.

use docx_fill::word::blocks::GridSlot;
use std::collections::BTreeSet;

/// The ends of the lines of heads.
#[derive(Default)]
pub(super) struct HeadLineEnds {
    /// Several if what merges cells was lost. A line with a gap, which stands elsewhere since a cell above it lost what
    /// merged it downwards, has no end: 0.
    ends: BTreeSet<usize>,
    /// End of the longest line of several cells of the table.
    longest: usize,
}

impl HeadLineEnds {
    /// Takes the lines of a table.
    pub(super) fn measure(&mut self, rows: &[Vec<GridSlot<'_>>]) {
        let several = rows.iter().filter(|row| row.len() > 1);
        self.longest = several.filter_map(|row| row.last()).map(GridSlot::end).max().unwrap_or(0);
    }

    /// Keeps where a line of heads ends, and whether it has a gap that is below no head.
    pub(super) fn add(&mut self, row: &[GridSlot<'_>], is_below_head: impl Fn(usize) -> bool) {
        let is_kept = |slot: &&GridSlot<'_>| slot.continued || !slot.is_blank();
        let behind = row.iter().skip_while(|slot| slot.continued || slot.is_blank());
        let below_head = |slot: &&GridSlot<'_>| is_below_head(slot.column);
        let gap = behind.skip_while(|s| is_kept(s) || below_head(s)).any(|s| is_kept(&s));
        self.ends.extend(gap.then_some(0));
        self.ends.extend(row.last().filter(|_| row.len() > 1).map(GridSlot::end));
    }

    /// Forgets the lines, for other heads.
    pub(super) fn clear(&mut self) {
        self.ends.clear();
    }

    /// Checks whether lines have other ends than others.
    pub(super) fn differ(&self) -> bool {
        self.ends.len() > 1
    }

    /// Checks whether the heads end before other lines do.
    pub(super) fn are_short(&self) -> bool {
        self.ends.last().is_some_and(|end| *end < self.longest)
    }
}
