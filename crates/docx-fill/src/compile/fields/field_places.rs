//! Owns the places within complex fields of a part: in which field a byte of the source lies.
//! Must not know tags.

use crate::document::part_model::FieldSite;
use std::ops::Range;

/// The innermost field at a place, and whether the place is in its result; `None` outside of fields. Because fields nest,
/// two places with the same innermost field are within the same fields.
pub(crate) type FieldPlace = Option<(usize, bool)>;

/// The places within complex fields of a part: from each mark on, by the mark's offset.
pub(crate) struct FieldPlaces {
    places: Vec<(usize, FieldPlace)>,
}

impl FieldPlaces {
    /// Returns the places of the fields of a part.
    pub(crate) fn of(fields: &[FieldSite]) -> FieldPlaces {
        let mut marks: Vec<(usize, usize, Option<bool>)> = Vec::new();
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.runs.is_some()) {
            marks.push((field.marks.begin.start, at, Some(false)));
            marks.extend(field.marks.separate.iter().map(|mark| (mark.start, at, Some(true))));
            marks.push((field.marks.end.start, at, None));
        }
        marks.sort_unstable();
        let (mut open, mut places) = (Vec::<(usize, bool)>::new(), Vec::with_capacity(marks.len()));
        for (offset, at, phase) in marks {
            match phase {
                Some(false) => open.push((at, false)),
                Some(true) => open.last_mut().into_iter().for_each(|last| last.1 = true),
                None => drop(open.pop()),
            }
            places.push((offset, open.last().copied()));
        }
        FieldPlaces { places }
    }

    /// Returns the innermost field at an offset.
    pub(crate) fn at(&self, offset: usize) -> FieldPlace {
        let after = self.places.partition_point(|(mark, _)| *mark < offset);
        after.checked_sub(1).and_then(|at| self.places[at].1)
    }

    /// Returns the first mark in a range, and the field behind it.
    pub(crate) fn mark_within(&self, range: Range<usize>) -> Option<(usize, FieldPlace)> {
        let first = self.places.partition_point(|(mark, _)| *mark < range.start);
        self.places.get(first).copied().filter(|(mark, _)| *mark < range.end)
    }
}
