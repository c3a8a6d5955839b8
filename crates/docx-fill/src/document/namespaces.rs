//! Owns what the root element of a part declares: prefixes of namespaces, and which of them older
//! programs may ignore; and the carrying of such declarations into another part.
//! Must not know what is declared.

use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::slice::{TextEdit as _, TextSlice as _};
use quick_xml::events::Event;
use std::ops::Range;

const IGNORABLE: &str = "mc:Ignorable";
const COMPATIBILITY_NAMESPACE: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";

/// The declarations of a root element.
#[derive(Debug, Clone, Default)]
pub(crate) struct RootNamespaces {
    /// Prefix and address, as written.
    namespaces: Vec<(String, String)>,
    ignorable: Vec<String>,
}

impl RootNamespaces {
    /// What all our own pieces use.
    pub(crate) fn word_only() -> RootNamespaces {
        let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
        RootNamespaces {
            namespaces: vec![("w".to_owned(), word.to_owned())],
            ignorable: Vec::new(),
        }
    }

    /// Reads those of a part; none of what has no root.
    pub(crate) fn parse(text: &str) -> RootNamespaces {
        let mut root = RootNamespaces::default();
        let Some(tag) = root_tag(text) else { return root };
        for (key, value) in attribute_ranges(text, &tag) {
            let value = text.slice(value);
            if let Some(prefix) = key.strip_prefix("xmlns:") {
                root.namespaces.push((prefix.to_owned(), value.to_owned()));
            } else if key == IGNORABLE {
                root.ignorable = value.split_whitespace().map(str::to_owned).collect();
            }
        }
        root
    }

    fn namespace_uri(&self, prefix: &str) -> Option<&str> {
        let found = self.namespaces.iter().find(|(known, _)| known == prefix);
        found.map(|(_, address)| address.as_str())
    }

    /// What a piece uses of these declarations.
    pub(crate) fn used_by(&self, piece: &str) -> RootNamespaces {
        let required = required_prefixes(piece);
        let used = |prefix: &str| {
            required.iter().any(|known| known == prefix) || piece.contains(&format!("{prefix}:"))
        };
        let namespaces: Vec<_> =
            self.namespaces.iter().filter(|(prefix, _)| used(prefix)).cloned().collect();
        let declared = |name: &&String| namespaces.iter().any(|(prefix, _)| prefix == *name);
        let ignorable = self.ignorable.iter().filter(declared).cloned().collect();
        RootNamespaces { namespaces, ignorable }
    }

    /// Adds further declarations; false if a prefix means something else already.
    pub(crate) fn try_merge(&mut self, other: &RootNamespaces) -> bool {
        let clash = |(prefix, address): &(String, String)| {
            self.namespace_uri(prefix).is_some_and(|known| known != address)
        };
        if other.namespaces.iter().any(clash) {
            return false;
        }
        for (prefix, address) in &other.namespaces {
            if self.namespace_uri(prefix).is_none() {
                self.namespaces.push((prefix.clone(), address.clone()));
            }
        }
        for prefix in &other.ignorable {
            if !self.ignorable.contains(prefix) {
                self.ignorable.push(prefix.clone());
            }
        }
        true
    }

    /// A piece of another part for this one, with what it needs declared here, or in it if a prefix means
    /// something else here.
    pub(crate) fn import_piece(&mut self, piece: &str, from: &RootNamespaces) -> String {
        let used = from.used_by(piece);
        if self.try_merge(&used) { piece.to_owned() } else { used.declare_within(piece) }
    }

