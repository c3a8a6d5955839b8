//! Owns what readers of further files (settings, lists of units) have in common: tables of known keys, and each
//! fault with its place under the one rule of that file.
//! Must not know a key.

use super::Date;
use crate::data::{DataEntry, DataNode, DataValue};
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, Span, nearest_name};

/// Most keys that are listed where none is near.
const MAX_LISTED_KEYS: usize = 20;

/// A file that is being read.
pub(crate) struct ConfigReader<'a> {
    /// The file.
    pub(crate) source: SourceId,
    /// The rule of everything that is wrong with it.
    pub(crate) rule: &'static str,
    /// Where that goes.
    pub(crate) sink: &'a mut Sink,
}

impl ConfigReader<'_> {
    /// Says what is wrong.
    pub(crate) fn report_fault(&mut self, span: Span, message: Message, hint: Option<Message>) {
        let mut found = Diagnostic::error(self.rule, Location::Span(self.source, span), message);
        found.hints.extend(hint);
        self.sink.push(found);
    }

    /// Says what should stand there instead.
    pub(crate) fn report_wrong_type(&mut self, node: &DataNode, expected: Message) {
        let message = msg!("report.wrong-type", expected = expected, found = node.kind_name());
        self.report_fault(node.span, message, None);
    }

    /// Says that a key is not known; `more` is the hint where too many are known to be listed.
    pub(crate) fn report_unknown_key(
        &mut self,
        entry: &DataEntry,
        known: &[&str],
        more: Option<Message>,
    ) {
        // Beyond the most that is listed nobody sees the hint.
        let near = if self.sink.is_full() {
            None
        } else {
            nearest_name(&entry.key, known.iter().copied())
        };
        let hint = match (near, more) {
            (Some(near), _) => msg!("report.did-you-mean", name = near),
            (None, Some(more)) if known.len() >= MAX_LISTED_KEYS => more,
            (None, _) => msg!("report.known-keys", names = known.to_vec()),
        };
        self.report_fault(entry.key_span, msg!("report.unknown-key", key = &entry.key), Some(hint));
    }

    /// The entries of a table.
    pub(crate) fn read_table<'n>(&mut self, node: &'n DataNode) -> &'n [DataEntry] {
        match &node.value {
            DataValue::Table(entries) => entries,
            _ => {
                self.report_wrong_type(node, msg!("data.kind-table"));
                &[]
            }
        }
    }

    /// A text.
    pub(crate) fn read_text(&mut self, node: &DataNode) -> Option<String> {
        match &node.value {
            DataValue::Text(text) => Some(text.trim().to_owned()),
            _ => {
                self.report_wrong_type(node, msg!("data.kind-text"));
                None
            }
        }
    }
}

/// The date that a value gives, as a date or as a text.
pub(crate) fn read_date(node: &DataNode) -> Option<Date> {
    match &node.value {
        DataValue::Date(text) | DataValue::Text(text) => Date::parse(text),
        _ => None,
    }
}
