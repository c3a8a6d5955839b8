//! Owns what is found in many documents of one template: the same finding of several records is told once, with the
//! first of them.
//! Must not know how a document is made.

use docx_fill::diag::{Diagnostic, Location, MAX_FINDINGS, Message, Severity, Sink};
use nianbao::msg;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Number of records that are named at a finding.
const NAMED_RECORDS: usize = 3;

type FindingKey = (Location, Cow<'static, str>, Message);

/// The findings of all documents.
#[derive(Default)]
pub(super) struct LetterFindings {
    found: BTreeMap<FindingKey, RepeatedFinding>,
}

struct RepeatedFinding {
    finding: Diagnostic,
    records: Vec<Location>,
    count: usize,
}

impl LetterFindings {
    /// Checks whether nothing was found.
    #[cfg(feature = "pdf")]
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds what was found in the document of a record; returns whether an error is among it.
    pub(super) fn add(&mut self, record: &Location, found: Sink) -> bool {
        let failed = found.has_errors();
        for finding in found {
            self.add_finding(record, finding);
        }
        failed
    }

    fn add_finding(&mut self, record: &Location, finding: Diagnostic) {
        let key = (finding.location.clone(), finding.rule.clone(), finding.message.clone());
        if self.found.len() > MAX_FINDINGS && !self.found.contains_key(&key) {
            return;
        }
        let of_record = finding.location == *record;
        let entry = self.found.entry(key);
        let entry =
            entry.or_insert_with(|| RepeatedFinding { finding, records: Vec::new(), count: 0 });
        entry.count += 1;
        if !of_record && entry.records.len() < NAMED_RECORDS {
            entry.records.push(record.clone());
        }
    }

    /// Moves everything to a sink.
    pub(super) fn into_sink(self, sink: &mut Sink) {
        for RepeatedFinding { mut finding, records, count } in self.found.into_values() {
            for record in records {
                let words = if finding.severity == Severity::Error {
                    msg!("fill.not-made")
                } else {
                    msg!("fill.of-record")
                };
                finding = finding.with_label(record, words);
            }
            if count > NAMED_RECORDS {
                finding = finding.with_hint(msg!("fill.more-records", count = count));
            }
            sink.push(finding);
        }
    }
}
