//! Owns checking for leftovers of editing: tracked changes, comments, hidden text, braces that no
//! longer form a tag.
//! Must not know a form.

use super::InspectedDocument;
use crate::msg;
use docx_fill::diag::{Diagnostic, Message, Severity, Sink, SourceId};
use docx_fill::slice::{ForwardTextFinder, TextSlice as _};
use docx_fill::word::body::{BodyParagraph, WordBody};
use std::collections::BTreeSet;

pub(super) fn check_leftovers(document: &InspectedDocument, source: SourceId, sink: &mut Sink) {
    for body in std::iter::once(&document.main).chain(&document.others) {
        let mut finder = LeftoverFinder { body, source, sink, reported: BTreeSet::new() };
        finder.check_elements();
        for paragraph in &body.paragraphs {
            finder.check_braces(paragraph);
        }
    }
    if let Some(body) = &document.glossary {
        let mut finder = LeftoverFinder { body, source, sink, reported: BTreeSet::new() };
        for paragraph in body.paragraphs.iter().filter(|found| found.text.contains("{{")) {
            let words = (msg!("inspect.tag-unread"), msg!("inspect.hint-unread"));
            finder.push_once("tag-unread", Severity::Warning, paragraph, words);
        }
    }
}

struct LeftoverFinder<'a> {
    body: &'a WordBody,
    source: SourceId,
    sink: &'a mut Sink,
    /// Reported paragraphs by rule: one finding each.
    reported: BTreeSet<(&'static str, usize)>,
}

impl LeftoverFinder<'_> {
    fn push_once(
        &mut self,
        rule: &'static str,
        severity: Severity,
        found: &BodyParagraph,
        text: (Message, Message),
    ) {
        if self.reported.insert((rule, found.element)) {
            let place =
                super::word_place(self.source, self.body.paragraph_place(found, &found.text));
            self.sink.push(Diagnostic::new(rule, severity, place, text.0).with_hint(text.1));
        }
    }

    fn check_elements(&mut self) {
        let body = self.body;
        for (at, element) in body.tree.elements.iter().enumerate() {
            let (rule, severity, words) = match element.name.as_str() {
                "w:ins" | "w:del" | "w:moveFrom" | "w:moveTo" | "w:cellIns" | "w:cellDel"
                | "w:cellMerge" => (
                    "tracked-change",
                    Severity::Error,
                    (msg!("inspect.tracked-change"), msg!("inspect.hint-tracked")),
                ),
                name if name.starts_with("w:") && name.ends_with("PrChange") => (
                    "tracked-change",
                    Severity::Error,
                    (msg!("inspect.tracked-format"), msg!("inspect.hint-tracked")),
                ),
                "w:commentReference" | "w:commentRangeStart" => (
                    "comment-left",
                    Severity::Warning,
                    (msg!("inspect.comment-left"), msg!("inspect.hint-comment")),
                ),
                "w:vanish" if element.is_on() && self.hides_text(at) => (
                    "hidden-text",
                    Severity::Warning,
                    (msg!("inspect.hidden-text"), msg!("inspect.hint-hidden")),
                ),
                _ => continue,
            };
            let near = || body.paragraph_after(at);
            if let Some(found) = body.paragraph_of(at).or_else(near) {
                self.push_once(rule, severity, found, words);
            }
        }
    }

    /// Checks whether a property belongs to a run with text; on a paragraph's mark it hides
    /// nothing.
    fn hides_text(&self, at: usize) -> bool {
        let tree = &self.body.tree;
        let mut around = tree.ancestors(at);
        around.next();
        let run = around.next().filter(|&run| tree.elements[run].name == "w:r");
        run.is_some_and(|run| {
            tree.children(run)
                .any(|at| tree.elements[at].name == "w:t" && !tree.elements[at].text.is_empty())
        })
    }

    fn check_braces(&mut self, paragraph: &BodyParagraph) {
        let text = &paragraph.text;
        if !text.contains(['{', '}', '｛', '｝']) || text.contains("\\{{") || text.contains("{{{{")
        {
            return;
        }
        let (tags, rest) = split_tags(text);
        if tags.iter().any(|tag| tag.contains(['“', '”', '‘', '’'])) {
            let words = (msg!("inspect.curly-quotes"), msg!("inspect.hint-curly"));
            self.push_once("tag-curly-quotes", Severity::Info, paragraph, words);
        }
        let half = rest.iter().find(|rest| rest.contains("}}") || has_single_braces(rest));
        if let Some(half) = half {
            let shown: String = half.trim().chars().take(30).collect();
            let words = (msg!("inspect.tag-half", tag = shown), msg!("inspect.hint-half"));
            self.push_once("tag-half", Severity::Error, paragraph, words);
        }
        // Opening full-width braces are reported by the template engine.
        if text.contains("｝｝") && !text.contains("｛｛") {
            let words =
                (msg!("template.wide-braces", braces = "｝｝"), msg!("template.hint-wide-braces"));
            self.push_once("tag-wide-braces", Severity::Warning, paragraph, words);
        }
    }
}

/// Splits a text into its tags and the text between them.
fn split_tags(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut tags, mut rest) = (Vec::new(), Vec::new());
    let (mut closing, mut opening) = (ForwardTextFinder::new("}}"), ForwardTextFinder::new("{{"));
    let mut from = 0;
    while let Some(start) = opening.find_from(text, from) {
        // An opening without an end is reported by the engine; it ends where the next one begins.
        let inner = start + 2;
        let end = closing.find_from(text, inner).map(|at| at + 2);
        let next = opening.find_from(text, inner);
        rest.push(text.slice(from..start));
        from = match (end, next) {
            (Some(end), Some(next)) if next < end && !text.slice(inner..).starts_with('{') => next,
            (Some(end), _) => {
                let end = if text.slice(end..).starts_with('}') { end + 1 } else { end };
                tags.push(text.slice(start..end));
                end
            }
            (None, Some(next)) => next,
            (None, None) => return (tags, rest),
        };
    }
    rest.push(text.slice(from..));
    (tags, rest)
}

/// Checks whether a text has a name in single braces, such as `{organ.name}`.
fn has_single_braces(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { return false };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '#' | ' ');
        if name.trim().chars().any(char::is_alphabetic) && name.chars().all(plain) {
            return true;
        }
        rest = tail;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_rests_are_told_apart() {
        let (tags, rest) = split_tags("a {{x}} b {{{y}}} c}} d");
        assert_eq!(tags, ["{{x}}", "{{{y}}}"]);
        assert_eq!(rest, ["a ", " b ", " c}} d"]);
        assert_eq!(split_tags("{{a {{b}}").0, ["{{b}}"]);
        assert!(has_single_braces("x {organ.name} y") && has_single_braces("{#each 行}"));
        assert!(
            !has_single_braces("{1, 2}") && !has_single_braces("{") && !has_single_braces("}{")
        );
    }
}
