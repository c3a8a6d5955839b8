//! Owns XML fragments that are moved between documents: finding the identifiers in a fragment, and writing it
//! with others.
//! Must not know the new identifiers.

use crate::eval::addresses::is_address_attribute;
use crate::opc::OpcError;
use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use crate::word::notes::NoteKind;
use crate::word::styles::theme::FontSlot;
use quick_xml::events::Event;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

const RELATIONSHIPS_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// An XML fragment with its identifiers in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct XmlFragment {
    pub(crate) text: String,
    pub(crate) sites: Vec<DocumentDependentRange>,
    /// Sections that end within the fragment.
    pub(crate) sections: Vec<BodySection>,
    /// The body, if the fragment is a main document.
    pub(crate) body: FragmentBody,
    /// True if it embeds a whole file of another kind (`w:altChunk`).
    pub(crate) has_alt_chunk: bool,
}

/// The body of a main document.
#[derive(Debug, Clone, Default)]
pub(crate) struct FragmentBody {
    /// Its content without the properties of its last section.
    pub(crate) content: Range<usize>,
    /// Properties of its last section; empty if there are none.
    pub(crate) last_section: Range<usize>,
}

/// A range of the fragment whose content depends on the document.
#[derive(Debug, Clone)]
pub(crate) struct DocumentDependentRange {
    pub(crate) range: Range<usize>,
    pub(crate) kind: DocumentDependentKind,
}

/// A section of a document body.
#[derive(Debug, Clone)]
pub(crate) struct BodySection {
    /// Byte after its last paragraph.
    pub(crate) end: usize,
    /// Its `<w:sectPr …>…</w:sectPr>`.
    pub(crate) properties: String,
}

/// The content of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DocumentDependentKind {
    /// Identifier of a style.
    Style(String),
    /// Identifier of a list.
    List(String),
    /// Identifier of a relationship of the part.
    Relationship(String),
    /// The whole `r:id` attribute of a hyperlink; without it, the link is plain text.
    Hyperlink(String),
    /// An address that is written in the fragment itself.
    Address(String),
    /// Identifier of a note.
    Note(NoteKind, String),
    /// Identifier of a bookmark, tracked change or similar mark.
    MarkId(String),
    /// Name of a bookmark.
    Bookmark(String),
    /// Text of a field code, which may contain bookmark names.
    FieldCode,
    /// Identifier of a drawing.
    Drawing,
    /// Name of a VML shape, possibly preceded by `#`.
    ShapeName(String),
    /// Insertion point for a style in a paragraph without one.
    Unstyled(UnstyledParagraphProperties),
    /// End of a paragraph that ends a section.
    SectionEnd,
    /// In a style definition: its own identifier. The following variants are whole elements that refer to other
    /// styles.
    StyleId,
    BasedOn(String),
    NextStyle(String),
    LinkedStyle(String),
    /// In a list definition: its own identifiers. `LevelStyle` and `ListStyle` are whole elements that refer to
    /// styles.
    AbstractNum,
    Nsid,
    AbstractNumRef,
    LevelStyle(String),
    ListStyle(String),
    /// The whole tag of fonts that refers to the theme of the document.
    ThemeFonts,
    /// A whole attribute that names a color of the theme beside the color itself.
    ThemeColor,
    /// A range that is removed.
    Removed,
}

/// The properties of a paragraph without a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnstyledParagraphProperties {
    /// Properties other than a style.
    Properties,
    /// No properties.
    Bare,
    /// An empty element; the site is the end of its only tag.
    Empty,
}

