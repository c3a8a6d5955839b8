//! Owns the styles of the target of an insertion: which identifiers and names are in use, and which styles of other
//! documents correspond to its own.
//! Must not know which document is inserted.

use crate::document::namespaces::RootNamespaces;
use crate::insert::fragment::{DocumentDependentKind, XmlFragment};
use crate::opc::xml::escape_into;
use crate::opc::{OpcError, Package};
use crate::slice::{TextReplacement, TextSlice as _, apply_replacements};
use crate::word::styles::theme::DocumentTheme;
use crate::word::styles::{Style, StyleKind, StyleSheet};
use std::collections::BTreeMap;
use std::ops::Range;

/// The styles of the target, with those that insertions add to them.
#[derive(Debug)]
pub(crate) struct TargetStyles {
    pub(crate) sheet: StyleSheet,
    pub(crate) namespaces: RootNamespaces,
    pub(crate) theme: DocumentTheme,
    /// Identifiers of the added styles by kind and canonical name.
    added: BTreeMap<(StyleKind, String), String>,
    /// Identifiers in lower case, each with the last number that made it unique.
    id_counters: BTreeMap<String, usize>,
    /// The last number that made a name unique, by kind and name.
    name_counters: BTreeMap<(StyleKind, String), usize>,
}

impl TargetStyles {
    /// Reads the styles of the target.
    pub(crate) fn read(package: &Package) -> Result<TargetStyles, OpcError> {
        let mut own = TargetStyles::new(StyleSheet::read(package)?);
        own.theme = DocumentTheme::read(package)?;
        Ok(own)
    }

    fn new(sheet: StyleSheet) -> TargetStyles {
        let ids = sheet.styles().iter().map(|style| (style.id.to_ascii_lowercase(), 1));
        TargetStyles {
            namespaces: RootNamespaces::parse(sheet.text()),
            theme: DocumentTheme::default(),
            added: BTreeMap::new(),
            id_counters: ids.collect(),
            name_counters: BTreeMap::new(),
            sheet,
        }
    }

    /// Returns an unused identifier similar to this one; identifiers must differ in more than case.
    pub(crate) fn unused_id(&mut self, id: &str) -> String {
        let Some(mut number) = self.id_counters.get(&id.to_ascii_lowercase()).copied() else {
            return id.to_owned();
        };
        let free = loop {
            number += 1;
            let free = format!("{id}-{number}");
            if !self.id_counters.contains_key(&free.to_ascii_lowercase()) {
                break free;
            }
        };
        self.id_counters.insert(id.to_ascii_lowercase(), number);
        free
    }

    /// Returns the identifier of the style that corresponds to one of another document: by its name, or as the
    /// default style of its kind.
    pub(crate) fn find_equivalent(&self, other: &StyleSheet, style: &Style) -> Option<&str> {
        if let Some(id) = self.id_by_name(style.kind, style.canonical_name()) {
            return Some(id);
        }
        let own = self.sheet.default_style(style.kind).filter(|_| other.is_default(style))?;
        Some(&own.id)
    }

    fn id_by_name(&self, kind: StyleKind, name: String) -> Option<&str> {
        let own = self.sheet.find_by_name(kind, &name).map(|style| style.id.as_str());
        own.or_else(|| self.added.get(&(kind, name)).map(String::as_str))
    }

    /// Reserves a free identifier and the name of a style that is added. Returns another name if its own is in use.
    pub(crate) fn reserve_style(&mut self, style: &Style, id: &str) -> Option<String> {
        let own_name = style.canonical_name();
        let mut name = own_name.clone();
        let key = (style.kind, own_name.clone());
        let mut number = self.name_counters.get(&key).copied().unwrap_or(1);
        while self.id_by_name(style.kind, name.clone()).is_some() {
            number += 1;
            name = format!("{own_name} ({number})");
        }
        self.name_counters.insert(key, number);
        self.id_counters.entry(id.to_ascii_lowercase()).or_insert(1);
        self.added.insert((style.kind, name.clone()), id.to_owned());
        (number > 1).then_some(name)
    }
}

/// Returns the definition of a style as a fragment.
pub(crate) fn style_fragment(sheet: &StyleSheet, style: &Style) -> Result<XmlFragment, OpcError> {
    XmlFragment::parse(sheet.text().slice(style.range.clone()).to_owned(), sheet.part())
}

/// Returns a style's definition with the given properties and without a base style.
pub(crate) fn with_properties(
    style: &Style,
    definition: &XmlFragment,
    paragraph: &str,
    run: &str,
) -> String {
    let text = &definition.text;
    let within = |range: &Range<usize>| {
        range.start.saturating_sub(style.range.start)..range.end.saturating_sub(style.range.start)
    };
    let base =
        definition.sites.iter().find(|site| matches!(site.kind, DocumentDependentKind::BasedOn(_)));
    let replaced =
        |range: Range<usize>, with: &str| TextReplacement { range, with: with.to_owned() };
    let mut edits: Vec<_> = base.map(|site| replaced(site.range.clone(), "")).into_iter().collect();
    // Run properties of a paragraph style come last; paragraph properties come before them.
    let Some(end) = text.rfind("</") else { return text.clone() };
    let run_range = style.own.run.as_ref().map(within);
    let before = run_range.as_ref().map_or(end, |run| run.start);
    let place = style.own.paragraph.as_ref().map(within);
    edits.push(replaced(place.unwrap_or(before..before), paragraph));
    edits.push(replaced(run_range.unwrap_or(end..end), run));
    apply_replacements(text, edits)
}

/// Returns a style definition with another name.
pub(crate) fn rename_style(definition: XmlFragment, name: &str) -> XmlFragment {
    let text = &definition.text;
    let Some(start) = text.find("<w:name ") else { return definition };
    let Some(end) = text.slice(start..).find("/>").map(|end| start + end + 2) else {
        return definition;
    };
    let mut element = "<w:name w:val=\"".to_owned();
    escape_into(&mut element, name);
    element.push_str("\"/>");
    let text = [text.slice(..start), &element, text.slice(end..)].concat();
    XmlFragment::parse(text, "").unwrap_or(definition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_identifiers_and_names_differ_from_all_others() {
        let text = "<w:styles><w:style w:type=\"paragraph\" w:styleId=\"a\"><w:name \
            w:val=\"标题 1\"/></w:style></w:styles>";
        let sheet = StyleSheet::parse(text.to_owned(), String::new()).unwrap();
        let other = StyleSheet::parse(text.replace("标题", "Heading"), String::new()).unwrap();
        let mut target = TargetStyles::new(sheet);
        assert_eq!(["A", "c", "a", "A"].map(|id| target.unused_id(id)), ["A-2", "c", "a-3", "A-4"]);
        let style = other.get("a").unwrap();
        assert_eq!(target.find_equivalent(&other, style), Some("a"));
        assert_eq!(target.reserve_style(style, "b").as_deref(), Some("heading 1 (2)"));
        assert_eq!(target.reserve_style(style, "c").as_deref(), Some("heading 1 (3)"));
    }
}
