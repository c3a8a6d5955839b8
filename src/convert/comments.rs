//! Owns the comments of a file: found between the values and attached to the entry below or beside
//! them.
//! Must not know how they are written.

use crate::data::{DataNode, DataValue};
use docx_fill::diag::Span;
use docx_fill::slice::TextSlice as _;
use std::collections::BTreeMap;

/// Comments by the offset of the key to which they belong, without their `#`.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    /// Comments on the whole file, followed by a blank line.
    pub(super) head: Vec<String>,
    above: BTreeMap<usize, Vec<String>>,
    beside: BTreeMap<usize, String>,
    /// Comments after the last entry.
    pub(super) end: Vec<String>,
}

impl Comments {
    /// Adds a comment on the whole file.
    pub(crate) fn add_head(&mut self, words: &str) {
        self.head.push(format!(" {words}"));
    }

    /// Adds a comment above an entry.
    pub(crate) fn add_above(&mut self, key: Span, words: &str) {
        self.above.entry(key.start).or_default().push(format!(" {words}"));
    }

    /// Adds a comment at the end of an entry's line.
    pub(crate) fn add_beside(&mut self, key: Span, words: &str) {
        self.beside.insert(key.start, format!(" {words}"));
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

    fn attach_comment(&mut self, text: &str, keys: &[(usize, usize)], comment: SourceComment<'_>) {
        let SourceComment { at, words } = comment;
        let line = text.slice(..at).rfind('\n').map_or(0, |end| end + 1);
        let own_line = text.slice(line..at).trim().is_empty();
        // The last entry that begins before the comment, and the next one.
        let next = keys.partition_point(|(start, _)| *start < at);
        let inside = next > 0 && keys[next - 1].1 > at;
        let owner = next.checked_sub(1).map(|last| keys[last].0);
        match (own_line, inside, owner, keys.get(next)) {
            // Within a value of several lines another syntax has no place for it.
            (_, true, Some(owner), _) => {
                self.above.entry(owner).or_default().push(words.to_owned());
            }
            (false, _, Some(owner), _) if !self.beside.contains_key(&owner) => {
                self.beside.insert(owner, words.to_owned());
            }
            (_, _, _, Some((next, _))) => {
                self.above.entry(*next).or_default().push(words.to_owned());
            }
            _ => self.end.push(words.to_owned()),
        }
    }

    /// Returns the lines above an entry.
    pub(super) fn lines_above(&self, key: Span) -> &[String] {
        self.above.get(&key.start).map_or(&[], Vec::as_slice)
    }

    /// Returns the comment at the end of an entry's line.
    pub(super) fn line_comment(&self, key: Span) -> Option<&str> {
        self.beside.get(&key.start).map(String::as_str)
    }
}

/// A comment of a file: where its mark stands, and its words.
#[derive(Debug, Clone, Copy)]
struct SourceComment<'t> {
    at: usize,
    words: &'t str,
}

/// Collects the spans that may contain a `#` that begins no comment, and the entries down to the
/// rows of tables with the end of their values; the end of a table is that of its key.
fn collect_spans(
    node: &DataNode,
    depth: usize,
    skip: &mut Vec<Span>,
    keys: &mut Vec<(usize, usize)>,
) {
    match &node.value {
        DataValue::Table(entries) => {
            for entry in entries {
                skip.push(entry.key_span);
                let block = depth == 0 && matches!(entry.node.value, DataValue::Table(_));
                let end = if block { entry.key_span.end } else { entry.node.span.end };
                if depth < 2 {
                    keys.push((entry.key_span.start, end));
                }
                collect_spans(&entry.node, depth + 1, skip, keys);
            }
        }
        DataValue::List(items) => {
            for item in items {
                collect_spans(item, depth + 1, skip, keys);
            }
        }
        DataValue::Text(_) => skip.push(node.span),
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
