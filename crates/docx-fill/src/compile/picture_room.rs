//! Owns the room for pictures in the lines of a paragraph.
//! Must not know data.

use crate::document::part_model::Paragraph;
use crate::document::properties::Properties;
use crate::document::styles::Styles;
use crate::ir::part::{Action, Class, Edit};
use crate::slice::TextSlice as _;
use std::fmt::Write as _;

/// An exact line height would cut a picture off; the same height at least does not.
pub(crate) fn make_room(source: &str, paragraph: &Paragraph, styles: &Styles) -> Option<Edit> {
    let range = paragraph.properties.clone();
    let mut properties =
        Properties::paragraph(range.as_ref().map_or("", |at| source.slice(at.clone())));
    let style = properties.attribute("w:pStyle", "w:val");
    let rule = properties.attribute("w:spacing", "w:lineRule");
    let line = properties.attribute("w:spacing", "w:line");
    let (line, rule) = match (line, rule) {
        (Some(line), rule) => (line, rule.unwrap_or_default()),
        (None, _) => styles.line(style.as_deref())?.clone(),
    };
    if rule != "exact" {
        return None;
    }
    let mut spacing = String::from("<w:spacing");
    for name in ["w:before", "w:beforeLines", "w:after", "w:afterLines"] {
        if let Some(value) = properties.attribute("w:spacing", name) {
            let _ = write!(spacing, " {name}=\"{value}\"");
        }
    }
    let _ = write!(spacing, " w:line=\"{line}\" w:lineRule=\"atLeast\"/>");
    properties.set("w:spacing", &spacing);
    let range = match range {
        Some(range) => range,
        None => {
            let at = paragraph.range.start + source.slice(paragraph.range.clone()).find('>')? + 1;
            at..at
        }
    };
    let actions = vec![Action::Insert(properties.xml())];
    Some(Edit { range, class: Class::Replace, number: 0, actions })
}
