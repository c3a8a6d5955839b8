//! Owns the kinds of tags, as they are found in a text.
//! Must not know how they are found, nor what they mean.

use crate::diag::Problem;
pub(crate) use crate::limits::MAX_BLOCK_DEPTH as MAX_NESTING;
use std::ops::Range;

/// What stands between the braces.
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
    /// `{{#> x}}` alone; only while tags are being found.
    PartialOpen(String),
    /// The whole of `{{#*inline "x"}}…{{/inline}}` in one text.
    Define(DefineTag),
    /// `{{#*inline "x"}}` alone, with what follows the star.
    DefineOpen(String),
}

/// A definition that stands in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefineTag {
    /// What follows the star.
    pub(crate) head: String,
    /// What stands between the two tags.
    pub(crate) body: String,
}

/// A tag that includes another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartialTag {
    /// Name and arguments.
    pub(crate) head: String,
    /// What stands between the two tags of a block.
    pub(crate) body: Option<String>,
    /// The spaces before a tag that has a line to itself; every line of the partial gets them.
    pub(crate) indent: String,
}

/// A tag in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The tag itself.
    pub(crate) range: Range<usize>,
    /// What goes away with it: spaces where it has a `~`.
    pub(crate) cut: Range<usize>,
    pub(crate) kind: TagKind,
}

/// What is found in a text, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagToken {
    /// A tag.
    Tag(Tag),
    /// What makes the next braces literal: a backslash, or the tags of a raw block.
    Escape(Range<usize>),
    /// Something that looks like a tag and is none.
    Invalid(Range<usize>, Problem),
}

/// The name that a block's closing tag has to repeat.
pub(crate) fn closing_name(head: &str) -> &str {
    head.split([' ', '|']).next().unwrap_or_default()
}