    /// Gives the root element of a part the declarations that it lacks.
    pub(crate) fn declare_on_root(&self, text: &mut String) {
        let Some(tag) = root_tag(text) else { return };
        let own = RootNamespaces::parse(text);
        let mut added = String::new();
        for (prefix, address) in &self.namespaces {
            if own.namespace_uri(prefix).is_none() {
                write_attribute(&mut added, &format!("xmlns:{prefix}"), address);
            }
        }
        let missing: Vec<&str> = self
            .ignorable
            .iter()
            .filter(|prefix| !own.ignorable.contains(prefix))
            .map(String::as_str)
            .collect();
        let end = tag.end - if text.slice(tag.clone()).ends_with("/>") { 2 } else { 1 };
        let written = attribute_ranges(text, &tag).into_iter().find(|(key, _)| *key == IGNORABLE);
        if let (Some((_, value)), false) = (written, missing.is_empty()) {
            text.insert_text(end, &added);
            text.insert_text(value.end, &format!(" {}", missing.join(" ")));
            return;
        }
        if !missing.is_empty() {
            if own.namespace_uri("mc").is_none() && self.namespace_uri("mc").is_none() {
                write_attribute(&mut added, "xmlns:mc", COMPATIBILITY_NAMESPACE);
            }
            write_attribute(&mut added, IGNORABLE, &missing.join(" "));
        }
        text.insert_text(end, &added);
    }

    /// A piece that declares everything itself, on each of its outermost elements.
    pub(crate) fn declare_within(&self, piece: &str) -> String {
        let mut declared = String::new();
        for (prefix, address) in &self.namespaces {
            write_attribute(&mut declared, &format!("xmlns:{prefix}"), address);
        }
        let mut out = String::new();
        let (mut depth, mut from) = (0usize, 0);
        let mut reader = XmlEventReader::new(piece, "");
        while let Ok(Some((event, range))) = reader.next() {
            let (element, open) = match &event {
                Event::Start(element) => (element, true),
                Event::Empty(element) => (element, false),
                Event::End(_) => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                _ => continue,
            };
            if depth == 0 {
                let at = range.start + 1 + element.name().as_ref().len();
                out.push_str(piece.slice(from..at));
                out.push_str(&declared);
                from = at;
            }
            depth += usize::from(open);
        }
        out.push_str(piece.slice(from..));
        out
    }
}

fn write_attribute(out: &mut String, name: &str, value: &str) {
    for piece in [" ", name, "=\"", &value.replace('"', "&quot;"), "\""] {
        out.push_str(piece);
    }
}

/// Prefixes that alternative content names as what a program has to understand.
fn required_prefixes(piece: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, mark) in piece.match_indices("Requires=") {
        let rest = piece.slice(at + mark.len()..);
        let Some(quote) = rest.chars().next() else { continue };
        let value = rest.slice(1..).split(quote).next().unwrap_or("");
        found.extend(value.split_whitespace().map(str::to_owned));
    }
    found
}

/// The start tag of the root element.
fn root_tag(text: &str) -> Option<Range<usize>> {
    let mut reader = XmlEventReader::new(text, "");
    while let Ok(Some((event, range))) = reader.next() {
        if matches!(event, Event::Start(_) | Event::Empty(_)) {
            return Some(range);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_gets_what_it_lacks() {
        let other = RootNamespaces::parse(
            "<a xmlns:w=\"1\" xmlns:x=\"2\" xmlns:y=\"3\" mc:Ignorable=\"x y\" xmlns:z=\"4\"/>",
        );
        let needed = other.used_by("<w:p><x:a/><mc:Choice Requires=\"z\"/></w:p>");
        let mut text =
            "<?xml version=\"1.0\"?><w:a xmlns:w=\"1\" mc:Ignorable=\"q\">b</w:a>".to_owned();
        assert!(RootNamespaces::parse(&text).try_merge(&needed));
        needed.declare_on_root(&mut text);
        let expected =
            "<w:a xmlns:w=\"1\" mc:Ignorable=\"q x\" xmlns:x=\"2\" xmlns:z=\"4\">b</w:a>";
        assert!(text.ends_with(expected), "{text}");
        assert!(!RootNamespaces::parse("<w:a xmlns:x=\"9\"/>").try_merge(&needed));
        assert_eq!(
            RootNamespaces::parse("<a xmlns:x=\"2\"/>").declare_within("<x:b><x:c/></x:b><x:d/>"),
            "<x:b xmlns:x=\"2\"><x:c/></x:b><x:d xmlns:x=\"2\"/>"
        );
        let mut empty = "<w:a/>".to_owned();
        needed.declare_on_root(&mut empty);
        assert!(empty.starts_with("<w:a xmlns:w=\"1\"") && empty.ends_with("/>"), "{empty}");
    }
}