impl XmlFragment {
    /// Parses a fragment of a part.
    pub(crate) fn parse(text: String, part: &str) -> Result<XmlFragment, OpcError> {
        let mut reader = XmlEventReader::new(&text, part);
        let mut scanner = FragmentParser {
            text: &text,
            prefixes: relationship_prefixes(&text),
            ..FragmentParser::default()
        };
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => {
                    scanner.start_element(element.name().as_ref(), &range, false);
                }
                Event::Empty(element) => {
                    scanner.start_element(element.name().as_ref(), &range, true);
                }
                Event::End(_) => scanner.end_element(&range),
                Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) => {
                    scanner.visit_text(&range);
                }
                _ => {}
            }
        }
        let FragmentParser { mut sites, sections, body, has_alt_chunk, .. } = scanner;
        sites.sort_by_key(|site| (site.range.start, site.range.end));
        Ok(XmlFragment { text, sites, sections, body, has_alt_chunk })
    }

    /// Writes a range of the fragment; `name` returns the replacement of each site.
    pub(crate) fn write_with<E>(
        &self,
        range: Range<usize>,
        name: &mut dyn FnMut(&DocumentDependentKind, &str) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut out = String::with_capacity(range.len() + range.len() / 8);
        let mut from = range.start;
        let first = self.sites.partition_point(|site| site.range.start < range.start);
        for site in &self.sites[first..] {
            if site.range.end > range.end {
                break;
            }
            if site.range.start < from {
                continue;
            }
            out.push_str(self.text.slice(from..site.range.start));
            out.push_str(&name(&site.kind, self.text.slice(site.range.clone()))?);
            from = site.range.end;
        }
        out.push_str(self.text.slice(from..range.end));
        Ok(out)
    }
}

/// Returns the prefixes of the relationship namespace, which may be declared on any element.
fn relationship_prefixes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from(["r".to_owned()]);
    for (at, _) in text.match_indices(RELATIONSHIPS_NAMESPACE) {
        let before = text.slice(..at).trim_end_matches(['"', '\'', '=', ' ']);
        if let Some((_, prefix)) = before.rsplit_once("xmlns:") {
            found.insert(prefix.to_owned());
        }
    }
    found
}

#[derive(Default)]
struct FragmentParser<'a> {
    text: &'a str,
    prefixes: BTreeSet<String>,
    stack: Vec<(&'a str, usize)>,
    sites: Vec<DocumentDependentRange>,
    sections: Vec<BodySection>,
    body: FragmentBody,
    has_alt_chunk: bool,
    /// Stack depth of the element that is being removed as a whole.
    removed_depth: Option<usize>,
    /// Properties of a section that ends with the open paragraph.
    pending_section: Option<String>,
    /// For each open paragraph the place for a style, if it has none; the innermost last.
    open_paragraphs: Vec<Option<(usize, UnstyledParagraphProperties)>>,
}

