//! Owns the entries of contents in a rendered part: those of headings that are gone go, those of repeated headings are
//! repeated, and copies of tags become the headings' texts. Page numbers are left to Word.
//! Must not know the language of tags, but for its braces.

use super::contents_reader::{ContentsEntry, HeadingMark, read_contents};
use crate::slice::TextSlice as _;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Brings the contents of a part up to date; `known` are the bookmarks of the template.
pub(crate) fn refresh_contents(out: &mut String, known: &BTreeSet<String>) {
    let Some(read) = read_contents(out) else { return };
    let writer = EntryWriter { text: out, headings: &read.headings, known };
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for list in &read.lists {
        let mut from = 0;
        while from < list.len() {
            let count =
                list[from..].iter().take_while(|entry| writer.leads_somewhere(entry)).count();
            edits.extend(writer.rewrite_entries(&list[from..from + count]));
            from += count.max(1);
        }
    }
    let mut text = String::with_capacity(out.len());
    let mut done = 0;
    for (range, replacement) in edits {
        text.push_str(out.slice(done..range.start));
        text.push_str(&replacement);
        done = range.end;
    }
    if done > 0 {
        text.push_str(out.slice(done..));
        *out = text;
    }
}

struct EntryWriter<'a> {
    text: &'a str,
    headings: &'a BTreeMap<String, HeadingMark>,
    known: &'a BTreeSet<String>,
}

impl<'a> EntryWriter<'a> {
    /// Checks whether an entry leads to a heading of the template.
    fn leads_somewhere(&self, entry: &ContentsEntry) -> bool {
        entry.anchor.as_ref().is_some_and(|anchor| self.known.contains(anchor))
    }

    /// Rewrites entries that follow each other; no edits if they are right.
    fn rewrite_entries(&self, entries: &[ContentsEntry]) -> Vec<(Range<usize>, String)> {
        let mut placed: Vec<(usize, &ContentsEntry, &str)> = Vec::new();
        for entry in entries {
            let headings = self.headings_of(entry);
            placed.extend(headings.into_iter().map(|(name, mark)| (mark.position, entry, name)));
        }
        let stale = entries.iter().any(|entry| self.stale_text(entry).is_some());
        if placed.len() == entries.len() && !stale {
            return Vec::new();
        }
        if placed.len() > entries.len() {
            placed.sort_by_key(|(position, ..)| *position);
        }
        let mut pieces = self.written_entries(entries, &placed).into_iter();
        // What stands between the entries stays between them.
        entries
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let own: String = if at + 1 == entries.len() {
                    pieces.by_ref().collect()
                } else {
                    pieces.next().unwrap_or_default()
                };
                (entry.range.clone(), own)
            })
            .collect()
    }

    /// Returns the bookmarks of the headings to which an entry leads: its own, and the copies that loops made.
    fn headings_of(&self, entry: &ContentsEntry) -> Vec<(&'a str, &'a HeadingMark)> {
        let anchor = entry.anchor.as_deref().unwrap_or_default();
        let is_copy = |name: &str| {
            let number = name.strip_prefix(anchor).and_then(|rest| rest.strip_prefix('_'));
            number.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_digit()))
        };
        let from = self.headings.range(anchor.to_owned()..);
        let near = from.take_while(|(name, _)| name.starts_with(anchor));
        let wanted = near
            .filter(|(name, _)| *name == anchor || is_copy(name) && !self.known.contains(*name));
        let mut found: Vec<_> = wanted.map(|(name, mark)| (name.as_str(), mark)).collect();
        found.sort_by_key(|(_, mark)| mark.position);
        found
    }

    /// Returns the texts of an entry that hold copies of tags.
    fn stale_text<'e>(&self, entry: &'e ContentsEntry) -> Option<&'e Vec<Range<usize>>> {
        entry.texts.iter().find(|texts| {
            let text: String = texts.iter().map(|range| self.text.slice(range.clone())).collect();
            text.contains("{{")
        })
    }

    /// Returns the paragraphs of entries; the marks of the field stay at the first and at the last.
    fn written_entries(
        &self,
        entries: &[ContentsEntry],
        placed: &[(usize, &ContentsEntry, &str)],
    ) -> Vec<String> {
        let head = entries.iter().find_map(|entry| Some(entry.runs_start..entry.head_end?));
        let tail = entries.iter().find_map(|entry| Some(entry.tail_start?..end_of_runs(entry)));
        let own = |range: &Option<Range<usize>>| {
            range.clone().map_or("", |range| self.text.slice(range)).to_owned()
        };
        let (head, tail) = (own(&head), own(&tail));
        if placed.is_empty() && !(head.is_empty() && tail.is_empty()) {
            let begin = entries.first().map_or("", |entry| self.begin_of(entry));
            return vec![[begin, &head, &tail, "</w:p>"].concat()];
        }
        let mut written = BTreeSet::new();
        let last = placed.len().saturating_sub(1);
        placed
            .iter()
            .enumerate()
            .map(|(at, (_, entry, name))| {
                // Identifiers of a paragraph must not be repeated.
                let again = !written.insert(entry.range.start);
                let begin = self.begin_of(entry);
                let begin =
                    if again { begin.split_once('>').map_or("", |(_, rest)| rest) } else { begin };
                let open = if again { "<w:p>" } else { "" };
                let head = if at == 0 { head.as_str() } else { "" };
                let tail = if at == last { tail.as_str() } else { "" };
                [open, begin, head, &self.body_of(entry, name), tail, "</w:p>"].concat()
            })
            .collect()
    }

    /// Returns the start tag of an entry with its properties.
    fn begin_of(&self, entry: &ContentsEntry) -> &'a str {
        self.text.slice(entry.range.start..entry.runs_start)
    }

    /// Returns the runs of an entry, leading to a heading.
    fn body_of(&self, entry: &ContentsEntry, name: &str) -> String {
        let start = entry.head_end.unwrap_or(entry.runs_start);
        let end = entry.tail_start.unwrap_or_else(|| end_of_runs(entry));
        let mut edits: Vec<(Range<usize>, &str)> =
            entry.anchor_sites.iter().map(|site| (site.clone(), name)).collect();
        let heading = self.headings.get(name).map_or("", |mark| mark.text.as_str());
        if let (Some(texts), false) = (self.stale_text(entry), heading.trim().is_empty()) {
            let shown = std::iter::once(heading).chain(std::iter::repeat(""));
            edits.extend(texts.iter().cloned().zip(shown));
        }
        edits.sort_by_key(|(range, _)| range.start);
        let (mut out, mut done) = (String::new(), start);
        for (range, text) in
            edits.iter().filter(|(range, _)| start <= range.start && range.end <= end)
        {
            out.push_str(self.text.slice(done..range.start));
            out.push_str(text);
            done = range.end;
        }
        out.push_str(self.text.slice(done..end));
        out
    }
}

fn end_of_runs(entry: &ContentsEntry) -> usize {
    (entry.range.end - "</w:p>".len()).max(entry.runs_start)
}
