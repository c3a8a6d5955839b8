//! Owns the styles of one document: definitions by identifier and by visible name, and their effective
//! properties.
//! Must not know which document is inserted into which.

use crate::document::namespaces::RootNamespaces;
use crate::word::properties::Properties;
use crate::insert::fragment::{SiteKind, XmlFragment};
use crate::opc::xml::{XmlEventReader, attribute_value, escape_into};
use crate::opc::{OpcError, Package};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::ops::Range;

/// Maximum length of a chain of base styles.
const MAX_STYLE_CHAIN: usize = 32;

/// The styles of `word/styles.xml`.
#[derive(Debug, Default)]
pub(crate) struct StyleSheet {
    pub(crate) part: String,
    pub(crate) text: String,
    pub(crate) namespaces: RootNamespaces,
    styles: Vec<StyleDefinition>,
    by_id: BTreeMap<String, usize>,
    /// Identifiers in lower case, each with the last number that made it unique.
    id_counters: BTreeMap<String, usize>,
    /// The last number that made a name unique, by kind and name.
    name_counters: BTreeMap<(String, String), usize>,
    by_name: BTreeMap<(String, String), usize>,
    defaults: BTreeMap<String, usize>,
    /// Document defaults of paragraphs; the next field has those of runs.
    paragraph_defaults: String,
    run_defaults: String,
}

/// A style definition (`w:style`).
#[derive(Debug, Default)]
pub(crate) struct StyleDefinition {
    pub(crate) id: String,
    /// `paragraph`, `character`, `table` or `numbering`.
    pub(crate) kind: String,
    pub(crate) definition: XmlFragment,
    /// Canonical name: in lower case, and in English for built-in styles with Chinese names.
    name: String,
    based_on: Option<String>,
    paragraph_range: Option<Range<usize>>,
    run_range: Option<Range<usize>>,
}

impl StyleSheet {
    /// Reads the styles of a document; empty if it has no styles part.
    pub(crate) fn read_styles(package: &Package) -> Result<StyleSheet, OpcError> {
        let main = package.main_document_name();
        let Some(part) = package.relationships(main)?.target_by_type(main, "/styles") else {
            return Ok(StyleSheet::default());
        };
        match package.read_xml_part(&part)? {
            Some(text) => Self::parse_styles(text, part),
            None => Ok(StyleSheet::default()),
        }
    }