impl FragmentParser<'_> {
    fn start_element(&mut self, name: &str, range: &Range<usize>, empty: bool) {
        let name = self.text.slice(range.start + 1..range.start + 1 + name.len());
        self.has_alt_chunk |= name == "w:altChunk";
        match name {
            "w:body" if self.stack.len() == 1 => self.body.content = range.end..range.end,
            "w:sectPr" if empty && self.is_in_body() => self.body.last_section = range.clone(),
            _ => {}
        }
        if self.removed_depth.is_none() {
            if self.is_removed(name) {
                if empty {
                    self.push_site(range.clone(), DocumentDependentKind::Removed);
                } else {
                    self.removed_depth = Some(self.stack.len());
                }
            } else {
                self.visit_element(name, range);
            }
        }
        if self.removed_depth.is_none() {
            self.track_paragraph_style(name, range, empty);
        }
        if !empty {
            self.stack.push((name, range.start));
        }
    }

    fn track_paragraph_style(&mut self, name: &str, range: &Range<usize>, empty: bool) {
        let within = |depth: usize, name: &str| {
            self.stack.iter().rev().nth(depth).is_some_and(|(outer, _)| *outer == name)
        };
        match name {
            "w:p" if empty => {
                self.push_site(
                    range.end - 2..range.end,
                    DocumentDependentKind::Unstyled(UnstyledParagraphProperties::Empty),
                );
            }
            "w:p" => {
                self.open_paragraphs.push(Some((range.end, UnstyledParagraphProperties::Bare)));
            }
            "w:pPr" if within(0, "w:p") => {
                let place =
                    (!empty).then_some((range.end, UnstyledParagraphProperties::Properties));
                if let Some(last) = self.open_paragraphs.last_mut() {
                    *last = place;
                }
            }
            "w:pStyle" if within(0, "w:pPr") && within(1, "w:p") => {
                if let Some(last) = self.open_paragraphs.last_mut() {
                    *last = None;
                }
            }
            _ => {}
        }
    }

    /// Checks whether the open element is the body of a main document.
    fn is_in_body(&self) -> bool {
        self.stack.len() == 2 && self.parent_name() == "w:body"
    }

    /// Ends the body, of which the properties of its last section are no content.
    fn end_body(&mut self, end: usize) {
        let section = &self.body.last_section;
        self.body.content.end = if section.is_empty() { end } else { section.start };
    }

    fn parent_name(&self) -> &str {
        self.stack.last().map_or("", |(name, _)| name)
    }

    /// Checks for elements that are meaningless in another document: section properties, and identifiers and
    /// data bindings of content controls.
    fn is_removed(&self, name: &str) -> bool {
        match name {
            "w:sectPr" | "w:dataBinding" | "w15:dataBinding" | "w:lvlPicBulletId" => true,
            "w:id" => self.parent_name() == "w:sdtPr",
            _ => false,
        }
    }

    fn visit_element(&mut self, name: &str, range: &Range<usize>) {
        let is_theme = |key: &str| FontSlot::ALL.iter().any(|slot| slot.theme_attribute() == key);
        if name == "w:rFonts"
            && attribute_ranges(self.text, range).iter().any(|own| is_theme(own.0))
        {
            return self.push_site(range.clone(), DocumentDependentKind::ThemeFonts);
        }
        let level = name == "w:pStyle" && self.parent_name() == "w:lvl";
        if let Some(what) =
            whole_element_kind(name).or(level.then_some(DocumentDependentKind::LevelStyle))
        {
            let value = attribute_ranges(self.text, range).into_iter().find(|(k, _)| *k == "w:val");
            let value =
                value.map(|(_, value)| unescape_value(self.text.slice(value))).unwrap_or_default();
            return self.push_site(range.clone(), what(value));
        }
        for (key, value) in attribute_ranges(self.text, range) {
            let written = unescape_value(self.text.slice(value.clone()));
            if let Some(what) = self.classify_attribute(name, key, written) {
                let range = match what {
                    DocumentDependentKind::Removed
                    | DocumentDependentKind::ThemeColor
                    | DocumentDependentKind::Hyperlink(_) => self.attribute_range(key, &value),
                    _ => value,
                };
                self.push_site(range, what);
            }
        }
    }

    fn classify_attribute(
        &self,
        name: &str,
        key: &str,
        value: String,
    ) -> Option<DocumentDependentKind> {
        Some(match (name, key) {
            ("w:pStyle" | "w:rStyle" | "w:tblStyle", "w:val") => {
                DocumentDependentKind::Style(value)
            }
            ("w:numId", "w:val") if value != "0" => DocumentDependentKind::List(value),
            ("w:footnoteReference" | "w:footnote", "w:id") => {
                DocumentDependentKind::Note(NoteKind::Footnote, value)
            }
            ("w:endnoteReference" | "w:endnote", "w:id") => {
                DocumentDependentKind::Note(NoteKind::Endnote, value)
            }
            (
                "w:commentReference" | "w:commentRangeStart" | "w:commentRangeEnd" | "w:comment",
                "w:id",
            ) => DocumentDependentKind::Note(NoteKind::Comment, value),
            ("w:bookmarkStart" | "w:moveFromRangeStart" | "w:moveToRangeStart", "w:name") => {
                DocumentDependentKind::Bookmark(value)
            }
            ("w:hyperlink", "w:anchor") => DocumentDependentKind::Bookmark(value),
            ("w:fldSimple", "w:instr") => DocumentDependentKind::FieldCode,
            ("wp:docPr", "id") => DocumentDependentKind::Drawing,
            (name, "id") if name.starts_with("v:") => DocumentDependentKind::ShapeName(value),
            (name, "type") if name.starts_with("v:") && value.starts_with('#') => {
                DocumentDependentKind::ShapeName(value)
            }
            ("o:OLEObject", "ShapeID") => DocumentDependentKind::ShapeName(value),
            ("w:style", "w:styleId") => DocumentDependentKind::StyleId,
            ("w:style", "w:default") | (_, "w14:paraId" | "w14:textId") => {
                DocumentDependentKind::Removed
            }
            (
                _,
                "w:themeColor" | "w:themeTint" | "w:themeShade" | "w:themeFill" | "w:themeFillTint"
                | "w:themeFillShade",
            ) => DocumentDependentKind::ThemeColor,
            ("w:abstractNum", "w:abstractNumId") => DocumentDependentKind::AbstractNum,
            ("w:nsid", "w:val") => DocumentDependentKind::Nsid,
            ("w:abstractNumId", "w:val") => DocumentDependentKind::AbstractNumRef,
            ("w:num", "w:numId") => DocumentDependentKind::List(value),
            (_, "o:relid") if !value.is_empty() => DocumentDependentKind::Relationship(value),
            (_, key) if is_address_attribute(key) => DocumentDependentKind::Address(value),
            (name, "w:id") if name.starts_with("w:") => DocumentDependentKind::MarkId(value),
            _ => {
                let (prefix, _) = key.split_once(':')?;
                if prefix == "xmlns" || value.is_empty() || !self.prefixes.contains(prefix) {
                    return None;
                }
                if name == "w:hyperlink" {
                    DocumentDependentKind::Hyperlink(value)
                } else {
                    DocumentDependentKind::Relationship(value)
                }
            }
        })
    }

    /// Returns the range of a whole attribute, including the space before it.
    fn attribute_range(&self, key: &str, value: &Range<usize>) -> Range<usize> {
        let start = self.text.slice(..value.start).rfind(key).unwrap_or(value.start);
        self.text.slice(..start).trim_end().len()..value.end + 1
    }

    fn end_element(&mut self, range: &Range<usize>) {
        let Some((name, start)) = self.stack.pop() else { return };
        match name {
            "w:body" if self.stack.len() == 1 => self.end_body(range.start),
            "w:sectPr" if self.is_in_body() => self.body.last_section = start..range.end,
            _ => {}
        }
        if self.removed_depth == Some(self.stack.len()) {
            self.removed_depth = None;
            self.push_site(start..range.end, DocumentDependentKind::Removed);
            if name == "w:sectPr" && self.parent_name() == "w:pPr" {
                self.pending_section = Some(self.text.slice(start..range.end).to_owned());
            }
        }
        if name == "w:p"
            && self.removed_depth.is_none()
            && let Some(Some((at, unstyled))) = self.open_paragraphs.pop()
        {
            self.push_site(at..at, DocumentDependentKind::Unstyled(unstyled));
        }
        if name == "w:p"
            && self.removed_depth.is_none()
            && let Some(properties) = self.pending_section.take()
        {
            self.push_site(range.start..range.start, DocumentDependentKind::SectionEnd);
            self.sections.push(BodySection { end: range.end, properties });
        }
    }

    fn visit_text(&mut self, range: &Range<usize>) {
        if self.removed_depth.is_none()
            && matches!(self.parent_name(), "w:instrText" | "w:delInstrText")
        {
            self.push_site(range.clone(), DocumentDependentKind::FieldCode);
        }
    }

    fn push_site(&mut self, range: Range<usize>, what: DocumentDependentKind) {
        self.sites.push(DocumentDependentRange { range, kind: what });
    }
}

