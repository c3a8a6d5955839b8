//! Owns finding leftovers of editing in a part: tracked changes, comments, hidden text, braces that no longer form a
//! tag.
//! Must not know how serious a leftover is, nor in which words it is reported.

use crate::slice::{ForwardTextFinder, TextSlice as _};
use crate::word::body::{BodyParagraph, WordBody};

/// The kind of a leftover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftoverKind {
    /// Text or cells that a tracked change inserts, deletes or moves.
    TrackedChange,
    /// Formatting that a tracked change sets.
    TrackedFormat,
    /// A comment.
    Comment,
    /// Text that is not shown.
    HiddenText,
    /// A tag with curly quotes.
    CurlyQuotes,
    /// A tag of which only one end is there, or that has single braces, with its words.
    HalfTag(String),
    /// Full-width closing braces without opening ones.
    WideBraces,
}

/// A leftover with the paragraph in or before which it stands.
#[derive(Debug, Clone)]
pub struct Leftover<'b> {
    /// Kind of the leftover.
    pub kind: LeftoverKind,
    /// Paragraph of the leftover.
    pub paragraph: &'b BodyParagraph,
}

/// Returns the leftovers of a part: those of elements in the order of the part, then those of texts.
pub fn find_leftovers(body: &WordBody) -> Vec<Leftover<'_>> {
    let elements = (0..body.tree.elements.len()).filter_map(|at| {
        let kind = element_kind(body, at)?;
        let paragraph = body.paragraph_of(at).or_else(|| body.paragraph_after(at))?;
        Some(Leftover { kind, paragraph })
    });
    let texts = body.paragraphs.iter().flat_map(|paragraph| {
        let kinds = brace_kinds(&paragraph.text).into_iter();
        kinds.map(move |kind| Leftover { kind, paragraph })
    });
    elements.chain(texts).collect()
}

/// Returns the kind of leftover that an element is.
fn element_kind(body: &WordBody, at: usize) -> Option<LeftoverKind> {
    let element = &body.tree.elements[at];
    Some(match element.name.as_str() {
        "w:ins" | "w:del" | "w:moveFrom" | "w:moveTo" | "w:cellIns" | "w:cellDel"
        | "w:cellMerge" => LeftoverKind::TrackedChange,
        name if name.starts_with("w:") && name.ends_with("PrChange") => LeftoverKind::TrackedFormat,
        "w:commentReference" | "w:commentRangeStart" => LeftoverKind::Comment,
        "w:vanish" if element.is_on() && hides_text(body, at) => LeftoverKind::HiddenText,
        _ => return None,
    })
}

/// Checks whether a property belongs to a run with text; on a paragraph's mark it hides nothing.
fn hides_text(body: &WordBody, at: usize) -> bool {
    let tree = &body.tree;
    let run = tree.ancestors(at).nth(1).filter(|&run| tree.elements[run].name == "w:r");
    run.is_some_and(|run| {
        let mut texts = tree.children(run).map(|at| &tree.elements[at]);
        texts.any(|found| found.name == "w:t" && !found.text.is_empty())
    })
}

/// Returns the leftovers of tags in a text.
fn brace_kinds(text: &str) -> Vec<LeftoverKind> {
    let mut found = Vec::new();
    if !text.contains(['{', '}', '｛', '｝']) || text.contains("\\{{") || text.contains("{{{{") {
        return found;
    }
    let (tags, rest) = split_tags(text);
    if tags.iter().any(|tag| tag.contains(['“', '”', '‘', '’'])) {
        found.push(LeftoverKind::CurlyQuotes);
    }
    let half = rest.iter().find(|rest| rest.contains("}}") || has_single_braces(rest));
    found.extend(half.map(|half| LeftoverKind::HalfTag(half.trim().chars().take(30).collect())));
    // Opening full-width braces are reported where tags are compiled.
    if text.contains("｝｝") && !text.contains("｛｛") {
        found.push(LeftoverKind::WideBraces);
    }
    found
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