    fn parse_styles(text: String, part: String) -> Result<StyleSheet, OpcError> {
        let mut sheet = StyleSheet::default();
        let mut reader = XmlEventReader::new(&text, &part);
        let (mut depth, mut begin, mut parent) = (0usize, 0, String::new());
        let mut default = false;
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => {
                    depth += 1;
                    if depth == 2 {
                        begin = range.start;
                        let value = attribute_value(&element, "w:default").unwrap_or_default();
                        default = matches!(value.as_str(), "1" | "true" | "on");
                    } else if depth == 3 {
                        element.name().as_ref().clone_into(&mut parent);
                    } else if depth == 4
                        && matches!(parent.as_str(), "w:rPrDefault" | "w:pPrDefault")
                    {
                        begin = range.start;
                    }
                }
                Event::End(element) => {
                    let name = element.name();
                    match (depth, name.as_ref()) {
                        (2, "w:style") => {
                            let definition = text.slice(begin..range.end).to_owned();
                            sheet.add_style(StyleDefinition::parse(definition, &part)?, default);
                        }
                        (4, "w:rPr") if parent == "w:rPrDefault" => {
                            text.slice(begin..range.end).clone_into(&mut sheet.run_defaults);
                        }
                        (4, "w:pPr") if parent == "w:pPrDefault" => {
                            text.slice(begin..range.end).clone_into(&mut sheet.paragraph_defaults);
                        }
                        _ => {}
                    }
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        sheet.namespaces = RootNamespaces::parse(&text);
        sheet.text = text;
        sheet.part = part;
        Ok(sheet)
    }

    fn add_style(&mut self, style: StyleDefinition, default: bool) {
        let at = self.styles.len();
        self.by_id.entry(style.id.clone()).or_insert(at);
        self.id_counters.entry(style.id.to_ascii_lowercase()).or_insert(1);
        self.by_name.entry((style.kind.clone(), style.name.clone())).or_insert(at);
        if default {
            self.defaults.entry(style.kind.clone()).or_insert(at);
        }
        self.styles.push(style);
    }

    /// Returns the style with an identifier.
    pub(crate) fn get(&self, id: &str) -> Option<&StyleDefinition> {
        self.by_id.get(id).map(|&at| &self.styles[at])
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

    /// Finds the style that corresponds to one of another document: by its name, or as the default style of its
    /// kind.
    pub(crate) fn find_equivalent(
        &self,
        other: &StyleSheet,
        style: &StyleDefinition,
    ) -> Option<&StyleDefinition> {
        let key = (style.kind.clone(), style.name.clone());
        if let Some(&at) = self.by_name.get(&key) {
            return Some(&self.styles[at]);
        }
        let default = other.defaults.get(&style.kind).map(|&at| &other.styles[at]);
        let is_default = default.is_some_and(|default| default.id == style.id);
        let own = self.defaults.get(&style.kind).filter(|_| is_default)?;
        Some(&self.styles[*own])
    }

    /// Returns the default paragraph style.
    pub(crate) fn default_paragraph_style(&self) -> Option<&StyleDefinition> {
        self.defaults.get("paragraph").map(|&at| &self.styles[at])
    }

    /// Checks whether a style is the default of its kind, if that is one of `kinds`.
    pub(crate) fn is_default_of(&self, style: &StyleDefinition, kinds: &[&str]) -> bool {
        let default = self.defaults.get(&style.kind).map(|&at| &self.styles[at].id);
        kinds.contains(&style.kind.as_str()) && default == Some(&style.id)
    }

    /// Adds a style without its properties, to reserve its name. Returns another name if its own is in use.
    pub(crate) fn reserve_style(&mut self, style: &StyleDefinition, id: &str) -> Option<String> {
        let kind = style.kind.clone();
        let mut name = style.name.clone();
        let key = (kind.clone(), name.clone());
        let mut number = self.name_counters.get(&key).copied().unwrap_or(1);
        while self.by_name.contains_key(&(kind.clone(), name.clone())) {
            number += 1;
            name = format!("{} ({number})", style.name);
        }
        self.name_counters.insert(key, number);
        self.add_style(
            StyleDefinition {
                id: id.to_owned(),
                kind,
                name: name.clone(),
                ..StyleDefinition::default()
            },
            false,
        );
        (number > 1).then_some(name)
    }

    /// Returns the effective paragraph and run properties of a paragraph style, including its base styles.
    /// `None` returns the document defaults.
    pub(crate) fn effective_properties(&self, id: Option<&str>) -> (Properties, Properties) {
        let mut chain: Vec<&StyleDefinition> = Vec::new();
        let mut next = id.and_then(|id| self.get(id));
        while let Some(style) = next {
            if chain.len() == MAX_STYLE_CHAIN {
                break;
            }
            chain.push(style);
            next = style.based_on.as_deref().and_then(|id| self.get(id));
        }
        let mut paragraph = Properties::parse_paragraph(&self.paragraph_defaults);
        let mut run = Properties::parse_run(&self.run_defaults);
        for style in chain.into_iter().rev() {
            let text = |range: &Option<Range<usize>>| {
                range.clone().map_or("", |range| style.definition.text.slice(range))
            };
            paragraph.overlay_with(&Properties::parse_paragraph(text(&style.paragraph_range)));
            run.overlay_with(&Properties::parse_run(text(&style.run_range)));
        }
        (paragraph, run)
    }
}

impl StyleDefinition {
    fn parse(text: String, part: &str) -> Result<StyleDefinition, OpcError> {
        let mut style = StyleDefinition::default();
        let mut reader = XmlEventReader::new(&text, part);
        let (mut depth, mut begin) = (0usize, 0);
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => {
                    depth += 1;
                    if depth == 1 {
                        style.id = attribute_value(&element, "w:styleId").unwrap_or_default();
                        style.kind = attribute_value(&element, "w:type").unwrap_or_default();
                    } else if depth == 2 {
                        begin = range.start;
                    }
                }
                Event::Empty(element) if depth == 1 => {
                    let value = || attribute_value(&element, "w:val");
                    match element.name().as_ref() {
                        "w:name" => style.name = canonical_style_name(&value().unwrap_or_default()),
                        "w:basedOn" => style.based_on = value(),
                        _ => {}
                    }
                }
                Event::End(element) => {
                    match (depth, element.name().as_ref()) {
                        (2, "w:pPr") => style.paragraph_range = Some(begin..range.end),
                        (2, "w:rPr") => style.run_range = Some(begin..range.end),
                        _ => {}
                    }
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        style.definition = XmlFragment::parse(text, part)?;
        Ok(style)
    }

    /// Returns the identifier of the base style.
    pub(crate) fn base_id(&self) -> Option<&str> {
        self.based_on.as_deref()
    }

    /// Returns the definition with the given properties and without a base style.
    pub(crate) fn with_properties(&self, paragraph: &str, run: &str) -> String {
        let text = &self.definition.text;
        let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
        let base =
            self.definition.sites.iter().find(|site| matches!(site.kind, SiteKind::BasedOn(_)));
        edits.extend(base.map(|site| (site.range.clone(), "")));
        // Run properties of a paragraph style come last; paragraph properties come before them.
        let end = text.rfind("</").unwrap_or(text.len());
        let place = self.paragraph_range.clone();
        let before = self.run_range.as_ref().map_or(end, |run| run.start);
        edits.push((place.unwrap_or(before..before), paragraph));
        edits.push((self.run_range.clone().unwrap_or(end..end), run));
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut out, mut from) = (String::new(), 0);
        for (range, new) in edits {
            out.push_str(text.slice(from..range.start));
            out.push_str(new);
            from = range.end;
        }
        out.push_str(text.slice(from..));
        out
    }
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

/// Chinese names of Word's built-in styles, with the names used in files.
const BUILTIN_STYLE_NAMES: [(&str, &str); 26] = [
    ("正文", "normal"),
    ("标题", "title"),
    ("副标题", "subtitle"),
    ("页眉", "header"),
    ("页脚", "footer"),
    ("页码", "page number"),
    ("题注", "caption"),
    ("引用", "quote"),
    ("明显引用", "intense quote"),
    ("强调", "emphasis"),
    ("要点", "strong"),
    ("超链接", "hyperlink"),
    ("网格型", "table grid"),
    ("普通表格", "normal table"),
    ("table normal", "normal table"),
    ("默认段落字体", "default paragraph font"),
    ("无列表", "no list"),
    ("列表段落", "list paragraph"),
    ("列出段落", "list paragraph"),
    ("正文文本", "body text"),
    ("正文文本缩进", "body text indent"),
    ("脚注文本", "footnote text"),
    ("脚注引用", "footnote reference"),
    ("尾注文本", "endnote text"),
    ("尾注引用", "endnote reference"),
    ("批注文字", "annotation text"),
];

/// Returns a style's name in canonical form, which is the same in every document.
fn canonical_style_name(name: &str) -> String {
    let name = name.trim().to_lowercase();
    if let Some((_, own)) = BUILTIN_STYLE_NAMES.iter().find(|(chinese, _)| *chinese == name) {
        return (*own).to_owned();
    }
    for (chinese, own) in [("标题", "heading"), ("目录", "toc"), ("索引", "index")] {
        let number = name.strip_prefix(chinese).map(str::trim);
        if let Some(number) = number.filter(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit()) {
            return format!("{own} {number}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_style_has_one_name() {
        for (name, common) in [
            ("Heading 1", "heading 1"),
            ("标题 1", "heading 1"),
            ("标题1", "heading 1"),
            ("标题", "title"),
            ("Normal", "normal"),
            ("正文", "normal"),
            ("公文正文", "公文正文"),
            ("目录 3", "toc 3"),
        ] {
            assert_eq!(canonical_style_name(name), common);
        }
    }

    #[test]
    fn looks_are_all_that_a_style_rests_on() {
        let text = "<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"A\" \
            w:eastAsia=\"B\"/><w:sz w:val=\"1\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>\
            <w:spacing w:after=\"9\" w:line=\"8\"/></w:pPr></w:pPrDefault></w:docDefaults>\
            <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/>\
            <w:rPr><w:rFonts w:ascii=\"C\"/></w:rPr></w:style><w:style w:type=\"paragraph\" \
            w:styleId=\"b\"><w:name w:val=\"X\"/><w:basedOn w:val=\"a\"/><w:pPr><w:spacing \
            w:after=\"0\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style></w:styles>";
        let mut sheet = StyleSheet::parse_styles(text.to_owned(), String::new()).unwrap();
        let (paragraph, run) = sheet.effective_properties(Some("b"));
        assert_eq!(paragraph.to_xml(), "<w:pPr><w:spacing w:line=\"8\" w:after=\"0\"/></w:pPr>");
        let expected =
            "<w:rPr><w:rFonts w:eastAsia=\"B\" w:ascii=\"C\"/><w:b/><w:sz w:val=\"1\"/></w:rPr>";
        assert_eq!(run.to_xml(), expected);
        assert_eq!(["A", "c", "a", "A"].map(|id| sheet.unused_id(id)), ["A-2", "c", "a-3", "A-4"]);
    }

    #[test]
    fn effective_properties_as_read_today() {
        let text = include_str!("../../tests/styles/styles.xml").to_owned();
        let sheet = StyleSheet::parse_styles(text, "p".to_owned()).unwrap();
        let effective = |id| {
            let (paragraph, run) = sheet.effective_properties(id);
            let line = paragraph.child_xml("w:spacing").unwrap_or_default().to_owned();
            (line, run.child_attribute("w:sz", "w:val").unwrap_or_default())
        };
        for (id, line, size) in [
            (None, "<w:spacing w:line=\"240\"/>", "21"),
            (Some("unknown"), "<w:spacing w:line=\"240\"/>", "21"),
            (Some("Twice"), "<w:spacing w:line=\"240\"/>", "21"),
            (Some("Changed"), "<w:spacing w:line=\"240\"/>", "21"),
            (Some("Loose"), "<w:spacing w:lineRule=\"exact\" w:line=\"300\"/>", "21"),
            (Some("Letters"), "<w:spacing w:line=\"240\"/>", "30"),
            (Some("Untyped"), "<w:spacing w:line=\"240\"/>", "40"),
            (Some("Round"), "<w:spacing w:line=\"240\"/>", "21"),
        ] {
            assert_eq!(effective(id), (line.to_owned(), size.to_owned()), "{id:?}");
        }
        assert_eq!(sheet.default_paragraph_style().map(|style| style.id.as_str()), Some("First"));
        let names = ["Twice", "Untyped"].map(|id| sheet.get(id).map(|style| style.name.as_str()));
        assert_eq!(names, [Some("heading 1"), Some("untyped")]);
    }
}
