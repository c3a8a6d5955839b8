//! Owns telling figures from words in the cells of a table, and pairing the cells of a line with the heads of columns.
//! Must not know a row of the form.

use crate::data::to_half_width;
use crate::labels::Confidence;
use docx_fill::word::blocks::GridSlot;

/// A column of the form with its place below the heads.
pub(super) struct ColumnHead {
    pub(super) column: usize,
    pub(super) confidence: Confidence,
    /// Columns of the grid.
    pub(super) places: Vec<usize>,
}

/// Pairs slots with heads: by order if their numbers are equal and all heads are known, else by
/// position. A cell merged across several columns is not paired.
pub(super) fn pair_columns<'r, 'd>(
    heads: &[ColumnHead],
    beside: &[&'r GridSlot<'d>],
    complete: bool,
) -> Vec<(usize, Confidence, &'r GridSlot<'d>)> {
    if complete && beside.len() == heads.len() {
        return pair_in_order(heads, beside);
    }
    let mut out = Vec::new();
    // A cell that reaches beyond the last head, or a line that ends before it, is not aligned with the heads.
    let end = heads.iter().flat_map(|head| &head.places).max().map_or(0, |last| last + 1);
    if beside.iter().any(|slot| slot.column < end && slot.end() > end)
        || beside.last().is_some_and(|slot| slot.end() < end)
    {
        return out;
    }
    for head in heads {
        let under = |slot: &&&GridSlot<'_>| head.places.contains(&slot.column);
        let Some(slot) = beside.iter().find(under) else { continue };
        let covered = heads
            .iter()
            .filter(|head| head.places.iter().any(|at| (slot.column..slot.end()).contains(at)));
        if covered.count() == 1 {
            out.push((head.column, head.confidence, *slot));
        }
    }
    // Blank cells after the last figure only fill the line.
    let filled = beside.iter().rposition(|slot| !slot.is_blank()).map_or(0, |at| at + 1);
    if complete && out.len() < heads.len() && filled <= heads.len() && heads.len() < beside.len() {
        return pair_in_order(heads, beside);
    }
    out
}

/// Pairs slots with heads by their order.
pub(super) fn pair_in_order<'r, 'd>(
    heads: &[ColumnHead],
    slots: &[&'r GridSlot<'d>],
) -> Vec<(usize, Confidence, &'r GridSlot<'d>)> {
    let pairs = heads.iter().zip(slots);
    pairs.map(|(head, slot)| (head.column, head.confidence, *slot)).collect()
}

/// Checks whether a cell is blank or may be a figure.
pub(super) fn is_figure_slot(slot: &GridSlot<'_>) -> bool {
    slot.is_blank() || looks_like_figure(&slot.text)
}

/// Words that stand for a figure: none, or fewer and more.
const NO_FIGURE: [&str; 4] = ["无", "没有", "零", "未发生"];
const BEFORE_FIGURE: [&str; 8] = ["减少", "增加", "减", "增", "约", "共", "负", "合计"];

/// Checks whether a text may be a figure: digits, a stroke or a word for none, a change.
pub(super) fn looks_like_figure(text: &str) -> bool {
    let text: String = text.trim().chars().map(|c| to_half_width(c).unwrap_or(c)).collect();
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let change = || BEFORE_FIGURE.iter().any(|word| text.strip_prefix(word).is_some_and(digit));
    !text.is_empty()
        && (digit(&text)
            || text.chars().all(|c| "/-+.—–−―─".contains(c) || c.is_ascii_digit())
            || NO_FIGURE.contains(&text.trim_end_matches('。'))
            || change())
}
