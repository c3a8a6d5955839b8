//! Owns what the readers of data files, letterheads, settings and lists have in common: tables of known keys, and each
//! fault with its place and the nearest known key.
//! Must not know a key.

use super::{DataEntry, DataNode, DataValue};
use crate::msg;
use docx_fill::diag::{Diagnostic, Location, Message, Sink, SourceId, SourcePlace, nearest_name};

/// The rules under which faults of a file are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultRules {
    /// Each kind of fault under its own: a report and what belongs to it.
    ByKind,
    /// All under one.
    One(&'static str),
}

/// A key with the Chinese name that is accepted for it.
pub(crate) type KeyNames = (&'static str, &'static str);

/// Checks whether a key of a file is the known one.
pub(crate) fn matches_key(key: &str, known: (&str, &str)) -> bool {
    key == known.0 || key == known.1
}

/// A file of tables with known keys, as it is read.
pub(crate) struct KnownKeysReader<'a> {
    /// The file.
    pub(crate) source: SourceId,
    /// The rules of what is wrong with it.
    pub(crate) rules: FaultRules,
    /// The sink of its findings.
    pub(crate) sink: &'a mut Sink,
}

impl KnownKeysReader<'_> {
    /// Returns a location in the file.
    pub(crate) fn location(&self, place: SourcePlace) -> Location {
        place.in_source(self.source)
    }

    /// Reports a fault of a kind.
    pub(crate) fn report_fault(
        &mut self,
        kind: &'static str,
        place: SourcePlace,
        message: Message,
        hint: Option<Message>,
    ) {
        let rule = match self.rules {
            FaultRules::ByKind => kind,
            FaultRules::One(rule) => rule,
        };
        let mut found = Diagnostic::error(rule, self.location(place), message);
        found.hints.extend(hint);
        self.sink.push(found);
    }

    /// Says what should stand there instead.
    pub(crate) fn report_wrong_type(&mut self, node: &DataNode, expected: Message) {
        let message = msg!("report.wrong-type", expected = expected, found = node.kind_name());
        self.report_fault("wrong-type", node.place, message, None);
    }

    /// Says that a key stands there a second time.
    pub(crate) fn report_twice(&mut self, entry: &DataEntry) {
        let message = msg!("report.key-twice", key = &entry.key);
        self.report_fault("key-twice", entry.key_place, message, None);
    }

    /// Says that a key is not known: the hint names the nearest, or is the given one.
    pub(crate) fn report_unknown_key(
        &mut self,
        entry: &DataEntry,
        known: &[&str],
        otherwise: impl FnOnce() -> Message,
    ) {
        let message = msg!("report.unknown-key", key = &entry.key);
        let hint = self.hint_for_key(&entry.key, known, otherwise);
        self.report_fault("unknown-key", entry.key_place, message, hint);
    }

    /// Returns the nearest of the known keys.
    pub(crate) fn nearest_key<'k>(&self, key: &str, known: &[&'k str]) -> Option<&'k str> {
        // Nobody sees the hint of a finding that is not kept.
        if self.sink.is_full() { None } else { nearest_name(key, known.iter().copied()) }
    }

    /// Returns the hint for a wrong key; `None` if nobody would see it.
    pub(crate) fn hint_for_key(
        &self,
        key: &str,
        known: &[&str],
        otherwise: impl FnOnce() -> Message,
    ) -> Option<Message> {
        let named = |name| msg!("report.did-you-mean", name = name);
        let hint = || self.nearest_key(key, known).map_or_else(otherwise, named);
        (!self.sink.is_full()).then(hint)
    }

    /// Reads the entries of a table.
    pub(crate) fn expect_table<'n>(&mut self, node: &'n DataNode) -> Option<&'n [DataEntry]> {
        match &node.value {
            DataValue::Table(entries) => Some(entries),
            _ => {
                self.report_wrong_type(node, msg!("data.kind-table"));
                None
            }
        }
    }

    /// Returns the entries of a table under their ids; unknown and double ones are said.
    pub(crate) fn expect_known<'n>(
        &mut self,
        node: &'n DataNode,
        known: &'static [KeyNames],
    ) -> Vec<(&'static str, &'n DataNode)> {
        let mut out: Vec<(&'static str, &DataNode)> = Vec::new();
        for entry in self.expect_table(node).unwrap_or_default() {
            let Some((id, _)) = known.iter().find(|key| matches_key(&entry.key, **key)) else {
                let names: Vec<&str> = known.iter().flat_map(|(id, name)| [*id, *name]).collect();
                let ids = || known.iter().map(|(id, _)| *id).collect::<Vec<_>>();
                self.report_unknown_key(entry, &names, || msg!("report.known-keys", names = ids()));
                continue;
            };
            if out.iter().any(|(seen, _)| seen == id) {
                self.report_twice(entry);
            }
            out.push((id, &entry.node));
        }
        out
    }

    /// Reads a text.
    pub(crate) fn expect_text(&mut self, node: &DataNode) -> Option<String> {
        match &node.value {
            DataValue::Text(text) => Some(text.clone()),
            _ => {
                self.report_wrong_type(node, msg!("data.kind-text"));
                None
            }
        }
    }

    /// Reads a text that may look like a number, such as a postcode: its own digits are the text.
    pub(crate) fn expect_words(&mut self, node: &DataNode) -> Option<String> {
        match &node.value {
            DataValue::Number(digits) => Some(digits.clone()),
            _ => self.expect_text(node),
        }
    }

    /// Reads a text without blanks around it.
    pub(crate) fn expect_trimmed(&mut self, node: &DataNode) -> Option<String> {
        self.expect_text(node).map(|text| text.trim().to_owned())
    }
}
