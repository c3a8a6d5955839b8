//! Owns reporting leftovers of editing in a template: tracked changes, comments, hidden text, braces
//! that no longer form a tag.
//! Must not know a form, nor how a leftover is found.

use super::InspectedDocument;
use crate::msg;
use docx_fill::diag::{Diagnostic, Message, Severity, Sink, SourceId};
use docx_fill::lint::leftovers::{LeftoverKind, find_leftovers};
use docx_fill::word::body::{BodyParagraph, WordBody};
use std::collections::BTreeSet;

pub(super) fn check_leftovers(document: &InspectedDocument, source: SourceId, sink: &mut Sink) {
    for body in std::iter::once(&document.main).chain(&document.others) {
        let mut reporter = LeftoverReporter { body, source, sink, reported: BTreeSet::new() };
        for found in find_leftovers(body) {
            reporter.report_once(&leftover_report(&found.kind), found.paragraph);
        }
    }
    if let Some(body) = &document.glossary {
        let mut reporter = LeftoverReporter { body, source, sink, reported: BTreeSet::new() };
        let unread = LeftoverReport {
            rule: "tag-unread",
            severity: Severity::Warning,
            message: msg!("inspect.tag-unread"),
            hint: msg!("inspect.hint-unread"),
        };
        for paragraph in body.paragraphs.iter().filter(|found| found.text.contains("{{")) {
            reporter.report_once(&unread, paragraph);
        }
    }
}

/// The finding for a kind of leftover.
struct LeftoverReport {
    rule: &'static str,
    severity: Severity,
    message: Message,
    hint: Message,
}

fn leftover_report(kind: &LeftoverKind) -> LeftoverReport {
    let (rule, severity, message, hint) = match kind {
        LeftoverKind::TrackedChange => (
            "tracked-change",
            Severity::Error,
            msg!("inspect.tracked-change"),
            msg!("inspect.hint-tracked"),
        ),
        LeftoverKind::TrackedFormat => (
            "tracked-change",
            Severity::Error,
            msg!("inspect.tracked-format"),
            msg!("inspect.hint-tracked"),
        ),
        LeftoverKind::Comment => (
            "comment-left",
            Severity::Warning,
            msg!("inspect.comment-left"),
            msg!("inspect.hint-comment"),
        ),
        LeftoverKind::HiddenText => (
            "hidden-text",
            Severity::Warning,
            msg!("inspect.hidden-text"),
            msg!("inspect.hint-hidden"),
        ),
        LeftoverKind::CurlyQuotes => (
            "tag-curly-quotes",
            Severity::Info,
            msg!("inspect.curly-quotes"),
            msg!("inspect.hint-curly"),
        ),
        LeftoverKind::HalfTag(tag) => (
            "tag-half",
            Severity::Error,
            msg!("inspect.tag-half", tag = tag),
            msg!("inspect.hint-half"),
        ),
        LeftoverKind::WideBraces => (
            "tag-wide-braces",
            Severity::Warning,
            msg!("template.wide-braces", braces = "｝｝"),
            msg!("template.hint-wide-braces"),
        ),
    };
    LeftoverReport { rule, severity, message, hint }
}

struct LeftoverReporter<'a> {
    body: &'a WordBody,
    source: SourceId,
    sink: &'a mut Sink,
    /// Reported paragraphs by rule: one finding each.
    reported: BTreeSet<(&'static str, usize)>,
}

impl LeftoverReporter<'_> {
    fn report_once(&mut self, report: &LeftoverReport, found: &BodyParagraph) {
        if self.reported.insert((report.rule, found.element)) {
            let place = self.body.paragraph_place(found, &found.text);
            let place = super::word_place(self.source, place);
            let message = report.message.clone();
            let found = Diagnostic::new(report.rule, report.severity, place, message);
            self.sink.push(found.with_hint(report.hint.clone()));
        }
    }
}
