//! Owns what editing leaves behind: tracked changes, comments, hidden text, braces that are no longer
//! those of a tag.
//! Must not know a form.

use super::Document;
use super::word::{Body, Paragraph};
use crate::text;
use docx_fill::diag::{Diagnostic, Severity, Sink, SourceId, Text};
use docx_fill::slice::{Ahead, TextSlice as _};
use std::collections::BTreeSet;

pub(super) fn check(document: &Document, source: SourceId, sink: &mut Sink) {
    for body in std::iter::once(&document.main).chain(&document.others) {
        let mut finder = Finder { body, source, sink, told: BTreeSet::new() };
        finder.elements();
        for paragraph in &body.paragraphs {
            finder.braces(paragraph);
        }
    }
    if let Some(body) = &document.glossary {
        let mut finder = Finder { body, source, sink, told: BTreeSet::new() };
        for paragraph in body.paragraphs.iter().filter(|found| found.text.contains("{{")) {
            let words = (text!("inspect.tag-unread"), text!("inspect.hint-unread"));
            finder.push("tag-unread", Severity::Warning, paragraph, words);
        }
    }
}

struct Finder<'a> {
    body: &'a Body,
    source: SourceId,
    sink: &'a mut Sink,
    /// Paragraphs by rule: one finding each.
    told: BTreeSet<(&'static str, usize)>,
}

impl Finder<'_> {
    fn push(
        &mut self,
        rule: &'static str,
        severity: Severity,
        found: &Paragraph,
        text: (Text, Text),
    ) {
        if self.told.insert((rule, found.element)) {
            let place = super::at(self.source, self.body.place(found, &found.text));
            self.sink.push(Diagnostic::new(rule, severity, place, text.0).hint(text.1));
        }
    }

    fn elements(&mut self) {
        let body = self.body;
        for (at, element) in body.tree.elements.iter().enumerate() {
            let (rule, severity, words) = match element.name.as_str() {
                "w:ins" | "w:del" | "w:moveFrom" | "w:moveTo" | "w:cellIns" | "w:cellDel"
                | "w:cellMerge" => (
                    "tracked-change",
                    Severity::Error,
                    (text!("inspect.tracked-change"), text!("inspect.hint-tracked")),
                ),
                name if name.starts_with("w:") && name.ends_with("PrChange") => (
                    "tracked-change",
                    Severity::Error,
                    (text!("inspect.tracked-format"), text!("inspect.hint-tracked")),
                ),
                "w:commentReference" | "w:commentRangeStart" => (
                    "comment-left",
                    Severity::Warning,
                    (text!("inspect.comment-left"), text!("inspect.hint-comment")),
                ),
                "w:vanish" if element.is_on() && self.hides_text(at) => (
                    "hidden-text",
                    Severity::Warning,
                    (text!("inspect.hidden-text"), text!("inspect.hint-hidden")),
                ),
                _ => continue,
            };
            let near = || body.paragraph_after(at);
            if let Some(found) = body.paragraph_of(at).or_else(near) {
                self.push(rule, severity, found, words);
            }
        }
    }

    /// Whether a property is that of a run with text; that of a paragraph's mark hides nothing to read.
    fn hides_text(&self, at: usize) -> bool {
        let tree = &self.body.tree;
        let mut around = tree.around(at);
        around.next();
        let run = around.next().filter(|&run| tree.elements[run].name == "w:r");
        run.is_some_and(|run| {
            tree.children(run)
                .any(|at| tree.elements[at].name == "w:t" && !tree.elements[at].text.is_empty())
        })
    }

    fn braces(&mut self, paragraph: &Paragraph) {
        let text = &paragraph.text;
        if !text.contains(['{', '}', '｛', '｝']) || text.contains("\\{{") || text.contains("{{{{")
        {
            return;
        }
        let (tags, rest) = apart(text);
        if tags.iter().any(|tag| tag.contains(['“', '”', '‘', '’'])) {
            let words = (text!("inspect.curly-quotes"), text!("inspect.hint-curly"));
            self.push("tag-curly-quotes", Severity::Remark, paragraph, words);
        }
        let half = rest.iter().find(|rest| rest.contains("}}") || single(rest));
        if let Some(half) = half {
            let shown: String = half.trim().chars().take(30).collect();
            let words = (text!("inspect.tag-half", tag = shown), text!("inspect.hint-half"));
            self.push("tag-half", Severity::Error, paragraph, words);
        }
        // The engine warns of opening ones.
        if text.contains("｝｝") && !text.contains("｛｛") {
            let words = (
                text!("template.wide-braces", braces = "｝｝"),
                text!("template.hint-wide-braces"),
            );
            self.push("tag-wide-braces", Severity::Warning, paragraph, words);
        }
    }
}

/// The tags of a text, and what stands between them.
fn apart(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut tags, mut rest) = (Vec::new(), Vec::new());
    let (mut closing, mut opening) = (Ahead::new("}}"), Ahead::new("{{"));
    let mut from = 0;
    while let Some(start) = opening.after(text, from) {
        // An opening that is never closed is the engine's finding; it ends where the next one begins.
        let inner = start + 2;
        let end = closing.after(text, inner).map(|at| at + 2);
        let next = opening.after(text, inner);
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

/// Whether a text holds a name in single braces, such as `{organ.name}`.
fn single(text: &str) -> bool {
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
        let (tags, rest) = apart("a {{x}} b {{{y}}} c}} d");
        assert_eq!(tags, ["{{x}}", "{{{y}}}"]);
        assert_eq!(rest, ["a ", " b ", " c}} d"]);
        assert_eq!(apart("{{a {{b}}").0, ["{{b}}"]);
        assert!(single("x {organ.name} y") && single("{#each 行}"));
        assert!(!single("{1, 2}") && !single("{") && !single("}{"));
    }
}