/// Returns the constructor for elements that are replaced as a whole; its argument is their value.
fn whole_element_kind(name: &str) -> Option<fn(String) -> DocumentDependentKind> {
    Some(match name {
        "w:basedOn" => DocumentDependentKind::BasedOn,
        "w:next" => DocumentDependentKind::NextStyle,
        "w:link" => DocumentDependentKind::LinkedStyle,
        "w:styleLink" | "w:numStyleLink" => DocumentDependentKind::ListStyle,
        _ => return None,
    })
}

/// Decodes XML escapes.
fn unescape_value(raw: &str) -> String {
    quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites(text: &str) -> Vec<(String, DocumentDependentKind)> {
        let found = XmlFragment::parse(text.to_owned(), "p").unwrap();
        let own = |site: &DocumentDependentRange| {
            (found.text[site.range.clone()].to_owned(), site.kind.clone())
        };
        found.sites.iter().map(own).collect()
    }

    #[test]
    fn names_are_found_where_they_stand() {
        let text = "<w:p w14:paraId=\"1\" w:x=\"y\"><w:pPr><w:pStyle w:val=\"a&amp;b\"/><w:numPr>\
            <w:numId w:val=\"3\"/></w:numPr><w:sectPr><w:headerReference r:id=\"rId9\"/></w:sectPr>\
            </w:pPr><w:bookmarkStart w:id=\"0\" w:name=\"n\"/><w:hyperlink r:id=\"rId1\"/>\
            <w:r><w:instrText> REF n </w:instrText><w:footnoteReference w:id=\"2\"/></w:r></w:p>";
        let found = sites(text).into_iter().map(|(_, what)| what);
        let found: Vec<DocumentDependentKind> =
            found.filter(|what| !matches!(what, DocumentDependentKind::Unstyled(_))).collect();
        let expected = [
            DocumentDependentKind::Removed,
            DocumentDependentKind::Style("a&b".into()),
            DocumentDependentKind::List("3".into()),
            DocumentDependentKind::Removed,
            DocumentDependentKind::MarkId("0".into()),
            DocumentDependentKind::Bookmark("n".into()),
            DocumentDependentKind::Hyperlink("rId1".into()),
            DocumentDependentKind::FieldCode,
            DocumentDependentKind::Note(NoteKind::Footnote, "2".into()),
            DocumentDependentKind::SectionEnd,
        ];
        assert_eq!(found, expected);
        assert_eq!(sites(text)[0].0, " w14:paraId=\"1\"");
    }

    #[test]
    fn paragraphs_without_a_style_are_known() {
        let text = "<w:p/><w:p><w:r/></w:p><w:p><w:pPr><w:jc/></w:pPr></w:p>\
            <w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr></w:p>";
        let found = XmlFragment::parse(text.to_owned(), "p").unwrap();
        let mut name = |what: &DocumentDependentKind, written: &str| -> Result<String, ()> {
            Ok(match what {
                DocumentDependentKind::Unstyled(what) => format!("{what:?}"),
                _ => written.to_owned(),
            })
        };
        let out = found.write_with(0..text.len(), &mut name).unwrap();
        let expected = "<w:pEmpty<w:p>Bare<w:r/></w:p><w:p><w:pPr>Properties<w:jc/></w:pPr></w:p>\
            <w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr></w:p>";
        assert_eq!(out, expected);
    }

    #[test]
    fn a_piece_is_written_with_other_names() {
        let text = "<w:p><w:ins w:id = '7'><w:r><a:blip q:embed=\"x\" xmlns:q=\"http://schemas.\
            openxmlformats.org/officeDocument/2006/relationships\"/></w:r></w:ins></w:p>";
        let found = XmlFragment::parse(text.to_owned(), "p").unwrap();
        let mut name = |what: &DocumentDependentKind, _: &str| -> Result<String, ()> {
            Ok(match what {
                DocumentDependentKind::MarkId(old) => format!("{old}00"),
                DocumentDependentKind::Relationship(old) => old.repeat(2),
                DocumentDependentKind::Unstyled(_) => String::new(),
                other => panic!("{other:?}"),
            })
        };
        let out = found.write_with(0..text.len(), &mut name).unwrap();
        assert!(out.contains("w:id = '700'") && out.contains("q:embed=\"xx\""), "{out}");
    }
}
