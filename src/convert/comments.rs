//! Owns the comments of a file: found between the values and attached to the entry below or beside
//! them.
//! Must not know how they are written.

use crate::data::{DataNode, DataValue};
use docx_fill::diag::{SourcePlace, Span};
use docx_fill::slice::TextSlice as _;
use std::collections::BTreeMap;

/// Comments by the place of the key to which they belong, without their `#`.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    /// Comments on the whole file, followed by a blank line.
    pub(super) head: Vec<String>,
    above: BTreeMap<SourcePlace, Vec<String>>,
    beside: BTreeMap<SourcePlace, String>,
    /// Comments after the last entry.
    pub(super) end: Vec<String>,
}

impl Comments {
    /// Adds a comment on the whole file.
    pub(crate) fn add_head(&mut self, words: &str) {
        self.head.push(format!(" {words}"));
    }

    /// Adds a comment above an entry.
    pub(crate) fn add_above(&mut self, key: SourcePlace, words: &str) {
        self.above.entry(key).or_default().push(format!(" {words}"));
    }

    /// Adds a comment at the end of an entry's line.
    pub(crate) fn add_beside(&mut self, key: SourcePlace, words: &str) {
        self.beside.insert(key, format!(" {words}"));
    }

    /// Finds the comments of a TOML or YAML file.
    pub(super) fn from_source(text: &str, root: &DataNode, yaml: bool) -> Comments {
        let (mut skip, mut keys) = (Vec::new(), Vec::new());
        collect_spans(root, 0, &mut skip, &mut keys);
        skip.sort_unstable();
        keys.sort_unstable();
        let mut out = Comments::default();
        for comment in scan_comments(text, &skip, yaml) {
            out.attach_comment(text, &keys, comment);
        }
        out
    }

    fn attach_comment(&mut self, text: &str, keys: &[EntryBytes], comment: SourceComment<'_>) {
        let SourceComment { at, words } = comment;
        let line = text.slice(..at).rfind('\n').map_or(0, |end| end + 1);
        let own_line = text.slice(line..at).trim().is_empty();
        // The last entry that begins before the comment, and the next one.
        let next = keys.partition_point(|entry| entry.start < at);
        let before = next.checked_sub(1).and_then(|last| keys.get(last));
        let inside = before.is_some_and(|entry| entry.end > at);
        let owner = before.map(|entry| entry.key);
        match (own_line, inside, owner, keys.get(next)) {
            // Within a value of several lines another syntax has no place for it.
            (_, true, Some(owner), _) => {
                self.above.entry(owner).or_default().push(words.to_owned());
            }
            (false, _, Some(owner), _) if !self.beside.contains_key(&owner) => {
                self.beside.insert(owner, words.to_owned());
            }
            (_, _, _, Some(next)) => {
                self.above.entry(next.key).or_default().push(words.to_owned());
            }
            _ => self.end.push(words.to_owned()),
        }
    }

    /// Returns the lines above an entry.
    pub(super) fn lines_above(&self, key: SourcePlace) -> &[String] {
        self.above.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Returns the comment at the end of an entry's line.
    pub(super) fn line_comment(&self, key: SourcePlace) -> Option<&str> {
        self.beside.get(&key).map(String::as_str)
    }
}

/// A comment of a file: where its mark stands, and its words.
#[derive(Debug, Clone, Copy)]
struct SourceComment<'t> {
    at: usize,
    words: &'t str,
}

/// The bytes of an entry in the order of the file, with the place of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct EntryBytes {
    start: usize,
    end: usize,
    key: SourcePlace,
}

/// Collects the spans that may contain a `#` that begins no comment, and the entries down to the
/// rows of tables with the end of their values; the end of a table is that of its key.
fn collect_spans(node: &DataNode, depth: usize, skip: &mut Vec<Span>, keys: &mut Vec<EntryBytes>) {
    match &node.value {
        DataValue::Table(entries) => {
            for entry in entries {
                let key = entry.key_place;
                let block = depth == 0 && matches!(entry.node.value, DataValue::Table(_));
                let last = if block { key } else { entry.node.place };
                skip.extend(key.bytes());
                if let (true, Some(Span { start, .. }), Some(Span { end, .. })) =
                    (depth < 2, key.bytes(), last.bytes())
                {
                    keys.push(EntryBytes { start, end, key });
                }
                collect_spans(&entry.node, depth + 1, skip, keys);
            }
        }
        DataValue::List(items) => {
            for item in items {
                collect_spans(item, depth + 1, skip, keys);
            }
        }
        DataValue::Text(_) => skip.extend(node.place.bytes()),
        _ => {}
    }
}

/// Returns all comments with the offset of their `#`.
fn scan_comments<'t>(text: &'t str, skip: &[Span], yaml: bool) -> Vec<SourceComment<'t>> {
    let mut out = Vec::new();
    let (mut at, mut next) = (0, 0);
    let mark_from = |at: usize| text.slice(at..).find('#').map(|found| at + found);
    let mut found = mark_from(0);
    while let Some(mark) = found {
        while next < skip.len() && skip[next].end <= at {
            next += 1;
        }
        match skip.get(next) {
            Some(value) if value.start <= mark => at = value.end.max(at + 1),
            _ => {
                let spaced = text.slice(..mark).ends_with([' ', '\t', '\n', '\r']) || mark == 0;
                at = mark + 1;
                if !yaml || spaced {
                    // The line end is searched for only where a comment begins: a line may have
                    // many marks that begin none. In YAML a carriage return alone ends a line, too.
                    let ends = |c: char| c == '\n' || yaml && c == '\r';
                    let end = text.slice(at..).find(ends).map_or(text.len(), |end| at + end);
                    out.push(SourceComment { at: mark, words: text.slice(at..end).trim_end() });
                    at = end;
                }
            }
        }
        at = text.ceil_char_boundary(at);
        // A later mark found before is not searched for again.
        if mark < at {
            found = mark_from(at);
        }
    }
    out
}
