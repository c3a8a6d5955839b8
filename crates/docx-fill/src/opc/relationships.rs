//! Owns relationships parts: the targets that a part refers to, by identifier.
//! Must not know the meaning of a relationship type.

use super::OpcError;
use super::xml::{RootEnd, XmlEventReader, attribute_value, root_end};
use crate::opc::xml::attribute_into;
use crate::slice::TextSlice as _;
use quick_xml::events::Event;

const EMPTY_PART: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    </Relationships>";

/// A relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// Identifier within the part.
    pub id: String,
    /// Type, a URI.
    pub rel_type: String,
    /// Target as written.
    pub target: String,
    /// True if the target is outside of the package.
    pub external: bool,
}

/// The relationships of one part.
#[derive(Debug, Clone, Default)]
pub struct Relationships {
    items: Vec<Relationship>,
    /// Indices sorted by identifier; of several with the same identifier, the first one comes first.
    by_id: Vec<usize>,
}

impl Relationships {
    /// Parses a relationships part.
    pub fn parse(text: &str, part: &str) -> Result<Self, OpcError> {
        let mut items = Vec::new();
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            if element.local_name().as_ref() != "Relationship" {
                continue;
            }
            let get = |name| attribute_value(&element, name).unwrap_or_default();
            items.push(Relationship {
                id: get("Id"),
                rel_type: get("Type"),
                target: get("Target"),
                external: get("TargetMode") == "External",
            });
        }
        let mut by_id: Vec<usize> = (0..items.len()).collect();
        by_id.sort_by(|a, b| items[*a].id.cmp(&items[*b].id));
        Ok(Relationships { items, by_id })
    }

    /// Returns the relationships in the order of the part.
    pub fn iter(&self) -> impl Iterator<Item = &Relationship> {
        self.items.iter()
    }

    /// Returns the first relationship with an identifier.
    pub fn get(&self, id: &str) -> Option<&Relationship> {
        let at = self.by_id.partition_point(|at| self.items[*at].id.as_str() < id);
        let found = self.by_id.get(at).map(|at| &self.items[*at]);
        found.filter(|found| found.id == id)
    }

    /// Checks whether an identifier is in use.
    pub fn contains(&self, id: &str) -> bool {
        self.get(id).is_some()
    }

    /// Returns the target, as a part name, of the first relationship whose type ends with `kind_end`.
    pub fn target_by_type(&self, part: &str, kind_end: &str) -> Option<String> {
        let found = self.items.iter().find(|item| item.rel_type.ends_with(kind_end))?;
        resolve_target(part, &found.target)
    }

    /// Returns the XML of a relationships part with further relationships at its end.
    pub fn append_to_part(text: Option<&str>, added: &[Relationship]) -> String {
        let text = text.unwrap_or(EMPTY_PART);
        let Some(RootEnd::EndTag(at)) = root_end(text) else {
            // The root element is empty.
            return Self::append_to_part(None, added);
        };
        let mut out = String::with_capacity(text.len() + added.len() * 128);
        out.push_str(text.slice(..at));
        for item in added {
            out.push_str("<Relationship");
            attribute_into(&mut out, "Id", &item.id);
            attribute_into(&mut out, "Type", &item.rel_type);
            attribute_into(&mut out, "Target", &item.target);
            if item.external {
                attribute_into(&mut out, "TargetMode", "External");
            }
            out.push_str("/>");
        }
        out.push_str(text.slice(at..));
        out
    }
}

/// Returns the name of the relationships part of a part; `""` denotes the package.
pub fn relationships_part_name(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/_rels/{name}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

/// Resolves a target relative to a part; `None` if it leads out of the package.
pub fn resolve_target(part: &str, target: &str) -> Option<String> {
    let mut segments: Vec<&str> = match part.rsplit_once('/') {
        Some((folder, _)) if !target.starts_with('/') => folder.split('/').collect(),
        _ => Vec::new(),
    };
    for segment in target.trim_start_matches('/').split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_resolve_within_the_package() {
        let resolve = |part, target| resolve_target(part, target);
        assert_eq!(resolve("", "word/document.xml").as_deref(), Some("word/document.xml"));
        assert_eq!(resolve("", "/word/document.xml").as_deref(), Some("word/document.xml"));
        assert_eq!(resolve("word/document.xml", "styles.xml").as_deref(), Some("word/styles.xml"));
        assert_eq!(resolve("word/document.xml", "../a.xml").as_deref(), Some("a.xml"));
        assert_eq!(resolve("word/document.xml", "../../a.xml"), None);
    }

    #[test]
    fn the_first_of_an_id_is_found() {
        let item =
            |id: &str, target: &str| format!("<Relationship Id=\"{id}\" Target=\"{target}\"/>");
        let text = ["r2", "r1", "r10", "r2", ""].iter().enumerate();
        let text: String = text.map(|(at, id)| item(id, &at.to_string())).collect();
        let read = Relationships::parse(&format!("<a>{text}</a>"), "x").unwrap();
        let target = |id: &str| read.get(id).map(|found| found.target.as_str());
        assert_eq!(
            ["r1", "r2", "r10", ""].map(target),
            [Some("1"), Some("0"), Some("2"), Some("4")]
        );
        assert_eq!((target("r"), target("r3"), read.contains("r10")), (None, None, true));
    }

    #[test]
    fn relationships_are_appended_before_the_end() {
        let link = Relationship {
            id: "r1".into(),
            rel_type: "k".into(),
            target: "a?b&c".into(),
            external: true,
        };
        let text = Relationships::append_to_part(None, std::slice::from_ref(&link));
        let read = Relationships::parse(&text, "x").unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), [&link]);
    }
}
