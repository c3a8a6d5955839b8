//! Owns the tokens that the tag scanner produces: tags by kind, escapes and invalid tags.
//! Must not know how tags are found, nor how their content is evaluated.

use crate::diag::Problem;
pub(crate) use crate::limits::MAX_BLOCK_DEPTH as MAX_NESTING;
use std::ops::Range;

/// The kind of a tag, with the text between its braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagKind {
    /// `{{x}}`
    Value(String),
    /// `{{#x}}`
    Open(String),
    /// `{{^x}}`
    Inverse(String),
    /// `{{else}}`, `{{^}}`, or `{{else if x}}` with what follows `else`.
    Else(Option<String>),
    /// `{{/x}}`
    Close(String),
    /// `{{! x }}`
    Comment,
    /// `{{> x}}`, or the whole of `{{#> x}}…{{/x}}`.
    Partial(PartialTag),
    /// `{{#> x}}` alone; occurs only while tags are being scanned.
    PartialOpen(String),
    /// A complete `{{#*inline "x"}}…{{/inline}}` within one text.
    Define(DefineTag),
    /// `{{#*inline "x"}}` alone, with the text after the star.
    DefineOpen(String),
    /// A merge field of Word, by its index among the fields of a part; it is in no text.
    MergeField(usize),
}

/// An inline partial definition that lies within one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefineTag {
    /// Text after the star.
    pub(crate) head: String,
    /// Text between the two tags.
    pub(crate) body: String,
}

/// A tag that includes a partial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartialTag {
    /// Name and arguments, unparsed.
    pub(crate) head: String,
    /// Text between the two tags of a partial block; `None` for `{{> x}}`.
    pub(crate) body: Option<String>,
    /// Spaces before a tag that is alone on its line; they are written before every line of the partial.
    pub(crate) indent: String,
    /// True if the tag is alone on a line, whose end is removed with it.
    pub(crate) own_line: bool,
}

/// A tag at its place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Bytes of the tag itself.
    pub(crate) range: Range<usize>,
    /// Bytes that are removed with the tag: spaces beside a `~`, or the whole line of a standalone tag.
    pub(crate) cut: Range<usize>,
    pub(crate) kind: TagKind,
}

/// An item that the scanner finds in a text, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagToken {
    /// A well-formed tag.
    Tag(Tag),
    /// Bytes that make the following braces literal: a backslash, or a tag of a raw block.
    Escape(Range<usize>),
    /// A malformed tag with its problem.
    Invalid(Range<usize>, Problem),
}

/// Returns the name that the closing tag of a block must repeat.
pub(crate) fn closing_name(head: &str) -> &str {
    head.split([' ', '|']).next().unwrap_or_default()
}
