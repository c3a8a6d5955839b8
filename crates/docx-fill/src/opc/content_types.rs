//! Owns `[Content_Types].xml`: the content types of parts, and additions to it.
//! Must not know the meaning of a content type.

use super::OpcError;
use super::xml::{RootEnd, XmlEventReader, attribute_value, root_end};
use crate::opc::xml::attribute_into;
use crate::slice::{TextEdit as _, TextSlice as _};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// The content types of a package.
#[derive(Debug, Clone, Default)]
pub struct ContentTypes {
    source: String,
    defaults: BTreeMap<String, String>,
    overrides: BTreeMap<String, String>,
}

impl ContentTypes {
    /// Parses the part.
    pub fn parse(text: &str, part: &str) -> Result<Self, OpcError> {
        let mut types = ContentTypes { source: text.to_owned(), ..ContentTypes::default() };
        let mut reader = XmlEventReader::new(text, part);
        while let Some((event, _)) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            let Some(kind) = attribute_value(&element, "ContentType") else { continue };
            match element.local_name().as_ref() {
                "Default" => {
                    if let Some(extension) = attribute_value(&element, "Extension") {
                        types.defaults.insert(extension.to_ascii_lowercase(), kind);
                    }
                }
                "Override" => {
                    if let Some(name) = attribute_value(&element, "PartName") {
                        let name = name.trim_start_matches('/').to_ascii_lowercase();
                        types.overrides.insert(name, kind);
                    }
                }
                _ => {}
            }
        }
        Ok(types)
    }

    /// Returns the content type of a part.
    pub fn type_of_part(&self, part: &str) -> Option<&str> {
        let part = part.to_ascii_lowercase();
        let by_extension = || self.defaults.get(part.rsplit_once('.')?.1);
        self.overrides.get(&part).or_else(by_extension).map(String::as_str)
    }

    /// Returns the part's XML with defaults for further extensions, content types of new parts, and optionally
    /// one content type replaced by another; `None` if nothing changes.
    pub fn with_additions(
        &self,
        extensions: &[(&str, &str)],
        parts: &[(String, String)],
        replace: Option<(&str, &str)>,
    ) -> Option<String> {
        let mut added = String::new();
        for (extension, kind) in extensions {
            if !self.defaults.contains_key(*extension) {
                added.push_str("<Default");
                attribute_into(&mut added, "Extension", extension);
                attribute_into(&mut added, "ContentType", kind);
                added.push_str("/>");
            }
        }
        let mut text = self.source.clone();
        if let Some((from, to)) = replace {
            for quote in ['"', '\''] {
                text =
                    text.replace(&format!("{quote}{from}{quote}"), &format!("{quote}{to}{quote}"));
            }
        }
        if let Some(RootEnd::EmptyTag(at)) = root_end(&text) {
            text.replace_text(at..at + "/>".len(), "></Types>");
        }
        if !added.is_empty() {
            let types = text.find("<Types")?;
            let at = types + text.slice(types..).find('>')? + 1;
            text.insert_text(at, &added);
        }
        if !parts.is_empty() {
            let mut added = String::new();
            for (part, kind) in parts {
                added.push_str("<Override");
                attribute_into(&mut added, "PartName", &format!("/{part}"));
                attribute_into(&mut added, "ContentType", kind);
                added.push_str("/>");
            }
            let Some(RootEnd::EndTag(at)) = root_end(&text) else { return None };
            text.insert_text(at, &added);
        }
        (text != self.source).then_some(text)
    }
}
