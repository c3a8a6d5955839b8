//! Owns finding where the data of a `SmartArt` diagram names its drawing, which is a relationship of the part that shows it.
//! Must not know why it is looked for.

use crate::opc::xml::attribute_ranges;
use crate::opc::{Relationship, Relationships};
use crate::slice::TextSlice as _;
use std::ops::Range;

/// The end of the type of a relationship to the data of a diagram.
pub(crate) const DIAGRAM_DATA: &str = "/diagramData";

/// Returns where the data of a diagram names the relationship of its drawing, with this relationship of the part that
/// shows it.
pub(crate) fn find_drawing<'r>(
    data: &str,
    shown_in: &'r Relationships,
) -> Option<(Range<usize>, &'r Relationship)> {
    let name = data.find("dataModelExt")?;
    let start = data.slice(..name).rfind('<')?;
    let end = name + data.slice(name..).find('>')?;
    let all = attribute_ranges(data, &(start..end));
    let value = all.into_iter().find(|(key, _)| *key == "relId")?.1;
    let drawing = shown_in.get(data.slice(value.clone()))?;
    drawing.rel_type.ends_with("/diagramDrawing").then_some((value, drawing))
}
