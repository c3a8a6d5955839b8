//! Owns adjusting the line height of paragraphs with pictures.
//! Must not know data.

use crate::document::part_model::Paragraph;
use crate::ir::part::{EditAction, EditOrder, PartEdit};
use crate::slice::TextSlice as _;
use crate::word::properties::Properties;
use crate::word::styles::{AppliedStyles, LineSpacing, StyleSheet};
use std::fmt::Write as _;

/// Returns an edit that turns an exact line height, which would crop a picture, into a minimum of the same
/// height.
pub(crate) fn relax_line_height(
    source: &str,
    paragraph: &Paragraph,
    styles: &StyleSheet,
) -> Option<PartEdit> {
    let range = paragraph.properties.clone();
    let mut properties =
        Properties::parse_paragraph(range.as_ref().map_or("", |at| source.slice(at.clone())));
    let style = properties.child_attribute("w:pStyle", "w:val");
    let direct = LineSpacing {
        line: properties.child_attribute("w:spacing", "w:line"),
        rule: properties.child_attribute("w:spacing", "w:lineRule"),
    };
    let applied = AppliedStyles { paragraph: style.as_deref(), ..AppliedStyles::default() };
    let LineSpacing { line: Some(line), rule } = styles.line_spacing(direct, &applied) else {
        return None;
    };
    if rule.as_deref() != Some("exact") {
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
