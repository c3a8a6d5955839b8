//! Owns the list definitions of a document (`word/numbering.xml`): abstract lists, list instances with their
//! overrides, levels, and what paragraphs and styles name of them (ISO/IEC 29500-1, 17.9).
//! Must not know which paragraphs belong to a list, nor how labels are written.

use crate::opc::xml::{XmlEventReader, attribute_value};
use crate::opc::{OpcError, Package};
use crate::word::list_reference::parse_level;
pub use crate::word::list_reference::{LIST_LEVELS, ListReference};
use crate::word::properties::is_on_value;
use crate::word::styles::StyleSheet;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::ops::Range;

/// Maximum length of the text of a level in characters; every paragraph of the list gets one.
const MAX_LEVEL_TEXT: usize = 64;

/// The list definitions of a document.
#[derive(Debug, Default, Clone)]
pub struct NumberingDefinitions {
    abstract_lists: BTreeMap<String, AbstractList>,
    instances: BTreeMap<String, ListInstance>,
}

/// An abstract list (`w:abstractNum`).
#[derive(Debug, Default, Clone)]
pub struct AbstractList {
    /// Range of the definition in the part.
    pub range: Range<usize>,
    /// Numbering style of which this is the definition.
    pub style_link: Option<String>,
    /// Numbering style whose definition stands in for this one.
    pub num_style_link: Option<String>,
    levels: BTreeMap<usize, ListLevel>,
}

/// A list instance (`w:num`).
#[derive(Debug, Default, Clone)]
pub struct ListInstance {
    /// Range of the definition in the part.
    pub range: Range<usize>,
    /// Identifier of the abstract list.
    pub abstract_id: String,
    overrides: BTreeMap<usize, LevelOverride>,
}

/// The changes of a list instance in a level of its abstract list (`w:lvlOverride`).
#[derive(Debug, Default, Clone)]
pub struct LevelOverride {
    /// Number with which the level starts anew in this instance.
    pub start: Option<u32>,
    /// Definition that stands in for that of the abstract list.
    pub level: Option<ListLevel>,
}

/// A level of a list (`w:lvl`).
#[derive(Debug, Clone)]
pub struct ListLevel {
    /// Range of the definition in the part.
    pub range: Range<usize>,
    /// First number.
    pub start: u32,
    /// Format of the number, a value of `ST_NumberFormat`.
    pub format: String,
    /// Text of the label with `%1` to `%9` for the numbers of the levels.
    pub text: String,
    /// Paragraph style that is bound to the level.
    pub paragraph_style: Option<String>,
    /// Level, from 1, whose numbers and those above restart this one; 0 if none does. Without it, all do.
    pub restart: Option<usize>,
    /// True if the numbers of all levels are written as digits.
    pub legal: bool,
}

impl Default for ListLevel {
    fn default() -> ListLevel {
        ListLevel {
            range: 0..0,
            start: 1,
            format: "decimal".to_owned(),
            text: String::new(),
            paragraph_style: None,
            restart: None,
            legal: false,
        }
    }
}

impl NumberingDefinitions {
    /// Reads the list definitions of a document; there are none without a numbering part.
    pub fn read(package: &Package) -> Result<NumberingDefinitions, OpcError> {
        let main = package.main_document_name();
        let Some(part) = package.relationships(main)?.target_by_type(main, "/numbering") else {
            return Ok(NumberingDefinitions::default());
        };
        let text = package.read_xml_part(&part)?;
        text.map_or_else(|| Ok(NumberingDefinitions::default()), |text| Self::parse(&text, &part))
    }

