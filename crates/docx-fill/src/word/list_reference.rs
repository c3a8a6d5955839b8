//! Owns what paragraphs and styles name of a list: the list instance and the level.
//! Must not know the definitions of lists.

use crate::word::properties::property_elements;

/// Number of levels of a list.
pub const LIST_LEVELS: usize = 9;

/// The list and level that a paragraph or a style names (`w:numPr`).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ListReference {
    /// Identifier of the list instance; `0` takes a paragraph out of all lists.
    pub list: Option<String>,
    /// Level, from 0.
    pub level: Option<usize>,
}

impl ListReference {
    /// Parses `<w:numPr>…</w:numPr>`; tracked former values are not read.
    pub fn parse(xml: &str) -> ListReference {
        let mut found = ListReference::default();
        for child in property_elements(xml, 0..xml.len()) {
            match child.name.as_str() {
                "w:numId" => found.list = child.value().map(str::to_owned),
                "w:ilvl" => found.level = child.value().map(parse_level),
                _ => {}
            }
        }
        found
    }
}

/// Parses the number of a level, from 0; one that cannot be is the nearest that can.
pub(super) fn parse_level(text: &str) -> usize {
    text.parse().unwrap_or(0).min(LIST_LEVELS - 1)
}
