//! Owns writing a part anew under customary prefixes and with plain blanks in its tags: programs may bind any prefix, or
//! none, to a namespace, and break lines within a tag.
//! Must not know elements.

use super::OpcError;
use super::namespaces::{NAMESPACES, is_customary_binding};
use super::xml::{XmlEventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::ops::Range;

/// Attributes whose values are lists of prefixes (ISO/IEC 29500-3, 7), or of names with prefixes.
const PREFIX_LISTS: [&str; 6] = [
    "mc:Ignorable",
    "mc:MustUnderstand",
    "mc:ProcessContent",
    "mc:PreserveElements",
    "mc:PreserveAttributes",
    "Requires",
];

/// Maximum number of declarations of a part that are followed.
const MAX_DECLARATIONS: usize = 1_000;

/// Returns a well-formed part with every namespace under its customary prefix, and in its tags no other blanks than one
/// before each attribute.
pub(super) fn with_customary_prefixes(text: &str, part: &str) -> Result<String, OpcError> {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut writer = PrefixWriter { text, scope: Vec::new(), depth: 0, last_number: 0 };
    let mut from = 0;
    let mut reader = XmlEventReader::new(text, part);
    while let Some((event, range)) = reader.next()? {
        match event {
            Event::Start(_) | Event::Empty(_) => {
                out.push_str(text.slice(from..range.start));
                from = range.end;
                writer.write_start_tag(&range, &mut out);
                let is_open = matches!(event, Event::Start(_));
                writer.depth += usize::from(is_open);
                writer.leave_declarations();
            }
            Event::End(element) => {
                out.push_str(text.slice(from..range.start + 2));
                writer.write_name(element.name().as_ref(), true, &mut out);
                out.push('>');
                from = range.end;
                writer.depth = writer.depth.saturating_sub(1);
                writer.leave_declarations();
            }
            _ => {}
        }
    }
    out.push_str(text.slice(from..));
    Ok(out)
}

/// A part that is being written under other prefixes.
struct PrefixWriter<'a> {
    text: &'a str,
    /// Declarations in scope: depth of the element, prefix as written, and the prefix that it gets.
    scope: Vec<(usize, &'a str, String)>,
    /// Number of open elements.
    depth: usize,
    /// Number of the last prefix that was made up.
    last_number: usize,
}

impl<'a> PrefixWriter<'a> {
    fn leave_declarations(&mut self) {
        while self.scope.last().is_some_and(|(depth, ..)| *depth >= self.depth) {
            self.scope.pop();
        }
    }

    fn write_start_tag(&mut self, range: &Range<usize>, out: &mut String) {
        let attributes = attribute_ranges(self.text, range);
        for (name, value) in &attributes {
            if let Some(prefix) = declared_prefix(name) {
                self.declare(prefix, self.text.slice(value.clone()));
            }
        }
        let tag = self.text.slice(range.clone());
        let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'));
        let end = range.start + end.unwrap_or(tag.len());
        out.push('<');
        self.write_name(self.text.slice(range.start + 1..end), true, out);
        let mut declared: Vec<String> = Vec::new();
        for (name, value) in attributes {
            if let Some(prefix) = declared_prefix(name) {
                let known = self.known_prefix(prefix).unwrap_or(prefix).to_owned();
                if !declared.contains(&known) {
                    out.push_str(if known.is_empty() { " xmlns" } else { " xmlns:" });
                    out.push_str(&known);
                    out.push('=');
                    out.push_str(self.text.slice(value.start - 1..=value.end));
                    declared.push(known);
                }
            } else {
                let mut written = String::new();
                self.write_name(name, false, &mut written);
                out.push(' ');
                out.push_str(&written);
                out.push('=');
                let quoted = self.text.slice(value.start - 1..=value.end);
                if PREFIX_LISTS.contains(&written.as_str()) {
                    out.push_str(&self.known_list(quoted));
                } else {
                    out.push_str(quoted);
                }
            }
        }
        out.push_str(if tag.ends_with("/>") { "/>" } else { ">" });
    }

    /// Adds a declaration of the element that begins.
    fn declare(&mut self, prefix: &'a str, uri: &str) {
        if self.scope.len() >= MAX_DECLARATIONS {
            return;
        }
        let known = match NAMESPACES.iter().find(|(known, _)| *known == uri) {
            Some((_, customary)) => (*customary).to_owned(),
            None if is_customary_binding(prefix, uri) => prefix.to_owned(),
            None => self.unused_prefix(),
        };
        self.scope.push((self.depth, prefix, known));
    }

    /// Makes up a prefix that the part does not use.
    fn unused_prefix(&mut self) -> String {
        loop {
            self.last_number += 1;
            let prefix = format!("n{}", self.last_number);
            if !self.text.contains(&format!("xmlns:{prefix}")) {
                return prefix;
            }
        }
    }

    fn known_prefix(&self, written: &str) -> Option<&str> {
        let found = self.scope.iter().rev().find(|(_, prefix, _)| *prefix == written);
        found.map(|(_, _, known)| known.as_str())
    }

    /// Writes a name; an attribute without a prefix is in no namespace.
    fn write_name(&self, name: &str, is_element: bool, out: &mut String) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        match self.known_prefix(prefix) {
            Some(known) if is_element || !prefix.is_empty() => {
                if !known.is_empty() {
                    out.push_str(known);
                    out.push(':');
                }
                out.push_str(local);
            }
            _ => out.push_str(name),
        }
    }

    /// Returns a quoted list of prefixes, or of names, with the prefixes that they get.
    fn known_list(&self, quoted: &str) -> String {
        let quote = quoted.slice(..1);
        let items = quoted.trim_matches(['"', '\'']).split_whitespace().map(|item| {
            let (prefix, rest) = item.split_at_offset(item.find(':').unwrap_or(item.len()));
            format!("{}{rest}", self.known_prefix(prefix).unwrap_or(prefix))
        });
        format!("{quote}{}{quote}", items.collect::<Vec<_>>().join(" "))
    }
}

