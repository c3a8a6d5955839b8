//! Owns pieces of XML that are carried from one document into another: where a piece names something
//! that goes by another name there, and the piece with those names.
//! Must not know which names those are.

use crate::additions::target_parts::NoteKind;
use crate::eval::addresses::is_address;
use crate::opc::OpcError;
use crate::opc::xml::{EventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A piece of XML and its sites, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fragment {
    pub(crate) text: String,
    pub(crate) sites: Vec<Site>,
    /// The sections of a body that end within it.
    pub(crate) sections: Vec<Section>,
}

/// A place in a piece whose bytes are another's there.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) range: Range<usize>,
    pub(crate) what: What,
}

/// A section of a body.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// Where its last paragraph ends.
    pub(crate) end: usize,
    /// `<w:sectPr …>…</w:sectPr>`
    pub(crate) properties: String,
}

/// What stands at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// The id of a style.
    Style(String),
    /// The id of a list.
    List(String),
    /// The id of a relationship of the part.
    Relationship(String),
    /// The attribute of a link with such an id; without it the link is text.
    Hyperlink(String),
    /// An address that stands in the piece itself.
    Address(String),
    /// The number of a note.
    Note(NoteKind, String),
    /// The number of a bookmark, a tracked change or the like.
    Mark(String),
    /// The name of a bookmark.
    Bookmark(String),
    /// A text in which names of bookmarks may stand.
    Code,
    /// The number of a drawing.
    Drawing,
    /// The name of an old drawing, perhaps behind a `#`.
    Shape(String),
    /// Where a paragraph that names no style would name one.
    Unstyled(Unstyled),
    /// The end of a paragraph after which a section begins.
    SectionEnd,
    /// In the definition of a style: its own id, and those of others as whole elements.
    StyleId,
    Based(String),
    Next(String),
    Link(String),
    /// In the definition of a list: its own numbers, and styles as whole elements.
    Kind,
    Serial,
    KindOf,
    LevelStyle(String),
    ListStyle(String),
    /// Left out.
    Gone,
}

/// What a paragraph without a style has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unstyled {
    /// Other properties.
    Properties,
    /// No properties.
    Bare,
    /// Nothing at all; the site is the end of its only tag.
    Empty,
}

impl Fragment {
    /// Reads a piece of a part.
    pub(crate) fn scan(text: String, part: &str) -> Result<Fragment, OpcError> {
        let mut reader = EventReader::new(&text, part);
        let mut scanner = Scanner { text: &text, prefixes: prefixes(&text), ..Scanner::default() };
        while let Some((event, range)) = reader.next()? {
            match event {
                Event::Start(element) => scanner.start(element.name().as_ref(), &range, false),
                Event::Empty(element) => scanner.start(element.name().as_ref(), &range, true),
                Event::End(_) => scanner.end(&range),
                Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) => scanner.code(&range),
                _ => {}
            }
        }
        let Scanner { mut sites, sections, .. } = scanner;
        sites.sort_by_key(|site| (site.range.start, site.range.end));
        Ok(Fragment { text, sites, sections })
    }

    /// The piece with other names; `name` gives what stands at a site.
    pub(crate) fn write<E>(
        &self,
        range: Range<usize>,
        name: &mut dyn FnMut(&What, &str) -> Result<String, E>,
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
            out.push_str(&name(&site.what, self.text.slice(site.range.clone()))?);
            from = site.range.end;
        }
        out.push_str(self.text.slice(from..range.end));
        Ok(out)
    }
}

/// Prefixes of relationship ids, which may be declared anywhere.
fn prefixes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from(["r".to_owned()]);
    for (at, _) in text.match_indices(RELATIONSHIPS) {
        let before = text.slice(..at).trim_end_matches(['"', '\'', '=', ' ']);
        if let Some((_, prefix)) = before.rsplit_once("xmlns:") {
            found.insert(prefix.to_owned());
        }
    }
    found
}

#[derive(Default)]
struct Scanner<'a> {
    text: &'a str,
    prefixes: BTreeSet<String>,
    stack: Vec<(&'a str, usize)>,
    sites: Vec<Site>,
    sections: Vec<Section>,
    /// How deep in the stack the element is that is left out as a whole.
    gone: Option<usize>,
    /// The paragraph that is open holds a section's properties.
    section: Option<String>,
    /// Where the paragraphs that are open could name a style, the innermost last.
    unstyled: Vec<Option<(usize, Unstyled)>>,
}

