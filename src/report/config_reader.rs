//! Owns what the readers of settings and lists of units have in common: tables of known keys, and
//! faults with their places under the one rule of that file.
//! Must not know a key.

use super::{Date, nearest_key};
use crate::data::{DataEntry, DataNode, DataValue};
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, Span};

/// Maximum number of keys that a hint lists if none of them resembles the unknown one.
const MAX_LISTED_KEYS: usize = 20;

/// A reader of one such file.
pub(crate) struct ConfigReader<'a> {
    /// The file.
    pub(crate) source: SourceId,
    /// Id of the rule under which all faults of the file are reported.
    pub(crate) rule: &'static str,
    /// Receives the faults.
    pub(crate) sink: &'a mut Sink,
}

impl ConfigReader<'_> {
    /// Reports a fault.
    pub(crate) fn report_fault(&mut self, span: Span, message: Message, hint: Option<Message>) {
        let mut found = Diagnostic::error(self.rule, Location::Span(self.source, span), message);
        found.hints.extend(hint);
        self.sink.push(found);
    }

    /// Reports a value of the wrong type, with the expected one.
    pub(crate) fn report_wrong_type(&mut self, node: &DataNode, expected: Message) {
        let message = msg!("report.wrong-type", expected = expected, found = node.kind_name());
        self.report_fault(node.span, message, None);
    }

    /// Reports an unknown key; `more` is the hint if too many keys are known to list them.
    pub(crate) fn report_unknown_key(
        &mut self,
        entry: &DataEntry,
        known: &[&str],
        more: Option<Message>,
    ) {
        // Once the sink is full nobody sees the hint.
        let near = if self.sink.is_full() { None } else { nearest_key(&entry.key, known) };
        let hint = match (near, more) {
            (Some(near), _) => msg!("report.did-you-mean", name = near),
            (None, Some(more)) if known.len() >= MAX_LISTED_KEYS => more,
            (None, _) => msg!("report.known-keys", names = known.to_vec()),
        };
        self.report_fault(entry.key_span, msg!("report.unknown-key", key = &entry.key), Some(hint));
    }

    /// Returns the entries of a table; reports a value that is none.
    pub(crate) fn read_table<'n>(&mut self, node: &'n DataNode) -> &'n [DataEntry] {
        match &node.value {
            DataValue::Table(entries) => entries,
            _ => {
                self.report_wrong_type(node, msg!("data.kind-table"));
                &[]
            }
        }
    }

    /// Returns a text; reports a value that is none.
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

/// Returns the date that a value gives, as a date or as a text.
pub(crate) fn read_date(node: &DataNode) -> Option<Date> {
    match &node.value {
        DataValue::Date(text) | DataValue::Text(text) => Date::parse(text),
        _ => None,
    }
}