/// Returns the prefix that an attribute declares.
fn declared_prefix(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("xmlns")?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix(':') }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    const MC: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";

    fn normalized(text: &str) -> String {
        with_customary_prefixes(text, "p").unwrap()
    }

    #[test]
    fn names_get_the_customary_prefix_of_their_namespace() {
        let foreign = format!("<x:p xmlns:x=\"{WORD}\" x:a='1' b=\"2\"><x:r/>x:p<x:t\n/></x:p >");
        let own = format!("<w:p xmlns:w=\"{WORD}\" w:a='1' b=\"2\"><w:r/>x:p<w:t/></w:p>");
        assert_eq!(normalized(&foreign), own);
        let none =
            format!("<p xmlns=\"{WORD}\" xmlns:y=\"{WORD}\" y:a=\"1\"><r xmlns=\"\"/><r/></p>");
        let own = format!("<w:p xmlns:w=\"{WORD}\" w:a=\"1\"><r xmlns=\"\"/><w:r/></w:p>");
        assert_eq!(normalized(&none), own);
        let taken = format!("<x:p xmlns:x=\"{WORD}\" xmlns:w=\"urn:w\"><w:a w:b=\"\"/></x:p>");
        let own = format!("<w:p xmlns:w=\"{WORD}\" xmlns:n1=\"urn:w\"><n1:a n1:b=\"\"/></w:p>");
        assert_eq!(normalized(&taken), own);
    }

    #[test]
    fn properties_of_documents_have_customary_prefixes_too() {
        let (core, dc) = (
            "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
            "http://purl.org/dc/elements/1.1/",
        );
        let text = format!(
            "<coreProperties xmlns=\"{core}\"><creator xmlns=\"{dc}\">甲</creator></coreProperties>"
        );
        let own = format!(
            "<cp:coreProperties xmlns:cp=\"{core}\"><dc:creator xmlns:dc=\"{dc}\">甲</dc:creator></cp:coreProperties>"
        );
        assert_eq!(normalized(&text), own);
    }

    #[test]
    fn lists_of_prefixes_follow() {
        let text = format!(
            "<x:p xmlns:x=\"{WORD}\" xmlns:e=\"{MC}\" xmlns:w=\"u\" xmlns:q=\"v\" e:Ignorable=\"w q\"><e:Choice Requires='w'/></x:p>"
        );
        let own = format!(
            "<w:p xmlns:w=\"{WORD}\" xmlns:mc=\"{MC}\" xmlns:n1=\"u\" xmlns:q=\"v\" mc:Ignorable=\"n1 q\"><mc:Choice Requires='n1'/></w:p>"
        );
        assert_eq!(normalized(&text), own);
    }
}
