//! Owns the parts that say more of comments, such as threads and whether they are done: entries of comments that blocks
//! repeat, one for each of their copies.
//! Must not know how comments are repeated.

use crate::opc::xml::{XmlEventReader, attribute_ranges};
use crate::opc::{OpcError, Package};
use crate::slice::{TextEdit as _, TextSlice as _};
use quick_xml::events::Event;
use std::collections::BTreeSet;
use std::ops::Range;

/// Copies of paragraphs of comments, in the order of the document: what each was, and what it is.
#[derive(Debug, Default)]
pub(crate) struct CommentCopies {
    copies: Vec<(String, String)>,
}

impl CommentCopies {
    pub(crate) fn push(&mut self, original: &str, copy: &str) {
        self.copies.push((original.to_owned(), copy.to_owned()));
    }

    /// Returns the copies of an entry by their numbers.
    fn of<'c>(&'c self, original: &'c str) -> impl Iterator<Item = EntryCopy<'c>> {
        let all = self.copies.iter().enumerate();
        all.filter(move |(_, (known, _))| known == original)
            .map(|(number, (_, id))| EntryCopy { number, id })
    }

    /// Returns the copy that belongs to the same turn as another one, which follows it.
    fn parent_of(&self, at: usize, original: &str) -> Option<&str> {
        let mut before = self.copies[..at].iter().rev();
        before.find(|(known, _)| known == original).map(|(_, copy)| copy.as_str())
    }
}

/// A copy of an entry.
#[derive(Clone, Copy)]
struct EntryCopy<'a> {
    /// Its number among all copies.
    number: usize,
    id: &'a str,
}

/// Entries of a part that blocks repeat.
struct RepeatedEntries<'a> {
    /// Name of the attribute that identifies an entry, without its prefix.
    key: &'a str,
    originals: &'a BTreeSet<&'a str>,
    copies: &'a CommentCopies,
}

/// Returns the parts whose entries change, by name; `originals` are the paragraphs of all comments that blocks repeat.
pub(crate) fn changed_comment_parts(
    package: &Package,
    originals: &BTreeSet<&str>,
    copies: &CommentCopies,
    first_id: u32,
) -> Result<Vec<(String, String)>, OpcError> {
    let mut writer = EntryWriter { next_id: first_id, durable: CommentCopies::default() };
    let main = package.main_document_name();
    let relationships = package.relationships(main)?;
    let mut out = Vec::new();
    for (end, key) in [
        ("/commentsExtended", "paraId"),
        ("/commentsIds", "paraId"),
        ("/commentsExtensible", "durableId"),
    ] {
        let Some(part) = relationships.target_by_type(main, end) else { continue };
        let Some(text) = package.read_xml_part(&part)? else { continue };
        let durable = std::mem::take(&mut writer.durable);
        let kept: BTreeSet<&str> = durable.copies.iter().map(|(known, _)| known.as_str()).collect();
        let repeated = if key == "paraId" {
            RepeatedEntries { key, originals, copies }
        } else {
            RepeatedEntries { key, originals: &kept, copies: &durable }
        };
        let changed = writer.changed_text(&text, &part, &repeated)?;
        out.push((part, changed));
    }
    Ok(out)
}

struct EntryWriter {
    next_id: u32,
    /// Copies of durable identifiers, by which a further part knows comments.
    durable: CommentCopies,
}

/// An entry with its attributes that identify something: the last part of the name, and the value.
struct Entry<'a> {
    range: Range<usize>,
    attributes: Vec<(&'a str, Range<usize>)>,
}