    /// Parses a numbering part, or definitions without a root.
    pub fn parse(text: &str, part: &str) -> Result<NumberingDefinitions, OpcError> {
        let mut scanner = DefinitionScanner::default();
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => scanner.start_element(&element, &range),
                Event::Empty(element) => {
                    scanner.start_element(&element, &range);
                    scanner.end_element(element.name().as_ref(), range.end);
                }
                Event::End(element) => scanner.end_element(element.name().as_ref(), range.end),
                _ => {}
            }
        }
        Ok(scanner.found)
    }

    /// Returns a list instance.
    pub fn instance(&self, list: &str) -> Option<&ListInstance> {
        self.instances.get(list)
    }

    /// Returns the identifiers of all list instances.
    pub fn list_ids(&self) -> impl Iterator<Item = &str> {
        self.instances.keys().map(String::as_str)
    }

    /// Returns the identifiers of all abstract lists.
    pub fn abstract_ids(&self) -> impl Iterator<Item = &str> {
        self.abstract_lists.keys().map(String::as_str)
    }

    /// Returns an abstract list as it is written.
    pub fn abstract_list(&self, id: &str) -> Option<&AbstractList> {
        self.abstract_lists.get(id)
    }

    /// Returns the abstract list that defines the levels of a list instance, with its identifier: that of its
    /// numbering style, if it only links to one (17.9.21).
    pub fn defining_list(&self, list: &ListInstance) -> Option<(&str, &AbstractList)> {
        let (id, own) = self.abstract_lists.get_key_value(&list.abstract_id)?;
        let linked = own.num_style_link.as_ref().and_then(|style| {
            self.abstract_lists.iter().find(|(_, other)| other.style_link.as_ref() == Some(style))
        });
        let (id, found) = linked.unwrap_or((id, own));
        Some((id, found))
    }

    /// Returns the definition of a level of a list instance; `None` if there is none.
    pub fn level<'a>(&'a self, list: &'a ListInstance, level: usize) -> Option<&'a ListLevel> {
        let own = list.overrides.get(&level).and_then(|own| own.level.as_ref());
        own.or_else(|| self.defining_list(list)?.1.levels.get(&level))
    }

    /// Returns the first number of a level of a list instance.
    pub fn start_of(&self, list: &ListInstance, level: usize) -> u32 {
        let own = list.overrides.get(&level).and_then(|own| own.start);
        own.or_else(|| Some(self.level(list, level)?.start)).unwrap_or(1)
    }

    /// Returns the list and level of a paragraph: its own, or those of its style. In a style the level is the one to
    /// which the list binds the style or a base of it (17.9.23).
    pub fn paragraph_list(
        &self,
        own: &ListReference,
        style: Option<&str>,
        sheet: &StyleSheet,
    ) -> Option<(String, usize)> {
        let styled = || sheet.list_reference(style);
        let (list, level) = match &own.list {
            Some(list) => (list.clone(), own.level.unwrap_or(0)),
            None => {
                let styled = styled();
                let list = styled.list?;
                let bound = || self.bound_level(&list, style, sheet);
                let level = own.level.or_else(bound).or(styled.level).unwrap_or(0);
                (list, level)
            }
        };
        (list != "0").then_some((list, level))
    }

    /// Returns the level that a list binds to a style, or to the nearest base of it.
    fn bound_level(&self, list: &str, style: Option<&str>, sheet: &StyleSheet) -> Option<usize> {
        let list = self.instance(list)?;
        let bound = |id: &str| {
            (0..LIST_LEVELS).find(|&at| {
                let level = self.level(list, at);
                level.is_some_and(|level| level.paragraph_style.as_deref() == Some(id))
            })
        };
        sheet.chain(sheet.paragraph_style(style)).find_map(|style| bound(&style.id))
    }
}

impl ListInstance {
    /// Returns what the instance changes in a level.
    pub fn level_override(&self, level: usize) -> Option<&LevelOverride> {
        self.overrides.get(&level)
    }
}

/// The definitions found so far, and what is open.
#[derive(Default)]
struct DefinitionScanner {
    found: NumberingDefinitions,
    abstract_list: Option<(String, AbstractList)>,
    instance: Option<(String, ListInstance)>,
    override_level: usize,
    level: Option<(usize, ListLevel)>,
}

