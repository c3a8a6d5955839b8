//! Owns adjusting the line height of paragraphs with pictures.
//! Must not know data.

use crate::document::part_model::Paragraph;
use crate::document::properties::Properties;
use crate::document::styles::StyleIndex;
use crate::ir::part::{EditAction, EditOrder, PartEdit};
use crate::slice::TextSlice as _;
use std::fmt::Write as _;

/// Returns an edit that turns an exact line height, which would crop a picture, into a minimum of the same
/// height.
pub(crate) fn relax_line_height(
    source: &str,
    paragraph: &Paragraph,
    styles: &StyleIndex,
) -> Option<PartEdit> {
    let range = paragraph.properties.clone();
    let mut properties =
        Properties::parse_paragraph(range.as_ref().map_or("", |at| source.slice(at.clone())));
    let style = properties.child_attribute("w:pStyle", "w:val");
    let rule = properties.child_attribute("w:spacing", "w:lineRule");
    let line = properties.child_attribute("w:spacing", "w:line");
    let (line, rule) = match (line, rule) {
        (Some(line), rule) => (line, rule.unwrap_or_default()),
        (None, _) => styles.line_height(style.as_deref())?.clone(),
    };
    if rule != "exact" {
        return None;
    }
    let mut spacing = String::from("<w:spacing");
    for name in ["w:before", "w:beforeLines", "w:after", "w:afterLines"] {
        if let Some(value) = properties.child_attribute("w:spacing", name) {
            let _ = write!(spacing, " {name}=\"{value}\"");
        }
    }
    let _ = write!(spacing, " w:line=\"{line}\" w:lineRule=\"atLeast\"/>");
    properties.set_child("w:spacing", &spacing);
    let range = match range {
        Some(range) => range,
        None => {
            let at = paragraph.range.start + source.slice(paragraph.range.clone()).find('>')? + 1;
            at..at
        }
    };
    let actions = vec![EditAction::Insert(properties.to_xml())];
    Some(PartEdit { range, order: EditOrder::Replace, number: 0, actions })
}
