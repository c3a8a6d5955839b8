//! Owns the fallbacks of alternate content (ISO/IEC 29500-3, 10.2.3): copies of drawings that no current program shows.
//! Must not know tags.

use super::part_model::PartModel;
use super::part_parser::PartParser;
use crate::opc::xml::attribute_ranges;
use crate::slice::TextSlice as _;
use std::ops::Range;

/// Namespaces that the programs of today understand, by the prefixes that Word writes: shapes, groups, canvases,
/// drawings and formulas of 2010 and later.
const UNDERSTOOD: [&str; 16] = [
    "wps", "wpg", "wpc", "wpi", "wp14", "wp15", "w14", "w15", "w16", "a14", "a16", "cx1", "aink",
    "am3d", "pic14", "c14",
];

impl PartParser<'_> {
    /// Records a fallback if the choice before it is understood. The element around it is the innermost open one.
    pub(crate) fn leave_fallback(&mut self, whole: &Range<usize>) {
        let Some(outer) = self.stack.last() else { return };
        let start = outer.start_tag.end;
        let rest = self.source.slice(start..whole.start);
        let start = start + rest.len() - rest.trim_start().len();
        let Some(length) = self.source.slice(start..whole.start).find('>') else { return };
        let all = attribute_ranges(self.source, &(start..start + length + 1));
        let needs = all.into_iter().find(|(key, _)| *key == "Requires").map(|(_, value)| value);
        let needs = needs.map_or("", |value| self.source.slice(value));
        if !needs.is_empty() && needs.split_whitespace().all(|one| UNDERSTOOD.contains(&one)) {
            self.model.fallbacks.push(whole.clone());
        }
    }
}

impl PartModel {
    /// Joins the recorded ranges, which may lie in one another, and sorts them.
    pub(crate) fn sort_unseen_ranges(&mut self) {
        for ranges in [&mut self.stale_texts, &mut self.fallbacks] {
            ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
            let mut end = 0;
            ranges.retain(|range| {
                let outer = range.end > end;
                end = end.max(range.end);
                outer
            });
        }
    }
}

/// Checks whether sorted ranges that do not touch contain an offset.
pub(crate) fn contains_offset(ranges: &[Range<usize>], offset: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= offset);
    after.checked_sub(1).is_some_and(|at| ranges[at].contains(&offset))
}
