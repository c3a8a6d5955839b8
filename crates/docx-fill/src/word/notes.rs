//! Owns the entries of the parts that hold footnotes, endnotes and comments (ISO/IEC 29500-1, 17.11 and 17.13.4).
//! Must not know what refers to an entry.

use crate::opc::OpcError;
use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;
use std::ops::Range;

/// The kind of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NoteKind {
    Footnote,
    Endnote,
    Comment,
}

impl NoteKind {
    /// Returns the last segment of the relationship type of the notes part.
    pub(crate) fn relationship_name(self) -> &'static str {
        match self {
            NoteKind::Footnote => "footnotes",
            NoteKind::Endnote => "endnotes",
            NoteKind::Comment => "comments",
        }
    }

    fn from_element(name: &str) -> Option<NoteKind> {
        match name {
            "w:footnote" => Some(NoteKind::Footnote),
            "w:endnote" => Some(NoteKind::Endnote),
            "w:comment" => Some(NoteKind::Comment),
            _ => None,
        }
    }
}

/// A note or comment of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoteEntry {
    pub(crate) kind: NoteKind,
    /// Byte range of the element.
    pub(crate) range: Range<usize>,
    /// Byte range of its identifier.
    pub(crate) id: Range<usize>,
    /// True if it is no note but the line above notes, or what is said when they go on.
    pub(crate) is_separator: bool,
}

/// Reads the entries of a part in its order; those without an identifier are left out.
pub(crate) fn note_entries(text: &str, part: &str) -> Result<Vec<NoteEntry>, OpcError> {
    let mut found = Vec::new();
    let mut reader = XmlEventReader::new(text, part);
    let mut depth = 0_usize;
    let mut open: Option<NoteEntry> = None;
    while let Some((event, range)) = reader.next()? {
        let end = range.end;
        match event {
            Event::Start(element) => {
                if depth == 1 {
                    open = read_entry(text, element.name().as_ref(), range);
                }
                depth += 1;
                continue;
            }
            Event::Empty(element) if depth == 1 => {
                open = read_entry(text, element.name().as_ref(), range);
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 1
            && let Some(mut entry) = open.take()
        {
            entry.range.end = end;
            found.push(entry);
        }
    }
    Ok(found)
}

fn read_entry(text: &str, element: &str, tag: Range<usize>) -> Option<NoteEntry> {
    let kind = NoteKind::from_element(element)?;
    let attributes = attribute_ranges(text, &tag);
    let value = |name: &str| {
        let found = attributes.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone())
    };
    let is_separator =
        value("w:type").is_some_and(|value| !matches!(text.slice(value), "" | "normal"));
    Some(NoteEntry { kind, id: value("w:id")?, range: tag, is_separator })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_the_children_of_the_root() {
        let text = "<w:footnotes><w:footnote w:type=\"separator\" w:id=\"-1\"/><w:x/>\
            <w:footnote w:id=\"2\"><w:p><w:footnote w:id=\"3\"/></w:p></w:footnote>\
            <w:comment w:id=\"4\" w:type=\"normal\"><w:p/></w:comment><w:endnote/></w:footnotes>";
        let found = note_entries(text, "p").unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|entry| (entry.kind, &text[entry.id.clone()], entry.is_separator))
            .collect();
        let expected = [
            (NoteKind::Footnote, "-1", true),
            (NoteKind::Footnote, "2", false),
            (NoteKind::Comment, "4", false),
        ];
        assert_eq!(shown, expected);
        assert!(text[found[1].range.clone()].ends_with("</w:p></w:footnote>"));
        assert!(text[found[0].range.clone()].ends_with("\"-1\"/>"));
    }
}
