//! Owns finding the tags of docxtpl in a text: values, statements and comments, with what they reach.
//! Must not know Word, nor what stands in a tag.

use crate::slice::TextSlice as _;
use std::ops::Range;

/// The kind of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JinjaKind {
    /// `{{ x }}`
    Value,
    /// `{% x %}`
    Statement,
    /// `{# x #}`
    Comment,
}

/// The element that a tag stands for; docxtpl drops all else in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagReach {
    /// The text of the tag itself.
    Text,
    /// `{{r x}}`
    Run,
    /// `{%p x %}`
    Paragraph,
    /// `{%tr x %}`
    Row,
    /// `{%tc x %}`
    Cell,
}

/// A tag of docxtpl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JinjaTag {
    pub(super) range: Range<usize>,
    pub(super) kind: JinjaKind,
    pub(super) reach: TagReach,
    /// True for `{%-` and `-%}`, which join text beyond the tag.
    pub(super) joins: bool,
    /// The text between the braces, with plain quotes and blanks.
    pub(super) body: String,
}

/// An item of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JinjaScanItem {
    Tag(JinjaTag),
    /// Signs such as `{_{`, by which a template writes braces, with what they are in our tags.
    Escape(Range<usize>, &'static str),
    /// A tag without its end.
    Unclosed(Range<usize>),
}

/// The signs that write braces.
const ESCAPES: &[(&str, &str)] = &[("{_{", "\\{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}")];

/// Prefixes of tags that reach further than their text.
const REACHES: &[(&str, TagReach)] = &[
    ("tr", TagReach::Row),
    ("tc", TagReach::Cell),
    ("p", TagReach::Paragraph),
    ("r", TagReach::Run),
];

/// Finds all tags of a text in reading order.
pub(super) fn find_jinja_tags(text: &str) -> Vec<JinjaScanItem> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.slice(from..).find(['{', '}', '%']).map(|at| from + at) {
        let rest = text.slice(at..);
        if let Some((sign, with)) = ESCAPES.iter().find(|(sign, _)| rest.starts_with(sign)) {
            found.push(JinjaScanItem::Escape(at..at + sign.len(), with));
            from = at + sign.len();
            continue;
        }
        let Some((kind, close)) = opening(rest) else {
            from = at + 1;
            continue;
        };
        let Some(length) = inner_length(rest.slice(2..), kind, close) else {
            found.push(JinjaScanItem::Unclosed(at..at + 2));
            from = at + 2;
            continue;
        };
        let end = at + 2 + length + close.len();
        found.push(JinjaScanItem::Tag(read_tag(rest.slice(2..2 + length), kind, at..end)));
        from = end;
    }
    found
}

/// Returns the kind of the tag that begins a text, and what closes it.
fn opening(text: &str) -> Option<(JinjaKind, &'static str)> {
    match text.as_bytes() {
        [b'{', b'{', ..] => Some((JinjaKind::Value, "}}")),
        [b'{', b'%', ..] => Some((JinjaKind::Statement, "%}")),
        [b'{', b'#', ..] => Some((JinjaKind::Comment, "#}")),
        _ => None,
    }
}

/// Returns the bytes before the closing braces; those in strings do not count.
fn inner_length(text: &str, kind: JinjaKind, close: &str) -> Option<usize> {
    if kind == JinjaKind::Comment {
        return text.find(close);
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        let plain = plain_character(c);
        match quote {
            None if text.slice(at..).starts_with(close) => return Some(at),
            None if matches!(plain, '"' | '\'') => quote = Some(plain),
            Some(open) if plain == open => quote = None,
            _ => {}
        }
    }
    text.find(close)
}

/// Returns the character for which docxtpl takes another one in tags.
fn plain_character(c: char) -> char {
    match c {
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

fn read_tag(inner: &str, kind: JinjaKind, range: Range<usize>) -> JinjaTag {
    let inner: String = inner.chars().map(plain_character).collect();
    let prefixed = REACHES.iter().find_map(|(prefix, reach)| {
        let rest = inner.strip_prefix(prefix)?;
        rest.starts_with(' ').then_some((*reach, rest))
    });
    let (reach, rest) = prefixed.unwrap_or((TagReach::Text, inner.as_str()));
    let joins = kind != JinjaKind::Comment && (rest.starts_with('-') || rest.ends_with('-'));
    let body = rest.trim_start_matches(['-', '+']).trim_end_matches(['-', '+']).trim();
    let body = if kind == JinjaKind::Comment { rest.trim() } else { body };
    JinjaTag { range, kind, reach, joins, body: body.to_owned() }
}