impl Scanner<'_> {
    fn start(&mut self, name: &str, range: &Range<usize>, empty: bool) {
        let name = self.text.slice(range.start + 1..range.start + 1 + name.len());
        if self.gone.is_none() {
            if self.is_gone(name) {
                if empty {
                    self.site(range.clone(), What::Gone);
                } else {
                    self.gone = Some(self.stack.len());
                }
            } else {
                self.element(name, range);
            }
        }
        if self.gone.is_none() {
            self.look_for_style(name, range, empty);
        }
        if !empty {
            self.stack.push((name, range.start));
        }
    }

    fn look_for_style(&mut self, name: &str, range: &Range<usize>, empty: bool) {
        let within = |depth: usize, name: &str| {
            self.stack.iter().rev().nth(depth).is_some_and(|(outer, _)| *outer == name)
        };
        match name {
            "w:p" if empty => {
                self.site(range.end - 2..range.end, What::Unstyled(Unstyled::Empty));
            }
            "w:p" => self.unstyled.push(Some((range.end, Unstyled::Bare))),
            "w:pPr" if within(0, "w:p") => {
                let place = (!empty).then_some((range.end, Unstyled::Properties));
                if let Some(last) = self.unstyled.last_mut() {
                    *last = place;
                }
            }
            "w:pStyle" if within(0, "w:pPr") && within(1, "w:p") => {
                if let Some(last) = self.unstyled.last_mut() {
                    *last = None;
                }
            }
            _ => {}
        }
    }

    fn parent(&self) -> &str {
        self.stack.last().map_or("", |(name, _)| name)
    }

    /// What means nothing elsewhere: sections, numbers of content controls and where their data is.
    fn is_gone(&self, name: &str) -> bool {
        match name {
            "w:sectPr" | "w:dataBinding" | "w15:dataBinding" | "w:lvlPicBulletId" => true,
            "w:id" => self.parent() == "w:sdtPr",
            _ => false,
        }
    }

    fn element(&mut self, name: &str, range: &Range<usize>) {
        let level = name == "w:pStyle" && self.parent() == "w:lvl";
        if let Some(what) = whole(name).or(level.then_some(What::LevelStyle)) {
            let value = attribute_ranges(self.text, range).into_iter().find(|(k, _)| *k == "w:val");
            let value = value.map(|(_, value)| plain(self.text.slice(value))).unwrap_or_default();
            return self.site(range.clone(), what(value));
        }
        for (key, value) in attribute_ranges(self.text, range) {
            let written = plain(self.text.slice(value.clone()));
            if let Some(what) = self.attribute(name, key, written) {
                let range = match what {
                    What::Gone | What::Hyperlink(_) => self.with_name(key, &value),
                    _ => value,
                };
                self.site(range, what);
            }
        }
    }

    fn attribute(&self, name: &str, key: &str, value: String) -> Option<What> {
        Some(match (name, key) {
            ("w:pStyle" | "w:rStyle" | "w:tblStyle", "w:val") => What::Style(value),
            ("w:numId", "w:val") if value != "0" => What::List(value),
            ("w:footnoteReference" | "w:footnote", "w:id") => What::Note(NoteKind::Footnote, value),
            ("w:endnoteReference" | "w:endnote", "w:id") => What::Note(NoteKind::Endnote, value),
            (
                "w:commentReference" | "w:commentRangeStart" | "w:commentRangeEnd" | "w:comment",
                "w:id",
            ) => What::Note(NoteKind::Comment, value),
            ("w:bookmarkStart" | "w:moveFromRangeStart" | "w:moveToRangeStart", "w:name") => {
                What::Bookmark(value)
            }
            ("w:hyperlink", "w:anchor") => What::Bookmark(value),
            ("w:fldSimple", "w:instr") => What::Code,
            ("wp:docPr", "id") => What::Drawing,
            (name, "id") if name.starts_with("v:") => What::Shape(value),
            (name, "type") if name.starts_with("v:") && value.starts_with('#') => {
                What::Shape(value)
            }
            ("o:OLEObject", "ShapeID") => What::Shape(value),
            ("w:style", "w:styleId") => What::StyleId,
            ("w:style", "w:default") | (_, "w14:paraId" | "w14:textId") => What::Gone,
            ("w:abstractNum", "w:abstractNumId") => What::Kind,
            ("w:nsid", "w:val") => What::Serial,
            ("w:abstractNumId", "w:val") => What::KindOf,
            ("w:num", "w:numId") => What::List(value),
            (_, "o:relid") if !value.is_empty() => What::Relationship(value),
            (_, key) if is_address(key) => What::Address(value),
            (name, "w:id") if name.starts_with("w:") => What::Mark(value),
            _ => {
                let (prefix, _) = key.split_once(':')?;
                if prefix == "xmlns" || value.is_empty() || !self.prefixes.contains(prefix) {
                    return None;
                }
                if name == "w:hyperlink" {
                    What::Hyperlink(value)
                } else {
                    What::Relationship(value)
                }
            }
        })
    }

    /// An attribute with its name and the space before it.
    fn with_name(&self, key: &str, value: &Range<usize>) -> Range<usize> {
        let start = self.text.slice(..value.start).rfind(key).unwrap_or(value.start);
        self.text.slice(..start).trim_end().len()..value.end + 1
    }

    fn end(&mut self, range: &Range<usize>) {
        let Some((name, start)) = self.stack.pop() else { return };
        if self.gone == Some(self.stack.len()) {
            self.gone = None;
            self.site(start..range.end, What::Gone);
            if name == "w:sectPr" && self.parent() == "w:pPr" {
                self.section = Some(self.text.slice(start..range.end).to_owned());
            }
        }
        if name == "w:p"
            && self.gone.is_none()
            && let Some(Some((at, unstyled))) = self.unstyled.pop()
        {
            self.site(at..at, What::Unstyled(unstyled));
        }
        if name == "w:p"
            && self.gone.is_none()
            && let Some(properties) = self.section.take()
        {
            self.site(range.start..range.start, What::SectionEnd);
            self.sections.push(Section { end: range.end, properties });
        }
    }

    fn code(&mut self, range: &Range<usize>) {
        if self.gone.is_none() && matches!(self.parent(), "w:instrText" | "w:delInstrText") {
            self.site(range.clone(), What::Code);
        }
    }

    fn site(&mut self, range: Range<usize>, what: What) {
        self.sites.push(Site { range, what });
    }
}