impl DefinitionScanner {
    fn start_element(&mut self, element: &BytesStart<'_>, range: &Range<usize>) {
        let get = |name: &str| attribute_value(element, name).unwrap_or_default();
        match element.name().as_ref() {
            "w:abstractNum" => {
                let list = AbstractList { range: range.clone(), ..AbstractList::default() };
                self.abstract_list = Some((get("w:abstractNumId"), list));
            }
            "w:num" => {
                let list = ListInstance { range: range.clone(), ..ListInstance::default() };
                self.instance = Some((get("w:numId"), list));
            }
            "w:lvl" => {
                let level = ListLevel { range: range.clone(), ..ListLevel::default() };
                self.level = Some((parse_level(&get("w:ilvl")), level));
            }
            "w:lvlOverride" => self.override_level = parse_level(&get("w:ilvl")),
            name => self.read_value(name, get("w:val")),
        }
    }

    /// Reads a child of the innermost open definition.
    fn read_value(&mut self, name: &str, value: String) {
        if let Some((_, level)) = &mut self.level {
            read_level_value(level, name, value);
        } else if let Some((_, list)) = &mut self.instance {
            match name {
                "w:abstractNumId" => list.abstract_id = value,
                "w:startOverride" => {
                    let own = list.overrides.entry(self.override_level).or_default();
                    own.start = Some(value.parse().unwrap_or(1));
                }
                _ => {}
            }
        } else if let Some((_, list)) = &mut self.abstract_list {
            match name {
                "w:styleLink" => list.style_link = Some(value),
                "w:numStyleLink" => list.num_style_link = Some(value),
                _ => {}
            }
        }
    }

    fn end_element(&mut self, name: &str, end: usize) {
        match name {
            "w:lvl" => self.close_level(end),
            "w:abstractNum" => {
                if let Some((id, mut list)) = self.abstract_list.take() {
                    list.range.end = end;
                    self.found.abstract_lists.insert(id, list);
                }
            }
            "w:num" => {
                if let Some((id, mut list)) = self.instance.take() {
                    list.range.end = end;
                    self.found.instances.insert(id, list);
                }
            }
            _ => {}
        }
    }

    fn close_level(&mut self, end: usize) {
        let Some((at, mut level)) = self.level.take() else { return };
        level.range.end = end;
        if let Some((_, list)) = &mut self.instance {
            list.overrides.entry(self.override_level).or_default().level = Some(level);
        } else if let Some((_, list)) = &mut self.abstract_list {
            list.levels.insert(at, level);
        }
    }
}

fn read_level_value(level: &mut ListLevel, name: &str, value: String) {
    match name {
        "w:start" => level.start = value.parse().unwrap_or(1),
        "w:numFmt" => level.format = value,
        "w:lvlText" => level.text = value.chars().take(MAX_LEVEL_TEXT).collect(),
        "w:pStyle" => level.paragraph_style = Some(value),
        "w:lvlRestart" => level.restart = value.parse().ok(),
        "w:isLgl" => level.legal = is_on_value(Some(&value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_binds_its_level_to_a_style() {
        let text = include_str!("../../tests/styles/styles.xml").to_owned();
        let sheet = StyleSheet::parse(text, "p".to_owned()).unwrap();
        let numbering = include_str!("../../tests/styles/numbering.xml");
        let lists = NumberingDefinitions::parse(numbering, "p").unwrap();
        let own =
            |list: Option<&str>, level| ListReference { list: list.map(str::to_owned), level };
        for (reference, style, found) in [
            // The level that names the style of which this one is based, whatever the style says.
            (own(None, None), Some("Untyped"), Some(("1", 2))),
            (own(None, Some(0)), Some("Untyped"), Some(("1", 0))),
            (own(Some("5"), None), Some("Untyped"), Some(("5", 0))),
            (own(Some("0"), None), Some("Untyped"), None),
            (own(None, Some(3)), None, None),
        ] {
            let list = lists.paragraph_list(&reference, style, &sheet);
            let list = list.as_ref().map(|(list, level)| (list.as_str(), *level));
            assert_eq!(list, found, "{reference:?}");
        }
    }
}
