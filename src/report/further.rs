//! Owns what readers of further files (settings, lists of units) have in common: tables of known keys, and each
//! fault with its place under the one rule of that file.
//! Must not know a key.

use super::{Date, nearest};
use crate::data::{Entry, Node, Value};
use crate::text;
use docx_fill::diag::{Diagnostic, Place, Sink, SourceId, Span, Text};

/// Most keys that are listed where none is near.
const LISTED: usize = 20;

/// A file that is being read.
pub(crate) struct Further<'a> {
    /// The file.
    pub(crate) source: SourceId,
    /// The rule of everything that is wrong with it.
    pub(crate) rule: &'static str,
    /// Where that goes.
    pub(crate) sink: &'a mut Sink,
}

impl Further<'_> {
    /// Says what is wrong.
    pub(crate) fn fault(&mut self, span: Span, message: Text, hint: Option<Text>) {
        let mut found = Diagnostic::error(self.rule, Place::Text(self.source, span), message);
        found.hints.extend(hint);
        self.sink.push(found);
    }

    /// Says what should stand there instead.
    pub(crate) fn wrong(&mut self, node: &Node, expected: Text) {
        let message = text!("report.wrong-type", expected = expected, found = node.kind());
        self.fault(node.span, message, None);
    }

    /// Says that a key is not known; `more` is the hint where too many are known to be listed.
    pub(crate) fn unknown(&mut self, entry: &Entry, known: &[&str], more: Option<Text>) {
        // Beyond the most that is listed nobody sees the hint.
        let near = if self.sink.is_full() { None } else { nearest(&entry.key, known) };
        let hint = match (near, more) {
            (Some(near), _) => text!("report.did-you-mean", name = near),
            (None, Some(more)) if known.len() >= LISTED => more,
            (None, _) => text!("report.known-keys", names = known.to_vec()),
        };
        self.fault(entry.key_span, text!("report.unknown-key", key = &entry.key), Some(hint));
    }

    /// The entries of a table.
    pub(crate) fn table<'n>(&mut self, node: &'n Node) -> &'n [Entry] {
        match &node.value {
            Value::Table(entries) => entries,
            _ => {
                self.wrong(node, text!("data.kind-table"));
                &[]
            }
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.trim().to_owned()),
            _ => {
                self.wrong(node, text!("data.kind-text"));
                None
            }
        }
    }
}

/// The date that a value gives, as a date or as a text.
pub(crate) fn date_of(node: &Node) -> Option<Date> {
    match &node.value {
        Value::Date(text) | Value::Text(text) => Date::parse(text),
        _ => None,
    }
}