impl EntryWriter {
    /// Returns a part without the entries of these comments, and with those of their copies at its end.
    fn changed_text(
        &mut self,
        text: &str,
        part: &str,
        repeated: &RepeatedEntries<'_>,
    ) -> Result<String, OpcError> {
        let mut rest = String::with_capacity(text.len());
        let mut written: Vec<(usize, String)> = Vec::new();
        let mut from = 0;
        for entry in read_entries(text, part)? {
            let id = entry.attributes.iter().find(|(name, _)| *name == repeated.key);
            let id = id.map_or("", |(_, value)| text.slice(value.clone()));
            if !repeated.originals.contains(id) {
                continue;
            }
            rest.push_str(text.slice(from..entry.range.start));
            from = entry.range.end;
            for copy in repeated.copies.of(id) {
                written.push((copy.number, self.copied_entry(text, &entry, repeated, copy)));
            }
        }
        rest.push_str(text.slice(from..));
        written.sort_by_key(|(at, _)| *at);
        let added: String = written.into_iter().map(|(_, entry)| entry).collect();
        if let Some(end) = rest.rfind("</") {
            rest.insert_text(end, &added);
        }
        Ok(rest)
    }

    fn copied_entry(
        &mut self,
        text: &str,
        entry: &Entry<'_>,
        repeated: &RepeatedEntries<'_>,
        copy: EntryCopy<'_>,
    ) -> String {
        let mut out = String::new();
        let mut from = entry.range.start;
        for (name, value) in &entry.attributes {
            let own = text.slice(value.clone());
            let fresh = match *name {
                name if name == repeated.key => copy.id.to_owned(),
                "paraIdParent" => {
                    repeated.copies.parent_of(copy.number, own).unwrap_or(own).to_owned()
                }
                "durableId" => self.copied_durable(own),
                _ => continue,
            };
            out.push_str(text.slice(from..value.start));
            out.push_str(&fresh);
            from = value.end;
        }
        out.push_str(text.slice(from..entry.range.end));
        out
    }

    fn copied_durable(&mut self, own: &str) -> String {
        let is_first = self.durable.of(own).next().is_none();
        let fresh = if is_first {
            own.to_owned()
        } else {
            self.next_id += 1;
            format!("{:08X}", 0x7D00_0000 + self.next_id)
        };
        self.durable.push(own, &fresh);
        fresh
    }
}

/// Returns the children of a part's root.
fn read_entries<'a>(text: &'a str, part: &'a str) -> Result<Vec<Entry<'a>>, OpcError> {
    let mut reader = XmlEventReader::new(text, part);
    let (mut depth, mut entries) = (0usize, Vec::<Entry<'a>>::new());
    while let Some((event, range)) = reader.next()? {
        let is_empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(_) | Event::Empty(_) => {
                if depth == 1 {
                    let all = attribute_ranges(text, &range).into_iter();
                    let local = |name: &'a str| name.rsplit(':').next().unwrap_or(name);
                    let attributes = all.map(|(name, value)| (local(name), value)).collect();
                    entries.push(Entry { range, attributes });
                }
                depth += usize::from(!is_empty);
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if depth == 1
                    && let Some(entry) = entries.last_mut()
                {
                    entry.range.end = range.end;
                }
            }
            _ => {}
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durable_identifiers_follow_the_paragraphs() {
        let mut writer = EntryWriter { next_id: 0, durable: CommentCopies::default() };
        let mut copies = CommentCopies::default();
        for (one, other) in [("A", "A"), ("B", "B"), ("A", "C"), ("B", "D")] {
            copies.push(one, other);
        }
        let originals = BTreeSet::from(["A", "B"]);
        let repeated = RepeatedEntries { key: "paraId", originals: &originals, copies: &copies };
        let text = "<r><e x:paraId=\"B\" x:paraIdParent=\"A\"/><e x:paraId=\"Z\"/><e x:paraId=\"A\" \
                    x:durableId=\"1\"></e></r>";
        let found = writer.changed_text(text, "p", &repeated).unwrap();
        assert_eq!(
            found,
            "<r><e x:paraId=\"Z\"/><e x:paraId=\"A\" x:durableId=\"1\"></e><e x:paraId=\"B\" \
             x:paraIdParent=\"A\"/><e x:paraId=\"C\" x:durableId=\"7D000001\"></e><e x:paraId=\"D\" \
             x:paraIdParent=\"C\"/></r>"
        );
    }
}