/// Elements that are replaced as a whole, by their value.
fn whole(name: &str) -> Option<fn(String) -> What> {
    Some(match name {
        "w:basedOn" => What::Based,
        "w:next" => What::Next,
        "w:link" => What::Link,
        "w:styleLink" | "w:numStyleLink" => What::ListStyle,
        _ => return None,
    })
}

/// Text without its escapes.
fn plain(raw: &str) -> String {
    quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites(text: &str) -> Vec<(String, What)> {
        let found = Fragment::scan(text.to_owned(), "p").unwrap();
        let own = |site: &Site| (found.text[site.range.clone()].to_owned(), site.what.clone());
        found.sites.iter().map(own).collect()
    }

    #[test]
    fn names_are_found_where_they_stand() {
        let text = "<w:p w14:paraId=\"1\" w:x=\"y\"><w:pPr><w:pStyle w:val=\"a&amp;b\"/><w:numPr>\
            <w:numId w:val=\"3\"/></w:numPr><w:sectPr><w:headerReference r:id=\"rId9\"/></w:sectPr>\
            </w:pPr><w:bookmarkStart w:id=\"0\" w:name=\"n\"/><w:hyperlink r:id=\"rId1\"/>\
            <w:r><w:instrText> REF n </w:instrText><w:footnoteReference w:id=\"2\"/></w:r></w:p>";
        let found = sites(text).into_iter().map(|(_, what)| what);
        let found: Vec<What> = found.filter(|what| !matches!(what, What::Unstyled(_))).collect();
        let expected = [
            What::Gone,
            What::Style("a&b".into()),
            What::List("3".into()),
            What::Gone,
            What::Mark("0".into()),
            What::Bookmark("n".into()),
            What::Hyperlink("rId1".into()),
            What::Code,
            What::Note(NoteKind::Footnote, "2".into()),
            What::SectionEnd,
        ];
        assert_eq!(found, expected);
        assert_eq!(sites(text)[0].0, " w14:paraId=\"1\"");
    }

    #[test]
    fn paragraphs_without_a_style_are_known() {
        let text = "<w:p/><w:p><w:r/></w:p><w:p><w:pPr><w:jc/></w:pPr></w:p>\
            <w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr></w:p>";
        let found = Fragment::scan(text.to_owned(), "p").unwrap();
        let mut name = |what: &What, written: &str| -> Result<String, ()> {
            Ok(match what {
                What::Unstyled(what) => format!("{what:?}"),
                _ => written.to_owned(),
            })
        };
        let out = found.write(0..text.len(), &mut name).unwrap();
        let expected = "<w:pEmpty<w:p>Bare<w:r/></w:p><w:p><w:pPr>Properties<w:jc/></w:pPr></w:p>\
            <w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr></w:p>";
        assert_eq!(out, expected);
    }

    #[test]
    fn a_piece_is_written_with_other_names() {
        let text = "<w:p><w:ins w:id = '7'><w:r><a:blip q:embed=\"x\" xmlns:q=\"http://schemas.\
            openxmlformats.org/officeDocument/2006/relationships\"/></w:r></w:ins></w:p>";
        let found = Fragment::scan(text.to_owned(), "p").unwrap();
        let mut name = |what: &What, _: &str| -> Result<String, ()> {
            Ok(match what {
                What::Mark(old) => format!("{old}00"),
                What::Relationship(old) => old.repeat(2),
                What::Unstyled(_) => String::new(),
                other => panic!("{other:?}"),
            })
        };
        let out = found.write(0..text.len(), &mut name).unwrap();
        assert!(out.contains("w:id = '700'") && out.contains("q:embed=\"xx\""), "{out}");
    }
}
